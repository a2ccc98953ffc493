/*
** A file that somebody has damaged, on purpose or not: loading or using it gives a clear
** error or what is left, never a crash, and the connection closes.
*/
#define _POSIX_C_SOURCE 200809L /* unlink */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char schema[] =
    "SELECT datastore_schema('"
    "type Post @model { id: ID! title: String! tags: [String] rating: Int"
    " comments: [Comment] @connection(name: \"PC\") }"
    "type Comment @model { id: ID! content: String post: Post @connection(name: \"PC\") }"
    "type Node @model { id: ID! up: Node @connection(name: \"T\")"
    " down: [Node] @connection(name: \"T\") }')";
static const char rows[] =
    "INSERT INTO Post(id, title, tags) VALUES ('p1', 'One', '[\"a\"]'), ('p2', 'Two', "
    "NULL);"
    "INSERT INTO Comment(id, post) VALUES ('c1', 'p1'), ('c2', 'p1'), ('c3', 'p2');"
    "INSERT INTO Node(id, up) VALUES ('n1', NULL), ('n2', 'n1'), ('n3', 'n2');"
    "UPDATE datastore_session SET applying = 1; UPDATE Post_rows SET _version = 1;"
    "UPDATE datastore_session SET applying = 0; ANALYZE";

/* What is tried on it. */
static const char *const uses[] = {
    "SELECT count(*) FROM Post",
    "SELECT *, comments, _status, _version FROM Post ORDER BY title",
    "SELECT * FROM Post JOIN Comment ON Comment.post = Post.id",
    "SELECT id, down FROM Node WHERE up = 'n1'",
    "INSERT INTO Post(title, rating) VALUES ('Three', 3)",
    "INSERT INTO Comment(post) VALUES ('p1')",
    "INSERT OR REPLACE INTO Post(id, title) VALUES ('p1', 'Again')",
    "UPDATE Post SET title = 'Changed', tags = '[]'",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"tags\":[\"x\"]}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"tags\":[]}', '{}')",
    "SELECT datastore_introspect(), datastore_schema(), datastore_info()",
    "SELECT datastore_schema(datastore_schema())",
    "SELECT datastore_schema('type Post @model { id: ID! title: Int }')",
    "SELECT * FROM datastore_outbox",
    "SELECT * FROM datastore_dead_letter",
    "SELECT datastore_retry()",
    "UPDATE Post SET rating = 1",
    "SELECT datastore_discard(NULL, '{\"dependants\":true}')",
    "SELECT datastore_sync_expression('Post', NULL)",
    "DELETE FROM Node WHERE id = 'n1'",
    "SELECT datastore_delete('Post', '{}')",
    "DELETE FROM Post",
    "SELECT datastore_clear('{\"force\":true}')",
};

/* What was done to it, by a connection without the extension; what is then said when
** loading, or by a statement that fails. NULL: nothing need be wrong. */
static const struct {
    const char *damage;
    const char *says;
} damages[] = {
    {"UPDATE datastore_meta SET sdl = 'no GraphQL'",
     "stored in datastore_meta is damaged"},
    {"UPDATE datastore_meta SET sdl = ''", "stored in datastore_meta is damaged"},
    {"UPDATE datastore_meta SET sdl = x'00ff00'", "stored in datastore_meta is damaged"},
    {"UPDATE datastore_meta SET sdl = 17", "stored in datastore_meta is damaged"},
    {"UPDATE datastore_meta SET sdl = 'type Other @model { id: ID! }'", "Other"},
    {"UPDATE datastore_meta SET sdl = replace(sdl, 'rating: Int', 'rating: Int x: Int')",
     "Post.x"},
    {"UPDATE datastore_meta SET options = '[]'", "options"},
    {"UPDATE datastore_meta SET options = '{\"transformerVersion\":9}'",
     "transformerVersion"},
    {"UPDATE datastore_meta SET format = 99", "format 99"},
    {"UPDATE datastore_meta SET format = 'x'", "format"},
    {"UPDATE datastore_meta SET format = 0", "format"},
    {"UPDATE datastore_meta SET generation = 'x'", "datastore_meta is damaged"},
    {"UPDATE datastore_meta SET generation = 0", "datastore_meta is damaged"},
    {"UPDATE datastore_meta SET generation = -5", NULL},
    {"DELETE FROM datastore_meta", "datastore_meta is damaged"},
    {"DROP TABLE datastore_meta", NULL},
    {"DROP TABLE datastore_meta; CREATE TABLE datastore_meta(x)", "datastore_meta"},
    {"DROP TABLE datastore_meta; CREATE VIEW datastore_meta AS SELECT 1 AS id", NULL},
    {"DROP TABLE datastore_models", "datastore_models"},
    {"DELETE FROM datastore_models", "Post is missing"},
    {"UPDATE datastore_models SET number = number + 7", "missing"},
    {"DROP TABLE datastore_columns", "datastore_columns"},
    {"DELETE FROM datastore_columns WHERE name = 'rating'", "Post.rating is missing"},
    {"UPDATE datastore_columns SET number = -number", NULL},
    {"UPDATE datastore_columns SET number = number * 1000000", NULL},
    {"UPDATE datastore_columns SET number = 9223372036854775807 WHERE name = 'title'",
     NULL},
    {"DROP TABLE datastore_relations", NULL},
    {"DROP TABLE datastore_journal", "datastore_journal"},
    {"ALTER TABLE datastore_journal RENAME COLUMN op TO what", NULL},
    {"ALTER TABLE datastore_journal ADD COLUMN extra NOT NULL DEFAULT 1", NULL},
    {"UPDATE datastore_journal SET op = 99, mask = 'x', key = x'00', rid = NULL", NULL},
    {"UPDATE datastore_journal SET more = 'no JSON'", NULL},
    {"DROP TABLE datastore_mutations", "datastore_mutations"},
    {"INSERT INTO datastore_mutations(model, key, op) VALUES (1, x'00', 99),"
     " (99, 'p1', 1), (2, 5.5, 3)",
     NULL},
    {"INSERT INTO datastore_mutations(model, key, op, mask, more, state, request, "
     "payload,"
     " condition) VALUES (1, 'p1', 1, 'x', 'no', 3, '{', '[', 5), (1, 'p2', 99, -1, 7, 3,"
     " '{\"input\":5}', '{\"title\":[]}', '[]'), (1, 'p9', 2, 3, NULL, 3, 5, 5, 5)",
     NULL},
    {"INSERT INTO datastore_mutations(seq, model, key, op, state) VALUES"
     " (-9223372036854775807, 1, 'p1', 1, 77), (9223372036854775807, 1, 'p2', 2, 3)",
     NULL},
    {"DROP TABLE datastore_session", "datastore_session"},
    {"DELETE FROM datastore_session", NULL},
    {"UPDATE datastore_session SET applying = 7", NULL},
    {"DROP TABLE datastore_cascading", "datastore_cascading"},
    {"DROP TABLE datastore_closure", "datastore_closure"},
    {"INSERT INTO datastore_cascading VALUES (0), (1), (2)", NULL},
    {"INSERT INTO datastore_closure VALUES (1, 0, 1, 1), (2, 0, 99, 99)", NULL},
    {"DROP VIEW datastore_outbox", "datastore_outbox"},
    {"DROP TABLE Post_rows", "Post_rows"},
    {"DROP TABLE Post_base", "Post_base"},
    {"DROP TABLE Comment_rows", "Comment_rows"},
    {"DROP TABLE Post_rows; CREATE TABLE Post_rows(rid INTEGER PRIMARY KEY, id)", NULL},
    {"DROP TABLE Post_rows; CREATE VIEW Post_rows AS SELECT 1 AS rid", NULL},
    {"ALTER TABLE Post_rows RENAME COLUMN rating TO stars", "rating"},
    {"ALTER TABLE Post_rows ADD COLUMN extra", NULL},
    {"DROP TRIGGER \"Post_rows.insert\"", NULL},
    {"UPDATE Post_rows SET title = NULL, tags = 'no JSON', rating = 'many'", NULL},
    {"UPDATE Post_rows SET title = x'ff00ff', tags = x'ff', rating = x'00'", NULL},
    {"UPDATE Post_rows SET title = CAST(x'ff' AS TEXT), tags = CAST(x'ff' AS TEXT)",
     NULL},
    {"UPDATE Post_rows SET title = char(0) || 'x', tags = '[' || char(0) || ']'", NULL},
    {"UPDATE Post_rows SET _version = 'x', _lastChangedAt = 1.5, _deleted = x'01'", NULL},
    {"INSERT INTO Post_rows(id) VALUES (x'00'), (1), (1.5)", NULL},
    {"UPDATE sqlite_stat1 SET stat = '99999999999999999999999 -1 x'", NULL},
    {"UPDATE sqlite_stat1 SET stat = NULL, idx = NULL", NULL},
    {"UPDATE sqlite_stat1 SET stat = replace(hex(zeroblob(5000)), '0', '1 ')", NULL},
};

static char *path;

static void make_file(const char *damage) {
    unlink(path);
    sqlite3 *db = open_loaded(path, NULL);
    must(db, "PRAGMA page_size = 1024; PRAGMA synchronous = OFF");
    must(db, schema);
    must(db, rows);
    sqlite3_close(db);
    db = open_plain(path, NULL);
    must(db, "PRAGMA synchronous = OFF");
    must(db, damage);
    sqlite3_close(db);
}

static bool is_clear(const char *sql, const char *error) {
    bool ok = error != NULL && *error != '\0' && strchr(error, '\n') == NULL;
    if (!ok) {
        explain("%s: no clear message: %s", sql, error ? error : "none");
    }
    return ok;
}

static bool use_file(text *said) {
    char *error = NULL;
    sqlite3 *db = open_plain(path, NULL);
    (void)run(db, "PRAGMA synchronous = OFF", NULL, NULL);
    int rc = load(db, &error);
    bool ok = rc == SQLITE_OK || is_clear("load", error);
    text_add(said, error ? error : "");
    free(error);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof uses / sizeof *uses; i++) {
        int code = run(db, uses[i], NULL, &error);
        ok = ok && (code == SQLITE_OK || is_clear(uses[i], error));
        text_add(said, error ? "\n# " : "");
        text_add(said, error ? error : "");
        if (!sqlite3_get_autocommit(db)) {
            explain("%s left a transaction open", uses[i]);
            ok = false;
        }
        free(error);
    }
    if (sqlite3_close(db) != SQLITE_OK) {
        explain("sqlite3_close is refused");
        ok = false;
    }
    return ok;
}

static void by_sql(void) {
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        text said = {NULL, 0, 0};
        make_file(damages[i].damage);
        bool ok = use_file(&said);
        if (damages[i].says != NULL && strstr(said.data, damages[i].says) == NULL) {
            explain("it says %s", said.data);
            ok = false;
        }
        free(said.data);
        verdict(ok, damages[i].damage);
    }
}

/* Models that nobody installed, and foreign uses of the modules. */
static void by_hand(void) {
    static const char *const tries[] = {
        "CREATE VIRTUAL TABLE Foo USING datastore(Foo)",
        "CREATE VIRTUAL TABLE Foo USING datastore",
        "CREATE VIRTUAL TABLE Foo USING Post",
        "CREATE VIRTUAL TABLE temp.Post USING Post",
        "CREATE VIRTUAL TABLE temp.Post USING datastore(Post, 1, 2)",
        "SELECT * FROM datastore",
    };
    bool ok = true;
    make_file("SELECT 1");
    sqlite3 *db = open_loaded(path, NULL);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char *error = NULL;
        bool refused = run(db, tries[i], NULL, &error) != SQLITE_OK;
        if (!refused) {
            explain("%s: is not refused", tries[i]);
        }
        ok = refused && is_clear(tries[i], error) && ok;
        free(error);
    }
    ok = number(db, "SELECT count(*) FROM Post") == 2 && ok;
    verdict(sqlite3_close(db) == SQLITE_OK && ok, "tables made by hand are refused");
}

/* Bytes of any page are overwritten. */
static void by_bytes(void) {
    bool ok = true;
    for (unsigned seed = 1; ok && seed <= 120; seed++) {
        make_file("SELECT 1");
        FILE *file = fopen(path, "r+b");
        fseek(file, 0, SEEK_END);
        unsigned long size = (unsigned long)ftell(file);
        unsigned random = seed;
        for (int i = 0; i < 12; i++) {
            random = random * 1103515245u + 12345u;
            fseek(file, 100 + (long)((random >> 8) % (size - 100)), SEEK_SET);
            fputc((int)(random >> 3 & 0xff), file);
        }
        fclose(file);
        text said = {NULL, 0, 0};
        ok = use_file(&said);
        free(said.data);
        if (!ok) {
            explain("seed %u", seed);
        }
    }
    verdict(ok, "a file with wrong bytes in it");
}

int main(void) {
    const char *folder = getenv("TMPDIR");
    path = sqlite3_mprintf("%s/hostile.db", folder ? folder : "/tmp");
    by_sql();
    by_hand();
    by_bytes();
    sqlite3_free(path);
    return failed();
}

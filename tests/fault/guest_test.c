/*
** Good guest: what the host has set up stays as it is, and connections close, whatever
** was done with them.
*/
#define _POSIX_C_SOURCE 200809L /* dup, open */
#include "fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char schema[] =
    "SELECT datastore_schema('"
    "type Post @model { id: ID! title: String! comments: [Comment] @connection(name: "
    "\"PC\") }"
    "type Comment @model { id: ID! content: String post: Post @connection(name: \"PC\") }"
    "type Node @model { id: ID! up: Node @connection(name: \"T\")"
    " down: [Node] @connection(name: \"T\") }')";
static const char rows[] =
    "INSERT INTO Post(id, title) VALUES ('p1', 'One'), ('p2', 'Two');"
    "INSERT INTO Comment(id, post) VALUES ('c1', 'p1'), ('c2', 'p1'), ('c3', 'p2');"
    "INSERT INTO Node(id, up) VALUES ('n1', NULL), ('n2', 'n1'), ('n3', 'n2'), ('n4', "
    "'n3')";

/* Everything that an application does, right and wrong. */
static const char *const uses[] = {
    "SELECT * FROM Post JOIN Comment ON Comment.post = Post.id",
    "SELECT id, comments, _status FROM Post",
    "INSERT INTO Post(title) VALUES ('Three')",
    "INSERT INTO Post(id) VALUES ('p9')",
    "INSERT INTO Comment(post) VALUES ('nowhere')",
    "UPDATE Post SET title = 'Changed'",
    "UPDATE Post SET title = NULL",
    "INSERT OR REPLACE INTO Post(id, title) VALUES ('p1', 'Again')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Saved\"}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"titel\":\"Saved\"}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\"}', '{\"id\":{\"eq\":\"?\"}}')",
    "SELECT datastore_delete('Post', '{\"title\":{\"eq\":\"Again\"}}')",
    "SELECT datastore_introspect(), datastore_schema(), datastore_info()",
    "SELECT datastore_schema(datastore_schema())",
    "SELECT datastore_schema('type T @model { id: Strng }')",
    "SELECT datastore_configure('{\"url\":\"https://a.test/\",\"apiKey\":\"k\"}')",
    "SELECT datastore_configure('{\"apikey\":\"k\"}')",
    "DELETE FROM Node WHERE id = 'n1'",
    "DELETE FROM Post",
    "DROP TABLE Post",
};
#define N_USES (sizeof uses / sizeof *uses)

static char *file_path(const char *name) {
    const char *folder = getenv("TMPDIR");
    char *path = sqlite3_mprintf("%s/%s", folder ? folder : "/tmp", name);
    unlink(path);
    return path;
}

static sqlite3 *open_world(const char *path) {
    sqlite3 *db = open_loaded(path, NULL);
    must(db, schema);
    must(db, rows);
    return db;
}

static void use_all(sqlite3 *db) {
    for (size_t i = 0; i < N_USES; i++) {
        (void)run(db, uses[i], NULL, NULL);
    }
}

static bool gives(sqlite3 *db, const char *sql, int rc, const char *message) {
    char *error = NULL;
    int code = run(db, sql, NULL, &error);
    bool ok = code == rc && (message == NULL || (error && strstr(error, message)));
    if (!ok) {
        explain("%s: code %d, %s", sql, code, error ? error : "no error");
    }
    free(error);
    return ok;
}

/* ---- closing ------------------------------------------------------------------------------- */

/* Statements that were begun outlive errors and a ROLLBACK, and are finalized late. */
static bool closes_after(const char *begin, const char *use, const char *end) {
    sqlite3 *db = open_world(":memory:");
    sqlite3_stmt *half = NULL, *unused = NULL, *used = NULL;
    (void)run(db, begin, NULL, NULL);
    sqlite3_prepare_v2(db, "SELECT *, comments FROM Post", -1, &half, NULL);
    sqlite3_prepare_v2(db, "SELECT count(*) FROM Node", -1, &unused, NULL);
    sqlite3_prepare_v2(db, use, -1, &used, NULL);
    sqlite3_step(half);
    sqlite3_step(used);
    (void)run(db, end, NULL, NULL);
    bool waits = sqlite3_close(db) == SQLITE_BUSY;
    sqlite3_step(half);
    sqlite3_finalize(half);
    sqlite3_finalize(unused);
    sqlite3_finalize(used);
    bool closes = sqlite3_close(db) == SQLITE_OK;
    if (!waits || !closes) {
        explain("%s; %s; %s: %s", begin, use, end, waits ? "stays open" : "closes early");
    }
    return waits && closes;
}

/* A connection that is closed while statements are alive dies with the last of them. */
static bool becomes_a_zombie(const char *use) {
    sqlite3 *db = open_world(":memory:");
    sqlite3_stmt *half = NULL, *used = NULL;
    sqlite3_prepare_v2(db, "SELECT *, comments FROM Post", -1, &half, NULL);
    sqlite3_prepare_v2(db, use, -1, &used, NULL);
    sqlite3_step(half);
    sqlite3_step(used);
    bool ok = sqlite3_close_v2(db) == SQLITE_OK;
    sqlite3_step(half);
    sqlite3_finalize(used);
    sqlite3_finalize(half);
    return ok;
}

static void closing(void) {
    bool ok = true, zombies = true;
    sqlite3_int64 memory = sqlite3_memory_used();
    for (size_t i = 0; i < N_USES; i++) {
        ok = closes_after("SELECT 1", uses[i], "SELECT 1") && ok;
        ok = closes_after("BEGIN", uses[i], "ROLLBACK") && ok;
        ok = closes_after("SAVEPOINT s", uses[i], "ROLLBACK TO s") && ok;
        zombies = becomes_a_zombie(uses[i]) && zombies;
    }
    verdict(ok, "sqlite3_close waits for the host's statements only");
    verdict(zombies, "sqlite3_close_v2 with statements that are alive");
    sqlite3 *db = open_world(":memory:");
    must(db, "BEGIN");
    use_all(db);
    verdict(sqlite3_close(db) == SQLITE_OK, "sqlite3_close inside a transaction");
    verdict(sqlite3_memory_used() == memory, "nothing leaks");
}

/* ---- hooks and settings -------------------------------------------------------------------- */

static int calls[5];

static void on_update(void *at, int op, char const *db, char const *table,
                      sqlite3_int64 rowid) {
    (void)op;
    (void)db;
    (void)table;
    (void)rowid;
    ++*(int *)at;
}

static int on_commit(void *at) {
    ++*(int *)at;
    return 0;
}

static void on_rollback(void *at) {
    ++*(int *)at;
}

static int on_authorize(void *at, int op, const char *a, const char *b, const char *c,
                        const char *d) {
    (void)op;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    ++*(int *)at;
    return SQLITE_OK;
}

static void hooks(void) {
    sqlite3 *db = open_plain(":memory:", NULL);
    sqlite3_update_hook(db, on_update, &calls[0]);
    sqlite3_commit_hook(db, on_commit, &calls[1]);
    sqlite3_rollback_hook(db, on_rollback, &calls[2]);
    sqlite3_set_authorizer(db, on_authorize, &calls[3]);
    sqlite3_progress_handler(db, 1, on_commit, &calls[4]);
    bool loaded = load(db, NULL) == SQLITE_OK;
    must(db, schema);
    must(db, rows);
    use_all(db);
    verdict(loaded && sqlite3_update_hook(db, NULL, NULL) == &calls[0] && calls[0] > 0 &&
                sqlite3_commit_hook(db, NULL, NULL) == &calls[1] && calls[1] > 0 &&
                sqlite3_rollback_hook(db, NULL, NULL) == &calls[2],
            "update, commit and rollback hooks are the host's");
    int before[] = {calls[3], calls[4]};
    must(db, "SELECT count(*) FROM Node_rows");
    verdict(calls[3] > before[0], "the authorizer is the host's");
    verdict(calls[4] > before[1], "the progress handler is the host's");
    sqlite3_close(db);
}

static int on_busy(void *at, int times) {
    ++*(int *)at;
    return times < 3;
}

/* Another connection writes: a write here asks the busy handler, and gives up clean. */
static void busy(const char *mode) {
    static const char *const writes[] = {
        "INSERT INTO Post(title) VALUES ('x')",
        "UPDATE Post SET title = 'x'",
        "DELETE FROM Node",
        "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Saved\"}')",
        "SELECT datastore_delete('Node', 'n1')",
        "SELECT datastore_schema('type T @model { id: ID! }')",
    };
    char *path = file_path("busy.db"), name[100];
    sqlite3 *db = open_world(path), *other = open_loaded(path, NULL);
    char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s", mode);
    must(db, sql);
    sqlite3_free(sql);
    must(other, "BEGIN IMMEDIATE; UPDATE Post SET title = 'theirs'");
    int asked = 0;
    sqlite3_busy_handler(db, on_busy, &asked);
    bool ok = true;
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        asked = 0;
        ok = gives(db, writes[i], SQLITE_BUSY, "database is locked") && asked == 4 &&
             sqlite3_get_autocommit(db) && ok;
    }
    must(other, "COMMIT");
    ok = ok && number(db, "SELECT count(*) FROM Post WHERE title = 'theirs'") == 2;
    must(other, "BEGIN; SELECT count(*) FROM Post");
    sqlite3_stmt *reader = NULL;
    sqlite3_prepare_v2(other, "SELECT id FROM Node", -1, &reader, NULL);
    sqlite3_step(reader);
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        int rc = run(db, writes[i], NULL, NULL);
        ok = (strcmp(mode, "wal") == 0 || (rc & 0xff) != SQLITE_OK) &&
             sqlite3_get_autocommit(db) && ok;
    }
    sqlite3_finalize(reader);
    must(other, "ROLLBACK");
    snprintf(name, sizeof name, "busy: the handler is asked, and nothing is left, %s",
             mode);
    verdict(ok && sqlite3_close(db) == SQLITE_OK && sqlite3_close(other) == SQLITE_OK,
            name);
    sqlite3_free(path);
}

/* While one connection reads the schema, another one changes it: between two statements of
** ours, where the authorizer is asked. */
static int change_schema(void *other, int op, const char *table, const char *b,
                         const char *c, const char *d) {
    (void)b;
    (void)c;
    (void)d;
    if (op == SQLITE_READ && strcmp(table, "datastore_models") == 0) {
        must(other, "SELECT datastore_schema(replace(datastore_schema(),"
                    " 'title: String!', 'heading: Int'))");
    }
    return SQLITE_OK;
}

static void schema_in_motion(void) {
    char *path = file_path("motion.db");
    sqlite3 *other = open_world(path), *db = open_plain(path, NULL);
    must(other, "PRAGMA journal_mode = wal; DELETE FROM datastore_journal");
    sqlite3_set_authorizer(db, change_schema, other);
    char *error = NULL;
    bool ok = load(db, &error) == SQLITE_OK;
    if (!ok) {
        explain("%s", error);
    }
    sqlite3_set_authorizer(db, NULL, NULL);
    ok = ok && gives(db, "SELECT heading FROM Post", SQLITE_OK, NULL) &&
         gives(db, "SELECT title FROM Post", SQLITE_ERROR, "no such column: title");
    verdict(ok, "the schema that is read is of one moment");
    verdict(sqlite3_close(db) == SQLITE_OK && sqlite3_close(other) == SQLITE_OK,
            "and both connections close");
    free(error);
    sqlite3_free(path);
}

static int refuse_commit(void *at) {
    ++*(int *)at;
    return 1;
}

static void commit_refused(void) {
    int refused = 0;
    bool ok = true;
    sqlite3 *db = open_world(":memory:");
    char *before = dump(db);
    sqlite3_commit_hook(db, refuse_commit, &refused);
    for (size_t i = 0; i < N_USES; i++) {
        (void)run(db, uses[i], NULL, NULL);
        ok = ok && sqlite3_get_autocommit(db);
    }
    sqlite3_commit_hook(db, NULL, NULL);
    char *after = dump(db);
    verdict(ok && refused > 0 && is_equal("the content", before, after),
            "a commit hook that refuses leaves nothing behind");
    free(before);
    free(after);
    sqlite3_close(db);
}

/* All pragmas that say how a connection works. */
static char *settings(sqlite3 *db) {
    static const char *const names[] = {"recursive_triggers",
                                        "foreign_keys",
                                        "trusted_schema",
                                        "defer_foreign_keys",
                                        "case_sensitive_like",
                                        "query_only",
                                        "ignore_check_constraints",
                                        "reverse_unordered_selects",
                                        "legacy_alter_table",
                                        "writable_schema",
                                        "read_uncommitted",
                                        "busy_timeout",
                                        "cache_size",
                                        "synchronous",
                                        "journal_mode",
                                        "locking_mode",
                                        "temp_store",
                                        "automatic_index",
                                        "auto_vacuum",
                                        "encoding",
                                        "page_size",
                                        "user_version",
                                        "application_id",
                                        "secure_delete",
                                        "cell_size_check"};
    text out = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *sql = sqlite3_mprintf("PRAGMA %s", names[i]);
        text_add(&out, names[i]);
        text_add(&out, "=");
        (void)run(db, sql, &out, NULL);
        sqlite3_free(sql);
    }
    return out.data;
}

static void pragmas(void) {
    static const char *const set[] = {
        "SELECT 1",
        "PRAGMA recursive_triggers = ON",
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA read_uncommitted = ON",
        "PRAGMA legacy_alter_table = ON",
        "PRAGMA cell_size_check = ON",
        "PRAGMA automatic_index = OFF",
    };
    bool kept = true, same = true;
    char *expected = NULL;
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        sqlite3 *db = open_plain(":memory:", NULL);
        must(db, set[i]);
        char *before = settings(db);
        kept = load(db, NULL) == SQLITE_OK && kept;
        must(db, schema);
        must(db, rows);
        use_all(db);
        char *after = settings(db);
        char *content = dump(db);
        normalize(content);
        kept = is_equal(set[i], before, after) && kept;
        same = (expected == NULL || is_equal(set[i], expected, content)) && same;
        free(expected);
        free(before);
        free(after);
        expected = content;
        sqlite3_close(db);
    }
    free(expected);
    verdict(kept, "pragmas are as before");
    verdict(same, "pragmas make no difference to rows and journal");
}

/* ---- streams ------------------------------------------------------------------------------- */

static void streams(void) {
    char *path = file_path("streams");
    struct stat written;
    int out = dup(1), err = dup(2);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, 1);
    dup2(file, 2);
    sqlite3 *db = open_world(":memory:");
    use_all(db);
    sqlite3_close(db);
    fflush(stdout);
    dup2(out, 1);
    dup2(err, 2);
    verdict(fstat(file, &written) == 0 && written.st_size == 0,
            "nothing is written to the host's streams");
    close(file);
    close(out);
    close(err);
    sqlite3_free(path);
}

/* ---- connections of other kinds ------------------------------------------------------------ */

static void defensive(void) {
    sqlite3 *db = open_plain(":memory:", NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    bool ok = load(db, NULL) == SQLITE_OK;
    must(db, schema);
    must(db, rows);
    ok = ok &&
         gives(db, "UPDATE Post SET title = 'x'; DELETE FROM Node", SQLITE_OK, NULL) &&
         gives(db, "SELECT datastore_save('Post', '{\"title\":\"y\"}')", SQLITE_OK,
               NULL) &&
         gives(db, "SELECT * FROM Post_rows, datastore_outbox", SQLITE_OK, NULL);
    verdict(ok, "DEFENSIVE: everything works");
    verdict(gives(db, "DELETE FROM Post_rows", SQLITE_ERROR, "may not be modified") &&
                gives(db, "DROP TABLE Post_rows", SQLITE_ERROR, "may not be dropped"),
            "DEFENSIVE: the rows are shadow tables");
    sqlite3_close(db);
}

static void without_extension(void) {
    char *path = file_path("plain.db");
    sqlite3 *db = open_world(path);
    sqlite3_int64 entries = number(db, "SELECT count(*) FROM datastore_journal");
    sqlite3 *plain = open_plain(path, NULL);
    verdict(number(plain, "SELECT count(*) FROM Post_rows JOIN Comment_rows"
                          " ON post = Post_rows.id") == 3 &&
                number(plain, "SELECT count(*) FROM datastore_outbox") == entries,
            "without the extension: rows and outbox are readable");
    must(plain, "UPDATE Post_rows SET title = 'plain' WHERE id = 'p1';"
                "INSERT INTO Comment_rows(id, post) VALUES ('c9', 'p2');"
                "DELETE FROM Node_rows WHERE id = 'n1'");
    verdict(number(db, "SELECT count(*) FROM datastore_outbox") == entries + 6,
            "without the extension: writes are journalled and cascade");
    verdict(number(db, "SELECT count(*) FROM Post WHERE title = 'plain'") == 1,
            "the other connection sees them");
    verdict(gives(plain, "SELECT * FROM Post", SQLITE_ERROR, "no such module: Post"),
            "without the extension: a model says what is missing");
    sqlite3_close(plain);
    sqlite3_close(db);
    sqlite3_free(path);
}

static void read_only(void) {
    char *path = file_path("read.db");
    sqlite3_close(open_world(path));
    sqlite3 *db = NULL;
    sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    bool ok = load(db, NULL) == SQLITE_OK &&
              number(db, "SELECT count(*) FROM Post") == 2 &&
              gives(db, "SELECT *, comments, _status FROM Post", SQLITE_OK, NULL) &&
              gives(db, schema, SQLITE_OK, NULL);
    verdict(ok, "read-only: loads, reads, and has the schema already");
    verdict(
        gives(db, "INSERT INTO Post(title) VALUES ('x')", SQLITE_READONLY, "readonly") &&
            gives(db, "DELETE FROM Node", SQLITE_READONLY, "readonly") &&
            gives(db, "SELECT datastore_save('Post', '{\"title\":\"y\"}')",
                  SQLITE_READONLY, "readonly") &&
            gives(db, "SELECT datastore_delete('Post', 'p1')", SQLITE_READONLY,
                  "readonly") &&
            gives(db, "SELECT datastore_schema('type T @model { id: ID! }')",
                  SQLITE_READONLY, "readonly"),
        "read-only: writes are refused");
    verdict(gives(db, schema, SQLITE_OK, NULL),
            "read-only: the schema that is there needs no write");
    verdict(sqlite3_get_autocommit(db) && sqlite3_close(db) == SQLITE_OK,
            "read-only: closes");
    sqlite3_free(path);
}

static void twice(void) {
    sqlite3 *db = open_world(":memory:");
    sqlite3_stmt *half = NULL;
    sqlite3_prepare_v2(db, "SELECT * FROM Post", -1, &half, NULL);
    sqlite3_step(half);
    bool ok = load(db, NULL) == SQLITE_OK;
    sqlite3_finalize(half);
    ok = ok && load(db, NULL) == SQLITE_OK;
    must(db, "INSERT INTO Post(id, title) VALUES ('p7', 'x')");
    ok = ok && number(db, "SELECT datastore_last_id() = 'p7'") == 1;
    ok = ok &&
         gives(db, "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"y\"}')",
               SQLITE_OK, NULL);
    verdict(ok, "loading again changes nothing");
    verdict(sqlite3_close(db) == SQLITE_OK, "loaded twice, closes");
}

/* ---- a host that is strict ----------------------------------------------------------------- */

static int denied;

static int deny(void *db, int op, const char *a, const char *b, const char *c,
                const char *d) {
    (void)db;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return op == denied ? SQLITE_DENY : SQLITE_OK;
}

/* Whatever kind of action an authorizer forbids: a statement works, or leaves nothing
** behind. */
static bool works_or_not(int action, const char *use) {
    sqlite3 *db = open_world(":memory:");
    char *before = dump(db), *error = NULL;
    denied = action;
    sqlite3_set_authorizer(db, deny, NULL);
    int rc = run(db, use, NULL, &error);
    sqlite3_set_authorizer(db, NULL, NULL);
    char *after = dump(db);
    bool ok = sqlite3_get_autocommit(db) != 0;
    if (rc != SQLITE_OK) {
        ok = is_equal("the content", before, after) && ok;
    }
    if (!ok) {
        explain("action %d is denied, %s: code %d, %s", action, use, rc, error);
    }
    sqlite3_close(db);
    free(before);
    free(after);
    free(error);
    return ok;
}

static void strict_host(void) {
    bool ok = true;
    for (int action = SQLITE_CREATE_INDEX; action <= SQLITE_RECURSIVE; action++) {
        for (size_t i = (size_t)action % 2; i < N_USES; i += 2) {
            ok = works_or_not(action, uses[i]) && ok;
        }
    }
    verdict(ok, "an authorizer may forbid anything");
}

static void small_limits(void) {
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, 200},
        {SQLITE_LIMIT_SQL_LENGTH, 100},
        {SQLITE_LIMIT_COLUMN, 4},
        {SQLITE_LIMIT_EXPR_DEPTH, 3},
        {SQLITE_LIMIT_COMPOUND_SELECT, 1},
        {SQLITE_LIMIT_VDBE_OP, 40},
        {SQLITE_LIMIT_FUNCTION_ARG, 1},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 2},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1},
    };
    bool ok = true;
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        for (size_t i = 0; i < N_USES; i++) {
            sqlite3 *db = open_world(":memory:");
            char *before = dump(db);
            int old = sqlite3_limit(db, limits[l][0], limits[l][1]);
            int rc = run(db, uses[i], NULL, NULL);
            sqlite3_limit(db, limits[l][0], old);
            char *after = dump(db);
            ok = (rc == SQLITE_OK || is_equal(uses[i], before, after)) &&
                 sqlite3_get_autocommit(db) && sqlite3_close(db) == SQLITE_OK && ok;
            free(before);
            free(after);
        }
    }
    verdict(ok, "small limits of the host: an error and nothing behind");
}

int main(void) {
    sqlite3_initialize();
    sqlite3_close(open_world(":memory:"));
    closing();
    hooks();
    busy("wal");
    busy("delete");
    schema_in_motion();
    commit_refused();
    pragmas();
    streams();
    defensive();
    without_extension();
    read_only();
    twice();
    strict_host();
    small_limits();
    return failed();
}

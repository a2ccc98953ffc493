/*
** The two sides: the same schema once as native tables and once as models, filled with the
** same rows.
*/
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What somebody would write who needs no synchronisation, but with all the columns of the
** rows tables. */
static const char native_schema[] =
    "CREATE TABLE Post("
    "  id TEXT PRIMARY KEY NOT NULL,"
    "  title TEXT NOT NULL,"
    "  rating INTEGER NOT NULL,"
    "  status TEXT NOT NULL,"
    "  createdAt TEXT, updatedAt TEXT,"
    "  _version INTEGER, _lastChangedAt INTEGER, _deleted INTEGER"
    ");"
    "CREATE INDEX Post_rating ON Post(rating);"
    "CREATE TABLE Comment("
    "  id TEXT PRIMARY KEY NOT NULL,"
    "  content TEXT,"
    "  post TEXT REFERENCES Post(id) ON DELETE CASCADE,"
    "  createdAt TEXT, updatedAt TEXT,"
    "  _version INTEGER, _lastChangedAt INTEGER, _deleted INTEGER"
    ");"
    "CREATE INDEX Comment_post ON Comment(post);";

static const char model_schema[] =
    "enum PostStatus { ACTIVE INACTIVE DRAFT }\n"
    "type Post @model @key(name: \"byRating\", fields: [\"rating\"]) {\n"
    "  id: ID!\n"
    "  title: String!\n"
    "  rating: Int!\n"
    "  status: PostStatus!\n"
    "  comments: [Comment] @connection(name: \"PostComments\")\n"
    "}\n"
    "type Comment @model {\n"
    "  id: ID!\n"
    "  content: String\n"
    "  post: Post @connection(name: \"PostComments\")\n"
    "}\n";

void bench_die(sqlite3 *db, const char *what) {
    (void)fflush(stdout);
    fprintf(stderr, "bench: %s%s%s\n", what, db ? ": " : "",
            db ? sqlite3_errmsg(db) : "");
    exit(1);
}

void bench_exec(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        bench_die(db, sql);
    }
}

sqlite3_stmt *bench_prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        bench_die(db, sql);
    }
    return statement;
}

void bench_bind_text(sqlite3_stmt *statement, int at, const char *text) {
    if (sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) != SQLITE_OK) {
        bench_die(sqlite3_db_handle(statement), "bind");
    }
}

/* A host reads what it asked for. */
static void read_value(sqlite3_stmt *statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        (void)sqlite3_column_int64(statement, column);
        break;
    case SQLITE_FLOAT:
        (void)sqlite3_column_double(statement, column);
        break;
    default:
        (void)sqlite3_column_text(statement, column);
        (void)sqlite3_column_bytes(statement, column);
    }
}

void bench_run(sqlite3_stmt *statement) {
    int n = sqlite3_column_count(statement);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < n; i++) {
            read_value(statement, i);
        }
    }
    if (sqlite3_reset(statement) != SQLITE_OK) {
        bench_die(sqlite3_db_handle(statement), sqlite3_sql(statement));
    }
}

/* FNV-1a over the type and the text of each value. */
static uint64_t hash_row(sqlite3_stmt *statement) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        unsigned char type = (unsigned char)sqlite3_column_type(statement, i);
        const unsigned char *text = sqlite3_column_text(statement, i);
        int n = sqlite3_column_bytes(statement, i);
        hash = (hash ^ type) * UINT64_C(1099511628211);
        for (int j = 0; j < n; j++) {
            hash = (hash ^ text[j]) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

uint64_t bench_hash(sqlite3_stmt *statement, bool is_ordered, uint64_t hash) {
    while (sqlite3_step(statement) == SQLITE_ROW) {
        hash = (is_ordered ? hash * 31 : hash) + hash_row(statement);
    }
    if (sqlite3_reset(statement) != SQLITE_OK) {
        bench_die(sqlite3_db_handle(statement), sqlite3_sql(statement));
    }
    return hash;
}

int64_t bench_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = bench_prepare(db, sql);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        bench_die(db, sql);
    }
    int64_t number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return number;
}

/* ---- databases --------------------------------------------------------------------------- */

static void load_extension(const bench_options *options, sqlite3 *db) {
    char *message = NULL;
    if (sqlite3_enable_load_extension(db, 1) != SQLITE_OK ||
        sqlite3_load_extension(db, options->library, NULL, &message) != SQLITE_OK) {
        bench_die(NULL, message ? message : "the extension cannot be loaded");
    }
}

sqlite3 *bench_connect(const bench_options *options, const char *path, bool is_model) {
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        bench_die(db, path);
    }
    /* Everything fits into the cache: it is the work that is compared, not the disk. */
    bench_exec(db, "PRAGMA cache_size=-262144; PRAGMA foreign_keys=ON");
    if (options->is_wal) {
        bench_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
    }
    if (is_model) {
        load_extension(options, db);
    }
    return db;
}

static void remove_database(const char *path) {
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[sizeof((bench_side *)NULL)->path + 16];
        (void)snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        (void)remove(file); /* most of them are not there */
    }
}

bench_side bench_side_new(const bench_options *options, const char *name, bool is_model) {
    bench_side side = {NULL, is_model && !options->is_self, ":memory:"};
    if (options->folder != NULL) {
        (void)snprintf(side.path, sizeof side.path, "%s/%s-%s.db", options->folder, name,
                       is_model ? "model" : "native");
        remove_database(side.path);
    }
    side.db = bench_connect(options, side.path, side.is_model);
    if (side.is_model) {
        sqlite3_stmt *install = bench_prepare(side.db, "SELECT datastore_schema(?)");
        bench_bind_text(install, 1, model_schema);
        bench_run(install);
        (void)sqlite3_finalize(install);
    } else {
        bench_exec(side.db, native_schema);
    }
    return side;
}

void bench_side_close(bench_side *side) {
    if (sqlite3_close(side->db) != SQLITE_OK) {
        bench_die(side->db, "close");
    }
    side->db = NULL;
    if (strcmp(side->path, ":memory:") != 0) {
        remove_database(side->path);
    }
}

/* ---- rows -------------------------------------------------------------------------------- */

static void fill_posts(bench_side *side, const bench_data *data, bool is_synced) {
    sqlite3_stmt *insert = bench_prepare(
        side->db,
        side->is_model
            ? "INSERT INTO Post_rows(id, title, rating, status, createdAt, updatedAt,"
              " _version, _lastChangedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            : "INSERT INTO Post(id, title, rating, status, createdAt, updatedAt,"
              " _version, _lastChangedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (int i = 0; i < data->n_posts; i++) {
        const bench_post *post = &data->posts[i];
        bench_bind_text(insert, 1, post->id);
        bench_bind_text(insert, 2, post->title);
        (void)sqlite3_bind_int(insert, 3, post->rating);
        bench_bind_text(insert, 4, post->status);
        bench_bind_text(insert, 5, "2024-05-05T12:00:00.000Z");
        bench_bind_text(insert, 6, "2024-05-06T12:00:00.000Z");
        if (is_synced) {
            (void)sqlite3_bind_int(insert, 7, 1);
            (void)sqlite3_bind_int64(insert, 8, 1700000000000 + i);
        }
        bench_run(insert);
    }
    (void)sqlite3_finalize(insert);
}

static void fill_comments(bench_side *side, const bench_data *data, bool is_synced) {
    sqlite3_stmt *insert = bench_prepare(
        side->db,
        side->is_model
            ? "INSERT INTO Comment_rows(id, content, post, createdAt, updatedAt,"
              " _version, _lastChangedAt) VALUES (?, ?, ?, ?, ?, ?, ?)"
            : "INSERT INTO Comment(id, content, post, createdAt, updatedAt,"
              " _version, _lastChangedAt) VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (int i = 0; i < data->n_comments; i++) {
        const bench_comment *comment = &data->comments[i];
        bench_bind_text(insert, 1, comment->id);
        bench_bind_text(insert, 2, comment->content);
        bench_bind_text(insert, 3, data->posts[comment->post].id);
        bench_bind_text(insert, 4, "2024-05-05T12:00:00.000Z");
        bench_bind_text(insert, 5, "2024-05-06T12:00:00.000Z");
        if (is_synced) {
            (void)sqlite3_bind_int(insert, 6, 1);
            (void)sqlite3_bind_int64(insert, 7, 1700000000000 + i);
        }
        bench_run(insert);
    }
    (void)sqlite3_finalize(insert);
}

void bench_side_fill(bench_side *side, const bench_data *data, bool is_synced) {
    /* What merges the server's rows does the same: see datastore_session. */
    bool is_applying = side->is_model && is_synced;
    bench_exec(side->db, "BEGIN IMMEDIATE");
    if (is_applying) {
        bench_exec(side->db, "UPDATE datastore_session SET applying = 1");
    }
    fill_posts(side, data, is_synced);
    fill_comments(side, data, is_synced);
    if (is_applying) {
        bench_exec(side->db, "UPDATE datastore_session SET applying = 0");
    }
    bench_exec(side->db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

uint64_t bench_side_hash(bench_side *side) {
    /* Ids and times may have been made by the model. */
    static const char *const queries[] = {
        "SELECT p.title, p.rating, p.status, c.content"
        " FROM Post p LEFT JOIN Comment c ON c.post = p.id",
        "SELECT content, post IS NULL FROM Comment",
    };
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        sqlite3_stmt *statement = bench_prepare(side->db, queries[i]);
        hash = bench_hash(statement, false, hash);
        (void)sqlite3_finalize(statement);
    }
    return hash;
}

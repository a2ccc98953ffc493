/*
** Any JSON as a filter: what parses must run as SQL and answer 0 or 1, and what is printed
** for the API must mean the same when it is read as a filter again.
*/
#include "fuzz.h"

#include <string.h>

#include "filter/filter.h"

static const char sdl[] =
    "enum Status { ACTIVE INACTIVE }\n"
    "type Blog @model {\n"
    "  id: ID!\n"
    "  posts: [Post] @connection(name: \"BlogPosts\")\n"
    "}\n"
    "type Post @model {\n"
    "  id: ID! title: String rating: Int score: Float done: Boolean\n"
    "  at: AWSTimestamp status: Status tags: [String] numbers: [Int]\n"
    "  flags: [Boolean] states: [Status]\n"
    "  blog: Blog @connection(name: \"BlogPosts\")\n"
    "}\n";
static const char table[] =
    "CREATE TABLE Post_rows(id TEXT UNIQUE, title TEXT, rating INTEGER, score REAL,"
    " done INTEGER, at INTEGER, status TEXT, tags TEXT, numbers TEXT, flags TEXT,"
    " states TEXT, blog TEXT, createdAt TEXT, updatedAt TEXT);"
    "INSERT INTO Post_rows(id) VALUES ('1');"
    "INSERT INTO Post_rows VALUES ('2', 'ab', 5, 0.5, 1, 1700000000, 'ACTIVE',"
    " '[\"a\", \"b\"]', '[1,2.0]', '[true]', '[\"ACTIVE\"]', 'b', '2020', '2021');"
    "INSERT INTO Post_rows VALUES ('3', '', 0, -1, 0, 0, 'INACTIVE',"
    " '[null]', 'x', '[]', '{}', '', '', '');";

#define N_ROWS 3

static const ds_model *model;
static sqlite3 *db;

static void start(void) {
    static ds_catalog *catalog;
    const ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    ds_err err = DS_ERR_INIT;
    int rc = ds_catalog_build(sdl, sizeof sdl - 1, &options, &catalog, &err);
    NEED_WITH(rc == SQLITE_OK, err.text);
    NEED(sqlite3_open(":memory:", &db) == SQLITE_OK);
    NEED_WITH(sqlite3_exec(db, table, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
    model = ds_catalog_model(catalog, "Post");
}

/* The answer for each row. */
static void run(const ds_filter *filter, bool *out) {
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    ds_filter_to_sql(filter, "r", 1, &sql);
    ds_buf_add(&sql, " FROM Post_rows AS r ORDER BY rowid");
    int rc = sqlite3_prepare_v2(db, ds_buf_text(&sql), -1, &statement, NULL);
    NEED_WITH(rc == SQLITE_OK, sqlite3_errmsg(db));
    NEED(sqlite3_bind_parameter_count(statement) == ds_filter_parameters(filter));
    NEED(ds_filter_bind(filter, statement, 1) == SQLITE_OK);
    for (int i = 0; i < N_ROWS; i++) {
        NEED_WITH(sqlite3_step(statement) == SQLITE_ROW, sqlite3_errmsg(db));
        NEED(sqlite3_column_type(statement, 0) == SQLITE_INTEGER);
        out[i] = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    ds_buf_done(&sql);
}

/* Parsed, or NULL with a message. Its expanded form may be too large for a second time. */
static ds_filter *parse(const char *json, size_t size, bool is_again) {
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_filter_parse(model, json, size, &filter, &err);
    bool is_too_large =
        strstr(err.text, "more than") || strstr(err.text, "nested deeper");
    NEED_WITH(rc == SQLITE_OK || strncmp(err.text, "filter", 6) == 0, err.text);
    NEED_WITH(rc == SQLITE_OK || !is_again || is_too_large, err.text);
    return filter;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (db == NULL) {
        start();
    }
    ds_filter *filter = parse((const char *)data, size, false);
    if (filter == NULL) {
        return 0;
    }
    bool first[N_ROWS], second[N_ROWS];
    run(filter, first);
    ds_buf json;
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    ds_filter_to_graphql(filter, &json);
    ds_filter *again = parse(ds_buf_text(&json), json.length, true);
    if (again) {
        run(again, second);
        NEED_WITH(memcmp(first, second, sizeof first) == 0, ds_buf_text(&json));
    }
    ds_buf_done(&json);
    ds_filter_free(again);
    ds_filter_free(filter);
    return 0;
}

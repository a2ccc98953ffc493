/*
** Shared by the tests of run/: a database file with a schema, and a configuration whose API nobody answers for.
*/
#ifndef DS_TEST_PLACE_H
#define DS_TEST_PLACE_H

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "func/func.h"
#include "run/run_int.h"
#include "table/table.h"

#define NOWHERE                                                                          \
    "{\"url\":\"http://127.0.0.1:1/graphql\",\"realtimeUrl\":\"ws://127.0.0.1:1/x\","    \
    "\"apiKey\":\"k\"}"
#define PATIENCE_MS 30000

static char folder[64];
static char file[100];
static sqlite3 *db;
static ds_store *store;
static ds_config *config;
static ds_err err;

static inline ds_config *config_of(const char *json) {
    ds_config *empty = NULL, *made = NULL;
    assert_int_equal(ds_config_new(&empty), SQLITE_OK);
    int rc = ds_config_merge(empty, json, strlen(json), &made, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    ds_config_release(empty);
    return made;
}

static inline sqlite3 *open_file(void) {
    sqlite3 *made = NULL;
    assert_int_equal(sqlite3_open(file, &made), SQLITE_OK);
    sqlite3_busy_timeout(made, PATIENCE_MS);
    return made;
}

static inline void exec(const char *sql) {
    char *message = NULL;
    int rc = sqlite3_exec(db, sql, NULL, NULL, &message);
    assert_string_equal(message ? message : "", "");
    assert_int_equal(rc, SQLITE_OK);
}

static inline int setup_place(void **state) {
    (void)state;
    err = (ds_err)DS_ERR_INIT;
    strcpy(folder, "/tmp/datastore-run-XXXXXX");
    assert_non_null(mkdtemp(folder));
    sqlite3_snprintf(sizeof file, file, "%s/a.db", folder);
    db = open_file();
    assert_int_equal(ds_store_new(db, &store), SQLITE_OK);
    assert_int_equal(ds_func_register(store, &err), SQLITE_OK);
    assert_int_equal(ds_table_register(store, &err), SQLITE_OK);
    exec("SELECT datastore_schema('type Note @model { id: ID! text: String }')");
    config = config_of(NOWHERE);
    return 0;
}

static inline int teardown_place(void **state) {
    (void)state;
    ds_config_release(config);
    ds_store_release(store);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    unlink(file);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

#endif

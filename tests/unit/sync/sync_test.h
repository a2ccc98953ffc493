/*
** Shared by the tests of sync and outbox: a store in memory with real tables and triggers, without
** the entry point, and short forms of what the engine does.
*/
#ifndef DS_SYNC_TEST_H
#define DS_SYNC_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "func/func.h"
#include "sync/sync_int.h"
#include "table/table.h"

static sqlite3 *db;
static ds_store *store;
static ds_merger *merger;
static ds_merge_counts counts;
static ds_err err;

#define NOW 1600000000000 /* of the clock, in all tests */

/* ---- SQL --------------------------------------------------------------------------------------- */

static inline void exec(const char *sql) {
    char *message = NULL;
    int rc = sqlite3_exec(db, sql, NULL, NULL, &message);
    if (rc != SQLITE_OK) {
        print_error("%s\nin %s\n", message, sql);
    }
    assert_int_equal(rc, SQLITE_OK);
}

/* All rows of a query: columns by |, rows by a new line. To be freed. */
static inline char *rows_of(const char *sql) {
    sqlite3_stmt *s = NULL;
    ds_buf out;
    char *text = NULL;
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc != SQLITE_OK) {
        print_error("%s\nin %s\n", sqlite3_errmsg(db), sql);
    }
    assert_int_equal(rc, SQLITE_OK);
    for (int n = 0; (rc = sqlite3_step(s)) == SQLITE_ROW; n++) {
        ds_buf_add(&out, n ? "\n" : "");
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *value = (const char *)sqlite3_column_text(s, i);
            ds_buf_add(&out, i ? "|" : "");
            ds_buf_add(&out, value ? value : "~");
        }
    }
    assert_int_equal(rc, SQLITE_DONE);
    sqlite3_finalize(s);
    assert_int_equal(ds_buf_take(&out, &text), SQLITE_OK);
    return text;
}

static inline void check_rows(const char *sql, const char *expected) {
    char *rows = rows_of(sql);
    assert_string_equal(rows, expected);
    sqlite3_free(rows);
}

static inline int64_t number_of(const char *sql) {
    char *rows = rows_of(sql);
    int64_t number = strtoll(rows, NULL, 10);
    sqlite3_free(rows);
    return number;
}

/* ---- the store ----------------------------------------------------------------------------------- */

static inline void set_policy(ds_policy policy, const char *function) {
    ds_merger_free(merger);
    assert_int_equal(ds_merger_new(store, policy, function, NULL, &merger, &err),
                     SQLITE_OK);
}

static inline void open_store(const char *schema) {
    sqlite3_stmt *s = NULL;
    ds_env_set_clock(NOW);
    err = (ds_err)DS_ERR_INIT;
    memset(&counts, 0, sizeof counts);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(ds_store_new(db, &store), SQLITE_OK);
    assert_int_equal(ds_func_register(store, &err), SQLITE_OK);
    assert_int_equal(ds_table_register(store, &err), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT datastore_schema(?1)", -1, &s, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(s, 1, schema, -1, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW) {
        print_error("%s\n", sqlite3_errmsg(db));
    }
    assert_int_equal(rc, SQLITE_ROW);
    sqlite3_finalize(s);
    merger = NULL;
    set_policy(DS_POLICY_MERGE, NULL);
}

static inline void close_store(void) {
    ds_merger_free(merger);
    ds_store_release(store);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    ds_env_set_clock(0);
    merger = NULL;
    store = NULL;
    db = NULL;
}

static inline int teardown_store(void **state) {
    (void)state;
    close_store();
    return 0;
}

/* ---- transactions --------------------------------------------------------------------------------- */

static inline void begin(void) {
    int rc = ds_merger_begin(merger, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
}

static inline void end(int rc) {
    rc = ds_merger_end(merger, rc, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(sqlite3_get_autocommit(db), 1);
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s)) {
        assert_false(sqlite3_stmt_busy(s));
    }
}

static inline const ds_model *model_of(const char *name) {
    const ds_model *model = ds_catalog_model(store->catalog, name);
    assert_non_null(model);
    return model;
}

static inline ds_token token_of(const char *json) {
    ds_token token;
    ds_scan s = ds_scan_begin(json, strlen(json));
    assert_true(ds_scan_value(&s, &token));
    assert_true(ds_scan_end(&s));
    return token;
}

/* Merge a page, or a live record, in a transaction of its own. Counts are of this one. */
static inline void page(const char *model, const char *items) {
    ds_token token = token_of(items);
    memset(&counts, 0, sizeof counts);
    begin();
    end(ds_merge_page(merger, model_of(model), &token, &counts, &err));
}

static inline void live(const char *model, const char *record) {
    ds_token token = token_of(record);
    memset(&counts, 0, sizeof counts);
    begin();
    end(ds_merge_record(merger, model_of(model), &token, &counts, &err));
}

/* new, updated, deleted, unchanged, conflicts, bad */
static inline void check_counts(const char *expected) {
    char text[128];
    sqlite3_snprintf(sizeof text, text, "%lld %lld %lld %lld %lld %lld", counts.n_new,
                     counts.n_updated, counts.n_deleted, counts.n_unchanged,
                     counts.n_conflicts, counts.n_bad);
    assert_string_equal(text, expected);
}

/* ---- the outbox ------------------------------------------------------------------------------------- */

#define MAX_TAKEN 64

static int64_t taken[MAX_TAKEN];
static int n_taken;
static int64_t ready_at;

/* Take up to `count`: a line for each, "seq createPost {…} if {…}"; ? behind seq where unclear. The
** numbers are in `taken`. To be freed. */
static inline char *take_text(int count, size_t bytes) {
    ds_batch batch;
    ds_buf out;
    char *text = NULL;
    const ds_take_limits limits = {count, bytes, ds_env_now_ms()};
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    begin();
    int rc = ds_outbox_take(ds_merger_records(merger), &limits, &batch, &err);
    end(rc);
    n_taken = batch.n;
    ready_at = batch.ready_at;
    for (int i = 0; i < batch.n; i++) {
        const ds_mutation *m = &batch.items[i];
        taken[i] = m->seq;
        ds_buf_addf(&out, "%s%lld%s %s %s%s%s", i ? "\n" : "", m->seq,
                    m->is_unclear ? "?" : "", ds_graphql_field(m->model, m->operation),
                    m->input, m->condition ? " if " : "",
                    m->condition ? m->condition : "");
    }
    ds_batch_done(&batch);
    assert_int_equal(ds_buf_take(&out, &text), SQLITE_OK);
    return text;
}

static inline void check_take(int count, const char *expected) {
    char *text = take_text(count, 1000000);
    assert_string_equal(text, expected);
    sqlite3_free(text);
}

/* The verdict on a mutation; record may be NULL. */
static inline void answer(int64_t seq, ds_verdict verdict, const char *record,
                          const char *error) {
    ds_token token = token_of(record ? record : "null");
    const ds_answer a = {.seq = seq,
                         .verdict = verdict,
                         .record = record ? &token : NULL,
                         .error = error,
                         .response = error ? "{\"errors\":[]}" : NULL};
    memset(&counts, 0, sizeof counts);
    begin();
    end(ds_merge_answer(merger, &a, &counts, &err));
}

static inline void done(int64_t seq, const char *record) {
    answer(seq, DS_VERDICT_DONE, record, NULL);
}

#define UNSENT                                                                           \
    "SELECT (SELECT count(*) FROM datastore_outbox)"                                     \
    " + (SELECT count(*) FROM datastore_dead_letter)"
#define OUTBOX                                                                           \
    "SELECT seq, model, id, op, changed, state, attempts, error FROM datastore_outbox"

#endif

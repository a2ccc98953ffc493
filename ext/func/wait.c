/*
** datastore_wait(condition, timeout_ms [, subscription]): block until something is so.
*/
#include "func/func_int.h"

#include <string.h>

/* Longer than a year is for ever. */
#define MOST_MS (INT64_C(366) * 24 * 3600 * 1000)

/* Ask the tables a question of one row. What has no schema has nothing that could be waited for. */
static int ask(ds_store *store, enum ds_sql question, bool *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    *out = true;
    int rc = ds_store_refresh(store, NULL, err);
    if (rc != SQLITE_OK || store->catalog == NULL) {
        return rc;
    }
    rc = ds_store_prepare_named(store, question, &statement, err);
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
        *out = sqlite3_column_int(statement, 0) != 0;
        rc = sqlite3_finalize(statement);
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    return rc;
}

/* Nothing is left to send: neither unsent, nor under way. */
static int is_outbox_empty(ds_feed *feed, void *data, bool *out, ds_err *err) {
    const ds_context *context = data;
    (void)feed;
    return ask(context->store, DS_SQL_OUTBOX_IS_EMPTY, out, err);
}

/* Every model has been pulled to the end, and none is being pulled. */
static int is_synced(ds_feed *feed, void *data, bool *out, ds_err *err) {
    const ds_context *context = data;
    (void)feed;
    return ask(context->store, DS_SQL_STATUS_IS_SYNCED, out, err);
}

/* The engine of this process has pulled everything since it began; one that stands by has it from the sender. */
static int is_ready(ds_feed *feed, void *data, bool *out, ds_err *err) {
    const ds_context *context = data;
    ds_background_status status;
    ds_background_read(context->place, &status);
    if (status.state == DS_ENGINE_STOPPED) {
        return ds_err_set(err, SQLITE_ERROR,
                          "no engine runs in this process: call datastore_start() first");
    }
    if (status.state == DS_ENGINE_STANDBY) {
        return is_synced(feed, data, out, err);
    }
    *out = status.is_ready;
    return SQLITE_OK;
}

/* What can be waited for. is_fed: it takes a subscription, and so is asked with a ds_feed_id, the others with
** the context. */
static const struct condition {
    const char *name;
    ds_feed_check *check;
    bool is_fed;
} conditions[] = {
    {"events", ds_feed_has_events, true},
    {"outbox_empty", is_outbox_empty, false},
    {"ready", is_ready, false},
    {"synced", is_synced, false},
};

static int find_condition(sqlite3_value *value, const struct condition **out,
                          ds_err *err) {
    const char *name = NULL;
    int rc = ds_func_text(value, &name, err);
    for (size_t i = 0; rc == SQLITE_OK && name != NULL && i < DS_COUNT(conditions); i++) {
        if (strcmp(conditions[i].name, name) == 0) {
            *out = &conditions[i];
            return rc;
        }
    }
    return rc ? rc
              : ds_err_set(err, SQLITE_ERROR,
                           "datastore_wait: expected 'events', 'ready', 'synced' or "
                           "'outbox_empty', found %Q",
                           name);
}

/* While it waits, nothing may hold the file back: no transaction, and no statement that reads. */
static int check_idle(ds_store *store, ds_err *err) {
    if (!sqlite3_get_autocommit(store->db)) {
        return ds_err_set(
            err, SQLITE_ERROR,
            "datastore_wait cannot run inside a transaction, which would not "
            "see what it waits for: COMMIT first");
    }
    if (sqlite3_txn_state(store->db, NULL) != SQLITE_TXN_NONE) {
        return ds_err_set(
            err, SQLITE_ERROR,
            "datastore_wait cannot run while a statement of this connection "
            "reads tables: finish it, and call datastore_wait in a SELECT "
            "without FROM");
    }
    return ds_func_guard(store, "datastore_wait", true, err);
}

static int read_id(int argc, sqlite3_value **argv, const struct condition *condition,
                   ds_feed_id *out, ds_err *err) {
    *out = (ds_feed_id){0, NULL};
    if (argc < 3 || sqlite3_value_type(argv[2]) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    if (!condition->is_fed) {
        return ds_err_set(err, SQLITE_ERROR,
                          "datastore_wait('%s', …) takes no subscription",
                          condition->name);
    }
    return ds_func_sub(argv[2], out, err);
}

static int wait_for(ds_context *context, int argc, sqlite3_value **argv, bool *out,
                    ds_err *err) {
    const struct condition *condition = NULL;
    ds_store *store = context->store;
    ds_feed_id id;
    int64_t ms = 0;
    int rc = find_condition(argv[0], &condition, err);
    if (rc == SQLITE_OK && (!ds_feed_integer(argv[1], &ms) || ms < 0)) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "datastore_wait needs a time-out in milliseconds");
    }
    rc = rc ? rc : read_id(argc, argv, condition, &id, err);
    rc = rc ? rc : check_idle(store, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    void *data = condition->is_fed ? (void *)&id : (void *)context;
    return ds_feed_wait(store->feed, ms < MOST_MS ? ms : MOST_MS, condition->check, data,
                        out, err);
}

void ds_func_wait(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    bool is_so = false;
    if (wait_for(ds_func_context(context), argc, argv, &is_so, &err) == SQLITE_OK) {
        sqlite3_result_int(context, is_so);
    } else {
        ds_func_fail(context, &err);
    }
}

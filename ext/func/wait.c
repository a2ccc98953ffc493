/*
** datastore_wait(condition, timeout_ms [, subscription]): block until something is so.
*/
#include "func/func_int.h"

#include <string.h>

/* Longer than a year is for ever. */
#define MOST_MS (INT64_C(366) * 24 * 3600 * 1000)

/* Nothing is left to send: neither unsent, nor under way. */
static int is_outbox_empty(ds_feed *feed, void *data, bool *out, ds_err *err) {
    ds_store *store = data;
    sqlite3_stmt *statement = NULL;
    (void)feed;
    *out = true;
    int rc = ds_store_refresh(store, NULL, err);
    if (rc != SQLITE_OK || store->catalog == NULL) {
        return rc;
    }
    rc = ds_store_prepare_named(store, DS_SQL_OUTBOX_IS_EMPTY, &statement, err);
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
        *out = sqlite3_column_int(statement, 0) != 0;
        rc = sqlite3_finalize(statement);
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    return rc;
}

/* What can be waited for. check: NULL where it needs the engine. is_fed: it takes a subscription,
** and so is asked with a ds_feed_id, the others with the store. */
static const struct condition {
    const char *name;
    ds_feed_check *check;
    bool is_fed;
} conditions[] = {
    {"events", ds_feed_has_events, true},
    {"outbox_empty", is_outbox_empty, false},
    {"ready", NULL, false},
    {"synced", NULL, false},
};

static int find_condition(sqlite3_value *value, const struct condition **out,
                          ds_err *err) {
    const char *name = NULL;
    int rc = ds_func_text(value, &name, err);
    for (size_t i = 0; rc == SQLITE_OK && name != NULL && i < DS_COUNT(conditions); i++) {
        if (strcmp(conditions[i].name, name) == 0) {
            *out = &conditions[i];
            return conditions[i].check
                       ? rc
                       : ds_err_set(err, SQLITE_ERROR,
                                    "datastore_wait cannot wait for '%s': this version "
                                    "does not synchronize",
                                    name);
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

static int wait_for(ds_store *store, int argc, sqlite3_value **argv, bool *out,
                    ds_err *err) {
    const struct condition *condition = NULL;
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
    void *data = condition->is_fed ? (void *)&id : (void *)store;
    return ds_feed_wait(store->feed, ms < MOST_MS ? ms : MOST_MS, condition->check, data,
                        out, err);
}

void ds_func_wait(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    bool is_so = false;
    if (wait_for(ds_func_store(context), argc, argv, &is_so, &err) == SQLITE_OK) {
        sqlite3_result_int(context, is_so);
    } else {
        ds_func_fail(context, &err);
    }
}

/*
** Writes with a condition: what the journal keeps of them.
*/
#include "outbox/outbox.h"

int ds_outbox_last(ds_store *store, int64_t *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_OUTBOX_LAST, &statement, err);
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
        *out = sqlite3_column_int64(statement, 0);
        rc = sqlite3_finalize(statement);
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    return rc;
}

/* Bind model and key, run, finalize. */
static int run(ds_store *store, sqlite3_stmt *statement, const ds_record *record,
               ds_err *err) {
    int rc = sqlite3_bind_int64(statement, 1, ds_store_number(store, record->model));
    if (rc == SQLITE_OK) {
        rc = sqlite3_bind_value(statement, 2, record->key);
    }
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
    }
    int finalized = sqlite3_finalize(statement);
    rc = rc == SQLITE_OK ? finalized : rc;
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

static int freeze(ds_store *store, enum ds_sql id, const ds_record *record,
                  const char *payload, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, id, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(statement, 3, payload, -1, SQLITE_STATIC);
        rc = run(store, statement, record, err);
    }
    return rc;
}

int ds_outbox_freeze(ds_store *store, const ds_record *record, const char *payload,
                     ds_err *err) {
    int rc = freeze(store, DS_SQL_OUTBOX_FREEZE, record, payload, err);
    return rc ? rc : freeze(store, DS_SQL_OUTBOX_FREEZE_MOVED, record, payload, err);
}

int ds_outbox_stamp(ds_store *store, const ds_record *record, int64_t after,
                    const char *condition, const char *payload, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_OUTBOX_STAMP, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(statement, 3, after);
        sqlite3_bind_text(statement, 4, condition, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 5, payload, -1, SQLITE_STATIC);
        rc = run(store, statement, record, err);
    }
    return rc;
}

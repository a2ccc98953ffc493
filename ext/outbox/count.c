/*
** How many changes are unsent, what the hub is told of that, and a new sender's look at what an old one has left.
*/
#include "outbox/outbox_int.h"

static int run(ds_records *records, enum ds_sql id, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, NULL, id, &statement, err);
    return rc ? rc : ds_records_run(records, statement, err);
}

int ds_outbox_recover(ds_records *records, ds_err *err) {
    int rc = run(records, DS_SQL_OUTBOX_RECOVER, err);
    return rc ? rc : ds_outbox_hurry(records, err);
}

int ds_outbox_hurry(ds_records *records, ds_err *err) {
    return run(records, DS_SQL_OUTBOX_HURRY, err);
}

int ds_outbox_is_empty(ds_records *records, bool *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_IS_EMPTY, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    (void)sqlite3_step(s);
    *out = sqlite3_column_int(s, 0) != 0;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, ds_records_store(records)->db, rc);
}

int ds_outbox_tell(ds_records *records, bool is_empty, ds_err *err) {
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&payload, "{\"isEmpty\":%s}", is_empty ? "true" : "false");
    int rc = ds_records_hub(records, "outboxStatus", &payload, err);
    ds_buf_done(&payload);
    return rc;
}

int ds_outbox_count(ds_records *records, ds_outbox_counts *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    *out = (ds_outbox_counts){0, 0, 0, 0};
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_COUNT, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (sqlite3_step(s) == SQLITE_ROW) {
        int64_t n = sqlite3_column_int64(s, 1);
        switch (sqlite3_column_int(s, 0)) {
        case DS_STEP_IN_FLIGHT:
            out->in_flight += n;
            break;
        case DS_STEP_HELD:
            out->held += n;
            break;
        case DS_STEP_FAILED:
            out->failed += n;
            break;
        default:
            out->pending += n;
        }
    }
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, ds_records_store(records)->db, rc);
}

/*
** datastore_clear([options]): empty the local store. datastore_sync_expression(model, filter): which
** of a model's records are wanted here.
*/
#include "func/func_int.h"

static int clear(ds_store *store, bool force, ds_err *err) {
    ds_records *records = NULL;
    int rc = ds_records_new(store, &records, err);
    rc = rc ? rc : ds_outbox_absorb(records, err);
    rc = rc ? rc : ds_pull_clear(records, force, err);
    ds_records_free(records);
    return rc;
}

void ds_func_clear(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    bool force = false;
    int rc = ds_func_option(argc > 0 ? argv[0] : NULL, "force", &force, &err);
    rc = rc ? rc : ds_work_begin(store, "datastore_clear", true, NULL, &work, &err);
    if (rc == SQLITE_OK) {
        rc = clear(store, force, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc != SQLITE_OK) {
        ds_func_fail(context, &err);
    }
}

/* The filter is kept as it was given, once it is known to be one. */
static int express(const ds_work *work, sqlite3_value *value, bool *out_changed,
                   ds_err *err) {
    ds_filter *filter = NULL;
    ds_records *records = NULL;
    const char *text = NULL;
    int rc = ds_func_filter(work->model, value, &filter, err);
    ds_filter_free(filter);
    rc = rc ? rc : ds_func_text(value, &text, err);
    rc = rc ? rc : ds_records_new(work->store, &records, err);
    rc = rc ? rc : ds_pull_express(records, work->model, text, out_changed, err);
    ds_records_free(records);
    return rc;
}

void ds_func_sync_expression(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    bool changed = false;
    (void)argc;
    int rc =
        ds_work_begin(store, "datastore_sync_expression", false, argv[0], &work, &err);
    if (rc == SQLITE_OK) {
        rc = express(&work, argv[1], &changed, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int(context, changed);
    } else {
        ds_func_fail(context, &err);
    }
}

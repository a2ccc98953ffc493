/*
** datastore_start(), datastore_stop(): the engine in the background.
*/
#include "func/func_int.h"

void ds_func_start(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_context *own = ds_func_context(context);
    ds_err err = DS_ERR_INIT;
    (void)argc;
    (void)argv;
    int rc = ds_func_guard(own->store, "datastore_start", false, &err);
    rc = rc ? rc : ds_func_refresh(own->store, &err);
    rc = rc ? rc : ds_background_start(own->place, own->store, own->config, &err);
    if (rc != SQLITE_OK) {
        ds_func_fail(context, &err);
    }
}

/* Returns 1 if it ran. */
void ds_func_stop(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_context *own = ds_func_context(context);
    ds_err err = DS_ERR_INIT;
    bool ran = false;
    (void)argc;
    (void)argv;
    if (ds_background_stop(own->place, own->store, &ran, &err) == SQLITE_OK) {
        sqlite3_result_int(context, ran);
    } else {
        ds_func_fail(context, &err);
    }
}

/*
** The one table of SQL functions.
*/
#include "func/func_int.h"

typedef void (*function)(sqlite3_context *, int, sqlite3_value **);

/* Flags beside SQLITE_UTF8. What reads or changes state is DIRECTONLY: a hostile schema must
** not call it from a view or trigger. */
#define PURE   (SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
#define RANDOM SQLITE_INNOCUOUS
#define DIRECT SQLITE_DIRECTONLY

static const struct {
    const char *name;
    int argc;
    int flags;
    function call;
} functions[] = {
    {"datastore_info", 0, DIRECT, ds_func_info},
    {"datastore_uuid", 0, RANDOM, ds_func_uuid},
    {"datastore_last_id", 0, DIRECT, ds_func_last_id},
    {"datastore_schema", 0, DIRECT, ds_func_schema},
    {"datastore_schema", 1, DIRECT, ds_func_schema},
    {"datastore_schema", 2, DIRECT, ds_func_schema},
    {"datastore_introspect", 0, DIRECT, ds_func_introspect},
    {"datastore_diagram", 0, DIRECT, ds_func_diagram},
    {"datastore_diagram", 1, DIRECT, ds_func_diagram},
    {"datastore_configure", 0, DIRECT, ds_func_configure},
    {"datastore_configure", 1, DIRECT, ds_func_configure},
    {"datastore_save", 2, DIRECT, ds_func_save},
    {"datastore_save", 3, DIRECT, ds_func_save},
    {"datastore_delete", 2, DIRECT, ds_func_delete},
    {"datastore_delete", 3, DIRECT, ds_func_delete},
    {"datastore_observe", 0, DIRECT, ds_func_observe},
    {"datastore_observe", 1, DIRECT, ds_func_observe},
    {"datastore_observe", 2, DIRECT, ds_func_observe},
    {"datastore_observe", 3, DIRECT, ds_func_observe},
    {"datastore_ack", 2, DIRECT, ds_func_ack},
    {"datastore_unobserve", 1, DIRECT, ds_func_unobserve},
    {"datastore_notify_fd", 0, DIRECT, ds_func_notify_fd},
    {"datastore_wait", 2, DIRECT, ds_func_wait},
    {"datastore_wait", 3, DIRECT, ds_func_wait},
    {"datastore_retry", 0, DIRECT, ds_func_retry},
    {"datastore_retry", 1, DIRECT, ds_func_retry},
    {"datastore_discard", 0, DIRECT, ds_func_discard},
    {"datastore_discard", 1, DIRECT, ds_func_discard},
    {"datastore_discard", 2, DIRECT, ds_func_discard},
    {"datastore_clear", 0, DIRECT, ds_func_clear},
    {"datastore_clear", 1, DIRECT, ds_func_clear},
    {"datastore_sync_expression", 2, DIRECT, ds_func_sync_expression},
    {"datastore_start", 0, DIRECT, ds_func_start},
    {"datastore_stop", 0, DIRECT, ds_func_stop},
    {"datastore_status", 0, DIRECT, ds_func_status},
    {"datastore_sync", 0, DIRECT, ds_func_sync},
    {"datastore_sync", 1, DIRECT, ds_func_sync},
    /* The last one: where it is, all has been registered. */
    {"datastore_version", 0, PURE, ds_func_version},
};

static void release_context(void *context) {
    ds_context_release(context);
}

int ds_func_register(ds_store *store, ds_err *err) {
    ds_context *context = NULL;
    int rc = SQLITE_OK;
    if (ds_context_new(store, &context) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(functions); i++) {
        ds_context_retain(context);
        /* On failure SQLite has called release_context already. */
        rc = sqlite3_create_function_v2(store->db, functions[i].name, functions[i].argc,
                                        SQLITE_UTF8 | functions[i].flags, context,
                                        functions[i].call, NULL, NULL, release_context);
    }
    ds_context_release(context);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

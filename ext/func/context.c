/*
** The life of what a connection has.
*/
#include "func/func_int.h"

int ds_context_new(ds_store *store, ds_context **out) {
    ds_config *config = NULL;
    ds_context *context = sqlite3_malloc64(sizeof *context);
    *out = NULL;
    if (context == NULL || ds_config_new(&config) != SQLITE_OK) {
        sqlite3_free(context);
        return SQLITE_NOMEM;
    }
    *context = (ds_context){.references = 1, .store = store, .config = config};
    if (ds_background_attach(store->db, &context->place) != SQLITE_OK) {
        ds_config_release(config);
        sqlite3_free(context);
        return SQLITE_NOMEM;
    }
    ds_store_retain(store);
    *out = context;
    return SQLITE_OK;
}

void ds_context_retain(ds_context *context) {
    context->references++;
}

void ds_context_release(ds_context *context) {
    if (--context->references > 0) {
        return;
    }
    ds_background_detach(context->place);
    ds_config_release(context->config);
    ds_store_release(context->store);
    sqlite3_free(context);
}

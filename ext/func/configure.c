/*
** datastore_configure([json]): what this connection knows of the API. It stays in memory:
** the file never sees it, and no transaction takes it back.
*/
#include "func/func_int.h"

static int configure(ds_context *context, sqlite3_value *value, ds_err *err) {
    const char *json = NULL;
    ds_config *config = NULL;
    int rc = ds_func_text(value, &json, err);
    if (rc == SQLITE_OK && json == NULL) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "configuration: expected a JSON object, found NULL (is the file "
                        "there?)");
    }
    if (rc == SQLITE_OK) {
        rc = ds_config_merge(context->config, json, (size_t)sqlite3_value_bytes(value),
                             &config, err);
    }
    if (rc == SQLITE_OK) {
        ds_config_release(context->config);
        context->config = config;
        ds_background_configure(context->place, config);
        context->store->id_format =
            (ds_id_format)ds_config_number(config, DS_CONFIG_ID_FORMAT);
    }
    return rc;
}

void ds_func_configure(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    ds_buf out;
    if (argc > 0 && configure(ds_func_context(context), argv[0], &err) != SQLITE_OK) {
        ds_func_fail(context, &err);
        return;
    }
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    ds_config_print(ds_func_context(context)->config, &out);
    ds_func_json(context, &out);
    ds_buf_done(&out);
}

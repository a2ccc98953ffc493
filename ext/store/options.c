/*
** Reads the options of datastore_schema.
*/
#include "store/store_int.h"

#include <string.h>

static int read_version(const ds_json *node, ds_model_options *out, ds_err *err) {
    int64_t version = 0;
    if (!ds_json_integer(node, &version) || version < 1 || version > 2) {
        return ds_err_set(err, SQLITE_ERROR,
                          "schema option transformerVersion must be 1 or 2");
    }
    out->transformer_version = (int)version;
    return SQLITE_OK;
}

static int read_respect(const ds_json *node, ds_model_options *out, ds_err *err) {
    if (ds_json_type(node) != DS_JSON_BOOLEAN) {
        return ds_err_set(err, SQLITE_ERROR,
                          "schema option respectPrimaryKey must be true or false");
    }
    out->respect_primary_key = ds_json_boolean(node);
    return SQLITE_OK;
}

static int read_option(const ds_json *node, ds_model_options *out, ds_err *err) {
    static const char *const known[] = {"transformerVersion", "respectPrimaryKey"};
    const char *name = ds_json_name(node);
    if (strcmp(name, known[0]) == 0) {
        return read_version(node, out, err);
    }
    if (strcmp(name, known[1]) == 0) {
        return read_respect(node, out, err);
    }
    const char *nearest = ds_text_nearest(name, known, DS_COUNT(known));
    return nearest ? ds_err_set(err, SQLITE_ERROR,
                                "unknown schema option \"%s\" (did you mean \"%s\"?)",
                                name, nearest)
                   : ds_err_set(err, SQLITE_ERROR,
                                "unknown schema option \"%s\", known are "
                                "transformerVersion and respectPrimaryKey",
                                name);
}

int ds_options_parse(const char *json, ds_model_options *out, ds_err *err) {
    ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    ds_json *root = NULL;
    int rc = ds_json_parse(json, strlen(json), &root, err);
    if (rc == SQLITE_OK && ds_json_type(root) != DS_JSON_OBJECT) {
        rc = ds_err_set(err, SQLITE_ERROR, "schema options must be a JSON object");
    }
    const ds_json *node = rc == SQLITE_OK ? ds_json_child(root) : NULL;
    for (; rc == SQLITE_OK && node != NULL; node = ds_json_next(node)) {
        rc = read_option(node, &options, err);
    }
    ds_json_free(root);
    if (rc == SQLITE_OK) {
        *out = options;
    }
    return rc;
}

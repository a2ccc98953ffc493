/*
** datastore_diagram.
*/
#include "func/func_int.h"

#include <string.h>

/* In the order of ds_diagram. */
static const char *const formats[] = {"mermaid", "dot"};

static int read_format(sqlite3_value *value, ds_diagram *out, ds_err *err) {
    const char *name = NULL;
    int rc = ds_func_text(value, &name, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (size_t i = 0; name != NULL && i < DS_COUNT(formats); i++) {
        if (strcmp(name, formats[i]) == 0) {
            *out = (ds_diagram)i;
            return SQLITE_OK;
        }
    }
    const char *nearest = name ? ds_text_nearest(name, formats, DS_COUNT(formats)) : NULL;
    return nearest
               ? ds_err_set(err, SQLITE_ERROR,
                            "unknown diagram format \"%s\" (did you mean \"%s\"?)", name,
                            nearest)
               : ds_err_set(err, SQLITE_ERROR,
                            "unknown diagram format %Q, known are mermaid and dot", name);
}

void ds_func_diagram(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_diagram format = DS_DIAGRAM_MERMAID;
    ds_err err = DS_ERR_INIT;
    int rc = argc > 0 ? read_format(argv[0], &format, &err) : SQLITE_OK;
    rc = rc ? rc : ds_func_refresh(store, &err);
    if (rc != SQLITE_OK) {
        ds_func_fail(context, &err);
    } else if (store->catalog != NULL) {
        ds_buf out;
        ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
        ds_catalog_diagram(store->catalog, format, &out);
        (void)ds_func_result(context, &out);
        ds_buf_done(&out);
    }
}

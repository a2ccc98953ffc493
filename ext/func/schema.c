/*
** datastore_schema and datastore_introspect.
*/
#include "func/func_int.h"

#include <string.h>

#define SAVEPOINT "datastore_schema"

/* {"models":[…],"added":[…],"changed":[],"removed":[]} */
static void add_summary(ds_buf *out, const ds_catalog *catalog, ds_install what) {
    static const char *const names[] = {"models", "added"};
    for (size_t list = 0; list < DS_COUNT(names); list++) {
        ds_buf_addf(out, "%s\"%s\":[", list ? "," : "{", names[list]);
        int n = list == 0 || what == DS_INSTALL_NEW ? catalog->n_models : 0;
        for (int i = 0; i < n; i++) {
            ds_buf_add(out, i ? "," : "");
            ds_buf_add_json(out, catalog->models[i].name,
                            strlen(catalog->models[i].name));
        }
        ds_buf_add(out, "]");
    }
    ds_buf_add(out, ",\"changed\":[],\"removed\":[]}");
}

static int install(ds_store *store, const char *sdl, size_t length, const char *options,
                   ds_buf *out, ds_err *err) {
    ds_install what = DS_INSTALL_SAME;
    int rc = ds_store_install(store, sdl, length, options, &what, err);
    if (rc == SQLITE_OK && what == DS_INSTALL_NEW) {
        rc = ds_table_declare(store, err);
    }
    if (rc == SQLITE_OK) {
        add_summary(out, store->catalog, what);
    }
    return rc;
}

/* In one transaction, or a savepoint of the caller's. */
static int install_safely(ds_store *store, const char *sdl, size_t length,
                          const char *options, ds_buf *out, ds_err *err) {
    int rc = ds_store_savepoint(store, SAVEPOINT, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    store->is_installing = true;
    rc = install(store, sdl, length, options, out, err);
    store->is_installing = false;
    if (rc == SQLITE_OK) {
        rc = ds_store_keep(store, SAVEPOINT, err);
    }
    if (rc != SQLITE_OK) {
        ds_store_undo(store, SAVEPOINT);
        (void)!ds_store_refresh(store, NULL, NULL); /* back to the file's catalog */
    }
    return rc;
}

static int write_schema(sqlite3_context *context, int argc, sqlite3_value **argv,
                        ds_buf *out, ds_err *err) {
    ds_store *store = ds_func_store(context);
    const char *sdl = NULL, *options = NULL;
    int rc = ds_func_guard(store, "datastore_schema", true, err);
    if (rc == SQLITE_OK) {
        rc = ds_func_text(argv[0], &sdl, err);
    }
    if (rc == SQLITE_OK && argc > 1) {
        rc = ds_func_text(argv[1], &options, err);
    }
    if (rc == SQLITE_OK && sdl == NULL) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "datastore_schema needs the schema as text (is the file there?)");
    }
    if (rc == SQLITE_OK) {
        rc = ds_func_refresh(store, err);
    }
    if (rc == SQLITE_OK) {
        rc = install_safely(store, sdl, (size_t)sqlite3_value_bytes(argv[0]),
                            options ? options : "{}", out, err);
    }
    return rc;
}

static void read_schema(sqlite3_context *context, ds_store *store) {
    char *sdl = NULL;
    ds_err err = DS_ERR_INIT;
    if (ds_store_sdl(store, &sdl, &err) != SQLITE_OK) {
        ds_func_fail(context, &err);
    } else if (sdl != NULL) {
        sqlite3_result_text(context, sdl, -1, sqlite3_free);
    }
}

void ds_func_schema(sqlite3_context *context, int argc, sqlite3_value **argv) {
    if (argc == 0) {
        read_schema(context, ds_func_store(context));
        return;
    }
    ds_err err = DS_ERR_INIT;
    ds_buf out;
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    if (write_schema(context, argc, argv, &out, &err) == SQLITE_OK) {
        ds_func_json(context, &out);
    } else {
        ds_func_fail(context, &err);
    }
    ds_buf_done(&out);
}

void ds_func_introspect(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    int rc = ds_func_refresh(store, &err);
    if (rc != SQLITE_OK) {
        ds_func_fail(context, &err);
    } else if (store->catalog != NULL) {
        ds_buf out;
        ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
        ds_catalog_introspect(store->catalog, &out);
        ds_func_json(context, &out);
        ds_buf_done(&out);
    }
}

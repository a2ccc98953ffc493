/*
** datastore_schema and datastore_introspect.
*/
#include "func/func_int.h"

#include <string.h>

/* A list of model names under `name`. */
static void begin_list(ds_buf *out, const char *name, bool is_first) {
    ds_buf_addf(out, "%s\"%s\":[", is_first ? "{" : "],", name);
}

static void add_name(ds_buf *out, const ds_model *model, int *n) {
    ds_buf_add(out, (*n)++ ? "," : "");
    ds_buf_add_json(out, model->name, strlen(model->name));
}

/* The models of one fate; all of them for SAME. */
static void add_models(ds_buf *out, const ds_installation *in, ds_fate fate) {
    int n = 0;
    for (int i = 0; i < in->catalog->n_models; i++) {
        if (fate == DS_FATE_SAME || in->fates[i] == fate) {
            add_name(out, &in->catalog->models[i], &n);
        }
    }
}

/* {"models":[…],"added":[…],"changed":[…],"removed":[…]} */
static void add_summary(ds_buf *out, const ds_installation *in) {
    int n = 0;
    begin_list(out, "models", true);
    add_models(out, in, DS_FATE_SAME);
    begin_list(out, "added", false);
    add_models(out, in, DS_FATE_ADDED);
    begin_list(out, "changed", false);
    add_models(out, in, DS_FATE_CHANGED);
    begin_list(out, "removed", false);
    for (int i = 0; in->old != NULL && i < in->old->n_models; i++) {
        if (ds_catalog_model(in->catalog, in->old->models[i].name) == NULL) {
            add_name(out, &in->old->models[i], &n);
        }
    }
    ds_buf_add(out, "]}");
}

/* ---- installing ------------------------------------------------------------------------------ */

/* A schema on its way in: the arguments, and the answer. */
typedef struct request {
    const char *sdl;
    size_t length;
    const char *options;
    ds_buf *out;
} request;

static int install(ds_store *store, const ds_installation *in, ds_err *err) {
    int rc = SQLITE_OK;
    if (in->is_same) {
        rc = ds_install_switch(store, in, err);
        return rc ? rc : ds_table_declare(store, err);
    }
    rc = ds_install_alter(store, in, err);
    rc = rc ? rc : ds_feed_forget(store, err);
    rc = rc ? rc : ds_table_drop(store, err);
    rc = rc ? rc : ds_install_switch(store, in, err);
    rc = rc ? rc : ds_feed_migrated(store, in, err);
    rc = rc ? rc : ds_table_declare(store, err);
    return rc ? rc : ds_install_check_uses(store, in, err);
}

/* Is the very same schema installed, with all that belongs to it? */
static int is_complete(ds_store *store, const ds_installation *in, bool *out,
                       ds_err *err) {
    int rc = ds_install_is_stored(store, in, out, err);
    rc = rc || !*out ? rc : ds_operations_are_stored(store, out, err);
    return rc || !*out ? rc : ds_table_are_declared(store, out, err);
}

/* Compare with the file as it is now, and install unless `done` says that there is nothing to
** do: then the summary is written. NULL: install in any case. */
static int compare_and_install(ds_store *store, const request *r, bool *done,
                               ds_err *err) {
    ds_installation in = {0};
    int rc = ds_func_refresh(store, err);
    rc = rc ? rc : ds_install_begin(store, r->sdl, r->length, r->options, &in, err);
    if (rc == SQLITE_OK && done != NULL && in.is_same) {
        rc = is_complete(store, &in, done, err);
    } else if (rc == SQLITE_OK && done == NULL) {
        store->is_installing = true;
        rc = install(store, &in, err);
        store->is_installing = false;
        rc = rc ? rc : ds_operations_put(store, !in.is_same, err);
    }
    if (rc == SQLITE_OK && (done == NULL || *done)) {
        add_summary(r->out, &in);
        rc = r->out->rc ? ds_err_nomem(err) : SQLITE_OK;
    }
    ds_install_done(&in);
    return rc;
}

/* SQLite drops no table while a statement reads the file, and the reader may be the very
** statement that called us. */
static void explain_lock(ds_err *err) {
    if ((err->code & 0xff) == SQLITE_LOCKED) {
        int code = err->code;
        *err = (ds_err)DS_ERR_INIT;
        (void)ds_err_set(
            err, code,
            "datastore_schema cannot change tables while a statement reads from "
            "the file: call it in a SELECT without FROM");
    }
}

/* In one transaction, or a savepoint of the caller's. The file is ours before the schema in it
** is looked at: two programs may start at once. */
static int install_locked(ds_store *store, const request *r, ds_err *err) {
    ds_savepoint savepoint;
    int rc = ds_store_savepoint(store, true, &savepoint, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = compare_and_install(store, r, NULL, err);
    if (rc == SQLITE_OK) {
        return ds_store_keep(&savepoint, err);
    }
    ds_store_undo(&savepoint);
    return rc;
}

/* Programs install their schema at every start: the very same one must not lock the file, nor
** wait for who has. Another one is compared again under the lock. */
static int install_safely(ds_store *store, const request *r, ds_err *err) {
    bool done = false;
    int rc = compare_and_install(store, r, &done, err);
    if (rc != SQLITE_OK || done) {
        return rc;
    }
    rc = install_locked(store, r, err);
    if (rc != SQLITE_OK) {
        explain_lock(err);
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
        const request r = {sdl, (size_t)sqlite3_value_bytes(argv[0]),
                           options ? options : "{}", out};
        rc = install_safely(store, &r, err);
    }
    return rc;
}

static void read_schema(sqlite3_context *context, ds_store *store) {
    char *sdl = NULL;
    ds_err err = DS_ERR_INIT;
    /* It reads the file's schema: the connection may as well know its models then. */
    if (ds_func_refresh(store, &err) != SQLITE_OK ||
        ds_store_sdl(store, &sdl, &err) != SQLITE_OK) {
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

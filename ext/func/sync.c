/*
** datastore_sync([options]): one cycle, here and now. A background engine of this process steps aside.
*/
#include "func/func_int.h"

#include <string.h>

typedef struct request {
    ds_json *root;
    const char **models;
    ds_cycle_options options;
} request;

static int refuse(const char *name, const char *expected, ds_err *err) {
    return ds_err_set(err, SQLITE_ERROR, "option \"%s\" must be %s", name, expected);
}

static int read_flag(const ds_json *node, const char *name, bool *out, ds_err *err) {
    if (ds_json_type(node) != DS_JSON_BOOLEAN) {
        return refuse(name, "true or false", err);
    }
    *out = ds_json_boolean(node);
    return SQLITE_OK;
}

static int read_models(const ds_json *node, request *out, ds_err *err) {
    bool is_list = ds_json_type(node) == DS_JSON_LIST;
    size_t n = is_list ? ds_json_count(node) : 0;
    if (n == 0 || n > DS_MAX_MODELS) {
        return refuse("models", "a list of model names", err);
    }
    out->models = sqlite3_malloc64(n * sizeof *out->models);
    if (out->models == NULL) {
        return ds_err_nomem(err);
    }
    for (const ds_json *m = ds_json_child(node); m != NULL; m = ds_json_next(m)) {
        const char *name = ds_json_string(m);
        if (name == NULL) {
            return refuse("models", "a list of model names", err);
        }
        out->models[out->options.n_models++] = name;
    }
    out->options.models = out->models;
    return SQLITE_OK;
}

static int read_timeout(const ds_json *node, request *out, ds_err *err) {
    if (!ds_json_integer(node, &out->options.timeout_ms) || out->options.timeout_ms < 1) {
        return refuse("timeoutMs", "a positive number of milliseconds", err);
    }
    return SQLITE_OK;
}

static int read_progress(const ds_json *node, request *out, ds_err *err) {
    const char *where = ds_json_string(node);
    if (where == NULL || strcmp(where, "stderr") != 0) {
        return refuse("progress", "\"stderr\"", err);
    }
    out->options.has_progress = true;
    return SQLITE_OK;
}

static int read_option(const ds_json *node, request *out, ds_err *err) {
    static const char *const known[] = {"full", "models",    "pull",
                                        "push", "timeoutMs", "progress"};
    const char *name = ds_json_name(node);
    if (strcmp(name, "full") == 0) {
        return read_flag(node, name, &out->options.is_full, err);
    }
    if (strcmp(name, "pull") == 0) {
        return read_flag(node, name, &out->options.pull, err);
    }
    if (strcmp(name, "push") == 0) {
        return read_flag(node, name, &out->options.push, err);
    }
    if (strcmp(name, "models") == 0) {
        return read_models(node, out, err);
    }
    if (strcmp(name, "timeoutMs") == 0) {
        return read_timeout(node, out, err);
    }
    if (strcmp(name, "progress") == 0) {
        return read_progress(node, out, err);
    }
    const char *nearest = ds_text_nearest(name, known, DS_COUNT(known));
    return nearest
               ? ds_err_set(err, SQLITE_ERROR,
                            "unknown option \"%s\" (did you mean \"%s\"?)", name, nearest)
               : ds_err_set(err, SQLITE_ERROR,
                            "unknown option \"%s\", known are full, models, pull, push, "
                            "timeoutMs, progress",
                            name);
}

static int read_options(sqlite3_value *value, request *out, ds_err *err) {
    *out = (request){.options = {.pull = true, .push = true}};
    if (value == NULL || sqlite3_value_type(value) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    int rc = ds_func_object(value, "the options", &out->root, err);
    for (const ds_json *node = rc ? NULL : ds_json_child(out->root);
         rc == SQLITE_OK && node != NULL; node = ds_json_next(node)) {
        rc = read_option(node, out, err);
    }
    return rc;
}

static int check_transaction(sqlite3 *db, ds_err *err) {
    return sqlite3_get_autocommit(db)
               ? SQLITE_OK
               : ds_err_set(
                     err, SQLITE_ERROR,
                     "datastore_sync cannot run inside a transaction: COMMIT first");
}

static int check_models(ds_store *store, const request *r, ds_err *err) {
    const ds_model *model = NULL;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < r->options.n_models; i++) {
        rc = ds_func_model(store, r->models[i], &model, err);
    }
    return rc;
}

void ds_func_sync(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_context *own = ds_func_context(context);
    ds_err err = DS_ERR_INIT;
    ds_buf summary;
    request r;
    ds_buf_init(&summary, DS_MAX_OUTPUT_BYTES);
    int rc = read_options(argc > 0 ? argv[0] : NULL, &r, &err);
    rc = rc ? rc : ds_func_guard(own->store, "datastore_sync", true, &err);
    rc = rc ? rc : check_transaction(own->store->db, &err);
    rc = rc ? rc : check_models(own->store, &r, &err);
    if (rc == SQLITE_OK) {
        if (own->owner[0] == '\0') {
            ds_lease_name(own->owner);
        }
        r.options.owner = own->owner;
        ds_background_pause(own->place);
        rc =
            ds_run_cycle(own->place, own->store, own->config, &r.options, &summary, &err);
        ds_background_resume(own->place);
    }
    if (rc == SQLITE_OK) {
        ds_func_json(context, &summary);
    } else {
        ds_func_fail(context, &err);
    }
    ds_buf_done(&summary);
    sqlite3_free(r.models);
    ds_json_free(r.root);
}

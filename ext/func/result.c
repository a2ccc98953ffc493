/*
** Arguments, guards and results that the functions share.
*/
#include "func/func_int.h"

#include <string.h>

ds_context *ds_func_context(sqlite3_context *context) {
    return sqlite3_user_data(context);
}

ds_store *ds_func_store(sqlite3_context *context) {
    return ds_func_context(context)->store;
}

void ds_func_fail(sqlite3_context *context, const ds_err *err) {
    static const char prefix[] = "datastore: ";
    bool is_plain = (err->code & 0xff) == SQLITE_CONSTRAINT ||
                    strncmp(err->text, prefix, sizeof prefix - 1) == 0;
    char *text = sqlite3_mprintf("%s%s", is_plain ? "" : prefix, err->text);
    if (text == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, text, -1);
    sqlite3_result_error_code(context, err->code);
    sqlite3_free(text);
}

int ds_func_result(sqlite3_context *context, ds_buf *buf) {
    char *text = NULL;
    size_t length = buf->length;
    int rc = ds_buf_take(buf, &text);
    if (rc == SQLITE_OK) {
        sqlite3_result_text64(context, text, length, sqlite3_free, SQLITE_UTF8);
    } else {
        sqlite3_result_error_code(context, rc);
    }
    return rc;
}

void ds_func_json(sqlite3_context *context, ds_buf *buf) {
    if (ds_func_result(context, buf) == SQLITE_OK) {
        sqlite3_result_subtype(context, 'J');
    }
}

int ds_func_refresh(ds_store *store, ds_err *err) {
    int rc = ds_store_refresh(store, NULL, err);
    return rc == SQLITE_OK ? ds_table_modules(store, err) : rc;
}

const char *ds_func_nearer(const char *name, const char *best, const char *candidate) {
    const char *pair[] = {best ? best : candidate, candidate};
    const char *nearest = ds_text_nearest(name, pair, DS_COUNT(pair));
    return nearest ? nearest : best;
}

static const char *nearest_model(const ds_catalog *catalog, const char *name) {
    const char *best = NULL;
    for (int i = 0; i < catalog->n_models; i++) {
        best = ds_func_nearer(name, best, catalog->models[i].name);
    }
    return best;
}

int ds_func_installed(ds_store *store, ds_err *err) {
    int rc = ds_func_refresh(store, err);
    return rc || store->catalog
               ? rc
               : ds_err_set(err, SQLITE_ERROR,
                            "no schema is installed: call datastore_schema(sdl) first");
}

int ds_func_model(ds_store *store, const char *name, const ds_model **out, ds_err *err) {
    int rc = ds_func_installed(store, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (name == NULL) {
        return ds_err_set(err, SQLITE_ERROR, "the model must be given by name");
    }
    *out = ds_catalog_model(store->catalog, name);
    if (*out != NULL) {
        return SQLITE_OK;
    }
    const char *nearest = nearest_model(store->catalog, name);
    return nearest
               ? ds_err_set(err, SQLITE_ERROR,
                            "unknown model \"%s\" (did you mean \"%s\"?)", name, nearest)
               : ds_err_set(err, SQLITE_ERROR, "unknown model \"%s\"", name);
}

int ds_func_guard(ds_store *store, const char *name, bool alone, ds_err *err) {
    int busy = 0;
    sqlite3_stmt *s = NULL;
    while ((s = sqlite3_next_stmt(store->db, s)) != NULL) {
        if (!sqlite3_stmt_busy(s)) {
            continue;
        }
        busy++;
        if (!sqlite3_stmt_readonly(s)) {
            return ds_err_set(err, SQLITE_ERROR,
                              "%s cannot run inside a statement that writes: call it in "
                              "a SELECT of its own",
                              name);
        }
    }
    if (alone && busy > 1) {
        return ds_err_set(err, SQLITE_ERROR,
                          "%s cannot run while another statement of this connection is "
                          "busy: finish or reset it first",
                          name);
    }
    return SQLITE_OK;
}

int ds_func_text(sqlite3_value *value, const char **out, ds_err *err) {
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        *out = NULL;
        return SQLITE_OK;
    }
    *out = (const char *)sqlite3_value_text(value);
    return *out ? SQLITE_OK : ds_err_nomem(err);
}

bool ds_func_is_object(const char *text) {
    return text[strspn(text, " \t\r\n")] == '{';
}

int ds_func_object(sqlite3_value *value, const char *what, ds_json **out, ds_err *err) {
    const char *text = NULL;
    ds_err inner = DS_ERR_INIT;
    *out = NULL;
    int rc = ds_func_text(value, &text, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (text == NULL) {
        return ds_err_set(err, SQLITE_ERROR, "%s: expected a JSON object, found NULL",
                          what);
    }
    rc = ds_json_parse(text, (size_t)sqlite3_value_bytes(value), out, &inner);
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if (rc != SQLITE_OK) {
        return ds_err_set(err, rc, "%s: %s", what, inner.text);
    }
    if (ds_json_type(*out) != DS_JSON_OBJECT) {
        rc = ds_err_set(err, SQLITE_ERROR, "%s: expected a JSON object, found %s", what,
                        ds_json_type_name(*out));
        ds_json_free(*out);
        *out = NULL;
    }
    return rc;
}

int ds_func_option(sqlite3_value *value, const char *name, bool *out, ds_err *err) {
    ds_json *options = NULL;
    *out = false;
    if (value == NULL || sqlite3_value_type(value) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    int rc = ds_func_object(value, "options", &options, err);
    for (const ds_json *m = rc == SQLITE_OK ? ds_json_child(options) : NULL;
         rc == SQLITE_OK && m != NULL; m = ds_json_next(m)) {
        if (strcmp(ds_json_name(m), name) != 0) {
            rc = ds_err_set(err, SQLITE_ERROR,
                            "options: unknown option \"%s\" (there is \"%s\")",
                            ds_json_name(m), name);
        } else if (ds_json_type(m) != DS_JSON_BOOLEAN) {
            rc = ds_err_set(err, SQLITE_ERROR, "options: \"%s\" must be true or false",
                            name);
        } else {
            *out = ds_json_boolean(m);
        }
    }
    ds_json_free(options);
    return rc;
}

int ds_func_filter(const ds_model *model, sqlite3_value *value, ds_filter **out,
                   ds_err *err) {
    const char *text = NULL;
    *out = NULL;
    int rc = ds_func_text(value, &text, err);
    return rc != SQLITE_OK || text == NULL
               ? rc
               : ds_filter_parse(model, text, (size_t)sqlite3_value_bytes(value), out,
                                 err);
}

int ds_func_prepare(ds_store *store, ds_buf *sql, sqlite3_stmt **out, ds_err *err) {
    *out = NULL;
    int rc = sql->rc;
    if (rc == SQLITE_TOOBIG) {
        (void)ds_err_set(err, rc, "the statement is longer than %d bytes",
                         DS_MAX_SQL_BYTES);
    } else if (rc != SQLITE_OK) {
        (void)ds_err_nomem(err);
    } else {
        rc = ds_store_prepare(store, ds_buf_text(sql), 0, out, err);
    }
    ds_buf_done(sql);
    return rc;
}

int ds_func_run(ds_store *store, sqlite3_stmt *statement, ds_err *err) {
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    int rc = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

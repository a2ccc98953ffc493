/*
** Registers the modules: the generic one, and one per model under the model's name.
*/
#include "table/table_int.h"

#include <string.h>

static void release_store(void *store) {
    ds_store_release(store);
}

static int register_module(ds_store *store, const char *name, ds_err *err) {
    ds_store_retain(store);
    /* On failure SQLite has called release_store already. */
    int rc =
        sqlite3_create_module_v2(store->db, name, &ds_table_module, store, release_store);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

static bool is_ours(const ds_store *store, const char *name) {
    for (int i = 0; i < store->n_modules; i++) {
        if (ds_text_iequal(store->modules[i], name)) {
            return true;
        }
    }
    return false;
}

/* Register a module and keep its name in mind: both or none. */
static int register_own(ds_store *store, const char *name, ds_err *err) {
    size_t n = (size_t)store->n_modules + 1;
    char **modules = sqlite3_realloc64(store->modules, n * sizeof *modules);
    char *copy = sqlite3_mprintf("%s", name);
    store->modules = modules ? modules : store->modules;
    if (modules == NULL || copy == NULL) {
        sqlite3_free(copy);
        return ds_err_nomem(err);
    }
    int rc = register_module(store, name, err);
    if (rc == SQLITE_OK) {
        store->modules[store->n_modules++] = copy;
    } else {
        sqlite3_free(copy);
    }
    return rc;
}

/* Is there a module of that name (rtree, fts5, the host's own)? */
static int is_taken(sqlite3_stmt *find, const char *name, bool *out) {
    sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
    *out = sqlite3_step(find) == SQLITE_ROW;
    return sqlite3_reset(find);
}

static int register_model(ds_store *store, sqlite3_stmt *find, const char *name,
                          ds_err *err) {
    bool taken = false;
    if (is_ours(store, name)) {
        return SQLITE_OK;
    }
    int rc = is_taken(find, name, &taken);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    return taken ? SQLITE_OK : register_own(store, name, err);
}

int ds_table_modules(ds_store *store, ds_err *err) {
    if (store->catalog == NULL || store->modules_generation == store->generation) {
        return SQLITE_OK;
    }
    sqlite3_stmt *find = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_MODULES, &find, err);
    for (int i = 0; rc == SQLITE_OK && i < store->catalog->n_models; i++) {
        rc = register_model(store, find, store->catalog->models[i].name, err);
    }
    sqlite3_finalize(find);
    if (rc == SQLITE_OK) {
        store->modules_generation = store->generation;
    }
    return rc;
}

int ds_table_register(ds_store *store, ds_err *err) {
    int rc = sqlite3_create_module(store->db, "datastore_key", &ds_key_module, NULL);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    rc = register_module(store, "datastore", err);
    return rc == SQLITE_OK ? ds_table_modules(store, err) : rc;
}

void ds_table_unregister(ds_store *store) {
    while (store->n_modules > 0) {
        char *name = store->modules[--store->n_modules];
        (void)sqlite3_create_module_v2(store->db, name, NULL, NULL, NULL);
        sqlite3_free(name);
    }
    (void)sqlite3_create_module_v2(store->db, "datastore", NULL, NULL, NULL);
}

int ds_table_drop(ds_store *store, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; store->catalog && rc == SQLITE_OK && i < store->catalog->n_models;
         i++) {
        char *sql = sqlite3_mprintf("DROP TABLE IF EXISTS main.\"%w\"",
                                    store->catalog->models[i].name);
        rc = sql ? ds_store_exec(store, sql, err) : ds_err_nomem(err);
        sqlite3_free(sql);
    }
    return rc;
}

int ds_table_are_declared(ds_store *store, bool *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_IS_UNDECLARED, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    *out = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) == 0;
    rc = sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_table_declare(ds_store *store, ds_err *err) {
    int rc = ds_table_modules(store, err);
    for (int i = 0; rc == SQLITE_OK && i < store->catalog->n_models; i++) {
        const ds_model *model = &store->catalog->models[i];
        ds_buf sql;
        ds_buf_init(&sql, DS_MAX_SQL_BYTES);
        ds_store_add_virtual(&sql, model, is_ours(store, model->name));
        rc = sql.rc ? ds_err_nomem(err) : ds_store_exec(store, ds_buf_text(&sql), err);
        ds_buf_done(&sql);
    }
    return rc;
}

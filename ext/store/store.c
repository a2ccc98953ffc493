/*
** The life of a ds_store, and how its catalog follows the file.
*/
#include "store/store_int.h"

#include <string.h>

int ds_store_new(sqlite3 *db, ds_store **out) {
    ds_store *store = sqlite3_malloc64(sizeof *store);
    if (store == NULL) {
        return SQLITE_NOMEM;
    }
    memset(store, 0, sizeof *store);
    store->db = db;
    store->references = 1;
    store->last_type = SQLITE_NULL;
    ds_buf_init(&store->last_text, DS_MAX_OUTPUT_BYTES);
    *out = store;
    return SQLITE_OK;
}

void ds_store_retain(ds_store *store) {
    store->references++;
}

void ds_store_release(ds_store *store) {
    if (store == NULL || --store->references > 0) {
        return;
    }
    ds_catalog_release(store->catalog);
    sqlite3_free(store->numbers);
    ds_buf_done(&store->last_text);
    for (int i = 0; i < store->n_modules; i++) {
        sqlite3_free(store->modules[i]);
    }
    sqlite3_free(store->modules);
    sqlite3_free(store);
}

/* What datastore_meta says, if there is one. `sdl` and `options` are owned. The statement is
** on the row until meta_done: what is read meanwhile is of the same moment, also when another
** program changes the schema right now. */
typedef struct meta {
    bool exists;
    sqlite3_stmt *statement;
    int64_t format;
    int64_t generation;
    char *sdl;
    char *options;
} meta;

static void meta_done(meta *m) {
    sqlite3_finalize(m->statement);
    sqlite3_free(m->sdl);
    sqlite3_free(m->options);
}

static char *column_copy(sqlite3_stmt *statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        return sqlite3_mprintf("%s", ""); /* somebody's own table: not readable either */
    }
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? sqlite3_mprintf("%s", text) : NULL;
}

/* The schema that SQLite holds answers at once. It may be older than the file: only a no is worth
** reading all of sqlite_schema. */
int ds_store_has_meta(ds_store *store, bool *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_table_column_metadata(store->db, "main", "datastore_meta", NULL, NULL,
                                      NULL, NULL, NULL, NULL) == SQLITE_OK) {
        *out = true;
        return SQLITE_OK;
    }
    int rc = ds_store_prepare_named(store, DS_SQL_META_EXISTS, &statement, err);
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
        *out = sqlite3_column_int(statement, 0) != 0;
        rc = sqlite3_finalize(statement);
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    return rc;
}

/* Read the one row. A file without a schema reads as generation 0. The texts are copied
** only when the generation is not `known`. */
static int meta_read(ds_store *store, int64_t known, meta *out, ds_err *err) {
    memset(out, 0, sizeof *out);
    bool exists = false;
    int rc = ds_store_has_meta(store, &exists, err);
    if (rc != SQLITE_OK || !exists) {
        return rc;
    }
    ds_err why = DS_ERR_INIT;
    rc = ds_store_prepare_named(store, DS_SQL_META_READ, &out->statement, &why);
    if (rc != SQLITE_OK) {
        return ds_err_set(err, rc, "datastore_meta cannot be read: %s", why.text);
    }
    out->exists = true;
    rc = sqlite3_step(out->statement);
    if (rc != SQLITE_ROW) {
        rc = sqlite3_reset(out->statement);
        return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    out->format = sqlite3_column_int64(out->statement, 0);
    out->generation = sqlite3_column_int64(out->statement, 1);
    if (out->generation != known) {
        out->sdl = column_copy(out->statement, 2);
        out->options = column_copy(out->statement, 3);
    }
    return SQLITE_OK;
}

void ds_store_put_catalog(ds_store *store, ds_catalog *catalog, ds_numbers *numbers,
                          int64_t generation) {
    ds_catalog_release(store->catalog);
    sqlite3_free(store->numbers);
    store->catalog = catalog;
    store->numbers = numbers;
    store->generation = generation;
}

static int load(ds_store *store, const meta *m, ds_err *err) {
    ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    ds_catalog *catalog = NULL;
    ds_numbers *numbers = NULL;
    if (m->sdl == NULL || m->options == NULL) {
        return ds_err_nomem(err);
    }
    ds_err why = DS_ERR_INIT;
    int rc = ds_options_parse(m->options, &options, &why);
    if (rc == SQLITE_OK) {
        rc = ds_catalog_build(m->sdl, strlen(m->sdl), &options, &catalog, &why);
    }
    if (rc == SQLITE_ERROR) {
        rc = ds_err_set(err, SQLITE_CORRUPT,
                        "the schema stored in datastore_meta is damaged: %s", why.text);
    } else if (rc != SQLITE_OK) {
        rc = ds_err_set(err, rc, "%s", why.text);
    } else {
        rc = ds_numbers_read(store, catalog, &numbers, err);
    }
    if (rc == SQLITE_OK) {
        ds_store_put_catalog(store, catalog, numbers, m->generation);
    } else {
        ds_catalog_release(catalog);
    }
    return rc;
}

/* Is it ours, and of a format that this build can use? Without its row all is 0. */
static int check_meta(const meta *m, ds_err *err) {
    if (m->format > DS_STORE_FORMAT) {
        return ds_err_set(err, SQLITE_ERROR,
                          "the file has format %lld, this build knows up to %d: "
                          "load a newer datastore",
                          m->format, DS_STORE_FORMAT);
    }
    return !m->exists || (m->format > 0 && m->generation != 0)
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_CORRUPT,
                            "datastore_meta is damaged: format %lld, generation %lld",
                            m->format, m->generation);
}

int ds_store_refresh(ds_store *store, bool *changed, ds_err *err) {
    meta m;
    if (changed != NULL) {
        *changed = false;
    }
    if (store->is_installing) {
        return SQLITE_OK;
    }
    int rc = meta_read(store, store->generation, &m, err);
    rc = rc ? rc : check_meta(&m, err);
    if (rc == SQLITE_OK && m.generation == 0 && store->catalog != NULL) {
        ds_store_put_catalog(store, NULL, NULL, 0);
    } else if (rc == SQLITE_OK && m.generation != store->generation) {
        rc = load(store, &m, err);
        if (changed != NULL) {
            *changed = rc == SQLITE_OK;
        }
    }
    meta_done(&m);
    return rc;
}

int ds_store_sdl(ds_store *store, char **out, ds_err *err) {
    meta m;
    int rc = meta_read(store, 0, &m, err);
    if (rc == SQLITE_OK && m.generation != 0 && m.sdl == NULL) {
        rc = ds_err_nomem(err);
    }
    if (rc == SQLITE_OK) {
        *out = m.sdl;
        m.sdl = NULL;
    }
    meta_done(&m);
    return rc;
}

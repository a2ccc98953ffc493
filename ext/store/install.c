/*
** Installs a schema into the file: compares, creates or alters tables, then writes triggers and
** metadata under the new catalog.
*/
#include "store/store_int.h"

#include <string.h>

/* ---- begin ---------------------------------------------------------------------------------- */

/* Do both catalogs come from the same schema, whatever its layout and comments? */
static int is_same(const ds_catalog *a, const ds_catalog *b, bool *out) {
    ds_buf left, right;
    ds_buf_init(&left, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&right, DS_MAX_OUTPUT_BYTES);
    ds_sdl_print(a->document, &left);
    ds_sdl_print(b->document, &right);
    int rc = left.rc ? left.rc : right.rc;
    *out = strcmp(ds_buf_text(&left), ds_buf_text(&right)) == 0 &&
           a->is_imported == b->is_imported &&
           a->transformer_version == b->transformer_version &&
           a->options.respect_primary_key == b->options.respect_primary_key;
    ds_buf_done(&left);
    ds_buf_done(&right);
    return rc;
}

static int compare(ds_installation *in, ds_err *err) {
    const ds_catalog *catalog = in->catalog;
    int rc = in->old ? is_same(in->old, catalog, &in->is_same) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        const ds_model *old = in->old ? ds_catalog_model(in->old, model->name) : NULL;
        bool same_columns = true, same = true;
        if (old != NULL && !in->is_same) {
            rc = ds_diff_models(old, model, &same_columns, &same, err);
        }
        in->fates[i] = old == NULL ? DS_FATE_ADDED
                       : same      ? DS_FATE_SAME
                                   : DS_FATE_CHANGED;
    }
    return rc;
}

/* What is kept of amplify_outputs.json must not be its API key. */
static int extract(ds_installation *in, ds_err *err) {
    if (!ds_import_is_json(in->sdl, in->length)) {
        return SQLITE_OK;
    }
    int rc = ds_import_extract(in->sdl, in->length, &in->extracted, err);
    if (in->extracted != NULL) {
        in->sdl = in->extracted;
        in->length = strlen(in->extracted);
    }
    return rc;
}

int ds_install_begin(ds_store *store, const char *sdl, size_t length, const char *options,
                     ds_installation *out, ds_err *err) {
    ds_model_options parsed = DS_MODEL_OPTIONS_DEFAULT;
    *out = (ds_installation){.sdl = sdl, .length = length, .options = options};
    int rc = ds_options_parse(options, &parsed, err);
    rc = rc ? rc : extract(out, err);
    rc = rc ? rc : ds_catalog_build(out->sdl, out->length, &parsed, &out->catalog, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    out->fates =
        sqlite3_malloc64((uint64_t)out->catalog->n_models * sizeof *out->fates + 1);
    if (out->fates == NULL) {
        return ds_err_nomem(err);
    }
    if (store->catalog != NULL) {
        ds_catalog_retain(store->catalog);
        out->old = store->catalog;
    }
    return compare(out, err);
}

void ds_install_done(ds_installation *in) {
    ds_catalog_release(in->catalog);
    ds_catalog_release(in->old);
    sqlite3_free(in->extracted);
    sqlite3_free(in->fates);
}

int ds_install_is_stored(ds_store *store, const ds_installation *in, bool *out,
                         ds_err *err) {
    char *sdl = NULL;
    int rc = ds_store_sdl(store, &sdl, err);
    *out =
        sdl != NULL && strlen(sdl) == in->length && memcmp(sdl, in->sdl, in->length) == 0;
    sqlite3_free(sdl);
    return rc;
}

/* ---- alter ----------------------------------------------------------------------------------- */

int ds_install_alter(ds_store *store, const ds_installation *in, ds_err *err) {
    if (in->is_same) {
        return SQLITE_OK;
    }
    if (in->old != NULL) {
        return ds_migrate(store, in, err);
    }
    int rc = ds_store_exec(store, ds_sql_text(DS_SQL_META_CREATE), err);
    return rc ? rc : ds_store_exec(store, ds_sql_text(DS_SQL_FEED_CREATE), err);
}

/* ---- switch: what a model needs ---------------------------------------------------------------- */

/* Refuse a schema that needs the name of a table, view or index which is not ours. */
static int check_name(ds_store *store, const ds_model *model, ds_err *err) {
    sqlite3_stmt *taken = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_NAME_TAKEN, &taken, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(taken, 1, model->name, -1, SQLITE_STATIC);
    if (sqlite3_step(taken) == SQLITE_ROW) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "%s \"%s\" stands in the way of type %s: rename one of them",
                        (const char *)sqlite3_column_text(taken, 0),
                        (const char *)sqlite3_column_text(taken, 1), model->name);
    }
    int ended = sqlite3_finalize(taken);
    return rc != SQLITE_OK || ended == SQLITE_OK ? rc : ds_err_db(err, store->db, ended);
}

/* Run what was appended to `ddl` and end it. `what` it is, for messages. */
static int run(ds_store *store, const ds_model *model, const char *what, ds_buf *ddl,
               ds_err *err) {
    int rc = ddl->rc ? ds_err_set(err, ddl->rc, "the %s of %s: %s", what, model->name,
                                  sqlite3_errstr(ddl->rc))
                     : ds_store_exec(store, ds_buf_text(ddl), err);
    ds_buf_done(ddl);
    return rc;
}

static int add_model(ds_store *store, const ds_model *model, ds_err *err) {
    ds_buf ddl;
    int rc = check_name(store, model, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
    ds_ddl_tables(model, &ddl);
    rc = run(store, model, "tables", &ddl, err);
    return rc ? rc : ds_meta_add_model(store, model, err);
}

/* Those that are not there yet. */
static int create_indexes(ds_store *store, const ds_model *model, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_indexes; i++) {
        ds_buf ddl;
        ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
        ds_ddl_index(model, &model->indexes[i], &ddl);
        rc = run(store, model, "indexes", &ddl, err);
    }
    return rc;
}

static int create_triggers(ds_store *store, const ds_model *model, ds_err *err) {
    ds_buf ddl;
    ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
    ds_ddl_journal(store, model, &ddl);
    ds_ddl_cascade(store, model, &ddl);
    return run(store, model, "triggers", &ddl, err);
}

/* ---- switch ---------------------------------------------------------------------------------- */

/* A number that no other installation has: never 0, which means "none". */
static int64_t new_generation(void) {
    int64_t generation = 0;
    ds_env_random(&generation, (int)sizeof generation);
    return (generation & INT64_MAX) | 1;
}

static int create_all(ds_store *store, const ds_installation *in, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < in->catalog->n_models; i++) {
        if (in->fates[i] == DS_FATE_ADDED) {
            rc = add_model(store, &in->catalog->models[i], err);
        }
    }
    for (int i = 0; rc == SQLITE_OK && i < in->catalog->n_models; i++) {
        if (in->fates[i] != DS_FATE_SAME) {
            rc = create_indexes(store, &in->catalog->models[i], err);
        }
    }
    return rc ? rc : ds_meta_put_relations(store, in->catalog, err);
}

int ds_install_switch(ds_store *store, const ds_installation *in, ds_err *err) {
    ds_numbers *numbers = NULL;
    int64_t generation = in->is_same ? store->generation : new_generation();
    if (in->is_same) {
        return ds_meta_write(store, in, generation, err);
    }
    int rc = create_all(store, in, err);
    rc = rc ? rc : ds_numbers_read(store, in->catalog, &numbers, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_catalog_retain(in->catalog);
    ds_store_put_catalog(store, in->catalog, numbers, generation);
    for (int i = 0; rc == SQLITE_OK && i < in->catalog->n_models; i++) {
        rc = create_triggers(store, &in->catalog->models[i], err);
    }
    return rc ? rc : ds_meta_write(store, in, generation, err);
}

/* ---- what the user built on it --------------------------------------------------------------- */

int ds_install_check_uses(ds_store *store, const ds_installation *in, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    bool is_less = false;
    for (int i = 0; in->old != NULL && !is_less && i < in->old->n_models; i++) {
        const ds_model *old = &in->old->models[i];
        const ds_model *model = ds_catalog_model(in->catalog, old->name);
        is_less = model == NULL || ds_diff_is_less(old, model);
    }
    if (!is_less ||
        ds_store_exec(store, ds_sql_text(DS_SQL_MIGRATE_CHECK_USES), &why) == SQLITE_OK) {
        return SQLITE_OK;
    }
    return why.code == SQLITE_ERROR
               ? ds_err_set(err, why.code,
                            "something of yours needs what the schema no longer has: %s",
                            why.text)
               : ds_err_set(err, why.code, "%s", why.text);
}

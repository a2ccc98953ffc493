/*
** The life of an engine, and how its cycle begins.
*/
#include "sync/engine_int.h"

#include <string.h>

int ds_engine_text(char **at, const char *text, ds_err *err) {
    char *copy = text ? sqlite3_mprintf("%s", text) : NULL;
    if (text != NULL && copy == NULL) {
        return ds_err_nomem(err);
    }
    sqlite3_free(*at);
    *at = copy;
    return SQLITE_OK;
}

/* ---- making and freeing ------------------------------------------------------------------------- */

/* The names are kept: the catalog that they are of may change. */
static int copy_options(ds_engine *engine, const ds_engine_options *options,
                        ds_err *err) {
    size_t size = (size_t)options->n_models * sizeof *engine->names;
    engine->options = *options;
    engine->options.models = NULL;
    int rc = ds_engine_text(&engine->owner, options->owner, err);
    if (rc != SQLITE_OK || options->models == NULL) {
        return rc;
    }
    engine->names = sqlite3_malloc64(size + 1);
    if (engine->names == NULL) {
        return ds_err_nomem(err);
    }
    memset(engine->names, 0, size);
    for (int i = 0; rc == SQLITE_OK && i < options->n_models; i++) {
        rc = ds_engine_text(&engine->names[i], options->models[i], err);
    }
    return rc;
}

int ds_engine_new(ds_merger *merger, ds_config *config, const ds_engine_options *options,
                  ds_engine **out, ds_err *err) {
    ds_engine *engine = sqlite3_malloc64(sizeof *engine);
    if (engine == NULL) {
        return ds_err_nomem(err);
    }
    memset(engine, 0, sizeof *engine);
    engine->merger = merger;
    engine->config = config;
    ds_config_retain(config);
    engine->last_news = &engine->news;
    ds_buf_init(&engine->body, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&engine->variables, DS_MAX_OUTPUT_BYTES);
    engine->push.chunk = (int)ds_config_number(config, DS_CONFIG_PUSH_BATCH_SIZE);
    engine->push.is_over = !options->push;
    engine->n_modes = ds_config_modes(config, engine->modes);
    int rc = copy_options(engine, options, err);
    if (rc == SQLITE_OK && engine->n_modes == 0) {
        rc =
            ds_err_set(err, SQLITE_ERROR,
                       "configuration: no credential is set and no authMode: set apiKey, "
                       "authToken or accessKeyId with datastore_configure");
    }
    if (rc != SQLITE_OK) {
        ds_engine_free(engine);
        return rc;
    }
    *out = engine;
    return SQLITE_OK;
}

void ds_engine_drop_pullers(ds_engine *engine) {
    ds_live_done(engine);
    for (int i = 0; i < engine->n_pullers; i++) {
        ds_puller_done(&engine->pullers[i]);
    }
    sqlite3_free(engine->pullers);
    engine->pullers = NULL;
    engine->n_pullers = 0;
    engine->n_asked = 0;
}

void ds_engine_free(ds_engine *engine) {
    if (engine == NULL) {
        return;
    }
    ds_engine_drop_pullers(engine);
    ds_pusher_done(&engine->push);
    sqlite3_free(engine->push.error);
    for (int i = 0; engine->names != NULL && i < engine->options.n_models; i++) {
        sqlite3_free(engine->names[i]);
    }
    sqlite3_free(engine->names);
    sqlite3_free(engine->owner);
    sqlite3_free(engine->reason);
    ds_buf_done(&engine->body);
    ds_buf_done(&engine->variables);
    ds_config_release(engine->config);
    sqlite3_free(engine);
}

/* ---- begin -------------------------------------------------------------------------------------------------- */

static bool is_wanted(const ds_engine *engine, const ds_model *model) {
    bool found = engine->names == NULL;
    for (int i = 0; !found && i < engine->options.n_models; i++) {
        found = strcmp(engine->names[i], model->name) == 0;
    }
    return found && engine->options.pull &&
           ds_graphql_field(model, DS_GRAPHQL_SYNC) != NULL;
}

static int check_names(const ds_engine *engine, const ds_catalog *catalog, ds_err *err) {
    for (int i = 0; engine->names != NULL && i < engine->options.n_models; i++) {
        if (ds_catalog_model(catalog, engine->names[i]) == NULL) {
            return ds_err_set(err, SQLITE_ERROR, "unknown model \"%s\"",
                              engine->names[i]);
        }
    }
    return SQLITE_OK;
}

static void add_puller(ds_engine *engine, const ds_model *model) {
    engine->pullers[engine->n_pullers++] = (ds_puller){
        .model = model,
        .limit = (int)ds_config_number(engine->config, DS_CONFIG_SYNC_PAGE_SIZE)};
}

static int make_pullers(ds_engine *engine, const ds_catalog *catalog, ds_err *err) {
    size_t n = (size_t)catalog->n_models;
    int *order = sqlite3_malloc64(n * sizeof *order + 1);
    engine->pullers = sqlite3_malloc64(n * sizeof *engine->pullers + 1);
    if (order == NULL || engine->pullers == NULL) {
        sqlite3_free(order);
        return ds_err_nomem(err);
    }
    int rc = ds_engine_order(catalog, order, err);
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        const ds_model *model = &catalog->models[order[i]];
        if (is_wanted(engine, model)) {
            add_puller(engine, model);
        }
    }
    sqlite3_free(order);
    return rc;
}

int ds_engine_begin(ds_engine *engine, void *about, ds_err *err) {
    const ds_catalog *catalog =
        ds_records_store(ds_merger_records(engine->merger))->catalog;
    (void)about;
    int rc = check_names(engine, catalog, err);
    rc = rc ? rc : make_pullers(engine, catalog, err);
    if (rc == SQLITE_OK && engine->options.is_live) {
        rc = ds_live_begin(engine, err);
    }
    rc = rc ? rc : ds_outbox_recover(ds_merger_records(engine->merger), err);
    rc = rc ? rc : ds_puller_begin_due(engine, err);
    engine->has_begun = rc == SQLITE_OK;
    return rc;
}

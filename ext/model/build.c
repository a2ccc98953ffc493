/*
** From the text of a schema to its catalog: the order of the work, the catalog's life, and
** looking things up in it.
*/
#include "model/import_int.h"

int ds_build_memory(const ds_build *build) {
    return ds_arena_failed(build->arena) ? ds_err_nomem(build->err) : SQLITE_OK;
}

const char *ds_build_hint(const ds_build *build, const char *name,
                          const char *const *candidates, size_t count) {
    const char *nearest = ds_text_nearest(name, candidates, count);
    const char *hint = NULL;
    if (nearest != NULL) {
        hint = ds_arena_printf(build->arena, " (did you mean \"%s\"?)", nearest);
    }
    return hint ? hint : "";
}

/* ---- Building ----------------------------------------------------------------------------- */

static int read_version(ds_build *build) {
    ds_catalog *catalog = build->catalog;
    catalog->transformer_version = catalog->options.transformer_version;
    int rc = SQLITE_OK;
    if (!catalog->is_imported) {
        rc = ds_directive_version(build, &catalog->transformer_version);
    } else if (catalog->transformer_version == 0) {
        catalog->transformer_version = ds_import_version(catalog->document);
    }
    build->respects_key =
        catalog->transformer_version == 2 && catalog->options.respect_primary_key;
    return rc;
}

static int relate(ds_build *build) {
    if (build->catalog->is_imported) {
        return ds_association_read(build);
    }
    int rc = ds_link_check_ends(build);
    rc = rc ? rc : ds_key_read(build);
    if (build->catalog->transformer_version == 1) {
        rc = rc ? rc : ds_relation_v1(build);
    } else {
        rc = rc ? rc : ds_many_read(build);
        rc = rc ? rc : ds_relation_v2(build);
    }
    return rc ? rc : ds_key_check_names(build);
}

static int fill(ds_build *build) {
    ds_catalog *catalog = build->catalog;
    ds_map *by_name = ds_arena_alloc(build->arena, sizeof *by_name);
    if (by_name == NULL) {
        return ds_err_nomem(build->err);
    }
    ds_map_init(by_name, build->arena, false);
    for (int i = 0; i < build->n_models; i++) {
        ds_map_put(by_name, build->models[i].name, &build->models[i]);
    }
    catalog->models_by_name = by_name;
    catalog->n_models = build->n_models;
    int rc = ds_columns_fill(build);
    rc = rc ? rc : ds_index_fill(build);
    rc = rc ? rc : ds_operation_fill(build);
    rc = rc ? rc : ds_auth_fill(build);
    return rc ? rc : ds_cascade_fill(build);
}

static int build_all(ds_catalog *catalog, ds_err *err) {
    ds_build build = {.catalog = catalog, .arena = catalog->arena, .err = err};
    build.types_end = &build.types;
    ds_map_init(&build.types_by_name, build.arena, false);
    ds_map_init(&build.models_by_name, build.arena, true);
    int rc = read_version(&build);
    if (rc == SQLITE_OK && !catalog->is_imported) {
        rc = ds_directive_check_all(&build);
    }
    rc = rc ? rc : ds_declare_types(&build);
    rc = rc ? rc : ds_draft_types(&build);
    rc = rc ? rc : relate(&build);
    ds_link_drop_plain(&build);
    rc = rc ? rc : fill(&build);
    return rc ? rc : ds_build_memory(&build);
}

/* An empty catalog that owns `document`, also when this fails. */
static int new_catalog(ds_sdl_document *document, const ds_model_options *options,
                       ds_catalog **out, ds_err *err) {
    ds_arena *arena = ds_arena_new();
    ds_catalog *catalog = arena ? ds_arena_alloc(arena, sizeof *catalog) : NULL;
    if (catalog == NULL) {
        ds_arena_free(arena);
        ds_sdl_free(document);
        return ds_err_nomem(err);
    }
    catalog->arena = arena;
    catalog->references = 1;
    catalog->document = document;
    catalog->options = *options;
    *out = catalog;
    return SQLITE_OK;
}

int ds_catalog_build(const char *schema, size_t length, const ds_model_options *options,
                     ds_catalog **out, ds_err *err) {
    ds_sdl_document *document = NULL;
    ds_catalog *catalog = NULL;
    *out = NULL;
    bool is_imported = ds_import_is_json(schema, length);
    int rc = is_imported ? ds_import_parse(schema, length, &document, err)
                         : ds_sdl_parse(schema, length, &document, err);
    rc = rc ? rc : new_catalog(document, options, &catalog, err);
    if (rc == SQLITE_OK) {
        catalog->is_imported = is_imported;
        rc = build_all(catalog, err);
    }
    if (rc == SQLITE_OK) {
        *out = catalog;
    } else {
        ds_catalog_release(catalog);
    }
    return rc;
}

void ds_catalog_retain(ds_catalog *catalog) {
    catalog->references++;
}

void ds_catalog_release(ds_catalog *catalog) {
    if (catalog == NULL || --catalog->references > 0) {
        return;
    }
    ds_sdl_free(catalog->document);
    ds_arena_free(catalog->arena);
}

/* ---- Looking up --------------------------------------------------------------------------- */

const ds_model *ds_catalog_model(const ds_catalog *catalog, const char *name) {
    return ds_map_get(catalog->models_by_name, name);
}

const ds_column *ds_model_column(const ds_model *model, const char *name) {
    return ds_map_get(model->columns_by_name, name);
}

const ds_relation *ds_model_relation(const ds_model *model, const char *field) {
    return ds_map_get(model->relations_by_field, field);
}

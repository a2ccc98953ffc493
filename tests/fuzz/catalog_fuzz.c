/*
** Any text as a schema, with each set of options: what builds must hold together, print as
** JSON, and have only names that SQL can tell apart; what does not must say why.
*/
#include "fuzz.h"

#include <string.h>

#include "model/model_int.h"

static void check_columns(const ds_column *const *columns, int n, const ds_model *model) {
    for (int i = 0; i < n; i++) {
        NEED(columns[i] == &model->columns[columns[i]->index]);
    }
}

/* Everything that becomes a name in the model's virtual table. */
static void claim(ds_map *names, const ds_model *model, const char *name) {
    NEED(ds_word_is_name(name) && ds_map_get(names, name) == NULL);
    ds_map_put(names, name, (void *)(uintptr_t)model);
}

static void check_names(const ds_model *model) {
    static const char *const metadata[] = {"_version", "_lastChangedAt", "_deleted",
                                           "_status"};
    ds_map names;
    ds_arena *arena = ds_arena_new();
    ds_map_init(&names, arena, true);
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        claim(&names, model, metadata[i]);
    }
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        claim(&names, model, column->name);
        NEED(column->index == i && column->type.kind != DS_KIND_MODEL);
        NEED(ds_model_column(model, column->wire) == column);
        for (int a = 0; a < column->n_aliases; a++) {
            claim(&names, model, column->aliases[a]);
        }
    }
    for (int i = 0; i < model->n_relations; i++) {
        if (model->relations[i].kind != DS_BELONGS_TO) {
            claim(&names, model, model->relations[i].field);
        }
    }
    NEED(names.count <= DS_MAX_COLUMNS);
    ds_arena_free(arena);
}

static void check_model(const ds_catalog *catalog, const ds_model *model) {
    NEED(ds_catalog_model(catalog, model->name) == model);
    NEED(model->n_key > 0 && model->n_key <= DS_MAX_KEY_COLUMNS);
    check_names(model);
    check_columns(model->key, model->n_key, model);
    for (int i = 0; i < model->n_key; i++) {
        NEED(model->key[i]->key_position == i && ds_column_is_required(model->key[i]));
    }
    for (int i = 0; i < model->n_indexes; i++) {
        check_columns(model->indexes[i].columns, model->indexes[i].n_columns, model);
    }
    for (int i = 0; i < model->n_relations; i++) {
        const ds_relation *r = &model->relations[i];
        NEED(r->n_columns > 0 && r->model == model);
        NEED(r->n_associated_with > 0 || r->n_target_names > 0);
        check_columns(r->local, r->n_columns, model);
        check_columns(r->remote, r->n_columns, r->target);
    }
    NEED(model->component >= 0 && model->component <= model->index);
}

static void introspect(const ds_catalog *catalog, ds_buf *out) {
    ds_buf_init(out, DS_MAX_OUTPUT_BYTES);
    ds_catalog_introspect(catalog, out);
    NEED(out->rc == SQLITE_OK);
}

/* Was the catalog imported with options that the JSON may contradict? Of a composite key that JSON
** of custom keys on connection fields tells whole, only the first part is printed without them. */
static bool is_doubtful(const ds_catalog *catalog) {
    return catalog->is_imported &&
           (catalog->transformer_version != 2 || !catalog->options.respect_primary_key);
}

/* Does JSON tell all of the relation? Of a has-many it does not tell `fields` other than the primary
** key, which is then taken for them, whatever their types are. */
static bool is_told(const ds_relation *relation) {
    bool is_told = relation->n_columns == 1 || !is_doubtful(relation->model->catalog);
    for (int c = 0; relation->kind == DS_HAS_MANY && c < relation->n_columns; c++) {
        is_told = is_told && relation->local[c]->key_position == c;
    }
    return is_told;
}

static bool are_told(const ds_catalog *catalog) {
    for (int i = 0; i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        for (int r = 0; r < model->n_relations; r++) {
            if (!is_told(&model->relations[r])) {
                return false;
            }
        }
    }
    return true;
}

/* What is printed is a schema itself, and prints the same. */
static void check_json(const ds_catalog *catalog) {
    ds_buf json, again;
    ds_catalog *copy = NULL;
    ds_err err = DS_ERR_INIT;
    const ds_model_options options = {catalog->transformer_version,
                                      catalog->options.respect_primary_key};
    introspect(catalog, &json);
    int rc = ds_catalog_build(json.data, json.length, &options, &copy, &err);
    NEED_WITH(rc == SQLITE_OK || !are_told(catalog), err.text);
    if (rc == SQLITE_OK) {
        introspect(copy, &again);
        if (!is_doubtful(catalog)) {
            NEED_SAME(json.data, again.data);
        }
        ds_buf_clear(&again);
        ds_sdl_print(copy->document, &again); /* as the store compares schemas */
        NEED(again.rc == SQLITE_OK);
        ds_buf_done(&again);
    }
    ds_catalog_release(copy);
    ds_buf_done(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const ds_model_options options[] = {
        {0, true}, {1, true}, {2, true}, {2, false}};
    for (size_t i = 0; i < DS_COUNT(options); i++) {
        ds_catalog *catalog = NULL;
        ds_err err = DS_ERR_INIT;
        int rc = ds_catalog_build((const char *)data, size, &options[i], &catalog, &err);
        NEED((rc == SQLITE_OK) == (catalog != NULL));
        NEED((rc == SQLITE_OK) == (err.text[0] == '\0'));
        for (int m = 0; catalog != NULL && m < catalog->n_models; m++) {
            check_model(catalog, &catalog->models[m]);
        }
        if (catalog != NULL) {
            check_json(catalog);
        }
        ds_catalog_release(catalog);
    }
    return 0;
}

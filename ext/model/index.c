/*
** The SQL indexes of each model: its named keys, and whatever relations look up. None that
** another one, or the primary key, does the work of.
*/
#include "model/model_int.h"

/* Is `a` how `b` begins? */
static bool is_prefix(const ds_index *a, const ds_index *b) {
    bool same = a->n_columns <= b->n_columns;
    for (int i = 0; same && i < a->n_columns; i++) {
        same = a->columns[i] == b->columns[i];
    }
    return same;
}

/* The indexes found so far; `of[i]` is models[i].indexes while it is being written. */
typedef struct found {
    ds_build *build;
    ds_index **of;
} found;

static void add(const found *f, const ds_model *on, const ds_index *index) {
    ds_model *model = &f->build->models[on->index];
    ds_index *indexes = f->of[on->index];
    const ds_index key = {.columns = model->key, .n_columns = model->n_key};
    if (is_prefix(index, &key)) {
        return;
    }
    int kept = 0;
    for (int i = 0; i < model->n_indexes; i++) {
        if (is_prefix(index, &indexes[i])) {
            return;
        }
        if (!is_prefix(&indexes[i], index)) {
            indexes[kept++] = indexes[i];
        }
    }
    indexes[kept++] = *index;
    model->n_indexes = kept;
}

/* A foreign key is looked up when the parent is deleted, and by joins. */
static void add_relation(const found *f, const ds_relation *relation) {
    const ds_index local = {.columns = relation->local, .n_columns = relation->n_columns};
    const ds_index remote = {.columns = relation->remote,
                             .n_columns = relation->n_columns};
    if (relation->n_target_names > 0) {
        add(f, relation->model, &local);
    }
    add(f, relation->target, &remote);
}

/* Room for every candidate of every model. */
static int allocate(found *f) {
    const ds_build *build = f->build;
    size_t n = (size_t)build->n_models;
    size_t *counts = ds_arena_alloc(build->arena, n * sizeof *counts);
    f->of = ds_arena_alloc(build->arena, n * sizeof *f->of);
    int rc = ds_build_memory(build);
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        const ds_model *model = &build->models[i];
        counts[i] += (size_t)(model->n_keys + model->n_relations);
        for (int r = 0; r < model->n_relations; r++) {
            counts[model->relations[r].target->index]++;
        }
    }
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        f->of[i] = ds_arena_alloc(build->arena, counts[i] * sizeof **f->of);
        build->models[i].indexes = f->of[i];
    }
    return rc ? rc : ds_build_memory(build);
}

int ds_index_fill(ds_build *build) {
    found f = {.build = build};
    int rc = allocate(&f);
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        for (int k = 0; k < build->models[i].n_keys; k++) {
            add(&f, &build->models[i], &build->models[i].keys[k]);
        }
    }
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        for (int r = 0; r < build->models[i].n_relations; r++) {
            add_relation(&f, &build->models[i].relations[r]);
        }
    }
    return rc;
}

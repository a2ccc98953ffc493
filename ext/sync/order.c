/*
** The order in which models are pulled: a child is of more use when its parent is there already.
*/
#include "sync/engine_int.h"

/* Are all the parents of a model placed, but for itself? */
static bool is_free(const ds_model *model, const bool *is_placed) {
    for (int i = 0; i < model->n_relations; i++) {
        const ds_relation *relation = &model->relations[i];
        if (relation->kind == DS_BELONGS_TO && relation->target != model &&
            !is_placed[relation->target->index]) {
            return false;
        }
    }
    return true;
}

int ds_engine_order(const ds_catalog *catalog, int *order, ds_err *err) {
    int n_placed = 0;
    bool *is_placed = sqlite3_malloc64((size_t)catalog->n_models * sizeof *is_placed + 1);
    if (is_placed == NULL) {
        return ds_err_nomem(err);
    }
    for (int i = 0; i < catalog->n_models; i++) {
        is_placed[i] = false;
    }
    while (n_placed < catalog->n_models) {
        int before = n_placed, first = -1;
        for (int i = 0; i < catalog->n_models; i++) {
            if (!is_placed[i] && is_free(&catalog->models[i], is_placed)) {
                is_placed[i] = true;
                order[n_placed++] = i;
            } else if (!is_placed[i] && first < 0) {
                first = i;
            }
        }
        if (n_placed == before) { /* a cycle of parents: one has to be the first */
            is_placed[first] = true;
            order[n_placed++] = first;
        }
    }
    sqlite3_free(is_placed);
    return SQLITE_OK;
}

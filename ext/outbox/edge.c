/*
** Which records refer to which, from the relations of the catalog.
*/
#include "outbox/outbox_int.h"

#include <string.h>

/* The columns in the order of the target's key; false when they do not hold its key. */
static bool match_key(const ds_model *target, const ds_column *const *foreign,
                      const ds_column *const *referred, int n, ds_edge *edge) {
    if (n != target->n_key) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        int at = referred[i]->key_position;
        if (at < 0 || at >= target->n_key || target->key[at] != referred[i]) {
            return false;
        }
        edge->columns[at] = foreign[i];
    }
    return true;
}

/* A relation is seen from both sides, or from one. */
static bool make_edge(const ds_relation *r, ds_edge *edge) {
    bool is_own = r->kind == DS_BELONGS_TO ||
                  (r->kind == DS_HAS_ONE && r->local[0]->key_position < 0);
    memset(edge, 0, sizeof *edge);
    edge->is_owner = is_own && r->kind == DS_HAS_ONE;
    edge->model = is_own ? r->model : r->target;
    edge->target = is_own ? r->target : r->model;
    return is_own ? match_key(edge->target, r->local, r->remote, r->n_columns, edge)
                  : match_key(edge->target, r->remote, r->local, r->n_columns, edge);
}

static bool is_known(const ds_edges *edges, const ds_edge *edge) {
    for (int i = 0; i < edges->n; i++) {
        if (edges->edges[i].target == edge->target &&
            memcmp(edges->edges[i].columns, edge->columns, sizeof edge->columns) == 0) {
            return true;
        }
    }
    return false;
}

int ds_edges_new(const ds_catalog *catalog, ds_arena *arena, ds_edges **out,
                 ds_err *err) {
    ds_edge edge;
    ds_edges *all = ds_arena_alloc(arena, (size_t)catalog->n_models * sizeof *all);
    /* Count, then fill in. */
    for (int pass = 0; pass < 2 && !ds_arena_failed(arena); pass++) {
        for (int m = 0; m < catalog->n_models; m++) {
            const ds_model *model = &catalog->models[m];
            for (int r = 0; r < model->n_relations; r++) {
                ds_edges *of = NULL;
                if (!make_edge(&model->relations[r], &edge)) {
                    continue;
                }
                of = &all[edge.model->index];
                if (pass == 0) {
                    of->n++;
                } else if (!is_known(of, &edge)) {
                    of->edges[of->n++] = edge;
                }
            }
        }
        for (int m = 0; pass == 0 && m < catalog->n_models; m++) {
            all[m].edges = ds_arena_alloc(arena, (size_t)all[m].n * sizeof(ds_edge));
            all[m].n = 0;
        }
    }
    *out = all;
    return ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
}

int ds_edge_key(const ds_edge *edge, const ds_value *row, ds_arena *arena, ds_key *out,
                bool *out_is_set, ds_err *err) {
    ds_value values[DS_MAX_KEY_COLUMNS];
    *out_is_set = false;
    for (int i = 0; i < edge->target->n_key; i++) {
        values[i] = row[edge->columns[i]->index];
        if (values[i].type == SQLITE_NULL) {
            return SQLITE_OK;
        }
    }
    *out_is_set = true;
    return ds_key_of_values(edge->target, values, arena, out, err);
}

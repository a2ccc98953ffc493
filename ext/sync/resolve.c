/*
** Three rows, field by field: pure comparison and choice.
*/
#include "sync/sync_int.h"

int ds_resolve_compare(ds_dispute *d) {
    int rc = SQLITE_OK;
    d->is_conflict = false;
    for (int i = 0; rc == SQLITE_OK && i < d->model->n_columns; i++) {
        const ds_column *column = &d->model->columns[i];
        bool unchanged_here = true, unchanged_there = true, agreed = true;
        d->here[i] = d->clash[i] = false;
        if (!ds_column_is_sent(column)) {
            continue;
        }
        rc = ds_column_same(column, &d->base[i], &d->local[i], &unchanged_here);
        if (rc == SQLITE_OK && !unchanged_here) {
            rc = ds_column_same(column, &d->base[i], &d->remote[i], &unchanged_there);
        }
        if (rc == SQLITE_OK && !unchanged_there) {
            rc = ds_column_same(column, &d->local[i], &d->remote[i], &agreed);
        }
        d->here[i] = !unchanged_here;
        d->clash[i] = !agreed && d->is_mine[i];
        d->is_conflict = d->is_conflict || d->clash[i];
    }
    return rc;
}

void ds_resolve_merge(const ds_dispute *d, bool is_whole, ds_value *out) {
    for (int i = 0; i < d->model->n_columns + DS_N_META; i++) {
        bool is_local = i < d->model->n_columns &&
                        ds_column_is_sent(&d->model->columns[i]) &&
                        (is_whole || d->here[i]);
        out[i] = is_local ? d->local[i] : d->remote[i];
    }
}

int ds_resolve_differences(const ds_model *model, const ds_value *a, const ds_value *b,
                           bool *out) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        bool same = true;
        if (ds_column_is_sent(&model->columns[i])) {
            rc = ds_column_same(&model->columns[i], &a[i], &b[i], &same);
        }
        out[i] = !same;
    }
    return rc;
}

/*
** What a subscription sees: its model, its filter, and related rows.
*/
#include "feed/feed_int.h"

#include <string.h>

/* ---- begin and end -------------------------------------------------------------------------------- */

static int find_model(ds_view *view, const ds_sub *sub, ds_err *err) {
    if (sub->model == NULL) {
        return SQLITE_OK;
    }
    view->model =
        view->store->catalog ? ds_catalog_model(view->store->catalog, sub->model) : NULL;
    return view->model ? SQLITE_OK
                       : ds_err_set(err, SQLITE_ERROR,
                                    "subscription %lld observes %s, which the schema no "
                                    "longer has: end it with datastore_unobserve(%lld)",
                                    sub->number, sub->model, sub->number);
}

static int read_filter(ds_view *view, const ds_sub *sub, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    int rc = ds_filter_parse_related(view->model, sub->filter, strlen(sub->filter),
                                     &view->filter, &why);
    return rc != SQLITE_ERROR
               ? ds_err_set(err, rc, "%s", why.text)
               : ds_err_set(err, rc,
                            "subscription %lld has a filter that does not fit the schema "
                            "any more: %s",
                            sub->number, why.text);
}

static int prepare_related(ds_view *view, ds_err *err) {
    int n = ds_filter_n_related(view->filter), rc = SQLITE_OK;
    if (n == 0) {
        return rc;
    }
    view->related = sqlite3_malloc64((size_t)n * sizeof *view->related);
    if (view->related == NULL) {
        return ds_err_nomem(err);
    }
    memset(view->related, 0, (size_t)n * sizeof *view->related);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        const ds_model *target = ds_filter_relation(view->filter, i)->target;
        view->wanted[target->index] = true;
        rc = ds_match_init(&view->related[i], view->store, target,
                           ds_filter_of_related(view->filter, i), err);
    }
    return rc;
}

int ds_view_init(ds_view *view, ds_store *store, const ds_sub *sub, ds_err *err) {
    *view = (ds_view){.store = store, .key = sub->key};
    int rc = find_model(view, sub, err);
    if (rc != SQLITE_OK || view->model == NULL) {
        return rc;
    }
    size_t n = (size_t)store->catalog->n_models;
    view->wanted = sqlite3_malloc64(n * sizeof *view->wanted);
    if (view->wanted == NULL) {
        return ds_err_nomem(err);
    }
    memset(view->wanted, 0, n * sizeof *view->wanted);
    view->wanted[view->model->index] = true;
    if (sub->filter == NULL) {
        return SQLITE_OK;
    }
    rc = read_filter(view, sub, err);
    rc = rc ? rc : ds_match_init(&view->match, store, view->model, view->filter, err);
    return rc ? rc : prepare_related(view, err);
}

void ds_view_done(ds_view *view) {
    ds_match_done(&view->match);
    for (int i = 0; view->related != NULL && i < ds_filter_n_related(view->filter); i++) {
        ds_match_done(&view->related[i]);
    }
    sqlite3_free(view->related);
    sqlite3_free(view->wanted);
    ds_filter_free(view->filter);
    ds_past_free(view->past);
    *view = (ds_view){0};
}

bool ds_view_wants(const ds_view *view, const ds_model *model) {
    return view->wanted == NULL || (model != NULL && view->wanted[model->index]);
}

/* ---- relations ------------------------------------------------------------------------------------- */

static void pick(const ds_value *row, const ds_column *const *columns, int n,
                 ds_value *out) {
    for (int i = 0; i < n; i++) {
        out[i] = row[columns[i]->index];
    }
}

/* Does a row that relation `i` leads to match? */
typedef struct question {
    ds_match *match;
    bool answer;
} question;

static int ask_related(void *data, const ds_value *key, const ds_value *row, bool *stop,
                       ds_err *err) {
    question *q = data;
    (void)key;
    int rc = ds_match_row(q->match, row, NULL, stop, err); /* one that matches will do */
    q->answer = q->answer || *stop;
    return rc;
}

static int ask(ds_view *view, int i, const ds_value *row, bool *out, ds_err *err) {
    const ds_relation *relation = ds_filter_relation(view->filter, i);
    ds_value values[DS_MAX_KEY_COLUMNS];
    question q = {&view->related[i], false};
    pick(row, relation->local, relation->n_columns, values);
    int rc = ds_past_find(view->past, relation->target, relation->remote, values,
                          relation->n_columns, ask_related, &q, err);
    *out = q.answer;
    return rc;
}

int ds_view_matches(ds_view *view, const ds_value *row, bool *out, ds_err *err) {
    int n = view->filter ? ds_filter_n_related(view->filter) : 0, rc = SQLITE_OK;
    if (view->filter == NULL) {
        *out = true;
        return SQLITE_OK;
    }
    bool *related = n ? sqlite3_malloc(n * (int)sizeof *related) : NULL;
    if (n > 0 && related == NULL) {
        return ds_err_nomem(err);
    }
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ask(view, i, row, &related[i], err);
    }
    rc = rc ? rc : ds_match_row(&view->match, row, related, out, err);
    sqlite3_free(related);
    return rc;
}

int ds_view_dependants(ds_view *view, const ds_model *model, const ds_value *row,
                       ds_past_visit *visit, void *data, ds_err *err) {
    int n = view->filter ? ds_filter_n_related(view->filter) : 0, rc = SQLITE_OK;
    for (int i = 0; row != NULL && rc == SQLITE_OK && i < n; i++) {
        const ds_relation *relation = ds_filter_relation(view->filter, i);
        ds_value values[DS_MAX_KEY_COLUMNS];
        if (relation->target == model) {
            pick(row, relation->remote, relation->n_columns, values);
            rc = ds_past_find(view->past, view->model, relation->local, values,
                              relation->n_columns, visit, data, err);
        }
    }
    return rc;
}

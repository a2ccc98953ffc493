/*
** What depends on a create: the records that refer to it, and those that refer to them if they
** are new themselves. Found through the foreign keys' indexes.
*/
#include "outbox/outbox_int.h"

/* A record whose dependants are to be looked for. */
typedef struct work {
    ds_key key;
    struct work *next;
} work;

typedef struct holding {
    ds_records *records;
    ds_store *store;
    ds_arena *arena;
    ds_edges *edges;
    work *todo;
    ds_hold what;
    const char *error;
    int64_t n;
    ds_err *err;
} holding;

static int add(holding *h, const ds_key *key) {
    work *w = ds_arena_alloc(h->arena, sizeof *w);
    if (w == NULL) {
        return ds_err_nomem(h->err);
    }
    *w = (work){*key, h->todo};
    h->todo = w;
    return SQLITE_OK;
}

static void bind_state(const holding *h, sqlite3_stmt *statement) {
    static const int states[] = {[DS_HOLD] = DS_STEP_HELD, [DS_BURY] = DS_STEP_FAILED};
    sqlite3_bind_int(statement, 1, states[h->what]);
    sqlite3_bind_text(statement, 2, h->error, -1, SQLITE_STATIC);
    if (h->what == DS_BURY) {
        sqlite3_bind_int64(statement, 3, ds_env_now_ms());
    } else {
        sqlite3_bind_null(statement, 3);
    }
}

/* Run to the end: what was changed, and of that the creates to be looked at. */
static int run(holding *h, const ds_model *model, sqlite3_stmt *statement) {
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        ds_key key = {.model = model};
        ds_value form = ds_value_column(statement, 0);
        ds_value copy = ds_value_copy(h->arena, &form);
        h->n++;
        if (ds_arena_failed(h->arena)) {
            rc = ds_err_nomem(h->err);
        } else if (sqlite3_column_int(statement, 1) == DS_OP_CREATE) {
            rc = ds_key_of_form(model, &copy, h->arena, &key, h->err);
            rc = rc ? rc : add(h, &key);
        }
    }
    int reset = sqlite3_reset(statement);
    return rc || reset == SQLITE_OK ? rc : ds_err_db(h->err, h->store->db, reset);
}

/* The steps of the record itself that come behind its create. */
static int hold_record(holding *h, const ds_key *key) {
    sqlite3_stmt *statement = NULL;
    int rc =
        ds_records_get(h->records, NULL, DS_SQL_OUTBOX_HOLD_RECORD, &statement, h->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bind_state(h, statement);
    sqlite3_bind_int64(statement, 4, ds_store_number(h->store, key->model));
    rc = ds_value_bind(statement, 5, &key->form);
    return rc == SQLITE_OK ? ds_records_run(h->records, statement, h->err)
                           : ds_err_db(h->err, h->store->db, rc);
}

static int hold_edge(holding *h, const ds_edge *edge, const ds_key *key) {
    sqlite3_stmt *statement = NULL;
    int n = edge->target->n_key;
    int rc = ds_store_prepare_foreign(h->store, edge->model, edge->columns, n,
                                      DS_SQL_OUTBOX_HOLD_DEPENDANTS, &statement, h->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bind_state(h, statement);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_value_bind(statement, DS_FOREIGN_PARAMETER + i, &key->values[i]);
    }
    rc = rc ? ds_err_db(h->err, h->store->db, rc) : run(h, edge->model, statement);
    sqlite3_finalize(statement);
    return rc;
}

static int hold_all(holding *h, const ds_key *key) {
    int rc = hold_record(h, key);
    for (int m = 0; rc == SQLITE_OK && m < h->store->catalog->n_models; m++) {
        for (int e = 0; rc == SQLITE_OK && e < h->edges[m].n; e++) {
            const ds_edge *edge = &h->edges[m].edges[e];
            rc = edge->target == key->model ? hold_edge(h, edge, key) : SQLITE_OK;
        }
    }
    return rc;
}

int ds_outbox_hold(ds_records *records, const ds_key *key, ds_hold what,
                   const char *error, int64_t *out_n, ds_err *err) {
    holding h = {.records = records,
                 .store = ds_records_store(records),
                 .arena = ds_arena_new(),
                 .what = what,
                 .error = error,
                 .err = err};
    if (h.arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_edges_new(h.store->catalog, h.arena, &h.edges, err);
    rc = rc ? rc : add(&h, key);
    while (rc == SQLITE_OK && h.todo != NULL) {
        const work *next = h.todo;
        h.todo = next->next;
        rc = hold_all(&h, &next->key);
    }
    ds_arena_free(h.arena);
    *out_n = h.n;
    return rc;
}

/* All of it, not only what the row of today leads to: a step may be about an older one. */
int ds_outbox_release(ds_records *records, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_RELEASE, &statement, err);
    return rc ? rc : ds_records_run(records, statement, err);
}

/*
** Records that subscriptions tell of, held against the model's sync expression.
*/
#include "sync/sync_int.h"

#include <string.h>

/* SELECT <filter> FROM (SELECT ?1 AS "id", …) AS r: the record is in no table. */
static int prepare(ds_store *store, const ds_model *model, const ds_filter *filter,
                   sqlite3_stmt **out, ds_err *err) {
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    ds_filter_to_sql(filter, "r", model->n_columns + 1, &sql);
    ds_buf_add(&sql, " FROM (SELECT ");
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_addf(&sql, "%s?%d AS ", i > 0 ? ", " : "", i + 1);
        ds_buf_add_ident(&sql, model->columns[i].name);
    }
    ds_buf_add(&sql, ") AS r");
    int rc = sql.rc == SQLITE_NOMEM ? ds_err_nomem(err)
             : sql.rc ? ds_err_set(err, sql.rc, "the sync expression of %s is too large",
                                   model->name)
                      : ds_store_prepare(store, ds_buf_text(&sql), 0, out, err);
    ds_buf_done(&sql);
    return rc;
}

static int evaluate(ds_store *store, const ds_model *model, const ds_filter *filter,
                    const ds_value *row, bool *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = prepare(store, model, filter, &s, err);
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        rc = ds_value_bind(s, i + 1, &row[i]);
    }
    rc = rc ? rc : ds_filter_bind(filter, s, model->n_columns + 1);
    if (rc == SQLITE_OK) {
        *out = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) != 0;
        rc = sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* A tombstone is always wanted; so is everything when the schema does not know any more what is filtered
** by, which the pull complains about. */
static int is_wanted(ds_merger *merger, const ds_model *model, const char *filter,
                     const ds_value *row, bool *out, ds_err *err) {
    ds_filter *parsed = NULL;
    ds_err why = DS_ERR_INIT;
    *out = true;
    if (ds_row_is_tombstone(model, row)) {
        return SQLITE_OK;
    }
    int rc = ds_filter_parse(model, filter, strlen(filter), &parsed, &why);
    if (rc != SQLITE_OK) {
        return rc == SQLITE_ERROR ? SQLITE_OK : ds_err_nomem(err);
    }
    rc = evaluate(merger->store, model, parsed, row, out, err);
    ds_filter_free(parsed);
    return rc;
}

/* Is the row here as old as the record at most? */
static bool is_older(const ds_model *model, ds_value *local, ds_value *row) {
    const ds_value *ours = ds_row_version(model, local);
    return ours->type != SQLITE_INTEGER ||
           ours->integer <= ds_row_version(model, row)->integer;
}

/* What was told before it, or read before it into a page, comes too late; not the record itself, if
** the sync expression is to become another one. */
static int remember(ds_merger *merger, const ds_key *key, ds_value *row, ds_err *err) {
    ds_value before = *ds_row_version(key->model, row);
    before.integer--;
    return ds_merge_bury(merger, key, &before, err);
}

static int leave_key(ds_merger *merger, const ds_key *key, ds_value *row, ds_arena *arena,
                     ds_merge_counts *counts, ds_err *err) {
    ds_value *local = NULL;
    ds_step *steps = NULL;
    int n_steps = 0;
    int rc = ds_step_list(merger->records, key, arena, &steps, &n_steps, err);
    if (rc != SQLITE_OK || n_steps > 0) {
        return rc ? rc : ds_merge_row(merger, key->model, row, false, counts, err);
    }
    rc = ds_records_read(merger->records, DS_ROWS, key, arena, &local, err);
    if (rc == SQLITE_OK && local != NULL && is_older(key->model, local, row)) {
        rc = ds_records_remove(merger->records, DS_ROWS, key, err);
        counts->n_deleted += rc == SQLITE_OK;
    }
    return rc ? rc : remember(merger, key, row, err);
}

/* The record has left what is wanted. With unsent changes it stays, and is merged. */
static int leave(ds_merger *merger, const ds_model *model, ds_value *row,
                 ds_merge_counts *counts, ds_err *err) {
    ds_key key;
    ds_arena *arena = ds_arena_new();
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_key_of_row(model, row, arena, &key, err);
    rc = rc ? rc : leave_key(merger, &key, row, arena, counts, err);
    ds_arena_free(arena);
    return rc;
}

int ds_merge_told(ds_merger *merger, const ds_model *model, const char *filter,
                  const ds_token *record, ds_merge_counts *counts, ds_err *err) {
    ds_merge_model *state = NULL;
    ds_value *row = NULL;
    bool wanted = true, is_named = false;
    ds_err why = DS_ERR_INIT;
    if (filter == NULL) {
        return ds_merge_record(merger, model, record, counts, err);
    }
    int rc = ds_merger_model(merger, model, &state, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (ds_intake_read(state->intake, record, &row, &is_named, &why) != SQLITE_OK) {
        return ds_merge_record(merger, model, record, counts, err); /* which counts it */
    }
    rc = is_wanted(merger, model, filter, row, &wanted, err);
    if (rc != SQLITE_OK || !wanted) {
        return rc ? rc : leave(merger, model, row, counts, err);
    }
    return ds_merge_row(merger, model, row, false, counts, err);
}

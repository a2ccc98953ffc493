/*
** The user's conflict function: SELECT fn(model, local, remote, base, attempt). The three rows are JSON
** objects under visible names; `local` and `remote` have "_deleted":true where the record was deleted
** here or there, and `base` is NULL where nothing is known of it. It returns
** - a record: its members are the row from now on, and what differs from the server's is sent;
**   members that are left out are the server's. With "_deleted":true it is deleted;
** - NULL: the server's row.
** While it runs, its own writes are local changes like any others. (Where it belongs to another
** connection than the merger's, it can only read: see sync.h.)
*/
#include "sync/sync_int.h"

#include <string.h>

/* A function that fails or returns something else leaves the conflict to the default. */
static int refuse(const ds_merger *merger, const char *what, ds_err *why) {
    (void)ds_err_set(why, SQLITE_ERROR, "the conflict function %s: %s", merger->function,
                     what);
    return SQLITE_OK;
}

static int bind_row(sqlite3_stmt *s, int at, const ds_model *model, const ds_value *row,
                    bool is_deleted) {
    ds_buf json;
    char *text = NULL;
    if (row == NULL) {
        return sqlite3_bind_null(s, at);
    }
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    ds_codec_add_row(model, row, &json);
    if (is_deleted && json.rc == SQLITE_OK) {
        ds_buf_cut(&json, json.length - 1);
        ds_buf_add(&json, ",\"_deleted\":true}");
    }
    size_t length = json.length;
    int rc = ds_buf_take(&json, &text);
    return rc == SQLITE_OK
               ? sqlite3_bind_text64(s, at, text, length, sqlite3_free, SQLITE_UTF8)
               : rc;
}

/* The row as JSON without its own _deleted, which is added where it is true. */
static int bind_side(sqlite3_stmt *s, int at, const ds_model *model, const ds_value *row,
                     bool deleted, ds_arena *arena) {
    size_t size = (size_t)(model->n_columns + DS_N_META) * sizeof *row;
    ds_value *copy = row ? ds_arena_alloc(arena, size) : NULL;
    if (copy != NULL) {
        memcpy(copy, row, size);
        ds_row_deleted(model, copy)->type = SQLITE_NULL;
    }
    return ds_arena_failed(arena) ? SQLITE_NOMEM : bind_row(s, at, model, copy, deleted);
}

/* A deleted record is shown as it was. */
static int bind(sqlite3_stmt *s, const ds_dispute *d, bool has_base, int attempt,
                ds_arena *arena) {
    const ds_value *base = has_base ? d->base : NULL;
    int rc = sqlite3_bind_text(s, 1, d->model->name, -1, SQLITE_STATIC);
    rc = rc ? rc
            : bind_side(s, 2, d->model, d->local ? d->local : base, d->local == NULL,
                        arena);
    rc = rc ? rc
            : bind_side(s, 3, d->model, d->remote,
                        ds_row_is_tombstone(d->model, d->remote), arena);
    rc = rc ? rc : bind_side(s, 4, d->model, base, false, arena);
    return rc ? rc : sqlite3_bind_int(s, 5, attempt);
}

static bool says_deleted(const char *json) {
    ds_scan s = ds_scan_begin(json, strlen(json));
    ds_token name, value;
    if (ds_scan_open(&s, '{')) {
        while (ds_scan_next(&s, '}') && ds_scan_name(&s, &name) &&
               ds_scan_value(&s, &value)) {
            if (ds_token_is(&name, "_deleted")) {
                return value.kind == 't' || value.kind == '1';
            }
        }
    }
    return false;
}

static int read_result(ds_merger *merger, const ds_dispute *d, const char *json,
                       ds_arena *arena, ds_value *result, ds_decision *out, ds_err *why) {
    const ds_model *model = d->model;
    bool *given = ds_mask_flags(model, arena);
    if (json == NULL) {
        *out = DS_TAKE_REMOTE;
        return SQLITE_OK;
    }
    *out = says_deleted(json) ? DS_TAKE_DELETE : DS_TAKE_RESULT;
    if (given == NULL || !ds_codec_parse(model, json, false, arena, result, given)) {
        return ds_arena_failed(arena)
                   ? SQLITE_NOMEM
                   : refuse(merger, "what it returned is no record of its model", why);
    }
    for (int i = 0; i < model->n_columns; i++) {
        if (!ds_column_is_sent(&model->columns[i])) {
            result[i] = d->remote[i];
        }
    }
    return SQLITE_OK;
}

static int call(ds_merger *merger, const ds_dispute *d, sqlite3_stmt *s, ds_arena *arena,
                ds_value *result, ds_decision *out, ds_err *why) {
    const char *json = NULL;
    bool is_null = true;
    if (sqlite3_step(s) == SQLITE_ROW) {
        is_null = sqlite3_column_type(s, 0) == SQLITE_NULL;
        json = (const char *)sqlite3_column_text(s, 0);
        return is_null || json != NULL
                   ? read_result(merger, d, json, arena, result, out, why)
                   : SQLITE_NOMEM;
    }
    return sqlite3_errcode(merger->function_db) == SQLITE_NOMEM
               ? SQLITE_NOMEM
               : refuse(merger, sqlite3_errmsg(merger->function_db), why);
}

/* What the function has written itself must not be overwritten by what comes next. */
static int take_up(ds_merger *merger, ds_err *err) {
    for (int i = 0; i < merger->n_models; i++) {
        merger->models[i].has_steps = true; /* perhaps */
    }
    return ds_outbox_absorb(merger->records, err);
}

int ds_policy_ask(ds_merger *merger, const ds_dispute *d, int attempt, ds_arena *arena,
                  ds_value *result, ds_decision *out, ds_err *why, ds_err *err) {
    sqlite3_stmt *s = NULL;
    ds_buf sql;
    bool has_base = d->base[d->model->n_columns].type != SQLITE_NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    ds_buf_add_ident(&sql, merger->function);
    ds_buf_add(&sql, "(?1, ?2, ?3, ?4, ?5)");
    int rc =
        sql.rc ? SQLITE_NOMEM
               : sqlite3_prepare_v2(merger->function_db, ds_buf_text(&sql), -1, &s, NULL);
    ds_buf_done(&sql);
    if (rc != SQLITE_OK) {
        return (rc & 0xff) == SQLITE_NOMEM
                   ? ds_err_nomem(err)
                   : refuse(merger, sqlite3_errmsg(merger->function_db), why);
    }
    rc = bind(s, d, has_base, attempt, arena) ? SQLITE_NOMEM : SQLITE_OK;
    if (rc == SQLITE_OK) {
        rc = ds_records_applying(merger->records, false, err);
    }
    if (rc == SQLITE_OK) {
        rc = call(merger, d, s, arena, result, out, why);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    rc = ds_records_applying(merger->records, true, err);
    return rc ? rc : take_up(merger, err);
}

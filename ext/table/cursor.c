/*
** Cursors: a plan's inner statement, stepped. Values are handed on as they come.
*/
#include "table/cursor_int.h"

#include <string.h>

#define SPARE_CURSORS 8

static ds_table *table_of(const ds_cursor *cursor) {
    return (ds_table *)cursor->base.pVtab;
}

int ds_cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    ds_table *table = (ds_table *)vtab;
    ds_cursor *cursor = table->spare;
    if (cursor != NULL) {
        table->spare = cursor->next_spare;
        table->n_spare--;
    } else {
        cursor = sqlite3_malloc64(sizeof *cursor);
        if (cursor == NULL) {
            return SQLITE_NOMEM;
        }
        memset(cursor, 0, sizeof *cursor);
    }
    cursor->is_eof = true;
    *out = &cursor->base;
    return SQLITE_OK;
}

static void rest(ds_cursor *cursor) {
    if (cursor->inner != NULL) {
        ds_pool_give(table_of(cursor), cursor->plan, cursor->inner);
        cursor->inner = NULL;
        cursor->statement = NULL;
    }
    cursor->is_eof = true;
    cursor->is_counting = false;
}

/* End the run by keys. */
static void rest_keys(ds_cursor *cursor) {
    if (cursor->key_inner != NULL) {
        (void)!ds_key_bind(cursor->key_inner->statement, NULL);
        ds_pool_give(table_of(cursor), cursor->key_plan, cursor->key_inner);
        cursor->key_inner = NULL;
        cursor->key_plan = NULL;
    }
    cursor->last = NULL;
}

static void cursor_free(ds_cursor *cursor) {
    sqlite3_free(cursor->texts);
    sqlite3_free(cursor);
}

int ds_cursor_close(sqlite3_vtab_cursor *base) {
    ds_cursor *cursor = (ds_cursor *)base;
    ds_table *table = table_of(cursor);
    rest(cursor);
    rest_keys(cursor);
    if (table->n_spare < SPARE_CURSORS) {
        cursor->next_spare = table->spare;
        table->spare = cursor;
        table->n_spare++;
    } else {
        cursor_free(cursor);
    }
    return SQLITE_OK;
}

void ds_cursor_free_spare(ds_table *table) {
    while (table->spare != NULL) {
        ds_cursor *cursor = table->spare;
        table->spare = cursor->next_spare;
        cursor_free(cursor);
    }
    table->n_spare = 0;
}

static int fail(ds_cursor *cursor, int rc) {
    ds_err err = DS_ERR_INIT;
    (void)ds_err_db(&err, table_of(cursor)->store->db, rc);
    rest(cursor);
    return ds_table_fail(table_of(cursor), &err);
}

/* ---- filter and step ------------------------------------------------------------------------ */

static int step(ds_cursor *cursor) {
    int rc = sqlite3_step(cursor->statement);
    if (rc == SQLITE_ROW) {
        cursor->is_eof = false;
        return SQLITE_OK;
    }
    if (rc == SQLITE_DONE && cursor->hint >= 0 && cursor->position >= cursor->hint) {
        /* SQLite wants more than it said: go on behind the rows it had. */
        int64_t offset = cursor->hint;
        cursor->hint = -1;
        (void)sqlite3_reset(cursor->statement);
        rc = ds_arguments_limit(cursor, -1, offset);
        return rc == SQLITE_OK ? step(cursor) : fail(cursor, rc);
    }
    if (rc != SQLITE_DONE) {
        return fail(cursor, rc);
    }
    rest(cursor);
    return SQLITE_OK;
}

/* SQLite was promised one row: with a second one ('5' and '05' are both 5) it would lose it. */
static int keep_promise(ds_cursor *cursor) {
    ds_err err = DS_ERR_INIT;
    ds_table *table = table_of(cursor);
    int rc = sqlite3_step(cursor->statement);
    if (rc == SQLITE_ROW) {
        rest(cursor);
        (void)ds_err_set(
            &err, SQLITE_MISMATCH,
            "a number equals several text keys of %s: compare the key with a text",
            table->model->name);
        return ds_table_fail(table, &err);
    }
    (void)sqlite3_reset(cursor->statement);
    return rc == SQLITE_DONE ? step(cursor) : fail(cursor, rc);
}

/* count(*): one inner row tells how many the host will step over. */
static int start_count(ds_cursor *cursor) {
    int rc = sqlite3_step(cursor->statement);
    if (rc != SQLITE_ROW) {
        return fail(cursor, rc);
    }
    cursor->rows_left = sqlite3_column_int64(cursor->statement, 0);
    cursor->is_counting = true;
    cursor->is_eof = cursor->rows_left == 0;
    return SQLITE_OK;
}

static int start_keys(ds_cursor *cursor, ds_plan *plan) {
    ds_err err = DS_ERR_INIT;
    ds_table *table = table_of(cursor);
    rest_keys(cursor);
    int rc = ds_key_plan(table, plan);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = ds_pool_take(table, plan->keyed, &cursor->key_inner, &err);
    if (rc != SQLITE_OK) {
        return ds_table_fail(table, &err);
    }
    cursor->key_plan = plan->keyed;
    cursor->last = plan;
    return ds_key_bind(cursor->key_inner->statement, &cursor->keys);
}

/* One step of the running statement: the row of this key, or one without a rid. */
static int filter_by_key(ds_cursor *cursor, ds_plan *plan, sqlite3_value **argv) {
    int rc = SQLITE_OK;
    if (cursor->key_plan == NULL || cursor->key_plan != plan->keyed) {
        rc = start_keys(cursor, plan);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    cursor->plan = cursor->key_plan;
    cursor->statement = cursor->key_inner->statement;
    cursor->keys.values = argv;
    rc = sqlite3_step(cursor->statement);
    cursor->keys.values = NULL;
    if (rc == SQLITE_ROW) {
        cursor->is_eof = sqlite3_column_type(cursor->statement, 0) == SQLITE_NULL;
        return SQLITE_OK;
    }
    rc = fail(cursor, rc);
    rest_keys(cursor);
    return rc;
}

int ds_cursor_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                     sqlite3_value **argv) {
    (void)text;
    ds_cursor *cursor = (ds_cursor *)base;
    ds_table *table = table_of(cursor);
    ds_err err = DS_ERR_INIT;
    rest(cursor);
    ds_plan *plan = table->plans[number];
    bool is_promised = plan->is_unique;
    int rc = ds_loose_settle(table, &plan, argv);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (plan == cursor->last && ds_key_fits(plan)) {
        return filter_by_key(cursor, plan, argv);
    }
    rc = ds_pool_take(table, plan, &cursor->inner, &err);
    if (rc != SQLITE_OK) {
        return ds_table_fail(table, &err);
    }
    cursor->last = cursor->key_inner ? cursor->last : plan;
    cursor->plan = plan;
    cursor->statement = cursor->inner->statement;
    cursor->position = 0;
    rc = ds_arguments_bind(cursor, argc, argv);
    if (rc != SQLITE_OK) {
        rest(cursor);
        return rc;
    }
    if (plan->is_counted) {
        return start_count(cursor);
    }
    rc = step(cursor);
    bool doubts = is_promised && !plan->is_unique && !cursor->is_eof;
    return rc == SQLITE_OK && doubts ? keep_promise(cursor) : rc;
}

int ds_cursor_next(sqlite3_vtab_cursor *base) {
    ds_cursor *cursor = (ds_cursor *)base;
    cursor->position++;
    if (cursor->is_counting) {
        cursor->is_eof = --cursor->rows_left == 0;
        return SQLITE_OK;
    }
    if (cursor->plan->is_unique) {
        rest(cursor);
        return SQLITE_OK;
    }
    return step(cursor);
}

int ds_cursor_eof(sqlite3_vtab_cursor *base) {
    return ((ds_cursor *)base)->is_eof;
}

/* A counted plan is asked for a row after all (DELETE FROM t, an OR): become a real scan
** and go to where the count stands. */
static int stop_counting(ds_cursor *cursor) {
    ds_table *table = table_of(cursor);
    ds_plan draft = *cursor->plan, *plan = NULL;
    ds_err err = DS_ERR_INIT;
    bool *used = ds_plan_new_flags(table);
    if (used == NULL) {
        return SQLITE_NOMEM;
    }
    for (int i = 0; i < table->n_columns; i++) {
        used[i] = table->columns[i].kind == DS_V_DATA &&
                  table->model->columns[i].key_position >= 0;
    }
    draft.is_counted = false;
    draft.idle = NULL;
    draft.n_idle = 0;
    int rc = ds_pool_intern(table, &draft, used, false, &plan);
    sqlite3_free(used);
    ds_inner *inner = NULL;
    if (rc == SQLITE_OK) {
        rc = ds_pool_take(table, plan, &inner, &err);
        rc = rc == SQLITE_OK ? rc : ds_table_fail(table, &err);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    (void)sqlite3_transfer_bindings(cursor->statement, inner->statement);
    int64_t skip = cursor->position;
    rest(cursor);
    cursor->plan = plan;
    cursor->inner = inner;
    cursor->statement = inner->statement;
    for (rc = step(cursor); rc == SQLITE_OK && !cursor->is_eof && skip > 0; skip--) {
        rc = step(cursor);
    }
    return rc;
}

/* ---- values --------------------------------------------------------------------------------- */

int ds_cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    ds_cursor *cursor = (ds_cursor *)base;
    if (cursor->is_counting) {
        int rc = stop_counting(cursor);
        if (rc != SQLITE_OK || cursor->is_eof) {
            return rc;
        }
    }
    int at = cursor->plan->map[column];
    if (at >= 0) {
        ds_result_value(table_of(cursor), context,
                        sqlite3_column_value(cursor->statement, at));
        return SQLITE_OK;
    }
    if (sqlite3_vtab_nochange(context)) {
        return SQLITE_OK;
    }
    int64_t rid = sqlite3_column_int64(cursor->statement, 0);
    return ds_result_from_row(table_of(cursor), context, rid, column);
}

int ds_cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    ds_cursor *cursor = (ds_cursor *)base;
    if (cursor->is_counting) {
        int rc = stop_counting(cursor);
        if (rc != SQLITE_OK || cursor->is_eof) {
            return rc;
        }
    }
    *out = sqlite3_column_int64(cursor->statement, 0);
    return SQLITE_OK;
}

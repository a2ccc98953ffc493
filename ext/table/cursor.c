/*
** Cursors: a plan's inner statement, stepped. Values are handed on as they come.
*/
#include "table/table_int.h"

#include <string.h>

#define SPARE_CURSORS 8

/*
** inner: taken from plan while rows are read, given back at the end. rows_left counts down a
** counted plan, `position` is the number of rows passed (then and with a limit). `hint` is
** the limit inside, -1 without. texts: copies of the arguments' texts, which are bound without
** another copy. Made by open, freed by close or kept as a spare.
*/
struct ds_cursor {
    sqlite3_vtab_cursor base;
    ds_plan *plan;
    ds_inner *inner;
    sqlite3_stmt *statement;
    bool is_eof;
    bool is_counting;
    int64_t rows_left;
    int64_t position;
    int64_t hint;
    char *texts;
    size_t texts_size;
    ds_cursor *next_spare;
};

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

static void cursor_free(ds_cursor *cursor) {
    sqlite3_free(cursor->texts);
    sqlite3_free(cursor);
}

int ds_cursor_close(sqlite3_vtab_cursor *base) {
    ds_cursor *cursor = (ds_cursor *)base;
    ds_table *table = table_of(cursor);
    rest(cursor);
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

/* ---- arguments -------------------------------------------------------------------------- */

/* Room for the texts of all arguments, so that none moves while others are copied. */
static int reserve_texts(ds_cursor *cursor, int argc, sqlite3_value **argv) {
    size_t size = 0;
    for (int i = 0; i < argc; i++) {
        if (sqlite3_value_type(argv[i]) == SQLITE_TEXT) {
            size += (size_t)sqlite3_value_bytes(argv[i]);
        }
    }
    if (size <= cursor->texts_size) {
        return SQLITE_OK;
    }
    char *texts = sqlite3_realloc64(cursor->texts, size * 2);
    if (texts == NULL) {
        return SQLITE_NOMEM;
    }
    cursor->texts = texts;
    cursor->texts_size = size * 2;
    return SQLITE_OK;
}

static int bind_argument(ds_cursor *cursor, int at, sqlite3_value *value, size_t *end) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(cursor->statement, at, sqlite3_value_int64(value));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        int length = sqlite3_value_bytes(value);
        if (text == NULL) {
            return SQLITE_NOMEM;
        }
        char *copy = cursor->texts + *end;
        if (length > 0) {
            memcpy(copy, text, (size_t)length);
        }
        *end += (size_t)length;
        return sqlite3_bind_text(cursor->statement, at, length ? copy : "", length,
                                 SQLITE_STATIC);
    }
    default:
        return sqlite3_bind_value(cursor->statement, at, value);
    }
}

/* LIMIT and OFFSET of the inner statement. */
static int bind_limit(ds_cursor *cursor, int64_t limit, int64_t offset) {
    int at = cursor->plan->limit_arg + 1;
    int rc = sqlite3_bind_int64(cursor->statement, at, limit);
    return rc == SQLITE_OK ? sqlite3_bind_int64(cursor->statement, at + 1, offset) : rc;
}

/* The host's LIMIT covers the rows it will skip first. */
static int64_t hint_of(const ds_plan *plan, sqlite3_value **argv) {
    int64_t limit = sqlite3_value_int64(argv[plan->limit_arg]);
    int64_t offset =
        plan->offset_arg < 0 ? 0 : sqlite3_value_int64(argv[plan->offset_arg]);
    offset = offset < 0 ? 0 : offset;
    return limit < 0 || limit > INT64_MAX - offset ? -1 : limit + offset;
}

static int bind_all(ds_cursor *cursor, int argc, sqlite3_value **argv) {
    const ds_plan *plan = cursor->plan;
    size_t end = 0;
    int rc = reserve_texts(cursor, argc, argv);
    for (int i = 0; rc == SQLITE_OK && i < plan->n_terms; i++) {
        const ds_term *term = &plan->terms[i];
        if (term->op != SQLITE_INDEX_CONSTRAINT_ISNULL &&
            term->op != SQLITE_INDEX_CONSTRAINT_ISNOTNULL) {
            rc = bind_argument(cursor, term->arg + 1, argv[term->arg], &end);
        }
    }
    cursor->hint = -1;
    if (rc == SQLITE_OK && plan->limit_arg >= 0) {
        cursor->hint = hint_of(plan, argv);
        rc = bind_limit(cursor, cursor->hint, 0);
    }
    return rc;
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
        rc = bind_limit(cursor, -1, offset);
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
    rc = ds_pool_take(table, plan, &cursor->inner, &err);
    if (rc != SQLITE_OK) {
        return ds_table_fail(table, &err);
    }
    cursor->plan = plan;
    cursor->statement = cursor->inner->statement;
    cursor->position = 0;
    rc = bind_all(cursor, argc, argv);
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

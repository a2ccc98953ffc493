/*
** Look-ups by key, one after the other, by a statement that never ends. Starting and ending a
** statement costs more than finding a row: in the inner loop of a join, or for the values of an
** IN, the table-valued function datastore_key() hands the running statement the next key, and
** one step gives its row:
**
**   SELECT … FROM datastore_key(?1) AS k LEFT JOIN main."Post_rows" AS r ON r."id" = k.v0
*/
#include "table/table_int.h"

#include <string.h>

#define POINTER_TYPE "datastore_key"
#define SOURCE       DS_MAX_KEY_COLUMNS /* the hidden column behind v0, v1, … */

bool ds_key_fits(const ds_plan *plan) {
    bool fits = plan->is_unique && !plan->is_distinct && plan->n_order == 0 &&
                plan->limit_arg < 0;
    for (int i = 0; fits && i < plan->n_terms; i++) {
        fits = plan->terms[i].op == SQLITE_INDEX_CONSTRAINT_EQ &&
               plan->terms[i].arg < DS_MAX_KEY_COLUMNS;
    }
    return fits;
}

int ds_key_plan(ds_table *table, ds_plan *plan) {
    if (plan->keyed != NULL) {
        return SQLITE_OK;
    }
    ds_plan draft = *plan;
    bool *used = ds_plan_new_flags(table);
    if (used == NULL) {
        return SQLITE_NOMEM;
    }
    for (int i = 0; i < table->n_columns; i++) {
        used[i] = plan->map[i] >= 0;
    }
    draft.is_keyed = true;
    draft.idle = NULL;
    draft.n_idle = 0;
    int rc = ds_pool_intern(table, &draft, used, false, &plan->keyed);
    sqlite3_free(used);
    return rc;
}

int ds_key_bind(sqlite3_stmt *statement, ds_keys *keys) {
    return sqlite3_bind_pointer(statement, 1, keys, POINTER_TYPE, NULL);
}

/* ---- the table-valued function ---------------------------------------------------------------- */

typedef struct key_cursor {
    sqlite3_vtab_cursor base;
    const ds_keys *keys; /* NULL where somebody else calls the function: no rows then */
} key_cursor;

static int key_connect(sqlite3 *db, void *unused, int argc, const char *const *argv,
                       sqlite3_vtab **out, char **out_error) {
    (void)unused;
    (void)argc;
    (void)argv;
    (void)out_error;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "CREATE TABLE x(");
    for (int i = 0; i < DS_MAX_KEY_COLUMNS; i++) {
        ds_buf_addf(&sql, "v%d, ", i);
    }
    ds_buf_add(&sql, "source HIDDEN)");
    int rc = sql.rc ? sql.rc : sqlite3_declare_vtab(db, ds_buf_text(&sql));
    ds_buf_done(&sql);
    sqlite3_vtab *vtab = rc == SQLITE_OK ? sqlite3_malloc64(sizeof *vtab) : NULL;
    if (vtab == NULL) {
        return rc ? rc : SQLITE_NOMEM;
    }
    memset(vtab, 0, sizeof *vtab);
    *out = vtab;
    return sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
}

static int key_disconnect(sqlite3_vtab *vtab) {
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int key_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    (void)vtab;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].usable && info->aConstraint[i].iColumn == SOURCE &&
            info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ) {
            info->aConstraintUsage[i].argvIndex = 1;
            info->aConstraintUsage[i].omit = 1;
        }
    }
    info->estimatedCost = 1;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int key_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    (void)vtab;
    key_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (cursor == NULL) {
        return SQLITE_NOMEM;
    }
    memset(cursor, 0, sizeof *cursor);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int key_close(sqlite3_vtab_cursor *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

static int key_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                      sqlite3_value **argv) {
    (void)number;
    (void)text;
    ((key_cursor *)base)->keys =
        argc > 0 ? sqlite3_value_pointer(argv[0], POINTER_TYPE) : NULL;
    return SQLITE_OK;
}

/* The next row is the next key, whatever it is by then. */
static int key_next(sqlite3_vtab_cursor *base) {
    (void)base;
    return SQLITE_OK;
}

static int key_eof(sqlite3_vtab_cursor *base) {
    return ((key_cursor *)base)->keys == NULL;
}

/* The text is compared before the step ends, so it needs no copy. */
static int key_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    sqlite3_value **values = ((key_cursor *)base)->keys->values;
    if (column == SOURCE || values == NULL) {
        return SQLITE_OK;
    }
    if (sqlite3_value_type(values[column]) != SQLITE_TEXT) {
        sqlite3_result_value(context, values[column]);
        return SQLITE_OK;
    }
    const char *text = (const char *)sqlite3_value_text(values[column]);
    if (text == NULL) {
        return SQLITE_NOMEM;
    }
    sqlite3_result_text(context, text, sqlite3_value_bytes(values[column]),
                        SQLITE_STATIC);
    return SQLITE_OK;
}

static int key_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

/* No xCreate: the module's name is its only table. */
const sqlite3_module ds_key_module = {
    .xConnect = key_connect,
    .xBestIndex = key_best_index,
    .xDisconnect = key_disconnect,
    .xOpen = key_open,
    .xClose = key_close,
    .xFilter = key_filter,
    .xNext = key_next,
    .xEof = key_eof,
    .xColumn = key_column,
    .xRowid = key_rowid,
};

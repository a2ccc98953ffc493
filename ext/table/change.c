/*
** UPDATE of one row: find out what really changes, check that, then one inner statement.
** SQLite 3.40 hands all columns over in UPDATE … FROM, so "given" is not "changed": what a user
** may not set, or what would be refused, is compared with the row before it is judged.
*/
#include "table/table_int.h"

#include <string.h>

/* old: the row as it is, fetched when first asked for; gone: there is none. */
typedef struct change {
    ds_table *table;
    sqlite3_value *key;
    sqlite3_value **values;
    sqlite3_stmt *old;
    bool is_gone;
    ds_err *err;
} change;

static int load(change *c) {
    if (c->old != NULL || c->is_gone) {
        return SQLITE_OK;
    }
    int rc = ds_row_by_key(c->table, c->key, &c->old, c->err);
    c->is_gone = rc == SQLITE_OK && c->old == NULL;
    return rc;
}

static bool is_given(const change *c, int column) {
    return !sqlite3_value_nochange(c->values[column]);
}

/* Is the value what the row holds in that declared column? */
static int is_unchanged(change *c, int column, sqlite3_value *value, bool *out) {
    int rc = load(c);
    if (rc == SQLITE_OK) {
        *out = c->is_gone ||
               ds_value_is_same(
                   value, sqlite3_column_value(c->old, ds_row_place(c->table, column)));
    }
    return rc;
}

static int relation_unchanged(change *c, int index, sqlite3_value *value, bool *out) {
    ds_buf json;
    int rc = load(c);
    if (rc != SQLITE_OK || c->is_gone) {
        *out = true;
        return rc;
    }
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    rc = ds_relation_json(c->table, index, c->old, &json, c->err);
    const char *text = (const char *)sqlite3_value_text(value);
    *out = text != NULL && strcmp(text, ds_buf_text(&json)) == 0;
    ds_buf_done(&json);
    return rc;
}

/* ---- what is given --------------------------------------------------------------------------- */

/* Column and alias both came with different values: the one that the row has already was
** only passed along. */
static int settle_alias(change *c, int alias, const ds_vcolumn *v) {
    bool column_same = false, alias_same = false;
    sqlite3_value **input = &c->table->inputs[v->index];
    int rc = is_unchanged(c, v->index, *input, &column_same);
    if (rc == SQLITE_OK) {
        rc = is_unchanged(c, alias, c->values[alias], &alias_same);
    }
    if (rc == SQLITE_OK && column_same) {
        *input = c->values[alias];
    } else if (rc == SQLITE_OK && !alias_same) {
        rc = ds_alias_conflict(c->table, v, c->err);
    }
    return rc;
}

static int take_alias(change *c, int alias, const ds_vcolumn *v) {
    sqlite3_value **input = &c->table->inputs[v->index];
    if (*input == NULL) {
        *input = c->values[alias];
        return SQLITE_OK;
    }
    return ds_value_is_same(*input, c->values[alias]) ? SQLITE_OK
                                                      : settle_alias(c, alias, v);
}

/* Metadata, status and relations: NULL or what is there. */
static int check_hidden(change *c, int column, const ds_vcolumn *v) {
    sqlite3_value *value = c->values[column];
    bool same = sqlite3_value_type(value) == SQLITE_NULL || v->kind == DS_V_STATUS;
    int rc = SQLITE_OK;
    if (!same && v->kind == DS_V_RELATION) {
        rc = relation_unchanged(c, v->index, value, &same);
    } else if (!same) {
        rc = is_unchanged(c, column, value, &same);
    }
    return rc != SQLITE_OK || same
               ? rc
               : ds_err_set(c->err, SQLITE_CONSTRAINT, "%s.%s is read-only",
                            c->table->model->name, v->name);
}

static int take_inputs(change *c) {
    ds_table *table = c->table;
    int rc = SQLITE_OK;
    for (int i = 0; i < table->model->n_columns; i++) {
        table->inputs[i] = is_given(c, i) ? c->values[i] : NULL;
    }
    for (int i = table->model->n_columns; rc == SQLITE_OK && i < table->n_columns; i++) {
        const ds_vcolumn *v = &table->columns[i];
        if (is_given(c, i)) {
            rc = v->kind == DS_V_ALIAS ? take_alias(c, i, v) : check_hidden(c, i, v);
        }
    }
    return rc;
}

/* ---- checks ------------------------------------------------------------------------------------ */

static int refuse_fixed(change *c, const ds_column *column, sqlite3_value *value) {
    bool same = false;
    bool is_key = column->key_position >= 0;
    if (!is_key && sqlite3_value_type(value) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    int rc = SQLITE_OK;
    if (is_key && !c->table->has_rowid) {
        same = ds_value_is_same(value, c->key);
    } else {
        rc = is_unchanged(c, column->index, value, &same);
    }
    return rc != SQLITE_OK || same
               ? rc
               : ds_err_set(c->err, SQLITE_CONSTRAINT,
                            is_key ? "%s.%s is the key and cannot change"
                                   : "%s.%s is read-only",
                            c->table->model->name, column->name);
}

/* A value that would be refused may stand there already (the server's, or an older schema's);
** then it was passed along and nobody set it. */
static int take_column(change *c, const ds_column *column, sqlite3_value *value) {
    ds_table *table = c->table;
    if (column->key_position >= 0 || column->is_read_only) {
        return refuse_fixed(c, column, value);
    }
    bool same = false;
    int rc = ds_check_value(table->model, column, value, &table->scratch[column->index],
                            c->err);
    if (rc == SQLITE_OK) {
        ds_bit_set(table->given, column->index);
        return rc;
    }
    ds_err *err = c->err;
    c->err = NULL;
    int compared = is_unchanged(c, column->index, value, &same);
    c->err = err;
    if (compared == SQLITE_OK && same) {
        *err = (ds_err)DS_ERR_INIT;
        return SQLITE_OK;
    }
    return rc;
}

/* An orphan's other fields may be changed: only a new parent must exist. */
static int check_parent(change *c, int index) {
    const ds_relation *relation = &c->table->model->relations[index];
    bool touched = false, same = true;
    int rc = SQLITE_OK;
    for (int i = 0; i < relation->n_columns; i++) {
        touched = touched || ds_bit_get(c->table->given, relation->local[i]->index);
    }
    if (!touched || (rc = load(c)) != SQLITE_OK || c->is_gone) {
        return rc;
    }
    const ds_new_row row = {c->table->scratch, c->table->given, c->old};
    rc = ds_parent_check(c->table, index, &row, c->err);
    for (int i = 0; rc == SQLITE_CONSTRAINT_FOREIGNKEY && same && i < relation->n_columns;
         i++) {
        int column = relation->local[i]->index;
        if (ds_bit_get(c->table->given, column)) {
            (void)!is_unchanged(c, column, c->table->inputs[column], &same);
        }
    }
    if (rc == SQLITE_CONSTRAINT_FOREIGNKEY && same) {
        *c->err = (ds_err)DS_ERR_INIT;
        return SQLITE_OK;
    }
    return rc;
}

static int check(change *c, bool *out_any) {
    const ds_model *model = c->table->model;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        if (c->table->inputs[i] != NULL) {
            rc = take_column(c, &model->columns[i], c->table->inputs[i]);
            *out_any = *out_any || ds_bit_get(c->table->given, i);
        }
    }
    for (int i = 0; rc == SQLITE_OK && i < model->n_relations; i++) {
        if (model->relations[i].kind == DS_BELONGS_TO) {
            rc = check_parent(c, i);
        }
    }
    return rc;
}

/* ---- the row -------------------------------------------------------------------------------------- */

static void take_updated_at(ds_table *table, char now[DS_DATETIME_SIZE]) {
    for (int i = 0; i < table->model->n_columns; i++) {
        const ds_column *column = &table->model->columns[i];
        if (column->role == DS_COLUMN_UPDATED_AT && column->is_read_only) {
            ds_env_datetime(ds_env_now_ms(), now);
            table->scratch[i] = ds_value_text(now, DS_DATETIME_SIZE - 1);
            ds_bit_set(table->given, i);
        }
    }
}

static int key_value(const ds_table *table, sqlite3_value *key, ds_value *out) {
    if (table->has_rowid || sqlite3_value_type(key) == SQLITE_INTEGER) {
        *out = (ds_value){SQLITE_INTEGER, sqlite3_value_int64(key), 0, NULL, 0};
        return SQLITE_OK;
    }
    if (sqlite3_value_type(key) == SQLITE_FLOAT) {
        *out = (ds_value){SQLITE_FLOAT, 0, sqlite3_value_double(key), NULL, 0};
        return SQLITE_OK;
    }
    const char *text = (const char *)sqlite3_value_text(key);
    *out = ds_value_text(text, (size_t)sqlite3_value_bytes(key));
    return text ? SQLITE_OK : SQLITE_NOMEM;
}

int ds_change_row(ds_table *table, sqlite3_value *key, sqlite3_value **values,
                  ds_err *err) {
    change c = {table, key, values, NULL, false, err};
    char now[DS_DATETIME_SIZE];
    bool any = false;
    ds_value key_out;
    size_t words = (size_t)table->model->n_columns / 64 + 1;
    memset(table->given, 0, words * sizeof *table->given);
    int rc = take_inputs(&c);
    if (rc == SQLITE_OK) {
        rc = check(&c, &any);
    }
    if (c.old != NULL) {
        (void)sqlite3_reset(c.old);
    }
    if (rc != SQLITE_OK || !any || c.is_gone) {
        return rc;
    }
    take_updated_at(table, now);
    if (key_value(table, key, &key_out) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    return ds_change_apply(table, &key_out, 1, table->has_rowid, err);
}

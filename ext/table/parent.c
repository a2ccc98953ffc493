/*
** Is the parent there? A local write never makes an orphan (the server's rows may).
*/
#include "table/table_int.h"

#include <string.h>

static int prepare(ds_table *table, int index, ds_err *err) {
    const ds_relation *relation = &table->model->relations[index];
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT 1 FROM ");
    ds_store_add_rows(&sql, relation->target);
    for (int i = 0; i < relation->n_columns; i++) {
        ds_buf_add(&sql, i ? " AND " : " WHERE ");
        ds_buf_add_ident(&sql, relation->remote[i]->name);
        ds_buf_addf(&sql, " = ?%d", i + 1);
    }
    int rc =
        sql.rc ? ds_err_nomem(err)
               : ds_store_prepare(table->store, ds_buf_text(&sql),
                                  SQLITE_PREPARE_PERSISTENT, &table->parents[index], err);
    ds_buf_done(&sql);
    return rc;
}

/* The value that a column of the new row will have. */
static sqlite3_value *old_value(const ds_new_row *row, int column) {
    return row->old ? sqlite3_column_value(row->old, column) : NULL;
}

static bool is_null(const ds_new_row *row, int column) {
    if (ds_bit_get(row->given, column)) {
        return row->values[column].type == SQLITE_NULL;
    }
    return row->old == NULL || sqlite3_value_type(old_value(row, column)) == SQLITE_NULL;
}

static int bind_local(const ds_relation *relation, sqlite3_stmt *statement,
                      const ds_new_row *row) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < relation->n_columns; i++) {
        int column = relation->local[i]->index;
        rc = ds_bit_get(row->given, column)
                 ? ds_value_bind(statement, i + 1, &row->values[column])
                 : sqlite3_bind_value(statement, i + 1, old_value(row, column));
    }
    return rc;
}

static bool is_same(const ds_value *a, const ds_value *b) {
    if (a->type != b->type) {
        return false;
    }
    if (a->type == SQLITE_TEXT) {
        return a->length == b->length && memcmp(a->text, b->text, (size_t)a->length) == 0;
    }
    return a->type == SQLITE_INTEGER ? a->integer == b->integer : a->real == b->real;
}

/* A new row may point to itself: it will be there when the statement is done. */
static bool is_own_parent(const ds_table *table, const ds_relation *relation,
                          const ds_new_row *row) {
    if (row->old != NULL || relation->target != table->model) {
        return false;
    }
    for (int i = 0; i < relation->n_columns; i++) {
        if (!is_same(&row->values[relation->local[i]->index],
                     &row->values[relation->remote[i]->index])) {
            return false;
        }
    }
    return true;
}

/* One value of the foreign key as SQL would write it, shortened. */
static void add_value(const ds_new_row *row, int column, ds_buf *out) {
    const ds_value *value = &row->values[column];
    bool given = ds_bit_get(row->given, column);
    sqlite3_value *old = given ? NULL : old_value(row, column);
    int type = given ? value->type : sqlite3_value_type(old);
    if (type == SQLITE_TEXT) {
        ds_buf_addf(out, "'%!.60q'",
                    given ? value->text : (const char *)sqlite3_value_text(old));
    } else if (type == SQLITE_INTEGER) {
        ds_buf_addf(out, "%lld", given ? value->integer : sqlite3_value_int64(old));
    } else {
        ds_buf_addf(out, "%!.15g", given ? value->real : sqlite3_value_double(old));
    }
}

static int refuse(const ds_table *table, const ds_relation *relation,
                  const ds_new_row *row, ds_err *err) {
    ds_buf key;
    ds_buf_init(&key, DS_ERR_TEXT_MAX);
    for (int i = 0; i < relation->n_columns; i++) {
        const ds_column *column = relation->local[i];
        ds_buf_addf(&key, "%s%s.%s = ", i ? ", " : "", table->model->name, column->name);
        add_value(row, column->index, &key);
    }
    int rc = ds_err_set(err, SQLITE_CONSTRAINT_FOREIGNKEY,
                        "FOREIGN KEY constraint failed: %s: no such %s",
                        ds_buf_text(&key), relation->target->name);
    ds_buf_done(&key);
    return rc;
}

int ds_parent_check(ds_table *table, int index, const ds_new_row *row, ds_err *err) {
    const ds_relation *relation = &table->model->relations[index];
    for (int i = 0; i < relation->n_columns; i++) {
        if (is_null(row, relation->local[i]->index)) {
            return SQLITE_OK;
        }
    }
    if (is_own_parent(table, relation, row)) {
        return SQLITE_OK;
    }
    int rc = table->parents[index] ? SQLITE_OK : prepare(table, index, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_stmt *statement = table->parents[index];
    if (bind_local(relation, statement, row) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, table->store->db, rc);
    }
    return found ? SQLITE_OK : refuse(table, relation, row, err);
}

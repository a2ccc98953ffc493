/*
** Relation columns: the related rows as JSON, computed only when somebody names the column.
*/
#include "table/table_int.h"

static int prepare(ds_table *table, int index, ds_err *err) {
    const ds_relation *relation = &table->model->relations[index];
    const ds_model *target = relation->target;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    ds_codec_add_columns(target, "r", &sql);
    ds_buf_add(&sql, " FROM ");
    ds_store_add_rows(&sql, target);
    ds_buf_add(&sql, " AS r WHERE ");
    for (int i = 0; i < relation->n_columns; i++) {
        ds_buf_add(&sql, i ? " AND r." : "r.");
        ds_buf_add_ident(&sql, relation->remote[i]->name);
        ds_buf_addf(&sql, " = ?%d", i + 1);
    }
    for (int i = 0; i < target->n_key; i++) {
        ds_buf_add(&sql, i ? ", r." : " ORDER BY r.");
        ds_buf_add_ident(&sql, target->key[i]->name);
    }
    int rc = sql.rc ? ds_err_nomem(err)
                    : ds_store_prepare(table->store, ds_buf_text(&sql),
                                       SQLITE_PREPARE_PERSISTENT,
                                       &table->relations[index], err);
    ds_buf_done(&sql);
    return rc;
}

static int bind_local(const ds_relation *relation, sqlite3_stmt *statement,
                      sqlite3_stmt *row) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < relation->n_columns; i++) {
        rc = sqlite3_bind_value(statement, i + 1,
                                sqlite3_column_value(row, relation->local[i]->index));
    }
    return rc;
}

int ds_relation_json(ds_table *table, int index, sqlite3_stmt *row, ds_buf *out,
                     ds_err *err) {
    const ds_relation *relation = &table->model->relations[index];
    bool is_many = relation->kind == DS_HAS_MANY;
    int rc = SQLITE_OK, n = 0;
    if (table->relations[index] == NULL) {
        rc = prepare(table, index, err);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_stmt *statement = table->relations[index];
    if (bind_local(relation, statement, row) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    ds_buf_add(out, is_many ? "[" : "");
    while ((is_many || n == 0) && sqlite3_step(statement) == SQLITE_ROW) {
        ds_buf_add(out, n++ ? "," : "");
        ds_codec_print_row(relation->target, statement, 0, out);
    }
    ds_buf_add(out, is_many ? "]" : n == 0 ? "null" : "");
    rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? out->rc : ds_err_db(err, table->store->db, rc);
}

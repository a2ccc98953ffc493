/*
** One whole row, by its rid or by the key that SQLite hands to xUpdate.
*/
#include "table/table_int.h"

/* SELECT <what> FROM rows AS r WHERE r.<column> = ?1 */
static int prepare(ds_table *table, bool of_status, const char *column,
                   sqlite3_stmt **out, ds_err *err) {
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    if (of_status) {
        ds_store_add_status(&sql, table->store, table->model);
    } else {
        ds_codec_add_columns(table->model, "r", &sql);
    }
    ds_buf_add(&sql, " FROM ");
    ds_store_add_rows(&sql, table->model);
    ds_buf_add(&sql, " AS r WHERE r.");
    ds_buf_add_ident(&sql, column);
    ds_buf_add(&sql, " = ?1");
    int rc = sql.rc ? ds_err_nomem(err)
                    : ds_store_prepare(table->store, ds_buf_text(&sql),
                                       SQLITE_PREPARE_PERSISTENT, out, err);
    ds_buf_done(&sql);
    return rc;
}

int ds_row_place(const ds_table *table, int column) {
    const ds_vcolumn *v = &table->columns[column];
    int n = table->model->n_columns;
    return v->kind == DS_V_META ? n + v->index : v->index;
}

/* Step a bound statement to its row. */
static int fetch(ds_table *table, sqlite3_stmt *statement, sqlite3_stmt **out,
                 ds_err *err) {
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *out = statement;
        return SQLITE_OK;
    }
    *out = NULL;
    rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, table->store->db, rc);
}

static int by_rid(ds_table *table, sqlite3_stmt **cached, bool of_status, int64_t rid,
                  sqlite3_stmt **out, ds_err *err) {
    int rc = SQLITE_OK;
    if (*cached == NULL) {
        rc = prepare(table, of_status, table->rid, cached, err);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_bind_int64(*cached, 1, rid);
    }
    return rc == SQLITE_OK ? fetch(table, *cached, out, err) : rc;
}

int ds_row_by_rid(ds_table *table, int64_t rid, sqlite3_stmt **out, ds_err *err) {
    return by_rid(table, &table->by_rid, false, rid, out, err);
}

int ds_row_status(ds_table *table, int64_t rid, sqlite3_stmt **out, ds_err *err) {
    return by_rid(table, &table->status, true, rid, out, err);
}

int ds_row_by_key(ds_table *table, sqlite3_value *key, sqlite3_stmt **out, ds_err *err) {
    if (table->has_rowid) {
        return ds_row_by_rid(table, sqlite3_value_int64(key), out, err);
    }
    int rc = SQLITE_OK;
    if (table->by_key == NULL) {
        rc = prepare(table, false, table->model->key[0]->name, &table->by_key, err);
    }
    if (rc == SQLITE_OK && sqlite3_bind_value(table->by_key, 1, key) != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    return rc == SQLITE_OK ? fetch(table, table->by_key, out, err) : rc;
}

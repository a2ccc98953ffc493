/*
** xUpdate: INSERT, UPDATE and DELETE of one row each, as SQLite calls it.
*/
#include "table/table_int.h"

static int delete_row(ds_table *table, sqlite3_value *key, ds_err *err) {
    int rc = SQLITE_OK;
    if (table->remove == NULL) {
        ds_buf sql;
        ds_buf_init(&sql, DS_MAX_SQL_BYTES);
        ds_buf_add(&sql, "DELETE FROM ");
        ds_store_add_rows(&sql, table->model);
        ds_buf_add(&sql, " WHERE ");
        ds_buf_add_ident(&sql,
                         table->has_rowid ? table->rid : table->model->key[0]->name);
        ds_buf_add(&sql, " = ?1");
        rc = sql.rc ? ds_err_nomem(err)
                    : ds_store_prepare(table->store, ds_buf_text(&sql),
                                       SQLITE_PREPARE_PERSISTENT, &table->remove, err);
        ds_buf_done(&sql);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = sqlite3_bind_value(table->remove, 1, key);
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(table->remove);
        rc = sqlite3_reset(table->remove);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, table->store->db, rc);
}

/*
** SQLite applies OR IGNORE, FAIL and ROLLBACK to every constraint error of a virtual table. For
** its own tables they speak of what may be wrong with one row (UNIQUE, NOT NULL, CHECK); a
** wrong type or a missing parent undoes the whole statement and no more, and so it does here.
*/
static int refuse(ds_table *table, ds_err *err) {
    int mode = sqlite3_vtab_on_conflict(table->store->db);
    bool is_taken_over =
        mode == SQLITE_IGNORE || mode == SQLITE_FAIL || mode == SQLITE_ROLLBACK;
    bool of_row = err->code == SQLITE_CONSTRAINT_UNIQUE ||
                  err->code == SQLITE_CONSTRAINT_NOTNULL ||
                  err->code == SQLITE_CONSTRAINT_CHECK;
    int rc = ds_table_fail(table, err);
    bool is_constraint = (rc & 0xff) == SQLITE_CONSTRAINT;
    return is_constraint && is_taken_over && !of_row ? SQLITE_ERROR : rc;
}

int ds_write_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                    sqlite3_int64 *out_rowid) {
    ds_table *table = (ds_table *)vtab;
    ds_err err = DS_ERR_INIT;
    int64_t rid = 0;
    int rc = SQLITE_OK;
    if (argc == 1) {
        rc = delete_row(table, argv[0], &err);
    } else if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
        if (table->has_rowid && sqlite3_value_type(argv[1]) != SQLITE_NULL) {
            rc = ds_err_set(&err, SQLITE_CONSTRAINT, "the rowid of %s cannot be chosen",
                            table->model->name);
        } else {
            rc = ds_insert_row(table, argv + 2, &rid, &err);
            *out_rowid = rid;
        }
    } else if (table->has_rowid &&
               sqlite3_value_int64(argv[0]) != sqlite3_value_int64(argv[1])) {
        rc = ds_err_set(&err, SQLITE_CONSTRAINT, "the rowid of %s cannot change",
                        table->model->name);
    } else {
        rc = ds_change_row(table, argv[0], argv + 2, &err);
    }
    if (rc == SQLITE_OK) {
        return rc;
    }
    if (err.code == 0) {
        (void)ds_err_set(&err, rc, "%s", sqlite3_errstr(rc));
    }
    return refuse(table, &err);
}

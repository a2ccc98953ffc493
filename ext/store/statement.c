/*
** Statements of one connection, with errors taken over from SQLite.
*/
#include "store/store_int.h"

#include <string.h>

int ds_store_prepare(ds_store *store, const char *sql, unsigned flags, sqlite3_stmt **out,
                     ds_err *err) {
    int rc = sqlite3_prepare_v3(store->db, sql, -1, flags, out, NULL);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_store_prepare_named(ds_store *store, enum ds_sql id, sqlite3_stmt **out,
                           ds_err *err) {
    return ds_store_prepare(store, ds_sql_text(id), 0, out, err);
}

static int run(ds_store *store, sqlite3_stmt *statement, ds_err *err) {
    const char *sql = sqlite3_sql(statement);
    if (sqlite3_strnicmp(sql + strspn(sql, " \n"), "DROP", 4) == 0) {
        return ds_savepoint_drop(store, statement, err);
    }
    int rc = SQLITE_ROW;
    while (rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
    }
    rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_store_exec(ds_store *store, const char *sql, ds_err *err) {
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *sql != '\0') {
        sqlite3_stmt *statement = NULL;
        rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, &sql);
        if (rc != SQLITE_OK) {
            return ds_err_db(err, store->db, rc);
        }
        if (statement != NULL) {
            rc = run(store, statement, err);
        }
        sqlite3_finalize(statement);
    }
    return rc;
}

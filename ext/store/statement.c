/*
** Statements and savepoints of one connection, with errors taken over from SQLite.
*/
#include "store/store_int.h"

int ds_store_prepare(ds_store *store, const char *sql, unsigned flags, sqlite3_stmt **out,
                     ds_err *err) {
    int rc = sqlite3_prepare_v3(store->db, sql, -1, flags, out, NULL);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_store_prepare_named(ds_store *store, enum ds_sql id, sqlite3_stmt **out,
                           ds_err *err) {
    return ds_store_prepare(store, ds_sql_text(id), 0, out, err);
}

int ds_store_exec(ds_store *store, const char *sql, ds_err *err) {
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* `verb` is a constant of ours and `name` one of our names: nothing to quote. No memory is
** asked for here: when it is out, SQLite itself must be the first to notice. */
static int savepoint(ds_store *store, const char *verb, const char *name, ds_err *err) {
    char sql[80];
    sqlite3_snprintf(sizeof sql, sql, "%s %s", verb, name);
    return ds_store_exec(store, sql, err);
}

int ds_store_savepoint(ds_store *store, const char *name, ds_err *err) {
    return savepoint(store, "SAVEPOINT", name, err);
}

int ds_store_keep(ds_store *store, const char *name, ds_err *err) {
    return savepoint(store, "RELEASE", name, err);
}

bool ds_store_undo(ds_store *store, const char *name) {
    if (savepoint(store, "ROLLBACK TO", name, NULL) == SQLITE_OK &&
        savepoint(store, "RELEASE", name, NULL) == SQLITE_OK) {
        return true;
    }
    /* After some errors SQLite has rolled back everything, and the savepoint is gone. */
    return sqlite3_get_autocommit(store->db) != 0;
}

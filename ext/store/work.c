/*
** The frame around work that writes: a savepoint, the write lock, and an end that leaves
** nothing behind.
*/
#include "store/store_int.h"

/* Statements that change nothing but take the write lock of main, with our tables and without:
** SQLite has none that is made for it. (Where auto_vacuum is incremental, the second frees one
** unused page.) */
#define LOCK       "DELETE FROM main.datastore_session WHERE 0"
#define LOCK_EMPTY "PRAGMA main.incremental_vacuum(1)"

/* `verb` is a constant of ours and `name` one of our names: nothing to quote. No memory is
** asked for here: when it is out, SQLite itself must be the first to notice. */
static int savepoint(ds_store *store, const char *verb, const char *name, ds_err *err) {
    char sql[80];
    sqlite3_snprintf(sizeof sql, sql, "%s %s", verb, name);
    return ds_store_exec(store, sql, err);
}

static int prepare_lock(ds_store *store, sqlite3_stmt **out, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    int rc = ds_store_prepare(store, LOCK, 0, out, &why);
    if (rc == SQLITE_ERROR) {
        rc = ds_store_prepare(store, LOCK_EMPTY, 0, out, err);
    } else if (rc != SQLITE_OK) {
        rc = ds_err_set(err, rc, "%s", why.text);
    }
    return rc;
}

int ds_store_begin(ds_store *store, const char *name, ds_err *err) {
    /* The second one waits for undo: a PRAGMA runs only once. */
    sqlite3_stmt *lock = NULL;
    int rc = prepare_lock(store, &lock, err);
    rc = rc ? rc : prepare_lock(store, &store->lock, err);
    store->is_transaction = sqlite3_get_autocommit(store->db) != 0;
    rc = rc ? rc : savepoint(store, "SAVEPOINT", name, err);
    if (rc != SQLITE_OK) {
        sqlite3_finalize(lock);
        sqlite3_finalize(store->lock);
        store->lock = NULL;
        return rc;
    }
    (void)sqlite3_step(lock);
    rc = sqlite3_finalize(lock);
    return rc == SQLITE_OK
               ? rc
               : ds_store_end(store, name, ds_err_db(err, store->db, rc), false, err);
}

static int roll_back(ds_store *store, const char *name) {
    /* A transaction of our own ends in one statement: the rollback of a schema change makes
    ** SQLite prepare the lock anew, so no second statement could rely on it. */
    if (store->is_transaction) {
        return ds_store_exec(store, "ROLLBACK", NULL);
    }
    int rc = savepoint(store, "ROLLBACK TO", name, NULL);
    return rc ? rc : savepoint(store, "RELEASE", name, NULL);
}

/*
** When memory is out or the user interrupts, SQLite runs nothing new until the statement that
** called us has returned: no ROLLBACK, and the host would be left in a transaction that it
** never began. A prepared statement that writes can still be started. It fails at once, and for
** these errors SQLite then rolls back the whole transaction (unless the statement could be
** undone by itself, as an UPDATE of several rows under constraints can; a DELETE cannot).
** After some errors SQLite has rolled back by itself already.
*/
static void undo(ds_store *store, const char *name) {
    if (sqlite3_get_autocommit(store->db) == 0 && roll_back(store, name) != SQLITE_OK) {
        (void)sqlite3_step(store->lock);
    }
}

/* ALTER TABLE wraps an interrupt into an error of its own. It lasts until the caller's statement
** has returned, and nothing new runs meanwhile. */
static int unwrap(ds_store *store, int rc, ds_err *err) {
    if (rc == SQLITE_ERROR &&
        ds_store_exec(store, "SELECT 1", NULL) == SQLITE_INTERRUPT) {
        *err = (ds_err)DS_ERR_INIT;
        rc = ds_err_set(err, SQLITE_INTERRUPT, "%s", sqlite3_errstr(SQLITE_INTERRUPT));
    }
    return rc;
}

int ds_store_end(ds_store *store, const char *name, int rc, bool keep, ds_err *err) {
    if (rc == SQLITE_OK && keep) {
        rc = savepoint(store, "RELEASE", name, err);
        keep = rc == SQLITE_OK;
    }
    if (rc != SQLITE_OK || !keep) {
        undo(store, name);
        rc = unwrap(store, rc, err);
    }
    sqlite3_finalize(store->lock);
    store->lock = NULL;
    return rc;
}

/*
** CREATE INDEX, CREATE VIRTUAL TABLE and sometimes ALTER TABLE make SQLite prepare every
** statement anew before it starts it, which undo cannot wait for. A statement that has started
** is free of that: one that writes stands by until the lock is prepared again.
*/
int ds_store_alter(ds_store *store, const char *sql, ds_err *err) {
    sqlite3_stmt *started = NULL, *lock = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_STAND_BY, &started, err);
    if (rc == SQLITE_OK && sqlite3_step(started) != SQLITE_ROW) {
        rc = ds_err_db(err, store->db, sqlite3_reset(started));
    }
    rc = rc ? rc : ds_store_exec(store, sql, err);
    if (rc == SQLITE_OK || sqlite3_get_autocommit(store->db) == 0) {
        int again = prepare_lock(store, &lock, err);
        rc = rc ? rc : again;
    }
    if (lock != NULL) {
        sqlite3_finalize(store->lock);
        store->lock = lock;
    } else if (started != NULL) {
        (void)sqlite3_step(started);
    }
    sqlite3_finalize(started);
    return rc;
}

/*
** Savepoints that can be undone in whatever state SQLite is.
**
** Two states of it last until the host's statement has ended, and stop our ROLLBACK, too:
** out of memory, and an interrupt. What still works then is to end a statement that is
** under way: SQLite rolls back the transaction in which a write ends like that. Such a
** statement, the guard, runs as long as the savepoint is open. Asking for the journal mode
** changes nothing and counts as a write. Where an authorizer forbids that, a read will do
** against lack of memory, which is the likelier of the two.
*/
#include "store/store_int.h"

static int prepare_guard(sqlite3 *db, sqlite3_stmt **out, ds_err *err) {
    static const char *const guards[] = {
        "PRAGMA main.journal_mode", "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema)"};
    int rc = SQLITE_AUTH;
    for (size_t i = 0; i < DS_COUNT(guards) && rc == SQLITE_AUTH; i++) {
        rc = sqlite3_prepare_v2(db, guards[i], -1, out, NULL);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, db, rc);
}

static int start_guard(ds_savepoint *savepoint, ds_err *err) {
    if (sqlite3_step(savepoint->guard) == SQLITE_ROW) {
        return SQLITE_OK;
    }
    int rc = sqlite3_reset(savepoint->guard);
    return ds_err_db(err, savepoint->store->db, rc ? rc : SQLITE_ERROR);
}

static void end_guard(ds_savepoint *savepoint) {
    sqlite3_finalize(savepoint->guard);
    savepoint->guard = NULL;
}

static void finish(ds_savepoint *savepoint) {
    end_guard(savepoint);
    sqlite3_finalize(savepoint->undo);
    savepoint->undo = NULL;
    savepoint->store->savepoint = savepoint->outer;
}

/* ---- begin --------------------------------------------------------------------------------- */

/* Names may be used twice: the innermost is meant. */
int ds_store_savepoint(ds_store *store, bool at_once, ds_savepoint *out, ds_err *err) {
    bool outermost = sqlite3_get_autocommit(store->db) != 0;
    *out = (ds_savepoint){store, store->savepoint, NULL, NULL, outermost};
    int rc = prepare_guard(store->db, &out->guard, err);
    if (rc == SQLITE_OK) {
        rc = ds_store_prepare(store, outermost ? "ROLLBACK" : "ROLLBACK TO datastore", 0,
                              &out->undo, err);
    }
    if (rc != SQLITE_OK) {
        finish(out);
        return rc;
    }
    store->savepoint = out;
    rc = ds_store_exec(
        store, outermost && at_once ? "BEGIN IMMEDIATE" : "SAVEPOINT datastore", err);
    bool began = rc == SQLITE_OK;
    rc = began ? start_guard(out, err) : rc;
    /* An interrupt may come when the work is done, and is an error all the same. */
    if (rc != SQLITE_OK && (began || outermost)) {
        ds_store_undo(out);
    } else if (rc != SQLITE_OK) {
        finish(out);
    }
    return rc;
}

/* SQLite drops nothing while a statement is under way. A DROP is a write itself, so it
** needs no guard; the next one is ready before it begins. */
int ds_savepoint_drop(ds_store *store, sqlite3_stmt *drop, ds_err *err) {
    ds_savepoint *savepoint = store->savepoint;
    sqlite3_stmt *next = NULL;
    int rc = savepoint ? prepare_guard(store->db, &next, err) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (savepoint != NULL) {
        end_guard(savepoint);
        savepoint->guard = next;
    }
    (void)sqlite3_step(drop);
    rc = sqlite3_reset(drop);
    if (rc != SQLITE_OK) {
        rc = ds_err_db(err, store->db, rc);
    }
    int started = savepoint ? start_guard(savepoint, err) : SQLITE_OK;
    return rc ? rc : started;
}

/* ---- end ----------------------------------------------------------------------------------- */

static int run(sqlite3_stmt *statement) {
    (void)sqlite3_step(statement);
    return sqlite3_reset(statement);
}

/* From the end of the guard on, nothing is prepared any more: an interrupt stops that,
** too. BEGIN IMMEDIATE is a write that SQLite rolls back for when it is interrupted. */
static int commit(ds_savepoint *savepoint, sqlite3_stmt *const statements[3],
                  ds_err *err) {
    sqlite3 *db = savepoint->store->db;
    end_guard(savepoint);
    int rc = run(statements[0]);
    if ((rc & 0xff) == SQLITE_INTERRUPT && sqlite3_get_autocommit(db)) {
        return SQLITE_OK; /* it came when the work was done */
    }
    if (rc != SQLITE_OK) {
        rc = ds_err_db(err, db, rc); /* before the rollback has no error to tell */
    }
    for (int i = 1; rc != SQLITE_OK && i < 3 && !sqlite3_get_autocommit(db); i++) {
        (void)run(statements[i]);
    }
    return rc;
}

int ds_store_keep(ds_savepoint *savepoint, ds_err *err) {
    static const char *const outermost[] = {"COMMIT", "ROLLBACK", "BEGIN IMMEDIATE"};
    static const char *const inner[] = {"RELEASE datastore", "ROLLBACK TO datastore",
                                        "BEGIN IMMEDIATE"};
    ds_store *store = savepoint->store;
    sqlite3_stmt *statements[3] = {NULL, NULL, NULL};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < 3; i++) {
        rc = ds_store_prepare(store, savepoint->is_outermost ? outermost[i] : inner[i], 0,
                              &statements[i], err);
    }
    if (rc != SQLITE_OK) {
        ds_store_undo(savepoint);
    } else {
        rc = commit(savepoint, statements, err);
        finish(savepoint);
        if (rc == SQLITE_OK && store->on_commit != NULL && savepoint->is_outermost) {
            store->on_commit(store->feed);
        }
    }
    for (int i = 0; i < 3; i++) {
        sqlite3_finalize(statements[i]);
    }
    return rc;
}

void ds_store_undo(ds_savepoint *savepoint) {
    sqlite3 *db = savepoint->store->db;
    if (!sqlite3_get_autocommit(db) && run(savepoint->undo) != SQLITE_OK) {
        (void)sqlite3_step(savepoint->guard);
    }
    end_guard(savepoint);
    if (!sqlite3_get_autocommit(db)) {
        /* A second try: some interrupts do not last. */
        (void)run(savepoint->undo);
        if (!savepoint->is_outermost) {
            (void)sqlite3_exec(db, "RELEASE datastore", NULL, NULL, NULL);
        }
    }
    finish(savepoint);
}

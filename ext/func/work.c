/*
** The frame around a function that writes rows: a savepoint and the write lock.
*/
#include "func/func_int.h"

/*
** Changes nothing, but takes the lock. It comes before anything is read: a reader that turns
** writer fails at once when somebody else has written meanwhile, whatever busy timeout the
** host has set.
*/
static int prepare_lock(ds_work *work, sqlite3_value *model, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    const char *name = NULL;
    int rc = ds_store_prepare(work->store, "DELETE FROM main.datastore_session WHERE 0",
                              0, &work->lock, &why);
    if (rc == SQLITE_OK) {
        return rc;
    }
    /* Most likely no schema is installed: then this says so. */
    int said = ds_func_text(model, &name, err);
    if (said == SQLITE_OK && rc == SQLITE_ERROR) {
        said = ds_func_model(work->store, name, &work->model, err);
    }
    return said == SQLITE_OK ? ds_err_set(err, rc, "%s", why.text) : said;
}

static int lock(ds_work *work, ds_err *err) {
    (void)sqlite3_step(work->lock);
    int rc = sqlite3_reset(work->lock);
    return rc == SQLITE_OK ? rc : ds_err_db(err, work->store->db, rc);
}

int ds_work_begin(ds_store *store, const char *name, sqlite3_value *model, ds_work *out,
                  ds_err *err) {
    const char *model_name = NULL;
    *out = (ds_work){.store = store, .name = name};
    int rc = ds_func_guard(store, name, false, err);
    if (rc == SQLITE_OK) {
        rc = prepare_lock(out, model, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_store_savepoint(store, name, err);
    }
    if (rc != SQLITE_OK) {
        sqlite3_finalize(out->lock);
        return rc;
    }
    rc = lock(out, err);
    if (rc == SQLITE_OK) {
        rc = ds_func_text(model, &model_name, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_func_model(store, model_name, &out->model, err);
    }
    return rc == SQLITE_OK ? rc : ds_work_end(out, rc, false, err);
}

/*
** When memory is out or the user interrupts, SQLite runs nothing new until the statement that
** called us has returned: no ROLLBACK, and the host would be left in a transaction that it
** never began. A prepared statement that writes can still be started. It fails at once, and for
** these errors SQLite then rolls back the whole transaction (unless the statement could be
** undone by itself, as an UPDATE of several rows under constraints can; a DELETE cannot).
*/
static void undo(ds_work *work) {
    if (!ds_store_undo(work->store, work->name)) {
        (void)sqlite3_step(work->lock);
    }
}

int ds_work_end(ds_work *work, int rc, bool keep, ds_err *err) {
    if (rc == SQLITE_OK && keep) {
        rc = ds_store_keep(work->store, work->name, err);
        keep = rc == SQLITE_OK;
    }
    if (rc != SQLITE_OK || !keep) {
        undo(work);
    }
    sqlite3_finalize(work->lock);
    return rc;
}

/*
** The frame around a function that writes rows: a savepoint and the write lock.
*/
#include "func/func_int.h"

/*
** Changes nothing, but takes the lock. It comes before anything is read: a reader that turns
** writer fails at once when somebody else has written meanwhile, whatever busy timeout the
** host has set.
*/
static int prepare_lock(ds_work *work, sqlite3_value *model, sqlite3_stmt **out,
                        ds_err *err) {
    ds_err why = DS_ERR_INIT;
    const char *name = NULL;
    int rc = ds_store_prepare(work->store, "DELETE FROM main.datastore_session WHERE 0",
                              0, out, &why);
    if (rc == SQLITE_OK) {
        return rc;
    }
    /* Most likely no schema is installed: then this says so. */
    int said = model ? ds_func_text(model, &name, err) : SQLITE_OK;
    if (said == SQLITE_OK && rc == SQLITE_ERROR) {
        said = ds_func_model(work->store, name, &work->model, err);
    }
    return said == SQLITE_OK ? ds_err_set(err, rc, "%s", why.text) : said;
}

static int take(ds_work *work, sqlite3_stmt *lock, ds_err *err) {
    (void)sqlite3_step(lock);
    int rc = sqlite3_finalize(lock);
    return rc == SQLITE_OK ? rc : ds_err_db(err, work->store->db, rc);
}

/* Take up another connection's schema, and find the model in it, if it is asked for. */
static int find(ds_work *work, sqlite3_value *model, ds_err *err) {
    const char *name = NULL;
    if (model == NULL) {
        return ds_func_installed(work->store, err);
    }
    int rc = ds_func_text(model, &name, err);
    return rc ? rc : ds_func_model(work->store, name, &work->model, err);
}

int ds_work_begin(ds_store *store, const char *name, bool alone, sqlite3_value *model,
                  ds_work *out, ds_err *err) {
    sqlite3_stmt *lock = NULL;
    *out = (ds_work){.store = store};
    int rc = ds_func_guard(store, name, alone, err);
    if (rc == SQLITE_OK) {
        rc = prepare_lock(out, model, &lock, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_store_savepoint(store, false, &out->savepoint, err);
    }
    if (rc != SQLITE_OK) {
        sqlite3_finalize(lock);
        return rc;
    }
    rc = take(out, lock, err);
    rc = rc ? rc : find(out, model, err);
    return rc == SQLITE_OK ? rc : ds_work_end(out, rc, false, err);
}

int ds_work_end(ds_work *work, int rc, bool keep, ds_err *err) {
    if (rc == SQLITE_OK && keep) {
        return ds_store_keep(&work->savepoint, err);
    }
    ds_store_undo(&work->savepoint);
    return rc;
}

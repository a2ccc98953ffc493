/*
** The merger: a connection's transactions of sync, and what it keeps between them.
*/
#include "sync/sync_int.h"

#include <string.h>

ds_policy ds_policy_find(const char *name) {
    static const char *const names[] = {[DS_POLICY_MERGE] = "merge",
                                        [DS_POLICY_LOCAL] = "local",
                                        [DS_POLICY_REMOTE] = "remote"};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return (ds_policy)i;
        }
    }
    return DS_POLICY_FUNCTION;
}

int ds_merger_new(ds_store *store, ds_policy policy, const char *function,
                  sqlite3 *function_db, ds_merger **out, ds_err *err) {
    ds_merger *merger = sqlite3_malloc64(sizeof *merger);
    if (merger == NULL) {
        return ds_err_nomem(err);
    }
    *merger = (ds_merger){.store = store,
                          .policy = policy,
                          .function_db = function_db ? function_db : store->db};
    ds_store_retain(store);
    if (function != NULL) {
        merger->function = sqlite3_mprintf("%s", function);
        if (merger->function == NULL) {
            ds_merger_free(merger);
            return ds_err_nomem(err);
        }
    }
    *out = merger;
    return SQLITE_OK;
}

/* What belongs to one catalog. */
static void forget(ds_merger *merger) {
    for (int i = 0; i < merger->n_models; i++) {
        ds_intake_free(merger->models[i].intake);
    }
    sqlite3_free(merger->models);
    ds_records_free(merger->records);
    merger->models = NULL;
    merger->n_models = 0;
    merger->records = NULL;
}

void ds_merger_free(ds_merger *merger) {
    if (merger != NULL) {
        forget(merger);
        ds_store_release(merger->store);
        sqlite3_free(merger->function);
        sqlite3_free(merger);
    }
}

ds_records *ds_merger_records(ds_merger *merger) {
    return merger->records;
}

/* ---- begin ---------------------------------------------------------------------------------- */

static int allocate(ds_merger *merger, ds_err *err) {
    int n = merger->store->catalog->n_models;
    size_t size = (size_t)n * sizeof *merger->models;
    merger->models = sqlite3_malloc64(size + 1);
    if (merger->models == NULL) {
        return ds_err_nomem(err);
    }
    memset(merger->models, 0, size);
    merger->n_models = n;
    return ds_records_new(merger->store, &merger->records, err);
}

/* Other connections may have changed the schema since the last time. */
static int take_catalog(ds_merger *merger, bool *out_is_new, ds_err *err) {
    int rc = ds_store_refresh(merger->store, NULL, err);
    if (rc == SQLITE_OK && merger->store->catalog == NULL) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "no schema is installed: call datastore_schema(sdl) first");
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    *out_is_new = merger->records == NULL || !ds_records_is_current(merger->records);
    if (*out_is_new) {
        forget(merger);
        rc = allocate(merger, err);
    }
    return rc;
}

static int begin(ds_merger *merger, bool *out_is_new, ds_err *err) {
    int rc = take_catalog(merger, out_is_new, err);
    rc = rc ? rc : ds_outbox_absorb(merger->records, err);
    rc = rc ? rc : ds_records_applying(merger->records, true, err);
    for (int i = 0; rc == SQLITE_OK && i < merger->n_models; i++) {
        merger->models[i].is_loaded = false;
    }
    return rc;
}

int ds_merger_begin(ds_merger *merger, bool *out_is_new, ds_err *err) {
    bool is_new = false;
    merger->host_rowid = sqlite3_last_insert_rowid(merger->store->db);
    int rc = ds_store_savepoint(merger->store, true, &merger->savepoint, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    merger->is_open = true;
    rc = begin(merger, &is_new, err);
    if (rc != SQLITE_OK) {
        return ds_merger_end(merger, rc, err);
    }
    if (out_is_new != NULL) {
        *out_is_new = is_new;
    }
    return SQLITE_OK;
}

/* ---- end ------------------------------------------------------------------------------------ */

int ds_merger_end(ds_merger *merger, int rc, ds_err *err) {
    if (!merger->is_open) {
        return rc;
    }
    merger->is_open = false;
    if (rc == SQLITE_OK) {
        rc = ds_records_applying(merger->records, false, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_store_keep(&merger->savepoint, err);
    } else {
        ds_store_undo(&merger->savepoint);
    }
    sqlite3_set_last_insert_rowid(merger->store->db, merger->host_rowid);
    return rc;
}

/* ---- models ------------------------------------------------------------------------------------ */

static int load(ds_merger *merger, const ds_model *model, ds_merge_model *out,
                ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_MERGE_MODEL, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 1, ds_store_number(merger->store, model));
    sqlite3_bind_text(s, 2, model->name, -1, SQLITE_STATIC);
    (void)sqlite3_step(s);
    out->has_steps = sqlite3_column_int(s, 0) != 0;
    out->has_tombstones = sqlite3_column_int(s, 1) != 0;
    out->wants_seen = sqlite3_column_int(s, 2) != 0;
    out->is_loaded = true;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, merger->store->db, rc);
}

int ds_merger_model(ds_merger *merger, const ds_model *model, ds_merge_model **out,
                    ds_err *err) {
    ds_merge_model *found = &merger->models[model->index];
    if (found->intake == NULL) {
        found->intake = ds_intake_new(model);
        if (found->intake == NULL) {
            return ds_err_nomem(err);
        }
    }
    *out = found;
    return found->is_loaded ? SQLITE_OK : load(merger, model, found, err);
}

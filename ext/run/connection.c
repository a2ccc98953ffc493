/*
** The connection that sync works over.
*/
#include "run/run_int.h"

#include <string.h>

#define BUSY_MS 10000 /* for other writers; ours are short */

const char *ds_vfs_of(sqlite3 *db) {
    sqlite3_vfs *vfs = NULL;
    (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
    return vfs ? vfs->zName : NULL;
}

/* A host may have made the extension an automatic one (sqlite3_auto_extension): then it is loaded into our
** own connections, too, which are no connections of the host's. */
static _Thread_local bool is_opening;

bool ds_connection_is_own(void) {
    return is_opening;
}

/* In a host that shares caches ours is its own all the same: inside of one, readers do not wait for a writer, they
** fail. */
int ds_connection_open(const char *file, const char *vfs, sqlite3 **out) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_PRIVATECACHE;
    is_opening = true;
    int rc = sqlite3_open_v2(file, out, flags, vfs);
    is_opening = false;
    if (rc != SQLITE_OK) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return rc;
}

/* Is a pragma of the host's connection set to that? */
static bool is_set_to(ds_store *store, const char *pragma, const char *value) {
    sqlite3_stmt *s = NULL;
    bool is = false;
    if (ds_store_prepare(store, pragma, 0, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(s, 0);
        is = found != NULL && strcmp(found, value) == 0;
    }
    sqlite3_finalize(s);
    return is;
}

/*
** A host that keeps its locks lets no other connection in, not even one of ours. The statement that calls us may
** read, as in SELECT … FROM json_each(datastore_sync()): with a rollback journal no other connection can write until
** it has ended. The host's own connection can.
*/
static bool keeps_locks(ds_store *store) {
    bool is_reading = sqlite3_txn_state(store->db, "main") != SQLITE_TXN_NONE;
    return is_set_to(store, "PRAGMA main.locking_mode", "exclusive") ||
           (is_reading && !is_set_to(store, "PRAGMA main.journal_mode", "wal"));
}

static void close_own(ds_workplace *place) {
    ds_store_release(place->store);
    sqlite3_close(place->own);
    place->store = NULL;
    place->own = NULL;
}

static void use_host(ds_store *store, ds_workplace *place) {
    place->store = store;
    ds_store_retain(store);
}

int ds_workplace_open(ds_store *store, ds_workplace *out, ds_err *err) {
    const char *file = sqlite3_db_filename(store->db, "main");
    ds_err why = DS_ERR_INIT;
    *out = (ds_workplace){.host = store->db};
    if (sqlite3_db_readonly(store->db, "main") == 1) {
        return ds_err_set(err, SQLITE_READONLY, "the database is open for reading only");
    }
    if (file == NULL || file[0] == '\0' || keeps_locks(store)) {
        use_host(store, out);
        return SQLITE_OK;
    }
    int rc = ds_connection_open(file, ds_vfs_of(store->db), &out->own);
    rc = rc ? rc : sqlite3_busy_timeout(out->own, BUSY_MS);
    if (rc == SQLITE_OK && ds_store_new(out->own, &out->store) != SQLITE_OK) {
        rc = SQLITE_NOMEM;
    }
    rc = rc ? rc : ds_store_refresh(out->store, NULL, &why);
    if (rc == SQLITE_OK) {
        return rc;
    }
    close_own(out);
    if ((rc & 0xff) == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if ((rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CANTOPEN) {
        use_host(store,
                 out); /* encrypted, deleted, or in a place that only the host reaches */
        return SQLITE_OK;
    }
    return ds_err_set(err, rc, "%s", why.text[0] ? why.text : sqlite3_errstr(rc));
}

void ds_workplace_close(ds_workplace *place) {
    close_own(place);
}

/*
** The sender's lease. Its time is that of the wall clock, which all processes of a machine share. A
** clock that was set back makes a lease that seems to last for too long: such a one is over as well.
*/
#include "sync/sync_int.h"

#include <unistd.h>

void ds_lease_name(char *out) {
    uint64_t random;
    ds_env_random(&random, sizeof random);
    sqlite3_snprintf(DS_MAX_LEASE_OWNER, out, "process %lld (%016llx)",
                     (long long)getpid(), (unsigned long long)random);
}

static int read_holder(ds_store *store, char *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_LEASE_HOLDER, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    const char *owner =
        sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    sqlite3_snprintf(DS_MAX_LEASE_OWNER, out, "%s", owner ? owner : "");
    rc = sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_lease_take(ds_store *store, const char *owner, bool *out_taken, char *out_holder,
                  ds_err *err) {
    sqlite3_stmt *s = NULL;
    int64_t now = ds_env_now_ms();
    int rc = ds_store_prepare_named(store, DS_SQL_LEASE_TAKE, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, owner, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, now + DS_LEASE_MS);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, now + 2 * DS_LEASE_MS);
    (void)sqlite3_step(s);
    rc = sqlite3_finalize(s);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    *out_taken = sqlite3_changes(store->db) > 0;
    out_holder[0] = '\0';
    return *out_taken ? SQLITE_OK : read_holder(store, out_holder, err);
}

void ds_lease_drop(ds_store *store, const char *owner) {
    sqlite3_stmt *s = NULL;
    if (ds_store_prepare_named(store, DS_SQL_LEASE_DROP, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, owner, -1, SQLITE_STATIC);
        (void)sqlite3_step(s);
    }
    sqlite3_finalize(s);
}

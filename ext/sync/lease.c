/*
** The sender's lease. Its name tells the process, so that one of this machine which is gone is followed at
** once; of others only their time tells, that of the wall clock. A clock that was set back makes a lease
** that seems to last for too long: such a one is over as well.
*/
#include "sync/sync_int.h"

#include <stdlib.h>
#include <string.h>

#define NAME_START "process "

/* A few digits for a machine, whose name is too long. */
static uint32_t machine_number(const ds_process *process) {
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (const char *c = process->machine; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * 16777619U;
    }
    return hash;
}

void ds_lease_name(char *out) {
    uint64_t random;
    ds_process self;
    ds_env_random(&random, sizeof random);
    ds_process_self(&self);
    sqlite3_snprintf(DS_MAX_LEASE_OWNER, out, NAME_START "%lld (%lld-%08x-%016llx)",
                     (long long)self.pid, (long long)self.started, machine_number(&self),
                     (unsigned long long)random);
}

/* Is it a process of this machine that is gone? Names of another form are not known. */
static bool is_dead(const char *name) {
    ds_process self, holder;
    char *at = NULL;
    if (strncmp(name, NAME_START, sizeof NAME_START - 1) != 0) {
        return false;
    }
    ds_process_self(&self);
    holder = self;
    holder.pid = strtoll(name + sizeof NAME_START - 1, &at, 10);
    if (strncmp(at, " (", 2) != 0) {
        return false;
    }
    holder.started = strtoll(at + 2, &at, 10);
    bool is_here = *at == '-' && strtoul(at + 1, &at, 16) == machine_number(&self);
    return is_here && *at == '-' && ds_process_life(&holder, &self) == DS_LIFE_DEAD;
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

/* `dead`: an owner whose lease is over, or NULL. */
static int take(ds_store *store, const char *owner, const char *dead, bool *out_taken,
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
    sqlite3_bind_text(s, 5, dead, -1, SQLITE_STATIC);
    (void)sqlite3_step(s);
    rc = sqlite3_finalize(s);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    *out_taken = sqlite3_changes(store->db) > 0;
    return SQLITE_OK;
}

int ds_lease_take(ds_store *store, const char *owner, bool *out_taken, char *out_holder,
                  ds_err *err) {
    out_holder[0] = '\0';
    int rc = take(store, owner, NULL, out_taken, err);
    rc = rc || *out_taken ? rc : read_holder(store, out_holder, err);
    if (rc == SQLITE_OK && !*out_taken && is_dead(out_holder)) {
        rc = take(store, owner, out_holder, out_taken, err);
    }
    if (rc == SQLITE_OK && *out_taken) {
        out_holder[0] = '\0';
    }
    return rc;
}

bool ds_lease_drop(ds_store *store, const char *owner) {
    sqlite3_stmt *s = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_LEASE_DROP, &s, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, owner, -1, SQLITE_STATIC);
        (void)sqlite3_step(s);
        rc = sqlite3_finalize(s);
    }
    return rc == SQLITE_OK;
}

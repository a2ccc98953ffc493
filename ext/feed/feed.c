/*
** One connection's part of the change feed: its life, and what it does for the feed as a whole.
*/
#include "feed/feed_int.h"

#include <string.h>

/* An unnamed subscription of which nothing has been heard for so long, from a process that cannot be
** looked at, and that has not read what there is, belongs to no one any more. */
#define LEASE_MS       (15 * INT64_C(60000))

#define SWEEP_EVERY_MS 5000

/* ---- statements ------------------------------------------------------------------------------------- */

/* Step a bound statement to its end and finalize it; *out (may be NULL) is its first integer. */
int ds_feed_finish(ds_store *store, sqlite3_stmt *statement, int64_t *out, ds_err *err) {
    if (sqlite3_step(statement) == SQLITE_ROW) {
        if (out != NULL) {
            *out = sqlite3_column_int64(statement, 0);
        }
        while (sqlite3_step(statement) == SQLITE_ROW) {
        }
    }
    int rc = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* Run a named statement with integers for its first parameters. */
int ds_feed_run(ds_store *store, enum ds_sql id, const int64_t *numbers, int n,
                int64_t *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, id, &statement, err);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        sqlite3_bind_int64(statement, i + 1, numbers[i]);
    }
    return rc ? rc : ds_feed_finish(store, statement, out, err);
}

int ds_feed_last(ds_store *store, int64_t *out, ds_err *err) {
    return ds_feed_run(store, DS_SQL_FEED_LAST, NULL, 0, out, err);
}

int ds_feed_stamp(ds_store *store, const ds_model *model, sqlite3_value *key,
                  int64_t after, const char *condition, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_FEED_STAMP, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(statement, 1, ds_store_number(store, model));
    sqlite3_bind_int64(statement, 3, after);
    sqlite3_bind_text(statement, 4, condition, -1, SQLITE_STATIC);
    rc = sqlite3_bind_value(statement, 2, key);
    if (rc != SQLITE_OK) {
        sqlite3_finalize(statement);
        return ds_err_nomem(err);
    }
    return ds_feed_finish(store, statement, NULL, err);
}

bool ds_feed_integer(sqlite3_value *value, int64_t *out) {
    int type = sqlite3_value_numeric_type(value);
    double real = sqlite3_value_double(value);
    *out = sqlite3_value_int64(value);
    return type == SQLITE_INTEGER ||
           (type == SQLITE_FLOAT && real >= (double)*out && real <= (double)*out);
}

/* ---- order ----------------------------------------------------------------------------------------- */

int ds_feed_prune(ds_feed *feed, ds_err *err) {
    const int64_t now = ds_env_now_ms();
    return ds_feed_run(feed->store, DS_SQL_FEED_PRUNE, &now, 1, NULL, err);
}

int ds_sub_remove(ds_feed *feed, int64_t number, ds_err *err) {
    int rc = ds_feed_run(feed->store, DS_SQL_FEED_SUB_REMOVE, &number, 1, NULL, err);
    rc = rc ? rc : ds_feed_run(feed->store, DS_SQL_FEED_UNWATCH, NULL, 0, NULL, err);
    return rc ? rc : ds_store_feed_off(feed->store, err);
}

/* The current row of DS_SQL_FEED_SUB_LIST. */
static bool is_dead(const ds_feed *feed, const ds_process *self, sqlite3_stmt *row) {
    const char *machine = (const char *)sqlite3_column_text(row, 4);
    ds_process process = {.pid = sqlite3_column_int64(row, 2),
                          .started = sqlite3_column_int64(row, 3)};
    sqlite3_snprintf(sizeof process.machine, process.machine, "%s",
                     machine ? machine : "");
    int64_t owner = sqlite3_column_int64(row, 1);
    if (owner == feed->owner) {
        return false;
    }
    if (process.pid == self->pid && process.started == self->started &&
        strcmp(process.machine, self->machine) == 0) {
        return !ds_bell_knows(owner);
    }
    ds_life life = ds_process_life(&process, self);
    bool is_idle = sqlite3_column_int64(row, 5) < ds_env_now_ms() - LEASE_MS &&
                   sqlite3_column_int(row, 6) != 0;
    return life == DS_LIFE_DEAD || (life == DS_LIFE_UNKNOWN && is_idle);
}

/* The number of a dead one; 0: there is none. */
static int find_dead(ds_feed *feed, const ds_process *self, int64_t *out, ds_err *err) {
    sqlite3_stmt *row = NULL;
    *out = 0;
    int rc = ds_store_prepare_named(feed->store, DS_SQL_FEED_SUB_LIST, &row, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (*out == 0 && sqlite3_step(row) == SQLITE_ROW) {
        *out = is_dead(feed, self, row) ? sqlite3_column_int64(row, 0) : 0;
    }
    rc = sqlite3_finalize(row);
    return rc == SQLITE_OK ? rc : ds_err_db(err, feed->store->db, rc);
}

int ds_feed_sweep(ds_feed *feed, ds_err *err) {
    ds_process self;
    int64_t dead = 0;
    ds_process_self(&self);
    feed->swept_at = ds_watch_now();
    int rc = SQLITE_OK;
    do {
        rc = find_dead(feed, &self, &dead, err);
        rc = rc || dead == 0 ? rc : ds_sub_remove(feed, dead, err);
    } while (rc == SQLITE_OK && dead != 0);
    return rc ? rc : ds_feed_prune(feed, err);
}

/* Somebody writes. If nobody else does it, the writer sees to it that what is too old goes, as a part
** of its transaction, and that the dead do not keep the feed on: after the transaction, since that
** changes the schema. */
static int on_begin(ds_feed *feed) {
    ds_err err = DS_ERR_INIT;
    ds_process self;
    int64_t observed = 0, dead = 0, now = ds_watch_now();
    if ((now - feed->swept_at < SWEEP_EVERY_MS && feed->swept_at != 0) ||
        feed->store->catalog == NULL) {
        return SQLITE_OK;
    }
    feed->swept_at = now;
    int rc = ds_feed_run(feed->store, DS_SQL_FEED_IS_OBSERVED, NULL, 0, &observed, &err);
    if (rc != SQLITE_OK || !observed) {
        return rc;
    }
    ds_process_self(&self);
    rc = find_dead(feed, &self, &dead, &err);
    feed->has_dead = dead != 0;
    return rc ? rc : ds_feed_prune(feed, &err);
}

static void on_commit(ds_feed *feed) {
    ds_bell_ring(feed->path);
    if (feed->has_dead) {
        feed->has_dead = false;
        ds_aside_sweep(feed);
    }
}

bool ds_feed_is_dead(const ds_feed *feed, sqlite3_stmt *row) {
    ds_process self;
    ds_process_self(&self);
    return is_dead(feed, &self, row);
}

/* ---- migration ---------------------------------------------------------------------------------------- */

int ds_feed_forget(ds_store *store, ds_err *err) {
    int rc = ds_feed_run(store, DS_SQL_FEED_FORGET_MODELS, NULL, 0, NULL, err);
    return rc ? rc : ds_feed_run(store, DS_SQL_FEED_UNWATCH_MODELS, NULL, 0, NULL, err);
}

/* A migration drops all triggers. */
static int switch_on(ds_store *store, const ds_model *model, ds_err *err) {
    const int64_t number = ds_store_number(store, model);
    int64_t watched = 0;
    int rc = ds_feed_run(store, DS_SQL_FEED_IS_WATCHED, &number, 1, &watched, err);
    return rc || !watched ? rc : ds_store_feed_on(store, model, err);
}

int ds_feed_migrated(ds_store *store, const ds_installation *in, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < in->catalog->n_models; i++) {
        const int64_t numbers[] = {ds_store_number(store, &in->catalog->models[i]),
                                   ds_env_now_ms()};
        if (in->fates[i] == DS_FATE_CHANGED) {
            rc = ds_feed_run(store, DS_SQL_FEED_MARK, numbers, 2, NULL, err);
        }
    }
    rc = rc ? rc : ds_feed_run(store, DS_SQL_FEED_WATCH_ALL, NULL, 0, NULL, err);
    for (int i = 0; rc == SQLITE_OK && i < in->catalog->n_models; i++) {
        rc = switch_on(store, &in->catalog->models[i], err);
    }
    return rc;
}

/* ---- life ----------------------------------------------------------------------------------------------- */

int ds_feed_bell(ds_feed *feed, ds_bell **out, ds_err *err) {
    if (feed->bell == NULL) {
        feed->bell = ds_bell_get(feed->path, feed->vfs);
    }
    *out = feed->bell;
    return feed->bell ? SQLITE_OK : ds_err_nomem(err);
}

static bool has_unnamed(const ds_feed *feed) {
    bool has = false;
    for (const ds_reading *r = feed->readings; r != NULL; r = r->next) {
        has = has || !r->is_named;
    }
    return has;
}

static void feed_free(void *pointer) {
    ds_feed *feed = pointer;
    ds_ear_close(feed->notified);
    ds_ear_close(feed->waiting);
    if (feed->owner != 0) {
        ds_bell_leave(feed->owner);
    }
    if (feed->is_file && has_unnamed(feed)) {
        ds_aside_farewell(feed);
    }
    while (feed->readings != NULL) {
        ds_reading_remove(feed, feed->readings->number);
    }
    ds_bell_release(feed->bell);
    feed->store->feed = NULL;
    feed->store->on_begin = NULL;
    feed->store->on_commit = NULL;
    ds_store_release(feed->store);
    sqlite3_free(feed->path);
    sqlite3_free(feed->vfs);
    sqlite3_free(feed);
}

static ds_feed *feed_new(ds_store *store) {
    sqlite3_vfs *vfs = NULL;
    const char *file = sqlite3_db_filename(store->db, "main");
    ds_feed *feed = sqlite3_malloc64(sizeof *feed);
    if (feed == NULL) {
        return NULL;
    }
    memset(feed, 0, sizeof *feed);
    (void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
    feed->store = store;
    feed->is_file = file != NULL && file[0] != '\0';
    feed->path = feed->is_file ? sqlite3_mprintf("%s", file)
                               : sqlite3_mprintf("memory %p", (void *)store->db);
    feed->vfs = sqlite3_mprintf("%s", vfs ? vfs->zName : "");
    if (feed->path == NULL || feed->vfs == NULL) {
        sqlite3_free(feed->path);
        sqlite3_free(feed->vfs);
        sqlite3_free(feed);
        return NULL;
    }
    ds_store_retain(store);
    return feed;
}

int ds_feed_register(ds_store *store, ds_err *err) {
    ds_feed *feed = feed_new(store);
    if (feed == NULL) {
        return ds_err_nomem(err);
    }
    store->feed = feed;
    store->on_begin = on_begin;
    store->on_commit = on_commit;
    /* On failure SQLite has called feed_free already. */
    int rc = sqlite3_create_module_v2(store->db, "datastore_events", &ds_events_module,
                                      feed, feed_free);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

void ds_feed_unregister(ds_store *store) {
    (void)sqlite3_create_module_v2(store->db, "datastore_events", NULL, NULL, NULL);
}

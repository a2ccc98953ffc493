/*
** Work aside: on a short-lived connection of our own, so that a reader need not wait for a lock, and
** a connection that is being closed can still leave the file in order. All of it is best effort:
** where the file is locked or cannot be opened, another time or another program will do.
*/
#include "feed/feed_int.h"

#define FAREWELL_TRIES   20
#define FAREWELL_REST_MS 10

sqlite3 *ds_aside_open(const char *path, const char *vfs) {
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int rc = sqlite3_open_v2(path, &db, flags, vfs[0] ? vfs : NULL);
    if (rc != SQLITE_OK) {
        (void)sqlite3_close(db);
        db = NULL;
    }
    return db;
}

static int run(sqlite3 *db, enum ds_sql id, const int64_t *numbers, int n) {
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, ds_sql_text(id), -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        for (int i = 0; i < n; i++) {
            (void)sqlite3_bind_int64(statement, i + 1, numbers[i]);
        }
        (void)sqlite3_step(statement);
        rc = sqlite3_finalize(statement);
    }
    return rc;
}

/* What a query gives is what is to be run. */
static int run_all(sqlite3 *db, enum ds_sql id) {
    sqlite3_stmt *statement = NULL;
    char *all = sqlite3_mprintf("%s", "");
    int rc = sqlite3_prepare_v2(db, ds_sql_text(id), -1, &statement, NULL);
    while (rc == SQLITE_OK && all && sqlite3_step(statement) == SQLITE_ROW) {
        char *more = sqlite3_mprintf("%s%s;", all, sqlite3_column_text(statement, 0));
        sqlite3_free(all);
        all = more;
    }
    rc = rc ? rc : sqlite3_finalize(statement);
    rc = rc ? rc : all ? sqlite3_exec(db, all, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(all);
    return rc;
}

/* After subscriptions have gone: what nobody watches writes no feed. */
static int finish(sqlite3 *db, int rc) {
    rc = rc ? rc : run(db, DS_SQL_FEED_UNWATCH, NULL, 0);
    rc = rc ? rc : run_all(db, DS_SQL_FEED_TRIGGERS_OFF);
    return rc ? rc : sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

static int leave(sqlite3 *db, int64_t owner) {
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    return finish(db, rc ? rc : run(db, DS_SQL_FEED_LEAVE, &owner, 1));
}

static int sweep(sqlite3 *db, const ds_feed *feed) {
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    rc = rc ? rc
            : sqlite3_prepare_v2(db, ds_sql_text(DS_SQL_FEED_SUB_LIST), -1, &row, NULL);
    while (rc == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
        const int64_t number = sqlite3_column_int64(row, 0);
        if (ds_feed_is_dead(feed, row)) {
            rc = run(db, DS_SQL_FEED_SUB_REMOVE, &number, 1);
        }
    }
    sqlite3_finalize(row);
    return finish(db, rc);
}

void ds_aside_sweep(const ds_feed *feed) {
    sqlite3 *db = feed->is_file ? ds_aside_open(feed->path, feed->vfs) : NULL;
    if (db != NULL) {
        (void)sweep(db, feed);
    }
    (void)sqlite3_close(db);
}

void ds_aside_farewell(const ds_feed *feed) {
    sqlite3 *db = ds_aside_open(feed->path, feed->vfs);
    for (int i = 0; db != NULL && i < FAREWELL_TRIES; i++) {
        if (leave(db, feed->owner) != SQLITE_BUSY) {
            break;
        }
        ds_watch_pause(FAREWELL_REST_MS);
    }
    (void)sqlite3_close(db);
}

static int store_all(sqlite3 *db, const ds_feed *feed) {
    const int64_t now = ds_env_now_ms();
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (const ds_reading *r = feed->readings; rc == SQLITE_OK && r; r = r->next) {
        const int64_t numbers[] = {r->number, r->position, now};
        rc = r->is_named ? rc : run(db, DS_SQL_FEED_SUB_MOVE, numbers, 3);
    }
    rc = rc ? rc : run(db, DS_SQL_FEED_PRUNE, &now, 1);
    return rc ? rc : sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

bool ds_aside_store(const ds_feed *feed) {
    sqlite3 *db = ds_aside_open(feed->path, feed->vfs);
    bool is_stored = db != NULL && store_all(db, feed) == SQLITE_OK;
    (void)sqlite3_close(db);
    return is_stored;
}

/*
** Changes that other processes make. SQLite has no way to be told of them, so somebody must look:
** at the size and the time of the files, which takes no lock and no more than a microsecond, and
** only when these have changed, and now and then, into the database.
*/
#define _POSIX_C_SOURCE 200809L

#include "feed/feed_int.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A file system keeps times only so fine: a file that was written to just now may be written to
** again without a sign. */
#define BLUR_MS 50

int64_t ds_watch_now(void) {
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ds_watch_pause(int ms) {
    struct timespec rest = {ms / 1000, ms % 1000 * 1000000L};
    if (ms > 0) {
        (void)nanosleep(&rest, NULL);
    }
}

/* Size, time and identity of a file; returns its time in milliseconds. */
static int64_t look(const char *path, int64_t out[3]) {
    struct stat about;
    if (stat(path, &about) != 0) {
        memset(out, 0, 3 * sizeof *out);
        return 0;
    }
#ifdef __APPLE__
    const struct timespec time = about.st_mtimespec;
#else
    const struct timespec time = about.st_mtim;
#endif
    out[0] = (int64_t)about.st_size;
    out[1] = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    out[2] = (int64_t)about.st_ino;
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Has one of the files changed since the last look, or so lately that the next change might not show? */
static bool has_changed(ds_watch *watch) {
    int64_t stamp[6];
    char wal[4096];
    sqlite3_snprintf(sizeof wal, wal, "%s-wal", watch->path);
    int64_t at = look(watch->path, stamp);
    int64_t wal_at = look(wal, stamp + 3);
    at = wal_at > at ? wal_at : at;
    bool is_new = memcmp(stamp, watch->stamp, sizeof stamp) != 0;
    memcpy(watch->stamp, stamp, sizeof stamp);
    int64_t age = ds_env_now_ms() - at;
    return is_new || (age > -BLUR_MS && age < BLUR_MS);
}

void ds_watch_init(ds_watch *watch, const char *path) {
    *watch = (ds_watch){.path = path};
}

bool ds_watch_is_due(ds_watch *watch, bool is_rung) {
    bool changed = has_changed(watch);
    int64_t now = ds_watch_now();
    if (!is_rung && !changed && now - watch->checked_at < DS_WATCH_CHECK_MS) {
        return false;
    }
    watch->checked_at = now;
    return true;
}

/* ---- for the descriptors of event loops -------------------------------------------------------------- */

/* The last number of the feed; false when it cannot be read now. */
static bool read_last(sqlite3 *db, int64_t *out) {
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, ds_sql_text(DS_SQL_FEED_LAST), -1, &statement, NULL);
    bool is_read = rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    *out = is_read ? sqlite3_column_int64(statement, 0) : 0;
    rc = sqlite3_finalize(statement);
    return is_read && rc == SQLITE_OK;
}

/* Whether the feed has grown since; without an answer it is asked again, or where there is no
** connection to ask, taken for granted. */
static bool has_grown(sqlite3 *db, int64_t *last, bool *is_owed) {
    int64_t now = 0;
    if (db == NULL) {
        return true;
    }
    *is_owed = !read_last(db, &now);
    bool grown = !*is_owed && now != *last;
    *last = grown ? now : *last;
    return grown;
}

static void watch_file(ds_bell *bell, ds_ear *ear, int64_t start) {
    ds_watch watch;
    int64_t last = start;
    bool is_owed = true;
    /* The host's connections belong to its threads. */
    sqlite3 *db = ds_aside_open(ds_bell_path(bell), ds_bell_vfs(bell));
    ds_watch_init(&watch, ds_bell_path(bell));
    while (!ds_bell_is_over(bell)) {
        bool is_rung = ds_ear_wait(ear, DS_WATCH_TICK_MS);
        ds_ear_hear(ear);
        if (ds_watch_is_due(&watch, is_rung || is_owed) &&
            has_grown(db, &last, &is_owed)) {
            ds_bell_announce(bell);
        }
        ds_watch_pause(is_rung ? DS_WATCH_PAUSE_MS : 0);
    }
    (void)sqlite3_close(db);
}

/* There may be events already. */
static int ring_at_once(ds_feed *feed, ds_err *err) {
    ds_feed_id any = {0, NULL};
    bool has = false;
    int rc = feed->readings ? ds_feed_has_events(feed, &any, &has, err) : SQLITE_OK;
    if (rc == SQLITE_OK && has) {
        ds_ear_ring(feed->notified);
    }
    return rc;
}

static int read_start(ds_feed *feed, int64_t *out, ds_err *err) {
    int rc = ds_store_refresh(feed->store, NULL, err);
    *out = 0;
    return rc || feed->store->catalog == NULL ? rc : ds_feed_last(feed->store, out, err);
}

static int open_fd(ds_feed *feed, ds_bell *bell, ds_err *err) {
    int64_t start = 0;
    int rc = ds_ear_open(bell, true, &feed->notified);
    if (rc == SQLITE_OK) {
        rc = read_start(feed, &start, err);
    }
    if (rc == SQLITE_OK && feed->is_file && sqlite3_threadsafe()) {
        rc = ds_bell_hire(bell, watch_file, start);
    }
    return rc ? rc : ring_at_once(feed, err);
}

int ds_feed_notify_fd(ds_feed *feed, int *out, ds_err *err) {
    ds_bell *bell = NULL;
    int rc = ds_feed_bell(feed, &bell, err);
    if (rc == SQLITE_OK && feed->notified == NULL) {
        rc = open_fd(feed, bell, err);
    }
    if (rc != SQLITE_OK) {
        ds_ear_close(feed->notified);
        feed->notified = NULL;
        return rc == SQLITE_NOMEM ? ds_err_nomem(err)
                                  : ds_err_set(err, rc,
                                               "there is no file descriptor or thread "
                                               "left for datastore_notify_fd");
    }
    *out = ds_ear_fd(feed->notified);
    return SQLITE_OK;
}

/*
** Waiting for a condition. It is asked of the database after a commit in this process, when the file
** has changed, and now and then; in between nothing is read and nothing is locked.
*/
#include "feed/feed_int.h"

/* ---- is there an event? --------------------------------------------------------------------------------- */

/* What an earlier look has found to be no event need not be looked at again. */
static int look(ds_feed *feed, ds_sub *sub, bool *out, ds_err *err) {
    const ds_event *event = NULL;
    ds_stream *stream = NULL;
    ds_reading *r = ds_reading_find(feed, sub->number);
    if (r != NULL && r->quiet > sub->position) {
        sub->position = r->quiet;
    }
    int rc = ds_stream_open(feed->store, sub, &stream, err);
    rc = rc ? rc : ds_stream_next(stream, &event, err);
    *out = event != NULL;
    if (rc == SQLITE_OK && r != NULL && event == NULL) {
        r->quiet = ds_stream_position(stream);
        ds_sub_move(feed, sub->number, r->quiet);
    }
    ds_stream_close(stream);
    return rc;
}

static int has_events(ds_feed *feed, ds_feed_id id, bool *out, ds_err *err) {
    ds_sub sub;
    int rc = ds_sub_read(feed, id, &sub, err);
    rc = rc ? rc : look(feed, &sub, out, err);
    ds_sub_done(&sub);
    return rc;
}

int ds_feed_has_events(ds_feed *feed, void *data, bool *out, ds_err *err) {
    ds_feed_id id = *(ds_feed_id *)data;
    int rc = SQLITE_OK;
    *out = false;
    if (id.name != NULL || id.number != 0) {
        return has_events(feed, id, out, err);
    }
    if (feed->readings == NULL) {
        return ds_err_set(
            err, SQLITE_ERROR,
            "this connection observes nothing: call datastore_observe first");
    }
    for (const ds_reading *r = feed->readings; rc == SQLITE_OK && r && !*out;
         r = r->next) {
        id.number = r->number;
        rc = has_events(feed, id, out, err);
    }
    return rc;
}

/* ---- waiting ------------------------------------------------------------------------------------------- */

/* A statement of the connection fails once the host has interrupted the one that waits. */
static int check_interrupt(sqlite3_stmt *nothing, ds_err *err) {
    (void)sqlite3_step(nothing);
    int rc = sqlite3_reset(nothing);
    return rc == SQLITE_OK ? rc : ds_err_db(err, sqlite3_db_handle(nothing), rc);
}

static int open_ear(ds_feed *feed, ds_err *err) {
    ds_bell *bell = NULL;
    int rc = ds_feed_bell(feed, &bell, err);
    if (rc != SQLITE_OK || feed->waiting != NULL) {
        return rc;
    }
    rc = ds_ear_open(bell, false, &feed->waiting);
    return rc == SQLITE_NOMEM ? ds_err_nomem(err)
           : rc != SQLITE_OK
               ? ds_err_set(err, rc, "there is no file descriptor left to wait with")
               : rc;
}

/* One tick, which ends at once when the bell rings. *is_due: the condition is to be asked. */
static bool tick(ds_feed *feed, ds_watch *watch, int64_t rest) {
    int64_t ms = rest < DS_WATCH_TICK_MS ? rest : DS_WATCH_TICK_MS;
    bool is_rung = ds_ear_wait(feed->waiting, (int)ms);
    if (is_rung) {
        ds_ear_hear(feed->waiting);
        ds_watch_pause(
            DS_WATCH_PAUSE_MS); /* more commits may come: one question for all */
    }
    return ds_watch_is_due(watch, is_rung) || rest <= DS_WATCH_TICK_MS;
}

/* A writer may hold the file for a moment: there will be another time to ask. */
static int ask(ds_feed *feed, ds_feed_check *check, void *data, bool *out, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    int rc = check(feed, data, out, &why);
    if ((rc & 0xff) == SQLITE_BUSY) {
        *out = false;
        return SQLITE_OK;
    }
    return rc == SQLITE_OK ? rc : ds_err_set(err, rc, "%s", why.text);
}

static int wait_for(ds_feed *feed, int64_t timeout_ms, ds_feed_check *check, void *data,
                    sqlite3_stmt *nothing, bool *out, ds_err *err) {
    ds_watch watch;
    int64_t now = ds_watch_now(), end = now + timeout_ms;
    ds_watch_init(&watch, feed->is_file ? feed->path : "");
    ds_ear_hear(feed->waiting);
    int rc = ask(feed, check, data, out, err);
    while (rc == SQLITE_OK && !*out && now < end) {
        bool is_due = tick(feed, &watch, end - now);
        rc = check_interrupt(nothing, err);
        if (rc == SQLITE_OK && is_due) {
            rc = ask(feed, check, data, out, err);
            ds_sub_store(feed);
        }
        now = ds_watch_now();
    }
    return rc;
}

int ds_feed_wait(ds_feed *feed, int64_t timeout_ms, ds_feed_check *check, void *data,
                 bool *out, ds_err *err) {
    sqlite3_stmt *nothing = NULL;
    *out = false;
    int rc = open_ear(feed, err);
    rc = rc ? rc : ds_store_prepare(feed->store, "SELECT 1", 0, &nothing, err);
    rc = rc ? rc : wait_for(feed, timeout_ms, check, data, nothing, out, err);
    sqlite3_finalize(nothing);
    return rc;
}

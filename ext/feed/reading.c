/*
** Reading subscriptions, and how far each is read. An unnamed one moves in memory as it is read: only
** its own connection can read it, and if that dies, so does it.
*/
#include "feed/feed_int.h"

/* ---- reading one ------------------------------------------------------------------------------------- */

static char *copy_column(sqlite3_stmt *statement, int column, bool *failed) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(statement, column);
    char *copy = text ? sqlite3_mprintf("%s", text) : NULL;
    *failed = *failed || copy == NULL;
    return copy;
}

static int read_row(ds_feed *feed, sqlite3_stmt *row, ds_sub *out) {
    bool failed = false;
    out->number = sqlite3_column_int64(row, 0);
    out->is_named = sqlite3_column_type(row, 1) != SQLITE_NULL;
    out->model = copy_column(row, 2, &failed);
    out->filter = copy_column(row, 4, &failed);
    out->position = sqlite3_column_int64(row, 5);
    out->is_foreign = !out->is_named &&
                      (feed->owner == 0 || sqlite3_column_int64(row, 6) != feed->owner);
    if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
        out->key = sqlite3_value_dup(sqlite3_column_value(row, 3));
        failed = failed || out->key == NULL;
    }
    return failed ? SQLITE_NOMEM : SQLITE_OK;
}

/* number 0: there is none. */
int ds_sub_find(ds_feed *feed, ds_feed_id id, ds_sub *out, ds_err *err) {
    sqlite3_stmt *row = NULL;
    *out = (ds_sub){.number = 0};
    int rc = ds_store_refresh(feed->store, NULL, err);
    if (rc != SQLITE_OK || feed->store->catalog == NULL) {
        return rc; /* no schema, no subscription */
    }
    rc = ds_store_prepare_named(feed->store, DS_SQL_FEED_SUB_FIND, &row, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (id.name != NULL) {
        sqlite3_bind_text(row, 2, id.name, -1, SQLITE_STATIC);
    } else {
        sqlite3_bind_int64(row, 1, id.number);
    }
    rc = sqlite3_step(row) == SQLITE_ROW ? read_row(feed, row, out) : SQLITE_OK;
    int ended = sqlite3_finalize(row);
    return rc                   ? ds_err_nomem(err)
           : ended == SQLITE_OK ? ended
                                : ds_err_db(err, feed->store->db, ended);
}

ds_reading *ds_reading_find(ds_feed *feed, int64_t number) {
    ds_reading *r = feed->readings;
    while (r != NULL && r->number != number) {
        r = r->next;
    }
    return r;
}

int ds_sub_read(ds_feed *feed, ds_feed_id id, ds_sub *out, ds_err *err) {
    int rc = ds_sub_find(feed, id, out, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (out->number == 0) {
        return id.name
                   ? ds_err_set(err, SQLITE_ERROR,
                                "there is no subscription \"%s\": begin it with "
                                "datastore_observe",
                                id.name)
                   : ds_err_set(err, SQLITE_ERROR,
                                "there is no subscription %lld, or it has ended: begin "
                                "one with datastore_observe",
                                id.number);
    }
    if (out->is_foreign) {
        return ds_err_set(err, SQLITE_ERROR,
                          "subscription %lld belongs to another connection: give it a "
                          "name to share it",
                          out->number);
    }
    ds_reading *r = ds_reading_find(feed, out->number);
    if (r != NULL && !r->is_named) {
        /* What is new in the file and further on was confirmed. An older position is one that a
        ** statement sees that began before the last one was put down. */
        if (out->position != r->stored && out->position > r->position) {
            r->position = r->stored = out->position;
        }
        out->position = r->position;
        out->part_of = r->part_of;
        out->part = r->part;
    }
    return SQLITE_OK;
}

void ds_sub_done(ds_sub *sub) {
    sqlite3_free(sub->model);
    sqlite3_free(sub->filter);
    sqlite3_value_free(sub->key);
    *sub = (ds_sub){0};
}

/* ---- how far it is read ---------------------------------------------------------------------------------- */

#define STORE_AFTER_MS      10000
#define STORE_AFTER_CHANGES 1000
#define STORE_AT_MOST_MS    1000

void ds_sub_move(ds_feed *feed, int64_t number, int64_t position) {
    ds_reading *r = ds_reading_find(feed, number);
    if (r != NULL && !r->is_named) {
        r->position = position;
    }
}

void ds_sub_move_to(ds_feed *feed, int64_t number, const ds_event *event) {
    ds_reading *r = ds_reading_find(feed, number);
    if (event->is_last) {
        ds_sub_move(feed, number, event->seq);
    } else if (r != NULL && !r->is_named) {
        r->part_of = event->seq;
        r->part = event->nth;
    }
}

static bool is_due(const ds_reading *r, int64_t now) {
    int64_t changes = r->position - r->stored, waited = now - r->stored_at;
    return !r->is_named && changes != 0 &&
           waited >= (changes >= STORE_AFTER_CHANGES ? STORE_AT_MOST_MS : STORE_AFTER_MS);
}

/* In memory there is no lock to wait for, and nobody else. */
static bool store_here(ds_feed *feed) {
    ds_err ignored = DS_ERR_INIT;
    int rc = sqlite3_get_autocommit(feed->store->db) ? SQLITE_OK : SQLITE_BUSY;
    for (const ds_reading *r = feed->readings; rc == SQLITE_OK && r; r = r->next) {
        const int64_t numbers[] = {r->number, r->position, ds_env_now_ms()};
        rc = r->is_named ? rc
                         : ds_feed_run(feed->store, DS_SQL_FEED_SUB_MOVE, numbers, 3,
                                       NULL, &ignored);
    }
    return rc == SQLITE_OK && ds_feed_prune(feed, &ignored) == SQLITE_OK;
}

/* Only so that the feed may forget what has been read; another time will do as well. */
void ds_sub_store(ds_feed *feed) {
    int64_t now = ds_watch_now();
    bool any = false;
    for (const ds_reading *r = feed->readings; r != NULL; r = r->next) {
        any = any || is_due(r, now);
    }
    if (!any) {
        return;
    }
    bool is_stored = feed->is_file ? ds_aside_store(feed) : store_here(feed);
    for (ds_reading *r = feed->readings; r != NULL; r = r->next) {
        r->stored_at = now;
        r->stored = is_stored ? r->position : r->stored;
    }
}

int ds_reading_add(ds_feed *feed, int64_t number, int64_t position, bool is_named,
                   ds_err *err) {
    if (ds_reading_find(feed, number) != NULL) {
        return SQLITE_OK;
    }
    ds_reading *r = sqlite3_malloc64(sizeof *r);
    if (r == NULL) {
        return ds_err_nomem(err);
    }
    *r = (ds_reading){.next = feed->readings,
                      .number = number,
                      .is_named = is_named,
                      .position = position,
                      .stored = position,
                      .stored_at = ds_watch_now()};
    feed->readings = r;
    return SQLITE_OK;
}

void ds_reading_remove(ds_feed *feed, int64_t number) {
    for (ds_reading **at = &feed->readings; *at != NULL; at = &(*at)->next) {
        if ((*at)->number == number) {
            ds_reading *r = *at;
            *at = r->next;
            sqlite3_free(r);
            return;
        }
    }
}

/*
** Subscriptions: begin, confirm, end.
*/
#include "feed/feed_int.h"

#include <string.h>

/* ---- observe -------------------------------------------------------------------------------------------- */

/* The first unnamed subscription makes the connection known to the process. */
static int become_owner(ds_feed *feed, ds_err *err) {
    int64_t owner = 0;
    if (feed->owner != 0) {
        return SQLITE_OK;
    }
    ds_env_random(&owner, (int)sizeof owner);
    owner = (owner & INT64_MAX) | 1;
    if (ds_bell_enter(owner) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    feed->owner = owner;
    return SQLITE_OK;
}

static void bind_owner(ds_feed *feed, sqlite3_stmt *statement) {
    ds_process self;
    ds_process_self(&self);
    sqlite3_bind_int64(statement, 7, feed->owner);
    sqlite3_bind_int64(statement, 8, self.pid);
    sqlite3_bind_int64(statement, 9, self.started);
    sqlite3_bind_text(statement, 10, self.machine, -1, SQLITE_TRANSIENT);
}

static int insert(ds_feed *feed, const ds_observation *what, int64_t number,
                  ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(feed->store, DS_SQL_FEED_SUB_ADD, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    const char *model = what->model ? what->model->name : NULL;
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_text(statement, 2, what->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, model, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, what->filter, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, ds_env_now_ms());
    if (what->key != NULL && sqlite3_bind_value(statement, 4, what->key) != SQLITE_OK) {
        sqlite3_finalize(statement);
        return ds_err_nomem(err);
    }
    if (what->name == NULL) {
        bind_owner(feed, statement);
    }
    return ds_feed_finish(feed->store, statement, NULL, err);
}

static int watch_models(ds_feed *feed, const ds_sub *sub, ds_err *err) {
    ds_view view;
    int rc = ds_view_init(&view, feed->store, sub, err);
    for (int i = 0; rc == SQLITE_OK && i < feed->store->catalog->n_models; i++) {
        const ds_model *model = &feed->store->catalog->models[i];
        const int64_t pair[] = {ds_store_number(feed->store, model), sub->number};
        if (ds_view_wants(&view, model)) {
            rc = ds_feed_run(feed->store, DS_SQL_FEED_WATCH, pair, 2, NULL, err);
            rc = rc ? rc : ds_store_feed_on(feed->store, model, err);
        }
    }
    ds_view_done(&view);
    return rc;
}

static bool same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_key(sqlite3_value *a, sqlite3_value *b) {
    if (a == NULL || b == NULL) {
        return a == b;
    }
    const char *left = (const char *)sqlite3_value_text(a);
    const char *right = (const char *)sqlite3_value_text(b);
    return left != NULL && right != NULL && strcmp(left, right) == 0;
}

/* A durable subscription is resumed by saying the same again. */
static int resume(const ds_sub *sub, const ds_observation *what, int64_t *out,
                  ds_err *err) {
    if (!same_text(sub->model, what->model ? what->model->name : NULL) ||
        !same_text(sub->filter, what->filter) || !same_key(sub->key, what->key)) {
        return ds_err_set(err, SQLITE_ERROR,
                          "subscription \"%s\" observes something else (%s%s%s): end it "
                          "with datastore_unobserve('%q') first",
                          what->name, sub->model ? sub->model : "all models",
                          sub->filter ? " " : "", sub->filter ? sub->filter : "",
                          what->name);
    }
    *out = sub->number;
    return SQLITE_OK;
}

static int begin(ds_feed *feed, const ds_observation *what, int64_t *out, ds_err *err) {
    ds_sub sub;
    int64_t number = 0;
    int rc = ds_feed_run(feed->store, DS_SQL_FEED_NEXT_SUB, NULL, 0, &number, err);
    rc = rc || what->name ? rc : become_owner(feed, err);
    rc = rc ? rc : insert(feed, what, number, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    const ds_feed_id id = {number, NULL};
    rc = ds_sub_read(feed, id, &sub, err);
    rc = rc ? rc : watch_models(feed, &sub, err);
    ds_reading_remove(feed, number); /* of a try that was rolled back */
    rc = rc ? rc : ds_reading_add(feed, number, sub.position, sub.is_named, err);
    ds_sub_done(&sub);
    *out = number;
    return rc;
}

static int limit(ds_feed *feed, const ds_observation *what, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    if (what->max_changes < 0 && what->max_age_ms < 0) {
        return SQLITE_OK;
    }
    int rc = ds_store_prepare_named(feed->store, DS_SQL_FEED_LIMIT, &statement, err);
    if (rc == SQLITE_OK && what->max_changes >= 0) {
        sqlite3_bind_int64(statement, 1, what->max_changes);
    }
    if (rc == SQLITE_OK && what->max_age_ms >= 0) {
        sqlite3_bind_int64(statement, 2, what->max_age_ms);
    }
    return rc ? rc : ds_feed_finish(feed->store, statement, NULL, err);
}

int ds_feed_observe(ds_feed *feed, const ds_observation *what, int64_t *out,
                    ds_err *err) {
    ds_sub sub = {0};
    const ds_feed_id id = {0, what->name};
    int rc = limit(feed, what, err);
    rc = rc ? rc : ds_feed_sweep(feed, err);
    rc = rc || !what->name ? rc : ds_sub_find(feed, id, &sub, err);
    if (rc == SQLITE_OK && sub.number == 0) {
        rc = begin(feed, what, out, err);
    } else if (rc == SQLITE_OK) {
        rc = resume(&sub, what, out, err);
        rc = rc ? rc : ds_reading_add(feed, sub.number, sub.position, true, err);
        if (rc == SQLITE_OK && feed->notified != NULL) {
            ds_ear_ring(feed->notified); /* there may be events already */
        }
    }
    ds_sub_done(&sub);
    return rc;
}

/* ---- confirm and end -------------------------------------------------------------------------------------- */

int ds_feed_ack(ds_feed *feed, ds_feed_id id, int64_t seq, int64_t *out, ds_err *err) {
    ds_sub sub;
    int64_t last = 0;
    int rc = ds_sub_read(feed, id, &sub, err);
    rc = rc ? rc : ds_feed_last(feed->store, &last, err);
    if (rc == SQLITE_OK && seq > last) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "there is no change %lld yet: the last one is %lld", seq, last);
    }
    if (rc == SQLITE_OK) {
        /* Beyond the last one it only is when somebody has emptied the feed. */
        *out = seq > sub.position || sub.position > last ? seq : sub.position;
        const int64_t numbers[] = {sub.number, *out, ds_env_now_ms()};
        rc = ds_feed_run(feed->store, DS_SQL_FEED_SUB_MOVE, numbers, 3, NULL, err);
        rc = rc ? rc : ds_feed_prune(feed, err);
    }
    ds_sub_done(&sub);
    return rc;
}

int ds_feed_unobserve(ds_feed *feed, ds_feed_id id, bool *out, ds_err *err) {
    ds_sub sub;
    int rc = ds_sub_find(feed, id, &sub, err);
    *out = sub.number != 0;
    if (rc == SQLITE_OK && sub.is_foreign && *out) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "subscription %lld belongs to another connection", sub.number);
    }
    if (rc == SQLITE_OK && *out) {
        rc = ds_sub_remove(feed, sub.number, err);
        rc = rc ? rc : ds_feed_prune(feed, err);
    }
    if (rc == SQLITE_OK && *out) {
        ds_reading_remove(feed, sub.number);
    }
    ds_sub_done(&sub);
    return rc;
}

/*
** What one subscription is told of the feed.
**
** An entry makes an event when the record matched before it or matches after it: an update that
** moves a row out of the filter is a DELETE for the observer, one that moves it in an INSERT. A
** change of a related row does the same to the rows that depend on it.
*/
#include "feed/feed_int.h"

#include <string.h>

/* A record that an entry may move in or out. row: as it is besides; matched: before the entry. */
typedef struct candidate {
    struct candidate *next;
    ds_value key;
    ds_value *row;
    bool matched;
} candidate;

/*
** guard: keeps the file as it is while the stream is open. arena: holds the entry and its events.
** own_key: the subscription's. candidates: of the entry, without its own record, by key.
** part_of, part: as in ds_sub.
*/
struct ds_stream {
    ds_store *store;
    ds_catalog *catalog;
    ds_view view;
    ds_value own_key;
    sqlite3_stmt *guard;
    sqlite3_stmt *statement;
    ds_arena *arena;
    ds_entry entry;
    candidate *candidates;
    int64_t part_of;
    int part;
    ds_event *events;
    int n_events;
    int at;
    int64_t position;
    int64_t resync; /* entries up to it are lost: to be told first; -1 none */
};

/* ---- begin and end ---------------------------------------------------------------------------------- */

static int start_guard(ds_stream *s, ds_err *err) {
    int rc = ds_store_prepare(s->store, "SELECT 1 FROM main.datastore_feed", 0, &s->guard,
                              err);
    if (rc == SQLITE_OK && sqlite3_step(s->guard) != SQLITE_ROW) {
        rc = sqlite3_reset(s->guard);
        rc = rc ? ds_err_db(err, s->store->db, rc)
                : ds_err_set(err, SQLITE_CORRUPT, "datastore_feed has no row");
    }
    return rc;
}

/* Is what comes after the position still there? */
static int check_bounds(ds_stream *s, ds_err *err) {
    sqlite3_stmt *bounds = NULL;
    int rc = ds_store_prepare_named(s->store, DS_SQL_FEED_BOUNDS, &bounds, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    (void)sqlite3_step(bounds);
    int64_t first = sqlite3_column_int64(bounds, 0);
    int64_t last = sqlite3_column_int64(bounds, 1);
    rc = sqlite3_finalize(bounds);
    if (s->position > last) {
        s->resync = last;
    } else if (s->position < first - 1) {
        s->resync = first - 1;
    }
    s->position = s->resync >= 0 ? s->resync : s->position;
    return rc == SQLITE_OK ? rc : ds_err_db(err, s->store->db, rc);
}

static int start(ds_stream *s, const ds_sub *sub, ds_err *err) {
    int rc = ds_store_refresh(s->store, NULL, err);
    if (rc == SQLITE_OK && s->store->catalog != NULL) {
        ds_catalog_retain(s->store->catalog);
        s->catalog = s->store->catalog;
    }
    rc = rc ? rc : check_bounds(s, err);
    rc = rc ? rc : ds_view_init(&s->view, s->store, sub, err);
    if (rc == SQLITE_OK && s->view.related != NULL) {
        rc = ds_past_new(s->store, s->view.wanted, s->position, &s->view.past, err);
    }
    rc = rc ? rc : ds_store_prepare_named(s->store, DS_SQL_FEED_READ, &s->statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(s->statement, 1, s->position);
    }
    return rc;
}

static ds_value value_of(sqlite3_value *value) {
    if (value == NULL || sqlite3_value_type(value) == SQLITE_NULL) {
        return (ds_value){.type = SQLITE_NULL};
    }
    if (sqlite3_value_type(value) == SQLITE_INTEGER) {
        return (ds_value){.type = SQLITE_INTEGER, .integer = sqlite3_value_int64(value)};
    }
    if (sqlite3_value_type(value) == SQLITE_FLOAT) {
        return (ds_value){.type = SQLITE_FLOAT, .real = sqlite3_value_double(value)};
    }
    const char *text = (const char *)sqlite3_value_text(value);
    return (ds_value){
        .type = SQLITE_TEXT, .text = text, .length = sqlite3_value_bytes(value)};
}

int ds_stream_open(ds_store *store, const ds_sub *sub, ds_stream **out, ds_err *err) {
    *out = NULL;
    ds_stream *s = sqlite3_malloc64(sizeof *s);
    if (s == NULL) {
        return ds_err_nomem(err);
    }
    memset(s, 0, sizeof *s);
    s->store = store;
    s->position = sub->position;
    s->resync = -1;
    s->part_of = sub->part_of;
    s->part = sub->part;
    s->own_key = value_of(sub->key);
    int rc = start_guard(s, err);
    rc = rc ? rc : start(s, sub, err);
    if (rc == SQLITE_OK && s->own_key.type == SQLITE_TEXT && s->own_key.text == NULL) {
        rc = ds_err_nomem(err);
    }
    if (rc == SQLITE_OK) {
        *out = s;
    } else {
        ds_stream_close(s);
    }
    return rc;
}

void ds_stream_close(ds_stream *stream) {
    if (stream != NULL) {
        sqlite3_finalize(stream->statement);
        ds_view_done(&stream->view);
        sqlite3_finalize(stream->guard);
        sqlite3_free(stream->events);
        ds_arena_free(stream->arena);
        ds_catalog_release(stream->catalog);
        sqlite3_free(stream);
    }
}

int64_t ds_stream_position(const ds_stream *stream) {
    return stream->position;
}

/* ---- the events of one entry ---------------------------------------------------------------------------- */

static int add_event(ds_stream *s, const ds_event *event, ds_err *err) {
    size_t n = (size_t)s->n_events + 1;
    ds_event *events = sqlite3_realloc64(s->events, n * sizeof *events);
    if (events == NULL) {
        return ds_err_nomem(err);
    }
    s->events = events;
    events[s->n_events] = *event;
    events[s->n_events].seq = s->entry.seq;
    events[s->n_events].entry = &s->entry;
    events[s->n_events].nth = s->n_events + 1;
    s->n_events++;
    return SQLITE_OK;
}

/* The record of the entry itself; `matched`: before it. */
static int add_own(ds_stream *s, bool matched, bool matches, ds_err *err) {
    const ds_entry *e = &s->entry;
    if (!matched && !matches) {
        return SQLITE_OK;
    }
    const ds_event event = {
        .model = e->model,
        .op = matched && matches ? DS_EVENT_UPDATE
              : matches          ? DS_EVENT_INSERT
                                 : DS_EVENT_DELETE,
        .left_filter = matched && !matches && e->after != NULL,
        .key = &e->key,
        .row = e->after ? e->after : e->before,
        .has_old = e->is_changed != NULL,
    };
    return add_event(s, &event, err);
}

/* A record that the entry's change of another one moves in or out. */
static int add_moved(ds_stream *s, const candidate *c, bool matches, ds_err *err) {
    if (c->matched == matches) {
        return SQLITE_OK;
    }
    const ds_event event = {
        .model = s->view.model,
        .op = matches ? DS_EVENT_INSERT : DS_EVENT_DELETE,
        .left_filter = !matches,
        .key = &c->key,
        .row = c->row,
    };
    return add_event(s, &event, err);
}

static int matches_row(ds_stream *s, const ds_value *row, bool *out, ds_err *err) {
    *out = false;
    if (row == NULL ||
        (s->own_key.type != SQLITE_NULL && !ds_entry_same(&s->own_key, &s->entry.key))) {
        return SQLITE_OK;
    }
    return ds_view_matches(&s->view, row, out, err);
}

static bool is_own(const ds_stream *s, const ds_value *key) {
    return s->entry.model == s->view.model && ds_entry_same(key, &s->entry.key);
}

/* Note a record that depends on the entry's, once; in the order of keys, so that a reader who stops in
** the middle finds the rest. */
static int add_candidate(void *data, const ds_value *key, const ds_value *row, bool *stop,
                         ds_err *err) {
    ds_stream *s = data;
    (void)stop;
    candidate **at = &s->candidates;
    while (*at != NULL && ds_entry_compare(&(*at)->key, key) < 0) {
        at = &(*at)->next;
    }
    if (*at != NULL && ds_entry_same(&(*at)->key, key)) {
        return SQLITE_OK;
    }
    size_t n = (size_t)s->view.model->n_columns + DS_N_META;
    candidate *c = ds_arena_alloc(s->arena, sizeof *c);
    ds_value *copy = ds_arena_alloc(s->arena, n * sizeof *copy);
    if (is_own(s, key) || c == NULL || copy == NULL) {
        return c && copy ? SQLITE_OK : ds_err_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        copy[i] = ds_value_copy(s->arena, &row[i]);
    }
    *c = (candidate){.next = *at, .key = ds_value_copy(s->arena, key), .row = copy};
    if (ds_arena_failed(s->arena)) {
        return ds_err_nomem(err);
    }
    *at = c;
    return ds_view_matches(&s->view, copy, &c->matched, err);
}

/* The state before the entry, then the one after it. */
static int judge(ds_stream *s, ds_err *err) {
    const ds_entry *e = &s->entry;
    bool is_root = s->view.model == NULL || e->model == s->view.model;
    bool matched = false, matches = false;
    s->candidates = NULL;
    int rc = is_root ? matches_row(s, e->before, &matched, err) : SQLITE_OK;
    if (rc == SQLITE_OK && s->view.past != NULL) {
        rc = ds_view_dependants(&s->view, e->model, e->before, add_candidate, s, err);
        rc = rc ? rc
                : ds_view_dependants(&s->view, e->model, e->after, add_candidate, s, err);
        rc = rc ? rc : ds_past_apply(s->view.past, e, err);
    }
    if (rc == SQLITE_OK && is_root) {
        rc = matches_row(s, e->after, &matches, err);
        rc = rc ? rc : add_own(s, matched, matches, err);
    }
    for (const candidate *c = s->candidates; rc == SQLITE_OK && c; c = c->next) {
        rc = ds_view_matches(&s->view, c->row, &matches, err);
        rc = rc ? rc : add_moved(s, c, matches, err);
    }
    return rc;
}

static int read_entry(ds_stream *s, ds_err *err) {
    ds_arena_free(s->arena);
    s->n_events = s->at = 0;
    s->arena = ds_arena_new();
    int rc = s->arena ? ds_entry_read(s->store, s->statement, s->arena, &s->entry, err)
                      : ds_err_nomem(err);
    if (rc != SQLITE_OK || !ds_view_wants(&s->view, s->entry.model)) {
        return rc;
    }
    if (s->entry.op == DS_ENTRY_MIGRATED) {
        const ds_event resync = {.model = s->entry.model, .op = DS_EVENT_RESYNC};
        return add_event(s, &resync, err);
    }
    return s->entry.model ? judge(s, err) : SQLITE_OK;
}

/* ---- one after the other --------------------------------------------------------------------------------- */

static int tell_resync(ds_stream *s, const ds_event **out, ds_err *err) {
    s->entry = (ds_entry){.seq = s->resync};
    s->resync = -1;
    const ds_event resync = {
        .model = s->view.model, .op = DS_EVENT_RESYNC, .is_last = true};
    int rc = add_event(s, &resync, err);
    if (rc == SQLITE_OK) {
        s->at = 1;
        *out = &s->events[0];
    }
    return rc;
}

int ds_stream_next(ds_stream *stream, const ds_event **out, ds_err *err) {
    ds_stream *s = stream;
    *out = NULL;
    if (s->resync >= 0) {
        return tell_resync(s, out, err);
    }
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && s->at == s->n_events) {
        if (s->n_events > 0) {
            s->position = s->entry.seq;
        }
        if (sqlite3_step(s->statement) != SQLITE_ROW) {
            s->n_events = s->at = 0;
            rc = sqlite3_reset(s->statement);
            return rc == SQLITE_OK ? rc : ds_err_db(err, s->store->db, rc);
        }
        rc = read_entry(s, err);
        if (s->entry.seq == s->part_of) {
            s->at = s->part < s->n_events ? s->part : s->n_events;
        }
        s->position = rc || s->n_events > 0 ? s->position : s->entry.seq;
    }
    if (rc == SQLITE_OK) {
        *out = &s->events[s->at++];
        s->events[s->at - 1].is_last = s->at == s->n_events;
    }
    return rc;
}

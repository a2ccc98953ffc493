/* Private to feed/. */
#ifndef DS_FEED_INT_H
#define DS_FEED_INT_H

#include "feed/feed.h"

/* ---- entry.c: an entry of datastore_changes ---------------------------------------------------- */

enum { DS_ENTRY_INSERT = 1, DS_ENTRY_UPDATE, DS_ENTRY_DELETE, DS_ENTRY_MIGRATED };

/*
** model: NULL when it is gone. before, after: the whole row (as in store.h's record.c), NULL where
** there is none. is_changed[i]: an update changed column i; NULL for others. Everything lies in the
** arena that it was read into.
*/
typedef struct ds_entry {
    int64_t seq;
    const ds_model *model;
    int op;
    bool is_remote;
    int64_t at;
    ds_value key;
    ds_value condition;
    ds_value *before;
    ds_value *after;
    bool *is_changed;
} ds_entry;

/* Read the current row of `statement`, DS_SQL_FEED_READ, under the store's catalog: columns that it
** lacks are left out. What is no list of values reads as a row of NULLs as far as it is wrong.
** Only errors of memory. */
DS_MUST_USE int ds_entry_read(const ds_store *store, sqlite3_stmt *statement,
                              ds_arena *arena, ds_entry *out, ds_err *err);

/* The list n=value of a row or a part of it: put each value into row[i], and set given[i] (may be
** NULL). `text` is changed, and the values borrow from it. False where it is no such list: what
** stood before that has been taken. */
bool ds_entry_parse(const ds_model *model, const int *numbers, char *text, ds_value *row,
                    bool *given);

/* An order of values: by type, then by value. */
int ds_entry_compare(const ds_value *a, const ds_value *b);

/* Are two values the same, and of the same type? NULL is nothing's equal. */
bool ds_entry_same(const ds_value *a, const ds_value *b);

/* ---- match.c: does a row match a filter? -------------------------------------------------------- */

/* A condition on the rows of one model, with its statement. */
typedef struct ds_match {
    const ds_model *model;
    const ds_filter *filter; /* borrowed */
    sqlite3_stmt *statement;
} ds_match;

/* End with ds_match_done, also after a failure. */
DS_MUST_USE int ds_match_init(ds_match *match, ds_store *store, const ds_model *model,
                              const ds_filter *filter, ds_err *err);
void ds_match_done(ds_match *match);
/* `related[i]`: whether a row of the filter's i-th relation matches; NULL without relations. */
DS_MUST_USE int ds_match_row(ds_match *match, const ds_value *row, const bool *related,
                             bool *out, ds_err *err);

/* ---- past.c: rows as they were at an entry -------------------------------------------------------- */

/*
** The rows of a few models as of an entry of the feed: those of the tables, but for the ones that
** later entries change. Begins before the first entry behind `position`, and moves on with
** ds_past_apply.
*/
typedef struct ds_past ds_past;

/* `is_wanted[m]`: model m of the catalog is of interest. */
DS_MUST_USE int ds_past_new(ds_store *store, const bool *is_wanted, int64_t position,
                            ds_past **out, ds_err *err);
void ds_past_free(ds_past *past);
DS_MUST_USE int ds_past_apply(ds_past *past, const ds_entry *entry, ds_err *err);

/* Called for each row that is found; *stop ends the search. `row` and `key` last as long as `past`
** is not moved. */
typedef int ds_past_visit(void *data, const ds_value *key, const ds_value *row,
                          bool *stop, ds_err *err);
/* The rows of `model` whose columns[i] equals values[i]; NULL equals nothing. */
DS_MUST_USE int ds_past_find(ds_past *past, const ds_model *model,
                             const ds_column *const *columns, const ds_value *values,
                             int n, ds_past_visit *visit, void *data, ds_err *err);

/* ---- view.c: what a subscription sees ------------------------------------------------------------- */

/* A subscription, as it stands in the file. Texts and key are owned. */
typedef struct ds_sub {
    int64_t number;
    bool is_named;
    bool is_foreign; /* another connection's */
    char *model;     /* NULL: all */
    char *filter;
    sqlite3_value *key;
    int64_t position;
    int64_t part_of; /* an entry some events of which have been read already: this many */
    int part;
} ds_sub;

/* Its model and its filter under the present catalog. model NULL: all. */
typedef struct ds_view {
    ds_store *store;
    const ds_model *model;
    sqlite3_value *key;
    ds_filter *filter;
    ds_match match;
    ds_match *related; /* per relation of the filter */
    ds_past *past;     /* NULL unless the filter has relations */
    bool *wanted;      /* models of the entries to look at; NULL: all */
} ds_view;

/* End with ds_view_done, also after a failure. Errors: SQLITE_ERROR when the schema has no such
** model any more, or the filter does not fit it. `sub` must outlive the view. */
DS_MUST_USE int ds_view_init(ds_view *view, ds_store *store, const ds_sub *sub,
                             ds_err *err);
void ds_view_done(ds_view *view);
/* Is an entry of the model to be looked at? */
bool ds_view_wants(const ds_view *view, const ds_model *model);
/* Does the row of the view's model match, as things are in view->past now? */
DS_MUST_USE int ds_view_matches(ds_view *view, const ds_value *row, bool *out,
                                ds_err *err);
/* Find the rows whose membership may depend on the row of a related model. */
DS_MUST_USE int ds_view_dependants(ds_view *view, const ds_model *model,
                                   const ds_value *row, ds_past_visit *visit, void *data,
                                   ds_err *err);

/* ---- stream.c: the events of a subscription --------------------------------------------------------- */

typedef enum ds_event_op {
    DS_EVENT_INSERT,
    DS_EVENT_UPDATE,
    DS_EVENT_DELETE,
    DS_EVENT_RESYNC
} ds_event_op;

/*
** One event. model: NULL for a resync of all. key: in the stream's memory. row: the element, NULL for
** a resync. entry: what happened; its old values are told when it is an update of this very
** record (has_old). nth: among those of its entry, from 1; is_last: no other follows.
*/
typedef struct ds_event {
    int64_t seq;
    const ds_model *model;
    ds_event_op op;
    bool left_filter;
    const ds_value *key;
    const ds_value *row;
    const ds_entry *entry;
    bool has_old;
    int nth;
    bool is_last;
} ds_event;

typedef struct ds_stream ds_stream;

/* From `position` on, within one read of the file. `sub` must outlive it. */
DS_MUST_USE int ds_stream_open(ds_store *store, const ds_sub *sub, ds_stream **out,
                               ds_err *err);
void ds_stream_close(ds_stream *stream);
/* The next event, borrowed until the next call; NULL at the end. */
DS_MUST_USE int ds_stream_next(ds_stream *stream, const ds_event **out, ds_err *err);
/* Up to where the feed has been looked at. */
int64_t ds_stream_position(const ds_stream *stream);

/* ---- bell.c: wake-ups inside the process -------------------------------------------------------------- */

struct ds_ear {
    struct ds_ear *next;
    ds_bell *bell;
    int receiver;
    int sender;
    bool is_rung;   /* and not heard yet: guarded by the registry's mutex */
    bool is_public; /* handed to the host: rung by ds_bell_announce */
    uint64_t
        identity[2]; /* of the receiver's file: the host may close what is not its own */
};

const char *ds_bell_path(const ds_bell *bell);
const char *ds_bell_vfs(const ds_bell *bell);

/* Ring for every ear of the file: something has been committed. Costs nothing when nobody listens.
** Public ears are rung only when nobody watches the file for them. */
void ds_bell_ring(const char *path);
/* Ring for the public ears: the feed has grown. */
void ds_bell_announce(ds_bell *bell);

/* The connections of this process that observe, by their random number. */
DS_MUST_USE int ds_bell_enter(int64_t owner);
void ds_bell_leave(int64_t owner);
bool ds_bell_knows(int64_t owner);

/* Keep a thread for the bell while there are public ears: `run` is called in it, unless there is one
** already, and returns when ds_bell_is_over. start: the last number of the feed. Errors:
** SQLITE_CANTOPEN. */
DS_MUST_USE int ds_bell_hire(ds_bell *bell,
                             void (*run)(ds_bell *bell, ds_ear *ear, int64_t start),
                             int64_t start);
bool ds_bell_is_over(const ds_bell *bell);

/* ---- watch.c: changes of other processes ------------------------------------------------------------ */

#define DS_WATCH_TICK_MS  25  /* between two looks at the file: no lock, no read */
#define DS_WATCH_CHECK_MS 200 /* between two questions to the database in any case */
#define DS_WATCH_PAUSE_MS 5   /* at least between two questions */

typedef struct ds_watch {
    const char *path;
    int64_t stamp[6];
    int64_t checked_at;
} ds_watch;

void ds_watch_init(ds_watch *watch, const char *path);
/* Is it time to ask the database? `is_rung`: somebody here has committed. */
bool ds_watch_is_due(ds_watch *watch, bool is_rung);
/* Milliseconds of a clock that only goes forward. */
int64_t ds_watch_now(void);
/* Do nothing for that long. */
void ds_watch_pause(int ms);

/* ---- one connection -------------------------------------------------------------------------------- */

/* What a connection remembers of an unnamed subscription that it reads: it moves in memory, and in
** the file now and then. quiet: up to there are no events for a durable one either. */
typedef struct ds_reading {
    struct ds_reading *next;
    int64_t number;
    bool is_named;
    int64_t position;
    int64_t part_of;
    int part;
    int64_t quiet;
    int64_t stored;
    int64_t stored_at;
} ds_reading;

/*
** One connection's part. path: names its file in the process; is_file: there is one. vfs: to open
** it with. owner: 0 until something unnamed is observed.
*/
struct ds_feed {
    ds_store *store;
    char *path;
    char *vfs;
    bool is_file;
    ds_bell *bell;
    int64_t owner;
    ds_reading *readings;
    ds_ear *waiting;
    ds_ear *notified;
    int64_t swept_at;
    bool has_dead; /* subscriptions of the dead are to be removed */
};

/* The bell of the connection's file. */
DS_MUST_USE int ds_feed_bell(ds_feed *feed, ds_bell **out, ds_err *err);

/* Step a bound statement to its end and finalize it; *out (may be NULL) is its first integer. _run
** prepares a named one and binds integers first. */
DS_MUST_USE int ds_feed_finish(ds_store *store, sqlite3_stmt *statement, int64_t *out,
                               ds_err *err);
DS_MUST_USE int ds_feed_run(ds_store *store, enum ds_sql id, const int64_t *numbers,
                            int n, int64_t *out, ds_err *err);

/* ---- reading.c ---------------------------------------------------------------------------------------- */

/* Read a subscription; its number is 0 when there is none. ds_sub_read makes an error of that, and of
** one that is another connection's, and puts its position to where it is read by now. End with
** ds_sub_done, also after a failure. */
DS_MUST_USE int ds_sub_find(ds_feed *feed, ds_feed_id id, ds_sub *out, ds_err *err);
DS_MUST_USE int ds_sub_read(ds_feed *feed, ds_feed_id id, ds_sub *out, ds_err *err);
void ds_sub_done(ds_sub *sub);

DS_MUST_USE int ds_reading_add(ds_feed *feed, int64_t number, int64_t position,
                               bool is_named, ds_err *err);
void ds_reading_remove(ds_feed *feed, int64_t number);
ds_reading *ds_reading_find(ds_feed *feed, int64_t number);

/* An unnamed one has been read up to there, or up to this event. Kept in the file now and then. */
void ds_sub_move(ds_feed *feed, int64_t number, int64_t position);
void ds_sub_move_to(ds_feed *feed, int64_t number, const ds_event *event);
void ds_sub_store(ds_feed *feed);

/* ---- feed.c --------------------------------------------------------------------------------------------- */

/* Remove a subscription; forget what no one needs. */
DS_MUST_USE int ds_sub_remove(ds_feed *feed, int64_t number, ds_err *err);
DS_MUST_USE int ds_feed_prune(ds_feed *feed, ds_err *err);
/* Remove the subscriptions of the dead, and what no one needs. Outside of a transaction each step
** stands for itself. */
DS_MUST_USE int ds_feed_sweep(ds_feed *feed, ds_err *err);
/* The current row of DS_SQL_FEED_SUB_LIST: is its owner gone? */
bool ds_feed_is_dead(const ds_feed *feed, sqlite3_stmt *row);

/* ---- aside.c -------------------------------------------------------------------------------------------- */

/* A connection of our own to a file; NULL when there is none to be had. */
sqlite3 *ds_aside_open(const char *path, const char *vfs);
/* The connection goes: remove its unnamed subscriptions. */
void ds_aside_farewell(const ds_feed *feed);
/* Remove the subscriptions of the dead. */
void ds_aside_sweep(const ds_feed *feed);
/* Put down how far they are read, and forget what no one needs; false if it could not be done now. */
bool ds_aside_store(const ds_feed *feed);

extern const sqlite3_module ds_events_module;

#endif

/*
** feed: the change feed (observe). Floor 5: above the store, beside table/ and outbox/.
**
** Triggers of the store write every committed change of an observed model to datastore_changes
** (sql/feed.sql), in the transaction of the change itself: what rolls back leaves no trace, and
** whoever writes is observed, the sync engine, a cascade or a program without the extension.
** Readers decode those entries; a subscription is a position in them.
**
**   subscription.c  the rows of datastore_subscriptions: begin, end, confirm, prune
**   entry.c         an entry of the feed, back to rows
**   match.c, past.c a filter on the row before and after; related rows as they were then
**   stream.c        what one subscription is told, one event after the other
**   events.c        the table-valued function over it
**   bell.c, watch.c wake-ups: between connections of the process, and from other processes
**   wait.c          datastore_wait
**
** A connection that goes, also by kill -9, takes its unnamed subscriptions with it: at once when it
** is closed, and as soon as a program with the extension writes or observes when its process is
** gone. What no one has read is bounded by number and by age; who missed entries is told so.
*/
#ifndef DS_FEED_H
#define DS_FEED_H

#include "base/base.h"
#include "filter/filter.h"
#include "model/model.h"
#include "store/store.h"

typedef struct ds_feed ds_feed;

/* Register datastore_events and make store->feed, which lives as long as the module. */
DS_MUST_USE int ds_feed_register(ds_store *store, ds_err *err);
/* Undo it, after a failure to load. */
void ds_feed_unregister(ds_store *store);

/* ---- subscription.c -------------------------------------------------------------------------- */

/*
** What is to be observed. model: NULL for all. key: of one record, as in datastore_journal.key, or
** NULL. filter: its JSON text, or NULL. name: makes it durable, or NULL. All borrowed.
** max_changes, max_age_ms: what the feed keeps for slow subscriptions from now on; -1 as before.
*/
typedef struct ds_observation {
    const ds_model *model;
    sqlite3_value *key;
    const char *filter;
    const char *name;
    int64_t max_changes;
    int64_t max_age_ms;
} ds_observation;

/*
** Begin a subscription, or resume the one of that name. Within work of the caller's, which is the
** outermost transaction, with the catalog of the file. *out is its number.
** Errors: SQLITE_ERROR when the name observes something else.
*/
DS_MUST_USE int ds_feed_observe(ds_feed *feed, const ds_observation *what, int64_t *out,
                                ds_err *err);

/* Which subscription: its number, or the name of a durable one. */
typedef struct ds_feed_id {
    int64_t number;
    const char *name; /* NULL: by number */
} ds_feed_id;

/* A number as an argument: an integer, or a real that is one, as JavaScript binds all its numbers. */
bool ds_feed_integer(sqlite3_value *value, int64_t *out);

/* Confirm that everything up to `seq` has been dealt with; returns in *out what is confirmed now.
** Errors: SQLITE_ERROR when there is no such subscription, it is another connection's, or there is
** no such change yet. */
DS_MUST_USE int ds_feed_ack(ds_feed *feed, ds_feed_id id, int64_t seq, int64_t *out,
                            ds_err *err);
/* End it. *out tells whether there was one. */
DS_MUST_USE int ds_feed_unobserve(ds_feed *feed, ds_feed_id id, bool *out, ds_err *err);

/* ---- migration: called while a schema is installed --------------------------------------------- */

/* Tables have been altered; models that are gone may give their numbers to new ones. */
DS_MUST_USE int ds_feed_forget(ds_store *store, ds_err *err);
/* The new schema is in place: whoever observes all models observes the new ones, and whoever
** observes one that changed is told to read it anew, after the entries that were there before. */
DS_MUST_USE int ds_feed_migrated(ds_store *store, const ds_installation *in, ds_err *err);

/* ---- conditions ----------------------------------------------------------------------------------- */

/* The last number of the feed, and a condition for the entries of a record that came after it. */
DS_MUST_USE int ds_feed_last(ds_store *store, int64_t *out, ds_err *err);
DS_MUST_USE int ds_feed_stamp(ds_store *store, const ds_model *model, sqlite3_value *key,
                              int64_t after, const char *condition, ds_err *err);

/* ---- wait.c --------------------------------------------------------------------------------------- */

/* Is it so now? `data` is the caller's. Called without a transaction; an error ends the wait. */
typedef int ds_feed_check(ds_feed *feed, void *data, bool *out, ds_err *err);

/*
** Wait until `check` says yes, at most `timeout_ms` milliseconds; *out is its last answer. It is asked
** again after each commit in this process, soon after any in another process, and now and then.
** Nothing is locked meanwhile. Errors: SQLITE_INTERRUPT, those of `check`.
*/
DS_MUST_USE int ds_feed_wait(ds_feed *feed, int64_t timeout_ms, ds_feed_check *check,
                             void *data, bool *out, ds_err *err);

/* Are there events of a subscription? Of any of this connection's when number is 0 and name NULL.
** `data` is a ds_feed_id. */
int ds_feed_has_events(ds_feed *feed, void *data, bool *out, ds_err *err);

/* ---- watch.c --------------------------------------------------------------------------------------- */

/*
** A file descriptor that is readable when there may be events for this connection: always the same
** one, which belongs to the connection. datastore_events empties it.
** Errors: SQLITE_CANTOPEN when there are no descriptors or threads left.
*/
DS_MUST_USE int ds_feed_notify_fd(ds_feed *feed, int *out, ds_err *err);

/* ---- bell.c: wake-ups inside the process --------------------------------------------------------------- */

/* The bell of a database file: a connection of this process that commits rings it. */
typedef struct ds_bell ds_bell;
/* Who hears that, by a file descriptor that is readable from then on until it is heard. */
typedef struct ds_ear ds_ear;

/* The one bell of a file, as sqlite3_db_filename names it; NULL when memory is out. Give it back with
** _release, for which NULL is fine. vfs: how the file is opened; "" for the default. */
ds_bell *ds_bell_get(const char *path, const char *vfs);
void ds_bell_release(ds_bell *bell);
/* In the child, where no thread is left: what it has inherited may still be closed. */
void ds_bell_after_fork(void);

/* is_public: for the host, who is to hear of events only. Errors: SQLITE_NOMEM, SQLITE_CANTOPEN. */
DS_MUST_USE int ds_ear_open(ds_bell *bell, bool is_public, ds_ear **out);
/* NULL is fine. */
void ds_ear_close(ds_ear *ear);
/* Ring for this one. */
void ds_ear_ring(ds_ear *ear);
/* Empty it; had it been rung? */
bool ds_ear_hear(ds_ear *ear);
/* Wait until it is rung, at most so many milliseconds; has it been? Does not empty it. */
bool ds_ear_wait(const ds_ear *ear, int timeout_ms);
/* Its descriptor, to be waited for with others. */
int ds_ear_fd(const ds_ear *ear);

#endif

/*
** sync: what the server's records do to the rows. Floor 6. Nothing here waits or knows the
** network: the engine hands in what came and gets told what to send.
**
** Everything happens in transactions of a merger:
**
**   ds_merger_begin     takes the write lock, moves the journal to the outbox
**   …                   pages, live records, answers, ds_outbox_take, pulls: in any number
**   ds_merger_end       commits, or rolls back after an error
**
** Rows are kept or lost with the cursor that says so, and an answer with the entry that it
** answers. While records are merged, journal and cascade are silent: a tombstone removes its own
** row and no other.
**
** A record without unsent changes is taken over if it is newer than the row. For one with unsent
** changes the server's row is kept beside it (the base row), and the row is merged field by
** field: a field that was changed here keeps its value. Where both sides changed a field to
** different values, that is a conflict, and the policy decides.
*/
#ifndef DS_SYNC_H
#define DS_SYNC_H

#include "appsync/appsync.h"
#include "base/base.h"
#include "outbox/outbox.h"
#include "store/store.h"

/* ---- merger.c ------------------------------------------------------------------------------------- */

typedef enum ds_policy {
    DS_POLICY_MERGE,   /* a field that both changed keeps the local value */
    DS_POLICY_LOCAL,   /* the local row wins as a whole */
    DS_POLICY_REMOTE,  /* the server's row wins as a whole: unsent changes are given up */
    DS_POLICY_FUNCTION /* an SQL function of the user's decides: see policy.c */
} ds_policy;

/* The policy of that name: merge, local or remote; any other is the name of a function. */
ds_policy ds_policy_find(const char *name);

typedef struct ds_merger ds_merger;

/*
** A merger on the store's connection. `function` is the name of the SQL function for
** DS_POLICY_FUNCTION (copied; else NULL), and function_db the connection that it is registered on:
** NULL or that of the store, or another one (borrowed, of this thread) if sync works over a
** connection of its own. It is called while the merger's transaction is open: over another
** connection it sees what was committed before, and cannot write to the same file. Statements are
** kept prepared until the end, so end it before the connection is handed back.
*/
DS_MUST_USE int ds_merger_new(ds_store *store, ds_policy policy, const char *function,
                              sqlite3 *function_db, ds_merger **out, ds_err *err);
/* NULL is fine. Not inside a transaction of it. */
void ds_merger_free(ds_merger *merger);

/*
** Begin a transaction (a savepoint, where the host has one open) and take up what is new: the
** schema, if another connection has changed it, and local changes. *out_is_new (may be NULL) tells
** that there is a new catalog: models of before are not to be used any more, and pulls are to
** be begun again. After success ds_merger_end is to be called.
** Errors: SQLITE_BUSY and the like; SQLITE_ERROR when no schema is installed.
*/
DS_MUST_USE int ds_merger_begin(ds_merger *merger, bool *out_is_new, ds_err *err);
/* Commit if rc, the result so far, is SQLITE_OK, else roll back. Returns rc or the error of the
** commit. */
DS_MUST_USE int ds_merger_end(ds_merger *merger, int rc, ds_err *err);

/* For ds_outbox_take and the like, inside of a transaction. */
ds_records *ds_merger_records(ds_merger *merger);

/* ---- merge.c --------------------------------------------------------------------------------------- */

/* What became of records. n_pushed: changes that are done, as the answer to them says: the server has them,
** also if an earlier attempt has brought them there, or somebody else. `bad` says what is wrong with the first one that could not be read, or why
** the user's function did not decide about a conflict; n_bad counts the former;
** n_nameless are those of which even the key is unknown, and null elements. */
typedef struct ds_merge_counts {
    int64_t n_new;
    int64_t n_updated;
    int64_t n_deleted;
    int64_t n_unchanged; /* known already, or older than the row */
    int64_t n_conflicts;
    int64_t n_pushed;
    int64_t n_bad;
    int64_t n_nameless;
    char bad[DS_ERR_TEXT_MAX];
} ds_merge_counts;

/*
** Merge the records of one page: `items` is the token of a JSON list, whose elements have wire
** names, _version, _lastChangedAt and _deleted; foreign keys may come as their own field, as the key
** of a nested record, or both. Elements that are null are skipped. A record of the row's own version
** replaces it where it differs: the page is complete, where a live record may not have been.
** Numbers are added to *counts. Errors are those of the database only; a record that cannot be read
** is counted and skipped; its row, if there is one, stays. SQLITE_ERROR when the list itself is malformed.
*/
DS_MUST_USE int ds_merge_page(ds_merger *merger, const ds_model *model,
                              const ds_token *items, ds_merge_counts *counts,
                              ds_err *err);

/* Merge one live record (the token of a JSON object). */
DS_MUST_USE int ds_merge_record(ds_merger *merger, const ds_model *model,
                                const ds_token *record, ds_merge_counts *counts,
                                ds_err *err);

/*
** Merge a record that a subscription told of. One that the model's sync expression (filter JSON, NULL for none)
** leaves out is passed over, or removed if it is here without unsent changes.
*/
DS_MUST_USE int ds_merge_told(ds_merger *merger, const ds_model *model,
                              const char *filter, const ds_token *record,
                              ds_merge_counts *counts, ds_err *err);

/* ---- answer.c: verdicts on mutations ----------------------------------------------------------------- */

typedef enum ds_verdict {
    DS_VERDICT_DONE,     /* carried out: `record` is what the server has now */
    DS_VERDICT_CONFLICT, /* ConflictUnhandled: `record` is what the server has */
    DS_VERDICT_REFUSED,  /* a verdict on the change; `record` may be there */
    DS_VERDICT_FOUND, /* refused, but an earlier attempt may have been carried out (is_unclear, or
                            a create of a key that exists), or a delete: the engine has asked the server for the
                            record, which is `record`, or absent */
    DS_VERDICT_LATER,  /* not carried out: throttled, not authorized for now, … */
    DS_VERDICT_UNCLEAR /* no answer, or one that says nothing */
} ds_verdict;

/* record: its token, or NULL. error: one line for people; response: the whole answer, for the
** dead letter; both may be NULL. wait_ms: what the server asks to wait at least. */
typedef struct ds_answer {
    int64_t seq;
    ds_verdict verdict;
    const ds_token *record;
    const char *error;
    const char *response;
    int64_t wait_ms;
} ds_answer;

/*
** Bring in the verdict on a mutation that was taken. The record is merged, and the entry is removed,
** made pending again (a conflict, or a success that did not keep a field that was sent: at most
** DS_MAX_CONFLICTS times in a row), put off, or sent to the dead letter. An entry that is no longer
** there (datastore_clear, datastore_discard) is ignored. Tells datastore_hub.
** A record that cannot be read makes DONE and CONFLICT unclear.
*/
DS_MUST_USE int ds_merge_answer(ds_merger *merger, const ds_answer *answer,
                                ds_merge_counts *counts, ds_err *err);

/* ---- pull.c: how far a model is synced ----------------------------------------------------------------- */

/*
** A pull under way: the pages of one model since `since` (0: all of them, a full sync). number tells
** it from later ones. next_token: of the next page to ask for, NULL for the first. filter: the sync
** expression, filter JSON, NULL without. Texts are owned. What is here follows what is in the file:
** after a transaction that failed, begin the pull again.
*/
typedef struct ds_pull {
    const ds_model *model;
    int64_t number;
    int64_t since;
    bool is_full;
    char *next_token;
    char *filter;
    ds_merge_counts counts;
} ds_pull;

/* What is asked of a pull. most: the records that are wanted at most (maxRecordsToSync), -1: all. */
typedef struct ds_pull_wish {
    int64_t full_interval_ms;
    int64_t most;
    bool is_full;
} ds_pull_wish;

/* Begin the pull of a model, or go on with one that was interrupted. It is a full sync if there never
** was one, if the last is older than full_interval_ms or ended at a smaller limit than `most`, or if
** is_full. End with ds_pull_done, also after a failure. */
DS_MUST_USE int ds_pull_begin(ds_merger *merger, const ds_model *model,
                              const ds_pull_wish *wish, ds_pull *out, ds_err *err);
void ds_pull_done(ds_pull *pull);

/* The server does not know next_token any more: begin again with a new full sync. */
DS_MUST_USE int ds_pull_restart(ds_merger *merger, ds_pull *pull, ds_err *err);

/*
** A page. items: the token of the list; next_token: what the page names (NULL: it was the last);
** started_at: its time. is_whole: false if the answer carried errors, so that records may be
** missing; an element that is null, or a record whose key cannot be read, says the same.
** truncated_at: the limit, if enough records are here (maxRecordsToSync), so that the pull ends with
** this page; 0 otherwise.
*/
typedef struct ds_page {
    const ds_token *items;
    const char *next_token;
    int64_t started_at;
    bool is_whole;
    int64_t truncated_at;
} ds_page;

/*
** Merge a page and move on, in one transaction. *out_is_over: the pull has come to its end, or
** another one has taken its place (a changed sync expression, datastore_clear): then nothing was
** merged and *out_is_superseded is set. What the end means for datastore_sync_state:
**
** - all pages whole: last_sync, and last_full_sync after a full one, become the time of the first
**   page. A full sync is swept: rows that it did not see, that are older than it and have no unsent
**   changes, go. truncated becomes 0 after a full one.
** - truncated: the same, but nothing is swept and truncated becomes the limit. After a delta
**   last_full_sync becomes NULL: only a full one can tell what the cut-off changes were.
** - a page was not whole: nothing is swept, and what was missed is asked for again. A delta leaves
**   last_sync as it was; a full sync leaves last_full_sync NULL, so that the next pull is a full one
**   as well. The error (ds_pull_note) stays to be seen.
*/
DS_MUST_USE int ds_pull_page(ds_merger *merger, ds_pull *pull, const ds_page *page,
                             bool *out_is_over, bool *out_is_superseded, ds_err *err);

/* Note why a pull could not go on, or what its pages lack (NULL: nothing is wrong any more). It is
** resumed next time. A later page clears the note, unless the pull had a page that was not whole. */
DS_MUST_USE int ds_pull_note(ds_merger *merger, const ds_model *model, const char *error,
                             ds_err *err);

/* Forget tombstones that are older than a day. */
DS_MUST_USE int ds_pull_tidy(ds_merger *merger, ds_err *err);

/*
** Set the sync expression of a model (filter JSON, which has been checked; NULL: none). A change
** makes the next pull a full sync, which removes the rows that the new expression leaves out.
** *out_changed: was there one? To be called inside a transaction of the caller's.
*/
DS_MUST_USE int ds_pull_express(ds_records *records, const ds_model *model,
                                const char *filter, bool *out_changed, ds_err *err);

/*
** Empty the local store: rows, unsent changes, cursors; sync expressions stay. Refused while
** changes are unsent (the dead letter counts), SQLITE_CONSTRAINT with their number, unless
** `force`. To be called inside a transaction of the caller's, after ds_outbox_absorb.
*/
DS_MUST_USE int ds_pull_clear(ds_records *records, bool force, ds_err *err);

/* ---- lease.c: one sender per database ----------------------------------------------------------------- */

#define DS_LEASE_MS        30000 /* how long a lease holds without being renewed */
#define DS_LEASE_RENEW_MS  10000 /* each time is a write */
#define DS_MAX_LEASE_OWNER 80    /* bytes of an owner's name, with NUL */

/* Make a name that no other owner has: the process, when it began, its machine, and a random part.
** `out` holds DS_MAX_LEASE_OWNER bytes. */
void ds_lease_name(char *out);

/*
** Take the sender's lease for `owner`, or renew it: it is free, its own already, the time of another
** owner is over, or that was a process of this machine which is gone. *out_taken tells; if not, `out_holder`
** (DS_MAX_LEASE_OWNER bytes) is who has it. Locks the file for writing for a moment. SQLITE_ERROR when no
** schema is installed.
*/
DS_MUST_USE int ds_lease_take(ds_store *store, const char *owner, bool *out_taken,
                              char *out_holder, ds_err *err);
/* Give it back; nothing happens when another one has it. False where that fails: its time is over soon. */
bool ds_lease_drop(ds_store *store, const char *owner);

/* ---- engine.c: what is to be done next ------------------------------------------------------------------ */

/*
** An engine brings a database and an API together: it pulls each model, then pushes the outbox. It has
** no sockets and no clock of its own. A driver asks it for effects and hands back what came of them:
**
**   while (ds_engine_next(engine, now, &effect, err) == SQLITE_OK && effect.kind != DS_EFFECT_END)
**       DS_EFFECT_POST   send the request, go on asking; later ds_engine_answer or ds_engine_unsent
**       DS_EFFECT_WAIT   nothing to do before `until`, or before an answer comes
**
** Work on the tables is done in transactions of the merger, a page or a document each; the request for the
** next page goes out before. What was not answered when an engine
** is freed is left in the outbox and in the cursors, for the next one to go on with.
*/
typedef struct ds_engine ds_engine;

/*
** What one cycle does. models: names of those to be pulled, NULL for all. is_full: no delta.
** attempts: how often a request without an answer is sent before the engine gives up, as far as this
** cycle goes. is_live: the cycle never ends: models are pulled again and again, and what is new in the
** outbox is pushed, until ds_engine_stop. owner: of the lease, which must be held while the engine works.
** Borrowed.
*/
typedef struct ds_engine_options {
    bool pull;
    bool push;
    bool is_full;
    bool is_live;
    const char *const *models;
    int n_models;
    int attempts;
    const char *owner;
} ds_engine_options;

/* The engine borrows the merger and holds a reference to the configuration. SQLITE_ERROR when the
** configuration says no way to log in; a model that is named and does not exist is told by the first
** ds_engine_next. */
DS_MUST_USE int ds_engine_new(ds_merger *merger, ds_config *config,
                              const ds_engine_options *options, ds_engine **out,
                              ds_err *err);
void ds_engine_free(ds_engine *engine);

typedef enum ds_effect_kind {
    DS_EFFECT_POST,
    DS_EFFECT_DIAL,
    DS_EFFECT_INIT,
    DS_EFFECT_START,
    DS_EFFECT_HANG_UP,
    DS_EFFECT_WAIT,
    DS_EFFECT_END
} ds_effect_kind;

/*
** POST: id, mode and body of a request, the maximum for its answer, whether it may be sent once only.
** DIAL: open the WebSocket of number `channel`, with `mode` and `form`; INIT: send AppSync's greeting;
** START: begin a subscription, with its number, the document in `body` and its variables; HANG_UP: drop the
** connection, which will have no more events; is_silent: as nothing came from there, and other connections may
** lead nowhere, too. WAIT: until, milliseconds since 1970, 0 for no time.
** What an effect points to is borrowed until the next call.
*/
typedef struct ds_effect {
    ds_effect_kind kind;
    int64_t id;
    int channel;
    ds_realtime_form form;
    const char *subscription;
    const char *variables;
    ds_auth_mode mode;
    const char *body;
    size_t length;
    size_t maximum;
    bool only_once;
    bool is_silent;
    int64_t until;
} ds_effect;

/* Errors: those of the database, SQLITE_NOMEM; SQLITE_BUSY with the name of the holder when the lease
** was lost to another owner. The cycle is over then. */
DS_MUST_USE int ds_engine_next(ds_engine *engine, int64_t now, ds_effect *out,
                               ds_err *err);

/* The answer to a request, whose ownership passes. Answers to requests that nobody waits for any more
** are ignored. */
DS_MUST_USE int ds_engine_answer(ds_engine *engine, ds_http_answer *answer, ds_err *err);
/* A request that could not be sent at all: no credential, an address that is none. */
DS_MUST_USE int ds_engine_unsent(ds_engine *engine, int64_t id, const ds_err *why,
                                 ds_err *err);

/* Others have written to the file: the outbox may have something new. */
void ds_engine_wake(ds_engine *engine);

/* Give up what is under way: requests will have no answer, and nothing new is begun. Go on asking for
** effects until the end, so that the tables say so. */
DS_MUST_USE int ds_engine_stop(ds_engine *engine, const char *reason, ds_err *err);

/* What happened to the WebSocket of a channel: an event of it, which may be borrowed from; or it could not be
** dialled at all, or a subscription not be begun. */
DS_MUST_USE int ds_engine_websocket(ds_engine *engine, int channel,
                                    ds_websocket_event *event, ds_err *err);
DS_MUST_USE int ds_engine_undialled(ds_engine *engine, int channel, const ds_err *why,
                                    ds_err *err);

/* Append what was done so far, as JSON (see datastore_sync). */
void ds_engine_summary(const ds_engine *engine, ds_buf *out);

/* Did not one request come to something? Then *out is the first reason, borrowed, and the result is
** SQLITE_AUTH or SQLITE_IOERR; else SQLITE_OK. */
int ds_engine_verdict(const ds_engine *engine, const char **out);

/*
** How a live engine is. is_online: the last request was answered; is_ready: everything was pulled once. error:
** why a model, the outbox or the subscriptions could not go on the last time, NULL for nothing. untold: the model
** that is polled because of it, as its subscriptions are refused; "" when it is about the connection that all
** subscriptions have; NULL for all else. Texts are borrowed.
*/
typedef struct ds_engine_health {
    bool is_online;
    bool is_ready;
    const char *untold;
    const char *error;
} ds_engine_health;

void ds_engine_health_read(const ds_engine *engine, ds_engine_health *out);

/* How far it is: models pulled, of how many; records merged; mutations done. */
typedef struct ds_engine_progress {
    int n_models;
    int n_models_done;
    int64_t n_records;
    int64_t n_pushed;
} ds_engine_progress;

void ds_engine_progress_read(const ds_engine *engine, ds_engine_progress *out);

#endif

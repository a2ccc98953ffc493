/*
** outbox: the journal of local changes beyond what triggers write: conditions, and the way from
** the journal to mutations, their verdicts and the dead letter. No network and no policy: what
** a server's record does to a row is sync's business. Floor 5.
**
** A local change is written to datastore_journal by a trigger. ds_outbox_absorb moves such
** entries to datastore_mutations, where a record's entries are folded; each of the rows that
** remain is a step: one mutation, to be sent when the steps before it are done. All of that
** happens inside the transaction of the caller's, who has taken the write lock.
*/
#ifndef DS_OUTBOX_H
#define DS_OUTBOX_H

#include "base/base.h"
#include "filter/filter.h"
#include "graphql/graphql.h"
#include "store/store.h"

/* ---- condition.c: writes with a condition -------------------------------------------------------- */

/* The record of a journal entry: its model, and its key as datastore_journal.key has it
** (borrowed). */
typedef struct ds_record {
    const ds_model *model;
    sqlite3_value *key;
} ds_record;

/* The highest sequence number of the journal, 0 when it was never written. */
DS_MUST_USE int ds_outbox_last(ds_store *store, int64_t *out, ds_err *err);

/*
** Before a write with a condition: keep `payload` (the whole row as JSON, before the write) in
** the record's last pending entry, if there is one that has none.
*/
DS_MUST_USE int ds_outbox_freeze(ds_store *store, const ds_record *record,
                                 const char *payload, ds_err *err);

/*
** After a write with a condition: put `condition` (filter JSON) and `payload` (the row as
** written, NULL for a delete) into the record's entry that is younger than `after`. A write
** that changed nothing has no entry; that is fine.
*/
DS_MUST_USE int ds_outbox_stamp(ds_store *store, const ds_record *record, int64_t after,
                                const char *condition, const char *payload, ds_err *err);

/* ---- mask.c: sets of columns ------------------------------------------------------------------------ */

/* As the journal has them: by permanent numbers, 0 to 61 in `low`, a 0 or 1 for each from 62 on in
** `more` (NULL: none). */
typedef struct ds_mask {
    int64_t low;
    const char *more;
} ds_mask;

bool ds_mask_has(const ds_store *store, const ds_model *model, const ds_mask *mask,
                 int column);
/* The mask of the columns whose flag is set; its text is in the arena. */
ds_mask ds_mask_of(const ds_store *store, const ds_model *model, const bool *columns,
                   ds_arena *arena);
/* Flags per column of the model, all false, in the arena; NULL when memory is out. */
bool *ds_mask_flags(const ds_model *model, ds_arena *arena);
/* Set the flags of the columns in the mask. */
void ds_mask_read(const ds_store *store, const ds_model *model, const ds_mask *mask,
                  bool *columns);

/* ---- step.c: the rows of datastore_mutations --------------------------------------------------------- */

typedef enum ds_op { DS_OP_CREATE = 1, DS_OP_UPDATE, DS_OP_DELETE } ds_op;

typedef enum ds_step_state {
    DS_STEP_PENDING,
    DS_STEP_IN_FLIGHT,
    DS_STEP_HELD,  /* waits for another record's step in the dead letter */
    DS_STEP_FAILED /* is in the dead letter */
} ds_step_state;

/* Texts and values are in an arena; texts are NULL where there is none. next_attempt_at and
** failed_at are milliseconds since 1970, 0 for never. See sql/meta.sql. */
typedef struct ds_step {
    int64_t seq;
    ds_op op;
    ds_mask mask;
    ds_step_state state;
    int attempts;
    int conflicts;
    bool is_unclear;
    int64_t next_attempt_at;
    int64_t failed_at;
    ds_value rid;
    ds_value version;
    const char *condition;
    const char *payload;
    const char *request;
    const char *response;
    const char *error;
} ds_step;

/* All steps of a record in order; *out is NULL when there is none. Only key->form is looked at,
** here and below. */
DS_MUST_USE int ds_step_list(ds_records *records, const ds_key *key, ds_arena *arena,
                             ds_step **out, int *out_n, ds_err *err);
/* The step of that number and its record's key; out_key->model is NULL when there is none. */
DS_MUST_USE int ds_step_find(ds_records *records, int64_t seq, ds_arena *arena,
                             ds_key *out_key, ds_step *out, ds_err *err);
/* Insert a step, or write it back. */
DS_MUST_USE int ds_step_put(ds_records *records, const ds_key *key, const ds_step *step,
                            ds_err *err);
DS_MUST_USE int ds_step_drop(ds_records *records, int64_t seq, ds_err *err);
/* Forget what was sent: the step is pending as if it never had been. Its counts stay. */
void ds_step_reset(ds_step *step);

/* The row that the step sends: its payload, or the row as it is (NULL: there is none). In the
** arena. */
DS_MUST_USE int ds_step_source(ds_records *records, const ds_key *key,
                               const ds_step *step, ds_arena *arena, ds_value **out,
                               ds_err *err);
/* What a step that is frozen has sent: values under wire names, put into row[i], with given[i].
** Nothing when the request cannot be read. */
DS_MUST_USE int ds_step_sent(const ds_model *model, const ds_step *step, ds_arena *arena,
                             ds_value *row, bool *given, ds_err *err);

/* ---- fold.c, absorb.c --------------------------------------------------------------------------------- */

/*
** Move what the journal has got to datastore_mutations, folding the entries of each record. After
** this a record with a local change that is not acknowledged has a step. To be called at the
** beginning of every transaction that sends, merges or judges.
*/
DS_MUST_USE int ds_outbox_absorb(ds_records *records, ds_err *err);

/* Fold the steps of a record again, after one of them became pending. */
DS_MUST_USE int ds_outbox_fold(ds_records *records, const ds_key *key, ds_err *err);

/* A record that has no step left needs no base row: remove it. */
DS_MUST_USE int ds_outbox_settle(ds_records *records, const ds_key *key, ds_err *err);

/* ---- take.c: what to send next ---------------------------------------------------------------------- */

/* A mutation on its way: one root field of a document. input and condition (NULL without) are the
** JSON of its variables. attempts counts this one. is_unclear: it was sent before and no
** answer came. Texts belong to the batch. */
typedef struct ds_mutation {
    int64_t seq;
    const ds_model *model;
    ds_graphql_operation operation;
    const char *input;
    const char *condition;
    int attempts;
    bool is_unclear;
} ds_mutation;

/* ready_at: if nothing was taken, when the next step may be sent again (milliseconds since 1970; 0:
** none waits for a time). */
typedef struct ds_batch {
    ds_arena *arena;
    ds_mutation *items;
    int n;
    int64_t ready_at;
} ds_batch;

typedef struct ds_take_limits {
    int count;    /* of mutations */
    size_t bytes; /* of variables; one mutation is always taken, whatever its size */
    int64_t now;  /* milliseconds since 1970 */
} ds_take_limits;

/*
** Take the next mutations that may be sent together, in the order of the outbox, and mark them in
** flight; what is sent is kept with them until there is a verdict, so that after a kill the very
** same is sent again. Left out are steps that
** - come behind another one of their record, or are in flight already;
** - back off until later, or are held;
** - refer to a record whose create is not acknowledged and came before (or, unless they are a
**   create, came after). A create leaves out a nullable reference to a later create: an
**   update follows, once it can;
** - delete a record while the delete of a child is not acknowledged.
** A step that has nothing to send any more is removed; one that the API has no mutation for goes
** to the dead letter, and so does one whose condition the schema does not know any more.
** To be called after ds_outbox_absorb. End with ds_batch_done, also after a failure.
*/
DS_MUST_USE int ds_outbox_take(ds_records *records, const ds_take_limits *limits,
                               ds_batch *out, ds_err *err);
void ds_batch_done(ds_batch *batch);

/* A sender begins: what another one had in flight was left without an answer, and what was put off
** may be tried at once. */
DS_MUST_USE int ds_outbox_recover(ds_records *records, ds_err *err);

/* What was put off may be tried at once. */
DS_MUST_USE int ds_outbox_hurry(ds_records *records, ds_err *err);

typedef struct ds_outbox_counts {
    int64_t pending;
    int64_t in_flight;
    int64_t held;
    int64_t failed;
} ds_outbox_counts;

/* Is nothing left that may be sent, now or later, nor in the journal? What is held, or in the dead letter, may not.
** Also outside of a transaction. */
DS_MUST_USE int ds_outbox_is_empty(ds_records *records, bool *out, ds_err *err);
/* Tell the hub of it, as Amplify: outboxStatus {"isEmpty":true}. */
DS_MUST_USE int ds_outbox_tell(ds_records *records, bool is_empty, ds_err *err);

/* With what is still in the journal, entry by entry. */
DS_MUST_USE int ds_outbox_count(ds_records *records, ds_outbox_counts *out, ds_err *err);

/* ---- verdict.c: what becomes of a step -------------------------------------------------------------- */

/* Milliseconds to wait before attempt number `attempts` + 1: exponential, with jitter from
** `random`, up to five minutes. */
int64_t ds_outbox_backoff(int attempts, uint32_t random);

/* Send it again later: never given up. `least_ms`: what the server asked for at least (0: nothing).
** `is_unclear`: it may have been carried out. `error` says why, for datastore_outbox. */
DS_MUST_USE int ds_outbox_later(ds_records *records, const ds_key *key, ds_step *step,
                                bool is_unclear, int64_t least_ms, const char *error,
                                ds_err *err);

/*
** To the dead letter, with what the server said (`response` may be NULL). If it is a create of a
** record that the server does not know, what depends on it is held. A delete that is pending
** behind such a create goes with it: there is nothing to delete.
*/
DS_MUST_USE int ds_outbox_refuse(ds_records *records, const ds_key *key, ds_step *step,
                                 const char *error, const char *response, ds_err *err);

/* Let go all that is held, after a create has left the dead letter or the server turned out to have
** its record: ds_outbox_take finds out anew what must wait for another one. */
DS_MUST_USE int ds_outbox_release(ds_records *records, ds_err *err);

/* ---- dead.c: out of the dead letter ------------------------------------------------------------------ */

/*
** Which entries of the dead letter: all, the one of a number, or those of the record id (as in the
** column id).
*/
typedef struct ds_dead_choice {
    const ds_value *value; /* NULL: all; an integer: seq; a text: id */
} ds_dead_choice;

/*
** Make them pending again, and let go what they held. A create that was refused because the record
** was deleted on the server becomes an update, which brings it back. A change of a record that is
** not here any more (the conflict policy gave it up) cannot be sent again and stays. *out_n: how
** many are pending again.
*/
DS_MUST_USE int ds_outbox_retry(ds_records *records, const ds_dead_choice *choice,
                                int64_t *out_n, ds_err *err);

/*
** Give them up and put the server's rows back; a create that never was on the server is removed. If
** others depend on such a create this is refused, SQLITE_CONSTRAINT, naming their count, unless
** `dependants`: then these go to the dead letter.
*/
DS_MUST_USE int ds_outbox_discard(ds_records *records, const ds_dead_choice *choice,
                                  bool dependants, int64_t *out_n, ds_err *err);

#endif

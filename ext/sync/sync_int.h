/* Private to sync/. */
#ifndef DS_SYNC_INT_H
#define DS_SYNC_INT_H

#include "sync/sync.h"

/* ---- intake.c: a record as the server sends it ---------------------------------------------------- */

typedef struct ds_intake ds_intake;

/* A reader of the records of one model; NULL when memory is out. */
ds_intake *ds_intake_new(const ds_model *model);
void ds_intake_free(ds_intake *intake);

/*
** Read the token of an object: *out is the row (see store.h), borrowed until the next read; its texts
** are borrowed from the token as well. What is not given is NULL. SQLITE_ERROR, with the reason,
** when it is no record of the model: no object, no key, no _version, a value of the wrong JSON type or
** a malformed text; then *out_named tells whether the key in *out could be read all the same.
** SQLITE_NOMEM.
*/
DS_MUST_USE int ds_intake_read(ds_intake *intake, const ds_token *record, ds_value **out,
                               bool *out_named, ds_err *why);

/* ---- merger.c ------------------------------------------------------------------------------------- */

/* What a transaction knows of a model: is there any step or tombstone, does a full sync want to
** know which keys were seen? */
typedef struct ds_merge_model {
    ds_intake *intake;
    bool is_loaded;
    bool has_steps;
    bool has_tombstones;
    bool wants_seen;
} ds_merge_model;

struct ds_merger {
    ds_store *store;
    ds_policy policy;
    char *function;
    sqlite3 *function_db;
    ds_records *records;
    ds_merge_model *models; /* of the catalog of `records` */
    int n_models;
    ds_savepoint savepoint;
    bool is_open;
    sqlite3_int64 host_rowid; /* the host's last_insert_rowid, given back at the end */
};

/* The state of a model, loaded. */
DS_MUST_USE int ds_merger_model(ds_merger *merger, const ds_model *model,
                                ds_merge_model **out, ds_err *err);

/* ---- resolve.c: three rows, field by field ------------------------------------------------------------ */

/*
** base: what both sides came from (all NULL where nothing is known); local, remote: what they made
** of it. is_mine: the columns whose local changes are on their way (others cause no conflict).
** here: out, the columns that were changed here; clash: out, those of mine that were changed on both
** sides to different values; is_conflict: out, there is one.
*/
typedef struct ds_dispute {
    const ds_model *model;
    const ds_value *base;
    const ds_value *local;
    const ds_value *remote;
    const bool *is_mine;
    bool *here;
    bool *clash;
    bool is_conflict;
} ds_dispute;

/* Fill in `here`, `clash` and is_conflict. Error: SQLITE_NOMEM. */
DS_MUST_USE int ds_resolve_compare(ds_dispute *dispute);
/* The merged row: the remote one, with the local value where it was changed here, or (is_whole) in
** every column that a local write may change. */
void ds_resolve_merge(const ds_dispute *dispute, bool is_whole, ds_value *out);
/* Set the flags of the columns in which two rows differ and that a local write may change. */
DS_MUST_USE int ds_resolve_differences(const ds_model *model, const ds_value *a,
                                       const ds_value *b, bool *out);

/* ---- policy.c: the user's function ------------------------------------------------------------------------ */

typedef enum ds_decision { DS_TAKE_REMOTE, DS_TAKE_RESULT, DS_TAKE_DELETE } ds_decision;

/* Ask the merger's function; `result` holds the remote row and is changed to what it says. `local` is
** NULL for a record that was deleted here. The function's own failure is SQLITE_ERROR in *why, with
** rc SQLITE_OK. */
DS_MUST_USE int ds_policy_ask(ds_merger *merger, const ds_dispute *dispute, int attempt,
                              ds_arena *arena, ds_value *result, ds_decision *out,
                              ds_err *why, ds_err *err);

/* ---- settle.c: a record with unsent changes --------------------------------------------------------------- */

typedef enum ds_settling {
    DS_SETTLE_PAGE,
    DS_SETTLE_LIVE,
    DS_SETTLE_DONE,    /* the answer to a step that was carried out */
    DS_SETTLE_CONFLICT /* the answer to one that was not, because the record is newer */
} ds_settling;

/* Merge `remote` (a row) into a record that has steps. `seq`: the step that is answered, 0 for none.
*/
DS_MUST_USE int ds_settle(ds_merger *merger, const ds_key *key, ds_value *remote,
                          ds_settling kind, int64_t seq, ds_merge_counts *counts,
                          ds_err *err);

/* Can nobody else have made this key? Then a record that has it comes from the create that was sent. */
bool ds_settle_is_own_key(const ds_key *key);

/* ---- remain.c: what remains of a record ------------------------------------------------------------------- */

/*
** A record that is being settled. base, local: as they are stored, NULL where there is none. remote:
** the server's row. from: what both sides came from. result: what the row is to be. steps: the
** record's; answered: the index of the one that is answered (its number is seq), or -1. is_lost: a success that did
** not keep what was sent. is_busy: something is sent and not judged, or a write with a condition
** waits. put_off: columns about which nothing could be decided yet, NULL without. is_added: a step was
** added that is not in the list. is_given_up: so is the change that is answered. note: the error to be shown with the steps, NULL without.
*/
typedef struct ds_settlement {
    ds_merger *merger;
    ds_arena *arena;
    const ds_key *key;
    const ds_model *model;
    ds_settling kind;
    ds_merge_counts *counts;
    int64_t seq;
    ds_value *base;
    ds_value *local;
    ds_value *remote;
    ds_value *from;
    ds_value *result;
    ds_step *steps;
    int n_steps;
    int answered;
    bool is_lost;
    bool is_busy;
    const bool *put_off;
    bool is_added;
    bool is_given_up;
    const char *note;
    ds_err *err;
} ds_settlement;

/* Is step i sent, and neither judged nor the one that is answered? */
bool ds_remain_is_frozen(const ds_settlement *settlement, int i);
/* A new row in the arena: a copy, or all NULL. NULL when memory is out. */
ds_value *ds_remain_row(const ds_settlement *settlement, const ds_value *like);

/* The outcomes. The row is the server's, unsent changes are given up. */
DS_MUST_USE int ds_remain_remote(ds_settlement *settlement);
/* The row is `result`, what differs from the server's is sent. */
DS_MUST_USE int ds_remain_merged(ds_settlement *settlement);
/* It was deleted here and stays so. */
DS_MUST_USE int ds_remain_deleted(ds_settlement *settlement);
/* It was deleted on both sides. */
DS_MUST_USE int ds_remain_gone(ds_settlement *settlement);
/* It was deleted here and comes back as `result`. */
DS_MUST_USE int ds_remain_revived(ds_settlement *settlement);

/* ---- merge.c ----------------------------------------------------------------------------------------------- */

/* Something went another way than it should, a record that is passed over, or a conflict that the
** user's function did not decide: the first reason is kept for the summary. */
void ds_merge_complain(ds_merge_counts *counts, const ds_err *why);

/* The server has told of a record: a full sync under way need not find it gone. */
DS_MUST_USE int ds_merge_see(ds_merger *merger, const ds_key *key, ds_err *err);

/* Remember that a record was deleted at that version. */
DS_MUST_USE int ds_merge_bury(ds_merger *merger, const ds_key *key,
                              const ds_value *version, ds_err *err);
/* Merge a row that was read, whether the record has steps or not. */
DS_MUST_USE int ds_merge_row(ds_merger *merger, const ds_model *model, ds_value *row,
                             bool is_page, ds_merge_counts *counts, ds_err *err);

#endif

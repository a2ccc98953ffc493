/* Private to outbox/. */
#ifndef DS_OUTBOX_INT_H
#define DS_OUTBOX_INT_H

#include "outbox/outbox.h"

/* ---- step.c ------------------------------------------------------------------------------------ */

/* A step of the current row of a statement over the columns of outbox_steps, which begin at
** `first`. */
void ds_step_read(sqlite3_stmt *statement, int first, ds_arena *arena, ds_step *out);

/* Bind a key to parameters 1 (the model's number) and 2 (its form). */
DS_MUST_USE int ds_outbox_bind(ds_records *records, sqlite3_stmt *statement,
                               const ds_key *key, ds_err *err);

/* The text of a member of the step's request (input, condition), in the arena; NULL without. */
const char *ds_step_member(const ds_step *step, const char *name, ds_arena *arena);

/* The model of that number; NULL when the schema has none. */
const ds_model *ds_outbox_model(const ds_store *store, int64_t number);

/* ---- fold.c ------------------------------------------------------------------------------------- */

typedef enum ds_fold {
    DS_FOLD_APART,      /* both stay */
    DS_FOLD_INTO,       /* the first has taken over the second, which goes */
    DS_FOLD_DROP_FIRST, /* the second makes the first pointless */
    DS_FOLD_DROP_BOTH   /* together they are nothing */
} ds_fold;

/* What becomes of two steps of a record, one behind the other. Changes `first` if it takes the
** second over. A refused create that is deleted is nothing (DS_FOLD_DROP_BOTH), unless the server has
** a record of that key: absorb.c looks. */
ds_fold ds_fold_steps(const ds_store *store, const ds_model *model, ds_step *first,
                      const ds_step *second, ds_arena *arena);

/* Let the step's mask be all that an update may change. */
void ds_fold_mask_all(const ds_store *store, const ds_model *model, ds_step *step,
                      ds_arena *arena);

/* ---- edge.c: which records refer to which --------------------------------------------------------- */

/* The columns of a model that hold the key of a record of `target`, in the order of its key.
** is_owner: deleting the model's record deletes the target (has-one with the key on this side);
** else the reverse. */
typedef struct ds_edge {
    const ds_model *model;
    const ds_model *target;
    const ds_column *columns[DS_MAX_KEY_COLUMNS];
    bool is_owner;
} ds_edge;

/* Per model of the catalog (by its index) the edges that go out from it. */
typedef struct ds_edges {
    ds_edge *edges;
    int n;
} ds_edges;

/* Those of a catalog, in the arena. */
DS_MUST_USE int ds_edges_new(const ds_catalog *catalog, ds_arena *arena, ds_edges **out,
                             ds_err *err);
/* The key that a row refers to; false when one of its columns is NULL. */
DS_MUST_USE int ds_edge_key(const ds_edge *edge, const ds_value *row, ds_arena *arena,
                            ds_key *out, bool *out_is_set, ds_err *err);

/* ---- input.c ----------------------------------------------------------------------------------------- */

/* A mutation in the making. base: the server's row as last seen, NULL without; source: what is to be
** sent, NULL for a delete. left_out: columns that must wait. operation, sent: what it came to be;
** is_empty: nothing is left to send. */
typedef struct ds_input {
    const ds_key *key;
    const ds_step *step;
    ds_value *base;
    ds_value *source;
    const bool *left_out;
    ds_op op;
    bool *sent;
    bool is_empty;
} ds_input;

/* Find out what is to be sent, and append it as JSON to `out`. */
DS_MUST_USE int ds_input_build(ds_records *records, ds_input *input, ds_arena *arena,
                               ds_buf *out, ds_err *err);

/* ---- doomed.c: records whose delete must wait --------------------------------------------------- */

typedef struct ds_doomed ds_doomed;

/* An empty set in the arena, which also holds its entries; NULL when memory is out. */
ds_doomed *ds_doomed_new(ds_arena *arena);
DS_MUST_USE int ds_doomed_add(ds_doomed *doomed, const ds_key *key, ds_err *err);
bool ds_doomed_has(const ds_doomed *doomed, const ds_key *key);
/* Are they keys of one record? */
bool ds_outbox_same_record(const ds_key *a, const ds_key *b);

/* ---- ready.c, take.c: one walk over the steps ----------------------------------------------------- */

/* doomed: the parents of records whose delete is not acknowledged. size: bytes of variables so
** far. is_full: the batch has no more room. has_told: the hub knows of a change that it did not know of. */
typedef struct ds_taking {
    ds_records *records;
    ds_store *store;
    const ds_take_limits *limits;
    ds_batch *batch;
    ds_edges *edges;
    ds_doomed *doomed;
    size_t size;
    bool is_full;
    bool has_told;
    ds_err *err;
} ds_taking;

/* One step that is looked at; the arena is its own. base: the server's row; source: what the step
** would send (NULL for a delete); left_out: columns that must not be sent yet. */
typedef struct ds_candidate {
    ds_taking *t;
    ds_arena *arena;
    ds_key key;
    ds_step step;
    ds_value *base;
    ds_value *source;
    bool *left_out;
} ds_candidate;

typedef enum ds_readiness { DS_READY, DS_WAITS, DS_IS_HELD } ds_readiness;

/* May a pending step be sent? Reads `source`, fills in left_out, and notes in the batch when one
** that backs off may be. */
DS_MUST_USE int ds_ready_judge(ds_candidate *c, ds_readiness *out);
/* It is a delete that is not acknowledged: the parents of its record must wait. */
DS_MUST_USE int ds_ready_doom(ds_candidate *c);

/* ---- hold.c: what depends on a create -------------------------------------------------------------- */

typedef enum ds_hold { DS_HOLD, DS_BURY } ds_hold;

/*
** Everything that depends on the create of `key`, directly or not: hold it, or move it to the dead
** letter with `error`. *out_n: how many steps of other records.
*/
DS_MUST_USE int ds_outbox_hold(ds_records *records, const ds_key *key, ds_hold what,
                               const char *error, int64_t *out_n, ds_err *err);

#endif

/*
** Verdicts on mutations.
*/
#include "sync/sync_int.h"

#include <string.h>

/* One answer: the step and record that it is about, and the record that it carries (NULL without). */
typedef struct answering {
    ds_merger *merger;
    ds_arena *arena;
    const ds_answer *answer;
    ds_key key;
    ds_step step;
    ds_value *row;
    ds_merge_counts *counts;
    ds_err *err;
} answering;

/* ---- what is told ----------------------------------------------------------------------------- */

static int tell_processed(answering *a) {
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&payload, "{\"model\":");
    ds_buf_add_json(&payload, a->key.model->name, strlen(a->key.model->name));
    ds_buf_add(&payload, ",\"element\":");
    ds_codec_add_row(a->key.model, a->row, &payload);
    ds_buf_add(&payload, "}");
    int rc =
        ds_records_hub(a->merger->records, "outboxMutationProcessed", &payload, a->err);
    ds_buf_done(&payload);
    return rc;
}

/* Nothing is left that could be sent: the dead letter does not count. */
static int tell_empty(answering *a) {
    bool is_empty = false;
    int rc = ds_outbox_is_empty(a->merger->records, &is_empty, a->err);
    return rc || !is_empty ? rc : ds_outbox_tell(a->merger->records, true, a->err);
}

/* ---- verdicts ------------------------------------------------------------------------------------ */

static int settle(answering *a, ds_settling kind) {
    int rc = ds_settle(a->merger, &a->key, a->row, kind, a->step.seq, a->counts, a->err);
    if (rc == SQLITE_OK && kind == DS_SETTLE_DONE) {
        rc = tell_processed(a);
    }
    return rc ? rc : tell_empty(a);
}

static int put_off(answering *a, bool is_unclear, const char *error) {
    return ds_outbox_later(a->merger->records, &a->key, &a->step, is_unclear,
                           a->answer->wait_ms, error, a->err);
}

/* The server's row is merged first, so that there is something to go back to. */
static int refuse(answering *a, const char *error) {
    int rc = SQLITE_OK;
    if (a->row != NULL) {
        rc = ds_settle(a->merger, &a->key, a->row, DS_SETTLE_PAGE, 0, a->counts, a->err);
    }
    rc = rc ? rc
            : ds_outbox_refuse(a->merger->records, &a->key, &a->step, error,
                               a->answer->response, a->err);
    return rc ? rc : tell_empty(a);
}

static const char *error_of(const answering *a, const char *without) {
    return a->answer->error ? a->answer->error : without;
}

/* Is every field as the step has sent it? */
static int is_as_sent(answering *a, bool *out) {
    const ds_model *model = a->key.model;
    size_t n = (size_t)model->n_columns + DS_N_META;
    ds_value *sent = ds_arena_alloc(a->arena, n * sizeof *sent);
    bool *given = ds_mask_flags(model, a->arena);
    if (sent == NULL || given == NULL) {
        return ds_err_nomem(a->err);
    }
    int rc = ds_step_sent(model, &a->step, a->arena, sent, given, a->err);
    *out = true;
    for (int i = 0; rc == SQLITE_OK && *out && i < model->n_columns; i++) {
        if (given[i] &&
            ds_column_same(&model->columns[i], &a->row[i], &sent[i], out) != SQLITE_OK) {
            rc = ds_err_nomem(a->err);
        }
    }
    return rc;
}

/* The server has a record with the key of a create. It is the one that was sent, changed since or as the
** server writes it, or another one's. */
static int judge_create(answering *a, bool is_same) {
    bool is_own = ds_settle_is_own_key(&a->key);
    bool is_changed = ds_row_version(a->key.model, a->row)->integer > 1;
    if (!is_same && is_changed && (a->step.is_unclear || is_own)) {
        return settle(a, DS_SETTLE_CONFLICT);
    }
    return is_same || is_own
               ? settle(a, DS_SETTLE_DONE)
               : refuse(a, error_of(a, "the server has another record with this key"));
}

/*
** A delete of a record that the server has not even a tombstone of any more: it is as was wanted. Its version is
** forgotten as well, for a record that is made anew under this key begins with 1.
*/
static int settle_forgotten(answering *a) {
    ds_records *records = a->merger->records;
    int rc = ds_records_read(records, DS_BASE, &a->key, a->arena, &a->row, a->err);
    rc = rc ? rc : ds_records_remove(records, DS_BASE, &a->key, a->err);
    rc = rc ? rc : ds_step_drop(records, a->step.seq, a->err);
    rc = rc ? rc : ds_outbox_fold(records, &a->key, a->err);
    a->counts->n_pushed++;
    if (rc == SQLITE_OK && a->row != NULL) {
        *ds_row_deleted(a->key.model, a->row) =
            (ds_value){.type = SQLITE_INTEGER, .integer = 1};
        rc = tell_processed(a);
    }
    return rc ? rc : tell_empty(a);
}

/*
** The change was refused because of what is on the server, and an earlier attempt may be the reason:
** its answer never came. Then the record looks as if it had been carried out. A create whose record was
** changed since is a conflict; what nobody has changed and is different was made by somebody else.
*/
static int judge_found(answering *a) {
    const ds_model *model = a->key.model;
    bool is_gone = a->row != NULL && ds_row_is_tombstone(model, a->row);
    bool is_same = false;
    if (a->row == NULL && a->step.op == DS_OP_DELETE) {
        return settle_forgotten(a);
    }
    if (a->row == NULL) {
        a->step.is_unclear = false;
        return refuse(a, error_of(a, "the server has no such record"));
    }
    if (is_gone || a->step.op == DS_OP_DELETE) {
        return is_gone && a->step.op == DS_OP_DELETE
                   ? settle(a, DS_SETTLE_DONE)
                   : refuse(a, error_of(a, "the record was deleted on the server"));
    }
    int rc = is_as_sent(a, &is_same);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (a->step.op == DS_OP_CREATE) {
        return judge_create(a, is_same);
    }
    return is_same && a->step.is_unclear
               ? settle(a, DS_SETTLE_DONE)
               : refuse(a, error_of(a, "the server has another record with this key"));
}

/* The server's record is newer. A create against a record that was deleted is no conflict between two states
** of it: who made it decides. */
static int judge_conflict(answering *a) {
    if (a->row == NULL) {
        return put_off(a, false, error_of(a, "the record is newer on the server"));
    }
    return a->step.op == DS_OP_CREATE && ds_row_is_tombstone(a->key.model, a->row)
               ? refuse(a, error_of(a, "the record was deleted on the server"))
               : settle(a, DS_SETTLE_CONFLICT);
}

static int judge(answering *a) {
    switch (a->answer->verdict) {
    case DS_VERDICT_DONE:
        return a->row ? settle(a, DS_SETTLE_DONE)
                      : put_off(a, true, error_of(a, "the answer has no record"));
    case DS_VERDICT_CONFLICT:
        return judge_conflict(a);
    case DS_VERDICT_REFUSED:
        return refuse(a, error_of(a, "refused"));
    case DS_VERDICT_FOUND:
        return judge_found(a);
    case DS_VERDICT_LATER:
        return put_off(a, false, a->answer->error);
    case DS_VERDICT_UNCLEAR:
    default:
        return put_off(a, true, a->answer->error);
    }
}

/* ---- the record ------------------------------------------------------------------------------------- */

/* Read it, unless it cannot be: *why says so. It must be the record that was sent. */
static int read_record(answering *a, ds_err *why) {
    ds_merge_model *state = NULL;
    ds_value *row = NULL;
    const ds_model *model = a->key.model;
    if (a->answer->record == NULL || a->answer->record->kind == 'n') {
        return SQLITE_OK;
    }
    int rc = ds_merger_model(a->merger, model, &state, a->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool is_named = false;
    rc = ds_intake_read(state->intake, a->answer->record, &row, &is_named, why);
    for (int i = 0; rc == SQLITE_OK && i < model->n_key; i++) {
        bool same = false;
        const ds_column *part = model->key[i];
        rc = ds_column_same(part, &row[part->index], &a->key.values[i], &same);
        if (rc == SQLITE_OK && !same) {
            rc = ds_err_set(why, SQLITE_ERROR, "the answer is about another %s",
                            model->name);
        }
    }
    a->row = rc == SQLITE_OK ? row : NULL;
    return rc == SQLITE_NOMEM ? ds_err_nomem(a->err) : SQLITE_OK;
}

static int answer(answering *a) {
    ds_err why = DS_ERR_INIT;
    int rc = ds_step_find(a->merger->records, a->answer->seq, a->arena, &a->key, &a->step,
                          a->err);
    if (rc != SQLITE_OK || a->key.model == NULL || a->step.state != DS_STEP_IN_FLIGHT) {
        return rc;
    }
    rc = read_record(a, &why);
    if (rc == SQLITE_OK && why.code != SQLITE_OK &&
        a->answer->verdict != DS_VERDICT_REFUSED) {
        return put_off(a, true, why.text);
    }
    if (rc == SQLITE_OK && a->row != NULL) {
        rc = ds_merge_see(a->merger, &a->key, a->err);
    }
    return rc ? rc : judge(a);
}

int ds_merge_answer(ds_merger *merger, const ds_answer *given, ds_merge_counts *counts,
                    ds_err *err) {
    answering a = {.merger = merger,
                   .arena = ds_arena_new(),
                   .answer = given,
                   .counts = counts,
                   .err = err};
    if (a.arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = answer(&a);
    ds_arena_free(a.arena);
    return rc;
}

/*
** A record with unsent changes meets a newer row of the server's: by a page, a live event or the
** answer to one of its own mutations.
**
** What both sides started from is the base row. Of what was sent, a field that the server has now
** is not in dispute any more: its own echo is no conflict. After a success whose version is the
** next one nobody else was there, and what the server made of a value (it may trim, or keep its
** own notation) is the answer; otherwise a field that is not as it was sent was lost to another
** client's change, and the change stays on its way.
**
** In the end the row is the merged one, the base row the server's, and each step that was not
** sent yet says what still differs. A step that says nothing goes, and with the last one the base
** row.
*/
#include "sync/sync_int.h"

#include <string.h>

/* ---- what both sides came from ------------------------------------------------------------------ */

/* Nobody came between the version that was sent and the server's. */
static bool is_undisturbed(const ds_settlement *s, const ds_step *step) {
    int64_t version = ds_row_version(s->model, s->remote)->integer;
    return step->op == DS_OP_CREATE ? version == 1
                                    : step->version.type == SQLITE_INTEGER &&
                                          version == step->version.integer + 1;
}

static int acknowledge_columns(ds_settlement *s, const ds_value *sent, const bool *given,
                               bool is_done, bool is_final) {
    int rc = SQLITE_OK;
    for (int c = 0; rc == SQLITE_OK && c < s->model->n_columns; c++) {
        bool same = false;
        if (!given[c]) {
            continue;
        }
        rc = ds_column_same(&s->model->columns[c], &s->remote[c], &sent[c], &same);
        if (same || is_final) {
            s->from[c] = sent[c];
        } else {
            s->is_lost = s->is_lost || is_done;
        }
    }
    return rc == SQLITE_OK ? rc : ds_err_nomem(s->err);
}

bool ds_settle_is_own_key(const ds_key *key) {
    const ds_value *value = &key->values[0];
    return key->model->n_key == 1 && value->type == SQLITE_TEXT &&
           ds_env_is_id(value->text, value->length);
}

/* The record comes from this create, though its answer never came: what is different there has been changed
** since. */
static bool is_arrived(const ds_settlement *s, const ds_step *step) {
    return step->op == DS_OP_CREATE && s->base == NULL && ds_settle_is_own_key(s->key);
}

/* What step i has sent and the server has now, is where both sides come from. */
static int acknowledge(ds_settlement *s, int i) {
    const ds_step *step = &s->steps[i];
    ds_value *sent = ds_remain_row(s, NULL);
    bool *given = ds_mask_flags(s->model, s->arena);
    if (sent == NULL || given == NULL) {
        return ds_err_nomem(s->err);
    }
    if (step->op == DS_OP_DELETE) {
        return SQLITE_OK;
    }
    bool is_done = i == s->answered && s->kind == DS_SETTLE_DONE;
    int rc = ds_step_sent(s->model, step, s->arena, sent, given, s->err);
    return rc ? rc
              : acknowledge_columns(s, sent, given, is_done,
                                    (is_done && is_undisturbed(s, step)) ||
                                        is_arrived(s, step));
}

/* An answer may be older than what a live event has brought: then it only tells what arrived. */
static void prefer_newer_base(ds_settlement *s) {
    if (s->base != NULL && ds_row_version(s->model, s->base)->integer >
                               ds_row_version(s->model, s->remote)->integer) {
        s->remote = s->base;
    }
}

static int take_stock(ds_settlement *s) {
    int rc = SQLITE_OK;
    s->from = ds_remain_row(s, s->base);
    if (s->from == NULL) {
        return ds_err_nomem(s->err);
    }
    /* An update that was carried out has brought the record back, or it is lost. */
    s->is_lost = s->answered >= 0 && s->kind == DS_SETTLE_DONE &&
                 s->steps[s->answered].op == DS_OP_UPDATE &&
                 ds_row_is_tombstone(s->model, s->remote);
    for (int i = 0; rc == SQLITE_OK && i < s->n_steps; i++) {
        const ds_step *step = &s->steps[i];
        if (step->state == DS_STEP_FAILED) {
            continue;
        }
        if (step->request != NULL) {
            rc = acknowledge(s, i);
        }
        s->is_busy = s->is_busy || ds_remain_is_frozen(s, i) || step->condition != NULL ||
                     step->payload != NULL;
    }
    prefer_newer_base(s);
    return rc;
}

/* ---- the policy --------------------------------------------------------------------------------- */

/* How often the step that causes the conflict has met one. */
static int attempt_of(const ds_settlement *s) {
    return s->answered >= 0 ? s->steps[s->answered].conflicts + 1 : 1;
}

/* Field by field; a record that was deleted here stays so. */
static ds_decision merge(ds_settlement *s, const ds_dispute *d, bool is_whole) {
    if (d->local == NULL) {
        return DS_TAKE_DELETE;
    }
    ds_resolve_merge(d, is_whole, s->result);
    return DS_TAKE_RESULT;
}

static int list_steps(ds_settlement *s) {
    int rc = ds_step_list(s->merger->records, s->key, s->arena, &s->steps, &s->n_steps,
                          s->err);
    s->answered = -1;
    for (int i = 0; rc == SQLITE_OK && i < s->n_steps; i++) {
        s->answered = s->steps[i].seq == s->seq ? i : s->answered;
    }
    return rc;
}

/* Ask the function; what it fails to decide is merged. It may have written to this very record. */
static int ask(ds_settlement *s, const ds_dispute *d, ds_decision *out) {
    ds_err why = DS_ERR_INIT;
    int rc = ds_policy_ask(s->merger, d, attempt_of(s), s->arena, s->result, out, &why,
                           s->err);
    rc = rc ? rc : list_steps(s);
    if (rc == SQLITE_OK && *out == DS_TAKE_DELETE && d->local != NULL &&
        !ds_row_is_tombstone(s->model, s->remote)) {
        (void)ds_err_set(&why, SQLITE_ERROR,
                         "the conflict function %s: it cannot delete a record that was "
                         "changed here",
                         s->merger->function);
    }
    if (rc == SQLITE_OK && why.code != SQLITE_OK) {
        s->note = ds_arena_text(s->arena, why.text, strlen(why.text));
        ds_merge_complain(s->counts, &why);
        *out = merge(s, d, false);
        rc = s->note ? SQLITE_OK : ds_err_nomem(s->err);
    }
    return rc;
}

static bool has_frozen(const ds_settlement *s) {
    for (int i = 0; i < s->n_steps; i++) {
        if (ds_remain_is_frozen(s, i)) {
            return true;
        }
    }
    return false;
}

/* Rows are merged field by field; if it is because something is on its way, another policy finds
** the conflict again when the answer comes. */
static ds_decision merge_for_now(ds_settlement *s, const ds_dispute *d) {
    if (s->merger->policy != DS_POLICY_MERGE && d->local != NULL && has_frozen(s)) {
        s->put_off = d->clash;
    }
    return merge(s, d, false);
}

static int decide(ds_settlement *s, const ds_dispute *d, ds_decision *out) {
    s->result = ds_remain_row(s, s->remote);
    if (s->result == NULL) {
        return ds_err_nomem(s->err);
    }
    s->counts->n_conflicts += d->is_conflict;
    if (!d->is_conflict) {
        *out = merge(s, d, false);
        return SQLITE_OK;
    }
    if (s->is_busy) {
        *out = merge_for_now(s, d);
        return SQLITE_OK;
    }
    switch (s->merger->policy) {
    case DS_POLICY_REMOTE:
        *out = DS_TAKE_REMOTE;
        return SQLITE_OK;
    case DS_POLICY_FUNCTION:
        return ask(s, d, out);
    case DS_POLICY_LOCAL:
    case DS_POLICY_MERGE:
    default:
        *out = merge(s, d, s->merger->policy == DS_POLICY_LOCAL);
        return SQLITE_OK;
    }
}

/* The columns whose changes are on their way. Those of the dead letter are not: nothing is decided
** about them again. */
static bool *find_mine(ds_settlement *s) {
    bool *mine = ds_mask_flags(s->model, s->arena);
    for (int i = 0; mine != NULL && i < s->n_steps; i++) {
        if (s->steps[i].state == DS_STEP_FAILED) {
            continue;
        }
        for (int c = 0; s->steps[i].op == DS_OP_CREATE && c < s->model->n_columns; c++) {
            mine[c] = true;
        }
        ds_mask_read(s->merger->store, s->model, &s->steps[i].mask, mine);
    }
    return mine;
}

/* Is there a change of that kind that stands, sent (`frozen`) or not? */
static bool has_change(const ds_settlement *s, ds_op op, bool frozen) {
    for (int i = 0; i < s->n_steps; i++) {
        const ds_step *step = &s->steps[i];
        bool is_done = i == s->answered && s->kind == DS_SETTLE_DONE && !s->is_lost;
        if (step->state != DS_STEP_FAILED && step->op == op && !is_done &&
            (frozen || !ds_remain_is_frozen(s, i))) {
            return true;
        }
    }
    return false;
}

static bool has_failed(const ds_settlement *s) {
    for (int i = 0; i < s->n_steps; i++) {
        if (s->steps[i].state == DS_STEP_FAILED && s->steps[i].op != DS_OP_DELETE) {
            return true;
        }
    }
    return false;
}

/* ---- changed here ---------------------------------------------------------------------------- */

/* The record was deleted there. What is left of it there does not matter to a record that is made
** anew here; an update stands against the delete. */
static int settle_tombstone(ds_settlement *s, ds_dispute *d) {
    ds_decision decision = DS_TAKE_RESULT;
    bool is_new = has_change(s, DS_OP_CREATE, true);
    if (!is_new && !has_change(s, DS_OP_UPDATE, true) && !has_failed(s)) {
        return ds_remain_remote(s);
    }
    d->is_conflict = !is_new && has_change(s, DS_OP_UPDATE, false);
    int rc = decide(s, d, &decision);
    for (int i = 0; rc == SQLITE_OK && is_new && i < s->model->n_columns; i++) {
        s->result[i] = s->local[i];
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    return decision == DS_TAKE_RESULT ? ds_remain_merged(s) : ds_remain_remote(s);
}

static int settle_changed(ds_settlement *s) {
    ds_decision decision = DS_TAKE_RESULT;
    ds_dispute d = {.model = s->model,
                    .base = s->from,
                    .local = s->local,
                    .remote = s->remote,
                    .is_mine = find_mine(s),
                    .here = ds_mask_flags(s->model, s->arena),
                    .clash = ds_mask_flags(s->model, s->arena)};
    if (ds_arena_failed(s->arena) || ds_resolve_compare(&d) != SQLITE_OK) {
        return ds_err_nomem(s->err);
    }
    if (ds_row_is_tombstone(s->model, s->remote)) {
        return settle_tombstone(s, &d);
    }
    int rc = decide(s, &d, &decision);
    if (rc != SQLITE_OK) {
        return rc;
    }
    return decision == DS_TAKE_RESULT ? ds_remain_merged(s) : ds_remain_remote(s);
}

/* ---- deleted here ------------------------------------------------------------------------------------ */

static int settle_deleted(ds_settlement *s) {
    ds_decision decision = DS_TAKE_DELETE;
    bool *there = ds_mask_flags(s->model, s->arena);
    ds_dispute d = {.model = s->model, .base = s->from, .remote = s->remote};
    if (ds_row_is_tombstone(s->model, s->remote)) {
        return ds_remain_gone(s);
    }
    if (there == NULL ||
        ds_resolve_differences(s->model, s->from, s->remote, there) != SQLITE_OK) {
        return ds_err_nomem(s->err);
    }
    for (int i = 0; has_change(s, DS_OP_DELETE, false) && i < s->model->n_columns; i++) {
        d.is_conflict = d.is_conflict || there[i];
    }
    int rc = decide(s, &d, &decision);
    if (rc != SQLITE_OK) {
        return rc;
    }
    return decision == DS_TAKE_REMOTE   ? ds_remain_remote(s)
           : decision == DS_TAKE_DELETE ? ds_remain_deleted(s)
                                        : ds_remain_revived(s);
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

/* Older news, or the same news again? */
static bool is_known(ds_settlement *s) {
    ds_value *known = s->base ? s->base : s->local;
    if (s->kind == DS_SETTLE_DONE || s->kind == DS_SETTLE_CONFLICT || known == NULL ||
        ds_row_version(s->model, known)->type != SQLITE_INTEGER) {
        return false;
    }
    int64_t version = ds_row_version(s->model, known)->integer;
    int64_t incoming = ds_row_version(s->model, s->remote)->integer;
    return incoming < version || (incoming == version && s->kind == DS_SETTLE_LIVE);
}

/* A create in the dead letter, or held, of a record that the server turns out to have, holds back
** nothing any more. */
static int release(ds_settlement *s) {
    bool is_held = false;
    for (int i = 0; i < s->n_steps; i++) {
        const ds_step *step = &s->steps[i];
        is_held =
            is_held || (step->op == DS_OP_CREATE &&
                        (step->state == DS_STEP_FAILED || step->state == DS_STEP_HELD));
    }
    if (s->base != NULL || !is_held) {
        return SQLITE_OK;
    }
    for (int i = 0; i < s->n_steps; i++) {
        if (s->steps[i].state == DS_STEP_HELD) {
            s->steps[i].state = DS_STEP_PENDING;
        }
    }
    return ds_outbox_release(s->merger->records, s->err);
}

static int settle(ds_settlement *s) {
    ds_records *records = s->merger->records;
    int rc = list_steps(s);
    rc = rc ? rc : ds_records_read(records, DS_BASE, s->key, s->arena, &s->base, s->err);
    rc = rc ? rc : ds_records_read(records, DS_ROWS, s->key, s->arena, &s->local, s->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (is_known(s)) {
        s->counts->n_unchanged++;
        return SQLITE_OK;
    }
    rc = release(s);
    rc = rc ? rc : take_stock(s);
    rc = rc ? rc : s->local ? settle_changed(s) : settle_deleted(s);
    return rc ? rc : ds_outbox_fold(records, s->key, s->err);
}

int ds_settle(ds_merger *merger, const ds_key *key, ds_value *remote, ds_settling kind,
              int64_t seq, ds_merge_counts *counts, ds_err *err) {
    ds_settlement s = {.merger = merger,
                       .arena = ds_arena_new(),
                       .key = key,
                       .model = key->model,
                       .remote = remote,
                       .kind = kind,
                       .counts = counts,
                       .seq = seq,
                       .err = err};
    if (s.arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = settle(&s);
    ds_arena_free(s.arena);
    return rc;
}

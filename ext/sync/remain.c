/*
** What remains of a record's steps, of its row and of its base row, once it is decided what the
** row is to be.
*/
#include "sync/sync_int.h"

#include <string.h>

static ds_store *store_of(const ds_settlement *s) {
    return s->merger->store;
}

bool ds_remain_is_frozen(const ds_settlement *s, int i) {
    return s->steps[i].request != NULL && s->steps[i].state != DS_STEP_FAILED &&
           i != s->answered;
}

static bool is_any(const ds_settlement *s, const bool *columns) {
    for (int i = 0; i < s->model->n_columns; i++) {
        if (columns[i]) {
            return true;
        }
    }
    return false;
}

static int find_differences(ds_settlement *s, bool **out) {
    *out = ds_mask_flags(s->model, s->arena);
    if (*out == NULL ||
        ds_resolve_differences(s->model, s->remote, s->result, *out) != SQLITE_OK) {
        return ds_err_nomem(s->err);
    }
    return SQLITE_OK;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static int put_step(ds_settlement *s, const ds_step *step) {
    return ds_step_put(s->merger->records, s->key, step, s->err);
}

/* Its place in the list is taken by the next. */
static int drop_step(ds_settlement *s, int i) {
    int rc = ds_step_drop(s->merger->records, s->steps[i].seq, s->err);
    memmove(&s->steps[i], &s->steps[i + 1],
            (size_t)(s->n_steps - i - 1) * sizeof *s->steps);
    s->n_steps--;
    s->counts->n_pushed += s->answered == i && !s->is_given_up;
    if (s->answered >= i) {
        s->answered = s->answered == i ? -1 : s->answered - 1;
    }
    return rc;
}

/* What is on its way goes on, and so does the dead letter unless `dead`. */
static int drop_steps(ds_settlement *s, bool dead) {
    int rc = SQLITE_OK;
    for (int i = s->n_steps - 1; rc == SQLITE_OK && i >= 0; i--) {
        if (!ds_remain_is_frozen(s, i) && (dead || s->steps[i].state != DS_STEP_FAILED)) {
            rc = drop_step(s, i);
        }
    }
    return rc;
}

/* A conflict may come back: the first time it is met at once, then after longer and longer waits. */
static void send_again(ds_step *step) {
    ds_step_reset(step);
    step->conflicts++;
    if (step->conflicts > 1) {
        uint32_t random;
        ds_env_random(&random, sizeof random);
        step->next_attempt_at =
            ds_env_now_ms() + ds_outbox_backoff(step->conflicts, random);
    }
}

/* What the step still has to say, of the columns that differ from the server's. */
static int narrow(ds_settlement *s, ds_step *step, const bool *still, bool *out_any) {
    bool *columns = ds_mask_flags(s->model, s->arena);
    if (columns == NULL) {
        return ds_err_nomem(s->err);
    }
    bool is_all = step->op == DS_OP_CREATE;
    for (int i = 0; i < s->model->n_columns; i++) {
        columns[i] =
            still[i] && (is_all || ds_mask_has(store_of(s), s->model, &step->mask, i));
    }
    step->op = DS_OP_UPDATE;
    step->mask = ds_mask_of(store_of(s), s->model, columns, s->arena);
    *out_any = is_any(s, columns);
    return ds_arena_failed(s->arena) ? ds_err_nomem(s->err) : SQLITE_OK;
}

/* A step that was not sent, or is to be sent again. An update of a record that the server has
** deleted stays even if nothing differs: it brings the record back. */
static int rewrite_step(ds_settlement *s, int i, const bool *still, bool *out_gone) {
    ds_step *step = &s->steps[i];
    bool any = true;
    int rc = SQLITE_OK;
    if (i == s->answered) {
        send_again(step);
    }
    step->error = s->note;
    if (step->op != DS_OP_DELETE) {
        rc = narrow(s, step, still, &any);
    }
    if (rc == SQLITE_OK && !any && !ds_row_is_tombstone(s->model, s->remote)) {
        *out_gone = true;
        return drop_step(s, i);
    }
    if (rc == SQLITE_OK && step->conflicts > DS_MAX_CONFLICTS) {
        return ds_outbox_refuse(s->merger->records, s->key, step,
                                "the record was changed on the server each time", NULL,
                                s->err);
    }
    return rc ? rc : put_step(s, step);
}

static int keep_step(ds_settlement *s, int i, const bool *still, bool *out_gone) {
    const ds_step *step = &s->steps[i];
    bool is_done = i == s->answered && s->kind == DS_SETTLE_DONE && !s->is_lost;
    bool is_recreation =
        step->op == DS_OP_CREATE && ds_row_is_tombstone(s->model, s->remote);
    *out_gone = is_done;
    if (is_done) {
        return drop_step(s, i);
    }
    if (step->state == DS_STEP_FAILED || ds_remain_is_frozen(s, i) || is_recreation) {
        return SQLITE_OK;
    }
    return rewrite_step(s, i, still, out_gone);
}

static int keep_steps(ds_settlement *s, const bool *still) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < s->n_steps;) {
        bool is_gone = false;
        rc = keep_step(s, i, still, &is_gone);
        i += !is_gone;
    }
    return rc;
}

static int new_seq(ds_settlement *s, int64_t *out) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(s->merger->records, NULL, DS_SQL_MERGE_NEW_SEQ, &statement,
                            s->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        *out = sqlite3_column_int64(statement, 0);
    }
    rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(s->err, store_of(s)->db, rc);
}

/* The last step that may take over more columns; NULL without. */
static ds_step *open_step(ds_settlement *s) {
    for (int i = s->n_steps - 1; i >= 0; i--) {
        ds_step *step = &s->steps[i];
        if (step->state != DS_STEP_FAILED && step->request == NULL &&
            step->condition == NULL && step->payload == NULL &&
            step->op == DS_OP_UPDATE) {
            return step;
        }
    }
    return NULL;
}

/* The columns that some step speaks of. */
static int find_covered(ds_settlement *s, bool **out) {
    bool *covered = ds_mask_flags(s->model, s->arena);
    if (covered == NULL) {
        return ds_err_nomem(s->err);
    }
    for (int i = 0; i < s->n_steps; i++) {
        bool is_all = s->steps[i].op == DS_OP_CREATE && !ds_remain_is_frozen(s, i);
        for (int c = 0; is_all && c < s->model->n_columns; c++) {
            covered[c] = true;
        }
        ds_mask_read(store_of(s), s->model, &s->steps[i].mask, covered);
    }
    *out = covered;
    return SQLITE_OK;
}

/* Columns that differ and that no step speaks of: what a policy has decided, or what a create had
** left out. */
static int add_rest(ds_settlement *s, bool *still) {
    bool *covered = NULL;
    ds_step added = {
        .op = DS_OP_UPDATE, .rid.type = SQLITE_NULL, .version.type = SQLITE_NULL};
    int rc = find_covered(s, &covered);
    for (int i = 0; rc == SQLITE_OK && i < s->model->n_columns; i++) {
        still[i] = still[i] && !covered[i];
    }
    if (rc != SQLITE_OK || !is_any(s, still)) {
        return rc;
    }
    ds_step *open = open_step(s);
    if (open == NULL) {
        rc = new_seq(s, &added.seq);
        s->is_added = true;
        open = &added;
    } else {
        ds_mask_read(store_of(s), s->model, &open->mask, still);
    }
    open->mask = ds_mask_of(store_of(s), s->model, still, s->arena);
    if (rc == SQLITE_OK && ds_arena_failed(s->arena)) {
        return ds_err_nomem(s->err);
    }
    return rc ? rc : put_step(s, open);
}

/* ---- rows --------------------------------------------------------------------------------------- */

/* Wanted as long as there is a step. Where a decision was put off, the fields in question stay as
** they were, to be found in conflict again. */
static int put_base(ds_settlement *s) {
    if (s->n_steps == 0 && !s->is_added) {
        return ds_records_remove(s->merger->records, DS_BASE, s->key, s->err);
    }
    ds_value *base = s->remote;
    if (s->put_off != NULL) {
        base = ds_remain_row(s, s->remote);
        for (int i = 0; base != NULL && i < s->model->n_columns; i++) {
            base[i] = s->put_off[i] ? s->from[i] : base[i];
        }
    }
    return base ? ds_records_put(s->merger->records, DS_BASE, s->model, base, s->err)
                : ds_err_nomem(s->err);
}

ds_value *ds_remain_row(const ds_settlement *s, const ds_value *like) {
    size_t n = (size_t)s->model->n_columns + DS_N_META;
    ds_value *row = ds_arena_alloc(s->arena, n * sizeof *row);
    for (size_t i = 0; row != NULL && i < n; i++) {
        row[i] = like ? like[i] : (ds_value){.type = SQLITE_NULL};
    }
    return row;
}

/* The row lives, whatever the server says; the rest of the metadata is the server's. */
static int put_result(ds_settlement *s) {
    if (ds_row_is_tombstone(s->model, s->result)) {
        ds_row_deleted(s->model, s->result)->type = SQLITE_NULL;
    }
    s->counts->n_new += s->local == NULL;
    s->counts->n_updated += s->local != NULL;
    return ds_records_put(s->merger->records, DS_ROWS, s->model, s->result, s->err);
}

static int remove_row(ds_settlement *s) {
    int rc = ds_records_remove(s->merger->records, DS_ROWS, s->key, s->err);
    s->counts->n_deleted += s->local != NULL;
    return rc ? rc
              : ds_merge_bury(s->merger, s->key, ds_row_version(s->model, s->remote),
                              s->err);
}

/* ---- outcomes ------------------------------------------------------------------------------------- */

int ds_remain_remote(ds_settlement *s) {
    bool is_gone = ds_row_is_tombstone(s->model, s->remote);
    s->result = s->remote;
    s->is_given_up = s->kind == DS_SETTLE_CONFLICT;
    int rc = drop_steps(s, false);
    rc = rc ? rc : is_gone ? remove_row(s) : put_result(s);
    return rc ? rc : put_base(s);
}

int ds_remain_merged(ds_settlement *s) {
    bool *still = NULL;
    int rc = find_differences(s, &still);
    rc = rc ? rc : keep_steps(s, still);
    rc = rc ? rc : add_rest(s, still);
    rc = rc ? rc : put_result(s);
    return rc ? rc : put_base(s);
}

int ds_remain_deleted(ds_settlement *s) {
    bool *none = ds_mask_flags(s->model, s->arena);
    int rc = none ? keep_steps(s, none) : ds_err_nomem(s->err);
    return rc ? rc : put_base(s);
}

int ds_remain_gone(ds_settlement *s) {
    int rc = drop_steps(s, true);
    rc = rc ? rc : remove_row(s);
    return rc ? rc : put_base(s);
}

int ds_remain_revived(ds_settlement *s) {
    bool *still = NULL;
    int rc = drop_steps(s, false);
    rc = rc ? rc : find_differences(s, &still);
    rc = rc ? rc : add_rest(s, still);
    rc = rc ? rc : put_result(s);
    return rc ? rc : put_base(s);
}

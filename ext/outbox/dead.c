/*
** Out of the dead letter: try again, or give up and go back to what the server has.
*/
#include "outbox/outbox_int.h"

#include <string.h>

/* One entry of the dead letter on its way out. */
typedef struct leaving {
    ds_records *records;
    ds_arena *arena;
    ds_key key;
    ds_step step;
    bool dependants;
    bool has_left;
    ds_err *err;
} leaving;

/* ---- retry ------------------------------------------------------------------------------------------ */

/* A create that a tombstone stands in the way of is tried as an update of the tombstone, which
** brings the record back. */
static int revive(leaving *l) {
    ds_value *base = NULL;
    int rc = ds_records_read(l->records, DS_BASE, &l->key, l->arena, &base, l->err);
    if (rc == SQLITE_OK && base != NULL && ds_row_is_tombstone(l->key.model, base)) {
        l->step.op = DS_OP_UPDATE;
        ds_fold_mask_all(ds_records_store(l->records), l->key.model, &l->step, l->arena);
        rc = ds_arena_failed(l->arena) ? ds_err_nomem(l->err) : SQLITE_OK;
    }
    return rc;
}

static int has_source(leaving *l, bool *out) {
    ds_value *source = NULL;
    int rc = SQLITE_OK;
    if (l->step.op != DS_OP_DELETE) {
        rc = ds_step_source(l->records, &l->key, &l->step, l->arena, &source, l->err);
    }
    *out = l->step.op == DS_OP_DELETE || source != NULL;
    return rc;
}

static int retry(leaving *l) {
    bool is_create = l->step.op == DS_OP_CREATE;
    int rc = has_source(l, &l->has_left);
    if (rc != SQLITE_OK || !l->has_left) {
        return rc;
    }
    rc = is_create ? revive(l) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_step_reset(&l->step);
    l->step.attempts = 0;
    l->step.conflicts = 0;
    l->step.error = NULL;
    rc = ds_step_put(l->records, &l->key, &l->step, l->err);
    if (rc == SQLITE_OK && is_create) {
        rc = ds_outbox_release(l->records, l->err);
    }
    return rc ? rc : ds_outbox_fold(l->records, &l->key, l->err);
}

/* ---- discard ---------------------------------------------------------------------------------------- */

/* Post 'x' or Post ["a",5] */
static void add_record(ds_buf *out, const ds_key *key) {
    ds_buf_addf(out, "%s ", key->model->name);
    if (key->model->n_key > 1) {
        ds_buf_addf(out, "%.*s", key->form.length, key->form.text);
    } else if (key->form.type == SQLITE_TEXT) {
        ds_buf_addf(out, "'%.*s'", key->form.length, key->form.text);
    } else {
        ds_codec_add_value(key->model->key[0], &key->form, out);
    }
}

static int bury_dependants(leaving *l, const ds_buf *name) {
    int64_t n = 0;
    ds_buf reason;
    ds_buf_init(&reason, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&reason, "%s, which it refers to, was discarded", ds_buf_text(name));
    int rc = reason.rc ? ds_err_nomem(l->err)
                       : ds_outbox_hold(l->records, &l->key, DS_BURY,
                                        ds_buf_text(&reason), &n, l->err);
    ds_buf_done(&reason);
    return rc != SQLITE_OK || n == 0 || l->dependants
               ? rc
               : ds_err_set(l->err, SQLITE_CONSTRAINT,
                            "%s cannot be discarded: %lld change%s on it; "
                            "{\"dependants\":true} moves %s to the dead letter",
                            ds_buf_text(name), n, n == 1 ? " depends" : "s depend",
                            n == 1 ? "that" : "them");
}

/* A record that the server never had, and all that was to become of it. */
static int remove_record(leaving *l, const ds_step *steps, int n) {
    ds_buf name;
    ds_buf_init(&name, DS_MAX_OUTPUT_BYTES);
    add_record(&name, &l->key);
    int rc = name.rc ? ds_err_nomem(l->err) : bury_dependants(l, &name);
    ds_buf_done(&name);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_step_drop(l->records, steps[i].seq, l->err);
    }
    rc = rc ? rc : ds_outbox_release(l->records, l->err);
    return rc ? rc : ds_records_remove(l->records, DS_ROWS, &l->key, l->err);
}

/* The columns that only this step has changed. */
static int find_own(leaving *l, const ds_step *steps, int n, bool **out) {
    ds_store *store = ds_records_store(l->records);
    const ds_model *model = l->key.model;
    bool *own = ds_mask_flags(model, l->arena);
    bool *others = ds_mask_flags(model, l->arena);
    if (own == NULL || others == NULL) {
        return ds_err_nomem(l->err);
    }
    for (int i = 0; i < n; i++) {
        if (steps[i].seq != l->step.seq) {
            ds_mask_read(store, model, &steps[i].mask, others);
        }
    }
    ds_mask_read(store, model, &l->step.mask, own);
    for (int i = 0; i < model->n_columns; i++) {
        own[i] = (own[i] || l->step.op == DS_OP_CREATE) && !others[i];
    }
    *out = own;
    return SQLITE_OK;
}

static int restore_columns(leaving *l, const ds_step *steps, int n, ds_value *base,
                           ds_value *row) {
    const ds_model *model = l->key.model;
    bool *own = NULL;
    int rc = find_own(l, steps, n, &own);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; i < model->n_columns; i++) {
        if (own[i] && ds_column_is_sent(&model->columns[i])) {
            row[i] = base[i];
        }
    }
    return ds_records_put(l->records, DS_ROWS, model, row, l->err);
}

/* Put back what the server has, as far as no other change of the record stands on it. */
static int restore(leaving *l, const ds_step *steps, int n) {
    const ds_model *model = l->key.model;
    ds_value *base = NULL, *row = NULL;
    int rc = ds_step_drop(l->records, l->step.seq, l->err);
    rc = rc ? rc : ds_records_read(l->records, DS_BASE, &l->key, l->arena, &base, l->err);
    rc = rc ? rc : ds_records_read(l->records, DS_ROWS, &l->key, l->arena, &row, l->err);
    if (rc != SQLITE_OK || base == NULL) {
        return rc;
    }
    if (n > 1 && row != NULL && l->step.op != DS_OP_DELETE) {
        rc = restore_columns(l, steps, n, base, row);
    } else if (n == 1 && ds_row_is_tombstone(model, base)) {
        rc = ds_records_remove(l->records, DS_ROWS, &l->key, l->err);
    } else if (n == 1) {
        rc = ds_records_put(l->records, DS_ROWS, model, base, l->err);
    }
    return rc ? rc : ds_outbox_settle(l->records, &l->key, l->err);
}

static int discard(leaving *l) {
    ds_value *base = NULL;
    ds_step *steps = NULL;
    int n = 0;
    int rc = ds_step_list(l->records, &l->key, l->arena, &steps, &n, l->err);
    rc = rc ? rc : ds_records_read(l->records, DS_BASE, &l->key, l->arena, &base, l->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    return l->step.op == DS_OP_CREATE && base == NULL ? remove_record(l, steps, n)
                                                      : restore(l, steps, n);
}

/* ---- both ------------------------------------------------------------------------------------------- */

static int leave(ds_records *records, int64_t seq, bool is_retry, bool dependants,
                 int64_t *n, ds_err *err) {
    leaving l = {.records = records,
                 .arena = ds_arena_new(),
                 .dependants = dependants,
                 .has_left = true,
                 .err = err};
    if (l.arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_step_find(records, seq, l.arena, &l.key, &l.step, err);
    /* What came before may have taken this one along. */
    if (rc == SQLITE_OK && l.key.model != NULL && l.step.state == DS_STEP_FAILED) {
        rc = is_retry ? retry(&l) : discard(&l);
        *n += l.has_left;
    }
    ds_arena_free(l.arena);
    return rc;
}

/* The numbers of the chosen entries, the youngest first; owned by the arena. */
static int list(ds_records *records, const ds_dead_choice *choice, ds_arena *arena,
                int64_t **out, int *out_n, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int64_t *seqs = NULL;
    int n = 0, room = 0;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_DEAD, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = choice->value ? ds_value_bind(statement, 1, choice->value)
                       : sqlite3_bind_null(statement, 1);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        if (n == room) {
            room = n ? 2 * n : 16;
            int64_t *more = ds_arena_alloc(arena, (size_t)room * sizeof *more);
            if (more != NULL && n > 0) {
                memcpy(more, seqs, (size_t)n * sizeof *more);
            }
            seqs = more;
            rc = seqs ? SQLITE_OK : SQLITE_NOMEM;
        }
        if (rc == SQLITE_OK) {
            seqs[n++] = sqlite3_column_int64(statement, 0);
        }
    }
    int reset = sqlite3_reset(statement);
    rc = rc ? rc : reset;
    *out = seqs;
    *out_n = n;
    return rc == SQLITE_OK ? rc : ds_err_db(err, ds_records_store(records)->db, rc);
}

static int leave_all(ds_records *records, const ds_dead_choice *choice, bool is_retry,
                     bool dependants, int64_t *out_n, ds_err *err) {
    int64_t *seqs = NULL;
    int n = 0;
    ds_arena *arena = ds_arena_new();
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    *out_n = 0;
    int rc = ds_outbox_absorb(records, err);
    rc = rc ? rc : list(records, choice, arena, &seqs, &n, err);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = leave(records, seqs[i], is_retry, dependants, out_n, err);
    }
    ds_arena_free(arena);
    return rc;
}

int ds_outbox_retry(ds_records *records, const ds_dead_choice *choice, int64_t *out_n,
                    ds_err *err) {
    return leave_all(records, choice, true, false, out_n, err);
}

int ds_outbox_discard(ds_records *records, const ds_dead_choice *choice, bool dependants,
                      int64_t *out_n, ds_err *err) {
    int rc = ds_records_applying(records, true, err);
    rc = rc ? rc : leave_all(records, choice, false, dependants, out_n, err);
    return rc ? rc : ds_records_applying(records, false, err);
}

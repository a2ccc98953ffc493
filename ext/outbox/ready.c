/*
** May a step be sent now? Its record's own steps, the records that it refers to, and for a delete
** the children of its record are looked at.
*/
#include "outbox/outbox_int.h"

static int get(ds_taking *t, enum ds_sql id, sqlite3_stmt **out) {
    return ds_records_get(t->records, NULL, id, out, t->err);
}

/* ---- the record's own steps ------------------------------------------------------------------------- */

static int look_ahead(ds_candidate *c, ds_readiness *out) {
    sqlite3_stmt *s = NULL;
    int rc = get(c->t, DS_SQL_OUTBOX_AHEAD, &s);
    rc = rc ? rc : ds_outbox_bind(c->t->records, s, &c->key, c->t->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 3, c->step.seq);
    (void)sqlite3_step(s);
    bool has_failed = sqlite3_column_int(s, 1) != 0;
    *out = has_failed && c->base == NULL ? DS_IS_HELD
           : sqlite3_column_int(s, 0)    ? DS_WAITS
                                         : DS_READY;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(c->t->err, c->t->store->db, rc);
}

/* ---- records that it refers to ------------------------------------------------------------------------ */

static bool is_sent(const ds_candidate *c, const ds_edge *edge) {
    for (int i = 0; i < edge->target->n_key; i++) {
        const ds_column *column = edge->columns[i];
        if (c->step.op != DS_OP_UPDATE ||
            ds_mask_has(c->t->store, c->key.model, &c->step.mask, column->index)) {
            return true;
        }
    }
    return false;
}

/* The create of a record, if it is not acknowledged: its number (0: there is none) and state. */
static int find_create(ds_candidate *c, const ds_key *key, int64_t *out_seq,
                       ds_step_state *out_state) {
    sqlite3_stmt *s = NULL;
    *out_seq = 0;
    int rc = get(c->t, DS_SQL_OUTBOX_CREATING, &s);
    rc = rc ? rc : ds_outbox_bind(c->t->records, s, key, c->t->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (sqlite3_step(s) == SQLITE_ROW) {
        *out_seq = sqlite3_column_int64(s, 0);
        *out_state = (ds_step_state)sqlite3_column_int(s, 1);
    }
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(c->t->err, c->t->store->db, rc);
}

static bool can_leave_out(const ds_candidate *c, const ds_edge *edge) {
    for (int i = 0; i < edge->target->n_key; i++) {
        if (!ds_column_is_sent(edge->columns[i]) ||
            ds_column_is_required(edge->columns[i])) {
            return false;
        }
    }
    return c->step.op == DS_OP_CREATE;
}

/* The record that the edge leads to has a create that is not acknowledged. */
static int judge_create(ds_candidate *c, const ds_edge *edge, const ds_key *key,
                        int64_t seq, ds_step_state state, ds_readiness *out) {
    ds_value *base = NULL;
    bool is_later = c->step.op == DS_OP_CREATE && seq > c->step.seq;
    int rc = ds_records_read(c->t->records, DS_BASE, key, c->arena, &base, c->t->err);
    if (rc != SQLITE_OK || base != NULL) {
        return rc; /* the server has it all the same */
    }
    if (is_later && can_leave_out(c, edge)) {
        for (int i = 0; i < edge->target->n_key; i++) {
            c->left_out[edge->columns[i]->index] = true;
        }
    } else if (state == DS_STEP_HELD || state == DS_STEP_FAILED) {
        *out = DS_IS_HELD;
    } else if (!is_later) {
        *out = *out == DS_IS_HELD ? DS_IS_HELD : DS_WAITS;
    }
    return SQLITE_OK;
}

static int judge_edge(ds_candidate *c, const ds_edge *edge, ds_readiness *out) {
    ds_key key;
    bool is_set = false;
    int64_t seq = 0;
    ds_step_state state = DS_STEP_PENDING;
    int rc = ds_edge_key(edge, c->source, c->arena, &key, &is_set, c->t->err);
    if (rc != SQLITE_OK || !is_set || ds_outbox_same_record(&key, &c->key)) {
        return rc;
    }
    rc = find_create(c, &key, &seq, &state);
    return rc != SQLITE_OK || seq == 0 ? rc
                                       : judge_create(c, edge, &key, seq, state, out);
}

static int judge_references(ds_candidate *c, ds_readiness *out) {
    const ds_edges *edges = &c->t->edges[c->key.model->index];
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && c->source != NULL && i < edges->n; i++) {
        if (is_sent(c, &edges->edges[i])) {
            rc = judge_edge(c, &edges->edges[i], out);
        }
    }
    return rc;
}

/* ---- deletes: children first ---------------------------------------------------------------------------- */

/* Is the delete of a record that this one owns on its way? */
static int judge_owned(ds_candidate *c, const ds_edge *edge, ds_readiness *out) {
    ds_key key;
    bool is_set = false;
    sqlite3_stmt *s = NULL;
    int rc = ds_edge_key(edge, c->base, c->arena, &key, &is_set, c->t->err);
    if (rc != SQLITE_OK || !is_set) {
        return rc;
    }
    rc = get(c->t, DS_SQL_OUTBOX_DELETING, &s);
    rc = rc ? rc : ds_outbox_bind(c->t->records, s, &key, c->t->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 3, c->step.seq);
    (void)sqlite3_step(s);
    *out = sqlite3_column_int(s, 0) ? DS_WAITS : *out;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(c->t->err, c->t->store->db, rc);
}

static int judge_delete(ds_candidate *c, ds_readiness *out) {
    const ds_edges *edges = &c->t->edges[c->key.model->index];
    int rc = SQLITE_OK;
    *out = ds_doomed_has(c->t->doomed, &c->key) ? DS_WAITS : DS_READY;
    for (int i = 0; rc == SQLITE_OK && c->base != NULL && i < edges->n; i++) {
        if (edges->edges[i].is_owner) {
            rc = judge_owned(c, &edges->edges[i], out);
        }
    }
    return rc;
}

/* A delete that is not acknowledged: the parents of its record must wait. */
int ds_ready_doom(ds_candidate *c) {
    const ds_edges *edges = &c->t->edges[c->key.model->index];
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && c->base != NULL && i < edges->n; i++) {
        ds_key key;
        bool is_set = false;
        if (edges->edges[i].is_owner) {
            continue;
        }
        rc = ds_edge_key(&edges->edges[i], c->base, c->arena, &key, &is_set, c->t->err);
        if (rc == SQLITE_OK && is_set && !ds_outbox_same_record(&key, &c->key)) {
            rc = ds_doomed_add(c->t->doomed, &key, c->t->err);
        }
    }
    return rc;
}

/* ---- all of it ---------------------------------------------------------------------------- */

int ds_ready_judge(ds_candidate *c, ds_readiness *out) {
    ds_taking *t = c->t;
    int rc = look_ahead(c, out);
    if (rc != SQLITE_OK || *out != DS_READY) {
        return rc;
    }
    if (c->step.next_attempt_at > t->limits->now) {
        int64_t at = c->step.next_attempt_at;
        t->batch->ready_at =
            t->batch->ready_at == 0 || at < t->batch->ready_at ? at : t->batch->ready_at;
        *out = DS_WAITS;
        return SQLITE_OK;
    }
    if (c->step.request != NULL) {
        return SQLITE_OK; /* it was ready before */
    }
    if (c->step.op == DS_OP_DELETE) {
        return judge_delete(c, out);
    }
    rc = ds_step_source(t->records, &c->key, &c->step, c->arena, &c->source, t->err);
    return rc ? rc : judge_references(c, out);
}

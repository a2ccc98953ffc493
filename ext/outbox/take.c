/*
** What to send next: one walk over the steps that are not held, from the oldest on, until enough
** is found. Steps that must wait cost no more than a few look-ups.
*/
#include "outbox/outbox_int.h"

#include <string.h>

/* ---- the mutation ---------------------------------------------------------------------------------------- */

static ds_graphql_operation operation_of(ds_op op) {
    return op == DS_OP_CREATE   ? DS_GRAPHQL_CREATE
           : op == DS_OP_DELETE ? DS_GRAPHQL_DELETE
                                : DS_GRAPHQL_UPDATE;
}

/* Add the frozen step to the batch, if it has room. */
static int add(ds_candidate *c) {
    ds_taking *t = c->t;
    ds_batch *batch = t->batch;
    size_t size = strlen(c->step.request);
    if (batch->n > 0 && size > t->limits->bytes - t->size) {
        t->is_full = true;
        return SQLITE_OK;
    }
    c->step.state = DS_STEP_IN_FLIGHT;
    c->step.attempts++;
    batch->items[batch->n++] = (ds_mutation){
        .seq = c->step.seq,
        .model = c->key.model,
        .operation = operation_of(c->step.op),
        .input = ds_step_member(&c->step, "input", batch->arena),
        .condition = ds_step_member(&c->step, "condition", batch->arena),
        .attempts = c->step.attempts,
        .is_unclear = c->step.is_unclear,
    };
    t->size = size > t->limits->bytes ? t->limits->bytes : t->size + size;
    t->is_full = batch->n == t->limits->count || t->size == t->limits->bytes;
    return ds_arena_failed(batch->arena)
               ? ds_err_nomem(t->err)
               : ds_step_put(t->records, &c->key, &c->step, t->err);
}

static int tell(ds_candidate *c, const ds_buf *input) {
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&payload, "{\"model\":");
    ds_buf_add_json(&payload, c->key.model->name, strlen(c->key.model->name));
    ds_buf_add(&payload, ",\"element\":");
    ds_buf_add(&payload, ds_buf_text(input));
    ds_buf_add(&payload, "}");
    int rc = ds_records_hub(c->t->records, "outboxMutationEnqueued", &payload, c->t->err);
    ds_buf_done(&payload);
    c->t->has_told = true;
    return rc;
}

/* Once for all that was told of; that the outbox is empty again is told when it is. */
static int tell_filled(ds_taking *t) {
    return t->has_told ? ds_outbox_tell(t->records, false, t->err) : SQLITE_OK;
}

/* {"operation":"updatePost","input":{…},"condition":{…}} */
static int freeze(ds_candidate *c, const ds_input *in, const ds_buf *input,
                  const ds_buf *condition) {
    ds_buf request;
    ds_buf_init(&request, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&request, "{\"operation\":\"%s\",\"input\":%s",
                ds_graphql_field(c->key.model, operation_of(in->op)), ds_buf_text(input));
    if (condition->length > 0) {
        ds_buf_addf(&request, ",\"condition\":%s", ds_buf_text(condition));
    }
    ds_buf_add(&request, "}");
    c->step.op = in->op;
    c->step.mask = ds_mask_of(c->t->store, c->key.model, in->sent, c->arena);
    c->step.request = ds_arena_text(c->arena, ds_buf_text(&request), request.length);
    c->step.error = NULL;
    if (c->base != NULL) {
        c->step.version = *ds_row_version(c->key.model, c->base);
    }
    int rc =
        request.rc || ds_arena_failed(c->arena) ? ds_err_nomem(c->t->err) : SQLITE_OK;
    ds_buf_done(&request);
    return rc;
}

static int drop(ds_candidate *c) {
    int rc = ds_step_drop(c->t->records, c->step.seq, c->t->err);
    return rc ? rc : ds_outbox_settle(c->t->records, &c->key, c->t->err);
}

static int refuse(ds_candidate *c, const char *error) {
    return ds_outbox_refuse(c->t->records, &c->key, &c->step, error, NULL, c->t->err);
}

/* The condition as the API wants it; *why is what is wrong with it, if anything. */
static int print_condition(ds_candidate *c, ds_buf *out, ds_err *why) {
    ds_filter *filter = NULL;
    if (c->step.condition == NULL) {
        return SQLITE_OK;
    }
    int rc = ds_filter_parse(c->key.model, c->step.condition, strlen(c->step.condition),
                             &filter, why);
    if (rc == SQLITE_OK) {
        ds_filter_to_graphql(filter, out);
        rc = out->rc;
    }
    ds_filter_free(filter);
    return rc == SQLITE_ERROR ? SQLITE_OK : rc;
}

/* What is to be sent now, frozen; *out_sent is false when there is nothing, or nobody to send it
** to. */
static int make(ds_candidate *c, ds_buf *input, ds_buf *condition, bool *out_sent) {
    ds_err why = DS_ERR_INIT;
    ds_input in = {.key = &c->key,
                   .step = &c->step,
                   .base = c->base,
                   .source = c->source,
                   .left_out = c->left_out};
    int rc = ds_input_build(c->t->records, &in, c->arena, input, c->t->err);
    if (rc != SQLITE_OK || in.is_empty) {
        return rc ? rc : drop(c);
    }
    if (ds_graphql_field(c->key.model, operation_of(in.op)) == NULL) {
        return refuse(c, "the schema has switched off this mutation");
    }
    rc = print_condition(c, condition, &why);
    if (rc != SQLITE_OK) {
        return ds_err_nomem(c->t->err);
    }
    if (why.code != SQLITE_OK) {
        return refuse(c, why.text);
    }
    *out_sent = true;
    return freeze(c, &in, input, condition);
}

static int send(ds_candidate *c) {
    ds_buf input, condition;
    bool is_first = c->step.attempts == 0, is_sent = c->step.request != NULL;
    int rc = SQLITE_OK;
    ds_buf_init(&input, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&condition, DS_MAX_OUTPUT_BYTES);
    if (!is_sent) {
        rc = make(c, &input, &condition, &is_sent);
    }
    int before = c->t->batch->n;
    if (rc == SQLITE_OK && is_sent) {
        rc = add(c);
    }
    if (rc == SQLITE_OK && is_first && c->t->batch->n > before) {
        rc = tell(c, &input);
    }
    ds_buf_done(&input);
    ds_buf_done(&condition);
    return rc;
}

/* ---- the walk --------------------------------------------------------------------------------------------- */

static int look_at(ds_candidate *c) {
    ds_readiness ready = DS_WAITS;
    ds_taking *t = c->t;
    if (ds_step_member(&c->step, "input", c->arena) == NULL) {
        c->step.request =
            NULL; /* nothing was sent, or others have written to the table */
    }
    c->left_out = ds_mask_flags(c->key.model, c->arena);
    if (c->left_out == NULL) {
        return ds_err_nomem(t->err);
    }
    int rc = ds_records_read(t->records, DS_BASE, &c->key, c->arena, &c->base, t->err);
    if (rc == SQLITE_OK && c->step.state == DS_STEP_PENDING) {
        rc = ds_ready_judge(c, &ready);
    }
    if (rc == SQLITE_OK && ready == DS_IS_HELD) {
        c->step.state = DS_STEP_HELD;
        rc = ds_step_put(t->records, &c->key, &c->step, t->err);
    } else if (rc == SQLITE_OK && ready == DS_READY) {
        rc = send(c);
    }
    return rc == SQLITE_OK && c->step.op == DS_OP_DELETE ? ds_ready_doom(c) : rc;
}

static int walk_row(ds_taking *t, sqlite3_stmt *scan) {
    ds_candidate c = {.t = t, .arena = ds_arena_new()};
    if (c.arena == NULL) {
        return ds_err_nomem(t->err);
    }
    ds_step_read(scan, 0, c.arena, &c.step);
    const ds_model *model = ds_outbox_model(t->store, sqlite3_column_int64(scan, 17));
    ds_value form = ds_value_column(scan, 18);
    form = ds_value_copy(c.arena, &form);
    int rc = ds_arena_failed(c.arena) ? ds_err_nomem(t->err) : SQLITE_OK;
    if (rc == SQLITE_OK && model != NULL &&
        ds_key_of_form(model, &form, c.arena, &c.key, NULL) == SQLITE_OK) {
        rc = look_at(&c); /* else others have written to the table */
    }
    ds_arena_free(c.arena);
    return rc;
}

static int walk(ds_taking *t) {
    sqlite3_stmt *scan = NULL;
    int rc = ds_records_get(t->records, NULL, DS_SQL_OUTBOX_SCAN, &scan, t->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (rc == SQLITE_OK && !t->is_full && sqlite3_step(scan) == SQLITE_ROW) {
        rc = walk_row(t, scan);
    }
    int reset = sqlite3_reset(scan);
    return rc || reset == SQLITE_OK ? rc : ds_err_db(t->err, t->store->db, reset);
}

int ds_outbox_take(ds_records *records, const ds_take_limits *limits, ds_batch *out,
                   ds_err *err) {
    *out = (ds_batch){.arena = ds_arena_new()};
    ds_taking t = {.records = records,
                   .store = ds_records_store(records),
                   .limits = limits,
                   .batch = out,
                   .err = err};
    if (out->arena == NULL) {
        return ds_err_nomem(err);
    }
    out->items = ds_arena_alloc(out->arena, (size_t)limits->count * sizeof *out->items);
    t.doomed = ds_doomed_new(out->arena);
    if (out->items == NULL || t.doomed == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_edges_new(t.store->catalog, out->arena, &t.edges, err);
    rc = rc ? rc : walk(&t);
    rc = rc ? rc : tell_filled(&t);
    if (out->n > 0) {
        out->ready_at = 0;
    }
    return rc;
}

void ds_batch_done(ds_batch *batch) {
    ds_arena_free(batch->arena);
    *batch = (ds_batch){.arena = NULL};
}

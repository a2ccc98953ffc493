/*
** The outbox goes out: a batch is taken, sent in one or more documents, and judged; then the next.
*/
#include "sync/engine_int.h"

#include <string.h>

#define LONG_MS  15000 /* half of what AppSync gives a request */
#define SHORT_MS 4000

/* The longest rests: of documents that never left, and of those that may be to blame themselves. */
#define LONGEST_MS 60000
#define DOUBT_MS   5000

void ds_pusher_done(ds_pusher *push) {
    ds_batch_done(&push->batch);
    sqlite3_free(push->items);
    ds_arena_free(push->arena);
    ds_http_answer_free(push->answer);
    push->items = NULL;
    push->arena = NULL;
    push->answer = NULL;
    push->sent = NULL;
    push->names = NULL;
    push->n_sent = 0;
    push->request = 0;
}

static bool has(const ds_pusher *push, ds_item_state state) {
    for (int i = 0; i < push->batch.n; i++) {
        if (push->items[i].state == state) {
            return true;
        }
    }
    return false;
}

/* ---- sending ------------------------------------------------------------------------------------- */

/* The first item that is to be sent, and those behind it that can go along. */
static void gather(ds_pusher *push) {
    const ds_item *first = NULL;
    push->n_sent = 0;
    for (int i = 0; i < push->batch.n && push->n_sent < push->chunk; i++) {
        ds_item *item = &push->items[i];
        bool fits =
            item->state == DS_ITEM_TODO &&
            (first == NULL || (item->mode == first->mode && item->asks == first->asks));
        if (fits) {
            first = first ? first : item;
            push->sent[push->n_sent++] = item;
        }
    }
}

/* What the last document left behind is not needed any more; errors of items that ask are. */
static int begin_document(ds_pusher *push, ds_err *err) {
    ds_arena *arena = ds_arena_new();
    size_t n = (size_t)push->batch.n;
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        ds_item *item = &push->items[i];
        if (item->state != DS_ITEM_TODO) {
            continue;
        }
        item->record = (ds_token){.kind = 0};
        if (item->error != NULL) {
            item->error = ds_arena_text(arena, item->error, strlen(item->error));
        }
        if (item->response != NULL) {
            item->response = ds_arena_text(arena, item->response, strlen(item->response));
        }
    }
    ds_http_answer_free(push->answer);
    ds_arena_free(push->arena);
    push->answer = NULL;
    push->arena = arena;
    push->sent = ds_arena_alloc(arena, n * sizeof(ds_item *));
    push->names = ds_arena_alloc(arena, n * sizeof(const char *));
    return ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
}

int ds_pusher_post(ds_engine *engine, ds_effect *out, bool *out_is_sent, ds_err *err) {
    ds_pusher *push = &engine->push;
    if (push->is_over || push->request != 0 || push->rests_until > engine->now ||
        has(push, DS_ITEM_KNOWN) || !has(push, DS_ITEM_TODO)) {
        return SQLITE_OK;
    }
    int rc = begin_document(push, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    gather(push);
    ds_buf_clear(&engine->body);
    rc = ds_push_print(push->sent, push->n_sent, push->arena, &engine->body, push->names,
                       err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; i < push->n_sent; i++) {
        push->sent[i]->state = DS_ITEM_SENT;
    }
    push->request = ++engine->last_id;
    push->sent_at = engine->now;
    *out_is_sent = true;
    *out = (ds_effect){.kind = DS_EFFECT_POST,
                       .id = push->request,
                       .mode = engine->modes[push->sent[0]->mode],
                       .body = ds_buf_text(&engine->body),
                       .length = engine->body.length,
                       .maximum = DS_MAX_JSON_BYTES,
                       .only_once = !push->sent[0]->asks};
    return SQLITE_OK;
}

/* ---- answers ---------------------------------------------------------------------------------------- */

/* Documents that take long get shorter, so that none runs into the service's limit. */
static void adapt(ds_engine *engine) {
    ds_pusher *push = &engine->push;
    int64_t took = engine->now - push->sent_at;
    int most = (int)ds_config_number(engine->config, DS_CONFIG_PUSH_BATCH_SIZE);
    if (took > LONG_MS && push->n_sent > 1) {
        push->chunk = push->n_sent / 2;
    } else if (took < SHORT_MS && push->chunk < most) {
        push->chunk = 2 * push->chunk < most ? 2 * push->chunk : most;
    }
}

/* What is taken and not sent stays for later. */
static void put_back(ds_pusher *push) {
    for (int i = 0; i < push->batch.n; i++) {
        ds_item *item = &push->items[i];
        if (item->state == DS_ITEM_TODO) {
            item->state = DS_ITEM_KNOWN;
            item->verdict = DS_VERDICT_LATER;
        }
    }
}

static bool has_failed(const ds_engine *engine) {
    return !engine->options.is_live && engine->push.failures >= engine->options.attempts;
}

/* A cycle that ends tries only so many times; an engine that is alive must not try with one document after the
** other. */
static void take_a_rest(ds_engine *engine, const ds_refusal *refusal) {
    ds_pusher *push = &engine->push;
    uint32_t random;
    ds_env_random(&random, sizeof random);
    int64_t wait = ds_outbox_backoff(push->failures, random);
    int64_t most = refusal->is_unclear ? DOUBT_MS : LONGEST_MS;
    int64_t least = (int64_t)refusal->retry_after * 1000;
    wait = wait < most ? wait : most;
    if (engine->options.is_live && refusal->is_general) {
        push->rests_until = engine->now + (wait > least ? wait : least);
    }
}

/* Nothing came of it. Unless it goes out again at once, in another way, that is allowed only so many times in a
** row; is_useless: not even a second time. */
static int note_failure(ds_engine *engine, const ds_refusal *refusal, bool is_useless,
                        ds_err *err) {
    ds_pusher *push = &engine->push;
    if (!has(push, DS_ITEM_KNOWN)) {
        return SQLITE_OK;
    }
    push->failures++;
    if (is_useless && push->failures < engine->options.attempts) {
        push->failures = engine->options.attempts;
    }
    take_a_rest(engine, refusal);
    if (has_failed(engine)) {
        put_back(push);
    }
    int rc = ds_engine_text(&push->error, refusal->reason, err);
    return rc ? rc : ds_engine_blame(engine, refusal->fault, refusal->reason, err);
}

static int refused(ds_engine *engine, const ds_refusal *refusal, ds_err *err) {
    ds_fault fault = refusal->fault;
    int rc = ds_judge_whole(engine, refusal, err);
    if (rc != SQLITE_OK || fault == DS_FAULT_INVALID) {
        return rc;
    }
    bool is_useless = !refusal->is_about_one &&
                      (fault == DS_FAULT_OTHER || fault == DS_FAULT_UNAUTHORIZED);
    return note_failure(engine, refusal, is_useless, err);
}

/* An error about the whole document, by an API that has looked at it. */
static int refused_inside(ds_engine *engine, const ds_response *response, ds_err *err) {
    const ds_response_error *error = &response->errors[0];
    bool is_login =
        error->fault == DS_FAULT_EXPIRED || error->fault == DS_FAULT_UNAUTHORIZED;
    const ds_refusal refusal = {
        .fault = error->fault,
        .reason = ds_engine_explain(engine, error, engine->push.arena),
        .is_unclear = error->fault == DS_FAULT_RECORD,
        .retry_after = response->retry_after,
        .is_about_one = !is_login && error->fault != DS_FAULT_TRANSIENT &&
                        error->fault != DS_FAULT_RECORD,
        .is_general = is_login || error->fault == DS_FAULT_TRANSIENT};
    return refusal.reason ? refused(engine, &refusal, err) : ds_err_nomem(err);
}

int ds_pusher_answer(ds_engine *engine, ds_http_answer *answer, ds_response *response,
                     ds_err *err) {
    ds_pusher *push = &engine->push;
    push->request = 0;
    push->answer = answer;
    if (response->fault != DS_FAULT_NONE) {
        const ds_refusal refusal = {.fault = response->fault,
                                    .reason = response->reason,
                                    .is_unclear = response->is_unclear,
                                    .retry_after = response->retry_after,
                                    .is_about_one = response->fault == DS_FAULT_INVALID,
                                    .is_general = !response->is_firewall};
        return refused(engine, &refusal, err);
    }
    engine->n_answers++;
    if (response->data == NULL && response->n_errors > 0 &&
        response->errors[0].field == NULL) {
        return refused_inside(engine, response, err);
    }
    push->failures = 0;
    adapt(engine);
    return ds_judge_fields(engine, response, err);
}

int ds_pusher_stop(ds_engine *engine, const char *reason, ds_err *err) {
    ds_pusher *push = &engine->push;
    bool was_sent = push->request != 0;
    push->is_over = true;
    push->request = 0;
    if (was_sent) {
        const ds_refusal refusal = {
            .fault = DS_FAULT_TRANSIENT, .reason = reason, .is_unclear = true};
        int rc = ds_judge_whole(engine, &refusal, err);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    put_back(push);
    return ds_engine_text(&push->error, reason, err);
}

/* ---- in the tables ------------------------------------------------------------------------------------ */

bool ds_pusher_has_work(const ds_engine *engine) {
    const ds_pusher *push = &engine->push;
    bool is_idle = push->request == 0 && !has(push, DS_ITEM_TODO);
    return has(push, DS_ITEM_KNOWN) ||
           (!push->is_over && is_idle && push->at <= engine->now &&
            push->rests_until <= engine->now);
}

static int judge(ds_engine *engine, void *about, ds_err *err) {
    ds_pusher *push = about;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < push->batch.n; i++) {
        const ds_item *item = &push->items[i];
        const ds_answer answer = {.seq = item->mutation->seq,
                                  .verdict = item->verdict,
                                  .record = item->record.kind ? &item->record : NULL,
                                  .error = item->error,
                                  .response = item->response,
                                  .wait_ms = item->wait_ms};
        if (item->state == DS_ITEM_KNOWN) {
            rc = ds_merge_answer(engine->merger, &answer, &push->counts, err);
        }
    }
    return rc;
}

static void be_done(ds_pusher *push) {
    for (int i = 0; i < push->batch.n; i++) {
        ds_item *item = &push->items[i];
        if (item->state == DS_ITEM_KNOWN) {
            item->state = DS_ITEM_DONE;
        }
    }
}

static int fill(ds_pusher *push, ds_err *err) {
    size_t size = (size_t)push->batch.n * sizeof *push->items;
    push->items = sqlite3_malloc64(size + 1);
    if (push->items == NULL) {
        return ds_err_nomem(err);
    }
    memset(push->items, 0, size);
    for (int i = 0; i < push->batch.n; i++) {
        push->items[i].mutation = &push->batch.items[i];
    }
    return SQLITE_OK;
}

/* Nothing can be sent now. A cycle that ends does not wait for long. */
static void rest(ds_engine *engine) {
    ds_pusher *push = &engine->push;
    bool waits =
        push->batch.ready_at > 0 &&
        (engine->options.is_live || push->batch.ready_at - engine->now <= DS_PAUSE_MS);
    push->is_over = !waits;
    push->at = waits ? push->batch.ready_at : 0;
}

static int take(ds_engine *engine, void *about, ds_err *err) {
    ds_pusher *push = about;
    ds_take_limits limits = {
        .count = push->chunk, .bytes = DS_MAX_PUSH_BYTES, .now = engine->now};
    ds_records *records = ds_merger_records(engine->merger);
    ds_pusher_done(push);
    if (has_failed(engine)) {
        push->is_over = true;
        return SQLITE_OK;
    }
    int rc = ds_engine_tell_ready(engine, NULL, err);
    if (rc == SQLITE_OK && engine->is_hurried) {
        rc = ds_outbox_hurry(records, err);
    }
    engine->is_hurried = false;
    rc = rc ? rc : ds_outbox_take(records, &limits, &push->batch, err);
    rc = rc ? rc : fill(push, err);
    if (rc == SQLITE_OK && push->batch.n == 0) {
        rest(engine);
    }
    return rc;
}

/* Is there nothing to take, and no new schema? Whoever writes to other tables of the file wakes us, too: that is
** not to be answered with a commit. */
static int look(ds_engine *engine, bool *out_nothing, ds_err *err) {
    ds_records *records = ds_merger_records(engine->merger);
    int rc = ds_store_refresh(ds_records_store(records), NULL, err);
    *out_nothing = false;
    if (rc != SQLITE_OK || !ds_records_is_current(records)) {
        return rc;
    }
    rc = engine->options.is_live ? ds_live_look(engine, err) : SQLITE_OK;
    return rc ? rc : ds_outbox_is_empty(records, out_nothing, err);
}

static int take_if_any(ds_engine *engine, ds_err *err) {
    ds_pusher *push = &engine->push;
    bool is_nothing = false;
    int rc = look(engine, &is_nothing, err);
    if (rc == SQLITE_OK && is_nothing) {
        push->is_over = true;
    } else if (rc == SQLITE_OK) {
        rc = ds_engine_transact(engine, take, push, err);
    }
    if (rc != SQLITE_OK || is_nothing) {
        ds_pusher_done(push); /* what was taken is rolled back */
    }
    return rc;
}

int ds_pusher_work(ds_engine *engine, ds_err *err) {
    ds_pusher *push = &engine->push;
    if (!has(push, DS_ITEM_KNOWN)) {
        return take_if_any(engine, err);
    }
    int rc = ds_engine_transact(engine, judge, push, err);
    if (rc == SQLITE_OK) {
        be_done(push);
    }
    return rc;
}

/*
** The engine: which request goes out next, and which work in the tables.
*/
#include "sync/engine_int.h"

#include <string.h>

/* ---- what went wrong -------------------------------------------------------------------------------- */

int ds_engine_blame(ds_engine *engine, ds_fault fault, const char *reason, ds_err *err) {
    if (engine->reason != NULL) {
        return SQLITE_OK;
    }
    bool is_auth = fault == DS_FAULT_EXPIRED || fault == DS_FAULT_UNAUTHORIZED;
    engine->reason_rc = is_auth ? SQLITE_AUTH : SQLITE_IOERR;
    return ds_engine_text(&engine->reason, reason, err);
}

const char *ds_engine_explain(const ds_engine *engine, const ds_response_error *error,
                              ds_arena *arena) {
    const char *message = error->message ? error->message : "no reason given";
    int length = (int)strcspn(message, "\r\n");
    char *line = error->type
                     ? ds_arena_printf(arena, "%s: %.*s", error->type, length, message)
                     : ds_arena_text(arena, message, (size_t)length);
    ds_secret_mask(engine->config, line);
    return line;
}

bool ds_engine_gives_up(const ds_engine *engine, int attempts, int retry_after,
                        int64_t *at) {
    uint32_t random;
    ds_env_random(&random, sizeof random);
    int64_t wait = ds_outbox_backoff(attempts, random);
    int64_t least = (int64_t)retry_after * 1000;
    wait = wait > least ? wait : least;
    *at = engine->now + wait;
    return attempts >= engine->options.attempts ||
           (!engine->options.is_live && wait > DS_PAUSE_MS);
}

/* ---- transactions --------------------------------------------------------------------------------------- */

/* Another owner may have taken the lease, if this process slept for long. */
static int hold_lease(ds_engine *engine, ds_err *err) {
    sqlite3_stmt *s = NULL;
    ds_records *records = ds_merger_records(engine->merger);
    int rc = ds_records_get(records, NULL, DS_SQL_LEASE_HOLD, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, engine->owner, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, ds_env_now_ms() + DS_LEASE_MS);
    rc = ds_records_run(records, s, err);
    if (rc == SQLITE_OK && sqlite3_changes(ds_records_store(records)->db) == 0) {
        rc = ds_err_set(err, SQLITE_BUSY,
                        "another process syncs this database now: this one was too slow");
    }
    return rc;
}

/* All that was under way is about models of before. */
static void begin_anew(ds_engine *engine) {
    ds_engine_drop_pullers(engine);
    ds_pusher_done(&engine->push);
    engine->has_begun = engine->has_told_subscribed = engine->has_news_of_channels =
        false;
}

int ds_engine_transact(ds_engine *engine, ds_engine_work work, void *about, ds_err *err) {
    bool is_new = false;
    int rc = ds_merger_begin(engine->merger, &is_new, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (is_new && engine->has_begun) {
        rc = ds_merger_end(engine->merger, SQLITE_OK, err);
        begin_anew(engine);
        return rc;
    }
    rc = hold_lease(engine, err);
    rc = rc ? rc : work(engine, about, err);
    return ds_merger_end(engine->merger, rc, err);
}

/* ---- end -------------------------------------------------------------------------------------------------- */

static bool are_pullers_over(const ds_engine *engine) {
    for (int i = 0; i < engine->n_pullers; i++) {
        const ds_puller *puller = &engine->pullers[i];
        if (puller->phase != DS_PHASE_OVER || ds_puller_has_work(engine, puller)) {
            return false;
        }
    }
    return true;
}

static int finish(ds_engine *engine, void *about, ds_err *err) {
    int rc = ds_engine_tell_ready(engine, about, err);
    rc = rc ? rc
            : ds_outbox_count(ds_merger_records(engine->merger), &engine->outbox, err);
    rc = rc ? rc : ds_pull_tidy(engine->merger, err);
    engine->is_finished = rc == SQLITE_OK;
    return rc;
}

/* ---- next ---------------------------------------------------------------------------------------------------- */

/* What the server has is merged before anything is sent, the first time. */
static bool may_push(const ds_engine *engine) {
    return engine->has_told_ready || are_pullers_over(engine);
}

bool ds_engine_is_ready(const ds_engine *engine) {
    return may_push(engine) && engine->n_pullers > 0 && !engine->is_offline &&
           engine->n_answers > 0;
}

/* A request that is due; *out_is_sent is false when there is none. */
static int post(ds_engine *engine, ds_effect *out, bool *out_is_sent, ds_err *err) {
    int64_t concurrency = ds_config_number(engine->config, DS_CONFIG_CONCURRENCY);
    if (engine->is_stopped) {
        return SQLITE_OK;
    }
    *out_is_sent = ds_channel_drop(engine, out);
    if (*out_is_sent) {
        return SQLITE_OK;
    }
    for (int i = 0; i < engine->n_channels; i++) {
        int rc = ds_channel_post(engine, &engine->channels[i], out, out_is_sent, err);
        if (rc != SQLITE_OK || *out_is_sent) {
            return rc;
        }
    }
    for (int i = 0; i < engine->n_pullers && engine->n_asked < concurrency; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_READY && puller->at <= engine->now) {
            int rc = ds_puller_post(engine, puller, out, out_is_sent, err);
            if (rc != SQLITE_OK || *out_is_sent) {
                return rc;
            }
        }
    }
    return may_push(engine) ? ds_pusher_post(engine, out, out_is_sent, err) : SQLITE_OK;
}

/* The first of the things to be done in the tables that come before everything else. */
static ds_engine_work first_work(const ds_engine *engine) {
    if (!engine->has_begun && !engine->is_stopped) {
        return ds_engine_begin;
    }
    if (engine->options.is_live && engine->is_online != engine->was_told_online) {
        return ds_engine_tell_network;
    }
    return !engine->has_told_subscribed && engine->has_news_of_channels &&
                   ds_live_is_ready(engine)
               ? ds_engine_tell_subscribed
               : NULL;
}

static ds_puller *busy_puller(const ds_engine *engine) {
    for (int i = 0; i < engine->n_pullers; i++) {
        if (ds_puller_has_work(engine, &engine->pullers[i])) {
            return &engine->pullers[i];
        }
    }
    return NULL;
}

/* What comes when there is nothing to be merged. */
static ds_engine_work last_work(const ds_engine *engine) {
    bool is_cycle_over =
        engine->push.is_over && are_pullers_over(engine) && !engine->options.is_live;
    if (may_push(engine) && ds_pusher_has_work(engine)) {
        return NULL;
    }
    if (is_cycle_over) {
        return engine->is_finished ? NULL : finish;
    }
    return ds_engine_is_ready(engine) && !engine->has_told_ready ? ds_engine_tell_ready
                                                                 : NULL;
}

/* One piece of work in the tables; *out_is_done is false when there is none. */
static int work(ds_engine *engine, bool *out_is_done, ds_err *err) {
    ds_engine_work next = first_work(engine);
    ds_puller *puller = busy_puller(engine);
    *out_is_done = true;
    if (next != NULL) {
        return ds_engine_transact(engine, next, NULL, err);
    }
    if (engine->news != NULL) {
        return ds_live_work(engine, err);
    }
    if (puller != NULL) {
        return ds_puller_work(engine, puller, err);
    }
    next = last_work(engine);
    if (next != NULL) {
        return ds_engine_transact(engine, next, NULL, err);
    }
    *out_is_done = may_push(engine) && ds_pusher_has_work(engine);
    return *out_is_done ? ds_pusher_work(engine, err) : SQLITE_OK;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* When is something due that only waits for its time? */
static void wait(const ds_engine *engine, ds_effect *out) {
    const ds_pusher *push = &engine->push;
    int64_t next = push->at > push->rests_until ? push->at : push->rests_until;
    int64_t until = !push->is_over && next > engine->now ? next : 0;
    for (int i = 0; i < engine->n_pullers; i++) {
        const ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_READY && puller->at > engine->now) {
            until = earlier(until, puller->at);
        } else if (puller->phase == DS_PHASE_OVER) {
            until = earlier(until, puller->poll_at);
        }
    }
    for (int i = 0; i < engine->n_channels; i++) {
        until = earlier(until, ds_channel_until(&engine->channels[i]));
    }
    *out = (ds_effect){.kind = engine->is_finished ? DS_EFFECT_END : DS_EFFECT_WAIT,
                       .until = until};
}

/* Models whose time has come are pulled again. */
static void poll(ds_engine *engine) {
    for (int i = 0; i < engine->n_pullers && engine->options.is_live; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_OVER && puller->poll_at > 0 &&
            puller->poll_at <= engine->now && !ds_puller_has_work(engine, puller)) {
            ds_puller_want(puller);
        }
    }
}

int ds_engine_next(ds_engine *engine, int64_t now, ds_effect *out, ds_err *err) {
    engine->now = now;
    poll(engine);
    for (;;) {
        bool is_sent = false, is_done = false;
        int rc = post(engine, out, &is_sent, err);
        if (rc != SQLITE_OK || is_sent) {
            return rc;
        }
        rc = work(engine, &is_done, err);
        if (rc != SQLITE_OK) {
            return rc;
        }
        if (!is_done) {
            wait(engine, out);
            return SQLITE_OK;
        }
    }
}

void ds_engine_reach(ds_engine *engine, bool is_online) {
    engine->is_online = is_online;
}

/* ---- answers -------------------------------------------------------------------------------------------------- */

static ds_puller *find_puller(const ds_engine *engine, int64_t request) {
    for (int i = 0; i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_ASKED && puller->request == request) {
            return puller;
        }
    }
    return NULL;
}

static int take(ds_engine *engine, ds_http_answer *answer, ds_response *response,
                ds_err *err) {
    ds_puller *puller = find_puller(engine, answer->id);
    if (puller != NULL && puller->answer != NULL) { /* a fast answer: one page is kept */
        int rc = ds_puller_work(engine, puller, err);
        if (rc != SQLITE_OK) {
            ds_http_answer_free(answer);
            return rc;
        }
        puller = find_puller(engine, answer->id);
    }
    if (puller != NULL) {
        engine->n_asked--;
        return ds_puller_answer(engine, puller, answer, response, err);
    }
    if (engine->push.request != 0 && engine->push.request == answer->id) {
        return ds_pusher_answer(engine, answer, response, err);
    }
    ds_http_answer_free(answer);
    return SQLITE_OK;
}

int ds_engine_answer(ds_engine *engine, ds_http_answer *answer, ds_err *err) {
    ds_response response;
    int rc = ds_response_read(answer, &response, err);
    ds_engine_reach(engine, answer->failure == DS_HTTP_ANSWERED ||
                                answer->failure == DS_HTTP_TOO_LARGE);
    if (rc == SQLITE_OK && response.reason[0]) {
        ds_secret_mask(engine->config, response.reason);
    }
    if (response.is_firewall) {
        response.fault =
            DS_FAULT_TRANSIENT; /* in other company, or later, it may let it through */
    }
    if (rc == SQLITE_OK) {
        rc = take(engine, answer, &response, err);
    } else {
        ds_http_answer_free(answer);
    }
    ds_response_done(&response);
    return rc;
}

int ds_engine_unsent(ds_engine *engine, int64_t id, const ds_err *why, ds_err *err) {
    ds_response response = {.fault = why->code == SQLITE_AUTH ? DS_FAULT_UNAUTHORIZED
                                                              : DS_FAULT_OTHER};
    ds_http_answer *answer = sqlite3_malloc64(sizeof *answer);
    if (answer == NULL) {
        return ds_err_nomem(err);
    }
    memset(answer, 0, sizeof *answer);
    answer->id = id;
    ds_buf_init(&answer->body, 1);
    sqlite3_snprintf(sizeof response.reason, response.reason, "%s", why->text);
    return take(engine, answer, &response, err);
}

/* ---- WebSockets ------------------------------------------------------------------------------------------------ */

int ds_engine_websocket(ds_engine *engine, int channel, ds_websocket_event *event,
                        ds_err *err) {
    if (channel >= engine->n_channels) {
        return SQLITE_OK; /* of a schema of before */
    }
    ds_channel *c = &engine->channels[channel];
    switch (event->kind) {
    case DS_WEBSOCKET_OPENED:
        ds_channel_opened(engine, c);
        return SQLITE_OK;
    case DS_WEBSOCKET_MESSAGE:
        return ds_channel_message(engine, c, ds_buf_text(&event->text),
                                  event->text.length, err);
    case DS_WEBSOCKET_CLOSED:
        return ds_channel_closed(engine, c, event, err);
    case DS_WEBSOCKET_NOTHING:
    default:
        return SQLITE_OK;
    }
}

int ds_engine_undialled(ds_engine *engine, int channel, const ds_err *why, ds_err *err) {
    return channel < engine->n_channels
               ? ds_channel_undialled(engine, &engine->channels[channel], why, err)
               : SQLITE_OK;
}

/* ---- from outside ---------------------------------------------------------------------------------------------- */

void ds_engine_wake(ds_engine *engine) {
    if (!engine->is_stopped) {
        engine->push.is_over = !engine->options.push || engine->is_finished;
        engine->push.at = 0;
    }
}

void ds_engine_hurry(ds_engine *engine) {
    engine->is_hurried = true;
    engine->push.rests_until = 0;
    ds_engine_wake(engine);
}

int ds_engine_stop(ds_engine *engine, const char *reason, ds_err *err) {
    int rc = SQLITE_OK;
    engine->is_stopped = engine->is_offline = true;
    engine->options.is_live = false;
    ds_live_done(engine);
    for (int i = 0; rc == SQLITE_OK && i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase != DS_PHASE_OVER && puller->phase != DS_PHASE_LAST) {
            engine->n_asked -= puller->phase == DS_PHASE_ASKED;
            rc = ds_puller_fail(engine, puller, DS_FAULT_TRANSIENT, reason, err);
        }
    }
    return rc ? rc : ds_pusher_stop(engine, reason, err);
}

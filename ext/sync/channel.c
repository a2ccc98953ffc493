/*
** One WebSocket and its subscriptions: dialled, greeted, subscribed to, listened to, and dialled again.
** When all subscriptions of a channel are settled its models are pulled: what happens after that is told,
** what happened before is in the pull.
*/
#include "sync/engine_int.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_MS 60000 /* between two attempts */
#define DENIED_MS  60000 /* after all credentials have been refused */

static int64_t back_off(int failures) {
    uint32_t random;
    ds_env_random(&random, sizeof random);
    int64_t wait = ds_outbox_backoff(failures, random);
    return wait < LONGEST_MS ? wait : LONGEST_MS;
}

/* ---- models ---------------------------------------------------------------------------------------- */

/* Is the model told of everything? */
static bool is_told(const ds_channel *channel, const ds_puller *puller) {
    int n_live = 0;
    for (int i = 0; i < channel->n_subs; i++) {
        const ds_subscription *sub = &channel->subs[i];
        n_live += sub->puller == puller && sub->state == DS_SUB_LIVE && !sub->is_partial;
    }
    return n_live == DS_OPERATIONS_TOLD;
}

static void pull(ds_channel *channel, ds_puller *puller) {
    puller->is_told = is_told(channel, puller);
    ds_puller_want(puller);
}

static bool is_settled(const ds_channel *channel) {
    for (int i = 0; i < channel->n_subs; i++) {
        ds_sub_state state = channel->subs[i].state;
        if (state == DS_SUB_IDLE || state == DS_SUB_STARTING) {
            return false;
        }
    }
    return true;
}

/* A subscription is settled: is the channel now, or was it before? */
static void settle(ds_engine *engine, ds_channel *channel, const ds_subscription *sub) {
    if (channel->is_ready) {
        pull(channel, sub->puller);
        return;
    }
    if (!is_settled(channel)) {
        return;
    }
    channel->is_ready = channel->has_worked = true;
    if (channel->failures > 0) {
        ds_engine_hurry(engine);
    }
    channel->failures = 0;
    engine->has_news_of_channels = true;
    for (int i = 0; i < channel->n_subs; i++) {
        bool is_first = i == 0 || channel->subs[i].puller != channel->subs[i - 1].puller;
        if (is_first) {
            pull(channel, channel->subs[i].puller);
        }
    }
}

/* Why something is not as it should be, as it may be shown: what comes from outside may quote a credential. */
static int note(const ds_engine *engine, char **at, const char *reason, ds_err *err) {
    int rc = ds_engine_text(at, reason, err);
    ds_secret_mask(engine->config, *at);
    return rc;
}

/* What the API says. */
static int explain(const ds_engine *engine, const ds_realtime_message *message, char **at,
                   ds_err *err) {
    const char *text = message->message[0] ? message->message
                       : message->type[0]  ? message->type
                                           : "no reason given";
    return note(engine, at, text, err);
}

/* ---- the end of a connection ------------------------------------------------------------------------- */

static void reset_subs(ds_engine *engine, ds_channel *channel) {
    for (int i = 0; i < channel->n_subs; i++) {
        ds_subscription *sub = &channel->subs[i];
        sub->state = DS_SUB_IDLE;
        sub->at = 0;
        sub->mode = 0;
        sub->is_again = false;
        ds_puller_untold(engine, sub->puller);
    }
}

/* With a fresh credential, then the next way to log in, then after a while all of them again: soon where one has
** only to be renewed. */
static int64_t next_login(const ds_engine *engine, ds_channel *channel,
                          ds_realtime_fault fault) {
    if (fault == DS_REALTIME_EXPIRED && !channel->is_again) {
        channel->is_again = true;
        return engine->now;
    }
    channel->is_again = false;
    channel->mode = (channel->mode + 1) % engine->n_modes;
    int64_t wait = fault == DS_REALTIME_EXPIRED ? back_off(channel->failures) : DENIED_MS;
    return channel->mode > 0 ? engine->now : engine->now + wait;
}

/* What refuses the handshake itself may know the older form of it only. */
static void try_other_form(ds_channel *channel) {
    channel->form =
        channel->form == DS_REALTIME_PROTOCOL ? DS_REALTIME_QUERY : DS_REALTIME_PROTOCOL;
}

void ds_channel_leave(ds_engine *engine, ds_channel *channel) {
    engine->has_told_subscribed &= !channel->is_ready;
    channel->phase = DS_CHANNEL_DOWN;
    channel->is_ready = channel->is_told_off = false;
    channel->at = engine->now;
    reset_subs(engine, channel);
}

void ds_channel_fail(ds_engine *engine, ds_channel *channel, ds_realtime_fault fault) {
    bool was_up = channel->phase == DS_CHANNEL_UP;
    ds_channel_leave(engine, channel);
    channel->at = engine->now + back_off(channel->failures++);
    if (fault == DS_REALTIME_EXPIRED || fault == DS_REALTIME_UNAUTHORIZED) {
        channel->at = next_login(engine, channel, fault);
    } else if (!was_up &&
               (fault == DS_REALTIME_INVALID || fault == DS_REALTIME_UNKNOWN)) {
        try_other_form(channel);
    }
}

/* Where nothing is asked for, nothing else would notice that the network is gone. Once: a network that only lets
** no WebSocket through is not lost with each of them. */
static void note_unreachable(ds_engine *engine, ds_channel *channel,
                             const ds_http_answer *answer) {
    if (channel->phase == DS_CHANNEL_DIALLED && channel->has_worked &&
        answer->failure != DS_HTTP_ANSWERED) {
        channel->has_worked = false;
        ds_engine_reach(engine, false);
    }
}

int ds_channel_closed(ds_engine *engine, ds_channel *channel, ds_websocket_event *event,
                      ds_err *err) {
    ds_realtime_message message;
    if (channel->phase == DS_CHANNEL_DOWN) {
        return SQLITE_OK;
    }
    note_unreachable(engine, channel, event->answer);
    int rc = ds_realtime_read_end(event, &message, err);
    if (rc == SQLITE_OK) {
        rc = explain(engine, &message, &channel->error, err);
        ds_channel_fail(engine, channel, message.fault);
    }
    return rc;
}

int ds_channel_undialled(ds_engine *engine, ds_channel *channel, const ds_err *why,
                         ds_err *err) {
    ds_channel_fail(engine, channel,
                    why->code == SQLITE_AUTH ? DS_REALTIME_UNAUTHORIZED
                                             : DS_REALTIME_TRANSIENT);
    return note(engine, &channel->error, why->text, err);
}

void ds_channel_opened(ds_engine *engine, ds_channel *channel) {
    if (channel->phase != DS_CHANNEL_DIALLED) {
        return; /* of a connection of before */
    }
    channel->phase = DS_CHANNEL_OPEN;
    channel->at = engine->now + DS_REALTIME_ACK_MS;
    channel->is_greeted = false;
}

/* ---- messages ----------------------------------------------------------------------------------------- */

static ds_subscription *find(const ds_channel *channel, const char *id) {
    long at = strtol(id, NULL, 10);
    bool is_known = at >= 0 && at < channel->n_subs && id[0] >= '0' && id[0] <= '9';
    ds_subscription *sub = is_known ? &channel->subs[at] : NULL;
    return sub != NULL && strcmp(sub->id, id) == 0 ? sub : NULL;
}

/* A subscription that cannot be had now: its model is polled meanwhile. */
static void put_off(ds_engine *engine, ds_channel *channel, ds_subscription *sub) {
    sub->state = DS_SUB_LATER;
    sub->at = engine->now + back_off(sub->failures++) + 1000;
    settle(engine, channel, sub);
}

static void refuse(ds_engine *engine, ds_channel *channel, ds_subscription *sub) {
    sub->state = DS_SUB_REFUSED;
    settle(engine, channel, sub);
}

static void again(ds_subscription *sub) {
    sub->state = DS_SUB_IDLE;
    sub->at = 0;
}

void ds_channel_refuse(ds_engine *engine, ds_channel *channel, ds_subscription *sub,
                       ds_realtime_fault fault) {
    bool is_login = fault == DS_REALTIME_EXPIRED || fault == DS_REALTIME_UNAUTHORIZED;
    if (fault == DS_REALTIME_EXPIRED && !sub->is_again) {
        sub->is_again = true;
        again(sub);
    } else if (is_login && sub->mode + 1 < engine->n_modes) {
        sub->mode++;
        sub->is_again = false;
        again(sub);
    } else if ((fault == DS_REALTIME_FILTER || fault == DS_REALTIME_INVALID) &&
               !sub->is_bare && sub->puller->pull.filter != NULL) {
        sub->is_bare = true;
        again(sub);
    } else if (is_login || fault == DS_REALTIME_INVALID || fault == DS_REALTIME_FILTER) {
        refuse(engine, channel, sub);
    } else {
        put_off(engine, channel, sub);
    }
}

static int take_error(ds_engine *engine, ds_channel *channel,
                      const ds_realtime_message *message, ds_err *err) {
    ds_subscription *sub = find(channel, message->id);
    if (sub == NULL) {
        return SQLITE_OK; /* of a subscription of before; one of none is followed by the end */
    }
    int rc = explain(engine, message, &sub->error, err);
    ds_channel_refuse(engine, channel, sub, message->fault);
    return rc;
}

static void take_ack(ds_engine *engine, ds_channel *channel, int timeout_ms) {
    if (channel->phase == DS_CHANNEL_OPEN) {
        channel->phase = DS_CHANNEL_UP;
        channel->silence_ms = timeout_ms;
        channel->is_again = false;
        ds_engine_reach(engine, true);
    }
}

static void take_start_ack(ds_engine *engine, ds_channel *channel, ds_subscription *sub) {
    bool is_late = sub != NULL && sub->state == DS_SUB_LATER; /* it was given up */
    if (is_late || (sub != NULL && sub->state == DS_SUB_STARTING)) {
        sub->state = DS_SUB_LIVE;
        sub->failures = 0;
        settle(engine, channel, sub);
    }
}

/* We never stop one: the server has. */
static int take_complete(ds_engine *engine, ds_channel *channel, ds_subscription *sub,
                         ds_err *err) {
    if (sub->state != DS_SUB_LIVE && sub->state != DS_SUB_STARTING) {
        return SQLITE_OK;
    }
    put_off(engine, channel, sub);
    return ds_engine_text(&sub->error, "the API has ended it", err);
}

static int take_message(ds_engine *engine, ds_channel *channel,
                        const ds_realtime_message *message, ds_err *err) {
    ds_subscription *sub = find(channel, message->id);
    channel->heard_at = engine->now;
    channel->n_heard++;
    switch (message->kind) {
    case DS_REALTIME_ACK:
        take_ack(engine, channel, message->timeout_ms);
        return SQLITE_OK;
    case DS_REALTIME_START_ACK:
        take_start_ack(engine, channel, sub);
        return SQLITE_OK;
    case DS_REALTIME_DATA:
        return sub ? ds_live_take(engine, sub->puller, message, err) : SQLITE_OK;
    case DS_REALTIME_COMPLETE:
        return sub ? take_complete(engine, channel, sub, err) : SQLITE_OK;
    case DS_REALTIME_ERROR:
        return take_error(engine, channel, message, err);
    case DS_REALTIME_REFUSED:
        ds_channel_fail(engine, channel, message->fault);
        channel->is_told_off = true;
        return explain(engine, message, &channel->error, err);
    case DS_REALTIME_KEEP_ALIVE:
    case DS_REALTIME_OTHER:
    default:
        return SQLITE_OK;
    }
}

int ds_channel_message(ds_engine *engine, ds_channel *channel, const char *text,
                       size_t length, ds_err *err) {
    ds_realtime_message message;
    if (channel->phase == DS_CHANNEL_DOWN) {
        return SQLITE_OK;
    }
    int rc = ds_realtime_read(text, length, &message, err);
    if (rc ==
        SQLITE_ERROR) { /* not AppSync's: nothing that comes from there can be trusted */
        *err = (ds_err)DS_ERR_INIT;
        ds_channel_fail(engine, channel, DS_REALTIME_TRANSIENT);
        channel->is_told_off = true;
        return SQLITE_OK;
    }
    return rc ? rc : take_message(engine, channel, &message, err);
}

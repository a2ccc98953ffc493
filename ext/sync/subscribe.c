/*
** What a channel has to do next.
*/
#include "sync/engine_int.h"

#include <string.h>

#define ASK_MS 10000 /* between two looks at whose token it is */

/* A filter of a field that the schema does not know any more is left out. */
static int add_filter(const ds_subscription *sub, ds_buf *out, ds_err *err) {
    ds_filter *filter = NULL;
    ds_err why = DS_ERR_INIT;
    const ds_model *model = sub->puller->model;
    const char *text = sub->is_bare ? NULL : sub->puller->pull.filter;
    if (text == NULL || model->catalog->transformer_version != 2) {
        return SQLITE_OK;
    }
    int rc = ds_filter_parse(model, text, strlen(text), &filter, &why);
    if (rc == SQLITE_OK) {
        ds_buf_add(out, "\"filter\":");
        ds_filter_to_graphql(filter, out);
    }
    ds_filter_free(filter);
    return rc == SQLITE_NOMEM ? ds_err_nomem(err) : SQLITE_OK;
}

static int add_variables(const ds_subscription *sub, const ds_subscriber *subscriber,
                         ds_buf *out, ds_err *err) {
    ds_buf_add(out, "{");
    int rc = add_filter(sub, out, err);
    if (subscriber->field != NULL) {
        ds_buf_addf(out, "%s\"%s\":", out->length > 1 ? "," : "", subscriber->field);
        ds_buf_add_json(out, subscriber->value, strlen(subscriber->value));
    }
    ds_buf_add(out, "}");
    return rc == SQLITE_OK && out->rc ? ds_err_nomem(err) : rc;
}

/* Begin a subscription. The effect borrows from the engine's two buffers. */
static int start(ds_engine *engine, ds_channel *channel, ds_subscription *sub,
                 const ds_subscriber *subscriber, ds_effect *out, ds_err *err) {
    ds_buf_clear(&engine->body);
    ds_buf_clear(&engine->variables);
    ds_graphql_document(&engine->body, sub->puller->model, sub->operation);
    int rc = engine->body.rc ? ds_err_nomem(err)
                             : add_variables(sub, subscriber, &engine->variables, err);
    sqlite3_snprintf(sizeof sub->id, sub->id, "%d-%d", (int)(sub - channel->subs),
                     ++channel->n_starts);
    sub->is_partial = subscriber->is_partial;
    sub->state = DS_SUB_STARTING;
    sub->at = engine->now + DS_REALTIME_ACK_MS;
    sub->n_heard = channel->n_heard;
    *out = (ds_effect){.kind = DS_EFFECT_START,
                       .channel = channel->number,
                       .mode = engine->modes[sub->mode],
                       .subscription = sub->id,
                       .body = ds_buf_text(&engine->body),
                       .length = engine->body.length,
                       .variables = ds_buf_text(&engine->variables)};
    return rc;
}

/* Where nobody says whose records these are, the API is not even asked: it is as if it had refused. */
static int try_start(ds_engine *engine, ds_channel *channel, ds_subscription *sub,
                     ds_effect *out, bool *out_is_sent, ds_err *err) {
    ds_subscriber subscriber;
    ds_err why = DS_ERR_INIT;
    int rc = ds_subscriber_find(sub->puller->model, engine->config,
                                engine->modes[sub->mode], &subscriber, &why);
    if (rc == SQLITE_OK) {
        *out_is_sent = true;
        rc = start(engine, channel, sub, &subscriber, out, err);
    } else if (rc == SQLITE_NOMEM) {
        rc = ds_err_nomem(err);
    } else {
        bool is_known = rc == SQLITE_AUTH;
        rc = ds_engine_text(&sub->error, why.text, err);
        ds_channel_refuse(engine, channel, sub,
                          is_known ? DS_REALTIME_UNAUTHORIZED : DS_REALTIME_TRANSIENT);
    }
    ds_subscriber_done(&subscriber);
    return rc;
}

static int start_next(ds_engine *engine, ds_channel *channel, ds_effect *out,
                      bool *out_is_sent, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && !*out_is_sent && i < channel->n_subs; i++) {
        ds_subscription *sub = &channel->subs[i];
        while (rc == SQLITE_OK && !*out_is_sent &&
               (sub->state == DS_SUB_IDLE ||
                (sub->state == DS_SUB_LATER && sub->at <= engine->now))) {
            rc = try_start(engine, channel, sub, out, out_is_sent, err);
        }
    }
    return rc;
}

/* ---- the connection ------------------------------------------------------------------------------------- */

/* A token in a file or a variable may be that of another user by now, who may be told other things. */
static int look_at_user(ds_engine *engine, ds_channel *channel, ds_err *err) {
    char *user = NULL;
    if (channel->phase != DS_CHANNEL_UP || engine->now - channel->asked_at < ASK_MS) {
        return SQLITE_OK;
    }
    channel->asked_at = engine->now;
    int rc = ds_subscriber_user(engine, &user, err);
    bool is_other =
        user != NULL && (channel->user == NULL || strcmp(channel->user, user) != 0);
    channel->is_told_off = channel->is_told_off || is_other;
    sqlite3_free(user);
    return rc;
}

static int dial(ds_engine *engine, ds_channel *channel, ds_effect *out, ds_err *err) {
    sqlite3_free(channel->user);
    channel->user = NULL;
    channel->phase = DS_CHANNEL_DIALLED;
    channel->asked_at = engine->now;
    if (engine->n_dialled <= channel->number) {
        engine->n_dialled = channel->number + 1;
    }
    *out = (ds_effect){.kind = DS_EFFECT_DIAL,
                       .channel = channel->number,
                       .mode = engine->modes[channel->mode],
                       .form = channel->form};
    return ds_subscriber_user(engine, &channel->user, err);
}

static bool is_unanswered(const ds_engine *engine, const ds_subscription *sub) {
    return sub->state == DS_SUB_STARTING && sub->at <= engine->now;
}

/* Of a connection that lives a subscription without an answer is put off, and disturbs no other one. */
static int put_off_unanswered(ds_engine *engine, ds_channel *channel, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < channel->n_subs; i++) {
        ds_subscription *sub = &channel->subs[i];
        if (is_unanswered(engine, sub)) {
            rc = ds_engine_text(&sub->error, "the API does not answer", err);
            ds_channel_refuse(engine, channel, sub, DS_REALTIME_TRANSIENT);
        }
    }
    return rc;
}

static bool is_overdue(const ds_engine *engine, const ds_channel *channel) {
    if (channel->phase == DS_CHANNEL_OPEN) {
        return channel->at <= engine->now;
    }
    if (channel->phase != DS_CHANNEL_UP) {
        return false;
    }
    for (int i = 0; i < channel->n_subs; i++) {
        const ds_subscription *sub = &channel->subs[i];
        if (is_unanswered(engine, sub) && channel->n_heard == sub->n_heard) {
            return true;
        }
    }
    return engine->now - channel->heard_at >= channel->silence_ms;
}

static int hang_up(ds_engine *engine, ds_channel *channel, ds_effect *out, ds_err *err) {
    bool is_silent = !channel->is_told_off;
    if (channel->phase == DS_CHANNEL_UP && channel->is_told_off) {
        ds_channel_leave(engine, channel); /* for another filter or user */
    } else if (channel->phase != DS_CHANNEL_DOWN) {
        ds_channel_fail(engine, channel, DS_REALTIME_TRANSIENT);
    }
    channel->is_told_off = false;
    *out = (ds_effect){
        .kind = DS_EFFECT_HANG_UP, .channel = channel->number, .is_silent = is_silent};
    return is_silent ? ds_engine_text(&channel->error, "the API says nothing", err)
                     : SQLITE_OK;
}

int ds_channel_post(ds_engine *engine, ds_channel *channel, ds_effect *out,
                    bool *out_is_sent, ds_err *err) {
    int rc = look_at_user(engine, channel, err);
    *out_is_sent = true;
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (channel->is_told_off || is_overdue(engine, channel)) {
        return hang_up(engine, channel, out, err);
    } else if (channel->phase == DS_CHANNEL_DOWN && channel->at <= engine->now) {
        return dial(engine, channel, out, err);
    } else if (channel->phase == DS_CHANNEL_OPEN && !channel->is_greeted) {
        channel->is_greeted = true;
        *out = (ds_effect){.kind = DS_EFFECT_INIT, .channel = channel->number};
    } else {
        *out_is_sent = false;
        rc = channel->phase == DS_CHANNEL_UP ? put_off_unanswered(engine, channel, err)
                                             : SQLITE_OK;
        return rc || channel->phase != DS_CHANNEL_UP
                   ? rc
                   : start_next(engine, channel, out, out_is_sent, err);
    }
    return SQLITE_OK;
}

bool ds_channel_drop(ds_engine *engine, ds_effect *out) {
    if (!engine->has_begun || engine->n_dialled <= engine->n_channels) {
        return false;
    }
    *out = (ds_effect){.kind = DS_EFFECT_HANG_UP, .channel = --engine->n_dialled};
    return true;
}

int64_t ds_channel_until(const ds_channel *channel) {
    int64_t until = channel->phase == DS_CHANNEL_DOWN || channel->phase == DS_CHANNEL_OPEN
                        ? channel->at
                        : 0;
    if (channel->phase != DS_CHANNEL_UP) {
        return until;
    }
    until = channel->heard_at + channel->silence_ms;
    for (int i = 0; i < channel->n_subs; i++) {
        const ds_subscription *sub = &channel->subs[i];
        bool waits = sub->state == DS_SUB_STARTING || sub->state == DS_SUB_LATER;
        if (waits && sub->at < until) {
            until = sub->at;
        }
    }
    return until;
}

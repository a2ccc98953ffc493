/*
** Channels of a live engine: which models they have, and what they tell.
*/
#include "sync/engine_int.h"

#include <string.h>

static const ds_graphql_operation told[DS_OPERATIONS_TOLD] = {
    DS_GRAPHQL_ON_CREATE, DS_GRAPHQL_ON_UPDATE, DS_GRAPHQL_ON_DELETE};

/* ---- channels ---------------------------------------------------------------------------------------- */

static bool can_be_told(const ds_puller *puller) {
    for (int i = 0; i < DS_OPERATIONS_TOLD; i++) {
        if (ds_graphql_field(puller->model, told[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void subscribe(ds_channel *channel, ds_puller *puller) {
    for (int i = 0; i < DS_OPERATIONS_TOLD; i++) {
        if (ds_graphql_field(puller->model, told[i]) != NULL) {
            channel->subs[channel->n_subs++] =
                (ds_subscription){.puller = puller, .operation = told[i]};
        }
    }
}

/* A channel takes as many models as AppSync lets a connection have subscriptions. */
static int open_channel(ds_engine *engine, ds_err *err) {
    size_t size = DS_MAX_SUBSCRIPTIONS * sizeof(ds_subscription);
    ds_channel *channel = &engine->channels[engine->n_channels];
    *channel = (ds_channel){.number = engine->n_channels};
    channel->subs = sqlite3_malloc64(size);
    if (channel->subs == NULL) {
        return ds_err_nomem(err);
    }
    engine->n_channels++;
    return SQLITE_OK;
}

static bool is_full(const ds_engine *engine) {
    return engine->n_channels == 0 ||
           engine->channels[engine->n_channels - 1].n_subs + DS_OPERATIONS_TOLD >
               DS_MAX_SUBSCRIPTIONS;
}

/* The sync expression is part of the subscription, which comes before the first pull. */
static int read_filter(ds_engine *engine, ds_puller *puller, ds_err *err) {
    sqlite3_stmt *s = NULL;
    ds_records *records = ds_merger_records(engine->merger);
    int rc = ds_records_get(records, NULL, DS_SQL_PULL_READ, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, puller->model->name, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW) {
        rc = ds_engine_text(&puller->pull.filter, (const char *)sqlite3_column_text(s, 0),
                            err);
    }
    int end = sqlite3_reset(s);
    return rc || end == SQLITE_OK ? rc
                                  : ds_err_db(err, ds_records_store(records)->db, end);
}

int ds_live_begin(ds_engine *engine, ds_err *err) {
    size_t per_channel = DS_MAX_SUBSCRIPTIONS / DS_OPERATIONS_TOLD;
    size_t n = (size_t)engine->n_pullers / per_channel + 1;
    engine->channels = sqlite3_malloc64(n * sizeof *engine->channels);
    if (engine->channels == NULL) {
        return ds_err_nomem(err);
    }
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (!can_be_told(puller)) {
            continue;
        }
        rc = read_filter(engine, puller, err);
        if (rc == SQLITE_OK && is_full(engine)) {
            rc = open_channel(engine, err);
        }
        if (rc == SQLITE_OK) {
            subscribe(&engine->channels[engine->n_channels - 1], puller);
            puller->phase = DS_PHASE_AWAITED;
        }
    }
    return rc;
}

static void drop_news(ds_engine *engine) {
    while (engine->news != NULL) {
        ds_news *next = engine->news->next;
        sqlite3_free(engine->news);
        engine->news = next;
    }
    engine->last_news = &engine->news;
    engine->n_news = 0;
}

void ds_live_done(ds_engine *engine) {
    for (int i = 0; i < engine->n_channels; i++) {
        ds_channel *channel = &engine->channels[i];
        for (int k = 0; k < channel->n_subs; k++) {
            sqlite3_free(channel->subs[k].error);
        }
        sqlite3_free(channel->subs);
        sqlite3_free(channel->user);
        sqlite3_free(channel->error);
    }
    sqlite3_free(engine->channels);
    engine->channels = NULL;
    engine->n_channels = 0;
    drop_news(engine);
}

bool ds_live_is_ready(const ds_engine *engine) {
    for (int i = 0; i < engine->n_channels; i++) {
        if (!engine->channels[i].is_ready) {
            return false;
        }
    }
    return true;
}

static void channel_health(const ds_channel *channel, ds_engine_health *out) {
    if (!channel->is_ready && channel->error != NULL) {
        out->untold = "";
        out->error = channel->error;
    }
    for (int i = 0; i < channel->n_subs && out->error == NULL; i++) {
        const ds_subscription *sub = &channel->subs[i];
        if (sub->state == DS_SUB_REFUSED || sub->state == DS_SUB_LATER) {
            out->untold = sub->puller->model->name;
            out->error = sub->error;
        }
    }
}

void ds_live_health(const ds_engine *engine, ds_engine_health *out) {
    for (int i = 0; i < engine->n_channels && out->error == NULL; i++) {
        channel_health(&engine->channels[i], out);
    }
}

/* Rare: the whole channel is dialled anew. Where it is not up, it will ask for the new filter anyway. */
void ds_live_resubscribe(ds_engine *engine, const ds_puller *puller) {
    for (int i = 0; i < engine->n_channels; i++) {
        ds_channel *channel = &engine->channels[i];
        for (int k = 0; k < channel->n_subs; k++) {
            if (channel->subs[k].puller == puller && channel->phase == DS_CHANNEL_UP) {
                channel->is_told_off = true;
            }
        }
    }
}

/* ---- what others have changed ---------------------------------------------------------------------------- */

static void compare(ds_engine *engine, const char *model, int64_t number) {
    for (int i = 0; i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_OVER && puller->pull.number != 0 &&
            puller->pull.number != number && strcmp(puller->model->name, model) == 0) {
            ds_puller_want(puller);
        }
    }
}

int ds_live_look(ds_engine *engine, ds_err *err) {
    sqlite3_stmt *s = NULL;
    ds_records *records = ds_merger_records(engine->merger);
    int rc = ds_records_get(records, NULL, DS_SQL_PULL_NUMBERS, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *model = (const char *)sqlite3_column_text(s, 0);
        if (model != NULL) {
            compare(engine, model, sqlite3_column_int64(s, 1));
        }
    }
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, ds_records_store(records)->db, rc);
}

/* ---- records -------------------------------------------------------------------------------------------- */

/* Keep the record until the next transaction. What came with errors may be incomplete: then the model is
** pulled. */
int ds_live_take(ds_engine *engine, ds_puller *puller, const ds_realtime_message *message,
                 ds_err *err) {
    const ds_token *record = &message->record;
    if (record->kind != '{' || message->fault != DS_REALTIME_FINE) {
        ds_puller_want(puller);
    }
    if (record->kind != '{') {
        return SQLITE_OK;
    }
    ds_news *news = sqlite3_malloc64(sizeof *news + record->length);
    if (news == NULL) {
        return ds_err_nomem(err);
    }
    *news = (ds_news){.puller = puller, .length = record->length};
    memcpy(news->text, record->text, record->length);
    *engine->last_news = news;
    engine->last_news = &news->next;
    engine->n_news++;
    return engine->n_news < DS_MAX_NEWS ? SQLITE_OK : ds_live_work(engine, err);
}

static int merge(ds_engine *engine, const ds_news *news, ds_err *err) {
    ds_token record;
    ds_scan scan = ds_scan_begin(news->text, news->length);
    ds_puller *puller = news->puller;
    int64_t n_bad = engine->told.n_bad;
    if (!ds_scan_value(&scan, &record)) {
        return SQLITE_OK;
    }
    int rc = ds_merge_told(engine->merger, puller->model, puller->pull.filter, &record,
                           &engine->told, err);
    if (engine->told.n_bad > n_bad) { /* told by somebody who did not select all of it */
        ds_puller_want(puller);
    }
    return rc;
}

static int merge_all(ds_engine *engine, void *about, ds_err *err) {
    int rc = SQLITE_OK;
    (void)about;
    for (const ds_news *news = engine->news; rc == SQLITE_OK && news != NULL;
         news = news->next) {
        rc = merge(engine, news, err);
    }
    return rc;
}

int ds_live_work(ds_engine *engine, ds_err *err) {
    int rc = ds_engine_transact(engine, merge_all, NULL, err);
    drop_news(engine);
    return rc;
}

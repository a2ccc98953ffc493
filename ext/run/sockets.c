/*
** The WebSockets of an engine's channels.
*/
#include "run/run_int.h"

#include <string.h>

void ds_sockets_done(ds_sockets *sockets) {
    for (int i = 0; i < sockets->n; i++) {
        ds_websocket_free(sockets->items[i]);
    }
    sqlite3_free(sockets->items);
    *sockets = (ds_sockets){NULL, 0};
}

static int make_room(ds_sockets *sockets, int channel, ds_err *err) {
    if (channel < sockets->n) {
        return SQLITE_OK;
    }
    size_t size = (size_t)(channel + 1) * sizeof(ds_websocket *);
    ds_websocket **items = sqlite3_realloc64(sockets->items, size);
    if (items == NULL) {
        return ds_err_nomem(err);
    }
    sockets->items = items;
    while (sockets->n <= channel) {
        sockets->items[sockets->n++] = NULL;
    }
    return SQLITE_OK;
}

static void drop(ds_sockets *sockets, int channel) {
    if (channel < sockets->n) {
        ds_websocket_free(sockets->items[channel]);
        sockets->items[channel] = NULL;
    }
}

static int dial(ds_sockets *sockets, const ds_config *config, ds_http *http,
                const ds_effect *effect, ds_err *why) {
    ds_realtime_dial dial;
    drop(sockets, effect->channel);
    int rc = ds_realtime_dial_make(config, effect->mode, effect->form, &dial, why);
    dial.request.maximum = DS_MAX_MESSAGE_BYTES;
    rc = rc ? rc
            : ds_websocket_open(http, &dial.request, &sockets->items[effect->channel],
                                why);
    ds_realtime_dial_done(&dial);
    return rc;
}

static int send(ds_sockets *sockets, const ds_config *config, const ds_effect *effect,
                ds_err *why) {
    ds_buf text;
    int rc = SQLITE_OK;
    if (sockets->items[effect->channel] == NULL) {
        return ds_err_set(why, SQLITE_IOERR, "the connection has ended");
    }
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    if (effect->kind == DS_EFFECT_INIT) {
        ds_realtime_init_print(&text);
    } else {
        rc = ds_realtime_start_print(config, effect->mode, effect->subscription,
                                     effect->body, effect->variables, &text, why);
    }
    rc = rc ? rc : text.rc ? ds_err_nomem(why) : SQLITE_OK;
    rc = rc ? rc
            : ds_websocket_send(sockets->items[effect->channel], ds_buf_text(&text),
                                text.length, why);
    ds_buf_done(&text);
    return rc;
}

int ds_sockets_act(ds_sockets *sockets, ds_engine *engine, const ds_config *config,
                   ds_http *http, const ds_effect *effect, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    int rc = make_room(sockets, effect->channel, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (effect->kind == DS_EFFECT_HANG_UP) {
        drop(sockets, effect->channel);
        if (effect->is_silent) {
            ds_http_distrust(http);
        }
        return SQLITE_OK;
    }
    rc = effect->kind == DS_EFFECT_DIAL ? dial(sockets, config, http, effect, &why)
                                        : send(sockets, config, effect, &why);
    if (rc == SQLITE_OK) {
        return rc;
    }
    drop(sockets, effect->channel);
    return (rc & 0xff) == SQLITE_NOMEM
               ? ds_err_nomem(err)
               : ds_engine_undialled(engine, effect->channel, &why, err);
}

/* All events of one; the last one is its end. */
static int read_one(ds_sockets *sockets, int channel, ds_engine *engine, ds_err *err) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_OPENED};
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && event.kind != DS_WEBSOCKET_NOTHING &&
           sockets->items[channel] != NULL) {
        ds_websocket_next(sockets->items[channel], &event);
        bool is_over = event.kind == DS_WEBSOCKET_CLOSED;
        if (is_over) {
            drop(sockets, channel);
        }
        rc = ds_engine_websocket(engine, channel, &event, err);
        ds_websocket_event_done(&event);
    }
    return rc;
}

int ds_sockets_read(ds_sockets *sockets, ds_engine *engine, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < sockets->n; i++) {
        rc = read_one(sockets, i, engine, err);
    }
    return rc;
}

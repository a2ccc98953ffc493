/*
** A WebSocket as its owner sees it: opened, given messages, asked for events. What the
** network does to it is in progress.c.
*/
#include "net/net_int.h"

#include <string.h>

#define GOODBYE_MS 2000 /* for the answer to our close frame */

/* ---- opening ----------------------------------------------------------------------- */

/* What a proxy says to CONNECT is not for the host's standard output. */
static size_t drop_body(char *data, size_t size, size_t count, void *user) {
    (void)data;
    (void)user;
    return size * count;
}

/* Set an option unless an earlier one failed. */
#define SET(option, value)                                                               \
    code = code == CURLE_OK ? curl_easy_setopt(w->easy, option, value) : code

static int set_options(ds_websocket *w, const ds_url *url, ds_err *err) {
    char *address = sqlite3_mprintf("%s://%s:%d/", url->is_secure ? "https" : "http",
                                    url->host, url->port);
    if (address == NULL) {
        return ds_err_nomem(err);
    }
    CURLcode code = ds_easy_set_up(w->easy, &w->http->options, url->is_loopback);
    SET(CURLOPT_URL, address); /* copied */
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
    SET(CURLOPT_ERRORBUFFER, w->error);
    SET(CURLOPT_WRITEFUNCTION, drop_body);
    sqlite3_free(address);
    return ds_easy_check(code, err);
}

static int fill(ds_websocket *w, const ds_websocket_request *request, ds_err *err) {
    w->easy = curl_easy_init();
    w->answer = sqlite3_malloc64(sizeof *w->answer);
    if (w->easy == NULL || w->answer == NULL) {
        return ds_err_nomem(err);
    }
    memset(w->answer, 0, sizeof *w->answer);
    w->answer_timeout_ms = request->answer_timeout_ms;
    w->maximum = request->maximum;
    int rc = ds_upgrade_init(&w->upgrade, &w->url, request, w->answer, err);
    rc = rc ? rc : ds_frames_new(request->maximum, &w->frames, err);
    rc = rc ? rc : set_options(w, &w->url, err);
    if (rc == SQLITE_OK) {
        CURLMcode code = curl_multi_add_handle(w->http->multi, w->easy);
        rc = code == CURLM_OK ? SQLITE_OK : ds_http_fail(code, err);
    }
    return rc;
}

int ds_websocket_open(ds_http *http, const ds_websocket_request *request,
                      ds_websocket **out, ds_err *err) {
    *out = NULL;
    if (http->n_websockets == DS_MAX_WEBSOCKETS) {
        return ds_err_set(err, SQLITE_FULL, "%d WebSockets are open already",
                          DS_MAX_WEBSOCKETS);
    }
    ds_websocket *w = sqlite3_malloc64(sizeof *w);
    if (w == NULL) {
        return ds_err_nomem(err);
    }
    memset(w, 0, sizeof *w);
    w->http = http;
    w->next = http->websockets;
    http->websockets = w;
    http->n_websockets++;
    int rc = ds_url_parse(request->url, true, &w->url, err);
    rc = rc ? rc : ds_easy_check_safety(&w->url, &http->options, err);
    rc = rc ? rc : fill(w, request, err);
    if (rc == SQLITE_OK) {
        *out = w;
    } else {
        ds_websocket_free(w);
    }
    return rc;
}

void ds_websocket_free(ds_websocket *w) {
    ds_sigpipe guard;
    if (w == NULL) {
        return;
    }
    ds_websocket **link = &w->http->websockets;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    w->http->n_websockets--;
    ds_sigpipe_begin(&guard);
    ds_websocket_hang_up(w);
    ds_sigpipe_end(&guard);
    ds_upgrade_done(&w->upgrade);
    ds_frames_free(w->frames);
    ds_http_answer_free(w->answer);
    ds_url_done(&w->url);
    sqlite3_free(w);
}

/* ---- what the caller does ---------------------------------------------------------- */

int ds_websocket_send(ds_websocket *w, const char *text, size_t length, ds_err *err) {
    return w->phase == DS_PHASE_ENDED ? SQLITE_OK
                                      : ds_frames_queue(w->frames, text, length, err);
}

void ds_websocket_close(ds_websocket *w, int code, const char *reason) {
    ds_sigpipe guard;
    if (w->phase == DS_PHASE_CLOSING || w->phase == DS_PHASE_ENDED) {
        return;
    }
    if (w->phase == DS_PHASE_OPEN &&
        ds_frames_close(w->frames, code, reason, NULL) == SQLITE_OK) {
        w->phase = DS_PHASE_CLOSING;
        w->deadline = ds_clock_ms() + GOODBYE_MS;
        return;
    }
    ds_sigpipe_begin(&guard);
    ds_websocket_end_here(w);
    ds_sigpipe_end(&guard);
}

void ds_websocket_next(ds_websocket *w, ds_websocket_event *out) {
    *out = (ds_websocket_event){.kind = DS_WEBSOCKET_NOTHING};
    if (w->was_open && !w->is_told) {
        w->is_told = true;
        out->kind = DS_WEBSOCKET_OPENED;
    } else if (ds_frames_take(w->frames, &out->text)) {
        out->kind = DS_WEBSOCKET_MESSAGE;
    } else if (w->phase == DS_PHASE_ENDED && w->answer != NULL) {
        out->kind = DS_WEBSOCKET_CLOSED;
        out->code = ds_frames_code(w->frames);
        out->answer = w->answer;
        w->answer = NULL;
    }
}

void ds_websocket_event_done(ds_websocket_event *event) {
    ds_buf_done(&event->text);
    ds_http_answer_free(event->answer);
    *event = (ds_websocket_event){.kind = DS_WEBSOCKET_NOTHING};
}

/*
** What the tests of WebSockets share: tests/support/websocket_steps.py as the other side.
*/
#ifndef DS_NET_WEBSOCKET_TEST_H
#define DS_NET_WEBSOCKET_TEST_H

#include "server.h"

#define MAXIMUM 100000

static inline const char *ws_url(const char *host, int port, const char *steps) {
    static char text[2000];
    snprintf(text, sizeof text, "%s://%s:%d/ws/%s", port == server.plain ? "ws" : "wss",
             host, port, steps);
    return text;
}

static inline ds_websocket_request ws_request(const char *steps) {
    static const char *const protocols[] = {"graphql-ws", "header-e30"};
    return (ds_websocket_request){.url = ws_url("127.0.0.1", server.plain, steps),
                                  .protocols = protocols,
                                  .n_protocols = 2,
                                  .answer_timeout_ms = 10000,
                                  .maximum = MAXIMUM};
}

static inline ds_websocket *open_ws(ds_http *http, const ds_websocket_request *request) {
    ds_websocket *websocket = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_websocket_open(http, request, &websocket, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    return websocket;
}

static inline ds_websocket *dial(ds_http *http, const char *steps) {
    ds_websocket_request request = ws_request(steps);
    return open_ws(http, &request);
}

static inline void poll_once(ds_http *http, int ms) {
    ds_err err = DS_ERR_INIT;
    ds_http_answer *answer = NULL;
    assert_int_equal(ds_http_poll(http, ms, &answer, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    assert_null(answer);
}

/* The next event, which must come and be of that kind. */
static inline ds_websocket_event await(ds_http *http, ds_websocket *websocket,
                                       ds_websocket_kind kind) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_NOTHING};
    int64_t end = now_ms() + PATIENCE_MS;
    while (event.kind == DS_WEBSOCKET_NOTHING && now_ms() < end) {
        ds_websocket_next(websocket, &event);
        if (event.kind == DS_WEBSOCKET_NOTHING) {
            poll_once(http, 50);
        }
    }
    if (event.kind == DS_WEBSOCKET_CLOSED && kind != DS_WEBSOCKET_CLOSED) {
        print_message("%s\n", event.answer->reason);
    }
    assert_int_equal(event.kind, kind);
    return event;
}

static inline void await_open(ds_http *http, ds_websocket *websocket) {
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_OPENED);
    ds_websocket_event_done(&event);
}

static inline void await_text(ds_http *http, ds_websocket *websocket,
                              const char *expected) {
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_MESSAGE);
    assert_string_equal(ds_buf_text(&event.text), expected);
    ds_websocket_event_done(&event);
}

/* The end, with the beginning of the reason; and nothing comes behind it. */
static inline void await_end(ds_http *http, ds_websocket *websocket,
                             ds_http_failure failure, const char *reason) {
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_CLOSED);
    check_failed(event.answer, failure, reason);
    assert_int_equal(event.code, 0);
    ds_websocket_event_done(&event);
    ds_websocket_next(websocket, &event);
    assert_int_equal(event.kind, DS_WEBSOCKET_NOTHING);
}

static inline void await_closed(ds_http *http, ds_websocket *websocket, int code,
                                const char *reason) {
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_CLOSED);
    assert_string_equal(event.answer->reason, reason);
    assert_int_equal(event.answer->failure, DS_HTTP_ANSWERED);
    assert_int_equal(event.answer->status, 101);
    assert_int_equal(event.code, code);
    ds_websocket_event_done(&event);
}

static inline void send_text(ds_websocket *websocket, const char *text) {
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_websocket_send(websocket, text, strlen(text), &err), SQLITE_OK);
    assert_string_equal(err.text, "");
}

static inline ds_http *usual_http(void) {
    ds_http_options options = usual_options();
    return open_http(&options);
}

#endif

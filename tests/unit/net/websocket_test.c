/*
** WebSockets as their owner sees them: opened, refused, closed, beside requests.
*/
#include "websocket.h"

#include <signal.h>

/* ---- opening ----------------------------------------------------------------------- */

static void test_talk(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept:graphql-ws,request,frame,text:bye,echo");
    await_open(http, websocket);
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_MESSAGE);
    ds_json *root = NULL;
    assert_int_equal(
        ds_json_parse(ds_buf_text(&event.text), event.text.length, &root, NULL),
        SQLITE_OK);
    const ds_json *headers = ds_json_get(root, "headers");
    assert_string_equal(ds_json_string(ds_json_get(headers, "sec-websocket-protocol")),
                        "graphql-ws, header-e30");
    assert_string_equal(ds_json_string(ds_json_get(headers, "connection")), "Upgrade");
    ds_json_free(root);
    ds_websocket_event_done(&event);
    send_text(websocket, "hello");
    await_text(http, websocket, "1 masked hello");
    await_text(http, websocket, "bye");
    send_text(websocket, "Gr\xC3\xBC\xC3\x9F");
    await_text(http, websocket, "Gr\xC3\xBC\xC3\x9F");
    ds_websocket_close(websocket, 1000, "done");
    send_text(websocket, "too late");
    await_closed(http, websocket, 1000, "127.0.0.1 closed the connection (1000: done)");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* What is sent before it is open waits. */
static void test_send_early(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "sleep:100,accept,frame");
    send_text(websocket, "early");
    await_open(http, websocket);
    await_text(http, websocket, "1 masked early");
    await_end(http, websocket, DS_HTTP_RESET, "the connection to 127.0.0.1 was lost");
    send_text(websocket, "into the void");
    ds_websocket_close(websocket, 1000, "");
    ds_http_free(http); /* and with it the WebSocket */
}

static void check_refused(const ds_websocket_request *request, const char *message) {
    ds_http *http = usual_http();
    ds_websocket *websocket = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_websocket_open(http, request, &websocket, &err), SQLITE_ERROR);
    assert_string_equal(err.text, message);
    assert_null(websocket);
    ds_http_free(http);
}

static void test_refused_here(void **state) {
    (void)state;
    static const char *const split[] = {"x-api-key: secret\r\nx-other: 1"};
    ds_websocket_request request = ws_request("accept");
    request.headers = split;
    request.n_headers = 1;
    check_refused(&request, "the header \"x-api-key\" holds a control character");
    request = ws_request("accept");
    request.url = "ws://example.com/graphql/realtime";
    check_refused(&request, "plain ws to example.com would show the credentials to "
                            "everybody on the way");
    request.url = "http://127.0.0.1/";
    check_refused(&request, "expected a URL that begins with wss:// or ws://");
}

static void test_too_many(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = NULL;
    ds_err err = DS_ERR_INIT;
    ds_websocket_request request = ws_request("accept,hang");
    for (int i = 0; i < DS_MAX_WEBSOCKETS; i++) {
        websocket = open_ws(http, &request);
    }
    ds_websocket *last = websocket;
    assert_int_equal(ds_websocket_open(http, &request, &websocket, &err), SQLITE_FULL);
    assert_string_equal(err.text, "32 WebSockets are open already");
    ds_websocket_free(last);
    websocket = open_ws(http, &request);
    await_open(http, websocket);
    ds_http_free(http);
}

/* ---- refused by the server --------------------------------------------------------- */

static void check_refusal(const char *steps, int status, bool has_body) {
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, steps);
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_CLOSED);
    const ds_http_answer *answer = event.answer;
    assert_string_equal(answer->reason, "");
    assert_int_equal(answer->failure, DS_HTTP_ANSWERED);
    assert_int_equal(answer->status, status);
    assert_int_equal(answer->retry_after, 7);
    assert_string_equal(answer->content_type, "application/json");
    assert_true(answer->was_sent);
    assert_int_equal(event.code, 0);
    assert_int_equal(strstr(ds_buf_text(&answer->body),
                            "{\"errors\":[{\"errorType\":\"UnauthorizedException\"") !=
                         NULL,
                     has_body);
    ds_websocket_event_done(&event);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_refusal(void **state) {
    (void)state;
    check_refusal("refuse:401,hang", 401, true);
    check_refusal("refuse:403", 403, true);
    check_refusal("refuse-open:503", 503, true);
    check_refusal("refuse-chunked:400,hang", 400, true);
    check_refusal("slice:3,refuse:401", 401, true);
}

static void test_not_a_websocket(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "forged,text:x");
    await_end(http, websocket, DS_HTTP_MALFORMED,
              "what 127.0.0.1 answered is no WebSocket: its Sec-WebSocket-Accept");
    ds_websocket_free(websocket);
    websocket = dial(http, "accept:mqtt,text:x");
    await_end(http, websocket, DS_HTTP_MALFORMED,
              "what 127.0.0.1 answered is no WebSocket: it chose a subprotocol");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* ---- how libcurl connects ---------------------------------------------------------- */

static void check_tls(ds_http_options options, const char *host, int port,
                      const char *reason) {
    ds_http *http = open_http(&options);
    ds_websocket_request request = ws_request("");
    request.url = ws_url(host, port, "accept,text:secret,hang");
    ds_websocket *websocket = open_ws(http, &request);
    if (reason == NULL) {
        await_open(http, websocket);
        await_text(http, websocket, "secret");
    } else {
        ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_CLOSED);
        check_failed(event.answer, DS_HTTP_TLS, reason);
        assert_false(event.answer->was_sent);
        ds_websocket_event_done(&event);
    }
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_tls(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    check_tls(options, "localhost", server.secure, NULL);
    check_tls(options, "localhost", server.misnamed,
              "no secure connection to localhost: SSL: ");
    options.ca_file = NULL;
    check_tls(options, "127.0.0.1", server.secure,
              "no secure connection to 127.0.0.1: SSL certificate problem: ");
}

/* The proxy knows the way to api.test. */
static void test_proxy(void **state) {
    (void)state;
    char proxy[100];
    ds_http_options options = usual_options();
    snprintf(proxy, sizeof proxy, "http://user:geheim@127.0.0.1:%d", server.proxy);
    options.proxy = proxy;
    check_tls(options, "api.test", server.secure, NULL);
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.proxy);
    ds_http *http = open_http(&options);
    ds_websocket_request request = ws_request("");
    request.url = "wss://api.test/ws/accept";
    ds_websocket *websocket = open_ws(http, &request);
    await_end(http, websocket, DS_HTTP_NO_CONNECTION, "no connection to api.test: ");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_unreachable(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket_request request = ws_request("");
    request.url = "ws://127.0.0.1:1/";
    ds_websocket *websocket = open_ws(http, &request);
    await_end(http, websocket, DS_HTTP_NO_CONNECTION, "no connection to 127.0.0.1: ");
    ds_websocket_free(websocket);
    request.url = "wss://nothing.test/";
    websocket = open_ws(http, &request);
    await_end(http, websocket, DS_HTTP_NO_CONNECTION, "no connection to nothing.test: ");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* ---- closing ----------------------------------------------------------------------- */

static void test_close_early(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,hang");
    ds_websocket_close(websocket, 1000, "");
    await_closed(http, websocket, 0, "the connection to 127.0.0.1 was closed here");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* Nobody answers our close frame. */
static void test_close_alone(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,frame,hang");
    await_open(http, websocket);
    int64_t begin = now_ms();
    ds_websocket_close(websocket, 3104, "had enough");
    await_text(http, websocket, "8 masked \x0C had enough");
    await_closed(http, websocket, 0, "the connection to 127.0.0.1 was closed here");
    assert_true(now_ms() - begin < 10000);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_free_any_time(void **state) {
    (void)state;
    static const char *const steps[] = {"hang", "accept,hang", "accept,text:x,hang",
                                        "refuse:401", "reset"};
    for (size_t i = 0; i < DS_COUNT(steps); i++) {
        ds_http *http = usual_http();
        ds_websocket *websocket = dial(http, steps[i]);
        for (int k = 0; k < (int)i * 3; k++) {
            poll_once(http, 10);
        }
        ds_websocket_free(websocket);
        poll_once(http, 10);
        ds_http_free(http);
    }
    ds_websocket_free(NULL);
}

int main(void) {
    signal(SIGPIPE, SIG_DFL); /* which ends the process */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),         cmocka_unit_test(test_send_early),
        cmocka_unit_test(test_refused_here), cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_refusal),      cmocka_unit_test(test_not_a_websocket),
        cmocka_unit_test(test_tls),          cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_unreachable),  cmocka_unit_test(test_close_early),
        cmocka_unit_test(test_close_alone),  cmocka_unit_test(test_free_any_time),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}

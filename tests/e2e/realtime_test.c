/*
** Subscriptions against a local AppSync, from the connection up to the record that a mutation
** brings, in every way of authorization.
*/
#include "backend.h"

#include <curl/curl.h>

#define ON_CREATE "subscription { onCreatePost { id title _version } }"

/* A connection and who speaks on it. */
typedef struct line {
    ds_config *config;
    ds_auth_mode mode;
    ds_http *http;
    ds_websocket *websocket;
} line;

static line begin(const char *json, ds_auth_mode mode) {
    line l = {.mode = mode};
    ds_config *empty = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_config_new(&empty), SQLITE_OK);
    int rc = ds_config_merge(empty, json, strlen(json), &l.config, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    ds_config_release(empty);
    const ds_http_options options = ds_config_http(l.config);
    assert_int_equal(ds_http_new(&options, &l.http, &err), SQLITE_OK);
    return l;
}

static void end(line *l) {
    ds_websocket_free(l->websocket);
    ds_http_free(l->http);
    ds_config_release(l->config);
}

static ds_websocket_event next_event(line *l) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_NOTHING};
    ds_err err = DS_ERR_INIT;
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (event.kind == DS_WEBSOCKET_NOTHING && now_ms() < deadline) {
        ds_http_answer *answer = NULL;
        ds_websocket_next(l->websocket, &event);
        if (event.kind == DS_WEBSOCKET_NOTHING) {
            assert_int_equal(ds_http_poll(l->http, 50, &answer, &err), SQLITE_OK);
        }
        assert_null(answer);
    }
    assert_int_not_equal(event.kind, DS_WEBSOCKET_NOTHING);
    return event;
}

static void dial(line *l, ds_realtime_form form) {
    ds_realtime_dial dial;
    ds_err err = DS_ERR_INIT;
    int rc = ds_realtime_dial_make(l->config, l->mode, form, &dial, &err);
    rc = rc ? rc : ds_websocket_open(l->http, &dial.request, &l->websocket, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    ds_realtime_dial_done(&dial);
}

static void send_buf(line *l, ds_buf *text) {
    ds_err err = DS_ERR_INIT;
    assert_int_equal(text->rc, SQLITE_OK);
    assert_int_equal(
        ds_websocket_send(l->websocket, ds_buf_text(text), text->length, &err),
        SQLITE_OK);
    ds_buf_done(text);
}

/* The next message but keep-alives. `event` owns what it points to. */
static ds_realtime_message next_message(line *l, ds_websocket_event *event) {
    ds_realtime_message message = {.kind = DS_REALTIME_KEEP_ALIVE};
    ds_err err = DS_ERR_INIT;
    *event = (ds_websocket_event){.kind = DS_WEBSOCKET_NOTHING};
    while (message.kind == DS_REALTIME_KEEP_ALIVE) {
        ds_websocket_event_done(event);
        *event = next_event(l);
        if (event->kind == DS_WEBSOCKET_CLOSED) {
            print_message("%s\n", event->answer->reason);
        }
        assert_int_equal(event->kind, DS_WEBSOCKET_MESSAGE);
        int rc = ds_realtime_read(ds_buf_text(&event->text), event->text.length, &message,
                                  &err);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, SQLITE_OK);
    }
    if (message.message[0]) {
        print_message("%s: %s\n", message.type, message.message);
    }
    return message;
}

static ds_realtime_message await(line *l, ds_realtime_kind kind, const char *id) {
    ds_websocket_event event;
    ds_realtime_message message = next_message(l, &event);
    ds_websocket_event_done(&event);
    assert_int_equal(message.kind, kind);
    assert_string_equal(message.id, id);
    return message;
}

static void open_line(line *l, ds_realtime_form form) {
    ds_buf text;
    dial(l, form);
    ds_websocket_event event = next_event(l);
    assert_int_equal(event.kind, DS_WEBSOCKET_OPENED);
    ds_buf_init(&text, 1000);
    ds_realtime_init_print(&text);
    send_buf(l, &text);
    assert_int_equal(await(l, DS_REALTIME_ACK, "").timeout_ms, 300000);
}

static void start(line *l, const char *id, const char *document) {
    ds_buf text;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&text, 100000);
    int rc = ds_realtime_start_print(l->config, l->mode, id, document, "{}", &text, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    send_buf(l, &text);
}

/* A mutation over HTTP, as the same one, on the same loop. */
static void create_post(line *l, const char *id) {
    ds_buf body;
    ds_auth auth;
    char variables[200];
    ds_err err = DS_ERR_INIT;
    snprintf(variables, sizeof variables,
             "{\"input\":{\"id\":\"%s\",\"title\":\"Gr\xC3\xBC\xC3\x9F\","
             "\"rating\":10,\"status\":\"ACTIVE\"}}",
             id);
    ds_buf_init(&body, 10000);
    ds_envelope_print("mutation operation($input: CreatePostInput!) { "
                      "createPost(input: $input) { id title status _version } }",
                      variables, &body);
    assert_int_equal(ds_auth_make(l->config, l->mode, &auth, &err), SQLITE_OK);
    post(l->http, ds_config_text(l->config, DS_CONFIG_URL), &auth, ds_buf_text(&body));
    ds_auth_done(&auth);
    ds_buf_done(&body);
}

static void await_post(line *l, const char *subscription, const char *id) {
    char expected[200];
    ds_websocket_event event;
    ds_realtime_message message = next_message(l, &event);
    assert_int_equal(message.kind, DS_REALTIME_DATA);
    assert_string_equal(message.id, subscription);
    assert_int_equal(message.fault, DS_REALTIME_FINE);
    snprintf(expected, sizeof expected,
             "{\"id\":\"%s\",\"title\":\"Gr\xC3\xBC\xC3\x9F\",\"_version\":1}", id);
    assert_int_equal(message.record.length, strlen(expected));
    assert_memory_equal(message.record.text, expected, strlen(expected));
    ds_websocket_event_done(&event);
}

static void stop(line *l, const char *id) {
    ds_buf text;
    ds_buf_init(&text, 1000);
    ds_realtime_stop_print(id, &text);
    send_buf(l, &text);
    (void)await(l, DS_REALTIME_COMPLETE, id);
}

static void await_closed(line *l, int code) {
    ds_websocket_event event = next_event(l);
    assert_int_equal(event.kind, DS_WEBSOCKET_CLOSED);
    assert_int_equal(event.code, code);
    ds_websocket_event_done(&event);
}

/* ---- every way of authorization ---------------------------------------------------- */

/* From the connection to the record and back. Records have ids of their own. */
static void live(const char *json, ds_auth_mode mode, ds_realtime_form form) {
    static int count;
    char id[20];
    line l = begin(json, mode);
    snprintf(id, sizeof id, "post-%d", ++count);
    open_line(&l, form);
    start(&l, "1", ON_CREATE);
    (void)await(&l, DS_REALTIME_START_ACK, "1");
    create_post(&l, id);
    await_post(&l, "1", id);
    stop(&l, "1");
    ds_websocket_close(l.websocket, 1000, "");
    await_closed(&l, 1000);
    end(&l);
}

static void live_at(const char *url, const char *rest, ds_auth_mode mode) {
    char json[1000];
    snprintf(json, sizeof json, "{\"url\":\"%s\",\"region\":\"eu-west-1\",%s}", url,
             rest);
    live(json, mode, DS_REALTIME_PROTOCOL);
    live(json, mode, DS_REALTIME_QUERY);
}

static void test_api_key(void **state) {
    (void)state;
    live_at(backend.url, "\"apiKey\":\"" API_KEY "\"", DS_AUTH_API_KEY);
}

static void test_token(void **state) {
    (void)state;
    live_at(backend.url, "\"authToken\":\"" TOKEN "\"", DS_AUTH_USER_POOL);
    live_at(backend.url, "\"authToken\":\"" TOKEN "\"", DS_AUTH_LAMBDA);
}

static void test_iam(void **state) {
    (void)state;
    if (curl_version_info(CURLVERSION_NOW)->version_num < 0x075600) {
        skip(); /* the mutation cannot be signed */
    }
    live_at(backend.url,
            "\"accessKeyId\":\"" ACCESS_KEY "\",\"secretAccessKey\":\"" SECRET_KEY "\"",
            DS_AUTH_IAM);
    live_at(backend.url,
            "\"accessKeyId\":\"SESSION\",\"secretAccessKey\":\"" SECRET_KEY
            "\",\"sessionToken\":\"" SESSION "\"",
            DS_AUTH_IAM);
}

static void test_tls(void **state) {
    (void)state;
    char rest[500];
    snprintf(rest, sizeof rest, "\"apiKey\":\"" API_KEY "\",\"caFile\":\"%s\"",
             backend.ca);
    live_at(backend.tls_url, rest, DS_AUTH_API_KEY);
}

static void test_realtime_url(void **state) {
    (void)state;
    char rest[500];
    snprintf(rest, sizeof rest, "\"apiKey\":\"" API_KEY "\",\"realtimeUrl\":\"%s\"",
             backend.realtime);
    live_at(backend.url, rest, DS_AUTH_API_KEY);
}

/* ---- what goes wrong --------------------------------------------------------------- */

static line begin_with_key(const char *key) {
    char json[300];
    snprintf(json, sizeof json, "{\"url\":\"%s\",\"apiKey\":\"%s\"}", backend.url, key);
    return begin(json, DS_AUTH_API_KEY);
}

static void test_refused(void **state) {
    (void)state;
    line l = begin_with_key("da2-wrong");
    dial(&l, DS_REALTIME_PROTOCOL);
    ds_websocket_event event = next_event(&l);
    assert_int_equal(event.kind, DS_WEBSOCKET_OPENED);
    ds_realtime_message message = await(&l, DS_REALTIME_REFUSED, "");
    assert_int_equal(message.fault, DS_REALTIME_UNAUTHORIZED);
    assert_int_equal(message.code, 401);
    await_closed(&l, 1002);
    end(&l);
}

static void test_busy(void **state) {
    (void)state;
    line l = begin_with_key(API_KEY);
    ds_realtime_message message;
    tell(l.http, "ws/refuse", "{\"times\":1,\"how\":503}");
    dial(&l, DS_REALTIME_PROTOCOL);
    ds_websocket_event event = next_event(&l);
    assert_int_equal(event.kind, DS_WEBSOCKET_CLOSED);
    assert_int_equal(ds_realtime_read_end(&event, &message, NULL), SQLITE_OK);
    assert_int_equal(message.fault, DS_REALTIME_TRANSIENT);
    assert_int_equal(message.code, 503);
    ds_websocket_event_done(&event);
    end(&l);
}

static void check_start_error(line *l, const char *document, ds_realtime_fault fault) {
    start(l, "bad", document);
    assert_int_equal(await(l, DS_REALTIME_ERROR, "bad").fault, fault);
}

static void test_bad_starts(void **state) {
    (void)state;
    line l = begin_with_key(API_KEY);
    open_line(&l, DS_REALTIME_PROTOCOL);
    tell(l.http, "ws/faults",
         "{\"kind\":\"error\",\"match\":{\"type\":\"start\"},\"errorType\":"
         "\"MaxSubscriptionsReachedError\",\"message\":\"x\"}");
    check_start_error(&l, ON_CREATE, DS_REALTIME_LIMIT);
    tell(l.http, "ws/faults",
         "{\"kind\":\"error\",\"match\":{\"type\":\"start\"},\"errorType\":"
         "\"Unauthorized\",\"message\":\"x\"}");
    check_start_error(&l, ON_CREATE, DS_REALTIME_UNAUTHORIZED);
    start(&l, "2", ON_CREATE); /* goes on all the same */
    (void)await(&l, DS_REALTIME_START_ACK, "2");
    end(&l);
}

/* Events in fragments, pings between them, and the connection cut. */
static void test_rough_line(void **state) {
    (void)state;
    line l = begin_with_key(API_KEY);
    open_line(&l, DS_REALTIME_PROTOCOL);
    start(&l, "1", ON_CREATE);
    (void)await(&l, DS_REALTIME_START_ACK, "1");
    tell(l.http, "ws/fragment", "{\"size\":3}");
    tell(l.http, "ws/ping", "{\"data\":\"are you there\"}");
    create_post(&l, "rough");
    await_post(&l, "1", "rough");
    tell(l.http, "ws/fragment", "{\"size\":0}");
    tell(l.http, "ws/drop", "{\"mode\":\"close\",\"code\":1001}");
    await_closed(&l, 1001);
    end(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_key),      cmocka_unit_test(test_token),
        cmocka_unit_test(test_iam),          cmocka_unit_test(test_tls),
        cmocka_unit_test(test_realtime_url), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_busy),         cmocka_unit_test(test_bad_starts),
        cmocka_unit_test(test_rough_line),
    };
    return cmocka_run_group_tests(tests, backend_start, backend_stop);
}

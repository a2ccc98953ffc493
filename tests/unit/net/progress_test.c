/*
** What the network does to WebSockets: pieces, floods, silence, resets; waiting, beside
** requests; memory that is out.
*/
#include "websocket.h"

#include <arpa/inet.h>
#include <sys/socket.h>

/* ---- what comes -------------------------------------------------------------------- */

/* The upgrade and frames, in pieces of some bytes. */
static void check_sliced(int size) {
    char steps[300];
    ds_http *http = usual_http();
    snprintf(steps, sizeof steps,
             "slice:%d,accept,raw:81026869,raw:0103617878,raw:890370696e,raw:8002797a,"
             "frame,raw:880503e8627965,hang",
             size);
    ds_websocket *websocket = dial(http, steps);
    await_open(http, websocket);
    await_text(http, websocket, "hi");
    await_text(http, websocket, "axxyz");
    await_text(http, websocket, "10 masked pin");
    await_closed(http, websocket, 1000, "127.0.0.1 closed the connection (1000: bye)");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_slices(void **state) {
    (void)state;
    static const int sizes[] = {1, 2, 3, 7, 64, 5000};
    for (size_t i = 0; i < DS_COUNT(sizes); i++) {
        check_sliced(sizes[i]);
    }
}

static void check_end(const char *steps, ds_http_failure failure, const char *reason) {
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, steps);
    await_open(http, websocket);
    await_text(http, websocket, "x");
    await_end(http, websocket, failure, reason);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_bad_ends(void **state) {
    (void)state;
    static const char breaks[] = "127.0.0.1 breaks the WebSocket protocol";
    static const char lost[] = "the connection to 127.0.0.1 was lost";
    check_end("accept,text:x,raw:818101020304,raw:79,hang", DS_HTTP_MALFORMED, breaks);
    check_end("accept,text:x,raw:8102c328,hang", DS_HTTP_MALFORMED, breaks);
    check_end("accept,text:x,big:100001,hang", DS_HTTP_TOO_LARGE,
              "a message of 127.0.0.1 has more than 100000 bytes");
    check_end("accept,text:x", DS_HTTP_RESET, lost);
    check_end("accept,text:x,reset", DS_HTTP_RESET, lost);
    check_end("accept,text:x,raw:8105", DS_HTTP_RESET, lost);
}

/* What came before the end is not lost with it. */
static void test_messages_before_the_end(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,text:1,text:2,text:3,raw:880203e9");
    pause_for(100);
    await_open(http, websocket);
    await_text(http, websocket, "1");
    await_text(http, websocket, "2");
    await_text(http, websocket, "3");
    await_closed(http, websocket, 1001, "127.0.0.1 closed the connection (1001)");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* A reason is shown as one line. */
static void test_close_reason(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,raw:880503f00a0d78");
    await_open(http, websocket);
    await_closed(http, websocket, 1008, "127.0.0.1 closed the connection (1008:   x)");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_largest(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,big:100000,hang");
    await_open(http, websocket);
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_MESSAGE);
    assert_int_equal(event.text.length, 100000);
    ds_websocket_event_done(&event);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* Many at once, taken one by one. */
static void test_many(void **state) {
    (void)state;
    ds_http *http = usual_http();
    char steps[1500] = "accept";
    for (int i = 0; i < 150; i++) {
        snprintf(steps + strlen(steps), sizeof steps - strlen(steps), ",text:%d", i);
    }
    ds_websocket *websocket = dial(http, steps);
    await_open(http, websocket);
    for (int i = 0; i < 150; i++) {
        char expected[20];
        snprintf(expected, sizeof expected, "%d", i);
        await_text(http, websocket, expected);
    }
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* Pings without end are answered, in bounded memory. */
static void test_pings(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,pings:20000,pongs:20000,text:done,hang");
    await_open(http, websocket);
    await_text(http, websocket, "done");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* ---- silence ----------------------------------------------------------------------- */

static void test_no_answer(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket_request request = ws_request("hang");
    request.answer_timeout_ms = 200;
    ds_websocket *websocket = open_ws(http, &request);
    await_end(http, websocket, DS_HTTP_TIMEOUT, "no answer from 127.0.0.1 within 200 ms");
    ds_websocket_free(websocket);
    request.url = ws_url("127.0.0.1", server.plain, "raw:485454502f,hang");
    websocket = open_ws(http, &request);
    await_end(http, websocket, DS_HTTP_TIMEOUT, "no answer from 127.0.0.1 within 200 ms");
    ds_websocket_free(websocket);
    websocket = dial(http, "reset");
    await_end(http, websocket, DS_HTTP_RESET,
              "the connection to 127.0.0.1 ended before the answer did");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* Has the refusal come so soon? */
static bool is_refused_within(int ms) {
    ds_http *http = usual_http();
    ds_websocket_request request = ws_request("refuse-open:401,hang");
    request.answer_timeout_ms = ms;
    ds_websocket *websocket = open_ws(http, &request);
    ds_websocket_event event = await(http, websocket, DS_WEBSOCKET_CLOSED);
    bool is_answered = event.answer->failure == DS_HTTP_ANSWERED;
    if (is_answered) {
        assert_int_equal(event.answer->status, 401);
        assert_true(event.answer->body.length > 50);
    } else {
        assert_int_equal(event.answer->failure, DS_HTTP_TIMEOUT);
    }
    ds_websocket_event_done(&event);
    ds_websocket_free(websocket);
    ds_http_free(http);
    return is_answered;
}

/* The status of a refusal is known, even if its body never ends. */
static void test_endless_refusal(void **state) {
    (void)state;
    assert_true(is_refused_within(300) || is_refused_within(5000));
}

/* While nothing happens, polls last; one or the other may be short. */
static void check_calm(ds_http *http) {
    int count = 0;
    int64_t end = now_ms() + 200;
    do {
        poll_once(http, 50);
        count++;
    } while (now_ms() < end);
    assert_in_range(count, 1, 20);
}

/* Nobody accepts the connection; one after the other fills the queue. */
static void test_connect_timeout(void **state) {
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(listener, 0), 0);
    char url[60];
    snprintf(url, sizeof url, "ws://127.0.0.1:%d/", ntohs(address.sin_port));
    ds_http_options options = usual_options();
    options.connect_timeout_ms = 300;
    ds_http *http = open_http(&options);
    ds_websocket_request request = ws_request("");
    request.url = url;
    request.answer_timeout_ms = 60000;
    ds_websocket *last = NULL;
    for (int i = 0; i < DS_MAX_WEBSOCKETS; i++) {
        last = open_ws(http, &request);
    }
    await_end(http, last, DS_HTTP_TIMEOUT, "no connection to 127.0.0.1 within 300 ms");
    ds_http_free(http);
    close(listener);
}

/* The other side does not read: what is sent waits, up to a limit. */
static void test_overflow(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,hang");
    await_open(http, websocket);
    size_t n = 1000000;
    char *text = malloc(n);
    memset(text, 'x', n);
    ds_err err = DS_ERR_INIT;
    int rc = SQLITE_OK;
    int sent = 0;
    while (rc == SQLITE_OK && sent < 100) {
        rc = ds_websocket_send(websocket, text, n, &err);
        sent += rc == SQLITE_OK;
        poll_once(http, 0);
    }
    assert_int_equal(rc, SQLITE_FULL);
    assert_in_range(sent, 4, 50);
    check_calm(http);
    free(text);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* More is queued while the other side does not read; in the end all of it arrives, also over TLS,
** which must be given the same bytes again after it could not write them. */
static void check_backlog(int port) {
    ds_http *http = usual_http();
    ds_websocket_request request = ws_request("");
    request.url = ws_url("localhost", port, "accept,sleep:1000,bytes:6000000,hang");
    ds_websocket *websocket = open_ws(http, &request);
    await_open(http, websocket);
    char text[1000];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 6000; i++) {
        ds_err err = DS_ERR_INIT;
        assert_int_equal(ds_websocket_send(websocket, text, sizeof text, &err),
                         SQLITE_OK);
        poll_once(http, 0);
    }
    await_text(http, websocket, "got 6000000");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_backlog(void **state) {
    (void)state;
    check_backlog(server.plain);
    check_backlog(server.secure);
}

/* ---- waiting ----------------------------------------------------------------------- */

/* An open WebSocket that is silent lets a poll last, and no longer. */
static void test_poll_waits(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,frame,hang");
    await_open(http, websocket);
    check_calm(http);
    int64_t begin = now_ms();
    send_text(websocket, "x");
    poll_once(http, 20000); /* until the message comes */
    assert_true(now_ms() - begin < 15000);
    begin = now_ms();
    poll_once(http, 20000); /* nobody took it */
    assert_true(now_ms() - begin < 15000);
    await_text(http, websocket, "1 masked x");
    ds_websocket_free(websocket);
    ds_http_free(http);
}

static void test_wake(void **state) {
    (void)state;
    int ends[2];
    ds_http *http = usual_http();
    ds_websocket *websocket = dial(http, "accept,hang");
    await_open(http, websocket);
    assert_int_equal(pipe(ends), 0);
    ds_http_wake_by(http, ends[0]);
    check_calm(http);
    assert_int_equal(write(ends[1], "x", 1), 1);
    int64_t begin = now_ms();
    poll_once(http, 20000);
    assert_true(now_ms() - begin < 15000);
    ds_http_wake_by(http, -1);
    check_calm(http);
    close(ends[0]);
    close(ends[1]);
    ds_websocket_free(websocket);
    ds_http_free(http);
}

/* Requests and WebSockets move in one loop. */
static void test_beside_requests(void **state) {
    (void)state;
    ds_http *http = usual_http();
    ds_websocket *first = dial(http, "accept,frame,hang");
    ds_websocket *second = dial(http, "sleep:300,accept,text:x,hang");
    ds_http_request slow = request_to(1, plain("/sleep/200"));
    start(http, &slow);
    await_open(http, first);
    send_text(first, "hello");
    ds_http_answer *answer = NULL;
    ds_err err = DS_ERR_INIT;
    for (int64_t end = now_ms() + PATIENCE_MS; answer == NULL && now_ms() < end;) {
        assert_int_equal(ds_http_poll(http, 50, &answer, &err), SQLITE_OK);
        ds_websocket_event event;
        ds_websocket_next(first, &event);
        ds_websocket_event_done(&event);
    }
    check_answered(answer, 200);
    ds_http_answer_free(answer);
    await_open(http, second);
    await_text(http, second, "x");
    ds_websocket_free(first);
    ds_websocket_free(second);
    answer = ask(http, plain("/echo"));
    check_answered(answer, 200);
    ds_http_answer_free(answer);
    ds_http_free(http);
}

/* ---- memory ------------------------------------------------------------------------ */

/* One life of a WebSocket with so much memory: where it ends early, that is said. */
static int live(ds_http *http, int room) {
    ds_websocket *websocket = NULL;
    ds_websocket_request request = ws_request("accept,frame,raw:880203e8");
    int64_t end = now_ms() + PATIENCE_MS;
    bool is_over = false;
    sqlite3_hard_heap_limit64(sqlite3_memory_used() + room + 1);
    int rc = ds_websocket_open(http, &request, &websocket, NULL);
    rc = rc ? rc : ds_websocket_send(websocket, "hello", 5, NULL);
    while (rc == SQLITE_OK && !is_over && now_ms() < end) {
        ds_http_answer *answer = NULL;
        ds_websocket_event event;
        rc = ds_http_poll(http, 50, &answer, NULL);
        ds_websocket_next(websocket, &event);
        is_over = event.kind == DS_WEBSOCKET_CLOSED;
        ds_websocket_event_done(&event);
    }
    sqlite3_hard_heap_limit64(0);
    assert_true(rc != SQLITE_OK || is_over);
    ds_websocket_free(websocket);
    return rc;
}

static void test_out_of_memory(void **state) {
    (void)state;
    ds_http *http = usual_http();
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    int failures = 0;
    for (int room = 0; rc != SQLITE_OK; room += 64) {
        rc = live(http, room);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
        failures += rc != SQLITE_OK;
    }
    assert_in_range(failures, 10, 10000);
    ds_http_free(http);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_bad_ends),
        cmocka_unit_test(test_messages_before_the_end),
        cmocka_unit_test(test_close_reason),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_pings),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_endless_refusal),
        cmocka_unit_test(test_connect_timeout),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_backlog),
        cmocka_unit_test(test_poll_waits),
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_beside_requests),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}

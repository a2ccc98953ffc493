/*
** The upgrade without a connection: what is asked, and what answers mean, in any pieces.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/net_int.h"

static char host[] = "api.test";
static char path[] = "/graphql/realtime";
static const ds_url url = {.host = host, .path = path, .port = 443, .is_secure = true};
static const char *const protocols[] = {"graphql-ws", "header-e30"};

static ds_websocket_request usual_request(void) {
    return (ds_websocket_request){.protocols = protocols, .n_protocols = 2};
}

static void begin(ds_upgrade *upgrade, ds_http_answer *answer) {
    ds_err err = DS_ERR_INIT;
    ds_websocket_request request = usual_request();
    memset(answer, 0, sizeof *answer);
    assert_int_equal(ds_upgrade_init(upgrade, &url, &request, answer, &err), SQLITE_OK);
}

static void done(ds_upgrade *upgrade, ds_http_answer *answer) {
    ds_upgrade_done(upgrade);
    ds_buf_done(&answer->body);
}

/* ---- the request ------------------------------------------------------------------- */

/* RFC 6455, 1.3: the answer to a key; the key is the line's. */
static void check_accept(const ds_upgrade *upgrade) {
    unsigned char digest[DS_SHA1_SIZE];
    char text[100];
    ds_buf expected;
    const char *key = strstr(ds_buf_text(&upgrade->request), "Sec-WebSocket-Key: ") + 19;
    sqlite3_snprintf(sizeof text, text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    assert_memory_equal(key + 24, "\r\n", 2);
    assert_int_equal(ds_digest_sha1(text, strlen(text), digest, NULL), SQLITE_OK);
    ds_buf_init(&expected, 100);
    ds_buf_add_base64(&expected, digest, sizeof digest, false);
    assert_string_equal(upgrade->accept, ds_buf_text(&expected));
    ds_buf_done(&expected);
}

static void test_request(void **state) {
    (void)state;
    static const char *const headers[] = {"x-one: 1", "x-two: 2"};
    ds_upgrade upgrade;
    ds_http_answer answer = {.status = 0};
    ds_err err = DS_ERR_INIT;
    ds_websocket_request request = usual_request();
    ds_url target = url;
    target.port = 8443;
    target.has_port = true;
    request.query = "header=e30%3D&payload=e30=";
    request.headers = headers;
    request.n_headers = 2;
    assert_int_equal(ds_upgrade_init(&upgrade, &target, &request, &answer, &err),
                     SQLITE_OK);
    const char *text = ds_buf_text(&upgrade.request);
    char *key = strstr(text, "Sec-WebSocket-Key: ");
    check_accept(&upgrade);
    memset(key + 19, '*', 24);
    assert_string_equal(
        text, "GET /graphql/realtime?header=e30%3D&payload=e30= HTTP/1.1\r\n"
              "Host: api.test:8443\r\nUser-Agent: datastore/" DATASTORE_VERSION "\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: ************************\r\n"
              "Sec-WebSocket-Protocol: graphql-ws, header-e30\r\n"
              "x-one: 1\r\nx-two: 2\r\n\r\n");
    done(&upgrade, &answer);
}

static void check_refused(const ds_websocket_request *request, const char *message) {
    ds_upgrade upgrade;
    ds_http_answer answer = {.status = 0};
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_upgrade_init(&upgrade, &url, request, &answer, &err),
                     SQLITE_ERROR);
    assert_string_equal(err.text, message);
    done(&upgrade, &answer);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const split[] = {"x-key: a\r\nx-other: b"};
    static const char *const words[] = {"graphql-ws", "a, b"};
    ds_websocket_request request = usual_request();
    request.headers = split;
    request.n_headers = 1;
    check_refused(&request, "the header \"x-key\" holds a control character");
    request = usual_request();
    request.protocols = words;
    check_refused(&request, "a subprotocol is no token of HTTP");
    request = usual_request();
    request.query = "a b";
    check_refused(&request, "the query of a WebSocket is not encoded");
    request.query = "a\r\n";
    check_refused(&request, "the query of a WebSocket is not encoded");
    char *query = malloc(DS_MAX_UPGRADE_BYTES + 1);
    memset(query, 'q', DS_MAX_UPGRADE_BYTES);
    query[DS_MAX_UPGRADE_BYTES] = 0;
    request.query = query;
    check_refused(&request, "more than 65536 bytes to open a WebSocket");
    free(query);
}

/* ---- the answer -------------------------------------------------------------------- */

/* The text of an answer; "@" stands for the right accept. */
static size_t print_answer(const ds_upgrade *upgrade, const char *text, char *out) {
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '@') {
            memcpy(out + n, upgrade->accept, 28);
            n += 28;
        } else {
            out[n++] = *p;
        }
    }
    return n;
}

/* Feed in two parts; returns how many bytes were taken. */
static size_t feed(ds_upgrade *upgrade, const char *bytes, size_t n, size_t first) {
    size_t used = 0, more = 0;
    assert_int_equal(ds_upgrade_feed(upgrade, bytes, first, &used), SQLITE_OK);
    if (used == first) {
        assert_int_equal(ds_upgrade_feed(upgrade, bytes + first, n - first, &more),
                         SQLITE_OK);
    }
    return used + more;
}

#define ACCEPTED                                                                         \
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"                         \
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept:  @ \r\n"

static void test_open(void **state) {
    (void)state;
    static const char *const texts[] = {
        ACCEPTED "Sec-WebSocket-Protocol: graphql-ws\r\n\r\n", ACCEPTED "\r\n"};
    for (size_t i = 0; i < DS_COUNT(texts); i++) {
        size_t n = 1;
        for (size_t first = 0; first < n; first++) {
            ds_upgrade upgrade;
            ds_http_answer answer;
            char bytes[500];
            begin(&upgrade, &answer);
            n = print_answer(&upgrade, texts[i], bytes);
            memcpy(bytes + n, "\x81\x01x", 3); /* is left for the frames */
            assert_int_equal(feed(&upgrade, bytes, n + 3, first), n);
            assert_int_equal(upgrade.state, DS_UPGRADE_OPEN);
            assert_int_equal(answer.status, 101);
            done(&upgrade, &answer);
        }
    }
}

static void check_broken(const char *text, const char *reason) {
    ds_upgrade upgrade;
    ds_http_answer answer;
    char bytes[500], expected[200];
    begin(&upgrade, &answer);
    size_t n = print_answer(&upgrade, text, bytes);
    feed(&upgrade, bytes, n, 0);
    assert_int_equal(upgrade.state, DS_UPGRADE_BROKEN);
    sqlite3_snprintf(sizeof expected, expected,
                     "what api.test answered is no WebSocket: %s", reason);
    assert_string_equal(answer.reason, expected);
    assert_int_equal(answer.failure, DS_HTTP_MALFORMED);
    assert_int_equal(answer.status, 0);
    done(&upgrade, &answer);
}

static void test_broken(void **state) {
    (void)state;
    static const char accept[] = "its Sec-WebSocket-Accept is not the right one";
    static const char lacks[] = "it lacks Upgrade and Connection";
    check_broken("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
                 accept);
    check_broken("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                 "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
                 accept);
    check_broken(ACCEPTED "Sec-WebSocket-Accept: x\r\n\r\n", accept);
    check_broken("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: @\r\n\r\n", lacks);
    check_broken("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websockets\r\n"
                 "Sec-WebSocket-Accept: @\r\n\r\n",
                 lacks);
    check_broken(ACCEPTED "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
                 "it chose a subprotocol that was not offered");
    check_broken(ACCEPTED "Sec-WebSocket-Protocol: GraphQL-WS\r\n\r\n",
                 "it chose a subprotocol that was not offered");
    check_broken(ACCEPTED "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                 "it chose an extension that was not offered");
    static const char *const no_http[] = {
        "\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 1 x\r\n\r\n",
        "HTTP/1.1 abc x\r\n\r\n",
        "HTTP/1.1 1012 x\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: nothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: y\r\n folded: z\r\n\r\n"};
    for (size_t i = 0; i < DS_COUNT(no_http); i++) {
        check_broken(no_http[i], "it is not HTTP");
    }
}

static void test_nul(void **state) {
    (void)state;
    static const char bytes[] = "HTTP/1.1 401 No\0\r\nx: y\r\n\r\n";
    ds_upgrade upgrade;
    ds_http_answer answer;
    begin(&upgrade, &answer);
    feed(&upgrade, bytes, sizeof bytes - 1, 0);
    assert_int_equal(upgrade.state, DS_UPGRADE_BROKEN);
    done(&upgrade, &answer);
}

static void test_long_head(void **state) {
    (void)state;
    ds_upgrade upgrade;
    ds_http_answer answer;
    begin(&upgrade, &answer);
    feed(&upgrade, "HTTP/1.1 101 x\r\n", 16, 0);
    for (int i = 16; i < DS_MAX_HEAD_BYTES; i++) {
        feed(&upgrade, "x", 1, 0);
    }
    assert_int_equal(upgrade.state, DS_UPGRADE_HEAD);
    feed(&upgrade, "x", 1, 0);
    assert_int_equal(upgrade.state, DS_UPGRADE_BROKEN);
    assert_int_equal(answer.failure, DS_HTTP_TOO_LARGE);
    done(&upgrade, &answer);
}

/* A refusal, in two parts split anywhere; is_open: its end is the connection's. */
static void check_refusal(const char *text, int status, const char *body, bool is_open) {
    size_t n = strlen(text);
    for (size_t first = 0; first <= n; first++) {
        ds_upgrade upgrade;
        ds_http_answer answer;
        begin(&upgrade, &answer);
        feed(&upgrade, text, n, first);
        assert_int_equal(upgrade.state, is_open ? DS_UPGRADE_BODY : DS_UPGRADE_REFUSED);
        if (is_open) {
            ds_upgrade_end(&upgrade);
        }
        assert_int_equal(upgrade.state, DS_UPGRADE_REFUSED);
        assert_int_equal(answer.failure, DS_HTTP_ANSWERED);
        assert_int_equal(answer.status, status);
        assert_string_equal(answer.reason, "");
        assert_string_equal(ds_buf_text(&answer.body), body);
        done(&upgrade, &answer);
    }
}

static void test_refusal(void **state) {
    (void)state;
    check_refusal("HTTP/1.1 401\r\nContent-Length: 2\r\n\r\nno", 401, "no", false);
    check_refusal("HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno, never", 403, "no",
                  false);
    check_refusal("HTTP/1.0 503 x\r\n\r\nlater", 503, "later", true);
    check_refusal("HTTP/1.1 503 x\r\nContent-Length: many\r\n\r\nlater", 503, "later",
                  true);
    check_refusal("HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n", 302, "", false);
    check_refusal("HTTP/1.1 204 x\r\n\r\n", 204, "", false);
    check_refusal(
        "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 400,
        "2\r\nno\r\n0\r\n\r\n", false);
}

static void test_refusal_in_detail(void **state) {
    (void)state;
    static const char text[] = "HTTP/1.1 429 x\r\nRetry-After: 9999\r\n"
                               "Content-Type: application/json\r\n\r\n";
    ds_upgrade upgrade;
    ds_http_answer answer;
    begin(&upgrade, &answer);
    feed(&upgrade, text, sizeof text - 1, 0);
    assert_int_equal(answer.retry_after, DS_MAX_RETRY_AFTER_S);
    assert_string_equal(answer.content_type, "application/json");
    for (int i = 0; i < DS_MAX_REFUSAL_BYTES; i++) {
        assert_int_equal(upgrade.state, DS_UPGRADE_BODY);
        feed(&upgrade, "x", 1, 0);
    }
    assert_int_equal(upgrade.state, DS_UPGRADE_REFUSED);
    assert_int_equal(answer.body.length, DS_MAX_REFUSAL_BYTES);
    done(&upgrade, &answer);
}

static void test_end(void **state) {
    (void)state;
    ds_upgrade upgrade;
    ds_http_answer answer;
    begin(&upgrade, &answer);
    feed(&upgrade, "HTTP/1.1 10", 11, 0);
    ds_upgrade_end(&upgrade);
    assert_int_equal(upgrade.state, DS_UPGRADE_BROKEN);
    assert_int_equal(answer.failure, DS_HTTP_RESET);
    assert_string_equal(answer.reason,
                        "the connection to api.test ended before the answer did");
    done(&upgrade, &answer);
}

/* ---- memory ------------------------------------------------------------------------ */

static void test_out_of_memory(void **state) {
    (void)state;
    static const char text[] = "HTTP/1.1 401 x\r\nContent-Length: 2\r\n\r\nno";
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_upgrade upgrade;
        ds_http_answer answer = {.status = 0};
        ds_websocket_request request = usual_request();
        size_t taken;
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_upgrade_init(&upgrade, &url, &request, &answer, NULL);
        rc = rc ? rc : ds_upgrade_feed(&upgrade, text, sizeof text - 1, &taken);
        sqlite3_hard_heap_limit64(0);
        done(&upgrade, &answer);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_open),    cmocka_unit_test(test_broken),
        cmocka_unit_test(test_nul),     cmocka_unit_test(test_long_head),
        cmocka_unit_test(test_refusal), cmocka_unit_test(test_refusal_in_detail),
        cmocka_unit_test(test_end),     cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

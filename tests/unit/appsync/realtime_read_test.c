/*
** What subscriptions are told.
*/
#include "config.h"

static ds_realtime_message parse(const char *text) {
    ds_realtime_message message;
    ds_err err = DS_ERR_INIT;
    int rc = ds_realtime_read(text, strlen(text), &message, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    return message;
}

static void check_kind(const char *text, ds_realtime_kind kind, const char *id) {
    ds_realtime_message message = parse(text);
    assert_int_equal(message.kind, kind);
    assert_string_equal(message.id, id);
    assert_int_equal(message.fault, DS_REALTIME_FINE);
}

static void test_kinds(void **state) {
    (void)state;
    check_kind("{\"type\":\"ka\"}", DS_REALTIME_KEEP_ALIVE, "");
    check_kind(" { \"payload\" : {} , \"id\" : \"7-a\" , \"type\" : \"start_ack\" } ",
               DS_REALTIME_START_ACK, "7-a");
    check_kind("{\"type\":\"complete\",\"id\":\"7\"}", DS_REALTIME_COMPLETE, "7");
    check_kind("{\"type\":\"news\",\"id\":\"7\",\"payload\":[1]}", DS_REALTIME_OTHER,
               "7");
    check_kind("{\"type\":\"k\\u0061\"}", DS_REALTIME_OTHER, "");
    check_kind("{\"type\":\"ka\",\"id\":7}", DS_REALTIME_KEEP_ALIVE, "");
    check_kind("{\"type\":\"complete\",\"id\":\"a\\n\"}", DS_REALTIME_COMPLETE, "");
    char text[200];
    snprintf(text, sizeof text, "{\"type\":\"complete\",\"id\":\"%063d\"}", 7);
    assert_int_equal(strlen(parse(text).id), 63);
    snprintf(text, sizeof text, "{\"type\":\"complete\",\"id\":\"%064d\"}", 7);
    assert_string_equal(parse(text).id, "");
}

static void check_ack(const char *payload, int expected) {
    char text[200];
    snprintf(text, sizeof text, "{\"type\":\"connection_ack\"%s}", payload);
    ds_realtime_message message = parse(text);
    assert_int_equal(message.kind, DS_REALTIME_ACK);
    assert_int_equal(message.timeout_ms, expected);
}

static void test_ack(void **state) {
    (void)state;
    check_ack(",\"payload\":{\"connectionTimeoutMs\":120000}", 120000);
    check_ack(",\"payload\":{\"connectionTimeoutMs\":99999999999}", 3600000);
    check_ack(",\"payload\":{\"connectionTimeoutMs\":-1}", DS_REALTIME_SILENCE_MS);
    check_ack(",\"payload\":{\"connectionTimeoutMs\":\"x\"}", DS_REALTIME_SILENCE_MS);
    check_ack(",\"payload\":{}", DS_REALTIME_SILENCE_MS);
    check_ack(",\"payload\":null", DS_REALTIME_SILENCE_MS);
    check_ack("", DS_REALTIME_SILENCE_MS);
}

static void check_token(const ds_token *token, const char *expected) {
    assert_int_equal(token->length, strlen(expected));
    assert_memory_equal(token->length ? token->text : "", expected, token->length);
}

static void test_data(void **state) {
    (void)state;
    ds_realtime_message message = parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":"
                                        "{\"data\":{\"onCreatePost\":{\"id\":\"x\"}}}}");
    assert_int_equal(message.kind, DS_REALTIME_DATA);
    assert_string_equal(message.id, "7");
    assert_int_equal(message.fault, DS_REALTIME_FINE);
    check_token(&message.data, "{\"onCreatePost\":{\"id\":\"x\"}}");
    check_token(&message.record, "{\"id\":\"x\"}");
    assert_int_equal(message.record.kind, '{');
    message = parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":{\"data\":{\"a\":null},"
                    "\"errors\":null}}");
    assert_int_equal(message.record.kind, 'n');
    assert_int_equal(message.fault, DS_REALTIME_FINE);
    message = parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":{\"data\":{}}}");
    assert_int_equal(message.data.kind, '{');
    assert_int_equal(message.record.kind, 0);
}

static void test_partial_data(void **state) {
    (void)state;
    ds_realtime_message message =
        parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":{\"data\":null,\"errors\":"
              "[{\"message\":\"Cannot return null for non-nullable type\"}]}}");
    assert_int_equal(message.data.kind, 0);
    assert_int_equal(message.fault, DS_REALTIME_UNKNOWN);
    assert_string_equal(message.message, "Cannot return null for non-nullable type");
    message = parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":{\"data\":{\"a\":{}},"
                    "\"errors\":[{\"a\":1,\"a\":2}]}}");
    assert_int_equal(message.data.kind, '{');
    assert_int_equal(message.fault, DS_REALTIME_UNKNOWN);
    message = parse("{\"id\":\"7\",\"type\":\"data\",\"payload\":{\"data\":{\"a\":{}},"
                    "\"errors\":[]}}");
    assert_int_equal(message.fault, DS_REALTIME_FINE);
}

static void check_error(const char *payload, ds_realtime_fault fault, int code,
                        const char *type, const char *text) {
    char whole[1000];
    snprintf(whole, sizeof whole, "{\"type\":\"error\",\"id\":\"7\"%s}", payload);
    ds_realtime_message message = parse(whole);
    assert_int_equal(message.kind, DS_REALTIME_ERROR);
    assert_string_equal(message.id, "7");
    assert_int_equal(message.fault, fault);
    assert_int_equal(message.code, code);
    assert_string_equal(message.type, type);
    assert_string_equal(message.message, text);
}

static void test_errors(void **state) {
    (void)state;
    check_error(",\"payload\":{\"errors\":[{\"errorType\":\"UnauthorizedException\","
                "\"errorCode\":401,\"message\":\"no\"}]}",
                DS_REALTIME_UNAUTHORIZED, 401, "UnauthorizedException", "no");
    check_error(",\"payload\":{\"errors\":[{\"errorType\":\"Odd\"},"
                "{\"errorType\":\"MaxSubscriptionsReachedError\"}]}",
                DS_REALTIME_LIMIT, 0, "MaxSubscriptionsReachedError", "");
    check_error(",\"payload\":{\"errors\":[{\"errorType\":\"Odd\",\"errorCode\":\"503\"},"
                "{\"errorType\":\"Unauthorized\"}]}",
                DS_REALTIME_TRANSIENT, 503, "Odd", "");
    check_error(",\"payload\":{\"message\":\"Unknown field argument filter\"}",
                DS_REALTIME_FILTER, 0, "", "Unknown field argument filter");
    check_error(",\"payload\":{\"errors\":[]}", DS_REALTIME_UNKNOWN, 0, "", "");
    check_error(",\"payload\":{\"errors\":[7,\"x\"]}", DS_REALTIME_UNKNOWN, 0, "", "");
    check_error(",\"payload\":{\"errors\":[{\"errorCode\":-7e300}]}", DS_REALTIME_UNKNOWN,
                0, "", "");
    /* Behind the first line a wrong signature quotes the request. */
    check_error(",\"payload\":{\"message\":\"no\\nx-amz-security-token:secret\"}",
                DS_REALTIME_UNKNOWN, 0, "", "no");
    check_error(",\"payload\":\"text\"", DS_REALTIME_UNKNOWN, 0, "", "");
    check_error("", DS_REALTIME_UNKNOWN, 0, "", "");
}

/* Texts are cut between characters. */
static void test_long_error(void **state) {
    (void)state;
    char text[1500], euros[1300] = "";
    for (int i = 0; i < 400; i++) {
        memcpy(euros + i * 3, "\xE2\x82\xAC", 4);
    }
    snprintf(
        text, sizeof text,
        "{\"type\":\"connection_error\",\"payload\":{\"errors\":[{\"message\":\"%s\"}]}}",
        euros);
    ds_realtime_message message = parse(text);
    assert_int_equal(message.kind, DS_REALTIME_REFUSED);
    assert_int_equal(strlen(message.message), 510);
    assert_true(ds_text_is_utf8(message.message, 510));
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "\"ka\"",
                                        "{}",
                                        "{\"type\":7}",
                                        "{\"type\":\"ka\"",
                                        "{\"type\":\"ka\"} x",
                                        "{\"type\":\"ka\",}",
                                        "{\"type\":\"ka\",\"payload\":{]}"};
    for (size_t i = 0; i < DS_COUNT(texts); i++) {
        ds_realtime_message message;
        ds_err err = DS_ERR_INIT;
        assert_int_equal(ds_realtime_read(texts[i], strlen(texts[i]), &message, &err),
                         SQLITE_ERROR);
        assert_string_equal(err.text, "a realtime message is no JSON object with a type");
    }
    ds_realtime_message message;
    ds_err err = DS_ERR_INIT;
    static const char data[] = "{\"type\":\"data\",\"id\":\"7\",\"payload\":[1]}";
    assert_int_equal(ds_realtime_read(data, sizeof data - 1, &message, &err),
                     SQLITE_ERROR);
    assert_string_equal(err.text, "a subscription's data has no payload");
}

/* ---- the end of a connection ------------------------------------------------------- */

static void check_end(ds_http_failure failure, int status, const char *text,
                      ds_realtime_fault fault, const char *message) {
    ds_http_answer answer = {.failure = failure, .status = status, .was_sent = true};
    ds_websocket_event event = {.kind = DS_WEBSOCKET_CLOSED, .answer = &answer};
    ds_realtime_message out;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&answer.body, 1000);
    if (status != 0 && status != 101) {
        ds_buf_add(&answer.body, text);
    } else {
        sqlite3_snprintf(sizeof answer.reason, answer.reason, "%s", text);
    }
    assert_int_equal(ds_realtime_read_end(&event, &out, &err), SQLITE_OK);
    assert_int_equal(out.kind, DS_REALTIME_REFUSED);
    assert_int_equal(out.fault, fault);
    assert_string_equal(out.message, message);
    ds_buf_done(&answer.body);
}

static void test_end(void **state) {
    (void)state;
    static const char unauthorized[] =
        "{\"errors\":[{\"errorType\":\"UnauthorizedException\",\"message\":\"no\"}]}";
    static const char expired[] = "{\"errors\":[{\"errorType\":\"UnauthorizedException\","
                                  "\"message\":\"Token has expired.\"}]}";
    check_end(DS_HTTP_ANSWERED, 401, unauthorized, DS_REALTIME_UNAUTHORIZED,
              "HTTP 401 UnauthorizedException: no");
    check_end(DS_HTTP_ANSWERED, 401, expired, DS_REALTIME_EXPIRED,
              "HTTP 401 UnauthorizedException: Token has expired.");
    check_end(DS_HTTP_ANSWERED, 403, "<html>", DS_REALTIME_UNAUTHORIZED, "HTTP 403");
    check_end(DS_HTTP_ANSWERED, 503, "", DS_REALTIME_TRANSIENT, "HTTP 503");
    check_end(DS_HTTP_ANSWERED, 404, "", DS_REALTIME_UNKNOWN, "HTTP 404");
    check_end(DS_HTTP_ANSWERED, 101, "x closed the connection (1001)",
              DS_REALTIME_TRANSIENT, "x closed the connection (1001)");
    check_end(DS_HTTP_RESET, 0, "the connection to x was lost", DS_REALTIME_TRANSIENT,
              "the connection to x was lost");
}

static void test_out_of_memory(void **state) {
    (void)state;
    static const char text[] = "{\"type\":\"error\",\"id\":\"7\",\"payload\":{\"errors\":"
                               "[{\"errorType\":\"Unauthorized\",\"errorCode\":401}]}}";
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_realtime_message message;
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_realtime_read(text, sizeof text - 1, &message, NULL);
        sqlite3_hard_heap_limit64(0);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),         cmocka_unit_test(test_ack),
        cmocka_unit_test(test_data),          cmocka_unit_test(test_partial_data),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_long_error),
        cmocka_unit_test(test_malformed),     cmocka_unit_test(test_end),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** libcurl's codes and what is said of them.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "net/net_int.h"

static void test_classes(void **state) {
    (void)state;
    assert_int_equal(ds_failure_class(CURLE_OK, true), DS_HTTP_ANSWERED);
    assert_int_equal(ds_failure_class(CURLE_COULDNT_RESOLVE_HOST, false),
                     DS_HTTP_NO_CONNECTION);
    assert_int_equal(ds_failure_class(CURLE_COULDNT_CONNECT, false),
                     DS_HTTP_NO_CONNECTION);
    assert_int_equal(ds_failure_class(CURLE_PEER_FAILED_VERIFICATION, false),
                     DS_HTTP_TLS);
    assert_int_equal(ds_failure_class(CURLE_SSL_CONNECT_ERROR, false), DS_HTTP_TLS);
    assert_int_equal(ds_failure_class(CURLE_OPERATION_TIMEDOUT, false), DS_HTTP_TIMEOUT);
    assert_int_equal(ds_failure_class(CURLE_OPERATION_TIMEDOUT, true), DS_HTTP_TIMEOUT);
    assert_int_equal(ds_failure_class(CURLE_FILESIZE_EXCEEDED, true), DS_HTTP_TOO_LARGE);
    assert_int_equal(ds_failure_class(CURLE_BAD_CONTENT_ENCODING, true),
                     DS_HTTP_MALFORMED);
}

/* Everything that has no class of its own is a lost connection, or none. */
static void test_the_rest(void **state) {
    (void)state;
    static const CURLcode codes[] = {CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
                                     CURLE_RECV_ERROR,  CURLE_PARTIAL_FILE,
                                     CURLE_HTTP2,       CURLE_HTTP2_STREAM,
                                     CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK};
    for (size_t i = 0; i < DS_COUNT(codes); i++) {
        assert_int_equal(ds_failure_class(codes[i], true), DS_HTTP_RESET);
        assert_int_equal(ds_failure_class(codes[i], false), DS_HTTP_NO_CONNECTION);
    }
}

static void check_reason(ds_http_failure failure, bool was_sent, const char *error,
                         const char *expected) {
    char host[] = "a.test";
    const ds_http_options options = {.connect_timeout_ms = 10, .request_timeout_ms = 20};
    ds_http_answer answer = {.failure = failure, .was_sent = was_sent};
    ds_exchange exchange = {.host = host, .answer = &answer, .options = &options};
    answer.body.maximum = 5;
    sqlite3_snprintf(sizeof exchange.error, exchange.error, "%s", error);
    ds_failure_explain(&exchange, CURLE_COULDNT_CONNECT);
    assert_string_equal(answer.reason, expected);
}

static void test_reasons(void **state) {
    (void)state;
    check_reason(DS_HTTP_ANSWERED, true, "x", "");
    check_reason(DS_HTTP_NO_CONNECTION, false, "no\nway",
                 "no connection to a.test: no way");
    check_reason(DS_HTTP_NO_CONNECTION, false, "",
                 "no connection to a.test: Couldn't connect to server");
    check_reason(DS_HTTP_NO_CONNECTION, false, "Unsupported proxy 'x://me:geheim@p'",
                 "no connection to a.test: Couldn't connect to server");
    check_reason(DS_HTTP_TLS, false, "bad", "no secure connection to a.test: bad");
    check_reason(DS_HTTP_TIMEOUT, false, "x", "no connection to a.test within 10 ms");
    check_reason(DS_HTTP_TIMEOUT, true, "x", "no answer from a.test within 20 ms");
}

/* Once something was sent, what libcurl says may quote what came back. */
static void test_quotes_nothing(void **state) {
    (void)state;
    check_reason(DS_HTTP_RESET, true, "geheim",
                 "the connection to a.test ended before the answer did");
    check_reason(DS_HTTP_TOO_LARGE, true, "geheim",
                 "the answer of a.test has more than 5 bytes");
    check_reason(DS_HTTP_MALFORMED, true, "geheim", "what a.test answered is not HTTP");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_the_rest),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_quotes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** What is sent for subscriptions.
*/
#include "config.h"

static void check_url(const char *json, const char *expected) {
    ds_config *config = configure(NULL, json);
    ds_buf out;
    ds_buf_init(&out, 10000);
    ds_realtime_url(config, &out);
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
    ds_config_release(config);
}

static void test_url(void **state) {
    (void)state;
    check_url("{\"url\":\"" APPSYNC_URL "\"}",
              "wss://abcdefghijklmnopqrstuvwxyz.appsync-realtime-api.eu-west-1."
              "amazonaws.com/graphql");
    check_url("{\"url\":\"https://api.test/graphql\"}",
              "wss://api.test/graphql/realtime");
    check_url("{\"url\":\"" APPSYNC_URL "\",\"realtimeUrl\":\"wss://other.test/x\"}",
              "wss://other.test/x");
    check_url("{}", "");
}

/* ---- dialling ---------------------------------------------------------------------- */

/* The example of the JavaScript client's tests, but for the order of members. */
static void test_dial(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"https://unit-test.testurl.com/graphql\","
                        "\"authToken\":\"my-custom-auth-token\"}");
    ds_realtime_dial dial;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(
        ds_realtime_dial_make(config, DS_AUTH_LAMBDA, DS_REALTIME_PROTOCOL, &dial, &err),
        SQLITE_OK);
    const ds_websocket_request *request = &dial.request;
    assert_string_equal(request->url, "wss://unit-test.testurl.com/graphql/realtime");
    assert_null(request->query);
    assert_int_equal(request->n_protocols, 2);
    assert_string_equal(request->protocols[0], "graphql-ws");
    assert_string_equal(request->protocols[1],
                        "header-eyJob3N0IjoidW5pdC10ZXN0LnRlc3R1cmwuY29tIiwiQXV0aG9yaXph"
                        "dGlvbiI6Im15LWN1c3RvbS1hdXRoLXRva2VuIn0");
    assert_int_equal(request->n_headers, 0);
    assert_int_equal(request->answer_timeout_ms, DS_REALTIME_ACK_MS);
    assert_int_equal(request->maximum, DS_MAX_MESSAGE_BYTES);
    ds_realtime_dial_done(&dial);
    ds_config_release(config);
}

/* The same in the query, with padding and what must be escaped. */
static void test_dial_by_query(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"https://a.test/\",\"authToken\":\"~~~???\"}");
    ds_realtime_dial dial;
    assert_int_equal(
        ds_realtime_dial_make(config, DS_AUTH_OIDC, DS_REALTIME_QUERY, &dial, NULL),
        SQLITE_OK);
    assert_int_equal(dial.request.n_protocols, 1);
    assert_string_equal(dial.request.query,
                        "header=eyJob3N0IjoiYS50ZXN0IiwiQXV0aG9yaXphdGlvbiI6In5%2Bfj8%"
                        "2FPyJ9&payload=e30%3D");
    ds_realtime_dial_done(&dial);
    ds_config_release(config);
}

static void test_dial_without_credential(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"url\":\"https://a.test/\"}");
    ds_realtime_dial dial;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(
        ds_realtime_dial_make(config, DS_AUTH_IAM, DS_REALTIME_PROTOCOL, &dial, &err),
        SQLITE_AUTH);
    assert_string_equal(err.text, "no credential for authMode \"iam\": set accessKeyId "
                                  "with datastore_configure");
    ds_realtime_dial_done(&dial);
    ds_config_release(config);
}

/* ---- messages ---------------------------------------------------------------------- */

static void test_messages(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"https://a.test/graphql\",\"authToken\":\"t\"}");
    ds_buf out;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&out, 10000);
    ds_realtime_init_print(&out);
    assert_string_equal(ds_buf_text(&out), "{\"type\":\"connection_init\"}");
    ds_buf_clear(&out);
    ds_realtime_stop_print("7-a", &out);
    assert_string_equal(ds_buf_text(&out), "{\"type\":\"stop\",\"id\":\"7-a\"}");
    ds_buf_clear(&out);
    assert_int_equal(ds_realtime_start_print(config, DS_AUTH_OIDC, "7",
                                             "subscription { a(b: \"c\") }",
                                             "{\"d\":\"\\n\"}", &out, &err),
                     SQLITE_OK);
    assert_string_equal(
        ds_buf_text(&out),
        "{\"id\":\"7\",\"type\":\"start\",\"payload\":{\"data\":"
        "\"{\\\"query\\\":\\\"subscription { a(b: \\\\\\\"c\\\\\\\") }\\\","
        "\\\"variables\\\":{\\\"d\\\":\\\"\\\\n\\\"}}\",\"extensions\":{"
        "\"authorization\":"
        "{\"host\":\"a.test\",\"Authorization\":\"t\"}}}}");
    ds_buf_clear(&out);
    assert_int_equal(
        ds_realtime_start_print(config, DS_AUTH_API_KEY, "7", "s", "{}", &out, &err),
        SQLITE_AUTH);
    ds_buf_done(&out);
    ds_config_release(config);
}

static void test_out_of_memory(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"https://a.test/graphql\",\"authToken\":\"t\"}");
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_realtime_dial dial;
        ds_buf out;
        ds_buf_init(&out, 10000);
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_realtime_dial_make(config, DS_AUTH_OIDC,
                                   room % 32 ? DS_REALTIME_QUERY : DS_REALTIME_PROTOCOL,
                                   &dial, NULL);
        rc = rc ? rc
                : ds_realtime_start_print(config, DS_AUTH_OIDC, "7", "s", "{}", &out,
                                          NULL);
        sqlite3_hard_heap_limit64(0);
        ds_realtime_dial_done(&dial);
        ds_buf_done(&out);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_dial),
        cmocka_unit_test(test_dial_by_query),
        cmocka_unit_test(test_dial_without_credential),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

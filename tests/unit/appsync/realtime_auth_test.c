/*
** Who we are, in each mode, to connect and to start.
*/
#include "config.h"

#define TIME INT64_C(1582979400999) /* 2020-02-29T12:30:00.999Z */

/* The object for a configuration, at a fixed time. */
static char *authorize(const char *json, ds_auth_mode mode, const char *suffix,
                       const char *body) {
    ds_config *config = configure(NULL, json);
    ds_buf out;
    char *text = NULL;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&out, 100000);
    ds_env_set_clock(TIME);
    int rc = ds_realtime_authorize(config, mode, suffix, body, &out, &err);
    ds_env_set_clock(0);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(ds_buf_take(&out, &text), SQLITE_OK);
    ds_config_release(config);
    return text;
}

static void check(const char *json, ds_auth_mode mode, const char *expected) {
    char *text = authorize(json, mode, "/connect", "{}");
    assert_string_equal(text, expected);
    sqlite3_free(text);
}

static void test_modes(void **state) {
    (void)state;
    check("{\"url\":\"" APPSYNC_URL "\",\"apiKey\":\"da2-x\"}", DS_AUTH_API_KEY,
          "{\"host\":\"" APPSYNC_HOST
          "\",\"x-amz-date\":\"20200229T123000Z\",\"x-api-key\":\"da2-x\"}");
    static const ds_auth_mode modes[] = {DS_AUTH_USER_POOL, DS_AUTH_OIDC, DS_AUTH_LAMBDA};
    for (size_t i = 0; i < DS_COUNT(modes); i++) {
        check("{\"url\":\"https://api.test/graphql\",\"authToken\":\"a.\\\"b\\\".c\"}",
              modes[i], "{\"host\":\"api.test\",\"Authorization\":\"a.\\\"b\\\".c\"}");
    }
    check("{\"url\":\"https://api.test/graphql\"}", DS_AUTH_NONE,
          "{\"host\":\"api.test\"}");
}

/* The API's host, with its port where it is not the scheme's. */
static void test_host(void **state) {
    (void)state;
    check("{\"url\":\"http://127.0.0.1:8080/graphql\","
          "\"realtimeUrl\":\"ws://127.0.0.1:9090/x\"}",
          DS_AUTH_NONE, "{\"host\":\"127.0.0.1:8080\"}");
    check("{\"url\":\"https://api.test:443/graphql\"}", DS_AUTH_NONE,
          "{\"host\":\"api.test\"}");
    check("{\"url\":\"http://localhost:80/\"}", DS_AUTH_NONE, "{\"host\":\"localhost\"}");
}

#define IAM                                                                              \
    "{\"url\":\"" APPSYNC_URL "\",\"accessKeyId\":\"AKIDEXAMPLE\","                      \
    "\"secretAccessKey\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\""

/* The signature of the same headers, path and body; that it is right is sign_test.c's. */
static char *expect_signed(const char *path, const char *body, const char *token) {
    const ds_http_signer signer = {"eu-west-1", "appsync", "AKIDEXAMPLE",
                                   "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
    const ds_sign_header headers[] = {{"accept", "application/json, text/javascript"},
                                      {"content-encoding", "amz-1.0"},
                                      {"content-type", "application/json; charset=UTF-8"},
                                      {"host", APPSYNC_HOST},
                                      {"x-amz-date", "20200229T123000Z"},
                                      {"x-amz-security-token", token}};
    const ds_sign_request request = {.method = "POST",
                                     .path = path,
                                     .headers = headers,
                                     .n_headers = token ? 6 : 5,
                                     .body = body,
                                     .date = "20200229T123000Z"};
    ds_buf signature;
    ds_buf_init(&signature, 10000);
    assert_int_equal(ds_sign(&signer, &request, &signature, NULL), SQLITE_OK);
    char *text = sqlite3_mprintf(
        "{\"host\":\"%s\",\"accept\":\"%s\",\"content-encoding\":\"%s\","
        "\"content-type\":\"%s\",\"x-amz-date\":\"%s\"%s%s%s,\"Authorization\":\"%s\"}",
        APPSYNC_HOST, headers[0].value, headers[1].value, headers[2].value,
        headers[4].value, token ? ",\"x-amz-security-token\":\"" : "", token ? token : "",
        token ? "\"" : "", ds_buf_text(&signature));
    ds_buf_done(&signature);
    return text;
}

static void check_signed(const char *json, const char *suffix, const char *path,
                         const char *body, const char *token) {
    char *text = authorize(json, DS_AUTH_IAM, suffix, body);
    char *expected = expect_signed(path, body, token);
    assert_string_equal(text, expected);
    sqlite3_free(text);
    sqlite3_free(expected);
}

static void test_iam(void **state) {
    (void)state;
    check_signed(IAM "}", "/connect", "/graphql/connect", "{}", NULL);
    check_signed(IAM "}", "", "/graphql", "{\"query\":\"subscription\"}", NULL);
    check_signed(IAM ",\"sessionToken\":\"IQoJb3JpZ2lu//8=\"}", "", "/graphql", "{}",
                 "IQoJb3JpZ2lu//8=");
}

static void check_missing(const char *json, ds_auth_mode mode, const char *message) {
    ds_config *config = configure(NULL, json);
    ds_buf out;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&out, 100000);
    assert_int_equal(ds_realtime_authorize(config, mode, "", "{}", &out, &err),
                     SQLITE_AUTH);
    assert_string_equal(err.text, message);
    ds_buf_done(&out);
    ds_config_release(config);
}

static void test_missing(void **state) {
    (void)state;
    check_missing("{}", DS_AUTH_NONE, "no endpoint: set url with datastore_configure");
    check_missing("{\"url\":\"" APPSYNC_URL "\"}", DS_AUTH_API_KEY,
                  "no credential for authMode \"apiKey\": set apiKey with "
                  "datastore_configure");
}

static void test_out_of_memory(void **state) {
    (void)state;
    ds_config *config = configure(NULL, IAM ",\"sessionToken\":\"x\"}");
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_buf out;
        ds_buf_init(&out, 10000);
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_realtime_authorize(config, DS_AUTH_IAM, "", "{}", &out, NULL);
        sqlite3_hard_heap_limit64(0);
        ds_buf_done(&out);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),         cmocka_unit_test(test_host),
        cmocka_unit_test(test_iam),           cmocka_unit_test(test_missing),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

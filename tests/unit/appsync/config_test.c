/*
** Configurations: merging, what is standard, what depends on two keys.
*/
#include "config.h"

static void test_standard(void **state) {
    (void)state;
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    ds_config *config = configure(NULL, "{}");
    assert_null(ds_config_text(config, DS_CONFIG_URL));
    assert_string_equal(ds_config_text(config, DS_CONFIG_CONFLICT), "merge");
    assert_int_equal(ds_config_number(config, DS_CONFIG_SYNC_PAGE_SIZE), 1000);
    assert_int_equal(ds_config_number(config, DS_CONFIG_MAX_RECORDS), -1);
    assert_int_equal(ds_config_number(config, DS_CONFIG_ALLOW_INSECURE), 0);
    assert_int_equal(ds_config_number(config, DS_CONFIG_ID_FORMAT), DS_ID_UUID7);
    assert_int_equal(ds_config_modes(config, modes), 0);
    assert_false(ds_config_has(config, DS_CONFIG_SYNC_PAGE_SIZE));
    ds_config_release(config);
    ds_config_release(NULL);
}

static void test_merge(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"" APPSYNC_URL "\",\"syncPageSize\":10}");
    config = configure(config, "{\"syncPageSize\":20,\"conflict\":\"local\"}");
    assert_string_equal(ds_config_text(config, DS_CONFIG_URL), APPSYNC_URL);
    assert_string_equal(ds_config_text(config, DS_CONFIG_CONFLICT), "local");
    assert_int_equal(ds_config_number(config, DS_CONFIG_SYNC_PAGE_SIZE), 20);
    config = configure(config, "{\"syncPageSize\":null,\"url\":null,\"caFile\":null}");
    assert_null(ds_config_text(config, DS_CONFIG_URL));
    assert_int_equal(ds_config_number(config, DS_CONFIG_SYNC_PAGE_SIZE), 1000);
    assert_string_equal(ds_config_text(config, DS_CONFIG_CONFLICT), "local");
    ds_config_release(config);
}

/* A holder keeps what it has; a refused merge changes nothing. */
static void test_never_changes(void **state) {
    (void)state;
    static const char wrong[] = "{\"concurrency\":2,\"syncPageSize\":0}";
    ds_config *next = NULL;
    ds_err err = DS_ERR_INIT;
    ds_config *config = configure(NULL, "{\"concurrency\":1}");
    ds_config_retain(config);
    assert_int_equal(ds_config_merge(config, wrong, strlen(wrong), &next, &err),
                     SQLITE_ERROR);
    assert_null(next);
    next = configure(config, "{\"concurrency\":3}");
    assert_int_equal(ds_config_number(config, DS_CONFIG_CONCURRENCY), 1);
    assert_int_equal(ds_config_number(next, DS_CONFIG_CONCURRENCY), 3);
    ds_config_release(config);
    ds_config_release(next);
}

static bool is_same(const char *one, const char *other) {
    ds_config *a = configure(NULL, one), *b = configure(NULL, other);
    bool is = ds_config_is_same(a, b);
    assert_int_equal(ds_config_is_same(b, a), is);
    ds_config_release(a);
    ds_config_release(b);
    return is;
}

static void test_same(void **state) {
    (void)state;
    assert_true(is_same("{}", "{}"));
    assert_true(is_same("{\"apiKey\":\"a\",\"concurrency\":2}",
                        "{\"concurrency\":2,\"apiKey\":\"a\"}"));
    assert_false(is_same("{}", "{\"apiKey\":\"a\"}"));
    assert_false(is_same("{\"apiKey\":\"a\"}", "{\"apiKey\":\"b\"}"));
    assert_false(is_same("{\"apiKey\":\"PATH\"}", "{\"apiKey\":{\"env\":\"PATH\"}}"));
    assert_false(is_same("{\"concurrency\":2}", "{\"concurrency\":3}"));
    assert_false(is_same("{\"authModes\":[\"iam\",\"apiKey\"]}",
                         "{\"authModes\":[\"apiKey\",\"iam\"]}"));
    assert_false(
        is_same("{\"authModes\":[\"iam\",\"apiKey\"]}", "{\"authModes\":[\"iam\"]}"));
}

static void test_wrong_shape(void **state) {
    (void)state;
    check_refused("", "configuration: malformed JSON at byte 1: it ends too early");
    check_refused("[]", "configuration: expected a JSON object, found list");
    check_refused("{\"apiKey\":\"geheim\",\"apiKey\":\"x\"}",
                  "configuration: JSON has the member \"apiKey\" twice in one object");
}

static void test_plain_http(void **state) {
    (void)state;
    check_refused(
        "{\"url\":\"http://example.com/graphql\"}",
        "configuration: url: plain http to example.com would show the credentials "
        "to everybody on the way (allowInsecure allows it)");
    check_refused("{\"realtimeUrl\":\"ws://example.com/graphql\"}",
                  "configuration: realtimeUrl: plain ws to example.com would show the "
                  "credentials to everybody on the way (allowInsecure allows it)");
    ds_config *config = configure(NULL, "{\"url\":\"http://localhost:20002/graphql\"}");
    config = configure(config, "{\"allowInsecure\":true}");
    config = configure(config, "{\"url\":\"http://example.com/graphql\"}");
    ds_config_release(config);
    config = configure(NULL,
                       "{\"url\":\"http://example.com/graphql\",\"allowInsecure\":true}");
    ds_config *next = NULL;
    ds_err err = DS_ERR_INIT;
    static const char strict[] = "{\"allowInsecure\":false}";
    assert_int_equal(ds_config_merge(config, strict, strlen(strict), &next, &err),
                     SQLITE_ERROR);
    ds_config_release(config);
}

static void check_modes(ds_config *config, const char *json, int n, ds_auth_mode first) {
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    config = configure(config, json);
    assert_int_equal(ds_config_modes(config, modes), n);
    assert_int_equal(modes[0], first);
    ds_config_release(config);
}

static void test_modes(void **state) {
    (void)state;
    check_modes(NULL, "{\"authMode\":\"none\"}", 1, DS_AUTH_NONE);
    check_modes(NULL, "{\"authModes\":[\"oidc\",\"iam\"]}", 2, DS_AUTH_OIDC);
    /* The list stands above, wherever it is. */
    check_modes(NULL, "{\"authModes\":[\"oidc\",\"iam\"],\"authMode\":\"none\"}", 2,
                DS_AUTH_OIDC);
    check_modes(configure(NULL, "{\"authModes\":[\"oidc\",\"iam\"]}"),
                "{\"authMode\":\"lambda\"}", 1, DS_AUTH_LAMBDA);
    /* By what is there. */
    check_modes(NULL, "{\"apiKey\":\"k\",\"authToken\":\"t\"}", 1, DS_AUTH_API_KEY);
    check_modes(NULL, "{\"authToken\":\"t\",\"accessKeyId\":\"a\"}", 1,
                DS_AUTH_USER_POOL);
    check_modes(NULL, "{\"accessKeyId\":\"a\"}", 1, DS_AUTH_IAM);
    check_modes(configure(NULL, "{\"authMode\":\"iam\"}"),
                "{\"authMode\":null,\"apiKey\":\"k\"}", 1, DS_AUTH_API_KEY);
}

static void test_http(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"connectTimeoutMs\":1,\"requestTimeoutMs\":2,"
                                        "\"proxy\":\"\",\"allowInsecure\":true}");
    ds_http_options options = ds_config_http(config);
    assert_int_equal(options.connect_timeout_ms, 1);
    assert_int_equal(options.request_timeout_ms, 2);
    assert_true(options.allow_insecure);
    assert_string_equal(options.proxy, "");
    assert_null(options.ca_file);
    ds_config_release(config);
}

/* At each allocation in turn. */
static void test_out_of_memory(void **state) {
    (void)state;
    static const char json[] =
        "{\"url\":\"" APPSYNC_URL "\",\"apiKey\":\"k\",\"idFormat\":"
        "\"ulid\",\"conflict\":\"f\"}";
    ds_config *config = configure(NULL, json);
    sqlite3_int64 used = sqlite3_memory_used();
    int n = 0;
    for (int rc = SQLITE_NOMEM; rc == SQLITE_NOMEM; n++) {
        ds_config *next = NULL;
        ds_err err = DS_ERR_INIT;
        sqlite3_hard_heap_limit64(used + n * 100);
        rc = ds_config_merge(config, json, strlen(json), &next, &err);
        sqlite3_hard_heap_limit64(0);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(next != NULL, rc == SQLITE_OK);
        ds_config_release(next);
        assert_int_equal(sqlite3_memory_used(), used);
    }
    assert_in_range(n, 5, 200);
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard),      cmocka_unit_test(test_merge),
        cmocka_unit_test(test_never_changes), cmocka_unit_test(test_wrong_shape),
        cmocka_unit_test(test_plain_http),    cmocka_unit_test(test_modes),
        cmocka_unit_test(test_http),          cmocka_unit_test(test_same),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

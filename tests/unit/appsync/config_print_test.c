/*
** What is shown of a configuration.
*/
#define _POSIX_C_SOURCE 200809L /* setenv */

#include "config.h"

static void check_whole(const ds_config *config, const char *expected) {
    ds_buf out;
    ds_buf_init(&out, 100000);
    ds_config_print(config, &out);
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
}

static void test_empty(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{}");
    check_whole(config,
                "{\"allowInsecure\":false,\"connectTimeoutMs\":10000,"
                "\"requestTimeoutMs\":60000,\"syncPageSize\":1000,"
                "\"fullSyncIntervalMinutes\":1440,\"pushBatchSize\":25,"
                "\"concurrency\":4,\"conflict\":\"merge\",\"idFormat\":\"uuid7\"}");
    ds_config_release(config);
}

static void test_secrets(void **state) {
    (void)state;
    static const char *const names[] = {"apiKey", "authToken", "accessKeyId",
                                        "secretAccessKey", "sessionToken"};
    char *path = write_file("geheim", 6);
    setenv("DS_TEST_SECRET", "geheim", 1);
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        char *json = sqlite3_mprintf("{\"%s\":\"geheim\"}", names[i]);
        ds_config *config = configure(NULL, json);
        sqlite3_free(json);
        check_printed(config, names[i], "\"********\"");
        json = sqlite3_mprintf("{\"%s\":{\"env\":\"DS_TEST_SECRET\"}}", names[i]);
        config = configure(config, json);
        sqlite3_free(json);
        check_printed(config, names[i], "{\"env\":\"DS_TEST_SECRET\"}");
        json = sqlite3_mprintf("{\"%s\":{\"file\":\"%s\"}}", names[i], path);
        config = configure(config, json);
        sqlite3_free(json);
        json = sqlite3_mprintf("{\"file\":\"%s\"}", path);
        check_printed(config, names[i], json);
        sqlite3_free(json);
        ds_config_release(config);
    }
    remove_file(path);
}

static void check_proxy(const char *proxy, const char *expected) {
    char *json = sqlite3_mprintf("{\"proxy\":\"%s\"}", proxy);
    ds_config *config = configure(NULL, json);
    check_printed(config, "proxy", expected);
    ds_config_release(config);
    sqlite3_free(json);
}

static void test_proxy(void **state) {
    (void)state;
    check_proxy("http://p:3128", "\"http://p:3128\"");
    check_proxy("http://me:geheim@p:3128", "\"http://********@p:3128\"");
    check_proxy("http://me:ge@he/im@p:3128", "\"http://********@p:3128\"");
    check_proxy("", "\"\"");
}

static void test_follows_from_the_url(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"url\":\"" APPSYNC_URL "\"}");
    check_printed(config, "region", "\"eu-west-1\"");
    check_printed(
        config, "realtimeUrl",
        "\"wss://abcdefghijklmnopqrstuvwxyz.appsync-realtime-api.eu-west-1.amazonaws."
        "com/graphql\"");
    config =
        configure(config, "{\"region\":\"eu-west-2\",\"realtimeUrl\":\"wss://a/b\"}");
    check_printed(config, "region", "\"eu-west-2\"");
    check_printed(config, "realtimeUrl", "\"wss://a/b\"");
    config = configure(config, "{\"url\":\"https://api.test/x\",\"region\":null,"
                               "\"realtimeUrl\":null}");
    check_printed(config, "region", "");
    check_printed(config, "realtimeUrl", "\"wss://api.test/x/realtime\"");
    ds_config_release(config);
}

static void test_modes(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"apiKey\":\"k\"}");
    check_printed(config, "authMode", "\"apiKey\"");
    check_printed(config, "authModes", "");
    config = configure(config, "{\"authModes\":[\"userPool\",\"apiKey\"]}");
    check_printed(config, "authMode", "\"userPool\"");
    check_printed(config, "authModes", "[\"userPool\",\"apiKey\"]");
    ds_config_release(config);
}

static void test_plain(void **state) {
    (void)state;
    ds_config *config = configure(
        NULL, "{\"caFile\":\"Makefile\",\"allowInsecure\":true,\"maxRecordsToSync\":5,"
              "\"conflict\":\"my \\\"f\\\"\",\"idFormat\":\"ulid\"}");
    check_printed(config, "caFile", "\"Makefile\"");
    check_printed(config, "allowInsecure", "true");
    check_printed(config, "maxRecordsToSync", "5");
    check_printed(config, "conflict", "\"my \\\"f\\\"\"");
    check_printed(config, "idFormat", "\"ulid\"");
    ds_config_release(config);
}

static void test_too_long(void **state) {
    (void)state;
    ds_buf out;
    ds_config *config = configure(NULL, "{\"url\":\"" APPSYNC_URL "\"}");
    ds_buf_init(&out, 20);
    ds_config_print(config, &out);
    assert_int_equal(out.rc, SQLITE_TOOBIG);
    ds_buf_done(&out);
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),    cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_proxy),    cmocka_unit_test(test_follows_from_the_url),
        cmocka_unit_test(test_modes),    cmocka_unit_test(test_plain),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Values by kind: what is taken and what is said about the others.
*/
#include "config.h"

static void check_number(const char *name, ds_config_key key, int64_t least,
                         int64_t most) {
    for (int i = 0; i < 2; i++) {
        int64_t number = i ? most : least;
        char *json = sqlite3_mprintf("{\"%s\":%lld}", name, (long long)number);
        ds_config *config = configure(NULL, json);
        assert_int_equal(ds_config_number(config, key), number);
        ds_config_release(config);
        sqlite3_free(json);
        number += i ? 1 : -1;
        json = sqlite3_mprintf("{\"%s\":%lld}", name, (long long)number);
        char *message =
            number > INT64_C(9007199254740991)
                ? sqlite3_mprintf(
                      "configuration: %s: expected an integer from %lld to %lld, "
                      "found a fraction",
                      name, (long long)least, (long long)most)
                : sqlite3_mprintf(
                      "configuration: %s: expected an integer from %lld to %lld, "
                      "found %lld",
                      name, (long long)least, (long long)most, (long long)number);
        check_refused(json, message);
        sqlite3_free(json);
        sqlite3_free(message);
    }
}

static void test_numbers(void **state) {
    (void)state;
    check_number("connectTimeoutMs", DS_CONFIG_CONNECT_TIMEOUT, 1, 600000);
    check_number("requestTimeoutMs", DS_CONFIG_REQUEST_TIMEOUT, 1, 600000);
    check_number("syncPageSize", DS_CONFIG_SYNC_PAGE_SIZE, 1, 1000);
    check_number("maxRecordsToSync", DS_CONFIG_MAX_RECORDS, 1, INT64_C(9007199254740991));
    check_number("fullSyncIntervalMinutes", DS_CONFIG_FULL_SYNC_INTERVAL, 0, 5256000);
    check_number("pushBatchSize", DS_CONFIG_PUSH_BATCH_SIZE, 1, 100);
    check_number("concurrency", DS_CONFIG_CONCURRENCY, 1, 16);
    check_refused(
        "{\"concurrency\":\"4\"}",
        "configuration: concurrency: expected an integer from 1 to 16, found \"4\"");
    check_refused("{\"concurrency\":1.5}",
                  "configuration: concurrency: expected an integer from 1 to 16, found a "
                  "fraction");
    check_refused(
        "{\"concurrency\":[4]}",
        "configuration: concurrency: expected an integer from 1 to 16, found list");
}

static void test_flag(void **state) {
    (void)state;
    check_refused("{\"allowInsecure\":1}",
                  "configuration: allowInsecure: expected true or false, found 1");
    check_refused("{\"allowInsecure\":\"yes\"}",
                  "configuration: allowInsecure: expected true or false, found \"yes\"");
}

static void test_urls(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"https://a/b\",\"realtimeUrl\":\"wss://c/d\"}");
    assert_string_equal(ds_config_text(config, DS_CONFIG_URL), "https://a/b");
    assert_string_equal(ds_config_text(config, DS_CONFIG_REALTIME_URL), "wss://c/d");
    ds_config_release(config);
    check_refused(
        "{\"url\":\"wss://a/b\"}",
        "configuration: url: expected a URL that begins with https:// or http://");
    check_refused(
        "{\"realtimeUrl\":\"https://a/b\"}",
        "configuration: realtimeUrl: expected a URL that begins with wss:// or ws://");
    check_refused("{\"url\":\"https://me:geheim@a/b\"}",
                  "configuration: url: expected a URL without user name and password");
    check_refused("{\"url\":\"https://a/b?key=geheim\"}",
                  "configuration: url: expected a URL without ? and #");
    check_refused("{\"url\":7}", "configuration: url: expected a URL, found number");
    check_refused("{\"url\":\"\"}",
                  "configuration: url: expected a URL, found an empty text");
}

static void test_region(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"region\":\"us-gov-west-1\"}");
    assert_string_equal(ds_config_text(config, DS_CONFIG_REGION), "us-gov-west-1");
    ds_config_release(config);
    check_refused("{\"region\":\"eu:west\"}",
                  "configuration: region: expected a region such as eu-west-1, found "
                  "\"eu:west\"");
    check_refused(
        "{\"region\":\"a2345678901234567890123456789012345678901234567890123456789"
        "0123456\"}",
        "configuration: region: expected a region such as eu-west-1, found "
        "\"a23456789012345678901234567890123456789012345678901234567890123456\"");
}

static void test_proxy(void **state) {
    (void)state;
    static const char message[] =
        "configuration: proxy: expected a URL that begins with http://, https://, "
        "socks4://, "
        "socks4a://, socks5:// or socks5h://, or an empty text for none";
    ds_config *config = configure(NULL, "{\"proxy\":\"socks5h://me:geheim@p:1\"}");
    assert_string_equal(ds_config_text(config, DS_CONFIG_PROXY),
                        "socks5h://me:geheim@p:1");
    ds_config_release(config);
    check_refused("{\"proxy\":\"me:geheim@p:1\"}", message);
    check_refused("{\"proxy\":\"http://\"}", message);
    check_refused("{\"proxy\":\"http://me:geheim@p:99999\"}", message);
    check_refused("{\"proxy\":true}", message);
}

static void test_file(void **state) {
    (void)state;
    char *path = write_file("x", 1);
    char *json = sqlite3_mprintf("{\"caFile\":\"%s\"}", path);
    ds_config *config = configure(NULL, json);
    assert_string_equal(ds_config_text(config, DS_CONFIG_CA_FILE), path);
    ds_config_release(config);
    sqlite3_free(json);
    remove_file(path);
    check_refused("{\"caFile\":\"build/nowhere.pem\"}",
                  "configuration: caFile: cannot open \"build/nowhere.pem\"");
    check_refused("{\"caFile\":{}}",
                  "configuration: caFile: expected a file name, found object");
}

static void test_secret(void **state) {
    (void)state;
    static const char shape[] =
        "configuration: apiKey: expected a text, {\"env\":\"NAME\"} or "
        "{\"file\":\"path\"}";
    check_refused("{\"apiKey\":17}", shape);
    check_refused("{\"apiKey\":{\"env\":7}}", shape);
    check_refused("{\"apiKey\":{}}", shape);
    check_refused("{\"apiKey\":{\"value\":\"geheim\"}}", shape);
    check_refused("{\"apiKey\":{\"env\":\"A\",\"file\":\"b\"}}", shape);
    check_refused("{\"apiKey\":[\"geheim\"]}", shape);
    check_refused(
        "{\"apiKey\":\"********\"}",
        "configuration: apiKey: these are the asterisks that datastore_configure() "
        "shows, not a credential");
    /* What ds_secret_of says is said at once. */
    check_refused("{\"apiKey\":\"\"}", "configuration: apiKey: is empty");
    check_refused("{\"apiKey\":\"a\\nb\"}",
                  "configuration: apiKey: holds a character that no credential has");
    check_refused("{\"authToken\":{\"env\":\"DS_TEST_UNSET\"}}",
                  "configuration: authToken: the environment has no variable "
                  "\"DS_TEST_UNSET\"");
}

static void test_modes(void **state) {
    (void)state;
    check_refused(
        "{\"authMode\":\"API_KEYS\"}",
        "configuration: authMode: expected apiKey, userPool, oidc, iam, lambda or "
        "none, found \"API_KEYS\"");
    check_refused(
        "{\"authModes\":\"iam\"}",
        "configuration: authModes: expected a list of apiKey, userPool, oidc, iam, "
        "lambda or none");
    check_refused(
        "{\"authModes\":[]}",
        "configuration: authModes: expected a list of apiKey, userPool, oidc, iam, "
        "lambda or none");
    check_refused(
        "{\"authModes\":[\"iam\",1]}",
        "configuration: authModes: expected apiKey, userPool, oidc, iam, lambda or "
        "none, found 1");
    check_refused("{\"authModes\":[\"iam\",\"none\",\"iam\"]}",
                  "configuration: authModes: iam stands there twice");
}

static void test_names(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"conflict\":\"my_merge\",\"idFormat\":\"uuid4\"}");
    assert_string_equal(ds_config_text(config, DS_CONFIG_CONFLICT), "my_merge");
    assert_int_equal(ds_config_number(config, DS_CONFIG_ID_FORMAT), DS_ID_UUID4);
    config = configure(config, "{\"idFormat\":\"ulid\"}");
    assert_int_equal(ds_config_number(config, DS_CONFIG_ID_FORMAT), DS_ID_ULID);
    config = configure(config, "{\"idFormat\":null}");
    assert_int_equal(ds_config_number(config, DS_CONFIG_ID_FORMAT), DS_ID_UUID7);
    ds_config_release(config);
    check_refused(
        "{\"idFormat\":\"uuid\"}",
        "configuration: idFormat: expected uuid7, uuid4 or ulid, found \"uuid\"");
    check_refused(
        "{\"conflict\":1}",
        "configuration: conflict: expected merge, local, remote or the name of an "
        "SQL function, found number");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_flag),
        cmocka_unit_test(test_urls),    cmocka_unit_test(test_region),
        cmocka_unit_test(test_proxy),   cmocka_unit_test(test_file),
        cmocka_unit_test(test_secret),  cmocka_unit_test(test_modes),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Secrets, from where they are.
*/
#define _POSIX_C_SOURCE 200809L /* setenv */

#include "config.h"

static void check_read(const ds_config *config, ds_config_key key, const char *expected) {
    char *value = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_secret_read(config, key, &value, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    if (expected == NULL) {
        assert_null(value);
    } else {
        assert_string_equal(value, expected);
    }
    sqlite3_free(value);
}

static void check_fails(const ds_config *config, ds_config_key key, const char *message) {
    char *value = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_secret_read(config, key, &value, &err), SQLITE_ERROR);
    assert_null(value);
    assert_string_equal(err.text, message);
}

static void test_value(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"apiKey\":\"da2-x\\n\"}");
    check_read(config, DS_CONFIG_API_KEY, "da2-x");
    check_read(config, DS_CONFIG_AUTH_TOKEN, NULL);
    ds_config_release(config);
}

/* It is read each time: a new one counts from the next request on. */
static void test_env(void **state) {
    (void)state;
    setenv("DS_TEST_TOKEN", "first", 1);
    ds_config *config = configure(NULL, "{\"authToken\":{\"env\":\"DS_TEST_TOKEN\"}}");
    check_read(config, DS_CONFIG_AUTH_TOKEN, "first");
    setenv("DS_TEST_TOKEN", "second", 1);
    check_read(config, DS_CONFIG_AUTH_TOKEN, "second");
    setenv("DS_TEST_TOKEN", "", 1);
    check_fails(config, DS_CONFIG_AUTH_TOKEN, "configuration: authToken: is empty");
    unsetenv("DS_TEST_TOKEN");
    check_fails(
        config, DS_CONFIG_AUTH_TOKEN,
        "configuration: authToken: the environment has no variable \"DS_TEST_TOKEN\"");
    ds_config_release(config);
}

static void check_mask(const char *given, const char *expected) {
    ds_config *config =
        configure(NULL, "{\"apiKey\":\"da2-geheim\",\"sessionToken\":\"short\"}");
    char *text = sqlite3_mprintf("%s", given);
    ds_secret_mask(config, text);
    assert_string_equal(text, expected);
    sqlite3_free(text);
    ds_secret_mask(config, NULL);
    ds_config_release(config);
}

/* Servers quote what they refuse. */
static void test_mask(void **state) {
    (void)state;
    check_mask("", "");
    check_mask("all is well", "all is well");
    check_mask("da2-geheim", "**********");
    check_mask("key da2-geheimda2-geheim, da2-gehei",
               "key ********************, *********");
    check_mask("no short cut", "no short cut");
    check_mask("cut off: da2-gehe", "cut off: ********");
    check_mask("cut off: da2-geh", "cut off: da2-geh");
}

static ds_config *from_file(const char *path) {
    char *json = sqlite3_mprintf("{\"authToken\":{\"file\":\"%s\"}}", path);
    ds_config *config = configure(NULL, json);
    sqlite3_free(json);
    return config;
}

static void rewrite(const char *path, const char *content, size_t length) {
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(content, 1, length, file), length);
    fclose(file);
}

static void test_file(void **state) {
    (void)state;
    char *path = write_file("first \r\n\t\n", 10);
    ds_config *config = from_file(path);
    check_read(config, DS_CONFIG_AUTH_TOKEN, "first");
    rewrite(path, "se cond", 7);
    check_read(config, DS_CONFIG_AUTH_TOKEN, "se cond");
    rewrite(path, "\n", 1);
    check_fails(config, DS_CONFIG_AUTH_TOKEN, "configuration: authToken: is empty");
    rewrite(path, "a\0b", 3);
    check_fails(config, DS_CONFIG_AUTH_TOKEN,
                "configuration: authToken: holds a character that no credential has");
    rewrite(path, "\xC3\xA4", 2);
    check_fails(config, DS_CONFIG_AUTH_TOKEN,
                "configuration: authToken: holds a character that no credential has");
    char *message = sqlite3_mprintf(
        "configuration: authToken: cannot read \"%s\": No such file or directory", path);
    remove_file(path);
    check_fails(config, DS_CONFIG_AUTH_TOKEN, message);
    sqlite3_free(message);
    ds_config_release(config);
    check_refused("{\"apiKey\":{\"file\":\"build\"}}",
                  "configuration: apiKey: cannot read \"build\": Is a directory");
}

static void test_longest(void **state) {
    (void)state;
    char *content = malloc(DS_MAX_SECRET_BYTES + 1);
    memset(content, 'x', DS_MAX_SECRET_BYTES + 1);
    char *path = write_file(content, DS_MAX_SECRET_BYTES);
    ds_config *config = from_file(path);
    char *value = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_secret_read(config, DS_CONFIG_AUTH_TOKEN, &value, &err),
                     SQLITE_OK);
    assert_int_equal(strlen(value), DS_MAX_SECRET_BYTES);
    sqlite3_free(value);
    rewrite(path, content, DS_MAX_SECRET_BYTES + 1);
    check_fails(config, DS_CONFIG_AUTH_TOKEN,
                "configuration: authToken: has more than 16384 bytes");
    ds_config_release(config);
    remove_file(path);
    free(content);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value), cmocka_unit_test(test_env),
        cmocka_unit_test(test_file),  cmocka_unit_test(test_longest),
        cmocka_unit_test(test_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

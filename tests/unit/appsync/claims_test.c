/*
** What a token claims, and what none is.
*/
#include "config.h"

/* A configuration whose token has this payload. */
static ds_config *with_payload(const char *payload, size_t length) {
    ds_buf token;
    ds_buf_init(&token, 100000);
    ds_buf_add(&token, "{\"authToken\":\"eyJhbGciOiJub25lIn0.");
    ds_buf_add_base64(&token, payload, length, true);
    ds_buf_add(&token, ".c2ln\"}");
    ds_config *config = configure(NULL, ds_buf_text(&token));
    ds_buf_done(&token);
    return config;
}

static ds_json *claims_of(const char *payload) {
    ds_json *claims = NULL;
    ds_err err = DS_ERR_INIT;
    ds_config *config = with_payload(payload, strlen(payload));
    int rc = ds_claims_read(config, &claims, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_non_null(claims);
    ds_config_release(config);
    return claims;
}

static void check_none(ds_config *config, const char *message) {
    ds_json *claims = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_claims_read(config, &claims, &err), SQLITE_AUTH);
    assert_null(claims);
    assert_string_equal(err.text, message);
    ds_config_release(config);
}

static const char no_token[] = "authToken is no JSON Web Token: nothing says whose it is";

static void test_no_token(void **state) {
    (void)state;
    check_none(configure(NULL, "{}"), "no authToken: set it with datastore_configure");
    const char *const tokens[] = {"geheim",     ".",        "..",         "a.b",
                                  "a..c",       "a.e30",    "a.e30.b.c",  ".e30",
                                  "a.e3.c",     "a.e3!w.c", "a.e.c",      "a.{}.c",
                                  "a.bnVsbA.c", "a.W10.c",  "a.IngiIA.c", "a.e30e30.c"};
    for (size_t i = 0; i < DS_COUNT(tokens); i++) {
        char *json = sqlite3_mprintf("{\"authToken\":\"%s\"}", tokens[i]);
        check_none(configure(NULL, json), no_token);
        sqlite3_free(json);
    }
}

/* Nobody but its maker has checked it. */
static void test_hostile_payload(void **state) {
    (void)state;
    static const char nul[] = "{\"sub\":\"a\0b\"}";
    const char *const payloads[] = {
        "",
        "{",
        "{\"sub\":\"a\"",
        "{\"sub\":\"a\"} x",
        "{\"sub\":\"a\",\"sub\":\"b\"}",
        "{\"sub\":\"a\\u0000b\"}",
        "{\"sub\":\"\xff\"}",
        "{\"exp\":1e999}",
        "[{\"sub\":\"a\"}]",
        "\"a\"",
    };
    check_none(with_payload(nul, sizeof nul - 1), no_token);
    for (size_t i = 0; i < DS_COUNT(payloads); i++) {
        check_none(with_payload(payloads[i], strlen(payloads[i])), no_token);
    }
    ds_buf deep;
    ds_buf_init(&deep, 10000);
    ds_buf_add(&deep, "{\"a\":");
    for (int i = 0; i < DS_MAX_JSON_DEPTH; i++) {
        ds_buf_add(&deep, "[");
    }
    check_none(with_payload(ds_buf_text(&deep), deep.length), no_token);
    ds_buf_done(&deep);
}

/* A file can be anything by now. */
static void test_file(void **state) {
    (void)state;
    ds_json *claims = NULL;
    ds_err err = DS_ERR_INIT;
    char *content = sqlite3_mprintf("e30.eyJzdWIiOiJhIn0.%*s", DS_MAX_SECRET_BYTES, "");
    memset(content + 20, 'x', strlen(content) - 20);
    char *path = write_file(content, DS_MAX_SECRET_BYTES);
    char *json = sqlite3_mprintf("{\"authToken\":{\"file\":\"%s\"}}", path);
    ds_config *config = configure(NULL, json);
    assert_int_equal(ds_claims_read(config, &claims, &err), SQLITE_OK);
    assert_string_equal(ds_claims_text(claims, "sub"), "a");
    ds_json_free(claims);
    sqlite3_free(write_file(content, DS_MAX_SECRET_BYTES + 1));
    assert_int_equal(ds_claims_read(config, &claims, &err), SQLITE_ERROR);
    assert_string_equal(err.text, "configuration: authToken: has more than 16384 bytes");
    assert_null(claims);
    ds_config_release(config);
    remove_file(path);
    sqlite3_free(json);
    sqlite3_free(content);
}

/* ---- claims ---------------------------------------------------------------------------- */

static void check_claim(const char *payload, const char *name, const char *expected) {
    ds_json *claims = claims_of(payload);
    const char *text = ds_claims_text(claims, name);
    assert_string_equal(text ? text : "(none)", expected ? expected : "(none)");
    ds_json_free(claims);
}

static void test_text(void **state) {
    (void)state;
    const char *const all = "{\"sub\":\"1\",\"email\":\"\",\"n\":5,\"l\":[\"a\"],\"o\":{}"
                            ",\"z\":null,\"t\":true,"
                            "\"a:b\":\"c\",\"\u00e4\":\"\u20ac\"}";
    check_claim(all, "sub", "1");
    check_claim(all, "a:b", "c");
    check_claim(all, "\u00e4", "\u20ac");
    const char *const none[] = {"email", "n",  "l",    "o", "z",
                                "t",     "su", "subs", "",  "Sub"};
    for (size_t i = 0; i < DS_COUNT(none); i++) {
        check_claim(all, none[i], NULL);
    }
    check_claim("{}", "sub", NULL);
}

/* An ID token and an access token of the same user. */
static void test_name_of_the_user(void **state) {
    (void)state;
    const char *const id = "{\"sub\":\"1\",\"cognito:username\":\"ann\"}";
    const char *const access = "{\"sub\":\"1\",\"username\":\"ann\"}";
    check_claim(id, "cognito:username", "ann");
    check_claim(id, "username", "ann");
    check_claim(access, "cognito:username", "ann");
    check_claim(access, "username", "ann");
    check_claim("{\"cognito:username\":\"a\",\"username\":\"b\"}", "username", "b");
    check_claim("{\"cognito:username\":\"a\",\"username\":\"b\"}", "cognito:username",
                "a");
    check_claim("{\"cognito:username\":5,\"username\":\"b\"}", "cognito:username", NULL);
}

static void test_several_claims(void **state) {
    (void)state;
    const char *const id = "{\"sub\":\"1\",\"cognito:username\":\"ann\",\"x\":\"y\"}";
    check_claim(id, "sub::username", "ann");
    check_claim(id, "username::sub", "1");
    check_claim(id, "sub::username::x", "y");
    check_claim(id, "sub::none", NULL);
    check_claim(id, "none::sub", NULL);
    check_claim(id, "sub::", NULL);
    check_claim(id, "::sub", NULL);
    check_claim(id, "::", NULL);
}

static void check_group(const char *groups, const char *group, bool expected) {
    bool found = !expected;
    ds_err err = DS_ERR_INIT;
    char *payload = sqlite3_mprintf("{\"g\":%s}", groups);
    ds_json *claims = claims_of(payload);
    assert_int_equal(ds_claims_have(claims, "g", group, &found, &err), SQLITE_OK);
    assert_int_equal(found, expected);
    assert_int_equal(ds_claims_have(claims, "other", group, &found, &err), SQLITE_OK);
    assert_false(found);
    ds_json_free(claims);
    sqlite3_free(payload);
}

static void test_groups(void **state) {
    (void)state;
    check_group("[\"a\",\"Admin\"]", "Admin", true);
    check_group("[\"a\",5,null,[\"Admin\"],{\"Admin\":1}]", "Admin", false);
    check_group("\"Admin\"", "Admin", true);
    check_group("\"[\\\"a\\\",\\\"Admin\\\"]\"", "Admin", true);
    check_group("\"\\\"Admin\\\"\"", "Admin", true);
    check_group("\"[\\\"Ad\\\\u006din\\\"]\"", "Admin", true);
    check_group("\"[\\\"Admin\\\"\"", "Admin", false);
    check_group("\"a, Admin\"", "Admin", false);
    check_group("\"\"", "Admin", false);
    check_group("[]", "Admin", false);
    check_group("{\"Admin\":\"Admin\"}", "Admin", false);
    check_group("null", "Admin", false);
    check_group("7", "7", false);
    check_group("[\"admin\"]", "Admin", false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_token),
        cmocka_unit_test(test_hostile_payload),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_name_of_the_user),
        cmocka_unit_test(test_several_claims),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Credentials as headers and signatures.
*/
#include "config.h"

static void check_headers(const char *json, ds_auth_mode mode, const char *last) {
    ds_auth auth;
    ds_err err = DS_ERR_INIT;
    ds_config *config = configure(NULL, json);
    assert_true(ds_auth_has(config, mode));
    assert_int_equal(ds_auth_make(config, mode, &auth, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    assert_false(auth.is_signed);
    assert_int_equal(auth.n_headers, last ? 3 : 2);
    assert_string_equal(auth.headers[0], "accept: application/json");
    assert_string_equal(auth.headers[1], "content-type: application/json; charset=UTF-8");
    if (last != NULL) {
        assert_string_equal(auth.headers[2], last);
    }
    ds_auth_done(&auth);
    ds_config_release(config);
}

static void test_headers(void **state) {
    (void)state;
    static const char token[] = "{\"authToken\":\"eyJ.x.y\"}";
    check_headers("{\"apiKey\":\"da2-x\"}", DS_AUTH_API_KEY, "x-api-key: da2-x");
    check_headers(token, DS_AUTH_USER_POOL, "authorization: eyJ.x.y");
    check_headers(token, DS_AUTH_OIDC, "authorization: eyJ.x.y");
    check_headers(token, DS_AUTH_LAMBDA, "authorization: eyJ.x.y");
    check_headers("{}", DS_AUTH_NONE, NULL);
}

#define KEYS "\"accessKeyId\":\"AKIDEXAMPLE\",\"secretAccessKey\":\"s/e\""

static void check_signer(const char *json, const char *region, const char *last) {
    ds_auth auth;
    ds_err err = DS_ERR_INIT;
    ds_config *config = configure(NULL, json);
    assert_true(ds_auth_has(config, DS_AUTH_IAM));
    assert_int_equal(ds_auth_make(config, DS_AUTH_IAM, &auth, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    assert_true(auth.is_signed);
    assert_string_equal(auth.signer.region, region);
    assert_string_equal(auth.signer.service, "appsync");
    assert_string_equal(auth.signer.access_key, "AKIDEXAMPLE");
    assert_string_equal(auth.signer.secret_key, "s/e");
    assert_int_equal(auth.n_headers, last ? 3 : 2);
    if (last != NULL) {
        assert_string_equal(auth.headers[2], last);
    }
    ds_auth_done(&auth);
    ds_config_release(config);
}

static void test_signer(void **state) {
    (void)state;
    check_signer("{\"region\":\"us-east-2\"," KEYS "}", "us-east-2", NULL);
    check_signer("{\"url\":\"" APPSYNC_URL "\"," KEYS "}", "eu-west-1", NULL);
    check_signer("{\"url\":\"" APPSYNC_URL
                 "\",\"region\":\"a\",\"sessionToken\":\"IQ//8=\"," KEYS "}",
                 "a", "x-amz-security-token: IQ//8=");
}

static void check_missing(const char *json, ds_auth_mode mode, const char *message) {
    ds_auth auth;
    ds_err err = DS_ERR_INIT;
    ds_config *config = configure(NULL, json);
    assert_int_equal(ds_auth_make(config, mode, &auth, &err), SQLITE_AUTH);
    assert_string_equal(err.text, message);
    ds_auth_done(&auth);
    ds_config_release(config);
}

static void test_missing(void **state) {
    (void)state;
    check_missing(
        "{}", DS_AUTH_API_KEY,
        "no credential for authMode \"apiKey\": set apiKey with datastore_configure");
    check_missing(
        "{}", DS_AUTH_OIDC,
        "no credential for authMode \"oidc\": set authToken with datastore_configure");
    check_missing(
        "{\"secretAccessKey\":\"x\"}", DS_AUTH_IAM,
        "no credential for authMode \"iam\": set accessKeyId with datastore_configure");
    check_missing("{\"accessKeyId\":\"x\"}", DS_AUTH_IAM,
                  "no credential for authMode \"iam\": set secretAccessKey with "
                  "datastore_configure");
    check_missing("{" KEYS "}", DS_AUTH_IAM,
                  "authMode \"iam\" needs a region: set it with datastore_configure");
    check_missing("{\"url\":\"https://api.test/x\"," KEYS "}", DS_AUTH_IAM,
                  "authMode \"iam\" needs a region: set it with datastore_configure");
}

static void test_has(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"accessKeyId\":\"x\"}");
    assert_false(ds_auth_has(config, DS_AUTH_API_KEY));
    assert_false(ds_auth_has(config, DS_AUTH_USER_POOL));
    assert_false(ds_auth_has(config, DS_AUTH_LAMBDA));
    assert_false(ds_auth_has(config, DS_AUTH_IAM));
    assert_true(ds_auth_has(config, DS_AUTH_NONE));
    ds_config_release(config);
}

/* A file that has gone is an error of its own. */
static void test_unreadable(void **state) {
    (void)state;
    ds_auth auth;
    ds_err err = DS_ERR_INIT;
    char *path = write_file("k", 1);
    char *json = sqlite3_mprintf("{\"apiKey\":{\"file\":\"%s\"}}", path);
    ds_config *config = configure(NULL, json);
    sqlite3_free(json);
    remove_file(path);
    assert_int_equal(ds_auth_make(config, DS_AUTH_API_KEY, &auth, &err), SQLITE_ERROR);
    assert_non_null(strstr(err.text, "configuration: apiKey: cannot read"));
    ds_auth_done(&auth);
    ds_config_release(config);
}

static void test_names(void **state) {
    (void)state;
    static const char *const aws[] = {"API_KEY",        "AMAZON_COGNITO_USER_POOLS",
                                      "OPENID_CONNECT", "AWS_IAM",
                                      "AWS_LAMBDA",     "NONE"};
    for (int i = 0; i < DS_AUTH_MODE_COUNT; i++) {
        ds_auth_mode mode = DS_AUTH_MODE_COUNT;
        assert_true(ds_auth_mode_find(ds_auth_mode_name((ds_auth_mode)i), &mode));
        assert_int_equal(mode, i);
        mode = DS_AUTH_MODE_COUNT;
        assert_true(ds_auth_mode_find(aws[i], &mode));
        assert_int_equal(mode, i);
    }
    ds_auth_mode mode = DS_AUTH_NONE;
    assert_false(ds_auth_mode_find("apikey", &mode));
    assert_int_equal(mode, DS_AUTH_NONE);
}

static void test_out_of_memory(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"url\":\"" APPSYNC_URL "\",\"sessionToken\":\"t\"," KEYS "}");
    sqlite3_int64 used = sqlite3_memory_used();
    int n = 0;
    for (int rc = SQLITE_NOMEM; rc == SQLITE_NOMEM; n++) {
        ds_auth auth;
        ds_err err = DS_ERR_INIT;
        sqlite3_hard_heap_limit64(used + n * 50);
        rc = ds_auth_make(config, DS_AUTH_IAM, &auth, &err);
        sqlite3_hard_heap_limit64(0);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        ds_auth_done(&auth);
        assert_int_equal(sqlite3_memory_used(), used);
    }
    assert_in_range(n, 3, 200);
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),       cmocka_unit_test(test_signer),
        cmocka_unit_test(test_missing),       cmocka_unit_test(test_has),
        cmocka_unit_test(test_unreadable),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The files of Amplify's tools.
*/
#include "config.h"

static void check_imported(const char *json, const char *region, int n_modes,
                           const ds_auth_mode *expected) {
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    ds_config *config = configure(NULL, json);
    assert_string_equal(ds_config_text(config, DS_CONFIG_URL), APPSYNC_URL);
    assert_string_equal(ds_config_text(config, DS_CONFIG_REGION), region);
    assert_int_equal(ds_config_modes(config, modes), n_modes);
    for (int i = 0; i < n_modes; i++) {
        assert_int_equal(modes[i], expected[i]);
    }
    ds_config_release(config);
}

static void test_outputs(void **state) {
    (void)state;
    const ds_auth_mode modes[] = {DS_AUTH_IAM, DS_AUTH_USER_POOL, DS_AUTH_API_KEY};
    check_imported(
        "{\"auth\":{\"user_pool_id\":\"eu-west-1_x\",\"aws_region\":\"eu-west-1\"},"
        "\"data\":{\"url\":\"" APPSYNC_URL "\",\"aws_region\":\"eu-west-2\","
        "\"default_authorization_type\":\"AWS_IAM\",\"authorization_types\":["
        "\"AMAZON_COGNITO_USER_POOLS\",\"API_KEY\",\"AWS_IAM\"],\"api_key\":\"da2-x\","
        "\"model_introspection\":{\"version\":1,\"models\":{}}},"
        "\"storage\":{\"bucket_name\":\"b\"},\"version\":\"1.1\"}",
        "eu-west-2", 3, modes);
    check_imported("{\"data\":{\"url\":\"" APPSYNC_URL "\",\"aws_region\":\"eu-west-2\","
                   "\"default_authorization_type\":\"AWS_IAM\",\"api_key\":null}}",
                   "eu-west-2", 1, modes);
}

static void test_native(void **state) {
    (void)state;
    const ds_auth_mode modes[] = {DS_AUTH_API_KEY};
    check_imported("{\"UserAgent\":\"aws-amplify-cli/"
                   "2.0\",\"Version\":\"1.0\",\"api\":{\"plugins\":{"
                   "\"awsAPIPlugin\":{\"rest\":{\"endpointType\":\"REST\",\"endpoint\":"
                   "\"https://r/\"},"
                   "\"blog\":{\"endpointType\":\"GraphQL\",\"endpoint\":\"" APPSYNC_URL
                   "\","
                   "\"region\":\"eu-west-1\",\"authorizationType\":\"API_KEY\","
                   "\"apiKey\":\"da2-x\"}}}},"
                   "\"auth\":{\"plugins\":{}}}",
                   "eu-west-1", 1, modes);
}

static void test_exports(void **state) {
    (void)state;
    const ds_auth_mode modes[] = {DS_AUTH_OIDC};
    check_imported(
        "{\"aws_project_region\":\"us-east-1\",\"aws_appsync_graphqlEndpoint\":"
        "\"" APPSYNC_URL "\",\"aws_appsync_region\":\"eu-west-1\","
        "\"aws_appsync_authenticationType\":\"OPENID_CONNECT\",\"oauth\":{}}",
        "eu-west-1", 1, modes);
}

/* Keys of ours beside those of the file count, and the file's come first. */
static void test_with_keys_of_ours(void **state) {
    (void)state;
    ds_config *config =
        configure(NULL, "{\"syncPageSize\":7,\"region\":\"eu-west-9\","
                        "\"aws_appsync_graphqlEndpoint\":\"" APPSYNC_URL "\","
                        "\"aws_appsync_region\":\"eu-west-1\"}");
    assert_int_equal(ds_config_number(config, DS_CONFIG_SYNC_PAGE_SIZE), 7);
    assert_string_equal(ds_config_text(config, DS_CONFIG_REGION), "eu-west-9");
    ds_config_release(config);
}

/* What a file does not name stays. */
static void test_over_another(void **state) {
    (void)state;
    ds_config *config = configure(NULL, "{\"apiKey\":\"k\",\"concurrency\":2}");
    config = configure(config, "{\"data\":{\"url\":\"" APPSYNC_URL "\"}}");
    assert_true(ds_config_has(config, DS_CONFIG_API_KEY));
    assert_int_equal(ds_config_number(config, DS_CONFIG_CONCURRENCY), 2);
    ds_config_release(config);
}

static void test_without_api(void **state) {
    (void)state;
    check_refused("{\"version\":\"1\",\"auth\":{}}",
                  "configuration: the file names no GraphQL API (data.url is missing)");
    check_refused("{\"data\":[]}",
                  "configuration: the file names no GraphQL API (data.url is missing)");
    check_refused(
        "{\"UserAgent\":\"x\"}",
        "configuration: the file names no GraphQL API (no endpoint of type GraphQL in "
        "api.plugins.awsAPIPlugin)");
    check_refused(
        "{\"api\":{\"plugins\":{\"awsAPIPlugin\":{\"a\":{\"endpointType\":\"REST\"}}}}}",
        "configuration: the file names no GraphQL API (no endpoint of type GraphQL in "
        "api.plugins.awsAPIPlugin)");
    check_refused(
        "{\"api\":{\"plugins\":{\"awsAPIPlugin\":[1,{}]}}}",
        "configuration: the file names no GraphQL API (no endpoint of type GraphQL in "
        "api.plugins.awsAPIPlugin)");
    check_refused(
        "{\"aws_project_region\":\"x\"}",
        "configuration: the file names no GraphQL API (aws_appsync_graphqlEndpoint is "
        "missing)");
}

static void test_wrong_values(void **state) {
    (void)state;
    check_refused(
        "{\"api\":{\"plugins\":{\"awsAPIPlugin\":{"
        "\"a\":{\"endpointType\":\"GraphQL\",\"endpoint\":\"https://a/\"},"
        "\"b\":{\"endpointType\":\"GraphQL\",\"endpoint\":\"https://b/\"}}}}}",
        "configuration: the file names several GraphQL APIs (\"a\" and \"b\"): set "
        "url, region and the credentials of one");
    check_refused(
        "{\"data\":{\"url\":\"ftp://x\"}}",
        "configuration: url: expected a URL that begins with https:// or http://");
    check_refused("{\"data\":{\"url\":\"https://x/\",\"authorization_types\":[\"X\"]}}",
                  "configuration: authModes: unknown mode in the file: \"X\"");
    check_refused("{\"data\":{\"url\":\"https://x/\",\"authorization_types\":[1]}}",
                  "configuration: authModes: unknown mode in the file: \"\"");
    check_refused(
        "{\"data\":{\"url\":\"https://x/\",\"default_authorization_type\":\"X\"}}",
        "configuration: authMode: expected apiKey, userPool, oidc, iam, lambda or none, "
        "found \"X\"");
}

/* Keys of ours alone are no file. */
static void test_not_foreign(void **state) {
    (void)state;
    ds_json *root = NULL;
    ds_config *config = NULL;
    ds_err err = DS_ERR_INIT;
    bool is_foreign = true;
    assert_int_equal(ds_config_new(&config), SQLITE_OK);
    assert_int_equal(ds_json_parse("{\"api\":1,\"url\":\"x\"}", 19, &root, &err),
                     SQLITE_OK);
    assert_int_equal(ds_config_import(config, root, &is_foreign, &err), SQLITE_OK);
    assert_false(is_foreign);
    ds_json_free(root);
    ds_config_release(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outputs),      cmocka_unit_test(test_native),
        cmocka_unit_test(test_exports),      cmocka_unit_test(test_with_keys_of_ours),
        cmocka_unit_test(test_over_another), cmocka_unit_test(test_without_api),
        cmocka_unit_test(test_wrong_values), cmocka_unit_test(test_not_foreign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

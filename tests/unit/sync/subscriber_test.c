/*
** As whom a model is subscribed to: what Amplify's client decides in the same place, and where it is better
** not to follow it.
*/
#include "live.h"

/* A configuration with a token of these claims. */
static ds_config *by_token(const char *mode, const char *claims) {
    ds_buf json;
    ds_buf_init(&json, 100000);
    ds_buf_addf(&json, "{\"authMode\":\"%s\",\"authToken\":\"e30.", mode);
    ds_buf_add_base64(&json, claims, strlen(claims), true);
    ds_buf_add(&json, ".c2ln\"}");
    ds_config *config = config_of(ds_buf_text(&json));
    ds_buf_done(&json);
    return config;
}

static ds_catalog *catalog_of(int transformer, const char *sdl) {
    ds_catalog *catalog = NULL;
    ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    options.transformer_version = transformer;
    assert_int_equal(ds_catalog_build(sdl, strlen(sdl), &options, &catalog, &err),
                     SQLITE_OK);
    return catalog;
}

/* owner=ann, with "+" behind it when more may be read; "-" for no argument; or why not. */
static void check(const char *model, int transformer, const ds_config *config,
                  ds_auth_mode mode, const char *expected) {
    char found[DS_ERR_TEXT_MAX + 10];
    ds_subscriber subscriber;
    ds_err why = DS_ERR_INIT;
    char *sdl = sqlite3_mprintf("type T @model%s { id: ID! author: String editors: "
                                "[String] }",
                                model);
    ds_catalog *catalog = catalog_of(transformer, sdl);
    int rc = ds_subscriber_find(&catalog->models[0], config, mode, &subscriber, &why);
    if (rc == SQLITE_OK) {
        assert_int_equal(subscriber.field != NULL, subscriber.value != NULL);
        sqlite3_snprintf(
            sizeof found, found, "%s%s%s%s", subscriber.field ? subscriber.field : "-",
            subscriber.field ? "=" : "", subscriber.value ? subscriber.value : "",
            subscriber.is_partial ? "+" : "");
    } else {
        assert_int_equal(rc, SQLITE_AUTH);
        assert_null(subscriber.value);
        sqlite3_snprintf(sizeof found, found, "%s", why.text);
    }
    assert_string_equal(found, expected);
    ds_subscriber_done(&subscriber);
    ds_catalog_release(catalog);
    sqlite3_free(sdl);
}

/* By the claims of an ID token, with each transformer. */
static void check_rules(const char *rules, const char *claims, const char *with_v1,
                        const char *with_v2) {
    char *auth = sqlite3_mprintf(" @auth(rules: [%s])", rules);
    ds_config *config = by_token("userPool", claims);
    check(auth, 1, config, DS_AUTH_USER_POOL, with_v1);
    check(auth, 2, config, DS_AUTH_USER_POOL, with_v2);
    ds_config_release(config);
    sqlite3_free(auth);
}

#define ANN   "{\"sub\":\"1\",\"cognito:username\":\"ann\",\"token_use\":\"id\"}"
#define ADMIN "{\"sub\":\"1\",\"cognito:username\":\"ann\",\"cognito:groups\":%s}"

static void test_owner(void **state) {
    (void)state;
    check_rules("{allow: owner}", ANN, "owner=ann", "owner=ann"); /* B1 */
    check_rules("{allow: owner, operations: [read]}", ANN, "owner=ann", "owner=ann");
    check_rules("{allow: owner, ownerField: \"author\"}", ANN, "author=ann",
                "author=ann"); /* B4 */
    check_rules("{allow: owner, identityClaim: \"sub\"}", ANN, "owner=1", "owner=1");
    check_rules("{allow: owner, identityClaim: \"username\"}", ANN, "owner=ann",
                "owner=ann");
    check_rules("{allow: owner}", "{\"sub\":\"1\",\"username\":\"ann\"}", "owner=ann",
                "owner=ann");
    check_rules("{allow: owner}", "{\"cognito:username\":\"a\\\"b\\u20ac\"}",
                "owner=a\"b\u20ac", "owner=a\"b\u20ac");
}

/* What is stored is 1::ann, what is shown, and compared with the argument, is ann. */
static void test_several_claims(void **state) {
    (void)state;
    check_rules("{allow: owner, identityClaim: \"sub::username\"}", ANN, "owner=ann",
                "owner=ann");
}

static void test_nothing_to_read(void **state) {
    (void)state; /* B2 */
    check_rules("{allow: owner, operations: [create, update]}", ANN, "-", "-");
    ds_config *config = by_token("userPool", ANN);
    const char *const model =
        "(subscriptions: {level: public}) @auth(rules: [{allow: owner}])";
    check(model, 1, config, DS_AUTH_USER_POOL, "-");
    check(model, 2, config, DS_AUTH_USER_POOL, "-");
    check("", 1, config, DS_AUTH_USER_POOL, "-");
    ds_config_release(config);
}

/* B5, B9: only a token of a user tells who he is. */
static void test_other_modes(void **state) {
    (void)state;
    static const struct {
        ds_auth_mode mode;
        const char *name;
    } modes[] = {{DS_AUTH_API_KEY, "apiKey"},
                 {DS_AUTH_IAM, "iam"},
                 {DS_AUTH_LAMBDA, "lambda"},
                 {DS_AUTH_NONE, "none"}};
    const char *const model = " @auth(rules: [{allow: owner}])";
    ds_config *config = by_token("lambda", ANN);
    for (size_t i = 0; i < DS_COUNT(modes); i++) {
        char *why = sqlite3_mprintf("the API wants to know the owner (\"owner\"), whom "
                                    "authMode \"%s\" does not tell",
                                    modes[i].name);
        check(model, 1, config, modes[i].mode, why);
        check(model, 2, config, modes[i].mode, "-");
        check(" @auth(rules: [{allow: owner}, {allow: private, provider: iam}])", 1,
              config, modes[i].mode, "-");
        sqlite3_free(why);
    }
    ds_config_release(config);
}

/* B3: where the argument is optional, the API may judge. */
static void test_unknown(void **state) {
    (void)state;
    const char *const model = " @auth(rules: [{allow: owner}])";
    check_rules("{allow: owner}", "{\"sub\":\"1\"}",
                "the API wants to know the owner (\"owner\"), and authToken has no claim "
                "\"cognito:username\" for authMode \"userPool\"",
                "-");
    check_rules("{allow: owner, identityClaim: \"email\"}", ANN,
                "the API wants to know the owner (\"owner\"), and authToken has no claim "
                "\"email\" for authMode \"userPool\"",
                "-");
    check_rules("{allow: owner}, {allow: groups, groups: [\"A\"]}", "{\"sub\":\"1\"}",
                "-", "-");
    ds_config *config = config_of("{\"authMode\":\"userPool\",\"authToken\":\"opaque\"}");
    check(model, 1, config, DS_AUTH_USER_POOL,
          "authToken is no JSON Web Token: nothing says whose it is");
    check(model, 2, config, DS_AUTH_USER_POOL, "-");
    ds_config_release(config);
}

/* B6: group beats owner, in each form of the claim. */
static void test_groups(void **state) {
    (void)state;
    const char *const rules =
        "{allow: owner}, {allow: groups, groups: [\"B\", \"Admin\"]}";
    const char *const forms[] = {"[\"x\",\"Admin\"]", "\"[\\\"x\\\",\\\"Admin\\\"]\"",
                                 "\"\\\"Admin\\\"\"", "\"Admin\""};
    for (size_t i = 0; i < DS_COUNT(forms); i++) {
        char *claims = sqlite3_mprintf(ADMIN, forms[i]);
        check_rules(rules, claims, "-", "-");
        sqlite3_free(claims);
    }
    check_rules(rules, "{\"cognito:username\":\"ann\",\"cognito:groups\":[\"x\"]}",
                "owner=ann", "owner=ann");
    check_rules("{allow: owner}, {allow: groups, groups: [\"A\"], groupClaim: \"roles\"}",
                "{\"cognito:username\":\"ann\",\"roles\":\"A\"}", "-", "-");
}

/* Where a record names its groups, the owner's are told only. */
static void test_groups_of_records(void **state) {
    (void)state;
    const char *const rules = "{allow: owner}, {allow: groups, groupsField: \"editors\"}";
    check_rules(rules, "{\"cognito:username\":\"ann\",\"cognito:groups\":[\"x\"]}",
                "owner=ann+", "owner=ann+");
    check_rules(rules, ANN, "owner=ann", "owner=ann");
}

/* Whoever may read everything is to be told of everything. */
static void test_private(void **state) {
    (void)state;
    check_rules("{allow: owner}, {allow: private}", ANN, "-", "-");
    check_rules("{allow: owner}, {allow: private, operations: [create]}", ANN,
                "owner=ann", "owner=ann");
    check_rules("{allow: owner}, {allow: private, provider: iam}", ANN, "owner=ann",
                "owner=ann");
}

/* The last one whose claim is there. */
static void test_several_owners(void **state) {
    (void)state;
    check_rules("{allow: owner}, {allow: owner, ownerField: \"author\"}", ANN,
                "author=ann+", "author=ann+");
    check_rules("{allow: owner}, {allow: owner, ownerField: \"author\", identityClaim: "
                "\"email\"}",
                ANN, "owner=ann", "owner=ann");
    check_rules("{allow: owner}, {allow: owner, identityClaim: \"sub\"}", ANN, "owner=1+",
                "owner=1+");
}

/* A list cannot be an argument, but may hold more records of ours. */
static void test_list_of_owners(void **state) {
    (void)state;
    check_rules("{allow: owner}, {allow: owner, ownerField: \"editors\"}", ANN,
                "owner=ann+", "owner=ann+");
    check_rules("{allow: owner, ownerField: \"editors\"}, {allow: owner}", ANN,
                "owner=ann+", "owner=ann+");
    check_rules("{allow: owner, ownerField: \"editors\"}", ANN,
                "the API wants to know one owner, and \"editors\" is a list", "-");
}

/* B10, B11: of each provider its own rules count. */
static void test_providers(void **state) {
    (void)state;
    const char *const one =
        " @auth(rules: [{allow: owner, provider: oidc, identityClaim: \"sub\"}])";
    const char *const both = " @auth(rules: [{allow: owner}, {allow: owner, provider: "
                             "oidc, ownerField: \"author\", identityClaim: \"sub\"}])";
    ds_config *config = by_token("oidc", ANN);
    check(one, 1, config, DS_AUTH_OIDC, "owner=1");
    check(one, 2, config, DS_AUTH_OIDC, "owner=1");
    check(one, 1, config, DS_AUTH_USER_POOL,
          "the API wants to know the owner (\"owner\"), and authToken has no claim "
          "\"sub\" for authMode \"userPool\"");
    check(both, 1, config, DS_AUTH_OIDC, "author=1");
    check(both, 1, config, DS_AUTH_USER_POOL, "owner=ann");
    check(both, 2, config, DS_AUTH_USER_POOL, "owner=ann");
    ds_config_release(config);
}

/* ---- whose token it is ----------------------------------------------------------------------------------- */

static void check_user(const char *config_json, const char *mode, const char *claims,
                       const char *expected) {
    char *user = NULL;
    ds_engine asked = {.config =
                           config_json ? config_of(config_json) : by_token(mode, claims)};
    asked.n_modes = ds_config_modes(asked.config, asked.modes);
    assert_int_equal(ds_subscriber_user(&asked, &user, &err), SQLITE_OK);
    assert_string_equal(user ? user : "(none)", expected);
    sqlite3_free(user);
    ds_config_release(asked.config);
}

static void test_user(void **state) {
    (void)state;
    check_user("{}", NULL, NULL, "(none)");
    check_user("{\"authMode\":\"userPool\",\"authToken\":\"opaque\"}", NULL, NULL,
               "(none)");
    check_user(NULL, "lambda", ANN, "(none)");
    check_user(NULL, "userPool", ANN, "\n\n\"1\"\n\n\"ann\"\n");
    check_user(
        NULL, "oidc",
        "{\"iss\":\"i\",\"sub\":\"s\",\"username\":\"u\",\"cognito:groups\":[\"A\"],"
        "\"exp\":1}",
        "\n\"i\"\n\"s\"\n\"u\"\n\n[\"A\"]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner),
        cmocka_unit_test(test_several_claims),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_other_modes),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_groups_of_records),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_several_owners),
        cmocka_unit_test(test_list_of_owners),
        cmocka_unit_test(test_providers),
        cmocka_unit_test(test_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

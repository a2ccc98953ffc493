/*
** Owners by @auth: which fields, which of them only the API has, which subscriptions take; and who may
** subscribe.
*/
#include "catalog.h"

/* owner implicit String!, editors */
static void add_owners(ds_buf *out, const ds_model *model) {
    for (int i = 0; i < model->n_owners; i++) {
        const ds_owner *owner = &model->owners[i];
        ds_buf_addf(out, "%s%s%s%s", i ? ", " : "", owner->field,
                    owner->is_implicit ? " implicit" : "",
                    owner->is_argument ? " String" : "");
        ds_buf_add(out, owner->is_required ? "!" : "");
        assert_true(owner->is_argument || !owner->is_required);
    }
}

/* The owners of model T. */
static void check_owners(const ds_model_options *options, const char *sdl,
                         const char *expected) {
    ds_catalog *catalog = built(options, sdl);
    check_text(catalog, "T", add_owners, expected);
    ds_catalog_release(catalog);
}

#define BODY " { id: ID! name: String editors: [String] author: String }"

/* One type-level list of rules, with each transformer. */
static void check_rules(const char *rules, const char *with_v1, const char *with_v2) {
    char *sdl = sqlite3_mprintf("type T @model @auth(rules: [%s])" BODY, rules);
    assert_non_null(sdl);
    check_owners(&v1, sdl, with_v1);
    check_owners(&v2, sdl, with_v2);
    sqlite3_free(sdl);
}

static void test_none(void **state) {
    (void)state;
    check_owners(&v1, "type T @model" BODY, "");
    check_rules("{allow: public}, {allow: private, provider: iam}", "", "");
    check_rules("{allow: groups, groups: [\"Admin\"], ownerField: \"name\"}", "", "");
    check_rules("{allow: custom}", "", "");
}

static void test_owner_field(void **state) {
    (void)state;
    check_rules("{allow: owner}", "owner implicit String!", "owner implicit String");
    check_rules("{allow: owner, ownerField: null}", "owner implicit String!",
                "owner implicit String");
    check_rules("{allow: \"owner\", ownerField: \"\"}", "owner implicit String!",
                "owner implicit String");
    check_rules("{allow: owner, ownerField: \"boss\"}", "boss implicit String!",
                "boss implicit String");
    check_rules("{allow: owner, ownerField: \"author\"}", "author String!",
                "author String");
    check_rules("{allow: owner, ownerField: \"createdAt\"}", "createdAt String!",
                "createdAt String");
}

/* Transformer 2 takes no list of owners as an argument. */
static void test_list_of_owners(void **state) {
    (void)state;
    check_rules("{allow: owner, ownerField: \"editors\"}", "editors String!", "editors");
    check_rules("{allow: owner}, {allow: owner, ownerField: \"editors\"}",
                "owner implicit String, editors String",
                "owner implicit String, editors");
}

/* With transformer 1 the owner must be given when nobody else may read. */
static void test_others(void **state) {
    (void)state;
    const char *optional = "owner implicit String";
    check_rules("{allow: owner}, {allow: groups, groups: [\"A\"]}", optional, optional);
    check_rules("{allow: owner}, {allow: public}", optional, optional);
    check_rules("{allow: owner}, {allow: private, provider: iam}", optional, optional);
    check_rules("{allow: owner}, {allow: groups, groups: [\"A\"], operations: [create]}",
                "owner implicit String!", optional);
    check_rules("{allow: owner}, {allow: groups, groupsField: \"editors\"}",
                "owner implicit String!", optional);
    check_rules("{allow: owner}, {allow: owner, identityClaim: \"sub\"}", optional,
                optional);
}

/* Who has signed in may read: transformer 1 asks for no owner. */
static void test_signed_in(void **state) {
    (void)state;
    check_rules("{allow: owner}, {allow: private}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner}, {allow: private, provider: userPools}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner}, {allow: public, provider: userPools}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner}, {allow: private, operations: [create]}",
                "owner implicit String!", "owner implicit String");
}

static void test_operations(void **state) {
    (void)state;
    check_rules("{allow: owner, operations: [create, read]}", "owner implicit String!",
                "owner implicit String");
    check_rules("{allow: owner, operations: read}", "owner implicit String!",
                "owner implicit String");
    check_rules("{allow: owner, operations: [create, update]}", "owner implicit",
                "owner implicit");
    check_rules("{allow: owner, operations: []}", "owner implicit", "owner implicit");
    check_rules("{allow: owner, operations: null}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner, operations: [listen]}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner, operations: [get, list, sync]}", "owner implicit",
                "owner implicit");
    check_rules("{allow: owner, queries: [get]}", "owner implicit",
                "owner implicit String");
    check_rules("{allow: owner, queries: null, operations: [read]}",
                "owner implicit String!", "owner implicit String");
    check_rules("{allow: owner, mutations: [create]}", "owner implicit String!",
                "owner implicit String");
}

static void test_level(void **state) {
    (void)state;
    const char *sdl = "type T @model(subscriptions: {level: %s}) @auth(rules: [{allow: "
                      "owner}]) { id: ID! }";
    const char *const cases[][3] = {
        {"public", "owner implicit", "owner implicit"},
        {"off", "owner implicit String!", "owner implicit String"},
        {"on", "owner implicit String!", "owner implicit String"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        char *text = sqlite3_mprintf(sdl, cases[i][0]);
        check_owners(&v1, text, cases[i][1]);
        check_owners(&v2, text, cases[i][2]);
        sqlite3_free(text);
    }
}

/* Rules of fields: transformer 1 only adds their owners to the type. */
static void test_fields(void **state) {
    (void)state;
    const char *one =
        "type T @model { id: ID! a: String @auth(rules: [{allow: owner}]) }";
    check_owners(&v1, one, "owner implicit");
    check_owners(&v2, one, "owner implicit String");
    const char *both =
        "type T @model @auth(rules: [{allow: owner, operations: [create]}]) "
        "{ id: ID! a: String @auth(rules: [{allow: owner, operations: "
        "[read]}, {allow: private}]) }";
    check_owners(&v1, both, "owner implicit");
    check_owners(&v2, both, "owner implicit String");
}

/* A field with rules of its own is free of the type's; here every field is. */
static void test_fields_without_type(void **state) {
    (void)state;
    const char *sdl = "type T @model @auth(rules: [{allow: owner}]) "
                      "{ id: ID! @auth(rules: [{allow: public}]) }";
    check_owners(&v2, sdl, "owner implicit");
    const char *extended = "type T @model @auth(rules: [{allow: owner}]) "
                           "{ id: ID! @auth(rules: [{allow: public}]) } "
                           "extend type T { a: String }";
    check_owners(&v2, extended, "owner implicit");
    const char *plain = "type T @model @auth(rules: [{allow: owner}]) "
                        "{ id: ID! @auth(rules: [{allow: public}]) a: String }";
    check_owners(&v2, plain, "owner implicit String");
}

#define JOINED(rules_a, rules_t)                                                         \
    "type A @model @auth(rules: [" rules_a "]) "                                         \
    "{ id: ID! editors: [String] bs: [B] @manyToMany(relationName: \"T\") }"             \
    "type B @model @auth(rules: [" rules_t "]) "                                         \
    "{ id: ID! as: [A] @manyToMany(relationName: \"T\") }"

static void test_join_model(void **state) {
    (void)state;
    check_owners(&v2, JOINED("{allow: owner}", "{allow: public}"),
                 "owner implicit String");
    check_owners(&v2, JOINED("{allow: public}", "{allow: owner, ownerField: \"boss\"}"),
                 "boss implicit String");
    check_owners(&v2, JOINED("{allow: owner}", "{allow: owner, operations: [create]}"),
                 "owner implicit");
    check_owners(&v2, JOINED("{allow: owner, operations: [create]}", "{allow: owner}"),
                 "owner implicit String");
    check_owners(&v2,
                 JOINED("{allow: owner, ownerField: \"editors\"}", "{allow: public}"),
                 "editors implicit String");
}

/* ---- who may subscribe ------------------------------------------------------------------------ */

/* owner by cognito:username, oidc groups A B by roles, private */
static void add_rules(ds_buf *out, const ds_model *model) {
    static const char *const names[] = {"owner", "groups", "private"};
    for (int i = 0; i < model->n_auth_rules; i++) {
        const ds_auth_rule *rule = &model->auth_rules[i];
        assert_int_equal(rule->owner != NULL, rule->allow == DS_ALLOW_OWNER);
        ds_buf_addf(out, "%s%s%s%s", i ? ", " : "", rule->is_oidc ? "oidc " : "",
                    rule->owner ? rule->owner->field : names[rule->allow],
                    rule->owner && rule->owner->is_list ? "[]" : "");
        for (int k = 0; k < rule->n_groups; k++) {
            ds_buf_addf(out, " %s", rule->groups[k]);
        }
        if (rule->claim != NULL) {
            ds_buf_addf(out, " by %s", rule->claim);
        }
    }
}

/* The rules by which a token's user may subscribe, the same with each transformer. */
static void check_subscribers(const char *rules, const char *expected) {
    const ds_model_options *const both[] = {&v1, &v2};
    for (size_t i = 0; i < DS_COUNT(both); i++) {
        char *sdl = sqlite3_mprintf("type T @model @auth(rules: [%s])" BODY, rules);
        ds_catalog *catalog = built(both[i], sdl);
        check_text(catalog, "T", add_rules, expected);
        ds_catalog_release(catalog);
        sqlite3_free(sdl);
    }
}

static void test_subscribers(void **state) {
    (void)state;
    check_subscribers("{allow: owner}", "owner by cognito:username");
    check_subscribers("{allow: owner, ownerField: \"author\", identityClaim: \"sub\", "
                      "provider: oidc}",
                      "oidc author by sub");
    check_subscribers("{allow: owner, identityClaim: \"\"}", "owner by cognito:username");
    check_subscribers("{allow: owner, ownerField: \"editors\"}",
                      "editors[] by cognito:username");
    check_subscribers("{allow: owner, operations: [create]}", "");
    check_subscribers("{allow: groups, groups: [\"A\", \"B\"]}, {allow: owner}",
                      "groups A B by cognito:groups, owner by cognito:username");
    check_subscribers("{allow: groups, groups: \"A\", groupClaim: \"roles\", provider: "
                      "oidc}",
                      "oidc groups A by roles");
    check_subscribers("{allow: groups, groupsField: \"editors\", groups: [\"A\"]}",
                      "groups by cognito:groups");
    check_subscribers("{allow: groups, groups: [\"A\"], operations: [create]}", "");
    check_subscribers("{allow: private}", "private");
    check_subscribers("{allow: private, provider: oidc}", "oidc private");
    check_subscribers("{allow: private, provider: iam}, {allow: public}, {allow: public, "
                      "provider: userPools}, {allow: custom}, {allow: owner, provider: "
                      "apiKey}",
                      "");
    check_subscribers("{allow: owner}, {allow: owner, identityClaim: \"sub\"}",
                      "owner by cognito:username, owner by sub");
}

static void test_refused(void **state) {
    (void)state;
    refused(&v1, "type T @model @auth(rules: [owner]) { id: ID! }",
            "schema line 1, column 29: a rule of @auth must be an object, as in {allow: "
            "owner}");
    refused(
        &v1,
        "type T @model { id: ID! a: Int @auth(rules: [{allow: owner, ownerField: \"a "
        "b\"}]) }",
        "schema line 1, column 46: \"ownerField\" of an @auth rule must be the name of "
        "a field");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_owner_field),
        cmocka_unit_test(test_list_of_owners),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_signed_in),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_level),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_fields_without_type),
        cmocka_unit_test(test_join_model),
        cmocka_unit_test(test_subscribers),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Directives of a whole document: the transformer version they tell, their places and
** arguments, and their reading.
*/
#include "catalog.h"

static void check_version(const char *directive, int version) {
    char sdl[300];
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { id: ID! b: [B] %s } type B @model { id: ID! }",
                     directive);
    ds_catalog *catalog = built(&told, sdl);
    assert_int_equal(catalog->transformer_version, version);
    ds_catalog_release(catalog);
}

static void test_version_is_told(void **state) {
    (void)state;
    check_version("@connection", 1);
    check_version("@hasMany", 2);
    check_version("", 2); /* neither: the newer one */
    ds_catalog *catalog = built(&v1, "type A @model { id: ID! }");
    assert_int_equal(catalog->transformer_version, 1);
    ds_catalog_release(catalog);
    catalog = built(&told, "type A @model @versioned { id: ID! }");
    assert_int_equal(catalog->transformer_version, 1);
    ds_catalog_release(catalog);
}

static void test_versions_exclude_each_other(void **state) {
    (void)state;
    refused(
        &told, "type A @model @key(fields: [\"id\"]) {\n id: ID! @index }",
        "schema line 2, column 10: @index is of transformer version 2, but @key (line 1) "
        "of version 1: one schema is for one of them");
    refused(&v1, "type A @model { id: ID! @index }",
            "schema line 1, column 25: @index is of transformer version 2, but "
            "transformerVersion is 1");
    refused(&v2, "type A @model @versioned { id: ID! }",
            "schema line 1, column 15: @versioned is of transformer version 1, but "
            "transformerVersion is 2");
}

static void test_unknown(void **state) {
    (void)state;
    refused(&told, "type A @modle { id: ID! }",
            "schema line 1, column 8: unknown directive @modle (did you mean @model?)");
    refused(&told, "enum E { A @sparkly }",
            "schema line 1, column 12: unknown directive @sparkly");
    /* Those of AppSync and those that the schema defines itself may stand anywhere. */
    ds_catalog *catalog =
        built(&told, "directive @own(a: Int) on OBJECT "
                     "type A @model @own(a: 1) @aws_iam { a: Int @aws_oidc } "
                     "input I @own { a: Int } union U @own = A");
    ds_catalog_release(catalog);
}

static void test_places(void **state) {
    (void)state;
    refused(&told, "enum E @model { A }",
            "schema line 1, column 8: @model may not stand on an enum");
    refused(&told, "enum E { A @index }",
            "schema line 1, column 12: @index may not stand on an enum value");
    refused(&told, "type A @index { a: Int }",
            "schema line 1, column 8: @index may not stand on a type");
    refused(&told, "type A { a: Int @model }",
            "schema line 1, column 17: @model may not stand on a field");
    refused(
        &told, "interface A { a: Int @index }",
        "schema line 1, column 22: @index may not stand on an interface, input, union or "
        "scalar");
}

static void test_twice(void **state) {
    (void)state;
    refused(&told, "type A @model { id: ID! @primaryKey @primaryKey }",
            "schema line 1, column 37: @primaryKey stands here twice");
    ds_catalog *catalog = built(
        &told, "type A @model { a: Int @index(name: \"one\") @index(name: \"two\") }");
    check_keys(catalog, "A", "id; one: a, two: a");
    ds_catalog_release(catalog);
}

static void test_arguments(void **state) {
    (void)state;
    refused(&told, "type A @model(querys: null) { id: ID! }",
            "schema line 1, column 15: @model has no argument \"querys\" (did you mean "
            "\"queries\"?)");
    refused(&told, "type A @model(queries: null, queries: null) { id: ID! }",
            "schema line 1, column 30: argument \"queries\" of @model stands twice");
    refused(
        &told, "type A @model { a: Int @index(name: byA) }",
        "schema line 1, column 37: argument \"name\" of @index must be a string, write "
        "\"byA\"");
    refused(&told, "type A @model { a: Int @index(name: 1) }",
            "schema line 1, column 37: argument \"name\" of @index must be a string");
    refused(&told, "type A @model { a: Int @index(name: \"\") }",
            "schema line 1, column 37: argument \"name\" of @index must be a name");
    refused(&told, "type A @model { a: Int @index(name: \"a\\u0000b\") }",
            "schema line 1, column 37: argument \"name\" of @index must be a name");
    refused(&told, "type A @model { a: Int @index(name: null) }",
            "schema line 1, column 37: argument \"name\" of @index must not be null");
    refused(&told, "type A @model @key(fields: [\"a\", 1]) { a: Int! }",
            "schema line 1, column 34: argument \"fields\" of @key must be a string");
    refused(&told, "type A @model @key(fields: null) { a: Int! }",
            "schema line 1, column 28: argument \"fields\" of @key must not be null");
}

static void test_too_many_names(void **state) {
    (void)state;
    refused(
        &told,
        "type A @model @key(fields: "
        "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\","
        "\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\"q\"]) { a: Int! }",
        "schema line 1, column 28: argument \"fields\" of @key must have 1 to 16 names");
}

static void test_own_definitions(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told, "directive @key(name: String, fields: [String!]!, queryField: String) "
               "repeatable on OBJECT type A @model { id: ID! }");
    ds_catalog_release(catalog);
    refused(&told, "directive @key(fields: [String]) on OBJECT type A @model { id: ID! }",
            "schema line 1, column 16: argument \"fields\" of @key differs from "
            "Amplify's own "
            "@key");
    refused(
        &told, "directive @key(field: String) on OBJECT type A @model { id: ID! }",
        "schema line 1, column 16: argument \"field\" of @key differs from Amplify's own "
        "@key");
}

static void test_auth_is_a_list(void **state) {
    (void)state;
    static const char text[] =
        "schema line 1, column %d: @auth needs a list of rules, as in "
        "@auth(rules: [{allow: owner}])";
    char message[200];
    sqlite3_snprintf(sizeof message, message, text, 28);
    refused(&told, "type A @model @auth(rules: {allow: owner}) { id: ID! }", message);
    refused(&told, "type A @model @auth(rules: []) { id: ID! }", message);
    sqlite3_snprintf(sizeof message, message, text, 15);
    refused(&told, "type A @model @auth { id: ID! }", message);
}

static void test_members(void **state) {
    (void)state;
    refused(
        &told, "type A @model(timestamps: {created: \"x\"}) { id: ID! }",
        "schema line 1, column 37: argument \"timestamps\" of @model has no \"created\" "
        "(did you mean \"createdAt\"?), known are createdAt, updatedAt");
    refused(
        &told, "type A @model(timestamps: true) { id: ID! }",
        "schema line 1, column 27: argument \"timestamps\" of @model must be null or an "
        "object: {createdAt: …}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_is_told),
        cmocka_unit_test(test_versions_exclude_each_other),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_too_many_names),
        cmocka_unit_test(test_own_definitions),
        cmocka_unit_test(test_auth_is_a_list),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** @default: what fits which type.
*/
#include "catalog.h"

static void check_fits(const char *type, const char *value, bool fits) {
    char sdl[300];
    ds_err err = DS_ERR_INIT;
    ds_catalog *catalog = NULL;
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { a: %s @default(value: \"%s\") } enum E { ONE TWO }",
                     type, value);
    int rc = ds_catalog_build(sdl, strlen(sdl), &told, &catalog, &err);
    assert_int_equal(rc, fits ? SQLITE_OK : SQLITE_ERROR);
    if (fits) {
        const ds_column *a = ds_model_column(ds_catalog_model(catalog, "A"), "a");
        ds_affinity affinity = ds_column_affinity(a);
        assert_int_equal(a->default_value->type,
                         affinity == DS_TEXT_AFFINITY   ? SQLITE_TEXT
                         : affinity == DS_REAL_AFFINITY ? SQLITE_FLOAT
                                                        : SQLITE_INTEGER);
    } else {
        assert_non_null(strstr(err.text, "@default of \"A.a\": \""));
    }
    ds_catalog_release(catalog);
}

static void test_values(void **state) {
    (void)state;
    static const struct {
        const char *type, *fits, *fails;
    } cases[] = {
        {"Int", "-2147483648", "-2147483649"},
        {"Int!", "2147483647", "1.5"},
        {"Int", "0", ""},
        {"Int", "7", "true"},
        {"AWSTimestamp", "9007199254740991", "now"},
        {"Float", "1.5e3", "1.5.2"},
        {"Float", "-2", "much"},
        {"Boolean", "true", "TRUE"},
        {"Boolean", "false", "0"},
        {"AWSDate", "2020-02-29", "2021-02-29"},
        {"AWSTime", "12:30", "25:00"},
        {"AWSDateTime", "2020-02-29T12:30Z", "2020-02-29 12:30Z"},
        {"AWSEmail", "ann@example.com", "ann"},
        {"AWSJSON", "[1]", "[1"},
        {"AWSURL", "https://example.com", "example"},
        {"AWSPhone", "+44 123", "x"},
        {"AWSIPAddress", "::1", "1.2.3"},
        {"E", "ONE", "one"},
        {"E!", "TWO", ""},
        {"E", "ONE", "ONE\\u0000"},
        {"String", "", "a\\u0000b"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        check_fits(cases[i].type, cases[i].fits, true);
        check_fits(cases[i].type, cases[i].fails, false);
    }
    check_fits("ID", "x", true);
    check_fits("String!", "a text", true);
}

/* As the column stores them. */
static void test_converted(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { i: Int @default(value: \"-3\") "
                                       "f: Float @default(value: \"1.5e3\") "
                                       "b: Boolean @default(value: \"true\") "
                                       "s: String @default(value: \"x\") }");
    const ds_model *a = ds_catalog_model(catalog, "A");
    assert_int_equal(ds_model_column(a, "i")->default_value->integer, -3);
    assert_true(ds_model_column(a, "f")->default_value->real == 1500.0);
    assert_int_equal(ds_model_column(a, "b")->default_value->integer, 1);
    assert_string_equal(ds_model_column(a, "s")->default_value->text, "x");
    assert_int_equal(ds_model_column(a, "s")->default_value->length, 1);
    ds_catalog_release(catalog);
}

static void test_none(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { a: Int b: Int @default(value: \"5\") }");
    check_columns(
        catalog, "A",
        "id ID! key 0, a Int, b Int default 5, createdAt AWSDateTime read-only, "
        "updatedAt AWSDateTime read-only");
    ds_catalog_release(catalog);
}

static void test_messages(void **state) {
    (void)state;
    refused(&told, "type A @model { a: Boolean @default(value: \"yes\") }",
            "schema line 1, column 44: @default of \"A.a\": \"yes\" is no Boolean, "
            "expected true "
            "or false");
    refused(&told, "type A @model { a: E @default(value: \"OEN\") } enum E { ONE TWO }",
            "schema line 1, column 38: @default of \"A.a\": \"OEN\" is no value of enum "
            "\"E\" "
            "(did you mean \"ONE\"?)");
    refused(&told, "type A @model { a: Int @default(value: 5) }",
            "schema line 1, column 40: @default of \"A.a\" needs a text, as in "
            "@default(value: "
            "\"…\")");
    refused(&told, "type A @model { a: Int @default }",
            "schema line 1, column 24: @default of \"A.a\" needs a text, as in "
            "@default(value: "
            "\"…\")");
    refused(&told, "type A @model { a: X @default(value: \"x\") } type X { a: Int }",
            "schema line 1, column 22: @default: \"A.a\" must be a scalar or enum and no "
            "list");
    refused(&told, "type A @model { a: [E] @default(value: \"ONE\") } enum E { ONE }",
            "schema line 1, column 24: @default: \"A.a\" must be a scalar or enum and no "
            "list");
    refused(
        &told,
        "type A @model { a: B @hasOne @default(value: \"x\") } type B @model { a: Int }",
        "schema line 1, column 30: @default: \"A.a\" must be a scalar or enum and no "
        "list");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_converted),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

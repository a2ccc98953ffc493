/*
** Stored values by what they mean.
*/
#include "catalog.h"

static ds_catalog *catalog;
static const ds_model *model;

static int setup(void **state) {
    (void)state;
    catalog =
        built(&told, "enum E { A B }"
                     " type Place { city: String at: AWSDateTime tags: [String]"
                     "  inner: Place json: AWSJSON n: Float }"
                     " type T @model { id: ID! text: String int: Int real: Float"
                     "  flag: Boolean day: AWSDate at: AWSDateTime json: AWSJSON e: E"
                     "  list: [String] times: [AWSTime] grid: [[Int]] place: Place"
                     "  places: [Place] jsons: [AWSJSON] stamp: AWSTimestamp }");
    model = ds_catalog_model(catalog, "T");
    return model == NULL;
}

static int teardown(void **state) {
    (void)state;
    ds_catalog_release(catalog);
    return 0;
}

static bool same_values(const char *column, ds_value a, ds_value b) {
    bool x = false, y = true;
    const ds_column *c = ds_model_column(model, column);
    assert_non_null(c);
    assert_int_equal(ds_column_same(c, &a, &b, &x), SQLITE_OK);
    assert_int_equal(ds_column_same(c, &b, &a, &y), SQLITE_OK);
    assert_int_equal(x, y);
    return x;
}

static ds_value text_of(const char *text) {
    return text ? (ds_value){SQLITE_TEXT, 0, 0, text, (int)strlen(text)}
                : (ds_value){.type = SQLITE_NULL};
}

static bool same(const char *column, const char *a, const char *b) {
    return same_values(column, text_of(a), text_of(b));
}

static void test_null(void **state) {
    (void)state;
    assert_true(same("text", NULL, NULL));
    assert_false(same("text", NULL, ""));
    assert_false(same("json", NULL, "null"));
}

static void test_numbers(void **state) {
    (void)state;
    const ds_value one = {.type = SQLITE_INTEGER, .integer = 1};
    const ds_value two = {.type = SQLITE_INTEGER, .integer = 2};
    const ds_value one_real = {.type = SQLITE_FLOAT, .real = 1.0};
    const ds_value large = {.type = SQLITE_INTEGER, .integer = INT64_MAX};
    const ds_value larger = {.type = SQLITE_INTEGER, .integer = INT64_MAX - 1};
    assert_true(same_values("int", one, one));
    assert_false(same_values("int", one, two));
    assert_true(same_values("real", one, one_real));
    assert_false(same_values("real", two, one_real));
    assert_false(same_values("stamp", large, larger));
    assert_false(same_values("int", one, text_of("1")));
    assert_false(same_values("int", one, text_of(NULL)));
}

static void test_texts(void **state) {
    (void)state;
    assert_true(same("text", "a", "a"));
    assert_false(same("text", "a", "A"));
    assert_false(same("text", "[1]", "[ 1 ]"));
    assert_false(same("e", "A", "B"));
    assert_true(same("at", "2020-01-01T00:00Z", "2020-01-01T00:00:00.000Z"));
    assert_false(same("text", "2020-01-01T00:00Z", "2020-01-01T00:00:00.000Z"));
    assert_false(same("day", "2020-01-01", "2020-01-02"));
}

static void test_json(void **state) {
    (void)state;
    assert_true(same("json", "{\"a\":1,\"b\":[true,null]}",
                     "{ \"b\" : [true,null], \"a\":1.0 }"));
    assert_false(same("json", "{\"a\":1}", "{\"a\":1,\"b\":null}"));
    assert_false(same("json", "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}"));
    assert_false(same("json", "[1,2]", "[2,1]"));
    assert_false(same("json", "[1,2]", "[1]"));
    assert_false(same("json", "true", "false"));
    assert_false(same("json", "\"a\"", "\"b\""));
    assert_false(same("json", "1", "\"1\""));
    assert_true(same("json", "\"\\u00e9\"", "\"\xC3\xA9\""));
    assert_false(same("json", "{", "{ "));
    assert_true(same("json", "{", "{"));
}

static void test_lists(void **state) {
    (void)state;
    assert_true(same("list", "[\"a\",null]", "[ \"a\", null ]"));
    assert_false(same("list", "[\"a\"]", "[\"a\",null]"));
    assert_false(same("list", "[\"a\",\"b\"]", "[\"b\",\"a\"]"));
    assert_false(same("list", "[\"a\"]", "[1]"));
    assert_false(same("list", "[]", NULL));
    assert_true(same("times", "[\"12:30Z\"]", "[\"12:30:00.000Z\"]"));
    assert_true(same("grid", "[[1,2],null]", "[[1.0,2],null]"));
    assert_false(same("grid", "[[1,2]]", "[[1,3]]"));
    assert_true(same("jsons", "[\"{\\\"a\\\":1}\"]", "[\"{ \\\"a\\\": 1 }\"]"));
    assert_false(same("list", "[\"a\"", "[\"a\" "));
}

static void test_embedded(void **state) {
    (void)state;
    assert_true(same("place", "{\"city\":\"x\"}",
                     "{\"city\":\"x\",\"at\":null,\"tags\":null,\"inner\":null}"));
    assert_false(same("place", "{\"city\":\"x\"}", "{\"city\":\"y\"}"));
    assert_false(same("place", "{\"city\":\"x\"}", "{}"));
    assert_true(same("place", "{\"at\":\"2020-01-01T00:00Z\",\"n\":1}",
                     "{\"n\":1.0,\"at\":\"2020-01-01T01:00+01:00\"}"));
    assert_true(same("place", "{\"inner\":{\"tags\":[\"a\"]}}",
                     "{\"inner\":{\"city\":null,\"tags\":[\"a\"]},\"city\":null}"));
    assert_false(
        same("place", "{\"inner\":{\"tags\":[\"a\"]}}", "{\"inner\":{\"tags\":[]}}"));
    assert_true(same("place", "{\"json\":\"[1]\"}", "{\"json\":\"[ 1 ]\"}"));
    assert_true(same("place", "{\"__typename\":\"Place\"}", "{}"));
    assert_true(
        same("places", "[{\"city\":\"x\"},null]", "[{\"n\":null,\"city\":\"x\"},null]"));
    assert_false(same("places", "[{\"city\":\"x\"}]", "[[]]"));
    assert_false(same("places", "[]", "{}"));
    assert_false(same("place", "[]", "{}"));
    assert_false(same("place", "[1]", "[2]"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null),  cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_texts), cmocka_unit_test(test_json),
        cmocka_unit_test(test_lists), cmocka_unit_test(test_embedded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

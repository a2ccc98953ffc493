/*
** Filters as variables for AppSync.
*/
#include "filter_test.h"

static void check(const char *json, const char *expected) {
    ds_filter *filter = parse(json);
    ds_buf buf;
    ds_buf_init(&buf, 10000);
    ds_filter_to_graphql(filter, &buf);
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&buf), expected);
    ds_buf_done(&buf);
    ds_filter_free(filter);
}

/* Each of these may be sent as it is. */
static void check_same(const char *json) {
    check(json, json);
}

static void test_conditions(void **state) {
    (void)state;
    check_same("{\"and\":[{\"title\":{\"contains\":\"cl\\\"ea\\u0001\"}}]}");
    check_same("{\"and\":[{\"rating\":{\"between\":[-1,5]}}]}");
    check_same("{\"and\":[{\"score\":{\"gt\":0.1}}]}");
    check_same("{\"and\":[{\"done\":{\"ne\":true}}]}");
    check_same("{\"and\":[{\"status\":{\"eq\":\"ACTIVE\"}}]}");
    check_same("{\"and\":[{\"title\":{\"eq\":null}}]}");
    check_same("{\"and\":[{\"title\":{\"attributeExists\":false}}]}");
    check_same("{\"and\":[{\"title\":{\"size\":{\"ge\":3}}}]}");
    check_same("{\"and\":[{\"states\":{\"eq\":[\"ACTIVE\"]}}]}");
    check_same("{\"and\":[{\"tags\":{\"notContains\":\"a\"}}]}");
}

static void test_wire_names(void **state) {
    (void)state;
    check("{\"blog\":{\"eq\":\"b1\"}}", "{\"and\":[{\"postBlogId\":{\"eq\":\"b1\"}}]}");
    check("{\"postBlogId\":{\"eq\":\"b1\"}}",
          "{\"and\":[{\"postBlogId\":{\"eq\":\"b1\"}}]}");
    check("{\"editor\":{\"eq\":\"b1\"}}", "{\"and\":[{\"editorID\":{\"eq\":\"b1\"}}]}");
}

static void test_one_condition_per_object(void **state) {
    (void)state;
    check("{\"title\":{\"ge\":\"a\",\"lt\":\"b\"},\"rating\":{\"eq\":1}}",
          "{\"and\":[{\"title\":{\"ge\":\"a\"}},{\"title\":{\"lt\":\"b\"}},"
          "{\"rating\":{\"eq\":1}}]}");
    check("{\"title\":{\"size\":{\"ge\":1,\"le\":2}}}",
          "{\"and\":[{\"title\":{\"size\":{\"ge\":1}}},{\"title\":{\"size\":{\"le\":2}}}]"
          "}");
}

static void test_groups(void **state) {
    (void)state;
    check("{}", "{}");
    check_same("{\"or\":[{\"rating\":{\"eq\":1}},{\"rating\":{\"eq\":2}}]}");
    check_same("{\"not\":{\"rating\":{\"eq\":1}}}");
    check("{\"not\":{\"rating\":{\"eq\":1},\"title\":{\"eq\":\"a\"}}}",
          "{\"not\":{\"and\":[{\"rating\":{\"eq\":1}},{\"title\":{\"eq\":\"a\"}}]}}");
    check(
        "{\"and\":[{\"or\":[{\"rating\":{\"eq\":1}}]},{\"and\":[{\"rating\":{\"eq\":2}},"
        "{\"and\":[{\"rating\":{\"eq\":3}},{\"rating\":{\"eq\":4}}]}]}]}",
        "{\"and\":[{\"rating\":{\"eq\":1}},{\"rating\":{\"eq\":2}},"
        "{\"rating\":{\"eq\":3}},{\"rating\":{\"eq\":4}}]}");
}

/* From the tests of Amplify's JavaScript client (sync expressions, "N33"). */
static void test_nested(void **state) {
    (void)state;
    check(
        "{\"or\":[{\"rating\":{\"eq\":1},\"day\":{\"gt\":\"2020\"}},{\"or\":[{\"title\":"
        "{\"beginsWith\":\"a\"}},{\"title\":{\"notContains\":\"z\"}}],\"tags\":"
        "{\"ne\":\"-\"}}]}",
        "{\"or\":[{\"and\":[{\"rating\":{\"eq\":1}},{\"day\":{\"gt\":\"2020\"}}]},"
        "{\"and\":[{\"or\":[{\"title\":{\"beginsWith\":\"a\"}},{\"title\":"
        "{\"notContains\":\"z\"}}]},{\"tags\":{\"ne\":\"-\"}}]}]}");
}

static void test_in(void **state) {
    (void)state;
    check("{\"rating\":{\"in\":[1,2]}}",
          "{\"and\":[{\"or\":[{\"rating\":{\"eq\":1}},{\"rating\":{\"eq\":2}}]}]}");
    check(
        "{\"title\":{\"notIn\":[\"a\",\"b\"]}}",
        "{\"and\":[{\"and\":[{\"title\":{\"ne\":\"a\"}},{\"title\":{\"ne\":\"b\"}}]}]}");
    check(
        "{\"rating\":{\"in\":[]}}",
        "{\"and\":[{\"and\":[{\"rating\":{\"eq\":null}},{\"rating\":{\"ne\":null}}]}]}");
    check("{\"rating\":{\"notIn\":[]}}",
          "{\"and\":[{\"or\":[{\"rating\":{\"eq\":null}},{\"rating\":{\"ne\":null}}]}]}");
}

static void test_enum_exists(void **state) {
    (void)state;
    check("{\"status\":{\"attributeExists\":true}}",
          "{\"and\":[{\"status\":{\"ne\":null}}]}");
    check("{\"states\":{\"attributeExists\":false}}",
          "{\"and\":[{\"states\":{\"eq\":null}}]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_wire_names),
        cmocka_unit_test(test_one_condition_per_object),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_in),
        cmocka_unit_test(test_enum_exists),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

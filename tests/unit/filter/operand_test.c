/*
** Operands of the right and the wrong type, and what is said about the wrong ones.
*/
#include "filter_test.h"

static void check_parses(const char *json) {
    ds_filter_free(parse(json));
}

static void test_right_types(void **state) {
    (void)state;
    check_parses(
        "{\"title\":{\"eq\":\"a\",\"ne\":null,\"gt\":\"\",\"in\":[\"a\",\"b\"]}}");
    check_parses("{\"day\":{\"beginsWith\":\"2020-\",\"le\":\"no date\"}}");
    check_parses("{\"rating\":{\"ge\":-2147483648,\"le\":2147483647,\"ne\":1.0}}");
    check_parses("{\"at\":{\"gt\":4102444800}}");
    check_parses("{\"score\":{\"between\":[-0.5,1],\"in\":[1e300]}}");
    check_parses("{\"done\":{\"eq\":true,\"ne\":false,\"in\":[true]}}");
    check_parses("{\"status\":{\"eq\":\"ACTIVE\",\"notIn\":[\"INACTIVE\"],\"ne\":null}}");
    check_parses("{\"tags\":{\"eq\":[\"a\",null],\"ne\":\"a\",\"contains\":\"\"}}");
    check_parses("{\"tags\":{\"eq\":null,\"ne\":[],\"attributeExists\":true}}");
    check_parses("{\"numbers\":{\"notContains\":7},\"flags\":{\"contains\":false}}");
    check_parses(
        "{\"tags\":{\"size\":{\"between\":[0,3]}},\"title\":{\"size\":{\"ne\":0}}}");
    check_parses("{\"title\":{\"between\":[\"a\",\"a\"],\"in\":[]}}");
}

static void test_wrong_types(void **state) {
    (void)state;
    check_refused("{\"title\":{\"eq\":5}}",
                  "filter title.eq: expected a string, found 5");
    check_refused("{\"title\":{\"contains\":{}}}",
                  "filter title.contains: expected a string, found object");
    check_refused("{\"rating\":{\"gt\":\"5\"}}",
                  "filter rating.gt: expected an integer, found \"5\"");
    check_refused("{\"rating\":{\"gt\":1.5}}",
                  "filter rating.gt: expected an integer, found 1.5");
    check_refused("{\"at\":{\"gt\":1e300}}",
                  "filter at.gt: expected an integer, found 1e+300");
    check_refused("{\"score\":{\"lt\":true}}",
                  "filter score.lt: expected a number, found boolean");
    check_refused("{\"done\":{\"eq\":1}}",
                  "filter done.eq: expected true or false, found 1");
    check_refused("{\"done\":{\"attributeExists\":null}}",
                  "filter done.attributeExists: expected true or false, found null");
    check_refused("{\"status\":{\"eq\":1}}",
                  "filter status.eq: expected a value of Status, found 1");
    check_refused("{\"status\":{\"eq\":\"ACTVE\"}}",
                  "filter status.eq: \"ACTVE\" is no value of Status (did you mean "
                  "\"ACTIVE\"?)");
    check_refused("{\"status\":{\"eq\":\"x\"}}",
                  "filter status.eq: \"x\" is no value of Status");
    check_refused("{\"title\":{\"size\":{\"eq\":\"3\"}}}",
                  "filter title.size.eq: expected an integer, found \"3\"");
}

static void test_wrong_elements(void **state) {
    (void)state;
    check_refused("{\"tags\":{\"eq\":[\"a\",1]}}",
                  "filter tags.eq[1]: expected a string, found 1");
    check_refused("{\"tags\":{\"contains\":[\"a\"]}}",
                  "filter tags.contains: expected a string, found list");
    check_refused("{\"numbers\":{\"ne\":\"a\"}}",
                  "filter numbers.ne: expected an integer, found \"a\"");
    check_refused(
        "{\"states\":{\"contains\":\"active\"}}",
        "filter states.contains: \"active\" is no value of Status (did you mean "
        "\"ACTIVE\"?)");
    check_refused("{\"rating\":{\"in\":3}}",
                  "filter rating.in: expected a list of values, found 3");
    check_refused("{\"rating\":{\"notIn\":[1,2.5]}}",
                  "filter rating.notIn[1]: expected an integer, found 2.5");
}

static void test_int_has_32_bits(void **state) {
    (void)state;
    check_refused("{\"rating\":{\"eq\":2147483648}}",
                  "filter rating.eq: expected an integer of 32 bits, found 2147483648");
    check_refused("{\"numbers\":{\"contains\":-2147483649}}",
                  "filter numbers.contains: expected an integer of 32 bits, found "
                  "-2147483649");
    check_refused(
        "{\"tags\":{\"size\":{\"lt\":2147483648}}}",
        "filter tags.size.lt: expected an integer of 32 bits, found 2147483648");
}

static void test_null(void **state) {
    (void)state;
    static const char message[] = ": null is only for eq and ne of a field";
    static const char *const paths[][2] = {
        {"{\"title\":{\"gt\":null}}", "filter title.gt"},
        {"{\"title\":{\"beginsWith\":null}}", "filter title.beginsWith"},
        {"{\"rating\":{\"in\":[1,null]}}", "filter rating.in[1]"},
        {"{\"rating\":{\"between\":[null,1]}}", "filter rating.between[0]"},
        {"{\"tags\":{\"contains\":null}}", "filter tags.contains"},
        {"{\"tags\":{\"size\":{\"eq\":null}}}", "filter tags.size.eq"},
    };
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        char expected[100];
        sqlite3_snprintf(sizeof expected, expected, "%s%s", paths[i][1], message);
        check_refused(paths[i][0], expected);
    }
}

static void test_between(void **state) {
    (void)state;
    static const char *const shapes[] = {"5", "[]", "[1]", "[1,2,3]", "null"};
    for (size_t i = 0; i < DS_COUNT(shapes); i++) {
        char json[100];
        sqlite3_snprintf(sizeof json, json, "{\"rating\":{\"between\":%s}}", shapes[i]);
        check_refused(json, "filter rating.between: expected a list of two values");
    }
    check_refused("{\"rating\":{\"between\":[2,1]}}",
                  "filter rating.between: the first value is greater than the second");
    check_refused("{\"title\":{\"between\":[\"b\",\"a\"]}}",
                  "filter title.between: the first value is greater than the second");
    /* By code point: U+FFFD before U+1F600, though its UTF-16 form begins with D83D. */
    check_parses("{\"title\":{\"between\":[\"\\uFFFD\",\"\\uD83D\\uDE00\"]}}");
}

/* A long string is cut between characters, and a deep path does not push out the message. */
static void test_long_messages(void **state) {
    (void)state;
    ds_buf json, expected;
    ds_buf_init(&json, 10000);
    ds_buf_init(&expected, 10000);
    ds_buf_add(&json, "{\"rating\":{\"eq\":\"");
    ds_buf_add(&expected, "filter rating.eq: expected an integer, found \"");
    for (int i = 0; i < 100; i++) {
        ds_buf_add(&json, "\xF0\x9F\x98\x80");
        ds_buf_add(&expected, i < 40 ? "\xF0\x9F\x98\x80" : "");
    }
    ds_buf_add(&json, "\"}}");
    ds_buf_add(&expected, "\"");
    check_refused(ds_buf_text(&json), ds_buf_text(&expected));
    ds_buf_clear(&json);
    for (int i = 0; i < 95; i++) {
        ds_buf_add(&json, "{\"and\":[");
    }
    ds_buf_add(&json, "{\"rating\":{\"eq\":false}}");
    for (int i = 0; i < 95; i++) {
        ds_buf_add(&json, "]}");
    }
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_filter_parse(ds_catalog_model(catalog, "Post"), json.data,
                                     json.length, &filter, &err),
                     SQLITE_ERROR);
    assert_non_null(strstr(err.text, "filter and[0].and[0].and[0]"));
    assert_non_null(strstr(err.text, ": expected an integer, found boolean"));
    ds_buf_done(&json);
    ds_buf_done(&expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_types),    cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_wrong_elements), cmocka_unit_test(test_int_has_32_bits),
        cmocka_unit_test(test_null),           cmocka_unit_test(test_between),
        cmocka_unit_test(test_long_messages),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

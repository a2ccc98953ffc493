/*
** Filters of related rows.
*/
#include "filter_test.h"

static const ds_model *post(void) {
    return ds_catalog_model(catalog, "Post");
}

static ds_filter *parse_related(const ds_model *model, const char *json) {
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_filter_parse_related(model, json, strlen(json), &filter, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    return filter;
}

static void check_sql(const ds_model *model, const char *json, const char *expected) {
    ds_filter *filter = parse_related(model, json);
    ds_buf sql;
    ds_buf_init(&sql, 10000);
    ds_filter_to_sql(filter, "r", 1, &sql);
    assert_string_equal(ds_buf_text(&sql), expected);
    ds_buf_done(&sql);
    ds_filter_free(filter);
}

static void check_related_refused(const char *json, const char *expected) {
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_filter_parse_related(post(), json, strlen(json), &filter, &err);
    assert_int_equal(rc, SQLITE_ERROR);
    assert_string_equal(err.text, expected);
    assert_null(filter);
}

/* Conditions of the row come first, then one parameter for each relation. */
static void test_sql(void **state) {
    (void)state;
    check_sql(post(), "{\"blog\":{\"id\":{\"eq\":\"b\"}}}", "(?1 <> 0)");
    check_sql(post(),
              "{\"rating\":{\"gt\":1},\"not\":{\"blog\":{\"id\":{\"eq\":\"b\"}}},"
              "\"editor\":{\"id\":{\"ne\":\"c\"}}}",
              "((\"r\".\"rating\" IS NOT NULL AND \"r\".\"rating\" > ?1) AND (?2 = 0)"
              " AND (?3 <> 0))");
    check_sql(ds_catalog_model(catalog, "Blog"), "{\"posts\":{\"rating\":{\"eq\":1}}}",
              "(?1 <> 0)");
}

/* A belongs-to is a column, too. */
static void test_key_or_row(void **state) {
    (void)state;
    check_sql(post(), "{\"blog\":{\"eq\":\"b\"}}", "(\"r\".\"blog\" IS ?1)");
    check_sql(post(), "{\"blog\":{\"attributeExists\":true}}",
              "(\"r\".\"blog\" IS NOT NULL)");
    check_sql(ds_catalog_model(catalog, "Blog"), "{\"posts\":{}}", "(?1 <> 0)");
}

static void test_parts(void **state) {
    (void)state;
    ds_filter *filter = parse_related(
        post(), "{\"or\":[{\"blog\":{\"id\":{\"eq\":\"b\"}}},{\"rating\":{\"eq\":1}},"
                "{\"editor\":{\"createdAt\":{\"lt\":\"2020\"}}}]}");
    assert_int_equal(ds_filter_parameters(filter), 1);
    assert_int_equal(ds_filter_n_related(filter), 2);
    assert_string_equal(ds_filter_relation(filter, 0)->field, "blog");
    assert_string_equal(ds_filter_relation(filter, 1)->field, "editor");
    assert_int_equal(ds_filter_parameters(ds_filter_of_related(filter, 1)), 1);
    ds_filter_free(filter);
}

static void test_refused(void **state) {
    (void)state;
    check_related_refused("{\"blog\":{\"nam\":{\"eq\":1}}}",
                          "filter blog: filter: unknown field \"nam\" of Blog");
    check_related_refused(
        "{\"blog\":{\"posts\":{\"rating\":{\"eq\":1}}}}",
        "filter blog: filter: \"posts\" is a relation, which a filter cannot test");
    check_related_refused("{\"blog\":[]}",
                          "filter blog: expected an object with an operator, such as "
                          "{\"eq\": ...}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sql),
        cmocka_unit_test(test_key_or_row),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

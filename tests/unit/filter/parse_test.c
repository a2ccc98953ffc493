/*
** The shape of filters: the tree they become, and what is refused.
*/
#include "filter_test.h"

/* The tree as text: field, operator and first parameter of each condition. */
static void print(const ds_filter_node *node, ds_buf *out) {
    static const char *const kinds[] = {"and", "or", "not", "related"};
    if (node == NULL) {
        ds_buf_add(out, "all");
        return;
    }
    if (node->kind == DS_FILTER_TEST) {
        ds_buf_addf(out, "%s %s%s ?%d", node->column->name,
                    node->class == DS_FILTER_LENGTH ? "size " : "",
                    ds_filter_op_name(node->op), node->parameter);
        return;
    }
    ds_buf_addf(out, "%s(", kinds[node->kind]);
    for (const ds_filter_node *child = node->child; child; child = child->next) {
        print(child, out);
        ds_buf_add(out, child->next ? ", " : ")");
    }
}

static void check_tree(const char *json, const char *expected, int n_parameters) {
    ds_filter *filter = parse(json);
    ds_buf buf;
    ds_buf_init(&buf, 10000);
    print(filter->root, &buf);
    assert_string_equal(ds_buf_text(&buf), expected);
    assert_int_equal(ds_filter_parameters(filter), n_parameters);
    ds_buf_done(&buf);
    ds_filter_free(filter);
}

static void test_fields(void **state) {
    (void)state;
    check_tree("{\"rating\":{\"gt\":4}}", "rating gt ?0", 1);
    check_tree("{\"rating\":{\"gt\":4,\"lt\":9},\"title\":{\"eq\":\"a\"}}",
               "and(rating gt ?0, rating lt ?1, title eq ?2)", 3);
    check_tree("{\"title\":{\"size\":{\"gt\":1,\"lt\":3},\"attributeExists\":true}}",
               "and(title size gt ?0, title size lt ?1, title attributeExists ?2)", 2);
    check_tree("{\"rating\":{\"in\":[1,2,3],\"between\":[0,9]},\"tags\":{\"eq\":\"a\"}}",
               "and(rating in ?0, rating between ?3, tags eq ?5)", 5);
}

static void test_names(void **state) {
    (void)state;
    check_tree("{\"id\":{\"eq\":\"1\"},\"createdAt\":{\"gt\":\"2020\"}}",
               "and(id eq ?0, createdAt gt ?1)", 2);
    check_tree("{\"blog\":{\"eq\":\"1\"},\"postBlogId\":{\"eq\":\"1\"}}",
               "and(blog eq ?0, blog eq ?1)", 2);
    check_tree("{\"editor\":{\"eq\":\"1\"},\"editorID\":{\"eq\":\"1\"}}",
               "and(editorID eq ?0, editorID eq ?1)", 2);
}

static void test_groups(void **state) {
    (void)state;
    check_tree("{\"or\":[{\"rating\":{\"eq\":1}},{\"rating\":{\"eq\":2},\"done\":{\"eq\":"
               "true}}],\"not\":{\"title\":{\"eq\":\"a\"}}}",
               "and(or(rating eq ?0, and(rating eq ?1, done eq ?2)), not(title eq ?3))",
               4);
    check_tree("{\"not\":{\"not\":{\"rating\":{\"eq\":1}}}}", "not(not(rating eq ?0))",
               1);
    check_tree("{\"and\":[{\"or\":[{\"and\":[{\"rating\":{\"eq\":1}}]}]}]}",
               "rating eq ?0", 1);
    check_tree("{\"and\":[{\"rating\":{\"eq\":1}},{\"and\":[{\"rating\":{\"eq\":2}},"
               "{\"rating\":{\"eq\":3}}]},{\"rating\":{\"eq\":4}}]}",
               "and(rating eq ?0, rating eq ?1, rating eq ?2, rating eq ?3)", 4);
    check_tree("{\"or\":[{\"or\":[{\"rating\":{\"eq\":1}},{\"rating\":{\"eq\":2}}]},"
               "{\"rating\":{\"eq\":3}}]}",
               "or(rating eq ?0, rating eq ?1, rating eq ?2)", 3);
}

/* An empty group matches every row, and so does an `or` that holds one. */
static void test_every_row(void **state) {
    (void)state;
    check_tree("{}", "all", 0);
    check_tree(" { \"and\" : [ ] } ", "all", 0);
    check_tree("{\"and\":[{},{\"or\":[{}]}]}", "all", 0);
    check_tree("{\"or\":[{\"rating\":{\"eq\":1}},{},{\"rating\":{\"eq\":2}}]}", "all", 0);
    check_tree("{\"and\":[{},{\"rating\":{\"eq\":1}},{\"or\":[{}]}]}", "rating eq ?0", 1);
    check_tree("{\"or\":[{\"rating\":{\"eq\":1}},{}],\"rating\":{\"eq\":2}}",
               "rating eq ?0", 1);
}

static void test_wrong_shape(void **state) {
    (void)state;
    check_refused("[]", "filter: expected an object, found list");
    check_refused("null", "filter: expected an object, found null");
    check_refused("{\"and\":{\"rating\":{\"eq\":1}}}",
                  "filter and: expected a list of filters, found object");
    check_refused("{\"or\":[]}", "filter or: expected at least one filter");
    check_refused("{\"or\":null}", "filter or: expected a list of filters, found null");
    check_refused("{\"and\":[{},{\"or\":[1]}]}",
                  "filter and[1].or[0]: expected an object, found number");
    check_refused("{\"not\":[{}]}", "filter not: expected an object, found list");
    check_refused("{\"or\":[{\"not\":{\"and\":[]}}]}",
                  "filter or[0].not: there is no condition to negate");
    check_refused(
        "{\"rating\":5}",
        "filter rating: expected an object with an operator, such as {\"eq\": ...}");
    check_refused("{\"not\":{\"rating\":{}}}",
                  "filter not.rating: expected an object with an operator, such as "
                  "{\"eq\": ...}");
    check_refused("{\"title\":{\"size\":3}}",
                  "filter title.size: expected an object with an operator, such as "
                  "{\"eq\": ...}");
    check_refused("{\"rating\":{\"gt\":}}", "filter: malformed JSON at byte 17");
    check_refused("{\"rating\":{\"gt\":1},\"rating\":{\"lt\":3}}",
                  "filter: JSON has the member \"rating\" twice in one object");
    check_refused("", "filter: malformed JSON at byte 1: it ends too early");
}

static void test_unknown_fields(void **state) {
    (void)state;
    check_refused("{\"ratng\":{\"gt\":4}}",
                  "filter: unknown field \"ratng\" of Post (did you mean \"rating\"?)");
    check_refused("{\"and\":[{\"nothing\":{\"gt\":4}}]}",
                  "filter and[0]: unknown field \"nothing\" of Post");
    check_refused("{\"AND\":[]}", "filter: unknown field \"AND\" of Post (did you mean "
                                  "\"and\"?)");
    check_refused("{\"Rating\":{\"gt\":4}}",
                  "filter: unknown field \"Rating\" of Post (did "
                  "you mean \"rating\"?)");
    check_refused("{\"_version\":{\"gt\":4}}",
                  "filter: unknown field \"_version\" of Post");
    check_refused("{\"_deleted\":{\"ne\":true}}",
                  "filter: unknown field \"_deleted\" of Post");
    check_refused("{\"\":{}}", "filter: unknown field \"\" of Post");
}

static void test_untestable_fields(void **state) {
    (void)state;
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    const char json[] = "{\"posts\":{\"title\":{\"eq\":\"a\"}}}";
    assert_int_equal(ds_filter_parse(ds_catalog_model(catalog, "Blog"), json,
                                     sizeof json - 1, &filter, &err),
                     SQLITE_ERROR);
    assert_string_equal(err.text,
                        "filter: \"posts\" is a relation, which a filter cannot test");
    check_refused("{\"place\":{\"eq\":null}}",
                  "filter place: a filter cannot test an embedded type");
    check_refused("{\"matrix\":{\"attributeExists\":true}}",
                  "filter matrix: a filter cannot test a list of lists");
}

static void test_unknown_operators(void **state) {
    (void)state;
    check_refused(
        "{\"and\":[{},{\"rating\":{\"gte\":4}}]}",
        "filter and[1].rating: unknown operator \"gte\" (did you mean \"gt\"?)");
    check_refused("{\"title\":{\"beginswith\":4}}", "filter title: unknown operator "
                                                    "\"beginswith\" (did you mean "
                                                    "\"beginsWith\"?)");
    check_refused(
        "{\"rating\":{\"contains\":4}}",
        "filter rating: operator \"contains\" is none of eq, ne, gt, ge, lt, le, "
        "between, in, notIn, attributeExists");
    check_refused("{\"status\":{\"gt\":\"ACTIVE\"}}",
                  "filter status: operator \"gt\" is none of eq, ne, in, notIn, "
                  "attributeExists");
    check_refused("{\"done\":{\"size\":{\"eq\":1}}}",
                  "filter done: operator \"size\" is none of eq, ne, in, notIn, "
                  "attributeExists");
    check_refused("{\"tags\":{\"beginsWith\":\"a\"}}",
                  "filter tags: operator \"beginsWith\" is none of eq, ne, contains, "
                  "notContains, attributeExists, size");
    check_refused(
        "{\"title\":{\"size\":{\"size\":{\"eq\":1}}}}",
        "filter title.size: operator \"size\" is none of eq, ne, gt, ge, lt, le, "
        "between");
}

/* ---- Limits ----------------------------------------------------------------------------- */

static void fill_conditions(ds_buf *json, int n) {
    ds_buf_clear(json);
    ds_buf_add(json, "{\"and\":[");
    for (int i = 0; i < n; i++) {
        ds_buf_addf(json, "%s{\"rating\":{\"gt\":%d}}", i ? "," : "", i);
    }
    ds_buf_add(json, "]}");
}

static void test_condition_limit(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    fill_conditions(&json, DS_MAX_FILTER_TERMS);
    ds_filter *filter = parse(ds_buf_text(&json));
    assert_int_equal(ds_filter_parameters(filter), DS_MAX_FILTER_TERMS);
    ds_filter_free(filter);
    fill_conditions(&json, DS_MAX_FILTER_TERMS + 1);
    check_refused(ds_buf_text(&json), "filter: more than 500 conditions");
    ds_buf_done(&json);
}

/* A condition with a list of `n` values counts n + 1. */
static void fill_values(ds_buf *json, const char *field, const char *op, int n) {
    ds_buf_clear(json);
    ds_buf_addf(json, "{\"%s\":{\"%s\":[", field, op);
    for (int i = 0; i < n; i++) {
        ds_buf_addf(json, "%s%d", i ? "," : "", i);
    }
    ds_buf_add(json, "]}}");
}

static void test_value_limit(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    fill_values(&json, "rating", "in", DS_MAX_FILTER_TERMS - 1);
    ds_filter_free(parse(ds_buf_text(&json)));
    fill_values(&json, "rating", "notIn", DS_MAX_FILTER_TERMS);
    check_refused(ds_buf_text(&json), "filter: more than 500 conditions");
    fill_values(&json, "numbers", "eq", DS_MAX_FILTER_TERMS - 1);
    ds_filter_free(parse(ds_buf_text(&json)));
    fill_values(&json, "numbers", "eq", DS_MAX_FILTER_TERMS);
    check_refused(ds_buf_text(&json), "filter: more than 500 conditions");
    ds_buf_done(&json);
}

/* Groups of both kinds in turn, `depth` of them inside each other, each with a condition. */
static void fill_depth(ds_buf *json, int depth) {
    ds_buf_clear(json);
    for (int i = 0; i < depth; i++) {
        ds_buf_addf(json, "{\"%s\":[{\"rating\":{\"gt\":%d}},", i % 2 ? "or" : "and", i);
    }
    ds_buf_add(json, "{\"done\":{\"eq\":true}}");
    for (int i = 0; i < depth; i++) {
        ds_buf_add(json, "]}");
    }
}

static void test_depth_limit(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    fill_depth(&json, DS_MAX_FILTER_DEPTH);
    ds_filter *filter = parse(ds_buf_text(&json));
    assert_int_equal(filter->root->height, DS_MAX_FILTER_DEPTH);
    ds_filter_free(filter);
    fill_depth(&json, DS_MAX_FILTER_DEPTH + 1);
    check_refused(ds_buf_text(&json), "filter and: groups are nested deeper than 16");
    ds_buf_done(&json);
}

/* What a program gets that adds one condition after the other is no deep nesting. */
static void test_joined_groups_are_flat(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    for (int i = 0; i < 60; i++) {
        ds_buf_addf(&json, "{\"and\":[{\"rating\":{\"gt\":%d}},", i);
    }
    ds_buf_add(&json, "{}");
    for (int i = 0; i < 60; i++) {
        ds_buf_add(&json, "]}");
    }
    ds_filter *filter = parse(ds_buf_text(&json));
    assert_int_equal(filter->root->height, 1);
    assert_int_equal(ds_filter_parameters(filter), 60);
    ds_filter_free(filter);
    ds_buf_done(&json);
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    fill_conditions(&json, 200);
    void *keep = sqlite3_malloc(1); /* a limit of 0 would be none */
    int failures = 0;
    int rc = SQLITE_NOMEM;
    for (sqlite3_int64 more = 0; rc == SQLITE_NOMEM; more += 16 + more / 8) {
        ds_filter *filter = NULL;
        ds_err err = DS_ERR_INIT;
        sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used() + more);
        rc = ds_filter_parse(ds_catalog_model(catalog, "Post"), json.data, json.length,
                             &filter, &err);
        sqlite3_hard_heap_limit64(limit);
        assert_string_equal(err.text, rc == SQLITE_NOMEM ? "out of memory" : "");
        assert_int_equal(filter == NULL, rc == SQLITE_NOMEM);
        failures += rc == SQLITE_NOMEM;
        ds_filter_free(filter);
    }
    assert_int_equal(rc, SQLITE_OK);
    assert_true(failures > 10);
    sqlite3_free(keep);
    ds_buf_done(&json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_wrong_shape),
        cmocka_unit_test(test_unknown_fields),
        cmocka_unit_test(test_untestable_fields),
        cmocka_unit_test(test_unknown_operators),
        cmocka_unit_test(test_condition_limit),
        cmocka_unit_test(test_value_limit),
        cmocka_unit_test(test_depth_limit),
        cmocka_unit_test(test_joined_groups_are_flat),
        cmocka_unit_test(test_memory_is_out),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

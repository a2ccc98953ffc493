/*
** Records that a subscription told of, and a sync expression that wants some of them.
*/
#include "sync_test.h"

#define FILTER "{\"rating\":{\"gt\":5}}"

static const char post[] = "type Post @model { id: ID! title: String rating: Int tags: "
                           "[String] at: AWSDateTime }";
static const char line[] =
    "type Line @model @key(fields: [\"a\", \"b\"]) { a: ID! b: Int! rating: Int }";

static int setup_post(void **state) {
    (void)state;
    open_store(post);
    return 0;
}

static int setup_line(void **state) {
    (void)state;
    open_store(line);
    return 0;
}

static int tell_of(const char *model, const char *filter, const char *record) {
    ds_token token = token_of(record);
    begin();
    int rc = ds_merge_told(merger, model_of(model), filter, &token, &counts, &err);
    if (rc == SQLITE_OK) {
        end(rc);
    } else {
        assert_int_equal(ds_merger_end(merger, rc, &err), rc);
    }
    return rc;
}

static void told(const char *record) {
    assert_int_equal(tell_of("Post", FILTER, record), SQLITE_OK);
}

#define POST(id, rating, version)                                                        \
    "{\"id\":\"" id "\",\"title\":\"t\",\"rating\":" #rating ",\"_version\":" #version   \
    ",\"_lastChangedAt\":1500000000000,\"_deleted\":null}"
#define GONE(id, version)                                                                \
    "{\"id\":\"" id "\",\"title\":null,\"rating\":1,\"_version\":" #version              \
    ",\"_lastChangedAt\":1500000000000,\"_deleted\":true}"
#define ROWS "SELECT id, rating, _version FROM Post ORDER BY id"

static void test_what_is_wanted(void **state) {
    (void)state;
    told(POST("a", 6, 1));
    told(POST("b", 5, 1));
    told(POST("c", null, 1));
    check_rows(ROWS, "a|6|1");
    assert_int_equal(counts.n_new, 1);
    assert_int_equal(tell_of("Post", NULL, POST("d", 1, 1)), SQLITE_OK);
    check_rows("SELECT group_concat(id) FROM Post", "a,d");
}

static void test_leaving_and_entering(void **state) {
    (void)state;
    told(POST("a", 6, 1));
    told(POST("a", 5, 2));
    check_rows(ROWS, "");
    assert_int_equal(counts.n_deleted, 1);
    told(POST("a", 7, 1)); /* an old one, too late */
    check_rows(ROWS, "");
    told(POST("a", 8, 3));
    check_rows(ROWS, "a|8|3");
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
}

/* It is no news that it was left out once. */
static void test_leaving_too_late(void **state) {
    (void)state;
    told(POST("a", 9, 4));
    told(POST("a", 2, 3));
    check_rows(ROWS, "a|9|4");
    told(POST("a", 2, 4)); /* of the same version: the row is what was told before */
    check_rows(ROWS, "");
}

/* A page that was read before the record left comes after it. */
static void test_a_page_is_older(void **state) {
    (void)state;
    told(POST("a", 2, 5));
    ds_token items = token_of("[" POST("a", 9, 4) "," POST("b", 9, 1) "]");
    begin();
    end(ds_merge_page(merger, model_of("Post"), &items, &counts, &err));
    check_rows(ROWS, "b|9|1");
}

/* Without the expression, the very version that had left is wanted. */
static void test_another_expression(void **state) {
    (void)state;
    told(POST("a", 6, 1));
    told(POST("a", 2, 2));
    ds_token items = token_of("[" POST("a", 2, 2) "]");
    begin();
    end(ds_merge_page(merger, model_of("Post"), &items, &counts, &err));
    check_rows(ROWS, "a|2|2");
}

static void test_unsent_changes_stay(void **state) {
    (void)state;
    told(POST("a", 6, 1));
    exec("UPDATE Post SET title = 'mine'");
    told(POST("a", 2, 2));
    check_rows("SELECT id, title, rating, _version FROM Post", "a|mine|2|2");
    check_rows("SELECT op, changed FROM datastore_outbox", "update|[\"title\"]");
}

static void test_a_tombstone_is_always_wanted(void **state) {
    (void)state;
    told(POST("a", 6, 1));
    told(GONE("a", 2));
    check_rows(ROWS, "");
    told(POST("a", 6, 1));
    check_rows(ROWS, "");
}

static void test_every_kind_of_value(void **state) {
    static const char filter[] = "{\"and\":[{\"tags\":{\"contains\":\"x\"}},{\"at\":{"
                                 "\"gt\":\"2020-01-01T00:00:00Z\"}}]}";
    (void)state;
    assert_int_equal(
        tell_of(
            "Post", filter,
            "{\"id\":\"a\",\"tags\":[\"x\",\"y\"],\"at\":\"2021-01-01T00:00:00.000Z\","
            "\"_version\":1,\"_lastChangedAt\":1}"),
        SQLITE_OK);
    assert_int_equal(
        tell_of("Post", filter,
                "{\"id\":\"b\",\"tags\":[\"y\"],\"at\":\"2021-01-01T00:00:00.000Z\","
                "\"_version\":1,\"_lastChangedAt\":1}"),
        SQLITE_OK);
    check_rows("SELECT id FROM Post", "a");
}

static void test_a_composite_key(void **state) {
    (void)state;
    assert_int_equal(tell_of("Line", FILTER,
                             "{\"a\":\"x\",\"b\":1,\"rating\":9,\"_version\":1,"
                             "\"_lastChangedAt\":1}"),
                     SQLITE_OK);
    assert_int_equal(tell_of("Line", FILTER,
                             "{\"a\":\"x\",\"b\":2,\"rating\":9,\"_version\":1,"
                             "\"_lastChangedAt\":1}"),
                     SQLITE_OK);
    assert_int_equal(tell_of("Line", FILTER,
                             "{\"a\":\"x\",\"b\":1,\"rating\":1,\"_version\":2,"
                             "\"_lastChangedAt\":2}"),
                     SQLITE_OK);
    check_rows("SELECT a, b FROM Line", "x|2");
}

static void test_no_record(void **state) {
    (void)state;
    told("{\"title\":\"no key\"}");
    told("{\"id\":\"a\",\"rating\":9}");
    assert_int_equal(counts.n_bad, 2);
    assert_int_equal(counts.n_nameless, 1);
    check_rows(ROWS, "");
}

/* The schema does not know any more what is filtered by. */
static void test_a_filter_of_before(void **state) {
    (void)state;
    assert_int_equal(tell_of("Post", "{\"size\":{\"gt\":5}}", POST("a", 6, 1)),
                     SQLITE_OK);
    check_rows(ROWS, "a|6|1");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_post, teardown_store)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_wanted),
        TEST(test_leaving_and_entering),
        TEST(test_leaving_too_late),
        TEST(test_a_page_is_older),
        TEST(test_another_expression),
        TEST(test_unsent_changes_stay),
        TEST(test_a_tombstone_is_always_wanted),
        TEST(test_every_kind_of_value),
        cmocka_unit_test_setup_teardown(test_a_composite_key, setup_line, teardown_store),
        TEST(test_no_record),
        TEST(test_a_filter_of_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

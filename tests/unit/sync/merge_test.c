/*
** Pages and live records, of models without unsent changes.
*/
#include "sync_test.h"

static const char schema[] =
    "enum Status { ACTIVE INACTIVE }\n"
    "type Place { city: String zip: Int }\n"
    "type Post @model {\n"
    "  id: ID! title: String! rating: Int score: Float done: Boolean status: Status\n"
    "  tags: [String] place: Place meta: AWSJSON at: AWSTimestamp\n"
    "  comments: [Comment] @connection(name: \"PC\")\n"
    "}\n"
    "type Comment @model {\n"
    "  id: ID! content: String post: Post @connection(name: \"PC\")\n"
    "}\n"
    "type Line @model @key(fields: [\"order\", \"nr\"]) {\n"
    "  order: ID! nr: Int! text: String\n"
    "}\n";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    return 0;
}

#define POSTS "SELECT id, title, rating, _version FROM Post_rows ORDER BY id"

static void test_page(void **state) {
    (void)state;
    page("Post",
         "[{\"id\":\"a\",\"title\":\"h\\u00e9\",\"rating\":5,\"score\":1.5,\"done\":true,"
         "\"status\":\"ACTIVE\",\"tags\":[\"x\",null],\"place\":{\"city\":\"R\",\"zip\":"
         "1},"
         "\"meta\":\"{\\\"k\\\":1}\",\"at\":1600000000,\"createdAt\":\"2020-01-01T00:00:"
         "00.000Z\","
         "\"updatedAt\":null,\"_version\":3,\"_lastChangedAt\":17,\"_deleted\":null},"
         " null, {\"id\":\"b\",\"title\":\"B\",\"_version\":1,\"__typename\":\"Post\"}]");
    check_counts("2 0 0 0 0 0");
    check_rows(
        "SELECT id, title, rating, score, done, status, tags, place, meta, at,"
        " createdAt, _version, _lastChangedAt, _deleted, _status FROM Post",
        "a|h\xC3\xA9|5|1.5|1|ACTIVE|[\"x\",null]|{\"city\":\"R\",\"zip\":1}|{\"k\":1}|"
        "1600000000|2020-01-01T00:00:00.000Z|3|17|~|synced\n"
        "b|B|~|~|~|~|~|~|~|~|~|1|~|~|synced");
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows("SELECT applying FROM datastore_session", "0");
}

static void test_versions(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"title\":\"v2\",\"_version\":2}]");
    page("Post", "[{\"id\":\"a\",\"title\":\"v1\",\"_version\":1}]");
    check_counts("0 0 0 1 0 0");
    check_rows(POSTS, "a|v2|~|2");
    page("Post", "[{\"id\":\"a\",\"title\":\"v3\",\"_version\":3}]");
    check_counts("0 1 0 0 0 0");
    check_rows(POSTS, "a|v3|~|3");
    /* The same version from a page: only what differs is written. */
    page("Post", "[{\"id\":\"a\",\"title\":\"v3\",\"_version\":3}]");
    check_counts("0 0 0 1 0 0");
    page("Post", "[{\"id\":\"a\",\"title\":\"v3\",\"rating\":1,\"_version\":3}]");
    check_counts("0 1 0 0 0 0");
    /* From a live event, which may lack what the mutation did not select: nothing. */
    live("Post", "{\"id\":\"a\",\"title\":\"v3\",\"rating\":null,\"_version\":3}");
    check_counts("0 0 0 1 0 0");
    check_rows(POSTS, "a|v3|1|3");
}

/* M1, M2, M3 of Amplify's tests: several states of a record in one page. */
static void test_states_in_one_page(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"title\":\"1\",\"_version\":1},"
                 "{\"id\":\"a\",\"title\":\"1\",\"_version\":2,\"_deleted\":true},"
                 "{\"id\":\"b\",\"title\":\"1\",\"_version\":1},"
                 "{\"id\":\"b\",\"title\":\"2\",\"_version\":2},"
                 "{\"id\":\"c\",\"title\":\"1\",\"_version\":1},"
                 "{\"id\":\"c\",\"title\":\"1\",\"_version\":2,\"_deleted\":true},"
                 "{\"id\":\"c\",\"title\":\"3\",\"_version\":3}]");
    check_rows(POSTS, "b|2|~|2\nc|3|~|3");
    check_counts("4 1 2 0 0 0");
}

/* W9, W24: a stale record neither overwrites nor brings back; a tombstone takes its own row. */
static void test_tombstones(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":1}]");
    page("Comment", "[{\"id\":\"c\",\"post\":{\"id\":\"a\"},\"_version\":1}]");
    live("Post", "{\"id\":\"a\",\"title\":\"A\",\"_version\":3,\"_deleted\":true}");
    check_counts("0 0 1 0 0 0");
    check_rows("SELECT id, post FROM Comment", "c|a");
    live("Post", "{\"id\":\"a\",\"title\":\"late\",\"_version\":2}");
    check_counts("0 0 0 1 0 0");
    page("Post", "[{\"id\":\"a\",\"title\":\"late\",\"_version\":3}]");
    check_counts("0 0 0 1 0 0");
    check_rows(POSTS, "");
    live("Post", "{\"id\":\"a\",\"title\":\"again\",\"_version\":4}");
    check_counts("1 0 0 0 0 0");
    check_rows(POSTS, "a|again|~|4");
    live("Post", "{\"id\":\"x\",\"title\":\"x\",\"_version\":2,\"_deleted\":true}");
    check_counts("0 0 0 1 0 0");
    live("Post", "{\"id\":\"a\",\"title\":\"again\",\"_version\":3,\"_deleted\":true}");
    check_rows(POSTS, "a|again|~|4");
    check_rows("SELECT key, version FROM datastore_tombstones", "a|3\nx|2");
}

/* P5: a bad record is named, the others are merged. */
static void test_bad_records(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"title\":5,\"_version\":1},"
                 "{\"title\":\"no key\",\"_version\":1},"
                 "{\"id\":\"b\",\"title\":\"B\",\"_version\":1},"
                 "{\"id\":\"c\",\"title\":\"no version\"},"
                 "{\"id\":\"d\",\"title\":\"\\ud800\",\"_version\":1},"
                 "{\"id\":\"e\",\"title\":\"\\u0000\",\"_version\":1},"
                 "{\"id\":\"f\",\"title\":\"F\",\"rating\":1.5,\"_version\":1},"
                 "{\"id\":\"g\",\"title\":\"G\",\"rating\":2.0,\"_version\":1},"
                 "{\"id\":\"\",\"title\":\"H\",\"_version\":1},"
                 "5]");
    check_rows(POSTS, "b|B|~|1\ng|G|2|1");
    check_counts("2 0 0 0 0 8");
    assert_string_equal(counts.bad, "Post.title is a number that cannot be stored");
}

/* What a trigger of the user's refuses is one record's misfortune as well. */
static void test_refused_by_a_trigger(void **state) {
    (void)state;
    exec("CREATE TRIGGER mine BEFORE INSERT ON Post_rows WHEN NEW.title = 'no'"
         " BEGIN SELECT RAISE(ABORT, 'not that one'); END");
    page("Post", "[{\"id\":\"a\",\"title\":\"no\",\"_version\":1},"
                 "{\"id\":\"b\",\"title\":\"yes\",\"_version\":1}]");
    check_rows(POSTS, "b|yes|~|1");
    assert_string_equal(counts.bad, "not that one");
}

static void test_rolled_back_by_a_trigger(void **state) {
    (void)state;
    const char *items = "[{\"id\":\"a\",\"title\":\"no\",\"_version\":1},"
                        "{\"id\":\"b\",\"title\":\"yes\",\"_version\":1}]";
    const ds_token token = token_of(items);
    exec("CREATE TRIGGER mine BEFORE INSERT ON Post_rows WHEN NEW.title = 'no'"
         " BEGIN SELECT RAISE(ROLLBACK, 'nothing at all'); END");
    begin();
    int rc = ds_merge_page(merger, model_of("Post"), &token, &counts, &err);
    assert_int_equal(rc & 0xff, SQLITE_CONSTRAINT);
    assert_int_equal(ds_merger_end(merger, rc, &err) & 0xff, SQLITE_CONSTRAINT);
    assert_string_equal(err.text, "nothing at all");
    err = (ds_err)DS_ERR_INIT;
    check_rows(POSTS, "");
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
}

static void test_malformed_page(void **state) {
    (void)state;
    static const char *const wrong[] = {"{}",
                                        "[{\"id\":\"a\",\"title\":\"A\",\"_version\":1}"};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        const ds_token token = {wrong[i], strlen(wrong[i]), 0, wrong[i][0]};
        begin();
        int rc = ds_merge_page(merger, model_of("Post"), &token, &counts, &err);
        assert_int_equal(rc, SQLITE_ERROR);
        assert_int_equal(ds_merger_end(merger, rc, &err), SQLITE_ERROR);
        err = (ds_err)DS_ERR_INIT;
        check_rows(POSTS, "");
    }
}

static void test_foreign_keys(void **state) {
    (void)state;
    page("Comment",
         "[{\"id\":\"1\",\"post\":{\"id\":\"a\",\"_deleted\":null},\"_version\":1},"
         "{\"id\":\"2\",\"post\":null,\"_version\":1},"
         "{\"id\":\"3\",\"commentPostId\":\"b\",\"_version\":1},"
         "{\"id\":\"4\",\"post\":{\"id\":5},\"_version\":1},"
         "{\"id\":\"5\",\"post\":7,\"_version\":1}]");
    check_rows("SELECT id, post FROM Comment_rows", "1|a\n2|~\n3|b");
    check_counts("3 0 0 0 0 2");
    assert_string_equal(counts.bad, "Comment.post is a number that cannot be stored");
}

static void test_composite_keys(void **state) {
    (void)state;
    page("Line", "[{\"order\":\"o\\n\\\"\",\"nr\":2,\"text\":\"x\",\"_version\":1},"
                 "{\"order\":\"o\",\"nr\":3,\"_version\":1}]");
    live("Line", "{\"order\":\"o\\n\\\"\",\"nr\":2,\"text\":\"y\",\"_version\":2}");
    live("Line", "{\"order\":\"o\",\"nr\":3,\"_version\":2,\"_deleted\":true}");
    check_rows("SELECT nr, text, _version FROM Line_rows", "2|y|2");
    check_rows("SELECT key FROM datastore_tombstones", "[\"o\",3]");
}

/* The host sees nothing of it. */
static void test_host_state(void **state) {
    (void)state;
    exec("CREATE TABLE host(id INTEGER PRIMARY KEY); INSERT INTO host VALUES (77)");
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":1}]");
    assert_int_equal(sqlite3_last_insert_rowid(db), 77);
    exec("BEGIN; INSERT INTO host VALUES (78)");
    ds_token token = token_of("[{\"id\":\"b\",\"title\":\"B\",\"_version\":1}]");
    begin();
    int rc = ds_merge_page(merger, model_of("Post"), &token, &counts, &err);
    assert_int_equal(ds_merger_end(merger, rc, &err), SQLITE_OK);
    check_rows("SELECT applying FROM datastore_session", "0");
    exec("ROLLBACK");
    check_rows(POSTS, "a|A|~|1");
}

/* Another connection's schema change is taken up at the next transaction. */
static void test_new_schema(void **state) {
    (void)state;
    bool is_new = true;
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":1}]");
    assert_int_equal(ds_merger_begin(merger, &is_new, &err), SQLITE_OK);
    assert_false(is_new);
    end(SQLITE_OK);
    exec("SELECT datastore_schema('type Post @model { id: ID! title: String! more: Int "
         "}')");
    assert_int_equal(ds_merger_begin(merger, &is_new, &err), SQLITE_OK);
    assert_true(is_new);
    end(SQLITE_OK);
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"more\":4,\"_version\":1}]");
    check_rows("SELECT id, title, more FROM Post", "a|A|4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_versions, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_states_in_one_page, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_tombstones, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_bad_records, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_refused_by_a_trigger, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_rolled_back_by_a_trigger, setup,
                                        teardown_store),
        cmocka_unit_test_setup_teardown(test_malformed_page, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_foreign_keys, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_composite_keys, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_host_state, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_new_schema, setup, teardown_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

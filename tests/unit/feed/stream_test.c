/*
** What an observer is told of a synchronization: what the server changed, each thing once, and
** nothing of one's own writes that come back as they were sent (W44).
*/
#include "../sync/sync_test.h"

#include "feed/feed.h"

static int setup(void **state) {
    (void)state;
    open_store("type Post @model {\n"
               "  id: ID! title: String! rating: Int\n"
               "  comments: [Comment] @connection(name: \"PC\")\n"
               "}\n"
               "type Comment @model {\n"
               "  id: ID! content: String post: Post @connection(name: \"PC\")\n"
               "}\n");
    assert_int_equal(ds_feed_register(store, &err), SQLITE_OK);
    check_rows("SELECT datastore_observe()", "1");
    return 0;
}

#define EVENTS                                                                           \
    "SELECT model, op, id, coalesce(changed, ''), origin FROM datastore_events(1)"

static void test_own_write_comes_back(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title, rating) VALUES ('p', 'A', 1)");
    sqlite3_free(take_text(10, 1000000));
    assert_int_equal(n_taken, 1);
    done(taken[0], "{\"id\":\"p\",\"title\":\"A\",\"rating\":1,\"createdAt\":"
                   "\"2030-01-01T00:00:00.000Z\",\"updatedAt\":"
                   "\"2030-01-01T00:00:00.000Z\",\"_version\":1,\"_lastChangedAt\":5}");
    check_rows("SELECT _version FROM Post", "1");
    check_rows(EVENTS, "Post|INSERT|p||local");
    /* And once more, by the subscription and by a sync. */
    live("Post", "{\"id\":\"p\",\"title\":\"A\",\"rating\":1,\"_version\":1,"
                 "\"_lastChangedAt\":5}");
    page("Post", "[{\"id\":\"p\",\"title\":\"A\",\"rating\":1,\"_version\":1,"
                 "\"_lastChangedAt\":5}]");
    check_rows(EVENTS, "");
}

static void test_server_changes_what_was_sent(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title, rating) VALUES ('p', 'A', 1)");
    sqlite3_free(take_text(10, 1000000));
    check_rows(EVENTS, "Post|INSERT|p||local");
    live("Post", "{\"id\":\"p\",\"title\":\"A\",\"rating\":1,\"_version\":1}");
    done(taken[0], "{\"id\":\"p\",\"title\":\"A\",\"rating\":1,\"_version\":1}");
    live("Post", "{\"id\":\"p\",\"title\":\"B\",\"rating\":1,\"_version\":2}");
    check_rows(EVENTS, "Post|UPDATE|p|[\"title\"]|remote");
}

static void test_pages(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":1},"
                 " {\"id\":\"b\",\"title\":\"B\",\"_version\":1}]");
    page("Comment", "[{\"id\":\"c\",\"content\":\"x\",\"post\":{\"id\":\"a\"},"
                    "\"_version\":1}]");
    check_rows(EVENTS, "Post|INSERT|a||remote\nPost|INSERT|b||remote\n"
                       "Comment|INSERT|c||remote");
    /* A tombstone takes exactly its record; of one that is not here nobody hears. */
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":2,\"_deleted\":true},"
                 " {\"id\":\"z\",\"title\":\"Z\",\"_version\":2,\"_deleted\":true}]");
    page("Post", "[{\"id\":\"a\",\"title\":\"A\",\"_version\":2,\"_deleted\":true}]");
    check_rows(EVENTS, "Post|DELETE|a||remote");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_own_write_comes_back, setup, teardown_store),
        cmocka_unit_test_setup_teardown(test_server_changes_what_was_sent, setup,
                                        teardown_store),
        cmocka_unit_test_setup_teardown(test_pages, setup, teardown_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

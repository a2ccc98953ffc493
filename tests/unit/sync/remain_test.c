/*
** What remains of steps, row and base row: several steps of one record, and steps of its own that a
** decision needs.
*/
#include "sync_test.h"

static const char plain[] = "type Post @model { id: ID! a: Int b: Int c: Int }";

static int setup(void **state) {
    (void)state;
    open_store(plain);
    page("Post", "[{\"id\":\"p\",\"a\":1,\"b\":1,\"c\":1,\"_version\":1}]");
    return 0;
}

static int setup_two(void **state) {
    (void)state;
    open_store("type Post @model { id: ID! n: Int top: Kid @connection(name: \"Top\") }\n"
               "type Kid @model { id: ID! posts: [Post] @connection(name: \"Top\") }\n");
    return 0;
}

#define ROW   "SELECT a, b, c, _version, _status FROM Post"
#define BASE  "SELECT a, b, c, _version FROM Post_base"
#define STEPS "SELECT seq, op, changed, state, error FROM datastore_outbox"

static void save_if(const char *record, const char *condition) {
    char *sql =
        sqlite3_mprintf("SELECT datastore_save('Post', %Q, %Q)", record, condition);
    exec(sql);
    sqlite3_free(sql);
}

/* Each step says what still differs of what it speaks of; one that says nothing goes. */
static void test_narrowed(void **state) {
    (void)state;
    exec("UPDATE Post SET a = 2");
    save_if("{\"id\":\"p\",\"b\":2}", "{\"c\":{\"eq\":1}}");
    exec("UPDATE Post SET c = 2");
    check_take(9, "1 updatePost {\"id\":\"p\",\"a\":2,\"_version\":1}");
    live("Post", "{\"id\":\"p\",\"a\":1,\"b\":2,\"c\":1,\"_version\":2}");
    check_rows(ROW, "2|2|2|2|in_flight");
    check_rows(STEPS, "1|update|[\"a\"]|in_flight|~\n3|update|[\"c\"]|pending|~");
    done(1, "{\"id\":\"p\",\"a\":2,\"b\":2,\"c\":1,\"_version\":3}");
    check_take(9, "3 updatePost {\"id\":\"p\",\"c\":2,\"_version\":3}");
    done(3, "{\"id\":\"p\",\"a\":2,\"b\":2,\"c\":2,\"_version\":4}");
    check_rows(ROW, "2|2|2|4|synced");
    check_rows(BASE, "");
}

/* A local row that wins as a whole has more to say than was changed: the pending step takes it on, … */
static void test_added_to_a_step(void **state) {
    (void)state;
    set_policy(DS_POLICY_LOCAL, NULL);
    exec("UPDATE Post SET a = 2");
    live("Post", "{\"id\":\"p\",\"a\":3,\"b\":3,\"c\":1,\"_version\":2}");
    check_rows(STEPS, "1|update|[\"a\",\"b\"]|pending|~");
    check_rows(BASE, "3|3|1|2");
    check_rows(ROW, "2|1|1|2|pending");
}

/* … or a new one does, whose number no later change is given. */
static void test_added_step(void **state) {
    (void)state;
    exec("INSERT INTO Kid(id) VALUES ('k')");
    exec("INSERT INTO Post(id, n) VALUES ('x', 1)");
    exec("UPDATE Post SET top = 'k'");
    exec("DELETE FROM datastore_journal WHERE 0");
    check_take(1, "1 createKid {\"id\":\"k\"}");
    check_take(9, "");
    done(1, "{\"id\":\"k\",\"_version\":1}");
    check_take(9, "2 createPost {\"id\":\"x\",\"n\":1,\"postTopId\":\"k\"}");
    exec("UPDATE Post SET n = 2");
    done(2, "{\"id\":\"x\",\"n\":1,\"postTopId\":\"k\",\"_version\":1}");
    check_take(9, "4 updatePost {\"id\":\"x\",\"n\":2,\"_version\":1}");
}

/* What a create had to leave out follows as an update. */
static void test_left_out(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, n) VALUES ('x', 1)");
    exec("INSERT INTO Kid(id) VALUES ('k')");
    exec("UPDATE Post SET top = 'k'");
    check_take(9, "1 createPost {\"id\":\"x\",\"n\":1}\n2 createKid {\"id\":\"k\"}");
    done(1, "{\"id\":\"x\",\"n\":1,\"_version\":1}");
    check_rows("SELECT seq, op, changed FROM datastore_outbox WHERE model = 'Post'",
               "4|update|[\"top\"]");
    exec("UPDATE Post SET n = 5");
    check_take(9, "");
    check_rows("SELECT seq, op, changed FROM datastore_outbox WHERE model = 'Post'",
               "4|update|[\"n\",\"top\"]");
    done(2, "{\"id\":\"k\",\"_version\":1}");
    check_take(9,
               "4 updatePost {\"id\":\"x\",\"n\":5,\"postTopId\":\"k\",\"_version\":1}");
}

/* What was refused stays in the dead letter whatever becomes of the row. */
static void test_dead_letter_stays(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("UPDATE Post SET a = 2");
    check_take(9, "1 updatePost {\"id\":\"p\",\"a\":2,\"_version\":1}");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    exec("UPDATE Post SET b = 2");
    live("Post", "{\"id\":\"p\",\"a\":1,\"b\":3,\"c\":3,\"_version\":2}");
    check_rows(STEPS, "");
    check_rows("SELECT seq, changed, error FROM datastore_dead_letter", "1|[\"a\"]|no");
    check_rows(BASE, "1|3|3|2");
    exec("SELECT datastore_discard()");
    check_rows(ROW, "1|3|3|2|synced");
    check_rows(BASE, "");
}

/* Deleted on both sides: nothing is left, and older news bring nothing back. */
static void test_gone(void **state) {
    (void)state;
    exec("UPDATE Post SET a = 2");
    exec("DELETE FROM Post");
    page("Post", "[{\"id\":\"p\",\"a\":1,\"_version\":2,\"_deleted\":true}]");
    check_rows(STEPS, "");
    check_rows(BASE, "");
    live("Post", "{\"id\":\"p\",\"a\":1,\"_version\":1}");
    check_rows(ROW, "");
}

/* A delete that meets a newer row is sent with its version. */
static void test_deleted(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    page("Post", "[{\"id\":\"p\",\"a\":7,\"b\":1,\"c\":1,\"_version\":2}]");
    check_rows(BASE, "7|1|1|2");
    check_take(9, "1 deletePost {\"id\":\"p\",\"_version\":2}");
    done(1, "{\"id\":\"p\",\"a\":7,\"b\":1,\"c\":1,\"_version\":3,\"_deleted\":true}");
    check_rows(BASE, "");
    check_rows("SELECT version FROM datastore_tombstones", "3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)
#define TWO(name)  cmocka_unit_test_setup_teardown(name, setup_two, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_narrowed), TEST(test_added_to_a_step),   TWO(test_added_step),
        TWO(test_left_out),  TEST(test_dead_letter_stays), TEST(test_gone),
        TEST(test_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** What is sent, in which order, and what becomes of it without a record of the server's.
*/
#include "../sync/sync_test.h"

static const char schema[] =
    "enum Status { ACTIVE INACTIVE }\n"
    "type Place { city: String }\n"
    "type Blog @model { id: ID! name: String! posts: [Post] @connection(name: \"BP\") }\n"
    "type Post @model {\n"
    "  id: ID! title: String! rating: Int score: Float done: Boolean status: Status\n"
    "  tags: [String] place: Place meta: AWSJSON\n"
    "  blog: Blog @connection(name: \"BP\")\n"
    "  comments: [Comment] @connection(name: \"PC\")\n"
    "}\n"
    "type Comment @model {\n"
    "  id: ID! content: String! post: Post! @connection(name: \"PC\")\n"
    "}\n"
    "type Node @model {\n"
    "  id: ID! name: String parent: Node @connection(name: \"Tree\")\n"
    "  children: [Node] @connection(name: \"Tree\")\n"
    "}\n"
    "type Line @model @key(fields: [\"order\", \"nr\"])\n"
    "  @key(name: \"byWhen\", fields: [\"text\", \"year\", \"month\"]) {\n"
    "  order: ID! nr: Int! text: String year: Int month: Int other: String\n"
    "}\n"
    "type Silent @model(mutations: { create: \"makeSilent\" }) { id: ID! a: Int }\n"
    "type Mine @model @auth(rules: [{allow: owner, ownerField: \"boss\"}]) {\n"
    "  id: ID! boss: String note: String\n"
    "}\n";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    return 0;
}

/* ---- payloads ------------------------------------------------------------------------------------ */

/* N3, N4: what was never given is left out; wire names; AWSJSON is a string. */
static void test_create(void **state) {
    (void)state;
    exec("INSERT INTO Blog(id, name) VALUES ('b', 'Blog')");
    exec("INSERT INTO Post(id, title, rating, score, done, status, tags, place, meta)"
         " VALUES ('p', 'h\xC3\xA9 \"q\"', 5, 1.5, 1, 'ACTIVE', '[\"x\"]', "
         "'{\"city\":\"R\"}',"
         " '{\"k\":1}')");
    check_take(
        9, "1 createBlog {\"id\":\"b\",\"name\":\"Blog\"}\n"
           "2 createPost {\"id\":\"p\",\"title\":\"h\xC3\xA9 \\\"q\\\"\",\"rating\":5,"
           "\"score\":1.5,\"done\":true,\"status\":\"ACTIVE\",\"tags\":[\"x\"],"
           "\"place\":{\"city\":\"R\"},\"meta\":\"{\\\"k\\\":1}\"}");
    check_take(9, "");
    check_rows("SELECT seq, state, attempts FROM datastore_outbox",
               "1|in_flight|1\n2|in_flight|1");
    check_rows("SELECT event, payload FROM datastore_hub WHERE seq = 1",
               "outboxMutationEnqueued|{\"model\":\"Blog\",\"element\":{\"id\":\"b\","
               "\"name\":\"Blog\"}}");
    check_rows("SELECT seq, payload FROM datastore_hub WHERE event = 'outboxStatus'",
               "3|{\"isEmpty\":false}");
}

/* N5, N6, S1 to S7: only what changed, with the newest version. */
static void test_update(void **state) {
    (void)state;
    page("Post",
         "[{\"id\":\"p\",\"title\":\"T\",\"rating\":5,\"tags\":[\"a\"],\"_version\":7}]");
    exec("UPDATE Post SET rating = NULL, title = 'T', tags = '[ \"a\" ]' WHERE id = 'p'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"rating\":null,\"_version\":7}");
}

/* A change that was taken back is no change. */
static void test_nothing_left(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"p\",\"title\":\"T\",\"rating\":5,\"_version\":7}]");
    exec("UPDATE Post SET rating = 6 WHERE id = 'p'; UPDATE Post SET rating = 5 WHERE id "
         "= 'p'");
    check_rows("SELECT _status FROM Post", "pending");
    check_take(9, "");
    check_rows("SELECT _status FROM Post", "synced");
    check_rows("SELECT count(*) FROM Post_base", "0");
    check_rows(OUTBOX, "");
}

static void test_delete(void **state) {
    (void)state;
    page("Line", "[{\"order\":\"o\",\"nr\":1,\"_version\":2}]");
    exec("DELETE FROM Line WHERE \"order\" = 'o'");
    check_take(9, "1 deleteLine {\"order\":\"o\",\"nr\":1,\"_version\":2}");
}

/* S15, S16: a part of a named key beyond its first takes the others along. */
static void test_keys(void **state) {
    (void)state;
    page("Line",
         "[{\"order\":\"o\",\"nr\":1,\"text\":\"t\",\"year\":2020,\"month\":5,"
         "\"_version\":1},"
         "{\"order\":\"o\",\"nr\":2,\"text\":\"t\",\"year\":2020,\"_version\":1}]");
    exec("UPDATE Line SET year = 2021 WHERE nr = 1");
    exec("UPDATE Line SET text = 'u' WHERE nr = 2");
    check_take(9,
               "1 updateLine "
               "{\"order\":\"o\",\"nr\":1,\"year\":2021,\"month\":5,\"_version\":1}\n"
               "2 updateLine {\"order\":\"o\",\"nr\":2,\"text\":\"u\",\"_version\":1}");
}

/* N7 to N13: an owner that is not given is the server's to fill in. */
static void test_owner(void **state) {
    (void)state;
    page("Mine", "[{\"id\":\"m\",\"boss\":\"me\",\"_version\":1}]");
    exec("UPDATE Mine SET boss = NULL, note = 'n'; INSERT INTO Mine(id, note) VALUES "
         "('n', 'x')");
    check_take(9, "1 updateMine {\"id\":\"m\",\"note\":\"n\",\"_version\":1}\n"
                  "2 createMine {\"id\":\"n\",\"note\":\"x\"}");
}

/* ---- folding --------------------------------------------------------------------------------------- */

static void test_folded(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"u\",\"title\":\"T\",\"_version\":1},"
                 "{\"id\":\"d\",\"title\":\"T\",\"_version\":1},"
                 "{\"id\":\"r\",\"title\":\"T\",\"rating\":1,\"_version\":4}]");
    exec("INSERT INTO Post(id, title) VALUES ('c', 'C'), ('n', 'N')");
    exec("UPDATE Post SET rating = 1 WHERE id = 'c'; UPDATE Post SET title = 'D' WHERE "
         "id = 'c'");
    exec("UPDATE Post SET rating = 2 WHERE id = 'u'; UPDATE Post SET title = 'U' WHERE "
         "id = 'u'");
    exec("UPDATE Post SET rating = 2 WHERE id = 'd'; DELETE FROM Post WHERE id = 'd'");
    exec("DELETE FROM Post WHERE id = 'n'");
    exec("DELETE FROM Post WHERE id = 'r'; INSERT INTO Post(id, title, status) VALUES "
         "('r', 'R', 'ACTIVE')");
    check_rows("SELECT count(*) FROM datastore_outbox", "11");
    check_take(9,
               "1 createPost {\"id\":\"c\",\"title\":\"D\",\"rating\":1}\n"
               "5 updatePost {\"id\":\"u\",\"title\":\"U\",\"rating\":2,\"_version\":1}\n"
               "8 deletePost {\"id\":\"d\",\"_version\":1}\n"
               "10 updatePost "
               "{\"id\":\"r\",\"title\":\"R\",\"rating\":null,\"status\":\"ACTIVE\","
               "\"_version\":4}");
    check_rows(OUTBOX " WHERE id = 'u'",
               "5|Post|u|update|[\"title\",\"rating\"]|in_flight|1|~");
    /* The numbers go on. */
    exec("INSERT INTO Post(id, title) VALUES ('z', 'Z')");
    check_rows("SELECT seq FROM datastore_outbox WHERE id = 'z'", "12");
}

/* What is on its way takes nothing over, and goes out again as it was. */
static void test_frozen(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('p', '1')");
    check_take(9, "1 createPost {\"id\":\"p\",\"title\":\"1\"}");
    exec("UPDATE Post SET title = '2'");
    check_take(9, "");
    check_rows(
        OUTBOX,
        "1|Post|p|create|~|in_flight|1|~\n2|Post|p|update|[\"title\"]|pending|0|~");
    begin(); /* a new sender, after a kill */
    end(ds_outbox_recover(ds_merger_records(merger), &err));
    check_take(9, "1? createPost {\"id\":\"p\",\"title\":\"1\"}");
    done(1, "{\"id\":\"p\",\"title\":\"1\",\"_version\":1}");
    check_take(9, "2 updatePost {\"id\":\"p\",\"title\":\"2\",\"_version\":1}");
    exec("DELETE FROM Post");
    check_take(9, "");
    done(2, "{\"id\":\"p\",\"title\":\"2\",\"_version\":2}");
    check_take(9, "3 deletePost {\"id\":\"p\",\"_version\":2}");
    done(3, "{\"id\":\"p\",\"title\":\"2\",\"_version\":3,\"_deleted\":true}");
    check_rows(OUTBOX, "");
    check_rows("SELECT count(*) FROM Post_base", "0");
}

/* W3: U1, U2 if, U3. Each is sent as it was made. */
static void test_conditions(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"p\",\"title\":\"T\",\"rating\":1,\"_version\":1}]");
    exec("UPDATE Post SET title = 'U1' WHERE id = 'p'");
    exec("SELECT datastore_save('Post', '{\"id\":\"p\",\"rating\":2}', "
         "'{\"rating\":{\"lt\":5}}')");
    exec("UPDATE Post SET title = 'U3', rating = 3 WHERE id = 'p'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"U1\",\"_version\":1}");
    done(1, "{\"id\":\"p\",\"title\":\"U1\",\"rating\":1,\"_version\":2}");
    check_take(9, "2 updatePost {\"id\":\"p\",\"rating\":2,\"_version\":2}"
                  " if {\"and\":[{\"rating\":{\"lt\":5}}]}");
    done(2, "{\"id\":\"p\",\"title\":\"U1\",\"rating\":2,\"_version\":3}");
    check_take(
        9, "3 updatePost {\"id\":\"p\",\"title\":\"U3\",\"rating\":3,\"_version\":3}");
    done(3, "{\"id\":\"p\",\"title\":\"U3\",\"rating\":3,\"_version\":4}");
    check_rows("SELECT title, rating, _version, _status FROM Post", "U3|3|4|synced");
    check_rows(OUTBOX, "");
}

/* A condition on a record whose entries were moved already. */
static void test_condition_after_move(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title, rating) VALUES ('p', 'T', 1)");
    begin();
    end(SQLITE_OK);
    exec("SELECT datastore_save('Post', '{\"id\":\"p\",\"rating\":2}', "
         "'{\"rating\":{\"lt\":5}}')");
    check_take(9, "1 createPost {\"id\":\"p\",\"title\":\"T\",\"rating\":1}");
    done(1, "{\"id\":\"p\",\"title\":\"T\",\"rating\":1,\"_version\":1}");
    check_take(9, "2 updatePost {\"id\":\"p\",\"rating\":2,\"_version\":1}"
                  " if {\"and\":[{\"rating\":{\"lt\":5}}]}");
}

/* ---- order --------------------------------------------------------------------------------------------- */

/* Parents first; records that have nothing to do with each other travel together. */
static void test_parents_first(void **state) {
    (void)state;
    exec("INSERT INTO Blog(id, name) VALUES ('b', 'B')");
    exec("INSERT INTO Post(id, title, blog) VALUES ('p', 'P', 'b'), ('q', 'Q', NULL)");
    exec(
        "INSERT INTO Comment(id, content, post) VALUES ('c', 'C', 'p'), ('d', 'D', 'q')");
    check_take(9, "1 createBlog {\"id\":\"b\",\"name\":\"B\"}\n"
                  "3 createPost {\"id\":\"q\",\"title\":\"Q\"}");
    done(3, "{\"id\":\"q\",\"title\":\"Q\",\"_version\":1}");
    check_take(
        9, "5 createComment {\"id\":\"d\",\"content\":\"D\",\"commentPostId\":\"q\"}");
    done(1, "{\"id\":\"b\",\"name\":\"B\",\"_version\":1}");
    check_take(9, "2 createPost {\"id\":\"p\",\"title\":\"P\",\"postBlogId\":\"b\"}");
    done(2, "{\"id\":\"p\",\"title\":\"P\",\"blog\":{\"id\":\"b\"},\"_version\":1}");
    check_take(
        9, "4 createComment {\"id\":\"c\",\"content\":\"C\",\"commentPostId\":\"p\"}");
}

/* An update that refers to a new record waits for it, whatever came first. */
static void test_update_waits_for_a_later_create(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"p\",\"title\":\"P\",\"rating\":1,\"_version\":1}]");
    exec("UPDATE Post SET rating = 2 WHERE id = 'p'");
    exec("INSERT INTO Blog(id, name) VALUES ('b', 'B')");
    exec("UPDATE Post SET blog = 'b' WHERE id = 'p'");
    check_take(9, "2 createBlog {\"id\":\"b\",\"name\":\"B\"}");
    done(2, "{\"id\":\"b\",\"name\":\"B\",\"_version\":1}");
    check_take(
        9,
        "1 updatePost {\"id\":\"p\",\"rating\":2,\"postBlogId\":\"b\",\"_version\":1}");
}

/* A create leaves out a reference to a later create: two records that refer to each other. */
static void test_circle_of_creates(void **state) {
    (void)state;
    exec("INSERT INTO Node(id, name) VALUES ('a', 'A')");
    exec("INSERT INTO Node(id, name, parent) VALUES ('b', 'B', 'a')");
    exec("UPDATE Node SET parent = 'b' WHERE id = 'a'");
    exec("INSERT INTO Node(id, parent) VALUES ('s', NULL); UPDATE Node SET parent = 's' "
         "WHERE id = 's'");
    check_take(9, "1 createNode {\"id\":\"a\",\"name\":\"A\"}\n"
                  "4 createNode {\"id\":\"s\",\"nodeParentId\":\"s\"}");
    done(1, "{\"id\":\"a\",\"name\":\"A\",\"parent\":null,\"_version\":1}");
    check_rows("SELECT parent, _status FROM Node WHERE id = 'a'", "b|pending");
    check_take(9, "2 createNode {\"id\":\"b\",\"name\":\"B\",\"nodeParentId\":\"a\"}");
    done(2, "{\"id\":\"b\",\"name\":\"B\",\"parent\":{\"id\":\"a\"},\"_version\":1}");
    check_take(9, "6 updateNode {\"id\":\"a\",\"nodeParentId\":\"b\",\"_version\":1}");
    done(6, "{\"id\":\"a\",\"name\":\"A\",\"parent\":{\"id\":\"b\"},\"_version\":2}");
    check_rows("SELECT parent, _status FROM Node WHERE id = 'a'", "b|synced");
}

/* Deletes: children first, each level together. */
static void test_children_first(void **state) {
    (void)state;
    page("Blog", "[{\"id\":\"b\",\"name\":\"B\",\"_version\":1}]");
    page("Post", "[{\"id\":\"p\",\"title\":\"P\",\"blog\":{\"id\":\"b\"},\"_version\":1},"
                 "{\"id\":\"q\",\"title\":\"Q\",\"_version\":1}]");
    page("Comment",
         "[{\"id\":\"c\",\"content\":\"C\",\"post\":{\"id\":\"p\"},\"_version\":1},"
         "{\"id\":\"d\",\"content\":\"D\",\"post\":{\"id\":\"p\"},\"_version\":1}]");
    exec("DELETE FROM Blog; DELETE FROM Post");
    check_take(9, "1 deleteComment {\"id\":\"c\",\"_version\":1}\n"
                  "2 deleteComment {\"id\":\"d\",\"_version\":1}\n"
                  "5 deletePost {\"id\":\"q\",\"_version\":1}");
    done(1, "{\"id\":\"c\",\"_version\":2,\"_deleted\":true}");
    check_take(9, "");
    done(2, "{\"id\":\"d\",\"_version\":2,\"_deleted\":true}");
    check_take(9, "3 deletePost {\"id\":\"p\",\"_version\":1}");
    done(3, "{\"id\":\"p\",\"_version\":2,\"_deleted\":true}");
    check_take(9, "4 deleteBlog {\"id\":\"b\",\"_version\":1}");
}

/* Also where an unsent update of the parent is older than the deletes. */
static void test_children_first_after_an_update(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"p\",\"title\":\"P\",\"_version\":1}]");
    page("Comment",
         "[{\"id\":\"c\",\"content\":\"C\",\"post\":{\"id\":\"p\"},\"_version\":1}]");
    exec("UPDATE Post SET title = 'x'; DELETE FROM Post");
    check_take(9, "2 deleteComment {\"id\":\"c\",\"_version\":1}");
    done(2, "{\"id\":\"c\",\"_version\":2,\"_deleted\":true}");
    check_take(9, "3 deletePost {\"id\":\"p\",\"_version\":1}");
}

static void test_children_first_in_a_tree(void **state) {
    (void)state;
    page("Node", "[{\"id\":\"r\",\"_version\":1},"
                 "{\"id\":\"x\",\"parent\":{\"id\":\"r\"},\"_version\":1},"
                 "{\"id\":\"y\",\"parent\":{\"id\":\"r\"},\"_version\":1},"
                 "{\"id\":\"z\",\"parent\":{\"id\":\"x\"},\"_version\":1}]");
    exec("DELETE FROM Node WHERE id = 'r'");
    char *first = take_text(9, 1000000);
    assert_int_equal(n_taken, 2);
    assert_non_null(strstr(first, "\"z\""));
    assert_non_null(strstr(first, "\"y\""));
    sqlite3_free(first);
    for (int i = 0; i < 2; i++) {
        answer(taken[i], DS_VERDICT_DONE, NULL, NULL);
    }
}

/* ---- limits ----------------------------------------------------------------------------------------------- */

static void test_limits(void **state) {
    (void)state;
    exec("INSERT INTO Blog(id, name) VALUES ('1', 'x'), ('2', 'x'), ('3', 'x'), ('4', "
         "'x')");
    check_take(2, "1 createBlog {\"id\":\"1\",\"name\":\"x\"}\n2 createBlog "
                  "{\"id\":\"2\",\"name\":\"x\"}");
    char *text = take_text(9, 1); /* one at least */
    assert_string_equal(text, "3 createBlog {\"id\":\"3\",\"name\":\"x\"}");
    sqlite3_free(text);
    exec("INSERT INTO Blog(id, name) VALUES ('5', 'x'), ('6', 'x')");
    text = take_text(9, 120);
    assert_int_equal(n_taken, 2);
    sqlite3_free(text);
}

static void test_later(void **state) {
    (void)state;
    exec("INSERT INTO Blog(id, name) VALUES ('1', 'x'), ('2', 'x')");
    check_take(1, "1 createBlog {\"id\":\"1\",\"name\":\"x\"}");
    answer(1, DS_VERDICT_LATER, NULL, "throttled");
    check_rows(OUTBOX " WHERE seq = 1", "1|Blog|1|create|~|pending|1|throttled");
    assert_true(number_of("SELECT next_attempt_at FROM datastore_outbox WHERE seq = 1") >=
                NOW + 100);
    check_take(9, "2 createBlog {\"id\":\"2\",\"name\":\"x\"}");
    check_take(9, "");
    assert_int_equal(
        ready_at,
        number_of("SELECT next_attempt_at FROM datastore_outbox WHERE seq = 1"));
    ds_env_set_clock(ready_at);
    check_take(9, "1 createBlog {\"id\":\"1\",\"name\":\"x\"}");
    answer(1, DS_VERDICT_UNCLEAR, NULL, "no answer");
    ds_env_set_clock(NOW + 1000000);
    check_take(9, "1? createBlog {\"id\":\"1\",\"name\":\"x\"}");
    check_rows(OUTBOX " WHERE seq = 1", "1|Blog|1|create|~|in_flight|3|no answer");
}

/* What the API cannot take goes to the dead letter at once, and stops nothing. */
static void test_cannot_be_sent(void **state) {
    (void)state;
    page("Silent", "[{\"id\":\"s\",\"a\":1,\"_version\":1}]");
    exec("UPDATE Silent SET a = 2; INSERT INTO Blog(id, name) VALUES ('1', 'x')");
    check_take(9, "2 createBlog {\"id\":\"1\",\"name\":\"x\"}");
    check_rows("SELECT seq, model, op, state, error FROM datastore_dead_letter",
               "1|Silent|update|failed|the schema has switched off this mutation");
    check_rows("SELECT _status FROM Silent", "failed");
}

/* A file that others have written to: nothing breaks, what is no entry goes. */
static void test_damaged_journal(void **state) {
    (void)state;
    exec("INSERT INTO Blog(id, name) VALUES ('1', 'x')");
    exec("INSERT INTO datastore_journal(model, key, op) VALUES (99, 'x', 1), (1, NULL, "
         "1), (5, 'x', 9),"
         " (1, 'gone', 77)");
    check_take(9, "1 createBlog {\"id\":\"1\",\"name\":\"x\"}");
    check_rows("SELECT count(*) FROM datastore_journal WHERE model IS NOT NULL", "0");
}

static void test_counts(void **state) {
    (void)state;
    ds_outbox_counts n;
    exec("INSERT INTO Blog(id, name) VALUES ('1', 'x'), ('2', 'x'), ('3', 'x')");
    check_take(2, "1 createBlog {\"id\":\"1\",\"name\":\"x\"}\n2 createBlog "
                  "{\"id\":\"2\",\"name\":\"x\"}");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    exec("INSERT INTO Blog(id, name) VALUES ('4', 'x')");
    assert_int_equal(ds_outbox_count(ds_merger_records(merger), &n, &err), SQLITE_OK);
    assert_int_equal(n.failed, 1);
    assert_int_equal(n.in_flight, 1);
    assert_int_equal(n.pending, 2);
    assert_int_equal(n.held, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_create),
        TEST(test_update),
        TEST(test_nothing_left),
        TEST(test_delete),
        TEST(test_keys),
        TEST(test_owner),
        TEST(test_folded),
        TEST(test_frozen),
        TEST(test_conditions),
        TEST(test_condition_after_move),
        TEST(test_parents_first),
        TEST(test_update_waits_for_a_later_create),
        TEST(test_circle_of_creates),
        TEST(test_children_first),
        TEST(test_children_first_after_an_update),
        TEST(test_children_first_in_a_tree),
        TEST(test_limits),
        TEST(test_later),
        TEST(test_cannot_be_sent),
        TEST(test_damaged_journal),
        TEST(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

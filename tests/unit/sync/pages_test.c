/*
** A model's pages in the tables: what a pull begins with, and what its end means.
*/
#include "engine.h"

#define NO_ITEMS "[]"
#define TWO      "[" NOTE("a", "1", 1) "," NOTE("b", "2", 1) "]"
#define BAD_TOKEN                                                                        \
    "{\"data\":{\"syncNotes\":null},\"errors\":[{\"path\":[\"syncNotes\"],"              \
    "\"errorType\":"                                                                     \
    "\"BadRequest\",\"message\":\"Invalid pagination token given.\"}]}"
#define STATE                                                                            \
    "SELECT next_token, last_sync, last_full_sync, truncated, error FROM "               \
    "datastore_sync_state"

static void push_nothing(void) {
    how.push = false;
}

static void test_delta_after_full(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, NULL);
    expect_end();
    set_now(NOW + 1000);
    start("{}");
    give_page(expect_page("syncNotes", NULL, NOW), "syncNotes", "[" NOTE("a", "x", 2) "]",
              NULL);
    expect_end();
    check_summary(
        "{\"models\":{\"Note\":{\"received\":1,\"new\":0,\"updated\":1,\"deleted\":0,"
        "\"conflicts\":0,\"full\":false,\"truncated\":false,\"error\":null}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":[]}");
    how.is_full = true;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[" NOTE("a", "x", 2) "]",
              NULL);
    expect_end();
    check_rows("SELECT id FROM Note", "a");
}

static void test_goes_on_where_it_was(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    (void)expect_page("syncNotes", "t1", 0);
    expect_wait();
    start("{}"); /* the other one is gone, with a request in flight */
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", "[" NOTE("c", "3", 1) "]",
              NULL);
    /* that was the state of the time when it began: what came after it is to follow */
    give_page(expect_page("syncNotes", NULL, NOW), "syncNotes", NO_ITEMS, NULL);
    expect_end();
    check_rows("SELECT group_concat(id) FROM Note", "a,b,c");
    check_rows(STATE, "~|1600000000000|1600000000000|0|~");
}

static void test_truncated(void **state) {
    (void)state;
    push_nothing();
    start("{\"maxRecordsToSync\":2}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    expect_end();
    check_rows(STATE, "~|1600000000000|1600000000000|2|~");
    how.is_full = true;
    start("{\"maxRecordsToSync\":3}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give(expect_page("syncNotes", "t1", 0), BAD_TOKEN);
    /* begun anew: what came before does not count */
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", "[" NOTE("c", "3", 1) "]",
              NULL);
    expect_end();
    check_rows(STATE, "~|1600000000000|1600000000000|0|~");
    check_rows("SELECT group_concat(id) FROM Note", "a,b,c");
}

static void test_a_page_that_is_not_whole(void **state) {
    (void)state;
    push_nothing();
    exec("UPDATE datastore_session SET applying = 1");
    exec("INSERT INTO Note_rows(id, text, _version, _lastChangedAt) VALUES ('old', 'o', "
         "1, 1)");
    exec("UPDATE datastore_session SET applying = 0");
    start("{}");
    give(expect_page("syncNotes", NULL, 0),
         "{\"data\":{\"syncNotes\":{\"items\":[" NOTE(
             "a", "1", 1) ",null],\"nextToken\":null,"
                          "\"startedAt\":1600000000000}},\"errors\":[{\"path\":["
                          "\"syncNotes\",\"items\",1,\"text\"]"
                          ",\"errorType\":null,\"message\":\"Cannot return null for "
                          "non-nullable type\"}]}");
    expect_end();
    check_rows("SELECT id FROM Note ORDER BY id", "a\nold"); /* nothing is swept */
    check_rows(STATE, "~|~|~|0|Cannot return null for non-nullable type");
    check_summary(
        "{\"models\":{\"Note\":{\"received\":2,\"new\":1,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":"
        "\"Cannot return null for non-nullable type\"}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":"
        "[\"Note: Cannot return null for non-nullable type\"]}");
}

/* datastore_sync_expression, or datastore_clear, of another connection. */
static void test_another_pull_has_taken_its_place(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    int64_t stale = expect_page("syncNotes", "t1", 0);
    exec("UPDATE datastore_sync_state SET generation = generation + 1, next_token = NULL,"
         " started_at = NULL, filter = '{\"text\":{\"eq\":\"2\"}}'");
    int64_t id = expect("syncNotes", "{\"limit\":1000,\"nextToken\":null,\"lastSync\":0,"
                                     "\"filter\":{\"and\":[{\"text\":{\"eq\":\"2\"}}]}}");
    give_page(stale, "syncNotes", "[" NOTE("z", "9", 1) "]", NULL);
    check_rows("SELECT count(*) FROM Note", "0");
    give_page(id, "syncNotes", "[" NOTE("b", "2", 1) "]", NULL);
    expect_end();
    check_rows("SELECT id FROM Note", "b");
    assert_int_equal(engine->n_asked, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_delta_after_full, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_goes_on_where_it_was, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_truncated, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_page_that_is_not_whole, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_another_pull_has_taken_its_place, setup_note,
                                        teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

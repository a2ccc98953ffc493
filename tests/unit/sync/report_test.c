/*
** What an engine says of its work. Summaries of all kinds of cycles are in the tests beside this one.
*/
#include "engine.h"

static void test_before_anything(void **state) {
    ds_engine_progress progress;
    ds_engine_health health;
    (void)state;
    start("{}");
    check_summary(
        "{\"models\":{},\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,"
        "\"errors\":[]}");
    check_verdict(SQLITE_OK, "");
    ds_engine_progress_read(engine, &progress);
    assert_int_equal(progress.n_models, 0);
    ds_engine_health_read(engine, &health);
    assert_false(health.is_online);
    assert_false(health.is_ready);
    assert_null(health.error);
}

static void test_progress(void **state) {
    ds_engine_progress progress;
    ds_engine_health health;
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('p', 'x')");
    start("{}");
    int64_t posts = expect("syncPosts", NULL), comments = expect("syncComments", NULL);
    give_page(comments, "syncComments", "[{\"id\":\"c\",\"_version\":1}]", NULL);
    expect_wait();
    ds_engine_progress_read(engine, &progress);
    assert_int_equal(progress.n_models, 2);
    assert_int_equal(progress.n_models_done, 1);
    assert_int_equal(progress.n_records, 1);
    give_page(posts, "syncPosts", "[]", NULL);
    give(expect("createPost", NULL),
         "{\"data\":{\"createPost\":{\"id\":\"p\",\"title\":\"x\",\"_version\":1}}}");
    expect_end();
    ds_engine_progress_read(engine, &progress);
    assert_int_equal(progress.n_models_done, 2);
    assert_int_equal(progress.n_pushed, 1);
    ds_engine_health_read(engine, &health);
    assert_true(health.is_online);
    assert_true(health.is_ready);
}

/* Records that cannot be read are named. */
static void test_bad_records(void **state) {
    (void)state;
    how.push = false;
    start("{}");
    give_page(expect("syncNotes", NULL), "syncNotes",
              "[{\"id\":\"a\",\"text\":7,\"_version\":1},{\"id\":\"b\",\"_version\":1}]",
              NULL);
    expect_end();
    check_rows("SELECT id FROM Note", "b");
    check_summary(
        "{\"models\":{\"Note\":{\"received\":2,\"new\":1,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":null}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":"
        "[\"Note: Note.text is a number that cannot be stored\"]}");
}

/* What the server says may hold anything. */
static void test_quotes(void **state) {
    (void)state;
    how.push = false;
    start("{}");
    give(expect("syncNotes", NULL), "{\"data\":null,\"errors\":[{\"message\":\"a "
                                    "\\\"b\\\"\\u0001\\nsecond line\"}]}");
    expect_end();
    check_summary(
        "{\"models\":{\"Note\":{\"received\":0,\"new\":0,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":"
        "\"a "
        "\\\"b\\\"\\u0001\"}},\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,"
        "\"errors\":[\"Note: a \\\"b\\\"\\u0001\"]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_before_anything, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_progress, setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_bad_records, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_quotes, setup_note, teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

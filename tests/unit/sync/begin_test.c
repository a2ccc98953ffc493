/*
** What an engine begins with: options, credentials, the models to be pulled.
*/
#include "engine.h"

static void test_only_some_models(void **state) {
    static const char *const models[] = {"Comment"};
    (void)state;
    how.models = models;
    how.n_models = 1;
    start("{}");
    give_page(expect_page("syncComments", NULL, 0), "syncComments", "[]", NULL);
    expect_end();
}

static void test_a_model_that_is_not_there(void **state) {
    static const char *const models[] = {"Post", "Pots"};
    (void)state;
    how.models = models;
    how.n_models = 2;
    start("{}");
    assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_ERROR);
    assert_string_equal(err.text, "unknown model \"Pots\"");
}

static void test_no_way_to_log_in(void **state) {
    ds_config *config = NULL;
    (void)state;
    assert_int_equal(ds_config_new(&config), SQLITE_OK);
    assert_int_equal(ds_engine_new(merger, config, &how, &engine, &err), SQLITE_ERROR);
    assert_string_equal(
        err.text, "configuration: no credential is set and no authMode: set apiKey, "
                  "authToken or accessKeyId with datastore_configure");
    assert_null(engine);
    ds_config_release(config);
}

/* Names are kept: those of the caller may go. */
static void test_names_are_copied(void **state) {
    char name[] = "Comment";
    const char *models[] = {name};
    (void)state;
    how.models = models;
    how.n_models = 1;
    start("{}");
    name[0] = '\0';
    how.models = NULL;
    how.n_models = 0;
    give_page(expect_page("syncComments", NULL, 0), "syncComments", "[]", NULL);
    expect_end();
}

/* A model without a sync query is not pulled; its changes are sent all the same. */
static int setup_no_sync(void **state) {
    (void)state;
    return setup_engine("type Note @model(queries: null) { id: ID! text: String }");
}

static void test_a_model_without_a_query(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('a', '1')");
    start("{}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    expect_end();
}

/* What another sender left in flight may have been carried out. */
static void test_what_another_one_left(void **state) {
    (void)state;
    how.pull = false;
    exec("INSERT INTO Note(id, text) VALUES ('a', '1')");
    start("{}");
    (void)expect("createNote", NULL);
    start("{}");
    (void)expect("createNote", NULL);
    check_rows("SELECT is_unclear, attempts FROM datastore_mutations", "1|2");
}

static void test_text(void **state) {
    char *text = NULL;
    (void)state;
    assert_int_equal(ds_engine_text(&text, "a", &err), SQLITE_OK);
    assert_string_equal(text, "a");
    assert_int_equal(ds_engine_text(&text, text, &err), SQLITE_OK); /* its own */
    assert_string_equal(text, "a");
    assert_int_equal(ds_engine_text(&text, NULL, &err), SQLITE_OK);
    assert_null(text);
}

int main(void) {
#define BLOG_TEST(name) cmocka_unit_test_setup_teardown(name, setup_blog, teardown_engine)
#define NOTE_TEST(name) cmocka_unit_test_setup_teardown(name, setup_note, teardown_engine)
    const struct CMUnitTest tests[] = {
        BLOG_TEST(test_only_some_models),
        BLOG_TEST(test_a_model_that_is_not_there),
        NOTE_TEST(test_no_way_to_log_in),
        BLOG_TEST(test_names_are_copied),
        cmocka_unit_test_setup_teardown(test_a_model_without_a_query, setup_no_sync,
                                        teardown_engine),
        NOTE_TEST(test_what_another_one_left),
        NOTE_TEST(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

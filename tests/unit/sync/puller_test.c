/*
** Pages of a model: what is asked for when, and what becomes of answers that are none.
*/
#include "engine.h"

#define NO_ITEMS "[]"
#define TWO      "[" NOTE("a", "1", 1) "," NOTE("b", "2", 1) "]"

#define EXPIRED                                                                          \
    "{\"errors\":[{\"errorType\":\"UnauthorizedException\",\"message\":\"Token has "     \
    "expired.\"}]}"
#define UNAUTHORIZED                                                                     \
    "{\"data\":{\"syncNotes\":null},\"errors\":[{\"path\":[\"syncNotes\"],"              \
    "\"errorType\":"                                                                     \
    "\"Unauthorized\",\"message\":\"Not Authorized to access syncNotes on type "         \
    "Query\"}]}"
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

static void test_pages_are_asked_for_one_ahead(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    int64_t id = expect_page("syncNotes", NULL, 0);
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    assert_false(effect.only_once);
    expect_wait();
    give_page(id, "syncNotes", TWO, "t1");
    check_rows("SELECT count(*) FROM Note", "0");
    id = expect_page("syncNotes", "t1", 0); /* goes out before the first is merged */
    check_rows("SELECT count(*) FROM Note", "0");
    expect_wait();
    check_rows("SELECT id, text, _version FROM Note", "a|1|1\nb|2|1");
    check_rows("SELECT next_token FROM datastore_sync_state", "t1");
    set_now(NOW + 5000);
    give_page(id, "syncNotes", "[" NOTE("c", "3", 1) "]", NULL);
    expect_end();
    check_rows(STATE, "~|1600000000000|1600000000000|0|~");
    check_summary(
        "{\"models\":{\"Note\":{\"received\":3,\"new\":3,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":null}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":[]}");
}

/* The next answer is there before the page is merged. */
static void test_fast_answers(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", "[" NOTE("c", "3", 1) "]",
              "t2");
    check_rows("SELECT count(*) FROM Note", "2");
    give_page(expect_page("syncNotes", "t2", 0), "syncNotes", NO_ITEMS, NULL);
    check_rows("SELECT count(*) FROM Note", "3");
    expect_end();
}

static void test_a_token_that_is_not_known_any_more(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give(expect_page("syncNotes", "t1", 0), BAD_TOKEN);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[" NOTE("b", "2", 1) "]",
              "t2");
    give(expect_page("syncNotes", "t2", 0), BAD_TOKEN);
    expect_end(); /* once is enough */
    check_rows("SELECT next_token, error FROM datastore_sync_state",
               "t2|BadRequest: Invalid pagination token given.");
    start("{}");
    give(expect_page("syncNotes", "t2", 0), BAD_TOKEN);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[" NOTE("b", "2", 1) "]",
              NULL);
    expect_end();
    check_rows(STATE, "~|1600000000000|1600000000000|0|~");
    check_rows("SELECT group_concat(id) FROM Note", "b");
}

/* A page that was not found, or a request that cannot be sent, says nothing about the token. */
static void test_a_token_outlives_a_wrong_address(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give_status(expect_page("syncNotes", "t1", 0), 404, "{\"message\":\"Not Found\"}");
    expect_end();
    check_rows("SELECT next_token, error FROM datastore_sync_state",
               "t1|HTTP 404: Not Found");
    start("{}");
    ds_err why = {.code = SQLITE_ERROR, .text = "no"};
    assert_int_equal(
        ds_engine_unsent(engine, expect_page("syncNotes", "t1", 0), &why, &err),
        SQLITE_OK);
    expect_end();
    check_rows("SELECT next_token, error FROM datastore_sync_state", "t1|no");
    check_verdict(SQLITE_IOERR, "no");
}

static void test_the_same_token_again(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, "t1");
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", TWO, "t1");
    expect_end();
    check_rows("SELECT error FROM datastore_sync_state",
               "the server answers with the same nextToken again");
}

static void test_tokens_that_go_round(void **state) {
    (void)state;
    char token[8] = "";
    int n = 0;
    push_nothing();
    start("{}");
    for (next(DS_EFFECT_POST); effect.kind == DS_EFFECT_POST && n < 100; n++) {
        sqlite3_snprintf(sizeof token, token, "t%d", n % 3);
        give_page(effect.id, "syncNotes", NO_ITEMS, token);
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    }
    assert_int_equal(effect.kind, DS_EFFECT_END);
    check_rows("SELECT error FROM datastore_sync_state",
               "the server answers with the same nextToken again");
}

static void test_an_answer_without_a_page(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give(expect_page("syncNotes", NULL, 0),
         "{\"data\":{\"syncNotes\":{\"items\":null}}}");
    expect_pause(200);
    give(expect_page("syncNotes", NULL, 0), "{\"data\":null}");
    expect_pause(400);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", TWO, NULL);
    expect_end();
    check_rows("SELECT error FROM datastore_sync_state", "~");
}

static void test_a_token_that_is_no_text(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give(expect_page("syncNotes", NULL, 0),
         "{\"data\":{\"syncNotes\":{\"items\":[],\"nextToken\":7,\"startedAt\":1}}}");
    expect_pause(200); /* no page: the last one it was not */
    (void)expect_page("syncNotes", NULL, 0);
}

/* As many as there are attempts, each after a longer pause. */
static void test_a_busy_service(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    give_status(expect_page("syncNotes", NULL, 0), 500, "");
    expect_pause(200);
    give_status(expect_page("syncNotes", NULL, 0), 503, "<html>");
    expect_pause(400);
    give_failure(expect_page("syncNotes", NULL, 0), DS_HTTP_RESET, true);
    expect_pause(800);
    give_status(expect_page("syncNotes", NULL, 0), 429, "");
    expect_end();
    check_rows("SELECT error FROM datastore_sync_state", "HTTP 429");
    check_verdict(SQLITE_IOERR, "HTTP 429");
}

static void test_the_service_says_how_long(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    ds_http_answer *busy = answer_of(expect_page("syncNotes", NULL, 0), 429, "");
    busy->retry_after = 2;
    hand_in(busy);
    next(DS_EFFECT_WAIT);
    assert_true(effect.until == now + 2000);
    set_now(effect.until);
    busy = answer_of(expect_page("syncNotes", NULL, 0), 429, "");
    busy->retry_after = 3600; /* longer than a cycle waits */
    hand_in(busy);
    expect_end();
    check_verdict(SQLITE_IOERR, "HTTP 429");
}

/* An engine that is alive never asks sooner, however often it has been told so. */
static int setup_untold(void **state) {
    (void)state;
    return setup_engine("type Note @model(subscriptions: null) { id: ID! text: String }");
}

static void test_the_service_says_it_again(void **state) {
    (void)state;
    how.is_live = true;
    start("{}");
    for (int i = 0; i < 5; i++) {
        ds_http_answer *busy = answer_of(expect_page("syncNotes", NULL, 0), 429, "");
        busy->retry_after = 600;
        hand_in(busy);
        next(DS_EFFECT_WAIT);
        assert_true(effect.until == now + 600000);
        set_now(effect.until);
    }
}

static void test_the_credential_has_expired(void **state) {
    (void)state;
    push_nothing();
    start("{\"authModes\":[\"userPool\",\"apiKey\"],\"authToken\":\"t\"}");
    int64_t id = expect_page("syncNotes", NULL, 0);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_status(id, 401, EXPIRED);
    id = expect_page("syncNotes", NULL, 0); /* it may be a new one now */
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_page(id, "syncNotes", TWO, "t1");
    give_status(expect_page("syncNotes", "t1", 0), 401, EXPIRED);
    id = expect_page("syncNotes", "t1", 0);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_status(id, 401, EXPIRED);
    id = expect_page("syncNotes", "t1", 0);
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    give_page(id, "syncNotes", NO_ITEMS, NULL);
    expect_end();
    check_rows(STATE, "~|1600000000000|1600000000000|0|~");
}

static void test_no_mode_is_good_enough(void **state) {
    (void)state;
    push_nothing();
    start("{\"authModes\":[\"apiKey\",\"userPool\"],\"authToken\":\"t\"}");
    give(expect_page("syncNotes", NULL, 0), UNAUTHORIZED);
    give(expect_page("syncNotes", NULL, 0), UNAUTHORIZED);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    expect_end();
    check_verdict(SQLITE_AUTH,
                  "Unauthorized: Not Authorized to access syncNotes on type Query");
}

static void test_no_credential_to_send(void **state) {
    (void)state;
    ds_err why = {.code = SQLITE_AUTH, .text = "set apiKey"};
    push_nothing();
    start("{\"authModes\":[\"apiKey\",\"userPool\"],\"authToken\":\"t\"}");
    assert_int_equal(
        ds_engine_unsent(engine, expect_page("syncNotes", NULL, 0), &why, &err),
        SQLITE_OK);
    int64_t id = expect_page("syncNotes", NULL, 0);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_page(id, "syncNotes", TWO, NULL);
    expect_end();
}

static void test_an_answer_that_is_too_large(void **state) {
    (void)state;
    push_nothing();
    start("{\"syncPageSize\":4}");
    give_failure(expect("syncNotes", "{\"limit\":4,\"nextToken\":null,\"lastSync\":0,"
                                     "\"filter\":null}"),
                 DS_HTTP_TOO_LARGE, true);
    give_failure(expect("syncNotes", "{\"limit\":2,\"nextToken\":null,\"lastSync\":0,"
                                     "\"filter\":null}"),
                 DS_HTTP_TOO_LARGE, true);
    give_failure(expect("syncNotes", "{\"limit\":1,\"nextToken\":null,\"lastSync\":0,"
                                     "\"filter\":null}"),
                 DS_HTTP_TOO_LARGE, true);
    expect_end(); /* one record is too much: no use in asking again */
    check_rows("SELECT error FROM datastore_sync_state", "no answer (5)");
}

/* A schema may take away what an expression speaks of: that is this model's trouble. */
static void test_an_expression_that_has_lost_its_field(void **state) {
    (void)state;
    push_nothing();
    exec("UPDATE datastore_sync_state SET filter = '{\"gone\":{\"eq\":1}}' WHERE model = "
         "'Post'");
    start("{}");
    give_page(expect_page("syncComments", NULL, 0), "syncComments", NO_ITEMS, NULL);
    expect_end();
    check_rows("SELECT model, error IS NOT NULL FROM datastore_sync_state",
               "Comment|0\nPost|1");
}

static void test_parents_first_and_not_too_many(void **state) {
    (void)state;
    push_nothing();
    start("{\"concurrency\":1}");
    int64_t id = expect_page("syncPosts", NULL, 0);
    expect_wait();
    give_page(id, "syncPosts", NO_ITEMS, "t1");
    id = expect_page("syncPosts", "t1", 0);
    expect_wait();
    give_page(id, "syncPosts", NO_ITEMS, NULL);
    give_page(expect_page("syncComments", NULL, 0), "syncComments", NO_ITEMS, NULL);
    expect_end();
    start("{\"concurrency\":2}");
    (void)expect_page("syncPosts", NULL, NOW);
    (void)expect_page("syncComments", NULL, NOW);
    expect_wait();
}

static void test_one_model_does_not_stop_the_others(void **state) {
    (void)state;
    push_nothing();
    start("{}");
    int64_t posts = expect_page("syncPosts", NULL, 0);
    int64_t comments = expect_page("syncComments", NULL, 0);
    give(posts,
         "{\"data\":{\"syncPosts\":null},\"errors\":[{\"path\":[\"syncPosts\"],"
         "\"errorType\":\"Unauthorized\",\"message\":\"Not Authorized\\nto access\"}]}");
    give_page(comments, "syncComments", NO_ITEMS, NULL);
    expect_end();
    check_rows("SELECT model, error FROM datastore_sync_state",
               "Comment|~\nPost|Unauthorized: Not Authorized");
    check_verdict(SQLITE_OK, "Unauthorized: Not Authorized");
    check_summary(
        "{\"models\":{\"Post\":{\"received\":0,\"new\":0,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":"
        "\"Unauthorized: Not Authorized\"},"
        "\"Comment\":{\"received\":0,\"new\":0,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":null}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":"
        "[\"Post: Unauthorized: Not Authorized\"]}");
}

static void test_offline(void **state) {
    int n = 0;
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('p', 'x')");
    start("{\"concurrency\":1}");
    for (next(DS_EFFECT_POST); effect.kind != DS_EFFECT_END; n++) {
        if (effect.kind == DS_EFFECT_POST) {
            give_failure(effect.id, DS_HTTP_NO_CONNECTION, false);
        } else {
            set_now(effect.until);
        }
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    }
    assert_true(n < 20);
    check_verdict(SQLITE_IOERR, "no answer (1)");
    check_rows("SELECT model, error FROM datastore_sync_state",
               "Comment|no answer (1)\nPost|no answer (1)");
    check_rows(OUTBOX, "1|Post|p|create|~|pending|0|~"); /* nothing was even tried */
}

/* It is this model that is too large, or too slow: others are answered. */
static void test_not_offline(void **state) {
    (void)state;
    start("{\"syncPageSize\":1}");
    int64_t posts = expect("syncPosts", NULL), comments = expect("syncComments", NULL);
    give_page(comments, "syncComments", NO_ITEMS, "t1");
    give_failure(posts, DS_HTTP_TOO_LARGE, true);
    give_page(expect("syncComments", NULL), "syncComments", NO_ITEMS, NULL);
    expect_end();
    check_rows("SELECT model, error FROM datastore_sync_state",
               "Comment|~\nPost|no answer (5)");
    start("{}");
    posts = expect_page("syncPosts", NULL, 0);
    give_page(expect_page("syncComments", NULL, NOW), "syncComments", NO_ITEMS, NULL);
    for (int i = 0; i < 4; i++) {
        give_failure(posts, DS_HTTP_TIMEOUT, true);
        if (i < 3) {
            next(DS_EFFECT_WAIT);
            set_now(effect.until);
            posts = expect_page("syncPosts", NULL, 0);
        }
    }
    assert_false(engine->is_offline);
    expect_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages_are_asked_for_one_ahead, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_fast_answers, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_token_that_is_not_known_any_more,
                                        setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_token_outlives_a_wrong_address, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_the_same_token_again, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_tokens_that_go_round, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_an_answer_without_a_page, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_token_that_is_no_text, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_busy_service, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_the_service_says_how_long, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_the_service_says_it_again, setup_untold,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_the_credential_has_expired, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_no_mode_is_good_enough, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_no_credential_to_send, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_an_answer_that_is_too_large, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_an_expression_that_has_lost_its_field,
                                        setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_parents_first_and_not_too_many, setup_blog,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_one_model_does_not_stop_the_others,
                                        setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_offline, setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_not_offline, setup_blog, teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The outbox on its way out: documents, and what is sent again after which answer. What an answer says about
** each mutation is in judge_test.c.
*/
#include "engine.h"

#define CREATE(id) "{\"id\":\"" id "\",\"text\":\"" id "\"}"
#define DONE_4                                                                           \
    "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":" NOTE("b", "2", 1) ",\"m2\":" NOTE( \
        "c", "3", 1) ",\"m3\":" NOTE("d", "4", 1) "}}"
#define INVALID                                                                          \
    "{\"data\":null,\"errors\":[{\"path\":null,\"message\":\"Validation error of type "  \
    "UnknownType: no such input\"}]}"
#define STATES                                                                           \
    "SELECT id, state, attempts, error FROM datastore_outbox UNION ALL "                 \
    "SELECT id, 'failed', attempts, error FROM datastore_dead_letter ORDER BY id"

static void all_is_sent(void) {
    expect_end();
    check_rows(STATES, "");
    check_rows("SELECT count(*) FROM Note WHERE _version IS NULL", "0");
}

/* ---- documents ------------------------------------------------------------------------------------- */

static void test_one_document(void **state) {
    (void)state;
    start("{}");
    int64_t id = expect("createNote createNote createNote createNote",
                        "{\"input_0\":{\"id\":\"a\",\"text\":\"1\"},"
                        "\"input_1\":{\"id\":\"b\",\"text\":\"2\"},"
                        "\"input_2\":{\"id\":\"c\",\"text\":\"3\"},"
                        "\"input_3\":{\"id\":\"d\",\"text\":\"4\"}}");
    assert_true(effect.only_once);
    expect_wait();
    give(id, DONE_4);
    all_is_sent();
    check_summary(
        "{\"models\":{},\"pushed\":4,\"conflicts\":0,\"failed\":0,\"pending\":0,"
        "\"errors\":[]}");
}

static void test_a_document_each(void **state) {
    (void)state;
    start("{\"pushBatchSize\":1}");
    give(expect("createNote", "{\"input\":{\"id\":\"a\",\"text\":\"1\"}}"),
         "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    give(expect("createNote", "{\"input\":{\"id\":\"b\",\"text\":\"2\"}}"),
         "{\"data\":{\"createNote\":" NOTE("b", "2", 1) "}}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("c", "3", 1) "}}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("d", "4", 1) "}}");
    all_is_sent();
}

static void test_what_depends_goes_later(void **state) {
    (void)state;
    how.pull = false;
    exec("INSERT INTO Post(id, title) VALUES ('p', 'x')");
    exec("INSERT INTO Comment(id, post) VALUES ('c', 'p')");
    start("{}");
    give(expect("createPost", NULL),
         "{\"data\":{\"createPost\":{\"id\":\"p\",\"title\":\"x\","
         "\"_version\":1,\"_lastChangedAt\":1}}}");
    give(expect("createComment", NULL), "{\"data\":{\"createComment\":{\"id\":\"c\","
                                        "\"commentPostId\":\"p\",\"_version\":1,"
                                        "\"_lastChangedAt\":1}}}");
    expect_end();
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
}

/* Changes that are made while a document is on its way. */
static void test_changes_meanwhile(void **state) {
    (void)state;
    start("{}");
    int64_t id = expect("createNote createNote createNote createNote", NULL);
    exec("UPDATE Note SET text = 'x' WHERE id = 'a'");
    exec("DELETE FROM Note WHERE id = 'b'");
    give(id, DONE_4);
    id = expect("updateNote deleteNote",
                "{\"input_0\":{\"id\":\"a\",\"text\":\"x\",\"_version\":1},"
                "\"input_1\":{\"id\":\"b\",\"_version\":1}}");
    give(id, "{\"data\":{\"m0\":" NOTE("a", "x",
                                       2) ",\"m1\":{\"id\":\"b\",\"_version\":2,"
                                          "\"_lastChangedAt\":2,\"_deleted\":true}}}");
    all_is_sent();
    check_rows("SELECT id, text FROM Note", "a|x\nc|3\nd|4");
}

/* ---- a document that is refused as a whole -------------------------------------------------------------- */

static void test_the_bad_one_is_found(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote createNote createNote createNote", NULL), INVALID);
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":" NOTE("b", "2", 1) "}}");
    give(expect("createNote createNote", "{\"input_0\":{\"id\":\"c\",\"text\":\"3\"},"
                                         "\"input_1\":{\"id\":\"d\",\"text\":\"4\"}}"),
         INVALID);
    give(expect("createNote", "{\"input\":{\"id\":\"c\",\"text\":\"3\"}}"), INVALID);
    give(expect("createNote", "{\"input\":{\"id\":\"d\",\"text\":\"4\"}}"),
         "{\"data\":{\"createNote\":" NOTE("d", "4", 1) "}}");
    expect_end();
    check_rows(STATES, "c|failed|1|Validation error of type UnknownType: no such input");
    check_summary(
        "{\"models\":{},\"pushed\":3,\"conflicts\":0,\"failed\":1,\"pending\":0,"
        "\"errors\":[]}");
}

/* Documents grow again after a refusal. */
static void test_growing_back(void **state) {
    (void)state;
    start("{\"pushBatchSize\":8}");
    exec("INSERT INTO Note(id, text) VALUES ('e', '5'), ('f', '6'), ('g', '7'), ('h', "
         "'8')");
    give(expect("createNote createNote createNote createNote "
                "createNote createNote createNote createNote",
                NULL),
         INVALID);
    give(expect("createNote createNote createNote createNote", NULL), INVALID);
    give(expect("createNote createNote", NULL), INVALID);
    give(expect("createNote", NULL), INVALID);
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("b", "2", 1) "}}");
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("c", "3", 1) ",\"m1\":" NOTE("d", "4", 1) "}}");
    give(expect("createNote createNote createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("e", "5", 1) ",\"m1\":" NOTE(
             "f", "6", 1) ",\"m2\":" NOTE("g", "7", 1) ",\"m3\":" NOTE("h", "8", 1) "}}");
    expect_end();
    check_rows(STATES, "a|failed|1|Validation error of type UnknownType: no such input");
}

/* HTTP 413, or 400 with a type: about this document as well. */
static void test_refused_before_graphql(void **state) {
    (void)state;
    start("{}");
    give_status(expect("createNote createNote createNote createNote", NULL), 413, "");
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":" NOTE("b", "2", 1) "}}");
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("c", "3", 1) ",\"m1\":" NOTE("d", "4", 1) "}}");
    all_is_sent();
}

/* An error that nobody knows, about nothing in particular: one change may be to blame, which must not keep
** the others from being sent. What it says is no verdict on the change. */
static void test_an_unknown_error_about_the_whole(void **state) {
    static const char unknown[] = "{\"data\":null,\"errors\":[{\"path\":null,"
                                  "\"errorType\":\"Strange\",\"message\":\"?\"}]}";
    (void)state;
    start("{}");
    give(expect("createNote createNote createNote createNote", NULL), unknown);
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":" NOTE("b", "2", 1) "}}");
    give(expect("createNote createNote", NULL), unknown);
    give(expect("createNote", NULL), unknown);
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("d", "4", 1) "}}");
    expect_pause(200);
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("c", "3", 1) "}}");
    all_is_sent();
}

static void test_an_unknown_error_for_ever(void **state) {
    static const char unknown[] = "{\"data\":null,\"errors\":[{\"path\":null,"
                                  "\"errorType\":\"Strange\",\"message\":\"?\"}]}";
    int n = 0;
    (void)state;
    start("{}");
    for (next(DS_EFFECT_POST); effect.kind != DS_EFFECT_END; n++) {
        if (effect.kind == DS_EFFECT_POST) {
            give(effect.id, unknown);
        } else {
            set_now(effect.until);
        }
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    }
    assert_true(n < 15);
    check_verdict(SQLITE_OK, "Strange: ?");
    check_rows("SELECT count(*) FROM datastore_outbox", "4");
}

/* ---- no answer ---------------------------------------------------------------------------------------------- */

static void test_the_answer_is_lost(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    give_failure(expect("createNote", NULL), DS_HTTP_RESET, true);
    next(DS_EFFECT_WAIT);
    check_rows(STATES, "a|pending|1|no answer (4)");
    check_rows("SELECT is_unclear FROM datastore_mutations", "1");
    set_now(effect.until);
    give(expect("createNote", "{\"input\":{\"id\":\"a\",\"text\":\"1\"}}"),
         "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    all_is_sent();
    check_verdict(SQLITE_OK, "no answer (4)");
}

static void test_it_was_never_sent(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    give_failure(expect("createNote", NULL), DS_HTTP_NO_CONNECTION, false);
    next(DS_EFFECT_WAIT);
    check_rows("SELECT is_unclear FROM datastore_mutations", "0");
}

static void test_offline(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    for (int i = 0; i < 4; i++) {
        give_failure(expect("createNote", NULL), DS_HTTP_NO_CONNECTION, false);
        if (i < 3) {
            expect_pause(200 << i);
        }
    }
    expect_end();
    check_verdict(SQLITE_IOERR, "no answer (1)");
    check_rows(STATES, "a|pending|4|no answer (1)");
    start("{}"); /* the next cycle does not wait */
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    all_is_sent();
}

static void test_the_service_says_how_long(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    ds_http_answer *busy = answer_of(expect("createNote", NULL), 429, "");
    busy->retry_after = 3;
    hand_in(busy);
    next(DS_EFFECT_WAIT);
    assert_true(effect.until == now + 3000);
    set_now(effect.until);
    busy = answer_of(expect("createNote", NULL), 429, "");
    busy->retry_after = 60;
    hand_in(busy);
    expect_end(); /* a cycle does not wait for that */
    check_rows(STATES, "a|pending|2|HTTP 429");
}

/* What keeps one document away keeps all away: while the engine is alive one of them tries for all, more and more
** seldom. Nothing that is written meanwhile changes that. */
static void test_one_tries_for_all(void **state) {
    (void)state;
    how.is_live = true;
    start("{\"pushBatchSize\":1}");
    give_failure(expect("createNote", NULL), DS_HTTP_NO_CONNECTION, false);
    expect_pause(200);
    give_failure(expect("createNote", NULL), DS_HTTP_NO_CONNECTION, false);
    exec("INSERT INTO Note(id, text) VALUES ('e', '5')");
    ds_engine_wake(engine);
    expect_pause(400);
    ds_http_answer *busy = answer_of(expect("createNote", NULL), 429, "");
    busy->retry_after = 60;
    hand_in(busy);
    next(DS_EFFECT_WAIT);
    assert_true(effect.until == now + 60000);
    set_now(effect.until);
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    (void)expect("createNote", NULL); /* it goes on at once */
}

/* While an answer is awaited there is nothing to wake up for. */
static void test_no_pause_that_is_over(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    give_status(expect("createNote", NULL), 500, "");
    expect_pause(200);
    (void)expect("createNote", NULL);
    set_now(now + 10);
    expect_wait();
}

/* An answer that says nothing is no success, and does not go on for ever. */
static void test_answers_that_say_nothing(void **state) {
    int n = 0;
    (void)state;
    start("{}");
    for (next(DS_EFFECT_POST); effect.kind != DS_EFFECT_END; n++) {
        if (effect.kind == DS_EFFECT_POST) {
            give(effect.id, "{\"data\":null}");
        } else {
            set_now(effect.until);
        }
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    }
    assert_true(n < 60);
    check_rows("SELECT DISTINCT state, error FROM datastore_outbox",
               "pending|the answer has no record");
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

static void test_slow_documents_get_shorter(void **state) {
    (void)state;
    start("{\"pushBatchSize\":4}");
    exec("INSERT INTO Note(id, text) VALUES ('e', '5'), ('f', '6'), ('g', '7'), ('h', "
         "'8')");
    int64_t id = expect("createNote createNote createNote createNote", NULL);
    set_now(now + 16000);
    next(DS_EFFECT_WAIT);
    give(id, DONE_4);
    id = expect("createNote createNote", NULL);
    set_now(now + 3000);
    next(DS_EFFECT_WAIT);
    give(id, "{\"data\":{\"m0\":" NOTE("e", "5", 1) ",\"m1\":" NOTE("f", "6", 1) "}}");
    exec("INSERT INTO Note(id, text) VALUES ('i', '9'), ('j', '0')");
    (void)expect("createNote createNote createNote createNote", NULL);
}

/* ---- credentials ------------------------------------------------------------------------------------------------- */

#define MODES "{\"authModes\":[\"userPool\",\"apiKey\"],\"authToken\":\"t\"}"
#define EXPIRED                                                                          \
    "{\"errors\":[{\"errorType\":\"UnauthorizedException\",\"message\":\"Token has "     \
    "expired.\"}]}"

static void test_the_credential_has_expired(void **state) {
    (void)state;
    start(MODES);
    int64_t id = expect("createNote createNote createNote createNote", NULL);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_status(id, 401, EXPIRED);
    id = expect("createNote createNote createNote createNote", NULL);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give_status(id, 401, EXPIRED);
    id = expect("createNote createNote createNote createNote", NULL);
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    give(id, DONE_4);
    all_is_sent();
}

static void test_no_mode_is_good_enough(void **state) {
    (void)state;
    start(MODES);
    give_status(expect("createNote createNote createNote createNote", NULL), 401, "{}");
    give_status(expect("createNote createNote createNote createNote", NULL), 401, "{}");
    expect_end();
    check_verdict(SQLITE_AUTH, "HTTP 401");
    check_rows("SELECT count(*) FROM datastore_dead_letter",
               "0"); /* it is no fault of theirs */
    check_rows("SELECT DISTINCT state, error FROM datastore_outbox", "pending|HTTP 401");
}

/* The second mode is as good as the first: a failure that passes is not the end of it. */
static void test_the_second_mode_may_be_busy(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start(MODES);
    give_status(expect("createNote", NULL), 401, "{}");
    give_status(expect("createNote", NULL), 500, "");
    expect_pause(200);
    give_status(expect("createNote", NULL), 401, "{}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    all_is_sent();
}

static void test_no_credential_to_send(void **state) {
    const ds_err why = {.code = SQLITE_AUTH, .text = "set apiKey"};
    (void)state;
    start("{}");
    int64_t id = expect("createNote createNote createNote createNote", NULL);
    assert_int_equal(ds_engine_unsent(engine, id, &why, &err), SQLITE_OK);
    expect_end();
    check_verdict(SQLITE_AUTH, "set apiKey");
    check_rows("SELECT DISTINCT state, error FROM datastore_outbox",
               "pending|set apiKey");
    check_rows("SELECT DISTINCT is_unclear FROM datastore_mutations", "0");
}

static void test_a_wrong_address(void **state) {
    (void)state;
    start("{}");
    give_status(expect("createNote createNote createNote createNote", NULL), 404, "");
    expect_end();
    check_verdict(SQLITE_IOERR, "HTTP 404");
    check_rows("SELECT DISTINCT state FROM datastore_outbox", "pending");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_outbox, teardown_engine)
    const struct CMUnitTest tests[] = {
        TEST(test_one_document),
        TEST(test_a_document_each),
        cmocka_unit_test_setup_teardown(test_what_depends_goes_later, setup_blog,
                                        teardown_engine),
        TEST(test_changes_meanwhile),
        TEST(test_the_bad_one_is_found),
        TEST(test_growing_back),
        TEST(test_refused_before_graphql),
        TEST(test_an_unknown_error_about_the_whole),
        TEST(test_an_unknown_error_for_ever),
        TEST(test_the_answer_is_lost),
        TEST(test_it_was_never_sent),
        TEST(test_offline),
        TEST(test_the_service_says_how_long),
        TEST(test_one_tries_for_all),
        TEST(test_no_pause_that_is_over),
        TEST(test_answers_that_say_nothing),
        TEST(test_slow_documents_get_shorter),
        TEST(test_the_credential_has_expired),
        TEST(test_no_mode_is_good_enough),
        TEST(test_the_second_mode_may_be_busy),
        TEST(test_no_credential_to_send),
        TEST(test_a_wrong_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

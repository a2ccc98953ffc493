/*
** What an answer says about each mutation of a document, alias by alias.
*/
#include "engine.h"

#define NOTES "createNote createNote createNote createNote"
#define STATES                                                                           \
    "SELECT id, state, error FROM datastore_outbox UNION ALL "                           \
    "SELECT id, 'failed', error FROM datastore_dead_letter ORDER BY id"
#define ERROR(field, type, message)                                                      \
    "{\"path\":[\"" field "\"],\"errorType\":\"" type "\",\"message\":\"" message "\"}"
#define CONDITION(field)                                                                 \
    ERROR(field, "DynamoDB:ConditionalCheckFailedException",                             \
          "The conditional request failed")

#define CONFLICT(record)                                                                 \
    "{\"path\":[\"updateNote\"],\"errorType\":\"ConflictUnhandled\","                    \
    "\"message\":\"Conflict resolver rejects mutation.\",\"data\":" record "}"

/* One note, to be created. */
static int setup_create(void **state) {
    (void)setup_note(state);
    how.pull = false;
    exec("INSERT INTO Note(id, text) VALUES ('a', '1')");
    return 0;
}

/* One note of the server's, changed here. */
static int setup_update(void **state) {
    (void)setup_note(state);
    how.pull = false;
    page("Note", "[" NOTE("a", "1", 1) "]");
    exec("UPDATE Note SET text = 'mine'");
    return 0;
}

static void end_with(const char *states, const char *rows) {
    expect_end();
    check_rows(STATES, states);
    check_rows("SELECT id, text, _version FROM Note", rows);
}

/* ---- each by itself --------------------------------------------------------------------------------- */

static void test_each_has_its_own(void **state) {
    (void)state;
    start("{}");
    give(expect(NOTES, NULL),
         "{\"data\":{\"m0\":" NOTE(
             "a", "1", 1) ",\"m1\":null,\"m2\":null,\"m3\":null},"
                          "\"errors\":[" ERROR("m1", "Strange", "no") "," ERROR(
                              "m2", "DynamoDB:ProvisionedThroughputExceededException",
                              "slow") "]}");
    next(DS_EFFECT_WAIT);
    check_rows(STATES, "b|failed|Strange: no\n"
                       "c|pending|DynamoDB:ProvisionedThroughputExceededException: slow\n"
                       "d|pending|the answer has no record");
    check_rows("SELECT is_unclear FROM datastore_mutations WHERE state = 0", "0\n1");
    check_rows("SELECT response FROM datastore_dead_letter",
               "{\"errorType\":\"Strange\",\"message\":\"no\"}");
    set_now(effect.until + 1000);
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("c", "3", 1) ",\"m1\":" NOTE("d", "4", 1) "}}");
    end_with("b|failed|Strange: no", "a|1|1\nb|2|~\nc|3|1\nd|4|1");
}

/* A record is worth more than an error beside it, of a field inside. */
static void test_a_record_and_an_error(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "},\"errors\":[" ERROR(
             "createNote", "Strange", "inside") "]}");
    end_with("", "a|1|1");
}

static void test_an_answer_about_another_record(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":" NOTE("z", "1", 1) "}}");
    next(DS_EFFECT_WAIT);
    check_rows(STATES, "a|pending|the answer is about another Note");
}

/* ---- conflicts ---------------------------------------------------------------------------------------- */

static void test_conflict_with_data(void **state) {
    (void)state;
    start("{}");
    give(expect("updateNote",
                "{\"input\":{\"id\":\"a\",\"text\":\"mine\",\"_version\":1}}"),
         "{\"data\":{\"updateNote\":null},\"errors\":[{\"path\":[\"updateNote\"],"
         "\"errorType\":"
         "\"ConflictUnhandled\",\"message\":\"Conflict resolver rejects "
         "mutation.\",\"data\":" NOTE("a", "theirs", 5) ",\"errorInfo\":null}]}");
    give(expect("updateNote",
                "{\"input\":{\"id\":\"a\",\"text\":\"mine\",\"_version\":5}}"),
         "{\"data\":{\"updateNote\":" NOTE("a", "mine", 6) "}}");
    end_with("", "a|mine|6");
    check_summary(
        "{\"models\":{},\"pushed\":1,\"conflicts\":1,\"failed\":0,\"pending\":0,"
        "\"errors\":[]}");
}

static void test_conflict_without_data(void **state) {
    (void)state;
    start("{}");
    give(expect("updateNote", NULL), "{\"data\":{\"updateNote\":null},\"errors\":[" ERROR(
                                         "updateNote", "ConflictUnhandled",
                                         "Conflict resolver rejects mutation.") "]}");
    give(expect("getNote", "{\"id\":\"a\"}"),
         "{\"data\":{\"getNote\":" NOTE("a", "theirs", 5) "}}");
    assert_false(effect.only_once);
    give(expect("updateNote",
                "{\"input\":{\"id\":\"a\",\"text\":\"mine\",\"_version\":5}}"),
         "{\"data\":{\"updateNote\":" NOTE("a", "mine", 6) "}}");
    end_with("", "a|mine|6");
}

static void test_conflict_and_the_record_is_gone(void **state) {
    (void)state;
    start("{}");
    give(expect("updateNote", NULL),
         "{\"data\":{\"updateNote\":null},\"errors\":[" ERROR(
             "updateNote", "ConflictUnhandled", "rejected") "]}");
    give(expect("getNote", NULL), "{\"data\":{\"getNote\":null}}");
    end_with("a|failed|ConflictUnhandled: rejected", "a|mine|1");
}

/* What an earlier attempt has brought there is done; what is given up for the server's row is not. */
static void check_unanswered_update(const char *answer, int n_pushed) {
    ds_engine_progress progress;
    start("{}");
    give_failure(expect("updateNote", NULL), DS_HTTP_RESET, true);
    next(DS_EFFECT_WAIT);
    set_now(effect.until);
    give(expect("updateNote", NULL), answer);
    expect_end();
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    ds_engine_progress_read(engine, &progress);
    assert_int_equal(progress.n_pushed, n_pushed);
}

static void test_conflict_with_an_earlier_attempt(void **state) {
    (void)state;
    check_unanswered_update("{\"data\":{\"updateNote\":null},\"errors\":[" CONFLICT(
                                NOTE("a", "mine", 2)) "]}",
                            1);
}

static void test_conflict_that_the_server_wins(void **state) {
    (void)state;
    merger->policy = DS_POLICY_REMOTE;
    check_unanswered_update("{\"data\":{\"updateNote\":null},\"errors\":[" CONFLICT(
                                NOTE("a", "theirs", 2)) "]}",
                            0);
    check_rows("SELECT text FROM Note", "theirs");
}

/* ---- conditions ---------------------------------------------------------------------------------------- */

static void test_an_earlier_attempt_was_carried_out(void **state) {
    (void)state;
    start("{}");
    give_failure(expect("createNote", NULL), DS_HTTP_RESET, true);
    next(DS_EFFECT_WAIT);
    set_now(effect.until);
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", "{\"id\":\"a\"}"),
         "{\"data\":{\"getNote\":" NOTE("a", "1", 1) "}}");
    end_with("", "a|1|1");
    check_summary(
        "{\"models\":{},\"pushed\":1,\"conflicts\":0,\"failed\":0,\"pending\":0,"
        "\"errors\":[]}");
}

static void test_another_record_has_the_key(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", NULL), "{\"data\":{\"getNote\":" NOTE("a", "another", 3) "}}");
    end_with("a|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|1|3");
}

static void test_a_condition_that_does_not_hold(void **state) {
    (void)state;
    exec("SELECT datastore_save('Note', '{\"id\":\"a\",\"text\":\"2\"}', "
         "'{\"text\":{\"eq\":\"mine\"}}')");
    start("{}");
    give(expect("updateNote", NULL),
         "{\"data\":{\"updateNote\":" NOTE("a", "mine", 2) "}}");
    give(expect("updateNote", "{\"input\":{\"id\":\"a\",\"text\":\"2\",\"_version\":2},"
                              "\"condition\":{\"and\":[{\"text\":{\"eq\":\"mine\"}}]}}"),
         "{\"data\":{\"updateNote\":null},\"errors\":[" CONDITION("updateNote") "]}");
    end_with("a|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|2|2"); /* and is not asked for: it was sent once */
}

/* What asks goes together as well. */
static void test_asking_for_several(void **state) {
    (void)state;
    start("{\"pushBatchSize\":2}");
    give(expect("createNote createNote", NULL),
         "{\"data\":null,\"errors\":[" CONDITION("m0") "," CONDITION("m1") "]}");
    give(expect("getNote getNote", "{\"id_0\":\"a\",\"id_1\":\"b\"}"),
         "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":null}}");
    give(expect("createNote createNote", NULL),
         "{\"data\":{\"m0\":" NOTE("c", "3", 1) ",\"m1\":" NOTE("d", "4", 1) "}}");
    end_with("b|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|1|1\nb|2|~\nc|3|1\nd|4|1");
}

static void test_no_answer_when_asked(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give_failure(expect("getNote", NULL), DS_HTTP_RESET, true);
    next(DS_EFFECT_WAIT);
    check_rows("SELECT state, error FROM datastore_outbox", "pending|no answer (4)");
    check_rows("SELECT is_unclear FROM datastore_mutations", "0"); /* it was a question */
    set_now(effect.until);
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", NULL), "{\"data\":{\"getNote\":" NOTE("a", "1", 1) "}}");
    end_with("", "a|1|1");
}

static void test_the_question_is_refused(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", NULL), "{\"data\":{\"getNote\":null},\"errors\":[" ERROR(
                                      "getNote", "Unauthorized", "no") "]}");
    end_with("a|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|1|~");
}

static void test_the_question_is_put_off(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", NULL), "{\"data\":{\"getNote\":null},\"errors\":[" ERROR(
                                      "getNote", "ThrottlingException", "") "]}");
    next(DS_EFFECT_WAIT);
    check_rows("SELECT state FROM datastore_outbox", "pending");
}

/* The question itself does not fit the API: there is only the error to judge by. */
static void test_the_question_is_invalid(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    give(expect("getNote", NULL),
         "{\"data\":null,\"errors\":[{\"message\":\"Validation error of type "
         "FieldUndefined\"}]}");
    end_with("a|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|1|~");
}

static int setup_no_get(void **state) {
    (void)state;
    (void)setup_engine("type Note @model(queries: {get: null}) { id: ID! text: String }");
    how.pull = false;
    exec("INSERT INTO Note(id, text) VALUES ('a', '1')");
    return 0;
}

static void test_there_is_no_such_question(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL),
         "{\"data\":{\"createNote\":null},\"errors\":[" CONDITION("createNote") "]}");
    end_with("a|failed|DynamoDB:ConditionalCheckFailedException: The conditional request "
             "failed",
             "a|1|~");
}

/* ---- the record did not come back ------------------------------------------------------------------------ */

static void test_perhaps_carried_out(void **state) {
    (void)state;
    start("{}");
    give(expect("createNote", NULL), "{\"data\":{\"createNote\":null},\"errors\":[" ERROR(
                                         "createNote", "DeltaSyncWriteError", "") "]}");
    next(DS_EFFECT_WAIT);
    check_rows("SELECT state, is_unclear FROM datastore_mutations", "0|1");
}

static void test_perhaps_all_of_it(void **state) {
    (void)state;
    start("{\"pushBatchSize\":2}");
    give(expect("createNote createNote", NULL),
         "{\"data\":null,\"errors\":[{\"path\":null,\"message\":\"Cannot return null for "
         "non-nullable type\"}]}");
    (void)expect("createNote createNote", NULL); /* the two others */
    check_rows("SELECT state, is_unclear FROM datastore_mutations ORDER BY seq",
               "0|1\n0|1\n1|0\n1|0");
}

/* ---- credentials ------------------------------------------------------------------------------------------ */

#define MODES "{\"authModes\":[\"userPool\",\"apiKey\"],\"authToken\":\"t\"}"

static void test_several_modes_in_one_batch(void **state) {
    (void)state;
    start(MODES);
    int64_t id = expect(NOTES, NULL);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    give(id,
         "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":null,\"m2\":" NOTE(
             "c", "3",
             1) ",\"m3\":null},\"errors\":[" ERROR("m1", "Unauthorized",
                                                   "no") "," ERROR("m3", "Unauthorized",
                                                                   "no") "]}");
    id = expect("createNote createNote", "{\"input_0\":{\"id\":\"b\",\"text\":\"2\"},"
                                         "\"input_1\":{\"id\":\"d\",\"text\":\"4\"}}");
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    give(id, "{\"data\":{\"m0\":" NOTE("b", "2", 1) ",\"m1\":null},\"errors\":[" ERROR(
                 "m1", "Unauthorized", "still no") "]}");
    end_with("d|failed|Unauthorized: still no", "a|1|1\nb|2|1\nc|3|1\nd|4|~");
}

static void test_expired_inside(void **state) {
    static const char expired[] = "{\"data\":{\"createNote\":null},\"errors\":[" ERROR(
        "createNote", "ExpiredToken", "") "]}";
    (void)state;
    start("{}");
    give(expect("createNote", NULL), expired);
    give(expect("createNote", NULL), expired);
    next(DS_EFFECT_WAIT);
    check_rows(STATES,
               "a|pending|ExpiredToken: "); /* no verdict: the next token may be good */
}

int main(void) {
#define CREATE_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, setup_create, teardown_engine)
#define UPDATE_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, setup_update, teardown_engine)
#define OUTBOX_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, setup_outbox, teardown_engine)
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(test_each_has_its_own),
        CREATE_TEST(test_a_record_and_an_error),
        CREATE_TEST(test_an_answer_about_another_record),
        UPDATE_TEST(test_conflict_with_an_earlier_attempt),
        UPDATE_TEST(test_conflict_that_the_server_wins),
        UPDATE_TEST(test_conflict_with_data),
        UPDATE_TEST(test_conflict_without_data),
        UPDATE_TEST(test_conflict_and_the_record_is_gone),
        CREATE_TEST(test_an_earlier_attempt_was_carried_out),
        CREATE_TEST(test_another_record_has_the_key),
        UPDATE_TEST(test_a_condition_that_does_not_hold),
        OUTBOX_TEST(test_asking_for_several),
        CREATE_TEST(test_no_answer_when_asked),
        CREATE_TEST(test_the_question_is_refused),
        CREATE_TEST(test_the_question_is_put_off),
        CREATE_TEST(test_the_question_is_invalid),
        cmocka_unit_test_setup_teardown(test_there_is_no_such_question, setup_no_get,
                                        teardown_engine),
        CREATE_TEST(test_perhaps_carried_out),
        OUTBOX_TEST(test_perhaps_all_of_it),
        OUTBOX_TEST(test_several_modes_in_one_batch),
        CREATE_TEST(test_expired_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

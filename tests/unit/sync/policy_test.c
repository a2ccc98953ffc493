/*
** Who wins a conflict: the policies, and the user's function.
*/
#include "sync_test.h"

static const char schema[] =
    "type Post @model { id: ID! title: String rating: Int note: String }";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    page("Post",
         "[{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"n0\",\"_version\":1}]");
    return 0;
}

#define ROW "SELECT title, rating, note, _version, _status FROM Post WHERE id = 'p'"

/* Only a conflict asks the policy. */
static void test_no_conflict(void **state) {
    (void)state;
    static const ds_policy policies[] = {DS_POLICY_LOCAL, DS_POLICY_REMOTE,
                                         DS_POLICY_FUNCTION};
    char record[128];
    for (int i = 0; i < 3; i++) {
        set_policy(policies[i], "nobody");
        exec("UPDATE Post SET title = 't1'");
        sqlite3_snprintf(sizeof record, record,
                         "{\"id\":\"p\",\"title\":\"t0\",\"rating\":%d,\"note\":\"n0\","
                         "\"_version\":%d}",
                         i + 5, i + 2);
        live("Post", record);
        check_counts("0 1 0 0 0 0");
        check_rows("SELECT title, rating = _version + 3 FROM Post", "t1|1");
    }
}

static void test_local(void **state) {
    (void)state;
    set_policy(DS_POLICY_LOCAL, NULL);
    exec("UPDATE Post SET title = 't1'");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":5,\"note\":\"n0\",\"_version\":2}");
    check_counts("0 1 0 0 1 0");
    check_rows(ROW, "t1|0|n0|2|pending");
    check_take(
        9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"_version\":2}");
}

static void test_remote(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("UPDATE Post SET title = 't1', note = 'n1'");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":5,\"note\":\"n0\",\"_version\":2}");
    check_counts("0 1 0 0 1 0");
    check_rows(ROW, "t2|5|n0|2|synced");
    check_rows(OUTBOX, "");
}

static void test_remote_deletes(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("UPDATE Post SET title = 't1'");
    live("Post", "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}");
    check_counts("0 0 1 0 1 0");
    check_rows(ROW, "");
    check_rows(OUTBOX, "");
    check_rows("SELECT count(*) FROM Post_base", "0");
}

static void test_remote_revives(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("DELETE FROM Post");
    live("Post", "{\"id\":\"p\",\"title\":\"t2\",\"_version\":2}");
    check_counts("1 0 0 0 1 0");
    check_rows(ROW, "t2|~|~|2|synced");
    check_rows(OUTBOX, "");
}

/* While the own change is on its way nothing can be decided: the answer brings it up again. */
static void test_remote_waits_for_the_answer(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("UPDATE Post SET title = 't1'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":0,\"note\":\"n0\",\"_version\":2}");
    check_rows(ROW, "t1|0|n0|2|in_flight");
    answer(1, DS_VERDICT_CONFLICT,
           "{\"id\":\"p\",\"title\":\"t2\",\"rating\":0,\"note\":\"n0\",\"_version\":2}",
           NULL);
    check_rows(ROW, "t2|0|n0|2|synced");
    check_rows(OUTBOX, "");
}

/* A write with a condition is judged by its condition. */
static void test_conditions_are_merged(void **state) {
    (void)state;
    set_policy(DS_POLICY_REMOTE, NULL);
    exec("SELECT datastore_save('Post', '{\"id\":\"p\",\"title\":\"t1\"}', "
         "'{\"rating\":{\"lt\":5}}')");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":0,\"note\":\"n0\",\"_version\":2}");
    check_rows(ROW, "t1|0|n0|2|pending");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":2}"
                  " if {\"and\":[{\"rating\":{\"lt\":5}}]}");
}

/* ---- the function --------------------------------------------------------------------------------- */

static char *asked;         /* what it was asked last */
static const char *answers; /* what it says; NULL: SQL NULL */
static bool fails;
static const char *writes; /* what it runs itself */

static void resolve(sqlite3_context *context, int argc, sqlite3_value **argv) {
    sqlite3_free(asked);
    asked = sqlite3_mprintf("");
    for (int i = 0; i < argc; i++) {
        const char *text = (const char *)sqlite3_value_text(argv[i]);
        char *longer = sqlite3_mprintf("%s%s%s", asked, i ? "\n" : "", text ? text : "~");
        sqlite3_free(asked);
        asked = longer;
    }
    if (writes) {
        exec(writes);
    }
    if (fails) {
        sqlite3_result_error(context, "cannot say", -1);
    } else if (answers != NULL) {
        sqlite3_result_text(context, answers, -1, SQLITE_STATIC);
    }
}

static int setup_function(void **state) {
    (void)setup(state);
    asked = NULL;
    answers = NULL;
    fails = false;
    writes = NULL;
    assert_int_equal(sqlite3_create_function_v2(db, "my resolver", 5, SQLITE_UTF8, NULL,
                                                resolve, NULL, NULL, NULL),
                     SQLITE_OK);
    set_policy(DS_POLICY_FUNCTION, "my resolver");
    exec("UPDATE Post SET title = 't1'");
    return 0;
}

static int teardown_function(void **state) {
    sqlite3_free(asked);
    return teardown_store(state);
}

#define NEWER                                                                            \
    "{\"id\":\"p\",\"title\":\"t2\",\"rating\":5,\"note\":\"n0\",\"_version\":2}"

static void test_function(void **state) {
    (void)state;
    answers = "{\"title\":\"both\",\"note\":\"mine\"}";
    live("Post", NEWER);
    check_counts("0 1 0 0 1 0");
    assert_non_null(strstr(
        asked, "Post\n{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\","));
    assert_non_null(
        strstr(asked, "\n{\"id\":\"p\",\"title\":\"t2\",\"rating\":5,\"note\":\"n0\","));
    assert_non_null(
        strstr(asked, "\n{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"n0\","));
    assert_non_null(strstr(asked, "\"_version\":1}\n1"));
    check_rows(ROW, "both|5|mine|2|pending");
    check_take(9, "1 updatePost "
                  "{\"id\":\"p\",\"title\":\"both\",\"note\":\"mine\",\"_version\":2}");
}

static void test_function_gives_up(void **state) {
    (void)state;
    live("Post", NEWER);
    check_rows(ROW, "t2|5|n0|2|synced");
    check_rows(OUTBOX, "");
}

static void test_function_counts_attempts(void **state) {
    (void)state;
    answers = "{\"title\":\"t1\"}";
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    answer(1, DS_VERDICT_CONFLICT, NEWER, NULL);
    assert_string_equal(strrchr(asked, '\n'), "\n1");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":2}");
    answer(1, DS_VERDICT_CONFLICT, "{\"id\":\"p\",\"title\":\"t3\",\"_version\":3}",
           NULL);
    assert_string_equal(strrchr(asked, '\n'), "\n2");
}

static void test_function_deletes(void **state) {
    (void)state;
    answers = "{\"_deleted\":true}";
    live("Post", "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}");
    assert_non_null(strstr(asked, "\"_deleted\":true}\n"));
    check_rows(ROW, "");
    check_rows(OUTBOX, "");
}

static void test_function_revives(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    answers = "{\"note\":\"back\"}";
    live("Post", NEWER);
    assert_non_null(strstr(asked, "Post\n{\"id\":\"p\",\"title\":\"t0\""));
    assert_non_null(strstr(asked, "\"_deleted\":true}\n"));
    check_rows(ROW, "t2|5|back|2|pending");
    check_take(9, "3 updatePost {\"id\":\"p\",\"note\":\"back\",\"_version\":2}");
}

static void test_function_insists_on_the_delete(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    answers = "{\"_deleted\":true}";
    live("Post", NEWER);
    check_rows(ROW, "");
    check_take(9, "2 deletePost {\"id\":\"p\",\"_version\":2}");
}

/* Whatever goes wrong with it, the rows are merged and the reason is shown. */
static void check_fallback(const char *error) {
    live("Post", NEWER);
    check_rows(ROW, "t1|5|n0|2|pending");
    check_rows("SELECT error FROM datastore_outbox", error);
}

static void test_function_fails(void **state) {
    (void)state;
    fails = true;
    check_fallback("the conflict function my resolver: cannot say");
}

static void test_function_is_missing(void **state) {
    (void)state;
    set_policy(DS_POLICY_FUNCTION, "nobody");
    check_fallback("the conflict function nobody: no such function: nobody");
}

static void test_function_says_nonsense(void **state) {
    (void)state;
    answers = "[]";
    check_fallback(
        "the conflict function my resolver: what it returned is no record of its model");
}

static void test_function_says_a_wrong_type(void **state) {
    (void)state;
    answers = "{\"title\":5}";
    check_fallback(
        "the conflict function my resolver: what it returned is no record of its model");
}

static void test_function_deletes_what_changed(void **state) {
    (void)state;
    answers = "{\"_deleted\":true}";
    check_fallback("the conflict function my resolver: it cannot delete a record that "
                   "was changed here");
}

#define LOG "INSERT INTO Post(id, title) VALUES ('log', 'asked')"

/* What it writes itself is a local change. */
static void test_function_writes(void **state) {
    (void)state;
    writes = LOG;
    live("Post", NEWER);
    check_rows("SELECT id, op FROM datastore_outbox", "log|create");
    check_rows("SELECT applying FROM datastore_session", "0");
}

/* It may not end the transaction: what follows would be committed piece by piece. */
static void test_function_rolls_back(void **state) {
    (void)state;
    ds_token token =
        token_of("[" NEWER ",{\"id\":\"q\",\"title\":\"q\",\"_version\":1}]");
    writes = "ROLLBACK";
    begin();
    int rc = ds_merge_page(merger, model_of("Post"), &token, &counts, &err);
    assert_int_equal(ds_merger_end(merger, rc, &err), SQLITE_ABORT);
    assert_string_equal(err.text, "the transaction was rolled back while it ran");
    err = (ds_err)DS_ERR_INIT;
    check_rows("SELECT id FROM Post WHERE id = 'q'", "");
    check_rows("SELECT applying FROM datastore_session", "0");
}

/* … also if the answer needs a step of its own, … */
static void test_function_writes_and_revives(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    writes = LOG;
    answers = "{\"note\":\"back\"}";
    live("Post", NEWER);
    check_take(9, "3 createPost {\"id\":\"log\",\"title\":\"asked\"}\n"
                  "4 updatePost {\"id\":\"p\",\"note\":\"back\",\"_version\":2}");
}

/* … to a record that comes next, … */
static void test_function_writes_to_the_next(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"q\",\"title\":\"q0\",\"_version\":1}]");
    writes = "UPDATE Post SET title = 'mine' WHERE id = 'q'";
    page("Post",
         "[" NEWER ",{\"id\":\"q\",\"title\":\"q0\",\"rating\":3,\"_version\":2}]");
    check_rows("SELECT title, rating, _version, _status FROM Post WHERE id = 'q'",
               "mine|3|2|pending");
    check_take(9, "2 updatePost {\"id\":\"q\",\"title\":\"mine\",\"_version\":2}");
}

/* … or to the very record, where its answer is the last word. */
static void test_function_writes_to_the_same(void **state) {
    (void)state;
    writes = "UPDATE Post SET note = 'side' WHERE id = 'p'";
    answers = "{\"title\":\"both\"}";
    live("Post", NEWER);
    check_rows(ROW, "both|5|n0|2|pending");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"both\",\"_version\":2}");
    check_rows("SELECT count(*) FROM Post_base", "1");
}

/* It may belong to another connection, which sees what was committed. */
static void test_function_elsewhere(void **state) {
    (void)state;
    sqlite3 *host = NULL;
    assert_int_equal(sqlite3_open(":memory:", &host), SQLITE_OK);
    assert_int_equal(sqlite3_create_function_v2(host, "there", 5, SQLITE_UTF8, NULL,
                                                resolve, NULL, NULL, NULL),
                     SQLITE_OK);
    ds_merger_free(merger);
    assert_int_equal(
        ds_merger_new(store, DS_POLICY_FUNCTION, "there", host, &merger, &err),
        SQLITE_OK);
    answers = "{\"title\":\"both\"}";
    live("Post", NEWER);
    check_rows(ROW, "both|5|n0|2|pending");
    fails = true;
    exec("UPDATE Post SET title = 't4'");
    live("Post", "{\"id\":\"p\",\"title\":\"t3\",\"_version\":3}");
    check_rows("SELECT error FROM datastore_outbox",
               "the conflict function there: cannot say");
    assert_int_equal(sqlite3_close(host), SQLITE_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)
#define FUNCTION(name)                                                                   \
    cmocka_unit_test_setup_teardown(name, setup_function, teardown_function)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_no_conflict),
        TEST(test_local),
        TEST(test_remote),
        TEST(test_remote_deletes),
        TEST(test_remote_revives),
        TEST(test_remote_waits_for_the_answer),
        TEST(test_conditions_are_merged),
        FUNCTION(test_function),
        FUNCTION(test_function_gives_up),
        FUNCTION(test_function_counts_attempts),
        FUNCTION(test_function_deletes),
        FUNCTION(test_function_revives),
        FUNCTION(test_function_insists_on_the_delete),
        FUNCTION(test_function_fails),
        FUNCTION(test_function_is_missing),
        FUNCTION(test_function_says_nonsense),
        FUNCTION(test_function_says_a_wrong_type),
        FUNCTION(test_function_deletes_what_changed),
        FUNCTION(test_function_writes),
        FUNCTION(test_function_rolls_back),
        FUNCTION(test_function_writes_and_revives),
        FUNCTION(test_function_writes_to_the_next),
        FUNCTION(test_function_writes_to_the_same),
        FUNCTION(test_function_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

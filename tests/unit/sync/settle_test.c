/*
** A record with unsent changes meets the server's row.
*/
#include "sync_test.h"

static const char schema[] =
    "type Place { city: String zip: Int }\n"
    "type Post @model {\n"
    "  id: ID! title: String rating: Int note: String at: AWSDateTime place: Place\n"
    "}\n"
    "type Line @model @key(fields: [\"order\", \"nr\"]) {\n"
    "  order: ID! nr: Int! text: String more: String\n"
    "}\n";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    page("Post",
         "[{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"n0\",\"_version\":1}]");
    return 0;
}

#define ROW  "SELECT title, rating, note, _version, _status FROM Post WHERE id = 'p'"
#define BASE "SELECT title, rating, note, _version FROM Post_base"

/* P3, W7, W10: what was changed here stays, the rest is the server's. */
static void test_other_fields(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t0\",\"rating\":5,\"note\":\"n0\",\"_version\":2}");
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "t1|5|n0|2|pending");
    check_rows(BASE, "t0|5|n0|2");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":2}");
}

static void test_same_field(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1', note = 'n1'");
    page("Post",
         "[{\"id\":\"p\",\"title\":\"t2\",\"rating\":5,\"note\":\"n0\",\"_version\":2}]");
    check_counts("0 1 0 0 1 0");
    check_rows(ROW, "t1|5|n1|2|pending");
    check_take(
        9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"note\":\"n1\",\"_version\":2}");
}

/* Both changed it to the same: nothing is left to say. */
static void test_agreement(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1', at = '2020-01-01T00:00Z', place = "
         "'{\"city\":\"R\"}'");
    page("Post", "[{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\","
                 "\"at\":\"2020-01-01T01:00:00.000+01:00\","
                 "\"place\":{\"zip\":null,\"city\":\"R\"},\"_version\":2}]");
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "t1|0|n0|2|synced");
    check_rows(OUTBOX, "");
    check_rows(BASE, "");
}

/* The mask says what still differs. */
static void test_reduced_mask(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1', rating = 1, note = 'n1'");
    page("Post",
         "[{\"id\":\"p\",\"title\":\"t1\",\"rating\":7,\"note\":\"n0\",\"_version\":2}]");
    check_rows("SELECT changed FROM datastore_outbox", "[\"rating\",\"note\"]");
}

static void test_older_news(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"p\",\"title\":\"t3\",\"_version\":3}]");
    exec("UPDATE Post SET rating = 1");
    live("Post", "{\"id\":\"p\",\"title\":\"t2\",\"_version\":2}");
    check_counts("0 0 0 1 0 0");
    live("Post", "{\"id\":\"p\",\"title\":\"t3x\",\"_version\":3}");
    check_counts("0 0 0 1 0 0");
    page("Post", "[{\"id\":\"p\",\"title\":\"t3x\",\"_version\":3}]");
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "t3x|1|~|3|pending");
}

/* ---- deletes -------------------------------------------------------------------------------------- */

static void test_deleted_here(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    live("Post", "{\"id\":\"p\",\"title\":\"t2\",\"_version\":2}");
    check_counts("0 0 0 0 1 0");
    check_rows(ROW, "");
    check_rows(BASE, "t2|~|~|2");
    check_take(9, "1 deletePost {\"id\":\"p\",\"_version\":2}");
}

static void test_deleted_there(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    page("Post",
         "[{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"n0\",\"_version\":2,"
         "\"_deleted\":true}]");
    check_counts("0 1 0 0 1 0");
    check_rows(ROW, "t1|0|n0|2|pending");
    /* An update of the tombstone's version brings the record back. */
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":2}");
    done(1,
         "{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\",\"_version\":3}");
    check_rows(ROW, "t1|0|n0|3|synced");
    live("Post", "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}");
    check_rows(ROW, "t1|0|n0|3|synced");
}

static void test_deleted_on_both_sides(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    page("Post", "[{\"id\":\"p\",\"_version\":2,\"_deleted\":true}]");
    check_rows(OUTBOX, "");
    check_rows(BASE, "");
    live("Post", "{\"id\":\"p\",\"title\":\"late\",\"_version\":1}");
    check_rows(ROW, "");
}

/* Deleted and made again before anything was sent: one update. */
static void test_made_again(void **state) {
    (void)state;
    exec("DELETE FROM Post; INSERT INTO Post(id, title) VALUES ('p', 'new')");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"n2\",\"_version\":2}");
    check_rows(ROW, "new|~|~|2|pending");
    check_take(
        9, "1 updatePost {\"id\":\"p\",\"title\":\"new\",\"rating\":null,\"note\":null,"
           "\"_version\":2}");
}

/* Made again while the delete is on its way: W6. */
static void test_made_again_too_late(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    check_take(9, "1 deletePost {\"id\":\"p\",\"_version\":1}");
    exec("INSERT INTO Post(id, title) VALUES ('p', 'new')");
    check_take(9, "");
    live("Post", "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}");
    check_rows(ROW, "new|~|~|2|in_flight");
    done(1, "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}");
    check_take(9, "2 createPost {\"id\":\"p\",\"title\":\"new\"}");
    answer(2, DS_VERDICT_FOUND,
           "{\"id\":\"p\",\"title\":\"t0\",\"_version\":2,\"_deleted\":true}",
           "the conditional request failed");
    check_rows("SELECT op, error FROM datastore_dead_letter",
               "create|the conditional request failed");
    check_rows(ROW, "new|~|~|2|failed");
}

/* ---- creates ---------------------------------------------------------------------------------------- */

/* Somebody else made a record with the same key. */
static void test_created_on_both_sides(void **state) {
    (void)state;
    exec("INSERT INTO Line(\"order\", nr, text) VALUES ('o', 1, 'here')");
    page("Line",
         "[{\"order\":\"o\",\"nr\":1,\"text\":\"there\",\"more\":\"m\",\"_version\":4}]");
    check_counts("0 1 0 0 1 0");
    check_rows("SELECT text, more, _version, _status FROM Line", "here|m|4|pending");
    check_take(
        9, "1 updateLine {\"order\":\"o\",\"nr\":1,\"text\":\"here\",\"_version\":4}");
}

/* The answer to the create never came, but its key is one that only it can have made: what others changed is
** theirs, what was changed here since is not. */
static void test_create_that_arrived(void **state) {
    (void)state;
#define KEY "0190a5b4-6f6e-7b3a-8c1d-2e3f4a5b6c7d"
    exec("INSERT INTO Post(id, title, note) VALUES ('" KEY "', '1', 'b')");
    check_take(9, "1 createPost {\"id\":\"" KEY "\",\"title\":\"1\",\"note\":\"b\"}");
    exec("UPDATE Post SET title = '2' WHERE id = '" KEY "'");
    page("Post",
         "[{\"id\":\"" KEY "\",\"title\":\"1\",\"note\":\"theirs\",\"_version\":2}]");
    check_counts("0 1 0 0 0 0");
    check_rows("SELECT title, note FROM Post WHERE id = '" KEY "'", "2|theirs");
}

/* The own create comes back before its answer: no conflict, whatever was changed meanwhile. */
static void test_own_echo(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('q', '1')");
    check_take(9, "1 createPost {\"id\":\"q\",\"title\":\"1\"}");
    exec("UPDATE Post SET title = '2' WHERE id = 'q'");
    live("Post", "{\"id\":\"q\",\"title\":\"1\",\"_version\":1}");
    check_counts("0 1 0 0 0 0");
    done(1, "{\"id\":\"q\",\"title\":\"1\",\"_version\":1}");
    check_counts("0 1 0 0 0 0");
    check_take(9, "2 updatePost {\"id\":\"q\",\"title\":\"2\",\"_version\":1}");
    live("Post", "{\"id\":\"q\",\"title\":\"2\",\"_version\":2}");
    check_counts("0 1 0 0 0 0");
    done(2, "{\"id\":\"q\",\"title\":\"2\",\"_version\":2}");
    check_rows("SELECT title, _version, _status FROM Post WHERE id = 'q'", "2|2|synced");
}

/* Created and deleted while the create is on its way: the row does not come back. */
static void test_deleted_before_the_answer(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('q', '1')");
    check_take(9, "1 createPost {\"id\":\"q\",\"title\":\"1\"}");
    exec("DELETE FROM Post WHERE id = 'q'");
    live("Post", "{\"id\":\"q\",\"title\":\"1\",\"_version\":1}");
    check_rows("SELECT count(*) FROM Post_rows WHERE id = 'q'", "0");
    done(1, "{\"id\":\"q\",\"title\":\"1\",\"_version\":1}");
    check_take(9, "2 deletePost {\"id\":\"q\",\"_version\":1}");
    done(2, "{\"id\":\"q\",\"title\":\"1\",\"_version\":2,\"_deleted\":true}");
    check_rows(OUTBOX, "");
    check_rows(BASE, "");
}

/* What the server fills in arrives with the answer. */
static void test_filled_in(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('q', ' x ')");
    check_take(9, "1 createPost {\"id\":\"q\",\"title\":\" x \"}");
    done(1, "{\"id\":\"q\",\"title\":\"x\",\"rating\":9,\"createdAt\":\"2021-01-01T00:00:"
            "00Z\","
            "\"_version\":1,\"_lastChangedAt\":5}");
    check_rows("SELECT title, rating, createdAt, _version, _lastChangedAt, _status FROM "
               "Post WHERE id = 'q'",
               "x|9|2021-01-01T00:00:00Z|1|5|synced");
    check_rows(OUTBOX, "");
}

/* ---- answers -------------------------------------------------------------------------------------------- */

/* W12: values in the server's notation are an echo; a change of another client comes along. */
static void test_merged_by_the_server(void **state) {
    (void)state;
    exec("UPDATE Post SET at = '2020-01-01T00:00Z', title = 't1'");
    check_take(
        9, "1 updatePost "
           "{\"id\":\"p\",\"title\":\"t1\",\"at\":\"2020-01-01T00:00Z\",\"_version\":1}");
    exec("UPDATE Post SET note = 'n1'");
    done(1, "{\"id\":\"p\",\"title\":\"t1\",\"rating\":7,\"note\":\"n0\","
            "\"at\":\"2020-01-01T00:00:00.000Z\",\"_version\":3}");
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "t1|7|n1|3|pending");
    check_take(9, "2 updatePost {\"id\":\"p\",\"note\":\"n1\",\"_version\":3}");
}

/* C7, C8: auto-merge has dropped the field and says success. It goes out again. */
static void test_lost_by_the_server(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1', note = 'n1'");
    check_take(
        9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"note\":\"n1\",\"_version\":1}");
    done(
        1,
        "{\"id\":\"p\",\"title\":\"other\",\"rating\":0,\"note\":\"n1\",\"_version\":3}");
    check_counts("0 1 0 0 1 0");
    check_rows(ROW, "t1|0|n1|3|pending");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":3}");
    done(1,
         "{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n1\",\"_version\":4}");
    check_rows(ROW, "t1|0|n1|4|synced");
}

/* Nobody else was there: what the server made of the value is the answer. */
static void test_changed_by_the_server(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 'T1'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"T1\",\"_version\":1}");
    done(1,
         "{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\",\"_version\":2}");
    check_rows(ROW, "t1|0|n0|2|synced");
}

/* A live event has brought something newer than the answer. */
static void test_late_answer(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t1\",\"rating\":5,\"note\":\"n0\",\"_version\":3}");
    check_rows(ROW, "t1|5|n0|3|in_flight");
    done(1,
         "{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\",\"_version\":2}");
    check_rows(ROW, "t1|5|n0|3|synced");
    check_rows(BASE, "");
}

/* OCC: the change goes out again under the new version, with what is changed only. */
static void test_conflict(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    exec("UPDATE Post SET rating = 3");
    answer(
        1, DS_VERDICT_CONFLICT,
        "{\"id\":\"p\",\"title\":\"t0\",\"rating\":0,\"note\":\"other\",\"_version\":5}",
        NULL);
    check_rows(ROW, "t1|3|other|5|pending");
    /* The change that waited behind it is folded in. */
    check_take(
        9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"rating\":3,\"_version\":5}");
}

/* A send without an answer was carried out: sent again it is a conflict with itself. */
static void test_conflict_with_itself(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    answer(1, DS_VERDICT_UNCLEAR, NULL, "timeout");
    ds_env_set_clock(NOW + 1000000);
    check_take(9, "1? updatePost {\"id\":\"p\",\"title\":\"t1\",\"_version\":1}");
    answer(1, DS_VERDICT_CONFLICT,
           "{\"id\":\"p\",\"title\":\"t1\",\"rating\":0,\"note\":\"n0\",\"_version\":2}",
           NULL);
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "t1|0|n0|2|synced");
    check_rows(OUTBOX, "");
}

static void test_conflicting_delete(void **state) {
    (void)state;
    exec("DELETE FROM Post");
    check_take(9, "1 deletePost {\"id\":\"p\",\"_version\":1}");
    answer(1, DS_VERDICT_CONFLICT, "{\"id\":\"p\",\"title\":\"t2\",\"_version\":2}",
           NULL);
    check_take(9, "1 deletePost {\"id\":\"p\",\"_version\":2}");
}

/* It does not go on for ever. */
static void test_bounded_conflicts(void **state) {
    (void)state;
    char record[128];
    exec("UPDATE Post SET title = 't1'");
    for (int i = 0; i <= DS_MAX_CONFLICTS; i++) {
        ds_env_set_clock(NOW + (int64_t)i * 1000000);
        char *text = take_text(9, 1000);
        assert_int_equal(n_taken, 1);
        sqlite3_free(text);
        sqlite3_snprintf(sizeof record, record,
                         "{\"id\":\"p\",\"title\":\"x%d\",\"_version\":%d}", i, i + 2);
        answer(1, DS_VERDICT_CONFLICT, record, NULL);
    }
    check_rows("SELECT op, changed, error FROM datastore_dead_letter",
               "update|[\"title\"]|the record was changed on the server each time");
    check_rows(ROW, "t1|~|~|12|failed");
}

/* ---- the dead letter ------------------------------------------------------------------------------------- */

/* What was refused is not decided about again, and other changes go on. */
static void test_beside_the_dead_letter(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 'bad'");
    check_take(9, "1 updatePost {\"id\":\"p\",\"title\":\"bad\",\"_version\":1}");
    answer(1, DS_VERDICT_REFUSED, NULL, "too bad");
    check_rows(ROW, "bad|0|n0|1|failed");
    live("Post",
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":2,\"note\":\"n0\",\"_version\":2}");
    check_counts("0 1 0 0 0 0");
    check_rows(ROW, "bad|2|n0|2|failed");
    exec("UPDATE Post SET note = 'n1'");
    check_take(9, "2 updatePost {\"id\":\"p\",\"note\":\"n1\",\"_version\":2}");
    done(2,
         "{\"id\":\"p\",\"title\":\"t2\",\"rating\":2,\"note\":\"n1\",\"_version\":3}");
    check_rows(ROW, "bad|2|n1|3|failed");
    check_rows(BASE, "t2|2|n1|3");
    check_rows("SELECT op, changed, state, attempts, error, request, response FROM "
               "datastore_dead_letter",
               "update|[\"title\"]|failed|1|too bad|"
               "{\"operation\":\"updatePost\",\"input\":{\"id\":\"p\",\"title\":\"bad\","
               "\"_version\":1}}|"
               "{\"errors\":[]}");
}

/* W4: two models with one key do not meet. */
static void test_same_key_in_two_models(void **state) {
    (void)state;
    exec("UPDATE Post SET title = 't1'");
    page("Line", "[{\"order\":\"p\",\"nr\":1,\"text\":\"x\",\"_version\":1}]");
    exec("UPDATE Line SET text = 'y'");
    live("Line",
         "{\"order\":\"p\",\"nr\":1,\"text\":\"z\",\"more\":\"m\",\"_version\":2}");
    check_rows("SELECT text, more FROM Line", "y|m");
    check_rows(ROW, "t1|0|n0|1|pending");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_other_fields),
        TEST(test_same_field),
        TEST(test_agreement),
        TEST(test_reduced_mask),
        TEST(test_older_news),
        TEST(test_deleted_here),
        TEST(test_deleted_there),
        TEST(test_deleted_on_both_sides),
        TEST(test_made_again),
        TEST(test_made_again_too_late),
        TEST(test_created_on_both_sides),
        TEST(test_create_that_arrived),
        TEST(test_own_echo),
        TEST(test_deleted_before_the_answer),
        TEST(test_filled_in),
        TEST(test_merged_by_the_server),
        TEST(test_lost_by_the_server),
        TEST(test_changed_by_the_server),
        TEST(test_late_answer),
        TEST(test_conflict),
        TEST(test_conflict_with_itself),
        TEST(test_conflicting_delete),
        TEST(test_bounded_conflicts),
        TEST(test_beside_the_dead_letter),
        TEST(test_same_key_in_two_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Pulls: cursors, resuming, full syncs and what they sweep, sync expressions, an empty store.
*/
#include "sync_test.h"

static const char schema[] =
    "type Post @model { id: ID! title: String"
    " comments: [Comment] @connection(name: \"PC\") }\n"
    "type Comment @model { id: ID! post: Post @connection(name: \"PC\") }\n";

#define DAY ((int64_t)24 * 60 * 60 * 1000)
#define STATE                                                                            \
    "SELECT next_token, started_at, last_sync, last_full_sync, is_full, truncated, "     \
    "error FROM datastore_sync_state WHERE model = 'Post'"
#define SEEN "SELECT key FROM datastore_seen ORDER BY key"

static ds_pull pull;
static bool is_over;
static bool is_superseded;
static int64_t most;

static int setup(void **state) {
    (void)state;
    open_store(schema);
    memset(&pull, 0, sizeof pull);
    most = -1;
    return 0;
}

static int teardown(void **state) {
    ds_pull_done(&pull);
    return teardown_store(state);
}

static void start(bool is_full) {
    const ds_pull_wish wish = {.full_interval_ms = DAY, .most = most, .is_full = is_full};
    ds_pull_done(&pull);
    begin();
    end(ds_pull_begin(merger, model_of("Post"), &wish, &pull, &err));
}

static void feed(ds_page *p, const char *items) {
    ds_token token = token_of(items);
    p->items = &token;
    begin();
    end(ds_pull_page(merger, &pull, p, &is_over, &is_superseded, &err));
    p->items = NULL;
}

/* A page of the pull; started_at is that of the page, next NULL for the last. */
static void next_page(const char *items, const char *next, int64_t started_at) {
    ds_page p = {.next_token = next, .started_at = started_at, .is_whole = true};
    feed(&p, items);
    assert_int_equal(is_over, next == NULL);
    assert_false(is_superseded);
}

static void broken_page(const char *items, const char *next, int64_t started_at) {
    ds_page p = {.next_token = next, .started_at = started_at};
    feed(&p, items);
    assert_int_equal(is_over, next == NULL);
}

static void note(const char *error) {
    begin();
    end(ds_pull_note(merger, model_of("Post"), error, &err));
}

/* A whole full sync of that page alone. */
static void full(const char *items, int64_t started_at) {
    start(true);
    next_page(items, NULL, started_at);
}

static char *post(const char *id, int version, int64_t changed_at) {
    static char text[128];
    sqlite3_snprintf(sizeof text, text,
                     "{\"id\":\"%s\",\"title\":\"%s%d\",\"_version\":%d,"
                     "\"_lastChangedAt\":%lld}",
                     id, id, version, version, changed_at);
    return text;
}

/* ---- cursors ------------------------------------------------------------------------------------ */

#define A "{\"id\":\"a\",\"title\":\"A\",\"_version\":1,\"_lastChangedAt\":10}"
#define B "{\"id\":\"b\",\"title\":\"B\",\"_version\":1,\"_lastChangedAt\":10}"
#define C "{\"id\":\"c\",\"title\":\"C\",\"_version\":1,\"_lastChangedAt\":10}"

/* The first is a full sync; the next asks for what changed since its first page was made. */
static void test_full_then_delta(void **state) {
    (void)state;
    start(false);
    assert_true(pull.is_full);
    assert_int_equal(pull.since, 0);
    assert_null(pull.next_token);
    next_page("[" A "]", "t1", NOW);
    assert_string_equal(pull.next_token, "t1");
    check_rows(STATE, "t1|1600000000000|~|~|1|0|~");
    next_page("[" B "]", NULL, NOW + 500);
    check_rows(STATE, "~|~|1600000000000|1600000000000|0|0|~");
    assert_int_equal(pull.counts.n_new, 2);
    start(false);
    assert_false(pull.is_full);
    assert_int_equal(pull.since, NOW);
    next_page("[]", NULL, NOW + 900);
    check_rows(STATE, "~|~|1600000000900|1600000000000|0|0|~");
    check_rows("SELECT payload FROM datastore_hub",
               "{\"model\":\"Post\",\"isFullSync\":true,\"isDeltaSync\":false,"
               "\"counts\":{\"new\":2,\"updated\":0,\"deleted\":0}}\n"
               "{\"model\":\"Post\",\"isFullSync\":false,\"isDeltaSync\":true,"
               "\"counts\":{\"new\":0,\"updated\":0,\"deleted\":0}}");
}

/* P4: after a kill it goes on with the page that comes next, full or not. */
static void test_resumed(void **state) {
    (void)state;
    start(false);
    int64_t number = pull.number;
    next_page("[" A "]", "t1", NOW);
    set_policy(DS_POLICY_MERGE, NULL);
    start(false);
    assert_int_equal(pull.number, number);
    assert_true(pull.is_full);
    assert_string_equal(pull.next_token, "t1");
    next_page("[" B "]", NULL, NOW + 70);
    start(false);
    next_page("[" C "]", "t2", NOW + 80);
    start(false);
    assert_false(pull.is_full);
    assert_int_equal(pull.since, NOW);
    assert_string_equal(pull.next_token, "t2");
    next_page("[]", NULL, NOW + 90);
    check_rows(STATE, "~|~|1600000000080|1600000000000|0|0|~");
}

/* A page and its cursor are one: what fails leaves both as they were. */
static void test_failed_page(void **state) {
    (void)state;
    static const char wrong[] = "[" A ",{";
    const ds_token token = {wrong, strlen(wrong), 0, '['};
    const ds_page p = {
        .items = &token, .next_token = "t1", .started_at = NOW, .is_whole = true};
    start(false);
    begin();
    int rc = ds_pull_page(merger, &pull, &p, &is_over, &is_superseded, &err);
    assert_int_equal(rc, SQLITE_ERROR);
    assert_int_equal(ds_merger_end(merger, rc, &err), SQLITE_ERROR);
    err = (ds_err)DS_ERR_INIT;
    check_rows("SELECT count(*) FROM Post", "0");
    check_rows(STATE, "~|~|~|~|1|0|~");
    start(false);
    next_page("[" A "]", NULL, NOW);
    check_rows("SELECT count(*) FROM Post", "1");
}

/* Who asks for a full sync gets one, also in the middle of a delta, whose pages come too late then. */
static void test_superseded(void **state) {
    (void)state;
    full("[" A "]", NOW);
    start(false);
    next_page("[]", "t1", NOW + 50);
    ds_pull late = pull;
    memset(&pull, 0, sizeof pull);
    start(true);
    assert_true(pull.is_full);
    assert_null(pull.next_token);
    assert_true(pull.number > late.number);
    const ds_token token = token_of("[" B "]");
    const ds_page p = {.items = &token, .started_at = NOW, .is_whole = true};
    begin();
    end(ds_pull_page(merger, &late, &p, &is_over, &is_superseded, &err));
    assert_true(is_over && is_superseded);
    ds_pull_done(&late);
    check_rows("SELECT id FROM Post", "a");
    next_page("[" A "]", NULL, NOW + 60);
    check_rows(STATE, "~|~|1600000000060|1600000000060|0|0|~");
}

static void test_full_when_due(void **state) {
    (void)state;
    full("[" A "]", NOW);
    ds_env_set_clock(NOW + DAY - 1);
    start(false);
    assert_false(pull.is_full);
    next_page("[]", NULL, NOW + DAY - 1);
    ds_env_set_clock(NOW + DAY);
    start(false);
    assert_true(pull.is_full);
    assert_int_equal(pull.since, 0);
}

/* A nextToken has expired: a new generation, which knows nothing of what the old one saw. */
static void test_restarted(void **state) {
    (void)state;
    full("[" A "," B "]", NOW);
    start(true);
    next_page("[" A "]", "t1", NOW + 10);
    check_rows(SEEN, "a");
    int64_t number = pull.number;
    begin();
    end(ds_pull_restart(merger, &pull, &err));
    assert_true(pull.number > number);
    assert_null(pull.next_token);
    check_rows(SEEN, "");
    check_rows(STATE, "~|~|1600000000000|1600000000000|1|0|~");
    next_page("[" B "]", NULL, NOW + 20);
    check_rows("SELECT id FROM Post", "b");
    check_rows(STATE, "~|~|1600000000020|1600000000020|0|0|~");
}

static void test_note(void **state) {
    (void)state;
    start(false);
    note("not authorized");
    check_rows(STATE, "~|~|~|~|1|0|not authorized");
    next_page("[" A "]", "t1", NOW);
    check_rows(STATE, "t1|1600000000000|~|~|1|0|~");
    note("503");
    note(NULL);
    check_rows(STATE, "t1|1600000000000|~|~|1|0|~");
}

/* ---- the sweep ------------------------------------------------------------------------------------ */

/* What is not on the server goes, unless it is unsent, or news of it is younger than the sync. */
static void test_sweep(void **state) {
    (void)state;
    page("Post", "[" A "," B "," C "]");
    page("Post", "[{\"id\":\"refused\",\"title\":\"x\",\"_version\":1},"
                 "{\"id\":\"deleted\",\"title\":\"x\",\"_version\":1},"
                 "{\"id\":\"gone\",\"title\":\"x\",\"_version\":1},"
                 "{\"id\":\"stale\",\"title\":\"x\",\"_version\":5}]");
    exec("UPDATE Post SET title = 'mine' WHERE id IN ('c', 'refused')");
    exec("DELETE FROM Post WHERE id = 'deleted'");
    exec("INSERT INTO Post(id, title) VALUES ('new', 'n')");
    check_take(1, "1 updatePost {\"id\":\"c\",\"title\":\"mine\",\"_version\":1}");
    check_take(1, "2 updatePost {\"id\":\"refused\",\"title\":\"mine\",\"_version\":1}");
    answer(2, DS_VERDICT_REFUSED, NULL, "no");
    start(true);
    next_page("[" A "]", "t1", NOW);
    live("Post", post("stale", 2, 10));
    live("Post", post("young", 1, NOW + 5));
    live("Post", post("late", 1, 20));
    check_rows(SEEN, "a\nlate\nstale\nyoung");
    next_page("[]", NULL, NOW + 100);
    assert_int_equal(pull.counts.n_deleted, 2);
    check_rows("SELECT id FROM Post ORDER BY id",
               "a\nc\nlate\nnew\nrefused\nstale\nyoung");
    check_rows(SEEN, "");
    check_rows("SELECT id, op FROM datastore_outbox ORDER BY seq",
               "c|update\ndeleted|delete\nnew|create");
    check_rows("SELECT id FROM datastore_dead_letter", "refused");
    check_rows("SELECT id FROM Post_base ORDER BY id", "c\ndeleted\nrefused");
}

/* A row that is swept takes no child along, and nothing is journalled. */
static void test_sweep_is_quiet(void **state) {
    (void)state;
    page("Post", "[" A "]");
    page("Comment", "[{\"id\":\"k\",\"post\":{\"id\":\"a\"},\"_version\":1}]");
    exec("INSERT INTO Comment(id, post) VALUES ('unsent', 'a')");
    full("[]", NOW);
    check_rows("SELECT count(*) FROM Post", "0");
    check_rows("SELECT id, post FROM Comment ORDER BY id", "k|a\nunsent|a");
    check_rows("SELECT id, op FROM datastore_outbox", "unsent|create");
}

/* Neither does a tombstone. */
static void test_tombstone_is_quiet(void **state) {
    (void)state;
    page("Post", "[" A "]");
    exec("INSERT INTO Comment(id, post) VALUES ('unsent', 'a')");
    page("Post", "[{\"id\":\"a\",\"_version\":2,\"_deleted\":true}]");
    check_rows("SELECT count(*) FROM Post", "0");
    check_rows("SELECT id, post FROM Comment", "unsent|a");
    check_take(9, "1 createComment {\"id\":\"unsent\",\"commentPostId\":\"a\"}");
}

/* An answer is news like any other, whatever moment it names. */
static void test_answers_are_seen(void **state) {
    (void)state;
    page("Post", "[" A "," B "]");
    exec("UPDATE Post SET title = 'mine' WHERE id = 'b'");
    check_take(9, "1 updatePost {\"id\":\"b\",\"title\":\"mine\",\"_version\":1}");
    start(true);
    next_page("[" A "]", "t1", NOW);
    done(1, "{\"id\":\"b\",\"title\":\"mine\",\"_version\":2,\"_lastChangedAt\":20}");
    check_rows("SELECT count(*) FROM datastore_mutations", "0");
    check_rows(SEEN, "a\nb");
    next_page("[]", NULL, NOW);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
}

/* Where there is nothing to be swept, nothing is remembered. */
static void test_nothing_to_sweep(void **state) {
    (void)state;
    exec("INSERT INTO Post(id, title) VALUES ('new', 'n')");
    start(false);
    next_page("[" A "]", "t1", NOW);
    check_rows(SEEN, "");
    next_page("[" B "]", NULL, NOW);
    check_rows("SELECT count(*) FROM Post", "3");
}

static void test_composite_keys_are_seen(void **state) {
    (void)state;
    exec("SELECT datastore_schema('type Post @model @key(fields: [\"id\", \"nr\"])"
         " { id: ID! nr: Int! title: String }')");
    page("Post", "[{\"id\":\"a\",\"nr\":1,\"_version\":1},"
                 "{\"id\":\"a\",\"nr\":2,\"_version\":1}]");
    full("[{\"id\":\"a\",\"nr\":2,\"_version\":1}]", NOW);
    check_rows("SELECT id, nr FROM Post", "a|2");
}

/* ---- pages that lack something -------------------------------------------------------------------- */

/* P1, P5: what could not be delivered is not gone, and is asked for again. */
static void test_not_whole(void **state) {
    (void)state;
    full("[" A "," B "]", NOW);
    start(true);
    broken_page("[" A ",null]", "t1", NOW + 10);
    note("Cannot return null for non-nullable type");
    /* It is remembered across a restart, and whole pages behind it do not make up for it. */
    start(false);
    next_page("[]", NULL, NOW + 20);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
    check_rows(STATE, "~|~|1600000000000|~|0|0|Cannot return null for non-nullable type");
    start(false);
    assert_true(pull.is_full);
    next_page("[" A "]", NULL, NOW + 30);
    check_rows("SELECT id FROM Post", "a");
    check_rows(STATE, "~|~|1600000000030|1600000000030|0|0|~");
}

static void test_delta_not_whole(void **state) {
    (void)state;
    full("[" A "]", NOW);
    start(false);
    broken_page("[" B "]", NULL, NOW + 10);
    check_rows(STATE, "~|~|1600000000000|1600000000000|0|0|~");
    start(false);
    assert_false(pull.is_full);
    assert_int_equal(pull.since, NOW);
    next_page("[" B "]", NULL, NOW + 20);
    check_rows(STATE, "~|~|1600000000020|1600000000000|0|0|~");
}

/* The first of all syncs was not whole: the next is a full one. */
static void test_first_not_whole(void **state) {
    (void)state;
    start(false);
    broken_page("[" A "]", NULL, NOW);
    check_rows(STATE, "~|~|~|~|0|0|~");
    start(false);
    assert_true(pull.is_full);
}

/* A record that cannot be read is on the server all the same; if nobody knows which it is, any may
** be. */
static void test_unreadable_is_not_gone(void **state) {
    (void)state;
    page("Post", "[" A "," B "," C "]");
    full("[{\"title\":5,\"_version\":2,\"id\":\"a\"},{\"id\":\"b\",\"title\":\"B\"}]",
         NOW);
    assert_int_equal(pull.counts.n_bad, 2);
    assert_int_equal(pull.counts.n_nameless, 0);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
    full("[{\"title\":\"who\",\"_version\":2}]", NOW + 1);
    assert_int_equal(pull.counts.n_nameless, 1);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
    full("[" A ",null]", NOW + 2);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
    check_rows("SELECT last_full_sync FROM datastore_sync_state WHERE model = 'Post'",
               "~");
}

/* maxRecordsToSync: what did not come is not gone either. */
static void test_truncated(void **state) {
    (void)state;
    ds_page p = {
        .next_token = "t1", .started_at = NOW + 10, .is_whole = true, .truncated_at = 1};
    full("[" A "," B "]", NOW);
    most = 1;
    start(true);
    feed(&p, "[" A "]");
    assert_true(is_over);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nb");
    check_rows(STATE, "~|~|1600000000010|1600000000010|0|1|~");
    check_rows(SEEN, "");
    start(false);
    assert_false(pull.is_full);
    next_page("[]", NULL, NOW + 20);
    check_rows(STATE, "~|~|1600000000020|1600000000010|0|1|~");
    /* Changes that were cut off are found by a full one. */
    start(false);
    p.started_at = NOW + 25;
    p.truncated_at = 7;
    feed(&p, "[" A "]");
    assert_true(is_over);
    check_rows(STATE, "~|~|1600000000025|~|0|7|~");
    full("[" A "]", NOW + 30);
    check_rows("SELECT id FROM Post", "a");
    check_rows(STATE, "~|~|1600000000030|1600000000030|0|0|~");
}

/* A limit that has become larger, or has gone, is a reason for a full one. */
static void test_truncated_no_more(void **state) {
    (void)state;
    ds_page p = {
        .next_token = "t1", .started_at = NOW, .is_whole = true, .truncated_at = 5};
    static const struct {
        int64_t most;
        bool is_full;
    } cases[] = {{5, false}, {4, false}, {6, true}, {-1, true}};
    start(true);
    feed(&p, "[" A "]");
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        most = cases[i].most;
        start(false);
        assert_int_equal(pull.is_full, cases[i].is_full);
    }
}

/* ---- sync expressions ------------------------------------------------------------------------------ */

#define FILTER "{\"title\":{\"eq\":\"A\"}}"

static bool express(const char *filter) {
    bool changed = false;
    begin();
    end(ds_pull_express(ds_merger_records(merger), model_of("Post"), filter, &changed,
                        &err));
    return changed;
}

/* What the new expression leaves out goes with the next full sync; what is unsent stays. */
static void test_expression(void **state) {
    (void)state;
    full("[" A "," B "," C "]", NOW);
    exec("UPDATE Post SET title = 'mine' WHERE id = 'c'");
    start(false);
    assert_null(pull.filter);
    next_page("[]", "t1", NOW + 5);
    assert_true(express(FILTER));
    const ds_token token = token_of("[]");
    const ds_page late = {.items = &token, .started_at = NOW, .is_whole = true};
    begin();
    end(ds_pull_page(merger, &pull, &late, &is_over, &is_superseded, &err));
    assert_true(is_over && is_superseded);
    start(false);
    assert_true(pull.is_full);
    assert_string_equal(pull.filter, FILTER);
    next_page("[" A "]", NULL, NOW + 10);
    check_rows("SELECT id FROM Post ORDER BY id", "a\nc");
    assert_false(express(FILTER));
    start(false);
    assert_false(pull.is_full);
    assert_true(express(NULL));
    assert_false(express(NULL));
    start(false);
    assert_true(pull.is_full);
    assert_null(pull.filter);
}

/* ---- an empty store ---------------------------------------------------------------------------------- */

static int clear(bool force) {
    begin();
    int rc = ds_pull_clear(ds_merger_records(merger), force, &err);
    return ds_merger_end(merger, rc, &err);
}

static void test_clear(void **state) {
    (void)state;
    full("[" A "," B "]", NOW);
    assert_true(express(FILTER));
    start(false);
    next_page("[" A "]", "t1", NOW + 5);
    ds_pull late = pull;
    memset(&pull, 0, sizeof pull);
    exec("UPDATE Post SET title = 'mine' WHERE id = 'b'");
    exec("INSERT INTO Comment(id, post) VALUES ('k', 'a')");
    check_take(1, "1 updatePost {\"id\":\"b\",\"title\":\"mine\",\"_version\":1}");
    assert_int_equal(clear(false), SQLITE_CONSTRAINT);
    assert_string_equal(err.text,
                        "datastore_clear would lose 2 unsent changes and 0 in "
                        "the dead letter: sync first, or pass {\"force\":true}");
    err = (ds_err)DS_ERR_INIT;
    check_rows("SELECT count(*) FROM Post", "2");
    assert_int_equal(clear(true), SQLITE_OK);
    check_rows("SELECT count(*) FROM Post", "0");
    check_rows("SELECT count(*) FROM Post_base", "0");
    check_rows("SELECT count(*) FROM Comment", "0");
    check_rows(OUTBOX, "");
    check_rows(SEEN, "");
    check_rows(STATE, "~|~|~|~|0|0|~");
    /* Answers and pages of before come too late. */
    done(1, "{\"id\":\"b\",\"title\":\"mine\",\"_version\":2}");
    const ds_token token = token_of("[" B "]");
    const ds_page p = {.items = &token, .started_at = NOW, .is_whole = true};
    begin();
    end(ds_pull_page(merger, &late, &p, &is_over, &is_superseded, &err));
    assert_true(is_superseded);
    ds_pull_done(&late);
    check_rows("SELECT count(*) FROM Post", "0");
    start(false);
    assert_true(pull.is_full);
    assert_string_equal(pull.filter, FILTER);
    /* Numbers go on. */
    exec("INSERT INTO Post(id) VALUES ('n')");
    check_take(9, "3 createPost {\"id\":\"n\"}");
}

/* ---- beside --------------------------------------------------------------------------------------------- */

static void test_tidy(void **state) {
    (void)state;
    page("Post", "[{\"id\":\"a\",\"_version\":2,\"_deleted\":true}]");
    ds_env_set_clock(NOW + DAY);
    page("Post", "[{\"id\":\"b\",\"_version\":2,\"_deleted\":true}]");
    ds_env_set_clock(NOW + DAY + 1);
    begin();
    end(ds_pull_tidy(merger, &err));
    check_rows("SELECT key FROM datastore_tombstones", "b");
}

/* A changed model is synced anew: a pull of before is over. */
static void test_migrated(void **state) {
    (void)state;
    full("[" A "]", NOW);
    start(false);
    next_page("[]", "t1", NOW + 5);
    int64_t number = pull.number;
    exec("SELECT datastore_schema('type Post @model { id: ID! title: String more: Int "
         "}')");
    ds_pull_done(&pull);
    begin();
    end(SQLITE_OK);
    pull = (ds_pull){.model = model_of("Post"), .number = number};
    const ds_token token = token_of("[" B "]");
    const ds_page p = {.items = &token, .started_at = NOW, .is_whole = true};
    begin();
    end(ds_pull_page(merger, &pull, &p, &is_over, &is_superseded, &err));
    assert_true(is_superseded);
    start(false);
    assert_true(pull.is_full);
}

/* A model that comes after another one has gone has nothing of it, whatever its number. */
static void test_replaced_model(void **state) {
    (void)state;
    full("[" A "]", NOW);
    page("Comment", "[{\"id\":\"a\",\"_version\":9,\"_deleted\":true}]");
    exec("SELECT datastore_schema('type Post @model { id: ID! title: String }')");
    exec("SELECT datastore_schema('type Post @model { id: ID! title: String }"
         " type Other @model { id: ID! }')");
    page("Other", "[{\"id\":\"a\",\"_version\":1}]");
    check_rows("SELECT id FROM Other", "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_full_then_delta),
        TEST(test_resumed),
        TEST(test_failed_page),
        TEST(test_superseded),
        TEST(test_full_when_due),
        TEST(test_restarted),
        TEST(test_note),
        TEST(test_sweep),
        TEST(test_sweep_is_quiet),
        TEST(test_tombstone_is_quiet),
        TEST(test_answers_are_seen),
        TEST(test_nothing_to_sweep),
        TEST(test_composite_keys_are_seen),
        TEST(test_not_whole),
        TEST(test_delta_not_whole),
        TEST(test_first_not_whole),
        TEST(test_unreadable_is_not_gone),
        TEST(test_truncated),
        TEST(test_truncated_no_more),
        TEST(test_expression),
        TEST(test_clear),
        TEST(test_tidy),
        TEST(test_migrated),
        TEST(test_replaced_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

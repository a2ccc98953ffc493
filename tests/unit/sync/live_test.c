/*
** A live engine as a whole: several models and connections, what other connections of the file do meanwhile,
** many records at once, and all of it without memory.
*/
#include "live.h"

#define EMPTY "[]"
#define ONE   "[" NOTE("a", "1", 1) "]"
#define ON_BLOG                                                                          \
    "onCreatePost onUpdatePost onDeletePost onCreateComment onUpdateComment "            \
    "onDeleteComment"

/* ---- several models ------------------------------------------------------------------------------- */

static void test_one_is_refused(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_BLOG);
    acknowledge_all(0, "onCreatePost onUpdatePost onDeletePost");
    refuse_start(0, "onCreateComment", "Unauthorized", "Not Authorized");
    refuse_start(0, "onUpdateComment", "Unauthorized", "Not Authorized");
    expect_idle(15000);
    refuse_start(0, "onDeleteComment", "Unauthorized", "Not Authorized");
    int64_t posts = expect_page("syncPosts", NULL, 0);
    int64_t comments = expect_page("syncComments", NULL, 0);
    give_page(posts, "syncPosts", EMPTY, NULL);
    give_page(comments, "syncComments", EMPTY, NULL);
    tell(0, "onCreatePost",
         "{\"id\":\"p\",\"title\":\"t\",\"_version\":1,\"_lastChangedAt\":1}");
    expect_idle(60000);
    check_rows("SELECT id FROM Post", "p");
    set_now(now + 30000);
    expect_idle(30000);
    say(0, "{\"type\":\"ka\"}");
    set_now(now + 30000);
    (void)expect_page("syncComments", NULL, NOW); /* that one is polled, no other */
    expect_idle(60000);
}

/* 70 models have 210 subscriptions: three connections, each of which pulls what it is about. */
static void print_models(int n, ds_buf *out) {
    ds_buf_init(out, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; i < n; i++) {
        ds_buf_addf(out, "type M%02d @model { id: ID! }\n", i);
    }
}

static int setup_many(void **state) {
    ds_buf sdl;
    (void)state;
    print_models(70, &sdl);
    int rc = setup_engine(ds_buf_text(&sdl));
    ds_buf_done(&sdl);
    return rc;
}

static int next_any(void) {
    char field[80];
    int rc = ds_engine_next(engine, now, &effect, &err);
    assert_int_equal(rc, SQLITE_OK);
    if (effect.kind == DS_EFFECT_START) {
        note_start(field, sizeof field);
    }
    return (int)effect.kind;
}

static void start_all(int channel, int n) {
    join(channel);
    for (int i = 0; i < n; i++) {
        assert_int_equal(next_any(), DS_EFFECT_START);
        assert_int_equal(effect.channel, channel);
    }
}

static void acknowledge_channel(int channel) {
    char prefix[8];
    sqlite3_snprintf(sizeof prefix, prefix, "%d:", channel);
    for (int i = 0; i < n_started; i++) {
        if (strncmp(started[i].name, prefix, strlen(prefix)) == 0) {
            acknowledge(channel, started[i].name + strlen(prefix));
        }
    }
}

/* Answer all requests for pages with nothing. */
static int pull_all(void) {
    int n = 0;
    while (next_any() != DS_EFFECT_WAIT) {
        char field[80];
        const char *at = strstr(effect.body, "sync");
        assert_non_null(at);
        sqlite3_snprintf((int)strcspn(at + 4, "(") + 5, field, "%s", at);
        char *name = strstr(effect.body, "\\n  sync") + 4;
        sqlite3_snprintf((int)strcspn(name, "(") + 1, field, "%s", name);
        give_page(effect.id, field, EMPTY, NULL);
        n++;
    }
    return n;
}

static void test_many_models(void **state) {
    (void)state;
    go_live("{\"concurrency\":4}");
    expect_dial(0);
    expect_dial(1);
    expect_dial(2);
    expect_wait();
    greet(0);
    for (int i = 0; i < 99; i++) {
        assert_int_equal(next_any(), DS_EFFECT_START);
    }
    acknowledge_channel(0);
    assert_int_equal(pull_all(), 33);
    check_rows("SELECT count(*) FROM datastore_hub WHERE event IN "
               "('subscriptionsEstablished', 'ready')",
               "0");
    lost(1);
    assert_int_equal(pull_all(), 33); /* polled, as long as they are not told */
    set_now(effect.until);
    start_all(1, 99);
    acknowledge_channel(1);
    assert_int_equal(pull_all(), 33);
    greet(2);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(next_any(), DS_EFFECT_START);
    }
    acknowledge_channel(2);
    assert_int_equal(pull_all(), 4);
    check_rows("SELECT count(*) FROM datastore_hub WHERE event IN "
               "('subscriptionsEstablished', 'ready')",
               "2");
}

/* ---- others at the same file ----------------------------------------------------------------------------- */

static const char more[] =
    "SELECT datastore_schema('type Note @model { id: ID! text: String more: Int }')";

/* News and acknowledgements of before are of no use; all begins anew. */
static void test_a_new_schema(void **state) {
    (void)state;
    be_live(ONE);
    tell(0, "onCreateNote", NOTE("b", "of before", 1));
    exec(more);
    expect_dial(0);
    tell(0, "onCreateNote",
         NOTE("c", "of before", 1)); /* still from the old connection */
    greet(0);
    memset(started, 0, sizeof started);
    expect_starts(0, ON_NOTE);
    assert_non_null(strstr(effect.body, "more"));
    acknowledge_all(0, ON_NOTE);
    give_page(expect("syncNotes", NULL), "syncNotes",
              "[" NOTE("a", "1", 1) "," NOTE("b", "b", 1) "]", NULL);
    expect_idle(60000);
    check_rows("SELECT group_concat(id) FROM Note", "a,b");
}

/* It is noticed at the next look into the file, also when nothing is under way. */
static void test_a_new_schema_while_idle(void **state) {
    (void)state;
    be_live(ONE);
    exec(more);
    expect_idle(60000);
    ds_engine_wake(engine);
    expect_dial(0);
}

/* The numbers of other subscriptions may be the same. */
static void forget_starts(void) {
    memset(started, 0, sizeof started);
    n_started = 0;
}

static void migrate_to(int n_models) {
    ds_buf sdl;
    print_models(n_models, &sdl);
    char *sql = sqlite3_mprintf("SELECT datastore_schema(%Q)", ds_buf_text(&sdl));
    assert_non_null(sql);
    exec(sql);
    sqlite3_free(sql);
    ds_buf_done(&sdl);
    ds_engine_wake(engine);
}

/* Connections that have nothing to be subscribed to are hung up, and dialled when there is. */
static void test_fewer_models_and_more(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    expect_dial(1);
    expect_dial(2);
    expect_wait();
    migrate_to(10);
    greet(0);
    for (int i = 0; i < 99; i++) {
        assert_int_equal(next_any(), DS_EFFECT_START);
    }
    expect_hang_up(2); /* the first transaction has seen it */
    expect_hang_up(1);
    forget_starts();
    start_all(0, 30);
    expect_idle(60000);
    migrate_to(70);
    acknowledge_channel(0);
    forget_starts();
    start_all(0, 99);
    expect_dial(1);
    expect_dial(2);
    expect_idle(60000);
}

static void test_a_new_schema_while_many_are_told(void **state) {
    (void)state;
    be_live(ONE);
    exec(more);
    for (int i = 0; i < DS_MAX_NEWS + 5; i++) {
        tell(0, "onCreateNote", NOTE("b", "of before", 1));
    }
    expect_dial(0);
}

static void test_another_expression(void **state) {
    (void)state;
    be_live("[" NOTE("a", "x1", 1) "," NOTE("b", "y1", 1) "]");
    exec("SELECT datastore_sync_expression('Note', '{\"text\":{\"beginsWith\":\"x\"}}')");
    ds_engine_wake(engine);
    expect_hang_up(0); /* subscribed to with the new one */
    assert_false(effect.is_silent);
    join(0); /* at once */
    expect_starts(0, ON_NOTE);
    int64_t page = expect("syncNotes", NULL);
    assert_non_null(strstr(effect.body, "beginsWith"));
    give_page(page, "syncNotes", "[" NOTE("a", "x1", 1) "]", NULL);
    acknowledge_all(0, ON_NOTE);
    give_page(expect("syncNotes", NULL), "syncNotes", EMPTY, NULL);
    tell(0, "onUpdateNote", NOTE("a", "z", 2));
    tell(0, "onCreateNote", NOTE("c", "x", 1));
    tell(0, "onCreateNote", NOTE("d", "y", 1));
    expect_idle(60000);
    check_rows("SELECT group_concat(id) FROM Note", "c");
}

/* As somebody types it: no pauses, since nothing has failed. */
static void test_expressions_in_a_row(void **state) {
    char sql[120];
    (void)state;
    be_live(ONE);
    for (int i = 0; i < 10; i++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "SELECT datastore_sync_expression('Note', "
                         "'{\"text\":{\"beginsWith\":\"%d\"}}')",
                         i);
        exec(sql);
        ds_engine_wake(engine);
        expect_hang_up(0);
        join(0);
        expect_starts(0, ON_NOTE); /* not acknowledged when the next one comes */
        give_page(expect("syncNotes", NULL), "syncNotes", EMPTY, NULL);
    }
}

static void test_it_was_cleared(void **state) {
    (void)state;
    be_live(ONE);
    exec("SELECT datastore_clear()");
    expect_idle(60000);
    ds_engine_wake(engine);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    expect_idle(60000);
    check_rows("SELECT id FROM Note", "a");
}

static void test_the_lease_is_lost(void **state) {
    (void)state;
    be_live(ONE);
    exec("UPDATE datastore_session SET lease_owner = 'another'");
    tell(0, "onCreateNote", NOTE("b", "2", 1));
    assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_BUSY);
    check_rows("SELECT group_concat(id) FROM Note", "a");
    err = (ds_err)DS_ERR_INIT;
}

/* ---- records ----------------------------------------------------------------------------------------------- */

static void test_more_than_can_wait(void **state) {
    char record[300];
    (void)state;
    be_live(EMPTY);
    for (int i = 0; i < DS_MAX_NEWS + 10; i++) {
        sqlite3_snprintf(
            sizeof record, record,
            "{\"id\":\"n%d\",\"text\":\"t\",\"_version\":1,\"_lastChangedAt\":1}", i);
        tell(0, "onCreateNote", record);
    }
    assert_int_equal(number_of("SELECT count(*) FROM Note"), DS_MAX_NEWS);
    expect_idle(60000);
    assert_int_equal(number_of("SELECT count(*) FROM Note"), DS_MAX_NEWS + 10);
}

/* Who wrote it did not select what we want to know. */
static void test_what_is_told_in_part_is_pulled(void **state) {
    static const char *const payloads[] = {
        "{\"data\":{\"onCreateNote\":null},\"errors\":[{\"message\":\"no _version\"}]}",
        "{\"data\":null,\"errors\":[{\"message\":\"no\"}]}",
        "{\"data\":{\"onCreateNote\":{\"id\":\"b\",\"text\":\"2\"}}}",
        "{\"data\":{\"onCreateNote\":{\"text\":\"2\",\"_version\":1}}}",
        "{\"data\":{\"onCreateNote\":" NOTE("b", "2",
                                            1) "},\"errors\":[{\"message\":\"x\"}]}"};
    (void)state;
    be_live(ONE);
    for (size_t i = 0; i < DS_COUNT(payloads); i++) {
        answer_start(0, "onCreateNote", "data", payloads[i]);
        give_page(expect_page("syncNotes", NULL, NOW), "syncNotes",
                  "[" NOTE("b", "2", 1) "]", NULL);
        expect_idle(60000);
    }
    check_rows("SELECT group_concat(id) FROM Note", "a,b");
}

/* A record that was deleted while the first page, which still has it, was on its way. */
static void test_deleted_while_pulled(void **state) {
    (void)state;
    go_live("{}");
    subscribe(0, ON_NOTE);
    int64_t page = expect_page("syncNotes", NULL, 0);
    tell(0, "onDeleteNote",
         "{\"id\":\"a\",\"text\":\"1\",\"_version\":2,\"_lastChangedAt\":1500000000001,"
         "\"_deleted\":true}");
    give_page(page, "syncNotes", ONE, NULL);
    expect_idle(60000);
    check_rows("SELECT count(*) FROM Note", "0");
}

/* A live engine does not stop to forget. */
static void test_tombstones_are_forgotten(void **state) {
    (void)state;
    be_live(ONE);
    tell(0, "onDeleteNote",
         "{\"id\":\"a\",\"text\":\"1\",\"_version\":2,\"_lastChangedAt\":1500000000001,"
         "\"_deleted\":true}");
    expect_idle(60000);
    check_rows("SELECT count(*) FROM datastore_tombstones", "1");
    set_now(now + 2 * 24 * 3600 * 1000);
    expect_hang_up(0);
    while (next_any() != DS_EFFECT_DIAL) {
        if (effect.kind == DS_EFFECT_POST) {
            give_page(effect.id, "syncNotes", EMPTY, NULL);
        } else {
            assert_int_equal(effect.kind, DS_EFFECT_WAIT);
            set_now(effect.until);
        }
    }
    check_rows("SELECT count(*) FROM datastore_tombstones", "0");
}

static void test_stop(void **state) {
    (void)state;
    be_live(ONE);
    tell(0, "onCreateNote", NOTE("b", "2", 1));
    assert_int_equal(ds_engine_stop(engine, "stopped", &err), SQLITE_OK);
    tell(0, "onCreateNote", NOTE("c", "3", 1));
    expect_end();
}

/* ---- no memory ----------------------------------------------------------------------------------------------- */

static sqlite3_mem_methods real;
static long calls, failing; /* the allocation that fails, 0 for none */
static bool is_armed;

static bool is_out(void) {
    calls += is_armed;
    return is_armed && failing > 0 && calls == failing;
}

static void *fragile_malloc(int size) {
    return is_out() ? NULL : real.xMalloc(size);
}

static void *fragile_realloc(void *memory, int size) {
    return is_out() ? NULL : real.xRealloc(memory, size);
}

static int install_allocator(void **state) {
    sqlite3_mem_methods mine;
    (void)state;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    mine = real;
    mine.xMalloc = fragile_malloc;
    mine.xRealloc = fragile_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) || sqlite3_initialize();
}

static int remove_allocator(void **state) {
    (void)state;
    sqlite3_shutdown();
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &real) || sqlite3_initialize();
}

static int give_event(ds_websocket_event *event) {
    is_armed = true;
    int rc = hand_over(0, event);
    is_armed = false;
    return rc;
}

static int give_text(const char *text) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_MESSAGE};
    ds_buf_init(&event.text, DS_MAX_JSON_BYTES);
    ds_buf_add(&event.text, text);
    return give_event(&event);
}

static int give_end(void) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_CLOSED};
    event.answer = answer_new(0);
    event.answer->failure = DS_HTTP_RESET;
    return give_event(&event);
}

/* The second subscription is refused the first time; when all have begun, a record is told. */
static int answer_start_of(int n_starts) {
    char text[600];
    bool is_refused = n_starts == 2;
    sqlite3_snprintf(sizeof text, text, "{\"type\":\"%s\",\"id\":\"%s\"%s}",
                     is_refused ? "error" : "start_ack", effect.subscription,
                     is_refused ? ",\"payload\":{\"errors\":[{\"errorType\":"
                                  "\"LimitExceededError\",\"message\":\"x\"}]}"
                                : "");
    int rc = give_text(text);
    if (rc != SQLITE_OK || n_starts != 4) {
        return rc;
    }
    sqlite3_snprintf(
        sizeof text, text,
        "{\"type\":\"data\",\"id\":\"%s\",\"payload\":{\"data\":{\"x\":%s}}}",
        effect.subscription, NOTE("b", "x2", 1));
    return give_text(text);
}

static int answer_page(void) {
    char *body = page_text("syncNotes", "[" NOTE("a", "x1", 1) "]", NULL);
    ds_http_answer *made = answer_of(effect.id, 200, body);
    sqlite3_free(body);
    is_armed = true;
    int rc = ds_engine_answer(engine, made, &err);
    is_armed = false;
    return rc;
}

/* What the server does at an effect. */
static int react(int *n_starts) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_OPENED};
    switch ((int)effect.kind) {
    case DS_EFFECT_DIAL:
        return give_event(&event);
    case DS_EFFECT_INIT:
        return give_text("{\"type\":\"connection_ack\"}");
    case DS_EFFECT_START:
        return answer_start_of(++*n_starts);
    case DS_EFFECT_POST:
        return answer_page();
    default:
        set_now(effect.until);
        return SQLITE_OK;
    }
}

static int be_live_for_long(ds_config *config) {
    int n_starts = 0;
    bool has_been_lost = false;
    is_armed = true;
    int rc = ds_engine_new(merger, config, &how, &engine, &err);
    for (int i = 0; rc == SQLITE_OK && i < 40; i++) {
        is_armed = true;
        rc = ds_engine_next(engine, now, &effect, &err);
        is_armed = false;
        rc = rc ? rc : react(&n_starts);
        if (rc == SQLITE_OK && n_starts == 4 && !has_been_lost) {
            has_been_lost = true;
            rc = give_end();
        }
    }
    ds_engine_health health;
    if (rc == SQLITE_OK) {
        ds_engine_health_read(engine, &health);
    }
    is_armed = false;
    ds_engine_free(engine);
    engine = NULL;
    return rc;
}

/* Returns true as long as the allocation was reached. */
/* {"sub":"1","username":"ann","cognito:groups":"[\"A\"]"} */
#define TOKEN                                                                            \
    "e30.eyJzdWIiOiIxIiwidXNlcm5hbWUiOiJhbm4iLCJjb2duaXRvOmdyb3Vw"                       \
    "cyI6IltcIkFcIl0ifQ.x"

static bool fail_at(long n) {
    how = (ds_engine_options){
        .pull = true, .push = true, .attempts = 4, .owner = ME, .is_live = true};
    open_store("type Note @model @auth(rules: [{allow: owner}, {allow: groups, groups: "
               "[\"B\"]}]) { id: ID! @primaryKey text: String }");
    exec("SELECT datastore_sync_expression('Note', '{\"text\":{\"beginsWith\":\"x\"}}')");
    set_now(NOW);
    take_lease(ME);
    ds_config *config =
        config_of("{\"authMode\":\"userPool\",\"authToken\":\"" TOKEN "\"}");
    calls = 0;
    failing = n;
    int rc = be_live_for_long(config);
    bool is_reached = calls >= n;
    failing = 0;
    assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
    if (rc == SQLITE_NOMEM) {
        assert_non_null(strstr(err.text, "out of memory"));
    }
    err = (ds_err)DS_ERR_INIT;
    take_lease(ME);
    assert_int_equal(be_live_for_long(config), SQLITE_OK); /* and the next one is well */
    check_rows("SELECT id, text FROM Note ORDER BY id", "a|x1\nb|x2");
    ds_config_release(config);
    close_store();
    return is_reached;
}

static void test_memory_is_out(void **state) {
    const char *points = getenv("FAULT_POINTS"); /* 0: each */
    (void)state;
    long step = points != NULL && atoi(points) == 0 ? 1 : 13;
    long n = 1;
    while (fail_at(n)) {
        n += step;
    }
    assert_true(n > 200);
}

int main(void) {
#define TEST(name)      cmocka_unit_test_setup_teardown(name, setup_note, teardown_engine)
#define BLOG_TEST(name) cmocka_unit_test_setup_teardown(name, setup_blog, teardown_engine)
    const struct CMUnitTest tests[] = {
        BLOG_TEST(test_one_is_refused),
        cmocka_unit_test_setup_teardown(test_many_models, setup_many, teardown_engine),
        TEST(test_a_new_schema),
        TEST(test_a_new_schema_while_idle),
        cmocka_unit_test_setup_teardown(test_fewer_models_and_more, setup_many,
                                        teardown_engine),
        TEST(test_a_new_schema_while_many_are_told),
        TEST(test_another_expression),
        TEST(test_expressions_in_a_row),
        TEST(test_it_was_cleared),
        TEST(test_the_lease_is_lost),
        TEST(test_more_than_can_wait),
        TEST(test_what_is_told_in_part_is_pulled),
        TEST(test_deleted_while_pulled),
        TEST(test_tombstones_are_forgotten),
        TEST(test_stop),
    };
    const struct CMUnitTest poor[] = {cmocka_unit_test(test_memory_is_out)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + cmocka_run_group_tests(poor, install_allocator, remove_allocator);
}

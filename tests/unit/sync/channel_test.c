/*
** One WebSocket and its subscriptions: the order in which things are done, what is refused, and ends of all
** kinds.
*/
#include "live.h"

#define EMPTY "[]"
#define ONE   "[" NOTE("a", "1", 1) "]"
#define DENIED                                                                           \
    "Not Authorized to access onCreateNote on type Subscription" /* as AppSync says it */

/* The next request is for a page of notes from the beginning, or since `since`. */
static void pull(int64_t since, const char *items) {
    give_page(expect_page("syncNotes", NULL, since), "syncNotes", items, NULL);
}

static int64_t since(void) {
    return number_of("SELECT coalesce(last_sync, 0) FROM datastore_sync_state");
}

/* ---- in order -------------------------------------------------------------------------------------- */

static void test_subscribe_then_pull(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    assert_int_equal(effect.form, DS_REALTIME_PROTOCOL);
    expect_wait();
    opened(0);
    next(DS_EFFECT_INIT);
    expect_idle(15000);
    say(0, "{\"type\":\"connection_ack\",\"payload\":{\"connectionTimeoutMs\":60000}}");
    expect_starts(0, ON_NOTE);
    assert_string_equal(effect.variables, "{}");
    expect_idle(15000);
    acknowledge(0, "onCreateNote");
    acknowledge(0, "onDeleteNote");
    expect_idle(15000); /* nothing is pulled before every one is acknowledged */
    acknowledge(0, "onUpdateNote");
    int64_t page = expect_page("syncNotes", NULL, 0);
    tell(0, "onUpdateNote", NOTE("a", "new", 2)); /* while the page is on its way */
    tell(0, "onCreateNote", NOTE("b", "b", 1));
    give_page(page, "syncNotes", ONE, NULL);
    expect_idle(60000);
    check_rows("SELECT id, text, _version FROM Note ORDER BY id", "a|new|2\nb|b|1");
    tell(0, "onUpdateNote", NOTE("a", "old", 1)); /* never backwards */
    tell(0, "onCreateNote", NOTE("c", "c", 1));
    expect_idle(60000);
    check_rows("SELECT group_concat(id || text, ' ') FROM Note ORDER BY id",
               "anew bb cc");
    check_rows("SELECT group_concat(event, ' ') FROM datastore_hub",
               "networkStatus subscriptionsEstablished outboxStatus syncQueriesStarted "
               "modelSynced "
               "syncQueriesReady ready");
}

/* What was changed here goes out after the first pull, and at once from then on. */
static void test_then_push(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('m', 'mine')");
    go_live("{}");
    subscribe(0, ON_NOTE);
    pull(0, EMPTY);
    int64_t id = expect("createNote", NULL);
    tell(0, "onCreateNote", NOTE("m", "mine", 1)); /* told before it is answered */
    expect_idle(60000);
    give(id, "{\"data\":{\"createNote\":" NOTE("m", "mine", 1) "}}");
    expect_idle(60000);
    check_rows("SELECT _version, _status FROM Note", "1|synced");
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows(
        "SELECT event FROM datastore_hub ORDER BY seq DESC LIMIT 4",
        "outboxStatus\noutboxMutationProcessed\noutboxStatus\noutboxMutationEnqueued");
    exec("UPDATE Note SET text = 'again'");
    ds_engine_wake(engine);
    (void)expect("updateNote", NULL);
}

/* A pull that was begun before goes on where it was; what has happened since is in another one. */
static void test_resumed_pull(void **state) {
    (void)state;
    how.pull = true;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    (void)expect_page("syncNotes", "t1", 0);
    expect_wait(); /* the first page is merged, and this engine is gone */
    set_now(NOW + 5000);
    go_live("{}");
    subscribe(0, ON_NOTE);
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", "[" NOTE("b", "2", 1) "]",
              NULL);
    pull(NOW, "[" NOTE("a", "changed", 2) "]");
    expect_idle(60000);
    check_rows("SELECT id, text FROM Note ORDER BY id", "a|changed\nb|2");
}

/* The same, where the connection is lost between two pages. */
static void test_lost_between_pages(void **state) {
    (void)state;
    go_live("{}");
    subscribe(0, ON_NOTE);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    int64_t second = expect_page("syncNotes", "t1", 0);
    lost(0);
    expect_pause(100);
    subscribe(0, ON_NOTE);
    give_page(second, "syncNotes", EMPTY, NULL);
    pull(NOW, "[" NOTE("a", "changed", 2) "]");
    expect_idle(60000);
    check_rows("SELECT text FROM Note", "changed");
}

/* ---- a connection's end ------------------------------------------------------------------------------ */

/* Whatever has been done already, the connection is dialled again, subscribed to, and a delta pulled. */
static void check_recovery(void) {
    int64_t seen = since();
    while (effect.kind != DS_EFFECT_DIAL) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_WAIT) {
            assert_true(effect.until > now && effect.until <= now + 60000);
            set_now(effect.until);
        } else if (effect.kind == DS_EFFECT_POST) {
            give_page(effect.id, "syncNotes", EMPTY, NULL);
            seen = now;
        }
    }
    greet(0);
    expect_starts(0, ON_NOTE);
    acknowledge_all(0, ON_NOTE);
    pull(seen, "[" NOTE("z", "later", 7) "]");
    expect_idle(60000);
    check_rows("SELECT text FROM Note WHERE id = 'z'", "later");
}

static void test_lost_while_it_is_dialled(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    lost(0);
    effect.kind = DS_EFFECT_WAIT;
    check_recovery();
}

static void test_lost_before_the_ack(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    opened(0);
    next(DS_EFFECT_INIT);
    lost(0);
    check_recovery();
}

static void test_lost_while_subscribing(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, "onCreateNote");
    acknowledge(0, "onCreateNote");
    closed(0, 101, 1001, DS_HTTP_ANSWERED);
    check_recovery();
}

static void test_lost_while_live(void **state) {
    (void)state;
    be_live(ONE);
    char old[DS_REALTIME_ID_SIZE];
    memcpy(old, id_slot(0, "onCreateNote"), sizeof old);
    lost(0);
    lost(0); /* once is enough */
    tell(0, "onCreateNote", NOTE("x", "of a dead connection", 1));
    effect.kind = DS_EFFECT_WAIT;
    check_recovery();
    check_rows("SELECT count(*) FROM Note WHERE id = 'x'", "0");
    assert_string_not_equal(old, id_slot(0, "onCreateNote"));
}

static void test_it_is_not_acknowledged(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    opened(0);
    next(DS_EFFECT_INIT);
    expect_idle(15000);
    set_now(now + 14999);
    expect_idle(1);
    set_now(now + 1);
    expect_hang_up(0);
    check_recovery();
}

static void test_a_start_is_not_acknowledged(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    set_now(now + 15000);
    expect_hang_up(0);
    check_recovery();
}

/* The connection lives: only the model of that subscription is polled, which is asked for again. */
static void test_one_start_is_not_acknowledged(void **state) {
    (void)state;
    ds_engine_health health;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    set_now(now + 100);
    acknowledge(0, "onCreateNote");
    acknowledge(0, "onDeleteNote");
    expect_idle(14900);
    set_now(now + 14900);
    pull(0, ONE);
    ds_engine_health_read(engine, &health);
    assert_string_equal(health.untold, "Note");
    assert_string_equal(health.error, "the API does not answer");
    tell(0, "onCreateNote", NOTE("b", "2", 1));
    expect_idle(3000);
    check_rows("SELECT id FROM Note ORDER BY id", "a\nb");
    set_now(now + 3000);
    expect_starts(0, "onUpdateNote");
    acknowledge(0, "onUpdateNote");
    pull(since(), EMPTY);
    ds_engine_health_read(engine, &health);
    assert_null(health.untold);
}

/* It comes after all, before it is asked for again. */
static void test_a_late_acknowledgement(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    set_now(now + 100);
    acknowledge(0, "onCreateNote");
    acknowledge(0, "onDeleteNote");
    expect_idle(14900);
    set_now(now + 14900);
    pull(0, ONE);
    expect_idle(60000);
    acknowledge(0, "onUpdateNote");
    pull(since(), EMPTY);
    expect_idle(60000);
    set_now(now + 3000);
    expect_idle(57000);
}

static void test_silence(void **state) {
    (void)state;
    be_live(ONE);
    set_now(now + 59999);
    say(0, "{\"type\":\"ka\"}");
    expect_idle(60000);
    set_now(now + 59999);
    tell(0, "onCreateNote", NOTE("b", "2", 1)); /* is a sign of life, too */
    expect_idle(60000);
    set_now(now + 60000);
    expect_hang_up(0);
    assert_true(effect.is_silent);
    check_recovery();
}

/* Nobody else is disturbed while it is away: what is changed here is sent. */
static void test_pushing_goes_on(void **state) {
    (void)state;
    be_live(ONE);
    lost(0);
    exec("UPDATE Note SET text = 'mine'");
    ds_engine_wake(engine);
    give(expect("updateNote", NULL),
         "{\"data\":{\"updateNote\":" NOTE("a", "mine", 2) "}}");
    effect.kind = DS_EFFECT_WAIT;
    check_recovery();
}

static void test_connection_error(void **state) {
    (void)state;
    be_live(ONE);
    say(0, "{\"type\":\"connection_error\",\"payload\":{\"errors\":[{\"errorType\":"
           "\"InternalServerError\",\"errorCode\":500}]}}");
    expect_hang_up(0);
    check_recovery();
}

static void check_untold(const char *why) {
    ds_engine_health health;
    ds_engine_health_read(engine, &health);
    assert_non_null(health.untold);
    assert_string_equal(health.error, why);
}

/* What a server quotes of the credential does not get into the status. */
static void test_secrets(void **state) {
    (void)state;
    go_live("{\"apiKey\":\"da2-very-secret\"}");
    join(0);
    expect_starts(0, ON_NOTE);
    acknowledge(0, "onUpdateNote");
    acknowledge(0, "onDeleteNote");
    refuse_start(0, "onCreateNote", "Unauthorized", "not with da2-very-secret");
    pull(0, ONE);
    check_untold("not with ***************");
    say(0, "{\"type\":\"connection_error\",\"payload\":{\"errors\":[{\"errorType\":"
           "\"Unauthorized\",\"message\":\"no da2-very-secret\"}]}}");
    expect_hang_up(0);
    check_untold("no ***************");
}

static void test_not_appsync(void **state) {
    (void)state;
    be_live(ONE);
    say(0, "hello");
    expect_hang_up(0);
    check_recovery();
}

/* Pauses grow while nothing comes of it, and begin anew after it has worked. */
static void test_pauses_grow(void **state) {
    (void)state;
    be_live(ONE);
    int64_t last = 0;
    for (int i = 0; i < 14; i++) {
        lost(0);
        int64_t before = now;
        do {
            next(effect.kind = DS_EFFECT_WAIT);
            set_now(effect.until);
            assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
            if (effect.kind == DS_EFFECT_POST) {
                give_page(effect.id, "syncNotes", EMPTY, NULL);
            }
        } while (effect.kind != DS_EFFECT_DIAL);
        last = now - before;
        assert_true(last > 0 && last <= 61000);
    }
    assert_true(last > 10000);
    greet(0);
    expect_starts(0, ON_NOTE);
    acknowledge_all(0, ON_NOTE);
    pull(since(), EMPTY);
    expect_idle(60000);
    lost(0);
    expect_pause(100);
    expect_dial(0);
}

static void fail_dial(int64_t pause) {
    expect_pause(pause);
    expect_dial(0);
    closed(0, 0, 0, DS_HTTP_NO_CONNECTION);
}

#define NETWORK                                                                          \
    "SELECT event, payload FROM datastore_hub WHERE event IN ('networkStatus', "         \
    "'subscriptionsEstablished') ORDER BY seq"
#define UP   "networkStatus|{\"active\":true}\nsubscriptionsEstablished|{}"
#define DOWN "networkStatus|{\"active\":false}"

/* Nothing was asked for, and still it is noticed and told. */
static void test_no_network_for_a_while(void **state) {
    (void)state;
    be_live(ONE);
    check_rows(NETWORK, UP);
    lost(0);
    fail_dial(100);
    fail_dial(200);
    check_rows(NETWORK, UP "\n" DOWN);
    expect_pause(400);
    subscribe(0, ON_NOTE);
    pull(NOW, EMPTY);
    check_rows(NETWORK, UP "\n" DOWN "\n" UP);
}

/* Whoever answers too much is there. */
static void test_too_much_is_no_lost_network(void **state) {
    (void)state;
    go_live("{}");
    subscribe(0, ON_NOTE);
    give_failure(expect_page("syncNotes", NULL, 0), DS_HTTP_TOO_LARGE, true);
    give_page(expect("syncNotes", NULL), "syncNotes", ONE, NULL);
    expect_idle(60000);
    check_rows(NETWORK, UP);
}

/* Something on the way lets requests through and no WebSocket: the network is not lost again and again. */
static void test_no_websocket_any_more(void **state) {
    (void)state;
    be_live(ONE);
    lost(0);
    for (int64_t pause = 100; pause < 60000; pause *= 2) {
        fail_dial(pause);
        next(DS_EFFECT_WAIT);
        ds_engine_reach(engine, true);
    }
    next(DS_EFFECT_WAIT);
    check_rows(NETWORK, UP "\n" DOWN "\nnetworkStatus|{\"active\":true}");
}

/* ---- logging in ---------------------------------------------------------------------------------------- */

#define TWO_WAYS                                                                         \
    "{\"authToken\":\"t\",\"authMode\":\"userPool\",\"authModes\":[\"userPool\","        \
    "\"apiKey\"]}"

static void refuse_dial(int status) {
    closed(0, status, 0, DS_HTTP_ANSWERED);
}

static void test_every_way_to_log_in(void **state) {
    (void)state;
    go_live(TWO_WAYS);
    expect_dial(0);
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    refuse_dial(401);
    effect.kind = DS_EFFECT_WAIT;
    int dials = 0;
    int64_t first = now;
    while (effect.kind != DS_EFFECT_DIAL || effect.mode != DS_AUTH_API_KEY) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_POST) {
            give_page(effect.id, "syncNotes", EMPTY, NULL);
        } else if (effect.kind == DS_EFFECT_DIAL && effect.mode == DS_AUTH_USER_POOL) {
            dials++;
            refuse_dial(401); /* with a fresh token, once */
        }
        assert_true(dials < 3 && now == first && effect.kind != DS_EFFECT_WAIT);
    }
    greet(0);
    expect_starts(0, ON_NOTE);
    acknowledge_all(0, ON_NOTE);
    pull(since(), ONE);
    expect_idle(60000);
}

/* Again at once, and then as after every other failure, until the token has been renewed. */
static void test_a_token_that_has_ended(void **state) {
    (void)state;
    int n_dials = 0;
    go_live("{}");
    while (n_dials < 5) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_DIAL) {
            n_dials++;
            assert_int_equal(now > NOW, n_dials > 2);
            opened(0);
        } else if (effect.kind == DS_EFFECT_INIT) {
            say(0, "{\"type\":\"connection_error\",\"payload\":{\"errors\":[{"
                   "\"errorType\":\"UnauthorizedException\",\"message\":\"Token has "
                   "expired.\",\"errorCode\":401}]}}");
        } else if (effect.kind == DS_EFFECT_POST) {
            give_page(effect.id, "syncNotes", EMPTY, NULL);
        } else if (effect.kind == DS_EFFECT_WAIT) {
            set_now(effect.until);
        }
    }
    assert_true(now < NOW + 20000);
}

static void test_no_way_to_log_in(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    for (int i = 0; i < 3; i++) {
        refuse_dial(403);
        if (i == 0) {
            pull(0, EMPTY); /* polled */
        }
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        while (effect.kind != DS_EFFECT_DIAL) {
            if (effect.kind == DS_EFFECT_WAIT) {
                set_now(effect.until);
            } else {
                give_page(effect.id, "syncNotes", EMPTY, NULL);
            }
            assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        }
    }
    assert_true(now >= NOW + 60000); /* the door is not battered */
    greet(0);
}

static void test_the_other_form(void **state) {
    (void)state;
    go_live("{}");
    expect_dial(0);
    refuse_dial(400);
    pull(0, EMPTY);
    expect_pause(100);
    expect_dial(0);
    assert_int_equal(effect.form, DS_REALTIME_QUERY);
    refuse_dial(400);
    expect_pause(200);
    expect_dial(0);
    assert_int_equal(effect.form, DS_REALTIME_PROTOCOL);
}

static void test_a_secret_is_missing(void **state) {
    (void)state;
    ds_err why = {.code = SQLITE_AUTH, .text = "no token"};
    go_live("{}");
    expect_dial(0);
    assert_int_equal(ds_engine_undialled(engine, 0, &why, &err), SQLITE_OK);
    pull(0, ONE);
    expect_pause(60000);
    while (effect.kind != DS_EFFECT_DIAL) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_POST) {
            give_page(effect.id, "syncNotes", EMPTY, NULL);
        }
    }
    greet(0);
}

/* ---- subscriptions that are refused --------------------------------------------------------------------- */

/* One of three is not to be had: the model is polled, and is told of the rest. */
static void test_unauthorized(void **state) {
    (void)state;
    ds_engine_health health;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    acknowledge(0, "onUpdateNote");
    acknowledge(0, "onDeleteNote");
    refuse_start(0, "onCreateNote", "Unauthorized", DENIED);
    pull(0, ONE);
    expect_idle(60000);
    ds_engine_health_read(engine, &health);
    assert_true(health.is_ready);
    assert_string_equal(health.untold, "Note");
    assert_string_equal(health.error, DENIED);
    tell(0, "onUpdateNote", NOTE("a", "2", 2));
    int64_t begin = now;
    expect_idle(60000);
    set_now(now + 30000);
    expect_idle(30000);
    say(0, "{\"type\":\"ka\"}");
    expect_idle(30000);
    set_now(effect.until);
    next(DS_EFFECT_POST);
    assert_int_equal(now - begin, 60000);
    give_page(effect.id, "syncNotes", "[" NOTE("b", "made", 1) "]", NULL);
    expect_idle(60000);
    check_rows("SELECT id, text FROM Note ORDER BY id", "a|2\nb|made");
}

static void test_unauthorized_in_one_way(void **state) {
    (void)state;
    go_live(TWO_WAYS);
    join(0);
    expect_starts(0, "onCreateNote");
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    expect_starts(0, "onUpdateNote onDeleteNote");
    acknowledge(0, "onUpdateNote");
    acknowledge(0, "onDeleteNote");
    refuse_start(0, "onCreateNote", "Unauthorized", DENIED);
    expect_starts(0, "onCreateNote");
    assert_int_equal(effect.mode, DS_AUTH_API_KEY);
    expect_idle(15000);
    acknowledge(0, "onCreateNote");
    pull(0, ONE);
    expect_idle(60000);
}

static void test_expired(void **state) {
    (void)state;
    be_live(ONE);
    refuse_start(0, "onCreateNote", "UnauthorizedException", "Token has expired.");
    expect_starts(0, "onCreateNote"); /* with a fresh token */
    expect_idle(15000);
    acknowledge(0, "onCreateNote");
    pull(NOW, "[" NOTE("b", "missed", 1) "]");
    expect_idle(60000);
    refuse_start(0, "onCreateNote", "UnauthorizedException", "Token has expired.");
    refuse_start(0, "onUpdateNote", "UnauthorizedException", "Token has expired.");
    next(DS_EFFECT_START);
}

static void test_limited(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    acknowledge(0, "onUpdateNote");
    acknowledge(0, "onDeleteNote");
    refuse_start(0, "onCreateNote", "MaxSubscriptionsReachedError", "Too many");
    pull(0, ONE);
    expect_pause(2000);
    set_now(now + 2000);
    expect_starts(0, "onCreateNote"); /* once more, later */
    acknowledge(0, "onCreateNote");
    pull(NOW, EMPTY); /* for what happened in between */
    expect_idle(60000);
}

static void test_it_has_no_such_subscription(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"onCreateNote", "onUpdateNote",
                                            "onDeleteNote"};
        refuse_start(0, names[i], "OperationDisabled", "no subscriptions here");
    }
    pull(0, ONE);
    expect_idle(60000);
    check_rows("SELECT count(*) FROM datastore_hub WHERE event = 'ready'", "1");
}

static void test_the_server_completes(void **state) {
    (void)state;
    be_live(ONE);
    answer_start(0, "onUpdateNote", "complete", NULL);
    pull(NOW, EMPTY);
    expect_pause(2000);
    set_now(now + 2000);
    expect_starts(0, "onUpdateNote");
    acknowledge(0, "onUpdateNote");
    pull(NOW, "[" NOTE("a", "missed", 2) "]");
    expect_idle(60000);
    check_rows("SELECT text FROM Note", "missed");
}

static void test_messages_about_nothing(void **state) {
    static const char *const texts[] = {"{\"type\":\"start_ack\",\"id\":\"99-1\"}",
                                        "{\"type\":\"start_ack\",\"id\":\"-1\"}",
                                        "{\"type\":\"complete\",\"id\":\"x\"}",
                                        "{\"type\":\"error\",\"payload\":{}}",
                                        "{\"type\":\"data\",\"id\":\"0-77\",\"payload\":{"
                                        "\"data\":{\"onCreateNote\":{}}}}",
                                        "{\"type\":\"connection_ack\"}",
                                        "{\"type\":\"something new\"}"};
    (void)state;
    be_live(ONE);
    for (size_t i = 0; i < DS_COUNT(texts); i++) {
        say(0, texts[i]);
        expect_idle(300000);
    }
    check_rows("SELECT id, text FROM Note", "a|1");
    ds_websocket_event event = {.kind = DS_WEBSOCKET_MESSAGE};
    ds_buf_init(&event.text, 100);
    happens(7, &event); /* of a channel that is none */
}

/* ---- filters ---------------------------------------------------------------------------------------------- */

static int setup_filtered(void **state) {
    (void)state;
    setup_engine("type Note @model { id: ID! @primaryKey text: String }");
    exec("SELECT datastore_sync_expression('Note', '{\"text\":{\"beginsWith\":\"x\"}}')");
    return 0;
}

static void test_the_filter_is_sent(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables,
                        "{\"filter\":{\"and\":[{\"text\":{\"beginsWith\":\"x\"}}]}}");
}

/* It is held against the records here anyway. */
static void test_the_filter_is_refused(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, ON_NOTE);
    acknowledge(0, "onUpdateNote");
    acknowledge(0, "onDeleteNote");
    refuse_start(0, "onCreateNote", "BadRequestException",
                 "Filters exceed maximum attributes limit 10");
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables, "{}");
    acknowledge(0, "onCreateNote");
    give_page(expect("syncNotes", NULL), "syncNotes", EMPTY, NULL);
    tell(0, "onCreateNote", NOTE("a", "x1", 1));
    tell(0, "onCreateNote", NOTE("b", "y1", 1));
    expect_idle(60000);
    check_rows("SELECT id FROM Note", "a");
    lost(0);
    expect_pause(100);
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables, "{}"); /* it is known now */
}

/* ---- who owns the records ------------------------------------------------------------------------------------ */

/* The API wants to be told an owner, whom nobody here knows. */
static int setup_owned(void **state) {
    (void)state;
    return setup_engine("type Note @model @auth(rules: [{allow: owner}])"
                        " @key(name: \"byText\", fields: [\"text\"])"
                        " { id: ID! text: String! }");
}

static void test_the_owner_must_be_named(void **state) {
    (void)state;
    go_live("{}");
    bool is_required = store->catalog->models[0].n_owners > 0 &&
                       store->catalog->models[0].owners[0].is_argument &&
                       store->catalog->models[0].owners[0].is_required;
    assert_true(is_required);
    join(0);
    give_page(expect("syncNotes", NULL), "syncNotes", EMPTY, NULL);
    expect_idle(60000);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_note, teardown_engine)
#define FILTERED(name)                                                                   \
    cmocka_unit_test_setup_teardown(name, setup_filtered, teardown_engine)
    const struct CMUnitTest tests[] = {
        TEST(test_subscribe_then_pull),
        TEST(test_then_push),
        TEST(test_resumed_pull),
        TEST(test_lost_between_pages),
        TEST(test_lost_while_it_is_dialled),
        TEST(test_lost_before_the_ack),
        TEST(test_lost_while_subscribing),
        TEST(test_lost_while_live),
        TEST(test_it_is_not_acknowledged),
        TEST(test_a_start_is_not_acknowledged),
        TEST(test_one_start_is_not_acknowledged),
        TEST(test_a_late_acknowledgement),
        TEST(test_silence),
        TEST(test_pushing_goes_on),
        TEST(test_no_network_for_a_while),
        TEST(test_too_much_is_no_lost_network),
        TEST(test_no_websocket_any_more),
        TEST(test_connection_error),
        TEST(test_secrets),
        TEST(test_not_appsync),
        TEST(test_pauses_grow),
        TEST(test_every_way_to_log_in),
        TEST(test_no_way_to_log_in),
        TEST(test_the_other_form),
        TEST(test_a_secret_is_missing),
        TEST(test_unauthorized),
        TEST(test_unauthorized_in_one_way),
        TEST(test_expired),
        TEST(test_a_token_that_has_ended),
        TEST(test_limited),
        TEST(test_it_has_no_such_subscription),
        TEST(test_the_server_completes),
        TEST(test_messages_about_nothing),
        FILTERED(test_the_filter_is_sent),
        FILTERED(test_the_filter_is_refused),
        cmocka_unit_test_setup_teardown(test_the_owner_must_be_named, setup_owned,
                                        teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

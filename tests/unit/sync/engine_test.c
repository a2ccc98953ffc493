/*
** The engine as a whole: whole cycles, answers that nobody waits for, the end before the end, a new schema
** and another sender in between, no memory.
*/
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "api.h"

#include <dlfcn.h>

#define ONE "[" NOTE("a", "1", 1) "]"

/* ---- a cycle ------------------------------------------------------------------------------------- */

static void test_pull_then_push(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    start("{}");
    int64_t id = expect_page("syncNotes", NULL, 0);
    expect_wait(); /* nothing is sent before all has been seen */
    give_page(id, "syncNotes", ONE, NULL);
    id = expect("createNote", "{\"input\":{\"id\":\"b\",\"text\":\"mine\"}}");
    assert_true(effect.only_once);
    expect_wait();
    give(id, "{\"data\":{\"createNote\":" NOTE("b", "mine", 1) "}}");
    expect_end();
    expect_end(); /* and stays so */
    check_rows("SELECT id, text, _version, _status FROM Note ORDER BY id",
               "a|1|1|synced\nb|mine|1|synced");
    check_rows(
        "SELECT event FROM datastore_hub ORDER BY seq",
        "syncQueriesStarted\nmodelSynced\nsyncQueriesReady\nready\n"
        "outboxMutationEnqueued\noutboxStatus\noutboxMutationProcessed\noutboxStatus");
    check_summary(
        "{\"models\":{\"Note\":{\"received\":1,\"new\":1,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":null}},"
        "\"pushed\":1,\"conflicts\":0,\"failed\":0,\"pending\":0,\"errors\":[]}");
    check_verdict(SQLITE_OK, "");
}

/* Nobody tells about its changes, so it is pulled again and again. */
static int setup_untold(void **state) {
    (void)state;
    return setup_engine("type Note @model(subscriptions: null) { id: ID! text: String }");
}

/* ---- commits -------------------------------------------------------------------------------------- */

static int count_commit(void *n) {
    ++*(int *)n;
    return 0;
}

/* What finds nothing is kept in as few commits as may be. */
static void test_idle(void **state) {
    (void)state;
    int n = 0;
    start("{}");
    sqlite3_commit_hook(db, count_commit, &n);
    int64_t posts = expect_page("syncPosts", NULL, 0);
    assert_int_equal(n, 1); /* both pulls have begun */
    int64_t comments = expect_page("syncComments", NULL, 0);
    give_page(comments, "syncComments", "[]", NULL);
    expect_wait();
    give_page(posts, "syncPosts", "[]", NULL);
    expect_end();
    assert_int_equal(n, 3); /* both have come, and all is over */
    check_rows("SELECT count(*) FROM datastore_sync_state WHERE last_sync IS NULL", "0");
    check_rows("SELECT event FROM datastore_hub ORDER BY seq",
               "syncQueriesStarted\nmodelSynced\nmodelSynced\nsyncQueriesReady\nready");
    sqlite3_commit_hook(db, NULL, NULL);
}

/* A page that has something takes empty ones along: none of them waits for all. */
static void test_empty_pages_go_along(void **state) {
    (void)state;
    start("{}");
    int64_t posts = expect_page("syncPosts", NULL, 0);
    give_page(expect_page("syncComments", NULL, 0), "syncComments", "[]", NULL);
    expect_wait();
    give_page(posts, "syncPosts", "[{\"id\":\"p\",\"title\":\"t\",\"_version\":1}]",
              "t1");
    (void)expect_page("syncPosts", "t1", 0);
    expect_wait();
    check_rows("SELECT model FROM datastore_sync_state WHERE last_sync IS NOT NULL",
               "Comment");
}

/* What others write beside the store wakes the engine, and is not answered with a commit. */
static void test_nothing_to_send(void **state) {
    (void)state;
    int n = 0;
    how.is_live = true;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    next(DS_EFFECT_WAIT);
    sqlite3_commit_hook(db, count_commit, &n);
    ds_engine_wake(engine);
    next(DS_EFFECT_WAIT);
    assert_int_equal(n, 0);
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    ds_engine_wake(engine);
    (void)expect("createNote", NULL);
    assert_int_equal(n, 2);
    sqlite3_commit_hook(db, NULL, NULL);
}

/* ---- answers that nobody waits for ------------------------------------------------------------------- */

static void test_twice_late_and_unknown(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    start("{}");
    give_page(77, "syncNotes", ONE, NULL);
    int64_t page = expect_page("syncNotes", NULL, 0);
    give_page(page, "syncNotes", "[]", "t1");
    give_page(page, "syncNotes", ONE, NULL); /* again */
    int64_t second = expect_page("syncNotes", "t1", 0);
    give_page(page, "syncNotes", ONE, NULL);
    give_page(second, "syncNotes", "[]", NULL);
    int64_t id = expect("createNote", NULL);
    give_page(second, "syncNotes", ONE, NULL);
    give(id, "{\"data\":{\"createNote\":" NOTE("b", "mine", 1) "}}");
    give(id, "{\"data\":{\"createNote\":" NOTE("b", "another", 2) "}}");
    expect_end();
    give(id, "{\"data\":{\"createNote\":" NOTE("b", "another", 2) "}}");
    check_rows("SELECT id, text, _version FROM Note", "b|mine|1");
}

/* ---- the end before the end ----------------------------------------------------------------------------- */

static void stop(void) {
    assert_int_equal(ds_engine_stop(engine, "enough", &err), SQLITE_OK);
}

static void test_stop_while_pulling(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    int64_t id = expect_page("syncNotes", "t1", 0);
    stop();
    expect_end();
    give_page(id, "syncNotes", "[" NOTE("c", "3", 1) "]", NULL);
    expect_end();
    check_rows("SELECT id FROM Note ORDER BY id", "a\nb"); /* what had come is not lost */
    check_rows("SELECT next_token, error FROM datastore_sync_state", "t1|enough");
    check_rows(OUTBOX, "1|Note|b|create|~|pending|0|~");
    check_summary(
        "{\"models\":{\"Note\":{\"received\":1,\"new\":1,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":true,\"truncated\":false,\"error\":\"enough\"}},"
        "\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":1,\"errors\":"
        "[\"Note: enough\",\"push: enough\"]}");
}

static void test_stop_with_the_last_page(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    stop();
    expect_end();
    check_rows("SELECT next_token, last_sync, error FROM datastore_sync_state",
               "~|1600000000000|~");
}

/* Nor does what is to follow it. */
static void test_stop_with_the_last_page_of_a_resumed_pull(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    (void)expect_page("syncNotes", "t1", 0);
    expect_wait();
    start("{}");
    give_page(expect_page("syncNotes", "t1", 0), "syncNotes", "[]", NULL);
    stop();
    expect_end();
    check_rows("SELECT next_token, last_sync FROM datastore_sync_state",
               "~|1600000000000");
}

static void test_stop_before_anything(void **state) {
    (void)state;
    start("{}");
    stop();
    expect_end();
    check_summary(
        "{\"models\":{},\"pushed\":0,\"conflicts\":0,\"failed\":0,\"pending\":0,"
        "\"errors\":[]}");
}

static void test_stop_with_a_mutation_on_its_way(void **state) {
    (void)state;
    start("{\"pushBatchSize\":2}");
    int64_t id = expect("createNote createNote", NULL);
    stop();
    expect_end();
    give(id, "{\"data\":{\"m0\":" NOTE("a", "1", 1) ",\"m1\":" NOTE("b", "2", 1) "}}");
    expect_end();
    check_rows("SELECT id, state, error FROM datastore_outbox",
               "a|pending|enough\nb|pending|enough\nc|pending|~\nd|pending|~");
    check_rows("SELECT is_unclear FROM datastore_mutations", "1\n1\n0\n0");
}

/* A page whose pull is not the one under way any more must not begin another one. */
static void test_stop_when_superseded(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    exec("UPDATE datastore_sync_state SET generation = generation + 1");
    stop();
    expect_end();
    check_rows("SELECT count(*) FROM Note", "0");
}

static void test_stop_and_a_new_schema(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    exec(
        "SELECT datastore_schema('type Note @model { id: ID! text: String more: Int }')");
    stop();
    expect_end();
}

/* ---- a live engine ----------------------------------------------------------------------------------------- */

static void test_live(void **state) {
    (void)state;
    how.is_live = true;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    next(DS_EFFECT_WAIT);
    assert_true(effect.until == now + 60000);
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    ds_engine_wake(engine);
    int64_t id = expect("createNote", NULL);
    give(id, "{\"data\":{\"createNote\":" NOTE("b", "mine", 1) "}}");
    next(DS_EFFECT_WAIT);
    set_now(effect.until);
    id = expect_page("syncNotes", NULL, NOW);
    exec("UPDATE Note SET text = 'x' WHERE id = 'b'");
    ds_engine_wake(engine); /* pulling again does not keep it back */
    int64_t update =
        expect("updateNote", "{\"input\":{\"id\":\"b\",\"text\":\"x\",\"_version\":1}}");
    expect_wait();
    stop();
    ds_engine_wake(engine);
    expect_end();
    set_now(now + 100000);
    expect_end();
    give_page(id, "syncNotes", "[]", NULL);
    give(update, "{\"data\":{\"updateNote\":" NOTE("b", "x", 2) "}}");
    expect_end();
    check_rows("SELECT _version FROM Note WHERE id = 'b'", "1");
}

/* What each pull brings does not add up: it is one pull that is not to be too long. */
static void test_live_and_a_maximum(void **state) {
    (void)state;
    how.is_live = true;
    start("{\"maxRecordsToSync\":2}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    next(DS_EFFECT_WAIT);
    set_now(effect.until);
    give_page(expect_page("syncNotes", NULL, NOW), "syncNotes", "[" NOTE("b", "2", 1) "]",
              "t1");
    give_page(expect_page("syncNotes", "t1", NOW), "syncNotes", "[]", NULL);
    next(DS_EFFECT_WAIT);
    check_rows("SELECT truncated FROM datastore_sync_state", "0");
}

static void test_live_and_offline(void **state) {
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('b', 'mine')");
    how.is_live = true;
    start("{}");
    for (int i = 0; i < 40; i++) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_POST) {
            give_failure(effect.id, DS_HTTP_NO_CONNECTION, false);
        } else {
            assert_int_equal(effect.kind, DS_EFFECT_WAIT);
            assert_true(effect.until > now && effect.until <= now + 60000);
            set_now(effect.until);
        }
    }
    ds_engine_health health;
    ds_engine_health_read(engine, &health);
    assert_false(health.is_online);
    assert_string_equal(health.error, "no answer (1)");
    while (effect.kind != DS_EFFECT_POST || number_of("SELECT count(*) FROM Note") < 2) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_WAIT) {
            set_now(effect.until);
        } else if (strstr(effect.body, "syncNotes")) {
            give_page(effect.id, "syncNotes", ONE, NULL);
        } else if (number_of("SELECT count(*) FROM Note") < 2) {
            give_failure(effect.id, DS_HTTP_NO_CONNECTION, false);
        }
    }
    ds_engine_health_read(engine, &health);
    assert_true(health.is_ready);
    give(effect.id, "{\"data\":{\"createNote\":" NOTE("b", "mine", 1) "}}");
    next(DS_EFFECT_WAIT);
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    ds_engine_health_read(engine, &health);
    assert_true(health.is_online);
    assert_null(health.error);
}

/* ---- others at the same file ---------------------------------------------------------------------------------- */

static const char more[] =
    "SELECT datastore_schema('type Note @model { id: ID! text: String more: Int }"
    " type Other @model { id: ID! }')";

static void test_a_new_schema_while_pulling(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, "t1");
    int64_t id = expect_page("syncNotes", "t1", 0);
    exec(more);
    expect_page("syncNotes", NULL, 0); /* everything anew: the model has more columns */
    assert_non_null(strstr(effect.body, "more"));
    int64_t again = effect.id;
    int64_t other = expect_page("syncOthers", NULL, 0);
    give_page(id, "syncNotes", ONE, NULL);
    expect_wait();
    give_page(again, "syncNotes", ONE, NULL);
    give_page(other, "syncOthers", "[]", NULL);
    expect_end();
    check_rows("SELECT id, more FROM Note", "a|~");
}

static void test_a_new_schema_while_pushing(void **state) {
    (void)state;
    exec("DELETE FROM Note WHERE id > 'a'");
    start("{}");
    int64_t id = expect("createNote", NULL);
    exec(more);
    give(id, "{\"data\":{\"createNote\":" NOTE("a", "1", 1) "}}");
    id = expect("createNote", NULL); /* the answer was of before: is it there? */
    give(id, "{\"data\":{\"createNote\":null},\"errors\":[{\"path\":[\"createNote\"],"
             "\"errorType\":\"DynamoDB:ConditionalCheckFailedException\","
             "\"message\":\"The conditional request failed\"}]}");
    id = expect("getNote", "{\"id\":\"a\"}");
    give(id, "{\"data\":{\"getNote\":" NOTE("a", "1", 1) "}}");
    expect_end();
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows("SELECT _version FROM Note", "1");
}

static void test_another_sender(void **state) {
    (void)state;
    start("{}");
    int64_t id = expect_page("syncNotes", NULL, 0);
    exec("UPDATE datastore_session SET lease_owner = 'another'");
    give_page(id, "syncNotes", ONE, NULL);
    assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_BUSY);
    assert_string_equal(err.text,
                        "another process syncs this database now: this one was too slow");
    err = (ds_err)DS_ERR_INIT;
    check_rows("SELECT count(*) FROM Note", "0");
}

/* Every transaction holds the lease for longer. */
static void test_the_lease_is_renewed(void **state) {
    (void)state;
    start("{}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", ONE, NULL);
    set_now(NOW + 9000);
    expect_end();
    check_rows("SELECT lease_owner, lease_expires_at FROM datastore_session",
               "me|1600000039000");
}

/* ---- transcripts of Amplify's client and an API that is no AppSync of ours ---------------------------------------- */

static int setup_transcript(void **state) {
    (void)state;
    return setup_engine(
        "type Post @model { id: ID! title: String! rating: Int\n"
        "  comments: [Comment] @hasMany }\n"
        "type Comment @model { id: ID! content: String post: Post @belongsTo }\n");
}

/* Bodies as they went over the wire, but for the ids' length: conflict detection by version. */
static void first_sync(void) {
    exec("INSERT INTO Post(id, title, rating) VALUES ('27893452', 'First', 3)");
    exec("INSERT INTO Comment(id, content, post) VALUES ('3eece09f', 'hello', "
         "'27893452')");
    start("{}");
    int64_t posts = expect_page("syncPosts", NULL, 0);
    int64_t comments = expect_page("syncComments", NULL, 0);
    give(posts, "{\"data\":{\"syncPosts\":{\"items\":[],\"nextToken\":null,\"startedAt\":"
                "1795334269491}}}");
    give(comments,
         "{\"data\":{\"syncComments\":{\"items\":[],\"nextToken\":null,\"startedAt\":"
         "1795334269541}}}");
    give(
        expect("createPost",
               "{\"input\":{\"id\":\"27893452\",\"title\":\"First\",\"rating\":3}}"),
        "{\"data\":{\"createPost\":{\"id\":\"27893452\",\"title\":\"First\",\"rating\":3,"
        "\"createdAt\":\"2026-11-22T07:57:49.569Z\",\"updatedAt\":\"2026-11-22T07:57:49."
        "569Z\","
        "\"_version\":1,\"_lastChangedAt\":1795334269579,\"_deleted\":null}}}");
    give(
        expect("createComment", "{\"input\":{\"id\":\"3eece09f\",\"content\":\"hello\","
                                "\"postCommentsId\":\"27893452\"}}"),
        "{\"data\":{\"createComment\":{\"id\":\"3eece09f\",\"content\":\"hello\","
        "\"createdAt\":"
        "\"2026-11-22T07:57:49.597Z\",\"updatedAt\":\"2026-11-22T07:57:49.597Z\","
        "\"postCommentsId\":\"27893452\",\"_version\":1,\"_lastChangedAt\":1795334269606,"
        "\"_deleted\":null,\"post\":{\"id\":\"27893452\",\"_deleted\":null}}}}");
    expect_end();
    check_rows("SELECT last_sync FROM datastore_sync_state",
               "1795334269541\n1795334269491");
}

static void conflict(void) {
    exec("UPDATE Post SET title = 'by A, stale'");
    start("{}");
    int64_t posts = expect_page("syncPosts", NULL, 1795334269491);
    give(expect_page("syncComments", NULL, 1795334269541),
         "{\"data\":{\"syncComments\":{\"items\":[],\"nextToken\":null,\"startedAt\":"
         "1795334271252}}}");
    give(posts, "{\"data\":{\"syncPosts\":{\"items\":[],\"nextToken\":null,\"startedAt\":"
                "1795334271250}}}");
    give(
        expect(
            "updatePost",
            "{\"input\":{\"id\":\"27893452\",\"title\":\"by A, stale\",\"_version\":1}}"),
        "{\"data\":{\"updatePost\":null},\"errors\":[{\"message\":\"Conflict resolver "
        "rejects "
        "mutation.\",\"errorType\":\"ConflictUnhandled\",\"data\":{\"id\":\"27893452\","
        "\"title\":"
        "\"by another client\",\"rating\":1,\"createdAt\":\"2026-11-22T07:57:50.728Z\","
        "\"updatedAt\":\"2026-11-22T07:57:50.775Z\",\"_version\":2,\"_lastChangedAt\":"
        "1795334270776,\"_deleted\":null},\"errorInfo\":null,\"path\":[\"updatePost\"],"
        "\"locations\":[{\"line\":2,\"column\":3,\"sourceName\":\"GraphQL "
        "request\"}]}]}");
    give(
        expect(
            "updatePost",
            "{\"input\":{\"id\":\"27893452\",\"title\":\"by A, stale\",\"_version\":2}}"),
        "{\"data\":{\"updatePost\":{\"id\":\"27893452\",\"title\":\"by A, "
        "stale\",\"rating\":1,"
        "\"createdAt\":\"2026-11-22T07:57:49.569Z\",\"updatedAt\":\"2026-11-22T07:57:50."
        "849Z\","
        "\"_version\":3,\"_lastChangedAt\":1795334270851,\"_deleted\":null}}}");
    expect_end();
    check_rows("SELECT title, rating, _version FROM Post", "by A, stale|1|3");
    check_summary(
        "{\"models\":{\"Post\":{\"received\":0,\"new\":0,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":false,\"truncated\":false,\"error\":null},"
        "\"Comment\":{\"received\":0,\"new\":0,\"updated\":0,\"deleted\":0,"
        "\"conflicts\":0,\"full\":false,\"truncated\":false,\"error\":null}},"
        "\"pushed\":1,\"conflicts\":1,\"failed\":0,\"pending\":0,\"errors\":[]}");
}

static void deletes(void) {
    exec("DELETE FROM Post");
    how.pull = false;
    start("{}");
    give(
        expect("deleteComment", "{\"input\":{\"id\":\"3eece09f\",\"_version\":1}}"),
        "{\"data\":{\"deleteComment\":{\"id\":\"3eece09f\",\"content\":\"hello\","
        "\"createdAt\":"
        "\"2026-11-22T07:57:49.597Z\",\"updatedAt\":\"2026-11-22T07:57:49.597Z\","
        "\"postCommentsId\":\"27893452\",\"_version\":2,\"_lastChangedAt\":1795334271279,"
        "\"_deleted\":true,\"post\":{\"id\":\"27893452\",\"_deleted\":null}}}}");
    give(expect("deletePost", "{\"input\":{\"id\":\"27893452\",\"_version\":3}}"),
         "{\"data\":{\"deletePost\":{\"id\":\"27893452\",\"title\":\"by A, "
         "stale\",\"rating\":1,"
         "\"createdAt\":\"2026-11-22T07:57:49.569Z\",\"updatedAt\":\"2026-11-22T07:57:50."
         "849Z\","
         "\"_version\":4,\"_lastChangedAt\":1795334271295,\"_deleted\":true}}}");
    expect_end();
    check_rows("SELECT (SELECT count(*) FROM Post), (SELECT count(*) FROM Comment)",
               "0|0");
}

static void test_a_transcript(void **state) {
    (void)state;
    first_sync();
    conflict();
    deletes();
}

/* ---- everything at random ------------------------------------------------------------------------------------------ */

#define WAY 8

/* Answers on their way. */
static struct {
    int64_t id;
    ds_http_failure failure;
    int status;
    char *body; /* owned */
} way[WAY];
static int n_way;
static uint64_t seed;
static int last_value;
static int last_word[CLOUD_RECORDS][CLOUD_FIELDS];

static int chance(int n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

static int setup_rec(void **state) {
    (void)state;
    cloud_clear(OPTIMISTIC);
    return setup_engine(rec);
}

static void forget_way(void) {
    while (n_way > 0) {
        sqlite3_free(way[--n_way].body);
    }
}

static void arrive(int at) {
    ds_http_answer *made =
        answer_of(way[at].id, way[at].status, way[at].body ? way[at].body : "");
    made->failure = way[at].failure;
    made->was_sent = made->failure != DS_HTTP_NO_CONNECTION;
    sqlite3_snprintf(sizeof made->reason, made->reason, "bad luck");
    sqlite3_free(way[at].body);
    way[at] = way[--n_way];
    hand_in(made);
}

static void put_on_way(int64_t id, ds_http_failure failure, int status, char *body) {
    assert_true(n_way < WAY);
    way[n_way].id = id;
    way[n_way].failure = failure;
    way[n_way].status = failure ? 0 : status;
    way[n_way++].body = body;
}

/* A request goes out, which may come to nothing on the way there, or back. */
static void serve(bool is_bad) {
    static const char expired[] = "{\"errors\":[{\"errorType\":\"UnauthorizedException\","
                                  "\"message\":\"Token has expired.\"}]}";
    static const char invalid[] =
        "{\"data\":null,\"errors\":[{\"message\":\"Validation error of type X\"}]}";
    bool is_sync = strstr(effect.body, "syncRecs") != NULL;
    bool is_many = strstr(effect.body, "m1: ") != NULL;
    int luck = is_bad ? chance(20) : 19;
    char *body = NULL;
    api_throttled = is_bad && chance(4) == 0 ? (unsigned)chance(16) : 0;
    if (luck == 0) {
        put_on_way(effect.id, DS_HTTP_NO_CONNECTION, 0, NULL);
    } else if (luck == 1) {
        put_on_way(effect.id, DS_HTTP_TIMEOUT, 0, NULL);
    } else if (luck == 2) {
        put_on_way(effect.id, DS_HTTP_ANSWERED, 401, sqlite3_mprintf("%s", expired));
    } else if (luck == 3 && is_sync) {
        put_on_way(effect.id, DS_HTTP_TOO_LARGE, 0, NULL);
    } else if (luck == 4 && (is_sync || is_many)) {
        put_on_way(effect.id, DS_HTTP_ANSWERED, 200, sqlite3_mprintf("%s", invalid));
    } else {
        api_carry_out(effect.body, &body);
        if (luck == 5) {
            put_on_way(effect.id, DS_HTTP_RESET, 0, NULL);
        } else {
            put_on_way(effect.id, DS_HTTP_ANSWERED, luck == 6 ? 502 : 200,
                       luck == 6 ? NULL : sqlite3_mprintf("%s", body));
        }
        sqlite3_free(body);
    }
}

static void change_here(void) {
    int r = chance(CLOUD_RECORDS), f = chance(CLOUD_FIELDS);
    char *sql =
        sqlite3_mprintf("SELECT datastore_save('Rec', '{\"id\":\"r%d\",\"%s\":%d}')", r,
                        cloud_fields[f], ++last_value);
    last_word[r][f] = last_value;
    exec(sql);
    sqlite3_free(sql);
}

/* Another client, who knows the newest version. */
static void change_there(void) {
    char json[100];
    int r = chance(CLOUD_RECORDS);
    bool is_new = cloud[r].version == 0;
    sqlite3_snprintf(sizeof json, json, "{\"id\":\"r%d\",\"%s\":%d,\"_version\":%d}", r,
                     cloud_fields[chance(CLOUD_FIELDS)], ++last_value, cloud[r].version);
    assert_int_equal(cloud_mutate(is_new ? "createRec" : "updateRec", json), CLOUD_OK);
}

static void act(bool is_bad) {
    assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    if (effect.kind == DS_EFFECT_POST) {
        serve(is_bad);
    } else if (n_way > 0) {
        arrive(chance(n_way));
    } else if (effect.kind == DS_EFFECT_WAIT) {
        assert_true(effect.until > now);
        set_now(effect.until);
    }
}

static void step_at_random(void) {
    switch (chance(30)) {
    case 0:
    case 1:
    case 2:
        change_here();
        break;
    case 3:
    case 4:
        change_there();
        break;
    case 5: /* killed, at times */
        if (chance(4) == 0) {
            forget_way();
            start("{\"pushBatchSize\":4}");
        }
        break;
    case 6:
        if (chance(10) == 0) {
            assert_int_equal(ds_engine_stop(engine, "enough", &err), SQLITE_OK);
        }
        break;
    default:
        act(true);
        if (effect.kind == DS_EFFECT_END) {
            forget_way();
            set_now(now + chance(100000));
            start("{\"pushBatchSize\":4}");
        }
    }
}

static void sync_well(void) {
    forget_way();
    how.is_full = true;
    set_now(now + 1000000);
    start("{}");
    for (int i = 0; i == 0 || effect.kind != DS_EFFECT_END; i++) {
        assert_true(i < 1000);
        act(false);
    }
    how.is_full = false;
}

static void check_nothing_lost(void) {
    for (int r = 0; r < CLOUD_RECORDS; r++) {
        for (int f = 0; f < CLOUD_FIELDS; f++) {
            bool is_found = last_word[r][f] == 0;
            for (int v = 1; v <= cloud[r].version && !is_found; v++) {
                is_found = cloud[r].history[v].values[f] == last_word[r][f];
            }
            if (!is_found) {
                print_error("seed %d: r%d.%s = %d is lost\n", (int)seed, r,
                            cloud_fields[f], last_word[r][f]);
            }
            assert_true(is_found);
        }
    }
}

/* Bad luck of all kinds, and in the end both sides agree, and every last word from here has been heard. */
static void test_random_scripts(void **state) {
    const char *rounds = getenv("ROUNDS"); /* for a long night */
    (void)state;
    for (int round = 0; round < (rounds ? atoi(rounds) : 6); round++) {
        seed = (uint64_t)round + 1;
        cloud_clear(round % 2 ? OPTIMISTIC : BY_VERSION);
        memset(last_word, 0, sizeof last_word);
        last_value = 0;
        exec("SELECT datastore_clear('{\"force\":true}')");
        start("{\"pushBatchSize\":4}");
        for (int i = 0; i < 300; i++) {
            step_at_random();
        }
        sync_well();
        for (int i = 0; number_of("SELECT count(*) FROM datastore_dead_letter") > 0;
             i++) {
            assert_true(i < 20);
            exec("SELECT datastore_retry()");
            sync_well();
        }
        check_rows("SELECT count(*) FROM datastore_outbox", "0");
        sync_well();
        check_agreement();
        check_nothing_lost();
    }
}

/* ---- no memory ------------------------------------------------------------------------------------------------------- */

static sqlite3_mem_methods real;
static long calls, failing; /* the allocation that fails, 0 for none */
static bool is_armed, is_for_ever;

static bool is_out(void) {
    calls += is_armed;
    return is_armed && failing > 0 &&
           (calls == failing || (is_for_ever && calls > failing));
}

static void *fragile_malloc(int size) {
    return is_out() ? NULL : real.xMalloc(size);
}

static void *fragile_realloc(void *memory, int size) {
    return is_out() ? NULL : real.xRealloc(memory, size);
}

static void *json_malloc(size_t size) {
    return sqlite3_malloc64(size);
}

/* The JSON parser has an allocator of its own. */
static void set_json_allocator(bool is_ours) {
    const struct {
        void *(*malloc)(size_t);
        void (*free)(void *);
    } hooks = {json_malloc, sqlite3_free};
    void (*init)(const void *) = NULL;
    *(void **)&init = dlsym(RTLD_DEFAULT, "cJSON_InitHooks");
    assert_non_null(init);
    init(is_ours ? &hooks : NULL);
}

static int install_allocator(void **state) {
    sqlite3_mem_methods mine;
    (void)state;
    set_json_allocator(true);
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    mine = real;
    mine.xMalloc = fragile_malloc;
    mine.xRealloc = fragile_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) || sqlite3_initialize();
}

static int remove_allocator(void **state) {
    (void)state;
    set_json_allocator(false);
    sqlite3_shutdown();
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &real) || sqlite3_initialize();
}

/* An update in conflict, a create that is there already, one that is throttled first; two pages. */
static void prepare_cycle(void) {
    static const char *const there[] = {
        "{\"id\":\"r0\",\"a\":1}", "{\"id\":\"r1\",\"a\":1}", "{\"id\":\"r2\",\"a\":1}"};
    how = (ds_engine_options){.pull = true, .push = true, .attempts = 4, .owner = ME};
    open_store(rec);
    cloud_clear(OPTIMISTIC);
    for (size_t i = 0; i < DS_COUNT(there); i++) {
        assert_int_equal(cloud_mutate("createRec", there[i]), CLOUD_OK);
    }
    set_now(NOW);
    page("Rec", "[{\"id\":\"r0\",\"a\":1,\"_version\":1},{\"id\":\"r1\",\"a\":1,\"_"
                "version\":1}]");
    assert_int_equal(cloud_mutate("updateRec", "{\"id\":\"r0\",\"b\":2,\"_version\":1}"),
                     CLOUD_OK);
    exec("UPDATE Rec SET c = 3");
    exec("INSERT INTO Rec(id, a) VALUES ('r2', 1), ('r3', 1)");
    exec("DELETE FROM Rec WHERE id = 'r1'");
    take_lease(ME);
}

/* What the server does needs memory as well, which does not fail. */
static int answer_it(void) {
    char *body = NULL;
    is_armed = false;
    if (strstr(effect.body, "createRec") != NULL && cloud[3].version == 0) {
        api_throttled = 1;
    }
    api_carry_out(effect.body, &body);
    ds_http_answer *made = answer_of(effect.id, 200, body);
    sqlite3_free(body);
    is_armed = true;
    return ds_engine_answer(engine, made, &err);
}

static int run_cycle(ds_config *config) {
    int rc = ds_engine_new(merger, config, &how, &engine, &err);
    effect.kind = DS_EFFECT_WAIT;
    for (int i = 0; rc == SQLITE_OK && effect.kind != DS_EFFECT_END; i++) {
        rc = ds_engine_next(engine, now, &effect, &err);
        if (rc == SQLITE_OK && effect.kind == DS_EFFECT_POST) {
            rc = answer_it();
        } else if (rc == SQLITE_OK && effect.kind == DS_EFFECT_WAIT) {
            set_now(effect.until);
        }
    }
    if (rc == SQLITE_OK) {
        ds_buf summary;
        ds_buf_init(&summary, DS_MAX_OUTPUT_BYTES);
        ds_engine_summary(engine, &summary);
        rc = summary.rc ? ds_err_nomem(&err) : SQLITE_OK;
        ds_buf_done(&summary);
    }
    ds_engine_free(engine);
    engine = NULL;
    return rc;
}

/* Returns true as long as the allocation was reached. */
static bool fail_at(long n) {
    prepare_cycle();
    ds_config *config = config_of("{}");
    calls = 0;
    failing = n;
    is_armed = true;
    int rc = run_cycle(config);
    is_armed = false;
    bool is_reached = calls >= n;
    failing = 0;
    assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
    assert_true(rc == SQLITE_OK || strstr(err.text, "out of memory") != NULL);
    err = (ds_err)DS_ERR_INIT;
    set_now(now + 1000000); /* and the next cycle makes up for it */
    take_lease(ME);
    assert_int_equal(run_cycle(config), SQLITE_OK);
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows("SELECT count(*) FROM datastore_dead_letter", "0");
    check_agreement();
    ds_config_release(config);
    close_store();
    return is_reached;
}

static void test_memory_is_out(void **state) {
    const char *points = getenv("FAULT_POINTS"); /* 0: each */
    (void)state;
    long step = points != NULL && atoi(points) == 0 ? 1 : 241;
    for (int mode = 0; mode < 2; mode++) {
        is_for_ever = mode == 1;
        long n = 1;
        while (fail_at(n)) {
            n += step;
        }
        assert_true(n > 200);
    }
}

int main(void) {
#define NOTE_TEST(name) cmocka_unit_test_setup_teardown(name, setup_note, teardown_engine)
#define BLOG_TEST(name) cmocka_unit_test_setup_teardown(name, setup_blog, teardown_engine)
#define OUTBOX_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, setup_outbox, teardown_engine)
    const struct CMUnitTest tests[] = {
        NOTE_TEST(test_pull_then_push),
        BLOG_TEST(test_idle),
        BLOG_TEST(test_empty_pages_go_along),
        cmocka_unit_test_setup_teardown(test_nothing_to_send, setup_untold,
                                        teardown_engine),
        NOTE_TEST(test_twice_late_and_unknown),
        NOTE_TEST(test_stop_while_pulling),
        NOTE_TEST(test_stop_with_the_last_page),
        NOTE_TEST(test_stop_with_the_last_page_of_a_resumed_pull),
        NOTE_TEST(test_stop_before_anything),
        OUTBOX_TEST(test_stop_with_a_mutation_on_its_way),
        NOTE_TEST(test_stop_when_superseded),
        NOTE_TEST(test_stop_and_a_new_schema),
        cmocka_unit_test_setup_teardown(test_live, setup_untold, teardown_engine),
        cmocka_unit_test_setup_teardown(test_live_and_a_maximum, setup_untold,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_live_and_offline, setup_untold,
                                        teardown_engine),
        NOTE_TEST(test_a_new_schema_while_pulling),
        OUTBOX_TEST(test_a_new_schema_while_pushing),
        NOTE_TEST(test_another_sender),
        NOTE_TEST(test_the_lease_is_renewed),
        cmocka_unit_test_setup_teardown(test_a_transcript, setup_transcript,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_random_scripts, setup_rec, teardown_engine),
    };
    const struct CMUnitTest poor[] = {cmocka_unit_test(test_memory_is_out)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + cmocka_run_group_tests(poor, install_allocator, remove_allocator);
}

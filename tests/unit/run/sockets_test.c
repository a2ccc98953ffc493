/*
** What WebSockets are told to do by a live engine, where that cannot be done.
*/
#include "place.h"

#include <stdio.h>

#include "sync/engine_int.h"

static ds_merger *merger;
static ds_engine *engine;
static ds_http *http;
static ds_sockets sockets;

static void make(const char *json) {
    const ds_engine_options options = {
        .pull = true, .push = true, .is_live = true, .attempts = 4, .owner = "me"};
    char holder[DS_MAX_LEASE_OWNER];
    bool is_taken = false;
    ds_config_release(config);
    config = NULL;
    config = config_of(json);
    const ds_http_options http_options = ds_config_http(config);
    assert_int_equal(ds_lease_take(store, "me", &is_taken, holder, &err), SQLITE_OK);
    assert_int_equal(ds_merger_new(store, DS_POLICY_MERGE, NULL, NULL, &merger, &err),
                     SQLITE_OK);
    assert_int_equal(ds_engine_new(merger, config, &options, &engine, &err), SQLITE_OK);
    assert_int_equal(ds_http_new(&http_options, &http, &err), SQLITE_OK);
}

static int teardown(void **state) {
    ds_sockets_done(&sockets);
    ds_engine_free(engine);
    ds_merger_free(merger);
    ds_http_free(http);
    engine = NULL;
    merger = NULL;
    http = NULL;
    return teardown_place(state);
}

static ds_effect next(ds_effect_kind kind) {
    ds_effect effect;
    assert_int_equal(ds_engine_next(engine, ds_env_now_ms(), &effect, &err), SQLITE_OK);
    assert_int_equal(effect.kind, kind);
    return effect;
}

static void act(const ds_effect *effect) {
    int rc = ds_sockets_act(&sockets, engine, config, http, effect, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
}

static void check_down(const char *reason) {
    ds_engine_health health;
    assert_int_equal(engine->channels[0].phase, DS_CHANNEL_DOWN);
    ds_engine_health_read(engine, &health);
    assert_string_equal(health.untold, "");
    if (strstr(health.error, reason) == NULL) {
        fail_msg("%s", health.error);
    }
}

static void test_it_is_not_reached(void **state) {
    (void)state;
    make(NOWHERE);
    ds_effect effect = next(DS_EFFECT_DIAL);
    act(&effect);
    int64_t end = ds_env_now_ms() + PATIENCE_MS;
    while (engine->channels[0].phase != DS_CHANNEL_DOWN && ds_env_now_ms() < end) {
        ds_http_answer *answer = NULL;
        assert_int_equal(ds_http_poll(http, 20, &answer, &err), SQLITE_OK);
        assert_int_equal(ds_sockets_read(&sockets, engine, &err), SQLITE_OK);
    }
    check_down("127.0.0.1");
    assert_null(sockets.items[0]);
}

static void test_it_cannot_be_dialled(void **state) {
    (void)state;
    char name[120], json[300];
    sqlite3_snprintf(sizeof name, name, "%s/key", folder);
    sqlite3_snprintf(sizeof json, json,
                     "{\"url\":\"http://127.0.0.1:1/graphql\",\"authMode\":\"apiKey\","
                     "\"apiKey\":{\"file\":\"%s\"}}",
                     name);
    FILE *secret = fopen(name, "w");
    assert_non_null(secret);
    fputs("k\n", secret);
    fclose(secret);
    make(json);
    unlink(name); /* it is read again for each connection */
    ds_effect effect = next(DS_EFFECT_DIAL);
    act(&effect);
    check_down("apiKey");
}

/* What comes after its end is for nobody. */
static void test_it_has_ended(void **state) {
    (void)state;
    make(NOWHERE);
    ds_effect effect = next(DS_EFFECT_DIAL);
    act(&effect);
    ds_effect hang_up = {.kind = DS_EFFECT_HANG_UP, .channel = 0};
    act(&hang_up);
    act(&hang_up);
    hang_up.channel = 4;
    act(&hang_up);
    ds_effect init = {.kind = DS_EFFECT_INIT, .channel = 0};
    act(&init);
    check_down("the connection has ended");
    init.channel = 4; /* of a schema of before */
    act(&init);
    assert_int_equal(ds_sockets_read(&sockets, engine, &err), SQLITE_OK);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_place, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_it_is_not_reached),
        TEST(test_it_cannot_be_dialled),
        TEST(test_it_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

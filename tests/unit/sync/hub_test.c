/*
** What datastore_hub is told of a cycle.
*/
#include "live.h"

#define EVENTS "SELECT event, payload FROM datastore_hub ORDER BY seq"

static void test_a_cycle(void **state) {
    (void)state;
    start("{}");
    int64_t posts = expect("syncPosts", NULL), comments = expect("syncComments", NULL);
    give_page(comments, "syncComments", "[]", NULL);
    expect_wait();
    give_page(posts, "syncPosts", "[{\"id\":\"p\",\"title\":\"x\",\"_version\":1}]",
              NULL);
    expect_end();
    check_rows(
        EVENTS,
        "syncQueriesStarted|{\"models\":[\"Post\",\"Comment\"]}\n"
        "modelSynced|{\"model\":\"Post\",\"isFullSync\":true,\"isDeltaSync\":false,"
        "\"counts\":{\"new\":1,\"updated\":0,\"deleted\":0}}\n"
        "modelSynced|{\"model\":\"Comment\",\"isFullSync\":true,\"isDeltaSync\":false,"
        "\"counts\":{\"new\":0,\"updated\":0,\"deleted\":0}}\n"
        "syncQueriesReady|{}\nready|{}");
}

/* Nothing is ready where nothing was reached, or asked for. */
static void test_not_ready(void **state) {
    (void)state;
    start("{}");
    for (next(DS_EFFECT_POST); effect.kind != DS_EFFECT_END;) {
        if (effect.kind == DS_EFFECT_POST) {
            give_failure(effect.id, DS_HTTP_NO_CONNECTION, false);
        } else {
            set_now(effect.until);
        }
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
    }
    check_rows(
        "SELECT count(*) FROM datastore_hub WHERE event IN ('ready', 'syncQueriesReady')",
        "0");
    exec("DELETE FROM datastore_hub");
    how.pull = false;
    start("{}");
    expect_end();
    check_rows("SELECT count(*) FROM datastore_hub", "0");
}

/* Nor where everybody was sent away, though the API can be reached. */
static void test_not_ready_without_a_credential(void **state) {
    (void)state;
    ds_engine_health health;
    how.is_live = true;
    start("{}");
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ds_engine_next(engine, now, &effect, &err), SQLITE_OK);
        if (effect.kind == DS_EFFECT_POST) {
            give_status(effect.id, 401,
                        "{\"errors\":[{\"errorType\":\"UnauthorizedException\","
                        "\"message\":\"Token has expired.\"}]}");
        } else if (effect.kind == DS_EFFECT_DIAL) {
            closed(0, 401, 0, DS_HTTP_ANSWERED);
        } else {
            set_now(now + 1000);
        }
    }
    ds_engine_health_read(engine, &health);
    assert_true(health.is_online);
    assert_false(health.is_ready);
    assert_non_null(strstr(health.error, "Token has expired"));
    check_rows(
        "SELECT count(*) FROM datastore_hub WHERE event IN ('ready', 'syncQueriesReady')",
        "0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_cycle, setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_not_ready, setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_not_ready_without_a_credential, setup_blog,
                                        teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

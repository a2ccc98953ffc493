/*
** What datastore_hub is told of a cycle.
*/
#include "engine.h"

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
        "modelSynced|{\"model\":\"Comment\",\"isFullSync\":true,\"isDeltaSync\":false,"
        "\"counts\":{\"new\":0,\"updated\":0,\"deleted\":0}}\n"
        "modelSynced|{\"model\":\"Post\",\"isFullSync\":true,\"isDeltaSync\":false,"
        "\"counts\":{\"new\":1,\"updated\":0,\"deleted\":0}}\n"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_cycle, setup_blog, teardown_engine),
        cmocka_unit_test_setup_teardown(test_not_ready, setup_blog, teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

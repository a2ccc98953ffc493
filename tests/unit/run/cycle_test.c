/*
** A cycle in the foreground, whose API nobody answers for. All that it does otherwise is in tests/e2e.
*/
#include "place.h"

#include <pthread.h>
#include <stdatomic.h>

static int64_t noon;
static atomic_bool is_over;

/* In a pause of the cycle the clock goes back by an hour. Should it wait until it is as late again, it gets the
** right time after a while. */
static void *set_back(void *unused) {
    (void)unused;
    sqlite3_sleep(300);
    ds_env_set_clock(noon - 3600000);
    for (int i = 0; i < 500 && !atomic_load(&is_over); i++) {
        sqlite3_sleep(10);
    }
    ds_env_set_clock(0);
    return NULL;
}

static void test_the_clock_is_set_back(void **state) {
    pthread_t thread;
    ds_buf summary;
    const ds_cycle_options options = {.pull = true, .push = true, .owner = "me"};
    (void)state;
    noon = ds_env_now_ms();
    ds_env_set_clock(noon);
    ds_buf_init(&summary, DS_MAX_OUTPUT_BYTES);
    assert_int_equal(pthread_create(&thread, NULL, set_back, NULL), 0);
    int rc = ds_run_cycle(NULL, store, config, &options, &summary, &err);
    ds_buf_done(&summary);
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    assert_int_equal(rc, SQLITE_IOERR);
    assert_string_equal(err.text, "the clock was set back: sync again");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_clock_is_set_back, setup_place,
                                        teardown_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

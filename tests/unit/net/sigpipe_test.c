/*
** A broken pipe between begin and end stays without effect, and leaves no trace.
*/
#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "net/net_int.h"

static volatile sig_atomic_t caught;

static void catch_it(int number) {
    caught += number == SIGPIPE;
}

static void break_pipe(void) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    close(ends[1]);
}

static bool is_blocked(void) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    return sigismember(&mask, SIGPIPE) == 1;
}

static void test_is_taken_away(void **state) {
    (void)state;
    ds_sigpipe guard;
    signal(SIGPIPE, SIG_DFL); /* which ends the process */
    ds_sigpipe_begin(&guard);
    assert_true(is_blocked());
    break_pipe();
    break_pipe();
    ds_sigpipe_end(&guard);
    assert_false(is_blocked());
}

static void test_nothing_happens(void **state) {
    (void)state;
    ds_sigpipe guard;
    ds_sigpipe_begin(&guard);
    ds_sigpipe_end(&guard);
    assert_false(is_blocked());
}

/* One of the host's that waited before waits on. */
static void test_pending_stays(void **state) {
    (void)state;
    ds_sigpipe guard;
    sigset_t only;
    signal(SIGPIPE, catch_it);
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &only, NULL);
    raise(SIGPIPE);
    ds_sigpipe_begin(&guard);
    break_pipe();
    ds_sigpipe_end(&guard);
    assert_true(is_blocked());
    assert_int_equal(caught, 0);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    assert_int_equal(caught, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_taken_away),
        cmocka_unit_test(test_nothing_happens),
        cmocka_unit_test(test_pending_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

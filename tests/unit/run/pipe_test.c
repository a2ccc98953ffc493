/*
** Pipes that wake.
*/
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

static void test_open_and_drain(void **state) {
    int ends[2];
    char bytes[4];
    (void)state;
    assert_int_equal(ds_pipe_open(ends), SQLITE_OK);
    for (int i = 0; i < 2; i++) {
        assert_true(fcntl(ends[i], F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(write(ends[1], "x", 1), 1);
    }
    ds_pipe_drain(ends[0]);
    ds_pipe_drain(ends[0]);
    assert_int_equal(read(ends[0], bytes, sizeof bytes), -1);
    assert_int_equal(errno, EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static void test_no_descriptors(void **state) {
    struct rlimit before, none;
    int ends[2] = {7, 7};
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = ds_pipe_open(ends);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rc, SQLITE_CANTOPEN);
    assert_int_equal(ends[0], -1);
    assert_int_equal(ends[1], -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_and_drain),
        cmocka_unit_test(test_no_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

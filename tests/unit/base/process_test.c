/*
** Which process lives.
*/
#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

static void test_self(void **state) {
    ds_process self;
    (void)state;
    ds_process_self(&self);
    assert_int_equal(self.pid, getpid());
    assert_int_equal(ds_process_life(&self, &self), DS_LIFE_ALIVE);
}

/* Another process of the same number, and one that has ended but still has a status. */
static void test_dead(void **state) {
    ds_process self, other;
    int ready[2];
    char byte;
    (void)state;
    ds_process_self(&self);
    other = self;
    other.started = self.started + 1;
    assert_int_equal(ds_process_life(&other, &self), DS_LIFE_DEAD);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0); /* the child has closed it, too */
    (void)close(ready[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    other.pid = child;
    assert_int_equal(ds_process_life(&other, &self), DS_LIFE_DEAD);
    other.pid = 0;
    assert_int_equal(ds_process_life(&other, &self), DS_LIFE_DEAD);
}

static void test_elsewhere(void **state) {
    ds_process self, other;
    (void)state;
    ds_process_self(&self);
    other = self;
    strcpy(other.machine, "elsewhere");
    assert_int_equal(ds_process_life(&other, &self), DS_LIFE_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self),
        cmocka_unit_test(test_dead),
        cmocka_unit_test(test_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

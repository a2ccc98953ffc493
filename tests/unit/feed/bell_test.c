/*
** Wake-ups inside the process.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child.h"
#include "feed/feed_int.h"

static bool is_readable(const ds_ear *ear) {
    return ds_ear_wait(ear, 0);
}

static void test_ring(void **state) {
    ds_bell *bell = ds_bell_get("a", ""), *other = ds_bell_get("b", "");
    ds_ear *first = NULL, *second = NULL, *elsewhere = NULL;
    (void)state;
    assert_ptr_equal(ds_bell_get("a", ""), bell);
    assert_int_equal(ds_ear_open(bell, false, &first), SQLITE_OK);
    assert_int_equal(ds_ear_open(bell, true, &second), SQLITE_OK);
    assert_int_equal(ds_ear_open(other, false, &elsewhere), SQLITE_OK);
    assert_false(is_readable(first));
    ds_bell_ring("a");
    ds_bell_ring("a");
    assert_true(is_readable(first) && is_readable(second) && !is_readable(elsewhere));
    assert_true(ds_ear_hear(first));
    assert_false(ds_ear_hear(first));
    assert_true(!is_readable(first) && is_readable(second));
    ds_ear_hear(second);
    ds_bell_announce(bell);
    assert_true(!is_readable(first) && is_readable(second));
    ds_ear_close(first);
    ds_ear_close(second);
    ds_ear_close(elsewhere);
    ds_bell_ring("a"); /* nobody listens */
    ds_bell_release(bell);
    ds_bell_release(bell);
    ds_bell_release(other);
}

/* A host that empties or closes its descriptor does no harm. */
static void test_host(void **state) {
    ds_bell *bell = ds_bell_get("a", "");
    ds_ear *ear = NULL;
    char byte;
    (void)state;
    assert_int_equal(ds_ear_open(bell, true, &ear), SQLITE_OK);
    ds_ear_ring(ear);
    assert_int_equal(read(ear->receiver, &byte, 1), 1);
    ds_ear_ring(ear);
    assert_false(is_readable(ear)); /* until it is heard */
    ds_ear_hear(ear);
    ds_ear_ring(ear);
    assert_true(is_readable(ear));
    (void)close(ear->receiver);
    ds_ear_hear(ear);
    ds_ear_ring(ear);
    int taken = dup(STDOUT_FILENO);
    ds_ear_close(ear);
    assert_int_equal(write(taken, "", 0), 0);
    (void)close(taken);
    ds_bell_release(bell);
}

static atomic_int running;

static void run(ds_bell *bell, ds_ear *ear, int64_t start) {
    atomic_fetch_add(&running, (int)start);
    while (!ds_bell_is_over(bell)) {
        (void)ds_ear_wait(ear, 10000);
        ds_ear_hear(ear);
    }
    atomic_fetch_sub(&running, (int)start);
}

/* One worker for all public ears, which leaves with the last of them. */
static void test_worker(void **state) {
    ds_bell *bell = ds_bell_get("a", "");
    ds_ear *first = NULL, *second = NULL;
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(ds_ear_open(bell, true, &first), SQLITE_OK);
        assert_int_equal(ds_bell_hire(bell, run, 1), SQLITE_OK);
        assert_int_equal(ds_ear_open(bell, true, &second), SQLITE_OK);
        assert_int_equal(ds_bell_hire(bell, run, 1), SQLITE_OK);
        ds_bell_ring("a");
        assert_false(is_readable(first)); /* the worker decides */
        ds_ear_close(first);
        ds_ear_close(second);
        assert_int_equal(atomic_load(&running), 0);
    }
    ds_bell_release(bell);
}

static bool child(ds_ear *inherited, ds_bell *bell) {
    ds_bell *own = NULL;
    ds_ear *ear = NULL;
    ds_bell_after_fork();
    ds_ear_close(inherited); /* whose worker is not here */
    ds_bell_release(bell);
    own = ds_bell_get("a", "");
    bool is_good = own != NULL && ds_ear_open(own, false, &ear) == SQLITE_OK;
    ds_bell_ring("a");
    is_good = is_good && is_readable(ear) && !ds_bell_knows(7);
    ds_ear_close(ear);
    ds_bell_release(own);
    return is_good;
}

/* A child has none of its parent's threads, and nobody hears it but its own. */
static void test_fork(void **state) {
    ds_bell *bell = ds_bell_get("a", "");
    ds_ear *ear = NULL;
    int status = 1;
    (void)state;
    assert_int_equal(ds_bell_enter(7), SQLITE_OK);
    assert_int_equal(ds_ear_open(bell, true, &ear), SQLITE_OK);
    assert_int_equal(ds_bell_hire(bell, run, 1), SQLITE_OK);
    pid_t pid = fork();
    if (pid == 0) {
        end_child(child(ear, bell));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(is_readable(ear));
    ds_ear_close(ear);
    ds_bell_leave(7);
    ds_bell_release(bell);
}

static void test_owners(void **state) {
    (void)state;
    assert_false(ds_bell_knows(7));
    assert_int_equal(ds_bell_enter(7), SQLITE_OK);
    assert_int_equal(ds_bell_enter(8), SQLITE_OK);
    assert_true(ds_bell_knows(7) && ds_bell_knows(8));
    ds_bell_leave(7);
    ds_bell_leave(9);
    assert_true(!ds_bell_knows(7) && ds_bell_knows(8));
    ds_bell_leave(8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring),   cmocka_unit_test(test_host),
        cmocka_unit_test(test_worker), cmocka_unit_test(test_fork),
        cmocka_unit_test(test_owners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** One sender at a time.
*/
#include "engine.h"

#include <sys/wait.h>
#include <unistd.h>

static char holder[DS_MAX_LEASE_OWNER];

static bool take(const char *owner) {
    bool is_taken = false;
    assert_int_equal(ds_lease_take(store, owner, &is_taken, holder, &err), SQLITE_OK);
    return is_taken;
}

static void test_names(void **state) {
    char a[DS_MAX_LEASE_OWNER], b[DS_MAX_LEASE_OWNER];
    (void)state;
    ds_lease_name(a);
    ds_lease_name(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strncmp(a, "process ", 8), 0);
    assert_true(strlen(a) < DS_MAX_LEASE_OWNER - 1);
}

static void test_take_and_drop(void **state) {
    (void)state;
    assert_true(take("a"));
    assert_string_equal(holder, "");
    assert_true(take("a"));
    assert_false(take("b"));
    assert_string_equal(holder, "a");
    ds_lease_drop(store, "b");
    assert_false(take("b"));
    ds_lease_drop(store, "a");
    assert_true(take("b"));
    assert_false(take("a"));
}

static void test_its_time_is_over(void **state) {
    (void)state;
    assert_true(take("a"));
    set_now(NOW + DS_LEASE_MS - 1);
    assert_false(take("b"));
    assert_true(take("a")); /* renewed */
    set_now(NOW + DS_LEASE_MS);
    assert_false(take("b"));
    set_now(NOW + 2 * DS_LEASE_MS - 1);
    assert_true(take("b"));
    assert_false(take("a"));
}

/* A lease that lasts for too long was taken by a clock that was wrong. */
static void test_the_clock_was_set_back(void **state) {
    (void)state;
    assert_true(take("a"));
    set_now(NOW - DS_LEASE_MS);
    assert_false(take("b"));
    set_now(NOW - DS_LEASE_MS - 1);
    assert_true(take("b"));
}

/* Who has gone without a word is followed at once, though its time is not over. */
static void test_its_process_is_gone(void **state) {
    char name[DS_MAX_LEASE_OWNER];
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        ds_lease_name(name);
        _exit(write(ends[1], name, sizeof name) != (ssize_t)sizeof name);
    }
    assert_int_equal(read(ends[0], name, sizeof name), sizeof name);
    assert_true(take(name));
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(take("b"));
    assert_string_equal(holder, "");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* One that lives, one of another machine, and names of other forms hold until their time is over. */
static void test_others_are_not_known_to_be_gone(void **state) {
    static const char *const names[] = {"process 1 (5-00000000-00000000000000aa)",
                                        "process 999999999 (5-00000000-00000000000000aa)",
                                        "process 999999999 (00000000000000aa)",
                                        "process 999999999",
                                        "process ",
                                        "process x (1-2-3)",
                                        "process 1 (",
                                        "",
                                        "who"};
    char name[DS_MAX_LEASE_OWNER];
    (void)state;
    ds_lease_name(name);
    assert_true(take(name));
    assert_false(take("b"));
    ds_lease_drop(store, name);
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        assert_true(take(names[i]));
        assert_false(take("b"));
        assert_string_equal(holder, names[i]);
        ds_lease_drop(store, names[i]);
    }
}

static void test_no_schema(void **state) {
    bool is_taken = false;
    (void)state;
    exec("DROP TABLE datastore_session");
    assert_int_equal(ds_lease_take(store, "a", &is_taken, holder, &err), SQLITE_ERROR);
    ds_lease_drop(store, "a");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_note, teardown_engine)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_take_and_drop),
        TEST(test_its_time_is_over),
        TEST(test_the_clock_was_set_back),
        TEST(test_its_process_is_gone),
        TEST(test_others_are_not_known_to_be_gone),
        TEST(test_no_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

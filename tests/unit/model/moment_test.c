/*
** Dates and times by what they mean.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/check_int.h"

static bool same(ds_scalar scalar, const char *a, const char *b) {
    bool answer = ds_moment_same(scalar, a, strlen(a), b, strlen(b));
    assert_int_equal(ds_moment_same(scalar, b, strlen(b), a, strlen(a)), answer);
    return answer;
}

static void test_dates(void **state) {
    (void)state;
    assert_true(same(DS_AWS_DATE, "2020-02-29", "2020-02-29"));
    assert_true(same(DS_AWS_DATE, "2020-02-29Z", "2020-02-29+00:00"));
    assert_true(same(DS_AWS_DATE, "2020-02-29+05:30", "2020-02-29+05:30:00"));
    assert_false(same(DS_AWS_DATE, "2020-02-29", "2020-03-01"));
    assert_false(same(DS_AWS_DATE, "2020-02-29", "2020-02-29Z"));
    assert_false(same(DS_AWS_DATE, "2020-02-29Z", "2020-02-29+01:00"));
}

static void test_times(void **state) {
    (void)state;
    assert_true(same(DS_AWS_TIME, "12:30", "12:30:00"));
    assert_true(same(DS_AWS_TIME, "12:30:00.500Z", "12:30:00.5Z"));
    assert_true(same(DS_AWS_TIME, "12:30Z", "14:30+02:00"));
    assert_true(same(DS_AWS_TIME, "12:30Z", "12:30:00.000Z"));
    assert_true(same(DS_AWS_TIME, "12:30-07:00", "19:30Z"));
    assert_false(same(DS_AWS_TIME, "12:30", "12:30Z"));
    assert_false(same(DS_AWS_TIME, "12:30:00.5Z", "12:30:00.05Z"));
    assert_false(same(DS_AWS_TIME, "12:30:01", "12:30"));
}

static void test_date_times(void **state) {
    (void)state;
    assert_true(same(DS_AWS_DATE_TIME, "2020-01-01T00:00Z", "2020-01-01T00:00:00.000Z"));
    assert_true(same(DS_AWS_DATE_TIME, "2020-01-01T00:30+01:00", "2019-12-31T23:30Z"));
    assert_true(same(DS_AWS_DATE_TIME, "2020-03-01T00:00+24:00", "2020-02-29T00:00Z"));
    assert_true(same(DS_AWS_DATE_TIME, "2100-03-01T00:00+24:00", "2100-02-28T00:00Z"));
    assert_true(same(DS_AWS_DATE_TIME, "0000-03-01T00:00+24:00", "0000-02-29T00:00Z"));
    assert_true(same(DS_AWS_DATE_TIME, "2021-01-01T00:00+24:00", "2020-12-31T00:00Z"));
    assert_false(same(DS_AWS_DATE_TIME, "2020-01-01T00:00Z", "2020-01-01T00:00"));
    assert_false(same(DS_AWS_DATE_TIME, "2020-01-01T00:00Z", "2020-01-02T00:00Z"));
    assert_false(
        same(DS_AWS_DATE_TIME, "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00Z"));
}

/* What the server may have stored before there was a check. */
static void test_other_texts(void **state) {
    (void)state;
    assert_true(same(DS_AWS_DATE, "soon", "soon"));
    assert_false(same(DS_AWS_DATE, "soon", "late"));
    static const char *const wrong[] = {
        "",          "2020",        "2020-1-01",    "2020-00-01",      "2020-13-01",
        "2020-01-x", "2020-01-01x", "2020-01-01+x", "2020-01-01-1:00",
    };
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        assert_true(same(DS_AWS_DATE, wrong[i], wrong[i]));
        assert_false(same(DS_AWS_DATE, wrong[i], "2020-01-01"));
    }
    assert_false(same(DS_AWS_TIME, "12", "12:00"));
    assert_false(same(DS_AWS_TIME, "12:x", "12:00"));
    assert_false(same(DS_AWS_TIME, "12:00:x", "12:00"));
    assert_false(same(DS_AWS_DATE_TIME, "2020-01-01 00:00Z", "2020-01-01T00:00Z"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_date_times),
        cmocka_unit_test(test_other_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

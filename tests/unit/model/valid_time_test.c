/*
** Dates and times: notation, calendar and clock.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/check_int.h"

/* Each text is judged in memory of exactly its size: the sanitizer sees a byte too many. */
static void check(bool (*valid)(const char *, size_t), const char *const *texts,
                  size_t count, bool expected) {
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(texts[i]);
        char *exact = test_malloc(length + (length == 0));
        memcpy(exact, texts[i], length);
        if (valid(exact, length) != expected) {
            print_error("\"%s\"\n", texts[i]);
        }
        assert_int_equal(valid(exact, length), expected);
        test_free(exact);
    }
}

/* The lists that the tests of Amplify's client assert. */
static void test_date(void **state) {
    (void)state;
    static const char *const accepted[] = {"2020-01-01", "1979-01-01Z",
                                           "2021-01-01+05:30", "2021-01-01-05:30:12"};
    static const char *const refused[] = {"",
                                          "2021-01-1",
                                          "201-01-50",
                                          "2021-01-112",
                                          "2021-01-01+5:30",
                                          "2021-01-01+05:3",
                                          "2021-01-01+05:3.",
                                          "2021-01-01-05:30:12Z"};
    check(ds_valid_date, accepted, DS_COUNT(accepted), true);
    check(ds_valid_date, refused, DS_COUNT(refused), false);
}

/* The lists that the tests of Amplify's client assert. */
static void test_time(void **state) {
    (void)state;
    static const char *const accepted[] = {"12:30",
                                           "12:30Z",
                                           "12:30:24Z",
                                           "12:30:24.1Z",
                                           "12:30:24.12Z",
                                           "12:30:24.123Z",
                                           "12:30:24.1234Z",
                                           "12:30:24-07:00",
                                           "12:30:24.500+05:30",
                                           "12:30:24.500+05:30:00"};
    static const char *const refused[] = {"",
                                          "1:30",
                                          "12:30.Z",
                                          "120:30:242Z",
                                          "12:30:242Z",
                                          "12:30:24-07:00Z",
                                          "12:30:24.500+05:3",
                                          "12:30.500+05:30",
                                          "12:30:.500Z",
                                          "12:30:24.500+5:30:00"};
    check(ds_valid_time, accepted, DS_COUNT(accepted), true);
    check(ds_valid_time, refused, DS_COUNT(refused), false);
}

/* The lists that the tests of Amplify's client assert. */
static void test_date_time(void **state) {
    (void)state;
    static const char *const accepted[] = {"2021-01-11T12:30",
                                           "2021-01-11T12:30Z",
                                           "2021-01-11T12:30:24Z",
                                           "2021-01-11T12:30:24.5Z",
                                           "2021-01-11T12:30:24.50Z",
                                           "2021-01-11T12:30:24.500Z",
                                           "2021-01-11T12:30:24.5000Z",
                                           "2021-01-11T12:30:24-07:00",
                                           "2021-01-11T12:30:24.500+05:30",
                                           "2021-01-11T12:30:24.500+05:30:00",
                                           "2021-02-09T06:19:04.49Z"};
    static const char *const refused[] = {"",
                                          "2021-01-11T1:30",
                                          "2021-01-11T12:30.Z",
                                          "2021-01-11T120:30:242Z",
                                          "2021-01-11T12:30:242Z",
                                          "2021-01-11T12:30:24-07:00Z",
                                          "2021-01-11T12:30:24.500+05:3",
                                          "2021-01-11T12:30.500+05:30",
                                          "2021-01-11T12:30:.500Z",
                                          "2021-01-11T12:30:24.500+5:30:00",
                                          "2021-1-11T12:30Z",
                                          "2021-01-11T1:30Z",
                                          "2021-01-11T1:3",
                                          "20211-01-11T12:30:.500Z"};
    check(ds_valid_date_time, accepted, DS_COUNT(accepted), true);
    check(ds_valid_date_time, refused, DS_COUNT(refused), false);
}

/* Days that exist. */
static void test_calendar(void **state) {
    (void)state;
    static const char *const accepted[] = {"2020-02-29", "2000-02-29", "0000-02-29",
                                           "2021-02-28", "2021-04-30", "2021-12-31",
                                           "9999-12-31", "0000-01-01"};
    static const char *const refused[] = {
        "2021-02-29",  "1900-02-29", "2020-02-30", "2021-00-01",  "2021-13-01",
        "2021-01-00",  "2021-01-32", "2021-04-31", "2021-06-31",  "2021-09-31",
        "2021-11-31",  "2021-99-99", "-021-01-01", "+2021-01-01", "2021/01/01",
        "2021-01",     "2021",       "2021-01-",   "2021-01-01T", "2021-01-01T12:30",
        " 2021-01-01", "2021-01-01 "};
    check(ds_valid_date, accepted, DS_COUNT(accepted), true);
    check(ds_valid_date, refused, DS_COUNT(refused), false);
}

/* Times that exist. A colon or a point needs digits behind it. */
static void test_clock(void **state) {
    (void)state;
    static const char *const accepted[] = {"00:00", "23:59", "23:59:59",
                                           "00:00:00.000000000000"};
    static const char *const refused[] = {
        "24:00", "12:60",  "12:30:60", "23:59:60",  "12",         "12:",
        "12:3",  "12:30:", "12:30:1",  "12:30:00.", "12:30:00,5", "12:30:00.5x",
        "12-30", "-1:30",  "12:30 ",   " 12:30",    "12:30:2455"};
    check(ds_valid_time, accepted, DS_COUNT(accepted), true);
    check(ds_valid_time, refused, DS_COUNT(refused), false);
}

static void test_offset(void **state) {
    (void)state;
    static const char *const accepted[] = {"2021-01-01+00:00", "2021-01-01-18:00",
                                           "2021-01-01+17:59:59", "2021-01-01+18:00:00"};
    static const char *const refused[] = {
        "2021-01-01+18:01", "2021-01-01+18:00:01", "2021-01-01+19:00",
        "2021-01-01+05:60", "2021-01-01+05:30:60", "2021-01-01+0530",
        "2021-01-01+05",    "2021-01-01z",         "2021-01-01 Z",
        "2021-01-01+",      "2021-01-01+05:",      "2021-01-01+05:30:",
        "2021-01-01Z+05:30"};
    check(ds_valid_date, accepted, DS_COUNT(accepted), true);
    check(ds_valid_date, refused, DS_COUNT(refused), false);
}

static void test_date_time_is_both(void **state) {
    (void)state;
    static const char *const accepted[] = {"2020-02-29T23:59:59.999-18:00"};
    static const char *const refused[] = {"2021-02-29T12:30Z", "2020-02-29T24:00Z",
                                          "2020-02-29t12:30Z", "2020-02-29 12:30Z",
                                          "2020-02-29",        "T12:30",
                                          "2020-02-29T",       "2020-02-29Z",
                                          "2020-02-29ZT12:30", "2020-02-29T12:30+19:00"};
    check(ds_valid_date_time, accepted, DS_COUNT(accepted), true);
    check(ds_valid_date_time, refused, DS_COUNT(refused), false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_date_time),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_date_time_is_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

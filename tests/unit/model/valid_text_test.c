/*
** E-mail addresses, phone numbers and JSON texts.
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
static void test_email(void **state) {
    (void)state;
    static const char *const accepted[] = {"a@b", "a@b.c", "john@doe.com"};
    static const char *const refused[] = {"",   "@",  "a",      "a@",     "a@@",
                                          "@a", "@@", "a @b.c", "a@ b.c", "a@b. c"};
    check(ds_valid_email, accepted, DS_COUNT(accepted), true);
    check(ds_valid_email, refused, DS_COUNT(refused), false);
}

static void test_email_local_part(void **state) {
    (void)state;
    static const char *const accepted[] = {".!#$%&'*+/=?^_`{|}~-@b", "a..b@c", "A9@B9"};
    static const char *const refused[] = {"a\"b@c",
                                          "a(b@c",
                                          "a,b@c",
                                          "a:b@c",
                                          "a\\b@c",
                                          "a[b@c",
                                          "\xC3"
                                          "\xA9"
                                          "@b",
                                          "a\tb@c",
                                          "a@b@c"};
    check(ds_valid_email, accepted, DS_COUNT(accepted), true);
    check(ds_valid_email, refused, DS_COUNT(refused), false);
}

static void test_email_domain(void **state) {
    (void)state;
    static const char *const accepted[] = {
        "a@b-c", "a@b--c.d", "a@1.2",
        "a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx."
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"};
    static const char *const refused[] = {
        "a@-b",
        "a@b-",
        "a@b-.c",
        "a@.b",
        "a@b.",
        "a@b..c",
        "a@b_c",
        "a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "a@b.yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
        "a@\xC3"
        "\xA9"
        ""};
    check(ds_valid_email, accepted, DS_COUNT(accepted), true);
    check(ds_valid_email, refused, DS_COUNT(refused), false);
}

/* The lists that the tests of Amplify's client assert. */
static void test_phone(void **state) {
    (void)state;
    static const char *const accepted[] = {"+10000000000", "+100 00 00", "000 00000",
                                           "123-456-7890", "+44123456789"};
    static const char *const refused[] = {"", "+", "+-", "a", "bad-number"};
    check(ds_valid_phone, accepted, DS_COUNT(accepted), true);
    check(ds_valid_phone, refused, DS_COUNT(refused), false);
}

static void test_phone_more(void **state) {
    (void)state;
    static const char *const accepted[] = {"12", "+1-", "1\t2"};
    static const char *const refused[] = {"1",   "+1",  "++12", "12+", "(123) 456",
                                          "1.2", "-12", " 12",  "12x"};
    check(ds_valid_phone, accepted, DS_COUNT(accepted), true);
    check(ds_valid_phone, refused, DS_COUNT(refused), false);
}

/* The lists that the tests of Amplify's client assert. */
static void test_json(void **state) {
    (void)state;
    static const char *const accepted[] = {"{\"upvotes\": 10}",
                                           "{}",
                                           "[1,2,3]",
                                           "[]",
                                           "\"AWSJSON example string\"",
                                           "1",
                                           "0",
                                           "-1",
                                           "true",
                                           "false"};
    static const char *const refused[] = {"",
                                          "#",
                                          "2020-01-01",
                                          "{a: 1}",
                                          "{\xE2"
                                          "\x80"
                                          "\x98"
                                          "a\xE2"
                                          "\x80"
                                          "\x99"
                                          ": 1}",
                                          "Unquoted string"};
    check(ds_valid_json, accepted, DS_COUNT(accepted), true);
    check(ds_valid_json, refused, DS_COUNT(refused), false);
}

static void test_json_is_strict(void **state) {
    (void)state;
    static const char *const accepted[] = {"null", " {\"a\":1,\"a\":2} ", "1e999"};
    static const char *const refused[] = {"{'a':1}", "[1,]", "{\"a\":1} x", "01",
                                          "NaN",     "\"a",  "[1",          "nul"};
    check(ds_valid_json, accepted, DS_COUNT(accepted), true);
    check(ds_valid_json, refused, DS_COUNT(refused), false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_email),          cmocka_unit_test(test_email_local_part),
        cmocka_unit_test(test_email_domain),   cmocka_unit_test(test_phone),
        cmocka_unit_test(test_phone_more),     cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

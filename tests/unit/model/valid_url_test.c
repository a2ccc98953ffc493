/*
** URLs.
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
static void test_url(void **state) {
    (void)state;
    static const char *const accepted[] = {"http://localhost/", "schema://anything",
                                           "smb://a/b/c?d=e"};
    static const char *const refused[] = {"", "//", "//example", "example"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_scheme(void **state) {
    (void)state;
    static const char *const accepted[] = {
        "mailto:a@b.c", "urn:isbn:123", "a:",   "a+b-c.1:x",
        "HTTP://x",     "data:,a b",    "x:y z"};
    static const char *const refused[] = {":",
                                          "1a:x",
                                          "a_b:x",
                                          "http",
                                          "http//x",
                                          "+:x",
                                          " http://x",
                                          "http ://x",
                                          "\xC3"
                                          "\xA9"
                                          "://x"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_host_is_demanded(void **state) {
    (void)state;
    static const char *const accepted[] = {
        "https://x", "wss:x", "ws:/x",    "ftp:///x", "http:\\\\x\\y", "a://",
        "a:///x",    "file:", "file:///", "file:x",   "file://x/y"};
    static const char *const refused[] = {
        "http:",     "http://",     "http:///", "https://?x", "http://#x", "http://:80",
        "http://u@", "http://u@/x", "a://:80",  "a://u@",     "a://u@:80"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_host(void **state) {
    (void)state;
    static const char *const accepted[] = {"http://a.b.",
                                           "http://\xC3"
                                           "\xA9"
                                           "/",
                                           "http://u:p@h:1/x", "http://a@b@c/",
                                           "a://h%41/"};
    static const char *const refused[] = {"http://a b/", "http://a<b/", "http://a>b/",
                                          "http://a[b/", "a://a]b/",    "a://a^b",
                                          "a://a|b",     "a://a\\b"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_port(void **state) {
    (void)state;
    static const char *const accepted[] = {"http://h:0", "http://h:65535/", "http://h:/",
                                           "a://h:1?x", "http://h:00080"};
    static const char *const refused[] = {"http://h:65536", "http://h:8a", "http://h:-1",
                                          "http://h:1:2", "file://h:80/x"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_ipv6_host(void **state) {
    (void)state;
    static const char *const accepted[] = {"http://[::1]", "http://[::1]:80/x",
                                           "a://[1::2]/"};
    static const char *const refused[] = {"http://[::1",       "http://[]",
                                          "http://[::g]/",     "http://[::1]x",
                                          "http://[1.2.3.4]/", "http://[fe80::1%eth0]/"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

static void test_drive(void **state) {
    (void)state;
    static const char *const accepted[] = {"file://C:/x", "file://c|/x", "file:///C:/x"};
    static const char *const refused[] = {"file://CC:/x", "http://C:x/"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

/* Anything may follow, but no control characters and no space at the end. */
static void test_rest(void **state) {
    (void)state;
    static const char *const accepted[] = {"http://h/a b",
                                           "http://h/\xC3"
                                           "\xBC"
                                           "?\xC3"
                                           "\x9F"
                                           "#\xF0"
                                           "\x9F"
                                           "\x98"
                                           "\x80"
                                           "",
                                           "http://h?a\\b", "http://h/%zz"};
    static const char *const refused[] = {"http://h/ ", "http://h/a\tb", "http://h\n/",
                                          "http://h/\177", "http://h/\001"};
    check(ds_valid_url, accepted, DS_COUNT(accepted), true);
    check(ds_valid_url, refused, DS_COUNT(refused), false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_scheme),
        cmocka_unit_test(test_host_is_demanded),
        cmocka_unit_test(test_host),
        cmocka_unit_test(test_port),
        cmocka_unit_test(test_ipv6_host),
        cmocka_unit_test(test_drive),
        cmocka_unit_test(test_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

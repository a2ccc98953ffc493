/*
** IP addresses.
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
static void test_ip(void **state) {
    (void)state;
    static const char *const accepted[] = {"127.0.0.1",
                                           "123.123.123.123",
                                           "1.1.1.1",
                                           "::",
                                           "::1",
                                           "2001:db8:a0b:12f0::1",
                                           "::ffff:10.0.0.1",
                                           "0064:ff9b:0000:0000:0000:0000:1234:5678"};
    static const char *const refused[] = {"",
                                          " ",
                                          ":",
                                          "1.",
                                          "test",
                                          "999.1.1.1",
                                          " 1.1.1.1",
                                          "1.1.1.1 ",
                                          "-1.1.1.1",
                                          "1111.111.111.111",
                                          "1.0.0",
                                          "::1 ",
                                          "::ffff:10.0.0",
                                          " ::ffff:10.0.0"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

static void test_ipv4(void **state) {
    (void)state;
    static const char *const accepted[] = {"0.0.0.0", "255.255.255.255",
                                           "001.010.099.000"};
    static const char *const refused[] = {
        "256.1.1.1", "1.1.1.256",  "1.1.1.1.1", "1..1.1",    ".1.1.1",
        "1.1.1.",    "1.1.1.0001", "1.1.1.a",   "0x1.1.1.1", "1"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

static void test_ipv6_groups(void **state) {
    (void)state;
    static const char *const accepted[] = {
        "1:2:3:4:5:6:7:8", "ABCD:ef01::",     "1::8",
        "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1::3:4:5:6:7:8"};
    static const char *const refused[] = {"1:2:3:4:5:6:7",
                                          "1:2:3:4:5:6:7:8:9",
                                          "::1:2:3:4:5:6:7:8",
                                          "1:2:3:4:5:6:7:8::",
                                          "1:2:3:4::5:6:7:8",
                                          "1::2::3",
                                          ":::",
                                          ":1",
                                          "1:",
                                          "1:::2",
                                          "1:2:3:4:5:6:7:",
                                          "12345::",
                                          "g::",
                                          "1:2",
                                          "::1:"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

static void test_ipv6_with_ipv4(void **state) {
    (void)state;
    static const char *const accepted[] = {"1:2:3:4:5:6:1.2.3.4", "::1.2.3.4",
                                           "1::1.2.3.4", "1:2:3:4:5::1.2.3.4"};
    static const char *const refused[] = {"1:2:3:4:5:6:7:1.2.3.4",
                                          "1:2:3:4:5:1.2.3.4",
                                          "1.2.3.4::",
                                          "1.2.3.4:1::",
                                          "::1.2.3.4:1",
                                          "::1.2.3.256",
                                          "::a.2.3.4",
                                          "1:2:3:4:5:6::1.2.3.4",
                                          "::.1.2.3"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

/* As AppSync takes it; the client does not know it. */
static void test_prefix_length(void **state) {
    (void)state;
    static const char *const accepted[] = {
        "10.0.0.0/8",    "0.0.0.0/0", "1.1.1.1/32",       "::/0",
        "2001:db8::/32", "::1/128",   "::ffff:1.2.3.4/96"};
    static const char *const refused[] = {
        "1.1.1.1/",    "1.1.1.1/33", "::1/129",    "::1/0128", "/8",
        "1.1.1.1/8/8", "1.1.1.1/-1", "1.1.1.1/ 8", "1.1.1/8",  "1.1.1.1/8x"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

static void test_zone(void **state) {
    (void)state;
    static const char *const accepted[] = {"fe80::1%eth0", "FE80::1%1", "fe80::%a"};
    static const char *const refused[] = {
        "fe80::1%",        "fe80::1%eth-0",   "::1%eth0",    "1.1.1.1%eth0",
        "fe80::1%eth0/64", "fe80::1/64%eth0", "fe8::1%eth0", "%eth0"};
    check(ds_valid_ip_address, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ip_address, refused, DS_COUNT(refused), false);
}

static void test_ipv6_alone(void **state) {
    (void)state;
    static const char *const accepted[] = {"::1", "::", "1:2:3:4:5:6:7:8"};
    static const char *const refused[] = {"", "1.2.3.4", "::1/8", "fe80::1%eth0",
                                          "[::1]"};
    check(ds_valid_ipv6, accepted, DS_COUNT(accepted), true);
    check(ds_valid_ipv6, refused, DS_COUNT(refused), false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6_groups),
        cmocka_unit_test(test_ipv6_with_ipv4),
        cmocka_unit_test(test_prefix_length),
        cmocka_unit_test(test_zone),
        cmocka_unit_test(test_ipv6_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

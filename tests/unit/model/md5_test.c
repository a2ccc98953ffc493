/*
** MD5: the test suite of RFC 1321 and the lengths around the block.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/model_int.h"

static void check(const char *text, size_t length, const char *expected) {
    char hex[DS_MD5_HEX_SIZE];
    ds_md5_hex(text, length, hex);
    assert_string_equal(hex, expected);
}

static void test_rfc(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *hex;
    } cases[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"1234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "0",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        check(cases[i].text, strlen(cases[i].text), cases[i].hex);
    }
    check(NULL, 0, cases[0].hex);
}

/* The length needs eight bytes after the bit 1: 55 fits into a block, 56 does not. */
static void test_around_the_block(void **state) {
    (void)state;
    static const struct {
        size_t length;
        const char *hex;
    } cases[] = {
        {55, "04364420e25c512fd958a70738aa8f72"},
        {56, "668a72d5ba17f08e62dabcafad6db14b"},
        {63, "7dc2ca208106a2f703567bdff99d8981"},
        {64, "c1bb4f81d892b2d57947682aeb252456"},
        {65, "1bc932052302d074bdec39795fe00cf6"},
        {119, "ab347a5f68c8a443cfcddc633f12c24f"},
        {120, "fb98667f98096de92620b64f46e1c5b5"},
        {128, "d69cb61a6ee87200676eb0d4b90edbcb"},
        {200, "30a83621ce5422fbdfdd539777458c78"},

    };
    char text[256];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        check(text, cases[i].length, cases[i].hex);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc),
        cmocka_unit_test(test_around_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

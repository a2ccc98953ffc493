/*
** Digests against the examples of their standards, and how bytes are written.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static void check_hex(const unsigned char *bytes, size_t n, const char *expected) {
    ds_buf text;
    ds_buf_init(&text, 1000);
    ds_buf_add_hex(&text, bytes, n);
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
}

/* FIPS 180-4's examples. */
static void test_sha(void **state) {
    (void)state;
    unsigned char out[DS_SHA256_SIZE];
    assert_int_equal(ds_digest_sha1("abc", 3, out, NULL), SQLITE_OK);
    check_hex(out, DS_SHA1_SIZE, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_int_equal(ds_digest_sha256("abc", 3, out, NULL), SQLITE_OK);
    check_hex(out, DS_SHA256_SIZE,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(ds_digest_sha256("", 0, out, NULL), SQLITE_OK);
    check_hex(out, DS_SHA256_SIZE,
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, 4.3. */
static void test_hmac(void **state) {
    (void)state;
    static const char text[] = "what do ya want for nothing?";
    unsigned char out[DS_SHA256_SIZE];
    assert_int_equal(ds_digest_hmac("Jefe", 4, text, strlen(text), out, NULL), SQLITE_OK);
    check_hex(out, DS_SHA256_SIZE,
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void check_base64(const char *bytes, const char *plain, const char *url) {
    ds_buf text;
    ds_buf_init(&text, 1000);
    ds_buf_add_base64(&text, bytes, strlen(bytes), false);
    assert_string_equal(ds_buf_text(&text), plain);
    ds_buf_clear(&text);
    ds_buf_add_base64(&text, bytes, strlen(bytes), true);
    assert_string_equal(ds_buf_text(&text), url);
    ds_buf_done(&text);
}

/* RFC 4648, 10. */
static void test_base64(void **state) {
    (void)state;
    check_base64("", "", "");
    check_base64("f", "Zg==", "Zg");
    check_base64("fo", "Zm8=", "Zm8");
    check_base64("foo", "Zm9v", "Zm9v");
    check_base64("foob", "Zm9vYg==", "Zm9vYg");
    check_base64("\xfb\xef\xff", "++//", "--__");
}

/* Is it the base 64 of `expected`? NULL: of nothing. */
static void check_unbase64(const char *text, const char *expected) {
    ds_buf bytes;
    ds_buf_init(&bytes, 1000);
    ds_buf_add(&bytes, "<");
    bool is_one = ds_buf_add_unbase64(&bytes, text, strlen(text));
    assert_int_equal(is_one, expected != NULL);
    assert_string_equal(ds_buf_text(&bytes) + 1, expected ? expected : "");
    ds_buf_done(&bytes);
}

static void test_unbase64(void **state) {
    (void)state;
    check_unbase64("", "");
    check_unbase64("Zg==", "f");
    check_unbase64("Zg", "f");
    check_unbase64("Zm8=", "fo");
    check_unbase64("Zm8", "fo");
    check_unbase64("Zm9v", "foo");
    check_unbase64("Zm9vYg", "foob");
    check_unbase64("++//", "\xfb\xef\xff");
    check_unbase64("--__", "\xfb\xef\xff");
    const char *const none[] = {"Z",     "Zm9vY",  "Zg=",       "Zg===", "=",
                                "==",    "====",   "Z===",      "Zm=v",  "Zm 9v",
                                "Zm9v.", "Zm9v\n", "\xc3\xa4=="};
    for (size_t i = 0; i < DS_COUNT(none); i++) {
        check_unbase64(none[i], NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_unbase64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

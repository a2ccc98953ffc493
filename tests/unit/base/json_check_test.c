/*
** What is JSON and what is not, with the byte that is named.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base_int.h"

static void check_bytes(const char *text, size_t length, const char *expected) {
    ds_err err = DS_ERR_INIT;
    int rc = ds_json_check(text, length, &err);
    assert_string_equal(err.text, expected ? expected : "");
    assert_int_equal(rc, expected ? SQLITE_ERROR : SQLITE_OK);
}

#define CHECK(text, expected) check_bytes(text, sizeof(text) - 1, expected)
#define EARLY                 ": it ends too early"

static void test_accepts(void **state) {
    (void)state;
    CHECK(" \t\r\n null ", NULL);
    CHECK("true", NULL);
    CHECK("false", NULL);
    CHECK("\"\"", NULL);
    CHECK("[]", NULL);
    CHECK("{ }", NULL);
    CHECK("[1 , 2,[ ],{\"a\" : { \"\" :1} , \"b\":[null]} ]", NULL);
    CHECK("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\uffff\"", NULL);
}

static void test_numbers(void **state) {
    (void)state;
    CHECK("0", NULL);
    CHECK("-0", NULL);
    CHECK("-12.50e+07", NULL);
    CHECK("1E-3", NULL);
    CHECK("01", "malformed JSON at byte 2");
    CHECK("+1", "malformed JSON at byte 1");
    CHECK(".5", "malformed JSON at byte 1");
    CHECK("1.]", "malformed JSON at byte 3");
    CHECK("-", "malformed JSON at byte 2" EARLY);
    CHECK("1e", "malformed JSON at byte 3" EARLY);
    CHECK("NaN", "malformed JSON at byte 1");
    CHECK("123456789012345678901234567890123456789012345678901234567890123", NULL);
    CHECK("1234567890123456789012345678901234567890123456789012345678901234",
          "malformed JSON at byte 1: a number of more than 63 characters");
}

static void test_structure(void **state) {
    (void)state;
    CHECK("", "malformed JSON at byte 1" EARLY);
    CHECK("  ", "malformed JSON at byte 3" EARLY);
    CHECK("[1,]", "malformed JSON at byte 4");
    CHECK("[1 2]", "malformed JSON at byte 4");
    CHECK("[", "malformed JSON at byte 2" EARLY);
    CHECK("[1}", "malformed JSON at byte 3");
    CHECK("{\"a\"}", "malformed JSON at byte 5");
    CHECK("{\"a\":}", "malformed JSON at byte 6");
    CHECK("{\"a\":1,}", "malformed JSON at byte 8");
    CHECK("{a:1}", "malformed JSON at byte 2");
    CHECK("{'a':1}", "malformed JSON at byte 2");
    CHECK("nul", "malformed JSON at byte 4" EARLY);
    CHECK("True", "malformed JSON at byte 1");
    CHECK("1 2", "malformed JSON at byte 3");
    CHECK("{}{}", "malformed JSON at byte 3");
    CHECK("[1]\0", "malformed JSON at byte 4");
    CHECK("\v1", "malformed JSON at byte 1");
}

static void test_strings(void **state) {
    (void)state;
    CHECK("\"abc", "malformed JSON at byte 5" EARLY);
    CHECK("\"a\nb\"", "malformed JSON at byte 3");
    CHECK("\"a\\x\"", "malformed JSON at byte 3");
    CHECK("\"a\\", "malformed JSON at byte 3");
    CHECK("\"\\u12g4\"", "malformed JSON at byte 2");
    CHECK("\"\\u12\"", "malformed JSON at byte 2");
    CHECK("\"\\uDE00\"", "malformed JSON at byte 2: half of a surrogate pair");
    CHECK("\"\\uD83Dx\"", "malformed JSON at byte 2: half of a surrogate pair");
    CHECK("\"\\uD83D\\u0041\"", "malformed JSON at byte 2: half of a surrogate pair");
    CHECK("\"a\\u0000b\"",
          "malformed JSON at byte 3: U+0000 is not supported in a string");
    CHECK("\"a\0b\"", "malformed JSON at byte 3: U+0000 is not supported in a string");
    CHECK("\"a\xFF\"", "JSON is not UTF-8");
}

static void test_depth(void **state) {
    (void)state;
    char text[2 * DS_MAX_JSON_DEPTH + 2];
    memset(text, '[', DS_MAX_JSON_DEPTH + 1);
    memset(text + DS_MAX_JSON_DEPTH + 1, ']', DS_MAX_JSON_DEPTH + 1);
    check_bytes(text + 1, 2 * DS_MAX_JSON_DEPTH, NULL);
    check_bytes(text, sizeof text, "JSON is nested deeper than 200 at byte 201");
}

static void test_length(void **state) {
    (void)state;
    size_t length = DS_MAX_JSON_BYTES + 1;
    char *text = sqlite3_malloc64(length);
    assert_non_null(text);
    memset(text, ' ', length);
    text[0] = '0';
    check_bytes(text, length - 1, NULL);
    check_bytes(text, length, "JSON is longer than 67108864 bytes");
    sqlite3_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_structure), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** UTF-8, names without case, and the nearest name.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base_int.h"

#define UTF8(text) ds_text_is_utf8(text, sizeof(text) - 1)

static void test_utf8_accepts(void **state) {
    (void)state;
    assert_true(UTF8(""));
    assert_true(UTF8("a\0b"));
    assert_true(UTF8("\xC2\x80\xDF\xBF"));
    assert_true(UTF8("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
    assert_true(UTF8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
}

static void test_utf8_refuses(void **state) {
    (void)state;
    assert_false(UTF8("\x80"));
    assert_false(UTF8("\xC1\xBF"));
    assert_false(UTF8("\xE0\x9F\xBF"));
    assert_false(UTF8("\xED\xA0\x80"));
    assert_false(UTF8("\xF0\x8F\xBF\xBF"));
    assert_false(UTF8("\xF4\x90\x80\x80"));
    assert_false(UTF8("\xF5\x80\x80\x80"));
    assert_false(UTF8("\xFF"));
    assert_false(UTF8("\xC3"));
    assert_false(UTF8("\xE2\x82"));
    assert_false(UTF8("\xE2\x28\xA1"));
    assert_false(UTF8("\xF0\x9F\x98"));
    assert_false(UTF8("\xF0\x9F\x98\x28"));
}

/* The fast path takes eight bytes at once: a character at each offset around it. */
static void test_utf8_at_each_offset(void **state) {
    (void)state;
    for (size_t at = 0; at < 24; at++) {
        char text[32];
        memset(text, 'x', sizeof text);
        memcpy(text + at, "\xE2\x82\xAC", 3);
        assert_true(ds_text_is_utf8(text, sizeof text));
        assert_true(ds_text_is_utf8(text, at + 3));
        assert_false(ds_text_is_utf8(text, at + 2));
        text[at + 2] = 'x';
        assert_false(ds_text_is_utf8(text, sizeof text));
    }
}

static void test_sequence(void **state) {
    (void)state;
    const unsigned char euro[] = {0xE2, 0x82, 0xAC};
    assert_int_equal(ds_text_sequence(euro, 3), 3);
    assert_int_equal(ds_text_sequence(euro, 2), 0);
    assert_int_equal(ds_text_sequence(euro + 1, 2), 0);
    assert_int_equal(ds_text_sequence((const unsigned char *)"a", 1), 1);
}

static void test_iequal(void **state) {
    (void)state;
    assert_true(ds_text_iequal("Post", "pOST"));
    assert_true(ds_text_iequal("", ""));
    assert_false(ds_text_iequal("Post", "Posts"));
    assert_false(ds_text_iequal("Posts", "Post"));
    assert_false(ds_text_iequal("[", "{"));
    assert_false(ds_text_iequal("\xC3\xA9", "\xC3\x89"));
}

static void test_distance(void **state) {
    (void)state;
    assert_int_equal(ds_text_distance("", "", 3), 0);
    assert_int_equal(ds_text_distance("abc", "", 9), 3);
    assert_int_equal(ds_text_distance("", "abc", 9), 3);
    assert_int_equal(ds_text_distance("kitten", "sitting", 9), 3);
    assert_int_equal(ds_text_distance("tpye", "type", 9), 1);
    assert_int_equal(ds_text_distance("TYPE", "type", 9), 0);
    assert_int_equal(ds_text_distance("kitten", "sitting", 1), 2);
    assert_int_equal(ds_text_distance("abcdefgh", "zzzzzzzz", 2), 3);
    assert_int_equal(ds_text_distance("xxab", "xxba", 0), 1);
}

static void test_distance_of_long_texts(void **state) {
    (void)state;
    char longest[DS_MAX_NAME_BYTES + 1];
    char longer[DS_MAX_NAME_BYTES + 2];
    memset(longest, 'a', sizeof longest - 1);
    memset(longer, 'a', sizeof longer - 1);
    longest[sizeof longest - 1] = longer[sizeof longer - 1] = 0;
    assert_int_equal(ds_text_distance(longest, "a", 500), DS_MAX_NAME_BYTES - 1);
    assert_int_equal(ds_text_distance(longer, "a", 500), 501);
    assert_int_equal(ds_text_distance(longer, longer, 500), 0);
}

static void test_nearest(void **state) {
    (void)state;
    const char *const names[] = {"type", "interface", "input", "Input", "id"};
    assert_string_equal(ds_text_nearest("tpye", names, DS_COUNT(names)), "type");
    assert_string_equal(ds_text_nearest("interfaces", names, DS_COUNT(names)),
                        "interface");
    assert_string_equal(ds_text_nearest("INPUT", names, DS_COUNT(names)), "input");
    assert_string_equal(ds_text_nearest("ID", names, DS_COUNT(names)), "id");
    assert_null(ds_text_nearest("ix", names, DS_COUNT(names)));
    assert_null(ds_text_nearest("query", names, DS_COUNT(names)));
    assert_null(ds_text_nearest("", names, DS_COUNT(names)));
    assert_null(ds_text_nearest("type", names, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_accepts),
        cmocka_unit_test(test_utf8_refuses),
        cmocka_unit_test(test_utf8_at_each_offset),
        cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_iequal),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_distance_of_long_texts),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

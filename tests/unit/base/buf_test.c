/*
** The buffer: growth, its maximum, its sticky error and its three kinds of quoting.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static void test_empty(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 10);
    assert_string_equal(ds_buf_text(&buf), "");
    char *text = NULL;
    assert_int_equal(ds_buf_take(&buf, &text), SQLITE_OK);
    assert_string_equal(text, "");
    sqlite3_free(text);
    ds_buf_done(&buf);
}

static void test_grows(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++) {
        ds_buf_addf(&buf, "%d,", i);
    }
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_int_equal(buf.length, 3890);
    assert_int_equal(strlen(buf.data), 3890);
    assert_memory_equal(buf.data, "0,1,2,3,", 8);
    assert_string_equal(buf.data + 3886, "999,");
    ds_buf_done(&buf);
    assert_string_equal(ds_buf_text(&buf), "");
}

static void test_cut(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 5);
    ds_buf_cut(&buf, 0);
    assert_string_equal(ds_buf_text(&buf), "");
    ds_buf_add(&buf, "12345");
    ds_buf_cut(&buf, 9);
    assert_string_equal(ds_buf_text(&buf), "12345");
    ds_buf_cut(&buf, 2);
    ds_buf_add(&buf, "x");
    assert_string_equal(ds_buf_text(&buf), "12x");
    ds_buf_add(&buf, "too much");
    ds_buf_cut(&buf, 0);
    ds_buf_add(&buf, "y");
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    assert_string_equal(ds_buf_text(&buf), "");
    ds_buf_done(&buf);
}

static void test_maximum(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 5);
    ds_buf_add(&buf, "12345");
    assert_int_equal(buf.rc, SQLITE_OK);
    ds_buf_add_bytes(&buf, "", 0);
    assert_int_equal(buf.rc, SQLITE_OK);
    ds_buf_add(&buf, "6");
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    ds_buf_addf(&buf, "%s", "");
    assert_string_equal(ds_buf_text(&buf), "12345");

    ds_buf_clear(&buf);
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&buf), "");
    ds_buf_add_bytes(&buf, "x", SIZE_MAX);
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    char *text = buf.data;
    assert_int_equal(ds_buf_take(&buf, &text), SQLITE_TOOBIG);
    assert_null(text);
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_null(buf.data);
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100000);
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1);
    ds_buf_addf(&buf, "%d", 1);
    assert_int_equal(buf.rc, SQLITE_NOMEM);
    ds_buf_clear(&buf);
    ds_buf_add(&buf, "x");
    assert_int_equal(buf.rc, SQLITE_NOMEM);
    sqlite3_hard_heap_limit64(limit);
    ds_buf_add(&buf, "x");
    assert_string_equal(ds_buf_text(&buf), "");
    ds_buf_done(&buf);
}

static void test_take(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100);
    ds_buf_add(&buf, "text");
    char *text = NULL;
    assert_int_equal(ds_buf_take(&buf, &text), SQLITE_OK);
    assert_string_equal(text, "text");
    assert_int_equal(buf.length, 0);
    assert_int_equal(buf.maximum, 100);
    sqlite3_free(text);
}

static void test_sql_quotes(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 1000);
    ds_buf_add_ident(&buf, "plain");
    ds_buf_add_ident(&buf, "\"a\"\"");
    ds_buf_add_literal(&buf, "it's");
    ds_buf_add_literal(&buf, "");
    assert_string_equal(ds_buf_text(&buf), "\"plain\""
                                           "\"\"\"a\"\"\"\"\""
                                           "'it''s'"
                                           "''");
    ds_buf_done(&buf);
}

static void check_json(const char *text, size_t length, const char *expected) {
    ds_buf buf;
    ds_buf_init(&buf, 1000);
    ds_buf_add_json(&buf, text, length);
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&buf), expected);
    ds_buf_done(&buf);
}

#define JSON(text, expected) check_json(text, sizeof(text) - 1, expected)

static void test_json_quotes(void **state) {
    (void)state;
    JSON("", "\"\"");
    JSON("plain text / 1", "\"plain text / 1\"");
    JSON("\"\\\b\f\n\r\t", "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    JSON("a\0b\x01\x1f\x7f", "\"a\\u0000b\\u0001\\u001f\x7f\"");
    JSON("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
         "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
}

static void test_json_mends_utf8(void **state) {
    (void)state;
    JSON("a\xFFz", "\"a\xEF\xBF\xBDz\"");
    JSON("\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    JSON("\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    JSON("\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_memory_is_out),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_sql_quotes),
        cmocka_unit_test(test_json_quotes),
        cmocka_unit_test(test_json_mends_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The pull scanner: structure breaks a scan, values only themselves.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "base/base_int.h"

static ds_scan scan_of(const char *text) {
    return ds_scan_begin(text, strlen(text));
}

/* The one value of a text. */
static ds_token token_of(const char *text) {
    ds_scan s = scan_of(text);
    ds_token token;
    assert_true(ds_scan_value(&s, &token));
    assert_true(ds_scan_end(&s));
    return token;
}

static void check_token(const char *text, char kind, const char *expected) {
    ds_token token = token_of(text);
    assert_int_equal(token.kind, kind);
    assert_int_equal(token.length, strlen(expected));
    assert_memory_equal(token.text, expected, token.length);
}

static void test_values(void **state) {
    (void)state;
    check_token(" \"ab\" ", '"', "ab");
    check_token("\"\"", '"', "");
    check_token("\"a\\\"b\"", '"', "a\\\"b");
    check_token("-12.5e+3", '0', "-12.5e+3");
    check_token("true", 't', "true");
    check_token("false", 'f', "false");
    check_token("\n\tnull\r", 'n', "null");
    check_token("[]", '[', "[]");
    check_token("{\"a\":[1,\"]}\"]}", '{', "{\"a\":[1,\"]}\"]}");
}

/* {"items":[{…},{…}],"nextToken":…}: the way a page is read. */
static void test_members_and_elements(void **state) {
    (void)state;
    ds_scan s = scan_of(
        " { \"items\" : [ {\"id\":1} , null,{\"id\":2}] , \"t\":\"x\", \"e\":{} } ");
    ds_token name, value;
    assert_false(ds_scan_open(&s, '['));
    assert_true(ds_scan_open(&s, '{'));
    assert_true(ds_scan_next(&s, '}'));
    assert_true(ds_scan_name(&s, &name));
    assert_true(ds_token_is(&name, "items"));
    assert_false(ds_token_is(&name, "item"));
    assert_true(ds_scan_open(&s, '['));
    assert_true(ds_scan_next(&s, ']'));
    assert_true(ds_scan_open(&s, '{'));
    assert_true(ds_scan_next(&s, '}'));
    assert_true(ds_scan_name(&s, &name));
    assert_true(ds_scan_value(&s, &value));
    assert_memory_equal(value.text, "1", 1);
    assert_false(ds_scan_next(&s, '}'));
    assert_true(ds_scan_next(&s, ']'));
    assert_true(ds_scan_value(&s, &value));
    assert_int_equal(value.kind, 'n');
    assert_true(ds_scan_next(&s, ']'));
    assert_true(ds_scan_value(&s, &value));
    assert_int_equal(value.length, strlen("{\"id\":2}"));
    assert_false(ds_scan_next(&s, ']'));
    assert_true(ds_scan_next(&s, '}'));
    assert_true(ds_scan_name(&s, &name));
    assert_true(ds_scan_value(&s, &value));
    assert_true(ds_scan_next(&s, '}'));
    assert_true(ds_scan_name(&s, &name));
    assert_true(ds_scan_open(&s, '{'));
    assert_false(ds_scan_next(&s, '}'));
    assert_false(ds_scan_next(&s, '}'));
    assert_true(ds_scan_end(&s));
}

/* Walk a list of anything to its end. */
static bool is_list(const char *text) {
    ds_scan s = scan_of(text);
    ds_token value;
    if (ds_scan_open(&s, '[')) {
        while (ds_scan_next(&s, ']') && ds_scan_value(&s, &value)) {
        }
    }
    return ds_scan_end(&s);
}

static bool is_object(const char *text) {
    ds_scan s = scan_of(text);
    ds_token name, value;
    if (ds_scan_open(&s, '{')) {
        while (ds_scan_next(&s, '}') && ds_scan_name(&s, &name) &&
               ds_scan_value(&s, &value)) {
        }
    }
    return ds_scan_end(&s);
}

static void test_broken_structure(void **state) {
    (void)state;
    assert_true(is_list("[1,\"a\",[2],{\"b\":3}]"));
    static const char *const lists[] = {
        "[",   "[1",    "[1,",         "[1,]",  "[,1]",   "[1 2]",
        "[1}", "[tru]", "[nul",        "[\"a]", "[\"a\\", "[\"a\\\"]",
        "[x]", "[[1}]", "[{\"a\":[}]", "[{]",   "[1]x",   "{}",
    };
    for (size_t i = 0; i < DS_COUNT(lists); i++) {
        assert_false(is_list(lists[i]));
    }
    assert_true(is_object("{\"a\":1,\"b\":{}}"));
    static const char *const objects[] = {
        "{\"a\"", "{\"a\":",   "{\"a\":1", "{\"a\":1,}",
        "{a:1}",  "{\"a\" 1}", "{,}",      "{\"a\"}",
    };
    for (size_t i = 0; i < DS_COUNT(objects); i++) {
        assert_false(is_object(objects[i]));
    }
}

/* Nothing is read behind the end: the sanitizer watches copies of exact size. */
static void test_every_prefix(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\":[1,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":-1.5e3}}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *copy = sqlite3_malloc64(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, text, n);
        ds_scan s = ds_scan_begin(copy, n);
        ds_token name, value;
        if (ds_scan_open(&s, '{')) {
            while (ds_scan_next(&s, '}') && ds_scan_name(&s, &name) &&
                   ds_scan_value(&s, &value)) {
            }
        }
        assert_false(ds_scan_end(&s) && n > 0);
        sqlite3_free(copy);
    }
}

static void test_depth(void **state) {
    (void)state;
    char text[2 * DS_MAX_JSON_DEPTH + 4];
    size_t n = DS_MAX_JSON_DEPTH;
    memset(text, '[', n);
    memset(text + n, ']', n);
    ds_scan s = ds_scan_begin(text, 2 * n);
    ds_token value;
    assert_true(ds_scan_value(&s, &value));
    assert_true(ds_scan_end(&s));
    memset(text, '[', n + 1);
    memset(text + n + 1, ']', n + 1);
    s = ds_scan_begin(text, 2 * n + 2);
    assert_false(ds_scan_value(&s, &value));
    assert_true(s.is_broken);
    assert_false(ds_scan_next(&s, ']'));
}

static void check_integer(const char *text, bool is_valid, int64_t expected) {
    ds_token token = token_of(text);
    int64_t value = 0;
    assert_int_equal(ds_token_integer(&token, &value), is_valid);
    assert_int_equal(value, expected);
}

static void test_integers(void **state) {
    (void)state;
    check_integer("0", true, 0);
    check_integer("-0", true, 0);
    check_integer("42", true, 42);
    check_integer("9223372036854775807", true, INT64_MAX);
    check_integer("-9223372036854775808", true, INT64_MIN);
    check_integer("9223372036854775808", false, 0);
    check_integer("-9223372036854775809", false, 0);
    check_integer("123456789012345678901234567890", false, 0);
    check_integer("01", false, 0);
    check_integer("-", false, 0);
    check_integer("1.0", false, 0);
    check_integer("1e2", false, 0);
    check_integer("+1", false, 0);
    check_integer("\"1\"", false, 0);
    check_integer("true", false, 0);
}

static bool real_of(const char *text, double *out) {
    ds_token token = token_of(text);
    return ds_token_real(&token, out);
}

static void test_reals(void **state) {
    (void)state;
    double value = 0;
    assert_true(real_of("1.5", &value));
    assert_true(value > 1.4 && value < 1.6);
    assert_true(real_of("-2e3", &value));
    assert_true(value > -2001 && value < -1999);
    assert_true(real_of("1e-400", &value));
    assert_false(real_of("1e400", &value));
    assert_false(real_of("1.", &value));
    assert_false(real_of("--1", &value));
    assert_false(real_of("1.5.2", &value));
    assert_false(real_of("\"1.5\"", &value));
    char digits[66];
    memset(digits, '1', 65);
    digits[65] = 0;
    assert_false(real_of(digits, &value));
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL) {
        assert_true(real_of("1.5", &value));
        assert_true(value > 1.4 && value < 1.6);
        setlocale(LC_NUMERIC, "C");
    }
}

static void check_text(const char *json, const char *expected) {
    char buffer[64], *room = buffer;
    const char *text = NULL;
    size_t length = 0;
    ds_token token = token_of(json);
    bool is_valid = ds_token_text(&token, &room, &text, &length);
    assert_int_equal(is_valid, expected != NULL);
    if (expected != NULL) {
        assert_int_equal(length, strlen(expected));
        assert_memory_equal(text, expected, length);
        assert_int_equal(room - buffer, strchr(json, '\\') ? length : 0);
    }
}

static void test_texts(void **state) {
    (void)state;
    check_text("\"plain\"", "plain");
    check_text("\"h\xC3\xA9\"", "h\xC3\xA9");
    check_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    check_text("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"",
               "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    check_text("\"\\u0000\"", NULL);
    check_text("\"\\ud83d\"", NULL);
    check_text("\"\\ud83dx\"", NULL);
    check_text("\"\\ud83d\\u0041\"", NULL);
    check_text("\"\\ude00\"", NULL);
    check_text("\"\\u12\"", NULL);
    check_text("\"\\u12g4\"", NULL);
    check_text("\"\\x\"", NULL);
    check_text("\"\xC3\"", NULL);
    check_text("\"a\nb\"", NULL);
    check_text("\"\\\xC3\xA9\"", NULL);
    check_text("5", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_members_and_elements),
        cmocka_unit_test(test_broken_structure),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

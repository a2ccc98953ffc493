/*
** Trees of JSON: reading, what is refused beyond the grammar, and printing.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <locale.h>
#include <stdlib.h>

#include "base/base.h"

static ds_json *parse(const char *text) {
    ds_json *root = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_json_parse(text, strlen(text), &root, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_non_null(root);
    return root;
}

static void check_refused(const char *text, const char *message) {
    ds_json *root = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_json_parse(text, strlen(text), &root, &err), SQLITE_ERROR);
    assert_null(root);
    assert_string_equal(err.text, message);
}

static void check_print(const char *text, const char *expected) {
    ds_json *root = parse(text);
    ds_buf buf;
    ds_buf_init(&buf, 100000);
    ds_json_print(root, &buf);
    assert_int_equal(buf.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&buf), expected);
    ds_buf_done(&buf);
    ds_json_free(root);
}

static void test_kinds(void **state) {
    (void)state;
    ds_json *root = parse("[null,true,1,\"s\",[],{}]");
    static const char *const names[] = {"null",   "boolean", "number",
                                        "string", "list",    "object"};
    int kind = 0;
    for (const ds_json *node = ds_json_child(root); node; node = ds_json_next(node)) {
        assert_int_equal(ds_json_type(node), kind);
        assert_string_equal(ds_json_type_name(node), names[kind]);
        assert_null(ds_json_name(node));
        assert_int_equal(ds_json_boolean(node), kind == DS_JSON_BOOLEAN);
        assert_int_equal(ds_json_string(node) != NULL, kind == DS_JSON_STRING);
        assert_null(ds_json_get(node, "a"));
        kind++;
    }
    assert_int_equal(kind, 6);
    assert_int_equal(ds_json_count(root), 6);
    ds_json_free(root);
}

static void test_members(void **state) {
    (void)state;
    ds_json *root = parse("\xEF\xBB\xBF{\"b\":1,\"a\":\"x\",\"A\":false,\"\":null}");
    assert_string_equal(ds_json_name(ds_json_child(root)), "b");
    assert_string_equal(ds_json_string(ds_json_get(root, "a")), "x");
    assert_int_equal(ds_json_type(ds_json_get(root, "A")), DS_JSON_BOOLEAN);
    assert_int_equal(ds_json_type(ds_json_get(root, "")), DS_JSON_NULL);
    assert_null(ds_json_get(root, "B"));
    ds_json_free(root);
    ds_json_free(NULL);
}

static void check_integer(const char *text, bool is_integer, int64_t expected) {
    int64_t number = 77;
    ds_json *root = parse(text);
    assert_int_equal(ds_json_integer(root, &number), is_integer);
    assert_int_equal(number, is_integer ? expected : 77);
    ds_json_free(root);
}

static void test_integers(void **state) {
    (void)state;
    check_integer("0", true, 0);
    check_integer("-17", true, -17);
    check_integer("1.0", true, 1);
    check_integer("1e3", true, 1000);
    check_integer("1.5", false, 0);
    check_integer("\"1\"", false, 0);
    check_integer("9007199254740991", true, 9007199254740991);
    check_integer("-9007199254740991", true, -9007199254740991);
    check_integer("9007199254740993", false, 0); /* a double cannot hold it */
    check_integer("1e300", false, 0);
}

static void test_number(void **state) {
    (void)state;
    ds_json *root = parse("[2.5,\"2.5\"]");
    const ds_json *first = ds_json_child(root);
    assert_true(ds_json_number(first) > 2.4 && ds_json_number(first) < 2.6);
    assert_true(ds_json_number(ds_json_next(first)) < 0.1);
    ds_json_free(root);
}

static void test_refuses(void **state) {
    (void)state;
    check_refused("[1,", "malformed JSON at byte 4: it ends too early");
    check_refused("{\"a\":1,\"b\":{},\"a\":2}",
                  "JSON has the member \"a\" twice in one object");
    check_refused("[[{\"a\":1,\"a\":2}]]",
                  "JSON has the member \"a\" twice in one object");
    check_refused("{\"a\":1,\"\\u0061\":2}",
                  "JSON has the member \"a\" twice in one object");
    check_refused("[-1e999]", "JSON has a number beyond the range of a double");
    check_refused("\"\\u0000\"",
                  "malformed JSON at byte 2: U+0000 is not supported in a string");
}

/* Many members are looked at in another way than few. */
static void test_many_members(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++) {
        ds_buf_addf(&buf, "%s\"m%d\":%d", i ? "," : "{", i, i);
    }
    size_t open = buf.length;
    ds_buf_add(&buf, "}");
    ds_json *root = parse(ds_buf_text(&buf));
    assert_int_equal(ds_json_count(root), 1000);
    ds_json_free(root);
    buf.length = open;
    ds_buf_add(&buf, ",\"m500\":0}");
    check_refused(ds_buf_text(&buf), "JSON has the member \"m500\" twice in one object");
    ds_buf_done(&buf);
}

static void test_memory_is_out(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,"
        "\"j\":0,\"k\":0,\"l\":0,\"m\":0,\"n\":0,\"o\":0,\"p\":0,\"q\":0}";
    ds_json *root = NULL;
    ds_err err = DS_ERR_INIT;
    void *keep = sqlite3_malloc(1); /* a limit of 0 would be none */
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    assert_int_equal(ds_json_parse(text, sizeof text - 1, &root, &err), SQLITE_NOMEM);
    sqlite3_hard_heap_limit64(limit);
    sqlite3_free(keep);
    assert_null(root);
    assert_string_equal(err.text, "out of memory");
}

static void test_prints(void **state) {
    (void)state;
    check_print(" { \"b\" : [ 1 , true , null ] , \"a\" : { } , \"\" : [ ] } ",
                "{\"b\":[1,true,null],\"a\":{},\"\":[]}");
    check_print("\"\\u00e9\\n\\uD83D\\uDE00/\"", "\"\xC3\xA9\\n\xF0\x9F\x98\x80/\"");
    check_print("[false,\"\"]", "[false,\"\"]");
}

static void test_prints_numbers(void **state) {
    (void)state;
    check_print("[1.0,1e2,-0,1.50,0.1,1e300,5e-324]",
                "[1,100,0,1.5,0.1,1e+300,4.94065645841247e-324]");
    check_print("0.30000000000000004", "0.30000000000000004");
    check_print("9007199254740991", "9007199254740991");
    check_print("123456789012345680000", "1.2345678901234568e+20");
}

static void test_numbers_read_back_equal(void **state) {
    (void)state;
    static const char *const numbers[] = {"0.1",
                                          "1.7976931348623157e308",
                                          "2.2250738585072014e-308",
                                          "4.35",
                                          "0.7",
                                          "1.1e-7",
                                          "9007199254740993",
                                          "3.141592653589793",
                                          "-2.718281828459045"};
    for (size_t i = 0; i < DS_COUNT(numbers); i++) {
        ds_json *root = parse(numbers[i]);
        ds_buf buf;
        ds_buf_init(&buf, 100);
        ds_json_print(root, &buf);
        double again = strtod(ds_buf_text(&buf), NULL);
        double first = strtod(numbers[i], NULL);
        assert_memory_equal(&again, &first, sizeof again);
        ds_buf_done(&buf);
        ds_json_free(root);
    }
}

/* A host may run in a locale whose decimal point is a comma. */
static void test_locale(void **state) {
    (void)state;
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL &&
        setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL) {
        skip();
    }
    check_print("[1.5,0.30000000000000004]", "[1.5,0.30000000000000004]");
    setlocale(LC_NUMERIC, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_memory_is_out),
        cmocka_unit_test(test_prints),
        cmocka_unit_test(test_prints_numbers),
        cmocka_unit_test(test_numbers_read_back_equal),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

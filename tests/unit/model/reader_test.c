/*
** Reading a text from left to right.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/check_int.h"

static ds_reader reader_of(const char *text) {
    return (ds_reader){text, text + strlen(text)};
}

static void test_classes(void **state) {
    (void)state;
    int digits = 0, letters = 0, hex = 0;
    for (int c = -128; c < 128; c++) {
        digits += ds_char_is_digit((char)c);
        letters += ds_char_is_letter((char)c);
        hex += ds_char_hex((char)c) >= 0;
    }
    assert_int_equal(digits, 10);
    assert_int_equal(letters, 52);
    assert_int_equal(hex, 22);
    assert_int_equal(ds_char_hex('0'), 0);
    assert_int_equal(ds_char_hex('9'), 9);
    assert_int_equal(ds_char_hex('a'), 10);
    assert_int_equal(ds_char_hex('F'), 15);
    assert_int_equal(ds_char_hex('g'), -1);
}

static void test_take(void **state) {
    (void)state;
    ds_reader r = reader_of("ab");
    assert_false(ds_reader_take(&r, 'b'));
    assert_true(ds_reader_take(&r, 'a'));
    assert_true(ds_reader_take(&r, 'b'));
    assert_false(ds_reader_take(&r, '\0'));
    assert_ptr_equal(r.at, r.end);
}

static void test_take_while(void **state) {
    (void)state;
    ds_reader r = reader_of("1234x");
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_digit, 0), 0);
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_digit, 3), 3);
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_digit, 3), 1);
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_digit, 3), 0);
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_letter, 3), 1);
    assert_int_equal(ds_reader_take_while(&r, ds_char_is_letter, 3), 0);
}

static void test_take_number(void **state) {
    (void)state;
    int number = -1;
    ds_reader r = reader_of("0123456");
    assert_true(ds_reader_take_number(&r, 2, 4, 123, &number));
    assert_int_equal(number, 123);
    assert_true(ds_reader_take_number(&r, 1, 9, 999999999, &number));
    assert_int_equal(number, 456);
    assert_false(ds_reader_take_number(&r, 1, 9, 9, &number));
    r = reader_of("17");
    assert_false(ds_reader_take_number(&r, 1, 2, 16, &number));
    r = reader_of("1x");
    assert_false(ds_reader_take_number(&r, 2, 2, 99, &number));
    r = reader_of("999999999");
    assert_true(ds_reader_take_number(&r, 1, 9, 999999999, &number));
    assert_int_equal(number, 999999999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_take_while),
        cmocka_unit_test(test_take_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Entries of the feed: the lists n=value that the triggers write, whatever stands in them.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "feed/feed_int.h"

static ds_catalog *catalog;
static const ds_model *model;

/* As after a migration: 1 and 3 are columns that are no more. */
static const int numbers[] = {0, 2, 4, 5, 6, 7};

static int group_setup(void **state) {
    static const char sdl[] =
        "type T @model { id: ID! text: String int: Int real: Float }";
    const ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    (void)state;
    int rc = ds_catalog_build(sdl, sizeof sdl - 1, &options, &catalog, NULL);
    model = rc == SQLITE_OK ? &catalog->models[0] : NULL;
    return rc || model->n_columns != (int)DS_COUNT(numbers);
}

static int group_teardown(void **state) {
    (void)state;
    ds_catalog_release(catalog);
    return 0;
}

static void print_value(const ds_value *value, ds_buf *out) {
    switch (value->type) {
    case SQLITE_INTEGER:
        ds_buf_addf(out, "%lld", value->integer);
        break;
    case SQLITE_FLOAT:
        ds_buf_addf(out, "%!.15g", value->real);
        break;
    case SQLITE_TEXT:
        ds_buf_add(out, "<");
        ds_buf_add_bytes(out, value->text, (size_t)value->length);
        ds_buf_add(out, ">");
        break;
    default:
        ds_buf_add(out, "~");
    }
}

/* The row that a list makes, values by blanks, metadata last; "broken " before it if it is one. */
static char *row_of(const char *list) {
    ds_value row[DS_COUNT(numbers) + DS_N_META];
    char *text = sqlite3_mprintf("%s", list), *result = NULL;
    ds_buf out;
    ds_buf_init(&out, 10000);
    for (size_t i = 0; i < DS_COUNT(row); i++) {
        row[i] = (ds_value){.type = SQLITE_NULL};
    }
    ds_buf_add(&out, ds_entry_parse(model, numbers, text, row, NULL) ? "" : "broken ");
    for (size_t i = 0; i < DS_COUNT(row); i++) {
        ds_buf_add(&out, i ? " " : "");
        print_value(&row[i], &out);
    }
    assert_int_equal(ds_buf_take(&out, &result), SQLITE_OK);
    sqlite3_free(text);
    return result;
}

static void check(const char *list, const char *expected) {
    char *row = row_of(list);
    assert_string_equal(row, expected);
    sqlite3_free(row);
}

static void test_rows(void **state) {
    (void)state;
    check("", "~ ~ ~ ~ ~ ~ ~ ~ ~");
    check("0='a',2='b',4='5',5=1.5,6=NULL,7=NULL,v='3',t='1700000000000',d='1'",
          "<a> <b> 5 1.5 ~ ~ 3 1700000000000 1");
    check("2='b',", "~ <b> ~ ~ ~ ~ ~ ~ ~");
    check("5=5,4='7'", "~ ~ 7 5.0 ~ ~ ~ ~ ~");
}

/* What a column of numbers holds is a number if it can be one; a text stays one. */
static void test_types(void **state) {
    (void)state;
    check("2='5',4='x',5='y'", "~ <5> <x> <y> ~ ~ ~ ~ ~");
    check("4='-9223372036854775808',5=-0.1", "~ ~ -9223372036854775808 -0.1 ~ ~ ~ ~ ~");
    check("4='1.5',5=1.0e+300", "~ ~ 1.5 1.0e+300 ~ ~ ~ ~ ~");
    check("5=9.0e+999,4=X'00',2='z'", "~ <z> ~ ~ ~ ~ ~ ~ ~");
}

static void test_quotes(void **state) {
    (void)state;
    check("2=''", "~ <> ~ ~ ~ ~ ~ ~ ~");
    check("2=''''", "~ <'> ~ ~ ~ ~ ~ ~ ~");
    check("2='it''s, 4=''1'',',4='2'", "~ <it's, 4='1',> 2 ~ ~ ~ ~ ~ ~");
    check("2='\n%s\xc3\xa9'", "~ <\n%s\xc3\xa9> ~ ~ ~ ~ ~ ~ ~");
}

/* Columns that are gone are left out, also in the middle. */
static void test_unknown_columns(void **state) {
    (void)state;
    check("0='a',1='gone',2='b',3='gone',4='5',99='x'", "<a> <b> 5 ~ ~ ~ ~ ~ ~");
}

static void test_broken(void **state) {
    (void)state;
    check("x", "broken ~ ~ ~ ~ ~ ~ ~ ~ ~");
    check("2", "broken ~ ~ ~ ~ ~ ~ ~ ~ ~");
    check("2='a", "broken ~ ~ ~ ~ ~ ~ ~ ~ ~");
    check("2='a''", "broken ~ ~ ~ ~ ~ ~ ~ ~ ~");
    check("0='a',2='b'x", "broken <a> ~ ~ ~ ~ ~ ~ ~ ~");
    check("0='a',=5", "broken <a> ~ ~ ~ ~ ~ ~ ~ ~");
    check("99999999999999='a'", "broken ~ ~ ~ ~ ~ ~ ~ ~ ~");
}

/* Anyone may write to the table: no text must be read beyond its end. */
static void test_anything(void **state) {
    static const char letters[] = "0123456789vtd=,''''NULX.-e x";
    char list[40];
    uint32_t random = 1;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        size_t length = (random >> 8) % (sizeof list - 1);
        for (size_t j = 0; j < length; j++) {
            random = random * 1664525u + 1013904223u;
            list[j] = letters[(random >> 16) % (sizeof letters - 1)];
        }
        random = random * 1664525u + 1013904223u;
        list[length] = '\0';
        sqlite3_free(row_of(list));
    }
}

static void test_order(void **state) {
    const ds_value five = {.type = SQLITE_INTEGER, .integer = 5};
    const ds_value six = {.type = SQLITE_INTEGER, .integer = 6};
    const ds_value a = {.type = SQLITE_TEXT, .text = "a", .length = 1};
    const ds_value ab = {.type = SQLITE_TEXT, .text = "ab", .length = 2};
    const ds_value none = {.type = SQLITE_NULL};
    (void)state;
    assert_true(ds_entry_compare(&five, &six) < 0 && ds_entry_compare(&six, &five) > 0);
    assert_true(ds_entry_compare(&a, &ab) < 0 && ds_entry_compare(&ab, &a) > 0);
    assert_true(ds_entry_compare(&five, &a) < 0);
    assert_true(ds_entry_same(&a, &a) && !ds_entry_same(&a, &ab));
    assert_false(ds_entry_same(&none, &none));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_types),
        cmocka_unit_test(test_quotes), cmocka_unit_test(test_unknown_columns),
        cmocka_unit_test(test_broken), cmocka_unit_test(test_anything),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

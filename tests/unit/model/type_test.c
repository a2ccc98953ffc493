/*
** The table of scalars, and what a column's type means for its SQL column.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model.h"

/* Every row is there, and is found by its own name. */
static void test_table_is_complete(void **state) {
    (void)state;
    for (int i = 0; i < DS_SCALAR_COUNT; i++) {
        const ds_scalar_info *info = ds_scalar_get((ds_scalar)i);
        ds_scalar found = DS_SCALAR_COUNT;
        assert_non_null(info->name);
        assert_non_null(info->expects);
        assert_true(ds_scalar_find(info->name, &found));
        assert_int_equal(found, i);
    }
}

static void test_find(void **state) {
    (void)state;
    ds_scalar found = DS_SCALAR_COUNT;
    assert_true(ds_scalar_find("AWSIPAddress", &found));
    assert_int_equal(found, DS_AWS_IP_ADDRESS);
    found = DS_SCALAR_COUNT;
    assert_false(ds_scalar_find("string", &found));
    assert_false(ds_scalar_find("Strin", &found));
    assert_false(ds_scalar_find("", &found));
    assert_int_equal(found, DS_SCALAR_COUNT);
}

static void test_affinity(void **state) {
    (void)state;
    static const struct {
        ds_scalar scalar;
        ds_affinity affinity;
    } cases[] = {
        {DS_ID, DS_TEXT_AFFINITY},
        {DS_STRING, DS_TEXT_AFFINITY},
        {DS_INT, DS_INTEGER_AFFINITY},
        {DS_FLOAT, DS_REAL_AFFINITY},
        {DS_BOOLEAN, DS_INTEGER_AFFINITY},
        {DS_AWS_DATE, DS_TEXT_AFFINITY},
        {DS_AWS_TIME, DS_TEXT_AFFINITY},
        {DS_AWS_DATE_TIME, DS_TEXT_AFFINITY},
        {DS_AWS_TIMESTAMP, DS_INTEGER_AFFINITY},
        {DS_AWS_EMAIL, DS_TEXT_AFFINITY},
        {DS_AWS_JSON, DS_TEXT_AFFINITY},
        {DS_AWS_URL, DS_TEXT_AFFINITY},
        {DS_AWS_PHONE, DS_TEXT_AFFINITY},
        {DS_AWS_IP_ADDRESS, DS_TEXT_AFFINITY},
    };
    assert_int_equal(DS_COUNT(cases), DS_SCALAR_COUNT);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_column column = {.type = {.scalar = cases[i].scalar}};
        assert_int_equal(ds_column_affinity(&column), cases[i].affinity);
        column.type.is_list = true;
        assert_int_equal(ds_column_affinity(&column), DS_TEXT_AFFINITY);
    }
}

/* The scalar says nothing where the kind is another one. */
static void test_affinity_of_other_kinds(void **state) {
    (void)state;
    ds_column column = {.type = {.kind = DS_KIND_ENUM, .scalar = DS_INT}};
    assert_int_equal(ds_column_affinity(&column), DS_TEXT_AFFINITY);
    column.type.kind = DS_KIND_EMBEDDED;
    assert_int_equal(ds_column_affinity(&column), DS_TEXT_AFFINITY);
}

/* Of a list it is the list that counts, not its elements. */
static void test_required(void **state) {
    (void)state;
    ds_column column = {.type = {.is_required = true}};
    assert_true(ds_column_is_required(&column));
    column.type.is_required = false;
    assert_false(ds_column_is_required(&column));
    column.type.is_list = true;
    assert_true(ds_column_is_required(&column));
    column.type.is_required = true;
    column.type.is_list_nullable = true;
    assert_false(ds_column_is_required(&column));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_complete),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_affinity_of_other_kinds),
        cmocka_unit_test(test_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

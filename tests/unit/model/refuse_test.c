/*
** Messages of refused values: places, types, and what is shortened.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/check_int.h"

static const ds_path post = {NULL, "Post", 0};
static const ds_path field = {&post, "field", 0};

static void shows(const char *text, const char *expected) {
    char shown[DS_SHOWN_SIZE];
    ds_shown_text(shown, text, strlen(text));
    assert_string_equal(shown, expected);
}

static void test_shown_text(void **state) {
    (void)state;
    shows("", "''");
    shows("it's", "'it''s'");
    shows("1234567890123456789012345678901234567890",
          "'1234567890123456789012345678901234567890'");
    shows("12345678901234567890123456789012345678901",
          "'1234567890123456789012345678901234567890…'");
    /* A character is not cut: the euro sign would end at byte 41. */
    shows("12345678901234567890123456789012345678€x",
          "'12345678901234567890123456789012345678…'");
    shows("1234567890123456789012345678901234567€x",
          "'1234567890123456789012345678901234567€…'");
    /* The longest: quotes are doubled. */
    shows("''''''''''''''''''''''''''''''''''''''''x",
          "''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''"
          "'''…'");
}

/* The text needs no end of its own, and may be anything. */
static void test_shown_part(void **state) {
    (void)state;
    char shown[DS_SHOWN_SIZE];
    ds_shown_text(shown, "abcdef", 3);
    assert_string_equal(shown, "'abc'");
    ds_shown_text(shown, "ab\0c", 4);
    assert_string_equal(shown, "a malformed text");
    shows("ab\xFF", "a malformed text");
}

static void test_shown_numbers(void **state) {
    (void)state;
    char shown[DS_SHOWN_SIZE];
    ds_shown_integer(shown, INT64_MIN);
    assert_string_equal(shown, "-9223372036854775808");
    ds_shown_real(shown, 0.5);
    assert_string_equal(shown, "0.5");
    ds_shown_real(shown, 3.0);
    assert_string_equal(shown, "3.0");
}

static void test_place(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    const ds_path list = {&field, "tags", 0};
    const ds_path element = {&list, NULL, 2};
    const ds_path member = {&element, "name", 0};
    assert_int_equal(ds_refuse_null(&member, &err), SQLITE_CONSTRAINT_NOTNULL);
    assert_string_equal(err.text, "NOT NULL constraint failed: Post.field.tags[2].name");
}

/* A place is cut where it gets too long, and the message stays one. */
static void test_long_place(void **state) {
    (void)state;
    enum { DEPTH = 100 };
    ds_path paths[DEPTH];
    const ds_type type = {.scalar = DS_INT};
    ds_err err = DS_ERR_INIT;
    for (int i = 0; i < DEPTH; i++) {
        paths[i] = (ds_path){i ? &paths[i - 1] : NULL, "a_rather_long_name", 0};
    }
    assert_int_equal(ds_refuse_type(&paths[DEPTH - 1], &type, 0, "5", "six", &err),
                     SQLITE_CONSTRAINT_DATATYPE);
    assert_true(strlen(err.text) < 600);
    assert_non_null(strstr(err.text, ": expected six"));
}

static void test_type(void **state) {
    (void)state;
    ds_type type = {.scalar = DS_AWS_URL, .is_list = true, .list_depth = 3};
    static const char *const expected[] = {"[[[AWSURL]]]", "[[AWSURL]]", "[AWSURL]",
                                           "AWSURL"};
    for (int level = 0; level < 4; level++) {
        ds_err err = DS_ERR_INIT;
        char message[100];
        assert_int_equal(ds_refuse_type(&field, &type, level, "5", "six", &err),
                         SQLITE_CONSTRAINT_DATATYPE);
        sqlite3_snprintf(sizeof message, message,
                         "cannot store 5 as %s in Post.field: expected six",
                         expected[level]);
        assert_string_equal(err.text, message);
    }
}

static void test_malformed(void **state) {
    (void)state;
    ds_type type = {.scalar = DS_INT, .is_list = true, .list_depth = 1};
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_refuse_malformed(&field, &type, "[x]", 3, "malformed JSON", &err),
                     SQLITE_CONSTRAINT_DATATYPE);
    assert_string_equal(err.text,
                        "cannot store '[x]' as [Int] in Post.field: malformed JSON");
}

/* Many values: as many as fit, and the nearest even if it is not among them. */
static void test_long_enum(void **state) {
    (void)state;
    enum { COUNT = 100 };
    char names[COUNT][16];
    const char *values[COUNT];
    for (int i = 0; i < COUNT; i++) {
        sqlite3_snprintf(sizeof names[i], names[i], "VALUE_%d", i);
        values[i] = names[i];
    }
    const ds_enum enumeration = {"Large", values, COUNT};
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_refuse_enum(&field, &enumeration, "VALU_99", &err),
                     SQLITE_CONSTRAINT_CHECK);
    assert_string_equal(err.text, "CHECK constraint failed: Post.field = 'VALU_99': "
                                  "Large is one of VALUE_0, VALUE_1, "
                                  "VALUE_2, VALUE_3, VALUE_4, VALUE_5, VALUE_6, VALUE_7, "
                                  "VALUE_8, VALUE_9, VALUE_10, "
                                  "VALUE_11, VALUE_12, VALUE_13, VALUE_14, VALUE_15, "
                                  "VALUE_16, VALUE_17, VALUE_18, … "
                                  "(did you mean \"VALUE_99\"?)");
}

/* The longest names there can be still make a whole message. */
static void test_longest_enum(void **state) {
    (void)state;
    char name[DS_MAX_NAME_BYTES + 1];
    memset(name, 'X', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const char *const values[] = {name, name};
    const ds_enum enumeration = {name, values, 2};
    ds_err err = DS_ERR_INIT;
    char wrong[DS_MAX_NAME_BYTES + 1];
    memcpy(wrong, name, sizeof name);
    wrong[0] = 'Y';
    assert_int_equal(ds_refuse_enum(&field, &enumeration, wrong, &err),
                     SQLITE_CONSTRAINT_CHECK);
    assert_string_equal(err.text + strlen(err.text) - 7, "XXXX\"?)");
    assert_non_null(strstr(err.text, "X, … (did you mean \"X"));
}

static void test_member(void **state) {
    (void)state;
    static const ds_field fields[] = {
        {.name = "first"}, {.name = "last"}, {.name = "list"}};
    const ds_embedded name = {"Name", fields, 3};
    const ds_embedded empty = {"Empty", NULL, 0};
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_refuse_member(&field, &name, "lists", &err),
                     SQLITE_CONSTRAINT_DATATYPE);
    assert_string_equal(err.text,
                        "cannot store the member 'lists' in Post.field: Name has no "
                        "such field (did you mean \"list\"?)");
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(ds_refuse_member(&field, &empty, "lists", &err),
                     SQLITE_CONSTRAINT_DATATYPE);
    assert_string_equal(
        err.text, "cannot store the member 'lists' in Post.field: Empty has no such "
                  "field");
}

static void test_scalar(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_refuse_scalar(&field, DS_AWS_DATE, "today!", 5, &err),
                     SQLITE_CONSTRAINT_CHECK);
    assert_string_equal(err.text,
                        "CHECK constraint failed: Post.field = 'today': AWSDate is a "
                        "date such as 2020-02-29");
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(ds_refuse_scalar(&field, DS_AWS_JSON, "[1]x", 2, &err),
                     SQLITE_CONSTRAINT_CHECK);
    assert_string_equal(err.text,
                        "CHECK constraint failed: Post.field = '[1': malformed JSON "
                        "at byte 3: it ends too early");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown_text),    cmocka_unit_test(test_shown_part),
        cmocka_unit_test(test_shown_numbers), cmocka_unit_test(test_place),
        cmocka_unit_test(test_long_place),    cmocka_unit_test(test_type),
        cmocka_unit_test(test_malformed),     cmocka_unit_test(test_long_enum),
        cmocka_unit_test(test_longest_enum),  cmocka_unit_test(test_member),
        cmocka_unit_test(test_scalar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

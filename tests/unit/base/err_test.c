/*
** The error: first message kept, one line, cut at a character.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static void test_formats(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_err_set(&err, SQLITE_CONSTRAINT, "no such %Q, %d", "a'b", 7),
                     SQLITE_CONSTRAINT);
    assert_int_equal(err.code, SQLITE_CONSTRAINT);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.text, "no such 'a''b', 7");
}

static void test_first_one_is_kept(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_err_set(&err, SQLITE_ERROR, "first"), SQLITE_ERROR);
    assert_int_equal(ds_err_nomem(&err), SQLITE_ERROR);
    assert_int_equal(ds_err_at(&err, (ds_where){1, 2, NULL}, "third"), SQLITE_ERROR);
    assert_string_equal(err.text, "first");
    assert_int_equal(err.line, 0);
}

static void test_place(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(
        ds_err_at(&err, (ds_where){12, 7, NULL}, "unknown type \"%s\"", "Strng"),
        SQLITE_ERROR);
    assert_int_equal(err.line, 12);
    assert_int_equal(err.column, 7);
    assert_string_equal(err.text, "schema line 12, column 7: unknown type \"Strng\"");
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(ds_err_at(&err, (ds_where){.path = "models.Post"}, "wrong %d", 1),
                     SQLITE_ERROR);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.text, "introspection models.Post: wrong 1");
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(ds_err_at(&err, (ds_where){0}, "nowhere"), SQLITE_ERROR);
    assert_string_equal(err.text, "nowhere");
}

/* However long the path is, what is wrong there is said. */
static void test_long_path(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    char path[2 * DS_ERR_TEXT_MAX];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(ds_err_at(&err, (ds_where){.path = path}, "wrong"), SQLITE_ERROR);
    assert_string_equal(err.text + strlen(err.text) - 6, "awrong");
}

static void test_without_a_struct(void **state) {
    (void)state;
    assert_int_equal(ds_err_set(NULL, SQLITE_BUSY, "x"), SQLITE_BUSY);
    assert_int_equal(ds_err_at(NULL, (ds_where){1, 1, NULL}, "x"), SQLITE_ERROR);
    assert_int_equal(ds_err_nomem(NULL), SQLITE_NOMEM);
}

static void test_nomem(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_err_nomem(&err), SQLITE_NOMEM);
    assert_string_equal(err.text, "out of memory");
}

static void test_database(void **state) {
    (void)state;
    sqlite3 *db;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    int rc = sqlite3_exec(db, "SELECT * FROM nowhere", NULL, NULL, NULL);
    assert_int_equal(ds_err_db(&err, db, rc), SQLITE_ERROR);
    assert_string_equal(err.text, "no such table: nowhere");
    ds_err constraint = DS_ERR_INIT;
    rc = sqlite3_exec(db, "CREATE TABLE t(x UNIQUE); INSERT INTO t VALUES (1), (1)", NULL,
                      NULL, NULL);
    assert_int_equal(rc, SQLITE_CONSTRAINT);
    assert_int_equal(ds_err_db(&constraint, db, rc), SQLITE_CONSTRAINT_UNIQUE);
    assert_int_equal(constraint.code, SQLITE_CONSTRAINT_UNIQUE);
    ds_err memory = DS_ERR_INIT;
    assert_int_equal(ds_err_db(&memory, db, SQLITE_NOMEM), SQLITE_NOMEM);
    assert_string_equal(memory.text, "out of memory");
    sqlite3_close(db);
}

/* Every length around the maximum, so that the cut falls on each byte of a character. */
static void test_is_cut_at_a_character(void **state) {
    (void)state;
    for (size_t pad = 0; pad < 8; pad++) {
        char text[DS_ERR_TEXT_MAX + 16];
        memset(text, 'x', pad);
        for (size_t i = pad; i + 4 < sizeof text; i += 4) {
            memcpy(text + i, "\xF0\x9F\x98\x80", 5);
        }
        ds_err err = DS_ERR_INIT;
        ds_err_at(&err, (ds_where){3, 4, NULL}, "%s", text);
        size_t length = strlen(err.text);
        assert_true(length >= DS_ERR_TEXT_MAX - 4);
        assert_true(ds_text_is_utf8(err.text, length));
    }
}

static void test_fills_to_the_last_byte(void **state) {
    (void)state;
    char text[DS_ERR_TEXT_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ds_err err = DS_ERR_INIT;
    ds_err_set(&err, SQLITE_ERROR, "%s", text);
    assert_string_equal(err.text, text);
}

static void test_is_text(void **state) {
    ds_err err = DS_ERR_INIT;
    (void)state;
    assert_int_equal(
        ds_err_set(&err, SQLITE_ERROR, "no \"%s\" here", "\xed\xa0\x80 \xc3\xa9\xff"),
        SQLITE_ERROR);
    assert_string_equal(err.text, "no \"??? \xc3\xa9?\" here");
}

static void test_is_one_line(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    ds_err_set(&err, SQLITE_ERROR, "found \"%s\"", "a\r\nb\tc\x1b[31m\x7f");
    assert_string_equal(err.text, "found \"a  b c [31m \"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_first_one_is_kept),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_long_path),
        cmocka_unit_test(test_without_a_struct),
        cmocka_unit_test(test_nomem),
        cmocka_unit_test(test_database),
        cmocka_unit_test(test_is_cut_at_a_character),
        cmocka_unit_test(test_fills_to_the_last_byte),
        cmocka_unit_test(test_is_one_line),
        cmocka_unit_test(test_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Local values against their columns: what is taken, what it becomes, and what is said of the
** others. Values are SQLite's own, from an SQL expression.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/model.h"

static const ds_model model = {.name = "Post"};

static const char *const statuses[] = {"ACTIVE", "INACTIVE", "STAGED"};
static const ds_enum status = {"Status", statuses, 3};

static ds_column column_of(ds_scalar scalar) {
    return (ds_column){.name = "field", .key_position = -1, .type = {.scalar = scalar}};
}

static ds_column enum_column(void) {
    ds_column column = column_of(DS_STRING);
    column.type.kind = DS_KIND_ENUM;
    column.type.enumeration = &status;
    return column;
}

/* ---- One check --------------------------------------------------------------------------------- */

static sqlite3 *db;
static sqlite3_value *value; /* the last one, which the result borrows from */
static ds_value result;
static ds_err err;

static int set_up(void **state) {
    (void)state;
    return sqlite3_open(":memory:", &db);
}

static int tear_down(void **state) {
    (void)state;
    sqlite3_value_free(value);
    value = NULL;
    return sqlite3_close(db);
}

static void make_value(const char *sql) {
    sqlite3_stmt *statement = NULL;
    char *text = sqlite3_mprintf("SELECT %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_value_free(value);
    value = sqlite3_value_dup(sqlite3_column_value(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_free(text);
}

static int check(const ds_column *column, const char *sql) {
    make_value(sql);
    err = (ds_err)DS_ERR_INIT;
    memset(&result, 0xAB, sizeof result);
    int rc = ds_check_value(&model, column, value, &result, &err);
    assert_int_equal(err.code, rc);
    return rc;
}

static void takes_text(const ds_column *column, const char *sql, const char *expected) {
    assert_int_equal(check(column, sql), SQLITE_OK);
    assert_int_equal(result.type, SQLITE_TEXT);
    assert_int_equal(result.length, strlen(expected));
    assert_memory_equal(result.text, expected, strlen(expected));
    assert_ptr_equal(result.text, sqlite3_value_text(value));
}

static void takes_integer(const ds_column *column, const char *sql, int64_t expected) {
    assert_int_equal(check(column, sql), SQLITE_OK);
    assert_int_equal(result.type, SQLITE_INTEGER);
    assert_true(result.integer == expected);
}

static void takes_real(const ds_column *column, const char *sql, double expected) {
    assert_int_equal(check(column, sql), SQLITE_OK);
    assert_int_equal(result.type, SQLITE_FLOAT);
    assert_true(result.real <= expected && result.real >= expected);
}

static void takes_null(const ds_column *column, const char *sql) {
    assert_int_equal(check(column, sql), SQLITE_OK);
    assert_int_equal(result.type, SQLITE_NULL);
}

static void refuses(const ds_column *column, const char *sql, int rc,
                    const char *message) {
    assert_int_equal(check(column, sql), rc);
    assert_string_equal(err.text, message);
}

/* ---- NULL --------------------------------------------------------------------------------------- */

static void test_null(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    takes_null(&column, "NULL");
    column.type.is_required = true;
    refuses(&column, "NULL", SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: Post.field");
    column.is_read_only = true;
    takes_null(&column, "NULL");
}

/* Required elements do not make the list required. */
static void test_null_of_list(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    column.type.is_list = true;
    column.type.list_depth = 1;
    column.type.is_list_nullable = true;
    column.type.is_required = true;
    takes_null(&column, "NULL");
    column.type.is_list_nullable = false;
    refuses(&column, "NULL", SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: Post.field");
}

/* ---- Texts -------------------------------------------------------------------------------------- */

static void test_text(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    takes_text(&column, "'My Post'", "My Post");
    takes_text(&column, "''", "");
    takes_text(&column, "'caf\xC3\xA9 \xF0\x9F\x98\x80'", "caf\xC3\xA9 \xF0\x9F\x98\x80");
    column = column_of(DS_ID);
    takes_text(&column, "'x'", "x");
}

static void test_number_becomes_text(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    takes_text(&column, "5", "5");
    takes_text(&column, "-9223372036854775807", "-9223372036854775807");
    takes_text(&column, "5.0", "5.0");
    takes_text(&column, "0.5", "0.5");
}

static void test_text_that_is_none(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    refuses(&column, "CAST(x'41FF42' AS TEXT)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a text as String in Post.field: expected text that is UTF-8");
    refuses(&column, "CAST(x'414243444546474849FF' AS TEXT)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a text as String in Post.field: expected text that is UTF-8");
    refuses(&column, "CAST(x'410042' AS TEXT)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a text as String in Post.field: expected text without a NUL "
            "character");
    refuses(&column, "char(0)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a text as String in Post.field: expected text without a NUL "
            "character");
}

static void test_blob(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    refuses(&column, "x'41'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a blob as String in Post.field: expected no blob");
    column = column_of(DS_INT);
    refuses(&column, "zeroblob(4)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a blob as Int in Post.field: expected no blob");
    column = enum_column();
    refuses(&column, "x''", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a blob as Status in Post.field: expected no blob");
}

/* DynamoDB has no empty keys. */
static void test_empty_key(void **state) {
    (void)state;
    ds_column column = column_of(DS_ID);
    column.key_position = 0;
    takes_text(&column, "' '", " ");
    refuses(&column, "''", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = '': a key cannot be empty");
    column.key_position = 1;
    refuses(&column, "''", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = '': a key cannot be empty");
}

/* ---- Numbers ------------------------------------------------------------------------------------ */

#define INT_EXPECTED "expected an integer from -2147483648 to 2147483647"

static void test_int(void **state) {
    (void)state;
    ds_column column = column_of(DS_INT);
    takes_integer(&column, "5", 5);
    takes_integer(&column, "'5'", 5);
    takes_integer(&column, "' -5 '", -5);
    takes_integer(&column, "5.0", 5);
    takes_integer(&column, "'5.0'", 5);
    takes_integer(&column, "'5e2'", 500);
    takes_integer(&column, "TRUE", 1);
    takes_integer(&column, "2147483647", 2147483647);
    takes_integer(&column, "-2147483648", -2147483647 - 1);
}

static void test_int_refuses(void **state) {
    (void)state;
    ds_column column = column_of(DS_INT);
    refuses(&column, "2147483648", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 2147483648 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "-2147483649", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store -2147483649 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "2147483648.0", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 2147483648.0 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "5.5", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 5.5 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "'5.5'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 5.5 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "9e999", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store Inf as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "-1e300", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store -1.0e+300 as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "'5x'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store '5x' as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "'0x10'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store '0x10' as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "''", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store '' as Int in Post.field: " INT_EXPECTED);
    refuses(&column, "CAST(x'FF' AS TEXT)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a malformed text as Int in Post.field: " INT_EXPECTED);
}

static void test_boolean(void **state) {
    (void)state;
    ds_column column = column_of(DS_BOOLEAN);
    takes_integer(&column, "0", 0);
    takes_integer(&column, "TRUE", 1);
    takes_integer(&column, "'1'", 1);
    takes_integer(&column, "1.0", 1);
    refuses(&column, "2", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 2 as Boolean in Post.field: expected 0 or 1");
    refuses(&column, "-1", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store -1 as Boolean in Post.field: expected 0 or 1");
    refuses(&column, "'true'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 'true' as Boolean in Post.field: expected 0 or 1");
}

static void test_timestamp(void **state) {
    (void)state;
    ds_column column = column_of(DS_AWS_TIMESTAMP);
    takes_integer(&column, "0", 0);
    takes_integer(&column, "123", 123);
    takes_integer(&column, "123456", 123456);
    takes_integer(&column, "'123456789'", 123456789);
    takes_integer(&column, "9007199254740991", 9007199254740991);
    /* AppSync takes what lies before 1970; Amplify's JavaScript client does not. */
    takes_integer(&column, "-1", -1);
    takes_integer(&column, "'-1234567'", -1234567);
    takes_integer(&column, "-9007199254740991", -9007199254740991);
    refuses(&column, "-9007199254740992", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store -9007199254740992 as AWSTimestamp in Post.field: expected "
            "an integer, seconds before or after 1970");
    refuses(&column, "9007199254740992", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 9007199254740992 as AWSTimestamp in Post.field: expected "
            "an integer, seconds before or after 1970");
    refuses(&column, "9007199254740992.0", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 9.00719925474099e+15 as AWSTimestamp in Post.field: expected "
            "an integer, seconds before or after 1970");
}

static void test_float(void **state) {
    (void)state;
    ds_column column = column_of(DS_FLOAT);
    takes_real(&column, "0.5", 0.5);
    takes_real(&column, "5", 5.0);
    takes_real(&column, "'5'", 5.0);
    takes_real(&column, "'-2.5e3'", -2500.0);
    refuses(&column, "9e999", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store Inf as Float in Post.field: expected a number");
    refuses(&column, "-9e999", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store -Inf as Float in Post.field: expected a number");
    refuses(&column, "'1e999'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store Inf as Float in Post.field: expected a number");
    refuses(&column, "'nan'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 'nan' as Float in Post.field: expected a number");
}

/* ---- Enums and AWS scalars ------------------------------------------------------------------------ */

static void test_enum(void **state) {
    (void)state;
    ds_column column = enum_column();
    takes_text(&column, "'ACTIVE'", "ACTIVE");
    takes_text(&column, "'STAGED'", "STAGED");
    refuses(&column, "'ACTIV'", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = 'ACTIV': Status is one of ACTIVE, "
            "INACTIVE, STAGED (did you mean \"ACTIVE\"?)");
    refuses(&column, "'active'", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = 'active': Status is one of ACTIVE, "
            "INACTIVE, STAGED (did you mean \"ACTIVE\"?)");
    refuses(&column, "7", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = '7': Status is one of ACTIVE, "
            "INACTIVE, STAGED");
    refuses(&column, "CAST(x'FF' AS TEXT)", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a text as Status in Post.field: expected text that is UTF-8");
}

static void test_aws_scalars(void **state) {
    (void)state;
    static const struct {
        ds_scalar scalar;
        const char *good;
        const char *message;
    } cases[] = {
        {DS_AWS_DATE, "2020-02-29", "AWSDate is a date such as 2020-02-29"},
        {DS_AWS_TIME, "12:30", "AWSTime is a time such as 12:30:00.000"},
        {DS_AWS_DATE_TIME, "2020-02-29T12:30Z",
         "AWSDateTime is a date and time such as 2020-02-29T12:30:00.000Z"},
        {DS_AWS_EMAIL, "a@b", "AWSEmail is an e-mail address such as ann@example.com"},
        {DS_AWS_URL, "a:b", "AWSURL is an absolute URL such as https://example.com/"},
        {DS_AWS_PHONE, "+44 1", "AWSPhone is a phone number such as +44 123-456-789"},
        {DS_AWS_IP_ADDRESS, "::1",
         "AWSIPAddress is an IP address such as 127.0.0.1 or ::1"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_column column = column_of(cases[i].scalar);
        char sql[100], message[200];
        sqlite3_snprintf(sizeof sql, sql, "%Q", cases[i].good);
        takes_text(&column, sql, cases[i].good);
        sqlite3_snprintf(sizeof message, message,
                         "CHECK constraint failed: Post.field = '(it''s bad)': %s",
                         cases[i].message);
        refuses(&column, "'(it''s bad)'", SQLITE_CONSTRAINT_CHECK, message);
    }
}

static void test_json(void **state) {
    (void)state;
    ds_column column = column_of(DS_AWS_JSON);
    takes_text(&column, "'{\"a\":[1,null]}'", "{\"a\":[1,null]}");
    takes_text(&column, "'null'", "null");
    takes_text(&column, "5", "5");
    takes_text(&column, "5.5", "5.5");
    refuses(&column, "'{a: 1}'", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = '{a: 1}': malformed JSON at byte 2");
    refuses(&column, "9e999", SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: Post.field = 'Inf': malformed JSON at byte 1");
}

/* ---- Lists and embedded types (check_json_test.c has the rest) -------------------------------------- */

static void test_list(void **state) {
    (void)state;
    ds_column column = column_of(DS_INT);
    column.type.is_list = true;
    column.type.list_depth = 1;
    column.type.is_list_nullable = true;
    takes_text(&column, "' [1, 2] '", " [1, 2] ");
    takes_null(&column, "'null'");
    refuses(&column, "5", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 5 as [Int] in Post.field: expected a JSON list");
    refuses(&column, "'[1,2.5]'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store 2.5 as Int in Post.field[1]: " INT_EXPECTED);
    refuses(&column, "x'5B5D'", SQLITE_CONSTRAINT_DATATYPE,
            "cannot store a blob as [Int] in Post.field: expected no blob");
    column.type.is_list_nullable = false;
    refuses(&column, "'null'", SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: Post.field");
}

static void test_embedded(void **state) {
    (void)state;
    static const ds_field fields[] = {
        {.name = "at", .type = {.scalar = DS_AWS_DATE, .is_required = true}}};
    static const ds_embedded meta = {"Meta", fields, 1};
    ds_column column = column_of(DS_STRING);
    column.type = (ds_type){.kind = DS_KIND_EMBEDDED, .embedded = &meta};
    takes_text(&column, "'{\"at\":\"2020-02-29\"}'", "{\"at\":\"2020-02-29\"}");
    refuses(&column, "'{}'", SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: Post.field.at");
}

/* A UTF-16 database hands out the same values. */
static void test_utf16(void **state) {
    (void)state;
    ds_column column = column_of(DS_INT);
    assert_int_equal(sqlite3_exec(db, "PRAGMA encoding = 'UTF-16'", NULL, NULL, NULL),
                     SQLITE_OK);
    takes_integer(&column, "'5'", 5);
    column = column_of(DS_STRING);
    takes_text(&column, "'caf\xC3\xA9'", "caf\xC3\xA9");
}

static void runs_out_of_memory(const ds_column *column, const char *sql) {
    make_value(sql);
    err = (ds_err)DS_ERR_INIT;
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    int rc = ds_check_value(&model, column, value, &result, &err);
    sqlite3_hard_heap_limit64(limit);
    assert_int_equal(rc, SQLITE_NOMEM);
    assert_string_equal(err.text, "out of memory");
}

/* The text of a number needs memory, and so does one that was UTF-16. */
static void test_out_of_memory(void **state) {
    (void)state;
    ds_column column = column_of(DS_STRING);
    assert_int_equal(sqlite3_exec(db, "PRAGMA encoding = 'UTF-16'", NULL, NULL, NULL),
                     SQLITE_OK);
    runs_out_of_memory(&column, "5");
    column = column_of(DS_INT);
    runs_out_of_memory(&column, "'five'");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_null),
        TEST(test_null_of_list),
        TEST(test_text),
        TEST(test_number_becomes_text),
        TEST(test_text_that_is_none),
        TEST(test_blob),
        TEST(test_empty_key),
        TEST(test_int),
        TEST(test_int_refuses),
        TEST(test_boolean),
        TEST(test_timestamp),
        TEST(test_float),
        TEST(test_enum),
        TEST(test_aws_scalars),
        TEST(test_json),
        TEST(test_list),
        TEST(test_embedded),
        TEST(test_utf16),
        TEST(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

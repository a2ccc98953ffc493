/*
** Clock, datetimes and ids.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <time.h>

#include "base/base.h"

static void test_clock(void **state) {
    (void)state;
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now = ds_env_now_ms();
    assert_true(now >= before - 1000 && now <= before + 60000);
    ds_env_set_clock(1234567890123);
    assert_int_equal(ds_env_now_ms(), 1234567890123);
    ds_env_set_clock(0);
    assert_true(ds_env_now_ms() >= now);
}

static void check_datetime(int64_t ms, const char *expected) {
    char text[DS_DATETIME_SIZE];
    ds_env_datetime(ms, text);
    assert_string_equal(text, expected);
}

static void test_datetime(void **state) {
    (void)state;
    check_datetime(0, "1970-01-01T00:00:00.000Z");
    check_datetime(-1, "1969-12-31T23:59:59.999Z");
    check_datetime(1582979400000, "2020-02-29T12:30:00.000Z");
    check_datetime(951782400000, "2000-02-29T00:00:00.000Z");
    check_datetime(-2203891200001, "1900-02-28T23:59:59.999Z");
    check_datetime(-2203891200000, "1900-03-01T00:00:00.000Z");
    check_datetime(4107542400000, "2100-03-01T00:00:00.000Z");
    check_datetime(1735689599999, "2024-12-31T23:59:59.999Z");
}

static void test_datetime_ends(void **state) {
    (void)state;
    check_datetime(-62167219200000, "0000-01-01T00:00:00.000Z");
    check_datetime(INT64_MIN, "0000-01-01T00:00:00.000Z");
    check_datetime(253402300799999, "9999-12-31T23:59:59.999Z");
    check_datetime(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

/* Every day of four centuries against SQLite's own calendar. */
static void test_datetime_every_day(void **state) {
    (void)state;
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(
                         db, "SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', ?, 'unixepoch')",
                         -1, &statement, NULL),
                     SQLITE_OK);
    for (int64_t day = -25567; day < 146097 - 25567; day++) {
        char text[DS_DATETIME_SIZE];
        int64_t second = day * 86400 + day % 86400 * (day > 0);
        ds_env_datetime(second * 1000, text);
        sqlite3_bind_int64(statement, 1, second);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_string_equal(text, (const char *)sqlite3_column_text(statement, 0));
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void test_random(void **state) {
    (void)state;
    unsigned char a[16] = {0};
    unsigned char b[16] = {0};
    ds_env_random(a, sizeof a);
    ds_env_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void check_uuid(const char *id, char version) {
    assert_int_equal(strlen(id), DS_UUID_SIZE - 1);
    for (size_t i = 0; i < DS_UUID_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        assert_non_null(strchr(dash ? "-" : "0123456789abcdef", id[i]));
    }
    assert_int_equal(id[14], version);
    assert_non_null(strchr("89ab", id[19]));
}

static void test_uuid(void **state) {
    (void)state;
    char a[DS_UUID_SIZE];
    char b[DS_UUID_SIZE];
    ds_env_id(DS_ID_UUID4, a);
    ds_env_id(DS_ID_UUID4, b);
    check_uuid(a, '4');
    assert_string_not_equal(a, b);

    /* The moment of RFC 9562's own example of version 7. */
    ds_env_set_clock(0x017F22E279B0);
    ds_env_id(DS_ID_UUID7, a);
    ds_env_set_clock(0x017F22E279B1);
    ds_env_id(DS_ID_UUID7, b);
    ds_env_set_clock(0);
    check_uuid(a, '7');
    assert_memory_equal(a, "017f22e2-79b0-7", 15);
    assert_true(strcmp(a, b) < 0);
}

static void test_ulid(void **state) {
    (void)state;
    char id[DS_UUID_SIZE];
    ds_env_set_clock(1469922850259);
    ds_env_id(DS_ID_ULID, id);
    assert_int_equal(strlen(id), DS_ULID_SIZE - 1);
    assert_memory_equal(id, "01arz3ndek", 10);
    assert_int_equal(strspn(id, "0123456789abcdefghjkmnpqrstvwxyz"), DS_ULID_SIZE - 1);
    ds_env_set_clock(0xFFFFFFFFFFFF);
    ds_env_id(DS_ID_ULID, id);
    assert_memory_equal(id, "7zzzzzzzzz", 10);
    ds_env_set_clock(0);
}

static bool is_id(const char *text) {
    return ds_env_is_id(text, (int)strlen(text));
}

static void test_is_id(void **state) {
    (void)state;
    char id[DS_UUID_SIZE];
    const ds_id_format formats[] = {DS_ID_UUID7, DS_ID_UUID4, DS_ID_ULID};
    for (int i = 0; i < 3; i++) {
        ds_env_id(formats[i], id);
        assert_true(is_id(id));
    }
    assert_true(is_id("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
    assert_true(is_id("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    assert_false(is_id(""));
    assert_false(is_id("p"));
    assert_false(is_id("017f22e2-79b0-7cc3-98c4-dc0c0c07398"));
    assert_false(is_id("017f22e2079b0-7cc3-98c4-dc0c0c07398f"));
    assert_false(is_id("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"));
    assert_false(is_id("81ARZ3NDEKTSV4RRFFQ69G5FAV"));
    assert_false(is_id("01ARZ3NDEKTSV4RRFFQ69G5FAU"));
    assert_false(ds_env_is_id("017f22e2-79b0-7cc3-98c4-dc0c0c0739\0f", 36));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),         cmocka_unit_test(test_datetime),
        cmocka_unit_test(test_datetime_ends), cmocka_unit_test(test_datetime_every_day),
        cmocka_unit_test(test_random),        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_ulid),          cmocka_unit_test(test_is_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

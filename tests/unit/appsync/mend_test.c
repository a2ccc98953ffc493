/*
** Escapes that no text of ours can hold.
*/
#include "config.h"

static void check(const char *text, const char *expected) {
    char *copy = sqlite3_mprintf("%s", text);
    bool mended = ds_mend_escapes(copy, strlen(copy));
    assert_string_equal(copy, expected);
    assert_int_equal(mended, strcmp(text, expected) != 0);
    sqlite3_free(copy);
}

static void test_mended(void **state) {
    (void)state;
    check("[\"a\\u0000b\"]", "[\"a\\ufffdb\"]");
    check("\\u0000\\u0000", "\\ufffd\\ufffd");
    check("\\ud800", "\\ufffd");
    check("\\uDFFF", "\\ufffd");
    check("\\ud800x", "\\ufffdx");
    check("\\ud800\\ud801\\udc00", "\\ufffd\\ud801\\udc00");
    check("\\udc00\\ud800", "\\ufffd\\ufffd");
    check("\\ud800\\u0041", "\\ufffd\\u0041");
}

static void test_left_alone(void **state) {
    (void)state;
    check("", "");
    check("[\"\\uD83D\\uDE00 \\u0001 \\u00e4\"]", "[\"\\uD83D\\uDE00 \\u0001 \\u00e4\"]");
    check("\\\\u0000", "\\\\u0000"); /* a backslash and letters */
    check("\\\\\\u0000", "\\\\\\ufffd");
    check("\\u000", "\\u000");
    check("\\u00", "\\u00");
    check("\\u00g0", "\\u00g0");
    check("\\", "\\");
    check("u0000", "u0000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mended),
        cmocka_unit_test(test_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

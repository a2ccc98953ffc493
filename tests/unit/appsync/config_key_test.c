/*
** The table of keys.
*/
#include "config.h"

static void test_every_key_is_found(void **state) {
    (void)state;
    for (int key = 0; key < DS_CONFIG_COUNT; key++) {
        const ds_config_row *row = ds_config_row_of((ds_config_key)key);
        assert_non_null(row->name);
        assert_int_equal(ds_config_find(row->name), key);
        assert_true(row->standard <= row->maximum);
    }
    assert_int_equal(ds_config_find("Url"), DS_CONFIG_COUNT);
    assert_int_equal(ds_config_find(""), DS_CONFIG_COUNT);
}

static void test_unknown(void **state) {
    (void)state;
    check_refused("{\"urll\":\"x\"}",
                  "configuration: unknown key \"urll\" (did you mean \"url\"?)");
    check_refused(
        "{\"syncPagesize\":1}",
        "configuration: unknown key \"syncPagesize\" (did you mean \"syncPageSize\"?)");
    check_refused("{\"maxRecords\":1,\"apiKey\":\"x\"}",
                  "configuration: unknown key \"maxRecords\"");
    check_refused("{\"\":1}", "configuration: unknown key \"\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_found),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

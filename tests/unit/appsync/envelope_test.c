/*
** The body of a request.
*/
#include "config.h"

static void test_envelope(void **state) {
    (void)state;
    ds_buf out;
    ds_buf_init(&out, 1000);
    ds_envelope_print("query operation {\n  a(b: \"c\")\n}", "{\"x\":{\"y\":[1,null]}}",
                      &out);
    assert_string_equal(ds_buf_text(&out),
                        "{\"query\":\"query operation {\\n  a(b: \\\"c\\\")\\n}\","
                        "\"variables\":{\"x\":{\"y\":[1,null]}}}");
    ds_buf_done(&out);
}

static void test_too_long(void **state) {
    (void)state;
    ds_buf out;
    ds_buf_init(&out, 20);
    ds_envelope_print("query operation { a }", "{}", &out);
    assert_int_equal(out.rc, SQLITE_TOOBIG);
    ds_buf_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_envelope),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

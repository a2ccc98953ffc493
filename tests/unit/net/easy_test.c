/*
** What is checked before libcurl is asked; what it is told shows in the other tests.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/net_int.h"

static void check_safety(const char *text, bool allow, const char *message) {
    ds_url url;
    ds_err err = DS_ERR_INIT;
    const ds_http_options options = {.allow_insecure = allow};
    assert_int_equal(ds_url_parse(text, text[0] == 'w', &url, &err), SQLITE_OK);
    int rc = ds_easy_check_safety(&url, &options, &err);
    assert_int_equal(rc, message[0] ? SQLITE_ERROR : SQLITE_OK);
    assert_string_equal(err.text, message);
    ds_url_done(&url);
}

static void test_safety(void **state) {
    (void)state;
    check_safety("https://a.test/", false, "");
    check_safety("wss://a.test/", false, "");
    check_safety("ws://127.0.0.1/", false, "");
    check_safety("ws://a.test/", true, "");
    check_safety("ws://a.test/", false,
                 "plain ws to a.test would show the credentials to everybody on the way");
    check_safety(
        "http://a.test/", false,
        "plain http to a.test would show the credentials to everybody on the way");
}

static void test_header(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_easy_check_header("x-key: \xC3\xA4", &err), SQLITE_OK);
    assert_int_equal(ds_easy_check_header("x-key: secret\n", &err), SQLITE_ERROR);
    assert_string_equal(err.text, "the header \"x-key\" holds a control character");
}

static void test_check(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_easy_check(CURLE_OK, &err), SQLITE_OK);
    assert_int_equal(ds_easy_check(CURLE_OUT_OF_MEMORY, NULL), SQLITE_NOMEM);
    assert_int_equal(ds_easy_check(CURLE_UNKNOWN_OPTION, &err), SQLITE_ERROR);
    assert_memory_equal(err.text, "libcurl ", 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safety),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

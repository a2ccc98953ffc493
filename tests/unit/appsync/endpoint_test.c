/*
** What follows from an endpoint.
*/
#include "config.h"

static void check(const char *url, const char *realtime, const char *region) {
    ds_buf out;
    ds_buf_init(&out, 1000);
    ds_endpoint_realtime(url, &out);
    assert_string_equal(ds_buf_text(&out), realtime);
    ds_buf_clear(&out);
    ds_endpoint_region(url, &out);
    assert_string_equal(ds_buf_text(&out), region);
    assert_int_equal(out.rc, SQLITE_OK);
    ds_buf_done(&out);
}

static void test_appsync(void **state) {
    (void)state;
    check("https://abc.appsync-api.us-east-1.amazonaws.com/graphql",
          "wss://abc.appsync-realtime-api.us-east-1.amazonaws.com/graphql", "us-east-1");
    check("https://abc.appsync-api.cn-north-1.amazonaws.com.cn/graphql",
          "wss://abc.appsync-realtime-api.cn-north-1.amazonaws.com.cn/graphql",
          "cn-north-1");
    check("https://ABC.appsync-api.us-east-1.amazonaws.com/graphql",
          "wss://abc.appsync-realtime-api.us-east-1.amazonaws.com/graphql", "us-east-1");
}

static void test_custom(void **state) {
    (void)state;
    check("https://unit-test.testurl.com/graphql",
          "wss://unit-test.testurl.com/graphql/realtime", "");
    check("https://api.test", "wss://api.test/realtime", "");
    check("https://api.test:444/x/", "wss://api.test:444/x/realtime", "");
    check("http://localhost:20002/graphql", "ws://localhost:20002/graphql/realtime", "");
}

/* Hosts that only look like it. */
static void test_similar(void **state) {
    (void)state;
    check("https://abc.appsync-api.us-east-1.amazonaws.com.evil.test/graphql",
          "wss://abc.appsync-api.us-east-1.amazonaws.com.evil.test/graphql/realtime", "");
    check("https://appsync-api.us-east-1.amazonaws.com/x",
          "wss://appsync-api.us-east-1.amazonaws.com/x/realtime", "");
    check("https://a.b.appsync-api.us-east-1.amazonaws.com/x",
          "wss://a.b.appsync-api.us-east-1.amazonaws.com/x/realtime", "");
    check("https://abc.appsync-api.amazonaws.com/x",
          "wss://abc.appsync-api.amazonaws.com/x/realtime", "");
    check("https://abc.appsync-api..amazonaws.com/x",
          "wss://abc.appsync-api..amazonaws.com/x/realtime", "");
}

static void test_no_url(void **state) {
    (void)state;
    check("nothing", "", "");
    check("ftp://x/", "", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appsync),
        cmocka_unit_test(test_custom),
        cmocka_unit_test(test_similar),
        cmocka_unit_test(test_no_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Endpoints: their parts, and what is no endpoint.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "net/net.h"

static void check(const char *text, bool is_socket, const char *host, int port,
                  const char *path) {
    ds_url url;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_url_parse(text, is_socket, &url, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.path, path);
    assert_int_equal(url.is_secure, strchr(text, ':')[-1] == 's' && text[1] != 's');
    ds_url_done(&url);
}

static void test_parts(void **state) {
    (void)state;
    check("https://a.b.c/graphql", false, "a.b.c", 443, "/graphql");
    check("http://a", false, "a", 80, "/");
    check("https://a:8443/x/y/", false, "a", 8443, "/x/y/");
    check("HTTP://API.Example.COM/GraphQL", false, "api.example.com", 80, "/GraphQL");
    check("https://[2001:db8::1]:1/", false, "[2001:db8::1]", 1, "/");
}

static void test_socket(void **state) {
    (void)state;
    ds_url url;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_url_parse("wss://a/graphql/realtime", true, &url, &err),
                     SQLITE_OK);
    assert_true(url.is_secure);
    assert_false(url.has_port);
    assert_int_equal(url.port, 443);
    ds_url_done(&url);
    assert_int_equal(ds_url_parse("ws://a:20002/x", true, &url, &err), SQLITE_OK);
    assert_false(url.is_secure);
    assert_true(url.has_port);
    assert_int_equal(url.port, 20002);
    ds_url_done(&url);
}

static void check_loopback(const char *host, bool expected) {
    ds_url url;
    ds_err err = DS_ERR_INIT;
    char *text = sqlite3_mprintf("http://%s:1/", host);
    int rc = ds_url_parse(text, false, &url, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(url.is_loopback, expected);
    ds_url_done(&url);
    sqlite3_free(text);
}

static void test_loopback(void **state) {
    (void)state;
    check_loopback("localhost", true);
    check_loopback("LocalHost", true);
    check_loopback("127.0.0.1", true);
    check_loopback("127.200.3.4", true);
    check_loopback("127.1", true);
    check_loopback("[::1]", true);
    check_loopback("128.0.0.1", false);
    check_loopback("127.0.0.1.example.com", false);
    check_loopback("127.0.0.x", false);
    check_loopback("localhost.example.com", false);
    check_loopback("notlocalhost", false);
    check_loopback("[::2]", false);
    check_loopback("0.0.0.0", false);
}

static void check_refused(const char *text, bool is_socket, const char *message) {
    ds_url url;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_url_parse(text, is_socket, &url, &err), SQLITE_ERROR);
    ds_url_done(&url);
    /* libcurl's words in parentheses differ between its versions. */
    assert_memory_equal(err.text, message, strlen(message));
}

static void test_refused(void **state) {
    (void)state;
    check_refused("ftp://a/", false,
                  "expected a URL that begins with https:// or http://");
    check_refused("wss://a/", false,
                  "expected a URL that begins with https:// or http://");
    check_refused("https://a/", true, "expected a URL that begins with wss:// or ws://");
    check_refused("file:///etc/passwd", false, "expected a URL ");
    check_refused("https://u:geheim@a/", false,
                  "expected a URL without user name and password");
    check_refused("https://a/x?key=geheim", false, "expected a URL without ? and #");
    check_refused("https://a/x#part", false, "expected a URL without ? and #");
    check_refused("", false, "expected a URL (");
    check_refused("a.b/c", false, "expected a URL (");
    check_refused("https://", false, "expected a URL (");
    check_refused("https://a b/", false, "expected a URL (");
    check_refused("https://a:70000/", false, "expected a URL (");
    check_refused("https://a/\r\nx: y", false, "expected a URL (");
}

static void test_proxy(void **state) {
    (void)state;
    assert_true(ds_url_is_proxy("http://p"));
    assert_true(ds_url_is_proxy("https://me:pw@p:1"));
    assert_true(ds_url_is_proxy("socks4://p"));
    assert_true(ds_url_is_proxy("socks4a://p"));
    assert_true(ds_url_is_proxy("socks5://p"));
    assert_true(ds_url_is_proxy("socks5h://[::1]:9"));
    assert_false(ds_url_is_proxy("ftp://p"));
    assert_false(ds_url_is_proxy("p:3128"));
    assert_false(ds_url_is_proxy("http://p:99999"));
    assert_false(ds_url_is_proxy(""));
}

static void test_longest(void **state) {
    (void)state;
    char text[DS_MAX_URL_BYTES + 2];
    ds_url url;
    ds_err err = DS_ERR_INIT;
    memset(text, 'a', sizeof text);
    memcpy(text, "https://a/", 10);
    text[DS_MAX_URL_BYTES + 1] = 0;
    check_refused(text, false, "expected a URL of at most 2048 bytes");
    text[DS_MAX_URL_BYTES] = 0;
    assert_int_equal(ds_url_parse(text, false, &url, &err), SQLITE_OK);
    ds_url_done(&url);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_socket),
        cmocka_unit_test(test_loopback), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_proxy),    cmocka_unit_test(test_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** One request and its answer: what arrives, what is refused, TLS, proxies, signatures.
*/
#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

static ds_http_answer *ask_plain(const char *path) {
    ds_http_options options = usual_options();
    ds_http_request request = request_to(1, plain(path));
    return ask_with(&options, &request);
}

static void check_member(const ds_json *object, const char *name, const char *expected) {
    assert_string_equal(ds_json_string(ds_json_get(object, name)), expected);
}

/* ---- what is sent and what comes back ---------------------------------------------- */

static void test_request(void **state) {
    (void)state;
    static const char *const lines[] = {"x-api-key: da2-x", "content-type: text/x"};
    ds_http_options options = usual_options();
    ds_http_request request = request_to(7, plain("/echo"));
    request.headers = lines;
    request.n_headers = 2;
    ds_http_answer *answer = ask_with(&options, &request);
    check_answered(answer, 200);
    assert_int_equal(answer->id, 7);
    assert_string_equal(answer->content_type, "application/json; charset=UTF-8");
    assert_int_equal(answer->retry_after, 0);
    ds_json *root = json_of(answer);
    check_member(root, "method", "POST");
    check_member(root, "body", "{\"a\":1}");
    const ds_json *headers = ds_json_get(root, "headers");
    check_member(headers, "x-api-key", "da2-x");
    check_member(headers, "content-type", "text/x");
    check_member(headers, "content-length", "7");
    check_member(headers, "user-agent", "datastore/" DATASTORE_VERSION);
    assert_null(ds_json_get(headers, "authorization"));
    assert_null(ds_json_get(headers, "cookie"));
    ds_json_free(root);
    ds_http_answer_free(answer);
}

/* More than a megabyte goes out at once, without asking first. */
static void test_large_request(void **state) {
    (void)state;
    size_t length = 1500000;
    char *body = malloc(length);
    memset(body, 'x', length);
    ds_http_options options = usual_options();
    ds_http_request request = request_to(1, plain("/echo"));
    request.body = body;
    request.length = length;
    request.maximum = 2 * length;
    ds_http_answer *answer = ask_with(&options, &request);
    check_answered(answer, 200);
    ds_json *root = json_of(answer);
    assert_int_equal(strlen(ds_json_string(ds_json_get(root, "body"))), length);
    assert_null(ds_json_get(ds_json_get(root, "headers"), "expect"));
    ds_json_free(root);
    ds_http_answer_free(answer);
    free(body);
}

static void check_status(const char *path, int status, int retry_after) {
    ds_http_answer *answer = ask_plain(path);
    check_answered(answer, status);
    assert_int_equal(answer->retry_after, retry_after);
    ds_http_answer_free(answer);
}

static void test_status(void **state) {
    (void)state;
    check_status("/status/401", 401, 0);
    check_status("/status/503", 503, 0);
    check_status("/retry/7", 429, 7);
    check_status("/retry/soon", 429, 0);
    check_status("/retry/-3", 429, 0);
    check_status("/retry/3600", 429, 3600);
    check_status("/retry/3601", 429, 3600);
}

/* A date is as good as a number, and one in the past is now. */
static void test_retry_after_date(void **state) {
    (void)state;
    char path[60];
    time_t then = time(NULL) + 100;
    strftime(path, sizeof path, "/retry/%a,_%d_%b_%Y_%H:%M:%S_GMT", gmtime(&then));
    ds_http_answer *answer = ask_plain(path);
    assert_in_range(answer->retry_after, then - time(NULL) - 1, 101);
    ds_http_answer_free(answer);
    check_status("/retry/Wed,_21_Oct_2015_07:28:00_GMT", 429, 0);
}

/* The other place would get the credentials. */
static void test_redirect_is_an_answer(void **state) {
    (void)state;
    check_status("/redirect", 302, 0);
}

static void test_unpacks(void **state) {
    (void)state;
    ds_http_answer *answer = ask_plain("/gzip");
    check_answered(answer, 200);
    assert_string_equal(ds_buf_text(&answer->body), "{\"a\":1}");
    ds_http_answer_free(answer);
}

/* ---- no answer --------------------------------------------------------------------- */

static void check_no_answer(const char *path, ds_http_failure failure,
                            const char *reason) {
    ds_http_answer *answer = ask_plain(path);
    check_failed(answer, failure, reason);
    assert_true(answer->was_sent);
    ds_http_answer_free(answer);
}

static void test_broken_answers(void **state) {
    (void)state;
    static const char ended[] = "the connection to 127.0.0.1 ended before the answer did";
    static const char not_http[] = "what 127.0.0.1 answered is not HTTP";
    static const char large[] = "the answer of 127.0.0.1 has more than 100000 bytes";
    check_no_answer("/reset", DS_HTTP_RESET, ended);
    check_no_answer("/close", DS_HTTP_RESET, ended);
    check_no_answer("/truncated", DS_HTTP_RESET, ended);
    check_no_answer("/garbage", DS_HTTP_MALFORMED, not_http);
    check_no_answer("/rot", DS_HTTP_MALFORMED, not_http);
    check_no_answer("/large/100001", DS_HTTP_TOO_LARGE, large);
    check_no_answer("/stream/100001", DS_HTTP_TOO_LARGE, large);
    check_no_answer("/bomb", DS_HTTP_TOO_LARGE, large);
}

static void test_largest_answer(void **state) {
    (void)state;
    static const char *const paths[] = {"/large/100000", "/stream/100000"};
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        ds_http_answer *answer = ask_plain(paths[i]);
        check_answered(answer, 200);
        assert_int_equal(answer->body.length, 100000);
        ds_http_answer_free(answer);
    }
}

/* Was it sent before its time was over? */
static bool times_out(const char *path, int ms) {
    char reason[100];
    ds_http_options options = usual_options();
    options.request_timeout_ms = ms;
    ds_http_request request = request_to(1, plain(path));
    ds_http_answer *answer = ask_with(&options, &request);
    snprintf(reason, sizeof reason, "no %s 127.0.0.1 within %d ms",
             answer->was_sent ? "answer from" : "connection to",
             answer->was_sent ? ms : options.connect_timeout_ms);
    check_failed(answer, DS_HTTP_TIMEOUT, reason);
    bool was_sent = answer->was_sent;
    ds_http_answer_free(answer);
    return was_sent;
}

static void test_request_timeout(void **state) {
    (void)state;
    static const char *const paths[] = {"/hang", "/drip/20000"};
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        assert_true(times_out(paths[i], 300) || times_out(paths[i], 5000));
    }
}

/* A listener whose queue is full, since nobody takes from it, does not answer at all. */
static int listen_deaf(int *ends, int n, int *out_port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    for (int i = 0; i < n; i++) {
        ends[i] = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        (void)!connect(ends[i], (struct sockaddr *)&address, size);
    }
    *out_port = ntohs(address.sin_port);
    return listener;
}

static void test_connect_timeout(void **state) {
    (void)state;
    int ends[4], port = 0;
    int listener = listen_deaf(ends, (int)DS_COUNT(ends), &port);
    char url[60];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/graphql", port);
    ds_http_options options = usual_options();
    options.connect_timeout_ms = 300;
    ds_http_request request = request_to(1, url);
    ds_http_answer *answer = ask_with(&options, &request);
    check_failed(answer, DS_HTTP_TIMEOUT, "no connection to 127.0.0.1 within 300 ms");
    assert_false(answer->was_sent);
    ds_http_answer_free(answer);
    for (size_t i = 0; i < DS_COUNT(ends); i++) {
        close(ends[i]);
    }
    close(listener);
}

static void check_unreachable(const char *url, const char *reason) {
    ds_http_options options = usual_options();
    ds_http_request request = request_to(1, url);
    ds_http_answer *answer = ask_with(&options, &request);
    check_failed(answer, DS_HTTP_NO_CONNECTION, reason);
    assert_false(answer->was_sent);
    ds_http_answer_free(answer);
}

static void test_unreachable(void **state) {
    (void)state;
    check_unreachable("http://127.0.0.1:1/graphql", "no connection to 127.0.0.1: ");
    check_unreachable("https://nothing.test/graphql",
                      "no connection to nothing.test: Could not resolve host");
}

/* ---- refused before anything is sent ----------------------------------------------- */

static void check_refused(const ds_http_request *request, const char *message) {
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_http_start(http, request, &err), SQLITE_ERROR);
    assert_string_equal(err.text, message);
    assert_int_equal(ds_http_pending(http), 0);
    ds_http_free(http);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const split[] = {"x-api-key: secret\r\nx-other: 1"};
    ds_http_request request = request_to(1, "http://example.com/graphql");
    check_refused(&request,
                  "plain http to example.com would show the credentials to everybody "
                  "on the way");
    request.url = "ftp://127.0.0.1/";
    check_refused(&request, "expected a URL that begins with https:// or http://");
    request.url = "http://user:secret@127.0.0.1/";
    check_refused(&request, "expected a URL without user name and password");
    request = request_to(1, plain("/echo"));
    request.headers = split;
    check_refused(&request, "the header \"x-api-key\" holds a control character");
}

/* ---- TLS --------------------------------------------------------------------------- */

static void check_tls(const char *ca, const char *url, const char *reason) {
    ds_http_options options = usual_options();
    options.ca_file = ca;
    ds_http_request request = request_to(1, url);
    ds_http_answer *answer = ask_with(&options, &request);
    if (reason == NULL) {
        check_answered(answer, 200);
    } else {
        check_failed(answer, DS_HTTP_TLS, reason);
        assert_false(answer->was_sent);
    }
    ds_http_answer_free(answer);
}

static void test_tls(void **state) {
    (void)state;
    check_tls(server.ca, url_of("127.0.0.1", server.secure, "/echo"), NULL);
    check_tls(server.ca, url_of("localhost", server.secure, "/echo"), NULL);
    /* Not an authority of the system's. */
    check_tls(NULL, url_of("127.0.0.1", server.secure, "/echo"),
              "no secure connection to 127.0.0.1: SSL certificate problem: ");
    /* A certificate for another name. */
    check_tls(server.ca, url_of("localhost", server.misnamed, "/echo"),
              "no secure connection to localhost: SSL: ");
    check_tls("/nowhere/ca.pem", url_of("127.0.0.1", server.secure, "/echo"),
              "no secure connection to 127.0.0.1: error setting certificate");
}

/* TLS spoken to a server that knows none. */
static void test_tls_to_plain(void **state) {
    (void)state;
    char url[60];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/echo", server.plain);
    check_tls(server.ca, url, "no secure connection to 127.0.0.1: ");
}

static void test_tls_reset(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http_request request = request_to(1, url_of("127.0.0.1", server.secure, "/reset"));
    ds_http_answer *answer = ask_with(&options, &request);
    check_failed(answer, DS_HTTP_RESET, "the connection to 127.0.0.1 ended before");
    ds_http_answer_free(answer);
}

/* ---- proxies ----------------------------------------------------------------------- */

static ds_http_answer *ask_proxy(const char *user, const char *url) {
    char proxy[100];
    ds_http_options options = usual_options();
    snprintf(proxy, sizeof proxy, "http://%s127.0.0.1:%d", user, server.proxy);
    options.proxy = proxy;
    options.allow_insecure = true;
    ds_http_request request = request_to(1, url);
    return ask_with(&options, &request);
}

/* The proxy knows the way to api.test; the certificate is checked through it. */
static void test_proxy(void **state) {
    (void)state;
    ds_http_answer *answer = ask_proxy("", "http://api.test/x");
    check_answered(answer, 200);
    assert_non_null(
        strstr(ds_buf_text(&answer->body), "\"proxied\": \"http://api.test/x\""));
    ds_http_answer_free(answer);
    answer = ask_proxy("user:geheim@", "https://api.test/echo");
    check_answered(answer, 200);
    assert_null(strstr(ds_buf_text(&answer->body), "proxy-authorization"));
    ds_http_answer_free(answer);
    answer = ask_proxy("user:geheim@", "https://elsewhere.test/echo");
    check_failed(answer, DS_HTTP_TLS, "no secure connection to elsewhere.test: ");
    assert_null(strstr(answer->reason, "geheim"));
    ds_http_answer_free(answer);
}

static void test_proxy_refuses(void **state) {
    (void)state;
    ds_http_answer *answer = ask_proxy("", "https://api.test/echo");
    check_failed(answer, DS_HTTP_NO_CONNECTION, "no connection to api.test: ");
    assert_non_null(strstr(answer->reason, "407"));
    assert_false(answer->was_sent);
    ds_http_answer_free(answer);
}

/* libcurl quotes a proxy whose address it does not understand. */
static void test_wrong_proxy(void **state) {
    (void)state;
    static const char *const proxies[] = {"http://me:geheim@p:99999",
                                          "xx://me:geheim@p:9"};
    for (size_t i = 0; i < DS_COUNT(proxies); i++) {
        ds_http_options options = usual_options();
        options.proxy = proxies[i];
        ds_http_request request = request_to(1, "https://api.test/echo");
        ds_http_answer *answer = ask_with(&options, &request);
        check_failed(answer, DS_HTTP_NO_CONNECTION, "no connection to api.test: ");
        assert_null(strstr(answer->reason, "geheim"));
        ds_http_answer_free(answer);
    }
}

/* For the proxy 127.0.0.1 is another machine. */
static void test_loopback_without_proxy(void **state) {
    (void)state;
    ds_http_answer *answer = ask_proxy("", plain("/echo"));
    check_answered(answer, 200);
    assert_null(strstr(ds_buf_text(&answer->body), "proxied"));
    ds_http_answer_free(answer);
}

/* ---- signatures -------------------------------------------------------------------- */

static void check_signed(const char *secret, int status) {
    static const char *const lines[] = {"content-type: application/json; charset=UTF-8",
                                        "x-amz-security-token: IQoJb3JpZ2lu//8="};
    const ds_http_signer signer = {"eu-west-1", "appsync", "AKIDEXAMPLE", secret};
    ds_http_options options = usual_options();
    ds_http_request request = request_to(1, plain("/signed"));
    request.headers = lines;
    request.n_headers = 2;
    request.signer = &signer;
    ds_http_answer *answer = ask_with(&options, &request);
    if (status == 200) {
        assert_string_equal(ds_buf_text(&answer->body), "{\"message\": null}");
    }
    check_answered(answer, status);
    ds_http_answer_free(answer);
}

static void test_signature(void **state) {
    (void)state;
    check_signed("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 200);
    check_signed("another", 403);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_large_request),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_retry_after_date),
        cmocka_unit_test(test_redirect_is_an_answer),
        cmocka_unit_test(test_unpacks),
        cmocka_unit_test(test_broken_answers),
        cmocka_unit_test(test_largest_answer),
        cmocka_unit_test(test_request_timeout),
        cmocka_unit_test(test_connect_timeout),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_tls_to_plain),
        cmocka_unit_test(test_tls_reset),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_proxy_refuses),
        cmocka_unit_test(test_wrong_proxy),
        cmocka_unit_test(test_loopback_without_proxy),
        cmocka_unit_test(test_signature),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}

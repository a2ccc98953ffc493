/*
** What the tests of net share: tests/support/http_server.py as the other side, and
** requests to it. Include it first.
*/
#ifndef DS_NET_SERVER_H
#define DS_NET_SERVER_H

#define _GNU_SOURCE /* RTLD_NEXT */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net/net_int.h"

#define PATIENCE_MS 60000

static struct server {
    pid_t pid;
    int input; /* the server ends when this is closed */
    int plain, secure, misnamed, proxy;
    char ca[200];
} server;

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void pause_for(int ms) {
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static atomic_bool is_name_slow;
static atomic_int n_slow_names; /* that somebody waits for */

static inline void wait_for_slow_name(void) {
    atomic_fetch_add(&n_slow_names, 1);
    for (int i = 0; i < PATIENCE_MS / 10 && atomic_load(&is_name_slow); i++) {
        pause_for(10);
    }
    atomic_fetch_sub(&n_slow_names, 1);
}

/* Stands before the C library's, so that no test depends on a name server: slow.test
** takes its time, and nothing.test is unknown. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name,
                                                       const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **out) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (name != NULL && strcmp(name, "nothing.test") == 0) {
        return EAI_NONAME;
    }
    if (name != NULL && strcmp(name, "slow.test") == 0) {
        wait_for_slow_name();
        return EAI_AGAIN;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, out);
}

static inline void become_server(int input, int output) {
    dup2(input, 0);
    dup2(output, 1);
    for (int i = 3; i < 64; i++) {
        close(i);
    }
    execl("/usr/bin/python3", "python3", "tests/support/http_server.py", (char *)NULL);
    perror("/usr/bin/python3");
    _exit(1);
}

static int server_start(void **state) {
    int to[2], from[2];
    char line[400] = "";
    (void)state;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    server.pid = fork();
    if (server.pid == 0) {
        become_server(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    server.input = to[1];
    FILE *file = fdopen(from[0], "r");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    int n =
        sscanf(line, "plain %d secure %d misnamed %d proxy %d ca %199s", &server.plain,
               &server.secure, &server.misnamed, &server.proxy, server.ca);
    assert_int_equal(n, 5);
    return 0;
}

static int server_stop(void **state) {
    (void)state;
    close(server.input);
    return waitpid(server.pid, NULL, 0) == server.pid ? 0 : 1;
}

/* The URL of a path on one of the ports; there is one at a time. */
static inline const char *url_of(const char *host, int port, const char *path) {
    static char text[300];
    snprintf(text, sizeof text, "%s://%s:%d%s", port == server.plain ? "http" : "https",
             host, port, path);
    return text;
}

static inline const char *plain(const char *path) {
    return url_of("127.0.0.1", server.plain, path);
}

static inline ds_http_options usual_options(void) {
    return (ds_http_options){
        .ca_file = server.ca, .connect_timeout_ms = 5000, .request_timeout_ms = 10000};
}

static inline ds_http *open_http(const ds_http_options *options) {
    ds_http *http = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_http_new(options, &http, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    return http;
}

static inline ds_http_request request_to(int64_t id, const char *url) {
    static const char *const headers[] = {"content-type: application/json"};
    return (ds_http_request){.id = id,
                             .url = url,
                             .headers = headers,
                             .n_headers = 1,
                             .body = "{\"a\":1}",
                             .length = 7,
                             .maximum = 100000};
}

static inline void start(ds_http *http, const ds_http_request *request) {
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_http_start(http, request, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
}

/* The next answer, which must come. */
static inline ds_http_answer *next_answer(ds_http *http) {
    ds_err err = DS_ERR_INIT;
    ds_http_answer *answer = NULL;
    int64_t end = now_ms() + PATIENCE_MS;
    while (answer == NULL && now_ms() < end) {
        assert_int_equal(ds_http_poll(http, 50, &answer, &err), SQLITE_OK);
        assert_string_equal(err.text, "");
    }
    assert_non_null(answer);
    return answer;
}

/* One request of this handle and its answer. */
static inline ds_http_answer *ask(ds_http *http, const char *url) {
    ds_http_request request = request_to(1, url);
    start(http, &request);
    return next_answer(http);
}

/* One request on a handle of its own. */
static inline ds_http_answer *ask_with(const ds_http_options *options,
                                       const ds_http_request *request) {
    ds_http *http = open_http(options);
    start(http, request);
    ds_http_answer *answer = next_answer(http);
    assert_int_equal(ds_http_pending(http), 0);
    ds_http_free(http);
    return answer;
}

static inline void check_answered(const ds_http_answer *answer, int status) {
    assert_string_equal(answer->reason, "");
    assert_int_equal(answer->failure, DS_HTTP_ANSWERED);
    assert_int_equal(answer->status, status);
    assert_true(answer->was_sent);
}

/* There is no answer, and the reason begins so. */
static inline void check_failed(const ds_http_answer *answer, ds_http_failure failure,
                                const char *reason) {
    char begin[sizeof answer->reason];
    sqlite3_snprintf((int)strlen(reason) + 1, begin, "%s", answer->reason);
    assert_string_equal(begin, reason);
    assert_int_equal(answer->failure, failure);
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->body.length, 0);
}

static inline ds_json *json_of(const ds_http_answer *answer) {
    ds_json *root = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(
        ds_json_parse(ds_buf_text(&answer->body), answer->body.length, &root, &err),
        SQLITE_OK);
    return root;
}

/* A number of the JSON in the answer. */
static inline int64_t number_of(const ds_http_answer *answer, const char *name) {
    int64_t number = -1;
    ds_json *root = json_of(answer);
    assert_true(ds_json_integer(ds_json_get(root, name), &number));
    ds_json_free(root);
    return number;
}

#endif

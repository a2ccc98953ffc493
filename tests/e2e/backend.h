/*
** A local AppSync (tests/backend) for programs in C: started, asked, told what to do. Include it
** first.
*/
#ifndef DS_E2E_BACKEND_H
#define DS_E2E_BACKEND_H

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "appsync/appsync.h"

#define PATIENCE_MS 30000
#define API_KEY     "da2-e2e"
#define TOKEN       "token-of-somebody"
#define ACCESS_KEY  "AKIDEXAMPLE"
#define SECRET_KEY  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SESSION     "session//token="

static struct backend {
    pid_t pid;
    int input; /* it ends when this is closed */
    char url[100], realtime[100], admin[100];
    char tls_url[100], ca[300];
} backend;

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void become_backend(int input, int output) {
    dup2(input, 0);
    dup2(output, 1);
    for (int i = 3; i < 64; i++) {
        close(i);
    }
    execlp("node", "node", "tests/backend/server.js", "--schema", "schema/blog.graphql",
           "--tls", "--until-eof", "--api-key", API_KEY, "--token", TOKEN, "--iam",
           ACCESS_KEY ":" SECRET_KEY, "--iam", "SESSION:" SECRET_KEY ":" SESSION,
           "--ka-ms", "300", (char *)NULL);
    perror("node");
    _exit(1);
}

static inline void take_text(const ds_json *object, const char *name, char *out,
                             size_t size) {
    const ds_json *node = ds_json_get(object, name);
    assert_non_null(node);
    snprintf(out, size, "%s", ds_json_string(node));
}

static inline int backend_start(void **state) {
    int to[2], from[2];
    char line[4000] = "";
    ds_json *root = NULL;
    (void)state;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    backend.pid = fork();
    if (backend.pid == 0) {
        become_backend(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    backend.input = to[1];
    FILE *file = fdopen(from[0], "r");
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(ds_json_parse(line, strlen(line), &root, NULL), SQLITE_OK);
    take_text(root, "url", backend.url, sizeof backend.url);
    take_text(root, "realtimeUrl", backend.realtime, sizeof backend.realtime);
    take_text(root, "admin", backend.admin, sizeof backend.admin);
    const ds_json *tls = ds_json_get(root, "tls");
    take_text(tls, "url", backend.tls_url, sizeof backend.tls_url);
    take_text(tls, "ca", backend.ca, sizeof backend.ca);
    ds_json_free(root);
    return 0; /* `file` stays open: the backend may print more */
}

static inline int backend_stop(void **state) {
    (void)state;
    close(backend.input);
    return waitpid(backend.pid, NULL, 0) == backend.pid ? 0 : 1;
}

/* POST and await the answer; other things may happen on `http` meanwhile. */
static inline void post(ds_http *http, const char *url, const ds_auth *auth,
                        const char *body) {
    ds_http_answer *answer = NULL;
    ds_err err = DS_ERR_INIT;
    const ds_http_request request = {.id = 1,
                                     .url = url,
                                     .headers = auth ? auth->headers : NULL,
                                     .n_headers = auth ? auth->n_headers : 0,
                                     .signer =
                                         auth && auth->is_signed ? &auth->signer : NULL,
                                     .body = body,
                                     .length = strlen(body),
                                     .maximum = 1000000};
    assert_int_equal(ds_http_start(http, &request, &err), SQLITE_OK);
    for (int64_t end = now_ms() + PATIENCE_MS; answer == NULL && now_ms() < end;) {
        assert_int_equal(ds_http_poll(http, 50, &answer, &err), SQLITE_OK);
    }
    assert_string_equal(err.text, "");
    assert_non_null(answer);
    assert_string_equal(answer->reason, "");
    assert_int_equal(answer->status, 200);
    if (strstr(ds_buf_text(&answer->body), "\"errors\"") != NULL) {
        fail_msg("%s", ds_buf_text(&answer->body));
    }
    ds_http_answer_free(answer);
}

/* Tell the backend to do something. */
static inline void tell(ds_http *http, const char *call, const char *body) {
    char url[200];
    snprintf(url, sizeof url, "%s%s", backend.admin, call);
    post(http, url, NULL, body);
}

#endif

/*
** Requests in flight, by libcurl's multi interface: it keeps the connections. And the one
** place that waits, for them and for WebSockets.
*/
#include "net/net_int.h"

#include <string.h>

/*
** libcurl counts these calls, so one for each handle does no harm. It is never cleaned
** up: others in the process may use it. A host that also calls it must do so before it
** starts threads, as libcurl's documentation demands; among ourselves the mutex sees to
** it.
*/
static bool init_libcurl(void) {
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    sqlite3_mutex_leave(mutex);
    return code == CURLE_OK;
}

/* NULL is copied as NULL. */
static bool copy(const char *text, char **out) {
    *out = text ? sqlite3_mprintf("%s", text) : NULL;
    return text == NULL || *out != NULL;
}

static int fill(ds_http *http, const ds_http_options *options, ds_err *err) {
    if (!copy(options->ca_file, &http->ca_file) || !copy(options->proxy, &http->proxy)) {
        return ds_err_nomem(err);
    }
    http->options = *options;
    http->options.ca_file = http->ca_file;
    http->options.proxy = http->proxy;
    if (!init_libcurl()) {
        return ds_err_set(err, SQLITE_ERROR, "libcurl cannot start");
    }
    http->multi = curl_multi_init();
    if (http->multi == NULL) {
        return ds_err_nomem(err);
    }
    /* A stream that stalls or a connection that breaks then hits one request, not all. */
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return SQLITE_OK;
}

int ds_http_new(const ds_http_options *options, ds_http **out, ds_err *err) {
    ds_http *http = sqlite3_malloc64(sizeof *http);
    *out = NULL;
    if (http == NULL) {
        return ds_err_nomem(err);
    }
    memset(http, 0, sizeof *http);
    http->wake_fd = -1;
    int rc = fill(http, options, err);
    if (rc == SQLITE_OK) {
        *out = http;
    } else {
        ds_http_free(http);
    }
    return rc;
}

/* Take a request out of libcurl and of the list. */
static void take_out(ds_http *http, ds_exchange *exchange) {
    ds_exchange **link = &http->first;
    while (*link != exchange) {
        link = &(*link)->next;
    }
    *link = exchange->next;
    http->n_pending--;
    curl_multi_remove_handle(http->multi, exchange->easy);
}

void ds_http_free(ds_http *http) {
    ds_sigpipe guard;
    if (http == NULL) {
        return;
    }
    while (http->websockets != NULL) {
        ds_websocket_free(http->websockets);
    }
    ds_sigpipe_begin(&guard);
    while (http->first != NULL) {
        ds_exchange *exchange = http->first;
        take_out(http, exchange);
        ds_exchange_free(exchange);
    }
    curl_multi_cleanup(http->multi);
    ds_sigpipe_end(&guard);
    sqlite3_free(http->ca_file);
    sqlite3_free(http->proxy);
    sqlite3_free(http);
}

int ds_http_fail(CURLMcode code, ds_err *err) {
    return code == CURLM_OUT_OF_MEMORY
               ? ds_err_nomem(err)
               : ds_err_set(err, SQLITE_ERROR, "libcurl failed: %s",
                            curl_multi_strerror(code));
}

int ds_http_start(ds_http *http, const ds_http_request *request, ds_err *err) {
    ds_exchange *exchange = NULL;
    if (http->n_pending == DS_MAX_HTTP_REQUESTS) {
        return ds_err_set(err, SQLITE_FULL, "%d requests are in flight already",
                          DS_MAX_HTTP_REQUESTS);
    }
    int rc = ds_exchange_new(&http->options, request, &exchange, err);
    if (rc == SQLITE_OK && http->distrusted_at != 0) {
        rc = ds_exchange_avoid(exchange, ds_clock_ms() - http->distrusted_at, err);
    }
    if (rc != SQLITE_OK) {
        ds_exchange_free(exchange);
        return rc;
    }
    CURLMcode code = curl_multi_add_handle(http->multi, exchange->easy);
    if (code != CURLM_OK) {
        ds_exchange_free(exchange);
        return ds_http_fail(code, err);
    }
    exchange->next = http->first;
    http->first = exchange;
    http->n_pending++;
    return SQLITE_OK;
}

/* One is over: by itself, or as it was given up. */
static int end(ds_http *http, ds_exchange *exchange, CURLcode code, ds_http_answer **out,
               ds_err *err) {
    int rc = ds_exchange_finish(exchange, code, out, err);
    take_out(http, exchange);
    ds_exchange_free(exchange);
    return rc;
}

/* A transfer has ended: the connecting of a WebSocket, or a request. */
static int finish(ds_http *http, CURL *easy, CURLcode code, ds_http_answer **out,
                  ds_err *err) {
    for (ds_websocket *w = http->websockets; w != NULL; w = w->next) {
        if (ds_websocket_connected(w, easy, code)) {
            return SQLITE_OK;
        }
    }
    char *user = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
    return end(http, (void *)user, code, out, err);
}

static ds_exchange *find_lost(const ds_http *http) {
    ds_exchange *exchange = http->first;
    while (exchange != NULL && !exchange->is_lost) {
        exchange = exchange->next;
    }
    return exchange;
}

/* Let everything move, and take one answer if there is one. */
static int work(ds_http *http, ds_http_answer **out, ds_err *err) {
    int count;
    CURLMsg *message;
    CURLMcode code = curl_multi_perform(http->multi, &count);
    int rc = code == CURLM_OK ? SQLITE_OK : ds_http_fail(code, err);
    while (rc == SQLITE_OK && *out == NULL &&
           (message = curl_multi_info_read(http->multi, &count)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            rc = finish(http, message->easy_handle, message->data.result, out, err);
        }
    }
    ds_exchange *lost = *out == NULL ? find_lost(http) : NULL;
    if (rc == SQLITE_OK && lost != NULL) {
        rc = end(http, lost, CURLE_RECV_ERROR, out, err);
    }
    for (ds_websocket *w = http->websockets; rc == SQLITE_OK && w != NULL; w = w->next) {
        rc = ds_websocket_work(w, err);
    }
    return rc;
}

/* Wait for whatever comes first. */
static int wait_for(ds_http *http, int timeout_ms, ds_err *err) {
    struct curl_waitfd fds[DS_MAX_WEBSOCKETS + 1];
    unsigned n = 0;
    for (ds_websocket *w = http->websockets; w != NULL; w = w->next) {
        struct curl_waitfd wanted = {.fd = CURL_SOCKET_BAD};
        int most = ds_websocket_wants(w, &wanted.fd, &wanted.events);
        timeout_ms = most >= 0 && most < timeout_ms ? most : timeout_ms;
        if (wanted.fd != CURL_SOCKET_BAD) {
            fds[n++] = wanted;
        }
    }
    if (http->wake_fd >= 0) {
        fds[n++] = (struct curl_waitfd){.fd = http->wake_fd, .events = CURL_WAIT_POLLIN};
    }
    CURLMcode code = curl_multi_poll(http->multi, fds, n, timeout_ms, NULL);
    return code == CURLM_OK ? SQLITE_OK : ds_http_fail(code, err);
}

int ds_http_poll(ds_http *http, int timeout_ms, ds_http_answer **out, ds_err *err) {
    ds_sigpipe guard;
    *out = NULL;
    ds_sigpipe_begin(&guard);
    int rc = work(http, out, err);
    if (rc == SQLITE_OK && *out == NULL && timeout_ms > 0) {
        rc = wait_for(http, timeout_ms, err);
        rc = rc ? rc : work(http, out, err);
    }
    ds_sigpipe_end(&guard);
    return rc;
}

void ds_http_cancel(ds_http *http, int64_t id) {
    ds_sigpipe guard;
    ds_exchange *exchange = http->first;
    while (exchange != NULL && exchange->answer->id != id) {
        exchange = exchange->next;
    }
    if (exchange != NULL) {
        ds_sigpipe_begin(&guard);
        take_out(http, exchange);
        ds_exchange_free(exchange);
        ds_sigpipe_end(&guard);
    }
}

void ds_http_distrust(ds_http *http) {
    http->distrusted_at = ds_clock_ms();
    for (ds_exchange *x = http->first; x != NULL; x = x->next) {
        x->is_lost = true;
    }
}

int ds_http_pending(const ds_http *http) {
    return http->n_pending;
}

void ds_http_wake_by(ds_http *http, int fd) {
    http->wake_fd = fd;
}

/*
** Requests in flight, by libcurl's multi interface: it keeps the connections.
*/
#include "net/net_int.h"

#include <string.h>

/*
** multi: libcurl's. first: the requests in flight, n_pending of them. options: with texts
** of our own.
*/
struct ds_http {
    CURLM *multi;
    ds_exchange *first;
    int n_pending;
    char *ca_file;
    char *proxy;
    ds_http_options options;
};

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

static int fail_multi(CURLMcode code, ds_err *err) {
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
    if (rc != SQLITE_OK) {
        return rc;
    }
    CURLMcode code = curl_multi_add_handle(http->multi, exchange->easy);
    if (code != CURLM_OK) {
        ds_exchange_free(exchange);
        return fail_multi(code, err);
    }
    exchange->next = http->first;
    http->first = exchange;
    http->n_pending++;
    return SQLITE_OK;
}

/* Let libcurl work, and take one answer if there is one. */
static int work(ds_http *http, ds_http_answer **out, ds_err *err) {
    int count;
    CURLMsg *message;
    CURLMcode code = curl_multi_perform(http->multi, &count);
    if (code != CURLM_OK) {
        return fail_multi(code, err);
    }
    while ((message = curl_multi_info_read(http->multi, &count)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode result = message->data.result; /* the message goes with the handle */
        char *user = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
        ds_exchange *exchange = (void *)user;
        int rc = ds_exchange_finish(exchange, result, out, err);
        take_out(http, exchange);
        ds_exchange_free(exchange);
        return rc;
    }
    return SQLITE_OK;
}

int ds_http_poll(ds_http *http, int timeout_ms, ds_http_answer **out, ds_err *err) {
    ds_sigpipe guard;
    *out = NULL;
    ds_sigpipe_begin(&guard);
    int rc = work(http, out, err);
    if (rc == SQLITE_OK && *out == NULL && timeout_ms > 0) {
        CURLMcode code = curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL);
        rc = code == CURLM_OK ? work(http, out, err) : fail_multi(code, err);
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

int ds_http_pending(const ds_http *http) {
    return http->n_pending;
}

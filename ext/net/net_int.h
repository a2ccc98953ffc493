/* Private to net/. */
#ifndef DS_NET_INT_H
#define DS_NET_INT_H

#include "net/net.h"

#include <signal.h>

#include <curl/curl.h>

/* ---- exchange.c: one request and its answer ---------------------------------------- */

/*
** A request in flight. easy: libcurl's, in the multi handle of the ds_http that lists it.
** headers, body: sent, so they live as long as easy does. answer: filled as it arrives.
** n_sent: how often it was begun to be sent. options: of the ds_http. error: what libcurl
** says in detail.
*/
typedef struct ds_exchange {
    struct ds_exchange *next;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    char *host;
    ds_http_answer *answer;
    int n_sent;
    bool only_once;
    const ds_http_options *options;
    char error[CURL_ERROR_SIZE];
} ds_exchange;

/* Make a request ready to start. `options` must outlive it. Errors: see ds_http_start. */
DS_MUST_USE int ds_exchange_new(const ds_http_options *options,
                                const ds_http_request *request, ds_exchange **out,
                                ds_err *err);
/* Free it; easy must be out of its multi handle. NULL is fine. */
void ds_exchange_free(ds_exchange *exchange);

/* It has ended with `code`: hand over the answer. SQLITE_NOMEM when memory ran out. */
DS_MUST_USE int ds_exchange_finish(ds_exchange *exchange, CURLcode code,
                                   ds_http_answer **out, ds_err *err);

/* ---- failure.c --------------------------------------------------------------------- */

/* The class of libcurl's code. was_sent: see ds_http_answer; what fails before it is a
** failure to connect. CURLE_OK is DS_HTTP_ANSWERED. */
ds_http_failure ds_failure_class(CURLcode code, bool was_sent);

/* Write the reason into exchange->answer, whose failure is set. */
void ds_failure_explain(ds_exchange *exchange, CURLcode code);

/* ---- sigpipe.c --------------------------------------------------------------------- */

/*
** Between begin and end no SIGPIPE reaches this thread: one that our writes raise is
** taken away. The process's handling of signals is not touched.
*/
typedef struct ds_sigpipe {
    sigset_t mask;
    bool was_pending;
} ds_sigpipe;

void ds_sigpipe_begin(ds_sigpipe *guard);
void ds_sigpipe_end(const ds_sigpipe *guard);

#endif

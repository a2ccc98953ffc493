/*
** net: HTTP by libcurl. Floor 1: it knows no AppSync, no JSON and no tables.
**
** A ds_http sends several POSTs at once and hands back one answer at a time. Nothing in
** it blocks for longer than it was told, and nobody is called back: who wants to be
** interruptible polls with a short timeout and looks for himself in between.
*/
#ifndef DS_NET_H
#define DS_NET_H

#include "base/base.h"

/* ---- url.c: endpoints -------------------------------------------------------------- */

/*
** The parts of an absolute URL, as libcurl, which will use it, reads them. host: lower
** case, an IPv6 address in brackets. port: given, or that of the scheme. path: begins
** with "/". is_secure: https or wss. is_loopback: the host is this machine by its name or
** number: localhost, 127.0.0.0/8, [::1].
*/
typedef struct ds_url {
    char *scheme;
    char *host;
    char *path;
    int port;
    bool has_port;
    bool is_secure;
    bool is_loopback;
} ds_url;

/*
** Read a URL of one of two schemes: https and http, or wss and ws when `is_socket`.
** SQLITE_ERROR with what is wrong for any other, for a user name or password in it (they
** would be secrets), for a query or a fragment, and for more than DS_MAX_URL_BYTES.
** Messages name no part of a URL that may hold a secret. Free with ds_url_done, also
** after an error.
*/
DS_MUST_USE int ds_url_parse(const char *text, bool is_socket, ds_url *out, ds_err *err);
void ds_url_done(ds_url *url);

/* Is it the address of a proxy: http, https, socks4, socks4a, socks5 or socks5h, with a
** user name and password or without? */
bool ds_url_is_proxy(const char *text);

/* ---- http.c: requests in flight ---------------------------------------------------- */

typedef struct ds_http ds_http;

/*
** ca_file: the certificates to trust instead of the system's, PEM; NULL for those of the
** system. proxy: as libcurl takes it; "" for none; NULL: as http_proxy, https_proxy,
** all_proxy and no_proxy say. A loopback host is never asked of a proxy, for which it
** would be another machine. allow_insecure: plain http also to other hosts. Timeouts are
** milliseconds: until the connection stands (name look-up and TLS included), and until
** the whole answer is there.
*/
typedef struct ds_http_options {
    const char *ca_file;
    const char *proxy;
    bool allow_insecure;
    int connect_timeout_ms;
    int request_timeout_ms;
} ds_http_options;

/* A new handle, used by one thread at a time; it keeps connections open between requests.
** The texts of `options` are copied. */
DS_MUST_USE int ds_http_new(const ds_http_options *options, ds_http **out, ds_err *err);
/* Cancel everything and close all connections. NULL is fine. */
void ds_http_free(ds_http *http);

/* Sign the request with AWS Signature Version 4. A session token is a header of the
** request. */
typedef struct ds_http_signer {
    const char *region;
    const char *service;
    const char *access_key;
    const char *secret_key;
} ds_http_signer;

/*
** One POST. id: the caller's, not in use by another request in flight. headers: complete
** lines, "name: value". maximum: the most bytes that the answer may have, after
** unpacking. only_once: do not send it again by itself when a kept connection turns out
** to be dead; without this libcurl does, and then nobody knows whether the first one was
** carried out.
*/
typedef struct ds_http_request {
    int64_t id;
    const char *url;
    const char *const *headers;
    int n_headers;
    const char *body;
    size_t length;
    size_t maximum;
    bool only_once;
    const ds_http_signer *signer;
} ds_http_request;

/*
** Start a request; everything is copied, nothing is waited for. SQLITE_ERROR for a URL
** that is no endpoint or not secure, a header with a control character, or a libcurl that
** cannot sign; SQLITE_FULL when DS_MAX_HTTP_REQUESTS are in flight.
*/
DS_MUST_USE int ds_http_start(ds_http *http, const ds_http_request *request, ds_err *err);

/* Why there is no answer. Stable: callers decide by it. */
typedef enum ds_http_failure {
    DS_HTTP_ANSWERED,      /* none: there is a status */
    DS_HTTP_NO_CONNECTION, /* no network, no such host, refused, or the proxy would not */
    DS_HTTP_TLS,           /* not trusted, or no common language */
    DS_HTTP_TIMEOUT,
    DS_HTTP_RESET, /* the connection ended before the answer did */
    DS_HTTP_TOO_LARGE,
    DS_HTTP_MALFORMED /* not HTTP, or not unpackable */
} ds_http_failure;

/*
** What became of a request. was_sent: the server may have seen it, if only in part.
** status: 0 without an answer. retry_after: seconds that the server asked for, at most
** DS_MAX_RETRY_AFTER_S; 0 when it did not. content_type: ASCII, "" when absent. reason:
** one line why there is no answer; it never holds a header or a part of the request but
** the host. Redirects are answers: they are never followed.
*/
typedef struct ds_http_answer {
    int64_t id;
    ds_http_failure failure;
    bool was_sent;
    int status;
    int retry_after;
    char content_type[128];
    ds_buf body;
    char reason[512];
} ds_http_answer;

/*
** Move things along, waiting at most `timeout_ms` milliseconds for something to happen;
** with nothing in flight that is a plain wait. *out is an answer, owned by the caller, or
** NULL when there is none yet, which may be earlier than the timeout. Call again at once
** after an answer: more may be there. SQLITE_NOMEM gives up the request that it struck.
*/
DS_MUST_USE int ds_http_poll(ds_http *http, int timeout_ms, ds_http_answer **out,
                             ds_err *err);
void ds_http_answer_free(ds_http_answer *answer);

/* Give up a request: it will have no answer. An unknown id is fine. */
void ds_http_cancel(ds_http *http, int64_t id);

/* How many requests are in flight. */
int ds_http_pending(const ds_http *http);

#endif

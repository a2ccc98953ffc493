/*
** net: HTTP by libcurl, and WebSocket over libcurl's connections. Floor 1: it knows no
** AppSync, no JSON and no tables.
**
** A ds_http sends several POSTs at once and hands back one answer at a time; WebSockets
** that belong to it make progress beside them, and hand back one event at a time. Nothing
** in it blocks for longer than it was told, and nobody is called back: one loop of
** ds_http_poll waits for all of them and, if need be, for a descriptor that wakes it up.
** Who wants to be interruptible polls with a short timeout and looks for himself in
** between.
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
/* Cancel everything, free the WebSockets and close all connections. NULL is fine. */
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
** after an answer: more may be there. There is no waiting while a WebSocket has an event
** that nobody took. SQLITE_NOMEM gives up the request or WebSocket that it struck.
*/
DS_MUST_USE int ds_http_poll(ds_http *http, int timeout_ms, ds_http_answer **out,
                             ds_err *err);
void ds_http_answer_free(ds_http_answer *answer);

/* Give up a request: it will have no answer. An unknown id is fine. */
void ds_http_cancel(ds_http *http, int64_t id);

/*
** The network may be another one, in which what was connected leads nowhere without anybody
** saying so: requests in flight are given up as RESET, with the next polls, and no
** connection of before is used again. WebSockets stay as they are.
*/
void ds_http_distrust(ds_http *http);

/* How many requests are in flight. */
int ds_http_pending(const ds_http *http);

/* A descriptor that ends the waiting of ds_http_poll when it is readable: the read end of
** a pipe, or an eventfd. It is only looked at. -1: none. */
void ds_http_wake_by(ds_http *http, int fd);

/* ---- websocket.c: connections that stay -------------------------------------------- */

/*
** A client's end of a WebSocket (RFC 6455, without extensions). It goes through: being
** connected, the HTTP upgrade, open, ended. Pings are answered, messages put together
** from their fragments and checked to be UTF-8, close frames answered; a server that
** breaks the protocol is told so, and that is the end.
*/
typedef struct ds_websocket ds_websocket;

/*
** url: ws or wss, as ds_url_parse takes it. query: what stands behind its "?"; NULL for
** nothing. protocols: subprotocols that are offered. headers: complete lines.
** answer_timeout_ms: until the upgrade is answered, once connected. maximum: the most bytes
** of a message. Connecting has the options of the ds_http: certificates, proxy, timeout;
** plain ws is allowed where plain http is.
*/
typedef struct ds_websocket_request {
    const char *url;
    const char *query;
    const char *const *protocols;
    int n_protocols;
    const char *const *headers;
    int n_headers;
    int answer_timeout_ms;
    size_t maximum;
} ds_websocket_request;

/*
** Begin to connect; everything is copied, nothing is waited for. SQLITE_ERROR for a URL
** that is no endpoint or not secure, a query, protocol or header that cannot be sent, or more
** than DS_MAX_UPGRADE_BYTES of them; SQLITE_FULL when there are DS_MAX_WEBSOCKETS.
*/
DS_MUST_USE int ds_websocket_open(ds_http *http, const ds_websocket_request *request,
                                  ds_websocket **out, ds_err *err);

/* Drop the connection without a word, and free it. NULL is fine. */
void ds_websocket_free(ds_websocket *websocket);

/*
** Queue a text message (UTF-8); ds_http_poll sends it. Before the connection is open it waits, and
** after its end, or ds_websocket_close, it is dropped without an error, as the CLOSED
** event tells or will tell. SQLITE_FULL: more than DS_MAX_UNSENT_BYTES would wait; poll, and
** try again.
*/
DS_MUST_USE int ds_websocket_send(ds_websocket *websocket, const char *text,
                                  size_t length, ds_err *err);

/*
** Say good-bye: a close frame with `code` (1000, or 3000 to 4999) and `reason` (at most
** 123 bytes). The CLOSED event comes with the server's answer, or without it after two
** seconds. Before the connection is open it is dropped at once.
*/
void ds_websocket_close(ds_websocket *websocket, int code, const char *reason);

typedef enum ds_websocket_kind {
    DS_WEBSOCKET_NOTHING, /* poll */
    DS_WEBSOCKET_OPENED,
    DS_WEBSOCKET_MESSAGE,
    DS_WEBSOCKET_CLOSED /* the last one */
} ds_websocket_kind;

/*
** text: of a message. The rest is for CLOSED. answer: how the connection ended, never NULL
** then. Its failure is ANSWERED when it was
**   - refused: `status` is not 101, and body is the beginning of what came, at most
**     DS_MAX_REFUSAL_BYTES;
**   - closed in good order: `status` is 101, and `code` the server's close code: 1005 when
**     it gave none, 0 when it sent no close frame.
** Otherwise there was no connection, or it broke: MALFORMED for a server that broke the protocol,
** TOO_LARGE for a message beyond the maximum. reason: one line, "" only for a refusal.
** was_sent: of the upgrade.
*/
typedef struct ds_websocket_event {
    ds_websocket_kind kind;
    ds_buf text;
    int code;
    ds_http_answer *answer;
} ds_websocket_event;

/* The next event, to be freed with ds_websocket_event_done. OPENED comes first, unless it
** never opens; behind CLOSED there is NOTHING. */
void ds_websocket_next(ds_websocket *websocket, ds_websocket_event *out);
void ds_websocket_event_done(ds_websocket_event *event);

#endif

/* Private to net/. */
#ifndef DS_NET_INT_H
#define DS_NET_INT_H

#include "net/net.h"

#include <signal.h>

#include <curl/curl.h>

/* ---- http.c ------------------------------------------------------------------------ */

struct ds_exchange;

/*
** multi: libcurl's. first: the requests in flight, n_pending of them. websockets: all that
** were opened and not freed. wake_fd: or -1. distrusted_at: connections of before are not
** to be used, by ds_clock_ms; 0 for never. options: with texts of our own.
*/
struct ds_http {
    CURLM *multi;
    struct ds_exchange *first;
    int n_pending;
    ds_websocket *websockets;
    int n_websockets;
    int wake_fd;
    int64_t distrusted_at;
    char *ca_file;
    char *proxy;
    ds_http_options options;
};

/* The error of a multi handle. */
int ds_http_fail(CURLMcode code, ds_err *err);

/* ---- easy.c ------------------------------------------------------------------------ */

/* Tell a handle how to connect and whom to trust. */
CURLcode ds_easy_set_up(CURL *easy, const ds_http_options *options, bool is_loopback);
/* SQLITE_NOMEM, or SQLITE_ERROR for what this libcurl cannot do. */
DS_MUST_USE int ds_easy_check(CURLcode code, ds_err *err);
/* SQLITE_ERROR for a plain connection to another machine without allow_insecure. */
DS_MUST_USE int ds_easy_check_safety(const ds_url *url, const ds_http_options *options,
                                     ds_err *err);
/* SQLITE_ERROR for a line with a control character. */
DS_MUST_USE int ds_easy_check_header(const char *line, ds_err *err);

/* ---- exchange.c: one request and its answer ---------------------------------------- */

/*
** A request in flight. easy: libcurl's, in the multi handle of the ds_http that lists it.
** headers, body: sent, so they live as long as easy does. answer: filled as it arrives.
** n_sent: how often it was begun to be sent. is_lost: it is given up. options: of the ds_http. error: what libcurl
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
    bool is_lost;
    const ds_http_options *options;
    char error[CURL_ERROR_SIZE];
} ds_exchange;

/* Make a request ready to start. `options` must outlive it. Errors: see ds_http_start. */
DS_MUST_USE int ds_exchange_new(const ds_http_options *options,
                                const ds_http_request *request, ds_exchange **out,
                                ds_err *err);
/* Free it; easy must be out of its multi handle. NULL is fine. */
void ds_exchange_free(ds_exchange *exchange);

/* Use no connection that was used last `age_ms` ago or earlier. */
DS_MUST_USE int ds_exchange_avoid(ds_exchange *exchange, int64_t age_ms, ds_err *err);

/* It has ended with `code`: hand over the answer. SQLITE_NOMEM when memory ran out. */
DS_MUST_USE int ds_exchange_finish(ds_exchange *exchange, CURLcode code,
                                   ds_http_answer **out, ds_err *err);

/* Note what stands in the head of an answer, within its limits. content_type: NULL if
** there is none. */
void ds_answer_describe(ds_http_answer *answer, int status, int64_t retry_after,
                        const char *content_type);

/* ---- failure.c --------------------------------------------------------------------- */

/* Write the reason: sqlite3_mprintf's formats, one line. */
void ds_failure_say(ds_http_answer *answer, const char *format, ...);

/* The reason of an answer whose failure is NO_CONNECTION, TLS or TIMEOUT: no connection
** stands. error: libcurl's words, or "". */
void ds_failure_to_connect(ds_http_answer *answer, CURLcode code, const char *host,
                           const char *error, int timeout_ms);

/* The class of libcurl's code. was_sent: see ds_http_answer; what fails before it is a
** failure to connect. CURLE_OK is DS_HTTP_ANSWERED. */
ds_http_failure ds_failure_class(CURLcode code, bool was_sent);

/* Write the reason into exchange->answer, whose failure is set. */
void ds_failure_explain(ds_exchange *exchange, CURLcode code);

/* ---- upgrade.c: the HTTP in front of a WebSocket ------------------------------------ */

typedef enum ds_upgrade_state {
    DS_UPGRADE_HEAD, /* the head of the answer has not ended */
    DS_UPGRADE_BODY, /* it is refused, and more of the body is awaited */
    DS_UPGRADE_OPEN,
    DS_UPGRADE_REFUSED, /* status, body and so on are in the answer */
    DS_UPGRADE_BROKEN   /* failure and reason are in the answer */
} ds_upgrade_state;

/*
** request: all of what is to be sent; it holds credentials. protocols: what it offers, as
** one header value, in it. accept: the right answer to its key. answer, host: borrowed.
*/
typedef struct ds_upgrade {
    ds_upgrade_state state;
    ds_buf request;
    ds_buf protocols;
    char accept[29];
    ds_buf head;
    int64_t body_left; /* -1: until its end */
    bool is_chunked;
    ds_http_answer *answer;
    const char *host;
} ds_upgrade;

/* Make the request. To be freed with ds_upgrade_done in any case. Errors: see
** ds_websocket_open. */
DS_MUST_USE int ds_upgrade_init(ds_upgrade *upgrade, const ds_url *url,
                                const ds_websocket_request *request,
                                ds_http_answer *answer, ds_err *err);
void ds_upgrade_done(ds_upgrade *upgrade);

/* Some of the answer. *out_used: how many bytes were taken; what is behind the head of an
** accepted one is not. The only error is SQLITE_NOMEM. */
DS_MUST_USE int ds_upgrade_feed(ds_upgrade *upgrade, const char *bytes, size_t n,
                                size_t *out_used);
/* The connection has ended. */
void ds_upgrade_end(ds_upgrade *upgrade);

/* ---- frames.c: messages as frames, by wslay ----------------------------------------- */

typedef struct ds_frames ds_frames;

/* maximum: bytes of a message. */
DS_MUST_USE int ds_frames_new(size_t maximum, ds_frames **out, ds_err *err);
void ds_frames_free(ds_frames *frames);

/* Queue a message (see ds_websocket_send), or a close frame; nothing once there is one. */
DS_MUST_USE int ds_frames_queue(ds_frames *frames, const char *text, size_t length,
                                ds_err *err);
DS_MUST_USE int ds_frames_close(ds_frames *frames, int code, const char *reason,
                                ds_err *err);

/* What is to be sent next. SQLITE_NOMEM. */
DS_MUST_USE int ds_frames_unsent(ds_frames *frames, const char **out, size_t *out_n);
/* The first n bytes of it have gone. None: it could not be sent now, and the next time it will be
** the same bytes at the same place, as OpenSSL demands. */
void ds_frames_sent(ds_frames *frames, size_t n);

/* Bytes that came. The only error is SQLITE_NOMEM. */
DS_MUST_USE int ds_frames_receive(ds_frames *frames, const char *bytes, size_t n);
/* Is so much waiting to be sent that nothing should be received? Else somebody who sends
** pings and never reads the answers could fill the memory. */
bool ds_frames_is_full(const ds_frames *frames);
bool ds_frames_has_message(const ds_frames *frames);
/* Move the first message to *out; false when there is none. */
bool ds_frames_take(ds_frames *frames, ds_buf *out);

typedef enum ds_frames_state {
    DS_FRAMES_OPEN,
    DS_FRAMES_CLOSED, /* a close frame came; ours may still wait to be sent */
    DS_FRAMES_MALFORMED /* what came breaks the protocol: likewise */,
    DS_FRAMES_TOO_LARGE /* a message is larger than the maximum: likewise */
} ds_frames_state;

ds_frames_state ds_frames_state_of(const ds_frames *frames);
/* The code of the close frame that came, and its reason, "" without. */
int ds_frames_code(const ds_frames *frames);
const char *ds_frames_reason(const ds_frames *frames);

/* ---- progress.c: a WebSocket and its connection -------------------------------------- */

typedef enum ds_phase {
    DS_PHASE_CONNECTING, /* libcurl is at work */
    DS_PHASE_UPGRADING,
    DS_PHASE_OPEN,
    DS_PHASE_CLOSING, /* by us */
    DS_PHASE_ENDED
} ds_phase;

/*
** easy: in the multi handle as long as the connection lives, which goes with it. fd: once
** it stands. deadline: of the phase, 0 for none. n_sent: bytes of the upgrade's request.
** answer: for the CLOSED event, which takes it. is_told: OPENED was handed out. is_stuck:
** what is to be sent waits for the socket. is_broken: nothing more can be sent; the other
** side's last words may still be received. has_more: there may be something to receive
** without waiting.
*/
struct ds_websocket {
    ds_websocket *next;
    ds_http *http;
    CURL *easy;
    int fd;
    ds_url url;
    ds_phase phase;
    int64_t deadline;
    int answer_timeout_ms;
    size_t maximum;
    ds_upgrade upgrade;
    size_t n_sent;
    ds_frames *frames;
    ds_http_answer *answer;
    bool was_open;
    bool is_told;
    bool is_stuck;
    bool is_broken;
    bool has_more;
    char error[CURL_ERROR_SIZE];
};

/* Milliseconds of a clock that nobody sets. */
int64_t ds_clock_ms(void);

/* Close the connection; messages that came before can still be taken. */
void ds_websocket_hang_up(ds_websocket *websocket);
/* The same, because its owner wants it. */
void ds_websocket_end_here(ds_websocket *websocket);
/* Is this one's `easy`? Then it stands, or does not, as `code` says. */
bool ds_websocket_connected(ds_websocket *websocket, const CURL *easy, CURLcode code);
/* Send and receive what there is. SQLITE_NOMEM ends it. */
DS_MUST_USE int ds_websocket_work(ds_websocket *websocket, ds_err *err);
/* What it waits for: *out_fd is -1 while libcurl waits for it; events are CURL_WAIT_….
** Returns after how many milliseconds it wants to work in any case; -1: never. */
int ds_websocket_wants(const ds_websocket *websocket, int *out_fd, short *out_events);

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

/*
** What the network does to a WebSocket. libcurl has connected it (name, proxy, TLS) in the
** multi handle and now lends its connection: bytes go from there to the upgrade and to the
** frames, and back.
*/
#define _POSIX_C_SOURCE 200809L

#include "net/net_int.h"

#include <string.h>
#include <time.h>

#define PART_BYTES 16384 /* received at once */
#define PARTS      16    /* received before others get their turn */
#define SWITCHED   101   /* HTTP's status of a connection that became a WebSocket */

int64_t ds_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the end ----------------------------------------------------------------------- */

/* Close the connection; messages that came before can still be taken. */
void ds_websocket_hang_up(ds_websocket *w) {
    if (w->easy != NULL) {
        curl_multi_remove_handle(w->http->multi, w->easy);
        curl_easy_cleanup(w->easy);
        w->easy = NULL;
    }
    w->phase = DS_PHASE_ENDED;
}

/* It ends as the answer says already. */
static void end_as_noted(ds_websocket *w) {
    if (w->answer->failure != DS_HTTP_ANSWERED) {
        w->answer->status = 0;
        ds_buf_done(&w->answer->body);
    }
    ds_websocket_hang_up(w);
}

static void end(ds_websocket *w, ds_http_failure failure, const char *format) {
    w->answer->failure = failure;
    ds_failure_say(w->answer, format, w->url.host);
    end_as_noted(w);
}

void ds_websocket_end_here(ds_websocket *w) {
    w->answer->status = SWITCHED;
    end(w, DS_HTTP_ANSWERED, "the connection to %s was closed here");
}

static void end_closed(ds_websocket *w) {
    const char *reason = ds_frames_reason(w->frames);
    ds_failure_say(w->answer, "%s closed the connection (%d%s%s)", w->url.host,
                   ds_frames_code(w->frames), reason[0] ? ": " : "", reason);
    end_as_noted(w);
}

/* The other side ended the connection, or the network did. */
static void end_lost(ds_websocket *w) {
    if (w->phase == DS_PHASE_UPGRADING) {
        ds_upgrade_end(&w->upgrade);
        end_as_noted(w);
    } else if (w->phase == DS_PHASE_CLOSING) {
        ds_websocket_end_here(w);
    } else {
        end(w, DS_HTTP_RESET, "the connection to %s was lost");
    }
}

static void end_late(ds_websocket *w) {
    if (w->phase == DS_PHASE_UPGRADING && w->upgrade.state == DS_UPGRADE_HEAD) {
        w->answer->failure = DS_HTTP_TIMEOUT;
        ds_failure_say(w->answer, "no answer from %s within %d ms", w->url.host,
                       w->answer_timeout_ms);
        end_as_noted(w);
    } else {
        end_lost(w);
    }
}

/* ---- the connection stands --------------------------------------------------------- */

static void begin_upgrade(ds_websocket *w) {
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    w->fd = fd;
    w->phase = DS_PHASE_UPGRADING;
    w->deadline = ds_clock_ms() + w->answer_timeout_ms;
    w->answer->was_sent = true;
}

bool ds_websocket_connected(ds_websocket *w, const CURL *easy, CURLcode code) {
    if (w->easy != easy) {
        return false;
    }
    if (code == CURLE_OK) {
        begin_upgrade(w);
    } else {
        w->answer->failure = ds_failure_class(code, false);
        ds_failure_to_connect(w->answer, code, w->url.host, w->error,
                              w->http->options.connect_timeout_ms);
        end_as_noted(w);
    }
    return true;
}

/* ---- bytes ------------------------------------------------------------------------- */

static int find_unsent(ds_websocket *w, const char **out, size_t *out_n) {
    if (w->phase != DS_PHASE_UPGRADING) {
        return ds_frames_unsent(w->frames, out, out_n);
    }
    *out = ds_buf_text(&w->upgrade.request) + w->n_sent;
    *out_n = w->upgrade.request.length - w->n_sent;
    return SQLITE_OK;
}

/* Send until nothing is left, or the socket takes no more. */
static int send_some(ds_websocket *w) {
    const char *bytes;
    size_t n;
    int rc;
    w->is_stuck = false;
    while ((rc = find_unsent(w, &bytes, &n)) == SQLITE_OK && n > 0 && !w->is_broken) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(w->easy, bytes, n, &sent);
        w->is_stuck = code == CURLE_AGAIN;
        w->is_broken = code != CURLE_OK && !w->is_stuck;
        if (w->phase == DS_PHASE_UPGRADING) {
            w->n_sent += sent;
        } else {
            ds_frames_sent(w->frames, sent);
        }
        if (w->is_stuck) {
            break;
        }
    }
    return rc;
}

static int take_upgrade(ds_websocket *w, const char *bytes, size_t n) {
    size_t used;
    int rc = ds_upgrade_feed(&w->upgrade, bytes, n, &used);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (w->upgrade.state == DS_UPGRADE_OPEN) {
        w->phase = DS_PHASE_OPEN;
        w->was_open = true;
        w->deadline = 0;
        ds_buf_done(&w->upgrade.request); /* credentials among it */
        return ds_frames_receive(w->frames, bytes + used, n - used);
    }
    if (w->upgrade.state == DS_UPGRADE_REFUSED || w->upgrade.state == DS_UPGRADE_BROKEN) {
        end_as_noted(w);
    }
    return SQLITE_OK;
}

static bool may_receive(const ds_websocket *w) {
    return w->phase != DS_PHASE_ENDED &&
           ds_frames_state_of(w->frames) == DS_FRAMES_OPEN &&
           !ds_frames_has_message(w->frames) && !ds_frames_is_full(w->frames);
}

/* Receive until there is a message, or nothing more. */
static int receive_some(ds_websocket *w) {
    char part[PART_BYTES];
    int rc = SQLITE_OK;
    w->has_more = true;
    for (int i = 0; rc == SQLITE_OK && i < PARTS && may_receive(w); i++) {
        size_t n = 0;
        CURLcode code = curl_easy_recv(w->easy, part, sizeof part, &n);
        if (code == CURLE_AGAIN) {
            w->has_more = false;
            break;
        }
        if (code != CURLE_OK || n == 0) {
            end_lost(w);
        } else if (w->phase == DS_PHASE_UPGRADING) {
            rc = take_upgrade(w, part, n);
        } else {
            rc = ds_frames_receive(w->frames, part, n);
        }
    }
    return rc;
}

/* ---- progress ---------------------------------------------------------------------- */

static void judge(ds_websocket *w) {
    switch (ds_frames_state_of(w->frames)) {
    case DS_FRAMES_OPEN:
        if (w->is_broken && (!w->has_more || ds_frames_is_full(w->frames))) {
            end_lost(w);
        } else if (w->deadline != 0 && ds_clock_ms() >= w->deadline) {
            end_late(w);
        }
        break;
    case DS_FRAMES_CLOSED:
        end_closed(w);
        break;
    case DS_FRAMES_MALFORMED:
        end(w, DS_HTTP_MALFORMED, "%s breaks the WebSocket protocol");
        break;
    case DS_FRAMES_TOO_LARGE:
        w->answer->failure = DS_HTTP_TOO_LARGE;
        ds_failure_say(w->answer, "a message of %s has more than %lld bytes", w->url.host,
                       (long long)w->maximum);
        end_as_noted(w);
        break;
    }
}

int ds_websocket_work(ds_websocket *w, ds_err *err) {
    if (w->phase == DS_PHASE_CONNECTING || w->phase == DS_PHASE_ENDED) {
        return SQLITE_OK;
    }
    int rc = send_some(w);
    rc = rc ? rc : receive_some(w);
    if (rc == SQLITE_OK && w->phase != DS_PHASE_ENDED) {
        rc = send_some(w); /* what answers it */
    }
    if (rc != SQLITE_OK) {
        end(w, DS_HTTP_RESET, "out of memory while %s was listened to");
        return ds_err_nomem(err);
    }
    if (w->phase != DS_PHASE_ENDED) {
        judge(w);
    }
    return SQLITE_OK;
}

static bool has_event(const ds_websocket *w) {
    return (w->was_open && !w->is_told) || ds_frames_has_message(w->frames) ||
           (w->phase == DS_PHASE_ENDED && w->answer != NULL);
}

int ds_websocket_wants(const ds_websocket *w, int *out_fd, short *out_events) {
    bool is_full = ds_frames_is_full(w->frames);
    *out_fd = -1;
    if (has_event(w)) {
        return 0;
    }
    if (w->phase == DS_PHASE_CONNECTING || w->phase == DS_PHASE_ENDED) {
        return -1;
    }
    *out_fd = w->fd;
    *out_events =
        (short)((is_full ? 0 : CURL_WAIT_POLLIN) | (w->is_stuck ? CURL_WAIT_POLLOUT : 0));
    if (w->has_more && !is_full) {
        return 0;
    }
    int64_t left = w->deadline - ds_clock_ms();
    return w->deadline == 0 ? -1 : left > 0 ? (int)left : 0;
}

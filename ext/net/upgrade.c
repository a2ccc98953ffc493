/*
** The HTTP in front of a WebSocket: the request, and its answer as it comes in pieces. No
** connection is touched here.
*/
#include "net/net_int.h"

#include <string.h>

#define KEY_BYTES 16
#define GUID      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* of RFC 6455 */

/* ---- the request ------------------------------------------------------------------- */

/* The answer that only who read the key can give. */
static int make_accept(const char *key, char out[29], ds_err *err) {
    unsigned char digest[DS_SHA1_SIZE];
    char text[100];
    ds_buf accept;
    sqlite3_snprintf(sizeof text, text, "%s%s", key, GUID);
    int rc = ds_digest_sha1(text, strlen(text), digest, err);
    ds_buf_init(&accept, 28);
    ds_buf_add_base64(&accept, digest, sizeof digest, false);
    sqlite3_snprintf(29, out, "%s", ds_buf_text(&accept));
    if (rc == SQLITE_OK && accept.rc != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    ds_buf_done(&accept);
    return rc;
}

static int add_key(ds_upgrade *u, ds_err *err) {
    unsigned char bytes[KEY_BYTES];
    ds_buf key;
    ds_buf_init(&key, 100);
    ds_env_random(bytes, sizeof bytes);
    ds_buf_add_base64(&key, bytes, sizeof bytes, false);
    ds_buf_addf(&u->request, "Sec-WebSocket-Key: %s\r\n", ds_buf_text(&key));
    int rc = key.rc ? ds_err_nomem(err) : make_accept(ds_buf_text(&key), u->accept, err);
    ds_buf_done(&key);
    return rc;
}

/* What may stand in a request line or a token: printable ASCII, and none of `but`. */
static bool is_plain(const char *text, const char *but) {
    for (const char *p = text; *p; p++) {
        if (*p <= 0x20 || *p > 0x7E || strchr(but, *p) != NULL) {
            return false;
        }
    }
    return text[0] != 0;
}

static int add_protocols(ds_upgrade *u, const ds_websocket_request *request,
                         ds_err *err) {
    for (int i = 0; i < request->n_protocols; i++) {
        if (!is_plain(request->protocols[i], "()<>@,;:\\\"/[]?={}")) {
            return ds_err_set(err, SQLITE_ERROR, "a subprotocol is no token of HTTP");
        }
        ds_buf_addf(&u->protocols, "%s%s", i > 0 ? ", " : "", request->protocols[i]);
    }
    if (request->n_protocols > 0) {
        ds_buf_addf(&u->request, "Sec-WebSocket-Protocol: %s\r\n",
                    ds_buf_text(&u->protocols));
    }
    return SQLITE_OK;
}

static int add_headers(ds_upgrade *u, const ds_websocket_request *request, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < request->n_headers; i++) {
        rc = ds_easy_check_header(request->headers[i], err);
        ds_buf_addf(&u->request, "%s\r\n", request->headers[i]);
    }
    return rc;
}

static int add_target(ds_upgrade *u, const ds_url *url, const char *query, ds_err *err) {
    if (query != NULL && !is_plain(query, "#")) {
        return ds_err_set(err, SQLITE_ERROR, "the query of a WebSocket is not encoded");
    }
    ds_buf_addf(&u->request, "GET %s%s%s HTTP/1.1\r\nHost: %s", url->path,
                query ? "?" : "", query ? query : "", url->host);
    if (url->has_port) {
        ds_buf_addf(&u->request, ":%d", url->port);
    }
    ds_buf_add(&u->request, "\r\nUser-Agent: datastore/" DATASTORE_VERSION
                            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Version: 13\r\n");
    return SQLITE_OK;
}

int ds_upgrade_init(ds_upgrade *u, const ds_url *url, const ds_websocket_request *request,
                    ds_http_answer *answer, ds_err *err) {
    memset(u, 0, sizeof *u);
    ds_buf_init(&u->request, DS_MAX_UPGRADE_BYTES);
    ds_buf_init(&u->protocols, DS_MAX_UPGRADE_BYTES);
    ds_buf_init(&u->head, DS_MAX_HEAD_BYTES);
    ds_buf_init(&answer->body, DS_MAX_REFUSAL_BYTES);
    u->answer = answer;
    u->host = url->host;
    int rc = add_target(u, url, request->query, err);
    rc = rc ? rc : add_key(u, err);
    rc = rc ? rc : add_protocols(u, request, err);
    rc = rc ? rc : add_headers(u, request, err);
    ds_buf_add(&u->request, "\r\n");
    if (rc == SQLITE_OK && u->request.rc == SQLITE_TOOBIG) {
        rc = ds_err_set(err, SQLITE_ERROR, "more than %d bytes to open a WebSocket",
                        DS_MAX_UPGRADE_BYTES);
    }
    return rc == SQLITE_OK && u->request.rc != SQLITE_OK ? ds_err_nomem(err) : rc;
}

void ds_upgrade_done(ds_upgrade *u) {
    ds_buf_done(&u->request);
    ds_buf_done(&u->protocols);
    ds_buf_done(&u->head);
}

/* ---- the head of the answer -------------------------------------------------------- */

/* What was seen in it. length, retry_after: -1 and 0 without. */
typedef struct head {
    int status;
    bool has_upgrade, has_connection, has_accept;
    bool has_other_accept, has_other_protocol, has_extension;
    bool is_chunked;
    int64_t length;
    int64_t retry_after;
    const char *type;
} head;

static void break_off(ds_upgrade *u, ds_http_failure failure, const char *what) {
    u->state = DS_UPGRADE_BROKEN;
    u->answer->failure = failure;
    ds_failure_say(u->answer, "what %s answered is no WebSocket: %s", u->host, what);
}

/* Is `word` one of the list "a, b, c"? In HTTP's lists case does not count; subprotocols
** are compared exactly. */
static bool lists(const char *list, const char *word, bool is_exact) {
    size_t length = strlen(word);
    while (*list) {
        size_t n = strcspn(list, ",");
        size_t end = n;
        size_t start = strspn(list, " \t");
        while (end > start && strchr(" \t", list[end - 1]) != NULL) {
            end--;
        }
        if (end > start && end - start == length &&
            (is_exact ? memcmp(list + start, word, length) == 0
                      : sqlite3_strnicmp(list + start, word, (int)length) == 0)) {
            return true;
        }
        list += n + (list[n] == ',');
    }
    return false;
}

/* -1 when it is no number below 10^15. */
static int64_t number_of(const char *text) {
    int64_t number = 0;
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 15 || text[n] != 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static void note(const ds_upgrade *u, head *h, const char *name, const char *value) {
    if (ds_text_iequal(name, "upgrade")) {
        h->has_upgrade |= lists(value, "websocket", false);
    } else if (ds_text_iequal(name, "connection")) {
        h->has_connection |= lists(value, "upgrade", false);
    } else if (ds_text_iequal(name, "sec-websocket-accept")) {
        bool is_right = strcmp(value, u->accept) == 0;
        h->has_accept |= is_right;
        h->has_other_accept |= !is_right;
    } else if (ds_text_iequal(name, "sec-websocket-protocol")) {
        h->has_other_protocol |= !lists(ds_buf_text(&u->protocols), value, true);
    } else if (ds_text_iequal(name, "sec-websocket-extensions")) {
        h->has_extension = true;
    } else if (ds_text_iequal(name, "content-length")) {
        h->length = number_of(value);
    } else if (ds_text_iequal(name, "transfer-encoding")) {
        h->is_chunked |= lists(value, "chunked", false);
    } else if (ds_text_iequal(name, "retry-after")) {
        h->retry_after = number_of(value);
    } else if (ds_text_iequal(name, "content-type")) {
        h->type = value;
    }
}

/* "HTTP/1.1 101 Switching Protocols" */
static bool read_status(const char *line, head *h) {
    if (strncmp(line, "HTTP/1.", 7) != 0 || strlen(line) < 12 || line[8] != ' ' ||
        (line[12] != ' ' && line[12] != 0)) {
        return false;
    }
    char digits[4] = {line[9], line[10], line[11], 0};
    h->status = (int)number_of(digits);
    return h->status >= 100;
}

/* One header line, which is cut into name and value. */
static bool read_line(const ds_upgrade *u, char *line, head *h) {
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line || strcspn(line, " \t") < (size_t)(colon - line)) {
        return false;
    }
    *colon = 0;
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t", value[length - 1]) != NULL) {
        value[--length] = 0;
    }
    note(u, h, line, value);
    return true;
}

static bool read_lines(ds_upgrade *u, head *h) {
    char *line = u->head.data;
    char *last = line + u->head.length - 2; /* the empty line */
    bool is_good = memchr(line, 0, u->head.length) == NULL;
    for (bool is_first = true; is_good && line < last; is_first = false) {
        char *end = strstr(line, "\r\n");
        *end = 0;
        is_good = is_first ? read_status(line, h) : read_line(u, line, h);
        line = end + 2;
    }
    return is_good;
}

static const char *find_fault(const head *h) {
    return !h->has_upgrade || !h->has_connection ? "it lacks Upgrade and Connection"
           : !h->has_accept || h->has_other_accept
               ? "its Sec-WebSocket-Accept is not the right one"
           : h->has_other_protocol ? "it chose a subprotocol that was not offered"
           : h->has_extension      ? "it chose an extension that was not offered"
                                   : NULL;
}

/* The head is complete: decide. */
static void judge(ds_upgrade *u) {
    head h = {.length = -1};
    if (!read_lines(u, &h)) {
        break_off(u, DS_HTTP_MALFORMED, "it is not HTTP");
        return;
    }
    if (h.status == 101) {
        const char *fault = find_fault(&h);
        u->state = DS_UPGRADE_OPEN;
        u->answer->status = h.status;
        if (fault != NULL) {
            u->answer->status = 0;
            break_off(u, DS_HTTP_MALFORMED, fault);
        }
        return;
    }
    ds_answer_describe(u->answer, h.status, h.retry_after, h.type);
    bool has_body = h.status >= 200 && h.status != 204 && h.status != 304;
    u->is_chunked = h.is_chunked;
    u->body_left = !has_body ? 0 : h.is_chunked ? -1 : h.length;
    u->state = u->body_left == 0 ? DS_UPGRADE_REFUSED : DS_UPGRADE_BODY;
}

/* ---- what comes -------------------------------------------------------------------- */

static bool ends_with(const ds_buf *buf, const char *end) {
    size_t n = strlen(end);
    return buf->length >= n && memcmp(buf->data + buf->length - n, end, n) == 0;
}

static int take_head(ds_upgrade *u, const char *bytes, size_t n, size_t *used) {
    while (*used < n && u->state == DS_UPGRADE_HEAD) {
        ds_buf_add_bytes(&u->head, bytes + (*used)++, 1);
        if (u->head.rc == SQLITE_NOMEM) {
            return SQLITE_NOMEM;
        }
        if (u->head.rc == SQLITE_TOOBIG) {
            break_off(u, DS_HTTP_TOO_LARGE, "its head is too long");
        } else if (ends_with(&u->head, "\r\n\r\n")) {
            judge(u);
        }
    }
    return SQLITE_OK;
}

/* The beginning of a body is enough. Chunks are kept as they come, with their sizes. */
static int take_body(ds_upgrade *u, const char *bytes, size_t n, size_t *used) {
    ds_buf *body = &u->answer->body;
    while (*used < n && u->state == DS_UPGRADE_BODY) {
        ds_buf_add_bytes(body, bytes + (*used)++, 1);
        u->body_left -= u->body_left > 0;
        if (u->body_left == 0 || body->length == body->maximum || body->rc != SQLITE_OK ||
            (u->is_chunked && ends_with(body, "\r\n0\r\n\r\n"))) {
            u->state = DS_UPGRADE_REFUSED;
        }
    }
    return body->rc;
}

int ds_upgrade_feed(ds_upgrade *u, const char *bytes, size_t n, size_t *out_used) {
    *out_used = 0;
    int rc = take_head(u, bytes, n, out_used);
    return rc ? rc : take_body(u, bytes, n, out_used);
}

void ds_upgrade_end(ds_upgrade *u) {
    if (u->state == DS_UPGRADE_BODY) {
        u->state = DS_UPGRADE_REFUSED;
    } else {
        u->state = DS_UPGRADE_BROKEN;
        u->answer->failure = DS_HTTP_RESET;
        ds_failure_say(u->answer, "the connection to %s ended before the answer did",
                       u->host);
    }
}

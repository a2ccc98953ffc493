/*
** Endpoints. libcurl takes them apart, so that what is checked here is what it will do.
*/
#include "net/net_int.h"

#include <string.h>

#define SECURE_PORT 443
#define PLAIN_PORT  80

/* Copy one part into our memory. A part that is not there is NULL. */
static int take_part(CURLU *handle, CURLUPart part, char **out, ds_err *err) {
    char *text = NULL;
    CURLUcode code = curl_url_get(handle, part, &text, 0);
    *out = NULL;
    if (code == CURLUE_OK) {
        *out = sqlite3_mprintf("%s", text);
        curl_free(text);
    }
    bool is_nomem = code == CURLUE_OUT_OF_MEMORY || (code == CURLUE_OK && *out == NULL);
    return is_nomem ? ds_err_nomem(err) : SQLITE_OK;
}

static bool has_part(CURLU *handle, CURLUPart part) {
    char *text = NULL;
    bool has = curl_url_get(handle, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

static int take_port(CURLU *handle, ds_url *out, ds_err *err) {
    char *text = NULL;
    int rc = take_part(handle, CURLUPART_PORT, &text, err);
    out->has_port = text != NULL;
    out->port = out->is_secure ? SECURE_PORT : PLAIN_PORT;
    if (text != NULL) {
        out->port = 0;
        for (const char *p = text; *p;
             p++) { /* libcurl has seen to it that it is a port */
            out->port = out->port * 10 + (*p - '0');
        }
    }
    sqlite3_free(text);
    return rc;
}

static void make_lower(char *text) {
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text - 'A' + 'a');
        }
    }
}

/* 127.0.0.0/8, written as four numbers: libcurl brings the other ways of writing to this
** one. */
static bool is_loopback_number(const char *host) {
    int dots = 0;
    if (strncmp(host, "127.", 4) != 0) {
        return false;
    }
    for (const char *p = host; *p; p++) {
        dots += *p == '.';
        if (strchr("0123456789.", *p) == NULL) {
            return false;
        }
    }
    return dots == 3;
}

static bool is_loopback(const char *host) {
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           is_loopback_number(host);
}

static int check_scheme(const ds_url *url, bool is_socket, ds_err *err) {
    const char *secure = is_socket ? "wss" : "https";
    const char *plain = is_socket ? "ws" : "http";
    return strcmp(url->scheme, secure) == 0 || strcmp(url->scheme, plain) == 0
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "expected a URL that begins with %s:// or %s://", secure,
                            plain);
}

static int take_parts(CURLU *handle, bool is_socket, ds_url *out, ds_err *err) {
    if (has_part(handle, CURLUPART_QUERY) || has_part(handle, CURLUPART_FRAGMENT)) {
        return ds_err_set(err, SQLITE_ERROR, "expected a URL without ? and #");
    }
    int rc = take_part(handle, CURLUPART_SCHEME, &out->scheme, err);
    rc = rc ? rc : take_part(handle, CURLUPART_HOST, &out->host, err);
    rc = rc ? rc : take_part(handle, CURLUPART_PATH, &out->path, err);
    if (rc != SQLITE_OK || out->scheme == NULL || out->host == NULL ||
        out->path == NULL) {
        return rc ? rc : ds_err_set(err, SQLITE_ERROR, "expected a URL with a host");
    }
    make_lower(out->scheme);
    make_lower(out->host);
    rc = check_scheme(out, is_socket, err);
    out->is_secure = strcmp(out->scheme, is_socket ? "wss" : "https") == 0;
    out->is_loopback = is_loopback(out->host);
    return rc ? rc : take_port(handle, out, err);
}

int ds_url_parse(const char *text, bool is_socket, ds_url *out, ds_err *err) {
    int rc;
    memset(out, 0, sizeof *out);
    if (strlen(text) > DS_MAX_URL_BYTES) {
        return ds_err_set(err, SQLITE_ERROR, "expected a URL of at most %d bytes",
                          DS_MAX_URL_BYTES);
    }
    CURLU *handle = curl_url();
    if (handle == NULL) {
        return ds_err_nomem(err);
    }
    /* libcurl may be built without WebSocket and would not know their schemes. */
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, text,
                                  CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER);
    if (code == CURLUE_OK) {
        rc = take_parts(handle, is_socket, out, err);
    } else if (code == CURLUE_OUT_OF_MEMORY) {
        rc = ds_err_nomem(err);
    } else if (code == CURLUE_USER_NOT_ALLOWED) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "expected a URL without user name and password");
    } else {
        rc =
            ds_err_set(err, SQLITE_ERROR, "expected a URL (%s)", curl_url_strerror(code));
    }
    curl_url_cleanup(handle);
    return rc;
}

void ds_url_done(ds_url *url) {
    sqlite3_free(url->scheme);
    sqlite3_free(url->host);
    sqlite3_free(url->path);
    memset(url, 0, sizeof *url);
}

bool ds_url_is_proxy(const char *text) {
    static const char *const schemes[] = {"http",    "https",  "socks4",
                                          "socks4a", "socks5", "socks5h"};
    char *scheme = NULL;
    bool is_proxy = false;
    CURLU *handle = curl_url();
    if (handle != NULL && strlen(text) <= DS_MAX_URL_BYTES &&
        curl_url_set(handle, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) ==
            CURLUE_OK &&
        curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        for (size_t i = 0; i < DS_COUNT(schemes); i++) {
            is_proxy = is_proxy || strcmp(scheme, schemes[i]) == 0;
        }
    }
    curl_free(scheme);
    curl_url_cleanup(handle);
    return is_proxy;
}

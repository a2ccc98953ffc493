/*
** AWSURL: an absolute URL of any scheme, as Amplify's clients ask the WHATWG's URL parser
** (url.spec.whatwg.org, 4.4). That parser mends much, and AppSync gets the text as it is, so it
** must be in order itself: no control characters, no space at its ends. What the parser finds
** only by decoding a host (numbers that are no IPv4 address, international names, %XX) is left
** to AppSync.
*/
#include "model/check_int.h"

#include <limits.h>
#include <string.h>

#define MAX_PORT 65535

/* The rest of a URL: its authority is cut out of it. */
typedef struct url {
    ds_reader rest;
    bool is_special; /* http and the like: \ is as good as /, and a host is demanded */
    bool is_file;    /* special, too, but with a host or none and nothing else there */
} url;

static bool is_scheme(char c) {
    return ds_char_is_letter(c) || ds_char_is_digit(c) || c == '+' || c == '-' ||
           c == '.';
}

static bool take_scheme(url *u) {
    static const char *const special[] = {"http", "https", "ws", "wss", "ftp", "file"};
    const char *begin = u->rest.at;
    if (u->rest.at == u->rest.end || !ds_char_is_letter(*begin)) {
        return false;
    }
    int n = ds_reader_take_while(&u->rest, is_scheme, INT_MAX);
    for (size_t i = 0; i < DS_COUNT(special); i++) {
        if (sqlite3_strnicmp(begin, special[i], n) == 0 && special[i][n] == '\0') {
            u->is_special = true;
            u->is_file = strcmp(special[i], "file") == 0;
        }
    }
    return ds_reader_take(&u->rest, ':');
}

static bool take_slash(url *u) {
    return ds_reader_take(&u->rest, '/') ||
           (u->is_special && ds_reader_take(&u->rest, '\\'));
}

/* Is there an authority? Where the scheme demands one, any number of slashes is fine. */
static bool take_slashes(url *u) {
    int n = 0;
    bool is_greedy = u->is_special && !u->is_file;
    while ((is_greedy || n < 2) && take_slash(u)) {
        n++;
    }
    return is_greedy || n == 2;
}

static ds_reader take_authority(url *u) {
    ds_reader authority = {u->rest.at, u->rest.at};
    const char *stops = u->is_special ? "/?#\\" : "/?#";
    while (u->rest.at < u->rest.end && strchr(stops, *u->rest.at) == NULL) {
        u->rest.at++;
    }
    authority.end = u->rest.at;
    return authority;
}

/* file:///C:/x may lose its slashes; that C: is no host. */
static bool is_drive(const ds_reader *r) {
    return r->end - r->at == 2 && ds_char_is_letter(r->at[0]) &&
           (r->at[1] == ':' || r->at[1] == '|');
}

static bool take_host(ds_reader *r) {
    const char *begin = r->at;
    if (ds_reader_take(r, '[')) {
        const char *close = memchr(begin, ']', (size_t)(r->end - begin));
        r->at = close ? close + 1 : r->end;
        return close != NULL && ds_valid_ipv6(begin + 1, (size_t)(close - begin - 1));
    }
    while (r->at < r->end && *r->at != ':') {
        if (strchr(" <>[\\]^|", *r->at) != NULL) {
            return false;
        }
        r->at++;
    }
    return true;
}

/* user:password@host:port */
static bool is_authority(const url *u, ds_reader r) {
    int port;
    bool has_host = u->is_special && !u->is_file;
    for (const char *p = r.at; p < r.end && !u->is_file; p++) {
        if (*p == '@') {
            r.at = p + 1;
            has_host = true;
        }
    }
    const char *host = r.at;
    if (!take_host(&r)) {
        return false;
    }
    if (r.at == host && (has_host || r.at < r.end)) {
        return false;
    }
    if (!u->is_file && ds_reader_take(&r, ':') && r.at < r.end) {
        return ds_reader_take_number(&r, 1, 5, MAX_PORT, &port) && r.at == r.end;
    }
    return r.at == r.end;
}

bool ds_valid_url(const char *text, size_t length) {
    url u = {.rest = {text, text + length}};
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) {
            return false;
        }
    }
    if (length == 0 || text[length - 1] == ' ' || !take_scheme(&u)) {
        return false;
    }
    if (!take_slashes(&u)) {
        return true;
    }
    ds_reader authority = take_authority(&u);
    return (u.is_file && is_drive(&authority)) || is_authority(&u, authority);
}

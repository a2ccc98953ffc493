/*
** AWSIPAddress: an IPv4 or IPv6 address; as AppSync has it, with an optional prefix length
** (10.0.0.0/8), and as Amplify's clients have it, with a zone on a link-local address.
*/
#include "model/check_int.h"

#include <limits.h>
#include <string.h>

#define GROUPS    8 /* of an IPv6 address, 16 bits each */
#define MALFORMED (GROUPS + 1)

static bool is_hex(char c) {
    return ds_char_hex(c) >= 0;
}

static bool is_alphanumeric(char c) {
    return ds_char_is_digit(c) || ds_char_is_letter(c);
}

static bool take_ipv4(ds_reader *r) {
    int number;
    for (int i = 0; i < 4; i++) {
        if ((i > 0 && !ds_reader_take(r, '.')) ||
            !ds_reader_take_number(r, 1, 3, 255, &number)) {
            return false;
        }
    }
    return r->at == r->end;
}

/* Groups with single colons between them; the last two may be written as an IPv4 address,
** which ends the text. Returns how many there are, or MALFORMED. */
static int take_groups(ds_reader *r) {
    int n = 0;
    while (n < GROUPS) {
        ds_reader group = *r;
        if (ds_reader_take_while(r, is_hex, 4) == 0) {
            return n == 0 ? 0 : MALFORMED; /* a colon with nothing behind it */
        }
        n++;
        if (r->at < r->end && *r->at == '.') {
            *r = group;
            return take_ipv4(r) ? n + 1 : MALFORMED;
        }
        if (r->end - r->at < 2 || r->at[0] != ':' || r->at[1] == ':') {
            break;
        }
        r->at++;
    }
    return n;
}

bool ds_valid_ipv6(const char *text, size_t length) {
    ds_reader r = {text, text + length};
    int groups = take_groups(&r);
    if (r.at == r.end || groups >= GROUPS) {
        return r.at == r.end && groups == GROUPS;
    }
    /* :: stands for at least one group. */
    return ds_reader_take(&r, ':') && ds_reader_take(&r, ':') &&
           groups + take_groups(&r) < GROUPS && r.at == r.end;
}

static bool is_link_local(const char *text, size_t length) {
    return length > 5 && sqlite3_strnicmp(text, "fe80:", 5) == 0;
}

/* What may stand behind an address: /prefix or %zone. */
static bool is_suffix(ds_reader *r, int bits, bool may_have_zone) {
    int prefix;
    bool valid = ds_reader_take(r, '/')
                     ? ds_reader_take_number(r, 1, 3, bits, &prefix)
                     : may_have_zone && ds_reader_take(r, '%') &&
                           ds_reader_take_while(r, is_alphanumeric, INT_MAX) > 0;
    return valid && r->at == r->end;
}

bool ds_valid_ip_address(const char *text, size_t length) {
    ds_reader suffix = {text, text + length};
    while (suffix.at < suffix.end && *suffix.at != '/' && *suffix.at != '%') {
        suffix.at++;
    }
    size_t size = (size_t)(suffix.at - text);
    ds_reader ipv4 = {text, suffix.at};
    bool is_ipv4 = take_ipv4(&ipv4);
    if (!is_ipv4 && !ds_valid_ipv6(text, size)) {
        return false;
    }
    return size == length ||
           is_suffix(&suffix, is_ipv4 ? 32 : 128, !is_ipv4 && is_link_local(text, size));
}

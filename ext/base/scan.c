/*
** JSON without a tree: a pull scanner for large texts from outside, such as a page of records,
** of which each byte is looked at once or twice and most are never copied. Structure is judged
** here and breaks the whole scan; the inside of a string or number is judged when it is asked
** for, so that one bad value spoils one record and not the page.
*/
#include "base/base_int.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* ---- Characters ---------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_number_part(char c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static void skip_space(ds_scan *s) {
    while (s->at < s->end && is_space(*s->at)) {
        s->at++;
    }
}

static bool fail(ds_scan *s) {
    s->is_broken = true;
    s->at = s->end;
    return false;
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* Behind the opening quote: find the closing one, and note what is inside. */
static bool skip_string(ds_scan *s, unsigned *inside) {
    const char *p = s->at;
    while (p < s->end && *p != '"') {
        unsigned char c = (unsigned char)*p;
        if (c == '\\') {
            *inside |= DS_TOKEN_ESCAPES;
            if (++p == s->end) {
                break;
            }
        } else if (c >= 0x80) {
            *inside |= DS_TOKEN_WIDE;
        } else if (c < 0x20) {
            *inside |= DS_TOKEN_CONTROL;
        }
        p++;
    }
    if (p >= s->end) {
        return fail(s);
    }
    s->at = p + 1;
    return true;
}

static bool take_string(ds_scan *s, ds_token *out) {
    unsigned inside = 0;
    s->at++;
    out->kind = '"';
    out->text = s->at;
    if (!skip_string(s, &inside)) {
        return false;
    }
    out->length = (size_t)(s->at - 1 - out->text);
    out->inside = inside;
    return true;
}

static bool take_word(ds_scan *s, const char *word, ds_token *out) {
    size_t length = strlen(word);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0) {
        return fail(s);
    }
    out->text = s->at;
    out->length = length;
    s->at += length;
    return true;
}

static bool take_number(ds_scan *s, ds_token *out) {
    out->kind = '0';
    out->text = s->at;
    while (s->at < s->end && is_number_part(*s->at)) {
        s->at++;
    }
    out->length = (size_t)(s->at - out->text);
    return out->length > 0 || fail(s);
}

/* A list or object as one piece: brackets must match, what is between them is not judged. */
static bool take_container(ds_scan *s, ds_token *out) {
    char closing[DS_MAX_JSON_DEPTH];
    unsigned inside = 0;
    int depth = 0;
    out->text = s->at;
    do {
        char c = s->at < s->end ? *s->at++ : 0;
        if (c == '{' || c == '[') {
            if (depth == DS_MAX_JSON_DEPTH) {
                return fail(s);
            }
            closing[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (c != closing[--depth]) {
                return fail(s);
            }
        } else if (c == 0 || (c == '"' && !skip_string(s, &inside))) {
            return fail(s);
        }
    } while (depth > 0);
    out->length = (size_t)(s->at - out->text);
    return true;
}

static bool take_value(ds_scan *s, ds_token *out) {
    switch (out->kind) {
    case '"':
        return take_string(s, out);
    case '{':
    case '[':
        return take_container(s, out);
    case 't':
        return take_word(s, "true", out);
    case 'f':
        return take_word(s, "false", out);
    case 'n':
        return take_word(s, "null", out);
    default:
        return take_number(s, out);
    }
}

/* ---- The scan -------------------------------------------------------------------------------- */

ds_scan ds_scan_begin(const char *text, size_t length) {
    return (ds_scan){text, text + length, false, false};
}

bool ds_scan_open(ds_scan *s, char bracket) {
    skip_space(s);
    if (s->at == s->end || *s->at != bracket) {
        return false;
    }
    s->at++;
    s->is_fresh = true;
    return true;
}

bool ds_scan_next(ds_scan *s, char closing) {
    bool is_first = s->is_fresh;
    s->is_fresh = false;
    skip_space(s);
    if (s->at == s->end) {
        return fail(s);
    }
    if (*s->at == closing) {
        s->at++;
        return false;
    }
    if (is_first) {
        return true;
    }
    if (*s->at != ',') {
        return fail(s);
    }
    s->at++;
    return true;
}

bool ds_scan_name(ds_scan *s, ds_token *out) {
    *out = (ds_token){.kind = 0};
    skip_space(s);
    if (s->at == s->end || *s->at != '"' || !take_string(s, out)) {
        return fail(s);
    }
    skip_space(s);
    if (s->at == s->end || *s->at != ':') {
        return fail(s);
    }
    s->at++;
    return true;
}

bool ds_scan_value(ds_scan *s, ds_token *out) {
    *out = (ds_token){.kind = 0};
    skip_space(s);
    if (s->at == s->end) {
        return fail(s);
    }
    out->kind = *s->at;
    return take_value(s, out);
}

bool ds_scan_end(ds_scan *s) {
    skip_space(s);
    return !s->is_broken && s->at == s->end;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

bool ds_token_is(const ds_token *token, const char *text) {
    return token->inside == 0 && strlen(text) == token->length &&
           memcmp(token->text, text, token->length) == 0;
}

bool ds_token_integer(const ds_token *token, int64_t *out) {
    bool is_negative = token->length > 0 && token->text[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + is_negative;
    uint64_t value = 0;
    size_t at = is_negative;
    if (token->kind != '0' || at == token->length ||
        (token->text[at] == '0' && token->length > at + 1)) {
        return false;
    }
    for (; at < token->length; at++) {
        if (!is_digit(token->text[at])) {
            return false;
        }
        uint64_t digit = (uint64_t)(token->text[at] - '0');
        if (value > (limit - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool ds_token_real(const ds_token *token, double *out) {
    char copy[64 + 8];
    if (token->kind != '0' ||
        ds_json_check(token->text, token->length, NULL) != SQLITE_OK) {
        return false; /* ds_json_check also sees to it that the copy has room */
    }
    /* strtod wants the decimal point of the host's locale. */
    const char *point = localeconv()->decimal_point;
    size_t length = 0, point_length = strlen(point);
    for (size_t i = 0; i < token->length; i++) {
        bool is_point = token->text[i] == '.' && point_length < 8;
        size_t n = is_point ? point_length : 1;
        memcpy(copy + length, is_point ? point : &token->text[i], n);
        length += n;
    }
    copy[length] = 0;
    errno = 0;
    *out = strtod(copy, NULL);
    return errno != ERANGE || (*out > -1 && *out < 1);
}

/* ---- Strings ----------------------------------------------------------------------------------- */

/* Four hexadecimal digits; -1 when they are not all there. */
static int read_hex(const char *p, const char *end) {
    int value = 0;
    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The character behind \u, whose digits are at *p, which is moved behind them. 0 is none: half a
** surrogate pair, or U+0000, which SQL text cannot hold. */
static int read_unicode(const char **p, const char *end) {
    int code = read_hex(*p, end);
    if (code < 0) {
        return 0;
    }
    *p += 4;
    if (code >= 0xD800 && code <= 0xDBFF) {
        bool is_pair = end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u';
        int low = is_pair ? read_hex(*p + 2, end) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            return 0;
        }
        *p += 6;
        return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return code >= 0xDC00 && code <= 0xDFFF ? 0 : code;
}

static size_t put_utf8(int code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Undo the escapes. What comes out is never longer than what goes in. */
static bool unescape(const ds_token *token, char *out, size_t *out_length) {
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *p = token->text;
    const char *end = p + token->length;
    char *to = out;
    while (p < end) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        char c = p[1]; /* the closing quote at worst */
        p += 2;
        const char *name = c ? strchr(names, c) : NULL;
        if (name != NULL) {
            *to++ = values[name - names];
            continue;
        }
        int code = c == 'u' ? read_unicode(&p, end) : 0;
        if (code == 0) {
            return false;
        }
        to += put_utf8(code, to);
    }
    *out_length = (size_t)(to - out);
    return true;
}

bool ds_token_text(const ds_token *token, char **room, const char **out,
                   size_t *out_length) {
    *out = token->text;
    *out_length = token->length;
    if (token->kind != '"' || (token->inside & DS_TOKEN_CONTROL) ||
        ((token->inside & DS_TOKEN_WIDE) &&
         !ds_text_is_utf8(token->text, token->length))) {
        return false;
    }
    if (token->inside & DS_TOKEN_ESCAPES) {
        *out = *room;
        if (!unescape(token, *room, out_length)) {
            return false;
        }
        *room += *out_length;
    }
    return true;
}

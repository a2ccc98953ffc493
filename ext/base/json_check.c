/*
** The grammar of JSON (RFC 8259), checked before cJSON sees a text. It builds nothing.
*/
#include "base/base_int.h"

#include <string.h>

/* cJSON copies a number into 64 bytes. */
#define NUMBER_MAX 63

typedef struct scan {
    const char *text;
    size_t length;
    size_t at;
    int depth;
    ds_err *err;
} scan;

static int peek(const scan *s) {
    return s->at < s->length ? (unsigned char)s->text[s->at] : -1;
}

static int malformed(const scan *s) {
    if (s->at >= s->length) {
        return ds_err_set(s->err, SQLITE_ERROR,
                          "malformed JSON at byte %lld: it ends too early",
                          (long long)s->at + 1);
    }
    return ds_err_set(s->err, SQLITE_ERROR, "malformed JSON at byte %lld",
                      (long long)s->at + 1);
}

static int refuse(const scan *s, const char *what) {
    return ds_err_set(s->err, SQLITE_ERROR, "malformed JSON at byte %lld: %s",
                      (long long)s->at + 1, what);
}

static void skip_space(scan *s) {
    while (s->at < s->length && memchr(" \t\n\r", s->text[s->at], 4)) {
        s->at++;
    }
}

static int check_word(scan *s, const char *word) {
    for (; *word; word++, s->at++) {
        if (peek(s) != *word) {
            return malformed(s);
        }
    }
    return SQLITE_OK;
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

/* At least one digit. */
static int check_digits(scan *s) {
    if (!is_digit(peek(s))) {
        return malformed(s);
    }
    while (is_digit(peek(s))) {
        s->at++;
    }
    return SQLITE_OK;
}

static int check_number(scan *s) {
    size_t start = s->at;
    int rc = SQLITE_OK;
    if (peek(s) == '-') {
        s->at++;
    }
    if (peek(s) == '0') {
        s->at++;
    } else {
        rc = check_digits(s);
    }
    if (rc == SQLITE_OK && peek(s) == '.') {
        s->at++;
        rc = check_digits(s);
    }
    if (rc == SQLITE_OK && (peek(s) == 'e' || peek(s) == 'E')) {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') {
            s->at++;
        }
        rc = check_digits(s);
    }
    if (rc == SQLITE_OK && s->at - start > NUMBER_MAX) {
        s->at = start;
        rc = refuse(s, "a number of more than 63 characters");
    }
    return rc;
}

/* The four digits after \u; -1 when they are not all there. */
static int read_hex(const scan *s) {
    int value = 0;
    for (size_t i = s->at + 2; i < s->at + 6; i++) {
        char c = i < s->length ? s->text[i] : 0;
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

static int check_unicode_escape(scan *s) {
    int code = read_hex(s);
    if (code < 0) {
        return malformed(s);
    }
    if (code == 0) {
        return refuse(s, "U+0000 is not supported in a string");
    }
    if (code >= 0xDC00 && code <= 0xDFFF) {
        return refuse(s, "half of a surrogate pair");
    }
    if (code >= 0xD800 && code <= 0xDBFF) {
        scan second = *s;
        second.at += 6;
        bool escape = second.at + 1 < s->length && s->text[second.at] == '\\' &&
                      s->text[second.at + 1] == 'u';
        int low = escape ? read_hex(&second) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            return refuse(s, "half of a surrogate pair");
        }
        s->at += 6;
    }
    s->at += 6;
    return SQLITE_OK;
}

/* At the backslash. */
static int check_escape(scan *s) {
    char c = s->at + 1 < s->length ? s->text[s->at + 1] : 0;
    if (c == 'u') {
        return check_unicode_escape(s);
    }
    if (c == 0 || strchr("\"\\/bfnrt", c) == NULL) {
        return malformed(s);
    }
    s->at += 2;
    return SQLITE_OK;
}

/* At the opening quote. */
static int check_string(scan *s) {
    int rc = SQLITE_OK;
    s->at++;
    while (rc == SQLITE_OK) {
        int c = peek(s);
        if (c == '"') {
            s->at++;
            break;
        }
        if (c == '\\') {
            rc = check_escape(s);
        } else if (c == 0) {
            rc = refuse(s, "U+0000 is not supported in a string");
        } else if (c < 0x20) { /* also the end of the text */
            rc = malformed(s);
        } else {
            s->at++;
        }
    }
    return rc;
}

static int check_value(scan *s);

static int check_member(scan *s) {
    if (peek(s) != '"') {
        return malformed(s);
    }
    int rc = check_string(s);
    skip_space(s);
    if (rc == SQLITE_OK) {
        rc = check_word(s, ":");
    }
    return rc == SQLITE_OK ? check_value(s) : rc;
}

/* An object or a list, at its opening bracket. */
static int check_container(scan *s, int close) {
    if (s->depth == DS_MAX_JSON_DEPTH) {
        return ds_err_set(s->err, SQLITE_ERROR,
                          "JSON is nested deeper than %d at byte %lld", DS_MAX_JSON_DEPTH,
                          (long long)s->at + 1);
    }
    int rc = SQLITE_OK;
    s->depth++;
    s->at++;
    skip_space(s);
    if (peek(s) != close) {
        for (;;) {
            skip_space(s);
            rc = close == '}' ? check_member(s) : check_value(s);
            if (rc != SQLITE_OK || peek(s) != ',') {
                break;
            }
            s->at++;
        }
    }
    if (rc == SQLITE_OK && peek(s) != close) {
        rc = malformed(s);
    }
    s->depth--;
    s->at++;
    return rc;
}

/* A value and the white space around it. */
static int check_value(scan *s) {
    int rc;
    skip_space(s);
    switch (peek(s)) {
    case '{':
        rc = check_container(s, '}');
        break;
    case '[':
        rc = check_container(s, ']');
        break;
    case '"':
        rc = check_string(s);
        break;
    case 't':
        rc = check_word(s, "true");
        break;
    case 'f':
        rc = check_word(s, "false");
        break;
    case 'n':
        rc = check_word(s, "null");
        break;
    default:
        rc = check_number(s);
        break;
    }
    skip_space(s);
    return rc;
}

int ds_json_check(const char *text, size_t length, ds_err *err) {
    if (length > DS_MAX_JSON_BYTES) {
        return ds_err_set(err, SQLITE_ERROR, "JSON is longer than %d bytes",
                          DS_MAX_JSON_BYTES);
    }
    if (!ds_text_is_utf8(text, length)) {
        return ds_err_set(err, SQLITE_ERROR, "JSON is not UTF-8");
    }
    scan s = {.text = text, .length = length, .err = err};
    int rc = check_value(&s);
    return rc == SQLITE_OK && s.at < length ? malformed(&s) : rc;
}

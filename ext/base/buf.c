/*
** Growing text, with the quoting of SQL and JSON. The first error sticks: nothing is
** appended after it, so callers look once at the end.
*/
#include "base/base_int.h"

#include <string.h>

#define FIRST_CAPACITY ((size_t)64)

void ds_buf_init(ds_buf *buf, size_t maximum) {
    *buf = (ds_buf){.maximum = maximum};
}

void ds_buf_done(ds_buf *buf) {
    sqlite3_free(buf->data);
    ds_buf_init(buf, buf->maximum);
}

void ds_buf_clear(ds_buf *buf) {
    buf->length = 0;
    buf->rc = SQLITE_OK;
    if (buf->data) {
        buf->data[0] = 0;
    }
}

void ds_buf_cut(ds_buf *buf, size_t length) {
    if (length < buf->length) {
        buf->length = length;
        buf->data[length] = 0;
    }
}

/* Make room for `more` bytes and the NUL. */
static bool reserve(ds_buf *buf, size_t more) {
    if (buf->rc != SQLITE_OK) {
        return false;
    }
    if (more > buf->maximum || buf->length > buf->maximum - more) {
        buf->rc = SQLITE_TOOBIG;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity < needed) {
        capacity *= 2;
    }
    char *data = sqlite3_realloc64(buf->data, capacity);
    if (data == NULL) {
        buf->rc = SQLITE_NOMEM;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void ds_buf_add(ds_buf *buf, const char *text) {
    ds_buf_add_bytes(buf, text, strlen(text));
}

void ds_buf_add_bytes(ds_buf *buf, const char *text, size_t length) {
    if (!reserve(buf, length)) {
        return;
    }
    if (length > 0) {
        memcpy(buf->data + buf->length, text, length);
    }
    buf->length += length;
    buf->data[buf->length] = 0;
}

void ds_buf_addf(ds_buf *buf, const char *format, ...) {
    if (buf->rc != SQLITE_OK) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        buf->rc = SQLITE_NOMEM;
        return;
    }
    ds_buf_add(buf, text);
    sqlite3_free(text);
}

/* `text` between two quotes, the quotes inside doubled: SQL's rule for both kinds. */
static void add_doubled(ds_buf *buf, const char *text, char quote) {
    ds_buf_add_bytes(buf, &quote, 1);
    const char *inside;
    while ((inside = strchr(text, quote)) != NULL) {
        ds_buf_add_bytes(buf, text, (size_t)(inside - text) + 1);
        ds_buf_add_bytes(buf, &quote, 1);
        text = inside + 1;
    }
    ds_buf_add(buf, text);
    ds_buf_add_bytes(buf, &quote, 1);
}

void ds_buf_add_ident(ds_buf *buf, const char *name) {
    add_doubled(buf, name, '"');
}

void ds_buf_add_literal(ds_buf *buf, const char *text) {
    add_doubled(buf, text, '\'');
}

/* An ASCII character that JSON wants escaped. */
static void add_escape(ds_buf *buf, unsigned char c) {
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    static const char digits[] = "0123456789abcdef";
    const char *found = memchr(from, c, sizeof from - 1);
    if (found) {
        char escape[2] = {'\\', to[found - from]};
        ds_buf_add_bytes(buf, escape, sizeof escape);
    } else {
        char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        ds_buf_add_bytes(buf, escape, sizeof escape);
    }
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void ds_buf_add_json(ds_buf *buf, const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t start = 0; /* of the run that is copied as it is */
    size_t at = 0;
    ds_buf_add_bytes(buf, "\"", 1);
    while (at < length) {
        if (is_plain(bytes[at])) {
            at++;
            continue;
        }
        size_t sequence =
            bytes[at] < 0x80 ? 0 : ds_text_sequence(bytes + at, length - at);
        if (sequence > 0) {
            at += sequence;
            continue;
        }
        if (at > start) {
            ds_buf_add_bytes(buf, text + start, at - start);
        }
        if (bytes[at] < 0x80) {
            add_escape(buf, bytes[at]);
        } else {
            ds_buf_add(buf, "\xEF\xBF\xBD");
        }
        start = ++at;
    }
    if (at > start) {
        ds_buf_add_bytes(buf, text + start, at - start);
    }
    ds_buf_add_bytes(buf, "\"", 1);
}

const char *ds_buf_text(const ds_buf *buf) {
    return buf->data ? buf->data : "";
}

int ds_buf_take(ds_buf *buf, char **out) {
    ds_buf_add_bytes(buf, "", 0); /* an empty text is memory too */
    int rc = buf->rc;
    if (rc == SQLITE_OK) {
        *out = buf->data;
        buf->data = NULL;
    } else {
        *out = NULL;
    }
    ds_buf_done(buf);
    return rc;
}

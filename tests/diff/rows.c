/*
** Results as texts, so that they can be compared, sorted and shown.
*/
#include "diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number and a real of the same value look the same: which of two equal values a DISTINCT or
** UNION keeps is not laid down. typeof() in the queries sees the difference. */
static void add_real(text *t, double value) {
    if (value > -9e18 && value < 9e18 && value == (double)(sqlite3_int64)value) {
        text_add(t, "%lld", (long long)value);
    } else {
        text_add(t, "%.17g", value);
    }
}

static void add_bytes(text *t, const unsigned char *bytes, int n) {
    for (int i = 0; i < n; i++) {
        if (bytes[i] < ' ' || bytes[i] == '\\') {
            text_add(t, "\\%02x", bytes[i]);
        } else {
            text_add_bytes(t, (const char *)&bytes[i], 1);
        }
    }
}

static void add_value(text *t, sqlite3_stmt *statement, int at) {
    switch (sqlite3_column_type(statement, at)) {
    case SQLITE_NULL:
        text_add(t, "NULL");
        break;
    case SQLITE_INTEGER:
        text_add(t, "%lld", (long long)sqlite3_column_int64(statement, at));
        break;
    case SQLITE_FLOAT:
        add_real(t, sqlite3_column_double(statement, at));
        break;
    case SQLITE_TEXT: {
        const unsigned char *chars = sqlite3_column_text(statement, at);
        text_add(t, "'");
        add_bytes(t, chars, sqlite3_column_bytes(statement, at));
        break;
    }
    default: {
        const unsigned char *bytes = sqlite3_column_blob(statement, at);
        int n = sqlite3_column_bytes(statement, at);
        text_add(t, "x'");
        for (int i = 0; i < n; i++) {
            text_add(t, "%02x", bytes[i]);
        }
    }
    }
}

static void add_row(rows *out, sqlite3_stmt *statement) {
    text row = {0};
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        add_value(&row, statement, i);
        text_add(&row, "%c", COLUMN_END);
    }
    if (out->n == out->room) {
        out->room = out->room * 2 + 8;
        out->row = must(realloc(out->row, (size_t)out->room * sizeof *out->row));
    }
    out->row[out->n++] = must(row.chars);
}

void rows_fail(rows *out, sqlite3 *db, int rc) {
    out->rc = rc;
    snprintf(out->message, sizeof out->message, "%s", sqlite3_errmsg(db));
}

void rows_step(rows *out, sqlite3_stmt *statement, int limit) {
    out->rc = SQLITE_ROW;
    for (int i = 0; out->rc == SQLITE_ROW && i < limit; i++) {
        out->rc = sqlite3_step(statement);
        if (out->rc == SQLITE_ROW) {
            add_row(out, statement);
        }
    }
    if (out->rc != SQLITE_ROW && out->rc != SQLITE_DONE) {
        sqlite3 *db = sqlite3_db_handle(statement);
        rows_fail(out, db, sqlite3_extended_errcode(db));
    }
}

void rows_clear(rows *r) {
    for (int i = 0; i < r->n; i++) {
        free(r->row[i]);
    }
    r->n = 0;
    r->rc = SQLITE_OK;
    r->message[0] = '\0';
}

void rows_done(rows *r) {
    rows_clear(r);
    free(r->row);
    *r = (rows){0};
}

static int compare_rows(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void rows_sort(rows *r) {
    if (r->n > 1) {
        qsort(r->row, (size_t)r->n, sizeof *r->row, compare_rows);
    }
}

const char *row_column(const char *row, int index, size_t *length) {
    while (index-- > 0) {
        row = strchr(row, COLUMN_END) + 1;
    }
    *length = (size_t)(strchr(row, COLUMN_END) - row);
    return row;
}

static bool same_leading(const char *a, const char *b, int n) {
    size_t x = 0, y = 0;
    const char *end_a = row_column(a, n - 1, &x);
    const char *end_b = row_column(b, n - 1, &y);
    size_t size = (size_t)(end_a - a) + x;
    return size == (size_t)(end_b - b) + y && memcmp(a, b, size) == 0;
}

static bool same_rows(const rows *a, const rows *b) {
    for (int i = 0; i < a->n; i++) {
        if (strcmp(a->row[i], b->row[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool rows_equal(rows *a, rows *b, compare mode, int leading, bool is_cut) {
    if (a->rc != b->rc || a->n != b->n) {
        return false;
    }
    for (int i = 0; mode == COMPARE_LEADING && leading > 0 && i < a->n; i++) {
        if (!same_leading(a->row[i], b->row[i], leading)) {
            return false;
        }
    }
    if (mode == COMPARE_LEADING && is_cut) {
        return true;
    }
    if (mode != COMPARE_ORDERED) {
        rows_sort(a);
        rows_sort(b);
    }
    return same_rows(a, b);
}

/* ---- for people ---------------------------------------------------------------------------- */

#define SHOWN_ROWS  12
#define SHOWN_BYTES 300

static void show_one(const char *who, const rows *r, text *out) {
    text_add(out, "%s: %d rows, rc %d %s\n", who, r->n, r->rc, r->message);
    for (int i = 0; i < r->n && i < SHOWN_ROWS; i++) {
        text_add(out, "    ");
        for (size_t at = 0; r->row[i][at] != '\0' && at < SHOWN_BYTES; at++) {
            text_add(out, "%c", r->row[i][at] == COLUMN_END ? '|' : r->row[i][at]);
        }
        text_add(out, "\n");
    }
    if (r->n > SHOWN_ROWS) {
        text_add(out, "    …\n");
    }
}

void rows_show(const rows *a, const rows *b, text *out) {
    show_one("model", a, out);
    show_one("native", b, out);
}

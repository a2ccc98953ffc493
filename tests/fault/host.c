/*
** Verdicts, connections, and the content of a database as text.
*/
#define _POSIX_C_SOURCE 200809L /* strdup, fork, nanosleep, unlink */
#include "fault.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

void verdict(bool is_right, const char *name) {
    printf("%s %s\n", is_right ? "ok" : "not ok", name);
    fflush(stdout);
    failures += !is_right;
}

void explain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

int failed(void) {
    return failures != 0;
}

static void stop(const char *doing, sqlite3 *db, const char *detail) {
    printf("not ok %s: %s\n", doing, detail ? detail : sqlite3_errmsg(db));
    exit(1);
}

/* ---- text ---------------------------------------------------------------------------------- */

void text_add(text *t, const char *piece) {
    size_t more = strlen(piece);
    if (t->length + more + 1 > t->capacity) {
        t->capacity = (t->length + more + 1) * 2;
        t->data = realloc(t->data, t->capacity);
        if (t->data == NULL) {
            abort();
        }
    }
    memcpy(t->data + t->length, piece, more + 1);
    t->length += more;
}

/* ---- connections --------------------------------------------------------------------------- */

int load(sqlite3 *db, char **error) {
    const char *library = getenv("DATASTORE");
    char *message = NULL;
    sqlite3_enable_load_extension(db, 1);
    int rc =
        sqlite3_load_extension(db, library ? library : "dist/datastore", NULL, &message);
    sqlite3_enable_load_extension(db, 0);
    if (error != NULL) {
        *error = message ? strdup(message) : NULL;
    }
    sqlite3_free(message);
    return rc;
}

sqlite3 *open_plain(const char *path, const char *vfs) {
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(path, &db, flags, vfs) != SQLITE_OK) {
        stop(path, db, NULL);
    }
    return db;
}

sqlite3 *open_loaded(const char *path, const char *vfs) {
    char *error = NULL;
    sqlite3 *db = open_plain(path, vfs);
    if (load(db, &error) != SQLITE_OK) {
        stop("cannot load the extension", db, error);
    }
    return db;
}

void must(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        stop(sql, db, message);
    }
}

static int add_row(void *rows, int n, char **values, char **names) {
    (void)names;
    for (int i = 0; i < n; i++) {
        text_add(rows, i ? "|" : "");
        text_add(rows, values[i] ? values[i] : "NULL");
    }
    text_add(rows, "\n");
    return 0;
}

int run(sqlite3 *db, const char *sql, text *rows, char **error) {
    int rc = sqlite3_exec(db, sql, rows ? add_row : NULL, rows, NULL);
    /* Its answer when it cannot convert a value to UTF-8. */
    rc = rc == SQLITE_ROW ? SQLITE_NOMEM : rc;
    if (error != NULL) {
        *error = rc == SQLITE_OK ? NULL : strdup(sqlite3_errmsg(db));
    }
    return rc;
}

sqlite3_int64 number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        stop(sql, db, NULL);
    }
    sqlite3_int64 value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* ---- content ------------------------------------------------------------------------------- */

static void dump_query(sqlite3 *db, const char *sql, const char *name, text *out) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        stop(sql, db, NULL);
    }
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        text_add(out, name);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            if (strcmp(sqlite3_column_name(statement, i), "generation") != 0) {
                text_add(out, "|");
                text_add(out, value ? value : "NULL");
            }
        }
        text_add(out, "\n");
    }
    if (sqlite3_finalize(statement) != SQLITE_OK) {
        stop(sql, db, NULL);
    }
}

char *dump(sqlite3 *db) {
    static const char tables[] =
        "SELECT 'SELECT * FROM main.\"' || name || '\"', name FROM main.sqlite_schema"
        " WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    text out = {NULL, 0, 0};
    sqlite3_stmt *statement = NULL;
    dump_query(db, "SELECT type, name, sql FROM main.sqlite_schema ORDER BY type, name",
               "schema", &out);
    if (sqlite3_prepare_v2(db, tables, -1, &statement, NULL) != SQLITE_OK) {
        stop("cannot list the tables", db, NULL);
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        dump_query(db, (const char *)sqlite3_column_text(statement, 0),
                   (const char *)sqlite3_column_text(statement, 1), &out);
    }
    if (sqlite3_finalize(statement) != SQLITE_OK) {
        stop("cannot list the tables", db, NULL);
    }
    text_add(&out, ""); /* an empty file is content too */
    return out.data;
}

/* d: a digit, x: a hexadecimal one. */
static bool has_shape(const char *at, const char *shape) {
    for (; *shape; at++, shape++) {
        bool fits = *shape == 'd'   ? isdigit((unsigned char)*at) != 0
                    : *shape == 'x' ? isxdigit((unsigned char)*at) != 0
                                    : *at == *shape;
        if (!fits) {
            return false;
        }
    }
    return true;
}

/* Milliseconds and random numbers: 13 digits and more. */
static void blank_long_numbers(char *content) {
    for (char *at = content; *at; at++) {
        size_t digits = strspn(at, "0123456789");
        if (digits >= 13) {
            *at = '*';
            memmove(at + 1, at + digits, strlen(at + digits) + 1);
        } else if (digits > 0) {
            at += digits - 1;
        }
    }
}

void normalize(char *content) {
    static const char *const shapes[] = {"202d-dd-ddTdd:dd:dd.dddZ",
                                         "203d-dd-ddTdd:dd:dd.dddZ",
                                         "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"};
    blank_long_numbers(content);
    size_t length = strlen(content);
    for (char *at = content; at + 19 < content + length; at++) {
        bool may_be = isxdigit((unsigned char)*at) && (at[4] == '-' || at[8] == '-');
        for (size_t i = 0; may_be && i < sizeof shapes / sizeof *shapes; i++) {
            if (has_shape(at, shapes[i])) {
                memset(at, '*', strlen(shapes[i]));
            }
        }
    }
}

bool is_equal(const char *what, const char *expected, const char *actual) {
    if (strcmp(expected, actual) == 0) {
        return true;
    }
    size_t line = 0;
    for (size_t i = 0; expected[i] == actual[i]; i++) {
        line = expected[i] == '\n' ? i + 1 : line;
    }
    explain("%s is     %.300s", what, actual + line);
    explain("and should %.300s", expected + line);
    return false;
}

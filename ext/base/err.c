/*
** The error of one call: the first message wins and is always one line.
*/
#include "base/base_int.h"

#include <string.h>

/* Of the text: the place must leave room for what is wrong there. */
#define PLACE_MAX (DS_ERR_TEXT_MAX / 2)

/* sqlite3_vsnprintf cuts at a byte: drop the character it cut in the middle. */
static void drop_cut_character(char *text) {
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    start--;
    if (ds_text_sequence((const unsigned char *)text + start, length - start) == 0) {
        text[start] = 0;
    }
}

/* Messages quote what the user wrote, which may hold line ends, and bytes that are no text: hosts
** choke on these where an error is told. */
static void make_one_line(char *text) {
    size_t left = strlen(text);
    for (char *p = text; left > 0;) {
        size_t sequence = ds_text_sequence((const unsigned char *)p, left);
        if (sequence == 0) {
            *p = '?';
        } else if ((unsigned char)*p < 0x20 || *p == 0x7F) {
            *p = ' ';
        }
        sequence = sequence ? sequence : 1;
        p += sequence;
        left -= sequence;
    }
}

static void print_where(char *text, ds_where where) {
    if (where.line > 0) {
        sqlite3_snprintf(PLACE_MAX, text, "schema line %d, column %d: ", where.line,
                         where.column);
    } else if (where.path != NULL) {
        sqlite3_snprintf(PLACE_MAX, text, "introspection %s: ", where.path);
    }
}

static int set_error(ds_err *err, int code, ds_where where, const char *format,
                     va_list arguments) {
    if (err == NULL) {
        return code;
    }
    if (err->code != SQLITE_OK) {
        return err->code;
    }
    err->code = code;
    err->line = where.line;
    err->column = where.column;
    print_where(err->text, where);
    char *text = err->text + strlen(err->text);
    size_t room = sizeof err->text - strlen(err->text);
    sqlite3_vsnprintf((int)room, text, format, arguments);
    if (strlen(text) == room - 1) {
        drop_cut_character(text);
    }
    make_one_line(text);
    return code;
}

int ds_err_set(ds_err *err, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    code = set_error(err, code, (ds_where){0}, format, arguments);
    va_end(arguments);
    return code;
}

int ds_err_at(ds_err *err, ds_where where, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int code = set_error(err, SQLITE_ERROR, where, format, arguments);
    va_end(arguments);
    return code;
}

int ds_err_put_nomem(ds_err *err) {
    return ds_err_set(err, SQLITE_NOMEM, "out of memory");
}

int ds_err_db(ds_err *err, sqlite3 *db, int rc) {
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    /* A statement tells its extended code only to a host that asked for them. */
    int extended = sqlite3_extended_errcode(db);
    rc = (extended & 0xff) == rc ? extended : rc;
    return ds_err_set(err, rc, "%s", sqlite3_errmsg(db));
}

/*
** The error of one call: the first message wins and is always one line.
*/
#include "base/base_int.h"

#include <string.h>

#define PLACE_MAX 64

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

/* Messages quote what the user wrote, which may hold line ends. */
static void make_one_line(char *text) {
    for (char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7F) {
            *p = ' ';
        }
    }
}

static int set_error(ds_err *err, int code, int line, int column, const char *format,
                     va_list arguments) {
    if (err == NULL) {
        return code;
    }
    if (err->code != SQLITE_OK) {
        return err->code;
    }
    char *text = err->text;
    size_t room = sizeof err->text;
    err->code = code;
    err->line = line;
    err->column = column;
    if (line > 0) {
        sqlite3_snprintf(PLACE_MAX, text, "schema line %d, column %d: ", line, column);
        size_t place = strlen(text);
        text += place;
        room -= place;
    }
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
    code = set_error(err, code, 0, 0, format, arguments);
    va_end(arguments);
    return code;
}

int ds_err_at(ds_err *err, int line, int column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int code = set_error(err, SQLITE_ERROR, line, column, format, arguments);
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

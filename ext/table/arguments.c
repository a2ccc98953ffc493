/*
** The arguments of xFilter on their way into the inner statement.
*/
#include "table/cursor_int.h"

#include <string.h>

/* Room for the texts of all arguments, so that none moves while others are copied. */
static int reserve_texts(ds_cursor *cursor, int argc, sqlite3_value **argv) {
    size_t size = 0;
    for (int i = 0; i < argc; i++) {
        if (sqlite3_value_type(argv[i]) == SQLITE_TEXT) {
            size += (size_t)sqlite3_value_bytes(argv[i]);
        }
    }
    if (size <= cursor->texts_size) {
        return SQLITE_OK;
    }
    char *texts = sqlite3_realloc64(cursor->texts, size * 2);
    if (texts == NULL) {
        return SQLITE_NOMEM;
    }
    cursor->texts = texts;
    cursor->texts_size = size * 2;
    return SQLITE_OK;
}

static int bind_argument(ds_cursor *cursor, int at, sqlite3_value *value, size_t *end) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(cursor->statement, at, sqlite3_value_int64(value));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        int length = sqlite3_value_bytes(value);
        if (text == NULL) {
            return SQLITE_NOMEM;
        }
        char *copy = cursor->texts + *end;
        if (length > 0) {
            memcpy(copy, text, (size_t)length);
        }
        *end += (size_t)length;
        return sqlite3_bind_text(cursor->statement, at, length ? copy : "", length,
                                 SQLITE_STATIC);
    }
    default:
        return sqlite3_bind_value(cursor->statement, at, value);
    }
}

int ds_arguments_limit(ds_cursor *cursor, int64_t limit, int64_t offset) {
    int at = cursor->plan->limit_arg + 1;
    int rc = sqlite3_bind_int64(cursor->statement, at, limit);
    return rc == SQLITE_OK ? sqlite3_bind_int64(cursor->statement, at + 1, offset) : rc;
}

/* The host's LIMIT covers the rows it will skip first. */
static int64_t hint_of(const ds_plan *plan, sqlite3_value **argv) {
    int64_t limit = sqlite3_value_int64(argv[plan->limit_arg]);
    int64_t offset =
        plan->offset_arg < 0 ? 0 : sqlite3_value_int64(argv[plan->offset_arg]);
    offset = offset < 0 ? 0 : offset;
    return limit < 0 || limit > INT64_MAX - offset ? -1 : limit + offset;
}

int ds_arguments_bind(ds_cursor *cursor, int argc, sqlite3_value **argv) {
    const ds_plan *plan = cursor->plan;
    size_t end = 0;
    int rc = reserve_texts(cursor, argc, argv);
    for (int i = 0; rc == SQLITE_OK && i < plan->n_terms; i++) {
        const ds_term *term = &plan->terms[i];
        if (term->op != SQLITE_INDEX_CONSTRAINT_ISNULL &&
            term->op != SQLITE_INDEX_CONSTRAINT_ISNOTNULL) {
            rc = bind_argument(cursor, term->arg + 1, argv[term->arg], &end);
        }
    }
    cursor->hint = -1;
    if (rc == SQLITE_OK && plan->limit_arg >= 0) {
        cursor->hint = hint_of(plan, argv);
        rc = ds_arguments_limit(cursor, cursor->hint, 0);
    }
    return rc;
}

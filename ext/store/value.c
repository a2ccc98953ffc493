/*
** Values on their way between statements, JSON and C.
*/
#include "store/store_int.h"

#include <string.h>

/* ---- statements ------------------------------------------------------------------------------- */

ds_value ds_value_column(sqlite3_stmt *statement, int at) {
    ds_value value = {.type = sqlite3_column_type(statement, at)};
    switch (value.type) {
    case SQLITE_INTEGER:
        value.integer = sqlite3_column_int64(statement, at);
        break;
    case SQLITE_FLOAT:
        value.real = sqlite3_column_double(statement, at);
        break;
    case SQLITE_TEXT:
    case SQLITE_BLOB: /* what no one of ours has written */
        value.type = SQLITE_TEXT;
        value.text = (const char *)sqlite3_column_text(statement, at);
        value.length = sqlite3_column_bytes(statement, at);
        break;
    default:
        break;
    }
    return value;
}

ds_value ds_value_copy(ds_arena *arena, const ds_value *value) {
    ds_value copy = *value;
    if (value->type == SQLITE_TEXT) {
        /* No text: SQLite had no memory for it, so neither has the arena. */
        size_t length = value->text ? (size_t)value->length : SIZE_MAX / 2;
        copy.text = ds_arena_text(arena, value->text, length);
    }
    return copy;
}

int ds_value_bind(sqlite3_stmt *statement, int at, const ds_value *value) {
    switch (value->type) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->integer);
    case SQLITE_FLOAT:
        return sqlite3_bind_double(statement, at, value->real);
    case SQLITE_TEXT:
        return sqlite3_bind_text(statement, at, value->text, value->length,
                                 SQLITE_STATIC);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

/* ---- JSON ----------------------------------------------------------------------------------------- */

static ds_value text_value(const char *text, size_t length) {
    return (ds_value){SQLITE_TEXT, 0, 0, text, (int)length};
}

/* As it stands: a list, an embedded type, or JSON itself. */
static bool take_json(const ds_token *token, ds_value *out) {
    *out = text_value(token->text, token->length);
    return ds_json_check(token->text, token->length, NULL) == SQLITE_OK;
}

static bool take_text(const ds_token *token, char **room, ds_value *out) {
    const char *text = NULL;
    size_t length = 0;
    bool is_text = ds_token_text(token, room, &text, &length);
    *out = text_value(text, length);
    return is_text;
}

/* Some servers write an Int with a fraction of zeros. */
static bool take_integer(const ds_token *token, ds_value *out) {
    double real;
    out->type = SQLITE_INTEGER;
    if (ds_token_integer(token, &out->integer)) {
        return true;
    }
    if (!ds_token_real(token, &real) || real < -9e15 || real > 9e15) {
        return false;
    }
    out->integer = (int64_t)real;
    return (double)out->integer <= real && (double)out->integer >= real;
}

static bool take_scalar(const ds_column *column, const ds_token *token, char **room,
                        ds_value *out) {
    switch ((int)column->type.scalar) {
    case DS_BOOLEAN:
        out->type = SQLITE_INTEGER;
        out->integer = token->kind == 't';
        return token->kind == 't' || token->kind == 'f';
    case DS_FLOAT:
        out->type = SQLITE_FLOAT;
        return ds_token_real(token, &out->real);
    case DS_INT:
    case DS_AWS_TIMESTAMP:
        return take_integer(token, out);
    case DS_AWS_JSON:
        return token->kind == '"' ? take_text(token, room, out) : take_json(token, out);
    default:
        return take_text(token, room, out);
    }
}

bool ds_codec_take(const ds_column *column, const ds_token *token, char **room,
                   ds_value *out) {
    *out = (ds_value){.type = SQLITE_NULL};
    if (token->kind == 'n') {
        return true;
    }
    if (token->length > INT32_MAX) {
        return false;
    }
    if (column->type.is_list) {
        return token->kind == '[' && take_json(token, out);
    }
    switch (column->type.kind) {
    case DS_KIND_EMBEDDED:
        return token->kind == '{' && take_json(token, out);
    case DS_KIND_ENUM:
        return take_text(token, room, out);
    case DS_KIND_SCALAR:
    case DS_KIND_MODEL: /* is no column */
    default:
        return take_scalar(column, token, room, out);
    }
}

/* The column of a member; -1: there is none. */
static int find_member(const ds_model *model, const ds_token *name, bool is_wire) {
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        if (ds_token_is(name, is_wire ? column->wire : column->name)) {
            return i;
        }
    }
    return -1;
}

bool ds_codec_parse(const ds_model *model, const char *json, bool is_wire,
                    ds_arena *arena, ds_value *row, bool *given) {
    size_t length = strlen(json);
    char *room = ds_arena_text(arena, json, length);
    char *copy = ds_arena_text(arena, json, length); /* what the row borrows */
    if (room == NULL || copy == NULL) {
        return false;
    }
    ds_scan s = ds_scan_begin(copy, length);
    ds_token name, value;
    bool is_valid = ds_scan_open(&s, '{');
    while (is_valid && ds_scan_next(&s, '}') && ds_scan_name(&s, &name) &&
           ds_scan_value(&s, &value)) {
        int i = find_member(model, &name, is_wire);
        if (i >= 0) {
            is_valid = ds_codec_take(&model->columns[i], &value, &room, &row[i]);
            given[i] = true;
        }
    }
    return is_valid && ds_scan_end(&s);
}

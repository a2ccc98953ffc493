/*
** Stored values and rows as JSON.
*/
#include "store/store_int.h"

#include <stdlib.h>
#include <string.h>

static const char *const metadata[] = {"_version", "_lastChangedAt", "_deleted"};

static void add_column(ds_buf *out, const char *row, const char *name) {
    if (row != NULL) {
        ds_buf_add(out, row);
        ds_buf_add(out, ".");
    }
    ds_buf_add_ident(out, name);
}

void ds_codec_add_columns(const ds_model *model, const char *row, ds_buf *out) {
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_add(out, i ? ", " : "");
        add_column(out, row, model->columns[i].name);
    }
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        ds_buf_add(out, ", ");
        add_column(out, row, metadata[i]);
    }
}

static void print_real(double value, ds_buf *out) {
    char text[40];
    sqlite3_snprintf(sizeof text, text, "%!.15g", value);
    if (strtod(text, NULL) != value) {
        sqlite3_snprintf(sizeof text, text, "%!.17g", value);
    }
    ds_buf_add(out, text);
}

static bool is_json(const ds_column *column) {
    return column->type.is_list || column->type.kind == DS_KIND_EMBEDDED;
}

static bool is_boolean(const ds_column *column) {
    return column->type.kind == DS_KIND_SCALAR && column->type.scalar == DS_BOOLEAN &&
           !column->type.is_list;
}

/* A list or embedded value is JSON text already; what another program wrote there may not
** be, and goes out as a string then. */
static void print_text(const ds_column *column, sqlite3_value *value, ds_buf *out) {
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (text == NULL) {
        out->rc = out->rc ? out->rc : SQLITE_NOMEM;
        return;
    }
    ds_json *json = NULL;
    int rc = is_json(column) ? ds_json_parse(text, length, &json, NULL) : SQLITE_ERROR;
    if (rc == SQLITE_OK) {
        ds_buf_add_bytes(out, text, length);
        ds_json_free(json);
    } else if (rc == SQLITE_NOMEM) {
        out->rc = out->rc ? out->rc : rc;
    } else {
        ds_buf_add_json(out, text, length);
    }
}

void ds_codec_print_value(const ds_column *column, sqlite3_value *value, ds_buf *out) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
        ds_buf_add(out, "null");
        break;
    case SQLITE_INTEGER:
        if (is_boolean(column)) {
            ds_buf_add(out, sqlite3_value_int64(value) ? "true" : "false");
        } else {
            ds_buf_addf(out, "%lld", sqlite3_value_int64(value));
        }
        break;
    case SQLITE_FLOAT:
        print_real(sqlite3_value_double(value), out);
        break;
    default:
        print_text(column, value, out);
    }
}

static void print_name(const char *name, bool first, ds_buf *out) {
    ds_buf_add(out, first ? "" : ",");
    ds_buf_add_json(out, name, strlen(name));
    ds_buf_add(out, ":");
}

void ds_codec_print_row(const ds_model *model, sqlite3_stmt *statement, int first,
                        ds_buf *out) {
    ds_buf_add(out, "{");
    for (int i = 0; i < model->n_columns; i++) {
        print_name(model->columns[i].name, i == 0, out);
        ds_codec_print_value(&model->columns[i],
                             sqlite3_column_value(statement, first + i), out);
    }
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        int at = first + model->n_columns + (int)i;
        if (sqlite3_column_type(statement, at) == SQLITE_INTEGER) {
            print_name(metadata[i], false, out);
            ds_buf_addf(out, "%lld", sqlite3_column_int64(statement, at));
        }
    }
    ds_buf_add(out, "}");
}

/* As ds_store_add_key has it in SQL: only quotes and backslashes are escaped. */
static void print_key_text(const char *text, size_t length, ds_buf *out) {
    ds_buf_add(out, "\"");
    for (size_t from = 0, at = 0; at <= length; at++) {
        if (at == length || text[at] == '"' || text[at] == '\\') {
            ds_buf_add_bytes(out, text + from, at - from);
            ds_buf_add(out, at < length ? "\\" : "\"");
            from = at;
        }
    }
}

void ds_codec_print_key(const ds_model *model, const ds_value *values, ds_buf *out) {
    ds_buf_add(out, "[");
    for (int i = 0; i < model->n_key; i++) {
        const ds_value *value = &values[model->key[i]->index];
        ds_buf_add(out, i ? "," : "");
        if (value->type == SQLITE_TEXT) {
            print_key_text(value->text, (size_t)value->length, out);
        } else if (value->type == SQLITE_INTEGER) {
            ds_buf_addf(out, "%lld", value->integer);
        } else {
            ds_buf_addf(out, "%!.17g", value->real);
        }
    }
    ds_buf_add(out, "]");
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

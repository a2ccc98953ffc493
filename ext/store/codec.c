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
static void add_text(const ds_column *column, const ds_value *value, ds_buf *out) {
    size_t length = (size_t)value->length;
    if (value->text == NULL) {
        out->rc = out->rc ? out->rc : SQLITE_NOMEM;
    } else if (is_json(column) && ds_json_check(value->text, length, NULL) == SQLITE_OK) {
        ds_buf_add_bytes(out, value->text, length);
    } else {
        ds_buf_add_json(out, value->text, length);
    }
}

void ds_codec_add_value(const ds_column *column, const ds_value *value, ds_buf *out) {
    switch (value->type) {
    case SQLITE_NULL:
        ds_buf_add(out, "null");
        break;
    case SQLITE_INTEGER:
        if (is_boolean(column)) {
            ds_buf_add(out, value->integer ? "true" : "false");
        } else {
            ds_buf_addf(out, "%lld", value->integer);
        }
        break;
    case SQLITE_FLOAT:
        print_real(value->real, out);
        break;
    default:
        add_text(column, value, out);
    }
}

static void print_name(const char *name, bool first, ds_buf *out) {
    ds_buf_add(out, first ? "" : ",");
    ds_buf_add_json(out, name, strlen(name));
    ds_buf_add(out, ":");
}

/* Member `at` of a row, counted through the metadata. */
static void add_member(const ds_model *model, int at, const ds_value *value,
                       ds_buf *out) {
    if (at < model->n_columns) {
        print_name(model->columns[at].name, at == 0, out);
        ds_codec_add_value(&model->columns[at], value, out);
    } else if (value->type == SQLITE_INTEGER) {
        print_name(metadata[at - model->n_columns], false, out);
        ds_buf_addf(out, "%lld", value->integer);
    }
}

void ds_codec_print_row(const ds_model *model, sqlite3_stmt *statement, int first,
                        ds_buf *out) {
    ds_buf_add(out, "{");
    for (int i = 0; i < model->n_columns + DS_N_META; i++) {
        ds_value value = ds_value_column(statement, first + i);
        add_member(model, i, &value, out);
    }
    ds_buf_add(out, "}");
}

void ds_codec_add_row(const ds_model *model, const ds_value *row, ds_buf *out) {
    ds_buf_add(out, "{");
    for (int i = 0; i < model->n_columns + DS_N_META; i++) {
        add_member(model, i, &row[i], out);
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

void ds_codec_print_key(const ds_value *values, int n, ds_buf *out) {
    ds_buf_add(out, "[");
    for (int i = 0; i < n; i++) {
        const ds_value *value = &values[i];
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

/*
** Values on their way out: to the host as they are stored, and what a plan did not fetch.
*/
#include "table/table_int.h"

#include <string.h>

/* Hosts mostly ask for text that ends in NUL. SQLite believes in one only where it counts the
** length itself; otherwise it moves each text into a larger place when it is asked for. */
static void result_text(sqlite3_context *context, const char *text, int length) {
    char copy[128];
    bool fits = text != NULL && length < (int)sizeof copy;
    if (fits) {
        memcpy(copy, text, (size_t)length);
        copy[length] = '\0';
    }
    if (fits && strlen(copy) == (size_t)length) {
        sqlite3_result_text(context, copy, -1, SQLITE_TRANSIENT);
    } else {
        sqlite3_result_text(context, text ? text : "", length, SQLITE_TRANSIENT);
    }
}

void ds_result_value(const ds_table *table, sqlite3_context *context,
                     sqlite3_value *value) {
    int type = sqlite3_value_type(value);
    if (type == SQLITE_INTEGER) {
        sqlite3_result_int64(context, sqlite3_value_int64(value));
    } else if (type == SQLITE_FLOAT) {
        sqlite3_result_double(context, sqlite3_value_double(value));
    } else if (type == SQLITE_TEXT && table->is_utf8) {
        const char *text = sqlite3_value_blob(value);
        result_text(context, text, sqlite3_value_bytes(value));
    } else if (type != SQLITE_NULL) {
        sqlite3_result_value(context, value);
    }
}

static void result_relation(ds_table *table, sqlite3_context *context, int index,
                            sqlite3_stmt *row) {
    ds_err err = DS_ERR_INIT;
    ds_buf json;
    char *text = NULL;
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    int rc = ds_relation_json(table, index, row, &json, &err);
    size_t length = json.length;
    if (rc == SQLITE_OK) {
        rc = ds_buf_take(&json, &text);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_text64(context, text, length, sqlite3_free, SQLITE_UTF8);
        sqlite3_result_subtype(context, 'J');
    } else {
        sqlite3_result_error(context, err.text[0] ? err.text : sqlite3_errstr(rc), -1);
        sqlite3_result_error_code(context, rc);
    }
    ds_buf_done(&json);
}

int ds_result_from_row(ds_table *table, sqlite3_context *context, int64_t rid,
                       int column) {
    const ds_vcolumn *v = &table->columns[column];
    ds_err err = DS_ERR_INIT;
    sqlite3_stmt *row = NULL;
    bool is_status = v->kind == DS_V_STATUS;
    int rc = is_status ? ds_row_status(table, rid, &row, &err)
                       : ds_row_by_rid(table, rid, &row, &err);
    if (rc != SQLITE_OK) {
        return ds_table_fail(table, &err);
    }
    if (row == NULL) {
        return SQLITE_OK; /* deleted since: NULL, as SQLite gives for its own tables */
    }
    if (v->kind == DS_V_RELATION) {
        result_relation(table, context, v->index, row);
    } else {
        int at = is_status ? 0 : ds_row_place(table, column);
        ds_result_value(table, context, sqlite3_column_value(row, at));
    }
    (void)sqlite3_reset(row);
    return SQLITE_OK;
}

/*
** Values on their way out: to the host as they are stored, and what a plan did not fetch.
*/
#include "table/table_int.h"

void ds_result_value(const ds_table *table, sqlite3_context *context,
                     sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        sqlite3_result_int64(context, sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        sqlite3_result_double(context, sqlite3_value_double(value));
        break;
    case SQLITE_NULL:
        break;
    case SQLITE_TEXT:
        if (table->is_utf8) {
            const char *text = sqlite3_value_blob(value);
            int length = sqlite3_value_bytes(value);
            sqlite3_result_text(context, text ? text : "", length, SQLITE_TRANSIENT);
            break;
        }
        sqlite3_result_value(context, value);
        break;
    default:
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

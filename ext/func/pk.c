/*
** Keys of records, and the rows behind them: what save and delete have in common.
*/
#include "func/func_int.h"

#include <string.h>

bool ds_pk_scalar(const ds_json *node, ds_value *out) {
    const char *text = NULL;
    switch (ds_json_type(node)) {
    case DS_JSON_NULL:
        *out = (ds_value){.type = SQLITE_NULL};
        return true;
    case DS_JSON_BOOLEAN:
        *out = (ds_value){.type = SQLITE_INTEGER, .integer = ds_json_boolean(node)};
        return true;
    case DS_JSON_NUMBER:
        *out = (ds_value){.type = SQLITE_INTEGER};
        if (!ds_json_integer(node, &out->integer)) {
            *out = (ds_value){.type = SQLITE_FLOAT, .real = ds_json_number(node)};
        }
        return true;
    case DS_JSON_STRING:
        text = ds_json_string(node);
        *out = (ds_value){.type = SQLITE_TEXT, .text = text, .length = (int)strlen(text)};
        return true;
    case DS_JSON_LIST:
    case DS_JSON_OBJECT:
    default:
        return false;
    }
}

void ds_pk_add_match(const ds_model *model, ds_buf *out) {
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(out, i ? " AND r." : "r.");
        ds_buf_add_ident(out, model->key[i]->name);
        ds_buf_addf(out, " = ?%d", i + 1);
    }
}

int ds_pk_bind(const ds_pk *key, sqlite3_stmt *statement) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < key->model->n_key; i++) {
        rc = ds_value_bind(statement, i + 1, &key->values[i]);
    }
    return rc;
}

static void print_value(const ds_value *value, ds_buf *out) {
    if (value->type == SQLITE_TEXT) {
        ds_buf_addf(out, "'%!.60q'", value->text);
    } else if (value->type == SQLITE_INTEGER) {
        ds_buf_addf(out, "%lld", value->integer);
    } else {
        ds_buf_addf(out, "%!.15g", value->real);
    }
}

void ds_pk_print(const ds_pk *key, ds_buf *out) {
    int n = key->model->n_key;
    ds_buf_addf(out, "%s %s", key->model->name, n > 1 ? "(" : "");
    for (int i = 0; i < n; i++) {
        ds_buf_add(out, i ? ", " : "");
        print_value(&key->values[i], out);
    }
    ds_buf_add(out, n > 1 ? ")" : "");
}

/* Parameters: the key, then those of the filter. */
static void add_find(ds_buf *sql, const ds_model *model, const ds_filter *filter) {
    ds_buf_add(sql, "SELECT ");
    ds_store_add_key(sql, model, "r");
    ds_buf_add(sql, ", ");
    if (filter != NULL) {
        ds_filter_to_sql(filter, "r", model->n_key + 1, sql);
    } else {
        ds_buf_add(sql, "1");
    }
    ds_buf_add(sql, ", ");
    ds_codec_add_columns(model, "r", sql);
    ds_buf_add(sql, " FROM ");
    ds_store_add_rows(sql, model);
    ds_buf_add(sql, " AS r WHERE ");
    ds_pk_add_match(model, sql);
}

int ds_pk_find(ds_store *store, const ds_pk *key, const ds_filter *filter,
               sqlite3_stmt **out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    *out = NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    add_find(&sql, key->model, filter);
    int rc = ds_func_prepare(store, &sql, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = ds_pk_bind(key, statement);
    if (rc == SQLITE_OK && filter != NULL) {
        rc = ds_filter_bind(filter, statement, key->model->n_key + 1);
    }
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *out = statement;
        return SQLITE_OK;
    }
    int finalized = sqlite3_finalize(statement);
    rc = rc == SQLITE_OK ? finalized : rc;
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

int ds_pk_demand(ds_store *store, const ds_pk *key, const ds_filter *condition,
                 const char *verb, sqlite3_stmt **out, ds_err *err) {
    int rc = ds_pk_find(store, key, condition, out, err);
    bool exists = *out != NULL;
    if (rc != SQLITE_OK || (exists && sqlite3_column_int(*out, DS_FOUND_MATCH))) {
        return rc;
    }
    sqlite3_finalize(*out);
    *out = NULL;
    ds_buf name;
    ds_buf_init(&name, DS_ERR_TEXT_MAX);
    ds_pk_print(key, &name);
    rc = ds_err_set(err, SQLITE_CONSTRAINT, "conditional %s failed: %s%s%s", verb,
                    exists ? "" : "there is no ", ds_buf_text(&name),
                    exists ? " does not match the condition" : "");
    ds_buf_done(&name);
    return rc;
}

int ds_pk_freeze(ds_store *store, const ds_pk *key, sqlite3_stmt *found, ds_err *err) {
    const ds_record record = {key->model, sqlite3_column_value(found, DS_FOUND_KEY)};
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_codec_print_row(key->model, found, DS_FOUND_ROW, &payload);
    int rc = payload.rc ? ds_err_nomem(err)
                        : ds_outbox_freeze(store, &record, ds_buf_text(&payload), err);
    ds_buf_done(&payload);
    return rc;
}

/*
** datastore_delete(model, key | filter [, condition]): delete one record by its key, or all that
** match a filter. Returns how many were there; what goes with them by cascade is not counted.
**
** How the second argument is read:
** - a JSON object whose members are all objects or lists is a filter; '{}' matches every row;
** - a JSON object with any other member is a key by field names, and must be exactly that;
** - for a composite key, a JSON list of its values in key order, as datastore_last_id() has it;
** - anything else is the value of a single key. One that begins with { must be given as an
**   object.
**
** A condition belongs to a record and travels with its mutation, so it goes with a key only: the
** record must be there and match. To narrow down a filter, extend the filter.
*/
#include "func/func_int.h"

#include <string.h>

/* root: what the key borrows from. filter: NULL for a key; condition: NULL without. */
typedef struct deleting {
    ds_store *store;
    const ds_model *model;
    ds_json *root;
    ds_pk key;
    ds_filter *filter;
    ds_filter *condition;
    const char *condition_text;
    ds_err *err;
} deleting;

/* ---- the second argument ------------------------------------------------------------------------ */

static bool is_group(const ds_json *node) {
    return ds_json_type(node) == DS_JSON_OBJECT || ds_json_type(node) == DS_JSON_LIST;
}

static bool is_filter(const ds_json *object) {
    for (const ds_json *m = ds_json_child(object); m != NULL; m = ds_json_next(m)) {
        if (!is_group(m)) {
            return false;
        }
    }
    return true;
}

/* The names of the key fields, for messages: id, or orderId, itemId. */
static int refuse_key(deleting *d, const char *why) {
    ds_buf names;
    ds_buf_init(&names, DS_ERR_TEXT_MAX);
    for (int i = 0; i < d->model->n_key; i++) {
        ds_buf_addf(&names, "%s%s", i ? ", " : "", d->model->key[i]->name);
    }
    int rc = ds_err_set(d->err, SQLITE_ERROR, "the key of %s is (%s): %s", d->model->name,
                        ds_buf_text(&names), why);
    ds_buf_done(&names);
    return rc;
}

static int put_key(deleting *d, int at, const ds_json *node) {
    ds_value *value = &d->key.values[at];
    if (!ds_pk_scalar(node, value) || value->type == SQLITE_NULL) {
        return refuse_key(d, "every value must be a text or a number");
    }
    return SQLITE_OK;
}

/* Most likely a filter was meant: show how it would be one. */
static int refuse_member(deleting *d, const ds_json *node) {
    const char *name = ds_json_name(node);
    ds_buf operand;
    ds_buf_init(&operand, DS_MAX_OUTPUT_BYTES);
    ds_json_print(node, &operand);
    int rc = operand.rc
                 ? ds_err_nomem(d->err)
                 : ds_err_set(
                       d->err, SQLITE_ERROR,
                       "\"%s\" is not in the key of %s, and a filter needs an operator: "
                       "{\"%s\":{\"eq\":%!.60s}}",
                       name, d->model->name, name, ds_buf_text(&operand));
    ds_buf_done(&operand);
    return rc;
}

static int read_member(deleting *d, const ds_json *node) {
    const ds_column *column = ds_model_column(d->model, ds_json_name(node));
    if (column == NULL || column->key_position < 0) {
        return refuse_member(d, node);
    }
    return put_key(d, column->key_position, node);
}

static int read_key_object(deleting *d) {
    int rc = SQLITE_OK;
    for (const ds_json *m = ds_json_child(d->root); rc == SQLITE_OK && m != NULL;
         m = ds_json_next(m)) {
        rc = read_member(d, m);
    }
    for (int i = 0; rc == SQLITE_OK && i < d->model->n_key; i++) {
        if (d->key.values[i].type == 0) {
            rc = refuse_key(d, "the object lacks a part of it");
        }
    }
    return rc;
}

static int read_object(deleting *d, sqlite3_value *value) {
    ds_err inner = DS_ERR_INIT;
    int rc = ds_func_object(value, "key or filter", &d->root, &inner);
    if (rc == SQLITE_ERROR) {
        return ds_err_set(
            d->err, rc,
            "%s (a key that begins with { goes into an object: {\"%s\":\"{…\"})",
            inner.text, d->model->key[0]->name);
    }
    if (rc != SQLITE_OK) {
        return ds_err_nomem(d->err);
    }
    return is_filter(d->root) ? ds_func_filter(d->model, value, &d->filter, d->err)
                              : read_key_object(d);
}

static int read_list(deleting *d, sqlite3_value *value) {
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    int rc = text ? ds_json_parse(text, length, &d->root, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(d->err);
    }
    if (rc != SQLITE_OK || ds_json_type(d->root) != DS_JSON_LIST ||
        ds_json_count(d->root) != (size_t)d->model->n_key) {
        return refuse_key(d, "give a JSON list of these values, or an object");
    }
    int at = 0;
    for (const ds_json *e = ds_json_child(d->root); rc == SQLITE_OK && e != NULL;
         e = ds_json_next(e)) {
        rc = put_key(d, at++, e);
    }
    return rc;
}

static int read_single(deleting *d, sqlite3_value *value) {
    ds_value *key = &d->key.values[0];
    if (sqlite3_value_type(value) == SQLITE_INTEGER) {
        *key = (ds_value){.type = SQLITE_INTEGER, .integer = sqlite3_value_int64(value)};
        return SQLITE_OK;
    }
    if (sqlite3_value_type(value) == SQLITE_FLOAT) {
        *key = (ds_value){.type = SQLITE_FLOAT, .real = sqlite3_value_double(value)};
        return SQLITE_OK;
    }
    const char *text = (const char *)sqlite3_value_text(value);
    *key = (ds_value){
        .type = SQLITE_TEXT, .text = text, .length = sqlite3_value_bytes(value)};
    return text ? SQLITE_OK : ds_err_nomem(d->err);
}

static int read_key_or_filter(deleting *d, sqlite3_value *value) {
    const char *text = NULL;
    int rc = ds_func_text(value, &text, d->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (text == NULL) {
        return refuse_key(d,
                          "NULL matches nothing; to delete all rows give the filter {}");
    }
    if (ds_func_is_object(text)) {
        return read_object(d, value);
    }
    return d->model->n_key > 1 ? read_list(d, value) : read_single(d, value);
}

static int read_arguments(deleting *d, int argc, sqlite3_value **argv) {
    d->key.model = d->model;
    int rc = read_key_or_filter(d, argv[1]);
    if (rc != SQLITE_OK || argc < 3 || sqlite3_value_type(argv[2]) == SQLITE_NULL) {
        return rc;
    }
    if (d->filter != NULL) {
        return ds_err_set(
            d->err, SQLITE_ERROR,
            "a condition goes with a key: to narrow down a filter, extend the "
            "filter");
    }
    rc = ds_func_filter(d->model, argv[2], &d->condition, d->err);
    d->condition_text = (const char *)sqlite3_value_text(argv[2]);
    return rc;
}

/* ---- the rows ------------------------------------------------------------------------------------- */

/* By key or filter, through the model's table. */
static int delete_rows(deleting *d, int64_t *out_count) {
    ds_buf sql;
    sqlite3_stmt *statement = NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "DELETE FROM main.");
    ds_buf_add_ident(&sql, d->model->name);
    ds_buf_add(&sql, " AS r WHERE ");
    if (d->filter != NULL) {
        ds_filter_to_sql(d->filter, "r", 1, &sql);
    } else {
        ds_pk_add_match(d->model, &sql);
    }
    int rc = ds_func_prepare(d->store, &sql, &statement, d->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = d->filter ? ds_filter_bind(d->filter, statement, 1)
                   : ds_pk_bind(&d->key, statement);
    if (rc != SQLITE_OK) {
        sqlite3_finalize(statement);
        return ds_err_db(d->err, d->store->db, rc);
    }
    rc = ds_func_run(d->store, statement, d->err);
    *out_count = sqlite3_changes64(d->store->db);
    return rc;
}

/* With a condition: `key` is the record's as in the journal. */
static int delete_conditionally(deleting *d, sqlite3_value *key, int64_t *out_count) {
    const ds_record record = {d->model, key};
    int64_t before = 0;
    int rc = ds_outbox_last(d->store, &before, d->err);
    if (rc == SQLITE_OK) {
        rc = delete_rows(d, out_count);
    }
    return rc == SQLITE_OK ? ds_outbox_stamp(d->store, &record, before, d->condition_text,
                                             NULL, d->err)
                           : rc;
}

static int run(deleting *d, int64_t *out_count) {
    if (d->condition == NULL) {
        return delete_rows(d, out_count);
    }
    sqlite3_stmt *row = NULL;
    int rc = ds_pk_demand(d->store, &d->key, d->condition, "delete", &row, d->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_value *key = sqlite3_value_dup(sqlite3_column_value(row, DS_FOUND_KEY));
    rc = key ? ds_pk_freeze(d->store, &d->key, row, d->err) : ds_err_nomem(d->err);
    sqlite3_finalize(row);
    if (rc == SQLITE_OK) {
        rc = delete_conditionally(d, key, out_count);
    }
    sqlite3_value_free(key);
    return rc;
}

void ds_func_delete(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    deleting d = {.store = ds_func_store(context), .err = &err};
    ds_work work;
    int64_t count = 0;
    int rc = ds_work_begin(d.store, "datastore_delete", false, argv[0], &work, &err);
    if (rc == SQLITE_OK) {
        d.model = work.model;
        rc = read_arguments(&d, argc, argv);
        if (rc == SQLITE_OK) {
            rc = run(&d, &count);
        }
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int64(context, count);
    } else {
        ds_func_fail(context, &err);
    }
    ds_filter_free(d.filter);
    ds_filter_free(d.condition);
    ds_json_free(d.root);
}

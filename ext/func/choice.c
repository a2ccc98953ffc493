/*
** Which records a function is about: one by its key, or those that match a filter.
*/
#include "func/func_int.h"

#include <string.h>

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
static int refuse_key(ds_choice *c, const char *why) {
    ds_buf names;
    ds_buf_init(&names, DS_ERR_TEXT_MAX);
    for (int i = 0; i < c->key.model->n_key; i++) {
        ds_buf_addf(&names, "%s%s", i ? ", " : "", c->key.model->key[i]->name);
    }
    int rc = ds_err_set(c->err, SQLITE_ERROR, "the key of %s is (%s): %s",
                        c->key.model->name, ds_buf_text(&names), why);
    ds_buf_done(&names);
    return rc;
}

static int put_key(ds_choice *c, int at, const ds_json *node) {
    ds_value *value = &c->key.values[at];
    if (!ds_pk_scalar(node, value) || value->type == SQLITE_NULL) {
        return refuse_key(c, "every value must be a text or a number");
    }
    return SQLITE_OK;
}

/* Most likely a filter was meant: show how it would be one. */
static int refuse_member(ds_choice *c, const ds_json *node) {
    const char *name = ds_json_name(node);
    ds_buf operand;
    ds_buf_init(&operand, DS_MAX_OUTPUT_BYTES);
    ds_json_print(node, &operand);
    int rc = operand.rc
                 ? ds_err_nomem(c->err)
                 : ds_err_set(
                       c->err, SQLITE_ERROR,
                       "\"%s\" is not in the key of %s, and a filter needs an operator: "
                       "{\"%s\":{\"eq\":%!.60s}}",
                       name, c->key.model->name, name, ds_buf_text(&operand));
    ds_buf_done(&operand);
    return rc;
}

static int read_member(ds_choice *c, const ds_json *node) {
    const ds_column *column = ds_model_column(c->key.model, ds_json_name(node));
    if (column == NULL || column->key_position < 0) {
        return refuse_member(c, node);
    }
    return put_key(c, column->key_position, node);
}

static int read_key_object(ds_choice *c) {
    int rc = SQLITE_OK;
    for (const ds_json *m = ds_json_child(c->root); rc == SQLITE_OK && m != NULL;
         m = ds_json_next(m)) {
        rc = read_member(c, m);
    }
    for (int i = 0; rc == SQLITE_OK && i < c->key.model->n_key; i++) {
        if (c->key.values[i].type == 0) {
            rc = refuse_key(c, "the object lacks a part of it");
        }
    }
    return rc;
}

static int read_filter(ds_choice *c, sqlite3_value *value) {
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (text == NULL) {
        return ds_err_nomem(c->err);
    }
    return c->allows_related
               ? ds_filter_parse_related(c->key.model, text, length, &c->filter, c->err)
               : ds_filter_parse(c->key.model, text, length, &c->filter, c->err);
}

static int read_object(ds_choice *c, sqlite3_value *value) {
    ds_err inner = DS_ERR_INIT;
    int rc = ds_func_object(value, "key or filter", &c->root, &inner);
    if (rc == SQLITE_ERROR) {
        return ds_err_set(
            c->err, rc,
            "%s (a key that begins with { goes into an object: {\"%s\":\"{…\"})",
            inner.text, c->key.model->key[0]->name);
    }
    if (rc != SQLITE_OK) {
        return ds_err_nomem(c->err);
    }
    return is_filter(c->root) ? read_filter(c, value) : read_key_object(c);
}

static int read_list(ds_choice *c, sqlite3_value *value) {
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    int rc = text ? ds_json_parse(text, length, &c->root, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(c->err);
    }
    if (rc != SQLITE_OK || ds_json_type(c->root) != DS_JSON_LIST ||
        ds_json_count(c->root) != (size_t)c->key.model->n_key) {
        return refuse_key(c, "give a JSON list of these values, or an object");
    }
    int at = 0;
    for (const ds_json *e = ds_json_child(c->root); rc == SQLITE_OK && e != NULL;
         e = ds_json_next(e)) {
        rc = put_key(c, at++, e);
    }
    return rc;
}

static int read_single(ds_choice *c, sqlite3_value *value) {
    ds_value *key = &c->key.values[0];
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
    return text ? SQLITE_OK : ds_err_nomem(c->err);
}

int ds_choice_read(ds_choice *out, const ds_model *model, sqlite3_value *value,
                   bool allows_related, ds_err *err) {
    const char *text = NULL;
    *out = (ds_choice){.key.model = model, .allows_related = allows_related, .err = err};
    int rc = ds_func_text(value, &text, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (text == NULL) {
        return refuse_key(out,
                          "NULL matches nothing; to delete all rows give the filter {}");
    }
    if (ds_func_is_object(text)) {
        return read_object(out, value);
    }
    return model->n_key > 1 ? read_list(out, value) : read_single(out, value);
}

void ds_choice_done(ds_choice *choice) {
    ds_filter_free(choice->filter);
    ds_json_free(choice->root);
}

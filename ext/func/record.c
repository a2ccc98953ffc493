/*
** A record as the user gives it: JSON members sorted by the columns that they speak of.
*/
#include "func/func_int.h"

#include <string.h>

/* ---- names ------------------------------------------------------------------------------------ */

static bool is_metadata(const char *name) {
    static const char *const names[] = {"_version", "_lastChangedAt", "_deleted",
                                        "_status"};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *nearest_member(const ds_model *model, const char *name) {
    const char *best = NULL;
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        best = ds_func_nearer(name, best, column->name);
        for (int a = 0; a < column->n_aliases; a++) {
            best = ds_func_nearer(name, best, column->aliases[a]);
        }
    }
    for (int i = 0; i < model->n_relations; i++) {
        best = ds_func_nearer(name, best, model->relations[i].field);
    }
    return best;
}

static int refuse_unknown(const ds_model *model, const char *name, ds_err *err) {
    const char *nearest = nearest_member(model, name);
    return nearest ? ds_err_set(err, SQLITE_ERROR,
                                "%s has no field \"%s\" (did you mean \"%s\"?)",
                                model->name, name, nearest)
                   : ds_err_set(err, SQLITE_ERROR, "%s has no field \"%s\"", model->name,
                                name);
}

/* ---- types -------------------------------------------------------------------------------------- */

static bool is_scalar(const ds_column *column, ds_scalar scalar) {
    const ds_type *type = &column->type;
    return !type->is_list && type->kind == DS_KIND_SCALAR && type->scalar == scalar;
}

/* Stored as JSON text. */
static bool is_json(const ds_column *column) {
    return column->type.is_list || column->type.kind == DS_KIND_EMBEDDED ||
           is_scalar(column, DS_AWS_JSON);
}

/*
** SQL has no booleans, lists and objects: once bound they are numbers and texts that the
** table takes for a String or an Int. JSON's numbers are doubles here; as a text (an id!) an
** inexact one would be another.
*/
static bool fits(const ds_column *column, const ds_json *node) {
    int64_t integer;
    if (is_json(column)) {
        return true;
    }
    switch (ds_json_type(node)) {
    case DS_JSON_BOOLEAN:
        return is_scalar(column, DS_BOOLEAN);
    case DS_JSON_NUMBER:
        return ds_column_affinity(column) != DS_TEXT_AFFINITY ||
               ds_json_integer(node, &integer);
    case DS_JSON_LIST:
    case DS_JSON_OBJECT:
        return false;
    case DS_JSON_NULL:
    case DS_JSON_STRING:
    default:
        return true;
    }
}

/* Worded as the refusals of ds_check_value. */
static int refuse_type(const ds_model *model, const ds_column *column,
                       const ds_json *node, ds_err *err) {
    bool is_enum = column->type.kind == DS_KIND_ENUM;
    const ds_scalar_info *info = is_enum ? NULL : ds_scalar_get(column->type.scalar);
    ds_buf shown;
    ds_buf_init(&shown, DS_MAX_OUTPUT_BYTES);
    if (ds_json_type(node) == DS_JSON_LIST || ds_json_type(node) == DS_JSON_OBJECT) {
        ds_buf_addf(&shown, "a JSON %s", ds_json_type_name(node));
    } else {
        ds_json_print(node, &shown);
    }
    int rc = shown.rc ? ds_err_nomem(err)
                      : ds_err_set(err, SQLITE_CONSTRAINT_DATATYPE,
                                   "cannot store %s as %s in %s.%s: expected %s",
                                   ds_buf_text(&shown),
                                   is_enum ? column->type.enumeration->name : info->name,
                                   model->name, column->name,
                                   is_enum ? "a text" : info->expects);
    ds_buf_done(&shown);
    return rc;
}

/* ---- members -------------------------------------------------------------------------------------- */

static int is_same_json(const ds_json *a, const ds_json *b, bool *out) {
    ds_buf x, y;
    ds_buf_init(&x, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&y, DS_MAX_OUTPUT_BYTES);
    ds_json_print(a, &x);
    ds_json_print(b, &y);
    int rc = x.rc | y.rc;
    *out = rc == SQLITE_OK && strcmp(ds_buf_text(&x), ds_buf_text(&y)) == 0;
    ds_buf_done(&x);
    ds_buf_done(&y);
    return rc;
}

static int put(ds_given *given, const ds_column *column, const ds_json *node,
               ds_err *err) {
    bool same = true;
    const ds_json **place = &given->columns[column->index];
    if (column->is_read_only) {
        return SQLITE_OK;
    }
    if (!fits(column, node)) {
        return refuse_type(given->model, column, node, err);
    }
    if (*place != NULL && is_same_json(*place, node, &same) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    if (!same) {
        return ds_err_set(err, SQLITE_CONSTRAINT,
                          "%s.%s is given under two names with different values",
                          given->model->name, column->name);
    }
    *place = node;
    return SQLITE_OK;
}

/* Is the foreign key on this side? */
static bool is_own(const ds_relation *relation) {
    if (relation->kind == DS_BELONGS_TO) {
        return true;
    }
    return relation->kind == DS_HAS_ONE && relation->local[0]->key_position < 0;
}

/* What a related record says for a column of its model. */
static const ds_json *member_for(const ds_model *model, const ds_json *record,
                                 const ds_column *column) {
    for (const ds_json *m = ds_json_child(record); m != NULL; m = ds_json_next(m)) {
        if (ds_model_column(model, ds_json_name(m)) == column) {
            return ds_json_type(m) == DS_JSON_NULL ? NULL : m;
        }
    }
    return NULL;
}

static int refuse_keyless(const ds_relation *relation, const ds_column *key,
                          ds_err *err) {
    return ds_err_set(
        err, SQLITE_ERROR,
        is_own(relation)
            ? "%s.%s must be a %s that is saved already: its \"%s\" is missing"
            : "%s.%s has a new %s (without \"%s\"): save it by itself",
        relation->model->name, relation->field, relation->target->name, key->name);
}

static int refuse_shape(const ds_relation *relation, const ds_json *node,
                        const char *expected, ds_err *err) {
    return ds_err_set(err, SQLITE_ERROR, "%s.%s: expected %s of %s, found %s",
                      relation->model->name, relation->field, expected,
                      relation->target->name, ds_json_type_name(node));
}

/* The foreign key from a related record, or from null. */
static int put_own(ds_given *given, const ds_relation *relation, const ds_json *node,
                   ds_err *err) {
    int rc = SQLITE_OK;
    bool is_null = ds_json_type(node) == DS_JSON_NULL;
    if (!is_null && ds_json_type(node) != DS_JSON_OBJECT) {
        return refuse_shape(relation, node, "an object", err);
    }
    for (int i = 0; rc == SQLITE_OK && i < relation->n_columns; i++) {
        const ds_json *value =
            is_null ? node : member_for(relation->target, node, relation->remote[i]);
        rc = value ? put(given, relation->local[i], value, err)
                   : refuse_keyless(relation, relation->remote[i], err);
    }
    return rc;
}

static int check_related(const ds_relation *relation, const ds_json *node, ds_err *err) {
    const ds_model *target = relation->target;
    if (ds_json_type(node) != DS_JSON_OBJECT) {
        return refuse_shape(relation, node, "an object", err);
    }
    for (int i = 0; i < target->n_key; i++) {
        if (member_for(target, node, target->key[i]) == NULL) {
            return refuse_keyless(relation, target->key[i], err);
        }
    }
    return SQLITE_OK;
}

static int check_foreign(const ds_relation *relation, const ds_json *node, ds_err *err) {
    int rc = SQLITE_OK;
    if (ds_json_type(node) == DS_JSON_NULL) {
        return SQLITE_OK;
    }
    if (relation->kind != DS_HAS_MANY) {
        return check_related(relation, node, err);
    }
    if (ds_json_type(node) != DS_JSON_LIST) {
        return refuse_shape(relation, node, "a list", err);
    }
    for (const ds_json *e = ds_json_child(node); rc == SQLITE_OK && e != NULL;
         e = ds_json_next(e)) {
        rc = check_related(relation, e, err);
    }
    return rc;
}

static int put_member(ds_given *given, const ds_json *node, ds_err *err) {
    const char *name = ds_json_name(node);
    const ds_column *column = ds_model_column(given->model, name);
    const ds_relation *relation = ds_model_relation(given->model, name);
    if (relation != NULL && is_own(relation) &&
        (column == NULL || ds_json_type(node) == DS_JSON_OBJECT)) {
        return put_own(given, relation, node, err);
    }
    if (column != NULL) {
        return put(given, column, node, err);
    }
    if (relation != NULL) {
        return check_foreign(relation, node, err);
    }
    return is_metadata(name) ? SQLITE_OK : refuse_unknown(given->model, name, err);
}

int ds_given_parse(const ds_model *model, sqlite3_value *value, ds_given *out,
                   ds_err *err) {
    size_t size = (size_t)model->n_columns * sizeof *out->columns;
    *out = (ds_given){model, NULL, NULL};
    int rc = ds_func_object(value, "record", &out->root, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    out->columns = sqlite3_malloc64(size);
    if (out->columns == NULL) {
        return ds_err_nomem(err);
    }
    memset(out->columns, 0, size);
    for (const ds_json *m = ds_json_child(out->root); rc == SQLITE_OK && m != NULL;
         m = ds_json_next(m)) {
        rc = put_member(out, m, err);
    }
    return rc;
}

void ds_given_done(ds_given *given) {
    ds_json_free(given->root);
    sqlite3_free(given->columns);
}

/* ---- values ----------------------------------------------------------------------------------------- */

bool ds_given_key(const ds_given *given, ds_pk *out) {
    out->model = given->model;
    for (int i = 0; i < given->model->n_key; i++) {
        const ds_json *node = given->columns[given->model->key[i]->index];
        if (node == NULL || !ds_pk_scalar(node, &out->values[i]) ||
            out->values[i].type == SQLITE_NULL) {
            return false;
        }
    }
    return true;
}

static int bind_json(const ds_json *node, sqlite3_stmt *statement, int at) {
    ds_buf json;
    char *text = NULL;
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    ds_json_print(node, &json);
    size_t length = json.length;
    int rc = ds_buf_take(&json, &text);
    return rc == SQLITE_OK ? sqlite3_bind_text64(statement, at, text, length,
                                                 sqlite3_free, SQLITE_UTF8)
                           : rc;
}

int ds_given_bind(const ds_given *given, int column, sqlite3_stmt *statement, int at) {
    const ds_json *node = given->columns[column];
    ds_value value = {.type = SQLITE_NULL};
    if (node == NULL) {
        return sqlite3_bind_null(statement, at);
    }
    ds_json_kind kind = ds_json_type(node);
    bool is_plain = kind == DS_JSON_STRING || kind == DS_JSON_NULL ||
                    !is_json(&given->model->columns[column]);
    return is_plain && ds_pk_scalar(node, &value) ? ds_value_bind(statement, at, &value)
                                                  : bind_json(node, statement, at);
}

int ds_given_is_same_json(const ds_given *given, int column, sqlite3_value *stored,
                          bool *out) {
    const ds_json *node = given->columns[column];
    ds_json *old = NULL;
    *out = false;
    if (!is_json(&given->model->columns[column]) ||
        ds_json_type(node) == DS_JSON_STRING ||
        sqlite3_value_type(stored) != SQLITE_TEXT) {
        return SQLITE_OK;
    }
    const char *text = (const char *)sqlite3_value_text(stored);
    if (text == NULL) {
        return SQLITE_NOMEM;
    }
    int rc = ds_json_parse(text, (size_t)sqlite3_value_bytes(stored), &old, NULL);
    if (rc == SQLITE_OK) {
        rc = is_same_json(node, old, out);
        ds_json_free(old);
    }
    return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
}

/*
** Do two stored values mean the same to the API? What a client writes comes back in the
** server's own notation: numbers, moments and JSON are compared by what they mean, everything
** else byte by byte.
*/
#include "model/check_int.h"

#include <string.h>

/* ---- JSON -------------------------------------------------------------------------------------- */

static bool same_json(const ds_json *a, const ds_json *b);

static bool is_null(const ds_json *node) {
    return node == NULL || ds_json_type(node) == DS_JSON_NULL;
}

static bool same_number(double a, double b) {
    return a <= b && a >= b;
}

static bool same_members(const ds_json *a, const ds_json *b) {
    for (const ds_json *m = ds_json_child(a); m; m = ds_json_next(m)) {
        const ds_json *other = ds_json_get(b, ds_json_name(m));
        if (other == NULL || !same_json(m, other)) {
            return false;
        }
    }
    return true;
}

static bool same_elements(const ds_json *a, const ds_json *b) {
    const ds_json *y = ds_json_child(b);
    for (const ds_json *x = ds_json_child(a); x; x = ds_json_next(x)) {
        if (!same_json(x, y)) {
            return false;
        }
        y = ds_json_next(y);
    }
    return true;
}

/* JSON of no declared type. Members have no order. */
static bool same_json(const ds_json *a, const ds_json *b) {
    if (ds_json_type(a) != ds_json_type(b)) {
        return false;
    }
    switch (ds_json_type(a)) {
    case DS_JSON_BOOLEAN:
        return ds_json_boolean(a) == ds_json_boolean(b);
    case DS_JSON_NUMBER:
        return same_number(ds_json_number(a), ds_json_number(b));
    case DS_JSON_STRING:
        return strcmp(ds_json_string(a), ds_json_string(b)) == 0;
    case DS_JSON_LIST:
        return ds_json_count(a) == ds_json_count(b) && same_elements(a, b);
    case DS_JSON_OBJECT:
        return ds_json_count(a) == ds_json_count(b) && same_members(a, b);
    case DS_JSON_NULL:
    default:
        return true;
    }
}

/* ---- Texts --------------------------------------------------------------------------------------- */

typedef struct text {
    const char *start;
    size_t length;
} text;

static bool same_bytes(text a, text b) {
    return a.length == b.length && memcmp(a.start, b.start, a.length) == 0;
}

typedef int (*comparer)(const ds_type *type, const ds_json *a, const ds_json *b,
                        bool *out);

/* Two texts of JSON; texts that are none are compared as they are. */
static int compare_parsed(const ds_type *type, text a, text b, comparer compare,
                          bool *out) {
    ds_json *x = NULL, *y = NULL;
    *out = same_bytes(a, b);
    if (*out) {
        return SQLITE_OK;
    }
    int rc = ds_json_parse(a.start, a.length, &x, NULL);
    if (rc == SQLITE_OK) {
        rc = ds_json_parse(b.start, b.length, &y, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = compare(type, x, y, out);
    }
    ds_json_free(x);
    ds_json_free(y);
    return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
}

static int compare_untyped(const ds_type *type, const ds_json *a, const ds_json *b,
                           bool *out) {
    (void)type;
    *out = same_json(a, b);
    return SQLITE_OK;
}

static int compare_text(const ds_type *type, text a, text b, bool *out) {
    if (type->kind != DS_KIND_SCALAR) {
        *out = same_bytes(a, b);
        return SQLITE_OK;
    }
    switch ((int)type->scalar) {
    case DS_AWS_DATE:
    case DS_AWS_TIME:
    case DS_AWS_DATE_TIME:
        *out = ds_moment_same(type->scalar, a.start, a.length, b.start, b.length);
        return SQLITE_OK;
    case DS_AWS_JSON:
        return compare_parsed(type, a, b, compare_untyped, out);
    default:
        *out = same_bytes(a, b);
        return SQLITE_OK;
    }
}

/* ---- Lists and embedded types ----------------------------------------------------------------------- */

static int compare_node(const ds_type *type, int level, const ds_json *a,
                        const ds_json *b, bool *out);

static int compare_list(const ds_type *type, int level, const ds_json *a,
                        const ds_json *b, bool *out) {
    int rc = SQLITE_OK;
    *out = ds_json_count(a) == ds_json_count(b);
    const ds_json *y = ds_json_child(b);
    for (const ds_json *x = ds_json_child(a); rc == SQLITE_OK && *out && x;
         x = ds_json_next(x)) {
        rc = compare_node(type, level + 1, x, y, out);
        y = ds_json_next(y);
    }
    return rc;
}

/* The server answers with every member, a client may leave out what is null. */
static int compare_embedded(const ds_type *type, const ds_json *a, const ds_json *b,
                            bool *out) {
    int rc = SQLITE_OK;
    *out = true;
    for (int i = 0; rc == SQLITE_OK && *out && i < type->embedded->n_fields; i++) {
        const ds_field *field = &type->embedded->fields[i];
        if (field->type.kind != DS_KIND_MODEL) {
            rc = compare_node(&field->type, 0, ds_json_get(a, field->name),
                              ds_json_get(b, field->name), out);
        }
    }
    return rc;
}

/* `level`: how many of the type's lists are around the nodes, which may be absent. Recursion is
** bounded by DS_MAX_JSON_DEPTH. */
static int compare_node(const ds_type *type, int level, const ds_json *a,
                        const ds_json *b, bool *out) {
    if (is_null(a) || is_null(b)) {
        *out = is_null(a) && is_null(b);
        return SQLITE_OK;
    }
    if (ds_json_type(a) != ds_json_type(b)) {
        *out = false;
        return SQLITE_OK;
    }
    if (level < type->list_depth && ds_json_type(a) == DS_JSON_LIST) {
        return compare_list(type, level, a, b, out);
    }
    if (level == type->list_depth && type->kind == DS_KIND_EMBEDDED &&
        ds_json_type(a) == DS_JSON_OBJECT) {
        return compare_embedded(type, a, b, out);
    }
    if (ds_json_type(a) == DS_JSON_STRING) {
        const char *x = ds_json_string(a), *y = ds_json_string(b);
        return compare_text(type, (text){x, strlen(x)}, (text){y, strlen(y)}, out);
    }
    *out = same_json(a, b);
    return SQLITE_OK;
}

static int compare_typed(const ds_type *type, const ds_json *a, const ds_json *b,
                         bool *out) {
    return compare_node(type, 0, a, b, out);
}

/* ---- Stored values ------------------------------------------------------------------------------------ */

static bool is_number(const ds_value *value) {
    return value->type == SQLITE_INTEGER || value->type == SQLITE_FLOAT;
}

static double number_of(const ds_value *value) {
    return value->type == SQLITE_INTEGER ? (double)value->integer : value->real;
}

int ds_column_same(const ds_column *column, const ds_value *a, const ds_value *b,
                   bool *out) {
    const ds_type *type = &column->type;
    if (a->type == SQLITE_INTEGER && b->type == SQLITE_INTEGER) {
        *out = a->integer == b->integer;
        return SQLITE_OK;
    }
    if (is_number(a) && is_number(b)) {
        *out = same_number(number_of(a), number_of(b));
        return SQLITE_OK;
    }
    if (a->type != SQLITE_TEXT || b->type != SQLITE_TEXT) {
        *out = a->type == b->type && a->type == SQLITE_NULL;
        return SQLITE_OK;
    }
    const text x = {a->text, (size_t)a->length};
    const text y = {b->text, (size_t)b->length};
    return type->is_list || type->kind == DS_KIND_EMBEDDED
               ? compare_parsed(type, x, y, compare_typed, out)
               : compare_text(type, x, y, out);
}

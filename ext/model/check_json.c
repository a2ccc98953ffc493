/*
** Lists and embedded types: JSON texts, judged down to the last member. The text is stored as
** it is given, so nothing is converted in here: an Int is a JSON number, a Boolean is true or
** false, an AWSJSON a string that holds JSON.
*/
#include "model/check_int.h"

#include <string.h>

/* ---- What JSON has instead ------------------------------------------------------------------- */

static int refuse(const ds_path *place, const ds_type *type, int level,
                  const ds_json *node, const char *expects, ds_err *err) {
    char shown[DS_SHOWN_SIZE];
    const char *text = ds_json_string(node);
    int64_t integer;
    if (text != NULL) {
        ds_shown_text(shown, text, strlen(text));
    } else if (ds_json_integer(node, &integer)) {
        ds_shown_integer(shown, integer);
    } else if (ds_json_type(node) == DS_JSON_NUMBER) {
        ds_shown_real(shown, ds_json_number(node));
    } else if (ds_json_type(node) == DS_JSON_BOOLEAN) {
        sqlite3_snprintf(sizeof shown, shown, "%s",
                         ds_json_boolean(node) ? "true" : "false");
    } else {
        sqlite3_snprintf(sizeof shown, shown, "a JSON %s", ds_json_type_name(node));
    }
    return ds_refuse_type(place, type, level, shown, expects, err);
}

/* ---- Values ----------------------------------------------------------------------------------- */

static int check_text(const ds_json *node, const ds_type *type, const ds_path *place,
                      ds_err *err) {
    const ds_scalar_info *info = ds_scalar_get(type->scalar);
    const char *text = ds_json_string(node);
    if (text == NULL) {
        return refuse(place, type, type->list_depth, node, "a JSON string", err);
    }
    return info->valid == NULL || info->valid(text, strlen(text))
               ? SQLITE_OK
               : ds_refuse_scalar(place, type->scalar, text, strlen(text), err);
}

static int check_scalar(const ds_json *node, const ds_type *type, const ds_path *place,
                        ds_err *err) {
    const ds_scalar_info *info = ds_scalar_get(type->scalar);
    const char *expects = info->expects;
    int64_t integer;
    bool is_valid;
    if (type->scalar == DS_BOOLEAN) {
        is_valid = ds_json_type(node) == DS_JSON_BOOLEAN;
        expects = "true or false";
    } else if (info->affinity == DS_INTEGER_AFFINITY) {
        is_valid = ds_json_integer(node, &integer) && integer >= info->least &&
                   integer <= info->most;
    } else if (info->affinity == DS_REAL_AFFINITY) {
        is_valid = ds_json_type(node) == DS_JSON_NUMBER;
    } else {
        return check_text(node, type, place, err);
    }
    return is_valid ? SQLITE_OK
                    : refuse(place, type, type->list_depth, node, expects, err);
}

static int check_enum(const ds_json *node, const ds_type *type, const ds_path *place,
                      ds_err *err) {
    const char *text = ds_json_string(node);
    if (text == NULL) {
        return refuse(place, type, type->list_depth, node, "a JSON string", err);
    }
    return ds_enum_has(type->enumeration, text)
               ? SQLITE_OK
               : ds_refuse_enum(place, type->enumeration, text, err);
}

/* ---- Objects and lists ------------------------------------------------------------------------ */

/* Recursion is bounded by DS_MAX_JSON_DEPTH. */
typedef struct walk {
    int depth; /* embedded types around the node */
    ds_err *err;
} walk;

static int check_node(const walk *w, const ds_json *node, const ds_type *type, int level,
                      const ds_path *place);

/* A related row is no part of the value. */
static const ds_field *find_field(const ds_embedded *embedded, const char *name) {
    for (int i = 0; i < embedded->n_fields; i++) {
        const ds_field *field = &embedded->fields[i];
        if (strcmp(field->name, name) == 0 && field->type.kind != DS_KIND_MODEL) {
            return field;
        }
    }
    return NULL;
}

/* May a null stand at that level? Lists inside lists may be null. */
static bool is_nullable(const ds_type *type, int level) {
    return level == type->list_depth ? !type->is_required
                                     : level > 0 || type->is_list_nullable;
}

static int check_members(const walk *w, const ds_json *node, const ds_embedded *embedded,
                         const ds_path *place) {
    int rc = SQLITE_OK;
    for (const ds_json *member = ds_json_child(node); rc == SQLITE_OK && member;
         member = ds_json_next(member)) {
        const ds_field *field = find_field(embedded, ds_json_name(member));
        const ds_path below = {place, ds_json_name(member), 0};
        rc = field ? check_node(w, member, &field->type, 0, &below)
                   : ds_refuse_member(place, embedded, ds_json_name(member), w->err);
    }
    for (int i = 0; rc == SQLITE_OK && i < embedded->n_fields; i++) {
        const ds_field *field = &embedded->fields[i];
        const ds_path below = {place, field->name, 0};
        if (field->type.kind != DS_KIND_MODEL && !is_nullable(&field->type, 0) &&
            ds_json_get(node, field->name) == NULL) {
            rc = ds_refuse_null(&below, w->err);
        }
    }
    return rc;
}

static int check_object(const walk *w, const ds_json *node, const ds_type *type,
                        const ds_path *place) {
    const walk inner = {w->depth + 1, w->err};
    if (ds_json_type(node) != DS_JSON_OBJECT) {
        return refuse(place, type, type->list_depth, node, "a JSON object", w->err);
    }
    if (inner.depth > DS_MAX_EMBEDDED_DEPTH) {
        char expects[DS_SHOWN_SIZE];
        sqlite3_snprintf(sizeof expects, expects,
                         "at most %d embedded types in each other",
                         DS_MAX_EMBEDDED_DEPTH);
        return refuse(place, type, type->list_depth, node, expects, w->err);
    }
    return check_members(&inner, node, type->embedded, place);
}

static int check_list(const walk *w, const ds_json *node, const ds_type *type, int level,
                      const ds_path *place) {
    int rc = SQLITE_OK;
    ds_path element = {place, NULL, 0};
    if (ds_json_type(node) != DS_JSON_LIST) {
        return refuse(place, type, level, node, "a JSON list", w->err);
    }
    for (const ds_json *child = ds_json_child(node); rc == SQLITE_OK && child;
         child = ds_json_next(child)) {
        rc = check_node(w, child, type, level + 1, &element);
        element.index++;
    }
    return rc;
}

/* `level`: how many of the type's lists are around the node. */
static int check_node(const walk *w, const ds_json *node, const ds_type *type, int level,
                      const ds_path *place) {
    if (ds_json_type(node) == DS_JSON_NULL) {
        return is_nullable(type, level) ? SQLITE_OK : ds_refuse_null(place, w->err);
    }
    if (level < type->list_depth) {
        return check_list(w, node, type, level, place);
    }
    switch (type->kind) {
    case DS_KIND_EMBEDDED:
        return check_object(w, node, type, place);
    case DS_KIND_ENUM:
        return check_enum(node, type, place, w->err);
    case DS_KIND_SCALAR:
    case DS_KIND_MODEL: /* not in an embedded type: see find_field */
    default:
        return check_scalar(node, type, place, w->err);
    }
}

int ds_check_json(const ds_path *place, const ds_type *type, const char *text,
                  size_t length, bool *out_is_null, ds_err *err) {
    const walk w = {0, err};
    ds_json *json = NULL;
    ds_err why = DS_ERR_INIT;
    int rc = ds_json_parse(text, length, &json, &why);
    if (rc == SQLITE_OK && (unsigned char)text[0] == 0xEF) {
        /* A parser may skip the byte order mark; inside a larger text it would be an error. */
        rc = ds_err_set(&why, SQLITE_ERROR, "JSON begins with a byte order mark");
    }
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if (rc != SQLITE_OK) {
        rc = ds_refuse_malformed(place, type, text, length, why.text, err);
    } else {
        rc = check_node(&w, json, type, 0, place);
        *out_is_null = rc == SQLITE_OK && ds_json_type(json) == DS_JSON_NULL;
    }
    ds_json_free(json);
    return rc;
}

/*
** What JSON says beside the types, as directives: the attributes and the primary key of models,
** the associations of their fields.
*/
#include "model/import_int.h"

#include <string.h>

/* ---- Values ------------------------------------------------------------------------------- */

/* The one argument whose texts are values of an enum. */
static bool is_of_enum(const char *name) {
    return name != NULL && strcmp(name, "level") == 0;
}

static int read_text(const ds_import *im, const ds_json *json, ds_sdl_value *out) {
    ds_buf buf;
    ds_buf_init(&buf, DS_MAX_IMPORT_BYTES);
    bool is_string = ds_json_type(json) == DS_JSON_STRING;
    if (!is_string) {
        ds_json_print(json, &buf);
    }
    const char *text = is_string ? ds_json_string(json) : ds_buf_text(&buf);
    out->length = strlen(text);
    out->text = ds_arena_text(im->arena, text, out->length);
    int rc = buf.rc ? ds_err_nomem(im->err) : ds_import_memory(im);
    ds_buf_done(&buf);
    return rc;
}

static int read_value(const ds_import *im, const ds_json *json, const char *path,
                      int depth, ds_sdl_value **out);

static int read_children(const ds_import *im, const ds_json *json, const char *path,
                         int depth, ds_sdl_value **out) {
    int rc = SQLITE_OK;
    for (const ds_json *c = ds_json_child(json); rc == SQLITE_OK && c;
         c = ds_json_next(c)) {
        rc = read_value(im, c, path, depth, out);
        out = rc ? out : &(*out)->next;
    }
    return rc;
}

/* Recursion ends at DS_MAX_SDL_DEPTH, as it does in the schema language. */
static int read_value(const ds_import *im, const ds_json *json, const char *path,
                      int depth, ds_sdl_value **out) {
    static const ds_sdl_value_kind kinds[] = {
        [DS_JSON_NULL] = DS_SDL_NULL,    [DS_JSON_BOOLEAN] = DS_SDL_BOOLEAN,
        [DS_JSON_NUMBER] = DS_SDL_FLOAT, [DS_JSON_STRING] = DS_SDL_STRING,
        [DS_JSON_LIST] = DS_SDL_LIST,    [DS_JSON_OBJECT] = DS_SDL_OBJECT,
    };
    ds_sdl_value *value = ds_arena_alloc(im->arena, sizeof *value);
    int rc = value ? SQLITE_OK : ds_err_nomem(im->err);
    bool is_nested =
        ds_json_type(json) == DS_JSON_LIST || ds_json_type(json) == DS_JSON_OBJECT;
    if (rc == SQLITE_OK && is_nested && depth >= DS_MAX_SDL_DEPTH) {
        rc = ds_err_at(im->err, (ds_where){.path = path},
                       "lists and objects are nested deeper than %d", DS_MAX_SDL_DEPTH);
    }
    if (rc == SQLITE_OK && depth > 0 && ds_json_name(json) != NULL) {
        rc = ds_import_name(im, path, ds_json_name(json), &value->name);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    *out = value;
    value->pos.path = path;
    value->kind = kinds[ds_json_type(json)];
    if (is_nested) {
        return read_children(im, json, path, depth + 1, &value->children);
    }
    if (value->kind == DS_SDL_STRING && is_of_enum(value->name)) {
        value->kind = DS_SDL_ENUM;
    }
    return read_text(im, json, value);
}

/* ---- Directives --------------------------------------------------------------------------- */

static int new_directive(const ds_import *im, const char *name, const char *path,
                         ds_sdl_directive **out) {
    ds_sdl_directive *directive = ds_arena_alloc(im->arena, sizeof *directive);
    if (directive == NULL) {
        return ds_err_nomem(im->err);
    }
    directive->name = name;
    directive->pos.path = path;
    *out = directive;
    return SQLITE_OK;
}

/* At the end of the arguments, of which there are few. */
static int add_argument(const ds_import *im, ds_sdl_directive *directive,
                        const char *name, ds_sdl_value *value) {
    ds_sdl_argument *argument = ds_arena_alloc(im->arena, sizeof *argument);
    ds_sdl_argument **end = &directive->arguments;
    if (argument == NULL) {
        return ds_err_nomem(im->err);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *argument = (ds_sdl_argument){.name = name, .value = value, .pos = directive->pos};
    *end = argument;
    return SQLITE_OK;
}

/* The members of `known` names as arguments, in the order of the JSON. */
static int add_members(const ds_import *im, ds_sdl_directive *directive,
                       const ds_json *object, const char *const *known, size_t n) {
    const ds_json *member = object ? ds_json_child(object) : NULL;
    int rc = SQLITE_OK;
    for (; rc == SQLITE_OK && member != NULL; member = ds_json_next(member)) {
        for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
            ds_sdl_value *value = NULL;
            if (strcmp(ds_json_name(member), known[i]) == 0) {
                rc = read_value(im, member, directive->pos.path, 0, &value);
                rc = rc ? rc : add_argument(im, directive, known[i], value);
            }
        }
    }
    return rc;
}

/* ---- Attributes --------------------------------------------------------------------------- */

/* The attributes that say something to a client. */
static const struct attribute {
    const char *type;
    const char *properties[4];
    size_t n;
} attributes[] = {
    {"model", {"queries", "mutations", "subscriptions", "timestamps"}, 4},
    {"key", {"name", "fields", "queryField"}, 3},
    {"auth", {"rules"}, 1},
};

/* Rules that are no list are what directive.c refuses in the schema language. */
static int add_attribute(const ds_import *im, const struct attribute *a,
                         const ds_json *properties, const char *path,
                         ds_sdl_directive **out) {
    const ds_json *rules = NULL;
    bool is_auth = strcmp(a->type, "auth") == 0;
    int rc = is_auth
                 ? ds_import_member(im, properties, path, "rules", DS_JSON_LIST, &rules)
                 : SQLITE_OK;
    if (rc == SQLITE_OK && is_auth && rules == NULL) {
        rc = ds_err_at(im->err, (ds_where){.path = path}, "\"rules\" is missing");
    }
    rc = rc ? rc : new_directive(im, a->type, path, out);
    return rc ? rc : add_members(im, *out, properties, a->properties, a->n);
}

static int read_attribute(const ds_import *im, const ds_json *node, const char *path,
                          ds_sdl_directive **out) {
    const ds_json *type = NULL, *properties = NULL;
    if (ds_json_type(node) != DS_JSON_OBJECT) {
        return ds_err_at(im->err, (ds_where){.path = path},
                         "expected an object, found %s",
                         ds_import_kind(ds_json_type(node)));
    }
    int rc = ds_import_member(im, node, path, "type", DS_JSON_STRING, &type);
    rc = rc ? rc
            : ds_import_member(im, node, path, "properties", DS_JSON_OBJECT, &properties);
    for (size_t i = 0; rc == SQLITE_OK && type != NULL && i < DS_COUNT(attributes); i++) {
        const struct attribute *a = &attributes[i];
        if (strcmp(ds_json_string(type), a->type) == 0) {
            rc = add_attribute(im, a, properties, path, out);
        }
    }
    return rc;
}

/* Attributes of the list; *out is where the next directive goes. */
static int read_attributes(const ds_import *im, const ds_json *list, const char *path,
                           ds_sdl_directive ***out) {
    int rc = SQLITE_OK, i = 0;
    for (const ds_json *a = ds_json_child(list); rc == SQLITE_OK && a;
         a = ds_json_next(a)) {
        const char *at = ds_arena_printf(im->arena, "%s.attributes[%d]", path, i++);
        rc = at ? read_attribute(im, a, at, *out) : ds_err_nomem(im->err);
        *out = rc == SQLITE_OK && **out ? &(**out)->next : *out;
    }
    return rc;
}

/* ---- The primary key ---------------------------------------------------------------------- */

/* The @key without a name, or NULL. */
static const ds_sdl_directive *find_primary(const ds_sdl_directive *list) {
    while (list != NULL &&
           (strcmp(list->name, "key") != 0 || ds_sdl_argument_find(list, "name"))) {
        list = list->next;
    }
    return list;
}

static bool is_same_list(const ds_sdl_value *a, const ds_sdl_value *b) {
    while (a != NULL && b != NULL && a->kind == DS_SDL_STRING &&
           b->kind == DS_SDL_STRING && strcmp(a->text, b->text) == 0) {
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

/* {"primaryKeyFieldName": "a", "sortKeyFieldNames": ["b"]} as the list of both. */
static int read_key_fields(const ds_import *im, const ds_json *info, const char *path,
                           ds_sdl_value **out) {
    const ds_json *first = NULL, *sort = NULL;
    int rc =
        ds_import_member(im, info, path, "primaryKeyFieldName", DS_JSON_STRING, &first);
    rc = rc ? rc
            : ds_import_member(im, info, path, "sortKeyFieldNames", DS_JSON_LIST, &sort);
    if (rc == SQLITE_OK && first == NULL) {
        rc = ds_err_at(im->err, (ds_where){.path = path},
                       "\"primaryKeyFieldName\" is missing");
    }
    if (rc == SQLITE_OK) {
        rc = read_value(im, first, path, 0, out);
    }
    if (rc == SQLITE_OK && sort != NULL) {
        rc = read_children(im, sort, path, 0, &(*out)->next);
    }
    return rc;
}

/* The generator tells the primary key twice, as an attribute and as primaryKeyInfo. Either will
** do; both must agree. Without either it is the id. */
static int read_primary(const ds_import *im, const ds_json *model, const char *path,
                        const ds_sdl_directive *list, ds_sdl_directive **out) {
    const ds_sdl_value id = {.kind = DS_SDL_STRING, .text = "id", .length = 2};
    const ds_sdl_directive *primary = find_primary(list);
    const ds_sdl_value *given = ds_sdl_argument_find(primary, "fields");
    const ds_json *info = NULL;
    ds_sdl_value *fields = NULL;
    int rc = ds_import_member(im, model, path, "primaryKeyInfo", DS_JSON_OBJECT, &info);
    if (rc != SQLITE_OK || info == NULL) {
        return rc;
    }
    const char *at = ds_import_at(im, path, "primaryKeyInfo").path;
    rc = read_key_fields(im, info, at, &fields);
    given = given && given->kind == DS_SDL_LIST ? given->children : given;
    if (rc != SQLITE_OK || is_same_list(fields, primary ? given : &id)) {
        return rc;
    }
    if (primary != NULL) {
        return ds_err_at(im->err, (ds_where){.path = at},
                         "the key attribute names other fields for the primary key");
    }
    ds_sdl_value *all = ds_arena_alloc(im->arena, sizeof *all);
    rc = all ? new_directive(im, "key", at, out) : ds_err_nomem(im->err);
    if (rc == SQLITE_OK) {
        *all =
            (ds_sdl_value){.kind = DS_SDL_LIST, .children = fields, .pos = (*out)->pos};
        rc = add_argument(im, *out, "fields", all);
    }
    return rc;
}

int ds_import_attributes(const ds_import *im, const ds_json *model, const char *path,
                         ds_sdl_directive **out) {
    const ds_json *list = NULL;
    ds_sdl_directive **end = out;
    int rc = ds_import_member(im, model, path, "attributes", DS_JSON_LIST, &list);
    if (rc == SQLITE_OK && list != NULL) {
        rc = read_attributes(im, list, path, &end);
    }
    if (rc == SQLITE_OK && ds_sdl_directive_find(*out, "model") == NULL) {
        rc = new_directive(im, "model", path, end);
        end = rc ? end : &(*end)->next;
    }
    return rc ? rc : read_primary(im, model, path, *out, end);
}

bool ds_import_is_no_timestamp(const ds_json *model, const ds_json *field) {
    const char *name = ds_json_name(field);
    const ds_json *is_read_only = ds_json_get(field, "isReadOnly");
    if ((strcmp(name, "createdAt") != 0 && strcmp(name, "updatedAt") != 0) ||
        !ds_json_boolean(is_read_only)) {
        return false;
    }
    const ds_json *list = ds_json_get(model, "attributes");
    const ds_json *a = list ? ds_json_child(list) : NULL;
    for (; a != NULL; a = ds_json_next(a)) {
        const ds_json *type = ds_json_get(a, "type");
        const ds_json *names = ds_json_get(ds_json_get(a, "properties"), "timestamps");
        const ds_json *one = ds_json_get(names, name);
        if (type != NULL && ds_json_string(type) != NULL &&
            strcmp(ds_json_string(type), "model") == 0 && one != NULL) {
            return ds_json_type(one) == DS_JSON_NULL;
        }
    }
    return false;
}

/* ---- Associations ------------------------------------------------------------------------- */

/* An empty list says as much as none. Before custom keys on connection fields there was one
** name, not a list. */
static int add_names(const ds_import *im, const ds_json *association,
                     ds_sdl_directive *directive, const char *one, const char *many) {
    const ds_json *json = ds_json_get(association, many);
    json = json ? json : ds_json_get(association, one);
    ds_sdl_value *value = NULL;
    bool is_empty = json == NULL || ds_json_type(json) == DS_JSON_NULL ||
                    (ds_json_type(json) == DS_JSON_LIST && ds_json_child(json) == NULL);
    if (is_empty) {
        return SQLITE_OK;
    }
    int rc = read_value(im, json, directive->pos.path, 0, &value);
    return rc ? rc : add_argument(im, directive, many, value);
}

static int read_association(const ds_import *im, const ds_json *association,
                            const char *path, ds_sdl_directive **out) {
    const ds_json *kind = NULL;
    ds_sdl_value *value = NULL;
    int rc =
        ds_import_member(im, association, path, "connectionType", DS_JSON_STRING, &kind);
    if (rc == SQLITE_OK && kind == NULL) {
        rc =
            ds_err_at(im->err, (ds_where){.path = path}, "\"connectionType\" is missing");
    }
    rc = rc ? rc : new_directive(im, DS_ASSOCIATION, path, out);
    rc = rc ? rc : read_value(im, kind, path, 0, &value);
    rc = rc ? rc : add_argument(im, *out, "kind", value);
    rc = rc ? rc : add_names(im, association, *out, "associatedWith", "associatedWith");
    return rc ? rc : add_names(im, association, *out, "targetName", "targetNames");
}

/* Is one of the ends that the association names a single text? */
static bool is_old(const ds_sdl_directive *association) {
    static const char *const ends[] = {"associatedWith", "targetNames"};
    for (size_t i = 0; i < DS_COUNT(ends); i++) {
        const ds_sdl_value *value = ds_sdl_argument_find(association, ends[i]);
        if (value != NULL && value->kind == DS_SDL_STRING) {
            return true;
        }
    }
    return false;
}

int ds_import_version(const ds_sdl_document *document) {
    for (const ds_sdl_definition *d = document->definitions; d; d = d->next) {
        for (const ds_sdl_field *f = d->fields; f; f = f->next) {
            if (is_old(ds_sdl_directive_find(f->directives, DS_ASSOCIATION))) {
                return 1;
            }
        }
    }
    return 2;
}

int ds_import_association(const ds_import *im, const ds_json *field, const char *path,
                          ds_sdl_directive **out) {
    const ds_json *association = NULL;
    bool is_read_only = false;
    int rc = ds_import_flag(im, field, path, "isReadOnly", false, &is_read_only);
    if (rc == SQLITE_OK && is_read_only) {
        rc = new_directive(im, DS_READ_ONLY, path, out);
        out = rc ? out : &(*out)->next;
    }
    rc = rc ? rc
            : ds_import_member(im, field, path, "association", DS_JSON_OBJECT,
                               &association);
    if (rc == SQLITE_OK && association != NULL) {
        const char *at = ds_import_at(im, path, "association").path;
        rc = read_association(im, association, at, out);
    }
    return rc;
}

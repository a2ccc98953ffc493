/*
** The types of an introspection and their fields, as definitions.
*/
#include "model/import_int.h"

#include <string.h>

/* The parts of an introspection: what stands in `name` is referred to as {"<type>": "X"}. */
static const struct section {
    const char *name;
    const char *type;
    const char *article;
    ds_sdl_kind kind;
} sections[DS_IMPORT_SECTIONS] = {
    {"models", "model", "a model", DS_SDL_OBJECT_TYPE},
    {"nonModels", "nonModel", "a nonModel", DS_SDL_OBJECT_TYPE},
    {"enums", "enum", "an enum", DS_SDL_ENUM_TYPE},
};

#define MODELS (&sections[0])

static const struct section *section_of(const ds_import *im, const char *name) {
    for (size_t i = 0; i < DS_COUNT(sections); i++) {
        if (ds_map_get(&im->names[i], name) != NULL) {
            return &sections[i];
        }
    }
    return NULL;
}

/* A member that must be there. */
static int need_member(const ds_import *im, const ds_json *object, const char *path,
                       const char *name, ds_json_kind kind, const ds_json **out) {
    int rc = ds_import_member(im, object, path, name, kind, out);
    if (rc == SQLITE_OK && *out == NULL) {
        rc = ds_err_at(im->err, (ds_where){.path = path}, "\"%s\" is missing", name);
    }
    return rc;
}

/* A named member of `path`: an object whose "name", if it has one, is the member's. */
static int read_head(const ds_import *im, const ds_json *node, const char *path,
                     const char **name, const char **out) {
    const ds_json *said = NULL;
    int rc = ds_import_name(im, path, ds_json_name(node), name);
    if (rc != SQLITE_OK) {
        return rc;
    }
    *out = ds_import_at(im, path, *name).path;
    if (ds_json_type(node) != DS_JSON_OBJECT) {
        return ds_err_at(im->err, (ds_where){.path = *out},
                         "expected an object, found %s",
                         ds_import_kind(ds_json_type(node)));
    }
    rc = ds_import_member(im, node, *out, "name", DS_JSON_STRING, &said);
    if (rc == SQLITE_OK && said != NULL && strcmp(ds_json_string(said), *name) != 0) {
        rc = ds_err_at(im->err, ds_import_at(im, *out, "name"),
                       "\"%.40s\" is not the name that it stands under",
                       ds_json_string(said));
    }
    return rc ? rc : ds_import_memory(im);
}

/* ---- Fields ------------------------------------------------------------------------------- */

/* {"model": "X"}, {"nonModel": "X"} or {"enum": "X"}: X must stand in that section. */
static int read_reference(const ds_import *im, const ds_json *type, const char *path,
                          const char **out) {
    bool is_object = ds_json_type(type) == DS_JSON_OBJECT;
    const ds_json *member = is_object ? ds_json_child(type) : NULL;
    const struct section *section = NULL;
    for (size_t i = 0; member != NULL && i < DS_COUNT(sections); i++) {
        section =
            strcmp(ds_json_name(member), sections[i].type) == 0 ? &sections[i] : section;
    }
    if (section == NULL || ds_json_type(member) != DS_JSON_STRING) {
        return ds_err_at(im->err, (ds_where){.path = path},
                         "expected the name of a scalar, or an object with one member, "
                         "\"model\", \"nonModel\" or \"enum\", that names a type");
    }
    int rc = ds_import_name(im, path, ds_json_string(member), out);
    const struct section *found = rc ? NULL : section_of(im, *out);
    if (found != NULL && found != section) {
        rc = ds_err_at(im->err, (ds_where){.path = path}, "\"%s\" is %s, not %s", *out,
                       found->article, section->article);
    }
    return rc;
}

static int read_type_name(const ds_import *im, const ds_json *field, const char *path,
                          const char **out) {
    const ds_json *type = ds_json_get(field, "type");
    const char *at = ds_import_at(im, path, "type").path;
    ds_scalar scalar;
    if (type == NULL || ds_json_type(type) != DS_JSON_STRING) {
        return type ? read_reference(im, type, at, out)
                    : ds_err_at(im->err, (ds_where){.path = path}, "\"type\" is missing");
    }
    int rc = ds_import_name(im, at, ds_json_string(type), out);
    const struct section *found = rc ? NULL : section_of(im, *out);
    if (found != NULL && !ds_scalar_find(*out, &scalar)) {
        rc = ds_err_at(im->err, (ds_where){.path = at},
                       "\"%s\" is %s: expected {\"%s\": \"%s\"}", *out, found->article,
                       found->type, *out);
    }
    return rc;
}

static int read_type(const ds_import *im, const ds_json *field, const char *path,
                     ds_sdl_type **out) {
    bool is_list = false, is_required = false, is_nullable = false;
    ds_sdl_type *type = ds_arena_alloc(im->arena, sizeof *type);
    ds_sdl_type *list = ds_arena_alloc(im->arena, sizeof *list);
    if (type == NULL || list == NULL) {
        return ds_err_nomem(im->err);
    }
    int rc = read_type_name(im, field, path, &type->name);
    rc = rc ? rc : ds_import_flag(im, field, path, "isArray", false, &is_list);
    rc = rc ? rc : ds_import_flag(im, field, path, "isRequired", false, &is_required);
    /* Generators before 2021 do not tell the list from its elements. */
    rc = rc ? rc
            : ds_import_flag(im, field, path, "isArrayNullable", !is_required,
                             &is_nullable);
    type->is_required = is_required;
    type->pos.path = path;
    *list = (ds_sdl_type){.of = type, .is_required = !is_nullable, .pos = type->pos};
    *out = is_list ? list : type;
    return rc;
}

/* `model` is what the field stands in, NULL for other types. */
static int read_field(const ds_import *im, const ds_json *node, const char *path,
                      const ds_json *model, ds_sdl_field **out) {
    ds_sdl_field *field = ds_arena_alloc(im->arena, sizeof *field);
    const char *at = NULL;
    if (field == NULL) {
        return ds_err_nomem(im->err);
    }
    int rc = read_head(im, node, path, &field->name, &at);
    rc = rc ? rc : read_type(im, node, at, &field->type);
    field->pos.path = at;
    if (rc == SQLITE_OK && model != NULL) {
        rc = ds_import_association(im, node, at, &field->directives);
    }
    *out = field;
    return rc;
}

static int read_fields(const ds_import *im, const ds_json *node, const char *path,
                       bool is_model, ds_sdl_field **out) {
    const ds_json *fields = NULL;
    int rc = need_member(im, node, path, "fields", DS_JSON_OBJECT, &fields);
    const char *at = ds_import_at(im, path, "fields").path;
    const ds_json *f = rc ? NULL : ds_json_child(fields);
    for (; rc == SQLITE_OK && f != NULL; f = ds_json_next(f)) {
        if (is_model && ds_import_is_no_timestamp(node, f)) {
            continue;
        }
        rc = read_field(im, f, at, is_model ? node : NULL, out);
        out = rc ? out : &(*out)->next;
    }
    return rc;
}

/* ---- Types -------------------------------------------------------------------------------- */

static int read_values(const ds_import *im, const ds_json *node, const char *path,
                       ds_sdl_enum_value **out) {
    const ds_json *values = NULL;
    int rc = need_member(im, node, path, "values", DS_JSON_LIST, &values);
    const char *at = ds_import_at(im, path, "values").path;
    const ds_json *v = rc ? NULL : ds_json_child(values);
    for (; rc == SQLITE_OK && v != NULL; v = ds_json_next(v)) {
        ds_sdl_enum_value *value = ds_arena_alloc(im->arena, sizeof *value);
        const char *text = ds_json_string(v);
        if (value == NULL) {
            return ds_err_nomem(im->err);
        }
        rc = text ? ds_import_name(im, at, text, &value->name)
                  : ds_err_at(im->err, (ds_where){.path = at},
                              "expected a list of names, found %s in it",
                              ds_import_kind(ds_json_type(v)));
        value->pos.path = at;
        *out = value;
        out = &value->next;
    }
    return rc;
}

static int read_model(const ds_import *im, const ds_json *node, const char *path,
                      ds_sdl_definition *out) {
    bool is_synced = true;
    int rc = ds_import_flag(im, node, path, "syncable", true, &is_synced);
    if (rc == SQLITE_OK && !is_synced) {
        rc =
            ds_err_at(im->err, ds_import_at(im, path, "syncable"),
                      "every model is synchronized here, one that is not cannot be read");
    }
    return rc ? rc : ds_import_attributes(im, node, path, &out->directives);
}

static int read_definition(const ds_import *im, const struct section *section,
                           const ds_json *node, ds_sdl_definition **out) {
    ds_sdl_definition *d = ds_arena_alloc(im->arena, sizeof *d);
    const char *path = NULL;
    if (d == NULL) {
        return ds_err_nomem(im->err);
    }
    int rc = read_head(im, node, section->name, &d->name, &path);
    d->kind = section->kind;
    d->pos.path = path;
    if (rc == SQLITE_OK && section == MODELS) {
        rc = read_model(im, node, path, d);
    }
    if (rc == SQLITE_OK) {
        rc = section->kind == DS_SDL_ENUM_TYPE
                 ? read_values(im, node, path, &d->values)
                 : read_fields(im, node, path, section == MODELS, &d->fields);
    }
    *out = d;
    return rc;
}

/* ---- All of them -------------------------------------------------------------------------- */

/* Where each type stands, before any field refers to it. */
static int note_names(ds_import *im, const ds_json *const *objects) {
    for (size_t i = 0; i < DS_COUNT(sections); i++) {
        const ds_json *node = objects[i] ? ds_json_child(objects[i]) : NULL;
        for (; node != NULL; node = ds_json_next(node)) {
            const char *name = ds_json_name(node);
            const char *copy = ds_arena_text(im->arena, name, strlen(name));
            if (copy != NULL) {
                ds_map_put(&im->names[i], copy, im);
            }
        }
    }
    return ds_import_memory(im);
}

int ds_import_types(ds_import *im, const ds_json *root, ds_sdl_definition **out) {
    const ds_json *objects[DS_COUNT(sections)] = {NULL};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(sections); i++) {
        const char *name = sections[i].name;
        rc = ds_import_member(im, root, "", name, DS_JSON_OBJECT, &objects[i]);
    }
    if (rc == SQLITE_OK && objects[0] == NULL) {
        rc = ds_err_set(im->err, SQLITE_ERROR, "the introspection has no \"models\"");
    }
    rc = rc ? rc : note_names(im, objects);
    for (size_t i = 0; i < DS_COUNT(sections); i++) {
        const ds_json *node = objects[i] ? ds_json_child(objects[i]) : NULL;
        for (; rc == SQLITE_OK && node != NULL; node = ds_json_next(node)) {
            rc = read_definition(im, &sections[i], node, out);
            out = rc ? out : &(*out)->next;
        }
    }
    return rc;
}

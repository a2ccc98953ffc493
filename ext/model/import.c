/*
** A schema from JSON: Amplify's model introspection, alone (model-introspection.json), inside
** of amplify_outputs.json, or as the generator's schema.js and datastore_introspect() write it.
** It becomes the document that the schema language would have given, as far as JSON tells:
** types, fields, and attributes as directives. What a relation is, JSON says and the schema
** language does not; association.c reads that.
*/
#include "model/import_int.h"

#include <string.h>

#define KNOWN_VERSION 1 /* of model introspection */

/* ---- Small readers ------------------------------------------------------------------------ */

int ds_import_memory(const ds_import *im) {
    return ds_arena_failed(im->arena) ? ds_err_nomem(im->err) : SQLITE_OK;
}

ds_where ds_import_at(const ds_import *im, const char *path, const char *name) {
    const char *dot = path[0] ? "." : "";
    const char *at = ds_arena_printf(im->arena, "%s%s%s", path, dot, name);
    return (ds_where){.path = at ? at : path};
}

int ds_import_name(const ds_import *im, const char *path, const char *name,
                   const char **out) {
    if (!ds_word_is_name(name) || strlen(name) > DS_MAX_NAME_BYTES) {
        return ds_err_at(im->err, (ds_where){.path = path},
                         "\"%.40s\" is no name: expected a letter or _, then letters, "
                         "digits and _, at most %d",
                         name, DS_MAX_NAME_BYTES);
    }
    *out = ds_arena_text(im->arena, name, strlen(name));
    return ds_import_memory(im);
}

const char *ds_import_kind(ds_json_kind kind) {
    static const char *const names[] = {"null",     "true or false", "a number",
                                        "a string", "a list",        "an object"};
    return names[kind];
}

int ds_import_member(const ds_import *im, const ds_json *object, const char *path,
                     const char *name, ds_json_kind kind, const ds_json **out) {
    const ds_json *member = ds_json_get(object, name);
    *out = NULL;
    if (member == NULL || ds_json_type(member) == DS_JSON_NULL) {
        return SQLITE_OK;
    }
    if (ds_json_type(member) != kind) {
        return ds_err_at(im->err, ds_import_at(im, path, name), "expected %s, found %s",
                         ds_import_kind(kind), ds_import_kind(ds_json_type(member)));
    }
    *out = member;
    return SQLITE_OK;
}

int ds_import_flag(const ds_import *im, const ds_json *object, const char *path,
                   const char *name, bool fallback, bool *out) {
    const ds_json *member = NULL;
    int rc = ds_import_member(im, object, path, name, DS_JSON_BOOLEAN, &member);
    *out = member ? ds_json_boolean(member) : fallback;
    return rc;
}

/* ---- The whole ---------------------------------------------------------------------------- */

/* The part of a JSON text that is the introspection, or NULL. */
static const ds_json *find_introspection(const ds_json *root) {
    static const char *const inside = "model_introspection";
    const ds_json *found = ds_json_get(root, inside);
    found = found ? found : ds_json_get(ds_json_get(root, "data"), inside);
    return ds_json_get(root, "models") ? root : found;
}

static int parse_json(const char *text, size_t length, ds_json **root,
                      const ds_json **introspection, ds_err *err) {
    if (length > DS_MAX_IMPORT_BYTES) {
        return ds_err_set(err, SQLITE_ERROR,
                          "a schema as JSON has at most %d bytes, not %lld",
                          DS_MAX_IMPORT_BYTES, (long long)length);
    }
    ds_err why = DS_ERR_INIT;
    int rc = ds_json_parse(text, length, root, &why);
    if (rc != SQLITE_OK) {
        return rc == SQLITE_NOMEM
                   ? ds_err_nomem(err)
                   : ds_err_set(err, rc, "the schema as JSON: %s", why.text);
    }
    *introspection = find_introspection(*root);
    if (*introspection == NULL) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "this JSON is no schema: expected an object with \"models\", or "
                        "with \"model_introspection\" as in amplify_outputs.json");
    }
    return rc;
}

/* The hash in the schema.js of generators is no version. */
static int check_version(const ds_import *im, const ds_json *introspection) {
    const ds_json *version = ds_json_get(introspection, "version");
    int64_t number = KNOWN_VERSION;
    if (version != NULL && ds_json_type(version) == DS_JSON_NUMBER &&
        (!ds_json_integer(version, &number) || number != KNOWN_VERSION)) {
        return ds_err_at(im->err, (ds_where){.path = "version"},
                         "only version %d is known", KNOWN_VERSION);
    }
    return SQLITE_OK;
}

int ds_import_parse(const char *text, size_t length, ds_sdl_document **out, ds_err *err) {
    const ds_json *introspection = NULL;
    ds_json *root = NULL;
    ds_sdl_document *document = NULL;
    ds_import im = {.arena = ds_arena_new(), .err = err};
    *out = NULL;
    document = im.arena ? ds_arena_alloc(im.arena, sizeof *document) : NULL;
    int rc = document ? parse_json(text, length, &root, &introspection, err)
                      : ds_err_nomem(err);
    if (rc != SQLITE_OK) {
        goto done;
    }
    document->arena = im.arena;
    for (size_t i = 0; i < DS_COUNT(im.names); i++) {
        ds_map_init(&im.names[i], im.arena, false);
    }
    rc = check_version(&im, introspection);
    rc = rc ? rc : ds_import_types(&im, introspection, &document->definitions);
    rc = rc ? rc : ds_import_memory(&im);
done:
    ds_json_free(root);
    if (rc == SQLITE_OK) {
        *out = document;
    } else {
        ds_arena_free(im.arena);
    }
    return rc;
}

bool ds_import_is_json(const char *schema, size_t length) {
    size_t at = length >= 3 && memcmp(schema, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < length && strchr(" \t\r\n", schema[at]) != NULL && schema[at] != '\0') {
        at++;
    }
    return at < length && schema[at] == '{';
}

int ds_import_extract(const char *schema, size_t length, char **out, ds_err *err) {
    const ds_json *introspection = NULL;
    ds_json *root = NULL;
    ds_buf buf;
    *out = NULL;
    ds_buf_init(&buf, DS_MAX_OUTPUT_BYTES);
    int rc = parse_json(schema, length, &root, &introspection, err);
    if (rc == SQLITE_OK && introspection != root) {
        ds_json_print(introspection, &buf);
        rc = ds_buf_take(&buf, out);
        rc = rc ? ds_err_nomem(err) : SQLITE_OK;
    }
    ds_buf_done(&buf);
    ds_json_free(root);
    return rc;
}

/*
** The types of a schema by name: definitions with their extensions, what each is, and the
** checks on names that need the whole schema.
*/
#include "model/model_int.h"

#include <string.h>

/* ---- Names -------------------------------------------------------------------------------- */

/* Names of GraphQL's own (__typename) have no place in SQL or the API. */
static int check_name(const ds_build *build, const char *name, ds_sdl_pos pos) {
    ds_scalar scalar;
    if (strncmp(name, "__", 2) == 0) {
        return ds_err_at(build->err, DS_AT(pos),
                         "names that begin with __ belong to GraphQL: \"%s\"", name);
    }
    if (ds_scalar_find(name, &scalar)) {
        return ds_err_at(build->err, DS_AT(pos), "\"%s\" is a scalar of AppSync", name);
    }
    return SQLITE_OK;
}

static bool has_prefix(const char *name, const char *prefix) {
    return sqlite3_strnicmp(name, prefix, (int)strlen(prefix)) == 0;
}

int ds_declare_model_name(ds_build *build, ds_model *model, ds_sdl_pos pos) {
    const char *name = model->name;
    if (has_prefix(name, "sqlite_") || has_prefix(name, "datastore_")) {
        return ds_err_at(
            build->err, DS_AT(pos),
            "a model's name must not begin with sqlite_ or datastore_: \"%s\"", name);
    }
    const char *tables[] = {name, ds_arena_printf(build->arena, "%s_rows", name),
                            ds_arena_printf(build->arena, "%s_base", name)};
    for (size_t i = 0; i < DS_COUNT(tables) && !ds_arena_failed(build->arena); i++) {
        const ds_model *other = ds_map_get(&build->models_by_name, tables[i]);
        if (other != NULL && ds_text_iequal(other->name, name)) {
            return ds_err_at(build->err, DS_AT(pos),
                             "types \"%s\" and \"%s\" differ only in case, which SQLite "
                             "ignores",
                             other->name, name);
        }
        if (other != NULL) {
            return ds_err_at(build->err, DS_AT(pos),
                             "types \"%s\" and \"%s\" both need a table \"%s\"",
                             other->name, name, tables[i]);
        }
    }
    for (size_t i = 0; i < DS_COUNT(tables) && !ds_arena_failed(build->arena); i++) {
        ds_map_put(&build->models_by_name, tables[i], model);
    }
    return ds_build_memory(build);
}

int ds_declare_find(const ds_build *build, const char *name, ds_sdl_pos pos,
                    ds_declared **out) {
    *out = ds_map_get(&build->types_by_name, name);
    if (*out != NULL) {
        return SQLITE_OK;
    }
    size_t n = build->types_by_name.count + DS_SCALAR_COUNT;
    const char **names = ds_arena_alloc(build->arena, n * sizeof *names);
    if (names == NULL) {
        return ds_err_nomem(build->err);
    }
    n = 0;
    for (int i = 0; i < DS_SCALAR_COUNT; i++) {
        names[n++] = ds_scalar_get((ds_scalar)i)->name;
    }
    for (const ds_declared *t = build->types; t; t = t->next) {
        names[n++] = t->name;
    }
    return ds_err_at(build->err, DS_AT(pos), "unknown type \"%s\"%s", name,
                     ds_build_hint(build, name, names, n));
}

/* ---- Collecting --------------------------------------------------------------------------- */

static const char *kind_name(ds_sdl_kind kind) {
    static const char *const names[] = {"type",  "interface", "enum",      "input",
                                        "union", "scalar",    "directive", "schema"};
    return names[kind];
}

static ds_declared *add_type(ds_build *build, const ds_sdl_definition *d) {
    ds_declared *type = ds_arena_alloc(build->arena, sizeof *type);
    if (type != NULL) {
        type->name = d->name;
        type->kind = d->kind;
        type->parts_end = &type->parts;
        *build->types_end = type;
        build->types_end = &type->next;
        ds_map_put(&build->types_by_name, d->name, type);
    }
    return type;
}

static int add_part(ds_build *build, ds_declared *type, const ds_sdl_definition *d) {
    ds_part *part = ds_arena_alloc(build->arena, sizeof *part);
    if (part == NULL) {
        return ds_err_nomem(build->err);
    }
    part->sdl = d;
    *type->parts_end = part;
    type->parts_end = &part->next;
    return SQLITE_OK;
}

static int collect_definition(ds_build *build, const ds_sdl_definition *d) {
    ds_scalar scalar;
    if (d->kind == DS_SDL_SCALAR_TYPE && ds_scalar_find(d->name, &scalar)) {
        return SQLITE_OK; /* AppSync's own, declared for the benefit of an editor */
    }
    int rc = check_name(build, d->name, d->pos);
    ds_declared *type = ds_map_get(&build->types_by_name, d->name);
    if (rc == SQLITE_OK && type != NULL) {
        ds_sdl_pos first = type->parts->sdl->pos;
        rc = first.path
                 ? ds_err_at(build->err, DS_AT(d->pos), "\"%s\" stands at %s, too",
                             d->name, first.path)
                 : ds_err_at(build->err, DS_AT(d->pos),
                             "\"%s\" is defined twice (line %d)", d->name, first.line);
    }
    if (rc == SQLITE_OK) {
        type = add_type(build, d);
        rc = type ? add_part(build, type, d) : ds_err_nomem(build->err);
    }
    if (rc == SQLITE_OK) {
        type->is_defined = true;
    }
    return rc;
}

/* The default root types exist without being defined: Amplify makes them. */
static bool is_default_root(const char *name) {
    return strcmp(name, "Query") == 0 || strcmp(name, "Mutation") == 0 ||
           strcmp(name, "Subscription") == 0;
}

static int collect_extension(ds_build *build, const ds_sdl_definition *d) {
    ds_declared *type = ds_map_get(&build->types_by_name, d->name);
    if (type == NULL && d->kind == DS_SDL_OBJECT_TYPE && is_default_root(d->name)) {
        type = add_type(build, d);
        if (type == NULL) {
            return ds_err_nomem(build->err);
        }
    }
    if (type == NULL) {
        return ds_declare_find(build, d->name, d->pos, &type);
    }
    if (type->kind != d->kind) {
        return ds_err_at(build->err, DS_AT(d->pos),
                         "\"%s\" is no %s, it cannot be extended as one", d->name,
                         kind_name(d->kind));
    }
    bool is_composite = d->kind == DS_SDL_OBJECT_TYPE || d->kind == DS_SDL_INTERFACE_TYPE;
    if (is_composite && d->directives != NULL &&
        build->catalog->transformer_version == 2) {
        return ds_err_at(
            build->err, DS_AT(d->directives->pos),
            "@%s must stand on the definition of \"%s\", not on an extension",
            d->directives->name, d->name);
    }
    return add_part(build, type, d);
}

static bool is_type_kind(ds_sdl_kind kind) {
    return kind != DS_SDL_DIRECTIVE_DEFINITION && kind != DS_SDL_SCHEMA_DEFINITION;
}

static int collect(ds_build *build, bool extensions) {
    int rc = SQLITE_OK;
    for (const ds_sdl_definition *d = build->catalog->document->definitions;
         rc == SQLITE_OK && d; d = d->next) {
        if (is_type_kind(d->kind) && d->is_extension == extensions) {
            rc = extensions ? collect_extension(build, d) : collect_definition(build, d);
        }
    }
    return rc ? rc : ds_build_memory(build);
}

/* ---- Root types --------------------------------------------------------------------------- */

static int mark_roots(ds_build *build) {
    static const char *const defaults[] = {"Query", "Mutation", "Subscription"};
    bool has_schema = false;
    for (const ds_sdl_definition *d = build->catalog->document->definitions; d;
         d = d->next) {
        has_schema =
            has_schema || (d->kind == DS_SDL_SCHEMA_DEFINITION && !d->is_extension);
        for (const ds_sdl_operation *o = d->operations; o; o = o->next) {
            ds_declared *root = NULL;
            int rc = ds_declare_find(build, o->type, o->pos, &root);
            if (rc != SQLITE_OK) {
                return rc;
            }
            root->is_root = root->kind == DS_SDL_OBJECT_TYPE;
        }
    }
    for (size_t i = 0; !has_schema && i < DS_COUNT(defaults); i++) {
        ds_declared *root = ds_map_get(&build->types_by_name, defaults[i]);
        if (root != NULL) {
            root->is_root = root->kind == DS_SDL_OBJECT_TYPE;
        }
    }
    return SQLITE_OK;
}

/* ---- What each type becomes --------------------------------------------------------------- */

static int find_model_directive(ds_build *build, ds_declared *type) {
    for (const ds_part *p = type->parts; p; p = p->next) {
        const ds_sdl_directive *model =
            ds_sdl_directive_find(p->sdl->directives, "model");
        if (model != NULL && type->model != NULL) {
            return ds_err_at(build->err, DS_AT(model->pos),
                             "@model stands on \"%s\" twice", type->name);
        }
        type->model = model ? model : type->model;
        type->is_unserved = type->is_unserved || (model && p->sdl->is_extension);
    }
    if (type->model != NULL && (type->is_root || is_default_root(type->name))) {
        return ds_err_at(build->err, DS_AT(type->parts->sdl->pos),
                         "\"%s\" is a root type of the API and cannot be a model",
                         type->name);
    }
    return SQLITE_OK;
}

static int allocate(ds_build *build, int n_models, int n_embedded, int n_enums) {
    build->capacity = n_models + ds_many_count(build);
    size_t models = (size_t)build->capacity + 1;
    build->drafts = ds_arena_alloc(build->arena, models * sizeof *build->drafts);
    build->models = ds_arena_alloc(build->arena, models * sizeof *build->models);
    ds_embedded *embedded =
        ds_arena_alloc(build->arena, ((size_t)n_embedded + 1) * sizeof *embedded);
    ds_enum *enums = ds_arena_alloc(build->arena, ((size_t)n_enums + 1) * sizeof *enums);
    build->catalog->models = build->models;
    build->catalog->embedded = embedded;
    build->catalog->enums = enums;
    build->catalog->n_embedded = n_embedded;
    build->catalog->n_enums = n_enums;
    int rc = ds_build_memory(build);
    for (ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        if (t->model != NULL) {
            t->draft = ds_draft_add(build, t->name, t->parts->sdl->pos);
            t->draft->directive = t->model;
            t->draft->is_unserved = t->is_unserved;
            rc = ds_declare_model_name(build, t->draft->out, t->parts->sdl->pos);
        } else if (t->kind == DS_SDL_ENUM_TYPE) {
            t->enumeration = enums++;
            t->enumeration->name = t->name;
        } else if (t->kind == DS_SDL_OBJECT_TYPE && !t->is_root) {
            t->embedded = embedded++;
            t->embedded->name = t->name;
        }
    }
    return rc;
}

int ds_declare_types(ds_build *build) {
    int rc = collect(build, false);
    rc = rc ? rc : collect(build, true);
    rc = rc ? rc : mark_roots(build);
    int n_models = 0, n_embedded = 0, n_enums = 0;
    for (ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        rc = find_model_directive(build, t);
        n_models += t->model != NULL;
        n_enums += t->kind == DS_SDL_ENUM_TYPE;
        n_embedded += t->kind == DS_SDL_OBJECT_TYPE && t->model == NULL && !t->is_root;
    }
    if (rc == SQLITE_OK && n_models > DS_MAX_MODELS) {
        rc = ds_err_set(build->err, SQLITE_ERROR,
                        "the schema has %d models, %d are allowed", n_models,
                        DS_MAX_MODELS);
    }
    return rc ? rc : allocate(build, n_models, n_embedded, n_enums);
}

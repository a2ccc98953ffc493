/*
** Drafts of models, embedded types and enums: their fields with resolved types. Relations and
** keys come later; a field whose type is a model is only noted here.
*/
#include "model/model_int.h"

#include <string.h>

/* ---- Types -------------------------------------------------------------------------------- */

const char *ds_type_name(const ds_type *type) {
    switch (type->kind) {
    case DS_KIND_ENUM:
        return type->enumeration->name;
    case DS_KIND_EMBEDDED:
        return type->embedded->name;
    case DS_KIND_MODEL:
        return type->model->name;
    case DS_KIND_SCALAR:
    default:
        return ds_scalar_get(type->scalar)->name;
    }
}

bool ds_type_same(const ds_type *a, const ds_type *b) {
    return a->kind == b->kind && strcmp(ds_type_name(a), ds_type_name(b)) == 0;
}

static bool is_text(const ds_type *type) {
    return type->kind == DS_KIND_SCALAR &&
           (type->scalar == DS_ID || type->scalar == DS_STRING);
}

bool ds_type_fits(const ds_type *a, const ds_type *b) {
    return (is_text(a) && is_text(b)) || ds_type_same(a, b);
}

ds_type ds_type_scalar(ds_scalar scalar, bool is_required) {
    return (ds_type){
        .kind = DS_KIND_SCALAR, .scalar = scalar, .is_required = is_required};
}

static int resolve_named(const ds_build *build, const ds_sdl_field *field,
                         const ds_sdl_type *named, ds_type *out) {
    ds_declared *type = NULL;
    if (ds_scalar_find(named->name, &out->scalar)) {
        out->kind = DS_KIND_SCALAR;
        return SQLITE_OK;
    }
    int rc = ds_declare_find(build, named->name, named->pos, &type);
    if (rc != SQLITE_OK) {
        return rc;
    }
    out->enumeration = type->enumeration;
    out->embedded = type->embedded;
    out->model = type->draft ? type->draft->out : NULL;
    if (type->enumeration != NULL) {
        out->kind = DS_KIND_ENUM;
    } else if (type->embedded != NULL) {
        out->kind = DS_KIND_EMBEDDED;
    } else if (type->draft != NULL) {
        out->kind = DS_KIND_MODEL;
    } else {
        const char *what = type->kind == DS_SDL_UNION_TYPE       ? "a union"
                           : type->kind == DS_SDL_INTERFACE_TYPE ? "an interface"
                           : type->kind == DS_SDL_SCALAR_TYPE    ? "a scalar of your own"
                           : type->kind == DS_SDL_INPUT_TYPE     ? "an input"
                                                                 : "a root type";
        return ds_err_at(
            build->err, DS_AT(named->pos),
            "field \"%s\" cannot have the type \"%s\", which is %s: expected a "
            "scalar of AppSync, an enum or an object type",
            field->name, named->name, what);
    }
    return SQLITE_OK;
}

/* Nested lists keep the outer list's nullability and the innermost type's. */
static int resolve(const ds_build *build, const ds_sdl_field *field, ds_type *out) {
    const ds_sdl_type *type = field->type;
    *out = (ds_type){.is_list = type->of != NULL,
                     .is_list_nullable = type->of != NULL && !type->is_required};
    for (; type->of != NULL; type = type->of) {
        out->list_depth++;
    }
    out->is_required = type->is_required;
    return resolve_named(build, field, type, out);
}

/* ---- Drafts ------------------------------------------------------------------------------- */

ds_draft *ds_draft_add(ds_build *build, const char *name, ds_sdl_pos pos) {
    int i = build->n_models++;
    ds_draft *draft = &build->drafts[i];
    draft->out = &build->models[i];
    draft->out->name = name;
    draft->out->catalog = build->catalog;
    draft->out->index = i;
    draft->out->pos = pos;
    draft->pos = pos;
    draft->fields_end = &draft->fields;
    draft->keys_end = &draft->keys;
    ds_map_init(&draft->by_name, build->arena, false);
    return draft;
}

ds_draft *ds_draft_of(const ds_build *build, const ds_model *model) {
    return &build->drafts[model->index];
}

ds_draft_field *ds_draft_add_field(ds_build *build, ds_draft *draft, const char *name,
                                   ds_type type) {
    ds_draft_field *field = ds_arena_alloc(build->arena, sizeof *field);
    if (field != NULL) {
        field->name = name;
        field->type = type;
        *draft->fields_end = field;
        draft->fields_end = &field->next;
        draft->n_fields++;
        ds_map_put(&draft->by_name, name, field);
    }
    return field;
}

void ds_draft_move(ds_draft *draft, ds_draft_field *field, const ds_draft_field *before) {
    ds_draft_field **link = &draft->fields;
    if (field == before) {
        return;
    }
    while (*link != field) {
        link = &(*link)->next;
    }
    *link = field->next;
    if (draft->fields_end == &field->next) {
        draft->fields_end = link;
    }
    link = &draft->fields;
    while (*link != before) {
        link = &(*link)->next;
    }
    field->next = *link;
    *link = field;
}

ds_draft_field *ds_draft_field_find(const ds_draft *draft, const char *name) {
    return ds_map_get(&draft->by_name, name);
}

/* An imported schema shows as read-only what Amplify fills. */
static bool is_declared(const ds_build *build, const ds_draft_field *field) {
    return build->catalog->is_imported ? !field->is_read_only : field->sdl != NULL;
}

int ds_draft_need_field(const ds_build *build, const ds_draft *draft, const char *name,
                        ds_sdl_pos pos, const char *what, ds_draft_field **out) {
    *out = ds_draft_field_find(draft, name);
    if (*out != NULL && is_declared(build, *out)) {
        return SQLITE_OK;
    }
    const char **names = ds_words_new(build->arena, draft->n_fields);
    if (names == NULL) {
        return ds_err_nomem(build->err);
    }
    size_t n = 0;
    for (const ds_draft_field *f = draft->fields; f; f = f->next) {
        if (is_declared(build, f)) {
            names[n++] = f->name;
        }
    }
    return ds_err_at(build->err, DS_AT(pos),
                     "%s names \"%s\", but \"%s\" declares no such field%s", what, name,
                     draft->out->name, ds_build_hint(build, name, names, n));
}

int ds_draft_need_scalar(const ds_build *build, const ds_draft *draft, const char *name,
                         ds_sdl_pos pos, const char *what, ds_draft_field **out) {
    int rc = ds_draft_need_field(build, draft, name, pos, what, out);
    if (rc == SQLITE_OK &&
        ((*out)->type.is_list ||
         ((*out)->type.kind != DS_KIND_SCALAR && (*out)->type.kind != DS_KIND_ENUM))) {
        rc = ds_err_at(build->err, DS_AT(pos),
                       "%s names \"%s.%s\", which must be a scalar or enum and no list",
                       what, draft->out->name, name);
    }
    return rc;
}

/* ---- Fields of models --------------------------------------------------------------------- */

static int too_many(const ds_build *build, const char *type, ds_sdl_pos pos) {
    return ds_err_at(build->err, DS_AT(pos), "\"%s\" has more than %d fields", type,
                     DS_MAX_FIELDS);
}

int ds_draft_check_name(const ds_build *build, const char *type, const char *name,
                        ds_sdl_pos pos) {
    static const char *const metadata[] = {"_version", "_lastChangedAt", "_deleted",
                                           "_status"};
    if (!ds_word_is_name(name)) {
        return ds_err_at(build->err, DS_AT(pos),
                         "\"%.40s\" cannot be a field of \"%s\": "
                         "expected a letter or _, then letters, digits and _",
                         name, type);
    }
    if (strlen(name) > DS_MAX_NAME_BYTES) {
        return ds_err_at(build->err, DS_AT(pos),
                         "the name of a field of \"%s\" is longer than %d characters: "
                         "\"%.20s…\"",
                         type, DS_MAX_NAME_BYTES, name);
    }
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        if (ds_text_iequal(name, metadata[i])) {
            return ds_err_at(
                build->err, DS_AT(pos),
                "field \"%s.%s\" has the name of a field that synchronization "
                "adds",
                type, name);
        }
    }
    return strncmp(name, "__", 2) == 0
               ? ds_err_at(build->err, DS_AT(pos),
                           "names that begin with __ belong to GraphQL: \"%s.%s\"", type,
                           name)
               : SQLITE_OK;
}

static int defined_twice(const ds_build *build, const char *type,
                         const ds_sdl_field *field) {
    return ds_err_at(build->err, DS_AT(field->pos), "field \"%s.%s\" is defined twice",
                     type, field->name);
}

static int add_sdl_field(ds_build *build, ds_draft *draft, const ds_sdl_field *sdl) {
    ds_type type;
    int rc = ds_draft_check_name(build, draft->out->name, sdl->name, sdl->pos);
    if (rc == SQLITE_OK && ds_draft_field_find(draft, sdl->name) != NULL) {
        rc = defined_twice(build, draft->out->name, sdl);
    }
    if (rc == SQLITE_OK && draft->n_fields >= DS_MAX_FIELDS) {
        rc = too_many(build, draft->out->name, sdl->pos);
    }
    rc = rc ? rc : resolve(build, sdl, &type);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_draft_field *field = ds_draft_add_field(build, draft, sdl->name, type);
    if (field == NULL) {
        return ds_err_nomem(build->err);
    }
    field->sdl = sdl;
    field->pos = sdl->pos;
    return SQLITE_OK;
}

static int read_model(ds_build *build, ds_declared *type) {
    int rc = SQLITE_OK;
    for (const ds_part *p = type->parts; rc == SQLITE_OK && p; p = p->next) {
        for (const ds_sdl_field *f = p->sdl->fields; rc == SQLITE_OK && f; f = f->next) {
            rc = add_sdl_field(build, type->draft, f);
        }
    }
    return rc;
}

/* ---- Embedded types and enums --------------------------------------------------------------- */

static int count_fields(const ds_declared *type) {
    int n = 0;
    for (const ds_part *p = type->parts; p; p = p->next) {
        for (const ds_sdl_field *f = p->sdl->fields; f; f = f->next) {
            n++;
        }
    }
    return n;
}

static int read_embedded(ds_build *build, ds_declared *type) {
    int n = count_fields(type);
    ds_map seen;
    ds_map_init(&seen, build->arena, false);
    if (n > DS_MAX_FIELDS) {
        return too_many(build, type->name, type->parts->sdl->pos);
    }
    ds_field *fields = ds_arena_alloc(build->arena, ((size_t)n + 1) * sizeof *fields);
    int rc = fields ? SQLITE_OK : ds_err_nomem(build->err);
    type->embedded->fields = fields;
    type->embedded->n_fields = n;
    for (const ds_part *p = type->parts; rc == SQLITE_OK && p; p = p->next) {
        for (const ds_sdl_field *f = p->sdl->fields; rc == SQLITE_OK && f; f = f->next) {
            fields->name = f->name;
            fields->pos = f->pos;
            rc = ds_map_get(&seen, f->name) ? defined_twice(build, type->name, f)
                                            : resolve(build, f, &fields->type);
            ds_map_put(&seen, f->name, fields++);
        }
    }
    return rc ? rc : ds_build_memory(build);
}

static int read_enum(ds_build *build, ds_declared *type) {
    int n = 0;
    ds_map seen;
    ds_map_init(&seen, build->arena, false);
    for (const ds_part *p = type->parts; p; p = p->next) {
        for (const ds_sdl_enum_value *v = p->sdl->values; v; v = v->next) {
            n++;
        }
    }
    const char **values = ds_words_new(build->arena, n);
    int rc = values ? SQLITE_OK : ds_err_nomem(build->err);
    type->enumeration->values = values;
    type->enumeration->n_values = n;
    for (const ds_part *p = type->parts; rc == SQLITE_OK && p; p = p->next) {
        for (const ds_sdl_enum_value *v = p->sdl->values; rc == SQLITE_OK && v;
             v = v->next) {
            if (ds_map_get(&seen, v->name) != NULL) {
                rc = ds_err_at(build->err, DS_AT(v->pos), "enum \"%s\" has \"%s\" twice",
                               type->name, v->name);
            }
            ds_map_put(&seen, v->name, type);
            *values++ = v->name;
        }
    }
    return rc ? rc : ds_build_memory(build);
}

int ds_draft_types(ds_build *build) {
    int rc = SQLITE_OK;
    for (ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        rc = t->enumeration ? read_enum(build, t)
             : t->embedded  ? read_embedded(build, t)
             : t->draft     ? read_model(build, t)
                            : SQLITE_OK;
    }
    return rc;
}

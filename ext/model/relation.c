/*
** What the relations of both transformer versions share: the two ends, added foreign keys and
** the fit of key types.
*/
#include "model/model_int.h"

#include <string.h>

static const char *const relation_directives[] = {"connection", "hasOne", "hasMany",
                                                  "belongsTo", "manyToMany"};

/* Directives that only a field of a model can carry. */
static const char *const key_directives[] = {"primaryKey", "index"};

static const ds_sdl_directive *first_of(const ds_sdl_directive *list,
                                        const char *const *names, size_t n) {
    for (const ds_sdl_directive *d = list; d; d = d->next) {
        for (size_t i = 0; i < n; i++) {
            if (strcmp(d->name, names[i]) == 0) {
                return d;
            }
        }
    }
    return NULL;
}

const ds_sdl_directive *ds_link_directive(const ds_draft_field *field) {
    return field->sdl ? first_of(field->sdl->directives, relation_directives,
                                 DS_COUNT(relation_directives))
                      : NULL;
}

const ds_sdl_directive *ds_link_named(const ds_draft_field *field, const char *name) {
    return field->sdl ? ds_sdl_directive_find(field->sdl->directives, name) : NULL;
}

const ds_sdl_directive *ds_link_owning(const ds_draft_field *field) {
    return ds_link_named(field, field->type.is_list ? "hasMany" : "hasOne");
}

bool ds_link_leads_to(const ds_draft_field *field, const ds_draft *draft) {
    return field->type.kind == DS_KIND_MODEL && field->type.model == draft->out;
}

static int not_in_model(const ds_build *build, const char *type,
                        const ds_sdl_directive *directive) {
    return ds_err_at(build->err, DS_AT(directive->pos),
                     "@%s may stand only in a model, but type \"%s\" has no @model",
                     directive->name, type);
}

static int check_outside(const ds_build *build, const ds_declared *type) {
    for (const ds_part *p = type->parts; p; p = p->next) {
        const ds_sdl_directive *d = ds_sdl_directive_find(p->sdl->directives, "key");
        for (const ds_sdl_field *f = p->sdl->fields; d == NULL && f; f = f->next) {
            d = first_of(f->directives, relation_directives,
                         DS_COUNT(relation_directives));
            d = d ? d : first_of(f->directives, key_directives, DS_COUNT(key_directives));
        }
        if (d != NULL) {
            return not_in_model(build, type->name, d);
        }
    }
    return SQLITE_OK;
}

static int check_inside(const ds_build *build, const ds_draft *draft) {
    for (const ds_draft_field *f = draft->fields; f; f = f->next) {
        const ds_sdl_directive *d = ds_link_directive(f);
        if (d != NULL && f->type.kind != DS_KIND_MODEL) {
            return ds_err_at(
                build->err, DS_AT(d->pos),
                "@%s: the type of \"%s.%s\" must be a model, but \"%s\" is none", d->name,
                draft->out->name, f->name, ds_type_name(&f->type));
        }
        if (d != NULL && f->type.list_depth > 1) {
            return ds_err_at(build->err, DS_AT(d->pos),
                             "@%s: \"%s.%s\" must be a plain list of \"%s\"", d->name,
                             draft->out->name, f->name, ds_type_name(&f->type));
        }
        const ds_sdl_directive *second =
            d ? first_of(d->next, relation_directives, DS_COUNT(relation_directives))
              : NULL;
        if (second != NULL) {
            return ds_err_at(build->err, DS_AT(second->pos),
                             "\"%s.%s\" has @%s already, it cannot be @%s too",
                             draft->out->name, f->name, d->name, second->name);
        }
    }
    return SQLITE_OK;
}

int ds_link_check_ends(const ds_build *build) {
    int rc = SQLITE_OK;
    for (const ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        if (t->kind == DS_SDL_OBJECT_TYPE) {
            rc = t->draft ? check_inside(build, t->draft) : check_outside(build, t);
        }
    }
    return rc;
}

void ds_link_drop_plain(ds_build *build) {
    for (int i = 0; i < build->n_models; i++) {
        for (ds_draft_field *f = build->drafts[i].fields; f; f = f->next) {
            f->is_dropped = f->is_dropped || (f->type.kind == DS_KIND_MODEL && !f->link);
        }
    }
}

ds_link *ds_link_new(ds_build *build, ds_draft *draft, ds_draft_field *field,
                     ds_draft *target, ds_relation_kind kind) {
    ds_link *link = ds_arena_alloc(build->arena, sizeof *link);
    if (link != NULL) {
        link->kind = kind;
        link->field = field;
        link->draft = draft;
        link->target = target;
        field->link = link;
    }
    return link;
}

/* A field of the user's that is to hold the key. */
static int use_declared(const ds_build *build, const ds_draft *draft, const char *name,
                        const ds_type *type, ds_sdl_pos pos) {
    ds_draft_field *field = NULL;
    int rc = ds_draft_need_scalar(build, draft, name, pos, "a foreign key", &field);
    if (rc == SQLITE_OK && !ds_type_fits(&field->type, type)) {
        rc = ds_err_at(build->err, DS_AT(pos),
                       "the foreign key \"%s.%s\" must be of type %s, not %s",
                       draft->out->name, name, ds_type_name(type),
                       ds_type_name(&field->type));
    }
    return rc;
}

int ds_link_add_typed(ds_build *build, ds_draft *draft, const char *name,
                      const ds_type *type, ds_sdl_pos pos) {
    ds_draft_field *field = ds_draft_field_find(draft, name);
    if (field != NULL) {
        return field->is_late ? SQLITE_OK : use_declared(build, draft, name, type, pos);
    }
    int rc = ds_draft_check_name(build, draft->out->name, name, pos);
    field = rc ? NULL : ds_draft_add_field(build, draft, name, *type);
    if (field == NULL) {
        return rc ? rc : ds_err_nomem(build->err);
    }
    field->is_late = true;
    field->pos = pos;
    if (strcmp(name, "id") == 0) {
        ds_draft_move(draft, field, draft->fields);
    }
    return SQLITE_OK;
}

int ds_link_add_key(ds_build *build, ds_draft *draft, ds_words names,
                    const ds_draft *parent, ds_words key, bool is_required,
                    ds_sdl_pos pos) {
    int rc = ds_build_memory(build);
    for (int i = 0; rc == SQLITE_OK && i < names.n; i++) {
        ds_type type = ds_draft_field_find(parent, key.items[i])->type;
        type.is_required = is_required;
        if (ds_words_have(ds_words_first(names, i), names.items[i])) {
            return ds_err_at(build->err, DS_AT(pos),
                             "\"%s\" gets two fields \"%s\" for the key of \"%s\" (%s)",
                             draft->out->name, names.items[i], parent->out->name,
                             ds_words_text(build->arena, key));
        }
        rc = ds_link_add_typed(build, draft, names.items[i], &type, pos);
    }
    return rc;
}

void ds_link_show_id(const ds_draft *draft, ds_words names) {
    ds_draft_field *first = ds_draft_field_find(draft, names.items[0]);
    if (first->is_late && first->type.kind == DS_KIND_SCALAR &&
        first->type.scalar == DS_STRING) {
        first->type.scalar = DS_ID;
    }
}

int ds_link_check_key(const ds_build *build, const ds_draft *draft, ds_words fields,
                      const ds_draft *parent, ds_words key, ds_sdl_pos pos,
                      const char *what) {
    if (fields.n > key.n || (fields.n > 1 && fields.n < key.n)) {
        const char *all = key.n > 1 ? ds_arena_printf(build->arena, " or %d", key.n) : "";
        return ds_err_at(
            build->err, DS_AT(pos),
            "@%s names %d fields of \"%s\" for the key of \"%s\" (%s): give 1%s", what,
            fields.n, draft->out->name, parent->out->name,
            ds_words_text(build->arena, key), all ? all : "");
    }
    const char *used_by = ds_arena_printf(build->arena, "@%s", what);
    int rc = used_by ? SQLITE_OK : ds_err_nomem(build->err);
    for (int i = 0; rc == SQLITE_OK && i < fields.n; i++) {
        ds_draft_field *field = NULL;
        const ds_draft_field *of = ds_draft_field_find(parent, key.items[i]);
        rc = ds_draft_need_scalar(build, draft, fields.items[i], pos, used_by, &field);
        if (rc == SQLITE_OK && !ds_type_same(&field->type, &of->type)) {
            rc = ds_err_at(build->err, DS_AT(pos),
                           "@%s: \"%s.%s\" is of type %s, but \"%s.%s\" of type %s", what,
                           draft->out->name, field->name, ds_type_name(&field->type),
                           parent->out->name, of->name, ds_type_name(&of->type));
        }
    }
    return rc;
}

ds_words ds_link_implicit_names(const ds_build *build, const ds_draft *draft,
                                const ds_draft_field *field, const ds_draft *parent) {
    const char **names = ds_words_new(build->arena, parent->key.n);
    for (int i = 0; names != NULL && i < parent->key.n; i++) {
        const char *part = i == 0 && !build->respects_key ? "id" : parent->key.items[i];
        names[i] = ds_name_camel(build->arena, draft->out->name, field->name, part);
    }
    return (ds_words){names, names ? parent->key.n : 0};
}

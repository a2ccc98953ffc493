/*
** Relations of transformer 2: @hasOne, @hasMany and @belongsTo, each with generated foreign
** keys, with `fields` on this side, or with `references` on the child. @manyToMany is in
** many.c.
*/
#include "model/model_int.h"

#include <string.h>

/* One relation directive while it is being read. */
typedef struct reading {
    ds_build *build;
    const ds_sdl_directive *directive;
    ds_draft *draft;
    ds_draft_field *field;
    ds_draft *target;
    ds_words fields;
    ds_words references;
    const char *index_name;
} reading;

static int fail(const reading *r, const char *why) {
    return ds_err_at(r->build->err, DS_AT(r->directive->pos), "@%s of \"%s.%s\": %s",
                     r->directive->name, r->draft->out->name, r->field->name, why);
}

static const ds_sdl_directive *directive_of(const ds_draft_field *field,
                                            const char *name) {
    return field->sdl ? ds_sdl_directive_find(field->sdl->directives, name) : NULL;
}

/* The @hasMany of a list or the @hasOne of a single object. */
static const ds_sdl_directive *owning_directive(const ds_draft_field *field) {
    return directive_of(field, field->type.is_list ? "hasMany" : "hasOne");
}

static bool leads_to(const ds_draft_field *field, const ds_draft *draft) {
    return field->type.kind == DS_KIND_MODEL && field->type.model == draft->out;
}

/* ---- Names ------------------------------------------------------------------------------------ */

/* The generated foreign key of `draft.field` that holds the key of `parent`. Without custom
** keys on connection fields its first name always ends in Id. */
static ds_words implicit_names(const ds_build *build, const ds_draft *draft,
                               const ds_draft_field *field, const ds_draft *parent) {
    const char **names = ds_words_new(build->arena, parent->key.n);
    for (int i = 0; names != NULL && i < parent->key.n; i++) {
        const char *part = i == 0 && !build->respects_key ? "id" : parent->key.items[i];
        names[i] = ds_name_camel(build->arena, draft->out->name, field->name, part);
    }
    return (ds_words){names, names ? parent->key.n : 0};
}

/* ---- Checks ----------------------------------------------------------------------------------- */

static int read_arguments(reading *r) {
    const ds_build *build = r->build;
    int rc = ds_directive_words(build, r->directive, "fields", &r->fields);
    rc = rc ? rc : ds_directive_words(build, r->directive, "references", &r->references);
    rc = rc ? rc : ds_directive_text(build, r->directive, "indexName", &r->index_name);
    if (rc == SQLITE_OK && r->fields.n > 0 && r->references.n > 0) {
        rc = fail(r, "\"fields\" and \"references\" exclude each other");
    }
    if (rc == SQLITE_OK && r->index_name != NULL && r->references.n > 0) {
        rc = fail(r, "\"indexName\" and \"references\" exclude each other");
    }
    bool is_many = strcmp(r->directive->name, "hasMany") == 0;
    if (rc == SQLITE_OK && is_many != r->field->type.is_list) {
        rc = fail(r, is_many ? "expected a list, use @hasOne for a single object"
                             : "a list is @hasMany");
    }
    return rc;
}

/* ID and String hold the same values. */
static bool fits_reference(const ds_type *a, const ds_type *b) {
    bool a_text =
        a->kind == DS_KIND_SCALAR && (a->scalar == DS_ID || a->scalar == DS_STRING);
    bool b_text =
        b->kind == DS_KIND_SCALAR && (b->scalar == DS_ID || b->scalar == DS_STRING);
    return (a_text && b_text) || ds_type_same(a, b);
}

/* The references are fields of `child` and hold the key of `parent`. */
static int check_references(const reading *r, const ds_draft *child,
                            const ds_draft *parent) {
    const ds_build *build = r->build;
    if (r->references.n != parent->key.n) {
        return ds_err_at(
            build->err, DS_AT(r->directive->pos),
            "@%s of \"%s.%s\": \"references\" must name %d fields for the key of "
            "\"%s\" (%s)",
            r->directive->name, r->draft->out->name, r->field->name, parent->key.n,
            parent->out->name, ds_words_text(build->arena, parent->key));
    }
    int required = 0, rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < r->references.n; i++) {
        ds_draft_field *field = NULL;
        const ds_draft_field *of = ds_draft_field_find(parent, parent->key.items[i]);
        rc = ds_draft_need_scalar(build, child, r->references.items[i], r->directive->pos,
                                  "\"references\"", &field);
        if (rc == SQLITE_OK && !fits_reference(&field->type, &of->type)) {
            rc = ds_err_at(
                build->err, DS_AT(r->directive->pos),
                "\"references\": \"%s.%s\" is of type %s, but \"%s.%s\" of type %s",
                child->out->name, field->name, ds_type_name(&field->type),
                parent->out->name, of->name, ds_type_name(&of->type));
        }
        required += rc == SQLITE_OK && field->type.is_required;
    }
    if (rc == SQLITE_OK && required != 0 && required != r->references.n) {
        rc = fail(r, "its \"references\" must all be required or all be optional");
    }
    if (rc == SQLITE_OK &&
        (r->field->type.is_required ||
         (r->field->type.is_list && !r->field->type.is_list_nullable))) {
        rc = fail(r, "a relation with \"references\" must not be required (!)");
    }
    return rc;
}

/* With references both sides must carry the same list. */
static int check_counterpart(const reading *r) {
    bool is_child = strcmp(r->directive->name, "belongsTo") == 0;
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        const ds_sdl_directive *d =
            is_child ? owning_directive(f) : directive_of(f, "belongsTo");
        ds_words references;
        if (d == NULL || !leads_to(f, r->draft)) {
            continue;
        }
        int rc = ds_directive_words(r->build, d, "references", &references);
        if (rc != SQLITE_OK || ds_words_equal(references, r->references)) {
            return rc;
        }
    }
    return ds_err_at(
        r->build->err, DS_AT(r->directive->pos),
        "@%s of \"%s.%s\": \"%s\" has no %s with the same \"references\" (%s)",
        r->directive->name, r->draft->out->name, r->field->name, r->target->out->name,
        is_child ? "@hasOne or @hasMany" : "@belongsTo",
        ds_words_text(r->build->arena, r->references));
}

/* ---- @hasMany --------------------------------------------------------------------------------- */

static int find_index(const reading *r, ds_words *out) {
    *out = r->target->key;
    if (r->index_name == NULL) {
        return SQLITE_OK;
    }
    const ds_draft_key *key = ds_key_find(r->target, r->index_name);
    if (key != NULL) {
        *out = key->fields;
        return SQLITE_OK;
    }
    ds_words names = ds_key_names(r->build, r->target);
    return ds_err_at(
        r->build->err, DS_AT(r->directive->pos),
        "@hasMany of \"%s.%s\": \"%s\" has no @index named \"%s\"%s", r->draft->out->name,
        r->field->name, r->target->out->name, r->index_name,
        ds_build_hint(r->build, r->index_name, names.items, (size_t)names.n));
}

/* The @belongsTo of the target that goes over the field `first`. */
static const char *belongs_to_over(const reading *r, const char *first) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        const ds_sdl_directive *d = directive_of(f, "belongsTo");
        ds_words fields;
        if (d != NULL && leads_to(f, r->draft) &&
            ds_directive_words(r->build, d, "fields", &fields) == SQLITE_OK &&
            fields.n > 0 && strcmp(fields.items[0], first) == 0) {
            return f->name;
        }
    }
    return NULL;
}

static bool target_belongs_back(const reading *r) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        if (directive_of(f, "belongsTo") != NULL && leads_to(f, r->draft)) {
            return true;
        }
    }
    return false;
}

static int make_over_index(const reading *r, ds_link *link) {
    ds_words index;
    link->local = r->fields.n > 0 ? r->fields : r->draft->key;
    int rc = find_index(r, &index);
    rc = rc ? rc
            : ds_link_check_key(r->build, r->draft, link->local, r->target, index,
                                r->directive->pos, "hasMany");
    if (rc != SQLITE_OK) {
        return rc;
    }
    link->remote = ds_words_first(index, link->local.n);
    const char *back = belongs_to_over(r, index.items[0]);
    link->associated_with = ds_words_one(r->build->arena, back ? back : index.items[0]);
    return SQLITE_OK;
}

static int make_has_many(const reading *r, ds_link *link) {
    int rc = SQLITE_OK;
    if (r->fields.n > 0 || r->index_name != NULL) {
        rc = make_over_index(r, link);
    } else if (r->references.n > 0) {
        rc = check_references(r, r->target, r->draft);
        rc = rc ? rc : check_counterpart(r);
        link->local = r->draft->key;
        link->remote = r->references;
        link->associated_with = r->references;
    } else {
        link->local = r->draft->key;
        link->remote = implicit_names(r->build, r->draft, r->field, r->draft);
        link->associated_with = link->remote;
        rc = ds_link_add_key(r->build, r->target, link->remote, r->draft, r->draft->key,
                             false, r->directive->pos);
    }
    if (rc == SQLITE_OK && r->index_name == NULL && !target_belongs_back(r)) {
        link->generated_key = ds_arena_printf(r->build->arena, "gsi-%s.%s",
                                              r->draft->out->name, r->field->name);
    }
    return rc;
}

/* ---- @hasOne and @belongsTo ------------------------------------------------------------------ */

/* The foreign key is on this side and holds the target's key. */
static int make_over_fields(const reading *r, ds_link *link) {
    link->local = r->fields;
    link->remote = ds_words_first(r->target->key, r->fields.n);
    link->target_names = r->fields;
    return ds_link_check_key(r->build, r->draft, r->fields, r->target, r->target->key,
                             r->directive->pos, r->directive->name);
}

static int make_over_generated(const reading *r, ds_link *link, ds_words names,
                               bool is_required) {
    link->local = names;
    link->remote = ds_words_first(r->target->key, names.n);
    link->target_names = names;
    return ds_link_add_key(r->build, r->draft, names, r->target, r->target->key,
                           is_required, r->directive->pos);
}

static int make_has_one(const reading *r, ds_link *link) {
    if (r->references.n > 0) {
        link->local = r->draft->key;
        link->remote = r->references;
        link->associated_with = r->references;
        int rc = check_references(r, r->target, r->draft);
        return rc ? rc : check_counterpart(r);
    }
    int rc = r->fields.n > 0
                 ? make_over_fields(r, link)
                 : make_over_generated(
                       r, link, implicit_names(r->build, r->draft, r->field, r->target),
                       r->field->type.is_required);
    link->associated_with = link->remote;
    return rc;
}

/* The first field of the target that owns this side, whichever of several is meant: Amplify
** takes the first, too. */
static const ds_draft_field *find_owner(const reading *r) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        if (leads_to(f, r->draft) && owning_directive(f) != NULL) {
            return f;
        }
    }
    return NULL;
}

/* A bare @belongsTo to a @hasMany uses the key of that @hasMany. */
static int make_like_owner(const reading *r, ds_link *link, const ds_draft_field *owner) {
    reading o = {.build = r->build,
                 .directive = owning_directive(owner),
                 .draft = r->target,
                 .target = r->draft};
    o.field = ds_draft_field_find(r->target, owner->name);
    int rc = read_arguments(&o);
    if (rc == SQLITE_OK && o.references.n > 0) {
        rc = ds_err_at(
            r->build->err, DS_AT(r->directive->pos),
            "@belongsTo of \"%s.%s\" needs the \"references\" of \"%s.%s\" (%s)",
            r->draft->out->name, r->field->name, r->target->out->name, owner->name,
            ds_words_text(r->build->arena, o.references));
    }
    ds_words names;
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (o.fields.n == 0 && o.index_name == NULL) {
        names = implicit_names(r->build, r->target, owner, r->target);
        return make_over_generated(r, link, names, false);
    }
    rc = find_index(&o, &names);
    if (rc == SQLITE_OK) {
        reading like = *r;
        like.fields =
            ds_words_first(names, o.fields.n > 0 ? o.fields.n : r->target->key.n);
        rc = make_over_fields(&like, link);
    }
    return rc;
}

static int make_belongs_to(const reading *r, ds_link *link) {
    if (r->references.n > 0) {
        link->local = r->references;
        link->remote = r->target->key;
        link->target_names = r->references;
        int rc = check_references(r, r->draft, r->target);
        return rc ? rc : check_counterpart(r);
    }
    if (r->fields.n > 0) {
        return make_over_fields(r, link);
    }
    const ds_draft_field *owner = find_owner(r);
    if (owner == NULL) {
        return ds_err_at(
            r->build->err, DS_AT(r->directive->pos),
            "@belongsTo of \"%s.%s\": \"%s\" has no @hasOne or @hasMany field of "
            "type \"%s\"",
            r->draft->out->name, r->field->name, r->target->out->name,
            r->draft->out->name);
    }
    if (owner->type.is_list) {
        return make_like_owner(r, link, owner);
    }
    return make_over_generated(r, link,
                               implicit_names(r->build, r->draft, r->field, r->target),
                               r->field->type.is_required);
}

/* ---- All of them ------------------------------------------------------------------------------- */

static int make(reading *r) {
    int rc = read_arguments(r);
    if (rc != SQLITE_OK) {
        return rc;
    }
    const char *name = r->directive->name;
    ds_relation_kind kind = strcmp(name, "hasMany") == 0  ? DS_HAS_MANY
                            : strcmp(name, "hasOne") == 0 ? DS_HAS_ONE
                                                          : DS_BELONGS_TO;
    ds_link *link = ds_link_new(r->build, r->draft, r->field, r->target, kind);
    if (link == NULL) {
        return ds_err_nomem(r->build->err);
    }
    switch (kind) {
    case DS_HAS_MANY:
        rc = make_has_many(r, link);
        break;
    case DS_HAS_ONE:
        rc = make_has_one(r, link);
        break;
    case DS_BELONGS_TO:
    default:
        rc = make_belongs_to(r, link);
        break;
    }
    for (int i = 0; rc == SQLITE_OK && !r->build->respects_key && kind == DS_BELONGS_TO &&
                    i < link->local.n;
         i++) {
        ds_draft_field_find(r->draft, link->local.items[i])->is_dropped = true;
    }
    return rc ? rc : ds_build_memory(r->build);
}

/* DataStore cannot tell who owns whom when both own each other. */
static int check_mutual(const ds_build *build, const ds_draft *draft,
                        const ds_draft_field *field) {
    const ds_draft *target = ds_draft_of(build, field->type.model);
    if (owning_directive(field) == NULL || target == draft) {
        return SQLITE_OK;
    }
    for (const ds_draft_field *f = target->fields; f; f = f->next) {
        if (leads_to(f, draft) && owning_directive(f) != NULL) {
            return ds_err_at(
                build->err, DS_AT(field->pos),
                "\"%s.%s\" and \"%s.%s\" own each other: one of them must be "
                "@belongsTo",
                draft->out->name, field->name, target->out->name, f->name);
        }
    }
    return SQLITE_OK;
}

int ds_relation_v2(ds_build *build) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        ds_draft *draft = &build->drafts[i];
        for (ds_draft_field *f = draft->fields; rc == SQLITE_OK && f; f = f->next) {
            reading r = {.build = build,
                         .directive = ds_link_directive(f),
                         .draft = draft,
                         .field = f};
            if (r.directive == NULL || f->link != NULL) {
                continue;
            }
            r.target = ds_draft_of(build, f->type.model);
            rc = make(&r);
            rc = rc ? rc : check_mutual(build, draft, f);
        }
    }
    return rc;
}

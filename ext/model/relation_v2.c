/*
** Relations of transformer 2: @hasOne, @hasMany and @belongsTo, each with generated foreign
** keys, with `fields` on this side, or with `references` on the child (references.c).
** @manyToMany is in many.c.
*/
#include "model/model_int.h"

#include <string.h>

int ds_reading_fail(const ds_reading *r, const char *why) {
    return ds_err_at(r->build->err, DS_AT(r->directive->pos), "@%s of \"%s.%s\": %s",
                     r->directive->name, r->draft->out->name, r->field->name, why);
}

/* ---- Checks ----------------------------------------------------------------------------------- */

static int read_arguments(ds_reading *r) {
    const ds_build *build = r->build;
    int rc = ds_directive_words(build, r->directive, "fields", &r->fields);
    rc = rc ? rc : ds_directive_words(build, r->directive, "references", &r->references);
    rc = rc ? rc : ds_directive_text(build, r->directive, "indexName", &r->index_name);
    if (rc == SQLITE_OK && r->fields.n > 0 && r->references.n > 0) {
        rc = ds_reading_fail(r, "\"fields\" and \"references\" exclude each other");
    }
    if (rc == SQLITE_OK && r->index_name != NULL && r->references.n > 0) {
        rc = ds_reading_fail(r, "\"indexName\" and \"references\" exclude each other");
    }
    if (rc == SQLITE_OK && r->index_name != NULL && r->fields.n == 0) {
        rc = ds_reading_fail(
            r, "\"indexName\" needs \"fields\" that are looked up in the index");
    }
    bool is_many = strcmp(r->directive->name, "hasMany") == 0;
    if (rc == SQLITE_OK && is_many != r->field->type.is_list) {
        rc = ds_reading_fail(r, is_many
                                    ? "expected a list, use @hasOne for a single object"
                                    : "expected a single object, a list is @hasMany");
    }
    return rc;
}

/* ---- @hasMany --------------------------------------------------------------------------------- */

static int find_index(const ds_reading *r, ds_words *out) {
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
static const char *belongs_to_over(const ds_reading *r, const char *first) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        const ds_sdl_directive *d = ds_link_named(f, "belongsTo");
        ds_words fields;
        if (d != NULL && ds_link_leads_to(f, r->draft) &&
            ds_directive_words(r->build, d, "fields", &fields) == SQLITE_OK &&
            fields.n > 0 && strcmp(fields.items[0], first) == 0) {
            return f->name;
        }
    }
    return NULL;
}

/* The first @belongsTo of the target that leads back here. */
static const char *belongs_back(const ds_reading *r) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        if (ds_link_named(f, "belongsTo") != NULL && ds_link_leads_to(f, r->draft)) {
            return f->name;
        }
    }
    return NULL;
}

static int make_over_index(const ds_reading *r, ds_link *link) {
    ds_words index;
    link->local = r->fields;
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

/* A generated foreign key `names` of `draft` for the key of `parent`. */
static int add_key(const ds_reading *r, ds_draft *draft, ds_words names,
                   const ds_draft *parent, bool is_required) {
    int rc = ds_link_add_key(r->build, draft, names, parent, parent->key, is_required,
                             r->directive->pos);
    if (rc == SQLITE_OK && !r->build->respects_key) {
        ds_link_show_id(draft, names);
    }
    return rc;
}

/* The API takes no child without a parent where the list of children is required. */
static void demand_parent(const ds_reading *r, const ds_link *link) {
    bool demands = !r->field->type.is_list_nullable;
    for (int i = 0; demands && i < link->remote.n; i++) {
        ds_draft_field *key = ds_draft_field_find(r->target, link->remote.items[i]);
        if (key != NULL) {
            key->is_demanded = true;
        }
    }
}

static int make_has_many(const ds_reading *r, ds_link *link) {
    int rc = SQLITE_OK;
    if (r->fields.n > 0) {
        rc = make_over_index(r, link);
    } else if (r->references.n > 0) {
        rc = ds_references_check(r, r->target, r->draft);
        link->local = r->draft->key;
        link->remote = r->references;
        link->associated_with = r->references;
    } else {
        link->local = r->draft->key;
        link->remote = ds_link_implicit_names(r->build, r->draft, r->field, r->draft);
        link->associated_with = link->remote;
        rc = add_key(r, r->target, link->remote, r->draft, false);
        demand_parent(r, link);
    }
    if (rc == SQLITE_OK && r->index_name == NULL && belongs_back(r) == NULL) {
        link->generated_key = ds_arena_printf(r->build->arena, "gsi-%s.%s",
                                              r->draft->out->name, r->field->name);
    }
    return rc;
}

/* ---- @hasOne and @belongsTo ------------------------------------------------------------------ */

/* The foreign key is on this side and holds the target's key. */
static int make_over_fields(const ds_reading *r, ds_link *link) {
    link->local = r->fields;
    link->remote = ds_words_first(r->target->key, r->fields.n);
    link->target_names = r->fields;
    return ds_link_check_key(r->build, r->draft, r->fields, r->target, r->target->key,
                             r->directive->pos, r->directive->name);
}

static int make_over_generated(const ds_reading *r, ds_link *link, ds_words names,
                               bool is_required) {
    link->local = names;
    link->remote = ds_words_first(r->target->key, names.n);
    link->target_names = names;
    return add_key(r, r->draft, names, r->target, is_required);
}

static int make_has_one(const ds_reading *r, ds_link *link) {
    if (r->references.n > 0) {
        link->local = r->draft->key;
        link->remote = r->references;
        link->associated_with = r->references;
        return ds_references_check(r, r->target, r->draft);
    }
    int rc = r->fields.n > 0
                 ? make_over_fields(r, link)
                 : make_over_generated(
                       r, link,
                       ds_link_implicit_names(r->build, r->draft, r->field, r->target),
                       r->field->type.is_required);
    link->associated_with = r->target->key;
    if (!r->build->respects_key) {
        const char *back = belongs_back(r);
        link->associated_with =
            ds_words_one(r->build->arena, back ? back : r->target->key.items[0]);
    }
    return rc;
}

/* The first field of the target that owns this side, whichever of several is meant: Amplify
** takes the first, too. */
static const ds_draft_field *find_owner(const ds_reading *r) {
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        if (ds_link_leads_to(f, r->draft) && ds_link_owning(f) != NULL) {
            return f;
        }
    }
    return NULL;
}

/* A bare @belongsTo to a @hasMany uses the key of that @hasMany. */
static int make_like_owner(const ds_reading *r, ds_link *link,
                           const ds_draft_field *owner) {
    ds_reading o = {.build = r->build,
                    .directive = ds_link_owning(owner),
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
    if (o.fields.n == 0) {
        names = ds_link_implicit_names(r->build, r->target, owner, r->target);
        return make_over_generated(r, link, names, r->field->type.is_required);
    }
    rc = find_index(&o, &names);
    if (rc == SQLITE_OK) {
        ds_reading like = *r;
        like.fields = ds_words_first(names, o.fields.n);
        rc = make_over_fields(&like, link);
    }
    return rc;
}

static int make_belongs_to(const ds_reading *r, ds_link *link) {
    if (r->references.n > 0) {
        link->local = r->references;
        link->remote = r->target->key;
        link->target_names = r->references;
        return ds_references_check(r, r->draft, r->target);
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
    return make_over_generated(
        r, link, ds_link_implicit_names(r->build, r->draft, r->field, r->target),
        r->field->type.is_required);
}

/* ---- What is shown ---------------------------------------------------------------------------- */

static bool begins_with(ds_words fields, ds_words foreign) {
    return fields.n >= foreign.n &&
           ds_words_equal(ds_words_first(fields, foreign.n), foreign);
}

/* Is a part of a foreign key named by a key, while none begins with the foreign key? Then it must
** be shown, as the target name does not tell of it. */
static bool is_named_alone(const ds_draft *draft, ds_words foreign, const char *part) {
    bool is_named = ds_words_have(draft->key, part);
    bool is_told = begins_with(draft->key, foreign);
    for (const ds_draft_key *k = draft->keys; k; k = k->next) {
        is_named = is_named || ds_words_have(k->fields, part);
        is_told = is_told || begins_with(k->fields, foreign);
    }
    return is_named && !is_told;
}

/* Without custom keys on connection fields the generator shows the foreign key of a belongs-to
** only as its target name, which is its first part. An id stays: it would add one again. It hides
** parts that a key names, too, but nobody could read that. */
static void hide_target_names(const ds_reading *r, const ds_link *link) {
    bool hides = link->kind == DS_BELONGS_TO && r->references.n == 0;
    for (int i = 0; hides && i < link->local.n; i++) {
        const char *name = link->local.items[i];
        bool stays = strcmp(name, "id") == 0 ||
                     (i > 0 && is_named_alone(r->draft, link->local, name));
        ds_draft_field *field = ds_draft_field_find(r->draft, name);
        field->is_dropped = field->is_dropped || !stays;
    }
}

/* ---- All of them ------------------------------------------------------------------------------- */

static int make(ds_reading *r) {
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
    if (rc == SQLITE_OK && !r->build->respects_key) {
        hide_target_names(r, link);
    }
    return rc ? rc : ds_build_memory(r->build);
}

/* DataStore cannot tell who owns whom when both own each other. */
static int check_mutual(const ds_build *build, const ds_draft *draft,
                        const ds_draft_field *field) {
    const ds_draft *target = ds_draft_of(build, field->type.model);
    if (ds_link_owning(field) == NULL || target == draft) {
        return SQLITE_OK;
    }
    for (const ds_draft_field *f = target->fields; f; f = f->next) {
        if (ds_link_leads_to(f, draft) && ds_link_owning(f) != NULL) {
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
            ds_reading r = {.build = build,
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

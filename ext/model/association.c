/*
** Relations of a schema that came as JSON. It tells both ends of each, and Amplify's clients join
** by them at run time, so they stand.
*/
#include "model/import_int.h"

#include <string.h>

/* A key of this name is the generator's: gsi-Post.comments. */
#define GENERATED_KEY "gsi-"

static int fail(const ds_association *a, const char *why) {
    return ds_err_at(a->build->err, DS_AT(a->directive->pos), "%s", why);
}

/* ---- What the fields tell ----------------------------------------------------------------- */

/* The generator puts the keys that it adds behind the timestamps, which are read-only. Without
** those any field may be an added one. */
static void mark_fields(const ds_draft *draft) {
    const ds_draft_field *last = NULL;
    for (ds_draft_field *f = draft->fields; f; f = f->next) {
        f->is_read_only = ds_link_named(f, DS_READ_ONLY) != NULL;
        last = f->is_read_only ? f : last;
    }
    bool is_behind = last == NULL;
    for (ds_draft_field *f = draft->fields; f; f = f->next) {
        f->may_be_added = is_behind;
        is_behind = is_behind || f == last;
    }
}

/* The names of the primary key, which are checked when the foreign keys are there: some
** generators show a key that is a foreign key, too, only as the latter. */
static int note_key(ds_build *build, const ds_declared *type) {
    type->draft->key = ds_words_one(build->arena, "id");
    int rc = ds_build_memory(build);
    for (const ds_sdl_directive *d = type->parts->sdl->directives; rc == SQLITE_OK && d;
         d = d->next) {
        ds_words fields = {NULL, 0};
        if (strcmp(d->name, "key") == 0 && !ds_directive_has(d, "name")) {
            rc = ds_directive_words(build, d, "fields", &fields);
            type->draft->key = fields.n > 0 ? fields : type->draft->key;
        }
    }
    return rc;
}

/* ---- Relations whose key is on this side -------------------------------------------------- */

static int read_single(const ds_association *a, ds_link *link) {
    if (a->targets.n == 0) {
        return fail(a, "no \"targetNames\": the generator does not tell foreign keys for "
                       "transformer version 1, give the GraphQL schema instead");
    }
    int rc = ds_foreign_own_names(a, &link->local);
    link->remote = ds_words_first(a->target->key, link->local.n);
    link->target_names = a->targets;
    return rc ? rc : ds_foreign_need(a, a->draft, link->local, a->target);
}

static int read_kind(ds_association *a) {
    static const char *const kinds[] = {[DS_HAS_ONE] = "HAS_ONE",
                                        [DS_HAS_MANY] = "HAS_MANY",
                                        [DS_BELONGS_TO] = "BELONGS_TO"};
    const char *text = NULL;
    int rc = ds_directive_text(a->build, a->directive, "kind", &text);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (size_t i = 0; i < DS_COUNT(kinds); i++) {
        if (strcmp(text, kinds[i]) == 0) {
            a->kind = (ds_relation_kind)i;
            return SQLITE_OK;
        }
    }
    return fail(a, "\"connectionType\" must be HAS_ONE, HAS_MANY or BELONGS_TO");
}

static int read_arguments(ds_association *a) {
    int rc = read_kind(a);
    if (rc == SQLITE_OK && a->field->type.kind != DS_KIND_MODEL) {
        rc = ds_err_at(a->build->err, DS_AT(a->directive->pos),
                       "a relation must lead to a model, but \"%s\" is none",
                       ds_type_name(&a->field->type));
    }
    if (rc == SQLITE_OK && a->field->type.is_list != (a->kind == DS_HAS_MANY)) {
        rc = fail(a, a->field->type.is_list ? "a list must be HAS_MANY"
                                            : "HAS_MANY must be a list");
    }
    rc =
        rc ? rc
           : ds_directive_words(a->build, a->directive, "associatedWith", &a->associated);
    return rc ? rc
              : ds_directive_words(a->build, a->directive, "targetNames", &a->targets);
}

static int begin(ds_association *a) {
    a->target = ds_draft_of(a->build, a->field->type.model);
    ds_link *link = ds_link_new(a->build, a->draft, a->field, a->target, a->kind);
    if (link == NULL) {
        return ds_err_nomem(a->build->err);
    }
    link->associated_with = a->associated;
    bool is_here = a->kind == DS_BELONGS_TO ||
                   (a->kind == DS_HAS_ONE && (a->targets.n > 0 || a->associated.n == 0));
    return is_here ? read_single(a, link) : SQLITE_OK;
}

/* ---- Relations whose key is on the other side --------------------------------------------- */

static bool fits(const ds_association *a, ds_words fields) {
    bool all = fields.n >= a->draft->key.n;
    for (int i = 0; all && i < a->draft->key.n; i++) {
        all = ds_type_fits(&ds_draft_field_find(a->target, fields.items[i])->type,
                           &ds_draft_field_find(a->draft, a->draft->key.items[i])->type);
    }
    return all;
}

/* Of a key of the target that is looked up JSON tells the first field only. If the key can hold
** the whole primary key of this side, it does. */
static ds_words widen(const ds_association *a, const char *first) {
    ds_words found = a->associated;
    if (strcmp(a->target->key.items[0], first) == 0 && fits(a, a->target->key)) {
        found = a->target->key;
    }
    for (const ds_draft_key *k = a->target->keys; k; k = k->next) {
        if (found.n == 1 && strcmp(k->fields.items[0], first) == 0 &&
            fits(a, k->fields)) {
            found = k->fields;
        }
    }
    return ds_words_first(found, found.n > 1 ? a->draft->key.n : 1);
}

/* The belongs-to fields over what turned out to be only the first part of the key. */
static void widen_belongs_to(const ds_association *a, ds_words names) {
    for (ds_draft_field *f = a->target->fields; f; f = f->next) {
        if (f->link != NULL && f->link->target == a->draft &&
            ds_words_equal(f->link->target_names, a->associated)) {
            f->link->local = names;
            f->link->remote = a->draft->key;
        }
    }
}

/* What is associated with this side: the foreign key, or the belongs-to field over it. */
static int find_remote(const ds_association *a, ds_words *out) {
    if (a->associated.n == 0) {
        return fail(a, "no \"associatedWith\": the generator does not tell relations for "
                       "transformer version 1, give the GraphQL schema instead");
    }
    const char *name = a->associated.items[0];
    const ds_draft_field *first = ds_draft_field_find(a->target, name);
    if (a->associated.n == 1 && first != NULL && first->link != NULL) {
        *out = first->link->local;
        return first->link->target_names.n > 0
                   ? SQLITE_OK
                   : ds_err_at(
                         a->build->err, DS_AT(a->directive->pos),
                         "\"%s.%s\", with which it is associated, has no foreign key",
                         a->target->out->name, name);
    }
    *out = ds_foreign_names(a, a->associated, a->draft);
    if (out->n > a->associated.n) {
        widen_belongs_to(a, *out);
        a->field->link->associated_with = *out;
        return ds_build_memory(a->build);
    }
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < out->n; i++) {
        ds_draft_field *field = NULL;
        rc = ds_draft_need_scalar(a->build, a->target, out->items[i], a->directive->pos,
                                  "\"associatedWith\"", &field);
    }
    if (rc == SQLITE_OK && out->n == 1 && a->draft->key.n > 1) {
        *out = widen(a, name);
    }
    return rc;
}

/* The API takes no child without a parent where the list of children is required, unless the key
** is the user's own. */
static void demand_parent(const ds_association *a, ds_words names) {
    bool is_named = strcmp(a->associated.items[0], names.items[0]) == 0;
    bool demands = a->kind == DS_HAS_MANY && !a->field->type.is_list_nullable && is_named;
    for (int i = 0; demands && i < names.n; i++) {
        ds_draft_field *key = ds_draft_field_find(a->target, names.items[i]);
        key->is_demanded = key->is_demanded || key->is_late;
    }
}

static int finish(const ds_association *a) {
    ds_link *link = a->field->link;
    int rc = find_remote(a, &link->remote);
    rc = rc ? rc : ds_foreign_need(a, a->target, link->remote, a->draft);
    if (rc == SQLITE_OK) {
        link->local = ds_words_first(a->draft->key, link->remote.n);
        demand_parent(a, link->remote);
    }
    return rc;
}

/* ---- All of them -------------------------------------------------------------------------- */

bool ds_association_makes_key(const ds_build *build, const ds_draft *draft,
                              const char *name) {
    const size_t start = sizeof GENERATED_KEY - 1;
    const char *dot = strchr(name, '.');
    if (strncmp(name, GENERATED_KEY, start) != 0 || dot == NULL) {
        return false;
    }
    const char *type =
        ds_arena_text(build->arena, name + start, (size_t)(dot - name) - start);
    const ds_model *model = type ? ds_map_get(&build->models_by_name, type) : NULL;
    ds_draft_field *field =
        model ? ds_draft_field_find(ds_draft_of(build, model), dot + 1) : NULL;
    ds_link *link = field ? field->link : NULL;
    if (link == NULL || link->kind != DS_HAS_MANY || link->target != draft) {
        return false;
    }
    link->generated_key = name;
    return true;
}

/* Visit every association; the second time those that `begin` has left open. */
static int visit_all(ds_build *build, bool is_first) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        ds_draft *draft = &build->drafts[i];
        for (ds_draft_field *f = draft->fields; rc == SQLITE_OK && f; f = f->next) {
            ds_association a = {.build = build,
                                .directive = ds_link_named(f, DS_ASSOCIATION),
                                .draft = draft,
                                .field = f};
            if (a.directive == NULL) {
                continue;
            }
            rc = read_arguments(&a);
            if (rc == SQLITE_OK && is_first) {
                rc = begin(&a);
            } else if (rc == SQLITE_OK && f->link->local.n == 0) {
                a.target = f->link->target;
                rc = finish(&a);
            }
        }
    }
    return rc ? rc : ds_build_memory(build);
}

int ds_association_read(ds_build *build) {
    int rc = SQLITE_OK;
    for (const ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        if (t->draft != NULL) {
            mark_fields(t->draft);
            rc = note_key(build, t);
        }
    }
    rc = rc ? rc : visit_all(build, true);
    rc = rc ? rc : ds_key_read(build);
    rc = rc ? rc : visit_all(build, false);
    return rc ? rc : ds_join_mark(build);
}

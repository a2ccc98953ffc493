/*
** Relations of transformer 1: @connection in its three forms. With `fields` it goes over a key
** that the schema declares, with `name` two fields are halves of one relation, with neither
** the field stands alone.
*/
#include "model/model_int.h"

#include <string.h>

/* One @connection while it is being read: field `field` of `draft`, leading to `target`. */
typedef struct connection {
    ds_build *build;
    const ds_sdl_directive *directive;
    ds_draft *draft;
    ds_draft_field *field;
    ds_draft *target;
    const char *name;
    const char *key_field;
    const char *key_name;
    const char *sort_field;
    ds_words fields;             /* n == 0: not in the key form */
    ds_words key;                /* key form: the target's key that is looked up */
    const ds_draft_field *other; /* the other side's field, NULL when it is one way */
} connection;

static int fail(const connection *c, const char *why) {
    return ds_err_at(c->build->err, DS_AT(c->directive->pos),
                     "@connection of \"%s.%s\": %s", c->draft->out->name, c->field->name,
                     why);
}

static const ds_sdl_directive *connection_of(const ds_draft_field *field) {
    return field->sdl ? ds_sdl_directive_find(field->sdl->directives, "connection")
                      : NULL;
}

/* The first text of an argument that may be a text or a list; NULL when there is none. */
static const char *first_text(const ds_sdl_directive *directive, const char *argument) {
    const ds_sdl_value *value =
        directive ? ds_sdl_argument_find(directive, argument) : NULL;
    if (value != NULL && value->kind == DS_SDL_LIST) {
        value = value->children;
    }
    return value != NULL && value->kind == DS_SDL_STRING ? value->text : NULL;
}

static int read_arguments(connection *c) {
    const ds_build *build = c->build;
    int rc = ds_directive_text(build, c->directive, "name", &c->name);
    rc = rc ? rc : ds_directive_text(build, c->directive, "keyField", &c->key_field);
    rc = rc ? rc : ds_directive_text(build, c->directive, "keyName", &c->key_name);
    rc = rc ? rc : ds_directive_text(build, c->directive, "sortField", &c->sort_field);
    rc = rc ? rc : ds_directive_words(build, c->directive, "fields", &c->fields);
    if (rc == SQLITE_OK && c->key_name != NULL && !c->field->type.is_list) {
        rc = fail(
            c, "\"keyName\" is for lists, a single object is found by its primary key");
    }
    return rc;
}

/* ---- The other side -------------------------------------------------------------------------- */

static int find_key(connection *c) {
    c->key = c->target->key;
    if (c->key_name == NULL) {
        ds_draft_field *first = NULL;
        return ds_draft_need_field(c->build, c->target, c->key.items[0],
                                   c->directive->pos, "\"fields\" of @connection",
                                   &first);
    }
    const ds_draft_key *key = ds_key_find(c->target, c->key_name);
    if (key != NULL) {
        c->key = key->fields;
        return SQLITE_OK;
    }
    ds_words names = ds_key_names(c->build, c->target);
    return ds_err_at(c->build->err, DS_AT(c->directive->pos),
                     "@connection of \"%s.%s\": \"%s\" has no @key named \"%s\"%s",
                     c->draft->out->name, c->field->name, c->target->out->name,
                     c->key_name,
                     ds_build_hint(c->build, c->key_name, names.items, (size_t)names.n));
}

/* Over a key: the first field of the target that uses the key's first field, whatever its
** type, else that key field itself. */
static const ds_draft_field *other_over_key(const connection *c) {
    for (const ds_draft_field *f = c->target->fields; f; f = f->next) {
        const char *first = first_text(connection_of(f), "fields");
        if (first != NULL && strcmp(first, c->key.items[0]) == 0) {
            return f;
        }
    }
    return ds_draft_field_find(c->target, c->key.items[0]);
}

/* The first of the fields but this one that has the connection's name. */
static const ds_draft_field *next_named(const connection *c,
                                        const ds_draft_field *fields) {
    for (const ds_draft_field *f = fields; f; f = f->next) {
        const char *name = first_text(connection_of(f), "name");
        if (f != c->field && name != NULL && strcmp(name, c->name) == 0) {
            return f;
        }
    }
    return NULL;
}

static bool is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Where more fields of `draft` than `half` have the connection's name, all are lists of one type
** over one foreign key: that of the single object which is the `other` half of each. */
static int check_same(const connection *c, const ds_draft *draft,
                      const ds_draft_field *half, const ds_draft_field *other) {
    const char *key = first_text(connection_of(half), "keyField");
    bool may_share = half->type.is_list && !other->type.is_list && c->draft != c->target;
    const ds_draft_field *f = draft->fields;
    for (; (f = next_named(c, f)) != NULL; f = f->next) {
        if (f == half || f == other) {
            continue;
        }
        if (!may_share || !f->type.is_list || f->type.model != half->type.model) {
            return fail(c, "more than two fields have its name");
        }
        if (!is_same_text(key, first_text(connection_of(f), "keyField"))) {
            return fail(c, "the fields with its name differ in their \"keyField\"");
        }
    }
    return SQLITE_OK;
}

static int check_siblings(const connection *c) {
    int rc = check_same(c, c->target, c->other, c->field);
    return rc ? rc : check_same(c, c->draft, c->field, c->other);
}

/* A name makes a relation of two halves, each of which leads to the other's model. */
static int find_named(connection *c) {
    c->other = next_named(c, c->target->fields);
    if (c->other == NULL) {
        return ds_err_at(
            c->build->err, DS_AT(c->directive->pos),
            "@connection of \"%s.%s\" is half a relation: \"%s\" has no field "
            "with @connection(name: \"%s\")",
            c->draft->out->name, c->field->name, c->target->out->name, c->name);
    }
    if (!ds_link_leads_to(c->other, c->draft)) {
        return ds_err_at(c->build->err, DS_AT(c->directive->pos),
                         "@connection of \"%s.%s\": its other half \"%s.%s\" leads to "
                         "\"%s\"",
                         c->draft->out->name, c->field->name, c->target->out->name,
                         c->other->name, ds_type_name(&c->other->type));
    }
    return check_siblings(c);
}

static const char *implicit_key(const connection *c, const ds_draft *draft,
                                const ds_draft_field *field) {
    return ds_name_camel(c->build->arena, draft->out->name, field->name, "id");
}

static int find_other(connection *c) {
    if (c->fields.n > 0) {
        int rc = find_key(c);
        rc = rc ? rc
                : ds_link_check_key(c->build, c->draft, c->fields, c->target, c->key,
                                    c->directive->pos, "connection");
        c->other = rc ? NULL : other_over_key(c);
        return rc;
    }
    if (c->name != NULL) {
        return find_named(c);
    }
    const char *name = implicit_key(c, c->draft, c->field);
    if (name == NULL) {
        return ds_err_nomem(c->build->err);
    }
    c->other = ds_draft_field_find(c->target, name);
    c->other = c->other && c->other->is_late ? NULL : c->other;
    return SQLITE_OK;
}

/* ---- Checks ----------------------------------------------------------------------------------- */

/* The server sorts the related rows by that field. */
static int check_sort_field(const connection *c) {
    if (c->sort_field == NULL || c->fields.n > 0) {
        return SQLITE_OK;
    }
    const char *what = "\"sortField\" of @connection";
    ds_draft_field *field = NULL;
    bool is_list = c->field->type.is_list;
    int rc = ds_draft_need_scalar(c->build, is_list ? c->target : c->draft, c->sort_field,
                                  c->directive->pos, what, &field);
    if (rc == SQLITE_OK && field->type.kind == DS_KIND_SCALAR &&
        field->type.scalar == DS_BOOLEAN) {
        rc = fail(c, "\"sortField\" must not be a Boolean");
    }
    if (rc == SQLITE_OK && !is_list && c->name == NULL && c->target->key.n < 2) {
        rc = fail(c, "\"sortField\" needs a target whose primary @key has a sort key");
    }
    return rc;
}

static int check_key_field(const connection *c, const ds_draft *holder,
                           const char *name) {
    const ds_draft_field *field = ds_draft_field_find(holder, name);
    if (field == NULL || field->is_late) {
        return SQLITE_OK;
    }
    bool is_text = field->type.kind == DS_KIND_SCALAR && !field->type.is_list &&
                   (field->type.scalar == DS_ID || field->type.scalar == DS_STRING);
    return is_text ? SQLITE_OK
                   : ds_err_at(
                         c->build->err, DS_AT(c->directive->pos),
                         "@connection of \"%s.%s\": the foreign key \"%s.%s\" must be of "
                         "type ID or String",
                         c->draft->out->name, c->field->name, holder->out->name, name);
}

/* ---- Kinds ------------------------------------------------------------------------------------ */

/* The foreign key of a single-valued side, without `fields`: its own keyField, its other
** half's, or the implicit name. */
static const char *foreign_key(const connection *c, const ds_draft *draft,
                               const ds_draft_field *field) {
    const char *own = first_text(connection_of(field), "keyField");
    const ds_draft_field *half = field == c->field ? c->other : c->field;
    if (own == NULL && c->name != NULL) {
        own = first_text(connection_of(half), "keyField");
    }
    return own ? own : implicit_key(c, draft, field);
}

/* Add the foreign key `name` to `holder` for the first key field of `parent`. The API makes
** it an ID, whatever that field is. */
static int add_foreign_key(const connection *c, ds_draft *holder, const char *name,
                           bool is_required, bool is_dropped) {
    int rc = name ? check_key_field(c, holder, name) : ds_err_nomem(c->build->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool is_new = ds_draft_field_find(holder, name) == NULL;
    ds_type type = ds_type_scalar(DS_ID, is_required);
    rc = ds_link_add_typed(c->build, holder, name, &type, c->directive->pos);
    if (rc == SQLITE_OK && is_new) {
        ds_draft_field_find(holder, name)->is_dropped = is_dropped;
    }
    return rc;
}

static int make_has_many(const connection *c) {
    ds_arena *arena = c->build->arena;
    ds_link *link = ds_link_new(c->build, c->draft, c->field, c->target, DS_HAS_MANY);
    if (link == NULL) {
        return ds_err_nomem(c->build->err);
    }
    int rc = SQLITE_OK;
    if (c->fields.n > 0) {
        link->local = c->fields;
        link->remote = ds_words_first(c->key, c->fields.n);
        link->associated_with = ds_words_one(arena, c->other->name);
    } else if (c->name != NULL) {
        link->remote = ds_words_one(arena, foreign_key(c, c->target, c->other));
        link->associated_with = ds_words_one(arena, c->other->name);
    } else {
        const char *name =
            c->key_field ? c->key_field : implicit_key(c, c->draft, c->field);
        rc = add_foreign_key(c, c->target, name, false, false);
        link->remote = ds_words_one(arena, name);
        link->associated_with = link->remote;
    }
    if (c->fields.n == 0) {
        link->local = ds_words_first(c->draft->key, 1);
    }
    return rc ? rc : ds_build_memory(c->build);
}

/* Belongs-to, or a has-one whose foreign key sits on this side. */
static int make_single(const connection *c, ds_relation_kind kind) {
    ds_arena *arena = c->build->arena;
    bool is_required = c->field->type.is_required;
    if (kind == DS_BELONGS_TO && c->fields.n > 1) {
        return fail(c,
                    "a field that belongs to another model takes one name in \"fields\", "
                    "DataStore has no composite keys there");
    }
    ds_link *link = ds_link_new(c->build, c->draft, c->field, c->target, kind);
    if (link == NULL) {
        return ds_err_nomem(c->build->err);
    }
    int rc = SQLITE_OK;
    if (c->fields.n > 0) {
        link->local = c->fields;
        link->remote = ds_words_first(c->key, c->fields.n);
    } else {
        const char *name = foreign_key(c, c->draft, c->field);
        rc = add_foreign_key(c, c->draft, name, is_required, true);
        link->local = ds_words_one(arena, name);
        link->remote = ds_words_first(c->target->key, 1);
    }
    link->target_names = ds_words_first(link->local, 1);
    if (kind == DS_HAS_ONE) {
        link->associated_with = ds_words_one(arena, c->other->name);
    } else if (rc == SQLITE_OK && link->local.n > 0) {
        /* The generator shows the key only as the relation's target name, unless it is the
        ** id, which it would add again. */
        ds_draft_field *key = ds_draft_field_find(c->draft, link->local.items[0]);
        key->is_dropped = key->is_dropped || strcmp(key->name, "id") != 0;
    }
    return rc ? rc : ds_build_memory(c->build);
}

/* DataStore tells the owner of a one-to-one relation by its being optional. */
static int refuse_one_to_one(const connection *c) {
    if (c->other->type.kind != DS_KIND_MODEL) {
        return ds_err_at(
            c->build->err, DS_AT(c->directive->pos),
            "@connection of \"%s.%s\": a single object must be optional where "
            "no field of \"%s\" leads back",
            c->draft->out->name, c->field->name, c->target->out->name);
    }
    return ds_err_at(
        c->build->err, DS_AT(c->directive->pos),
        "@connection of \"%s.%s\": of a one-to-one relation exactly one side "
        "must be required, but \"%s.%s\" is %s as well",
        c->draft->out->name, c->field->name, c->target->out->name, c->other->name,
        c->other->type.is_required ? "required" : "optional");
}

static int make(const connection *c) {
    bool many = c->field->type.is_list;
    bool other_many = c->other != NULL && c->other->type.is_list;
    if (many && other_many) {
        return fail(c, "many-to-many needs a model of its own between the two");
    }
    if (many) {
        return make_has_many(c);
    }
    if (other_many || c->other == NULL) {
        return make_single(c, DS_BELONGS_TO);
    }
    if (c->field->type.is_required == c->other->type.is_required) {
        return refuse_one_to_one(c);
    }
    return make_single(c, c->field->type.is_required ? DS_BELONGS_TO : DS_HAS_ONE);
}

int ds_relation_v1(ds_build *build) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        ds_draft *draft = &build->drafts[i];
        for (ds_draft_field *f = draft->fields; rc == SQLITE_OK && f; f = f->next) {
            connection c = {.build = build,
                            .directive = connection_of(f),
                            .draft = draft,
                            .field = f};
            if (c.directive == NULL) {
                continue;
            }
            c.target = ds_draft_of(build, f->type.model);
            rc = read_arguments(&c);
            rc = rc ? rc : find_other(&c);
            rc = rc ? rc : check_sort_field(&c);
            rc = rc ? rc : make(&c);
        }
    }
    return rc;
}

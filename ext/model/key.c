/*
** Keys: @key of transformer 1 and of imported schemas, @primaryKey and @index of transformer 2, and the id of models
** that declare no key of their own.
*/
#include "model/import_int.h"

#include <string.h>

const ds_draft_key *ds_key_find(const ds_draft *draft, const char *name) {
    const ds_draft_key *key = draft->keys;
    while (key != NULL && strcmp(key->name, name) != 0) {
        key = key->next;
    }
    return key;
}

ds_words ds_key_names(const ds_build *build, const ds_draft *draft) {
    int n = 0;
    const char **names = ds_words_new(build->arena, draft->n_keys);
    for (const ds_draft_key *key = draft->keys; names && key; key = key->next) {
        names[n++] = key->name;
    }
    return (ds_words){names, n};
}

ds_draft_key *ds_key_add(ds_build *build, ds_draft *draft, const char *name,
                         ds_words fields, ds_sdl_pos pos) {
    ds_draft_key *key = ds_arena_alloc(build->arena, sizeof *key);
    if (key != NULL) {
        *key = (ds_draft_key){.name = name, .fields = fields, .pos = pos};
        *draft->keys_end = key;
        draft->keys_end = &key->next;
        draft->n_keys++;
    }
    return key;
}

const char *ds_key_default_name(ds_build *build, const ds_draft *draft, ds_words fields) {
    const char *plural = ds_name_plural(build->arena, draft->out->name);
    const char *text = NULL;
    if (plural != NULL) {
        text = ds_arena_printf(build->arena, "%sBy", ds_name_lower(build->arena, plural));
    }
    for (int i = 0; i < fields.n && text != NULL; i++) {
        text = ds_arena_printf(build->arena, "%s%s%s", text, i ? "And" : "",
                               ds_name_capital(build->arena, fields.items[i]));
    }
    return text;
}

/* ---- What both versions check -------------------------------------------------------------- */

/* The fields of a key: there, scalars, each once; required in a primary key. */
static int check_fields(const ds_build *build, const ds_draft *draft, ds_words fields,
                        bool is_primary, const ds_sdl_directive *directive) {
    const char *what = ds_arena_printf(build->arena, "@%s", directive->name);
    int rc = what ? SQLITE_OK : ds_err_nomem(build->err);
    for (int i = 0; rc == SQLITE_OK && i < fields.n; i++) {
        ds_draft_field *field = NULL;
        rc = ds_draft_need_scalar(build, draft, fields.items[i], directive->pos, what,
                                  &field);
        if (rc == SQLITE_OK && is_primary && !field->type.is_required) {
            rc = ds_err_at(
                build->err, DS_AT(directive->pos),
                "%s: field \"%s.%s\" of the primary key must be required (%s!)", what,
                draft->out->name, field->name, ds_type_name(&field->type));
        }
        if (rc == SQLITE_OK &&
            ds_words_have(ds_words_first(fields, i), fields.items[i])) {
            rc = ds_err_at(build->err, DS_AT(directive->pos),
                           "%s of \"%s\" names the field \"%s\" twice", what,
                           draft->out->name, fields.items[i]);
        }
    }
    return rc;
}

static int set_primary(ds_build *build, ds_draft *draft, ds_words fields,
                       const ds_sdl_directive *directive) {
    if (draft->has_custom_key) {
        return ds_err_at(build->err, DS_AT(directive->pos),
                         "\"%s\" has a second primary key", draft->out->name);
    }
    draft->has_custom_key = true;
    draft->key = fields;
    return check_fields(build, draft, fields, true, directive);
}

static int add_named(ds_build *build, ds_draft *draft, const char *name, ds_words fields,
                     const ds_sdl_directive *directive) {
    if (ds_key_find(draft, name) != NULL) {
        return ds_err_at(build->err, DS_AT(directive->pos),
                         "\"%s\" has a second key named \"%s\"", draft->out->name, name);
    }
    if (draft->n_keys >= DS_MAX_KEYS) {
        return ds_err_at(build->err, DS_AT(directive->pos),
                         "\"%s\" has more than %d keys", draft->out->name, DS_MAX_KEYS);
    }
    int rc = check_fields(build, draft, fields, false, directive);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_draft_key *key = ds_key_add(build, draft, name, fields, directive->pos);
    if (key == NULL) {
        return ds_err_nomem(build->err);
    }
    const ds_sdl_value *query = ds_sdl_argument_find(directive, "queryField");
    if (query == NULL || query->kind == DS_SDL_NULL) {
        return SQLITE_OK;
    }
    rc = ds_directive_text(build, directive, "queryField", &key->query_field);
    if (rc == SQLITE_OK && !ds_word_is_name(key->query_field)) {
        rc = ds_err_at(build->err, DS_AT(query->pos),
                       "the \"queryField\" of a key must be a name, not \"%.40s\"",
                       key->query_field);
    }
    return rc;
}

/* ---- Transformer 1 --------------------------------------------------------------------------- */

static int read_v1_key(ds_build *build, ds_draft *draft,
                       const ds_sdl_directive *directive) {
    const char *name = NULL;
    ds_words fields;
    int rc = ds_directive_text(build, directive, "name", &name);
    if (rc == SQLITE_OK && build->catalog->is_imported && name != NULL &&
        ds_association_makes_key(build, draft, name)) {
        return SQLITE_OK;
    }
    rc = rc ? rc : ds_directive_words(build, directive, "fields", &fields);
    if (rc == SQLITE_OK && fields.n == 0) {
        rc = ds_err_at(build->err, DS_AT(directive->pos),
                       "@key of \"%s\" needs \"fields\"", draft->out->name);
    }
    if (rc == SQLITE_OK && name == NULL && ds_directive_has(directive, "queryField")) {
        rc =
            ds_err_at(build->err, DS_AT(directive->pos),
                      "@key of \"%s\": a primary key (no \"name\") has no \"queryField\"",
                      draft->out->name);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    return name ? add_named(build, draft, name, fields, directive)
                : set_primary(build, draft, fields, directive);
}

static int read_v1(ds_build *build, const ds_declared *type) {
    int rc = SQLITE_OK;
    for (const ds_part *p = type->parts; p; p = p->next) {
        for (const ds_sdl_directive *d = p->sdl->directives; rc == SQLITE_OK && d;
             d = d->next) {
            if (strcmp(d->name, "key") == 0) {
                rc = read_v1_key(build, type->draft, d);
            }
        }
    }
    return rc;
}

/* ---- Transformer 2 --------------------------------------------------------------------------- */

/* The field itself, then its sortKeyFields. */
static int v2_fields(const ds_build *build, const ds_draft_field *field,
                     const ds_sdl_directive *directive, ds_words *out) {
    const ds_sdl_value *given = ds_sdl_argument_find(directive, "sortKeyFields");
    ds_words sort = {NULL, 0};
    int rc = SQLITE_OK;
    bool is_empty = given && given->kind == DS_SDL_LIST && given->children == NULL;
    if (given != NULL && !is_empty) {
        rc = ds_directive_words(build, directive, "sortKeyFields", &sort);
    }
    if (rc == SQLITE_OK && sort.n >= DS_MAX_KEY_COLUMNS) {
        rc = ds_err_at(build->err, DS_AT(directive->pos),
                       "a key must not have more than %d fields", DS_MAX_KEY_COLUMNS);
    }
    const char **items = ds_words_new(build->arena, sort.n + 1);
    if (rc != SQLITE_OK || items == NULL) {
        return rc ? rc : ds_err_nomem(build->err);
    }
    items[0] = field->name;
    for (int i = 0; i < sort.n; i++) {
        items[i + 1] = sort.items[i];
    }
    *out = (ds_words){items, sort.n + 1};
    return SQLITE_OK;
}

static bool is_index_name(const char *name) {
    size_t n = strlen(name);
    return n >= 3 && n <= 255 &&
           strspn(name,
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               n;
}

/* The server has no order for booleans. */
static int check_sort_fields(const ds_build *build, const ds_draft *draft,
                             ds_words fields, const ds_sdl_directive *directive) {
    for (int i = 1; i < fields.n; i++) {
        const ds_draft_field *field = ds_draft_field_find(draft, fields.items[i]);
        if (field != NULL && field->type.kind == DS_KIND_SCALAR &&
            field->type.scalar == DS_BOOLEAN) {
            return ds_err_at(build->err, DS_AT(directive->pos),
                             "@%s: the Boolean \"%s.%s\" cannot be a sort key",
                             directive->name, draft->out->name, field->name);
        }
    }
    return SQLITE_OK;
}

static int read_index(ds_build *build, ds_draft *draft, const ds_draft_field *field,
                      const ds_sdl_directive *directive) {
    const char *name = NULL;
    ds_words fields;
    int rc = ds_directive_text(build, directive, "name", &name);
    rc = rc ? rc : v2_fields(build, field, directive, &fields);
    if (rc == SQLITE_OK && name != NULL && !is_index_name(name)) {
        rc = ds_err_at(
            build->err, DS_AT(directive->pos),
            "the index name \"%s\" must be 3 to 255 of the characters A-Z a-z 0-9 "
            "_ . -",
            name);
    }
    if (rc == SQLITE_OK && name == NULL) {
        name = ds_key_default_name(build, draft, fields);
        rc = name ? SQLITE_OK : ds_err_nomem(build->err);
    }
    rc = rc ? rc : add_named(build, draft, name, fields, directive);
    return rc ? rc : check_sort_fields(build, draft, fields, directive);
}

static int read_primary(ds_build *build, ds_draft *draft, const ds_draft_field *field,
                        const ds_sdl_directive *directive) {
    ds_words fields;
    int rc = v2_fields(build, field, directive, &fields);
    rc = rc ? rc : set_primary(build, draft, fields, directive);
    return rc ? rc : check_sort_fields(build, draft, fields, directive);
}

/* An index on the field of the primary key would find a single row: the server has none. */
static int check_local(const ds_build *build, const ds_draft *draft) {
    for (const ds_draft_key *key = draft->keys; key; key = key->next) {
        if (draft->has_custom_key && draft->key.n == 1 &&
            strcmp(key->fields.items[0], draft->key.items[0]) == 0) {
            return ds_err_at(
                build->err, DS_AT(key->pos),
                "index \"%s\" of \"%s\" begins with the field of the primary "
                "key, which must have sortKeyFields then",
                key->name, draft->out->name);
        }
    }
    return SQLITE_OK;
}

static int read_v2(ds_build *build, ds_draft *draft) {
    int rc = SQLITE_OK;
    for (const ds_draft_field *f = draft->fields; rc == SQLITE_OK && f; f = f->next) {
        for (const ds_sdl_directive *d = f->sdl->directives; rc == SQLITE_OK && d;
             d = d->next) {
            if (strcmp(d->name, "primaryKey") == 0) {
                rc = read_primary(build, draft, f, d);
            } else if (strcmp(d->name, "index") == 0) {
                rc = read_index(build, draft, f, d);
            }
        }
    }
    return rc;
}

int ds_key_check_names(const ds_build *build) {
    for (int i = 0; i < build->n_models; i++) {
        const ds_draft *draft = &build->drafts[i];
        for (const ds_draft_key *key = draft->keys; key; key = key->next) {
            if (ds_association_makes_key(build, draft, key->name)) {
                return ds_err_at(build->err, DS_AT(key->pos),
                                 "\"%s\" has a key named \"%s\", which is Amplify's name "
                                 "for the index of that relation",
                                 draft->out->name, key->name);
            }
        }
    }
    return ds_build_memory(build);
}

/* ---- id ------------------------------------------------------------------------------------------ */

static int settle_id(ds_build *build, ds_draft *draft) {
    ds_draft_field *id = ds_draft_field_find(draft, "id");
    if (id == NULL && !draft->has_custom_key) {
        id = ds_draft_add_field(build, draft, "id", ds_type_scalar(DS_ID, true));
        if (id == NULL) {
            return ds_err_nomem(build->err);
        }
    }
    if (id == NULL) {
        return SQLITE_OK;
    }
    ds_draft_move(draft, id, draft->fields);
    if (draft->has_custom_key) {
        return SQLITE_OK;
    }
    if (id->type.is_list || id->type.kind != DS_KIND_SCALAR) {
        return ds_err_at(build->err, DS_AT(id->pos),
                         "\"%s.id\" is the primary key and must be a scalar, such as ID!",
                         draft->out->name);
    }
    id->type.is_required = true;
    draft->key = ds_words_one(build->arena, "id");
    return ds_build_memory(build);
}

int ds_key_read(ds_build *build) {
    int rc = SQLITE_OK;
    for (ds_declared *t = build->types; rc == SQLITE_OK && t; t = t->next) {
        if (t->draft == NULL) {
            continue;
        }
        bool is_v1 =
            build->catalog->is_imported || build->catalog->transformer_version == 1;
        rc = is_v1 ? read_v1(build, t) : read_v2(build, t->draft);
        rc = rc ? rc : settle_id(build, t->draft);
        if (rc == SQLITE_OK && !is_v1) {
            rc = check_local(build, t->draft);
        }
        rc = rc ? rc : ds_timestamp_add(build, t->draft);
    }
    return rc;
}

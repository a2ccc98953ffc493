/*
** @manyToMany of transformer 2: two lists with one relationName make a join model, to which
** both become has-many.
*/
#include "model/check_int.h"
#include "model/model_int.h"

#include <string.h>

/* One relation by name: its two ends, as far as they were met. */
typedef struct pair {
    const char *name;
    ds_draft *drafts[2];
    ds_draft_field *fields[2];
    const ds_sdl_directive *directives[2];
    int n;
    struct pair *next;
} pair;

int ds_many_count(const ds_build *build) {
    int n = 0;
    for (const ds_declared *t = build->types; t; t = t->next) {
        for (const ds_part *p = t->parts; p; p = p->next) {
            for (const ds_sdl_field *f = p->sdl->fields; f; f = f->next) {
                n += ds_sdl_directive_find(f->directives, "manyToMany") != NULL;
            }
        }
    }
    return n;
}

static int not_two(const ds_build *build, const char *name, const ds_sdl_directive *d) {
    return ds_err_at(build->err, DS_AT(d->pos),
                     "@manyToMany \"%s\" must stand on exactly two fields", name);
}

static int collect_field(ds_build *build, ds_map *pairs, pair ***end, ds_draft *draft,
                         ds_draft_field *field, const ds_sdl_directive *d) {
    const char *name = NULL;
    int rc = ds_directive_text(build, d, "relationName", &name);
    if (rc == SQLITE_OK && name == NULL) {
        rc = ds_err_at(build->err, DS_AT(d->pos), "@manyToMany needs a \"relationName\"");
    }
    if (rc == SQLITE_OK && !field->type.is_list) {
        rc = ds_err_at(build->err, DS_AT(d->pos), "@manyToMany: \"%s.%s\" must be a list",
                       draft->out->name, field->name);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    pair *p = ds_map_get(pairs, name);
    if (p == NULL) {
        p = ds_arena_alloc(build->arena, sizeof *p);
        if (p == NULL) {
            return ds_err_nomem(build->err);
        }
        p->name = name;
        ds_map_put(pairs, name, p);
        **end = p;
        *end = &p->next;
    }
    if (p->n == 2) {
        return not_two(build, name, d);
    }
    p->drafts[p->n] = draft;
    p->fields[p->n] = field;
    p->directives[p->n++] = d;
    return SQLITE_OK;
}

static int collect(ds_build *build, pair **out) {
    ds_map pairs;
    pair **end = out;
    ds_map_init(&pairs, build->arena, false);
    int rc = SQLITE_OK;
    for (int i = 0; i < build->n_models; i++) {
        ds_draft *draft = &build->drafts[i];
        for (ds_draft_field *f = draft->fields; rc == SQLITE_OK && f; f = f->next) {
            const ds_sdl_directive *d =
                f->sdl ? ds_sdl_directive_find(f->sdl->directives, "manyToMany") : NULL;
            if (d != NULL) {
                rc = collect_field(build, &pairs, &end, draft, f, d);
            }
        }
    }
    return rc ? rc : ds_build_memory(build);
}

/* ---- The join model --------------------------------------------------------------------------- */

/* The relation's name as a type: only what GraphQL allows, from the first letter on. */
static char *join_name(const ds_build *build, const char *name) {
    char *text = ds_arena_text(build->arena, name, strlen(name));
    size_t n = 0;
    for (const char *p = name; text != NULL && *p; p++) {
        bool is_more = ds_char_is_digit(*p) || *p == '_';
        if (ds_char_is_letter(*p) || (n > 0 && is_more)) {
            text[n++] = *p;
        }
    }
    if (text != NULL) {
        text[n] = '\0';
    }
    return text ? ds_name_capital(build->arena, text) : NULL;
}

static int check_pair(const ds_build *build, const pair *p, const char *name) {
    if (p->n != 2) {
        return not_two(build, p->name, p->directives[0]);
    }
    for (int i = 0; i < 2; i++) {
        const ds_draft *expected = p->drafts[1 - i];
        if (p->fields[i]->type.model != expected->out) {
            return ds_err_at(
                build->err, DS_AT(p->directives[i]->pos),
                "@manyToMany \"%s\": \"%s.%s\" must be a list of \"%s\", not of "
                "\"%s\"",
                p->name, p->drafts[i]->out->name, p->fields[i]->name, expected->out->name,
                ds_type_name(&p->fields[i]->type));
        }
    }
    ds_sdl_pos pos = p->directives[1]->pos;
    if (p->drafts[0] == p->drafts[1]) {
        return ds_err_at(
            build->err, DS_AT(pos),
            "@manyToMany \"%s\" cannot relate \"%s\" to itself: write the model "
            "between them yourself",
            p->name, p->drafts[0]->out->name);
    }
    if (name[0] == '\0' || strlen(name) > DS_MAX_NAME_BYTES) {
        return ds_err_at(build->err, DS_AT(pos),
                         "@manyToMany: the relationName must have 1 to %d letters",
                         DS_MAX_NAME_BYTES);
    }
    if (ds_map_get(&build->types_by_name, name) != NULL) {
        return ds_err_at(build->err, DS_AT(pos),
                         "@manyToMany \"%s\" makes a type \"%s\", which exists already",
                         p->name, name);
    }
    return SQLITE_OK;
}

/* Names of the join's fields for the key of one side. Sort keys are appended as they are
** written: that is Amplify's way, too. */
static ds_words key_names(const ds_build *build, const ds_draft *side) {
    const char *low = ds_name_lower(build->arena, side->out->name);
    const char **names = ds_words_new(build->arena, side->key.n);
    for (int i = 0; low != NULL && names != NULL && i < side->key.n; i++) {
        names[i] = i > 0 ? ds_arena_printf(build->arena, "%s%s", low, side->key.items[i])
                   : build->respects_key
                       ? ds_name_camel(build->arena, low, side->key.items[0], "")
                       : ds_arena_printf(build->arena, "%sID", low);
    }
    return (ds_words){names, names ? side->key.n : 0};
}

static int gets_two(const ds_build *build, const ds_draft *join, const char *name) {
    return ds_err_at(build->err, DS_AT(join->pos),
                     "the join model \"%s\" gets two fields \"%s\"", join->out->name,
                     name);
}

/* The fields that hold the key of one side, and an index over them. */
static int add_key(ds_build *build, ds_draft *join, const ds_draft *side,
                   ds_words names) {
    int rc = ds_build_memory(build);
    for (int i = 0; rc == SQLITE_OK && i < names.n; i++) {
        if (ds_draft_field_find(join, names.items[i]) != NULL) {
            rc = gets_two(build, join, names.items[i]);
        }
    }
    rc = rc ? rc : ds_link_add_key(build, join, names, side, side->key, false, join->pos);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_link_show_id(join, names);
    const char *index = ds_arena_printf(build->arena, "by%s",
                                        ds_name_capital(build->arena, side->out->name));
    ds_key_add(build, join, index, names, join->pos);
    return ds_build_memory(build);
}

/* The belongs-to field of the join model, and the has-many of the side. */
static int link_side(ds_build *build, ds_draft *join, ds_draft *side,
                     ds_draft_field *side_field, ds_words names) {
    ds_type type = {.kind = DS_KIND_MODEL, .model = side->out, .is_required = true};
    const char *name = ds_name_lower(build->arena, side->out->name);
    if (name != NULL && ds_draft_field_find(join, name) != NULL) {
        return ds_err_at(build->err, DS_AT(join->pos),
                         "the join model \"%s\" gets two fields \"%s\"", join->out->name,
                         name);
    }
    ds_draft_field *field = name ? ds_draft_add_field(build, join, name, type) : NULL;
    ds_link *up = field ? ds_link_new(build, join, field, side, DS_BELONGS_TO) : NULL;
    ds_link *down = up ? ds_link_new(build, side, side_field, join, DS_HAS_MANY) : NULL;
    if (down == NULL) {
        return ds_err_nomem(build->err);
    }
    up->local = names;
    up->remote = side->key;
    up->target_names = names;
    down->local = side->key;
    down->remote = names;
    down->associated_with = ds_words_one(build->arena, name);
    side_field->type.model = join->out;
    if (!build->respects_key && names.n > 0) {
        ds_draft_field_find(join, names.items[0])->is_dropped = true;
    }
    return ds_build_memory(build);
}

static int make_join(ds_build *build, const pair *p) {
    const char *name = join_name(build, p->name);
    int rc = name ? check_pair(build, p, name) : ds_err_nomem(build->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_draft *join = ds_draft_add(build, name, p->directives[0]->pos);
    join->out->is_join = true;
    join->key = ds_words_one(build->arena, "id");
    rc = ds_declare_model_name(build, join->out, join->pos);
    ds_draft_add_field(build, join, "id", ds_type_scalar(DS_ID, true));
    ds_words names[2];
    for (int i = 0; rc == SQLITE_OK && i < 2; i++) {
        names[i] = key_names(build, p->drafts[i]);
        rc = add_key(build, join, p->drafts[i], names[i]);
    }
    for (int i = 0; rc == SQLITE_OK && i < 2; i++) {
        rc = link_side(build, join, p->drafts[i], p->fields[i], names[i]);
    }
    return rc ? rc : ds_timestamp_add(build, join);
}

int ds_many_read(ds_build *build) {
    pair *pairs = NULL;
    int rc = collect(build, &pairs);
    for (const pair *p = pairs; rc == SQLITE_OK && p; p = p->next) {
        rc = make_join(build, p);
    }
    if (rc == SQLITE_OK && build->n_models > DS_MAX_MODELS) {
        rc = ds_err_set(
            build->err, SQLITE_ERROR,
            "the schema has %d models with those of @manyToMany, %d are allowed",
            build->n_models, DS_MAX_MODELS);
    }
    return rc;
}

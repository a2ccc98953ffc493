/*
** The names of the API's operations on each model: Amplify's defaults, and what
** @model(queries:, mutations:, subscriptions:) makes of them.
*/
#include "model/model_int.h"

#include <string.h>

/* Transformer 2 shortens the default name of a subscription that is longer than this. */
#define LONGEST_SUBSCRIPTION 50
#define DIGITS_OF_HASH       5

typedef enum group { QUERIES, MUTATIONS, SUBSCRIPTIONS, N_GROUPS } group;

static const char *const group_names[N_GROUPS] = {"queries", "mutations",
                                                  "subscriptions"};

/* What each argument of @model may name. `list` and `level` are no operation of ours. */
static const struct member {
    group of;
    const char *name;
    bool is_operation;
    size_t offset; /* in ds_operations */
} members[] = {
    {QUERIES, "get", true, offsetof(ds_operations, get)},
    {QUERIES, "list", false, 0},
    {MUTATIONS, "create", true, offsetof(ds_operations, create)},
    {MUTATIONS, "update", true, offsetof(ds_operations, update)},
    {MUTATIONS, "delete", true, offsetof(ds_operations, delete_)},
    {SUBSCRIPTIONS, "onCreate", true, offsetof(ds_operations, on_create)},
    {SUBSCRIPTIONS, "onUpdate", true, offsetof(ds_operations, on_update)},
    {SUBSCRIPTIONS, "onDelete", true, offsetof(ds_operations, on_delete)},
    {SUBSCRIPTIONS, "level", false, 0},
};

static void set(ds_model *model, const struct member *member, const char *name) {
    memcpy((char *)&model->operations + member->offset, &name, sizeof name);
}

static const ds_sdl_value *argument_of(const ds_model *model, group g) {
    return model->directive ? ds_sdl_argument_find(model->directive, group_names[g])
                            : NULL;
}

/* ---- Defaults ------------------------------------------------------------------------------- */

static const char *default_name(const ds_build *build, const ds_model *model,
                                const struct member *member) {
    const char *capital = ds_name_capital(build->arena, model->name);
    const char *name =
        capital ? ds_arena_printf(build->arena, "%s%s", member->name, capital) : NULL;
    size_t length = name ? strlen(name) : 0;
    if (member->of == SUBSCRIPTIONS && build->catalog->transformer_version == 2 &&
        length > LONGEST_SUBSCRIPTION) {
        char hash[DS_MD5_HEX_SIZE];
        ds_md5_hex(name, length, hash);
        name = ds_arena_printf(build->arena, "%.*s%.*s",
                               LONGEST_SUBSCRIPTION - DIGITS_OF_HASH, name,
                               DIGITS_OF_HASH, hash);
    }
    return name;
}

/* ---- What @model says ------------------------------------------------------------------------- */

static int check_name(const ds_build *build, const ds_sdl_value *value,
                      const char *member) {
    bool is_name = value->kind == DS_SDL_STRING && strlen(value->text) == value->length &&
                   ds_word_is_name(value->text);
    return is_name || value->kind == DS_SDL_NULL
               ? SQLITE_OK
               : ds_err_at(build->err, DS_AT(value->pos),
                           "\"%s\" of @model must be the name of an operation, or null",
                           member);
}

/* A name or null; of a subscription also a list of names. */
static int check_member(const ds_build *build, group g, const ds_sdl_value *value) {
    if (g != SUBSCRIPTIONS || value->kind != DS_SDL_LIST) {
        return check_name(build, value, value->name);
    }
    int rc = SQLITE_OK;
    for (const ds_sdl_value *v = value->children; rc == SQLITE_OK && v; v = v->next) {
        rc = check_name(build, v, value->name);
    }
    return rc;
}

static int check_level(const ds_build *build, const ds_sdl_value *level) {
    static const char *const levels[] = {"off", "public", "on"};
    const ds_words known = {levels, DS_COUNT(levels)};
    return level->kind == DS_SDL_NULL ||
                   (level->kind == DS_SDL_ENUM && ds_words_have(known, level->text))
               ? SQLITE_OK
               : ds_err_at(
                     build->err, DS_AT(level->pos),
                     "\"level\" of @model's subscriptions must be off, public or on");
}

static int check_group(const ds_build *build, const ds_model *model, group g) {
    const ds_sdl_value *all = argument_of(model, g);
    const char *names[DS_COUNT(members)];
    int n = 0;
    for (size_t i = 0; i < DS_COUNT(members); i++) {
        if (members[i].of == g) {
            names[n++] = members[i].name;
        }
    }
    if (all == NULL || all->kind == DS_SDL_NULL) {
        return SQLITE_OK;
    }
    int rc = ds_directive_check_members(build, group_names[g], all, (ds_words){names, n});
    for (const ds_sdl_value *v = all->children; rc == SQLITE_OK && v; v = v->next) {
        rc = strcmp(v->name, "level") == 0 ? check_level(build, v)
                                           : check_member(build, g, v);
    }
    return rc;
}

/* ---- Filling -------------------------------------------------------------------------------- */

/* The name, or the first of a list of names; NULL for null and an empty list. */
static const char *first_name(const ds_sdl_value *value) {
    const ds_sdl_value *first = value->kind == DS_SDL_LIST ? value->children : value;
    return first != NULL && first->kind == DS_SDL_STRING ? first->text : NULL;
}

/* Transformer 1 makes only what is named, once anything is. */
static bool names_any(const ds_sdl_value *all, group g) {
    for (const ds_sdl_value *v = all->children; v; v = v->next) {
        if (g != SUBSCRIPTIONS ||
            (strcmp(v->name, "level") != 0 && v->kind != DS_SDL_NULL)) {
            return true;
        }
    }
    return g != SUBSCRIPTIONS;
}

/* NULL where there is no such operation, or memory is out. */
static const char *name_of(const ds_build *build, const ds_model *model,
                           const struct member *member) {
    const ds_sdl_value *all = argument_of(model, member->of);
    bool is_v1 = build->catalog->transformer_version == 1;
    if (all == NULL) {
        return default_name(build, model, member);
    }
    const ds_sdl_value *level = ds_directive_member(all, "level");
    bool is_off =
        level != NULL && level->kind == DS_SDL_ENUM && !strcmp(level->text, "off");
    if (all->kind == DS_SDL_NULL || is_off) {
        return NULL;
    }
    bool is_strict = is_v1 && names_any(all, member->of);
    const ds_sdl_value *value = ds_directive_member(all, member->name);
    if (value == NULL || (is_v1 && !is_strict)) {
        return is_strict ? NULL : default_name(build, model, member);
    }
    return first_name(value);
}

/* Nobody is told of what nobody can do. */
static void drop_silent(ds_operations *o) {
    o->on_create = o->create ? o->on_create : NULL;
    o->on_update = o->update ? o->on_update : NULL;
    o->on_delete = o->delete_ ? o->on_delete : NULL;
}

static int fill_model(const ds_build *build, ds_model *model) {
    int rc = SQLITE_OK;
    for (int g = 0; rc == SQLITE_OK && g < N_GROUPS; g++) {
        rc = check_group(build, model, (group)g);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(members); i++) {
        if (members[i].is_operation) {
            set(model, &members[i], name_of(build, model, &members[i]));
        }
    }
    drop_silent(&model->operations);
    const ds_sdl_value *queries = argument_of(model, QUERIES);
    bool is_local = build->catalog->transformer_version == 2 && queries != NULL &&
                    queries->kind == DS_SDL_NULL;
    const char *capital = ds_name_capital(build->arena, model->plural);
    if (!is_local && capital != NULL) {
        model->operations.sync = ds_arena_printf(build->arena, "sync%s", capital);
    }
    return rc ? rc : ds_build_memory(build);
}

int ds_operation_fill(ds_build *build) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        if (!build->drafts[i].is_unserved) {
            rc = fill_model(build, &build->models[i]);
        }
    }
    return rc;
}

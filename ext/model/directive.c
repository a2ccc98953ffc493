/*
** Directives: are they known, where they may stand and not repeated, and reading of their
** arguments by type. What they mean is the business of the other files.
*/
#include "model/model_int.h"

#include <string.h>

bool ds_directive_has(const ds_sdl_directive *directive, const char *argument) {
    return ds_sdl_argument_find(directive, argument) != NULL;
}

const ds_sdl_value *ds_directive_member(const ds_sdl_value *object, const char *name) {
    const ds_sdl_value *member = object->kind == DS_SDL_OBJECT ? object->children : NULL;
    while (member != NULL && strcmp(member->name, name) != 0) {
        member = member->next;
    }
    return member;
}

/* ---- Reading arguments ------------------------------------------------------------------- */

static int not_a_string(const ds_build *build, const ds_sdl_directive *directive,
                        const char *argument, const ds_sdl_value *value) {
    const char *quoted = "";
    if (value->kind == DS_SDL_ENUM) {
        quoted = ds_arena_printf(build->arena, ", write \"%s\"", value->text);
    }
    return ds_err_at(build->err, DS_AT(value->pos), "argument \"%s\" of @%s %s%s",
                     argument, directive->name,
                     value->kind == DS_SDL_NULL ? "must not be null" : "must be a string",
                     quoted ? quoted : "");
}

/* Names are the only texts that directives of ours take; all others hold no NUL byte. */
static int read_text(const ds_build *build, const ds_sdl_directive *directive,
                     const char *argument, const ds_sdl_value *value, const char **out) {
    if (value->kind != DS_SDL_STRING) {
        return not_a_string(build, directive, argument, value);
    }
    if (strlen(value->text) != value->length || value->length == 0) {
        return ds_err_at(build->err, DS_AT(value->pos),
                         "argument \"%s\" of @%s must be a name", argument,
                         directive->name);
    }
    *out = value->text;
    return SQLITE_OK;
}

int ds_directive_text(const ds_build *build, const ds_sdl_directive *directive,
                      const char *argument, const char **out) {
    const ds_sdl_value *value = ds_sdl_argument_find(directive, argument);
    *out = NULL;
    return value ? read_text(build, directive, argument, value, out) : SQLITE_OK;
}

int ds_directive_words(const ds_build *build, const ds_sdl_directive *directive,
                       const char *argument, ds_words *out) {
    const ds_sdl_value *value = ds_sdl_argument_find(directive, argument);
    *out = (ds_words){NULL, 0};
    if (value == NULL) {
        return SQLITE_OK;
    }
    bool is_list = value->kind == DS_SDL_LIST;
    const ds_sdl_value *first = is_list ? value->children : value;
    int n = 0;
    for (const ds_sdl_value *v = first; v != NULL; v = is_list ? v->next : NULL) {
        n++;
    }
    if (n == 0 || n > DS_MAX_KEY_COLUMNS) {
        return ds_err_at(build->err, DS_AT(value->pos),
                         "argument \"%s\" of @%s must have 1 to %d names", argument,
                         directive->name, DS_MAX_KEY_COLUMNS);
    }
    const char **items = ds_words_new(build->arena, n);
    int rc = items ? SQLITE_OK : ds_err_nomem(build->err);
    n = 0;
    for (const ds_sdl_value *v = first; rc == SQLITE_OK && v != NULL;
         v = is_list ? v->next : NULL) {
        rc = read_text(build, directive, argument, v, &items[n++]);
    }
    if (rc == SQLITE_OK) {
        *out = (ds_words){items, n};
    }
    return rc;
}

int ds_directive_check_members(const ds_build *build, const char *argument,
                               const ds_sdl_value *value, ds_words known) {
    if (value->kind != DS_SDL_OBJECT) {
        return ds_err_at(build->err, DS_AT(value->pos),
                         "argument \"%s\" of @model must be null or an object: {%s: …}",
                         argument, known.items[0]);
    }
    for (const ds_sdl_value *v = value->children; v; v = v->next) {
        if (!ds_words_have(known, v->name)) {
            return ds_err_at(build->err, DS_AT(v->pos),
                             "argument \"%s\" of @model has no \"%s\"%s, known are %s",
                             argument, v->name,
                             ds_build_hint(build, v->name, known.items, (size_t)known.n),
                             ds_words_text(build->arena, known));
        }
    }
    return SQLITE_OK;
}

/* ---- Checks of the whole document -------------------------------------------------------- */

/* A visitor of one list of directives. */
typedef int (*visitor)(ds_build *build, const ds_sdl_directive *list, unsigned place,
                       void *state);

static int visit_definition(ds_build *build, const ds_sdl_definition *d, visitor visit,
                            void *state) {
    unsigned place = d->kind == DS_SDL_OBJECT_TYPE ? DS_ON_OBJECT
                     : d->kind == DS_SDL_ENUM_TYPE ? DS_ON_ENUM
                                                   : DS_ON_OTHER;
    unsigned field_place = d->kind == DS_SDL_OBJECT_TYPE ? DS_ON_FIELD : DS_ON_OTHER;
    int rc = visit(build, d->directives, place, state);
    for (const ds_sdl_field *f = d->fields; rc == SQLITE_OK && f; f = f->next) {
        rc = visit(build, f->directives, field_place, state);
    }
    for (const ds_sdl_enum_value *v = d->values; rc == SQLITE_OK && v; v = v->next) {
        rc = visit(build, v->directives, DS_ON_ENUM_VALUE, state);
    }
    return rc;
}

static int visit_all(ds_build *build, visitor visit, void *state) {
    int rc = SQLITE_OK;
    for (const ds_sdl_definition *d = build->catalog->document->definitions;
         rc == SQLITE_OK && d; d = d->next) {
        rc = visit_definition(build, d, visit, state);
    }
    return rc;
}

/* The first directive of each transformer version. */
typedef struct version_state {
    const ds_sdl_directive *first[3];
} version_state;

static int note_version(ds_build *build, const ds_sdl_directive *list, unsigned place,
                        void *state) {
    version_state *seen = state;
    (void)build;
    (void)place;
    for (const ds_sdl_directive *d = list; d; d = d->next) {
        const ds_directive_rule *rule = ds_directive_rule_find(d->name);
        if (rule != NULL && seen->first[rule->version] == NULL) {
            seen->first[rule->version] = d;
        }
    }
    return SQLITE_OK;
}

int ds_directive_version(ds_build *build, int *version) {
    version_state seen = {{NULL, NULL, NULL}};
    int rc = visit_all(build, note_version, &seen);
    if (rc != SQLITE_OK) {
        return rc;
    }
    const ds_sdl_directive *v1 = seen.first[1], *v2 = seen.first[2];
    if (v1 != NULL && v2 != NULL) {
        return ds_err_at(
            build->err, DS_AT(v2->pos),
            "@%s is of transformer version 2, but @%s (line %d) of version 1: "
            "one schema is for one of them",
            v2->name, v1->name, v1->pos.line);
    }
    int found = v1 ? 1 : 2;
    const ds_sdl_directive *reason = v1 ? v1 : v2;
    if (*version != 0 && *version != found && reason != NULL) {
        return ds_err_at(build->err, DS_AT(reason->pos),
                         "@%s is of transformer version %d, but transformerVersion is %d",
                         reason->name, found, *version);
    }
    *version = *version ? *version : found;
    return SQLITE_OK;
}

static int check_arguments(const ds_build *build, const ds_directive_rule *rule,
                           const ds_sdl_directive *directive) {
    if (rule->arguments == NULL) {
        return SQLITE_OK;
    }
    for (const ds_sdl_argument *a = directive->arguments; a; a = a->next) {
        if (!ds_directive_rule_takes(rule, a->name, NULL)) {
            ds_words known = ds_directive_rule_arguments(build, rule);
            return ds_err_at(build->err, DS_AT(a->pos), "@%s has no argument \"%s\"%s",
                             directive->name, a->name,
                             ds_build_hint(build, a->name, known.items, (size_t)known.n));
        }
        for (const ds_sdl_argument *b = directive->arguments; b != a; b = b->next) {
            if (strcmp(a->name, b->name) == 0) {
                return ds_err_at(build->err, DS_AT(a->pos),
                                 "argument \"%s\" of @%s stands twice", a->name,
                                 directive->name);
            }
        }
    }
    return SQLITE_OK;
}

static const char *place_name(unsigned place) {
    switch (place) {
    case DS_ON_OBJECT:
        return "a type";
    case DS_ON_FIELD:
        return "a field";
    case DS_ON_ENUM:
        return "an enum";
    case DS_ON_ENUM_VALUE:
        return "an enum value";
    default:
        return "an interface, input, union or scalar";
    }
}

/* Directives of AWS AppSync itself (@aws_iam, @aws_subscribe) say nothing to a client. */
static bool is_of_appsync(const char *name) {
    return strncmp(name, "aws_", 4) == 0;
}

/* What the rules say is the server's business, but without a list it takes none. */
static int check_auth(const ds_build *build, const ds_sdl_directive *directive) {
    const ds_sdl_value *rules = ds_sdl_argument_find(directive, "rules");
    if (strcmp(directive->name, "auth") != 0 ||
        (rules != NULL && rules->kind == DS_SDL_LIST && rules->children != NULL)) {
        return SQLITE_OK;
    }
    return ds_err_at(build->err, DS_AT(rules ? rules->pos : directive->pos),
                     "@auth needs a list of rules, as in @auth(rules: [{allow: owner}])");
}

/* `state` is a ds_map of the directives that the document defines itself. */
static int check_list(ds_build *build, const ds_sdl_directive *list, unsigned place,
                      void *state) {
    int rc = SQLITE_OK;
    for (const ds_sdl_directive *d = list; rc == SQLITE_OK && d; d = d->next) {
        const ds_directive_rule *rule = ds_directive_rule_find(d->name);
        if (rule == NULL) {
            if (!is_of_appsync(d->name) && ds_map_get(state, d->name) == NULL) {
                return ds_err_at(build->err, DS_AT(d->pos), "unknown directive @%s%s",
                                 d->name, ds_directive_hint(build, d->name));
            }
            continue;
        }
        if ((rule->places & place) == 0) {
            return ds_err_at(build->err, DS_AT(d->pos), "@%s may not stand on %s",
                             d->name, place_name(place));
        }
        for (const ds_sdl_directive *e = list; !rule->is_repeatable && e != d;
             e = e->next) {
            if (strcmp(d->name, e->name) == 0) {
                return ds_err_at(build->err, DS_AT(d->pos), "@%s stands here twice",
                                 d->name);
            }
        }
        rc = check_arguments(build, rule, d);
        rc = rc ? rc : check_auth(build, d);
    }
    return rc;
}

static bool type_text(const ds_sdl_type *type, char *out, size_t size) {
    char inner[200];
    if (type->of != NULL) {
        if (!type_text(type->of, inner, sizeof inner)) {
            return false;
        }
        sqlite3_snprintf((int)size, out, "[%s]%s", inner, type->is_required ? "!" : "");
        return strlen(inner) + 4 < size;
    }
    sqlite3_snprintf((int)size, out, "%s%s", type->name, type->is_required ? "!" : "");
    return strlen(type->name) + 2 < size;
}

/* A schema may define Amplify's directives itself, as Amplify does, but not otherwise. */
static int check_definition(ds_build *build, const ds_sdl_definition *d) {
    const ds_directive_rule *rule = ds_directive_rule_find(d->name);
    for (const ds_sdl_input *i = d->inputs; rule != NULL && i != NULL; i = i->next) {
        char type[200];
        if (!type_text(i->type, type, sizeof type) ||
            !ds_directive_rule_takes(rule, i->name, type)) {
            return ds_err_at(build->err, DS_AT(i->pos),
                             "argument \"%s\" of @%s differs from Amplify's own @%s",
                             i->name, d->name, d->name);
        }
    }
    return SQLITE_OK;
}

int ds_directive_check_all(ds_build *build) {
    ds_map defined;
    ds_map_init(&defined, build->arena, false);
    int rc = SQLITE_OK;
    for (const ds_sdl_definition *d = build->catalog->document->definitions;
         rc == SQLITE_OK && d; d = d->next) {
        if (d->kind == DS_SDL_DIRECTIVE_DEFINITION) {
            ds_map_put(&defined, d->name, build);
            rc = check_definition(build, d);
        }
    }
    rc = rc ? rc : ds_build_memory(build);
    return rc ? rc : visit_all(build, check_list, &defined);
}

/*
** What @auth means for a client: which fields hold the owner of a record, which of them only
** the API has, which its subscriptions take as arguments, and who may subscribe. Whether the
** rules themselves are right is the server's business.
*/
#include "model/model_int.h"

#include <string.h>

#define DEFAULT_OWNER  "owner"
#define DEFAULT_CLAIM  "cognito:username"
#define DEFAULT_GROUPS "cognito:groups"

/* One model while its rules are read. */
typedef struct reading {
    const ds_build *build;
    ds_model *model;
    const ds_draft *draft;
    bool is_v1;
    bool types_hold; /* type-level rules hold for at least one field */
    ds_owner *owners;
    ds_map by_field; /* of the owners */
    int n;
    ds_auth_rule *rules; /* of those who come with a token */
    int n_rules;
    int n_reading;   /* v1: owner rules that allow reading */
    bool has_others; /* v1: somebody else may read, too */
    bool is_open;    /* v1: everybody who signed in may read */
} reading;

/* A rule holds texts, names, and lists and objects of them. It is printed as it is written, and
** JSON carries neither each number as it is written nor each text. As deep as the parser allows:
** DS_MAX_SDL_DEPTH. */
static int check_value(const ds_build *build, const ds_sdl_value *value) {
    if (value->kind == DS_SDL_INT || value->kind == DS_SDL_FLOAT) {
        return ds_err_at(build->err, DS_AT(value->pos),
                         "a rule of @auth takes no number: %.40s", value->text);
    }
    if (value->kind == DS_SDL_STRING && strlen(value->text) != value->length) {
        return ds_err_at(build->err, DS_AT(value->pos),
                         "a text in a rule of @auth must not hold U+0000");
    }
    int rc = SQLITE_OK;
    for (const ds_sdl_value *v = value->children; rc == SQLITE_OK && v; v = v->next) {
        rc = check_value(build, v);
    }
    return rc;
}

/* A visitor of one rule: `on_type` is false when it stands on a field. */
typedef int (*visitor)(reading *r, const ds_sdl_value *rule, bool on_type);

/* ---- One rule ------------------------------------------------------------------------------ */

/* The text or enum value of a member; NULL when it is absent, null or empty. */
static const char *text_of(const ds_sdl_value *rule, const char *name) {
    const ds_sdl_value *value = ds_directive_member(rule, name);
    bool is_text =
        value != NULL && (value->kind == DS_SDL_STRING || value->kind == DS_SDL_ENUM);
    return is_text && value->text[0] != '\0' ? value->text : NULL;
}

static bool is_text(const char *text, const char *expected) {
    return text != NULL && strcmp(text, expected) == 0;
}

static bool has_member(const ds_sdl_value *rule, const char *name) {
    const ds_sdl_value *value = ds_directive_member(rule, name);
    return value != NULL && value->kind != DS_SDL_NULL;
}

/* Does the list of a rule's operations name one of the two? A single value is a list. */
static bool names_one(const ds_sdl_value *list, const char *a, const char *b) {
    bool is_list = list->kind == DS_SDL_LIST;
    const ds_sdl_value *v = is_list ? list->children : list;
    for (; v != NULL; v = is_list ? v->next : NULL) {
        if (is_text(v->text, a) || is_text(v->text, b)) {
            return true;
        }
    }
    return false;
}

/* Does the rule allow to subscribe? Of `read`, transformer 2 lets one name the parts.
** Transformer 1 takes null for none, and knows an older pair of arguments, of which `queries`
** never counts for subscriptions. */
static bool may_listen(const reading *r, const ds_sdl_value *rule) {
    const ds_sdl_value *operations = ds_directive_member(rule, "operations");
    if (operations == NULL || (!r->is_v1 && operations->kind == DS_SDL_NULL)) {
        return !r->is_v1 || ds_directive_member(rule, "queries") == NULL;
    }
    return names_one(operations, "read", r->is_v1 ? "read" : "listen");
}

/* ---- Who may subscribe ----------------------------------------------------------------------- */

static int fill_groups(const reading *r, const ds_sdl_value *rule, ds_auth_rule *out) {
    const ds_sdl_value *list = ds_directive_member(rule, "groups");
    bool is_list = list != NULL && list->kind == DS_SDL_LIST;
    const ds_sdl_value *v = is_list ? list->children : list;
    int n = 0;
    for (const ds_sdl_value *one = v; one != NULL; one = is_list ? one->next : NULL) {
        n++;
    }
    const char **groups = ds_words_new(r->build->arena, n);
    if (groups == NULL) {
        return ds_err_nomem(r->build->err);
    }
    for (; v != NULL; v = is_list ? v->next : NULL) {
        if (v->kind == DS_SDL_STRING) {
            groups[out->n_groups++] = v->text;
        }
    }
    out->groups = groups;
    return SQLITE_OK;
}

/* Keep a rule of the type that lets a token's user read. `owner`: of an owner rule, else NULL. */
static int keep_rule(reading *r, const ds_sdl_value *rule, const ds_owner *owner) {
    const char *allow = text_of(rule, "allow"), *provider = text_of(rule, "provider");
    bool is_oidc = is_text(provider, "oidc");
    const char *claim = NULL;
    if (provider != NULL && !is_oidc && !is_text(provider, "userPools")) {
        return SQLITE_OK;
    }
    ds_auth_rule *out = &r->rules[r->n_rules++];
    *out = (ds_auth_rule){.allow = DS_ALLOW_PRIVATE, .is_oidc = is_oidc, .owner = owner};
    if (owner != NULL) {
        claim = text_of(rule, "identityClaim");
        out->allow = DS_ALLOW_OWNER;
        out->claim = claim ? claim : DEFAULT_CLAIM;
    } else if (is_text(allow, "groups")) {
        claim = text_of(rule, "groupClaim");
        out->allow = DS_ALLOW_GROUPS;
        out->claim = claim ? claim : DEFAULT_GROUPS;
        return has_member(rule, "groupsField") ? SQLITE_OK : fill_groups(r, rule, out);
    }
    return SQLITE_OK;
}

/* ---- Rules of a model ------------------------------------------------------------------------ */

/* The owner that a field holds: each field once. */
static ds_owner *owner_of(reading *r, const char *name) {
    const ds_draft_field *field = ds_draft_field_find(r->draft, name);
    ds_owner *owner = ds_map_get(&r->by_field, name);
    if (owner == NULL) {
        owner = &r->owners[r->n++];
        *owner = (ds_owner){.field = name,
                            .is_implicit = field == NULL,
                            .is_list = field != NULL && field->type.is_list};
        ds_map_put(&r->by_field, name, owner);
    }
    return owner;
}

static int read_owner(reading *r, const ds_sdl_value *rule, bool on_type) {
    const char *name = text_of(rule, "ownerField");
    name = name ? name : DEFAULT_OWNER;
    if (!ds_word_is_name(name)) {
        return ds_err_at(r->build->err, DS_AT(rule->pos),
                         "\"ownerField\" of an @auth rule must be the name of a field");
    }
    ds_owner *owner = owner_of(r, name);
    bool is_rule = on_type && may_listen(r, rule);
    if (r->is_v1) {
        r->n_reading += is_rule;
        owner->is_argument = owner->is_argument || is_rule;
    } else {
        bool listens = may_listen(r, rule) && (!on_type || r->types_hold);
        /* In a join model the rules of the second side overwrite equal ones of the first. */
        owner->is_argument =
            (listens && !owner->is_list) || (owner->is_argument && !r->model->is_join);
    }
    return is_rule ? keep_rule(r, rule, owner) : SQLITE_OK;
}

static int read_rule(reading *r, const ds_sdl_value *rule, bool on_type) {
    const char *allow = text_of(rule, "allow");
    if (is_text(allow, "owner")) {
        return read_owner(r, rule, on_type);
    }
    if (!on_type || !may_listen(r, rule)) {
        return SQLITE_OK;
    }
    bool is_private = is_text(allow, "private"), is_public = is_text(allow, "public");
    const char *provider = text_of(rule, "provider");
    bool by_pool = provider ? is_text(provider, "userPools") : is_private;
    bool by_group = is_text(allow, "groups") && !has_member(rule, "groupsField");
    r->has_others = r->has_others || is_private || is_public || by_group;
    r->is_open = r->is_open || ((is_private || is_public) && by_pool);
    return is_private || is_text(allow, "groups") ? keep_rule(r, rule, NULL) : SQLITE_OK;
}

static int count_rule(reading *r, const ds_sdl_value *rule, bool on_type) {
    (void)on_type;
    r->n++;
    return check_value(r->build, rule);
}

/* ---- Where rules stand ------------------------------------------------------------------------ */

/* That there is a list of rules is seen to by directive.c. */
static int visit_list(reading *r, const ds_sdl_directive *list, bool on_type,
                      visitor visit) {
    const ds_sdl_directive *auth = ds_sdl_directive_find(list, "auth");
    const ds_sdl_value *rule =
        auth ? ds_sdl_argument_find(auth, "rules")->children : NULL;
    int rc = SQLITE_OK;
    for (; rc == SQLITE_OK && rule != NULL; rule = rule->next) {
        rc = rule->kind == DS_SDL_OBJECT
                 ? visit(r, rule, on_type)
                 : ds_err_at(r->build->err, DS_AT(rule->pos),
                             "a rule of @auth must be an object, as in {allow: owner}");
    }
    return rc;
}

static const ds_declared *declared_of(const reading *r, const ds_model *model) {
    return ds_map_get(&r->build->types_by_name, model->name);
}

static int visit_type(reading *r, const ds_model *model, visitor visit) {
    int rc = SQLITE_OK;
    for (const ds_part *p = declared_of(r, model)->parts; rc == SQLITE_OK && p;
         p = p->next) {
        rc = visit_list(r, p->sdl->directives, true, visit);
    }
    return rc;
}

/* A join model has the type-level rules of both sides. */
static int visit_model(reading *r, visitor visit) {
    int rc = SQLITE_OK;
    for (int i = 0; r->model->is_join && rc == SQLITE_OK && i < r->model->n_relations;
         i++) {
        rc = visit_type(r, r->model->relations[i].target, visit);
    }
    if (!r->model->is_join) {
        rc = visit_type(r, r->model, visit);
    }
    for (const ds_draft_field *f = r->draft->fields; rc == SQLITE_OK && f; f = f->next) {
        rc = f->sdl ? visit_list(r, f->sdl->directives, false, visit) : SQLITE_OK;
    }
    return rc;
}

/* A field with rules of its own is free of the type's, and fields of extensions are no matter
** to transformer 2. */
static bool has_plain_field(const ds_declared *type) {
    for (const ds_part *p = type->parts; p; p = p->next) {
        for (const ds_sdl_field *f = p->sdl->is_extension ? NULL : p->sdl->fields; f;
             f = f->next) {
            if (ds_sdl_directive_find(f->directives, "auth") == NULL) {
                return true;
            }
        }
    }
    return false;
}

static bool is_public_level(const ds_model *model) {
    const ds_sdl_value *all =
        model->directive ? ds_sdl_argument_find(model->directive, "subscriptions") : NULL;
    return all != NULL && is_text(text_of(all, "level"), "public");
}

static void settle_arguments(const reading *r) {
    bool has_none = is_public_level(r->model) || (r->is_v1 && r->is_open);
    for (int i = 0; i < r->n; i++) {
        ds_owner *owner = &r->owners[i];
        owner->is_argument = owner->is_argument && !has_none;
        owner->is_required =
            r->is_v1 && owner->is_argument && r->n_reading == 1 && !r->has_others;
    }
}

/* A join model that @manyToMany made is not declared. */
static const ds_sdl_directive *find_auth(const ds_declared *type) {
    const ds_sdl_directive *found = NULL;
    for (const ds_part *p = type ? type->parts : NULL; p && found == NULL; p = p->next) {
        found = ds_sdl_directive_find(p->sdl->directives, "auth");
    }
    return found;
}

static int fill_model(ds_build *build, ds_model *model) {
    const ds_draft *draft = ds_draft_of(build, model);
    reading r = {.build = build,
                 .model = model,
                 .draft = draft,
                 .is_v1 = build->catalog->transformer_version == 1,
                 .types_hold = true};
    if (!model->is_join) {
        r.types_hold = has_plain_field(declared_of(&r, model));
    }
    model->auth = find_auth(declared_of(&r, model));
    int rc = visit_model(&r, count_rule);
    if (rc != SQLITE_OK || r.n == 0) {
        return rc;
    }
    r.owners = ds_arena_alloc(build->arena, (size_t)r.n * sizeof *r.owners);
    r.rules = ds_arena_alloc(build->arena, (size_t)r.n * sizeof *r.rules);
    r.n = 0;
    ds_map_init(&r.by_field, build->arena, false);
    rc = r.owners && r.rules ? visit_model(&r, read_rule) : ds_err_nomem(build->err);
    rc = rc ? rc : ds_build_memory(build);
    settle_arguments(&r);
    model->owners = r.owners;
    model->n_owners = r.n;
    model->auth_rules = r.rules;
    model->n_auth_rules = r.n_rules;
    return rc;
}

int ds_auth_fill(ds_build *build) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        rc = fill_model(build, &build->models[i]);
    }
    return rc;
}

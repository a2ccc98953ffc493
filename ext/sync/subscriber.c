/*
** As whom a model is subscribed to, by its @auth rules and the claims of the token. Amplify's client does
** alike, except that it looks at rules of the other token's provider, too, stops at an owner field that is a
** list, and names an owner where everybody who has signed in may read.
*/
#include "sync/engine_int.h"

#include <string.h>

typedef struct choice {
    const ds_model *model;
    ds_auth_mode mode;
    ds_json *claims; /* NULL: it is not known who we are */
    const ds_auth_rule *rule;
    const char *value;
    bool sees_all;
    bool is_partial;
} choice;

static bool is_of_user(ds_auth_mode mode) {
    return mode == DS_AUTH_USER_POOL || mode == DS_AUTH_OIDC;
}

/* ---- rules --------------------------------------------------------------------------------------------- */

/* Another owner than the one that is chosen so far: the API tells of one of them only. */
static void take_owner(choice *c, const ds_auth_rule *rule) {
    const char *value = ds_claims_text(c->claims, rule->claim);
    if (value == NULL) {
        return;
    }
    bool is_other = c->rule != NULL &&
                    (c->rule->owner != rule->owner || strcmp(c->value, value) != 0);
    c->is_partial = c->is_partial || rule->owner->is_list || is_other;
    if (!rule->owner->is_list) {
        c->rule = rule;
        c->value = value;
    }
}

static int take_groups(choice *c, const ds_auth_rule *rule, ds_err *err) {
    bool is_member = false;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < rule->n_groups && !c->sees_all; i++) {
        rc = ds_claims_have(c->claims, rule->claim, rule->groups[i], &is_member, err);
        c->sees_all = is_member;
    }
    bool names_groups = ds_json_get(c->claims, rule->claim) != NULL;
    c->is_partial = c->is_partial || (rule->n_groups == 0 && names_groups);
    return rc;
}

static int take_rule(choice *c, const ds_auth_rule *rule, ds_err *err) {
    if (rule->is_oidc != (c->mode == DS_AUTH_OIDC)) {
        return SQLITE_OK;
    }
    switch (rule->allow) {
    case DS_ALLOW_OWNER:
        if (rule->owner->is_argument || rule->owner->is_list) {
            take_owner(c, rule);
        }
        return SQLITE_OK;
    case DS_ALLOW_GROUPS:
        return take_groups(c, rule, err);
    case DS_ALLOW_PRIVATE:
    default:
        c->sees_all = true;
        return SQLITE_OK;
    }
}

/* ---- the choice ----------------------------------------------------------------------------------------- */

static const ds_owner *required_owner(const ds_model *model) {
    const ds_owner *owner = NULL;
    for (int i = 0; i < model->n_owners && owner == NULL; i++) {
        const ds_owner *one = &model->owners[i];
        owner = one->is_argument && one->is_required ? one : NULL;
    }
    return owner;
}

static const char *claim_of(const ds_model *model, const ds_owner *owner) {
    const char *claim = "";
    for (int i = 0; i < model->n_auth_rules; i++) {
        claim = model->auth_rules[i].owner == owner ? model->auth_rules[i].claim : claim;
    }
    return claim;
}

/* Why the argument that the API wants cannot be given. `why`: what is wrong with the token, if anything. */
static int explain(const choice *c, const ds_owner *owner, const ds_err *why,
                   ds_err *err) {
    if (!is_of_user(c->mode)) {
        return ds_err_set(
            err, SQLITE_AUTH,
            "the API wants to know the owner (\"%s\"), whom authMode \"%s\" "
            "does not tell",
            owner->field, ds_auth_mode_name(c->mode));
    }
    if (owner->is_list) {
        return ds_err_set(err, SQLITE_AUTH,
                          "the API wants to know one owner, and \"%s\" is a list",
                          owner->field);
    }
    if (c->claims == NULL) {
        return ds_err_set(err, why->code, "%s", why->text);
    }
    return ds_err_set(err, SQLITE_AUTH,
                      "the API wants to know the owner (\"%s\"), and authToken has no "
                      "claim \"%s\" for authMode \"%s\"",
                      owner->field, claim_of(c->model, owner),
                      ds_auth_mode_name(c->mode));
}

static int choose(choice *c, const ds_config *config, ds_err *why, ds_err *err) {
    int rc = is_of_user(c->mode) && c->model->n_auth_rules > 0
                 ? ds_claims_read(config, &c->claims, why)
                 : SQLITE_OK;
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && c->claims != NULL && i < c->model->n_auth_rules;
         i++) {
        rc = take_rule(c, &c->model->auth_rules[i], err);
    }
    return rc;
}

int ds_subscriber_find(const ds_model *model, const ds_config *config, ds_auth_mode mode,
                       ds_subscriber *out, ds_err *err) {
    choice c = {.model = model, .mode = mode};
    ds_err why = DS_ERR_INIT;
    const ds_owner *required = required_owner(model);
    *out = (ds_subscriber){NULL, NULL, false};
    int rc = choose(&c, config, &why, err);
    if (rc == SQLITE_OK && c.rule != NULL && !c.sees_all) {
        out->field = c.rule->owner->field;
        rc = ds_engine_text(&out->value, c.value, err);
    }
    if (rc == SQLITE_OK && required != NULL && (c.rule == NULL || c.sees_all)) {
        rc = explain(&c, required, &why, err);
    }
    out->is_partial = c.is_partial && out->field != NULL;
    ds_json_free(c.claims);
    return rc;
}

/* ---- another user? --------------------------------------------------------------------------------------- */

static bool has_user(const ds_engine *engine) {
    bool has = false;
    for (int i = 0; i < engine->n_modes; i++) {
        has = has || is_of_user(engine->modes[i]);
    }
    return has;
}

int ds_subscriber_user(const ds_engine *engine, char **out, ds_err *err) {
    static const char *const names[] = {"iss", "sub", "username", "cognito:username",
                                        "cognito:groups"};
    ds_json *claims = NULL;
    ds_err why = DS_ERR_INIT;
    ds_buf user;
    *out = NULL;
    int rc = has_user(engine) ? ds_claims_read(engine->config, &claims, &why) : SQLITE_OK;
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if (claims == NULL) {
        return SQLITE_OK;
    }
    ds_buf_init(&user, DS_MAX_OUTPUT_BYTES);
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        const ds_json *claim = ds_json_get(claims, names[i]);
        ds_buf_add(&user, "\n");
        if (claim != NULL) {
            ds_json_print(claim, &user);
        }
    }
    ds_json_free(claims);
    return ds_buf_take(&user, out) == SQLITE_OK ? SQLITE_OK : ds_err_nomem(err);
}

void ds_subscriber_done(ds_subscriber *subscriber) {
    sqlite3_free(subscriber->value);
    *subscriber = (ds_subscriber){NULL, NULL, false};
}

/*
** The claims of a token. (Source: RFC 7515, 7519; which claim holds the user's name: the resolvers
** of Amplify's transformers.)
*/
#include "appsync/appsync_int.h"

#include <string.h>

static const char id_token_name[] = "cognito:username";
static const char access_token_name[] = "username";

/* ---- the token ----------------------------------------------------------------------- */

/* The second of the parts, between dots. False where there are not three. */
static bool find_payload(const char *token, const char **out, size_t *out_length) {
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (second == NULL || strchr(second + 1, '.') != NULL) {
        return false;
    }
    *out = first + 1;
    *out_length = (size_t)(second - first - 1);
    return true;
}

static int parse(const ds_buf *payload, ds_json **out, ds_err *err) {
    ds_json *claims = NULL;
    ds_err why = DS_ERR_INIT;
    int rc = ds_json_parse(ds_buf_text(payload), payload->length, &claims, &why);
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if (rc == SQLITE_OK && ds_json_type(claims) == DS_JSON_OBJECT) {
        *out = claims;
        return SQLITE_OK;
    }
    ds_json_free(claims);
    return SQLITE_ERROR; /* without a word of it: it is secret */
}

static int decode(const char *token, ds_json **out, ds_err *err) {
    const char *part = NULL;
    size_t length = 0;
    ds_buf payload;
    int rc = SQLITE_ERROR;
    ds_buf_init(&payload, DS_MAX_SECRET_BYTES);
    if (find_payload(token, &part, &length) &&
        ds_buf_add_unbase64(&payload, part, length)) {
        rc = payload.rc ? ds_err_nomem(err) : parse(&payload, out, err);
    }
    ds_buf_done(&payload);
    return rc == SQLITE_ERROR
               ? ds_err_set(err, SQLITE_AUTH,
                            "authToken is no JSON Web Token: nothing says whose it is")
               : rc;
}

int ds_claims_read(const ds_config *config, ds_json **out, ds_err *err) {
    char *token = NULL;
    *out = NULL;
    int rc = ds_secret_read(config, DS_CONFIG_AUTH_TOKEN, &token, err);
    if (rc == SQLITE_OK && token == NULL) {
        rc =
            ds_err_set(err, SQLITE_AUTH, "no authToken: set it with datastore_configure");
    }
    rc = rc ? rc : decode(token, out, err);
    sqlite3_free(token);
    return rc;
}

/* ---- claims ---------------------------------------------------------------------------- */

static const ds_json *find(const ds_json *claims, const char *name, size_t length) {
    const ds_json *claim = ds_json_child(claims);
    while (claim != NULL && (strncmp(ds_json_name(claim), name, length) != 0 ||
                             ds_json_name(claim)[length] != '\0')) {
        claim = ds_json_next(claim);
    }
    return claim;
}

static bool is_name(const char *name, size_t length, const char *expected) {
    return strlen(expected) == length && memcmp(name, expected, length) == 0;
}

static const char *text_of(const ds_json *claims, const char *name, size_t length) {
    const ds_json *claim = find(claims, name, length);
    if (claim == NULL && is_name(name, length, id_token_name)) {
        claim = ds_json_get(claims, access_token_name);
    } else if (claim == NULL && is_name(name, length, access_token_name)) {
        claim = ds_json_get(claims, id_token_name);
    }
    const char *text = claim ? ds_json_string(claim) : NULL;
    return text != NULL && text[0] != '\0' ? text : NULL;
}

const char *ds_claims_text(const ds_json *claims, const char *name) {
    const char *end = strstr(name, "::");
    const char *text = text_of(claims, name, end ? (size_t)(end - name) : strlen(name));
    while (text != NULL && end != NULL) {
        name = end + 2;
        end = strstr(name, "::");
        text = text_of(claims, name, end ? (size_t)(end - name) : strlen(name));
    }
    return text;
}

static bool is_text(const ds_json *node, const char *text) {
    const char *own = ds_json_string(node);
    return own != NULL && strcmp(own, text) == 0;
}

static bool is_in(const ds_json *node, const char *text) {
    bool found = is_text(node, text);
    const ds_json *one = ds_json_type(node) == DS_JSON_LIST ? ds_json_child(node) : NULL;
    for (; one != NULL && !found; one = ds_json_next(one)) {
        found = is_text(one, text);
    }
    return found;
}

int ds_claims_have(const ds_json *claims, const char *name, const char *group, bool *out,
                   ds_err *err) {
    const ds_json *claim = ds_json_get(claims, name);
    const char *text = claim ? ds_json_string(claim) : NULL;
    ds_json *inside = NULL;
    ds_err ignored = DS_ERR_INIT;
    *out = claim != NULL && is_in(claim, group);
    if (*out || text == NULL) {
        return SQLITE_OK;
    }
    int rc = ds_json_parse(text, strlen(text), &inside, &ignored);
    if (rc == SQLITE_OK) {
        *out = is_in(inside, group);
        ds_json_free(inside);
    }
    return rc == SQLITE_NOMEM ? ds_err_nomem(err) : SQLITE_OK;
}

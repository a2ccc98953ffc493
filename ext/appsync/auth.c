/*
** Who we are, as headers of a request. (Source: what AWS's clients send: x-api-key;
** authorization without "Bearer"; SigV4 for the service "appsync".)
*/
#include "appsync/appsync_int.h"

#include <string.h>

static const struct {
    const char *name;
    const char *aws_name;
    ds_config_key credential;
} modes[DS_AUTH_MODE_COUNT] = {
    [DS_AUTH_API_KEY] = {"apiKey", "API_KEY", DS_CONFIG_API_KEY},
    [DS_AUTH_USER_POOL] = {"userPool", "AMAZON_COGNITO_USER_POOLS", DS_CONFIG_AUTH_TOKEN},
    [DS_AUTH_OIDC] = {"oidc", "OPENID_CONNECT", DS_CONFIG_AUTH_TOKEN},
    [DS_AUTH_IAM] = {"iam", "AWS_IAM", DS_CONFIG_ACCESS_KEY_ID},
    [DS_AUTH_LAMBDA] = {"lambda", "AWS_LAMBDA", DS_CONFIG_AUTH_TOKEN},
    [DS_AUTH_NONE] = {"none", "NONE", DS_CONFIG_COUNT},
};

const char *ds_auth_mode_name(ds_auth_mode mode) {
    return modes[mode].name;
}

bool ds_auth_mode_find(const char *name, ds_auth_mode *out) {
    for (int i = 0; i < DS_AUTH_MODE_COUNT; i++) {
        if (strcmp(name, modes[i].name) == 0 || strcmp(name, modes[i].aws_name) == 0) {
            *out = (ds_auth_mode)i;
            return true;
        }
    }
    return false;
}

bool ds_auth_has(const ds_config *config, ds_auth_mode mode) {
    return modes[mode].credential == DS_CONFIG_COUNT ||
           (ds_config_has(config, modes[mode].credential) &&
            (mode != DS_AUTH_IAM || ds_config_has(config, DS_CONFIG_SECRET_ACCESS_KEY)));
}

/* Keep a text until ds_auth_done; NULL, which is memory that is out, is kept as well. */
static int keep(ds_auth *auth, char *text, ds_err *err) {
    auth->owned[auth->n_owned++] = text;
    return text ? SQLITE_OK : ds_err_nomem(err);
}

/* The credential of a key, which must be set. */
static int need(const ds_config *config, ds_auth_mode mode, ds_config_key key, char **out,
                ds_err *err) {
    int rc = ds_secret_read(config, key, out, err);
    if (rc == SQLITE_OK && *out == NULL) {
        rc = ds_err_set(err, SQLITE_AUTH,
                        "no credential for authMode \"%s\": set %s with "
                        "datastore_configure",
                        modes[mode].name, ds_config_row_of(key)->name);
    }
    return rc;
}

/* One header with the credential in it. */
static int add_header(const ds_config *config, ds_auth_mode mode, const char *name,
                      ds_auth *out, ds_err *err) {
    char *value = NULL;
    int rc = need(config, mode, modes[mode].credential, &value, err);
    if (rc == SQLITE_OK) {
        char *line = sqlite3_mprintf("%s: %s", name, value);
        out->headers[out->n_headers++] = line;
        rc = keep(out, line, err);
    }
    sqlite3_free(value);
    return rc;
}

static int find_region(const ds_config *config, ds_auth *out, ds_err *err) {
    const char *region = ds_config_text(config, DS_CONFIG_REGION);
    const char *url = ds_config_text(config, DS_CONFIG_URL);
    ds_buf buf;
    char *text = NULL;
    ds_buf_init(&buf, DS_MAX_URL_BYTES);
    if (region != NULL) {
        ds_buf_add(&buf, region);
    } else if (url != NULL) {
        ds_endpoint_region(url, &buf);
    }
    if (buf.rc == SQLITE_OK && buf.length == 0) {
        return ds_err_set(
            err, SQLITE_AUTH,
            "authMode \"iam\" needs a region: set it with datastore_configure");
    }
    (void)!ds_buf_take(&buf, &text);
    out->signer.region = text;
    return keep(out, text, err);
}

static int add_session(const ds_config *config, ds_auth *out, ds_err *err) {
    char *token = NULL;
    int rc = ds_secret_read(config, DS_CONFIG_SESSION_TOKEN, &token, err);
    if (rc == SQLITE_OK && token != NULL) {
        char *line = sqlite3_mprintf("x-amz-security-token: %s", token);
        out->headers[out->n_headers++] = line;
        rc = keep(out, line, err);
    }
    sqlite3_free(token);
    return rc;
}

static int make_signer(const ds_config *config, ds_auth *out, ds_err *err) {
    char *key = NULL, *secret = NULL;
    int rc = need(config, DS_AUTH_IAM, DS_CONFIG_ACCESS_KEY_ID, &key, err);
    if (rc == SQLITE_OK) {
        rc = keep(out, key, err);
    }
    rc = rc ? rc : need(config, DS_AUTH_IAM, DS_CONFIG_SECRET_ACCESS_KEY, &secret, err);
    if (rc == SQLITE_OK) {
        rc = keep(out, secret, err);
    }
    rc = rc ? rc : find_region(config, out, err);
    out->is_signed = true;
    out->signer.service = "appsync";
    out->signer.access_key = key;
    out->signer.secret_key = secret;
    return rc ? rc : add_session(config, out, err);
}

int ds_auth_make(const ds_config *config, ds_auth_mode mode, ds_auth *out, ds_err *err) {
    memset(out, 0, sizeof *out);
    out->headers[out->n_headers++] = "accept: application/json";
    out->headers[out->n_headers++] = "content-type: application/json; charset=UTF-8";
    switch (mode) {
    case DS_AUTH_API_KEY:
        return add_header(config, mode, "x-api-key", out, err);
    case DS_AUTH_USER_POOL:
    case DS_AUTH_OIDC:
    case DS_AUTH_LAMBDA:
        return add_header(config, mode, "authorization", out, err);
    case DS_AUTH_IAM:
        return make_signer(config, out, err);
    case DS_AUTH_NONE:
    case DS_AUTH_MODE_COUNT:
        break;
    }
    return SQLITE_OK;
}

void ds_auth_done(ds_auth *auth) {
    for (int i = 0; i < auth->n_owned; i++) {
        sqlite3_free(auth->owned[i]);
    }
    memset(auth, 0, sizeof *auth);
}

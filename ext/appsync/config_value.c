/*
** One value of the configuration, by the kind of its key.
*/
#include "appsync/appsync_int.h"

#include <stdio.h>
#include <string.h>

#define FOUND_SIZE 100

/* What was found instead, for messages; of a text only what may be shown. */
static const char *found(const ds_json *node, char out[FOUND_SIZE]) {
    const char *text = ds_json_string(node);
    int64_t number;
    if (text != NULL) {
        sqlite3_snprintf(FOUND_SIZE, out, "\"%s\"", text);
    } else if (ds_json_integer(node, &number)) {
        sqlite3_snprintf(FOUND_SIZE, out, "%lld", (long long)number);
    } else if (ds_json_type(node) == DS_JSON_NUMBER) {
        sqlite3_snprintf(FOUND_SIZE, out, "a fraction");
    } else {
        sqlite3_snprintf(FOUND_SIZE, out, "%s", ds_json_type_name(node));
    }
    return out;
}

static int expect(ds_err *err, ds_config_key key, const char *what, const ds_json *node) {
    char text[FOUND_SIZE];
    return ds_config_fail(err, key, "expected %s, found %s", what, found(node, text));
}

/* The text of a node; NULL, and *rc an error, when it is another kind or empty. Its
** content is not shown: it may be a secret in the wrong place. */
static const char *text_of(const ds_json *node, ds_config_key key, const char *what,
                           int *rc, ds_err *err) {
    const char *text = ds_json_string(node);
    if (text == NULL) {
        *rc = ds_config_fail(err, key, "expected %s, found %s", what,
                             ds_json_type_name(node));
    } else if (text[0] == 0) {
        *rc = ds_config_fail(err, key, "expected %s, found an empty text", what);
        text = NULL;
    }
    return text;
}

static int put_text(ds_config *config, ds_config_key key, const char *text,
                    int64_t number, ds_err *err) {
    return ds_setting_put(&config->settings[key], DS_SOURCE_VALUE, text, number, err);
}

/* ---- addresses --------------------------------------------------------------------- */

static int put_url(ds_config *config, ds_config_key key, const ds_json *node,
                   ds_err *err) {
    int rc = SQLITE_OK;
    ds_url url;
    ds_err inner = DS_ERR_INIT;
    const char *text = text_of(node, key, "a URL", &rc, err);
    if (text == NULL) {
        return rc;
    }
    rc = ds_url_parse(text, ds_config_row_of(key)->kind == DS_SETTING_SOCKET_URL, &url,
                      &inner);
    ds_url_done(&url);
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    return rc == SQLITE_OK ? put_text(config, key, text, 0, err)
                           : ds_config_fail(err, key, "%s", inner.text);
}

/* It becomes a part of what is signed, between colons and slashes. */
static int put_region(ds_config *config, ds_config_key key, const ds_json *node,
                      ds_err *err) {
    static const char what[] = "a region such as eu-west-1";
    int rc = SQLITE_OK;
    const char *text = text_of(node, key, what, &rc, err);
    if (text == NULL) {
        return rc;
    }
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return text[length] == 0 && length <= 64 ? put_text(config, key, text, 0, err)
                                             : expect(err, key, what, node);
}

/* An empty text is no proxy, whatever the environment says. */
static int put_proxy(ds_config *config, ds_config_key key, const ds_json *node,
                     ds_err *err) {
    const char *text = ds_json_string(node);
    return text != NULL && (text[0] == 0 || ds_url_is_proxy(text))
               ? put_text(config, key, text, 0, err)
               : ds_config_fail(err, key,
                                "expected a URL that begins with http://, https://, "
                                "socks4://, socks4a://, socks5:// or socks5h://, or an "
                                "empty text for none");
}

static int put_file(ds_config *config, ds_config_key key, const ds_json *node,
                    ds_err *err) {
    int rc = SQLITE_OK;
    const char *text = text_of(node, key, "a file name", &rc, err);
    if (text == NULL) {
        return rc;
    }
    FILE *file = fopen(text, "rb");
    if (file == NULL) {
        return ds_config_fail(err, key, "cannot open \"%s\"", text);
    }
    fclose(file);
    return put_text(config, key, text, 0, err);
}

/* ---- credentials ------------------------------------------------------------------- */

/* {"env":"NAME"} or {"file":"path"}; NULL when it is none of both. */
static const char *reference(const ds_json *node, ds_source *out) {
    const ds_json *env = ds_json_get(node, "env");
    const ds_json *file = ds_json_get(node, "file");
    *out = env ? DS_SOURCE_ENV : DS_SOURCE_FILE;
    bool is_alone = ds_json_type(node) == DS_JSON_OBJECT && ds_json_count(node) == 1;
    return is_alone && (env || file) ? ds_json_string(env ? env : file) : NULL;
}

static int put_secret(ds_config *config, ds_config_key key, const ds_json *node,
                      ds_err *err) {
    ds_setting *setting = &config->settings[key];
    ds_source source = DS_SOURCE_VALUE;
    char *value = NULL;
    const char *text = ds_json_string(node);
    if (text == NULL) {
        text = reference(node, &source);
    }
    if (text == NULL) {
        return ds_config_fail(
            err, key, "expected a text, {\"env\":\"NAME\"} or {\"file\":\"path\"}");
    }
    if (source == DS_SOURCE_VALUE && strcmp(text, DS_CONFIG_MASK) == 0) {
        return ds_config_fail(err, key,
                              "these are the asterisks that datastore_configure() "
                              "shows, not a credential");
    }
    int rc = ds_setting_put(setting, source, text, 0, err);
    rc = rc ? rc
            : ds_secret_of(setting, key, &value,
                           err); /* can it be read, is it well-formed? */
    sqlite3_free(value);
    return rc;
}

static const char modes_text[] = "apiKey, userPool, oidc, iam, lambda or none";

static int add_mode(ds_config *config, ds_config_key key, const ds_json *node,
                    ds_err *err) {
    ds_auth_mode mode;
    const char *name = ds_json_string(node);
    if (name == NULL || !ds_auth_mode_find(name, &mode)) {
        return expect(err, key, modes_text, node);
    }
    for (int i = 0; i < config->n_modes; i++) {
        if (config->modes[i] == mode) {
            return ds_config_fail(err, key, "%s stands there twice", name);
        }
    }
    config->modes[config->n_modes++] = mode;
    return SQLITE_OK;
}

static int put_modes(ds_config *config, ds_config_key key, const ds_json *node,
                     ds_err *err) {
    int rc = SQLITE_OK;
    config->n_modes = 0;
    if (key == DS_CONFIG_AUTH_MODE) {
        return add_mode(config, key, node, err);
    }
    if (ds_json_type(node) != DS_JSON_LIST || ds_json_count(node) == 0) {
        return ds_config_fail(err, key, "expected a list of %s", modes_text);
    }
    for (node = ds_json_child(node); node != NULL && rc == SQLITE_OK;
         node = ds_json_next(node)) {
        rc = add_mode(config, key, node, err);
    }
    return rc;
}

/* ---- plain values ------------------------------------------------------------------ */

static int put_number(ds_config *config, ds_config_key key, const ds_json *node,
                      ds_err *err) {
    const ds_config_row *row = ds_config_row_of(key);
    int64_t number;
    if (ds_json_integer(node, &number) && number >= row->minimum &&
        number <= row->maximum) {
        return put_text(config, key, NULL, number, err);
    }
    char what[FOUND_SIZE];
    sqlite3_snprintf(FOUND_SIZE, what, "an integer from %lld to %lld",
                     (long long)row->minimum, (long long)row->maximum);
    return expect(err, key, what, node);
}

static int put_flag(ds_config *config, ds_config_key key, const ds_json *node,
                    ds_err *err) {
    return ds_json_type(node) == DS_JSON_BOOLEAN
               ? put_text(config, key, NULL, ds_json_boolean(node), err)
               : expect(err, key, "true or false", node);
}

/* A policy, or the name of a function of the host's. */
static int put_conflict(ds_config *config, ds_config_key key, const ds_json *node,
                        ds_err *err) {
    static const char what[] = "merge, local, remote or the name of an SQL function";
    int rc = SQLITE_OK;
    const char *text = text_of(node, key, what, &rc, err);
    if (text == NULL) {
        return rc;
    }
    return strlen(text) <= DS_MAX_NAME_BYTES ? put_text(config, key, text, 0, err)
                                             : expect(err, key, what, node);
}

static int put_id_format(ds_config *config, ds_config_key key, const ds_json *node,
                         ds_err *err) {
    static const char *const names[] = {"uuid7", "uuid4", "ulid"}; /* as ds_id_format */
    const char *text = ds_json_string(node);
    for (size_t i = 0; text != NULL && i < DS_COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            return put_text(config, key, text, (int64_t)i, err);
        }
    }
    return expect(err, key, "uuid7, uuid4 or ulid", node);
}

/* ---- all of them ------------------------------------------------------------------- */

static void take_back(ds_config *config, ds_config_key key) {
    ds_setting *setting = &config->settings[key];
    sqlite3_free(setting->text);
    *setting = (ds_setting){DS_SOURCE_NONE, NULL, 0};
    if (key == DS_CONFIG_AUTH_MODE || key == DS_CONFIG_AUTH_MODES) {
        config->n_modes = 0;
    }
}

typedef int put_function(ds_config *, ds_config_key, const ds_json *, ds_err *);

int ds_config_put(ds_config *config, ds_config_key key, const ds_json *node,
                  ds_err *err) {
    static put_function *const functions[] = {
        [DS_SETTING_URL] = put_url,           [DS_SETTING_SOCKET_URL] = put_url,
        [DS_SETTING_REGION] = put_region,     [DS_SETTING_MODE] = put_modes,
        [DS_SETTING_MODES] = put_modes,       [DS_SETTING_SECRET] = put_secret,
        [DS_SETTING_FILE] = put_file,         [DS_SETTING_PROXY] = put_proxy,
        [DS_SETTING_FLAG] = put_flag,         [DS_SETTING_NUMBER] = put_number,
        [DS_SETTING_CONFLICT] = put_conflict, [DS_SETTING_ID_FORMAT] = put_id_format,
    };
    if (ds_json_type(node) == DS_JSON_NULL) {
        take_back(config, key);
        return SQLITE_OK;
    }
    return functions[ds_config_row_of(key)->kind](config, key, node, err);
}

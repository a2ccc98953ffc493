/*
** The configuration: a table of settings that is copied when it changes.
*/
#include "appsync/appsync_int.h"

#include <string.h>

int ds_config_new(ds_config **out) {
    ds_config *config = sqlite3_malloc64(sizeof *config);
    *out = config;
    if (config == NULL) {
        return SQLITE_NOMEM;
    }
    memset(config, 0, sizeof *config);
    atomic_init(&config->references, 1);
    return SQLITE_OK;
}

void ds_config_retain(ds_config *config) {
    atomic_fetch_add(&config->references, 1);
}

void ds_config_release(ds_config *config) {
    if (config == NULL || atomic_fetch_sub(&config->references, 1) > 1) {
        return;
    }
    for (int key = 0; key < DS_CONFIG_COUNT; key++) {
        sqlite3_free(config->settings[key].text);
    }
    sqlite3_free(config);
}

int ds_setting_put(ds_setting *setting, ds_source source, const char *text,
                   int64_t number, ds_err *err) {
    char *copy = text ? sqlite3_mprintf("%s", text) : NULL;
    if (text != NULL && copy == NULL) {
        return ds_err_nomem(err);
    }
    sqlite3_free(setting->text);
    *setting = (ds_setting){source, copy, number};
    return SQLITE_OK;
}

int ds_config_fail(ds_err *err, ds_config_key key, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_err_set(err, SQLITE_ERROR, "configuration: %s: %s",
                        ds_config_row_of(key)->name, text);
    sqlite3_free(text);
    return rc;
}

static int copy(const ds_config *config, ds_config **out, ds_err *err) {
    if (ds_config_new(out) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    int rc = SQLITE_OK;
    for (int key = 0; rc == SQLITE_OK && key < DS_CONFIG_COUNT; key++) {
        const ds_setting *from = &config->settings[key];
        rc = ds_setting_put(&(*out)->settings[key], from->source, from->text,
                            from->number, err);
    }
    memcpy((*out)->modes, config->modes, sizeof config->modes);
    (*out)->n_modes = config->n_modes;
    return rc;
}

/* In the order of the table, so that authModes stands above authMode in any case. */
static int put_members(ds_config *config, const ds_json *root, bool is_foreign,
                       ds_err *err) {
    int rc = SQLITE_OK;
    for (const ds_json *member = ds_json_child(root); member != NULL && !is_foreign;
         member = ds_json_next(member)) {
        if (ds_config_find(ds_json_name(member)) == DS_CONFIG_COUNT) {
            return ds_config_refuse_key(ds_json_name(member), err);
        }
    }
    for (int key = 0; rc == SQLITE_OK && key < DS_CONFIG_COUNT; key++) {
        const ds_json *node =
            ds_json_get(root, ds_config_row_of((ds_config_key)key)->name);
        if (node != NULL) {
            rc = ds_config_put(config, (ds_config_key)key, node, err);
        }
    }
    return rc;
}

/* What depends on two settings. */
static int check_safety(const ds_config *config, ds_config_key key, ds_err *err) {
    ds_url url;
    const char *text = config->settings[key].text;
    if (text == NULL || config->settings[DS_CONFIG_ALLOW_INSECURE].number) {
        return SQLITE_OK;
    }
    int rc = ds_url_parse(text, key == DS_CONFIG_REALTIME_URL, &url, err);
    if (rc == SQLITE_OK && !url.is_secure && !url.is_loopback) {
        rc = ds_config_fail(
            err, key,
            "plain %s to %s would show the credentials to everybody on the "
            "way (allowInsecure allows it)",
            url.scheme, url.host);
    }
    ds_url_done(&url);
    return rc;
}

static int apply(ds_config *config, const ds_json *root, ds_err *err) {
    bool is_foreign = false;
    int rc = ds_config_import(config, root, &is_foreign, err);
    rc = rc ? rc : put_members(config, root, is_foreign, err);
    rc = rc ? rc : check_safety(config, DS_CONFIG_URL, err);
    return rc ? rc : check_safety(config, DS_CONFIG_REALTIME_URL, err);
}

static int parse(const char *json, size_t length, ds_json **out, ds_err *err) {
    ds_err inner = DS_ERR_INIT;
    int rc = ds_json_parse(json, length, out, &inner);
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    if (rc != SQLITE_OK) {
        return ds_err_set(err, rc, "configuration: %s", inner.text);
    }
    return ds_json_type(*out) == DS_JSON_OBJECT
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "configuration: expected a JSON object, found %s",
                            ds_json_type_name(*out));
}

int ds_config_merge(const ds_config *config, const char *json, size_t length,
                    ds_config **out, ds_err *err) {
    ds_json *root = NULL;
    ds_config *next = NULL;
    int rc = parse(json, length, &root, err);
    rc = rc ? rc : copy(config, &next, err);
    rc = rc ? rc : apply(next, root, err);
    ds_json_free(root);
    if (rc != SQLITE_OK) {
        ds_config_release(next);
        next = NULL;
    }
    *out = next;
    return rc;
}

/* ---- reading ----------------------------------------------------------------------- */

const char *ds_config_text(const ds_config *config, ds_config_key key) {
    const char *text = config->settings[key].text;
    return text ? text : ds_config_row_of(key)->text;
}

int64_t ds_config_number(const ds_config *config, ds_config_key key) {
    return ds_config_has(config, key) ? config->settings[key].number
                                      : ds_config_row_of(key)->standard;
}

bool ds_config_has(const ds_config *config, ds_config_key key) {
    return config->settings[key].source != DS_SOURCE_NONE;
}

static bool is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool ds_config_is_same(const ds_config *a, const ds_config *b) {
    bool is_same = a->n_modes == b->n_modes;
    for (int i = 0; is_same && i < a->n_modes; i++) {
        is_same = a->modes[i] == b->modes[i];
    }
    for (int key = 0; is_same && key < DS_CONFIG_COUNT; key++) {
        const ds_setting *one = &a->settings[key], *other = &b->settings[key];
        is_same = one->source == other->source && one->number == other->number &&
                  is_same_text(one->text, other->text);
    }
    return is_same;
}

int ds_config_modes(const ds_config *config, ds_auth_mode *out) {
    static const struct {
        ds_config_key credential;
        ds_auth_mode mode;
    } guesses[] = {
        {DS_CONFIG_API_KEY, DS_AUTH_API_KEY},
        {DS_CONFIG_AUTH_TOKEN, DS_AUTH_USER_POOL},
        {DS_CONFIG_ACCESS_KEY_ID, DS_AUTH_IAM},
    };
    memcpy(out, config->modes, sizeof config->modes);
    for (size_t i = 0; config->n_modes == 0 && i < DS_COUNT(guesses); i++) {
        if (ds_config_has(config, guesses[i].credential)) {
            out[0] = guesses[i].mode;
            return 1;
        }
    }
    return config->n_modes;
}

ds_http_options ds_config_http(const ds_config *config) {
    return (ds_http_options){
        .ca_file = ds_config_text(config, DS_CONFIG_CA_FILE),
        .proxy = ds_config_text(config, DS_CONFIG_PROXY),
        .allow_insecure = ds_config_number(config, DS_CONFIG_ALLOW_INSECURE) != 0,
        .connect_timeout_ms = (int)ds_config_number(config, DS_CONFIG_CONNECT_TIMEOUT),
        .request_timeout_ms = (int)ds_config_number(config, DS_CONFIG_REQUEST_TIMEOUT)};
}

/*
** The effective configuration, for eyes: no secret is in it.
*/
#include "appsync/appsync_int.h"

#include <string.h>

static void add_text(ds_buf *out, const char *text) {
    ds_buf_add_json(out, text, strlen(text));
}

static void add_secret(const ds_setting *setting, ds_buf *out) {
    switch (setting->source) {
    case DS_SOURCE_ENV:
    case DS_SOURCE_FILE:
        ds_buf_add(out, setting->source == DS_SOURCE_ENV ? "{\"env\":" : "{\"file\":");
        add_text(out, setting->text);
        ds_buf_add(out, "}");
        break;
    case DS_SOURCE_VALUE:
    case DS_SOURCE_NONE:
        add_text(out, DS_CONFIG_MASK);
        break;
    }
}

/* User name and password go up to the last @ before the host's end. */
static void add_proxy(const char *text, ds_buf *out) {
    const char *host = strstr(text, "//");
    const char *at = host ? strrchr(host, '@') : NULL;
    char *shown = at == NULL ? sqlite3_mprintf("%s", text)
                             : sqlite3_mprintf("%.*s" DS_CONFIG_MASK "%s",
                                               (int)(host + 2 - text), text, at);
    if (shown == NULL) {
        out->rc = out->rc ? out->rc : SQLITE_NOMEM;
        return;
    }
    add_text(out, shown);
    sqlite3_free(shown);
}

static void add_modes(const ds_config *config, bool is_list, ds_buf *out) {
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    int n = ds_config_modes(config, modes);
    ds_buf_add(out, is_list ? "[" : "");
    for (int i = 0; i < (is_list ? n : 1); i++) {
        ds_buf_add(out, i ? "," : "");
        add_text(out, ds_auth_mode_name(modes[i]));
    }
    ds_buf_add(out, is_list ? "]" : "");
}

/* Given, or following from the URL; nothing when neither. */
static void add_derived(const ds_config *config, ds_config_key key, ds_buf *out) {
    const char *text = ds_config_text(config, key);
    const char *url = ds_config_text(config, DS_CONFIG_URL);
    ds_buf derived;
    ds_buf_init(&derived, out->maximum);
    if (text != NULL) {
        add_text(out, text);
    } else if (url != NULL) {
        if (key == DS_CONFIG_REGION) {
            ds_endpoint_region(url, &derived);
        } else {
            ds_endpoint_realtime(url, &derived);
        }
        if (derived.length > 0) {
            add_text(out, ds_buf_text(&derived));
        }
    }
    out->rc = out->rc ? out->rc : derived.rc;
    ds_buf_done(&derived);
}

/* Append the value of a key; nothing when there is none to show. */
static void add_value(const ds_config *config, ds_config_key key, ds_buf *out) {
    const ds_setting *setting = &config->settings[key];
    const char *text = ds_config_text(config, key);
    int64_t number = ds_config_number(config, key);
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    switch (ds_config_row_of(key)->kind) {
    case DS_SETTING_SOCKET_URL:
    case DS_SETTING_REGION:
        add_derived(config, key, out);
        break;
    case DS_SETTING_MODE:
    case DS_SETTING_MODES:
        if (ds_config_modes(config, modes) > (key == DS_CONFIG_AUTH_MODES)) {
            add_modes(config, key == DS_CONFIG_AUTH_MODES, out);
        }
        break;
    case DS_SETTING_SECRET:
        if (ds_config_has(config, key)) {
            add_secret(setting, out);
        }
        break;
    case DS_SETTING_PROXY:
        if (text != NULL) {
            add_proxy(text, out);
        }
        break;
    case DS_SETTING_FLAG:
        ds_buf_add(out, number ? "true" : "false");
        break;
    case DS_SETTING_NUMBER:
        if (number >= 0) {
            ds_buf_addf(out, "%lld", (long long)number);
        }
        break;
    case DS_SETTING_URL:
    case DS_SETTING_FILE:
    case DS_SETTING_CONFLICT:
    case DS_SETTING_ID_FORMAT:
        if (text != NULL) {
            add_text(out, text);
        }
        break;
    }
}

void ds_config_print(const ds_config *config, ds_buf *out) {
    ds_buf_add(out, "{");
    for (int key = 0, n = 0; key < DS_CONFIG_COUNT; key++) {
        size_t before = out->length;
        ds_buf_addf(out, "%s\"%s\":", n ? "," : "",
                    ds_config_row_of((ds_config_key)key)->name);
        size_t name = out->length;
        add_value(config, (ds_config_key)key, out);
        if (out->length == name) {
            ds_buf_cut(out, before);
        } else {
            n++;
        }
    }
    ds_buf_add(out, "}");
}

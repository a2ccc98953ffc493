/*
** Secrets: kept in the configuration, or read from where they are at the moment of use.
*/
#include "appsync/appsync_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST 8 /* that is taken for a secret where a text quotes it */

static int read_env(const char *name, ds_config_key key, ds_buf *out, ds_err *err) {
    const char *value = getenv(name);
    if (value == NULL) {
        return ds_config_fail(err, key, "the environment has no variable \"%s\"", name);
    }
    ds_buf_add(out, value);
    return SQLITE_OK;
}

static int read_file(const char *path, ds_config_key key, ds_buf *out, ds_err *err) {
    char part[1024];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return ds_config_fail(err, key, "cannot read \"%s\": %s", path, strerror(errno));
    }
    while (out->rc == SQLITE_OK && (n = fread(part, 1, sizeof part, file)) > 0) {
        ds_buf_add_bytes(out, part, n);
    }
    int rc = ferror(file) ? ds_config_fail(err, key, "cannot read \"%s\": %s", path,
                                           strerror(errno))
                          : SQLITE_OK;
    memset(part, 0, sizeof part);
    fclose(file);
    return rc;
}

/* Blanks at its end are an editor's. What remains becomes a part of a header. */
static int check(ds_buf *value, ds_config_key key, ds_err *err) {
    size_t length = value->length;
    const char *text = ds_buf_text(value);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        length--;
    }
    ds_buf_cut(value, length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7E) {
            return ds_config_fail(err, key, "holds a character that no credential has");
        }
    }
    return length == 0 ? ds_config_fail(err, key, "is empty") : SQLITE_OK;
}

static int read_value(const ds_setting *setting, ds_config_key key, ds_buf *out,
                      ds_err *err) {
    int rc = SQLITE_OK;
    if (setting->source == DS_SOURCE_ENV) {
        rc = read_env(setting->text, key, out, err);
    } else if (setting->source == DS_SOURCE_FILE) {
        rc = read_file(setting->text, key, out, err);
    } else {
        ds_buf_add(out, setting->text);
    }
    if (rc == SQLITE_OK && out->rc == SQLITE_TOOBIG) {
        rc = ds_config_fail(err, key, "has more than %d bytes", DS_MAX_SECRET_BYTES);
    } else if (rc == SQLITE_OK && out->rc != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    return rc ? rc : check(out, key, err);
}

int ds_secret_of(const ds_setting *setting, ds_config_key key, char **out, ds_err *err) {
    ds_buf value;
    *out = NULL;
    if (setting->source == DS_SOURCE_NONE) {
        return SQLITE_OK;
    }
    ds_buf_init(&value, DS_MAX_SECRET_BYTES);
    int rc = read_value(setting, key, &value, err);
    if (rc == SQLITE_OK && ds_buf_take(&value, out) != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    ds_buf_done(&value);
    return rc;
}

int ds_secret_read(const ds_config *config, ds_config_key key, char **out, ds_err *err) {
    return ds_secret_of(&config->settings[key], key, out, err);
}

/* The text may have been cut off inside of it. */
static void mask(char *text, const char *secret) {
    size_t length = strlen(secret), end = strlen(text);
    for (char *at = strstr(text, secret); at != NULL; at = strstr(at, secret)) {
        memset(at, '*', length);
    }
    for (size_t n = length < end ? length : end; n >= SHORTEST; n--) {
        if (memcmp(text + end - n, secret, n) == 0) {
            memset(text + end - n, '*', n);
            return;
        }
    }
}

void ds_secret_mask(const ds_config *config, char *text) {
    for (int key = 0; text != NULL && key < DS_CONFIG_COUNT; key++) {
        char *secret = NULL;
        if (ds_config_row_of((ds_config_key)key)->kind == DS_SETTING_SECRET &&
            ds_secret_read(config, (ds_config_key)key, &secret, NULL) == SQLITE_OK &&
            secret != NULL && strlen(secret) >= SHORTEST) {
            mask(text, secret);
        }
        sqlite3_free(secret);
    }
}

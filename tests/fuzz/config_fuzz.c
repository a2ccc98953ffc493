/*
** Any JSON as a configuration: what is taken must print as JSON, and give endpoints and
** headers that can be used.
*/
#include "fuzz.h"

#include <string.h>

#include "appsync/appsync.h"

static void check_printed(const ds_config *config) {
    ds_buf out;
    ds_json *root = NULL;
    ds_buf_init(&out, DS_MAX_JSON_BYTES);
    ds_config_print(config, &out);
    NEED(out.rc == SQLITE_OK);
    NEED(ds_json_parse(ds_buf_text(&out), out.length, &root, NULL) == SQLITE_OK);
    ds_json_free(root);
    ds_buf_done(&out);
}

static void check_endpoint(const ds_config *config) {
    ds_url url;
    ds_buf out;
    const char *text = ds_config_text(config, DS_CONFIG_URL);
    if (text == NULL) {
        return;
    }
    ds_buf_init(&out, 2 * DS_MAX_URL_BYTES);
    ds_endpoint_realtime(text, &out);
    NEED(out.rc == SQLITE_OK);
    if (out.length <= DS_MAX_URL_BYTES) { /* it may have grown beyond that */
        NEED(ds_url_parse(ds_buf_text(&out), true, &url, NULL) == SQLITE_OK);
        ds_url_done(&url);
    }
    ds_buf_done(&out);
}

static void check_headers(const ds_config *config) {
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    int n = ds_config_modes(config, modes);
    for (int i = 0; i < n; i++) {
        ds_auth auth;
        ds_err err = DS_ERR_INIT;
        int rc = ds_auth_make(config, modes[i], &auth, &err);
        NEED_WITH(rc == SQLITE_OK || rc == SQLITE_AUTH, err.text);
        for (int h = 0; rc == SQLITE_OK && h < auth.n_headers; h++) {
            NEED(strpbrk(auth.headers[h], "\r\n") == NULL);
        }
        ds_auth_done(&auth);
    }
}

static void check_claims(const ds_config *config) {
    ds_json *claims = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_claims_read(config, &claims, &err);
    NEED_WITH((rc == SQLITE_OK) == (claims != NULL), err.text);
    NEED_WITH(rc == SQLITE_OK || rc == SQLITE_AUTH, err.text);
    ds_json_free(claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ds_config *empty = NULL, *config = NULL;
    ds_err err = DS_ERR_INIT;
    NEED(ds_config_new(&empty) == SQLITE_OK);
    int rc = ds_config_merge(empty, (const char *)data, size, &config, &err);
    if (rc == SQLITE_OK) {
        check_printed(config);
        check_endpoint(config);
        check_headers(config);
        check_claims(config);
    } else {
        NEED_WITH(rc == SQLITE_ERROR, err.text);
        NEED_WITH(strncmp(err.text, "configuration: ", 15) == 0, err.text);
    }
    ds_config_release(config);
    ds_config_release(empty);
    return 0;
}

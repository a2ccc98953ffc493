/*
** What the tests of appsync share: configurations from JSON. Include it first.
*/
#ifndef DS_APPSYNC_TEST_H
#define DS_APPSYNC_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appsync/appsync_int.h"

#define APPSYNC_HOST "abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com"
#define APPSYNC_URL  "https://" APPSYNC_HOST "/graphql"

/* `config`, which goes, with `json` on top, which must work. NULL: nothing was set. */
static inline ds_config *configure(ds_config *config, const char *json) {
    ds_config *next = NULL;
    ds_err err = DS_ERR_INIT;
    if (config == NULL) {
        assert_int_equal(ds_config_new(&config), SQLITE_OK);
    }
    int rc = ds_config_merge(config, json, strlen(json), &next, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    ds_config_release(config);
    return next;
}

/* What `json` is refused with. */
static inline void check_refused(const char *json, const char *message) {
    ds_config *config = NULL;
    ds_config *next = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_config_new(&config), SQLITE_OK);
    int rc = ds_config_merge(config, json, strlen(json), &next, &err);
    assert_string_equal(err.text, message);
    assert_int_equal(rc, SQLITE_ERROR);
    assert_null(next);
    ds_config_release(config);
}

/* The value of `name` in what is printed, as JSON; "" when it is not there. */
static inline void check_printed(const ds_config *config, const char *name,
                                 const char *expected) {
    ds_buf text, value;
    ds_json *root = NULL;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&text, 100000);
    ds_buf_init(&value, 100000);
    ds_config_print(config, &text);
    assert_int_equal(text.rc, SQLITE_OK);
    assert_int_equal(ds_json_parse(ds_buf_text(&text), text.length, &root, &err),
                     SQLITE_OK);
    if (ds_json_get(root, name) != NULL) {
        ds_json_print(ds_json_get(root, name), &value);
    }
    assert_string_equal(ds_buf_text(&value), expected);
    ds_json_free(root);
    ds_buf_done(&text);
    ds_buf_done(&value);
}

/* A file with this content, one at a time; the name is the caller's to free with
** sqlite3_free. */
static inline char *write_file(const char *content, size_t length) {
    char *path = sqlite3_mprintf("build/secret-%d", (int)getpid());
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    fclose(file);
    return path;
}

static inline void remove_file(char *path) {
    remove(path);
    sqlite3_free(path);
}

#endif

/* Private to appsync/. */
#ifndef DS_APPSYNC_INT_H
#define DS_APPSYNC_INT_H

#include "appsync/appsync.h"

#include <stdatomic.h>

/* ---- config_key.c: the one table of keys ------------------------------------------- */

typedef enum ds_config_kind {
    DS_SETTING_URL,
    DS_SETTING_SOCKET_URL,
    DS_SETTING_REGION,
    DS_SETTING_MODE,
    DS_SETTING_MODES,
    DS_SETTING_SECRET,
    DS_SETTING_FILE,
    DS_SETTING_PROXY,
    DS_SETTING_FLAG,
    DS_SETTING_NUMBER,
    DS_SETTING_CONFLICT,
    DS_SETTING_ID_FORMAT
} ds_config_kind;

/* minimum, maximum: of numbers. standard, text: what holds without a setting. */
typedef struct ds_config_row {
    const char *name;
    ds_config_kind kind;
    int64_t minimum;
    int64_t maximum;
    int64_t standard;
    const char *text;
} ds_config_row;

const ds_config_row *ds_config_row_of(ds_config_key key);
/* DS_CONFIG_COUNT when there is none of that name. */
ds_config_key ds_config_find(const char *name);
/* SQLITE_ERROR: unknown key, with the nearest one. */
int ds_config_refuse_key(const char *name, ds_err *err);

/* ---- config.c ---------------------------------------------------------------------- */

typedef enum ds_source {
    DS_SOURCE_NONE,
    DS_SOURCE_VALUE,
    DS_SOURCE_ENV,
    DS_SOURCE_FILE
} ds_source;

/* text: owned; of a secret the value, the variable or the file. */
typedef struct ds_setting {
    ds_source source;
    char *text;
    int64_t number;
} ds_setting;

struct ds_config {
    atomic_int references;
    ds_setting settings[DS_CONFIG_COUNT];
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    int n_modes;
};

/* Set a text, which is copied, or a number; what was set before goes. */
DS_MUST_USE int ds_setting_put(ds_setting *setting, ds_source source, const char *text,
                               int64_t number, ds_err *err);
/* SQLITE_ERROR: "configuration: <key>: <format…>". */
int ds_config_fail(ds_err *err, ds_config_key key, const char *format, ...);

/* ---- config_value.c: one value, checked -------------------------------------------- */

/* Set a key of a configuration in the making from JSON; null takes it back. */
DS_MUST_USE int ds_config_put(ds_config *config, ds_config_key key, const ds_json *node,
                              ds_err *err);

/* ---- config_import.c: Amplify's files ---------------------------------------------- */

/* Take what a file of Amplify's says. *is_foreign: it is one. */
DS_MUST_USE int ds_config_import(ds_config *config, const ds_json *root, bool *is_foreign,
                                 ds_err *err);

/* ---- config_print.c ---------------------------------------------------------------- */

/* What stands for a secret. */
#define DS_CONFIG_MASK "********"

/* ---- secret.c ---------------------------------------------------------------------- */

/* ds_secret_read for a setting. */
DS_MUST_USE int ds_secret_of(const ds_setting *setting, ds_config_key key, char **out,
                             ds_err *err);

/* ---- sign.c: AWS Signature Version 4 ------------------------------------------------ */

#define DS_SIGN_DATE_SIZE 17

/* A header that is signed. name: in lower case. */
typedef struct ds_sign_header {
    const char *name;
    const char *value;
} ds_sign_header;

/* headers: by name, host and x-amz-date among them; values without blanks at the ends or two in a
** row. date: that of x-amz-date. path: of the URL, as it is sent. */
typedef struct ds_sign_request {
    const char *method;
    const char *path;
    const ds_sign_header *headers;
    int n_headers;
    const char *body;
    const char *date;
} ds_sign_request;

/* The time, as x-amz-date has it: 20200229T123000Z. */
void ds_sign_date(int64_t ms, char out[DS_SIGN_DATE_SIZE]);
/* Append what the Authorization header holds. SQLITE_NOMEM, or SQLITE_ERROR when libcrypto cannot. */
DS_MUST_USE int ds_sign(const ds_http_signer *signer, const ds_sign_request *request,
                        ds_buf *out, ds_err *err);

/* ---- realtime_auth.c ---------------------------------------------------------------- */

/*
** Append the object that says who we are, to connect (suffix "/connect", body "{}") or to
** start a subscription (suffix "", body: its data). Errors: see ds_realtime_dial_make.
*/
DS_MUST_USE int ds_realtime_authorize(const ds_config *config, ds_auth_mode mode,
                                      const char *suffix, const char *body, ds_buf *out,
                                      ds_err *err);

/* ---- mend.c ------------------------------------------------------------------------ */

/* Replace, in the text of a JSON, escapes of U+0000 and of half surrogate pairs by that
** of U+FFFD, which is as long. Returns whether there were any. */
bool ds_mend_escapes(char *text, size_t length);

#endif

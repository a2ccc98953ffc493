/*
** Who we are, as a JSON object inside a message. It names the host of the API, not the one
** of subscriptions. (Source: AWS's developer guide of AppSync, "Building a real-time
** WebSocket client"; authHeaders.ts of the JavaScript client.)
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define HOST_MAX   (DS_MAX_URL_BYTES + 10)
#define SIGNED_MAX 6

static const char accepts[] = "application/json, text/javascript";
static const char encoding[] = "amz-1.0";
static const char content_type[] = "application/json; charset=UTF-8";

static int parse_endpoint(const ds_config *config, ds_url *out, ds_err *err) {
    const char *url = ds_config_text(config, DS_CONFIG_URL);
    memset(out, 0, sizeof *out);
    return url ? ds_url_parse(url, false, out, err)
               : ds_err_set(err, SQLITE_AUTH,
                            "no endpoint: set url with datastore_configure");
}

/* With the port, unless it is the scheme's. */
static void add_host(const ds_url *url, ds_buf *out) {
    ds_buf_add(out, url->host);
    if (url->has_port && url->port != (url->is_secure ? 443 : 80)) {
        ds_buf_addf(out, ":%d", url->port);
    }
}

static void add_member(ds_buf *out, const char *name, const char *value) {
    ds_buf_add(out, ",");
    ds_buf_add_json(out, name, strlen(name));
    ds_buf_add(out, ":");
    ds_buf_add_json(out, value, strlen(value));
}

/* The value of a header of the request for HTTP; NULL when it has none. */
static const char *find_header(const ds_auth *auth, const char *name) {
    size_t length = strlen(name);
    for (int i = 0; i < auth->n_headers; i++) {
        if (strncmp(auth->headers[i], name, length) == 0 &&
            strncmp(auth->headers[i] + length, ": ", 2) == 0) {
            return auth->headers[i] + length + 2;
        }
    }
    return NULL;
}

static int add_signed(const ds_auth *auth, const char *host, const char *date,
                      const char *path, const char *body, ds_buf *out, ds_err *err) {
    ds_buf value;
    const char *token = find_header(auth, "x-amz-security-token");
    const ds_sign_header headers[SIGNED_MAX] = {{"accept", accepts},
                                                {"content-encoding", encoding},
                                                {"content-type", content_type},
                                                {"host", host},
                                                {"x-amz-date", date},
                                                {"x-amz-security-token", token}};
    const ds_sign_request request = {.method = "POST",
                                     .path = path,
                                     .headers = headers,
                                     .n_headers = token ? SIGNED_MAX : SIGNED_MAX - 1,
                                     .body = body,
                                     .date = date};
    ds_buf_init(&value, 4 * DS_MAX_SECRET_BYTES);
    int rc = ds_sign(&auth->signer, &request, &value, err);
    for (int i = 0; rc == SQLITE_OK && i < request.n_headers; i++) {
        if (strcmp(headers[i].name, "host") != 0) {
            add_member(out, headers[i].name, headers[i].value);
        }
    }
    add_member(out, "Authorization", ds_buf_text(&value));
    ds_buf_done(&value);
    return rc;
}

static int add_members(const ds_auth *auth, const char *host, const char *path,
                       const char *body, ds_buf *out, ds_err *err) {
    char date[DS_SIGN_DATE_SIZE];
    const char *key = find_header(auth, "x-api-key");
    const char *token = find_header(auth, "authorization");
    ds_sign_date(ds_env_now_ms(), date);
    if (auth->is_signed) {
        return add_signed(auth, host, date, path, body, out, err);
    }
    if (key != NULL) {
        add_member(out, "x-amz-date", date);
        add_member(out, "x-api-key", key);
    }
    if (token != NULL) {
        add_member(out, "Authorization", token);
    }
    return SQLITE_OK;
}

int ds_realtime_authorize(const ds_config *config, ds_auth_mode mode, const char *suffix,
                          const char *body, ds_buf *out, ds_err *err) {
    ds_url url;
    ds_auth auth = {.n_headers = 0};
    ds_buf host, path;
    ds_buf_init(&host, HOST_MAX);
    ds_buf_init(&path, HOST_MAX);
    int rc = parse_endpoint(config, &url, err);
    rc = rc ? rc : ds_auth_make(config, mode, &auth, err);
    if (rc == SQLITE_OK) {
        add_host(&url, &host);
        ds_buf_addf(&path, "%s%s", url.path, suffix);
        rc = host.rc || path.rc ? ds_err_nomem(err) : SQLITE_OK;
    }
    if (rc == SQLITE_OK) {
        ds_buf_add(out, "{\"host\":");
        ds_buf_add_json(out, ds_buf_text(&host), host.length);
        rc = add_members(&auth, ds_buf_text(&host), ds_buf_text(&path), body, out, err);
        ds_buf_add(out, "}");
    }
    if (rc == SQLITE_OK && out->rc != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    ds_auth_done(&auth);
    ds_url_done(&url);
    ds_buf_done(&host);
    ds_buf_done(&path);
    return rc;
}

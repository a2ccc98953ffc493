/*
** AWS Signature Version 4, for what libcurl does not sign: the authorization of
** subscriptions, which is not a request of HTTP but looks like one.
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define CANONICAL_MAX (8 * DS_MAX_SECRET_BYTES)
#define DAY           8 /* letters of the date that are the day */

void ds_sign_date(int64_t ms, char out[DS_SIGN_DATE_SIZE]) {
    char text[DS_DATETIME_SIZE]; /* 2020-02-29T12:30:00.000Z */
    size_t n = 0;
    ds_env_datetime(ms, text);
    for (const char *p = text; *p && *p != '.' && n < DS_SIGN_DATE_SIZE - 2; p++) {
        if (*p != '-' && *p != ':') {
            out[n++] = *p;
        }
    }
    out[n++] = 'Z';
    out[n] = 0;
}

/* Each byte that is not unreserved is escaped, also the % of what is escaped already. */
static void add_path(ds_buf *out, const char *path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-_.~/";
    for (const char *p = path; *p; p++) {
        if (strchr(plain, *p) != NULL) {
            ds_buf_add_bytes(out, p, 1);
        } else {
            ds_buf_addf(out, "%%%02X", (unsigned char)*p);
        }
    }
}

static void add_names(ds_buf *out, const ds_sign_request *request) {
    for (int i = 0; i < request->n_headers; i++) {
        ds_buf_addf(out, "%s%s", i > 0 ? ";" : "", request->headers[i].name);
    }
}

static int add_digest(ds_buf *out, const char *text, size_t length, ds_err *err) {
    unsigned char digest[DS_SHA256_SIZE];
    int rc = ds_digest_sha256(text, length, digest, err);
    if (rc == SQLITE_OK) {
        ds_buf_add_hex(out, digest, sizeof digest);
    }
    return rc;
}

/* The request in the form that both sides can write down. */
static int add_canonical(ds_buf *out, const ds_sign_request *request, ds_err *err) {
    ds_buf_addf(out, "%s\n", request->method);
    add_path(out, request->path);
    ds_buf_add(out, "\n\n"); /* no query */
    for (int i = 0; i < request->n_headers; i++) {
        ds_buf_addf(out, "%s:%s\n", request->headers[i].name, request->headers[i].value);
    }
    ds_buf_add(out, "\n");
    add_names(out, request);
    ds_buf_add(out, "\n");
    return add_digest(out, request->body, strlen(request->body), err);
}

/* 20200229/eu-west-1/appsync/aws4_request */
static void add_scope(ds_buf *out, const ds_http_signer *signer, const char *date) {
    ds_buf_addf(out, "%.*s/%s/%s/aws4_request", DAY, date, signer->region,
                signer->service);
}

static int add_string_to_sign(ds_buf *out, const ds_http_signer *signer,
                              const ds_sign_request *request, ds_err *err) {
    ds_buf canonical;
    ds_buf_init(&canonical, CANONICAL_MAX);
    int rc = add_canonical(&canonical, request, err);
    if (rc == SQLITE_OK && canonical.rc != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    ds_buf_addf(out, "AWS4-HMAC-SHA256\n%s\n", request->date);
    add_scope(out, signer, request->date);
    ds_buf_add(out, "\n");
    rc = rc ? rc : add_digest(out, ds_buf_text(&canonical), canonical.length, err);
    ds_buf_done(&canonical);
    return rc;
}

/* The key of the day, the region and the service; then the signature by it. */
static int sign_text(const ds_http_signer *signer, const char *date, const ds_buf *text,
                     unsigned char out[DS_SHA256_SIZE], ds_err *err) {
    ds_buf secret;
    const struct {
        const char *text;
        size_t length;
    } links[] = {{date, DAY},
                 {signer->region, strlen(signer->region)},
                 {signer->service, strlen(signer->service)},
                 {"aws4_request", strlen("aws4_request")},
                 {ds_buf_text(text), text->length}};
    ds_buf_init(&secret, DS_MAX_SECRET_BYTES + 4);
    ds_buf_addf(&secret, "AWS4%s", signer->secret_key);
    int rc = secret.rc ? ds_err_nomem(err) : SQLITE_OK;
    const void *key = ds_buf_text(&secret);
    int length = (int)secret.length;
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(links); i++) {
        unsigned char digest[DS_SHA256_SIZE];
        rc = ds_digest_hmac(key, length, links[i].text, links[i].length, digest, err);
        memcpy(out, digest, DS_SHA256_SIZE);
        key = out;
        length = DS_SHA256_SIZE;
    }
    ds_buf_done(&secret);
    return rc;
}

int ds_sign(const ds_http_signer *signer, const ds_sign_request *request, ds_buf *out,
            ds_err *err) {
    unsigned char signature[DS_SHA256_SIZE] = {0};
    ds_buf text;
    ds_buf_init(&text, CANONICAL_MAX);
    int rc = add_string_to_sign(&text, signer, request, err);
    if (rc == SQLITE_OK && text.rc != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    rc = rc ? rc : sign_text(signer, request->date, &text, signature, err);
    ds_buf_done(&text);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_buf_addf(out, "AWS4-HMAC-SHA256 Credential=%s/", signer->access_key);
    add_scope(out, signer, request->date);
    ds_buf_add(out, ", SignedHeaders=");
    add_names(out, request);
    ds_buf_add(out, ", Signature=");
    ds_buf_add_hex(out, signature, sizeof signature);
    return out->rc ? ds_err_nomem(err) : SQLITE_OK;
}

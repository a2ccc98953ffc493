/*
** What follows from the GraphQL endpoint.
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define LABEL "appsync-api"

/* The region in <id>.appsync-api.<region>.amazonaws.com[.cn], `*length` bytes; NULL for
** any other host. */
static const char *find_region(const char *host, size_t *length) {
    const char *label = strchr(host, '.');
    if (label == NULL || label == host ||
        strncmp(label, "." LABEL ".", strlen(LABEL) + 2) != 0) {
        return NULL;
    }
    const char *region = label + strlen(LABEL) + 2;
    const char *domain = strchr(region, '.');
    if (domain == NULL || domain == region ||
        (strcmp(domain, ".amazonaws.com") != 0 &&
         strcmp(domain, ".amazonaws.com.cn") != 0)) {
        return NULL;
    }
    *length = (size_t)(domain - region);
    return region;
}

static void add_host(const ds_url *url, ds_buf *out) {
    size_t length;
    const char *region = find_region(url->host, &length);
    if (region == NULL) {
        ds_buf_add(out, url->host);
    } else {
        ds_buf_add_bytes(out, url->host, strcspn(url->host, "."));
        ds_buf_addf(out, ".appsync-realtime-api.%s", region);
    }
    if (url->has_port) {
        ds_buf_addf(out, ":%d", url->port);
    }
}

/* The path; behind that of a custom domain comes /realtime. */
static void add_path(const ds_url *url, ds_buf *out) {
    size_t ignored;
    size_t length = strlen(url->path);
    if (find_region(url->host, &ignored) != NULL) {
        ds_buf_add(out, url->path);
        return;
    }
    while (length > 0 && url->path[length - 1] == '/') {
        length--;
    }
    ds_buf_add_bytes(out, url->path, length);
    ds_buf_add(out, "/realtime");
}

static void note_nomem(int rc, ds_buf *out) {
    if (rc == SQLITE_NOMEM && out->rc == SQLITE_OK) {
        out->rc = rc;
    }
}

void ds_endpoint_realtime(const char *url, ds_buf *out) {
    ds_url parts;
    int rc = ds_url_parse(url, false, &parts, NULL);
    note_nomem(rc, out);
    if (rc == SQLITE_OK) {
        ds_buf_add(out, parts.is_secure ? "wss://" : "ws://");
        add_host(&parts, out);
        add_path(&parts, out);
    }
    ds_url_done(&parts);
}

void ds_endpoint_region(const char *url, ds_buf *out) {
    ds_url parts;
    size_t length = 0;
    int rc = ds_url_parse(url, false, &parts, NULL);
    const char *region = rc == SQLITE_OK ? find_region(parts.host, &length) : NULL;
    note_nomem(rc, out);
    if (region != NULL) {
        ds_buf_add_bytes(out, region, length);
    }
    ds_url_done(&parts);
}

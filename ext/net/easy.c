/*
** What requests and WebSockets tell libcurl alike: how to connect, and whom to trust.
*/
#include "net/net_int.h"

#include <string.h>

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or later is needed"
#endif

/* Set an option unless an earlier one failed. */
#define SET(option, value)                                                               \
    code = code == CURLE_OK ? curl_easy_setopt(easy, option, value) : code

static CURLcode set_connection(CURL *easy, const ds_http_options *options,
                               bool is_loopback) {
    CURLcode code = CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Whoever gives up does not wait for a name look-up that hangs; its thread ends by
    ** itself. */
    SET(CURLOPT_QUICK_EXIT, 1L);
#endif
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    if (options->proxy != NULL) {
        SET(CURLOPT_PROXY, options->proxy);
    }
    if (is_loopback) {
        SET(CURLOPT_NOPROXY, "*");
    }
    return code;
}

static CURLcode set_security(CURL *easy, const ds_http_options *options) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->ca_file != NULL) {
        SET(CURLOPT_CAINFO, options->ca_file);
        SET(CURLOPT_PROXY_CAINFO, options->ca_file);
        /* Else the system's are trusted beside it, where TLS knows such folders. */
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    }
    return code;
}

CURLcode ds_easy_set_up(CURL *easy, const ds_http_options *options, bool is_loopback) {
    CURLcode code = set_connection(easy, options, is_loopback);
    return code ? code : set_security(easy, options);
}

int ds_easy_check(CURLcode code, ds_err *err) {
    if (code == CURLE_OK) {
        return SQLITE_OK;
    }
    return code == CURLE_OUT_OF_MEMORY
               ? ds_err_nomem(err)
               : ds_err_set(err, SQLITE_ERROR, "libcurl %s cannot do this: %s",
                            curl_version_info(CURLVERSION_NOW)->version,
                            curl_easy_strerror(code));
}

int ds_easy_check_safety(const ds_url *url, const ds_http_options *options, ds_err *err) {
    return url->is_secure || url->is_loopback || options->allow_insecure
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "plain %s to %s would show the credentials to everybody on "
                            "the way",
                            url->scheme, url->host);
}

static bool has_control(const char *line) {
    for (const char *p = line; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7F) {
            return true;
        }
    }
    return false;
}

int ds_easy_check_header(const char *line, ds_err *err) {
    return has_control(line) ? ds_err_set(err, SQLITE_ERROR,
                                          "the header \"%.*s\" holds a control character",
                                          (int)strcspn(line, ":"), line)
                             : SQLITE_OK;
}

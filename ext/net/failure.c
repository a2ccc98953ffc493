/*
** Why a request has no answer: libcurl's codes sorted into a few classes, each with its
** words.
*/
#include "net/net_int.h"

#include <string.h>

static const struct {
    CURLcode code;
    ds_http_failure failure;
} classes[] = {
    {CURLE_OK, DS_HTTP_ANSWERED},
    {CURLE_COULDNT_RESOLVE_PROXY, DS_HTTP_NO_CONNECTION},
    {CURLE_COULDNT_RESOLVE_HOST, DS_HTTP_NO_CONNECTION},
    {CURLE_COULDNT_CONNECT, DS_HTTP_NO_CONNECTION},
    {CURLE_INTERFACE_FAILED, DS_HTTP_NO_CONNECTION},
    {CURLE_NO_CONNECTION_AVAILABLE, DS_HTTP_NO_CONNECTION},
    {CURLE_PROXY, DS_HTTP_NO_CONNECTION},
    {CURLE_SSL_CONNECT_ERROR, DS_HTTP_TLS},
    {CURLE_SSL_ENGINE_NOTFOUND, DS_HTTP_TLS},
    {CURLE_SSL_ENGINE_SETFAILED, DS_HTTP_TLS},
    {CURLE_SSL_ENGINE_INITFAILED, DS_HTTP_TLS},
    {CURLE_SSL_CERTPROBLEM, DS_HTTP_TLS},
    {CURLE_SSL_CIPHER, DS_HTTP_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, DS_HTTP_TLS},
    {CURLE_USE_SSL_FAILED, DS_HTTP_TLS},
    {CURLE_SSL_CACERT_BADFILE, DS_HTTP_TLS},
    {CURLE_SSL_CRL_BADFILE, DS_HTTP_TLS},
    {CURLE_SSL_ISSUER_ERROR, DS_HTTP_TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, DS_HTTP_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, DS_HTTP_TLS},
    {CURLE_SSL_CLIENTCERT, DS_HTTP_TLS},
    {CURLE_OPERATION_TIMEDOUT, DS_HTTP_TIMEOUT},
    {CURLE_FILESIZE_EXCEEDED, DS_HTTP_TOO_LARGE},
    {CURLE_WEIRD_SERVER_REPLY, DS_HTTP_MALFORMED},
    {CURLE_UNSUPPORTED_PROTOCOL, DS_HTTP_MALFORMED}, /* HTTP/0.9, that is: not HTTP */
    {CURLE_BAD_CONTENT_ENCODING, DS_HTTP_MALFORMED},
};

ds_http_failure ds_failure_class(CURLcode code, bool was_sent) {
    for (size_t i = 0; i < DS_COUNT(classes); i++) {
        if (classes[i].code == code) {
            return classes[i].failure;
        }
    }
    /* The rest are ways of losing a connection; a proxy that refuses looks like one. */
    return was_sent ? DS_HTTP_RESET : DS_HTTP_NO_CONNECTION;
}

/*
** libcurl's own words. They speak of hosts, ports and certificates while it connects;
** later they may quote what was received, and are not used. Of a proxy that it does not
** understand they quote all, with the password before the @.
*/
static const char *detail(const char *error, CURLcode code) {
    bool is_usable = error[0] && strchr(error, '@') == NULL;
    return is_usable ? error : curl_easy_strerror(code);
}

void ds_failure_say(ds_http_answer *answer, const char *format, ...) {
    char text[DS_ERR_TEXT_MAX];
    ds_err why = DS_ERR_INIT; /* for its text: one line */
    va_list arguments;
    va_start(arguments, format);
    sqlite3_vsnprintf(sizeof text, text, format, arguments);
    va_end(arguments);
    ds_err_set(&why, SQLITE_ERROR, "%s", text);
    sqlite3_snprintf(sizeof answer->reason, answer->reason, "%s", why.text);
}

void ds_failure_to_connect(ds_http_answer *answer, CURLcode code, const char *host,
                           const char *error, int timeout_ms) {
    if (answer->failure == DS_HTTP_TIMEOUT) {
        ds_failure_say(answer, "no connection to %s within %d ms", host, timeout_ms);
    } else {
        ds_failure_say(answer, "no %sconnection to %s: %s",
                       answer->failure == DS_HTTP_TLS ? "secure " : "", host,
                       detail(error, code));
    }
}

void ds_failure_explain(ds_exchange *exchange, CURLcode code) {
    const char *host = exchange->host;
    ds_http_answer *answer = exchange->answer;
    if (answer->failure == DS_HTTP_TIMEOUT && answer->was_sent) {
        ds_failure_say(answer, "no answer from %s within %d ms", host,
                       exchange->options->request_timeout_ms);
        return;
    }
    switch (answer->failure) {
    case DS_HTTP_ANSWERED:
        break;
    case DS_HTTP_NO_CONNECTION:
    case DS_HTTP_TLS:
    case DS_HTTP_TIMEOUT:
        ds_failure_to_connect(answer, code, host, exchange->error,
                              exchange->options->connect_timeout_ms);
        break;
    case DS_HTTP_RESET:
        ds_failure_say(answer, "the connection to %s ended before the answer did", host);
        break;
    case DS_HTTP_TOO_LARGE:
        ds_failure_say(answer, "the answer of %s has more than %lld bytes", host,
                       (long long)answer->body.maximum);
        break;
    case DS_HTTP_MALFORMED:
        ds_failure_say(answer, "what %s answered is not HTTP", host);
        break;
    }
}

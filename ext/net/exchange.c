/*
** One request: how libcurl is told of it, and how its answer is taken.
*/
#include "net/net_int.h"

#include <string.h>

/* Before that libcurl signed no headers of ours, a session token among them. */
#define FIRST_THAT_SIGNS 0x075600 /* 7.86 */

/* For how long libcurl keeps a connection that is not used. */
#define USUAL_AGE_S 118

/* Set an option unless an earlier one failed. */
#define SET(option, value)                                                               \
    code = code == CURLE_OK ? curl_easy_setopt(x->easy, option, value) : code

/* ---- called by libcurl ------------------------------------------------------------- */

/* A part of the answer, unpacked. Taking less than all ends the transfer; body.rc says
** why. */
static size_t take_body(char *data, size_t size, size_t count, void *user) {
    ds_exchange *x = user;
    ds_buf_add_bytes(&x->answer->body, data, size * count);
    return x->answer->body.rc == SQLITE_OK ? size * count : 0;
}

/* The connection stands and the request is about to be sent, perhaps not for the first
** time. */
static int begin_to_send(void *user, char *remote, char *local, int remote_port,
                         int local_port) {
    ds_exchange *x = user;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    x->n_sent++;
    return x->only_once && x->n_sent > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- what libcurl is told ---------------------------------------------------------- */

static CURLcode set_request(ds_exchange *x, const ds_http_request *request) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, x->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    SET(CURLOPT_HTTPHEADER, x->headers);
    SET(CURLOPT_USERAGENT, "datastore/" DATASTORE_VERSION);
    SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that this libcurl can unpack */
    return code;
}

static CURLcode set_answer(ds_exchange *x, const ds_http_request *request) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_PRIVATE, x);
    SET(CURLOPT_ERRORBUFFER, x->error);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, x);
    SET(CURLOPT_PREREQFUNCTION, begin_to_send);
    SET(CURLOPT_PREREQDATA, x);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->maximum);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_TIMEOUT_MS, (long)x->options->request_timeout_ms);
    return code;
}

static CURLcode set_signer(ds_exchange *x, const ds_http_signer *signer) {
    CURLcode code = CURLE_OK;
    char *parameters = sqlite3_mprintf("aws:amz:%s:%s", signer->region, signer->service);
    if (parameters == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    SET(CURLOPT_AWS_SIGV4, parameters); /* copied, as all its texts but the body are */
    SET(CURLOPT_USERNAME, signer->access_key);
    SET(CURLOPT_PASSWORD, signer->secret_key);
    sqlite3_free(parameters);
    return code;
}

static int set_options(ds_exchange *x, const ds_http_request *request, bool is_loopback,
                       ds_err *err) {
    CURLcode code = set_request(x, request);
    code = code ? code : set_answer(x, request);
    code = code ? code : ds_easy_set_up(x->easy, x->options, is_loopback);
    if (code == CURLE_OK && request->signer != NULL) {
        code = set_signer(x, request->signer);
    }
    return ds_easy_check(code, err);
}

/* ---- from the request to libcurl --------------------------------------------------- */

static int add_header(ds_exchange *x, const char *line, ds_err *err) {
    int rc = ds_easy_check_header(line, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    struct curl_slist *headers = curl_slist_append(x->headers, line);
    if (headers == NULL) {
        return ds_err_nomem(err);
    }
    x->headers = headers;
    return SQLITE_OK;
}

static int add_headers(ds_exchange *x, const ds_http_request *request, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < request->n_headers; i++) {
        rc = add_header(x, request->headers[i], err);
    }
    /* Asking first whether a large body is welcome takes a second where nobody answers.
    ** The empty header that turns it off would be signed, and not sent. */
    if (rc == SQLITE_OK && request->signer == NULL) {
        rc = add_header(x, "Expect:", err);
    }
    return rc;
}

static int check_signer(const ds_http_request *request, ds_err *err) {
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    return request->signer == NULL || info->version_num >= FIRST_THAT_SIGNS
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "signing requests needs libcurl 7.86 or later, this is %s",
                            info->version);
}

static int fill(ds_exchange *x, const ds_http_request *request, bool is_loopback,
                ds_err *err) {
    x->easy = curl_easy_init();
    x->body = sqlite3_malloc64(request->length + 1);
    x->answer = sqlite3_malloc64(sizeof *x->answer);
    if (x->easy == NULL || x->body == NULL || x->answer == NULL) {
        return ds_err_nomem(err);
    }
    memcpy(x->body, request->body, request->length);
    memset(x->answer, 0, sizeof *x->answer);
    x->answer->id = request->id;
    ds_buf_init(&x->answer->body, request->maximum);
    int rc = add_headers(x, request, err);
    return rc ? rc : set_options(x, request, is_loopback, err);
}

int ds_exchange_new(const ds_http_options *options, const ds_http_request *request,
                    ds_exchange **out, ds_err *err) {
    ds_url url;
    ds_exchange *x = NULL;
    *out = NULL;
    int rc = ds_url_parse(request->url, false, &url, err);
    rc = rc ? rc : ds_easy_check_safety(&url, options, err);
    rc = rc ? rc : check_signer(request, err);
    if (rc == SQLITE_OK) {
        x = sqlite3_malloc64(sizeof *x);
        rc = x ? SQLITE_OK : ds_err_nomem(err);
    }
    if (x != NULL) {
        memset(x, 0, sizeof *x);
        x->options = options;
        x->only_once = request->only_once;
        x->host = url.host;
        url.host = NULL;
        rc = fill(x, request, url.is_loopback, err);
    }
    ds_url_done(&url);
    if (rc == SQLITE_OK) {
        *out = x;
    } else {
        ds_exchange_free(x);
    }
    return rc;
}

/* libcurl counts whole seconds, of what a connection was not used; a young one cannot be told by that. */
int ds_exchange_avoid(ds_exchange *x, int64_t age_ms, ds_err *err) {
    CURLcode code = CURLE_OK;
    int64_t age = age_ms / 1000 - 1;
    if (age < 1) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
    } else if (age < USUAL_AGE_S) {
        SET(CURLOPT_MAXAGE_CONN, (long)age);
    }
    return ds_easy_check(code, err);
}

void ds_exchange_free(ds_exchange *x) {
    if (x == NULL) {
        return;
    }
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->headers);
    ds_http_answer_free(x->answer);
    sqlite3_free(x->body);
    sqlite3_free(x->host);
    sqlite3_free(x);
}

/* ---- from libcurl to the answer ---------------------------------------------------- */

void ds_answer_describe(ds_http_answer *answer, int status, int64_t retry_after,
                        const char *content_type) {
    answer->status = status;
    answer->retry_after = retry_after < 0                      ? 0
                          : retry_after > DS_MAX_RETRY_AFTER_S ? DS_MAX_RETRY_AFTER_S
                                                               : (int)retry_after;
    sqlite3_snprintf(sizeof answer->content_type, answer->content_type, "%s",
                     content_type ? content_type : "");
    for (char *p = answer->content_type; *p; p++) {
        *p = *p < 0x20 || *p > 0x7E ? '?' : *p;
    }
}

static void read_status(ds_exchange *x) {
    long status = 0;
    curl_off_t retry_after = 0;
    const char *content_type = NULL;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, &content_type);
    ds_answer_describe(x->answer, (int)status, retry_after, content_type);
}

int ds_exchange_finish(ds_exchange *x, CURLcode code, ds_http_answer **out, ds_err *err) {
    ds_http_answer *answer = x->answer;
    if (code == CURLE_OUT_OF_MEMORY || answer->body.rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    answer->was_sent = x->n_sent > 0;
    answer->failure = answer->body.rc == SQLITE_TOOBIG
                          ? DS_HTTP_TOO_LARGE
                          : ds_failure_class(code, answer->was_sent);
    if (answer->failure == DS_HTTP_ANSWERED) {
        read_status(x);
    } else {
        ds_failure_explain(x, code);
        ds_buf_done(&answer->body);
    }
    *out = answer;
    x->answer = NULL;
    return SQLITE_OK;
}

void ds_http_answer_free(ds_http_answer *answer) {
    if (answer != NULL) {
        ds_buf_done(&answer->body);
        sqlite3_free(answer);
    }
}

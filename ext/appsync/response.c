/*
** Answers: from status and body to what the sync engine decides by.
*/
#include "appsync/appsync_int.h"

#include <string.h>

/* Bytes that a reason quotes. */
#define TYPE_MAX    100
#define MESSAGE_MAX 200

/* ---- the body ---------------------------------------------------------------------- */

/* Parse it. What is not JSON, or beyond the limits, is NULL in *out and no error here. */
static int parse(ds_buf *body, ds_json **out, ds_err *err) {
    const char *text = ds_buf_text(body);
    int rc = ds_json_parse(text, body->length, out, NULL);
    if (rc != SQLITE_OK && rc != SQLITE_NOMEM && body->data != NULL &&
        ds_mend_escapes(body->data, body->length)) {
        rc = ds_json_parse(text, body->length, out, NULL);
    }
    return rc == SQLITE_NOMEM ? ds_err_nomem(err) : SQLITE_OK;
}

static const char *text_of(const ds_json *object, const char *name) {
    const ds_json *node = ds_json_get(object, name);
    return node ? ds_json_string(node) : NULL;
}

/* null counts as absent. */
static const ds_json *value_of(const ds_json *object, const char *name) {
    const ds_json *node = ds_json_get(object, name);
    return node != NULL && ds_json_type(node) != DS_JSON_NULL ? node : NULL;
}

static ds_response_error read_error(const ds_json *node) {
    ds_response_error error = {.type = text_of(node, "errorType"),
                               .message = text_of(node, "message"),
                               .path = value_of(node, "path"),
                               .data = value_of(node, "data"),
                               .info = value_of(node, "errorInfo")};
    if (error.path != NULL && ds_json_type(error.path) != DS_JSON_LIST) {
        error.path = NULL;
    }
    const ds_json *first = error.path ? ds_json_child(error.path) : NULL;
    error.field = first ? ds_json_string(first) : NULL;
    error.fault = ds_fault_find(error.type, error.message);
    return error;
}

static int read_errors(const ds_json *list, ds_response *out, ds_err *err) {
    size_t count = list && ds_json_type(list) == DS_JSON_LIST ? ds_json_count(list) : 0;
    size_t kept = count < DS_MAX_ERRORS ? count : DS_MAX_ERRORS;
    if (kept == 0) {
        return SQLITE_OK;
    }
    out->errors = sqlite3_malloc64(kept * sizeof *out->errors);
    if (out->errors == NULL) {
        return ds_err_nomem(err);
    }
    out->n_all = (int)count;
    for (const ds_json *node = ds_json_child(list);
         node != NULL && out->n_errors < (int)kept; node = ds_json_next(node)) {
        out->errors[out->n_errors++] = read_error(node);
    }
    return SQLITE_OK;
}

/* ---- no answer of the API ---------------------------------------------------------- */

/*
** What refuses a request before GraphQL answers {"errors":[{"errorType","message"}]}
** (AppSync), or {"message"} with __type or without (what stands before it).
*/
static ds_response_error refusal(const ds_response *response) {
    if (response->n_errors > 0) {
        return response->errors[0];
    }
    ds_response_error error = {.type = text_of(response->root, "__type"),
                               .message = text_of(response->root, "message")};
    if (error.message == NULL) {
        error.message = text_of(response->root, "Message");
    }
    error.fault = ds_fault_find(error.type, error.message);
    return error;
}

static bool is_transient(int status) {
    return status < 400 || status >= 500 || status == 407 || status == 408 ||
           status == 425 || status == 429;
}

static bool is_firewall(int status, const ds_response_error *error) {
    return status == 403 &&
           (error->type == NULL ? error->message == NULL
                                : strcmp(error->type, "WAFForbiddenException") == 0);
}

/* By the status, where the error's own type does not say better. */
static ds_fault judge(int status, const ds_response_error *error) {
    if (is_transient(status)) {
        return DS_FAULT_TRANSIENT;
    }
    if (error->fault == DS_FAULT_EXPIRED || error->fault == DS_FAULT_UNAUTHORIZED ||
        error->fault == DS_FAULT_TRANSIENT) {
        return error->fault;
    }
    if (status == 401 || status == 403) {
        return DS_FAULT_UNAUTHORIZED;
    }
    bool is_refused = status == 413 || (status == 400 && error->type != NULL);
    return is_refused ? DS_FAULT_INVALID : DS_FAULT_OTHER;
}

/* The first line of a text, cut at a character: behind it a wrong signature quotes the
** request, credentials and all. */
static void add_line(ds_buf *out, const char *text, size_t most) {
    size_t length = strcspn(text, "\r\n");
    if (length > most) {
        length = most;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    ds_buf_add_bytes(out, text, length);
}

/* HTTP 401 UnauthorizedException: Token has expired */
static int explain(const ds_http_answer *answer, const ds_response_error *error,
                   ds_response *out, ds_err *err) {
    ds_buf line;
    ds_buf_init(&line, sizeof out->reason - 1);
    if (error->type == NULL && error->message == NULL && answer->status / 100 == 2) {
        ds_buf_addf(&line, "the answer is not AppSync's (HTTP %d, %s)", answer->status,
                    answer->content_type[0] ? answer->content_type : "no content type");
    } else {
        ds_buf_addf(&line, "HTTP %d", answer->status);
    }
    if (error->type != NULL) {
        ds_buf_add(&line, " ");
        add_line(&line, error->type, TYPE_MAX);
    }
    if (error->message != NULL && error->message[0]) {
        ds_buf_add(&line, ": ");
        add_line(&line, error->message, MESSAGE_MAX);
    }
    int rc = line.rc ? ds_err_nomem(err) : SQLITE_OK;
    sqlite3_snprintf(sizeof out->reason, out->reason, "%s", ds_buf_text(&line));
    ds_buf_done(&line);
    return rc;
}

/* ---- all of it --------------------------------------------------------------------- */

static bool is_graphql(int status, const ds_response *response) {
    return status >= 200 && status < 300 &&
           (response->n_errors > 0 || ds_json_get(response->root, "data") != NULL);
}

static int read_answer(ds_http_answer *answer, ds_response *out, ds_err *err) {
    int rc = parse(&answer->body, &out->root, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (out->root != NULL) {
        rc = read_errors(ds_json_get(out->root, "errors"), out, err);
    }
    if (rc == SQLITE_OK && out->root != NULL && is_graphql(answer->status, out)) {
        out->data = value_of(out->root, "data");
    } else if (rc == SQLITE_OK) {
        ds_response_error error = {DS_FAULT_OTHER, NULL, NULL, NULL, NULL, NULL, NULL};
        if (out->root != NULL) {
            error = refusal(out);
        }
        out->fault = judge(answer->status, &error);
        out->is_firewall = is_firewall(answer->status, &error);
        rc = explain(answer, &error, out, err);
    }
    return rc;
}

int ds_response_read(ds_http_answer *answer, ds_response *out, ds_err *err) {
    memset(out, 0, sizeof *out);
    out->retry_after = answer->retry_after;
    if (answer->failure == DS_HTTP_ANSWERED) {
        int rc = read_answer(answer, out, err);
        out->is_unclear = out->fault == DS_FAULT_TRANSIENT;
        return rc;
    }
    out->fault = DS_FAULT_TRANSIENT;
    out->is_unclear = answer->was_sent;
    sqlite3_snprintf(sizeof out->reason, out->reason, "%s", answer->reason);
    return SQLITE_OK;
}

void ds_response_done(ds_response *response) {
    sqlite3_free(response->errors);
    ds_json_free(response->root);
    memset(response, 0, sizeof *response);
}

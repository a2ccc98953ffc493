/*
** What is received for subscriptions. Records are not taken apart here: they are handed on
** as they stand in the text.
*/
#include "appsync/appsync_int.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS 60000

static const struct {
    const char *type;
    ds_realtime_kind kind;
} kinds[] = {
    {"connection_ack", DS_REALTIME_ACK},       {"ka", DS_REALTIME_KEEP_ALIVE},
    {"start_ack", DS_REALTIME_START_ACK},      {"data", DS_REALTIME_DATA},
    {"complete", DS_REALTIME_COMPLETE},        {"error", DS_REALTIME_ERROR},
    {"connection_error", DS_REALTIME_REFUSED},
};

static ds_realtime_kind find_kind(const ds_token *type) {
    for (size_t i = 0; i < DS_COUNT(kinds); i++) {
        if (ds_token_is(type, kinds[i].type)) {
            return kinds[i].kind;
        }
    }
    return DS_REALTIME_OTHER;
}

/* The members of an object that are named, each of which is kind 0 when it is absent. False when
** it is no well-formed object. */
static bool pick(const char *text, size_t length, const char *const *names, int n,
                 ds_token *out) {
    ds_token name, value;
    ds_scan scan = ds_scan_begin(text, length);
    memset(out, 0, (size_t)n * sizeof *out);
    if (!ds_scan_open(&scan, '{')) {
        return false;
    }
    while (ds_scan_next(&scan, '}') && ds_scan_name(&scan, &name) &&
           ds_scan_value(&scan, &value)) {
        for (int i = 0; i < n; i++) {
            out[i] = ds_token_is(&name, names[i]) ? value : out[i];
        }
    }
    return ds_scan_end(&scan);
}

/* ---- kinds of payload -------------------------------------------------------------- */

static void read_ack(const ds_token *payload, ds_realtime_message *out) {
    static const char *const names[] = {"connectionTimeoutMs"};
    ds_token value;
    int64_t ms;
    out->timeout_ms = DS_REALTIME_SILENCE_MS;
    if (payload->kind == '{' && pick(payload->text, payload->length, names, 1, &value) &&
        ds_token_integer(&value, &ms) && ms > 0) {
        out->timeout_ms = ms > 60 * MINUTE_MS ? 60 * MINUTE_MS : (int)ms;
    }
}

/* The value of the one root field of a subscription. */
static void read_record(const ds_token *data, ds_token *out) {
    ds_token name;
    ds_scan scan = ds_scan_begin(data->text, data->length);
    if (!ds_scan_open(&scan, '{') || !ds_scan_next(&scan, '}') ||
        !ds_scan_name(&scan, &name) || !ds_scan_value(&scan, out)) {
        *out = (ds_token){.kind = 0};
    }
}

/* The first line: behind it a wrong signature quotes the request, credentials and all. */
static void copy(char *out, size_t size, const char *text) {
    const char *all = text ? text : "";
    sqlite3_snprintf((int)size, out, "%.*s", (int)strcspn(all, "\r\n"), all);
    size_t length = strlen(out); /* what is cut in the middle of a character goes */
    while (length > 0 && !ds_text_is_utf8(out, length)) {
        out[--length] = 0;
    }
}

static const char *text_of(const ds_json *object, const char *name) {
    const ds_json *node = ds_json_get(object, name);
    return node ? ds_json_string(node) : NULL;
}

/* A number, also as a text; 0 for what is no status of HTTP. */
static int code_of(const ds_json *error) {
    int64_t code = 0;
    const ds_json *node = ds_json_get(error, "errorCode");
    const char *text = node ? ds_json_string(node) : NULL;
    if (text != NULL) {
        code = strtol(text, NULL, 10);
    } else if (node == NULL || !ds_json_integer(node, &code)) {
        code = 0;
    }
    return code > 0 && code < 1000 ? (int)code : 0;
}

/* The first error whose fault is known, or else the first one. */
static void note_error(const ds_json *error, ds_realtime_message *out) {
    const char *type = text_of(error, "errorType");
    const char *message = text_of(error, "message");
    int code = code_of(error);
    ds_realtime_fault fault = ds_realtime_fault_find(type, message, code);
    if (out->fault == DS_REALTIME_FINE ||
        (out->fault == DS_REALTIME_UNKNOWN && fault != DS_REALTIME_UNKNOWN)) {
        out->fault = fault;
        out->code = code;
        copy(out->type, sizeof out->type, type);
        copy(out->message, sizeof out->message, message);
    }
}

/* {"errors":[{…}]}, or one error alone. What is none of both is an error, too. */
static int read_errors(const ds_token *payload, ds_realtime_message *out, ds_err *err) {
    ds_json *root = NULL;
    int rc = payload->kind == '{'
                 ? ds_json_parse(payload->text, payload->length, &root, NULL)
                 : SQLITE_ERROR;
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    const ds_json *list = root ? ds_json_get(root, "errors") : NULL;
    int n = 0;
    if (list != NULL && ds_json_type(list) == DS_JSON_LIST) {
        for (const ds_json *node = ds_json_child(list); node != NULL && n < DS_MAX_ERRORS;
             node = ds_json_next(node), n++) {
            note_error(node, out);
        }
    } else if (root != NULL) {
        note_error(root, out);
    }
    out->fault = out->fault == DS_REALTIME_FINE ? DS_REALTIME_UNKNOWN : out->fault;
    ds_json_free(root);
    return SQLITE_OK;
}

static bool has_errors(const ds_token *list) {
    ds_scan scan = ds_scan_begin(list->text, list->length);
    return list->kind == '[' && ds_scan_open(&scan, '[') && ds_scan_next(&scan, ']');
}

static int read_data(const ds_token *payload, ds_realtime_message *out, ds_err *err) {
    static const char *const names[] = {"data", "errors"};
    ds_token values[2];
    if (payload->kind != '{' || !pick(payload->text, payload->length, names, 2, values)) {
        return ds_err_set(err, SQLITE_ERROR, "a subscription's data has no payload");
    }
    if (values[0].kind == '{') {
        out->data = values[0];
        read_record(&values[0], &out->record);
    }
    return has_errors(&values[1]) ? read_errors(payload, out, err) : SQLITE_OK;
}

/* ---- all of it --------------------------------------------------------------------- */

static int read_payload(const ds_token *payload, ds_realtime_message *out, ds_err *err) {
    switch (out->kind) {
    case DS_REALTIME_ACK:
        read_ack(payload, out);
        return SQLITE_OK;
    case DS_REALTIME_DATA:
        return read_data(payload, out, err);
    case DS_REALTIME_ERROR:
    case DS_REALTIME_REFUSED:
        return read_errors(payload, out, err);
    case DS_REALTIME_OTHER:
    case DS_REALTIME_KEEP_ALIVE:
    case DS_REALTIME_START_ACK:
    case DS_REALTIME_COMPLETE:
        break;
    }
    return SQLITE_OK;
}

int ds_realtime_read(const char *text, size_t length, ds_realtime_message *out,
                     ds_err *err) {
    static const char *const names[] = {"type", "id", "payload"};
    ds_token values[3];
    memset(out, 0, sizeof *out);
    if (!pick(text, length, names, 3, values) || values[0].kind != '"') {
        return ds_err_set(err, SQLITE_ERROR,
                          "a realtime message is no JSON object with a type");
    }
    out->kind = find_kind(&values[0]);
    /* An id that is not like ours is nobody's. */
    if (values[1].kind == '"' && values[1].inside == 0 &&
        values[1].length < sizeof out->id) {
        memcpy(out->id, values[1].text, values[1].length);
    }
    return read_payload(&values[2], out, err);
}

int ds_realtime_read_end(ds_websocket_event *event, ds_realtime_message *out,
                         ds_err *err) {
    ds_http_answer *answer = event->answer;
    ds_response response;
    memset(out, 0, sizeof *out);
    out->kind = DS_REALTIME_REFUSED;
    out->fault = DS_REALTIME_TRANSIENT;
    if (answer->failure != DS_HTTP_ANSWERED || answer->status == 101) {
        copy(out->message, sizeof out->message, answer->reason);
        return SQLITE_OK;
    }
    int rc = ds_response_read(answer, &response, err);
    out->fault = ds_realtime_fault_of(response.fault);
    out->fault = out->fault == DS_REALTIME_FINE ? DS_REALTIME_UNKNOWN : out->fault;
    out->code = answer->status;
    copy(out->message, sizeof out->message, response.reason);
    ds_response_done(&response);
    return rc;
}

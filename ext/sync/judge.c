/*
** What an answer says about the mutations that were sent.
*/
#include "sync/engine_int.h"

#include <string.h>

/* ---- one item ------------------------------------------------------------------------------------ */

static void know(ds_item *item, ds_verdict verdict, const char *error) {
    item->state = DS_ITEM_KNOWN;
    item->verdict = verdict;
    item->error = error;
}

/* Ask for the record before judging; an API without that query leaves it at what the error carries. */
static void ask(ds_item *item, ds_verdict after, const char *error) {
    bool can_ask = ds_graphql_field(item->mutation->model, DS_GRAPHQL_GET) != NULL;
    ds_verdict without =
        after == DS_VERDICT_CONFLICT ? DS_VERDICT_LATER : DS_VERDICT_REFUSED;
    know(item, item->record.kind != 0 ? after : without, error);
    if (can_ask) {
        item->state = DS_ITEM_TODO;
        item->asks = true;
        item->after = after;
        item->mode = 0;
    }
}

/* Refused; but an earlier attempt, whose answer never came, may have been carried out, and what is to be deleted
** may be gone already: the server forgets tombstones. */
static void refuse(ds_item *item, const char *error) {
    if (item->mutation->is_unclear || item->mutation->operation == DS_GRAPHQL_DELETE) {
        ask(item, DS_VERDICT_FOUND, error);
    } else {
        know(item, DS_VERDICT_REFUSED, error);
    }
}

/* With a fresh credential, then with the next way to log in; false when all have been tried. */
static bool try_again(const ds_engine *engine, ds_item *item, ds_fault fault) {
    item->state = DS_ITEM_TODO;
    if (fault == DS_FAULT_EXPIRED && !item->is_again) {
        item->is_again = true;
        return true;
    }
    item->is_again = false;
    return ++item->mode < engine->n_modes;
}

/* The record as text that lives as long as the verdict. */
static void take_data(const ds_engine *engine, const ds_json *data, ds_token *out) {
    ds_buf text;
    if (data == NULL) {
        return;
    }
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_json_print(data, &text);
    const char *copy = ds_arena_text(engine->push.arena, ds_buf_text(&text), text.length);
    ds_scan scan = ds_scan_begin(copy ? copy : "", copy ? text.length : 0);
    if (!ds_scan_value(&scan, out)) {
        *out = (ds_token){.kind = 0};
    }
    ds_buf_done(&text);
}

/* What the dead letter keeps of the answer: the error as the server has sent it, but for secrets. */
static const char *keep_response(const ds_engine *engine,
                                 const ds_response_error *error) {
    ds_buf out;
    const char *texts[] = {error->type, error->message};
    static const char *const names[] = {"{\"errorType\":", ",\"message\":"};
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; i < 2; i++) {
        ds_buf_add(&out, names[i]);
        if (texts[i] != NULL) {
            ds_buf_add_json(&out, texts[i], strlen(texts[i]));
        } else {
            ds_buf_add(&out, "null");
        }
    }
    if (error->data != NULL) {
        ds_buf_add(&out, ",\"data\":");
        ds_json_print(error->data, &out);
    }
    if (error->info != NULL) {
        ds_buf_add(&out, ",\"errorInfo\":");
        ds_json_print(error->info, &out);
    }
    ds_buf_add(&out, "}");
    char *copy = ds_arena_text(engine->push.arena, ds_buf_text(&out), out.length);
    ds_buf_done(&out);
    ds_secret_mask(engine->config, copy);
    return copy;
}

/* ---- a document that was carried out --------------------------------------------------------------- */

/* The query for the record has been answered. */
static void judge_asked(ds_engine *engine, ds_item *item, const ds_response_error *error,
                        const ds_response *response) {
    ds_fault fault = error ? error->fault : DS_FAULT_NONE;
    bool is_found = item->record.kind != 0;
    if (error == NULL || is_found) {
        know(item, is_found ? item->after : DS_VERDICT_FOUND, item->error);
    } else if (fault == DS_FAULT_TRANSIENT || fault == DS_FAULT_EXPIRED) {
        know(item, DS_VERDICT_LATER, item->error);
        item->wait_ms = (int64_t)response->retry_after * 1000;
    } else if (fault != DS_FAULT_UNAUTHORIZED || !try_again(engine, item, fault)) {
        know(item, DS_VERDICT_REFUSED, item->error);
    }
}

static void judge_error(ds_engine *engine, ds_item *item, const ds_response_error *error,
                        const ds_response *response) {
    const char *why = ds_engine_explain(engine, error, engine->push.arena);
    take_data(engine, error->data, &item->record);
    item->response = keep_response(engine, error);
    switch (error->fault) {
    case DS_FAULT_CONFLICT:
        if (item->record.kind != 0) {
            know(item, DS_VERDICT_CONFLICT, why);
        } else {
            ask(item, DS_VERDICT_CONFLICT, why);
        }
        break;
    case DS_FAULT_CONDITION:
        if (item->mutation->operation == DS_GRAPHQL_CREATE) {
            ask(item, DS_VERDICT_FOUND, why);
        } else {
            refuse(item, why);
        }
        break;
    case DS_FAULT_RECORD:
        know(item, DS_VERDICT_UNCLEAR, why);
        break;
    case DS_FAULT_TRANSIENT:
        know(item, DS_VERDICT_LATER, why);
        item->wait_ms = (int64_t)response->retry_after * 1000;
        break;
    case DS_FAULT_EXPIRED:
    case DS_FAULT_UNAUTHORIZED:
        if (try_again(engine, item, error->fault)) {
            break;
        }
        if (error->fault == DS_FAULT_EXPIRED) {
            know(item, DS_VERDICT_LATER, why);
        } else {
            refuse(item, why);
        }
        break;
    case DS_FAULT_NONE:
    case DS_FAULT_INVALID:
    case DS_FAULT_OTHER:
    default:
        refuse(item, why);
        break;
    }
}

static const ds_response_error *find_error(const ds_response *response,
                                           const char *name) {
    for (int i = 0; i < response->n_errors; i++) {
        const char *field = response->errors[i].field;
        if (field != NULL && strcmp(field, name) == 0) {
            return &response->errors[i];
        }
    }
    return NULL;
}

int ds_judge_fields(ds_engine *engine, const ds_response *response, ds_err *err) {
    ds_pusher *push = &engine->push;
    size_t size = (size_t)push->n_sent * sizeof(ds_token);
    ds_token *records = ds_arena_alloc(push->arena, size);
    if (records == NULL) {
        return ds_err_nomem(err);
    }
    ds_page_fields(&push->answer->body, push->names, push->n_sent, records);
    for (int i = 0; i < push->n_sent; i++) {
        ds_item *item = push->sent[i];
        const ds_response_error *error = find_error(response, push->names[i]);
        item->record = records[i];
        if (item->asks) {
            judge_asked(engine, item, error, response);
        } else if (item->record.kind != 0) {
            know(item, DS_VERDICT_DONE, NULL);
        } else if (error != NULL) {
            judge_error(engine, item, error, response);
        } else {
            know(item, DS_VERDICT_UNCLEAR, "the answer has no record");
        }
    }
    return ds_arena_failed(push->arena) ? ds_err_nomem(err) : SQLITE_OK;
}

/* ---- a document that was refused, or not answered ------------------------------------------------------ */

static void judge_refused(ds_item *item, const char *why) {
    know(item, DS_VERDICT_REFUSED, item->asks ? item->error : why);
}

static void judge_unanswered(ds_item *item, const ds_refusal *refusal, const char *why) {
    bool may_be_done = refusal->is_unclear && !item->asks;
    know(item, may_be_done ? DS_VERDICT_UNCLEAR : DS_VERDICT_LATER, why);
    item->wait_ms = (int64_t)refusal->retry_after * 1000;
}

/* A change that spoils a whole document is looked for by halves. */
static void split(ds_pusher *push) {
    for (int i = 0; i < push->n_sent; i++) {
        push->sent[i]->state = DS_ITEM_TODO;
    }
    push->chunk = push->n_sent / 2;
}

int ds_judge_whole(ds_engine *engine, const ds_refusal *refusal, ds_err *err) {
    ds_pusher *push = &engine->push;
    ds_fault fault = refusal->fault;
    bool is_login = fault == DS_FAULT_EXPIRED || fault == DS_FAULT_UNAUTHORIZED;
    const char *why =
        ds_arena_text(push->arena, refusal->reason, strlen(refusal->reason));
    if (why == NULL) {
        return ds_err_nomem(err);
    }
    if (refusal->is_about_one && push->n_sent > 1) {
        split(push);
        return SQLITE_OK;
    }
    for (int i = 0; i < push->n_sent; i++) {
        ds_item *item = push->sent[i];
        if (fault == DS_FAULT_INVALID) {
            judge_refused(item, why);
        } else if (!is_login || !try_again(engine, item, fault)) {
            judge_unanswered(item, refusal, why);
        }
    }
    return SQLITE_OK;
}

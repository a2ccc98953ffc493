/*
** A model's pages: asked for one ahead, merged one by one.
*/
#include "sync/engine_int.h"

#include <string.h>

void ds_puller_drop_page(ds_puller *puller) {
    ds_page_done(&puller->page);
    ds_http_answer_free(puller->answer);
    puller->answer = NULL;
}

void ds_puller_done(ds_puller *puller) {
    ds_puller_drop_page(puller);
    ds_pull_done(&puller->pull);
    sqlite3_free(puller->next_token);
    sqlite3_free(puller->old_token);
    sqlite3_free(puller->error);
}

/* ---- asking -------------------------------------------------------------------------------------- */

static int add_filter(const ds_puller *puller, ds_buf *out, ds_err *err) {
    ds_filter *filter = NULL;
    const char *text = puller->pull.filter;
    if (text == NULL) {
        ds_buf_add(out, "null");
        return SQLITE_OK;
    }
    int rc = ds_filter_parse(puller->model, text, strlen(text), &filter, err);
    if (rc == SQLITE_OK) {
        ds_filter_to_graphql(filter, out);
    }
    ds_filter_free(filter);
    return rc;
}

static int add_variables(const ds_puller *puller, ds_buf *out, ds_err *err) {
    ds_buf_addf(out, "{\"limit\":%d,\"nextToken\":", puller->limit);
    if (puller->next_token != NULL) {
        ds_buf_add_json(out, puller->next_token, strlen(puller->next_token));
    } else {
        ds_buf_add(out, "null");
    }
    ds_buf_addf(out, ",\"lastSync\":%lld,\"filter\":", puller->pull.since);
    int rc = add_filter(puller, out, err);
    ds_buf_add(out, "}");
    return rc ? rc : out->rc ? ds_err_nomem(err) : SQLITE_OK;
}

static int print(const ds_puller *puller, ds_buf *out, ds_err *err) {
    ds_buf document, variables;
    ds_buf_init(&document, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&variables, DS_MAX_OUTPUT_BYTES);
    ds_buf_clear(out);
    ds_graphql_document(&document, puller->model, DS_GRAPHQL_SYNC);
    int rc = document.rc ? ds_err_nomem(err) : add_variables(puller, &variables, err);
    if (rc == SQLITE_OK) {
        ds_envelope_print(ds_buf_text(&document), ds_buf_text(&variables), out);
        rc = out->rc ? ds_err_nomem(err) : SQLITE_OK;
    }
    ds_buf_done(&document);
    ds_buf_done(&variables);
    return rc;
}

int ds_puller_post(ds_engine *engine, ds_puller *puller, ds_effect *out,
                   bool *out_is_sent, ds_err *err) {
    ds_err why = DS_ERR_INIT;
    int rc = print(puller, &engine->body, &why);
    if (rc == SQLITE_ERROR) { /* the schema does not know any more what is filtered by */
        return ds_puller_fail(engine, puller, DS_FAULT_OTHER, why.text, err);
    }
    if (rc != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    *out_is_sent = true;
    puller->request = ++engine->last_id;
    puller->phase = DS_PHASE_ASKED;
    engine->n_asked++;
    *out = (ds_effect){.kind = DS_EFFECT_POST,
                       .id = puller->request,
                       .mode = engine->modes[puller->mode],
                       .body = ds_buf_text(&engine->body),
                       .length = engine->body.length,
                       .maximum = DS_MAX_JSON_BYTES};
    return SQLITE_OK;
}

/* ---- failures --------------------------------------------------------------------------------------- */

int ds_puller_fail(ds_engine *engine, ds_puller *puller, ds_fault fault,
                   const char *reason, ds_err *err) {
    puller->phase = DS_PHASE_OVER;
    puller->is_noted = false;
    ds_puller_rest(engine, puller);
    int rc = ds_engine_text(&puller->error, reason, err);
    return rc ? rc : ds_engine_blame(engine, fault, reason, err);
}

/* Would other requests get through? A slow answer, or one that ends early, may be this model's trouble. */
static bool is_unreachable(const ds_engine *engine, const ds_http_answer *answer) {
    return answer->failure == DS_HTTP_NO_CONNECTION || answer->failure == DS_HTTP_TLS ||
           (engine->n_answers == 0 &&
            (answer->failure == DS_HTTP_TIMEOUT || answer->failure == DS_HTTP_RESET));
}

/* Nothing else will get through either. */
static int go_offline(ds_engine *engine, const char *reason, ds_err *err) {
    int rc = SQLITE_OK;
    engine->is_offline = true;
    engine->push.is_over = true;
    for (int i = 0; rc == SQLITE_OK && i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase != DS_PHASE_OVER && puller->phase != DS_PHASE_LAST &&
            puller->phase != DS_PHASE_ASKED) {
            rc = ds_puller_fail(engine, puller, DS_FAULT_TRANSIENT, reason, err);
        }
    }
    return rc;
}

static int try_later(ds_engine *engine, ds_puller *puller, const char *reason,
                     int retry_after, bool is_alone, ds_err *err) {
    bool gives_up =
        ds_engine_gives_up(engine, ++puller->attempts, retry_after, &puller->at);
    puller->phase = DS_PHASE_READY;
    if (!gives_up && !engine->is_offline) {
        return SQLITE_OK;
    }
    int rc = ds_puller_fail(engine, puller, DS_FAULT_TRANSIENT, reason, err);
    return rc || is_alone || engine->options.is_live ? rc
                                                     : go_offline(engine, reason, err);
}

/* The token may have been renewed where it comes from; then the next way to log in. */
static int try_credential(ds_engine *engine, ds_puller *puller, ds_fault fault,
                          const char *reason, ds_err *err) {
    puller->phase = DS_PHASE_READY;
    puller->at = engine->now;
    if (fault == DS_FAULT_EXPIRED && !puller->is_again) {
        puller->is_again = true;
        return SQLITE_OK;
    }
    if (puller->mode + 1 < engine->n_modes) {
        puller->mode++;
        puller->is_again = false;
        return SQLITE_OK;
    }
    return ds_puller_fail(engine, puller, fault, reason, err);
}

/* What the server does not like may be a token that it no longer knows. */
static int refused(ds_engine *engine, ds_puller *puller, ds_fault fault,
                   const char *reason, ds_err *err) {
    if (puller->next_token != NULL && !puller->is_restarted) {
        puller->is_restarted = true;
        puller->phase = DS_PHASE_RESTART;
        return SQLITE_OK;
    }
    return ds_puller_fail(engine, puller, fault, reason, err);
}

/* is_alone: other models may fare better. */
static int failed(ds_engine *engine, ds_puller *puller, ds_fault fault,
                  const char *reason, int retry_after, bool is_alone, ds_err *err) {
    switch (fault) {
    case DS_FAULT_TRANSIENT:
        return try_later(engine, puller, reason, retry_after, is_alone, err);
    case DS_FAULT_EXPIRED:
    case DS_FAULT_UNAUTHORIZED:
        return try_credential(engine, puller, fault, reason, err);
    case DS_FAULT_NONE:
    case DS_FAULT_CONFLICT:
    case DS_FAULT_CONDITION:
    case DS_FAULT_RECORD:
    case DS_FAULT_INVALID:
    case DS_FAULT_OTHER:
    default:
        return refused(engine, puller, fault, reason, err);
    }
}

/* ---- answers ---------------------------------------------------------------------------------------- */

/*
** Tokens that come round again would be followed for ever. One token is remembered, a newer one each
** time as many pages as ever before have passed: sooner or later it is in the circle (Brent).
*/
static int watch_token(ds_puller *puller, const char *next, bool *out_is_known,
                       ds_err *err) {
    *out_is_known =
        next != NULL && puller->old_token != NULL && strcmp(next, puller->old_token) == 0;
    if (*out_is_known || puller->n_pages++ < puller->n_old) {
        return SQLITE_OK;
    }
    puller->n_old = 2 * puller->n_pages;
    return ds_engine_text(&puller->old_token, next, err);
}

/* The page is there: keep it, and go for the next one. Takes the ownership of `answer`. */
static int keep(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                bool is_whole, ds_err *err) {
    int64_t maximum = ds_config_number(engine->config, DS_CONFIG_MAX_RECORDS);
    const char *next = puller->page.next_token;
    puller->answer = answer;
    puller->is_whole = is_whole;
    puller->attempts = 0;
    puller->is_again = false;
    puller->n_received += puller->page.n_items;
    puller->n_in_pull += puller->page.n_items;
    puller->is_truncated = next != NULL && maximum >= 0 && puller->n_in_pull >= maximum;
    puller->phase = next == NULL || puller->is_truncated ? DS_PHASE_LAST : DS_PHASE_READY;
    puller->at = engine->now;
    return ds_engine_text(&puller->next_token, next, err);
}

static int accept(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                  bool is_whole, ds_err *err) {
    bool is_round = false;
    engine->n_answers++;
    int rc = watch_token(puller, puller->page.next_token, &is_round, err);
    if (rc == SQLITE_OK && is_round) {
        ds_page_done(&puller->page);
        return ds_puller_fail(engine, puller, DS_FAULT_OTHER,
                              "the server answers with the same nextToken again", err);
    }
    return rc ? rc : keep(engine, puller, answer, is_whole, err);
}

/* Nothing came: the first error says why. */
static int explain(ds_engine *engine, ds_puller *puller, const ds_response *response,
                   const char *reason, ds_err *err) {
    if (reason != NULL) {
        return failed(engine, puller, response->errors[0].fault, reason,
                      response->retry_after, true, err);
    }
    return failed(engine, puller, DS_FAULT_TRANSIENT, "the answer has no page of records",
                  response->retry_after, true, err);
}

/* An answer whose document was carried out. `reason`: what it says went wrong, NULL for nothing. */
static int look_inside(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                       const ds_response *response, const char *reason, ds_err *err) {
    const char *field = ds_graphql_field(puller->model, DS_GRAPHQL_SYNC);
    bool is_there = false;
    int rc = ds_page_read(&answer->body, field, &puller->page, &is_there, err);
    if (rc != SQLITE_OK || !is_there) {
        return rc ? rc : explain(engine, puller, response, reason, err);
    }
    if (reason != NULL) {
        puller->is_noted = true; /* with the page */
        rc = ds_engine_text(&puller->error, reason, err);
    }
    return rc ? rc : accept(engine, puller, answer, reason == NULL, err);
}

static int read_page(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                     const ds_response *response, ds_err *err) {
    ds_arena *arena = ds_arena_new();
    const char *reason = NULL;
    if (arena != NULL && response->n_errors > 0) {
        reason = ds_engine_explain(engine, &response->errors[0], arena);
    }
    int rc = arena == NULL || ds_arena_failed(arena)
                 ? ds_err_nomem(err)
                 : look_inside(engine, puller, answer, response, reason, err);
    ds_arena_free(arena);
    return rc;
}

static int take(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                const ds_response *response, ds_err *err) {
    if (answer->failure == DS_HTTP_TOO_LARGE && puller->limit > 1) {
        puller->limit /= 2;
        puller->phase = DS_PHASE_READY;
        return SQLITE_OK;
    }
    if (answer->failure == DS_HTTP_TOO_LARGE || response->fault == DS_FAULT_OTHER) {
        /* always the same; and a wrong address says nothing about the token */
        return ds_puller_fail(engine, puller, DS_FAULT_OTHER, response->reason, err);
    }
    return response->fault == DS_FAULT_NONE
               ? read_page(engine, puller, answer, response, err)
               : failed(engine, puller, response->fault, response->reason,
                        response->retry_after, !is_unreachable(engine, answer), err);
}

int ds_puller_answer(ds_engine *engine, ds_puller *puller, ds_http_answer *answer,
                     ds_response *response, ds_err *err) {
    int rc = take(engine, puller, answer, response, err);
    if (puller->answer != answer) { /* else it is kept, for the page in it */
        ds_http_answer_free(answer);
    }
    return rc;
}

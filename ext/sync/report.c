/*
** What an engine has done, for people and programs.
*/
#include "sync/engine_int.h"

#include <string.h>

static void add_text(ds_buf *out, const char *text) {
    if (text != NULL) {
        ds_buf_add_json(out, text, strlen(text));
    } else {
        ds_buf_add(out, "null");
    }
}

static void add_model(const ds_puller *puller, ds_buf *out) {
    const ds_merge_counts *n = &puller->pull.counts;
    add_text(out, puller->model->name);
    ds_buf_addf(out,
                ":{\"received\":%lld,\"new\":%lld,\"updated\":%lld,\"deleted\":%lld,"
                "\"conflicts\":%lld,\"full\":%s,\"truncated\":%s,\"error\":",
                puller->n_received, n->n_new, n->n_updated, n->n_deleted, n->n_conflicts,
                puller->pull.is_full ? "true" : "false",
                puller->is_truncated ? "true" : "false");
    add_text(out, puller->error);
    ds_buf_add(out, "}");
}

/* "Post: Unauthorized: …" */
static void add_error(ds_buf *out, const char *what, const char *error, int *n) {
    ds_buf line;
    if (error == NULL || error[0] == '\0') {
        return;
    }
    ds_buf_init(&line, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&line, "%s: %s", what, error);
    ds_buf_add(out, (*n)++ > 0 ? "," : "");
    ds_buf_add_json(out, ds_buf_text(&line), line.length);
    out->rc = out->rc ? out->rc : line.rc;
    ds_buf_done(&line);
}

/* What kept the push from going on is of no interest any more once everything has arrived. */
static void add_errors(const ds_engine *engine, ds_buf *out) {
    bool is_left = engine->outbox.pending + engine->outbox.in_flight > 0;
    int n = 0;
    ds_buf_add(out, ",\"errors\":[");
    for (int i = 0; i < engine->n_pullers; i++) {
        const ds_puller *puller = &engine->pullers[i];
        add_error(out, puller->model->name, puller->error, &n);
        add_error(out, puller->model->name, puller->pull.counts.bad, &n);
    }
    add_error(out, "push", is_left ? engine->push.error : NULL, &n);
    add_error(out, "push", engine->push.counts.bad, &n);
    ds_buf_add(out, "]");
}

void ds_engine_summary(const ds_engine *engine, ds_buf *out) {
    int64_t conflicts = engine->push.counts.n_conflicts;
    const ds_outbox_counts *left = &engine->outbox;
    ds_buf_add(out, "{\"models\":{");
    for (int i = 0; i < engine->n_pullers; i++) {
        ds_buf_add(out, i > 0 ? "," : "");
        add_model(&engine->pullers[i], out);
        conflicts += engine->pullers[i].pull.counts.n_conflicts;
    }
    ds_buf_addf(out,
                "},\"pushed\":%lld,\"conflicts\":%lld,\"failed\":%lld,\"pending\":%lld",
                engine->push.counts.n_pushed, conflicts, left->failed,
                left->pending + left->in_flight + left->held);
    add_errors(engine, out);
    ds_buf_add(out, "}");
}

int ds_engine_verdict(const ds_engine *engine, const char **out) {
    *out = engine->reason;
    return engine->n_answers > 0 || engine->reason == NULL ? SQLITE_OK
                                                           : engine->reason_rc;
}

void ds_engine_progress_read(const ds_engine *engine, ds_engine_progress *out) {
    *out = (ds_engine_progress){.n_models = engine->n_pullers,
                                .n_pushed = engine->push.counts.n_pushed};
    for (int i = 0; i < engine->n_pullers; i++) {
        const ds_puller *puller = &engine->pullers[i];
        out->n_models_done += puller->phase == DS_PHASE_OVER;
        out->n_records += puller->n_received;
    }
}

void ds_engine_health_read(const ds_engine *engine, ds_engine_health *out) {
    *out = (ds_engine_health){.is_online = engine->is_online,
                              .is_ready = engine->has_told_ready};
    for (int i = 0; out->error == NULL && i < engine->n_pullers; i++) {
        out->error = engine->pullers[i].error;
    }
    if (out->error == NULL && engine->push.failures > 0) {
        out->error = engine->push.error;
    }
    if (out->error == NULL) {
        ds_live_health(engine, out);
    }
}

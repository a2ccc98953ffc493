/*
** What the hub is told of an engine, under Amplify's names. Each is a piece of work in a transaction.
*/
#include "sync/engine_int.h"

#include <string.h>

/* As Amplify: {"models":["Post","Comment"]} */
int ds_engine_tell_started(ds_engine *engine, ds_err *err) {
    ds_buf payload;
    if (engine->has_told_started) {
        return SQLITE_OK;
    }
    engine->has_told_started = true;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&payload, "{\"models\":[");
    for (int i = 0; i < engine->n_pullers; i++) {
        const char *name = engine->pullers[i].model->name;
        ds_buf_add(&payload, i > 0 ? "," : "");
        ds_buf_add_json(&payload, name, strlen(name));
    }
    ds_buf_add(&payload, "]}");
    int rc = ds_records_hub(ds_merger_records(engine->merger), "syncQueriesStarted",
                            &payload, err);
    ds_buf_done(&payload);
    return rc;
}

static int tell(ds_engine *engine, const char *event, ds_err *err) {
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&payload, "{}");
    int rc = ds_records_hub(ds_merger_records(engine->merger), event, &payload, err);
    ds_buf_done(&payload);
    return rc;
}

int ds_engine_tell_ready(ds_engine *engine, void *about, ds_err *err) {
    (void)about;
    if (engine->has_told_ready || !ds_engine_is_ready(engine)) {
        return SQLITE_OK;
    }
    int rc = tell(engine, "syncQueriesReady", err);
    rc = rc ? rc : tell(engine, "ready", err);
    engine->has_told_ready = rc == SQLITE_OK;
    return rc;
}

/* As Amplify: {"active":true} */
int ds_engine_tell_network(ds_engine *engine, void *about, ds_err *err) {
    ds_buf payload;
    (void)about;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&payload, "{\"active\":%s}", engine->is_online ? "true" : "false");
    int rc =
        ds_records_hub(ds_merger_records(engine->merger), "networkStatus", &payload, err);
    ds_buf_done(&payload);
    if (rc == SQLITE_OK) {
        engine->was_told_online = engine->is_online;
    }
    return rc;
}

/* With the outbox as it is now: later news are of its changes only. */
int ds_engine_tell_subscribed(ds_engine *engine, void *about, ds_err *err) {
    ds_records *records = ds_merger_records(engine->merger);
    bool is_empty = false;
    (void)about;
    int rc = tell(engine, "subscriptionsEstablished", err);
    rc = rc ? rc : ds_outbox_is_empty(records, &is_empty, err);
    rc = rc ? rc : ds_outbox_tell(records, is_empty, err);
    engine->has_told_subscribed = rc == SQLITE_OK;
    return rc;
}

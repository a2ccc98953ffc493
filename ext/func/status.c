/*
** datastore_status(): how far each model is synced, and what is still to be sent.
*/
#include "func/func_int.h"

#include <string.h>

/* A column of the current row as JSON: a number, or null. */
static void add_number(sqlite3_stmt *s, int at, ds_buf *out) {
    if (sqlite3_column_type(s, at) == SQLITE_NULL) {
        ds_buf_add(out, "null");
    } else {
        ds_buf_addf(out, "%lld", sqlite3_column_int64(s, at));
    }
}

static void add_text(sqlite3_stmt *s, int at, ds_buf *out) {
    const char *text = (const char *)sqlite3_column_text(s, at);
    if (text == NULL) {
        ds_buf_add(out, "null");
    } else {
        ds_buf_add_json(out, text, (size_t)sqlite3_column_bytes(s, at));
    }
}

/* An error does not stop a model for good; it says what was wrong the last time. */
static const char *state_of(sqlite3_stmt *s) {
    bool is_under_way = sqlite3_column_int(s, 1) != 0;
    bool has_synced = sqlite3_column_type(s, 2) != SQLITE_NULL;
    bool has_error = sqlite3_column_type(s, 6) != SQLITE_NULL;
    return has_error      ? "error"
           : is_under_way ? "partial"
           : has_synced   ? "synced"
                          : "never";
}

static void add_engine(ds_context *own, ds_buf *out) {
    static const char *const names[] = {[DS_ENGINE_STOPPED] = "stopped",
                                        [DS_ENGINE_STARTING] = "starting",
                                        [DS_ENGINE_STANDBY] = "standby",
                                        [DS_ENGINE_RUNNING] = "running"};
    ds_background_status status;
    ds_background_read(own->place, &status);
    bool is_running = status.state == DS_ENGINE_RUNNING;
    ds_buf_addf(out, ",\"engine\":\"%s\",\"network\":\"%s\",\"ready\":%s,\"error\":",
                names[status.state],
                !is_running        ? "unknown"
                : status.is_online ? "online"
                                   : "offline",
                status.is_ready ? "true" : "false");
    if (status.error[0] != '\0') {
        ds_buf_add_json(out, status.error, strlen(status.error));
    } else {
        ds_buf_add(out, "null");
    }
}

static void add_model(sqlite3_stmt *s, ds_buf *out) {
    add_text(s, 0, out);
    ds_buf_addf(out, ":{\"state\":\"%s\",\"lastSync\":", state_of(s));
    add_number(s, 2, out);
    ds_buf_add(out, ",\"lastFullSync\":");
    add_number(s, 3, out);
    ds_buf_addf(out, ",\"truncated\":%s,\"filter\":",
                sqlite3_column_int64(s, 4) != 0 ? "true" : "false");
    if (sqlite3_column_type(s, 5) == SQLITE_NULL) {
        ds_buf_add(out, "null");
    } else { /* JSON that was checked when it was set */
        ds_buf_add(out, (const char *)sqlite3_column_text(s, 5));
    }
    ds_buf_add(out, ",\"error\":");
    add_text(s, 7, out);
    ds_buf_add(out, "}");
}

static int add_models(ds_store *store, ds_buf *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int n = 0;
    int rc = ds_store_prepare_named(store, DS_SQL_STATUS_MODELS, &s, err);
    ds_buf_add(out, ",\"models\":{");
    while (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        ds_buf_add(out, n++ > 0 ? "," : "");
        add_model(s, out);
    }
    ds_buf_add(out, "}");
    int end = sqlite3_finalize(s);
    return rc || end == SQLITE_OK ? rc : ds_err_db(err, store->db, end);
}

static int add_outbox(ds_store *store, ds_buf *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_STATUS_OUTBOX, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 1, ds_env_now_ms());
    if (sqlite3_step(s) == SQLITE_ROW) {
        ds_buf_addf(out, ",\"outbox\":{\"pending\":%lld,\"inFlight\":%lld,\"held\":%lld}",
                    sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                    sqlite3_column_int64(s, 2));
        ds_buf_addf(out, ",\"deadLetter\":%lld,\"sender\":", sqlite3_column_int64(s, 3));
        add_text(s, 4, out);
    }
    rc = sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

void ds_func_status(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_context *own = ds_func_context(context);
    ds_err err = DS_ERR_INIT;
    ds_buf out;
    (void)argc;
    (void)argv;
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    int rc = ds_func_refresh(own->store, &err);
    ds_buf_addf(&out, "{\"configured\":%s,\"installed\":%s",
                ds_config_text(own->config, DS_CONFIG_URL) ? "true" : "false",
                own->store->catalog ? "true" : "false");
    add_engine(own, &out);
    if (rc == SQLITE_OK && own->store->catalog != NULL) {
        rc = add_models(own->store, &out, &err);
        rc = rc ? rc : add_outbox(own->store, &out, &err);
    }
    ds_buf_add(&out, "}");
    if (rc == SQLITE_OK) {
        ds_func_json(context, &out);
    } else {
        ds_func_fail(context, &err);
    }
    ds_buf_done(&out);
}

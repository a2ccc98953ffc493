/*
** How far each model is synced: the rows of datastore_sync_state. A pull is known by its number;
** whoever comes with an older one comes too late.
*/
#include "sync/sync_int.h"

#include <string.h>

#define TOMBSTONE_MS (24 * 60 * 60 * 1000)

/* What datastore_sync_state says of a model. */
typedef struct state {
    bool has_last_sync;
    bool has_full;
    bool has_started;
    int64_t started_at;
    int64_t last_sync;
    int64_t last_full_sync;
    int64_t number;
    int64_t truncated_at;
    bool is_full;
    bool is_whole;
} state;

static int fail_db(ds_merger *merger, int rc, ds_err *err) {
    return ds_err_db(err, merger->store->db, rc);
}

static char *copy(sqlite3_stmt *s, int at, bool *is_out) {
    if (sqlite3_column_type(s, at) == SQLITE_NULL) {
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(s, at);
    char *out = text ? sqlite3_mprintf("%s", text) : NULL;
    *is_out = *is_out || out == NULL;
    return out;
}

static bool is_set(sqlite3_stmt *s, int at) {
    return sqlite3_column_type(s, at) != SQLITE_NULL;
}

static int read_state(ds_merger *merger, ds_pull *pull, state *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    bool is_out = false;
    *out = (state){.number = 0};
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_READ, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, pull->model->name, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW) {
        ds_pull_done(pull);
        pull->filter = copy(s, 0, &is_out);
        pull->next_token = copy(s, 1, &is_out);
        *out = (state){.has_started = is_set(s, 2),
                       .has_last_sync = is_set(s, 3),
                       .has_full = is_set(s, 4),
                       .started_at = sqlite3_column_int64(s, 2),
                       .last_sync = sqlite3_column_int64(s, 3),
                       .last_full_sync = sqlite3_column_int64(s, 4),
                       .number = sqlite3_column_int64(s, 5),
                       .is_full = sqlite3_column_int(s, 6) != 0,
                       .is_whole = sqlite3_column_int(s, 7) != 0,
                       .truncated_at = sqlite3_column_int64(s, 8)};
    }
    rc = sqlite3_reset(s);
    if (is_out) {
        return ds_err_nomem(err);
    }
    return rc == SQLITE_OK ? rc : fail_db(merger, rc, err);
}

/* ---- begin -------------------------------------------------------------------------------------- */

/* Is there anything that a full sync could find gone? */
static int has_rows(ds_merger *merger, const ds_model *model, bool *out, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, model, DS_SQL_PULL_HAS_ROWS, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    (void)sqlite3_step(s);
    *out = sqlite3_column_int(s, 0) != 0;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : fail_db(merger, rc, err);
}

static int forget_seen(ds_merger *merger, const ds_model *model, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_FORGET_SEEN, &s, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(s, 1, ds_store_number(merger->store, model));
        rc = ds_records_run(merger->records, s, err);
    }
    return rc;
}

static int start(ds_merger *merger, ds_pull *pull, bool is_full, int64_t last_sync,
                 ds_err *err) {
    sqlite3_stmt *s = NULL;
    state now;
    bool sweeps = false;
    int rc = is_full ? has_rows(merger, pull->model, &sweeps, err) : SQLITE_OK;
    rc = rc ? rc : forget_seen(merger, pull->model, err);
    rc = rc ? rc : ds_records_get(merger->records, NULL, DS_SQL_PULL_START, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, pull->model->name, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 2, is_full);
    sqlite3_bind_int(s, 3, sweeps);
    rc = ds_records_run(merger->records, s, err);
    rc = rc ? rc : read_state(merger, pull, &now, err);
    if (rc == SQLITE_OK) {
        pull->number = now.number;
        pull->is_full = is_full;
        pull->since = is_full ? 0 : last_sync;
        merger->models[pull->model->index].is_loaded = false; /* wants_seen has changed */
    }
    return rc;
}

/* Is more wanted than the limit at which the last full sync has ended? */
static bool wants_more(const state *now, int64_t most) {
    return now->truncated_at > 0 && (most < 0 || most > now->truncated_at);
}

int ds_pull_begin(ds_merger *merger, const ds_model *model, const ds_pull_wish *wish,
                  ds_pull *out, ds_err *err) {
    state now;
    *out = (ds_pull){.model = model};
    int rc = read_state(merger, out, &now, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (now.has_started && out->next_token != NULL && (now.is_full || !wish->is_full)) {
        out->number = now.number;
        out->is_full = now.is_full;
        out->since = now.is_full ? 0 : now.last_sync;
        return SQLITE_OK;
    }
    bool is_due = !now.has_last_sync || !now.has_full || wants_more(&now, wish->most) ||
                  ds_env_now_ms() - now.last_full_sync >= wish->full_interval_ms;
    return start(merger, out, wish->is_full || is_due, now.last_sync, err);
}

void ds_pull_done(ds_pull *pull) {
    sqlite3_free(pull->next_token);
    sqlite3_free(pull->filter);
    pull->next_token = pull->filter = NULL;
}

int ds_pull_restart(ds_merger *merger, ds_pull *pull, ds_err *err) {
    memset(&pull->counts, 0, sizeof pull->counts);
    return start(merger, pull, true, 0, err);
}

/* ---- pages ---------------------------------------------------------------------------------------- */

static int sweep(ds_merger *merger, ds_pull *pull, ds_err *err) {
    sqlite3_stmt *s = NULL;
    ds_merge_model *model = NULL;
    state now;
    int rc = ds_merger_model(merger, pull->model, &model, err);
    rc = rc ? rc : read_state(merger, pull, &now, err);
    if (rc != SQLITE_OK || !model->wants_seen || !now.is_whole) {
        return rc;
    }
    rc = ds_records_get(merger->records, pull->model, DS_SQL_PULL_SWEEP, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 1, now.started_at);
    rc = ds_records_run(merger->records, s, err);
    if (rc == SQLITE_OK) {
        pull->counts.n_deleted += sqlite3_changes(merger->store->db);
    }
    return rc;
}

/* As Amplify's modelSynced: {"model":…,"isFullSync":…,"isDeltaSync":…,"counts":{…}} */
static int tell(ds_merger *merger, const ds_pull *pull, ds_err *err) {
    ds_buf payload;
    const ds_merge_counts *n = &pull->counts;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&payload, "{\"model\":");
    ds_buf_add_json(&payload, pull->model->name, strlen(pull->model->name));
    ds_buf_addf(&payload,
                ",\"isFullSync\":%s,\"isDeltaSync\":%s,\"counts\":{\"new\":%lld,"
                "\"updated\":%lld,\"deleted\":%lld}}",
                pull->is_full ? "true" : "false", pull->is_full ? "false" : "true",
                n->n_new, n->n_updated, n->n_deleted);
    int rc = ds_records_hub(merger->records, "modelSynced", &payload, err);
    ds_buf_done(&payload);
    return rc;
}

static int put_end(ds_merger *merger, const ds_pull *pull, int64_t truncated_at,
                   ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_END, &s, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, pull->model->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 2, truncated_at);
        rc = ds_records_run(merger->records, s, err);
    }
    return rc;
}

static int finish(ds_merger *merger, ds_pull *pull, int64_t truncated_at, ds_err *err) {
    int rc = pull->is_full && truncated_at == 0 ? sweep(merger, pull, err) : SQLITE_OK;
    rc = rc ? rc : put_end(merger, pull, truncated_at, err);
    rc = rc ? rc : forget_seen(merger, pull->model, err);
    merger->models[pull->model->index].is_loaded = false;
    return rc ? rc : tell(merger, pull, err);
}

/* Move the cursor; *out_is_known is false when the pull is not the one under way any more. */
static int move(ds_merger *merger, const ds_pull *pull, const ds_page *page,
                bool *out_is_known, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_MOVE, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, pull->model->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, pull->number);
    sqlite3_bind_text(s, 3, page->next_token, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, page->started_at);
    rc = ds_records_run(merger->records, s, err);
    *out_is_known = rc == SQLITE_OK && sqlite3_changes(merger->store->db) > 0;
    return rc;
}

static int note_missing(ds_merger *merger, const ds_pull *pull, enum ds_sql id,
                        const char *reason, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, id, &s, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(s, 1, pull->model->name, -1, SQLITE_STATIC);
    if (reason != NULL) {
        sqlite3_bind_text(s, 2, reason, -1, SQLITE_STATIC);
    }
    return ds_records_run(merger->records, s, err);
}

/* Merge the records; what is missing is noted for the end of the pull, and what is there but cannot be
** stored for people. */
static int merge(ds_merger *merger, ds_pull *pull, const ds_page *page, ds_err *err) {
    ds_merge_counts *counts = &pull->counts;
    int64_t nameless = counts->n_nameless, bad = counts->n_bad;
    int rc = ds_merge_page(merger, pull->model, page->items, counts, err);
    if (rc == SQLITE_OK && (!page->is_whole || counts->n_nameless > nameless)) {
        rc = note_missing(merger, pull, DS_SQL_PULL_LACKS, NULL, err);
    }
    return rc == SQLITE_OK && counts->n_bad > bad
               ? note_missing(merger, pull, DS_SQL_PULL_PASSES_OVER, counts->bad, err)
               : rc;
}

int ds_pull_page(ds_merger *merger, ds_pull *pull, const ds_page *page, bool *out_is_over,
                 bool *out_is_superseded, ds_err *err) {
    bool is_known = false;
    char *token = page->next_token ? sqlite3_mprintf("%s", page->next_token) : NULL;
    *out_is_over = *out_is_superseded = false;
    if (page->next_token != NULL && token == NULL) {
        return ds_err_nomem(err);
    }
    int rc = move(merger, pull, page, &is_known, err);
    if (rc == SQLITE_OK && !is_known) {
        *out_is_over = *out_is_superseded = true;
    } else if (rc == SQLITE_OK) {
        rc = merge(merger, pull, page, err);
    }
    if (rc == SQLITE_OK && is_known && (token == NULL || page->truncated_at > 0)) {
        *out_is_over = true;
        rc = finish(merger, pull, page->truncated_at, err);
    }
    if (rc == SQLITE_OK && !*out_is_over) {
        sqlite3_free(pull->next_token);
        pull->next_token = token;
    } else {
        sqlite3_free(token);
    }
    return rc;
}

/* ---- beside pulls ----------------------------------------------------------------------------------- */

int ds_pull_note(ds_merger *merger, const ds_model *model, const char *error,
                 ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_NOTE, &s, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, model->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 2, error, -1, SQLITE_STATIC);
        rc = ds_records_run(merger->records, s, err);
    }
    return rc;
}

int ds_pull_tidy(ds_merger *merger, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(merger->records, NULL, DS_SQL_PULL_TIDY, &s, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(s, 1, ds_env_now_ms() - TOMBSTONE_MS);
        rc = ds_records_run(merger->records, s, err);
    }
    return rc;
}

int ds_pull_express(ds_records *records, const ds_model *model, const char *filter,
                    bool *out_changed, ds_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_PULL_EXPRESS, &s, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, model->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 2, filter, -1, SQLITE_STATIC);
        rc = ds_records_run(records, s, err);
        *out_changed =
            rc == SQLITE_OK && sqlite3_changes(ds_records_store(records)->db) > 0;
    }
    return rc;
}

static int check_unsent(ds_records *records, ds_err *err) {
    ds_outbox_counts n;
    int rc = ds_outbox_count(records, &n, err);
    int64_t unsent = n.pending + n.in_flight + n.held;
    if (rc != SQLITE_OK || unsent + n.failed == 0) {
        return rc;
    }
    return ds_err_set(
        err, SQLITE_CONSTRAINT,
        "datastore_clear would lose %lld unsent change%s and %lld in the dead "
        "letter: sync first, or pass {\"force\":true}",
        unsent, unsent == 1 ? "" : "s", n.failed);
}

static int run_all(ds_records *records, ds_err *err) {
    static const enum ds_sql ids[] = {DS_SQL_CLEAR_MUTATIONS, DS_SQL_CLEAR_SEEN,
                                      DS_SQL_CLEAR_TOMBSTONES, DS_SQL_CLEAR_STATE};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(ids); i++) {
        sqlite3_stmt *s = NULL;
        rc = ds_records_get(records, NULL, ids[i], &s, err);
        rc = rc ? rc : ds_records_run(records, s, err);
    }
    return rc;
}

static int clear_model(ds_records *records, const ds_model *model, ds_err *err) {
    sqlite3_stmt *rows = NULL, *base = NULL;
    int rc = ds_records_get(records, model, DS_SQL_CLEAR_ROWS, &rows, err);
    rc = rc ? rc : ds_records_get(records, model, DS_SQL_CLEAR_BASE, &base, err);
    rc = rc ? rc : ds_records_run(records, rows, err);
    return rc ? rc : ds_records_run(records, base, err);
}

int ds_pull_clear(ds_records *records, bool force, ds_err *err) {
    const ds_catalog *catalog = ds_records_store(records)->catalog;
    int rc = force ? SQLITE_OK : check_unsent(records, err);
    rc = rc ? rc : ds_records_applying(records, true, err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        rc = clear_model(records, &catalog->models[i], err);
    }
    rc = rc ? rc : run_all(records, err);
    return rc ? rc : ds_records_applying(records, false, err);
}

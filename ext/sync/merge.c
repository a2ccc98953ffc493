/*
** Pages and live records. Most records have no unsent changes and cost one upsert; the tables that
** could say otherwise are asked only where a model has anything in them.
*/
#include "sync/sync_int.h"

#include <string.h>

/* One model's records on their way in. */
typedef struct merging {
    ds_merger *merger;
    const ds_model *model;
    ds_merge_model *state;
    ds_merge_counts *counts;
    bool is_page;
    ds_err *err;
} merging;

static int get(const merging *m, const ds_model *model, enum ds_sql id,
               sqlite3_stmt **out) {
    return ds_records_get(m->merger->records, model, id, out, m->err);
}

static int fail_db(const merging *m, int rc) {
    return ds_err_db(m->err, m->merger->store->db, rc);
}

void ds_merge_complain(ds_merge_counts *counts, const ds_err *why) {
    if (counts->bad[0] == '\0') {
        memcpy(counts->bad, why->text, sizeof counts->bad);
    }
}

static void pass_over(ds_merge_counts *counts, const ds_err *why) {
    counts->n_bad++;
    ds_merge_complain(counts, why);
}

/* ---- tables beside the rows -------------------------------------------------------------------- */

static int bind_key(const merging *m, sqlite3_stmt *s, const ds_value *form) {
    sqlite3_bind_int64(s, 1, ds_store_number(m->merger->store, m->model));
    int rc = ds_value_bind(s, 2, form);
    return rc == SQLITE_OK ? rc : fail_db(m, rc);
}

static int put_seen(const merging *m, const ds_value *form) {
    sqlite3_stmt *s = NULL;
    int rc = get(m, NULL, DS_SQL_MERGE_SEEN, &s);
    rc = rc ? rc : bind_key(m, s, form);
    return rc ? rc : ds_records_run(m->merger->records, s, m->err);
}

static int probe(const merging *m, const ds_value *form, const ds_value *version,
                 bool *has_steps, bool *is_buried) {
    sqlite3_stmt *s = NULL;
    int rc = get(m, NULL, DS_SQL_MERGE_PROBE, &s);
    rc = rc ? rc : bind_key(m, s, form);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 3, version->integer);
    (void)sqlite3_step(s);
    *has_steps = sqlite3_column_int(s, 0) != 0;
    *is_buried = sqlite3_column_int(s, 1) != 0;
    rc = sqlite3_reset(s);
    return rc == SQLITE_OK ? rc : fail_db(m, rc);
}

static int bury(const merging *m, const ds_value *form, const ds_value *version) {
    sqlite3_stmt *s = NULL;
    int rc = get(m, NULL, DS_SQL_MERGE_BURY, &s);
    rc = rc ? rc : bind_key(m, s, form);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, 3, version->integer);
    sqlite3_bind_int64(s, 4, ds_env_now_ms());
    m->state->has_tombstones = true;
    return ds_records_run(m->merger->records, s, m->err);
}

int ds_merge_see(ds_merger *merger, const ds_key *key, ds_err *err) {
    merging m = {.merger = merger, .model = key->model, .err = err};
    int rc = ds_merger_model(merger, key->model, &m.state, err);
    return rc == SQLITE_OK && m.state->wants_seen ? put_seen(&m, &key->form) : rc;
}

int ds_merge_bury(ds_merger *merger, const ds_key *key, const ds_value *version,
                  ds_err *err) {
    merging m = {.merger = merger, .model = key->model, .err = err};
    int rc = ds_merger_model(merger, key->model, &m.state, err);
    return rc ? rc : bury(&m, &key->form, version);
}

/* ---- records without unsent changes --------------------------------------------------------------- */

/* A trigger of somebody else's may refuse a row: that is its record's misfortune. If it rolls everything
** back, going on would write outside of a transaction, as if it were done here. */
static int step(const merging *m, sqlite3_stmt *s, bool *out_is_refused) {
    ds_err why = DS_ERR_INIT;
    *out_is_refused = false;
    (void)sqlite3_step(s);
    int rc = sqlite3_reset(s);
    if (rc == SQLITE_OK) {
        return rc;
    }
    if ((rc & 0xff) != SQLITE_CONSTRAINT ||
        sqlite3_get_autocommit(m->merger->store->db)) {
        return fail_db(m, rc);
    }
    (void)!ds_err_db(&why, m->merger->store->db, rc);
    pass_over(m->counts, &why);
    *out_is_refused = true;
    return SQLITE_OK;
}

static int put_row(const merging *m, const ds_value *row) {
    sqlite3 *db = m->merger->store->db;
    int n = m->model->n_columns + DS_N_META;
    bool is_refused = false;
    sqlite3_stmt *s = NULL;
    int rc = get(m, m->model, DS_SQL_MERGE_UPSERT, &s);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_value_bind(s, i + 1, &row[i]);
        rc = rc == SQLITE_OK ? rc : fail_db(m, rc);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int(s, n + 1, m->is_page);
    sqlite3_set_last_insert_rowid(db, 0);
    rc = step(m, s, &is_refused);
    if (rc != SQLITE_OK || is_refused) {
        return rc;
    }
    if (sqlite3_last_insert_rowid(db) != 0) {
        m->counts->n_new++;
    } else if (sqlite3_changes(db) > 0) {
        m->counts->n_updated++;
    } else {
        m->counts->n_unchanged++;
    }
    return SQLITE_OK;
}

static int delete_row(const merging *m, ds_value *row, const ds_value *form) {
    const ds_model *model = m->model;
    const ds_value *version = ds_row_version(model, row);
    bool is_refused = false;
    sqlite3_stmt *s = NULL;
    int rc = get(m, model, DS_SQL_MERGE_DELETE, &s);
    for (int i = 0; rc == SQLITE_OK && i < model->n_key; i++) {
        int at = model->key[i]->index;
        rc = ds_value_bind(s, at + 1, &row[at]);
        rc = rc == SQLITE_OK ? rc : fail_db(m, rc);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":version"), version->integer);
    rc = step(m, s, &is_refused);
    if (rc != SQLITE_OK || is_refused) {
        return rc;
    }
    if (sqlite3_changes(m->merger->store->db) > 0) {
        m->counts->n_deleted++;
    } else {
        m->counts->n_unchanged++;
    }
    return bury(m, form, version);
}

/* ---- all records -------------------------------------------------------------------------------------- */

static int merge_key(const merging *m, ds_value *row, const ds_key *key) {
    ds_merge_model *state = m->state;
    const ds_value *deleted = ds_row_deleted(m->model, row);
    bool has_steps = false, is_buried = false;
    int rc = state->wants_seen ? put_seen(m, &key->form) : SQLITE_OK;
    if (rc == SQLITE_OK && (state->has_steps || state->has_tombstones)) {
        rc = probe(m, &key->form, ds_row_version(m->model, row), &has_steps, &is_buried);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (has_steps) {
        return ds_settle(m->merger, key, row,
                         m->is_page ? DS_SETTLE_PAGE : DS_SETTLE_LIVE, 0, m->counts,
                         m->err);
    }
    if (is_buried) {
        m->counts->n_unchanged++;
        return SQLITE_OK;
    }
    return deleted->type == SQLITE_INTEGER && deleted->integer != 0
               ? delete_row(m, row, &key->form)
               : put_row(m, row);
}

/* A record that cannot be read is on the server all the same. */
static int note_bad(const merging *m, ds_value *row, const ds_key *key) {
    (void)row;
    return m->state->wants_seen ? put_seen(m, &key->form) : SQLITE_OK;
}

/* Only a composite key needs memory. */
static int with_key(const merging *m, ds_value *row,
                    int (*work)(const merging *, ds_value *, const ds_key *)) {
    ds_key key;
    ds_arena *arena = m->model->n_key > 1 ? ds_arena_new() : NULL;
    if (m->model->n_key > 1 && arena == NULL) {
        return ds_err_nomem(m->err);
    }
    int rc = ds_key_of_row(m->model, row, arena, &key, m->err);
    rc = rc ? rc : work(m, row, &key);
    ds_arena_free(arena);
    return rc;
}

int ds_merge_row(ds_merger *merger, const ds_model *model, ds_value *row, bool is_page,
                 ds_merge_counts *counts, ds_err *err) {
    merging m = {merger, model, NULL, counts, is_page, err};
    int rc = ds_merger_model(merger, model, &m.state, err);
    return rc ? rc : with_key(&m, row, merge_key);
}

static int merge_token(const merging *m, const ds_token *token) {
    ds_err why = DS_ERR_INIT;
    ds_value *row = NULL;
    bool is_named = false;
    int rc = ds_intake_read(m->state->intake, token, &row, &is_named, &why);
    if (rc == SQLITE_ERROR) {
        pass_over(m->counts, &why);
        m->counts->n_nameless += !is_named;
        return is_named ? with_key(m, row, note_bad) : SQLITE_OK;
    }
    return rc == SQLITE_OK ? with_key(m, row, merge_key) : ds_err_nomem(m->err);
}

int ds_merge_record(ds_merger *merger, const ds_model *model, const ds_token *record,
                    ds_merge_counts *counts, ds_err *err) {
    merging m = {merger, model, NULL, counts, false, err};
    int rc = ds_merger_model(merger, model, &m.state, err);
    return rc ? rc : merge_token(&m, record);
}

int ds_merge_page(ds_merger *merger, const ds_model *model, const ds_token *items,
                  ds_merge_counts *counts, ds_err *err) {
    ds_token record;
    merging m = {merger, model, NULL, counts, true, err};
    int rc = ds_merger_model(merger, model, &m.state, err);
    ds_scan s = ds_scan_begin(items->text, items->length);
    if (rc == SQLITE_OK && !ds_scan_open(&s, '[')) {
        return ds_err_set(err, SQLITE_ERROR, "the items of %s are no list", model->name);
    }
    while (rc == SQLITE_OK && ds_scan_next(&s, ']') && ds_scan_value(&s, &record)) {
        if (record.kind == 'n') {
            counts->n_nameless++;
        } else {
            rc = merge_token(&m, &record);
        }
    }
    return rc == SQLITE_OK && s.is_broken
               ? ds_err_set(err, SQLITE_ERROR, "the items of %s are malformed JSON",
                            model->name)
               : rc;
}

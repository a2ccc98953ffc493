/*
** Records by their key, past the virtual tables: the rows of a model and their base rows, and a
** cache of the statements about them.
*/
#include "store/store_int.h"

#include <string.h>

/* ---- the cache ------------------------------------------------------------------------------ */

typedef struct cached {
    enum ds_sql id;
    sqlite3_stmt *statement;
    struct cached *next;
} cached;

/* by_model: a list for each model of the catalog, which is retained; the last is of statements
** that belong to none. */
struct ds_records {
    ds_store *store;
    ds_catalog *catalog;
    int64_t generation;
    cached **by_model;
};

int ds_records_new(ds_store *store, ds_records **out, ds_err *err) {
    size_t n = (size_t)store->catalog->n_models + 1;
    ds_records *records = sqlite3_malloc64(sizeof *records + n * sizeof(cached *));
    if (records == NULL) {
        return ds_err_nomem(err);
    }
    *records =
        (ds_records){store, store->catalog, store->generation, (cached **)(records + 1)};
    memset(records->by_model, 0, n * sizeof(cached *));
    ds_catalog_retain(store->catalog);
    *out = records;
    return SQLITE_OK;
}

void ds_records_free(ds_records *records) {
    if (records == NULL) {
        return;
    }
    for (int i = 0; i <= records->catalog->n_models; i++) {
        for (cached *next, *c = records->by_model[i]; c != NULL; c = next) {
            next = c->next;
            sqlite3_finalize(c->statement);
            sqlite3_free(c);
        }
    }
    ds_catalog_release(records->catalog);
    sqlite3_free(records);
}

bool ds_records_is_current(const ds_records *records) {
    return records->generation == records->store->generation &&
           records->catalog == records->store->catalog;
}

ds_store *ds_records_store(const ds_records *records) {
    return records->store;
}

int ds_records_get(ds_records *records, const ds_model *model, enum ds_sql id,
                   sqlite3_stmt **out, ds_err *err) {
    cached **list = &records->by_model[model ? model->index : records->catalog->n_models];
    for (cached *c = *list; c != NULL; c = c->next) {
        if (c->id == id) {
            *out = c->statement;
            return SQLITE_OK;
        }
    }
    cached *c = sqlite3_malloc64(sizeof *c);
    if (c == NULL) {
        return ds_err_nomem(err);
    }
    int rc = model ? ds_store_prepare_model(records->store, model, id, &c->statement, err)
                   : ds_store_prepare(records->store, ds_sql_text(id),
                                      SQLITE_PREPARE_PERSISTENT, &c->statement, err);
    if (rc != SQLITE_OK) {
        sqlite3_free(c);
        return rc;
    }
    c->id = id;
    c->next = *list;
    *list = c;
    *out = c->statement;
    return SQLITE_OK;
}

int ds_records_run(ds_records *records, sqlite3_stmt *statement, ds_err *err) {
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    int rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, records->store->db, rc);
}

/* ---- keys ------------------------------------------------------------------------------------- */

int ds_key_of_values(const ds_model *model, const ds_value *values, ds_arena *arena,
                     ds_key *out, ds_err *err) {
    ds_buf form;
    out->model = model;
    memcpy(out->values, values, (size_t)model->n_key * sizeof *values);
    out->form = out->values[0];
    if (model->n_key == 1) {
        return SQLITE_OK;
    }
    ds_buf_init(&form, DS_MAX_OUTPUT_BYTES);
    ds_codec_print_key(values, model->n_key, &form);
    out->form = (ds_value){.type = SQLITE_TEXT, .length = (int)form.length};
    out->form.text = ds_arena_text(arena, ds_buf_text(&form), form.length);
    int rc = form.rc || ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
    ds_buf_done(&form);
    return rc;
}

int ds_key_of_row(const ds_model *model, const ds_value *row, ds_arena *arena,
                  ds_key *out, ds_err *err) {
    ds_value values[DS_MAX_KEY_COLUMNS];
    for (int i = 0; i < model->n_key; i++) {
        values[i] = row[model->key[i]->index];
    }
    return ds_key_of_values(model, values, arena, out, err);
}

/* A text as ds_codec_print_key has it: a backslash before quotes and backslashes only. */
static bool read_text_part(const char **at, const char *end, ds_arena *arena,
                           ds_value *out) {
    const char *p = *at + 1;
    char *text = ds_arena_alloc(arena, (size_t)(end - *at));
    int n = 0;
    while (text != NULL && p < end && *p != '"') {
        p += *p == '\\' && p + 1 < end;
        text[n++] = *p++;
    }
    *out = (ds_value){.type = SQLITE_TEXT, .text = text, .length = n};
    *at = p + 1;
    return text != NULL && p < end;
}

static bool read_number_part(const char **at, const char *end, ds_value *out) {
    ds_scan s = ds_scan_begin(*at, (size_t)(end - *at));
    ds_token token;
    if (!ds_scan_value(&s, &token)) {
        return false;
    }
    *at = s.at;
    out->type = ds_token_integer(&token, &out->integer) ? SQLITE_INTEGER : SQLITE_FLOAT;
    return out->type == SQLITE_INTEGER || ds_token_real(&token, &out->real);
}

/* ["a",5] */
static bool read_parts(const ds_value *form, int n, ds_arena *arena, ds_value *out) {
    const char *at = form->text;
    const char *end = at + form->length;
    for (int i = 0; i < n; i++) {
        if (at == end || *at != (i ? ',' : '[') || ++at == end) {
            return false;
        }
        bool is_read = *at == '"' ? read_text_part(&at, end, arena, &out[i])
                                  : read_number_part(&at, end, &out[i]);
        if (!is_read) {
            return false;
        }
    }
    return end - at == 1 && *at == ']';
}

int ds_key_of_form(const ds_model *model, const ds_value *form, ds_arena *arena,
                   ds_key *out, ds_err *err) {
    *out = (ds_key){.model = model, .form = *form};
    out->values[0] = *form;
    if (model->n_key == 1 || (form->type == SQLITE_TEXT &&
                              read_parts(form, model->n_key, arena, out->values))) {
        return SQLITE_OK;
    }
    return ds_arena_failed(arena)
               ? ds_err_nomem(err)
               : ds_err_set(err, SQLITE_CORRUPT, "a key of %s in the outbox is damaged",
                            model->name);
}

/* ---- rows ----------------------------------------------------------------------------------------- */

static int bind_key(sqlite3_stmt *statement, const ds_key *key) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < key->model->n_key; i++) {
        rc = ds_value_bind(statement, key->model->key[i]->index + 1, &key->values[i]);
    }
    return rc;
}

static int copy_row(const ds_model *model, sqlite3_stmt *statement, ds_arena *arena,
                    ds_value **out) {
    int n = model->n_columns + DS_N_META;
    *out = ds_arena_alloc(arena, (size_t)n * sizeof **out);
    for (int i = 0; *out != NULL && i < n; i++) {
        ds_value value = ds_value_column(statement, i);
        (*out)[i] = ds_value_copy(arena, &value);
    }
    return ds_arena_failed(arena) ? SQLITE_NOMEM : SQLITE_OK;
}

int ds_records_read(ds_records *records, ds_side side, const ds_key *key, ds_arena *arena,
                    ds_value **out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    *out = NULL;
    int rc = ds_records_get(records, key->model,
                            side == DS_BASE ? DS_SQL_RECORD_BASE : DS_SQL_RECORD_ROW,
                            &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = bind_key(statement, key);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        rc = copy_row(key->model, statement, arena, out);
    }
    int reset = sqlite3_reset(statement);
    if (rc == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    rc = rc ? rc : reset;
    return rc == SQLITE_OK ? rc : ds_err_db(err, records->store->db, rc);
}

int ds_records_put(ds_records *records, ds_side side, const ds_model *model,
                   const ds_value *row, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(
        records, model, side == DS_BASE ? DS_SQL_RECORD_PUT_BASE : DS_SQL_RECORD_PUT_ROW,
        &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns + DS_N_META; i++) {
        rc = ds_value_bind(statement, i + 1, &row[i]);
    }
    return rc == SQLITE_OK ? ds_records_run(records, statement, err)
                           : ds_err_db(err, records->store->db, rc);
}

int ds_records_remove(ds_records *records, ds_side side, const ds_key *key, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, key->model,
                            side == DS_BASE ? DS_SQL_RECORD_REMOVE_BASE
                                            : DS_SQL_RECORD_REMOVE_ROW,
                            &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = bind_key(statement, key);
    return rc == SQLITE_OK ? ds_records_run(records, statement, err)
                           : ds_err_db(err, records->store->db, rc);
}

int ds_records_applying(ds_records *records, bool applying, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    if (applying && sqlite3_get_autocommit(records->store->db)) {
        return ds_err_set(err, SQLITE_ABORT,
                          "the transaction was rolled back while it ran");
    }
    int rc = ds_records_get(records, NULL, DS_SQL_RECORD_APPLYING, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, applying);
        rc = ds_records_run(records, statement, err);
    }
    return rc;
}

int ds_records_hub(ds_records *records, const char *event, const ds_buf *payload,
                   ds_err *err) {
    sqlite3_stmt *add = NULL, *trim = NULL;
    if (payload->rc != SQLITE_OK) {
        return ds_err_set(err, payload->rc, "%s", sqlite3_errstr(payload->rc));
    }
    int rc = ds_records_get(records, NULL, DS_SQL_RECORD_HUB, &add, err);
    rc = rc ? rc : ds_records_get(records, NULL, DS_SQL_RECORD_HUB_TRIM, &trim, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_int64 host = sqlite3_last_insert_rowid(records->store->db);
    sqlite3_bind_int64(add, 1, ds_env_now_ms());
    sqlite3_bind_text(add, 2, event, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 3, ds_buf_text(payload), -1, SQLITE_STATIC);
    rc = ds_records_run(records, add, err);
    sqlite3_int64 seq = sqlite3_last_insert_rowid(records->store->db);
    sqlite3_set_last_insert_rowid(records->store->db, host);
    if (rc == SQLITE_OK && seq > DS_MAX_HUB_EVENTS) {
        sqlite3_bind_int64(trim, 1, seq - DS_MAX_HUB_EVENTS);
        rc = ds_records_run(records, trim, err);
    }
    return rc;
}

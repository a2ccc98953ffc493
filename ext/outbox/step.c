/*
** The rows of datastore_mutations.
*/
#include "outbox/outbox_int.h"

#include <string.h>

const ds_model *ds_outbox_model(const ds_store *store, int64_t number) {
    for (int i = 0; i < store->catalog->n_models; i++) {
        if (store->numbers[i].model == number) {
            return &store->catalog->models[i];
        }
    }
    return NULL;
}

int ds_outbox_bind(ds_records *records, sqlite3_stmt *statement, const ds_key *key,
                   ds_err *err) {
    ds_store *store = ds_records_store(records);
    int rc = sqlite3_bind_int64(statement, 1, ds_store_number(store, key->model));
    if (rc == SQLITE_OK) {
        rc = ds_value_bind(statement, 2, &key->form);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* ---- reading -------------------------------------------------------------------------------------- */

enum {
    COLUMN_SEQ,
    COLUMN_RID,
    COLUMN_OP,
    COLUMN_MASK,
    COLUMN_MORE,
    COLUMN_VERSION,
    COLUMN_STATE,
    COLUMN_ATTEMPTS,
    COLUMN_CONFLICTS,
    COLUMN_IS_UNCLEAR,
    COLUMN_NEXT_ATTEMPT_AT,
    COLUMN_FAILED_AT,
    COLUMN_CONDITION,
    COLUMN_PAYLOAD,
    COLUMN_REQUEST,
    COLUMN_RESPONSE,
    COLUMN_ERROR,
    N_STEP_COLUMNS
};

static const char *text_of(sqlite3_stmt *statement, int at, ds_arena *arena) {
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) {
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(statement, at);
    size_t length = text ? (size_t)sqlite3_column_bytes(statement, at) : SIZE_MAX / 2;
    return ds_arena_text(arena, text, length);
}

static ds_value value_of(sqlite3_stmt *statement, int at, ds_arena *arena) {
    ds_value value = ds_value_column(statement, at);
    return ds_value_copy(arena, &value);
}

/* A file may have been damaged: what is unknown is an update that is pending. */
static ds_op op_of(int number) {
    return number == DS_OP_CREATE || number == DS_OP_DELETE ? (ds_op)number
                                                            : DS_OP_UPDATE;
}

static ds_step_state state_of(int number) {
    return number > DS_STEP_PENDING && number <= DS_STEP_FAILED ? (ds_step_state)number
                                                                : DS_STEP_PENDING;
}

void ds_step_read(sqlite3_stmt *s, int first, ds_arena *arena, ds_step *out) {
    *out = (ds_step){
        .seq = sqlite3_column_int64(s, first + COLUMN_SEQ),
        .rid = value_of(s, first + COLUMN_RID, arena),
        .op = op_of(sqlite3_column_int(s, first + COLUMN_OP)),
        .mask.low = sqlite3_column_int64(s, first + COLUMN_MASK),
        .mask.more = text_of(s, first + COLUMN_MORE, arena),
        .version = value_of(s, first + COLUMN_VERSION, arena),
        .state = state_of(sqlite3_column_int(s, first + COLUMN_STATE)),
        .attempts = sqlite3_column_int(s, first + COLUMN_ATTEMPTS),
        .conflicts = sqlite3_column_int(s, first + COLUMN_CONFLICTS),
        .is_unclear = sqlite3_column_int(s, first + COLUMN_IS_UNCLEAR) != 0,
        .next_attempt_at = sqlite3_column_int64(s, first + COLUMN_NEXT_ATTEMPT_AT),
        .failed_at = sqlite3_column_int64(s, first + COLUMN_FAILED_AT),
        .condition = text_of(s, first + COLUMN_CONDITION, arena),
        .payload = text_of(s, first + COLUMN_PAYLOAD, arena),
        .request = text_of(s, first + COLUMN_REQUEST, arena),
        .response = text_of(s, first + COLUMN_RESPONSE, arena),
        .error = text_of(s, first + COLUMN_ERROR, arena),
    };
}

/* Room for twice as many as before, the old ones copied: the arena frees nothing singly. */
static ds_step *grow(ds_arena *arena, const ds_step *old, int n) {
    ds_step *steps = ds_arena_alloc(arena, (size_t)(n ? 2 * n : 4) * sizeof *steps);
    if (steps != NULL && n > 0) {
        memcpy(steps, old, (size_t)n * sizeof *steps);
    }
    return steps;
}

int ds_step_list(ds_records *records, const ds_key *key, ds_arena *arena, ds_step **out,
                 int *out_n, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_step *steps = NULL;
    int n = 0, room = 0;
    *out = NULL;
    *out_n = 0;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_STEPS, &statement, err);
    rc = rc ? rc : ds_outbox_bind(records, statement, key, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    while (!ds_arena_failed(arena) && sqlite3_step(statement) == SQLITE_ROW) {
        if (n == room) {
            steps = grow(arena, steps, n);
            room = n ? 2 * n : 4;
        }
        if (steps != NULL) {
            ds_step_read(statement, 0, arena, &steps[n++]);
        }
    }
    rc = sqlite3_reset(statement);
    if (ds_arena_failed(arena)) {
        return ds_err_nomem(err);
    }
    *out = steps;
    *out_n = n;
    return rc == SQLITE_OK ? rc : ds_err_db(err, ds_records_store(records)->db, rc);
}

int ds_step_find(ds_records *records, int64_t seq, ds_arena *arena, ds_key *out_key,
                 ds_step *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_store *store = ds_records_store(records);
    const ds_model *model = NULL;
    ds_value form = {.type = SQLITE_NULL};
    *out_key = (ds_key){.model = NULL};
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_STEP, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(statement, 1, seq);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        ds_step_read(statement, 0, arena, out);
        model = ds_outbox_model(store, sqlite3_column_int64(statement, N_STEP_COLUMNS));
        form = value_of(statement, N_STEP_COLUMNS + 1, arena);
    }
    rc = sqlite3_reset(statement);
    if (ds_arena_failed(arena)) {
        return ds_err_nomem(err);
    }
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    return model ? ds_key_of_form(model, &form, arena, out_key, err) : SQLITE_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

static void bind_text(sqlite3_stmt *statement, int at, const char *text) {
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

static void bind_time(sqlite3_stmt *statement, int at, int64_t time) {
    if (time == 0) {
        sqlite3_bind_null(statement, at);
    } else {
        sqlite3_bind_int64(statement, at, time);
    }
}

static int bind_step(sqlite3_stmt *s, const ds_step *step) {
    sqlite3_bind_int64(s, 3, step->seq);
    sqlite3_bind_int(s, 5, (int)step->op);
    sqlite3_bind_int64(s, 6, step->mask.low);
    bind_text(s, 7, step->mask.more);
    sqlite3_bind_int(s, 9, (int)step->state);
    sqlite3_bind_int(s, 10, step->attempts);
    sqlite3_bind_int(s, 11, step->conflicts);
    sqlite3_bind_int(s, 12, step->is_unclear);
    bind_time(s, 13, step->next_attempt_at);
    bind_time(s, 14, step->failed_at);
    bind_text(s, 15, step->condition);
    bind_text(s, 16, step->payload);
    bind_text(s, 17, step->request);
    bind_text(s, 18, step->response);
    bind_text(s, 19, step->error);
    int rc = ds_value_bind(s, 4, &step->rid);
    return rc ? rc : ds_value_bind(s, 8, &step->version);
}

int ds_step_put(ds_records *records, const ds_key *key, const ds_step *step,
                ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_STEP_PUT, &statement, err);
    rc = rc ? rc : ds_outbox_bind(records, statement, key, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = bind_step(statement, step);
    return rc == SQLITE_OK ? ds_records_run(records, statement, err)
                           : ds_err_db(err, ds_records_store(records)->db, rc);
}

int ds_step_drop(ds_records *records, int64_t seq, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_STEP_DROP, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(statement, 1, seq);
    return ds_records_run(records, statement, err);
}

void ds_step_reset(ds_step *step) {
    step->state = DS_STEP_PENDING;
    step->is_unclear = false;
    step->next_attempt_at = 0;
    step->failed_at = 0;
    step->request = NULL;
    step->response = NULL;
}

/* ---- what a step is about ------------------------------------------------------------------ */

/* NULL when it cannot be read: then somebody else has written to the table. */
static ds_value *read_payload(const ds_model *model, const ds_step *step,
                              ds_arena *arena) {
    size_t n = (size_t)model->n_columns + DS_N_META;
    ds_value *row = ds_arena_alloc(arena, n * sizeof *row);
    bool *given = ds_mask_flags(model, arena);
    for (size_t i = 0; row != NULL && i < n; i++) {
        row[i].type = SQLITE_NULL;
    }
    return row && given && ds_codec_parse(model, step->payload, false, arena, row, given)
               ? row
               : NULL;
}

int ds_step_source(ds_records *records, const ds_key *key, const ds_step *step,
                   ds_arena *arena, ds_value **out, ds_err *err) {
    *out = step->payload ? read_payload(key->model, step, arena) : NULL;
    if (ds_arena_failed(arena)) {
        return ds_err_nomem(err);
    }
    return *out ? SQLITE_OK : ds_records_read(records, DS_ROWS, key, arena, out, err);
}

const char *ds_step_member(const ds_step *step, const char *name, ds_arena *arena) {
    const char *request = step->request ? step->request : "";
    ds_scan s = ds_scan_begin(request, strlen(request));
    ds_token found, value;
    if (ds_scan_open(&s, '{')) {
        while (ds_scan_next(&s, '}') && ds_scan_name(&s, &found) &&
               ds_scan_value(&s, &value)) {
            if (ds_token_is(&found, name)) {
                return ds_arena_text(arena, value.text, value.length);
            }
        }
    }
    return NULL;
}

int ds_step_sent(const ds_model *model, const ds_step *step, ds_arena *arena,
                 ds_value *row, bool *given, ds_err *err) {
    const char *input = ds_step_member(step, "input", arena);
    if (input != NULL && !ds_codec_parse(model, input, true, arena, row, given)) {
        memset(given, 0, (size_t)model->n_columns * sizeof *given);
    }
    return ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
}

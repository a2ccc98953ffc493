/*
** INSERT of one row: fill in what the user may leave out, check everything, then one inner
** statement. Whatever fails, fails before it.
*/
#include "table/table_int.h"

#include <string.h>

/* Texts made here, alive until the row is written. */
typedef struct made {
    char id[DS_UUID_SIZE];
    char now[DS_DATETIME_SIZE];
} made;

static bool is_null(sqlite3_value *value) {
    return sqlite3_value_type(value) == SQLITE_NULL;
}

/* A column may be given by its name or an alias; both only if they agree. */
static int take_inputs(ds_table *table, sqlite3_value **values, ds_err *err) {
    sqlite3_value **columns = table->inputs;
    for (int i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind == DS_V_DATA) {
            columns[i] = values[i];
        }
    }
    for (int i = 0; i < table->n_columns; i++) {
        const ds_vcolumn *v = &table->columns[i];
        if (v->kind != DS_V_ALIAS || is_null(values[i])) {
            continue;
        }
        sqlite3_value **column = &columns[v->index];
        if (is_null(*column)) {
            *column = values[i];
        } else if (!ds_value_is_same(*column, values[i])) {
            return ds_alias_conflict(table, v, err);
        }
    }
    return SQLITE_OK;
}

/* Hidden columns that nobody may set. */
static int refuse_hidden(const ds_table *table, sqlite3_value **values, ds_err *err) {
    for (int i = table->model->n_columns; i < table->n_columns; i++) {
        const ds_vcolumn *v = &table->columns[i];
        if (v->kind == DS_V_ALIAS || is_null(values[i])) {
            continue;
        }
        return ds_err_set(
            err, SQLITE_CONSTRAINT, "%s.%s is read-only%s", table->model->name, v->name,
            v->kind == DS_V_RELATION ? ": write the related rows themselves" : "");
    }
    return SQLITE_OK;
}

static bool makes_key(const ds_table *table, const ds_column *column) {
    return column->key_position == 0 && table->model->key_kind != DS_KEY_CUSTOM &&
           ds_column_affinity(column) == DS_TEXT_AFFINITY;
}

static int take_value(ds_table *table, const ds_column *column, sqlite3_value *given,
                      made *m, ds_value *out, ds_err *err) {
    if (column->role != DS_COLUMN_DATA && column->is_read_only) {
        if (!is_null(given)) {
            return ds_err_set(err, SQLITE_CONSTRAINT, "%s.%s is read-only",
                              table->model->name, column->name);
        }
        *out = ds_value_text(m->now, DS_DATETIME_SIZE - 1);
        return SQLITE_OK;
    }
    if (is_null(given) && makes_key(table, column)) {
        ds_env_id(table->store->id_format, m->id);
        *out = ds_value_text(m->id, strlen(m->id));
        return SQLITE_OK;
    }
    if (is_null(given) && column->default_value != NULL) {
        *out =
            *column->default_value; /* the server would fill it in: see it here as well */
        return SQLITE_OK;
    }
    return ds_check_value(table->model, column, given, out, err);
}

static int check_parents(ds_table *table, ds_err *err) {
    const ds_new_row row = {table->scratch, table->given, NULL};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < table->model->n_relations; i++) {
        if (table->model->relations[i].kind == DS_BELONGS_TO) {
            rc = ds_parent_check(table, i, &row, err);
        }
    }
    return rc;
}

static int prepare(ds_table *table, ds_err *err) {
    const ds_model *model = table->model;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    /* FAIL, since the one constraint that can fail does so before anything is written: ABORT would
    ** prepare to undo a part of the statement, at the price of a copy of every page. */
    ds_buf_add(&sql, "INSERT OR FAIL INTO ");
    ds_store_add_rows(&sql, model);
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_add(&sql, i ? ", " : "(");
        ds_buf_add_ident(&sql, model->columns[i].name);
    }
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_addf(&sql, "%s?%d", i ? ", " : ") VALUES (", i + 1);
    }
    ds_buf_add(&sql, ")");
    int rc = sql.rc ? ds_err_nomem(err)
                    : ds_store_prepare(table->store, ds_buf_text(&sql),
                                       SQLITE_PREPARE_PERSISTENT, &table->insert, err);
    ds_buf_done(&sql);
    return rc;
}

/* SQLite names the rows table; the user knows the model. */
static int refuse_duplicate(const ds_table *table, int rc, ds_err *err) {
    const ds_model *model = table->model;
    ds_buf key;
    ds_buf_init(&key, DS_ERR_TEXT_MAX);
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_addf(&key, "%s%s.%s", i ? ", " : "", model->name, model->key[i]->name);
    }
    rc = ds_err_set(err, rc, "UNIQUE constraint failed: %s", ds_buf_text(&key));
    ds_buf_done(&key);
    return rc;
}

static int has_key(ds_table *table, bool *out, ds_err *err) {
    const ds_model *model = table->model;
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT 1 FROM ");
    ds_store_add_rows(&sql, model);
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(&sql, i ? " AND " : " WHERE ");
        ds_buf_add_ident(&sql, model->key[i]->name);
        ds_buf_addf(&sql, " = ?%d", i + 1);
    }
    int rc = sql.rc
                 ? ds_err_nomem(err)
                 : ds_store_prepare(table->store, ds_buf_text(&sql), 0, &statement, err);
    ds_buf_done(&sql);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; rc == SQLITE_OK && i < model->n_key; i++) {
        rc = ds_value_bind(statement, i + 1, &table->scratch[model->key[i]->index]);
    }
    *out = rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    int finalized = sqlite3_finalize(statement);
    rc = rc == SQLITE_OK ? finalized : rc;
    return rc == SQLITE_OK ? rc : ds_err_db(err, table->store->db, rc);
}

/* The row has no parent. A table finds a duplicate key before that, and under OR IGNORE skips
** the row; under OR REPLACE there is no duplicate. */
static int refuse_orphan(ds_table *table, ds_err *err) {
    ds_err found = DS_ERR_INIT;
    bool exists = false;
    if (sqlite3_vtab_on_conflict(table->store->db) == SQLITE_REPLACE) {
        return SQLITE_CONSTRAINT_FOREIGNKEY;
    }
    int rc = has_key(table, &exists, &found);
    if (rc == SQLITE_OK && exists) {
        rc = refuse_duplicate(table, SQLITE_CONSTRAINT_UNIQUE, &found);
    }
    if (rc == SQLITE_OK) {
        return SQLITE_CONSTRAINT_FOREIGNKEY;
    }
    *err = found;
    return rc;
}

/* OR REPLACE of a key that exists is an update of that row: it keeps its rid, its children and
** what the server said of it. */
static int replace(ds_table *table, ds_err *err) {
    const ds_model *model = table->model;
    ds_value key[DS_MAX_KEY_COLUMNS];
    memset(table->given, 0, ((size_t)model->n_columns / 64 + 1) * sizeof(uint64_t));
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        if (column->key_position < 0 && column->role != DS_COLUMN_CREATED_AT) {
            ds_bit_set(table->given, i);
        }
    }
    for (int i = 0; i < model->n_key; i++) {
        key[i] = table->scratch[model->key[i]->index];
    }
    return ds_change_apply(table, key, model->n_key, false, err);
}

static int run(ds_table *table, int64_t *out_rid, ds_err *err) {
    sqlite3 *db = table->store->db;
    int rc = SQLITE_OK;
    if (table->insert == NULL) {
        rc = prepare(table, err);
    }
    for (int i = 0; rc == SQLITE_OK && i < table->model->n_columns; i++) {
        rc = ds_value_bind(table->insert, i + 1, &table->scratch[i]);
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, db, rc);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    (void)sqlite3_step(table->insert);
    rc = sqlite3_reset(table->insert);
    *out_rid = sqlite3_last_insert_rowid(db);
    if (rc == SQLITE_CONSTRAINT) { /* all that reset says unless the host wants more */
        rc = sqlite3_extended_errcode(db);
    }
    if (rc == SQLITE_CONSTRAINT_UNIQUE &&
        sqlite3_vtab_on_conflict(db) == SQLITE_REPLACE) {
        return replace(table, err);
    }
    if (rc == SQLITE_CONSTRAINT_UNIQUE) {
        return refuse_duplicate(table, rc, err);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, db, rc);
}

/* For datastore_last_id(): the key as the journal has it. */
static int remember_key(ds_table *table, ds_err *err) {
    ds_store *store = table->store;
    const ds_model *model = table->model;
    const ds_value *key = &table->scratch[model->key[0]->index];
    ds_buf *text = &store->last_text;
    ds_buf_clear(text);
    if (model->n_key > 1) {
        ds_value values[DS_MAX_KEY_COLUMNS];
        for (int i = 0; i < model->n_key; i++) {
            values[i] = table->scratch[model->key[i]->index];
        }
        ds_codec_print_key(values, model->n_key, text);
    } else if (key->type == SQLITE_INTEGER) {
        store->last_integer = key->integer;
    } else if (key->type == SQLITE_TEXT) {
        ds_buf_add_bytes(text, key->text, (size_t)key->length);
    } else {
        ds_buf_addf(text, "%!.17g", key->real);
    }
    store->last_type =
        model->n_key == 1 && key->type == SQLITE_INTEGER ? SQLITE_INTEGER : SQLITE_TEXT;
    return text->rc ? ds_err_nomem(err) : SQLITE_OK;
}

int ds_insert_row(ds_table *table, sqlite3_value **values, int64_t *out_rid,
                  ds_err *err) {
    const ds_model *model = table->model;
    made m;
    ds_env_datetime(ds_env_now_ms(), m.now);
    memset(table->given, 0xff, ((size_t)model->n_columns / 64 + 1) * sizeof(uint64_t));
    int rc = take_inputs(table, values, err);
    if (rc == SQLITE_OK) {
        rc = refuse_hidden(table, values, err);
    }
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        rc = take_value(table, &model->columns[i], table->inputs[i], &m,
                        &table->scratch[i], err);
    }
    if (rc == SQLITE_OK) {
        rc = check_parents(table, err);
    }
    if (rc == SQLITE_CONSTRAINT_FOREIGNKEY) {
        rc = refuse_orphan(table, err);
    }
    if (rc == SQLITE_OK) {
        rc = run(table, out_rid, err);
    }
    return rc == SQLITE_OK ? remember_key(table, err) : rc;
}

/*
** A new schema over the tables of the old one. Adding a column touches no row. What would lose
** data or an unsent change is refused; the caller's savepoint undoes the rest.
*/
#include "store/store_int.h"

#include <string.h>

/* One model in both schemas. rows, base: the names of its tables. */
typedef struct migration {
    ds_store *store;
    const ds_model *old;
    const ds_model *model;
    char *rows;
    char *base;
    ds_err *err;
} migration;

static const ds_column *column_named(const ds_model *model, const char *name) {
    for (int i = 0; i < model->n_columns; i++) {
        if (strcmp(model->columns[i].name, name) == 0) {
            return &model->columns[i];
        }
    }
    return NULL;
}

/* Does the affinity of a column, which is for life, have to be another? */
static bool is_replaced(const ds_column *from, const ds_column *to) {
    return from != NULL && to != NULL &&
           ds_column_affinity(from) != ds_column_affinity(to);
}

static bool needs_conversion(const ds_column *from, const ds_column *to) {
    return !ds_diff_widens(&from->type, &to->type) || is_replaced(from, to);
}

/* ---- what must not be lost --------------------------------------------------------------------- */

static int count_unsent(ds_store *store, const ds_model *old, int64_t *out, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_MIGRATE_UNSENT_MODEL, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, ds_store_number(store, old));
        rc = ds_convert_count(store, statement, out, err);
    }
    return rc;
}

static int count_unsent_column(const migration *m, const ds_column *column,
                               int64_t *out) {
    sqlite3_stmt *statement = NULL;
    ds_buf key;
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    ds_store_add_key(&key, m->old, "r");
    const ds_slot slots[] = {{"rows", m->rows},
                             {"rid", ds_store_rid(m->old)},
                             {"match", ds_buf_text(&key)},
                             {"column", column->name}};
    int rc = key.rc ? ds_err_nomem(m->err)
                    : ds_template_prepare(m->store, DS_SQL_MIGRATE_UNSENT_COLUMN, slots,
                                          DS_COUNT(slots), &statement, m->err);
    ds_buf_done(&key);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, ds_store_number(m->store, m->old));
        sqlite3_bind_int(statement, 2,
                         ds_store_column_number(m->store, m->old, column->index));
        rc = ds_convert_count(m->store, statement, out, m->err);
    }
    return rc;
}

/* What the new schema does to a column, for messages; NULL when local changes of it stay what
** they are. */
static const char *fate_of(const ds_column *from, const ds_column *to) {
    return from->is_read_only           ? NULL
           : to == NULL                 ? "removed"
           : to->is_read_only           ? "read-only"
           : needs_conversion(from, to) ? "converted"
                                        : NULL;
}

#define SEND_FIRST                                                                       \
    ": call datastore_sync() first, and datastore_discard() for those that are refused"

static int check_unsent(const migration *m) {
    int64_t n = 0;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < m->old->n_columns; i++) {
        const ds_column *column = &m->old->columns[i];
        const char *fate = fate_of(column, column_named(m->model, column->name));
        rc = fate ? count_unsent_column(m, column, &n) : SQLITE_OK;
        if (rc == SQLITE_OK && n > 0) {
            rc = ds_err_set(
                m->err, SQLITE_ERROR,
                "%s.%s cannot be %s: %lld record%s unsent changes of it" SEND_FIRST,
                m->old->name, column->name, fate, n, n == 1 ? " has" : "s have");
        }
    }
    return rc;
}

/* ---- triggers and indexes ------------------------------------------------------------------------ */

/* Is it an index of both schemas whose columns stay? */
static int is_kept(const ds_model *old, const ds_model *model, const char *name,
                   bool *out) {
    int rc = SQLITE_OK;
    *out = false;
    for (int i = 0; rc == SQLITE_OK && !*out && i < model->n_indexes; i++) {
        const ds_index *index = &model->indexes[i];
        ds_buf text;
        ds_buf_init(&text, DS_MAX_SQL_BYTES);
        ds_store_index_name(&text, model, index);
        rc = text.rc;
        *out = strcmp(ds_buf_text(&text), name) == 0;
        ds_buf_done(&text);
        for (int c = 0; *out && c < index->n_columns; c++) {
            const ds_column *to = index->columns[c];
            *out = !is_replaced(column_named(old, to->name), to);
        }
    }
    return rc;
}

/* Append the statements that drop our triggers or indexes (`type`) of the rows table of `old`,
** but for the indexes that `model` keeps. */
static int add_drops(ds_store *store, const char *rows, const char *type,
                     const ds_model *old, const ds_model *model, ds_buf *sql,
                     ds_err *err) {
    bool is_index = strcmp(type, "index") == 0, kept = false;
    sqlite3_stmt *names = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_MIGRATE_PARTS, &names, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_text(names, 1, type, -1, SQLITE_STATIC);
    sqlite3_bind_text(names, 2, rows, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        const ds_slot slots[] = {{"part", name ? name : ""}};
        rc = name == NULL ? SQLITE_NOMEM
             : is_index   ? is_kept(old, model, name, &kept)
                          : SQLITE_OK;
        if (rc == SQLITE_OK && !kept) {
            ds_template_render(is_index ? DS_SQL_MIGRATE_DROP_INDEX
                                        : DS_SQL_MIGRATE_DROP_TRIGGER,
                               slots, DS_COUNT(slots), sql);
        }
    }
    int ended = sqlite3_finalize(names);
    return rc != SQLITE_OK      ? ds_err_nomem(err)
           : ended == SQLITE_OK ? ended
                                : ds_err_db(err, store->db, ended);
}

static int drop_indexes(const migration *m) {
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_OUTPUT_BYTES);
    int rc = add_drops(m->store, m->rows, "index", m->old, m->model, &sql, m->err);
    rc = rc       ? rc
         : sql.rc ? ds_err_nomem(m->err)
                  : ds_store_exec(m->store, ds_buf_text(&sql), m->err);
    ds_buf_done(&sql);
    return rc;
}

/* All of them before anything else: the trigger of one model names columns of others. */
static int drop_triggers(ds_store *store, const ds_catalog *old, ds_err *err) {
    int rc = SQLITE_OK;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; rc == SQLITE_OK && i < old->n_models; i++) {
        char *rows = ds_meta_rows_name(&old->models[i]);
        rc = rows ? add_drops(store, rows, "trigger", NULL, NULL, &sql, err)
                  : ds_err_nomem(err);
        sqlite3_free(rows);
    }
    rc = rc       ? rc
         : sql.rc ? ds_err_nomem(err)
                  : ds_store_exec(store, ds_buf_text(&sql), err);
    ds_buf_done(&sql);
    return rc;
}

/* ---- columns -------------------------------------------------------------------------------------- */

/* Run one ALTER TABLE on both tables of the model. */
static int alter(const migration *m, enum ds_sql id, const char *column,
                 const char *new_name, const char *type) {
    const char *const tables[] = {m->rows, m->base};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(tables); i++) {
        const ds_slot slots[] = {
            {"table", tables[i]}, {"column", column}, {"new", new_name}, {"type", type}};
        rc = ds_template_exec(m->store, id, slots, DS_COUNT(slots), m->err);
    }
    return rc;
}

static int drop_columns(const migration *m) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < m->old->n_columns; i++) {
        const ds_column *column = &m->old->columns[i];
        if (column_named(m->model, column->name) != NULL) {
            continue;
        }
        rc = alter(m, DS_SQL_MIGRATE_DROP, column->name, "", "");
        rc = rc ? rc
                : ds_meta_run(m->store, DS_SQL_MIGRATE_COLUMN_REMOVE, m->old->name,
                              column->name, m->err);
    }
    return rc;
}

/* A field may take the name that our rowid column has. */
static int rename_rid(const migration *m) {
    const char *was = ds_store_rid(m->old), *is = ds_store_rid(m->model);
    return strcmp(was, is) == 0 ? SQLITE_OK
                                : alter(m, DS_SQL_MIGRATE_RENAME, was, is, "");
}

static int put_column(const migration *m, const ds_column *to) {
    const ds_column *from = column_named(m->old, to->name);
    int rc = SQLITE_OK;
    if (from == NULL) {
        rc = alter(m, DS_SQL_MIGRATE_ADD, to->name, "", ds_ddl_affinity(to));
        rc = rc ? rc : ds_meta_add_column(m->store, m->model, to, m->err);
    } else if (needs_conversion(from, to)) {
        rc = ds_convert_column(m->store, m->old, from, m->model, to, m->err);
    }
    bool is_demanded = ds_column_is_required(to) && !to->is_read_only &&
                       (from == NULL || !ds_column_is_required(from));
    return rc || !is_demanded ? rc : ds_convert_required(m->store, m->model, to, m->err);
}

static int put_columns(const migration *m) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < m->model->n_columns; i++) {
        rc = put_column(m, &m->model->columns[i]);
    }
    return rc;
}

/* ---- models ------------------------------------------------------------------------------------- */

static int drop_tables(const migration *m) {
    const char *const tables[] = {m->rows, m->base};
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    for (size_t i = 0; i < DS_COUNT(tables); i++) {
        const ds_slot slots[] = {{"table", tables[i]}};
        ds_template_render(DS_SQL_MIGRATE_DROP_TABLE, slots, DS_COUNT(slots), &sql);
    }
    int rc = sql.rc ? ds_err_nomem(m->err)
                    : ds_store_exec(m->store, ds_buf_text(&sql), m->err);
    ds_buf_done(&sql);
    return rc;
}

static int remove_model(const migration *m) {
    static const enum ds_sql steps[] = {
        DS_SQL_MIGRATE_STATE_REMOVE, DS_SQL_MIGRATE_SEEN_REMOVE,
        DS_SQL_MIGRATE_TOMBSTONES_REMOVE, DS_SQL_MIGRATE_COLUMNS_REMOVE,
        DS_SQL_MIGRATE_MODEL_REMOVE};
    int64_t n = 0;
    int rc = count_unsent(m->store, m->old, &n, m->err);
    if (rc == SQLITE_OK && n > 0) {
        rc = ds_err_set(
            m->err, SQLITE_ERROR,
            "model %s cannot be removed: %lld record%s unsent changes" SEND_FIRST,
            m->old->name, n, n == 1 ? " has" : "s have");
    }
    rc = rc ? rc : drop_tables(m);
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(steps); i++) {
        rc = ds_meta_run(m->store, steps[i], m->old->name, NULL, m->err);
    }
    return rc;
}

/* The key is a record's name on the server: under existing records it cannot be another. */
static int check_key_free(const migration *m) {
    int64_t rows = 0, unsent = 0;
    sqlite3_stmt *statement = NULL;
    const ds_slot slots[] = {{"rows", m->rows}};
    int rc = ds_template_prepare(m->store, DS_SQL_MIGRATE_COUNT, slots, DS_COUNT(slots),
                                 &statement, m->err);
    rc = rc ? rc : ds_convert_count(m->store, statement, &rows, m->err);
    rc = rc ? rc : count_unsent(m->store, m->old, &unsent, m->err);
    return rc != SQLITE_OK || rows + unsent == 0
               ? rc
               : ds_err_set(
                     m->err, SQLITE_ERROR,
                     "the key of %s cannot change: it has %lld record%s and %lld with "
                     "unsent changes: datastore_sync() sends these, and "
                     "datastore_clear() empties the store",
                     m->old->name, rows, rows == 1 ? "" : "s", unsent);
}

static int rebuild(const migration *m) {
    ds_buf ddl;
    int rc = check_key_free(m);
    rc = rc ? rc : drop_tables(m);
    rc = rc ? rc
            : ds_meta_run(m->store, DS_SQL_MIGRATE_COLUMN_REMOVE, m->old->name, NULL,
                          m->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
    ds_ddl_tables(m->model, &ddl);
    rc = ddl.rc ? ds_err_nomem(m->err)
                : ds_store_exec(m->store, ds_buf_text(&ddl), m->err);
    ds_buf_done(&ddl);
    for (int i = 0; rc == SQLITE_OK && i < m->model->n_columns; i++) {
        rc = ds_meta_add_column(m->store, m->model, &m->model->columns[i], m->err);
    }
    return rc;
}

static int change_model(const migration *m) {
    bool same_columns = true, same = true;
    int rc = ds_diff_models(m->old, m->model, &same_columns, &same, m->err);
    if (rc != SQLITE_OK || same) {
        return rc;
    }
    if (!ds_diff_same_key(m->old, m->model)) {
        rc = rebuild(m);
    } else {
        rc = check_unsent(m);
        rc = rc ? rc : drop_indexes(m);
        rc = rc ? rc : drop_columns(m);
        rc = rc ? rc : rename_rid(m);
        rc = rc ? rc : put_columns(m);
    }
    rc = rc ? rc : ds_meta_update_model(m->store, m->model, m->err);
    if (rc == SQLITE_OK && !same_columns) {
        rc =
            ds_meta_run(m->store, DS_SQL_MIGRATE_FULL_SYNC, m->model->name, NULL, m->err);
    }
    return rc;
}

int ds_migrate(ds_store *store, const ds_installation *in, ds_err *err) {
    int rc = drop_triggers(store, in->old, err);
    for (int i = 0; rc == SQLITE_OK && i < in->old->n_models; i++) {
        const ds_model *old = &in->old->models[i];
        migration m = {.store = store,
                       .old = old,
                       .model = ds_catalog_model(in->catalog, old->name),
                       .rows = ds_meta_rows_name(old),
                       .base = ds_meta_base_name(old),
                       .err = err};
        rc = !m.rows || !m.base ? ds_err_nomem(err)
             : m.model          ? change_model(&m)
                                : remove_model(&m);
        sqlite3_free(m.rows);
        sqlite3_free(m.base);
    }
    return rc;
}

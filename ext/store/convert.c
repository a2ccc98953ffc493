/*
** Columns whose type or nullability is another one in the new schema. Nothing is lost: a value
** that the new type cannot hold exactly stops the migration, and is named.
*/
#include "store/store_int.h"

int ds_convert_count(ds_store *store, sqlite3_stmt *statement, int64_t *out,
                     ds_err *err) {
    (void)sqlite3_step(statement);
    *out = sqlite3_column_int64(statement, 0);
    int rc = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* ---- values ------------------------------------------------------------------------------------ */

static int refuse_value(const ds_model *model, const ds_column *to, sqlite3_value *key,
                        const char *why, ds_err *err) {
    const char *text = (const char *)sqlite3_value_text(key);
    return ds_err_set(
        err, SQLITE_ERROR,
        "%s.%s cannot become what the schema says, because of the record '%.80s': "
        "%s",
        model->name, to->name, text ? text : "", why);
}

/* Judge each value under the new type. The columns of the statement are those of migrate_values. */
static int check_values(ds_store *store, const ds_model *model, const ds_column *to,
                        sqlite3_stmt *values, ds_err *err) {
    int rc = SQLITE_OK;
    ds_value value;
    while (rc == SQLITE_OK && sqlite3_step(values) == SQLITE_ROW) {
        ds_err why = DS_ERR_INIT;
        sqlite3_value *key = sqlite3_column_value(values, 0);
        sqlite3_value *judged = sqlite3_value_dup(sqlite3_column_value(values, 1));
        if (judged == NULL) {
            rc = ds_err_nomem(err);
        } else if (ds_check_value(model, to, judged, &value, &why) != SQLITE_OK) {
            rc = why.code == SQLITE_NOMEM ? ds_err_nomem(err)
                                          : refuse_value(model, to, key, why.text, err);
        } else if (value.type == SQLITE_NULL || !sqlite3_column_int(values, 2)) {
            rc = refuse_value(model, to, key, "its value would be written differently",
                              err);
        }
        sqlite3_value_free(judged);
    }
    int ended = sqlite3_reset(values);
    return rc != SQLITE_OK || ended == SQLITE_OK ? rc : ds_err_db(err, store->db, ended);
}

static int check_table(ds_store *store, const ds_model *old, const ds_model *model,
                       char *table, const ds_column *to, ds_err *err) {
    sqlite3_stmt *values = NULL;
    ds_buf key;
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    ds_store_add_key(&key, old, "r");
    const ds_slot slots[] = {{"table", table ? table : ""},
                             {"column", to->name},
                             {"type", ds_ddl_affinity(to)},
                             {"match", ds_buf_text(&key)}};
    int rc = table && key.rc == SQLITE_OK
                 ? ds_template_prepare(store, DS_SQL_MIGRATE_VALUES, slots,
                                       DS_COUNT(slots), &values, err)
                 : ds_err_nomem(err);
    rc = rc ? rc : check_values(store, model, to, values, err);
    sqlite3_finalize(values);
    ds_buf_done(&key);
    sqlite3_free(table);
    return rc;
}

/* ---- columns ------------------------------------------------------------------------------------ */

/* The affinity of a column is for life: a second column takes the values over. */
static int replace_column(ds_store *store, char *table, const ds_column *to,
                          ds_err *err) {
    static const enum ds_sql steps[] = {DS_SQL_MIGRATE_ADD, DS_SQL_MIGRATE_COPY,
                                        DS_SQL_MIGRATE_DROP, DS_SQL_MIGRATE_RENAME};
    /* No name of GraphQL's has a dot. */
    char *other = sqlite3_mprintf("%s.new", to->name);
    int rc = table && other ? SQLITE_OK : ds_err_nomem(err);
    for (size_t i = 0; rc == SQLITE_OK && i < DS_COUNT(steps); i++) {
        bool is_from_other =
            steps[i] == DS_SQL_MIGRATE_ADD || steps[i] == DS_SQL_MIGRATE_RENAME;
        const ds_slot slots[] = {
            {"table", table},
            {"column", is_from_other ? other : to->name},
            {"new", steps[i] == DS_SQL_MIGRATE_RENAME ? to->name : other},
            {"type", ds_ddl_affinity(to)}};
        rc = ds_template_exec(store, steps[i], slots, DS_COUNT(slots), err);
    }
    sqlite3_free(other);
    sqlite3_free(table);
    return rc;
}

int ds_convert_column(ds_store *store, const ds_model *old, const ds_column *from,
                      const ds_model *model, const ds_column *to, ds_err *err) {
    int rc = check_table(store, old, model, ds_meta_rows_name(model), to, err);
    rc = rc ? rc : check_table(store, old, model, ds_meta_base_name(model), to, err);
    if (rc != SQLITE_OK || ds_column_affinity(from) == ds_column_affinity(to)) {
        return rc;
    }
    rc = replace_column(store, ds_meta_rows_name(model), to, err);
    return rc ? rc : replace_column(store, ds_meta_base_name(model), to, err);
}

/* ---- required ------------------------------------------------------------------------------------ */

static int count_null(ds_store *store, const char *rows, const ds_column *column,
                      int64_t *out, ds_err *err) {
    const ds_slot slots[] = {{"rows", rows}, {"column", column->name}};
    sqlite3_stmt *statement = NULL;
    int rc = ds_template_prepare(store, DS_SQL_MIGRATE_COUNT_NULL, slots, DS_COUNT(slots),
                                 &statement, err);
    return rc ? rc : ds_convert_count(store, statement, out, err);
}

static int fill(ds_store *store, const char *rows, const ds_column *column, ds_err *err) {
    const ds_slot slots[] = {{"rows", rows}, {"column", column->name}};
    sqlite3_stmt *statement = NULL;
    int rc = ds_template_prepare(store, DS_SQL_MIGRATE_FILL, slots, DS_COUNT(slots),
                                 &statement, err);
    if (rc == SQLITE_OK) {
        rc = ds_value_bind(statement, 1, column->default_value);
        (void)sqlite3_step(statement);
        int ended = sqlite3_finalize(statement);
        rc = rc ? rc : ended;
        rc = rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
    }
    return rc;
}

int ds_convert_required(ds_store *store, const ds_model *model, const ds_column *column,
                        ds_err *err) {
    int64_t n = 0;
    char *rows = ds_meta_rows_name(model);
    int rc = rows ? count_null(store, rows, column, &n, err) : ds_err_nomem(err);
    if (rc == SQLITE_OK && n > 0 && column->default_value != NULL) {
        rc = fill(store, rows, column, err);
    } else if (rc == SQLITE_OK && n > 0) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "%s.%s is required now, but %lld record%s no value: give it a "
                        "@default or make it optional",
                        model->name, column->name, n, n == 1 ? " has" : "s have");
    }
    sqlite3_free(rows);
    return rc;
}

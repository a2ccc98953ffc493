/*
** A filter on a row that is in no table: SQLite judges its values, as parameters, with the very
** condition that it judges tables with.
*/
#include "feed/feed_int.h"

/* SELECT condition FROM (SELECT ?1 AS "id", ?2 AS "title", …) AS r */
static void add_select(ds_buf *sql, const ds_model *model, const ds_filter *filter) {
    ds_buf_add(sql, "SELECT ");
    ds_filter_to_sql(filter, "r", model->n_columns + 1, sql);
    ds_buf_add(sql, " FROM (SELECT ");
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_addf(sql, i ? ", ?%d AS " : "?%d AS ", i + 1);
        ds_buf_add_ident(sql, model->columns[i].name);
    }
    ds_buf_add(sql, ") AS r");
}

int ds_match_init(ds_match *match, ds_store *store, const ds_model *model,
                  const ds_filter *filter, ds_err *err) {
    *match = (ds_match){.model = model, .filter = filter};
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    add_select(&sql, model, filter);
    int rc = sql.rc
                 ? ds_err_set(err, sql.rc, "%s", sqlite3_errstr(sql.rc))
                 : ds_store_prepare(store, ds_buf_text(&sql), 0, &match->statement, err);
    ds_buf_done(&sql);
    if (rc == SQLITE_OK &&
        ds_filter_bind(filter, match->statement, model->n_columns + 1) != SQLITE_OK) {
        rc = ds_err_nomem(err);
    }
    return rc;
}

void ds_match_done(ds_match *match) {
    sqlite3_finalize(match->statement);
    match->statement = NULL;
}

static int bind_row(const ds_match *match, const ds_value *row, const bool *related) {
    int rc = SQLITE_OK;
    /* A relation in a part of the filter that always holds has no parameter. */
    int first = match->model->n_columns + 1 + ds_filter_parameters(match->filter);
    int n = sqlite3_bind_parameter_count(match->statement) - first + 1;
    for (int i = 0; rc == SQLITE_OK && i < match->model->n_columns; i++) {
        rc = ds_value_bind(match->statement, i + 1, &row[i]);
    }
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = sqlite3_bind_int(match->statement, first + i, related[i]);
    }
    return rc;
}

int ds_match_row(ds_match *match, const ds_value *row, const bool *related, bool *out,
                 ds_err *err) {
    sqlite3 *db = sqlite3_db_handle(match->statement);
    int rc = bind_row(match, row, related);
    if (rc == SQLITE_OK) {
        *out = sqlite3_step(match->statement) == SQLITE_ROW &&
               sqlite3_column_int(match->statement, 0) != 0;
        rc = sqlite3_reset(match->statement);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, db, rc);
}

/*
** What the planner is told about sizes: the figures of ANALYZE where there are some, else
** SQLite's own guesses. There is no way to ask SQLite for its estimate of an inner statement.
*/
#include "table/table_int.h"

#include <string.h>

/* SQLite's own guesses for an index without statistics (it keeps them as logarithms). */
static void default_stat(ds_stat *stat, int n_columns, bool is_unique) {
    static const double guess[] = {10, 9, 8, 7, 6};
    for (int i = 0; i < DS_MAX_KEY_COLUMNS; i++) {
        stat->rows_per[i] = i < (int)DS_COUNT(guess) ? guess[i] : 5;
    }
    if (is_unique) {
        stat->rows_per[n_columns - 1] = 1;
    }
}

/* "100000 10 2": all rows, then rows per prefix. */
static void read_stat(const char *text, double *n_rows, ds_stat *stat, int n_columns) {
    for (int i = -1; i < n_columns && *text != '\0'; i++) {
        double value = 0;
        for (; *text >= '0' && *text <= '9'; text++) {
            value = value * 10 + (*text - '0');
        }
        if (i < 0) {
            *n_rows = value > 1 ? value : 1;
        } else {
            stat->rows_per[i] = value > 1 ? value : 1;
        }
        while (*text == ' ') {
            text++;
        }
    }
}

static void match_stat(ds_table *table, const char *index, const char *stat) {
    const ds_model *model = table->model;
    if (strncmp(index, "sqlite_autoindex_", 17) == 0) {
        read_stat(stat, &table->n_rows, &table->key_stat, model->n_key);
        return;
    }
    for (int i = 0; i < model->n_indexes; i++) {
        ds_buf name;
        ds_buf_init(&name, DS_MAX_SQL_BYTES);
        ds_store_index_name(&name, model, &model->indexes[i]);
        if (strcmp(ds_buf_text(&name), index) == 0) {
            read_stat(stat, &table->n_rows, &table->stats[i],
                      model->indexes[i].n_columns);
        }
        ds_buf_done(&name);
    }
}

/* Statistics are a help, not a need: a file without ANALYZE has none. */
int ds_stat_read(ds_table *table) {
    const ds_model *model = table->model;
    table->stats = sqlite3_malloc64(sizeof(ds_stat) * (size_t)model->n_indexes + 1);
    if (table->stats == NULL) {
        return SQLITE_NOMEM;
    }
    table->n_rows = 1048576; /* SQLite's guess */
    default_stat(&table->key_stat, model->n_key, true);
    for (int i = 0; i < model->n_indexes; i++) {
        default_stat(&table->stats[i], model->indexes[i].n_columns, false);
    }
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf(
        "SELECT idx, stat FROM main.sqlite_stat1 WHERE tbl = '%q_rows'", model->name);
    if (sql == NULL) {
        return SQLITE_NOMEM;
    }
    int rc = sqlite3_prepare_v2(table->store->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *index = (const char *)sqlite3_column_text(statement, 0);
        const char *stat = (const char *)sqlite3_column_text(statement, 1);
        if (index != NULL && stat != NULL) {
            match_stat(table, index, stat);
        }
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
}

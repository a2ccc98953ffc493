/*
** The cached UPDATE statements of a table, one per set of columns.
*/
#include "table/table_int.h"

#include <string.h>

#define CACHED_UPDATES 16
#define CHUNK          32 /* terms in one parenthesis: bounds the expression's depth */

static size_t words_of(const ds_table *table) {
    return (size_t)table->model->n_columns / 64 + 1;
}

static void update_free(ds_update *update) {
    if (update != NULL) {
        sqlite3_finalize(update->statement);
        sqlite3_free(update->set);
        sqlite3_free(update);
    }
}

void ds_change_free(ds_table *table) {
    while (table->updates != NULL) {
        ds_update *update = table->updates;
        table->updates = update->next;
        update_free(update);
    }
}

/* A row that has all values already must not be touched. Timestamps do not count. */
static void add_differs(const ds_table *table, ds_buf *sql) {
    int terms = 0;
    for (int i = 0; i < table->model->n_columns; i++) {
        if (!ds_bit_get(table->given, i) || table->model->columns[i].is_read_only) {
            continue;
        }
        ds_buf_add(sql, terms == 0 ? " AND ((" : terms % CHUNK == 0 ? ") OR (" : " OR ");
        ds_buf_add_ident(sql, table->model->columns[i].name);
        ds_buf_addf(sql, " IS NOT ?%d", i + 1);
        terms++;
    }
    ds_buf_add(sql, terms ? "))" : " AND 0");
}

static void add_where(const ds_table *table, bool by_rid, ds_buf *sql) {
    const ds_model *model = table->model;
    ds_buf_add(sql, " WHERE ");
    if (by_rid) {
        ds_buf_add_ident(sql, table->rid);
        ds_buf_addf(sql, " = ?%d", model->n_columns + 1);
        return;
    }
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(sql, i ? " AND " : "");
        ds_buf_add_ident(sql, model->key[i]->name);
        ds_buf_addf(sql, " = ?%d", model->n_columns + 1 + i);
    }
}

static int prepare(ds_table *table, ds_update *update, ds_err *err) {
    ds_buf sql;
    const char *comma = " SET ";
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "UPDATE ");
    ds_store_add_rows(&sql, table->model);
    for (int i = 0; i < table->model->n_columns; i++) {
        if (ds_bit_get(table->given, i)) {
            ds_buf_add(&sql, comma);
            ds_buf_add_ident(&sql, table->model->columns[i].name);
            ds_buf_addf(&sql, " = ?%d", i + 1);
            comma = ", ";
        }
    }
    add_where(table, update->by_rid, &sql);
    add_differs(table, &sql);
    int rc = sql.rc
                 ? ds_err_nomem(err)
                 : ds_store_prepare(table->store, ds_buf_text(&sql),
                                    SQLITE_PREPARE_PERSISTENT, &update->statement, err);
    ds_buf_done(&sql);
    return rc;
}

static int update_new(ds_table *table, bool by_rid, ds_update **out, ds_err *err) {
    size_t size = words_of(table) * sizeof(uint64_t);
    ds_update *update = sqlite3_malloc64(sizeof *update);
    if (update == NULL) {
        return ds_err_nomem(err);
    }
    *update = (ds_update){sqlite3_malloc64(size), by_rid, NULL, NULL};
    int rc = update->set ? SQLITE_OK : ds_err_nomem(err);
    if (rc == SQLITE_OK) {
        memcpy(update->set, table->given, size);
        rc = prepare(table, update, err);
    }
    if (rc == SQLITE_OK) {
        *out = update;
    } else {
        update_free(update);
    }
    return rc;
}

/* The cached statement for the wanted columns, moved to the front; NULL without. */
static ds_update *find(ds_table *table, bool by_rid) {
    size_t size = words_of(table) * sizeof(uint64_t);
    for (ds_update **link = &table->updates; *link != NULL; link = &(*link)->next) {
        ds_update *update = *link;
        if (update->by_rid == by_rid && memcmp(update->set, table->given, size) == 0) {
            *link = update->next;
            update->next = table->updates;
            table->updates = update;
            return update;
        }
    }
    return NULL;
}

/* The longest unused statements go. */
static void trim(ds_table *table) {
    ds_update *last = table->updates;
    for (int n = 1; last != NULL && n < CACHED_UPDATES; n++) {
        last = last->next;
    }
    while (last != NULL && last->next != NULL) {
        ds_update *update = last->next;
        last->next = update->next;
        update_free(update);
    }
}

static int get(ds_table *table, bool by_rid, ds_update **out, ds_err *err) {
    *out = find(table, by_rid);
    if (*out != NULL) {
        return SQLITE_OK;
    }
    ds_update *update = NULL;
    int rc = update_new(table, by_rid, &update, err);
    if (update != NULL) {
        update->next = table->updates;
        table->updates = *out = update;
        trim(table);
    }
    return rc;
}

int ds_change_apply(ds_table *table, const ds_value *key, int n_key, bool by_rid,
                    ds_err *err) {
    ds_update *update = NULL;
    int n = table->model->n_columns;
    int rc = get(table, by_rid, &update, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        if (ds_bit_get(table->given, i)) {
            rc = ds_value_bind(update->statement, i + 1, &table->scratch[i]);
        }
    }
    for (int i = 0; rc == SQLITE_OK && i < n_key; i++) {
        rc = ds_value_bind(update->statement, n + 1 + i, &key[i]);
    }
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(update->statement);
        rc = sqlite3_reset(update->statement);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, table->store->db, rc);
}

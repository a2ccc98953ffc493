/*
** The permanent numbers of models and columns.
*/
#include "store/store_int.h"

int64_t ds_store_number(const ds_store *store, const ds_model *model) {
    return store->numbers[model->index].model;
}

int ds_store_column_number(const ds_store *store, const ds_model *model, int column) {
    return store->numbers[model->index].columns[column];
}

/* Room for all of them, each model's columns laid out behind the models. */
static ds_numbers *allocate(const ds_catalog *catalog) {
    uint64_t n = 0;
    for (int i = 0; i < catalog->n_models; i++) {
        n += (uint64_t)catalog->models[i].n_columns;
    }
    uint64_t models = (uint64_t)catalog->n_models;
    ds_numbers *numbers =
        sqlite3_malloc64(models * sizeof *numbers + n * sizeof(int) + 1);
    int *next = numbers ? (int *)(numbers + models) : NULL;
    for (int i = 0; numbers != NULL && i < catalog->n_models; i++) {
        numbers[i] = (ds_numbers){0, next};
        next += catalog->models[i].n_columns;
    }
    return numbers;
}

/* Step to the one row of `statement`, whose column 0 is the number wanted. */
static int read_number(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
                       const char *column, int64_t *out, ds_err *err) {
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    *out = found ? sqlite3_column_int64(statement, 0) : 0;
    int rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    return found
               ? rc
               : ds_err_set(err, SQLITE_CORRUPT,
                            "%s%s%s is missing in datastore_models or datastore_columns",
                            model->name, column ? "." : "", column ? column : "");
}

static int read_model(ds_store *store, sqlite3_stmt *models, sqlite3_stmt *columns,
                      const ds_model *model, ds_numbers *out, ds_err *err) {
    int64_t number = 0;
    sqlite3_bind_text(models, 1, model->name, -1, SQLITE_STATIC);
    int rc = read_number(store, models, model, NULL, &out->model, err);
    sqlite3_bind_int64(columns, 1, out->model);
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        const char *name = model->columns[i].name;
        sqlite3_bind_text(columns, 2, name, -1, SQLITE_STATIC);
        rc = read_number(store, columns, model, name, &number, err);
        out->columns[i] = (int)number;
    }
    return rc;
}

int ds_numbers_read(ds_store *store, const ds_catalog *catalog, ds_numbers **out,
                    ds_err *err) {
    sqlite3_stmt *models = NULL, *columns = NULL;
    ds_numbers *numbers = allocate(catalog);
    if (numbers == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_store_prepare_named(store, DS_SQL_META_MODEL_NUMBER, &models, err);
    rc =
        rc ? rc : ds_store_prepare_named(store, DS_SQL_META_COLUMN_NUMBER, &columns, err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        rc = read_model(store, models, columns, &catalog->models[i], &numbers[i], err);
    }
    sqlite3_finalize(models);
    sqlite3_finalize(columns);
    if (rc == SQLITE_OK) {
        *out = numbers;
    } else {
        sqlite3_free(numbers);
    }
    return rc;
}

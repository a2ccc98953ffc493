/*
** datastore_delete(model, key | filter [, condition]): delete one record by its key, or all that
** match a filter. Returns how many were there; what goes with them by cascade is not counted.
**
** How the second argument is read:
** - a JSON object whose members are all objects or lists is a filter; '{}' matches every row;
** - a JSON object with any other member is a key by field names, and must be exactly that;
** - for a composite key, a JSON list of its values in key order, as datastore_last_id() has it;
** - anything else is the value of a single key. One that begins with { must be given as an
**   object.
**
** A condition belongs to a record and travels with its mutation, so it goes with a key only: the
** record must be there and match. To narrow down a filter, extend the filter.
*/
#include "func/func_int.h"

/* condition: NULL without. */
typedef struct deleting {
    ds_store *store;
    const ds_model *model;
    ds_choice choice;
    ds_filter *condition;
    const char *condition_text;
    ds_err *err;
} deleting;

static int read_arguments(deleting *d, int argc, sqlite3_value **argv) {
    int rc = ds_choice_read(&d->choice, d->model, argv[1], false, d->err);
    if (rc != SQLITE_OK || argc < 3 || sqlite3_value_type(argv[2]) == SQLITE_NULL) {
        return rc;
    }
    if (d->choice.filter != NULL) {
        return ds_err_set(
            d->err, SQLITE_ERROR,
            "a condition goes with a key: to narrow down a filter, extend the "
            "filter");
    }
    rc = ds_func_filter(d->model, argv[2], &d->condition, d->err);
    d->condition_text = (const char *)sqlite3_value_text(argv[2]);
    return rc;
}

/* ---- the rows ------------------------------------------------------------------------------------- */

/* By key or filter, through the model's table. */
static int delete_rows(deleting *d, int64_t *out_count) {
    ds_buf sql;
    sqlite3_stmt *statement = NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "DELETE FROM main.");
    ds_buf_add_ident(&sql, d->model->name);
    ds_buf_add(&sql, " AS r WHERE ");
    if (d->choice.filter != NULL) {
        ds_filter_to_sql(d->choice.filter, "r", 1, &sql);
    } else {
        ds_pk_add_match(d->model, &sql);
    }
    int rc = ds_func_prepare(d->store, &sql, &statement, d->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = d->choice.filter ? ds_filter_bind(d->choice.filter, statement, 1)
                          : ds_pk_bind(&d->choice.key, statement);
    if (rc != SQLITE_OK) {
        sqlite3_finalize(statement);
        return ds_err_db(d->err, d->store->db, rc);
    }
    rc = ds_func_run(d->store, statement, d->err);
    *out_count = sqlite3_changes64(d->store->db);
    return rc;
}

/* With a condition: `key` is the record's as in the journal. */
static int delete_conditionally(deleting *d, sqlite3_value *key, int64_t *out_count) {
    const ds_record record = {d->model, key};
    int64_t before = 0, told = 0;
    int rc = ds_outbox_last(d->store, &before, d->err);
    rc = rc ? rc : ds_feed_last(d->store, &told, d->err);
    rc = rc ? rc : delete_rows(d, out_count);
    rc = rc ? rc
            : ds_outbox_stamp(d->store, &record, before, d->condition_text, NULL, d->err);
    return rc ? rc
              : ds_feed_stamp(d->store, d->model, key, told, d->condition_text, d->err);
}

static int run(deleting *d, int64_t *out_count) {
    if (d->condition == NULL) {
        return delete_rows(d, out_count);
    }
    sqlite3_stmt *row = NULL;
    int rc = ds_pk_demand(d->store, &d->choice.key, d->condition, "delete", &row, d->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_value *key = sqlite3_value_dup(sqlite3_column_value(row, DS_FOUND_KEY));
    rc = key ? ds_pk_freeze(d->store, &d->choice.key, row, d->err) : ds_err_nomem(d->err);
    sqlite3_finalize(row);
    if (rc == SQLITE_OK) {
        rc = delete_conditionally(d, key, out_count);
    }
    sqlite3_value_free(key);
    return rc;
}

void ds_func_delete(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    deleting d = {.store = ds_func_store(context), .err = &err};
    ds_work work;
    int64_t count = 0;
    int rc = ds_work_begin(d.store, "datastore_delete", false, argv[0], &work, &err);
    if (rc == SQLITE_OK) {
        d.model = work.model;
        rc = read_arguments(&d, argc, argv);
        if (rc == SQLITE_OK) {
            rc = run(&d, &count);
        }
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int64(context, count);
    } else {
        ds_func_fail(context, &err);
    }
    ds_choice_done(&d.choice);
    ds_filter_free(d.condition);
}

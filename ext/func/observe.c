/*
** datastore_observe([model [, key | filter [, name]]]), datastore_ack, datastore_unobserve,
** datastore_notify_fd. The events themselves are a table: datastore_events, in feed/.
*/
#include "func/func_int.h"

#include <string.h>

/* ---- the frame ------------------------------------------------------------------------------------------ */

/*
** Begin function `name`, which writes to the tables of the feed: not inside a statement that writes
** nor a transaction, which could roll back and take the subscription with it. Then as ds_work_begin.
*/
static int begin(ds_store *store, const char *name, sqlite3_value *model, ds_work *out,
                 ds_err *err) {
    if (!sqlite3_get_autocommit(store->db)) {
        return ds_err_set(err, SQLITE_ERROR,
                          "%s cannot run inside a transaction: COMMIT or ROLLBACK first",
                          name);
    }
    return ds_work_begin(store, name, false, model, out, err);
}

int ds_func_sub(sqlite3_value *value, ds_feed_id *out, ds_err *err) {
    *out = (ds_feed_id){0, NULL};
    if (sqlite3_value_type(value) == SQLITE_TEXT) {
        return ds_func_text(value, &out->name, err);
    }
    return ds_feed_integer(value, &out->number)
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "a subscription is given by its number, or by its name");
}

/* ---- observe -------------------------------------------------------------------------------------------- */

/* The key as it stands in the feed: SQLite makes it of the values, as it does in the triggers. */
static int print_key(ds_store *store, const ds_pk *key, sqlite3_value **out,
                     ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "SELECT ");
    ds_store_add_key(&sql, key->model, "r");
    ds_buf_add(&sql, " FROM (SELECT ");
    for (int i = 0; i < key->model->n_key; i++) {
        static const char *const types[] = {[DS_TEXT_AFFINITY] = "TEXT",
                                            [DS_INTEGER_AFFINITY] = "INTEGER",
                                            [DS_REAL_AFFINITY] = "REAL"};
        ds_buf_addf(&sql, "%sCAST(?%d AS %s) AS ", i ? ", " : "", i + 1,
                    types[ds_column_affinity(key->model->key[i])]);
        ds_buf_add_ident(&sql, key->model->key[i]->name);
    }
    ds_buf_add(&sql, ") AS r");
    int rc = ds_func_prepare(store, &sql, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = ds_pk_bind(key, statement);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *out = sqlite3_value_dup(sqlite3_column_value(statement, 0));
    }
    int ended = sqlite3_finalize(statement);
    rc = rc ? rc : ended;
    return rc != SQLITE_OK ? ds_err_db(err, store->db, rc)
           : *out == NULL  ? ds_err_nomem(err)
                           : SQLITE_OK;
}

/* What is observed of the model: a key or a filter. */
static int read_choice(ds_store *store, sqlite3_value *value, ds_observation *what,
                       sqlite3_value **out_key, ds_err *err) {
    ds_choice choice;
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    if (what->model == NULL) {
        return ds_err_set(
            err, SQLITE_ERROR,
            "a key or a filter needs a model: datastore_observe(model, filter)");
    }
    int rc = ds_choice_read(&choice, what->model, value, true, err);
    if (rc == SQLITE_OK && choice.filter != NULL) {
        rc = ds_func_text(value, &what->filter, err);
    } else if (rc == SQLITE_OK) {
        rc = print_key(store, &choice.key, out_key, err);
        what->key = *out_key;
    }
    ds_choice_done(&choice);
    return rc;
}

static int observe(ds_context *context, const ds_work *work, int argc,
                   sqlite3_value **argv, int64_t *out, ds_err *err) {
    const ds_config *config = context->config;
    sqlite3_value *key = NULL;
    ds_observation what = {.model = work->model, .max_changes = -1, .max_age_ms = -1};
    if (ds_config_has(config, DS_CONFIG_FEED_CHANGES)) {
        what.max_changes = ds_config_number(config, DS_CONFIG_FEED_CHANGES);
    }
    if (ds_config_has(config, DS_CONFIG_FEED_AGE)) {
        what.max_age_ms = ds_config_number(config, DS_CONFIG_FEED_AGE) * 60000;
    }
    int rc = argc > 1 ? read_choice(work->store, argv[1], &what, &key, err) : SQLITE_OK;
    rc = rc || argc < 3 ? rc : ds_func_text(argv[2], &what.name, err);
    if (rc == SQLITE_OK && what.name != NULL && what.name[0] == '\0') {
        rc = ds_err_set(err, SQLITE_ERROR, "the name of a subscription is empty");
    }
    rc = rc ? rc : ds_feed_observe(work->store->feed, &what, out, err);
    sqlite3_value_free(key);
    return rc;
}

void ds_func_observe(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    int64_t number = 0;
    bool is_all = argc == 0 || sqlite3_value_type(argv[0]) == SQLITE_NULL;
    int rc = begin(store, "datastore_observe", is_all ? NULL : argv[0], &work, &err);
    if (rc == SQLITE_OK) {
        rc = observe(ds_func_context(context), &work, argc, argv, &number, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int64(context, number);
    } else {
        ds_func_fail(context, &err);
    }
}

/* ---- ack, unobserve ------------------------------------------------------------------------------------- */

static int ack(ds_store *store, sqlite3_value **argv, int64_t *out, ds_err *err) {
    ds_feed_id id;
    int64_t seq = 0;
    int rc = ds_func_sub(argv[0], &id, err);
    if (rc == SQLITE_OK && !ds_feed_integer(argv[1], &seq)) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "datastore_ack needs the seq of the last event that is done");
    }
    return rc ? rc : ds_feed_ack(store->feed, id, seq, out, err);
}

void ds_func_ack(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    int64_t position = 0;
    (void)argc;
    int rc = begin(store, "datastore_ack", NULL, &work, &err);
    if (rc == SQLITE_OK) {
        rc = ack(store, argv, &position, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int64(context, position);
    } else {
        ds_func_fail(context, &err);
    }
}

void ds_func_unobserve(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    ds_feed_id id;
    bool was = false;
    (void)argc;
    int rc = begin(store, "datastore_unobserve", NULL, &work, &err);
    if (rc == SQLITE_OK) {
        rc = ds_func_sub(argv[0], &id, &err);
        rc = rc ? rc : ds_feed_unobserve(store->feed, id, &was, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int(context, was);
    } else {
        ds_func_fail(context, &err);
    }
}

/* ---- notify_fd ------------------------------------------------------------------------------------------- */

void ds_func_notify_fd(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    int fd = -1;
    (void)argc;
    (void)argv;
    if (ds_feed_notify_fd(ds_func_store(context)->feed, &fd, &err) == SQLITE_OK) {
        sqlite3_result_int(context, fd);
    } else {
        ds_func_fail(context, &err);
    }
}

/*
** datastore_save(model, record [, condition]): insert or update from JSON, through the
** model's table, so that every check and trigger applies. Returns the stored record.
**
** A record whose key exists is updated in the members it gives, any other is inserted. What a
** record may hold stands at ds_given_parse.
**
** With a condition the record must exist and match, and both go with the mutation. That it
** must exist follows Swift and Android: JavaScript inserts and drops the condition, which
** the caller cannot have meant.
*/
#include "func/func_int.h"

/*
** condition: NULL without; condition_text is borrowed from the argument. has_key: the record
** gives the whole key. is_idle: a conditional save found nothing to change.
*/
typedef struct saving {
    ds_store *store;
    const ds_model *model;
    ds_given given;
    ds_pk key;
    bool has_key;
    ds_filter *condition;
    const char *condition_text;
    bool is_idle;
    ds_err *err;
} saving;

static int fail_db(saving *s, int rc) {
    return ds_err_db(s->err, s->store->db, rc);
}

/* ---- insert ------------------------------------------------------------------------------------- */

static bool is_inserted(const saving *s, int column) {
    return s->given.columns[column] != NULL ||
           s->model->columns[column].key_position >= 0;
}

static void add_insert(const saving *s, ds_buf *sql) {
    int n = 0;
    ds_buf_add(sql, "INSERT INTO main.");
    ds_buf_add_ident(sql, s->model->name);
    for (int i = 0; i < s->model->n_columns; i++) {
        if (is_inserted(s, i)) {
            ds_buf_add(sql, n++ ? ", " : "(");
            ds_buf_add_ident(sql, s->model->columns[i].name);
        }
    }
    for (int i = 0; i < n; i++) {
        ds_buf_addf(sql, "%s?%d", i ? ", " : ") VALUES (", i + 1);
    }
    ds_buf_add(sql, ")");
}

static int insert(saving *s) {
    ds_buf sql;
    sqlite3_stmt *statement = NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    add_insert(s, &sql);
    int rc = ds_func_prepare(s->store, &sql, &statement, s->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0, at = 1; rc == SQLITE_OK && i < s->model->n_columns; i++) {
        if (is_inserted(s, i)) {
            rc = ds_given_bind(&s->given, i, statement, at++);
        }
    }
    if (rc != SQLITE_OK) {
        sqlite3_finalize(statement);
        return fail_db(s, rc);
    }
    return ds_func_run(s->store, statement, s->err);
}

/* The key that the table made: only a single text is ever made. */
static void take_made_key(saving *s) {
    const ds_buf *made = &s->store->last_text;
    s->key.values[0] = (ds_value){
        .type = SQLITE_TEXT, .text = ds_buf_text(made), .length = (int)made->length};
    s->has_key = true;
}

/* ---- update ------------------------------------------------------------------------------------- */

/* List in `out` the columns to set. The table compares values with the row itself, but not
** JSON: what differs in white space only is left out here. */
static int find_changes(saving *s, sqlite3_stmt *old, int *out, int *out_n) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < s->model->n_columns; i++) {
        bool same = false;
        if (s->given.columns[i] == NULL || s->model->columns[i].key_position >= 0) {
            continue;
        }
        rc = ds_given_is_same_json(&s->given, i,
                                   sqlite3_column_value(old, DS_FOUND_ROW + i), &same);
        if (!same) {
            out[(*out_n)++] = i;
        }
    }
    return rc == SQLITE_OK ? rc : ds_err_nomem(s->err);
}

static void add_update(const saving *s, const int *columns, int n, ds_buf *sql) {
    ds_buf_add(sql, "UPDATE main.");
    ds_buf_add_ident(sql, s->model->name);
    ds_buf_add(sql, " AS r SET ");
    for (int i = 0; i < n; i++) {
        ds_buf_add(sql, i ? ", " : "");
        ds_buf_add_ident(sql, s->model->columns[columns[i]].name);
        ds_buf_addf(sql, " = ?%d", s->model->n_key + 1 + i);
    }
    ds_buf_add(sql, " WHERE ");
    ds_pk_add_match(s->model, sql);
}

static int update_columns(saving *s, const int *columns, int n) {
    ds_buf sql;
    sqlite3_stmt *statement = NULL;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    add_update(s, columns, n, &sql);
    int rc = ds_func_prepare(s->store, &sql, &statement, s->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = ds_pk_bind(&s->key, statement);
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_given_bind(&s->given, columns[i], statement, s->model->n_key + 1 + i);
    }
    if (rc != SQLITE_OK) {
        sqlite3_finalize(statement);
        return fail_db(s, rc);
    }
    return ds_func_run(s->store, statement, s->err);
}

static int update(saving *s, sqlite3_stmt *old) {
    int n = 0;
    int *columns = sqlite3_malloc64((size_t)s->model->n_columns * sizeof *columns);
    if (columns == NULL) {
        return ds_err_nomem(s->err);
    }
    int rc = find_changes(s, old, columns, &n);
    if (rc == SQLITE_OK && n > 0) {
        rc = update_columns(s, columns, n);
    }
    sqlite3_free(columns);
    return rc;
}

/* ---- both --------------------------------------------------------------------------------------- */

static int write(saving *s) {
    sqlite3_stmt *old = NULL;
    int rc = s->has_key ? ds_pk_find(s->store, &s->key, NULL, &old, s->err) : SQLITE_OK;
    if (rc == SQLITE_OK && old != NULL) {
        rc = update(s, old);
    } else if (rc == SQLITE_OK) {
        rc = insert(s);
        if (rc == SQLITE_OK && !s->has_key) {
            take_made_key(s);
        }
    }
    sqlite3_finalize(old);
    return rc;
}

/* Append the row as it is stored now, and stamp the entries of a conditional save: that of the journal
** after `before`, and that of the change feed after `told`. */
static int read_back(saving *s, int64_t before, int64_t told, ds_buf *out) {
    sqlite3_stmt *row = NULL;
    int rc = ds_pk_find(s->store, &s->key, NULL, &row, s->err);
    if (rc != SQLITE_OK || row == NULL) {
        return rc;
    }
    ds_codec_print_row(s->model, row, DS_FOUND_ROW, out);
    rc = out->rc ? ds_err_nomem(s->err) : SQLITE_OK;
    if (rc == SQLITE_OK && s->condition != NULL && !s->is_idle) {
        const ds_record record = {s->model, sqlite3_column_value(row, DS_FOUND_KEY)};
        rc = ds_outbox_stamp(s->store, &record, before, s->condition_text,
                             ds_buf_text(out), s->err);
        rc = rc ? rc
                : ds_feed_stamp(s->store, s->model, record.key, told, s->condition_text,
                                s->err);
    }
    sqlite3_finalize(row);
    return rc;
}

/* The row must be there and match; what it is now must not be folded into what comes. */
static int begin_condition(saving *s, int64_t *out_before) {
    sqlite3_stmt *old = NULL;
    if (!s->has_key) {
        return ds_err_set(
            s->err, SQLITE_CONSTRAINT,
            "conditional save failed: the record has no key, so there is no "
            "%s to match the condition",
            s->model->name);
    }
    int rc = ds_pk_demand(s->store, &s->key, s->condition, "save", &old, s->err);
    if (rc == SQLITE_OK) {
        rc = ds_pk_freeze(s->store, &s->key, old, s->err);
    }
    sqlite3_finalize(old);
    return rc == SQLITE_OK ? ds_outbox_last(s->store, out_before, s->err) : rc;
}

static int run(saving *s, ds_buf *out) {
    int64_t before = 0, after = 0, told = 0;
    int rc = s->condition ? begin_condition(s, &before) : SQLITE_OK;
    if (rc == SQLITE_OK && s->condition != NULL) {
        rc = ds_feed_last(s->store, &told, s->err);
    }
    if (rc == SQLITE_OK) {
        rc = write(s);
    }
    if (rc == SQLITE_OK && s->condition != NULL) {
        rc = ds_outbox_last(s->store, &after, s->err);
        s->is_idle = rc == SQLITE_OK && after == before;
    }
    return rc == SQLITE_OK ? read_back(s, before, told, out) : rc;
}

static int read_arguments(saving *s, int argc, sqlite3_value **argv) {
    int rc = ds_given_parse(s->model, argv[1], &s->given, s->err);
    if (rc == SQLITE_OK && argc > 2) {
        rc = ds_func_filter(s->model, argv[2], &s->condition, s->err);
    }
    if (rc == SQLITE_OK && s->condition != NULL) {
        s->condition_text = (const char *)sqlite3_value_text(argv[2]);
    }
    s->has_key = rc == SQLITE_OK && ds_given_key(&s->given, &s->key);
    return rc;
}

void ds_func_save(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ds_err err = DS_ERR_INIT;
    saving s = {.store = ds_func_store(context), .err = &err};
    ds_work work;
    ds_buf out;
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    int rc = ds_work_begin(s.store, "datastore_save", false, argv[0], &work, &err);
    if (rc == SQLITE_OK) {
        s.model = work.model;
        rc = read_arguments(&s, argc, argv);
        if (rc == SQLITE_OK) {
            rc = run(&s, &out);
        }
        /* A conditional save that changes nothing leaves nothing, not even what
        ** begin_condition kept. */
        rc = ds_work_end(&work, rc, !s.is_idle, &err);
    }
    if (rc != SQLITE_OK) {
        ds_func_fail(context, &err);
    } else if (out.length > 0) {
        ds_func_json(context, &out);
    }
    ds_buf_done(&out);
    ds_filter_free(s.condition);
    ds_given_done(&s.given);
}

/*
** The triggers of one model that write the change feed: see sql/feed.sql. Rows are written as lists
** n=value, where n is a column's permanent number, so that they can be read under a later schema.
*/
#include "store/store_int.h"

#define CHUNK 32 /* terms of one parenthesis, values of one printf: SQLite limits both */

/* What printf is told of a column: %Q quotes a text and knows NULL; a number is told from a text
** by the column's type, but a REAL must keep all its digits. */
static bool is_real(const ds_column *column) {
    return ds_column_affinity(column) == DS_REAL_AFFINITY;
}

static void add_value(ds_buf *out, const char *row, const char *name, bool is_quoted) {
    ds_buf_addf(out, is_quoted ? ", quote(%s." : ", %s.", row);
    ds_buf_add_ident(out, name);
    ds_buf_add(out, is_quoted ? ")" : "");
}

/* printf('0=%Q,1=%s,', row."a", quote(row."b")) of the columns from `first` to `end`. */
static void add_printf(ds_buf *out, const ds_store *store, const ds_model *model,
                       const char *row, int first, int end) {
    ds_buf_add(out, "printf('");
    for (int i = first; i < end; i++) {
        ds_buf_addf(out, "%d=%%%s,", ds_store_column_number(store, model, i),
                    is_real(&model->columns[i]) ? "s" : "Q");
    }
    ds_buf_add(out, "'");
    for (int i = first; i < end; i++) {
        add_value(out, row, model->columns[i].name, is_real(&model->columns[i]));
    }
    ds_buf_add(out, ")");
}

/* The whole row; the metadata comes last. */
static void add_row(ds_buf *out, const ds_store *store, const ds_model *model,
                    const char *row) {
    for (int i = 0; i < model->n_columns; i += CHUNK) {
        int end = i + CHUNK < model->n_columns ? i + CHUNK : model->n_columns;
        add_printf(out, store, model, row, i, end);
        ds_buf_add(out, " || ");
    }
    ds_buf_add(out, "printf('v=%Q,t=%Q,d=%Q'");
    add_value(out, row, "_version", false);
    add_value(out, row, "_lastChangedAt", false);
    add_value(out, row, "_deleted", false);
    ds_buf_add(out, ")");
}

static void add_differs(ds_buf *out, const ds_column *column) {
    ds_buf_add(out, "NEW.");
    ds_buf_add_ident(out, column->name);
    ds_buf_add(out, " IS NOT OLD.");
    ds_buf_add_ident(out, column->name);
}

/* Between terms: chunks in parentheses bound the depth of the expression. */
static void add_operator(ds_buf *out, int n, const char *op) {
    if (n == 0) {
        ds_buf_add(out, "(");
    } else {
        ds_buf_addf(out, n % CHUNK == 0 ? ") %s (" : " %s ", op);
    }
}

/* What the update changed, as it was before. */
static void add_changes(ds_buf *out, const ds_store *store, const ds_model *model) {
    int n = 0;
    for (int i = 0; i < model->n_columns; i++) {
        if (model->columns[i].key_position < 0) {
            add_operator(out, n++, "||");
            ds_buf_add(out, "iif(");
            add_differs(out, &model->columns[i]);
            ds_buf_add(out, ", ");
            add_printf(out, store, model, "OLD", i, i + 1);
            ds_buf_add(out, ", '')");
        }
    }
    ds_buf_add(out, ")");
}

/* What makes a change, and the columns it may be in: those that the user writes. When the server
** has stored one's own write, it differs in the times and the metadata at most: no news. */
static int add_condition(const ds_model *model, ds_buf *changed, ds_buf *columns) {
    int n = 0;
    for (int i = 0; i < model->n_columns; i++) {
        if (ds_column_is_sent(&model->columns[i])) {
            ds_buf_add(columns, n ? ", " : "");
            ds_buf_add_ident(columns, model->columns[i].name);
            add_operator(changed, n++, "OR");
            add_differs(changed, &model->columns[i]);
        }
    }
    ds_buf_add(changed, ")");
    return n;
}

/* The texts that the templates need, but for the name of the trigger. */
typedef struct texts {
    ds_buf rows, new_key, old_key, new_values, old_values, changes, changed, columns;
    char model[24];
} texts;

#define BUFS(t)                                                                          \
    {                                                                                    \
        &(t)->rows, &(t)->new_key, &(t)->old_key, &(t)->new_values, &(t)->old_values,    \
            &(t)->changes, &(t)->changed, &(t)->columns                                  \
    }

static void render(enum ds_sql id, const char *name, const texts *t, ds_buf *out) {
    ds_buf trigger;
    ds_buf_init(&trigger, DS_MAX_SQL_BYTES);
    ds_buf_addf(&trigger, "%s.%s", ds_buf_text(&t->rows), name);
    const ds_slot slots[] = {{"trigger", ds_buf_text(&trigger)},
                             {"rows", ds_buf_text(&t->rows)},
                             {"model", t->model},
                             {"key", id == DS_SQL_TRIGGER_FEED_DELETE
                                         ? ds_buf_text(&t->old_key)
                                         : ds_buf_text(&t->new_key)},
                             {"now", ds_sql_text(DS_SQL_FEED_NOW)},
                             {"new_values", ds_buf_text(&t->new_values)},
                             {"old_values", ds_buf_text(&t->old_values)},
                             {"changes", ds_buf_text(&t->changes)},
                             {"changed", ds_buf_text(&t->changed)},
                             {"update_columns", ds_buf_text(&t->columns)}};
    out->rc = out->rc ? out->rc : trigger.rc;
    ds_template_render(id, slots, DS_COUNT(slots), out);
    ds_buf_done(&trigger);
}

static void add_triggers(const ds_store *store, const ds_model *model, ds_buf *out) {
    texts t;
    ds_buf *bufs[] = BUFS(&t);
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        ds_buf_init(bufs[i], DS_MAX_SQL_BYTES);
    }
    sqlite3_snprintf(sizeof t.model, t.model, "%lld", ds_store_number(store, model));
    ds_ddl_add_rows_name(&t.rows, model);
    ds_store_add_key(&t.new_key, model, "NEW");
    ds_store_add_key(&t.old_key, model, "OLD");
    add_row(&t.new_values, store, model, "NEW");
    add_row(&t.old_values, store, model, "OLD");
    add_changes(&t.changes, store, model);
    int n = add_condition(model, &t.changed, &t.columns);
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        out->rc = out->rc ? out->rc : bufs[i]->rc;
    }
    render(DS_SQL_TRIGGER_FEED_INSERT, "feed_insert", &t, out);
    if (n > 0) {
        render(DS_SQL_TRIGGER_FEED_UPDATE, "feed_update", &t, out);
    }
    render(DS_SQL_TRIGGER_FEED_DELETE, "feed_delete", &t, out);
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        ds_buf_done(bufs[i]);
    }
}

/* ---- on and off --------------------------------------------------------------------------------- */

int ds_store_feed_on(ds_store *store, const ds_model *model, ds_err *err) {
    ds_buf ddl;
    ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
    add_triggers(store, model, &ddl);
    int rc = ddl.rc ? ds_err_set(err, ddl.rc, "the triggers that observe %s: %s",
                                 model->name, sqlite3_errstr(ddl.rc))
                    : ds_store_exec(store, ds_buf_text(&ddl), err);
    ds_buf_done(&ddl);
    return rc;
}

int ds_store_feed_off(ds_store *store, ds_err *err) {
    ds_buf ddl;
    sqlite3_stmt *drops = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_FEED_TRIGGERS_OFF, &drops, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_buf_init(&ddl, DS_MAX_OUTPUT_BYTES);
    while (sqlite3_step(drops) == SQLITE_ROW) {
        const char *drop = (const char *)sqlite3_column_text(drops, 0);
        ddl.rc = ddl.rc || drop ? ddl.rc : SQLITE_NOMEM;
        ds_buf_add(&ddl, drop ? drop : "");
        ds_buf_add(&ddl, ";");
    }
    int ended = sqlite3_finalize(drops);
    rc = ended    ? ds_err_db(err, store->db, ended)
         : ddl.rc ? ds_err_nomem(err)
                  : ds_store_exec(store, ds_buf_text(&ddl), err);
    ds_buf_done(&ddl);
    return rc;
}

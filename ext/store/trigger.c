/*
** The journal triggers of one model. They use SQLite's own functions only, so that a write
** to the rows by any program is journalled.
*/
#include "store/store_int.h"

#define MASK_BITS 62 /* columns in the mask; the others stand beside it */
#define CHUNK     32 /* terms of one parenthesis: bounds the depth of the expression */

void ds_ddl_add_quiet(ds_buf *out, const ds_model *model) {
    if (!model->is_cyclic) {
        return;
    }
    char component[16];
    sqlite3_snprintf(sizeof component, component, "%d", model->component);
    const ds_slot slots[] = {{"component", component}};
    ds_template_render(DS_SQL_CASCADE_QUIET, slots, DS_COUNT(slots), out);
}

/* a OP b OP c …, in parentheses of CHUNK terms each, so that a model of many hundred columns
** stays under SQLite's limit on the depth of an expression. */
typedef struct chain {
    ds_buf *out;
    const char *op;
    int terms;
} chain;

static void chain_next(chain *c) {
    if (c->terms == 0) {
        ds_buf_add(c->out, "(");
    } else if (c->terms % CHUNK == 0) {
        ds_buf_addf(c->out, ") %s (", c->op);
    } else {
        ds_buf_addf(c->out, " %s ", c->op);
    }
    c->terms++;
}

static void chain_end(chain *c, const char *none) {
    ds_buf_add(c->out, c->terms ? ")" : none);
}

static void add_differs(ds_buf *out, const ds_column *column) {
    ds_buf_add(out, "NEW.");
    ds_buf_add_ident(out, column->name);
    ds_buf_add(out, " IS NOT OLD.");
    ds_buf_add_ident(out, column->name);
}

/* The condition that any of the columns differs: key columns, or columns that are sent. */
static void add_changed(ds_buf *out, const ds_model *model, bool of_key) {
    chain c = {out, "OR", 0};
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        if (of_key ? column->key_position >= 0 : ds_column_is_sent(column)) {
            chain_next(&c);
            add_differs(out, column);
        }
    }
    chain_end(&c, "0");
}

/* The mask of changed columns: the bit of a column is its permanent number. */
static void add_mask(ds_buf *out, const ds_store *store, const ds_model *model) {
    chain c = {out, "|", 0};
    for (int i = 0; i < model->n_columns; i++) {
        int number = ds_store_column_number(store, model, i);
        if (number < MASK_BITS && ds_column_is_sent(&model->columns[i])) {
            chain_next(&c);
            /* In SQL << binds no tighter than |. */
            ds_buf_add(out, "((");
            add_differs(out, &model->columns[i]);
            ds_buf_addf(out, ") << %d)", number);
        }
    }
    chain_end(&c, "0");
}

static int last_number(const ds_store *store, const ds_model *model) {
    int last = 0;
    for (int i = 0; i < model->n_columns; i++) {
        int number = ds_store_column_number(store, model, i);
        last = number > last ? number : last;
    }
    return last;
}

/* The column with that permanent number, if it is sent. */
static const ds_column *sent_column(const ds_store *store, const ds_model *model,
                                    int number) {
    for (int i = 0; i < model->n_columns; i++) {
        if (ds_store_column_number(store, model, i) == number) {
            return ds_column_is_sent(&model->columns[i]) ? &model->columns[i] : NULL;
        }
    }
    return NULL;
}

/* Columns beyond the mask: a text with a 0 or 1 for each. */
static void add_more(ds_buf *out, const ds_store *store, const ds_model *model) {
    int last = last_number(store, model);
    chain c = {out, "||", 0};
    for (int number = MASK_BITS; number <= last; number++) {
        const ds_column *column = sent_column(store, model, number);
        chain_next(&c);
        if (column == NULL) {
            ds_buf_add(out, "0");
        } else {
            ds_buf_add(out, "(");
            add_differs(out, column);
            ds_buf_add(out, ")");
        }
    }
    chain_end(&c, "NULL");
}

static void add_mask_columns(ds_buf *out, const ds_model *model) {
    const char *comma = "";
    for (int i = 0; i < model->n_columns; i++) {
        if (ds_column_is_sent(&model->columns[i])) {
            ds_buf_add(out, comma);
            ds_buf_add_ident(out, model->columns[i].name);
            comma = ", ";
        }
    }
}

/* The texts that the templates of one model's triggers need. */
typedef struct texts {
    ds_buf rows, base, all_columns, old_values, new_key, old_key, changed, key_changed,
        mask, more;
    ds_buf mask_columns, key_columns, quiet, message, name;
} texts;

#define TEXTS(t) ((ds_buf *)(t))
#define N_TEXTS  (sizeof(texts) / sizeof(ds_buf))

static void texts_init(texts *t, const ds_store *store, const ds_model *model) {
    for (size_t i = 0; i < N_TEXTS; i++) {
        ds_buf_init(&TEXTS(t)[i], DS_MAX_SQL_BYTES);
    }
    ds_ddl_add_rows_name(&t->rows, model);
    ds_ddl_add_base_name(&t->base, model);
    ds_ddl_add_all(&t->all_columns, NULL, model);
    ds_ddl_add_all(&t->old_values, "OLD", model);
    ds_store_add_key(&t->new_key, model, "NEW");
    ds_store_add_key(&t->old_key, model, "OLD");
    add_changed(&t->changed, model, false);
    add_changed(&t->key_changed, model, true);
    add_mask(&t->mask, store, model);
    add_more(&t->more, store, model);
    add_mask_columns(&t->mask_columns, model);
    ds_ddl_add_list(&t->key_columns, NULL, model->key, model->n_key);
    ds_ddl_add_quiet(&t->quiet, model);
    ds_buf_addf(&t->message, "the key of %s is immutable", model->name);
}

static int texts_done(texts *t) {
    int rc = SQLITE_OK;
    for (size_t i = 0; i < N_TEXTS; i++) {
        rc = rc ? rc : TEXTS(t)[i].rc;
        ds_buf_done(&TEXTS(t)[i]);
    }
    return rc;
}

static void render(enum ds_sql id, const char *name, const ds_store *store,
                   const ds_model *model, texts *t, ds_buf *out) {
    char number[24];
    sqlite3_snprintf(sizeof number, number, "%lld", ds_store_number(store, model));
    ds_buf_clear(&t->name);
    ds_buf_addf(&t->name, "%s.%s", ds_buf_text(&t->rows), name);
    out->rc = out->rc ? out->rc : t->name.rc;
    const ds_slot slots[] = {{"trigger", ds_buf_text(&t->name)},
                             {"rows", ds_buf_text(&t->rows)},
                             {"base", ds_buf_text(&t->base)},
                             {"rid", ds_store_rid(model)},
                             {"model", number},
                             {"all_columns", ds_buf_text(&t->all_columns)},
                             {"old_values", ds_buf_text(&t->old_values)},
                             {"new_key", ds_buf_text(&t->new_key)},
                             {"old_key", ds_buf_text(&t->old_key)},
                             {"mask", ds_buf_text(&t->mask)},
                             {"more", ds_buf_text(&t->more)},
                             {"mask_columns", ds_buf_text(&t->mask_columns)},
                             {"key_columns", ds_buf_text(&t->key_columns)},
                             {"quiet", ds_buf_text(&t->quiet)},
                             {"key_message", ds_buf_text(&t->message)},
                             {"changed", id == DS_SQL_TRIGGER_KEY
                                             ? ds_buf_text(&t->key_changed)
                                             : ds_buf_text(&t->changed)}};
    ds_template_render(id, slots, DS_COUNT(slots), out);
}

void ds_ddl_journal(const ds_store *store, const ds_model *model, ds_buf *out) {
    texts t;
    texts_init(&t, store, model);
    render(DS_SQL_TRIGGER_INSERT, "insert", store, model, &t, out);
    if (t.mask_columns.length > 0) {
        render(DS_SQL_TRIGGER_UPDATE, "update", store, model, &t, out);
        render(DS_SQL_TRIGGER_UPDATE_BASE, "update_base", store, model, &t, out);
    }
    render(DS_SQL_TRIGGER_DELETE, "delete", store, model, &t, out);
    render(DS_SQL_TRIGGER_DELETE_BASE, "delete_base", store, model, &t, out);
    render(DS_SQL_TRIGGER_KEY, "key", store, model, &t, out);
    int rc = texts_done(&t);
    out->rc = out->rc ? out->rc : rc;
}

/*
** Statements about one model, made from the templates of sql/ whose slots every model fills in
** the same way.
*/
#include "store/store_int.h"

#define CHUNK 32 /* terms in one parenthesis: bounds the depth of the expression */

typedef struct slots {
    ds_buf rows, base, columns, values, updates, match, key_columns, row_key, differs,
        foreign;
} slots;

#define BUFS(s) ((ds_buf *)(s))
#define N_BUFS  (sizeof(slots) / sizeof(ds_buf))

static const char *const metadata[] = {"_version", "_lastChangedAt", "_deleted"};

static void add_update(ds_buf *out, const char *name) {
    ds_buf_add(out, out->length ? ", " : "");
    ds_buf_add_ident(out, name);
    ds_buf_add(out, " = excluded.");
    ds_buf_add_ident(out, name);
}

static void add_difference(ds_buf *out, const char *name, int n) {
    ds_buf_add(out, n == 0 ? "((" : n % CHUNK == 0 ? ") OR (" : " OR ");
    ds_buf_add(out, "r.");
    ds_buf_add_ident(out, name);
    ds_buf_add(out, " IS NOT excluded.");
    ds_buf_add_ident(out, name);
}

static void add_columns(slots *s, const ds_model *model) {
    int n = 0;
    for (int i = 0; i < model->n_columns; i++) {
        if (model->columns[i].key_position < 0) {
            add_update(&s->updates, model->columns[i].name);
            add_difference(&s->differs, model->columns[i].name, n++);
        }
    }
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        add_update(&s->updates, metadata[i]);
        add_difference(&s->differs, metadata[i], n++);
    }
    ds_buf_add(&s->differs, "))");
}

static void fill(slots *s, const ds_model *model) {
    for (size_t i = 0; i < N_BUFS; i++) {
        ds_buf_init(&BUFS(s)[i], DS_MAX_SQL_BYTES);
    }
    ds_ddl_add_rows_name(&s->rows, model);
    ds_ddl_add_base_name(&s->base, model);
    ds_codec_add_columns(model, NULL, &s->columns);
    for (int i = 0; i < model->n_columns + DS_N_META; i++) {
        ds_buf_addf(&s->values, "%s?%d", i ? ", " : "", i + 1);
    }
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(&s->match, i ? " AND r." : "r.");
        ds_buf_add_ident(&s->match, model->key[i]->name);
        ds_buf_addf(&s->match, " = ?%d", model->key[i]->index + 1);
    }
    ds_ddl_add_list(&s->key_columns, NULL, model->key, model->n_key);
    ds_store_add_key(&s->row_key, model, "r");
    add_columns(s, model);
}

static int done(slots *s) {
    int rc = SQLITE_OK;
    for (size_t i = 0; i < N_BUFS; i++) {
        rc = rc ? rc : BUFS(s)[i].rc;
        ds_buf_done(&BUFS(s)[i]);
    }
    return rc;
}

/* `unsigned flags` as for sqlite3_prepare_v3; the slots are used up. */
static int prepare(ds_store *store, const ds_model *model, slots *s, enum ds_sql id,
                   unsigned flags, sqlite3_stmt **out, ds_err *err) {
    ds_buf sql;
    char number[24];
    sqlite3_snprintf(sizeof number, number, "%lld", ds_store_number(store, model));
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    const ds_slot values[] = {{"rows", ds_buf_text(&s->rows)},
                              {"base", ds_buf_text(&s->base)},
                              {"columns", ds_buf_text(&s->columns)},
                              {"values", ds_buf_text(&s->values)},
                              {"updates", ds_buf_text(&s->updates)},
                              {"match", ds_buf_text(&s->match)},
                              {"key_columns", ds_buf_text(&s->key_columns)},
                              {"row_key", ds_buf_text(&s->row_key)},
                              {"differs", ds_buf_text(&s->differs)},
                              {"foreign", ds_buf_text(&s->foreign)},
                              {"model", number}};
    ds_template_render(id, values, DS_COUNT(values), &sql);
    int rc = done(s);
    rc = rc ? rc : sql.rc;
    if (rc != SQLITE_OK) {
        rc = ds_err_set(err, rc, "%s", sqlite3_errstr(rc));
    } else {
        rc = ds_store_prepare(store, ds_buf_text(&sql), flags, out, err);
    }
    ds_buf_done(&sql);
    return rc;
}

int ds_store_prepare_model(ds_store *store, const ds_model *model, enum ds_sql id,
                           sqlite3_stmt **out, ds_err *err) {
    slots s;
    fill(&s, model);
    return prepare(store, model, &s, id, SQLITE_PREPARE_PERSISTENT, out, err);
}

int ds_store_prepare_foreign(ds_store *store, const ds_model *model,
                             const ds_column *const *columns, int n, enum ds_sql id,
                             sqlite3_stmt **out, ds_err *err) {
    slots s;
    fill(&s, model);
    for (int i = 0; i < n; i++) {
        ds_buf_add(&s.foreign, i ? " AND r." : "r.");
        ds_buf_add_ident(&s.foreign, columns[i]->name);
        ds_buf_addf(&s.foreign, " = ?%d", DS_FOREIGN_PARAMETER + i);
    }
    return prepare(store, model, &s, id, 0, out, err);
}

/*
** The rows of the store's own tables that describe a schema: models, columns, relations.
*/
#include "store/store_int.h"

#include <string.h>

static int run_step(ds_store *store, sqlite3_stmt *statement, ds_err *err) {
    (void)sqlite3_step(statement);
    int rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

/* Bind a buffer's text and forget it. */
static int bind_buf(sqlite3_stmt *statement, int at, ds_buf *buf, ds_err *err) {
    char *text = NULL;
    int rc = ds_buf_take(buf, &text);
    if (rc == SQLITE_OK) {
        rc = sqlite3_bind_text(statement, at, text, -1, sqlite3_free);
    }
    return rc == SQLITE_OK ? rc : ds_err_nomem(err);
}

static void bind_name(sqlite3_stmt *statement, int at, const char *name) {
    sqlite3_bind_text(statement, at, name, -1, SQLITE_STATIC);
}

static void add_names(ds_buf *out, const ds_column *const *columns, int n) {
    ds_buf_add(out, "[");
    for (int i = 0; i < n; i++) {
        ds_buf_add(out, i ? "," : "");
        ds_buf_add_json(out, columns[i]->name, strlen(columns[i]->name));
    }
    ds_buf_add(out, "]");
}

static char *table_name(const ds_model *model, void (*add)(ds_buf *, const ds_model *)) {
    ds_buf name;
    char *out = NULL;
    ds_buf_init(&name, DS_MAX_SQL_BYTES);
    add(&name, model);
    return ds_buf_take(&name, &out) == SQLITE_OK ? out : NULL;
}

char *ds_meta_rows_name(const ds_model *model) {
    return table_name(model, ds_ddl_add_rows_name);
}

char *ds_meta_base_name(const ds_model *model) {
    return table_name(model, ds_ddl_add_base_name);
}

int ds_meta_run(ds_store *store, enum ds_sql id, const char *first, const char *second,
                ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, id, &statement, err);
    if (rc == SQLITE_OK) {
        bind_name(statement, 1, first);
        if (second != NULL) {
            bind_name(statement, 2, second);
        }
        rc = run_step(store, statement, err);
    }
    sqlite3_finalize(statement);
    return rc;
}

/* ---- models ------------------------------------------------------------------------------- */

static int bind_key(sqlite3_stmt *statement, int at, const ds_model *model, ds_err *err) {
    ds_buf key;
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    add_names(&key, model->key, model->n_key);
    int rc = bind_buf(statement, at, &key, err);
    ds_buf_done(&key);
    return rc;
}

static int add_model(ds_store *store, const ds_model *model, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_buf rows, base;
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&base, DS_MAX_SQL_BYTES);
    ds_ddl_add_rows_name(&rows, model);
    ds_ddl_add_base_name(&base, model);
    int rc = ds_store_prepare_named(store, DS_SQL_META_MODEL_ADD, &statement, err);
    if (rc == SQLITE_OK) {
        bind_name(statement, 1, model->name);
        bind_name(statement, 2, model->plural);
        rc = bind_key(statement, 3, model, err);
    }
    rc = rc ? rc : bind_buf(statement, 4, &rows, err);
    rc = rc ? rc : bind_buf(statement, 5, &base, err);
    rc = rc ? rc : run_step(store, statement, err);
    sqlite3_finalize(statement);
    ds_buf_done(&rows);
    ds_buf_done(&base);
    return rc;
}

/* The GraphQL type as it would stand in the schema: [String!]!. Inner lists may be null. */
static void add_type(ds_buf *out, const ds_type *type) {
    for (int i = 0; i < type->list_depth; i++) {
        ds_buf_add(out, "[");
    }
    ds_buf_add(out, ds_type_name(type));
    ds_buf_add(out, type->is_required ? "!" : "");
    for (int i = 0; i < type->list_depth; i++) {
        ds_buf_add(out, "]");
    }
    ds_buf_add(out, type->is_list && !type->is_list_nullable ? "!" : "");
}

/* Run a statement about one column: model, name, wire name, type. */
static int run_column(ds_store *store, enum ds_sql id, const ds_model *model,
                      const ds_column *column, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_buf type;
    ds_buf_init(&type, DS_MAX_SQL_BYTES);
    add_type(&type, &column->type);
    int rc = ds_store_prepare_named(store, id, &statement, err);
    if (rc == SQLITE_OK) {
        bind_name(statement, 1, model->name);
        bind_name(statement, 2, column->name);
        bind_name(statement, 3, column->wire);
        rc = bind_buf(statement, 4, &type, err);
    }
    rc = rc ? rc : run_step(store, statement, err);
    sqlite3_finalize(statement);
    ds_buf_done(&type);
    return rc;
}

int ds_meta_add_column(ds_store *store, const ds_model *model, const ds_column *column,
                       ds_err *err) {
    return run_column(store, DS_SQL_META_COLUMN_ADD, model, column, err);
}

int ds_meta_add_model(ds_store *store, const ds_model *model, ds_err *err) {
    int rc = add_model(store, model, err);
    rc = rc ? rc : ds_meta_run(store, DS_SQL_META_STATE_ADD, model->name, NULL, err);
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        rc = ds_meta_add_column(store, model, &model->columns[i], err);
    }
    return rc;
}

int ds_meta_update_model(ds_store *store, const ds_model *model, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_MIGRATE_MODEL_UPDATE, &statement, err);
    if (rc == SQLITE_OK) {
        bind_name(statement, 1, model->name);
        bind_name(statement, 2, model->plural);
        rc = bind_key(statement, 3, model, err);
    }
    rc = rc ? rc : run_step(store, statement, err);
    sqlite3_finalize(statement);
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        rc = run_column(store, DS_SQL_MIGRATE_COLUMN_UPDATE, model, &model->columns[i],
                        err);
    }
    return rc;
}

/* ---- relations ------------------------------------------------------------------------------ */

static int add_relation(ds_store *store, sqlite3_stmt *statement,
                        const ds_relation *relation, ds_err *err) {
    static const char *const kinds[] = {"HAS_ONE", "HAS_MANY", "BELONGS_TO"};
    ds_buf local, remote;
    ds_buf_init(&local, DS_MAX_SQL_BYTES);
    ds_buf_init(&remote, DS_MAX_SQL_BYTES);
    add_names(&local, relation->local, relation->n_columns);
    add_names(&remote, relation->remote, relation->n_columns);
    bind_name(statement, 1, relation->model->name);
    bind_name(statement, 2, relation->field);
    bind_name(statement, 3, kinds[relation->kind]);
    bind_name(statement, 4, relation->target->name);
    int rc = bind_buf(statement, 5, &local, err);
    rc = rc ? rc : bind_buf(statement, 6, &remote, err);
    rc = rc ? rc : run_step(store, statement, err);
    ds_buf_done(&local);
    ds_buf_done(&remote);
    return rc;
}

int ds_meta_put_relations(ds_store *store, const ds_catalog *catalog, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_exec(store, ds_sql_text(DS_SQL_MIGRATE_RELATIONS_REMOVE), err);
    rc = rc ? rc
            : ds_store_prepare_named(store, DS_SQL_META_RELATION_ADD, &statement, err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        for (int r = 0; rc == SQLITE_OK && r < model->n_relations; r++) {
            rc = add_relation(store, statement, &model->relations[r], err);
        }
    }
    sqlite3_finalize(statement);
    return rc;
}

/* ---- the schema ------------------------------------------------------------------------------- */

int ds_meta_write(ds_store *store, const ds_installation *in, int64_t generation,
                  ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_WRITE, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, DS_STORE_FORMAT);
        sqlite3_bind_int64(statement, 2, generation);
        sqlite3_bind_text64(statement, 3, in->sdl, in->length, SQLITE_STATIC,
                            SQLITE_UTF8);
        bind_name(statement, 4, in->options);
        rc = run_step(store, statement, err);
    }
    sqlite3_finalize(statement);
    return rc;
}

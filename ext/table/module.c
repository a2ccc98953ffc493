/*
** The sqlite3_module of the models: connect, disconnect and what is declared.
*/
#include "table/table_int.h"

#include <string.h>

const char *const ds_meta_names[DS_N_META] = {"_version", "_lastChangedAt", "_deleted"};

int ds_table_fail(ds_table *table, const ds_err *err) {
    bool is_constraint = (err->code & 0xff) == SQLITE_CONSTRAINT;
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg =
        sqlite3_mprintf("%s%s", is_constraint ? "" : "datastore: ", err->text);
    return table->base.zErrMsg ? err->code : SQLITE_NOMEM;
}

int ds_table_column_of(const ds_table *table, ds_vkind kind, int index) {
    for (int i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind == kind && table->columns[i].index == index) {
            return i;
        }
    }
    return -1;
}

/* ---- columns ------------------------------------------------------------------------------- */

/* A belongs-to field is a column or an alias already; over a composite key it has neither. */
static bool shows_relation(const ds_relation *relation) {
    return relation->kind != DS_BELONGS_TO;
}

static int count_columns(const ds_model *model) {
    int n = model->n_columns + DS_N_META + 1;
    for (int i = 0; i < model->n_columns; i++) {
        n += model->columns[i].n_aliases;
    }
    for (int i = 0; i < model->n_relations; i++) {
        n += shows_relation(&model->relations[i]);
    }
    return n;
}

static void put_column(ds_table *table, ds_vkind kind, int index, const char *name) {
    table->columns[table->n_columns++] = (ds_vcolumn){kind, index, name};
}

static int make_columns(ds_table *table) {
    const ds_model *model = table->model;
    size_t n = (size_t)count_columns(model);
    table->columns = sqlite3_malloc64(n * sizeof *table->columns);
    if (table->columns == NULL) {
        return SQLITE_NOMEM;
    }
    for (int i = 0; i < model->n_columns; i++) {
        put_column(table, DS_V_DATA, i, model->columns[i].name);
    }
    for (int i = 0; i < model->n_columns; i++) {
        for (int a = 0; a < model->columns[i].n_aliases; a++) {
            put_column(table, DS_V_ALIAS, i, model->columns[i].aliases[a]);
        }
    }
    for (int i = 0; i < model->n_relations; i++) {
        if (shows_relation(&model->relations[i])) {
            put_column(table, DS_V_RELATION, i, model->relations[i].field);
        }
    }
    for (int i = 0; i < DS_N_META; i++) {
        put_column(table, DS_V_META, i, ds_meta_names[i]);
    }
    put_column(table, DS_V_STATUS, 0, "_status");
    return SQLITE_OK;
}

static const char *declared_type(const ds_table *table, const ds_vcolumn *column) {
    if (column->kind == DS_V_META) {
        return "INTEGER HIDDEN";
    }
    if (column->kind == DS_V_RELATION || column->kind == DS_V_STATUS) {
        return "TEXT HIDDEN";
    }
    bool hidden = column->kind == DS_V_ALIAS;
    switch (ds_column_affinity(&table->model->columns[column->index])) {
    case DS_INTEGER_AFFINITY:
        return hidden ? "INTEGER HIDDEN" : "INTEGER";
    case DS_REAL_AFFINITY:
        return hidden ? "REAL HIDDEN" : "REAL";
    case DS_TEXT_AFFINITY:
    default:
        return hidden ? "TEXT HIDDEN" : "TEXT";
    }
}

/*
** A single key is declared WITHOUT ROWID with its PRIMARY KEY; a composite one with a rowid
** and no key, because SQLite takes no other writable table. NOT NULL only on keys: the rows
** of other columns may hold NULL (a partial answer of the server), and SQLite would optimize
** an IS NULL away.
*/
static int declare(ds_table *table, ds_err *err) {
    sqlite3 *db = table->store->db;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, "CREATE TABLE x(");
    for (int i = 0; i < table->n_columns; i++) {
        const ds_vcolumn *column = &table->columns[i];
        ds_buf_add(&sql, i ? ", " : "");
        ds_buf_add_ident(&sql, column->name);
        ds_buf_add(&sql, " ");
        ds_buf_add(&sql, declared_type(table, column));
        if (column->kind == DS_V_DATA &&
            table->model->columns[column->index].key_position >= 0) {
            ds_buf_add(&sql, table->has_rowid ? " NOT NULL" : " NOT NULL PRIMARY KEY");
        }
    }
    ds_buf_add(&sql, table->has_rowid ? ")" : ") WITHOUT ROWID");
    int rc = sql.rc;
    if (rc == SQLITE_OK) {
        rc = sqlite3_declare_vtab(db, ds_buf_text(&sql));
    }
    ds_buf_done(&sql);
    /* SQLite gives one code for all that stops its parser. */
    if (rc == SQLITE_ERROR &&
        strcmp(sqlite3_errmsg(db), sqlite3_errstr(SQLITE_INTERRUPT)) == 0) {
        rc = SQLITE_INTERRUPT;
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, db, rc);
}

/* ---- connect and disconnect ------------------------------------------------------------------ */

static void free_statements(ds_table *table) {
    ds_pool_free(table);
    sqlite3_finalize(table->by_rid);
    sqlite3_finalize(table->by_key);
    sqlite3_finalize(table->status);
    sqlite3_finalize(table->insert);
    sqlite3_finalize(table->remove);
    for (int i = 0; i < table->model->n_relations; i++) {
        if (table->parents != NULL) {
            sqlite3_finalize(table->parents[i]);
        }
        if (table->relations != NULL) {
            sqlite3_finalize(table->relations[i]);
        }
    }
    ds_change_free(table);
}

static void table_free(ds_table *table) {
    if (table == NULL) {
        return;
    }
    ds_cursor_free_spare(table);
    free_statements(table);
    sqlite3_free(table->columns);
    sqlite3_free(table->stats);
    sqlite3_free(table->parents);
    sqlite3_free(table->relations);
    sqlite3_free(table->scratch);
    sqlite3_free(table->inputs);
    sqlite3_free(table->given);
    ds_catalog_release(table->catalog);
    ds_store_release(table->store);
    sqlite3_free(table);
}

static bool is_utf8(sqlite3 *db) {
    sqlite3_stmt *statement = NULL;
    bool utf8 = false;
    if (sqlite3_prepare_v2(db, "PRAGMA main.encoding", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        utf8 = name != NULL && strcmp(name, "UTF-8") == 0;
    }
    sqlite3_finalize(statement);
    return utf8;
}

static void *zeroed(size_t n, size_t size) {
    void *memory = sqlite3_malloc64(n * size);
    return memory ? memset(memory, 0, n * size) : NULL;
}

static int allocate(ds_table *table) {
    const ds_model *model = table->model;
    size_t n = (size_t)model->n_columns;
    size_t relations = (size_t)model->n_relations + 1;
    table->parents = zeroed(relations, sizeof *table->parents);
    table->relations = zeroed(relations, sizeof *table->relations);
    table->scratch = zeroed(n, sizeof *table->scratch);
    table->inputs = zeroed(n, sizeof *table->inputs);
    table->given = zeroed(n / 64 + 1, sizeof *table->given);
    if (!table->parents || !table->relations || !table->scratch || !table->inputs ||
        !table->given) {
        return SQLITE_NOMEM;
    }
    int rc = make_columns(table);
    return rc == SQLITE_OK ? ds_stat_read(table) : rc;
}

static int table_new(ds_store *store, const ds_model *model, ds_table **out,
                     ds_err *err) {
    ds_table *table = sqlite3_malloc64(sizeof *table);
    if (table == NULL) {
        return ds_err_nomem(err);
    }
    memset(table, 0, sizeof *table);
    table->store = store;
    table->catalog = store->catalog;
    table->model = model;
    table->rid = ds_store_rid(model);
    table->has_rowid = model->n_key > 1;
    ds_store_retain(store);
    ds_catalog_retain(store->catalog);
    table->is_utf8 = is_utf8(store->db);
    int rc = allocate(table);
    rc = rc == SQLITE_OK ? declare(table, err) : ds_err_nomem(err);
    if (rc == SQLITE_OK) {
        *out = table;
    } else {
        table_free(table);
    }
    return rc;
}

/* argv: module, database, table, arguments. The generic module is told the model's name. */
static int find_model(ds_store *store, const char *const *argv, const ds_model **out,
                      ds_err *err) {
    if (strcmp(argv[1], "main") != 0) {
        return ds_err_set(err, SQLITE_ERROR,
                          "models live in the main database: open the file of \"%s\" "
                          "itself instead of attaching it",
                          argv[1]);
    }
    int rc = ds_store_refresh(store, NULL, err);
    if (rc == SQLITE_OK) {
        rc = ds_table_modules(store, err);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    *out = store->catalog ? ds_catalog_model(store->catalog, argv[2]) : NULL;
    return *out ? SQLITE_OK
                : ds_err_set(err, SQLITE_ERROR,
                             "\"%s\" is no model of the installed schema: models are "
                             "made with datastore_schema()",
                             argv[2]);
}

static int module_connect(sqlite3 *db, void *pointer, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **out_error) {
    (void)argc;
    ds_store *store = pointer;
    ds_err err = DS_ERR_INIT;
    const ds_model *model = NULL;
    ds_table *table = NULL;
    int rc = find_model(store, argv, &model, &err);
    if (rc == SQLITE_OK) {
        rc = table_new(store, model, &table, &err);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    }
    if (rc == SQLITE_OK) {
        *out = &table->base;
    } else {
        *out_error = sqlite3_mprintf("datastore: %s", err.text);
        table_free(table);
    }
    return rc;
}

/* The same, but not the same function: SQLite would take the module's name for a table then,
** also where the file has no such model. */
static int module_create(sqlite3 *db, void *pointer, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **out_error) {
    return module_connect(db, pointer, argc, argv, out, out_error);
}

static int module_disconnect(sqlite3_vtab *vtab) {
    table_free((ds_table *)vtab);
    return SQLITE_OK;
}

/* DROP TABLE would leave the rows behind. SQLite takes no more than a code for a refusal here:
** the reason goes to its error log. */
static int module_destroy(sqlite3_vtab *vtab) {
    ds_table *table = (ds_table *)vtab;
    if (table->store->is_installing) {
        return module_disconnect(vtab);
    }
    sqlite3_log(SQLITE_PERM,
                "datastore: model %s cannot be dropped: change the schema with "
                "datastore_schema()",
                table->model->name);
    return SQLITE_PERM;
}

static int module_rename(sqlite3_vtab *vtab, const char *name) {
    ds_err err = DS_ERR_INIT;
    ds_table *table = (ds_table *)vtab;
    (void)ds_err_set(&err, SQLITE_ERROR,
                     "model %s cannot be renamed to %s: change the schema with "
                     "datastore_schema()",
                     table->model->name, name);
    return ds_table_fail(table, &err);
}

static int module_shadow_name(const char *suffix) {
    return ds_text_iequal(suffix, "rows") || ds_text_iequal(suffix, "base");
}

/* SQLite keeps the transaction; these two tell the change feed of it. */
static int module_begin(sqlite3_vtab *vtab) {
    ds_store *store = ((ds_table *)vtab)->store;
    return store->on_begin ? store->on_begin(store->feed) : SQLITE_OK;
}

static int module_commit(sqlite3_vtab *vtab) {
    ds_store *store = ((ds_table *)vtab)->store;
    if (store->on_commit != NULL) {
        store->on_commit(store->feed);
    }
    return SQLITE_OK;
}

const sqlite3_module ds_table_module = {
    .iVersion = 3,
    .xCreate = module_create,
    .xConnect = module_connect,
    .xBestIndex = ds_plan_best_index,
    .xDisconnect = module_disconnect,
    .xDestroy = module_destroy,
    .xOpen = ds_cursor_open,
    .xClose = ds_cursor_close,
    .xFilter = ds_cursor_filter,
    .xNext = ds_cursor_next,
    .xEof = ds_cursor_eof,
    .xColumn = ds_cursor_column,
    .xRowid = ds_cursor_rowid,
    .xUpdate = ds_write_update,
    .xBegin = module_begin,
    .xCommit = module_commit,
    .xRename = module_rename,
    .xShadowName = module_shadow_name,
};

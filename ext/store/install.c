/*
** Installs a schema into the file: metadata rows, tables, indexes, triggers.
*/
#include "store/store_int.h"

#include <string.h>

/* A statement that is run once per model, column or relation. */
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

static int add_model(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
                     ds_err *err) {
    ds_buf key, rows, base;
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&base, DS_MAX_SQL_BYTES);
    add_names(&key, model->key, model->n_key);
    ds_ddl_add_rows_name(&rows, model);
    ds_ddl_add_base_name(&base, model);
    bind_name(statement, 1, model->name);
    bind_name(statement, 2, model->plural);
    int rc = bind_buf(statement, 3, &key, err);
    if (rc == SQLITE_OK) {
        rc = bind_buf(statement, 4, &rows, err);
    }
    if (rc == SQLITE_OK) {
        rc = bind_buf(statement, 5, &base, err);
    }
    if (rc == SQLITE_OK) {
        rc = run_step(store, statement, err);
    }
    ds_buf_done(&key);
    ds_buf_done(&rows);
    ds_buf_done(&base);
    return rc;
}

/* The GraphQL type as it would stand in the schema: [String!]!. */
static void add_type(ds_buf *out, const ds_type *type) {
    const char *name = type->kind == DS_KIND_ENUM ? type->enumeration->name
                       : type->kind == DS_KIND_EMBEDDED
                           ? type->embedded->name
                           : ds_scalar_get(type->scalar)->name;
    ds_buf_add(out, type->is_list ? "[" : "");
    ds_buf_add(out, name);
    ds_buf_add(out, type->is_required ? "!" : "");
    ds_buf_add(out, type->is_list ? "]" : "");
    ds_buf_add(out, type->is_list && !type->is_list_nullable ? "!" : "");
}

static int add_columns(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
                       ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        ds_buf type;
        ds_buf_init(&type, DS_MAX_SQL_BYTES);
        add_type(&type, &model->columns[i].type);
        bind_name(statement, 1, model->name);
        bind_name(statement, 2, model->columns[i].name);
        bind_name(statement, 3, model->columns[i].wire);
        rc = bind_buf(statement, 4, &type, err);
        if (rc == SQLITE_OK) {
            rc = run_step(store, statement, err);
        }
        ds_buf_done(&type);
    }
    return rc;
}

static int add_relations(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
                         ds_err *err) {
    static const char *const kinds[] = {"HAS_ONE", "HAS_MANY", "BELONGS_TO"};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_relations; i++) {
        const ds_relation *relation = &model->relations[i];
        ds_buf local, remote;
        ds_buf_init(&local, DS_MAX_SQL_BYTES);
        ds_buf_init(&remote, DS_MAX_SQL_BYTES);
        add_names(&local, relation->local, relation->n_columns);
        add_names(&remote, relation->remote, relation->n_columns);
        bind_name(statement, 1, model->name);
        bind_name(statement, 2, relation->field);
        bind_name(statement, 3, kinds[relation->kind]);
        bind_name(statement, 4, relation->target->name);
        rc = bind_buf(statement, 5, &local, err);
        if (rc == SQLITE_OK) {
            rc = bind_buf(statement, 6, &remote, err);
        }
        if (rc == SQLITE_OK) {
            rc = run_step(store, statement, err);
        }
        ds_buf_done(&local);
        ds_buf_done(&remote);
    }
    return rc;
}

typedef int (*adder)(ds_store *, sqlite3_stmt *, const ds_model *, ds_err *);

static int for_each_model(ds_store *store, const ds_catalog *catalog, enum ds_sql sql,
                          adder add, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, sql, &statement, err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        rc = add(store, statement, &catalog->models[i], err);
    }
    sqlite3_finalize(statement);
    return rc;
}

/* Refuse a schema that needs the name of a table, view or index which is not ours. */
static int check_name(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
                      ds_err *err) {
    bind_name(statement, 1, model->name);
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        rc = ds_err_set(err, SQLITE_ERROR,
                        "%s \"%s\" stands in the way of type %s: rename one of them",
                        (const char *)sqlite3_column_text(statement, 0),
                        (const char *)sqlite3_column_text(statement, 1), model->name);
        (void)sqlite3_reset(statement);
        return rc;
    }
    rc = sqlite3_reset(statement);
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

static int create_tables(ds_store *store, const ds_model *model, ds_err *err) {
    ds_buf ddl;
    ds_buf_init(&ddl, DS_MAX_SQL_BYTES);
    ds_ddl_tables(model, &ddl);
    ds_ddl_journal(store, model, &ddl);
    ds_ddl_cascade(store, model, &ddl);
    int rc = ddl.rc;
    if (rc == SQLITE_OK) {
        rc = ds_store_exec(store, ds_buf_text(&ddl), err);
    } else {
        rc = ds_err_set(err, rc, "cannot write the tables of %s: %s", model->name,
                        sqlite3_errstr(rc));
    }
    ds_buf_done(&ddl);
    return rc;
}

static int write_meta(ds_store *store, const char *sdl, size_t length,
                      const char *options, int64_t generation, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_store_prepare_named(store, DS_SQL_META_WRITE, &statement, err);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, DS_STORE_FORMAT);
        sqlite3_bind_int64(statement, 2, generation);
        sqlite3_bind_text64(statement, 3, sdl, length, SQLITE_STATIC, SQLITE_UTF8);
        bind_name(statement, 4, options);
        rc = run_step(store, statement, err);
    }
    sqlite3_finalize(statement);
    return rc;
}

/* A number that no other installation has: never 0, which means "none". */
static int64_t new_generation(void) {
    int64_t generation = 0;
    ds_env_random(&generation, (int)sizeof generation);
    return (generation & INT64_MAX) | 1;
}

static int install_new(ds_store *store, ds_catalog *catalog, const char *sdl,
                       size_t length, const char *options, ds_err *err) {
    ds_numbers *numbers = NULL;
    int64_t generation = new_generation();
    int rc = for_each_model(store, catalog, DS_SQL_META_NAME_TAKEN, check_name, err);
    if (rc == SQLITE_OK) {
        rc = ds_store_exec(store, ds_sql_text(DS_SQL_META_CREATE), err);
    }
    rc = rc ? rc : for_each_model(store, catalog, DS_SQL_META_MODEL_ADD, add_model, err);
    rc = rc ? rc
            : for_each_model(store, catalog, DS_SQL_META_COLUMN_ADD, add_columns, err);
    rc =
        rc ? rc
           : for_each_model(store, catalog, DS_SQL_META_RELATION_ADD, add_relations, err);
    rc = rc ? rc : ds_numbers_read(store, catalog, &numbers, err);
    if (rc != SQLITE_OK) {
        ds_catalog_release(catalog);
        return rc;
    }
    ds_store_put_catalog(store, catalog, numbers, generation);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        rc = create_tables(store, &catalog->models[i], err);
    }
    return rc == SQLITE_OK ? write_meta(store, sdl, length, options, generation, err)
                           : rc;
}

/* Do both catalogs come from the same schema, whatever its layout and comments? */
static int is_same(const ds_catalog *a, const ds_catalog *b, bool *out) {
    ds_buf left, right;
    ds_buf_init(&left, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&right, DS_MAX_OUTPUT_BYTES);
    ds_sdl_print(a->document, &left);
    ds_sdl_print(b->document, &right);
    int rc = left.rc ? left.rc : right.rc;
    *out = strcmp(ds_buf_text(&left), ds_buf_text(&right)) == 0 &&
           a->transformer_version == b->transformer_version &&
           a->options.respect_primary_key == b->options.respect_primary_key;
    ds_buf_done(&left);
    ds_buf_done(&right);
    return rc;
}

int ds_store_install(ds_store *store, const char *sdl, size_t length, const char *options,
                     ds_install *out, ds_err *err) {
    ds_model_options parsed = DS_MODEL_OPTIONS_DEFAULT;
    ds_catalog *catalog = NULL;
    bool same = false;
    int rc = ds_options_parse(options, &parsed, err);
    if (rc == SQLITE_OK) {
        rc = ds_catalog_build(sdl, length, &parsed, &catalog, err);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (store->catalog == NULL) {
        *out = DS_INSTALL_NEW;
        return install_new(store, catalog, sdl, length, options, err);
    }
    rc = is_same(store->catalog, catalog, &same);
    ds_catalog_release(catalog);
    if (rc != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    if (!same) {
        return ds_err_set(err, SQLITE_ERROR,
                          "the schema differs from the installed one, and this version "
                          "cannot migrate: nothing was changed");
    }
    *out = DS_INSTALL_SAME;
    return write_meta(store, sdl, length, options, store->generation, err);
}

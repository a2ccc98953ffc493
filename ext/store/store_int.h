/* Private to store/. */
#ifndef DS_STORE_INT_H
#define DS_STORE_INT_H

#include "store/store.h"

/* ---- savepoint.c --------------------------------------------------------------------------- */

/* Run a prepared DROP. */
DS_MUST_USE int ds_savepoint_drop(ds_store *store, sqlite3_stmt *drop, ds_err *err);

/* ---- template.c -------------------------------------------------------------------------- */

typedef struct ds_slot {
    const char *name;
    const char *value;
} ds_slot;

/* Append a template with its slots filled: @"x"@ as an identifier, @'x'@ as a literal, @x@ as
** it is. A slot without a value is a mistake of ours: SQLITE_INTERNAL in out->rc. */
void ds_template_render(enum ds_sql id, const ds_slot *slots, size_t count, ds_buf *out);

/* Render a template as one statement and prepare it, or run it to its end. */
DS_MUST_USE int ds_template_prepare(ds_store *store, enum ds_sql id, const ds_slot *slots,
                                    size_t count, sqlite3_stmt **out, ds_err *err);
DS_MUST_USE int ds_template_exec(ds_store *store, enum ds_sql id, const ds_slot *slots,
                                 size_t count, ds_err *err);

/* ---- ddl.c, trigger.c, cascade.c: append the statements that make one model --------------- */

/* Rows and base tables. */
void ds_ddl_tables(const ds_model *model, ds_buf *out);
/* One index. */
void ds_ddl_index(const ds_model *model, const ds_index *index, ds_buf *out);
/* The declared type of a column: TEXT, INTEGER or REAL. */
const char *ds_ddl_affinity(const ds_column *column);
/* Journal, base capture and key triggers. */
void ds_ddl_journal(const ds_store *store, const ds_model *model, ds_buf *out);
/* Cascade triggers. */
void ds_ddl_cascade(const ds_store *store, const ds_model *model, ds_buf *out);

/* Shared pieces. The comma list of the key's columns; `row` NULL for bare names. */
void ds_ddl_add_list(ds_buf *out, const char *row, const ds_column *const *columns,
                     int n);
/* The comma list of every column of a rows or base table, the rid first; `row` as above. */
void ds_ddl_add_all(ds_buf *out, const char *row, const ds_model *model);
/* WHEN condition that silences a model's triggers while its component is being deleted; ""
** for a model on no cycle. */
void ds_ddl_add_quiet(ds_buf *out, const ds_model *model);
/* The name of a rows table, unquoted. */
void ds_ddl_add_rows_name(ds_buf *out, const ds_model *model);
void ds_ddl_add_base_name(ds_buf *out, const ds_model *model);

/* ---- numbers.c --------------------------------------------------------------------------- */

/* The permanent numbers of the catalog's models and columns, in catalog order, in one block of
** memory: owned by the caller, sqlite3_free. Errors: SQLITE_CORRUPT when one is missing. */
DS_MUST_USE int ds_numbers_read(ds_store *store, const ds_catalog *catalog,
                                ds_numbers **out, ds_err *err);

/* ---- store.c ------------------------------------------------------------------------------- */

/* Take over a catalog and its numbers; frees those before. */
void ds_store_put_catalog(ds_store *store, ds_catalog *catalog, ds_numbers *numbers,
                          int64_t generation);
/* Does the file have our metadata? */
DS_MUST_USE int ds_store_has_meta(ds_store *store, bool *out, ds_err *err);

/* ---- meta.c: the rows that describe a schema -------------------------------------------------- */

/* Model, columns and sync state of a model that is new in the file. */
DS_MUST_USE int ds_meta_add_model(ds_store *store, const ds_model *model, ds_err *err);
/* One column of a model that is there. */
DS_MUST_USE int ds_meta_add_column(ds_store *store, const ds_model *model,
                                   const ds_column *column, ds_err *err);
/* Bring names, key and types of a model and of the columns that it had up to date. */
DS_MUST_USE int ds_meta_update_model(ds_store *store, const ds_model *model, ds_err *err);
/* All relations of the catalog, in place of those before. */
DS_MUST_USE int ds_meta_put_relations(ds_store *store, const ds_catalog *catalog,
                                      ds_err *err);
/* Schema, options and generation. */
DS_MUST_USE int ds_meta_write(ds_store *store, const ds_installation *in,
                              int64_t generation, ds_err *err);
/* Run a named statement with up to two names bound; NULL binds NULL. */
DS_MUST_USE int ds_meta_run(ds_store *store, enum ds_sql id, const char *first,
                            const char *second, ds_err *err);
/* The name of a model's rows or base table, unquoted: owned, NULL when memory is out. */
char *ds_meta_rows_name(const ds_model *model);
char *ds_meta_base_name(const ds_model *model);

/* ---- diff.c: two catalogs ---------------------------------------------------------------------- */

/* Does every value of the old type have the same form, and is it valid, under the new one? */
bool ds_diff_widens(const ds_type *old, const ds_type *new_type);
/* Are the columns of both models the same, and in the second answer also key, indexes, relations
** and the API's operations? */
DS_MUST_USE int ds_diff_models(const ds_model *old, const ds_model *new_model,
                               bool *same_columns, bool *same_all, ds_err *err);
/* Are the keys the same columns of the same types? */
bool ds_diff_same_key(const ds_model *old, const ds_model *new_model);
/* Does the new virtual table lack a column of the old one, visible or hidden? */
bool ds_diff_is_less(const ds_model *old, const ds_model *new_model);

/* ---- migrate.c, convert.c ------------------------------------------------------------------------ */

/* Bring the tables of the installed models to the new catalog: those that are gone are dropped,
** the others get and lose columns, and lose indexes. All triggers of ours are dropped. New models,
** new indexes and triggers are left to the caller. */
DS_MUST_USE int ds_migrate(ds_store *store, const ds_installation *in, ds_err *err);
/* Make the values of a column that had another type those of the new type. */
DS_MUST_USE int ds_convert_column(ds_store *store, const ds_model *old,
                                  const ds_column *from, const ds_model *model,
                                  const ds_column *to, ds_err *err);
/* A column that a value is demanded of now: fill in its default, or count who has none. */
DS_MUST_USE int ds_convert_required(ds_store *store, const ds_model *model,
                                    const ds_column *column, ds_err *err);
/* The first number of a prepared statement, finalized. */
DS_MUST_USE int ds_convert_count(ds_store *store, sqlite3_stmt *statement, int64_t *out,
                                 ds_err *err);

/* ---- options.c ----------------------------------------------------------------------------- */

/* datastore_schema's options: {"transformerVersion": 1|2, "respectPrimaryKey": bool}. */
DS_MUST_USE int ds_options_parse(const char *json, ds_model_options *out, ds_err *err);

#endif

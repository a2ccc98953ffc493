/* Private to store/. */
#ifndef DS_STORE_INT_H
#define DS_STORE_INT_H

#include "store/store.h"

/* ---- template.c -------------------------------------------------------------------------- */

typedef struct ds_slot {
    const char *name;
    const char *value;
} ds_slot;

/* Append a template with its slots filled: @"x"@ as an identifier, @'x'@ as a literal, @x@ as
** it is. A slot without a value is a mistake of ours: SQLITE_INTERNAL in out->rc. */
void ds_template_render(enum ds_sql id, const ds_slot *slots, size_t count, ds_buf *out);

/* ---- ddl.c, trigger.c, cascade.c: append the statements that make one model --------------- */

/* Rows and base tables and their indexes. */
void ds_ddl_tables(const ds_model *model, ds_buf *out);
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

/* ---- options.c ----------------------------------------------------------------------------- */

/* datastore_schema's options: {"transformerVersion": 1|2, "respectPrimaryKey": bool}. */
DS_MUST_USE int ds_options_parse(const char *json, ds_model_options *out, ds_err *err);

#endif

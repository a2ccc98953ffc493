/* Private to func/. */
#ifndef DS_FUNC_INT_H
#define DS_FUNC_INT_H

#include "filter/filter.h"
#include "func/func.h"
#include "outbox/outbox.h"
#include "table/table.h"

/* ---- result.c: what every function needs at its ends ----------------------------------------- */

/* The store of the connection that the function was registered on. */
ds_store *ds_func_store(sqlite3_context *context);

/* Raise `err`: one line, "datastore: " before it unless it is a constraint of SQLite's kind. */
void ds_func_fail(sqlite3_context *context, const ds_err *err);

/* Return the buffer's text, as JSON (with the subtype). Empties the buffer. */
void ds_func_json(sqlite3_context *context, ds_buf *buf);

/* Take up another connection's schema change, and register its new modules. */
DS_MUST_USE int ds_func_refresh(ds_store *store, ds_err *err);

/* The model of that name: SQLITE_ERROR with the nearest name when there is none, or with what
** to do when no schema is installed. Refreshes first. */
DS_MUST_USE int ds_func_model(ds_store *store, const char *name, const ds_model **out,
                              ds_err *err);

/* Refuse to run inside a statement that writes; `alone` also while any other statement of
** the connection is busy. `name` is the function's. */
DS_MUST_USE int ds_func_guard(ds_store *store, const char *name, bool alone, ds_err *err);

/* A text argument: NULL in *out for SQL NULL. */
DS_MUST_USE int ds_func_text(sqlite3_value *value, const char **out, ds_err *err);

/* Is it the SQL text of a JSON object? */
bool ds_func_is_object(const char *text);

/* ---- record.c: one record between JSON and its model's table ---------------------------------- */

/* Bind a JSON node to a parameter: booleans as 0/1, lists and objects as JSON text. */
DS_MUST_USE int ds_record_bind(sqlite3_stmt *statement, int at, const ds_json *node,
                               ds_err *err);

/* Append "r.k1 = ?1 AND r.k2 = ?2": the condition on the key, from parameter 1 on. */
void ds_record_add_key_match(ds_buf *buf, const ds_model *model);

/* Read the row whose key is bound from `key[0..]`: appends its JSON to *out and sets
** *out_found. */
DS_MUST_USE int ds_record_read(ds_store *store, const ds_model *model,
                               const ds_json *const *key, ds_buf *out, bool *out_found,
                               ds_err *err);

/* Does the row of that key match the filter? false also when there is none. */
DS_MUST_USE int ds_record_matches(ds_store *store, const ds_model *model,
                                  const ds_json *const *key, const ds_filter *filter,
                                  bool *out, ds_err *err);

/* ---- the functions ------------------------------------------------------------------------------- */

void ds_func_version(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_info(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_uuid(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_last_id(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_schema(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_introspect(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_save(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_delete(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif

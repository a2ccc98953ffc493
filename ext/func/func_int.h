/* Private to func/. */
#ifndef DS_FUNC_INT_H
#define DS_FUNC_INT_H

#include "appsync/appsync.h"
#include "feed/feed.h"
#include "filter/filter.h"
#include "func/func.h"
#include "graphql/graphql.h"
#include "outbox/outbox.h"
#include "run/run.h"
#include "sync/sync.h"
#include "table/table.h"

/* ---- result.c: what every function needs at its ends ----------------------------------------- */

/*
** What one connection has, the user data of every function. config: what datastore_configure has
** made of it; replaced as a whole. place: the file's in this process, NULL for none. owner: its name as the sender, "" until it is one.
** Made by ds_func_register; each registered function holds a reference.
*/
typedef struct ds_context {
    int references;
    ds_store *store;
    ds_config *config;
    ds_background *place;
    char owner[DS_MAX_LEASE_OWNER];
} ds_context;

DS_MUST_USE int ds_context_new(ds_store *store, ds_context **out);
void ds_context_retain(ds_context *context);
void ds_context_release(ds_context *context);

/* The context, and the store, of the connection that the function was registered on. */
ds_context *ds_func_context(sqlite3_context *context);
ds_store *ds_func_store(sqlite3_context *context);

/* Raise `err`: one line, "datastore: " before it unless it is a constraint of SQLite's kind. */
void ds_func_fail(sqlite3_context *context, const ds_err *err);

/* Return the buffer's text, or raise its error, which is also what this returns. Empties the
** buffer. */
int ds_func_result(sqlite3_context *context, ds_buf *buf);

/* The same as JSON, with the subtype. */
void ds_func_json(sqlite3_context *context, ds_buf *buf);

/* Take up another connection's schema change, and register its new modules. */
DS_MUST_USE int ds_func_refresh(ds_store *store, ds_err *err);
/* The same; SQLITE_ERROR when no schema is installed. */
DS_MUST_USE int ds_func_installed(ds_store *store, ds_err *err);

/* The model of that name: SQLITE_ERROR with the nearest name when there is none, or with what
** to do when no schema is installed. Refreshes first. */
DS_MUST_USE int ds_func_model(ds_store *store, const char *name, const ds_model **out,
                              ds_err *err);

/* For a "did you mean": `candidate` if it is nearer to `name` than `best` (NULL: none yet),
** else `best`. */
const char *ds_func_nearer(const char *name, const char *best, const char *candidate);

/* Refuse to run inside a statement that writes; `alone` also while any other statement of
** the connection is busy. `name` is the function's. */
DS_MUST_USE int ds_func_guard(ds_store *store, const char *name, bool alone, ds_err *err);

/* A text argument: NULL in *out for SQL NULL. */
DS_MUST_USE int ds_func_text(sqlite3_value *value, const char **out, ds_err *err);

/* Is it the SQL text of a JSON object? */
bool ds_func_is_object(const char *text);

/* Parse an argument that must be a JSON object. `what` names it for messages ("the record"):
** SQL NULL, text that is no JSON, and other JSON are SQLITE_ERROR. */
DS_MUST_USE int ds_func_object(sqlite3_value *value, const char *what, ds_json **out,
                               ds_err *err);

/* The one option, a Boolean, of a JSON object of options; false where `value` is NULL, a pointer or
** SQL, or does not name it. Anything else in it is SQLITE_ERROR. */
DS_MUST_USE int ds_func_option(sqlite3_value *value, const char *name, bool *out,
                               ds_err *err);

/* Parse an argument that is a filter of `model`, or SQL NULL: then *out is NULL. */
DS_MUST_USE int ds_func_filter(const ds_model *model, sqlite3_value *value,
                               ds_filter **out, ds_err *err);

/* Prepare the statement in `sql`, which is emptied. SQLITE_TOOBIG when it did not fit. */
DS_MUST_USE int ds_func_prepare(ds_store *store, ds_buf *sql, sqlite3_stmt **out,
                                ds_err *err);

/* Run a bound statement to its end and finalize it. */
DS_MUST_USE int ds_func_run(ds_store *store, sqlite3_stmt *statement, ds_err *err);

/* ---- work.c: a function that writes rows, from begin to end -------------------------------- */

typedef struct ds_work {
    ds_store *store;
    const ds_model *model;
    ds_savepoint savepoint;
} ds_work;

/*
** Begin function `name`: refuse to run inside a statement that writes (`alone`: while any other
** statement is busy), open a savepoint, lock the file for writing and find the model (NULL: it is
** about none). Until the end the catalog is that of the file.
** After success ds_work_end is to be called.
*/
DS_MUST_USE int ds_work_begin(ds_store *store, const char *name, bool alone,
                              sqlite3_value *model, ds_work *out, ds_err *err);

/* End: undo everything when rc, the result so far, is an error, or when nothing is to be kept.
** Returns rc, or the error of keeping. */
DS_MUST_USE int ds_work_end(ds_work *work, int rc, bool keep, ds_err *err);

/* ---- pk.c: which record ---------------------------------------------------------------------- */

/* The key of a record of `model`: values[i] is that of model->key[i]. Texts are borrowed. */
typedef struct ds_pk {
    const ds_model *model;
    ds_value values[DS_MAX_KEY_COLUMNS];
} ds_pk;

/* A JSON string, number, boolean (as 0/1) or null as a value; false for a list or an object. */
bool ds_pk_scalar(const ds_json *node, ds_value *out);

/* Append "r.k1 = ?1 AND r.k2 = ?2": the condition on the key, from parameter 1 on, and bind it. */
void ds_pk_add_match(const ds_model *model, ds_buf *out);
DS_MUST_USE int ds_pk_bind(const ds_pk *key, sqlite3_stmt *statement);

/* Append model and key as messages show them: Post 'x', OrderItem ('a', 5); shortened. */
void ds_pk_print(const ds_pk *key, ds_buf *out);

/* The columns of a found row. */
enum { DS_FOUND_KEY, DS_FOUND_MATCH, DS_FOUND_ROW };

/*
** Find the stored row of a key: *out is a statement stepped to it, to be finalized by the
** caller, or NULL when there is none. Its columns are the key as in datastore_journal.key,
** whether the row matches `filter` (1 when that is NULL), then those of ds_codec_add_columns.
*/
DS_MUST_USE int ds_pk_find(ds_store *store, const ds_pk *key, const ds_filter *filter,
                           sqlite3_stmt **out, ds_err *err);

/*
** Find the row that a conditional write is about, which must match: otherwise
** SQLITE_CONSTRAINT "conditional save failed: Post 'x' does not match the condition", or "…:
** there is no Post 'x'". `verb` is save or delete.
*/
DS_MUST_USE int ds_pk_demand(ds_store *store, const ds_pk *key,
                             const ds_filter *condition, const char *verb,
                             sqlite3_stmt **out, ds_err *err);

/* Keep the found row, before a conditional write, in its last pending journal entry. */
DS_MUST_USE int ds_pk_freeze(ds_store *store, const ds_pk *key, sqlite3_stmt *found,
                             ds_err *err);

/* ---- choice.c: which records ------------------------------------------------------------------ */

/* One record by its key, or all that match a filter. root: what the key borrows from. filter: NULL
** for a key. */
typedef struct ds_choice {
    ds_json *root;
    ds_pk key;
    ds_filter *filter;
    bool allows_related;
    ds_err *err;
} ds_choice;

/* Read an argument "key | filter" of `model`, as it is said in delete.c. allows_related: the filter may
** test relations. End with ds_choice_done, also after a failure. */
DS_MUST_USE int ds_choice_read(ds_choice *out, const ds_model *model,
                               sqlite3_value *value, bool allows_related, ds_err *err);
void ds_choice_done(ds_choice *choice);

/* ---- observe.c --------------------------------------------------------------------------------- */

/* Read an argument that names a subscription: its number or its name, which is borrowed. */
DS_MUST_USE int ds_func_sub(sqlite3_value *value, ds_feed_id *out, ds_err *err);

/* ---- record.c: a record as the user gives it --------------------------------------------------- */

/*
** root: the parsed record, owned. columns[i]: what it gives for model->columns[i], borrowed
** from root; NULL where it says nothing. Read-only columns are never given.
*/
typedef struct ds_given {
    const ds_model *model;
    ds_json *root;
    const ds_json **columns;
} ds_given;

/*
** Parse a record and sort its members by column:
** - a column goes by visible name, wire name or alias; two of them must agree;
** - a relation whose foreign key is on this side (belongs-to, some has-one) takes the related
**   record as an object, whose key is read, or null, which empties the foreign key;
** - a relation whose foreign key is on the other side takes what reading it gave, and is
**   ignored: related records are saved themselves. One without its key can only be meant as
**   a new record and is refused;
** - what only the store sets (createdAt, updatedAt, _version, _lastChangedAt, _deleted,
**   _status) is ignored, so that a record may be passed back as it was got;
** - anything else is SQLITE_ERROR with the nearest name.
** JSON types that the SQL value would hide (true for a String, an object for an Int) are
** SQLITE_CONSTRAINT_DATATYPE. All other checks are the table's.
** End with ds_given_done, also after a failure.
*/
DS_MUST_USE int ds_given_parse(const ds_model *model, sqlite3_value *value, ds_given *out,
                               ds_err *err);
void ds_given_done(ds_given *given);

/* The key that the record gives, borrowed from it; false when it lacks a part. */
bool ds_given_key(const ds_given *given, ds_pk *out);

/* Bind what is given for a column (NULL binds NULL): lists and objects as compact JSON text. */
DS_MUST_USE int ds_given_bind(const ds_given *given, int column, sqlite3_stmt *statement,
                              int at);

/* Is it the same JSON as the stored text, but for white space? false for what is not stored as
** JSON: the table compares that itself. */
DS_MUST_USE int ds_given_is_same_json(const ds_given *given, int column,
                                      sqlite3_value *stored, bool *out);

/* ---- operations.c -------------------------------------------------------------------------------- */

/* Put the GraphQL documents of the store's catalog into datastore_operations. Rows that are as
** they should be are not written; `anew` empties the table first. */
DS_MUST_USE int ds_operations_put(ds_store *store, bool anew, ds_err *err);

/* Are they all there as this build prints them? */
DS_MUST_USE int ds_operations_are_stored(ds_store *store, bool *out, ds_err *err);

/* ---- the functions ------------------------------------------------------------------------------- */

void ds_func_version(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_info(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_uuid(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_last_id(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_schema(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_introspect(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_diagram(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_configure(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_save(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_delete(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_observe(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_ack(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_unobserve(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_notify_fd(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_wait(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_retry(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_discard(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_start(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_stop(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_status(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_sync(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_clear(sqlite3_context *context, int argc, sqlite3_value **argv);
void ds_func_sync_expression(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif

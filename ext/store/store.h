/*
** store: the waist. Everything local comes down to it from SQL and everything remote from
** the wire; both meet in the tables and triggers that it makes. Floor 4.
**
** A ds_store belongs to one connection. It holds caches only: whatever must survive lives in
** tables, so a rollback or a kill at any line leaves the next start correct.
*/
#ifndef DS_STORE_H
#define DS_STORE_H

#include "base/base.h"
#include "model/model.h"
#include "sql_gen.h"

#define DS_STORE_FORMAT 1 /* of the tables on disk */

/* The permanent numbers of a model and of its columns, by which the journal names them: those
** of datastore_models and datastore_columns. Never reused, whatever the schema becomes. */
typedef struct ds_numbers {
    int64_t model;
    int *columns; /* columns[i] is that of model->columns[i] */
} ds_numbers;

/*
** `catalog` is NULL until a schema is installed. `generation` is the one of `catalog`, 0
** without. `numbers[i]` are the permanent numbers of catalog->models[i]. `last_id` is the key
** that this connection inserted last, as in datastore_journal.key: an integer if `last_type`
** is SQLITE_INTEGER, else the text; SQLITE_NULL before.
** `modules` are the names of the modules that table/ has registered, up to date with
** `modules_generation`. `is_installing`: our own DDL runs, so the catalog is ahead of the file
** and virtual tables may be dropped. `savepoint`: the innermost of ours that is open.
** feed: the change feed's part of the connection, or NULL; on_begin is called where a statement
** begins to write to a model, on_commit after a commit of ours or of a model. Both belong to feed/
** and may be NULL.
** Made by ds_store_new; each registered function or module holds a reference.
*/
typedef struct ds_store {
    sqlite3 *db;
    int references;
    ds_catalog *catalog;
    int64_t generation;
    ds_numbers *numbers;
    ds_id_format id_format;
    int last_type;
    int64_t last_integer;
    ds_buf last_text;
    char **modules;
    int n_modules;
    int64_t modules_generation;
    bool is_installing;
    struct ds_savepoint *savepoint;
    struct ds_feed *feed;
    int (*on_begin)(struct ds_feed *feed);
    void (*on_commit)(struct ds_feed *feed);
} ds_store;

DS_MUST_USE int ds_store_new(sqlite3 *db, ds_store **out);
void ds_store_retain(ds_store *store);
/* Give back one reference; NULL is fine. */
void ds_store_release(ds_store *store);

/*
** Make the catalog that of the file: reads the generation, and the schema when it differs
** (another connection changed it, or our own change was rolled back). A file without a schema
** is fine. *changed (may be NULL) tells whether there is a new catalog.
** Errors: SQLITE_BUSY and the like from reading; SQLITE_CORRUPT when the stored schema does not
** parse; SQLITE_ERROR when the format on disk is newer than this build.
*/
DS_MUST_USE int ds_store_refresh(ds_store *store, bool *changed, ds_err *err);

typedef enum ds_fate { DS_FATE_SAME, DS_FATE_ADDED, DS_FATE_CHANGED } ds_fate;

/*
** A schema on its way into the file. catalog: the new one; old: the installed one, NULL at the
** first installation; both retained. fates[i]: what becomes of catalog->models[i]. is_same: the
** installed schema again, whatever its layout and comments. sdl: the text that is kept of the
** schema, borrowed, or `extracted`, which is owned. options: borrowed.
** Filled by ds_install_begin, freed by ds_install_done.
*/
typedef struct ds_installation {
    ds_catalog *catalog;
    ds_catalog *old;
    ds_fate *fates;
    bool is_same;
    const char *sdl;
    size_t length;
    char *extracted;
    const char *options;
} ds_installation;

/*
** Read a schema and compare it with the installed one; writes nothing. `options` is the JSON
** object of datastore_schema's options. *out must be given to ds_install_done in any case.
** Errors: those of ds_catalog_build and of the options.
*/
DS_MUST_USE int ds_install_begin(ds_store *store, const char *sdl, size_t length,
                                 const char *options, ds_installation *out, ds_err *err);
void ds_install_done(ds_installation *in);

/* Is the very text of `in` the stored one? Asked when in->is_same. */
DS_MUST_USE int ds_install_is_stored(ds_store *store, const ds_installation *in,
                                     bool *out, ds_err *err);

/*
** The steps of an installation, within work of the caller's, which is undone on failure (then
** refresh the store). _alter brings the tables of the old schema to the shape of the new one,
** while the old virtual tables are still there: SQLite looks at every view when it alters a
** table. The caller drops those. _switch adds new models, makes the new catalog that of the
** store, and writes triggers and metadata. The caller declares the virtual tables. _check_uses
** refuses a schema without something that a view or trigger of the user's needs.
** Errors: SQLITE_ERROR when a table of the file has a name that the schema needs, or for a
** change that would lose something, naming it: unsent changes of a removed model or field, a
** value that a new type cannot hold, rows without a field that is required now, a key that
** changes under existing rows.
*/
DS_MUST_USE int ds_install_alter(ds_store *store, const ds_installation *in, ds_err *err);
DS_MUST_USE int ds_install_switch(ds_store *store, const ds_installation *in,
                                  ds_err *err);
DS_MUST_USE int ds_install_check_uses(ds_store *store, const ds_installation *in,
                                      ds_err *err);

/* The statement that creates a model's virtual table: by the module of the model's name, or
** by the generic module `datastore`. */
void ds_store_add_virtual(ds_buf *buf, const ds_model *model, bool own_module);

/* The stored schema, SDL or JSON: owned by the caller (sqlite3_free), NULL without a schema. */
DS_MUST_USE int ds_store_sdl(ds_store *store, char **out, ds_err *err);

/* ---- statements -------------------------------------------------------------------------- */

/* Prepare one statement; `flags` as for sqlite3_prepare_v3. */
DS_MUST_USE int ds_store_prepare(ds_store *store, const char *sql, unsigned flags,
                                 sqlite3_stmt **out, ds_err *err);

/* Prepare a named statement of sql/. */
DS_MUST_USE int ds_store_prepare_named(ds_store *store, enum ds_sql id,
                                       sqlite3_stmt **out, ds_err *err);

/* Run a statement list to its end, rows ignored. Inside a savepoint DROP works only here. */
DS_MUST_USE int ds_store_exec(ds_store *store, const char *sql, ds_err *err);

/* ---- savepoint.c ------------------------------------------------------------------------- */

/* outer: the one around it. guard: a statement that is under way as long as it is open.
** undo: the statement that rolls back; ready before anything is done, so that an authorizer
** which forbids it forbids the whole. */
typedef struct ds_savepoint {
    ds_store *store;
    struct ds_savepoint *outer;
    sqlite3_stmt *guard;
    sqlite3_stmt *undo;
    bool is_outermost; /* it is the transaction */
} ds_savepoint;

/*
** Begin a savepoint, which outside of a transaction is one. `at_once`: then the file is locked
** for writing right here, before anything is read. End it with _keep or _undo, unless beginning
** fails.
** A keep that fails has undone everything. An undo works also when memory is out or the host
** has interrupted its statement: then SQLite rolls back the whole transaction, the host's too,
** as it does after a write that was stopped.
*/
DS_MUST_USE int ds_store_savepoint(ds_store *store, bool at_once, ds_savepoint *out,
                                   ds_err *err);
DS_MUST_USE int ds_store_keep(ds_savepoint *savepoint, ds_err *err);
void ds_store_undo(ds_savepoint *savepoint);

/* ---- names of a model's tables ----------------------------------------------------------- */

/* The name of the rowid column: rid, unless a field is called so. */
const char *ds_store_rid(const ds_model *model);
/* Append the name of the rows or base table, quoted and qualified: main."Post_rows". */
void ds_store_add_rows(ds_buf *buf, const ds_model *model);
void ds_store_add_base(ds_buf *buf, const ds_model *model);
/* Append the unquoted name of an index: Post_rows.title. */
void ds_store_index_name(ds_buf *buf, const ds_model *model, const ds_index *index);
/* The permanent numbers of a model and of one of its columns. */
int64_t ds_store_number(const ds_store *store, const ds_model *model);
int ds_store_column_number(const ds_store *store, const ds_model *model, int column);

/* ---- codec: rows as JSON ------------------------------------------------------------------ */

/* Append the comma list of the model's columns as row."name", all of them, in order, then
** _version, _lastChangedAt and _deleted; `row` NULL for bare names. */
void ds_codec_add_columns(const ds_model *model, const char *row, ds_buf *out);

/* Append the current row of `statement`, whose columns from `first` on are those of
** ds_codec_add_columns, as a JSON object under visible names: Boolean as true/false, lists
** and embedded types as JSON, metadata only where it is not NULL. */
void ds_codec_print_row(const ds_model *model, sqlite3_stmt *statement, int first,
                        ds_buf *out);

/* Append a composite key as it stands in datastore_journal.key: a JSON array of the values of
** its columns. */
void ds_codec_print_key(const ds_value *values, int n, ds_buf *out);

/* Append one stored value as JSON. */
void ds_codec_add_value(const ds_column *column, const ds_value *value, ds_buf *out);

/* The same as ds_codec_print_row for a row in C (record.c). */
void ds_codec_add_row(const ds_model *model, const ds_value *row, ds_buf *out);

/* ---- value.c ---------------------------------------------------------------------------------- */

/* A column of the current row of a statement; a text (NULL when memory is out) is borrowed until
** it steps on. */
ds_value ds_value_column(sqlite3_stmt *statement, int at);
/* With its text copied; look at ds_arena_failed. */
ds_value ds_value_copy(ds_arena *arena, const ds_value *value);
/* Bind a value without a copy: its text must outlive the step. */
DS_MUST_USE int ds_value_bind(sqlite3_stmt *statement, int at, const ds_value *value);

/*
** A value as JSON has it, in the form in which the column stores it; false when the column has no
** such values. Only the JSON type is judged. Texts are borrowed from the token, or written to
** *room as by ds_token_text.
*/
bool ds_codec_take(const ds_column *column, const ds_token *token, char **room,
                   ds_value *out);

/*
** Read a row that we have printed: put each member that is a column (by its wire or its visible
** name) into row[i] and set given[i]; others are left alone. Texts go to the arena. False when it
** is no such JSON, or memory is out.
*/
bool ds_codec_parse(const ds_model *model, const char *json, bool is_wire,
                    ds_arena *arena, ds_value *row, bool *given);

/* Append the key of a row as it stands in datastore_journal.key: an expression over the
** columns of `row` (an identifier, or NEW/OLD). One column: its value; more: a JSON array. */
void ds_store_add_key(ds_buf *buf, const ds_model *model, const char *row);

/* Append the expression for _status of the row called `r`. */
void ds_store_add_status(ds_buf *buf, const ds_store *store, const ds_model *model);

/* ---- feed.c -------------------------------------------------------------------------------------- */

/* Make the triggers that write the changes of a model to the feed, if they are not there; drop those
** of all models that datastore_watched does not name. */
DS_MUST_USE int ds_store_feed_on(ds_store *store, const ds_model *model, ds_err *err);
DS_MUST_USE int ds_store_feed_off(ds_store *store, ds_err *err);

/* ---- slots.c ----------------------------------------------------------------------------------- */

/* Prepare a template of sql/ about one model, which may use the slots @"rows"@, @"base"@,
** @columns@ (those of ds_codec_add_columns), @values@ (?1, ?2, … for them), @updates@ (x =
** excluded.x for all but the key), @differs@ (does one of these differ, of row r and excluded?),
** @match@ (row r has the key that is bound to the parameters of its columns), @key_columns@,
** @row_key@ (the key of row r as in datastore_journal.key) and @model@ (its number). */
DS_MUST_USE int ds_store_prepare_model(ds_store *store, const ds_model *model,
                                       enum ds_sql id, sqlite3_stmt **out, ds_err *err);

/* The same, to be finalized by the caller, with the slot @foreign@: row r has in `columns` what is
** bound from parameter DS_FOREIGN_PARAMETER on. */
#define DS_FOREIGN_PARAMETER 10
DS_MUST_USE int ds_store_prepare_foreign(ds_store *store, const ds_model *model,
                                         const ds_column *const *columns, int n,
                                         enum ds_sql id, sqlite3_stmt **out, ds_err *err);

/* ---- record.c: records by key, past the virtual tables ------------------------------------------- */

#define DS_N_META 3 /* columns behind the data: _version, _lastChangedAt, _deleted */

/*
** A row in C is an array of ds_value: the model's columns, then the metadata, as in
** ds_codec_add_columns; NULL where there is none.
*/
static inline ds_value *ds_row_version(const ds_model *model, ds_value *row) {
    return &row[model->n_columns];
}
static inline ds_value *ds_row_changed_at(const ds_model *model, ds_value *row) {
    return &row[model->n_columns + 1];
}
static inline ds_value *ds_row_deleted(const ds_model *model, ds_value *row) {
    return &row[model->n_columns + 2];
}

static inline bool ds_row_is_tombstone(const ds_model *model, const ds_value *row) {
    const ds_value *deleted = &row[model->n_columns + 2];
    return deleted->type == SQLITE_INTEGER && deleted->integer != 0;
}

/* The key of a record: as it stands in datastore_journal.key, and in parts. Texts are borrowed
** or in an arena. */
typedef struct ds_key {
    const ds_model *model;
    ds_value form;
    ds_value values[DS_MAX_KEY_COLUMNS];
} ds_key;

/* From a row, or from the values of its columns, whose texts it borrows; only errors of memory. From `form`, which it borrows:
** SQLITE_CORRUPT when that is no key of the model. */
DS_MUST_USE int ds_key_of_row(const ds_model *model, const ds_value *row, ds_arena *arena,
                              ds_key *out, ds_err *err);
DS_MUST_USE int ds_key_of_values(const ds_model *model, const ds_value *values,
                                 ds_arena *arena, ds_key *out, ds_err *err);
DS_MUST_USE int ds_key_of_form(const ds_model *model, const ds_value *form,
                               ds_arena *arena, ds_key *out, ds_err *err);

/* Prepared statements of one connection and catalog. */
typedef struct ds_records ds_records;

/* A schema must be installed. Made anew when it is no longer current, after ds_store_refresh. */
DS_MUST_USE int ds_records_new(ds_store *store, ds_records **out, ds_err *err);
void ds_records_free(ds_records *records);
bool ds_records_is_current(const ds_records *records);
ds_store *ds_records_store(const ds_records *records);

/* The cached statement: a template about `model`, or with model NULL a statement. It is borrowed,
** and must be reset before it is asked for again. _run steps it to its end and resets it. */
DS_MUST_USE int ds_records_get(ds_records *records, const ds_model *model, enum ds_sql id,
                               sqlite3_stmt **out, ds_err *err);
DS_MUST_USE int ds_records_run(ds_records *records, sqlite3_stmt *statement, ds_err *err);

typedef enum ds_side { DS_ROWS, DS_BASE } ds_side; /* <Model>_rows, <Model>_base */

/* The row of a key, in the arena; *out is NULL when there is none. */
DS_MUST_USE int ds_records_read(ds_records *records, ds_side side, const ds_key *key,
                                ds_arena *arena, ds_value **out, ds_err *err);
/* Insert or replace a row; remove one, if it is there. Triggers are silent only while applying. */
DS_MUST_USE int ds_records_put(ds_records *records, ds_side side, const ds_model *model,
                               const ds_value *row, ds_err *err);
DS_MUST_USE int ds_records_remove(ds_records *records, ds_side side, const ds_key *key,
                                  ds_err *err);

/* Set datastore_session.applying, inside a transaction that ends with it off again. Without one it is refused:
** committed, it would keep every later change from the outbox. */
DS_MUST_USE int ds_records_applying(ds_records *records, bool applying, ds_err *err);

/* Add an event to datastore_hub, which keeps the newest DS_MAX_HUB_EVENTS. `payload` is JSON; its
** error, if any, is returned. */
DS_MUST_USE int ds_records_hub(ds_records *records, const char *event,
                               const ds_buf *payload, ds_err *err);

#endif

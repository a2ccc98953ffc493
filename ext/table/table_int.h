/* Private to table/. */
#ifndef DS_TABLE_INT_H
#define DS_TABLE_INT_H

#include "table/table.h"

/* ---- the table ---------------------------------------------------------------------------- */

typedef enum ds_vkind {
    DS_V_DATA,     /* model->columns[index] */
    DS_V_ALIAS,    /* another name of model->columns[index] */
    DS_V_RELATION, /* model->relations[index]: related rows as JSON */
    DS_V_META,     /* _version, _lastChangedAt, _deleted: index 0..2 */
    DS_V_STATUS    /* _status */
} ds_vkind;

extern const char *const ds_meta_names[DS_N_META];

typedef struct ds_vcolumn {
    ds_vkind kind;
    int index;
    const char *name;
} ds_vcolumn;

/* An inner statement at rest or in the hands of a cursor. */
typedef struct ds_inner {
    sqlite3_stmt *statement;
    struct ds_inner *next;
} ds_inner;

typedef struct ds_plan ds_plan;
typedef struct ds_cursor ds_cursor;

/* Index statistics in SQLite's own terms: rows per distinct prefix of 1, 2, … columns. */
typedef struct ds_stat {
    double rows_per[DS_MAX_KEY_COLUMNS];
} ds_stat;

/* A cached UPDATE for one set of columns; `set` is a bitmap in words of 64. */
typedef struct ds_update {
    uint64_t *set;
    bool by_rid;
    sqlite3_stmt *statement;
    struct ds_update *next;
} ds_update;

/*
** base: SQLite's part. store, catalog: retained. columns: the visible and hidden columns in
** declared order, data first. plans: made by xBestIndex and kept for the life of the table,
** because prepared statements of the host refer to them by number. idle: how many inner
** statements rest in plans. stats[i] belongs to model->indexes[i], key_stat to the key.
** The rest are cached statements, prepared at first use: parents[i] of relations[i].
** scratch, inputs, given: per data column, used inside one xUpdate: the checked value, the
** value as it came (NULL: not given), and a bitmap of what is to be written.
** Made by connect, freed by disconnect in module.c.
*/
typedef struct ds_table {
    sqlite3_vtab base;
    ds_store *store;
    ds_catalog *catalog;
    const ds_model *model;
    const char *rid;
    ds_vcolumn *columns;
    int n_columns;
    bool has_rowid; /* composite key: declared with a rowid, which is rid */
    bool is_utf8;

    ds_plan **plans;
    int n_plans;
    int n_idle;
    uint64_t clock;
    ds_cursor *spare;
    int n_spare;
    double n_rows;
    ds_stat key_stat;
    ds_stat *stats;

    sqlite3_stmt *by_rid;
    sqlite3_stmt *by_key;
    sqlite3_stmt *status;
    sqlite3_stmt *insert;
    sqlite3_stmt *remove;
    sqlite3_stmt **parents;
    sqlite3_stmt **relations;
    ds_update *updates;
    ds_value *scratch;
    sqlite3_value **inputs;
    uint64_t *given;
} ds_table;

/* Position of the data column `index`, and of others, in declared order. */
int ds_table_column_of(const ds_table *table, ds_vkind kind, int index);

/* ---- module.c, stat.c ------------------------------------------------------------------------ */

extern const sqlite3_module ds_table_module;

/* Read sqlite_stat1 into n_rows, key_stat and stats; without it SQLite's guesses stand. */
DS_MUST_USE int ds_stat_read(ds_table *table);

/* Hand an error to SQLite: the text into table->base.zErrMsg, the code as result. Constraint
** texts are SQLite's own and get no prefix. */
DS_MUST_USE int ds_table_fail(ds_table *table, const ds_err *err);

/* ---- plan.c: xBestIndex --------------------------------------------------------------------- */

/* One pushed term: `column` is a position in table->columns, -1 the rowid; `arg` its place
** among xFilter's arguments. `is_loose`: TEXT against something that is not known to be text:
** if a number comes, SQLite compares numerically and the term must not be applied inside.
** `is_numeric`: such a number has come, and the term is applied as SQLite means it. */
typedef struct ds_term {
    int column;
    int arg;
    unsigned char op;
    bool is_loose;
    bool is_numeric;
} ds_term;

typedef struct ds_order {
    int column; /* as in ds_term */
    bool is_desc;
} ds_order;

/*
** A plan is what one xBestIndex answered. `sql` names it: two plans of a table never have the
** same. `map[i]` is the result column of table->columns[i], or -1; result column 0 is the rid
** unless is_distinct. LIMIT and OFFSET are hints (`limit_arg`, `offset_arg`: -1 without):
** SQLite counts itself, and may ask for more rows than it said.
** Made by ds_pool_intern and kept as long as the table.
*/
struct ds_plan {
    char *sql;
    char *text; /* idxStr: what EXPLAIN QUERY PLAN shows */
    int number;
    ds_term *terms;
    int n_terms;
    ds_order *order;
    int n_order;
    short *map;
    int limit_arg;
    int offset_arg;
    bool is_unique;
    bool is_distinct;
    bool is_counted; /* no column is needed: SELECT count(*) */
    bool is_loose;   /* some term is */
    bool is_keyed;   /* runs by datastore_key(): see key.c */
    ds_plan *keyed;  /* this plan in that form, once it was wanted */
    uint64_t used_at;
    ds_inner *idle;
    int n_idle;
};

int ds_plan_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info);
/* One flag per declared column, all false; NULL when memory is out. Free with sqlite3_free. */
bool *ds_plan_new_flags(const ds_table *table);

/* ---- cost.c ------------------------------------------------------------------------------------ */

/* What an index does for a plan. */
typedef struct ds_estimate {
    double rows;
    double cost;
    bool is_unique;
    bool is_ordered; /* an index yields the wanted order */
} ds_estimate;

ds_estimate ds_cost_estimate(const ds_table *table, const ds_plan *plan);

/* ---- plan_sql.c: plans as SQL and as text -------------------------------------------------- */

/* Print the inner statement of `plan` and fill its map. `used[i]`: is table->columns[i]
** wanted? */
void ds_plan_print_sql(const ds_table *table, ds_plan *plan, const bool *used,
                       ds_buf *out);
/* The readable form: "id=? unique", "post=? rating>? order by rating limit". */
void ds_plan_print_text(const ds_table *table, const ds_plan *plan, ds_buf *out);

/* ---- pool.c: the plans of a table and their inner statements ------------------------------- */

/* Find the table's plan with the SQL of `draft`, or make it; its terms and order are copied.
** `used` as above. Errors: SQLITE_NOMEM; SQLITE_FULL when the table has DS_MAX_PLANS already
** and `is_bounded`. */
DS_MUST_USE int ds_pool_intern(ds_table *table, const ds_plan *draft, const bool *used,
                               bool is_bounded, ds_plan **out);
/* An idle statement of the plan, or a new one. */
DS_MUST_USE int ds_pool_take(ds_table *table, ds_plan *plan, ds_inner **out, ds_err *err);
/* Reset and put back. */
void ds_pool_give(ds_table *table, ds_plan *plan, ds_inner *inner);
/* Free all plans. */
void ds_pool_free(ds_table *table);

/* ---- loose.c ----------------------------------------------------------------------------------- */

/* Put in *plan the plan to run for these arguments: another one if a number has come for a loose
** term. Where *plan is unique, SQLite was promised one row at most, and the other plan may find
** more: the caller looks. */
DS_MUST_USE int ds_loose_settle(ds_table *table, ds_plan **plan, sqlite3_value **argv);

/* ---- key.c ------------------------------------------------------------------------------------- */

/* What a running statement looks up next: the arguments of xFilter, borrowed for one step. */
typedef struct ds_keys {
    sqlite3_value **values;
} ds_keys;

extern const sqlite3_module ds_key_module;

/* Can the plan be run by datastore_key()? A unique one, all of whose terms are equalities. */
bool ds_key_fits(const ds_plan *plan);
/* Make plan->keyed. */
DS_MUST_USE int ds_key_plan(ds_table *table, ds_plan *plan);
/* Let the statement take its keys from `keys`, which must outlive its run; NULL ends that. */
DS_MUST_USE int ds_key_bind(sqlite3_stmt *statement, ds_keys *keys);

/* ---- cursor.c --------------------------------------------------------------------------------- */

int ds_cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out);
int ds_cursor_close(sqlite3_vtab_cursor *base);
int ds_cursor_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                     sqlite3_value **argv);
int ds_cursor_next(sqlite3_vtab_cursor *base);
int ds_cursor_eof(sqlite3_vtab_cursor *base);
int ds_cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column);
int ds_cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out);
/* Free the cursors that wait to be used again. */
void ds_cursor_free_spare(ds_table *table);

/* ---- result.c --------------------------------------------------------------------------------- */

/* Hand a stored value to the host: one look-up and one copy. Text of a UTF-16 database goes the
** long way, its bytes are not what they seem. */
void ds_result_value(const ds_table *table, sqlite3_context *context,
                     sqlite3_value *value);
/* A column that the plan did not fetch: relations, what UPDATE needs of the old row, and the
** key in a DELETE (SQLite 3.40 does not announce it). A row that is gone gives NULL. */
DS_MUST_USE int ds_result_from_row(ds_table *table, sqlite3_context *context, int64_t rid,
                                   int column);

/* ---- relation.c -------------------------------------------------------------------------------- */

/* Append the related rows of relations[index] as JSON, for the row whose columns are in
** `row` (a statement over ds_codec_add_columns from column 0): an array in key order for
** has-many, an object or null for has-one. */
DS_MUST_USE int ds_relation_json(ds_table *table, int index, sqlite3_stmt *row,
                                 ds_buf *out, ds_err *err);

/* ---- row.c: one row by its rid or key ---------------------------------------------------------- */

/* The cached statement over a whole row, stepped to it; NULL when there is none. Its columns
** begin with those of ds_codec_add_columns; ds_row_place tells where each declared column is
** (but relations). Reset it after use. */
DS_MUST_USE int ds_row_by_rid(ds_table *table, int64_t rid, sqlite3_stmt **out,
                              ds_err *err);
/* `key`: the value that SQLite hands to xUpdate: the rid, or the key of a keyed table. */
DS_MUST_USE int ds_row_by_key(ds_table *table, sqlite3_value *key, sqlite3_stmt **out,
                              ds_err *err);
int ds_row_place(const ds_table *table, int column);
/* The same for a row's _status, in column 0. */
DS_MUST_USE int ds_row_status(ds_table *table, int64_t rid, sqlite3_stmt **out,
                              ds_err *err);

/* ---- value.c -------------------------------------------------------------------------------------- */

bool ds_bit_get(const uint64_t *bits, int i);
void ds_bit_set(uint64_t *bits, int i);
ds_value ds_value_text(const char *text, size_t length);
/* Equal as IS sees it, a number and its text being the same. */
bool ds_value_is_same(sqlite3_value *a, sqlite3_value *b);
/* The error for a column that is given under two names with different values. */
int ds_alias_conflict(const ds_table *table, const ds_vcolumn *alias, ds_err *err);

/* ---- parent.c ------------------------------------------------------------------------------------- */

/* Where a value of the row to be written comes from: a checked new value, or the old row. */
typedef struct ds_new_row {
    const ds_value *values; /* per data column */
    const uint64_t *given;  /* bitmap of those that are new */
    sqlite3_stmt *old;      /* the old row for the others; NULL at insert */
} ds_new_row;

/* Does the parent of a belongs-to relation exist, or is its key NULL in part?
** SQLITE_CONSTRAINT_FOREIGNKEY "FOREIGN KEY constraint failed: Comment.post = 'x': no such
** Post". A row may be its own parent. */
DS_MUST_USE int ds_parent_check(ds_table *table, int relation, const ds_new_row *row,
                                ds_err *err);

/* ---- write.c: xUpdate; insert.c, change.c ------------------------------------------------------------ */

int ds_write_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                    sqlite3_int64 *out_rowid);
/* INSERT: `values` are those of the declared columns. *out_rid is the new row's rid. */
DS_MUST_USE int ds_insert_row(ds_table *table, sqlite3_value **values, int64_t *out_rid,
                              ds_err *err);
/* UPDATE: `key` as SQLite hands it to xUpdate. */
DS_MUST_USE int ds_change_row(ds_table *table, sqlite3_value *key, sqlite3_value **values,
                              ds_err *err);
/* Free the cached UPDATE statements. */
void ds_change_free(ds_table *table);
/* Set the columns whose bit is in table->given to scratch, in the row with that key (by_rid:
** one value, the rid). A row that has the values already is left alone: no journal entry, no
** new updatedAt. */
DS_MUST_USE int ds_change_apply(ds_table *table, const ds_value *key, int n_key,
                                bool by_rid, ds_err *err);

#endif

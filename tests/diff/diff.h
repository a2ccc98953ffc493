/*
** Shared by the files of the differential test; main.c says what it is. It is a test program:
** when memory is out or its own files are missing it ends at once, with status 2.
*/
#ifndef DIFF_H
#define DIFF_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- text.c: growable text, random numbers, and what cannot fail here ------------------- */

void *must(void *pointer);
_Noreturn void give_up(const char *what, const char *detail);

/* Made by = {0}; `chars` is NULL or ends with a zero. */
typedef struct text {
    char *chars;
    size_t length;
    size_t room;
} text;

void text_add(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(text *t, const char *bytes, size_t n);
void text_clear(text *t);
void text_done(text *t);
/* "" for a text that nothing was added to. */
const char *text_of(const text *t);
char *copy_of(const char *chars);
/* The whole file; the caller frees it. */
char *file_read(const char *path);

typedef struct rng {
    uint64_t state;
} rng;

/* A number below n, which is not 0. */
uint32_t rng_below(rng *r, uint32_t n);
bool rng_chance(rng *r, uint32_t percent);

/* ---- tables.c: what models.graphql, native.sql and common.sql declare ------------------- */

/* `pool`: SQL literals of the values it gets, NULL at the end. `alias`: hidden second name in
** the model. `parent`: the table that its foreign key refers to, -1 without. */
typedef struct column_info {
    const char *name;
    const char *alias;
    const char *const *pool;
    char type; /* t text, i integer, r real, b boolean, x anything */
    bool is_required;
    int parent;
} column_info;

enum {
    ITEM,
    NOTE,
    REPLY,
    PERSON,
    SLOT,
    SEAT,
    CODE,
    MARK,
    TICK,
    LEVEL,
    RED,
    GREEN,
    BLUE,
    TIMED,
    WIDE,
    N_MODELS,
    PLAIN = N_MODELS, /* ordinary tables */
    ACTION,
    COUNTED, /* views over models */
    SEVERAL,
    EVERYTHING,
    N_TABLES
};

/*
** The first n_key columns are the key; ordinary tables and views have none. `reaches`: the
** models that a delete may change, itself among them, as bits. `is_cyclic`: among these it is
** reached again. `is_bare`: `*` is not the same on both sides (the timestamps of the model).
*/
typedef struct table_info {
    const char *name;
    const column_info *columns;
    int n_columns;
    int n_key;
    uint32_t reaches;
    bool is_model;
    bool is_cyclic;
    bool is_bare;
} table_info;

#define ALL_TABLES ((1u << N_TABLES) - 1)
extern const table_info tables[N_TABLES];
/* Pools of no column: values that are easily confused; words; numbers. */
extern const char *const *const odd_pool;
extern const char *const *const text_pool;
extern const char *const *const number_pool;

/* The bit of a table. */
uint32_t table_bit(const table_info *t);
const char *pool_pick(const char *const *pool, rng *r);

/* ---- rows.c: results --------------------------------------------------------------------- */

/* ordered: row by row; bag: in any order; leading: the first columns row by row, and all in any
** order unless the statement has a LIMIT (is_cut), which then picks among equals. */
typedef enum compare { COMPARE_ORDERED, COMPARE_BAG, COMPARE_LEADING } compare;

/*
** What a statement gave. rc: SQLITE_DONE, SQLITE_ROW when it was left half way, or the extended
** error code. A row is one text; columns end with COLUMN_END. A number and a real of the same
** value look the same, a text is told from both.
*/
#define COLUMN_END '\x1f'

typedef struct rows {
    int rc;
    char message[200];
    int n;
    int room;
    char **row;
} rows;

/* Step at most `limit` times and append the rows. */
void rows_step(rows *out, sqlite3_stmt *statement, int limit);
void rows_fail(rows *out, sqlite3 *db, int rc);
void rows_clear(rows *r);
void rows_done(rows *r);
void rows_sort(rows *r);
/* May sort the rows of both. */
bool rows_equal(rows *a, rows *b, compare mode, int leading, bool is_cut);
/* Append both, shortened. */
void rows_show(const rows *a, const rows *b, text *out);
/* Column `index` of a row, up to COLUMN_END; *length is its length. */
const char *row_column(const char *row, int index, size_t *length);

/* ---- pair.c: a database with models and its mirror ---------------------------------------- */

typedef struct config {
    const char *library;  /* the extension */
    const char *encoding; /* for PRAGMA encoding */
    bool recursive_triggers;
} config;

#define N_SLOTS 3

typedef struct side {
    sqlite3 *db;
    sqlite3_stmt *dumps[N_MODELS];
    sqlite3_stmt *slots[N_SLOTS];
} side;

typedef struct pair {
    side model;
    side native;
} pair;

void pair_open(pair *p, const config *c);
/* Closes with sqlite3_close. False, with the reason, when something is left open or busy, or
** the file is not sound. */
bool pair_close(pair *p, text *why);
/* The rows of model `index`, key in the journal's form first, sorted by it. */
void side_dump(side *s, int index, rows *out);
/* The same of a table of the store: suffix is _base. */
void side_read(side *s, int index, const char *suffix, rows *out);

/* ---- journal.c: what the journal must say -------------------------------------------------- */

/* committed: the models when the journal was looked at last; seq: its last entry then.
** server: the rows that were made the server's, none without journal_sync. */
typedef struct journal {
    rows committed[N_MODELS];
    rows server[N_MODELS];
    int64_t seq;
} journal;

void journal_begin(journal *j, side *model);
/*
** Everything since the last look is committed: the new entries must account for each change.
** `is_exact`: one statement wrote each row once: one entry per changed row, the mask right to
** the column, children deleted before parents.
*/
bool journal_check(journal *j, side *model, bool is_exact, text *why);
/* Replay the whole journal on the server's rows, and compare with the tables; judge the base
** rows. */
bool journal_replay(journal *j, side *model, text *why);
/* Make all rows the server's and the journal empty, as after a sync. */
void journal_sync(journal *j, side *model);
void journal_done(journal *j);

/* ---- script.c: statements that are run on both sides -------------------------------------- */

typedef enum step_kind {
    STEP_QUERY, /* compare the rows */
    STEP_WRITE, /* compare error, changes() and the models that it may have changed */
    STEP_OPEN,  /* prepare in a slot */
    STEP_READ,  /* `count` rows of the slot */
    STEP_CLOSE, /* all other rows of the slot */
    STEP_SYNC   /* journal_sync */
} step_kind;

#define MAX_PARAMETERS 8

/*
** native: NULL if both sides get the same. parameters: literals that are bound as ?1, ?2 …
** tables: those that are read, or may change, as bits. changes: compare changes() too.
** is_one: the statement writes one row. is_exact: as in journal_check. is_off: left out, by script_shrink.
*/
typedef struct step {
    step_kind kind;
    char *sql;
    char *native;
    const char *parameters[MAX_PARAMETERS];
    int n_parameters;
    compare mode;
    int leading;
    bool is_cut;
    int slot;
    int count;
    uint32_t tables;
    bool changes;
    bool is_one;
    bool is_exact;
    bool is_off;
} step;

typedef struct script {
    step *steps;
    int n;
    int room;
} script;

/* What a run found and did. at: the step that differs, or the number of steps for what showed
** only at the end; -1 when all is equal. kind: tells one sort of difference from another. skipped: queries that the mirror
** could not answer. */
typedef struct outcome {
    int at;
    uint32_t kind;
    text why;
    int queries;
    int writes;
    int skipped;
} outcome;

step *script_add(script *s, step_kind kind);
void script_done(script *s);
void script_run(const script *s, const config *c, outcome *out);
void script_show(const script *s, int upto, text *out);
/* Leave out all that the same difference does not need. */
void script_shrink(script *s, const config *c, const outcome *found);

/* ---- queries.c ----------------------------------------------------------------------------- */

/* Add the statements of queries.sql. */
void queries_add(script *out);

/* ---- differences.c ------------------------------------------------------------------------- */

/* Check what is known to differ; prints a verdict. */
void differences_check(const config *c);

/* ---- gen_*.c: random statements -------------------------------------------------------------- */

void gen_query(rng *r, step *out);
void gen_ordered_query(rng *r, step *out);
void gen_rows(rng *r, script *out);
void gen_write(rng *r, script *out);

#endif

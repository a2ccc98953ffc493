/*
** Private to the generator of random statements. A grammar is a table of productions with
** weights. Statements come out twice, for the model and for its mirror, with the same words:
** only hidden names of columns and the form of "save" differ.
*/
#ifndef DIFF_GEN_H
#define DIFF_GEN_H

#include "diff.h"

typedef struct both {
    text model;
    text native;
} both;

/* Something in a FROM clause. columns: of the table, or `own` of a subquery. */
#define MAX_OWN 5
typedef struct source {
    char alias[16];
    const table_info *table; /* NULL for a subquery */
    const column_info *columns;
    int n_columns;
    column_info own[MAX_OWN];
} source;

/*
** scope: the first source of the innermost SELECT; those before it belong to the SELECTs
** around it. depth: of nested expressions. tables: those read, as bits. n_with: columns of the
** common table "recent", 0 without one. is_local: no columns of outer SELECTs. self: the table
** that subqueries leave alone, -1 for none.
*/
#define MAX_SOURCES 16
typedef struct gen {
    rng *rng;
    step *step;
    both *out;
    source sources[MAX_SOURCES];
    int n_sources;
    int scope;
    int depth;
    int n_aliases;
    uint32_t tables;
    int n_with;
    bool is_local;
    int self;
} gen;

/* A production; those with is_leaf never nest. */
typedef struct production {
    uint32_t weight;
    bool is_leaf;
    void (*write)(gen *g);
} production;

void gen_start(gen *g, rng *r, step *s, both *out);
/* Hand the text over to the step. */
void gen_finish(gen *g);
/* Move `more` behind `out`. */
void both_append(both *out, both *more);
/* Write to both. */
void emit(gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool chance(gen *g, uint32_t percent);
uint32_t below(gen *g, uint32_t n);
const char *one_of(gen *g, const char *const *words);
/* One of the productions, by weight; a leaf when the nesting is deep. */
void choose(gen *g, const production *productions, size_t n);
#define CHOOSE(g, productions) choose(g, productions, COUNT(productions))

/* ---- gen_expr.c ---- */

/* A source and one of its columns, mostly of the innermost SELECT. */
const column_info *pick_column(gen *g, const source **from);
/* "alias.column". */
void emit_column(gen *g, const source *from, const column_info *c);
/* Any column; what it is comes back. */
const column_info *any_column(gen *g);
/* A literal or parameter that may meet values of the column. */
void literal_for(gen *g, const column_info *c);
void value(gen *g);
void condition(gen *g);

/* ---- gen_from.c ---- */

const table_info *pick_table(gen *g);
/* Add the table to the scope and write it with its alias. */
void from_table(gen *g, const table_info *t);
/* " FROM …" with random joins. */
void write_from(gen *g);

/* ---- gen_select.c ---- */

/* How the columns of a SELECT look: as they come, called c1, c2, …, or as texts. */
typedef enum look { LOOK_PLAIN, LOOK_NAMED, LOOK_TEXT } look;
typedef enum form { FORM_PLAIN, FORM_DISTINCT, FORM_GROUPED, FORM_WINDOW } form;

/* What is wanted of a SELECT. groups: how many of its n columns it is grouped by. */
typedef struct wanted {
    form form;
    int n;
    int groups;
    bool may_star;
    look look;
} wanted;

/* One of the first n_forms: 6 are without groups, 8 without windows, 9 are all. */
wanted any_form(gen *g, int n, int n_forms);
/* A SELECT without ORDER BY. The number of its columns comes back (a star has its own). Its
** scope is left open for what follows. */
int write_select(gen *g, const wanted *w);
/* A SELECT of n columns inside another statement. */
void write_subselect(gen *g, int n, look l);
void subquery_of_one(gen *g);          /* (SELECT value …): at most one row */
void subquery_of_many(gen *g, look l); /* (SELECT value …) for IN */
void subquery_of_exists(gen *g);       /* (SELECT …) for EXISTS */

/* The only source of the SELECT is a model, so that its key gives a total order. */
bool is_keyed(const gen *g);
void emit_key(gen *g, bool is_descending);
/* " DESC" and the like, or nothing. */
void write_direction(gen *g);
/* Column numbers 1 to n behind `before`: the whole ORDER BY, or its end. */
void write_ordinals(gen *g, const char *before, int n);
void write_limit(gen *g);

/* ---- gen_write.c ---- */

/* A statement that becomes a step of its own. */
typedef struct writing {
    gen gen;
    both sql;
} writing;

/* `written`: the tables that it may change, as bits. */
gen *writing_begin(writing *w, rng *r, script *out, uint32_t written);
void writing_end(writing *w);
/* The written table as a source that is called by its own name. */
const source *add_target(gen *g, const table_info *t);
const table_info *pick_model(gen *g);
/* A value that the column takes. */
void new_value(gen *g, const column_info *c);
/* "OR IGNORE " and the like, or nothing. */
const char *conflict(gen *g);
bool is_clause(const char *clause, const char *word);
/* The column's name, or its hidden one. */
void write_name(gen *g, const column_info *c);

/* ---- gen_insert.c, gen_update.c ---- */

#define ALL_COLUMNS UINT64_MAX

/* "(value, …)" for the picked columns; no_parent: without references. */
void write_row(gen *g, const table_info *t, uint64_t picked, bool no_parent);
/* INSERT n rows; clause: NULL for a random one. */
void insert_values(rng *r, script *out, const table_info *t, const char *clause, int n);
void write_insert(rng *r, script *out);
void write_insert_select(rng *r, script *out);
void write_update(rng *r, script *out);
void write_update_from(rng *r, script *out);
void write_delete(rng *r, script *out);

#endif

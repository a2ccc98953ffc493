/*
** What all writing statements use: a step of their own, conflict clauses, values to store.
*/
#include "gen.h"

#include <stdio.h>
#include <string.h>

gen *writing_begin(writing *w, rng *r, script *out, uint32_t written) {
    step *s = script_add(out, STEP_WRITE);
    w->sql = (both){{0}, {0}};
    gen_start(&w->gen, r, s, &w->sql);
    s->tables = written;
    s->changes = true;
    return &w->gen;
}

void writing_end(writing *w) {
    gen_finish(&w->gen);
}

const source *add_target(gen *g, const table_info *t) {
    source *s = &g->sources[g->n_sources++];
    *s = (source){.table = t, .columns = t->columns, .n_columns = t->n_columns};
    snprintf(s->alias, sizeof s->alias, "%s", t->name);
    return s;
}

const table_info *pick_model(gen *g) {
    const table_info *t;
    do {
        t = pick_table(g);
    } while (!t->is_model);
    return t;
}

/* A value that the column takes; now and then one that its affinity converts first. */
void new_value(gen *g, const column_info *c) {
    static const char *const texts[] = {"5", "2.5", "-1", NULL};
    static const char *const integers[] = {"'5'", "3.0", "' 7'", NULL};
    static const char *const numbers[] = {"'2.5'", "3", "'5'", NULL};
    const char *const *pool = c->pool;
    if (c->pool == text_pool && chance(g, 6)) {
        pool = texts;
    } else if (c->pool == number_pool && chance(g, 6)) {
        pool = integers;
    } else if (c->type == 'r' && !c->is_required && chance(g, 6)) {
        pool = numbers;
    }
    emit(g, "%s", one_of(g, pool));
}

const char *conflict(gen *g) {
    static const char *const clauses[] = {"OR IGNORE ",   "OR IGNORE ", "OR REPLACE ",
                                          "OR REPLACE ",  "OR ABORT ",  "OR FAIL ",
                                          "OR ROLLBACK ", NULL};
    return chance(g, 50) ? one_of(g, clauses) : "";
}

bool is_clause(const char *clause, const char *word) {
    return strstr(clause, word) != NULL;
}

void write_name(gen *g, const column_info *c) {
    text_add(&g->out->model, "%s", c->alias && chance(g, 15) ? c->alias : c->name);
    text_add(&g->out->native, "%s", c->name);
}

/* ---- by way of triggers, and ordinary tables ------------------------------------------------ */

static void write_action(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, tables[ITEM].reaches);
    emit(g, "INSERT INTO action VALUES ");
    write_row(g, &tables[ACTION], ALL_COLUMNS, false);
    writing_end(&w);
}

static void write_view(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, tables[ITEM].reaches);
    const table_info *t = &tables[SEVERAL];
    uint32_t kind = below(g, 3);
    if (kind == 0) {
        emit(g, "INSERT INTO several(id, n, s) VALUES ");
        write_row(g, t, 7, false);
    } else {
        (void)add_target(g, t);
        emit(g, kind == 1 ? "UPDATE several SET n = " : "DELETE FROM several");
        if (kind == 1) {
            new_value(g, &t->columns[1]);
        }
        emit(g, " WHERE ");
        condition(g);
    }
    writing_end(&w);
}

static void write_plain(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, table_bit(&tables[PLAIN]));
    const table_info *t = &tables[PLAIN];
    if (chance(g, 60)) {
        emit(g, "INSERT INTO plain VALUES ");
        write_row(g, t, ALL_COLUMNS, false);
    } else {
        (void)add_target(g, t);
        emit(g, chance(g, 50) ? "DELETE FROM plain WHERE "
                              : "UPDATE plain SET k = 5 WHERE ");
        condition(g);
    }
    writing_end(&w);
}

/* ---- transactions and half-read statements -------------------------------------------------------- */

static void add_step(script *out, const char *sql, uint32_t written) {
    step *s = script_add(out, STEP_WRITE);
    s->sql = copy_of(sql);
    s->tables = written;
}

static void write_transaction(rng *r, script *out) {
    static const char *const statements[] = {
        "BEGIN",         "BEGIN",     "BEGIN IMMEDIATE", "COMMIT",        "COMMIT",
        "COMMIT",        "ROLLBACK",  "SAVEPOINT a",     "SAVEPOINT a",   "SAVEPOINT b",
        "RELEASE a",     "RELEASE b", "ROLLBACK TO a",   "ROLLBACK TO a", "ROLLBACK TO b",
        "ROLLBACK TO a", NULL};
    const char *sql = pool_pick(statements, r);
    add_step(out, sql, strncmp(sql, "ROLLBACK", 8) == 0 ? ALL_TABLES : 0);
}

static void write_slot(rng *r, script *out) {
    static const step_kind kinds[] = {STEP_OPEN, STEP_READ, STEP_READ, STEP_READ,
                                      STEP_CLOSE};
    step_kind kind = kinds[rng_below(r, COUNT(kinds))];
    step *s = script_add(out, kind);
    s->slot = (int)rng_below(r, N_SLOTS);
    s->count = kind == STEP_CLOSE ? INT32_MAX : 1 + (int)rng_below(r, 3);
    if (kind == STEP_OPEN) {
        gen_ordered_query(r, s);
    }
}

static void write_analyze(rng *r, script *out) {
    add_step(out, rng_chance(r, 50) ? "ANALYZE" : "CREATE TABLE IF NOT EXISTS more(x)",
             0);
}

void gen_write(rng *r, script *out) {
    static const struct {
        uint32_t weight;
        void (*write)(rng *r, script *out);
    } kinds[] = {
        {22, write_insert},     {8, write_insert_select}, {24, write_update},
        {6, write_update_from}, {14, write_delete},       {5, write_action},
        {4, write_view},        {3, write_plain},         {11, write_transaction},
        {12, write_slot},       {1, write_analyze}};
    uint32_t left = rng_below(r, 110);
    size_t i = 0;
    while (left >= kinds[i].weight) {
        left -= kinds[i++].weight;
    }
    kinds[i].write(r, out);
}

/* Rows to begin with. Parents come first, so that most children find theirs. */
void gen_rows(rng *r, script *out) {
    static const int counts[N_MODELS] = {
        [ITEM] = 12, [NOTE] = 20, [REPLY] = 10, [PERSON] = 14, [SLOT] = 10,
        [SEAT] = 12, [CODE] = 8,  [MARK] = 12,  [TICK] = 8,    [LEVEL] = 7,
        [RED] = 5,   [GREEN] = 5, [BLUE] = 5,   [TIMED] = 8,   [WIDE] = 6};
    add_step(out, "BEGIN", 0);
    for (int i = 0; i < N_MODELS; i++) {
        for (int n = 0; n < counts[i]; n++) {
            insert_values(r, out, &tables[i], "", 1);
        }
    }
    for (int n = 0; n < 15; n++) {
        write_plain(r, out);
    }
    add_step(out, "COMMIT", 0);
}

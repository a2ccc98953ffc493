/*
** Random INSERTs. Where a model differs from a table on purpose (differences.c has the list), the
** statements are such that both must agree.
*/
#include "gen.h"

static bool is_parent(const table_info *t) {
    return t->reaches != table_bit(t) || t->is_cyclic;
}

static bool has_parent(const table_info *t) {
    return t->columns[t->n_columns - 1].parent >= 0;
}

/* Of several rows. A model finds a missing parent at once, a table at the end of the statement:
** until then another row may fail and roll back the transaction, or replace the orphan. */
static const char *conflict_of_rows(gen *g, const table_info *t) {
    const char *clause = conflict(g);
    bool is_late = is_clause(clause, "ROLLBACK") || is_clause(clause, "REPLACE");
    return is_late && has_parent(t) ? "" : clause;
}

/* Those that must be named and some of the others, as bits. */
static uint64_t pick_columns(gen *g, const table_info *t) {
    uint64_t picked = 0;
    for (int i = 0; i < t->n_columns && i < 64; i++) {
        picked |= (uint64_t)(t->columns[i].is_required || chance(g, 50)) << i;
    }
    return picked;
}

/* Behind the 64th either all or none. */
static bool is_picked(uint64_t picked, int i) {
    return i < 64 ? (picked >> i & 1) != 0 : picked == ALL_COLUMNS;
}

static void write_columns(gen *g, const table_info *t, uint64_t picked) {
    const char *before = "(";
    for (int i = 0; i < t->n_columns; i++) {
        if (is_picked(picked, i)) {
            emit(g, "%s", before);
            write_name(g, &t->columns[i]);
            before = ", ";
        }
    }
    emit(g, ")");
}

/*
** "INSERT OR REPLACE INTO": a model keeps the row, its children too, and changes it. A table
** does so with an upsert, or where nothing hangs on the row, by its own REPLACE.
*/
static bool write_into(gen *g, const table_info *t, const char *clause) {
    bool upserts = is_clause(clause, "REPLACE") && is_parent(t);
    text_add(&g->out->model, "INSERT %sINTO %s", clause, t->name);
    text_add(&g->out->native, "INSERT %sINTO %s", upserts ? "" : clause, t->name);
    return upserts;
}

static void write_upsert(gen *g, const table_info *t) {
    text *out = &g->out->native;
    for (int i = 0; i < t->n_key; i++) {
        text_add(out, "%s%s", i ? ", " : " ON CONFLICT(", t->columns[i].name);
    }
    for (int i = t->n_key; i < t->n_columns; i++) {
        const char *name = t->columns[i].name;
        text_add(out, "%s%s = excluded.%s", i > t->n_key ? ", " : ") DO UPDATE SET ",
                 name, name);
    }
}

void write_row(gen *g, const table_info *t, uint64_t picked, bool no_parent) {
    const char *before = "(";
    for (int i = 0; i < t->n_columns; i++) {
        const column_info *c = &t->columns[i];
        if (is_picked(picked, i)) {
            emit(g, "%s", before);
            if (c->parent >= 0 && (no_parent || chance(g, 15))) {
                emit(g, "NULL");
            } else {
                new_value(g, c);
            }
            before = ", ";
        }
    }
    emit(g, ")");
}

/* A model looks for the parent of each row at once, a table at the end of the statement: rows
** that refer to others of the same statement are left out. */
void insert_values(rng *r, script *out, const table_info *t, const char *clause, int n) {
    writing w;
    gen *g = writing_begin(&w, r, out, table_bit(t));
    bool upserts = write_into(g, t,
                              clause  ? clause
                              : n > 1 ? conflict_of_rows(g, t)
                                      : conflict(g));
    bool all = chance(g, 60);
    uint64_t picked = all ? ALL_COLUMNS : pick_columns(g, t);
    if (!all || t->is_bare || chance(g, 50)) {
        write_columns(g, t, picked);
    }
    emit(g, " VALUES ");
    for (int i = 0; i < n; i++) {
        emit(g, i ? ", " : "");
        write_row(g, t, picked, n > 1 && t->is_cyclic);
    }
    if (upserts) {
        write_upsert(g, t);
    }
    g->step->is_exact = g->step->is_one = n == 1;
    writing_end(&w);
}

void write_insert(rng *r, script *out) {
    gen g;
    gen_start(&g, r, NULL, NULL);
    const table_info *t = pick_model(&g);
    insert_values(r, out, t, NULL, chance(&g, 65) ? 1 : 2 + (int)below(&g, 3));
}

/* A new key out of an old one. */
static void derive_key(gen *g, const source *from, int i) {
    const column_info *c = &from->columns[i];
    bool is_last = i == from->table->n_key - 1;
    emit(g, is_last && c->type == 't' ? "'c' || " : "");
    emit_column(g, from, c);
    emit(g, is_last && c->type == 'i'   ? " %% 1000 + 11"
            : is_last && c->type == 'r' ? " + 0.5"
                                        : "");
}

void write_insert_select(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, 0);
    const table_info *t = pick_model(g);
    g->step->tables = table_bit(t);
    bool upserts = write_into(g, t, conflict_of_rows(g, t));
    write_columns(g, t, ALL_COLUMNS);
    both from = {{0}, {0}}, *saved = g->out;
    g->out = &from;
    emit(g, " FROM ");
    from_table(g, t);
    g->out = saved;
    const source *s = &g->sources[0];
    for (int i = 0; i < t->n_columns; i++) {
        emit(g, i ? ", " : " SELECT ");
        if (i < t->n_key) {
            derive_key(g, s, i);
        } else if (chance(g, 70)) {
            emit_column(g, s, &t->columns[i]);
        } else {
            new_value(g, &t->columns[i]);
        }
    }
    both_append(g->out, &from);
    emit(g, " WHERE ");
    condition(g);
    emit(g, " ORDER BY 1, 2 LIMIT 5");
    if (upserts) {
        write_upsert(g, t);
    }
    writing_end(&w);
}

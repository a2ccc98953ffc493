/*
** Random FROM clauses: models, ordinary tables, views, subqueries, and joins of them.
*/
#include "gen.h"

#include <stdio.h>
#include <string.h>

static source *add_source(gen *g, char letter) {
    if (g->n_sources == MAX_SOURCES) {
        give_up("too many sources", "raise MAX_SOURCES");
    }
    source *added = &g->sources[g->n_sources++];
    memset(added, 0, sizeof *added);
    snprintf(added->alias, sizeof added->alias, "%c%d", letter, ++g->n_aliases);
    return added;
}

void from_table(gen *g, const table_info *t) {
    source *added = add_source(g, (char)(t->name[0] | 0x20));
    added->table = t;
    added->columns = t->columns;
    added->n_columns = t->n_columns;
    g->tables |=
        t->is_model || t->columns == tables[PLAIN].columns ? table_bit(t) : ALL_TABLES;
    emit(g, "%s AS %s", t->name, added->alias);
}

static void add_own_columns(source *s, int n) {
    static const char *const names[MAX_OWN] = {"c1", "c2", "c3", "c4", "c5"};
    for (int i = 0; i < n; i++) {
        s->own[i] = (column_info){names[i], NULL, odd_pool, 'x', false, -1};
    }
    s->columns = s->own;
    s->n_columns = n;
}

/* The other sources of the same FROM are not seen inside. Nor are outer ones: SQLite 3.40 takes
** their columns for its own results of a RIGHT JOIN, also where they should be NULL. */
static void from_subquery(gen *g) {
    source siblings[MAX_SOURCES];
    int n_siblings = g->n_sources - g->scope;
    int n = 1 + (int)below(g, 3);
    memcpy(siblings, g->sources + g->scope, (size_t)n_siblings * sizeof *siblings);
    bool was_local = g->is_local;
    g->n_sources = g->scope;
    g->is_local = true;
    emit(g, "(");
    write_subselect(g, n, LOOK_NAMED);
    g->is_local = was_local;
    memcpy(g->sources + g->scope, siblings, (size_t)n_siblings * sizeof *siblings);
    g->n_sources = g->scope + n_siblings;
    for (int i = 0; i < n_siblings; i++) {
        source *s = &g->sources[g->scope + i];
        s->columns = s->table ? s->columns : s->own; /* it may have moved */
    }
    source *added = add_source(g, 'q');
    add_own_columns(added, n);
    emit(g, ") AS %s", added->alias);
}

static void from_with(gen *g) {
    source *added = add_source(g, 'w');
    add_own_columns(added, g->n_with);
    emit(g, "recent AS %s", added->alias);
}

const table_info *pick_table(gen *g) {
    static const unsigned char often[] = {
        ITEM,   ITEM,  ITEM, ITEM,  ITEM,  ITEM,    ITEM,    NOTE,       NOTE,
        NOTE,   NOTE,  NOTE, REPLY, REPLY, SLOT,    SLOT,    SLOT,       SEAT,
        SEAT,   CODE,  CODE, MARK,  MARK,  TICK,    LEVEL,   RED,        BLUE,
        PERSON, TIMED, WIDE, PLAIN, PLAIN, COUNTED, SEVERAL, EVERYTHING, PERSON};
    int i;
    do {
        i = often[below(g, COUNT(often))];
    } while (i == g->self || (g->self >= 0 && i > PLAIN));
    return &tables[i];
}

static void from_one(gen *g) {
    if (g->n_with > 0 && chance(g, 50)) {
        from_with(g);
    } else if (g->depth < 3 && chance(g, 7)) {
        g->depth++;
        from_subquery(g);
        g->depth--;
    } else {
        from_table(g, pick_table(g));
    }
}

/* ---- joins ---------------------------------------------------------------------------------- */

/* A foreign key of `child` into `parent`, which both are in scope. */
static bool emit_relation(gen *g, const source *child, const source *parent) {
    bool found = false;
    for (int i = 0; child->table && parent->table && i < child->n_columns; i++) {
        const column_info *c = &child->columns[i];
        if (c->parent < 0 || &tables[c->parent] != parent->table) {
            continue;
        }
        /* The parts of a composite key stand in its order. */
        int part = found ? 1 : 0;
        emit(g, found ? " AND " : "");
        emit_column(g, child, c);
        emit(g, " = ");
        emit_column(g, parent, &parent->columns[part]);
        found = true;
    }
    return found;
}

static void emit_on(gen *g) {
    const source *joined = &g->sources[g->n_sources - 1];
    bool related = false;
    emit(g, " ON ");
    for (int i = g->scope; !related && i < g->n_sources - 1 && chance(g, 85); i++) {
        related = emit_relation(g, joined, &g->sources[i]) ||
                  emit_relation(g, &g->sources[i], joined);
    }
    if (!related) {
        const source *other = &g->sources[g->scope];
        emit_column(g, joined, &joined->columns[below(g, (uint32_t)joined->n_columns)]);
        emit(g, " = ");
        emit_column(g, other, &other->columns[below(g, (uint32_t)other->n_columns)]);
    }
    if (chance(g, 25)) {
        emit(g, " AND ");
        condition(g);
    }
}

static void join_one(gen *g) {
    static const char *const kinds[] = {" JOIN ",      " JOIN ",      " JOIN ",
                                        " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ",
                                        " FULL JOIN ", NULL};
    if (chance(g, 15)) {
        emit(g, chance(g, 50) ? ", " : " CROSS JOIN ");
        from_one(g);
        return;
    }
    emit(g, "%s", one_of(g, kinds));
    from_one(g);
    emit_on(g);
}

void write_from(gen *g) {
    uint32_t n = below(g, 100);
    int joins = n < 58 ? 0 : n < 90 ? 1 : n < 98 ? 2 : 3;
    emit(g, " FROM ");
    from_one(g);
    while (joins-- > 0 && g->depth < 3) {
        join_one(g);
    }
}

/*
** Random SELECT statements. Where the order of the result is total it is compared row by row.
*/
#include "gen.h"

static void order_by_key(gen *g) {
    emit(g, " ORDER BY ");
    emit_key(g, chance(g, 40));
    g->step->mode = COMPARE_ORDERED;
    if (chance(g, 50)) {
        write_limit(g);
    }
}

/* Any terms, and then all result columns: rows that are still equal look the same. */
static void order_totally(gen *g, int n, bool may_have_terms) {
    static const char *const collations[] = {
        "", "", "", " COLLATE NOCASE", " COLLATE RTRIM", NULL};
    const char *before = " ORDER BY ";
    for (int i = 0; may_have_terms && i < 2 && chance(g, 50); i++) {
        emit(g, "%s", before);
        (void)any_column(g);
        emit(g, "%s", one_of(g, collations));
        write_direction(g);
        before = ", ";
    }
    write_ordinals(g, before, n);
    g->step->mode = COMPARE_ORDERED;
    if (chance(g, 50)) {
        write_limit(g);
    }
}

static void order_by_leading(gen *g, int n) {
    g->step->mode = COMPARE_LEADING;
    g->step->leading = 1 + (int)below(g, n > 1 ? 2 : 1);
    write_ordinals(g, " ORDER BY ", g->step->leading);
    g->step->is_cut = chance(g, 60);
    if (g->step->is_cut) {
        write_limit(g);
    }
}

static void order_not(gen *g) {
    g->step->mode = COMPARE_BAG;
    if (chance(g, 12)) {
        g->step->mode = COMPARE_LEADING; /* only as many rows */
        g->step->is_cut = true;
        write_limit(g);
    }
}

static void write_order(gen *g, int n, bool is_plain) {
    uint32_t kind = below(g, 100);
    if (is_plain && kind < 45 && is_keyed(g)) {
        order_by_key(g);
    } else if (kind < 50) {
        order_totally(g, n, is_plain);
    } else if (kind < 70) {
        order_by_leading(g, n);
    } else {
        order_not(g);
    }
}

static void write_simple(gen *g) {
    wanted w = any_form(g, 1 + (int)below(g, 4), 9);
    w.may_star = true;
    int n = write_select(g, &w);
    write_order(g, n, w.form == FORM_PLAIN);
}

static void write_compound(gen *g) {
    static const char *const operators[] = {" UNION ALL ", " UNION ALL ", " UNION ",
                                            " INTERSECT ", " EXCEPT ",    NULL};
    int n = 1 + (int)below(g, 3);
    for (uint32_t arms = 2 + below(g, 2), i = 0; i < arms; i++) {
        wanted w = any_form(g, n, 8);
        emit(g, "%s", i ? one_of(g, operators) : "");
        g->scope = g->n_sources = 0;
        (void)write_select(g, &w);
    }
    write_order(g, n, false);
}

static void write_recursive_with(gen *g) {
    bool down = chance(g, 50);
    emit(g, "WITH RECURSIVE recent(c1, c2) AS (SELECT ");
    emit(g, "p.id, 0 FROM Person AS p WHERE p.id IN ('p1', 'p2', '5') UNION SELECT ");
    emit(g, "%s, c2 + 1 FROM recent JOIN Person AS p ", down ? "p.id" : "p.boss");
    emit(g, "ON %s = recent.c1 WHERE c2 < 4) ", down ? "p.boss" : "p.id");
    g->tables |= table_bit(&tables[PERSON]);
    g->n_with = 2;
}

static void write_with(gen *g) {
    static const char *const hints[] = {"", " MATERIALIZED", " NOT MATERIALIZED", NULL};
    if (chance(g, 20)) {
        write_recursive_with(g);
        return;
    }
    int n = 1 + (int)below(g, 3);
    emit(g, "WITH recent AS%s (", one_of(g, hints));
    write_subselect(g, n, LOOK_NAMED);
    emit(g, ") ");
    g->n_with = n;
}

void gen_query(rng *r, step *out) {
    both sql = {{0}, {0}};
    gen g;
    gen_start(&g, r, out, &sql);
    if (chance(&g, 8)) {
        write_with(&g);
    }
    if (chance(&g, 12)) {
        write_compound(&g);
    } else {
        write_simple(&g);
    }
    out->tables = g.tables;
    gen_finish(&g);
}

void gen_ordered_query(rng *r, step *out) {
    both sql = {{0}, {0}};
    gen g;
    gen_start(&g, r, out, &sql);
    wanted w = any_form(&g, 1 + (int)below(&g, 4), 6);
    int n = write_select(&g, &w);
    if (w.form == FORM_PLAIN && is_keyed(&g)) {
        order_by_key(&g);
    } else {
        order_totally(&g, n, w.form == FORM_PLAIN);
    }
    out->tables = g.tables;
    gen_finish(&g);
}

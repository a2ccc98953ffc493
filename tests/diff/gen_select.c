/*
** One random SELECT. Whatever SQLite leaves open stays out of it: which of equal rows a LIMIT
** takes, bare columns of groups, sums that depend on the order.
*/
#include "gen.h"

/* ---- aggregates and windows ------------------------------------------------------------------ */

static void aggregate_sum(gen *g) {
    const source *from;
    const column_info *c = pick_column(g, &from);
    bool exact = from->table != NULL && from->table->is_model &&
                 (c->pool == number_pool || c->type == 'r' || c->type == 'b');
    emit(g, !exact ? "count(" : chance(g, 30) ? "avg(" : "sum(");
    emit(g, chance(g, 15) ? "DISTINCT " : "");
    emit_column(g, from, c);
    emit(g, ")");
}

static void aggregate_count(gen *g) {
    emit(g, "count(*)");
}

static void aggregate_extreme(gen *g) {
    emit(g, chance(g, 50) ? "min(" : "max(");
    value(g);
    emit(g, ")");
}

/* Of this SELECT's own columns: one of only outer columns belongs to the outer SELECT, and
** makes bare columns of all else there. */
static void aggregate(gen *g) {
    static const production productions[] = {{30, true, aggregate_count},
                                             {35, true, aggregate_sum},
                                             {35, true, aggregate_extreme}};
    bool was_local = g->is_local;
    g->is_local = true;
    CHOOSE(g, productions);
    if (chance(g, 6)) {
        emit(g, " FILTER (WHERE ");
        condition(g);
        emit(g, ")");
    }
    g->is_local = was_local;
}

bool is_keyed(const gen *g) {
    const source *s = &g->sources[g->scope];
    return g->n_sources == g->scope + 1 && s->table != NULL && s->table->n_key > 0;
}

void emit_key(gen *g, bool is_descending) {
    const source *s = &g->sources[g->scope];
    for (int i = 0; i < s->table->n_key; i++) {
        emit(g, i ? ", " : "");
        emit_column(g, s, &s->table->columns[i]);
        emit(g, is_descending ? " DESC" : "");
    }
}

/* Without a frame of rows, equal rows share a result: any order among them will do. */
static void window(gen *g) {
    static const char *const functions[] = {"rank()", "dense_rank()", "count(*)",
                                            "cume_dist()", NULL};
    if (chance(g, 50)) {
        emit(g, "%s", one_of(g, functions));
    } else {
        emit(g, chance(g, 50) ? "min(" : "max(");
        (void)any_column(g);
        emit(g, ")");
    }
    emit(g, " OVER (");
    if (chance(g, 50)) {
        emit(g, "PARTITION BY ");
        (void)any_column(g);
    }
    emit(g, " ORDER BY ");
    (void)any_column(g);
    emit(g, "%s)", chance(g, 40) ? " DESC" : "");
}

/* In key order each row has its place. */
static void keyed_window(gen *g) {
    static const char *const functions[] = {"lag",        "lead",         "first_value",
                                            "last_value", "group_concat", NULL};
    static const char *const frames[] = {"", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
                                         " ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING",
                                         NULL};
    emit(g, "%s(", one_of(g, functions));
    (void)any_column(g);
    emit(g, ") OVER (ORDER BY ");
    emit_key(g, chance(g, 40));
    emit(g, "%s)", one_of(g, frames));
}

/* ---- one SELECT ------------------------------------------------------------------------------- */

static void write_item(gen *g, const wanted *w, int i) {
    if (w->form == FORM_GROUPED && i >= w->groups) {
        aggregate(g);
    } else if (w->form == FORM_GROUPED || (w->form == FORM_WINDOW && chance(g, 40))) {
        (void)any_column(g);
    } else if (w->form == FORM_WINDOW && is_keyed(g) && chance(g, 50)) {
        keyed_window(g);
    } else if (w->form == FORM_WINDOW) {
        window(g);
    } else {
        value(g);
    }
}

static void write_list(gen *g, const wanted *w) {
    for (int i = 0; i < w->n; i++) {
        emit(g, "%s%s", i ? ", " : "", w->look == LOOK_TEXT ? "'' || " : "");
        write_item(g, w, i);
        if (w->look == LOOK_NAMED) {
            emit(g, " AS c%d", i + 1);
        }
    }
}

static void write_groups(gen *g, int groups) {
    for (int i = 0; i < groups; i++) {
        emit(g, "%s%d", i ? ", " : " GROUP BY ", i + 1);
    }
    if (groups > 0 && chance(g, 20)) {
        emit(g, " HAVING ");
        aggregate(g);
        emit(g, chance(g, 50) ? " > 1" : " IS NOT NULL");
    }
}

/* Can `*` be compared? *n is then the number of columns. */
static bool has_star(const gen *g, int *n) {
    *n = 0;
    for (int i = g->scope; i < g->n_sources; i++) {
        const table_info *t = g->sources[i].table;
        if (t != NULL && t->is_bare) {
            return false;
        }
        *n += g->sources[i].n_columns;
    }
    return true;
}

int write_select(gen *g, const wanted *w) {
    both from = {{0}, {0}}, *saved = g->out;
    int stars = 0;
    g->scope = g->n_sources;
    g->out = &from;
    write_from(g);
    g->out = saved;
    bool star =
        w->may_star && w->form <= FORM_DISTINCT && chance(g, 12) && has_star(g, &stars);
    emit(g, "SELECT %s", w->form == FORM_DISTINCT ? "DISTINCT " : "");
    if (star) {
        emit(g, "*");
    } else {
        write_list(g, w);
    }
    both_append(g->out, &from);
    if (chance(g, 75)) {
        emit(g, " WHERE ");
        condition(g);
    }
    write_groups(g, w->groups);
    return star ? stars : w->n;
}

void write_limit(gen *g) {
    static const char *const limits[] = {"1", "2",  "3", "5",       "10", "1",
                                         "2", "-1", "0", "(1 + 1)", NULL};
    static const char *const offsets[] = {"0", "1", "2", "3", "7", "100", "-1", NULL};
    emit(g, " LIMIT %s", one_of(g, limits));
    if (chance(g, 40)) {
        emit(g, " OFFSET %s", one_of(g, offsets));
    }
}

void write_direction(gen *g) {
    static const char *const directions[] = {
        "",  "", "", "", " ASC", " DESC", " DESC", " NULLS LAST", " DESC NULLS FIRST",
        NULL};
    emit(g, "%s", one_of(g, directions));
}

void write_ordinals(gen *g, const char *before, int n) {
    for (int i = 0; i < n; i++) {
        emit(g, "%s%d", i ? ", " : before, i + 1);
        write_direction(g);
    }
}

/* ---- subqueries --------------------------------------------------------------------------------- */

wanted any_form(gen *g, int n, int n_forms) {
    static const form forms[] = {FORM_PLAIN,   FORM_PLAIN,   FORM_PLAIN,
                                 FORM_PLAIN,   FORM_PLAIN,   FORM_DISTINCT,
                                 FORM_GROUPED, FORM_GROUPED, FORM_WINDOW};
    wanted w = {forms[below(g, (uint32_t)n_forms)], n, 0, false, LOOK_PLAIN};
    if (w.form == FORM_GROUPED) {
        w.groups = (int)below(g, (uint32_t)n + 1);
    }
    return w;
}

void write_subselect(gen *g, int n, look l) {
    int scope = g->scope, n_sources = g->n_sources;
    wanted w = any_form(g, n, 8);
    w.look = l;
    (void)write_select(g, &w);
    if (chance(g, 30)) {
        write_ordinals(g, " ORDER BY ", n);
        write_limit(g);
    }
    g->scope = scope;
    g->n_sources = n_sources;
}

/* At most one row, and which one is laid down: an aggregate, or the first in order. */
void subquery_of_one(gen *g) {
    static const wanted aggregated = {FORM_GROUPED, 1, 0, false, LOOK_PLAIN};
    static const wanted plain = {FORM_PLAIN, 1, 0, false, LOOK_PLAIN};
    int scope = g->scope, n_sources = g->n_sources;
    emit(g, "(");
    if (chance(g, 60)) {
        (void)write_select(g, &aggregated);
    } else {
        (void)write_select(g, &plain);
        write_ordinals(g, " ORDER BY ", 1);
        emit(g, chance(g, 70) ? " LIMIT 1" : " LIMIT 1 OFFSET 1");
    }
    emit(g, ")");
    g->scope = scope;
    g->n_sources = n_sources;
}

void subquery_of_many(gen *g, look l) {
    emit(g, "(");
    write_subselect(g, 1, l);
    emit(g, ")");
}

/* How many rows there are does not depend on their order. */
void subquery_of_exists(gen *g) {
    static const wanted plain = {FORM_PLAIN, 1, 0, false, LOOK_PLAIN};
    int scope = g->scope, n_sources = g->n_sources;
    emit(g, "(");
    (void)write_select(g, &plain);
    emit(g, chance(g, 15) ? " LIMIT 1 OFFSET 1)" : ")");
    g->scope = scope;
    g->n_sources = n_sources;
}

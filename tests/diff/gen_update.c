/*
** Random UPDATEs and DELETEs.
*/
#include "gen.h"

static void set_text(gen *g, const source *target, const column_info *c) {
    switch (below(g, 5)) {
    case 0:
        emit(g, "%s.%s || 'x'", target->alias, c->name);
        break;
    case 1:
        emit(g, "upper(%s.%s)", target->alias, c->name);
        break;
    case 2:
        emit(g, "(SELECT max(t) FROM plain WHERE pid = %s.%s)", target->alias,
             target->columns[0].name);
        break;
    default:
        new_value(g, c);
    }
}

static void set_integer(gen *g, const source *target, const column_info *c) {
    switch (below(g, 5)) {
    case 0:
        emit(g, "%s.%s %% 1000 + 1", target->alias, c->name);
        break;
    case 1:
        emit(g, "length(%s.%s)", target->alias, target->columns[0].name);
        break;
    case 2:
        emit(g, "(SELECT count(*) FROM plain WHERE pid > %s.%s)", target->alias,
             target->columns[0].name);
        break;
    default:
        new_value(g, c);
    }
}

static void set_real(gen *g, const source *target, const column_info *c) {
    switch (below(g, 4)) {
    case 0:
        emit(g, "0 - %s.%s", target->alias, c->name);
        break;
    case 1:
        emit(g, "%s.%s + 0.5", target->alias, c->name);
        break;
    default:
        new_value(g, c);
    }
}

static void set_boolean(gen *g, const source *target, const column_info *c) {
    if (chance(g, 30)) {
        emit(g, "NOT %s.%s", target->alias, c->name);
    } else if (chance(g, 30)) {
        emit(g, "(");
        condition(g);
        emit(g, ") IS TRUE");
    } else {
        new_value(g, c);
    }
}

static void set_value(gen *g, const source *target, const column_info *c) {
    if (chance(g, 15)) {
        emit(g, "CASE WHEN ");
        condition(g);
        emit(g, " THEN ");
        new_value(g, c);
        emit(g, " ELSE %s.%s END", target->alias, c->name);
    } else if (chance(g, 4)) {
        emit(g, "NULL");
    } else if (c->pool == text_pool) {
        set_text(g, target, c);
    } else if (c->pool == number_pool) {
        set_integer(g, target, c);
    } else if (c->type == 'r') {
        set_real(g, target, c);
    } else if (c->type == 'b') {
        set_boolean(g, target, c);
    } else {
        new_value(g, c);
    }
}

/* Subqueries that read the table itself would see some rows changed already, which ones is not
** laid down: SET does without them. */
static void write_set(gen *g, const table_info *t, const source *target) {
    bool all = chance(g, 12), any = false;
    g->self = (int)(t - tables);
    for (int i = all ? 0 : t->n_key; i < t->n_columns; i++) {
        const column_info *c = &t->columns[i];
        bool is_last = i == t->n_columns - 1;
        if (all || (!any && is_last) || chance(g, t->n_columns > 10 ? 4 : 35)) {
            emit(g, any ? ", " : " SET ");
            write_name(g, c);
            emit(g, " = ");
            any = true;
            if (i < t->n_key) {
                emit(g, "%s.%s", target->alias, c->name);
            } else {
                set_value(g, target, c);
            }
        }
    }
    g->self = -1;
}

void write_update(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, 0);
    const table_info *t = pick_model(g);
    g->step->tables = table_bit(t);
    g->step->is_exact = true;
    const source *target = add_target(g, t);
    const char *clause = conflict(g);
    emit(g, "UPDATE %s%s", clause, t->name);
    write_set(g, t, target);
    if (is_clause(clause, "FAIL")) {
        /* OR FAIL keeps the rows before the one that fails: which, is not laid down. */
        emit(g, " WHERE %s = %s", t->columns[0].name, one_of(g, t->columns[0].pool));
    } else if (chance(g, 92)) {
        emit(g, " WHERE ");
        condition(g);
    }
    writing_end(&w);
}

/* Each row meets one row of the other table at most: itself or its parent. Only columns that
** take any value: where a row fails, SQLite keeps the ones before it (differences.c). */
void write_update_from(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, 0);
    static const int with_parent[] = {NOTE, REPLY, PERSON, MARK, GREEN};
    const table_info *t = &tables[with_parent[below(g, COUNT(with_parent))]];
    const column_info *reference = &t->columns[t->n_columns - 1];
    const table_info *other = chance(g, 70) ? &tables[reference->parent] : t;
    const column_info *c;
    do {
        c = &t->columns[below(g, (uint32_t)t->n_columns)];
    } while (c->is_required || c->parent >= 0);
    g->step->tables = table_bit(t);
    g->step->is_exact = true;
    (void)add_target(g, t);
    emit(g, "UPDATE %s SET %s = ", t->name, c->name);
    const column_info *same = NULL;
    for (int i = 1; i < other->n_columns; i++) {
        same = other->columns[i].pool == c->pool ? &other->columns[i] : same;
    }
    emit(g, same ? "o.%s" : "%s", same ? same->name : one_of(g, c->pool));
    emit(g, " FROM %s AS o WHERE o.%s = %s.%s AND ", other->name, other->columns[0].name,
         t->name, other == t ? t->columns[0].name : reference->name);
    condition(g);
    writing_end(&w);
}

/* ---- DELETE --------------------------------------------------------------------------------------- */

/* On a cycle a row may be gone before its turn comes; a table does not count it then. */
void write_delete(rng *r, script *out) {
    writing w;
    gen *g = writing_begin(&w, r, out, 0);
    const table_info *t = pick_model(g);
    g->step->tables = t->reaches;
    g->step->changes = !t->is_cyclic;
    g->step->is_exact = true;
    const source *target = add_target(g, t);
    emit(g, "DELETE FROM %s", t->name);
    if (chance(g, 50)) {
        emit(g, " WHERE %s.%s = %s", target->alias, t->columns[0].name,
             one_of(g, t->columns[0].pool));
    } else if (chance(g, 94)) {
        emit(g, " WHERE ");
        condition(g);
    }
    writing_end(&w);
}

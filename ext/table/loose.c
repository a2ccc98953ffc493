/*
** Loose terms: a TEXT column against something of which only the value tells whether SQLite
** compares texts or numbers.
*/
#include "table/table_int.h"

static bool is_number(sqlite3_value *value) {
    int type = sqlite3_value_type(value);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/* Did a number come for a term that was handed down for text? */
static bool is_loosened(const ds_plan *plan, sqlite3_value **argv) {
    for (int i = 0; plan->is_loose && i < plan->n_terms; i++) {
        if (plan->terms[i].is_loose && is_number(argv[plan->terms[i].arg])) {
            return true;
        }
    }
    return false;
}

/* Equal as texts is equal as numbers too; less is another thing. */
static bool is_equality(const ds_term *term) {
    return term->op == SQLITE_INDEX_CONSTRAINT_EQ ||
           term->op == SQLITE_INDEX_CONSTRAINT_IS;
}

/* The terms of the plan that hold now that the values are known. Where SQLite was promised one
** row it will not come for more, so what equals a number is looked for as a number; all other
** loose terms are left out, and SQLite checks the rows itself. */
static void take_terms(const ds_plan *plan, sqlite3_value **argv, ds_plan *draft) {
    for (int i = 0; i < plan->n_terms; i++) {
        ds_term term = plan->terms[i];
        if (term.is_loose && !(plan->is_unique && is_equality(&term))) {
            continue;
        }
        term.is_numeric = term.is_loose && is_number(argv[term.arg]);
        term.is_loose = false;
        draft->terms[draft->n_terms++] = term;
    }
}

/* The plan to run instead of one with loose terms. */
static int loosen(ds_table *table, const ds_plan *plan, sqlite3_value **argv,
                  ds_plan **out) {
    ds_plan draft = *plan;
    bool *used = ds_plan_new_flags(table);
    draft.terms = sqlite3_malloc64((uint64_t)plan->n_terms * sizeof *draft.terms);
    draft.n_terms = 0;
    draft.is_unique = draft.is_loose = false;
    draft.idle = NULL;
    draft.n_idle = 0;
    int rc = used && draft.terms ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        take_terms(plan, argv, &draft);
        for (int i = 0; i < table->n_columns; i++) {
            used[i] = plan->map[i] >= 0;
        }
        rc = ds_pool_intern(table, &draft, used, false, out);
    }
    sqlite3_free(used);
    sqlite3_free(draft.terms);
    return rc;
}

int ds_loose_settle(ds_table *table, ds_plan **plan, sqlite3_value **argv) {
    return is_loosened(*plan, argv) ? loosen(table, *plan, argv, plan) : SQLITE_OK;
}

/*
** Sizes and costs of a plan in SQLite's own scale, so that the planner of the host's query
** joins models as it would join the tables. Getting this wrong makes joins quadratic.
*/
#include "table/table_int.h"

/* A full scan costs three units a row, an index row one more than the row itself. */
#define SCAN_COST   3.0
#define LOOKUP_COST 4.0
#define SEEK_COST   15.0
#define UNIQUE_COST 5.0
#define RANGE_PART  0.25 /* what one bound of a range lets through */

static int data_index(const ds_table *table, int column) {
    if (column < 0) {
        return -1;
    }
    const ds_vcolumn *v = &table->columns[column];
    return v->kind == DS_V_DATA || v->kind == DS_V_ALIAS ? v->index : -1;
}

static bool is_equality(unsigned char op) {
    return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS ||
           op == SQLITE_INDEX_CONSTRAINT_ISNULL;
}

static bool is_range(unsigned char op) {
    return op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE ||
           op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE;
}

static bool has_equality(const ds_table *table, const ds_plan *plan, int data) {
    for (int i = 0; i < plan->n_terms; i++) {
        if (is_equality(plan->terms[i].op) &&
            data_index(table, plan->terms[i].column) == data) {
            return true;
        }
    }
    return false;
}

static int count_ranges(const ds_table *table, const ds_plan *plan, int data) {
    int n = 0;
    for (int i = 0; i < plan->n_terms; i++) {
        n += is_range(plan->terms[i].op) &&
             data_index(table, plan->terms[i].column) == data;
    }
    return n;
}

/* Does walking the index in one direction give the wanted order? Columns held to one value
** do not count, on either side. */
static bool gives_order(const ds_table *table, const ds_plan *plan,
                        const ds_column *const *columns, int n, bool is_unique) {
    int at = 0;
    for (int i = 0; i < plan->n_order; i++) {
        int data = data_index(table, plan->order[i].column);
        if (data < 0 || plan->order[i].is_desc != plan->order[0].is_desc) {
            return false;
        }
        if (has_equality(table, plan, data)) {
            continue;
        }
        while (at < n && columns[at]->index != data &&
               has_equality(table, plan, columns[at]->index)) {
            at++;
        }
        if (at == n) {
            return is_unique;
        }
        if (columns[at++]->index != data) {
            return false;
        }
    }
    return true;
}

/* Rows that are left by `equal` leading columns held to a value and `ranges` bounds on the next. */
static double count_rows(const ds_table *table, const ds_stat *stat, int equal,
                         int ranges) {
    double rows = equal > 0 ? stat->rows_per[equal - 1] : table->n_rows;
    for (int i = 0; i < ranges; i++) {
        rows *= RANGE_PART;
    }
    return rows < 1 ? 1 : rows;
}

static ds_estimate by_index(const ds_table *table, const ds_plan *plan,
                            const ds_column *const *columns, int n, const ds_stat *stat,
                            bool is_unique) {
    int equal = 0;
    while (equal < n && has_equality(table, plan, columns[equal]->index)) {
        equal++;
    }
    int ranges = equal < n ? count_ranges(table, plan, columns[equal]->index) : 0;
    bool seeks = equal > 0 || ranges > 0;
    ds_estimate e = {.rows = count_rows(table, stat, equal, ranges),
                     .is_unique = is_unique && equal == n};
    e.is_ordered = plan->n_order > 0 &&
                   (e.is_unique || gives_order(table, plan, columns, n, is_unique));
    if (e.is_unique) {
        e.cost = UNIQUE_COST;
    } else if (seeks) {
        e.cost = SEEK_COST + e.rows * LOOKUP_COST;
    } else {
        /* Without a seek the index is good for its order only: a walk over all of it. */
        e.cost = table->n_rows * (e.is_ordered ? LOOKUP_COST : SCAN_COST);
    }
    return e;
}

/* The rid of a composite key's table. */
static ds_estimate by_rid(const ds_table *table, const ds_plan *plan) {
    ds_estimate e = {table->n_rows, table->n_rows * SCAN_COST, false, false};
    for (int i = 0; i < plan->n_terms; i++) {
        if (plan->terms[i].column < 0 && is_equality(plan->terms[i].op)) {
            e = (ds_estimate){1, UNIQUE_COST, true, true};
        } else if (plan->terms[i].column < 0 && is_range(plan->terms[i].op)) {
            e.rows *= RANGE_PART;
            e.cost *= RANGE_PART;
        }
    }
    e.is_ordered = e.is_ordered || (plan->n_order == 1 && plan->order[0].column < 0);
    return e;
}

/* Sorting what an index does not order: comparisons grow with the logarithm. */
static double sort_cost(double rows) {
    double factor = 1;
    for (double n = rows; n > 2; n /= 2) {
        factor += 1;
    }
    return rows * factor;
}

static double total(const ds_plan *plan, const ds_estimate *e) {
    bool sorts = plan->n_order > 0 && !e->is_ordered;
    return e->cost + (sorts ? sort_cost(e->rows) : 0);
}

ds_estimate ds_cost_estimate(const ds_table *table, const ds_plan *plan) {
    const ds_model *model = table->model;
    ds_estimate best =
        by_index(table, plan, model->key, model->n_key, &table->key_stat, true);
    ds_estimate other = by_rid(table, plan);
    if (total(plan, &other) < total(plan, &best)) {
        best = other;
    }
    for (int i = 0; i < model->n_indexes; i++) {
        other = by_index(table, plan, model->indexes[i].columns,
                         model->indexes[i].n_columns, &table->stats[i], false);
        if (total(plan, &other) < total(plan, &best)) {
            best = other;
        }
    }
    best.cost = total(plan, &best);
    return best;
}

/*
** Plans printed: as the inner statement over the rows table, and as the readable text of
** EXPLAIN QUERY PLAN. Values are parameters, always.
*/
#include "table/table_int.h"

#include <string.h>

/* The data column behind a visible column or alias; NULL for other kinds. */
static const ds_column *data_column(const ds_table *table, int column) {
    const ds_vcolumn *v = &table->columns[column];
    bool is_data = v->kind == DS_V_DATA || v->kind == DS_V_ALIAS;
    return is_data ? &table->model->columns[v->index] : NULL;
}

/* r."name" of a data or metadata column, or of the rowid. */
static void add_column(const ds_table *table, int column, ds_buf *out) {
    const ds_column *data = column < 0 ? NULL : data_column(table, column);
    ds_buf_add(out, "r.");
    ds_buf_add_ident(out, column < 0 ? table->rid
                          : data     ? data->name
                                     : table->columns[column].name);
}

static const char *op_text(unsigned char op) {
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return "=";
    case SQLITE_INDEX_CONSTRAINT_IS:
        return " IS ";
    case SQLITE_INDEX_CONSTRAINT_GT:
        return ">";
    case SQLITE_INDEX_CONSTRAINT_GE:
        return ">=";
    case SQLITE_INDEX_CONSTRAINT_LT:
        return "<";
    case SQLITE_INDEX_CONSTRAINT_LE:
        return "<=";
    case SQLITE_INDEX_CONSTRAINT_LIKE:
        return " LIKE ";
    case SQLITE_INDEX_CONSTRAINT_GLOB:
        return " GLOB ";
    case SQLITE_INDEX_CONSTRAINT_ISNULL:
        return " IS NULL";
    default:
        return " IS NOT NULL";
    }
}

static bool takes_value(unsigned char op) {
    return op != SQLITE_INDEX_CONSTRAINT_ISNULL &&
           op != SQLITE_INDEX_CONSTRAINT_ISNOTNULL;
}

/* The plus keeps SQLite from looking into a bound pattern: it would prepare the statement
** anew at every binding. The range that a literal prefix allows arrives as terms of its own. */
static bool is_pattern(unsigned char op) {
    return op == SQLITE_INDEX_CONSTRAINT_LIKE || op == SQLITE_INDEX_CONSTRAINT_GLOB;
}

/* Where the value of a term comes from. */
static const char *value_form(const ds_plan *plan, const ds_term *term) {
    if (plan->is_keyed) {
        return "k.v%d";
    }
    if (term->is_numeric) {
        return "CAST(?%d AS NUMERIC)";
    }
    return is_pattern(term->op) ? "+?%d" : "?%d";
}

static void add_terms(const ds_table *table, const ds_plan *plan, ds_buf *out) {
    const char *first = plan->is_keyed ? " ON " : " WHERE ";
    for (int i = 0; i < plan->n_terms; i++) {
        const ds_term *term = &plan->terms[i];
        ds_buf_add(out, i ? " AND " : first);
        add_column(table, term->column, out);
        ds_buf_add(out, op_text(term->op));
        if (takes_value(term->op)) {
            ds_buf_addf(out, value_form(plan, term), term->arg + !plan->is_keyed);
        }
    }
}

static void add_order(const ds_table *table, const ds_plan *plan, ds_buf *out) {
    for (int i = 0; i < plan->n_order; i++) {
        ds_buf_add(out, i ? ", " : " ORDER BY ");
        add_column(table, plan->order[i].column, out);
        ds_buf_add(out, plan->order[i].is_desc ? " DESC" : "");
    }
}

/* Add a result column and tell where: two names of one column share it. */
static short add_result(const ds_table *table, ds_plan *plan, int column, short *next,
                        ds_buf *out) {
    const ds_vcolumn *v = &table->columns[column];
    if (v->kind == DS_V_RELATION) {
        return -1; /* computed from the whole row when asked for */
    }
    if (v->kind == DS_V_ALIAS && plan->map[v->index] >= 0) {
        return plan->map[v->index];
    }
    ds_buf_add(out, *next ? ", " : "");
    if (v->kind == DS_V_STATUS) {
        ds_store_add_status(out, table->store, table->model);
    } else {
        add_column(table, column, out);
    }
    return (*next)++;
}

static void add_results(const ds_table *table, ds_plan *plan, const bool *used,
                        ds_buf *out) {
    short next = 0;
    if (!plan->is_distinct) {
        ds_buf_add(out, "r.");
        ds_buf_add_ident(out, table->rid);
        next = 1;
    }
    for (int i = 0; i < table->n_columns; i++) {
        plan->map[i] = used[i] ? add_result(table, plan, i, &next, out) : (short)-1;
    }
    if (next == 0) {
        ds_buf_add(out, "1");
    }
}

void ds_plan_print_sql(const ds_table *table, ds_plan *plan, const bool *used,
                       ds_buf *out) {
    ds_buf_add(out, plan->is_distinct ? "SELECT DISTINCT " : "SELECT ");
    if (plan->is_counted) {
        ds_buf_add(out, "count(*)");
        memset(plan->map, 0xff, (size_t)table->n_columns * sizeof *plan->map);
    } else {
        add_results(table, plan, used, out);
    }
    ds_buf_add(out,
               plan->is_keyed ? " FROM datastore_key(?1) AS k LEFT JOIN " : " FROM ");
    ds_store_add_rows(out, table->model);
    ds_buf_add(out, " AS r");
    add_terms(table, plan, out);
    add_order(table, plan, out);
    if (plan->limit_arg >= 0) {
        ds_buf_addf(out, " LIMIT ?%d OFFSET ?%d", plan->limit_arg + 1,
                    plan->limit_arg + 2);
    }
}

static const char *column_name(const ds_table *table, int column) {
    return column < 0 ? table->rid : table->columns[column].name;
}

void ds_plan_print_text(const ds_table *table, const ds_plan *plan, ds_buf *out) {
    for (int i = 0; i < plan->n_terms; i++) {
        ds_buf_add(out, i ? " " : "");
        ds_buf_add(out, column_name(table, plan->terms[i].column));
        ds_buf_add(out, op_text(plan->terms[i].op));
        ds_buf_add(out, takes_value(plan->terms[i].op) ? "?" : "");
    }
    ds_buf_add(out, plan->n_terms ? "" : "all");
    ds_buf_add(out, plan->is_unique ? " unique" : "");
    ds_buf_add(out, plan->is_counted ? " count" : "");
    ds_buf_add(out, plan->is_distinct ? " distinct" : "");
    for (int i = 0; i < plan->n_order; i++) {
        ds_buf_add(out, i ? ", " : " order by ");
        ds_buf_add(out, column_name(table, plan->order[i].column));
        ds_buf_add(out, plan->order[i].is_desc ? " desc" : "");
    }
    ds_buf_add(out, plan->limit_arg >= 0 ? " limit" : "");
}

/*
** xBestIndex: decides what is handed down to the inner statement. The policy is "unknown
** means no": a term goes down only where the rows table compares exactly as SQLite would
** compare the virtual table's column, and whatever is in doubt is checked again outside.
** The inner statement's own planner chooses the index.
*/
#include "table/table_int.h"

#include <string.h>

static const ds_vcolumn *vcolumn(const ds_table *table, int column) {
    return column < 0 ? NULL : &table->columns[column];
}

/* Can the inner statement name this column? Relations are computed, _status is an
** expression, and the rowid exists only for composite keys. */
static bool is_stored(const ds_table *table, int column) {
    const ds_vcolumn *v = vcolumn(table, column);
    return v == NULL
               ? table->has_rowid
               : v->kind == DS_V_DATA || v->kind == DS_V_ALIAS || v->kind == DS_V_META;
}

static bool is_text(const ds_table *table, int column) {
    const ds_vcolumn *v = vcolumn(table, column);
    return v != NULL && (v->kind == DS_V_DATA || v->kind == DS_V_ALIAS) &&
           ds_column_affinity(&table->model->columns[v->index]) == DS_TEXT_AFFINITY;
}

static bool compares(unsigned char op) {
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
    case SQLITE_INDEX_CONSTRAINT_IS:
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
        return true;
    default:
        return false;
    }
}

/* Before 3.51.1 SQLite offers LIKE, GLOB and IS NOT NULL also where they stand in the ON clause
** of an outer join, whose left side they must not narrow. */
#define OFFERS_RIGHTLY 3051001

/* Terms that need no collation to agree. */
static bool is_plain(unsigned char op) {
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_ISNULL:
        return true;
    case SQLITE_INDEX_CONSTRAINT_LIKE:
    case SQLITE_INDEX_CONSTRAINT_GLOB:
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
        return sqlite3_libversion_number() >= OFFERS_RIGHTLY;
    default:
        return false;
    }
}

/* Indexes and columns of the rows table are BINARY. */
static bool is_binary(sqlite3_index_info *info, int i) {
    const char *collation = sqlite3_vtab_collation(info, i);
    return collation == NULL || ds_text_iequal(collation, "BINARY");
}

/* An UPDATE asks for all 64 columns (with more of them others do as well). */
static bool is_update(const ds_table *table, const sqlite3_index_info *info) {
    return ~info->colUsed == 0 && table->n_columns < 63;
}

static bool is_key(const ds_table *table, int column) {
    const ds_vcolumn *v = vcolumn(table, column);
    return v != NULL && v->kind == DS_V_DATA &&
           table->model->columns[v->index].key_position >= 0;
}

/*
** A TEXT column against an INTEGER column is compared as numbers ('05' = 5), which no index
** over text can answer. A literal becomes a text first, as it would inside; of all else the
** value decides when it arrives. The values of an IN come one by one, and SQLite itself compares
** each as text then.
*/
static bool is_loose(const ds_table *table, sqlite3_index_info *info, int i) {
    sqlite3_value *value = NULL;
    if (!is_text(table, info->aConstraint[i].iColumn) || sqlite3_vtab_in(info, i, -1)) {
        return false;
    }
    return sqlite3_vtab_rhs_value(info, i, &value) != SQLITE_OK;
}

static bool take_term(const ds_table *table, sqlite3_index_info *info, int i,
                      ds_term *out) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    if (!c->usable || !is_stored(table, c->iColumn)) {
        return false;
    }
    bool comparison = compares(c->op) && is_binary(info, i);
    if (!comparison && !is_plain(c->op)) {
        return false;
    }
    *out = (ds_term){.column = c->iColumn,
                     .op = c->op,
                     .is_loose = comparison && is_loose(table, info, i)};
    return true;
}

/* Need SQLite not look at the term again? Of a LIKE in an ON clause it would then look too late,
** where it is built with SQLITE_LIKE_DOESNT_MATCH_BLOBS, and lose rows without a match. */
static bool is_final(const ds_term *term) {
    return !term->is_loose && term->op != SQLITE_INDEX_CONSTRAINT_LIKE;
}

static void take_terms(ds_table *table, sqlite3_index_info *info, ds_plan *plan) {
    for (int i = 0; i < info->nConstraint; i++) {
        ds_term *term = &plan->terms[plan->n_terms];
        if (take_term(table, info, i, term)) {
            term->arg = plan->n_terms++;
            info->aConstraintUsage[i].argvIndex = plan->n_terms;
            info->aConstraintUsage[i].omit = is_final(term);
            plan->is_loose = plan->is_loose || term->is_loose;
        }
    }
}

static bool take_order(const ds_table *table, const sqlite3_index_info *info,
                       ds_plan *plan) {
    for (int i = 0; i < info->nOrderBy; i++) {
        if (!is_stored(table, info->aOrderBy[i].iColumn)) {
            plan->n_order = 0;
            return false;
        }
        plan->order[plan->n_order++] =
            (ds_order){info->aOrderBy[i].iColumn, info->aOrderBy[i].desc != 0};
    }
    return plan->n_order > 0;
}

/* SQLite has 64 bits for the columns; the last one stands for all that follow. */
static void take_used(const ds_table *table, const sqlite3_index_info *info, bool *used) {
    for (int i = 0; i < table->n_columns; i++) {
        int bit = i < 63 ? i : 63;
        used[i] = (info->colUsed >> bit & 1) != 0;
    }
}

/* An UPDATE says of nearly each column that it does not change: those few that are needed are
** fetched one by one. */
static void make_lazy(const ds_table *table, const sqlite3_index_info *info, bool *used) {
    for (int i = 0; is_update(table, info) && i < table->n_columns; i++) {
        used[i] = is_key(table, i);
    }
}

/* SELECT DISTINCT over columns that are all in the order list needs each combination once,
** in no order. */
static bool is_distinct(const ds_table *table, sqlite3_index_info *info,
                        const ds_plan *plan, const bool *used) {
    if (sqlite3_vtab_distinct(info) != 2 || plan->is_loose) {
        return false;
    }
    for (int i = 0; i < table->n_columns; i++) {
        bool listed = !used[i];
        for (int o = 0; o < plan->n_order; o++) {
            listed = listed || plan->order[o].column == i;
        }
        if (!listed) {
            return false;
        }
    }
    return true;
}

/* An order is taken over where an index gives it, or where nothing narrows the rows: a
** sorter inside sorts rows that are not copied twice. In the inner loop of a join, where
** terms do narrow, it would be paid again and again. */
static bool should_sort(const ds_plan *plan, const ds_estimate *e) {
    return e->is_ordered || plan->n_terms == 0;
}

/* LIMIT and OFFSET help only a sorter: an index walk stops by itself. SQLite offers them also
** where it drops rows afterwards, so they are a hint and it keeps counting. */
static void take_limit(sqlite3_index_info *info, ds_plan *plan) {
    int n_args = plan->n_terms;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        bool is_limit = c->op == SQLITE_INDEX_CONSTRAINT_LIMIT;
        if (!c->usable || (!is_limit && c->op != SQLITE_INDEX_CONSTRAINT_OFFSET)) {
            continue;
        }
        *(is_limit ? &plan->limit_arg : &plan->offset_arg) = n_args++;
        info->aConstraintUsage[i].argvIndex = n_args;
        info->aConstraintUsage[i].omit = 0;
    }
}

static void drop_order(ds_plan *plan) {
    plan->n_order = 0;
}

static void answer(sqlite3_index_info *info, ds_plan *plan, const ds_estimate *e) {
    info->idxNum = plan->number;
    info->idxStr = plan->text;
    info->needToFreeIdxStr = 0;
    info->estimatedCost = e->cost;
    info->estimatedRows = (sqlite3_int64)e->rows;
    info->idxFlags = plan->is_unique ? SQLITE_INDEX_SCAN_UNIQUE : 0;
}

/* More shapes of queries than anybody has: from now on everything is scanned. */
static int answer_scan(ds_table *table, sqlite3_index_info *info, ds_plan *draft,
                       bool *used) {
    ds_plan *plan = NULL;
    draft->n_terms = 0;
    draft->limit_arg = draft->offset_arg = -1;
    draft->is_unique = draft->is_distinct = draft->is_counted = draft->is_loose = false;
    drop_order(draft);
    for (int i = 0; i < table->n_columns; i++) {
        used[i] = true;
    }
    for (int i = 0; i < info->nConstraint; i++) {
        info->aConstraintUsage[i].argvIndex = 0;
    }
    int rc = ds_pool_intern(table, draft, used, false, &plan);
    if (rc == SQLITE_OK) {
        ds_estimate e = ds_cost_estimate(table, plan);
        info->orderByConsumed = 0;
        answer(info, plan, &e);
    }
    return rc;
}

static void shape(ds_table *table, sqlite3_index_info *info, ds_plan *plan, bool *used,
                  ds_estimate *e) {
    take_used(table, info, used);
    make_lazy(table, info, used);
    take_terms(table, info, plan);
    bool ordered = take_order(table, info, plan);
    *e = ds_cost_estimate(table, plan);
    plan->is_unique = e->is_unique;
    if (ordered && e->is_unique) {
        info->orderByConsumed = 1; /* one row is in any order */
        drop_order(plan);
    } else if (ordered && is_distinct(table, info, plan, used)) {
        plan->is_distinct = true;
        drop_order(plan);
        info->orderByConsumed = 1;
    } else if (ordered && should_sort(plan, e)) {
        info->orderByConsumed = 1;
        if (!e->is_ordered) {
            take_limit(info, plan);
        }
    } else if (ordered) {
        drop_order(plan);
        *e = ds_cost_estimate(table, plan);
    }
    plan->is_counted = info->colUsed == 0 && plan->n_order == 0 && !plan->is_distinct &&
                       !plan->is_unique;
}

bool *ds_plan_new_flags(const ds_table *table) {
    uint64_t size = (uint64_t)table->n_columns * sizeof(bool);
    bool *flags = sqlite3_malloc64(size);
    if (flags != NULL) {
        memset(flags, 0, size);
    }
    return flags;
}

int ds_plan_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    ds_table *table = (ds_table *)vtab;
    size_t n_terms = (size_t)info->nConstraint + 1;
    size_t n_order = (size_t)info->nOrderBy + 1;
    ds_plan draft, *plan = NULL;
    ds_estimate estimate;
    memset(&draft, 0, sizeof draft);
    draft.limit_arg = draft.offset_arg = -1;
    draft.terms = sqlite3_malloc64(n_terms * sizeof *draft.terms);
    draft.order = sqlite3_malloc64(n_order * sizeof *draft.order);
    bool *used = ds_plan_new_flags(table);
    int rc = draft.terms && draft.order && used ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        shape(table, info, &draft, used, &estimate);
        rc = ds_pool_intern(table, &draft, used, true, &plan);
    }
    if (rc == SQLITE_OK) {
        answer(info, plan, &estimate);
    } else if (rc == SQLITE_FULL) {
        rc = answer_scan(table, info, &draft, used);
    }
    sqlite3_free(draft.terms);
    sqlite3_free(draft.order);
    sqlite3_free(used);
    return rc;
}

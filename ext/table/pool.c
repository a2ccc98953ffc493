/*
** The plans of a table and their inner statements. A statement is prepared once and rests in
** its plan between uses; the longest unused ones go when many rest.
*/
#include "table/table_int.h"

#include <string.h>

#define IDLE_PER_PLAN  4
#define IDLE_PER_TABLE 64

static void plan_free(ds_plan *plan) {
    if (plan == NULL) {
        return;
    }
    while (plan->idle != NULL) {
        ds_inner *inner = plan->idle;
        plan->idle = inner->next;
        sqlite3_finalize(inner->statement);
        sqlite3_free(inner);
    }
    sqlite3_free(plan->sql);
    sqlite3_free(plan->text);
    sqlite3_free(plan->terms);
    sqlite3_free(plan->order);
    sqlite3_free(plan->map);
    sqlite3_free(plan);
}

void ds_pool_free(ds_table *table) {
    for (int i = 0; i < table->n_plans; i++) {
        plan_free(table->plans[i]);
    }
    sqlite3_free(table->plans);
    table->plans = NULL;
    table->n_plans = table->n_idle = 0;
}

static void *copy(const void *from, size_t size) {
    void *to = sqlite3_malloc64(size + 1);
    if (to != NULL) {
        memcpy(to, from, size);
    }
    return to;
}

/* A plan of its own from the draft, with SQL, text and map. */
static int plan_new(const ds_table *table, const ds_plan *draft, const bool *used,
                    ds_plan **out) {
    ds_plan *plan = copy(draft, sizeof *draft);
    if (plan == NULL) {
        return SQLITE_NOMEM;
    }
    plan->sql = plan->text = NULL; /* a draft that is a plan has them already */
    plan->keyed = NULL;
    ds_buf sql, text;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_init(&text, DS_MAX_SQL_BYTES);
    plan->terms = copy(draft->terms, (size_t)draft->n_terms * sizeof *draft->terms);
    plan->order = copy(draft->order, (size_t)draft->n_order * sizeof *draft->order);
    plan->map = sqlite3_malloc64((size_t)table->n_columns * sizeof *plan->map);
    int rc = plan->terms && plan->order && plan->map ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        ds_plan_print_sql(table, plan, used, &sql);
        ds_plan_print_text(table, plan, &text);
        rc = ds_buf_take(&sql, &plan->sql);
    }
    if (rc == SQLITE_OK) {
        rc = ds_buf_take(&text, &plan->text);
    }
    ds_buf_done(&sql);
    ds_buf_done(&text);
    if (rc == SQLITE_OK) {
        *out = plan;
    } else {
        plan_free(plan);
    }
    return rc;
}

/* The same SQL may come from arguments that are taken differently: another plan then. */
static bool is_equal(const ds_plan *a, const ds_plan *b) {
    if (a->n_terms != b->n_terms || a->limit_arg != b->limit_arg ||
        a->offset_arg != b->offset_arg || strcmp(a->sql, b->sql) != 0) {
        return false;
    }
    for (int i = 0; i < a->n_terms; i++) {
        if (a->terms[i].arg != b->terms[i].arg ||
            a->terms[i].is_loose != b->terms[i].is_loose) {
            return false;
        }
    }
    return true;
}

static int put(ds_table *table, ds_plan *plan, bool is_bounded) {
    if (is_bounded && table->n_plans >= DS_MAX_PLANS) {
        return SQLITE_FULL;
    }
    size_t n = (size_t)table->n_plans + 1;
    ds_plan **plans = sqlite3_realloc64(table->plans, n * sizeof *plans);
    if (plans == NULL) {
        return SQLITE_NOMEM;
    }
    plan->number = table->n_plans;
    plans[table->n_plans++] = plan;
    table->plans = plans;
    return SQLITE_OK;
}

int ds_pool_intern(ds_table *table, const ds_plan *draft, const bool *used,
                   bool is_bounded, ds_plan **out) {
    ds_plan *plan = NULL;
    int rc = plan_new(table, draft, used, &plan);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; i < table->n_plans; i++) {
        if (is_equal(table->plans[i], plan)) {
            plan_free(plan);
            *out = table->plans[i];
            return SQLITE_OK;
        }
    }
    rc = put(table, plan, is_bounded);
    if (rc == SQLITE_OK) {
        *out = plan;
    } else {
        plan_free(plan);
    }
    return rc;
}

int ds_pool_take(ds_table *table, ds_plan *plan, ds_inner **out, ds_err *err) {
    plan->used_at = ++table->clock;
    if (plan->idle != NULL) {
        *out = plan->idle;
        plan->idle = plan->idle->next;
        plan->n_idle--;
        table->n_idle--;
        return SQLITE_OK;
    }
    ds_inner *inner = sqlite3_malloc64(sizeof *inner);
    if (inner == NULL) {
        return ds_err_nomem(err);
    }
    inner->next = NULL;
    int rc = ds_store_prepare(table->store, plan->sql, SQLITE_PREPARE_PERSISTENT,
                              &inner->statement, err);
    if (rc == SQLITE_OK) {
        *out = inner;
    } else {
        sqlite3_free(inner);
    }
    return rc;
}

/* Finalize one statement of the plan that has been unused for longest. */
static void evict(ds_table *table) {
    ds_plan *oldest = NULL;
    for (int i = 0; i < table->n_plans; i++) {
        ds_plan *plan = table->plans[i];
        if (plan->idle != NULL && (!oldest || plan->used_at < oldest->used_at)) {
            oldest = plan;
        }
    }
    if (oldest != NULL) {
        ds_inner *inner = oldest->idle;
        oldest->idle = inner->next;
        oldest->n_idle--;
        table->n_idle--;
        sqlite3_finalize(inner->statement);
        sqlite3_free(inner);
    }
}

void ds_pool_give(ds_table *table, ds_plan *plan, ds_inner *inner) {
    (void)sqlite3_reset(inner->statement); /* its error was reported when it happened */
    if (plan->n_idle >= IDLE_PER_PLAN) {
        sqlite3_finalize(inner->statement);
        sqlite3_free(inner);
        return;
    }
    inner->next = plan->idle;
    plan->idle = inner;
    plan->n_idle++;
    if (++table->n_idle > IDLE_PER_TABLE) {
        evict(table);
    }
}

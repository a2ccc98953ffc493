/*
** From the journal to steps.
*/
#include "outbox/outbox_int.h"

/* ---- one record ----------------------------------------------------------------------------------- */

/* The outcome of a fold, written. `second` stands in the table or not. */
static int write_fold(ds_records *records, const ds_key *key, ds_fold fold,
                      const ds_step *first, const ds_step *second, bool is_new,
                      ds_err *err) {
    int rc = SQLITE_OK;
    if (fold == DS_FOLD_INTO) {
        rc = ds_step_put(records, key, first, err);
    } else if (fold != DS_FOLD_APART) {
        rc = ds_step_drop(records, first->seq, err);
    }
    bool stays = fold == DS_FOLD_APART || fold == DS_FOLD_DROP_FIRST;
    if (rc == SQLITE_OK && stays && is_new) {
        rc = ds_step_put(records, key, second, err);
    } else if (rc == SQLITE_OK && !stays && !is_new) {
        rc = ds_step_drop(records, second->seq, err);
    }
    return rc;
}

/* Does the server have a record of that key, as far as is known? */
static int is_there(ds_records *records, const ds_key *key, ds_arena *arena, bool *out,
                    ds_err *err) {
    ds_value *base = NULL;
    int rc = ds_records_read(records, DS_BASE, key, arena, &base, err);
    *out = base != NULL && !ds_row_is_tombstone(key->model, base);
    return rc;
}

/* What becomes of two steps. A refused create is taken back by its delete, but what the server has
** under its key is to be deleted. */
static int fold_two(ds_records *records, const ds_key *key, ds_step *first,
                    const ds_step *second, ds_arena *arena, ds_fold *out, ds_err *err) {
    bool has_record = false;
    int rc = SQLITE_OK;
    bool was_refused = first->state == DS_STEP_FAILED;
    *out = ds_fold_steps(ds_records_store(records), key->model, first, second, arena);
    if (*out == DS_FOLD_DROP_BOTH && was_refused) {
        rc = is_there(records, key, arena, &has_record, err);
        *out = has_record ? DS_FOLD_DROP_FIRST : *out;
    }
    return rc == SQLITE_OK && ds_arena_failed(arena) ? ds_err_nomem(err) : rc;
}

int ds_outbox_settle(ds_records *records, const ds_key *key, ds_err *err) {
    ds_arena *arena = ds_arena_new();
    ds_step *steps = NULL;
    int n = 0;
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_step_list(records, key, arena, &steps, &n, err);
    if (rc == SQLITE_OK && n == 0) {
        rc = ds_records_remove(records, DS_BASE, key, err);
    }
    ds_arena_free(arena);
    return rc;
}

/* From the first to the last; what one fold leaves is the first of the next. Steps that are gone
** behind the current one are no neighbours any more. */
static int fold_list(ds_records *records, const ds_key *key, ds_step *steps, int n,
                     ds_arena *arena, ds_err *err) {
    int kept = 0, rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        ds_step next = steps[i];
        ds_fold fold = DS_FOLD_APART;
        do {
            fold = DS_FOLD_APART;
            if (kept > 0) {
                ds_step *last = &steps[kept - 1];
                rc = fold_two(records, key, last, &next, arena, &fold, err);
                rc = rc ? rc : write_fold(records, key, fold, last, &next, false, err);
            }
            kept -= fold == DS_FOLD_DROP_FIRST || fold == DS_FOLD_DROP_BOTH;
        } while (rc == SQLITE_OK && fold == DS_FOLD_DROP_FIRST);
        if (fold == DS_FOLD_APART) {
            steps[kept++] = next;
        }
    }
    return rc;
}

/* Was the record made and deleted here, and nothing of it ever sent? Then not even changes with conditions
** matter any more. */
static bool is_unborn(const ds_step *steps, int n) {
    if (n == 0 || steps[0].op != DS_OP_CREATE || steps[n - 1].op != DS_OP_DELETE ||
        steps[n - 1].condition != NULL) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        bool is_refused = steps[i].state == DS_STEP_FAILED && !steps[i].is_unclear;
        if (steps[i].request != NULL && !is_refused) {
            return false;
        }
    }
    return true;
}

static int drop_all(ds_records *records, const ds_step *steps, int n, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_step_drop(records, steps[i].seq, err);
    }
    return rc;
}

int ds_outbox_fold(ds_records *records, const ds_key *key, ds_err *err) {
    ds_arena *arena = ds_arena_new();
    ds_step *steps = NULL;
    int n = 0;
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_step_list(records, key, arena, &steps, &n, err);
    if (rc == SQLITE_OK) {
        rc = is_unborn(steps, n) ? drop_all(records, steps, n, err)
                                 : fold_list(records, key, steps, n, arena, err);
    }
    ds_arena_free(arena);
    return rc ? rc : ds_outbox_settle(records, key, err);
}

/* ---- the journal ------------------------------------------------------------------------------------- */

/* An entry of the journal, as a step. */
static void read_entry(sqlite3_stmt *statement, ds_arena *arena, ds_step *out,
                       ds_value *out_form) {
    ds_step_read(statement, 2, arena, out);
    ds_value form = ds_value_column(statement, 1);
    *out_form = ds_value_copy(arena, &form);
}

static int take_entry(ds_records *records, const ds_key *key, ds_step *entry,
                      ds_arena *arena, ds_err *err) {
    ds_store *store = ds_records_store(records);
    sqlite3_stmt *statement = NULL;
    ds_step last;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_STEP_LAST, &statement, err);
    rc = rc ? rc : ds_outbox_bind(records, statement, key, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    if (found) {
        ds_step_read(statement, 0, arena, &last);
    }
    rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        return ds_err_db(err, store->db, rc);
    }
    if (!found) {
        return ds_step_put(records, key, entry, err);
    }
    ds_fold fold = DS_FOLD_APART;
    rc = fold_two(records, key, &last, entry, arena, &fold, err);
    rc = rc ? rc : write_fold(records, key, fold, &last, entry, true, err);
    /* A delete may have something to say to the steps before it as well. */
    return rc == SQLITE_OK && entry->op == DS_OP_DELETE
               ? ds_outbox_fold(records, key, err)
               : rc;
}

/* What is no entry of ours, in a file that others may write, is left behind. */
static int absorb_row(ds_records *records, sqlite3_stmt *journal, ds_err *err) {
    const ds_model *model =
        ds_outbox_model(ds_records_store(records), sqlite3_column_int64(journal, 0));
    ds_key key;
    ds_step entry;
    ds_value form;
    ds_arena *arena = ds_arena_new();
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    read_entry(journal, arena, &entry, &form);
    int rc = ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
    bool is_ours = false;
    if (rc == SQLITE_OK && model != NULL && form.type != SQLITE_NULL) {
        int formed = ds_key_of_form(model, &form, arena, &key, NULL);
        is_ours = formed == SQLITE_OK;
        rc = formed == SQLITE_NOMEM ? ds_err_nomem(err) : SQLITE_OK;
    }
    if (is_ours) {
        rc = take_entry(records, &key, &entry, arena, err);
    }
    ds_arena_free(arena);
    return rc;
}

static int run_named(ds_records *records, enum ds_sql id, ds_err *err) {
    sqlite3_stmt *statement = NULL;
    int rc = ds_records_get(records, NULL, id, &statement, err);
    return rc ? rc : ds_records_run(records, statement, err);
}

int ds_outbox_absorb(ds_records *records, ds_err *err) {
    sqlite3_stmt *journal = NULL;
    int rc = ds_records_get(records, NULL, DS_SQL_OUTBOX_JOURNAL, &journal, err);
    bool any = false;
    while (rc == SQLITE_OK && sqlite3_step(journal) == SQLITE_ROW) {
        any = true;
        rc = absorb_row(records, journal, err);
    }
    if (journal != NULL) {
        int reset = sqlite3_reset(journal);
        rc = rc || reset == SQLITE_OK
                 ? rc
                 : ds_err_db(err, ds_records_store(records)->db, reset);
    }
    if (rc == SQLITE_OK && any) {
        rc = run_named(records, DS_SQL_OUTBOX_TRIM, err);
        rc = rc ? rc : run_named(records, DS_SQL_OUTBOX_EMPTY_LAST, err);
    }
    return rc;
}

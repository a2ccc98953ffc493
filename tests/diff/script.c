/*
** Runs a script on both sides and stops at the first difference. A script is all there is to a
** run: it can be repeated, shortened and shown.
*/
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROWS      20000
#define NATIVE_EFFORT 3000   /* thousands of virtual machine steps of one statement, */
#define MODEL_EFFORT  100000 /* beyond which the model has found no sensible plan */

step *script_add(script *s, step_kind kind) {
    if (s->n == s->room) {
        s->room = s->room * 2 + 16;
        s->steps = must(realloc(s->steps, (size_t)s->room * sizeof *s->steps));
    }
    step *added = &s->steps[s->n++];
    *added = (step){.kind = kind};
    return added;
}

void script_done(script *s) {
    for (int i = 0; i < s->n; i++) {
        free(s->steps[i].sql);
        free(s->steps[i].native);
    }
    free(s->steps);
    *s = (script){0};
}

/* ---- one statement ----------------------------------------------------------------------------- */

typedef struct budget {
    int used;
    int limit;
} budget;

static int spend(void *pointer) {
    budget *b = pointer;
    return ++b->used > b->limit;
}

/* Bind a literal by asking SQLite what it is. */
static void bind(side *s, sqlite3_stmt *statement, int at, const char *literal) {
    sqlite3_stmt *value = NULL;
    text sql = {0};
    text_add(&sql, "SELECT %s", literal);
    if (sqlite3_prepare_v2(s->db, text_of(&sql), -1, &value, NULL) != SQLITE_OK ||
        sqlite3_step(value) != SQLITE_ROW) {
        give_up(literal, sqlite3_errmsg(s->db));
    }
    sqlite3_bind_value(statement, at, sqlite3_column_value(value, 0));
    sqlite3_finalize(value);
    text_done(&sql);
}

/* NULL with the reason in *out if it cannot be prepared. */
static sqlite3_stmt *prepare(side *s, const step *p, bool is_native, rows *out) {
    sqlite3_stmt *statement = NULL;
    const char *sql = is_native && p->native ? p->native : p->sql;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK) {
        rows_fail(out, s->db, rc);
        return NULL;
    }
    for (int i = 0; i < p->n_parameters; i++) {
        if (sqlite3_bind_parameter_count(statement) > i) {
            bind(s, statement, i + 1, p->parameters[i]);
        }
    }
    return statement;
}

static void run_one(side *s, const step *p, bool is_native, rows *out) {
    budget effort = {0, is_native ? NATIVE_EFFORT : MODEL_EFFORT};
    sqlite3_progress_handler(s->db, 1000, spend, &effort);
    sqlite3_stmt *statement = prepare(s, p, is_native, out);
    if (statement != NULL) {
        rows_step(out, statement, MAX_ROWS);
        sqlite3_finalize(statement);
    }
    sqlite3_progress_handler(s->db, 0, NULL, NULL);
}

/* ---- a run --------------------------------------------------------------------------------------- */

/* pending: writes since the last commit; exact: of the last one. stale[i]: the tables of slot i
** were written to since it was opened, so what it reads is not laid down. */
typedef struct run {
    const config *config;
    outcome *out;
    pair pair;
    journal journal;
    int pending;
    bool exact;
    bool stale[N_SLOTS];
    uint32_t slot_tables[N_SLOTS];
    rows model;
    rows native;
} run;

static void explain(run *r, const step *p) {
    text sql = {0};
    sqlite3_stmt *statement = NULL;
    text_add(&sql, "EXPLAIN QUERY PLAN %s", p->sql);
    if (sqlite3_prepare_v2(r->pair.model.db, text_of(&sql), -1, &statement, NULL) ==
        SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            text_add(&r->out->why, "plan: %s\n", sqlite3_column_text(statement, 3));
        }
    }
    sqlite3_finalize(statement);
    text_done(&sql);
}

/* The same words and codes are the same kind of difference. */
static uint32_t kind_of(const run *r, const char *what) {
    uint32_t kind = (uint32_t)r->model.rc * 31 + (uint32_t)r->native.rc;
    while (*what != '\0') {
        kind = kind * 31 + (unsigned char)*what++;
    }
    return kind;
}

static bool differ(run *r, const step *p, const char *what) {
    r->out->kind = kind_of(r, what);
    text_add(&r->out->why, "%s\n", what);
    rows_show(&r->model, &r->native, &r->out->why);
    explain(r, p);
    return false;
}

/* What the mirror cannot do in time, or not at all (SQLite 3.40 refuses some right joins), says
** nothing about the model. */
static bool run_query(run *r, const step *p) {
    run_one(&r->pair.native, p, true, &r->native);
    r->out->queries++;
    if (r->native.rc != SQLITE_DONE) {
        r->out->skipped++;
        return true;
    }
    run_one(&r->pair.model, p, false, &r->model);
    return rows_equal(&r->model, &r->native, p->mode, p->leading, p->is_cut) ||
           differ(r, p, "rows differ");
}

/*
** The code of an error is the mirror's, but for a missing parent: under OR IGNORE, OR FAIL and OR
** ROLLBACK it is no constraint error, which SQLite would take for one of the row alone; and of
** several rows a model finds it before what is wrong with a later row.
*/
static bool same_code(const step *p, int model, int native) {
    bool is_late = !p->is_one && model == SQLITE_CONSTRAINT_FOREIGNKEY &&
                   (native & 0xff) == SQLITE_CONSTRAINT;
    return model == native || is_late ||
           (model == SQLITE_ERROR && native == SQLITE_CONSTRAINT_FOREIGNKEY);
}

static bool compare_models(run *r, const step *p) {
    for (int i = 0; i < N_MODELS; i++) {
        if ((p->tables >> i & 1) == 0) {
            continue;
        }
        rows_clear(&r->model);
        rows_clear(&r->native);
        side_dump(&r->pair.model, i, &r->model);
        side_dump(&r->pair.native, i, &r->native);
        if (!rows_equal(&r->model, &r->native, COMPARE_ORDERED, 0, false)) {
            text_add(&r->out->why, "%s: ", tables[i].name);
            return differ(r, p, "the contents differ afterwards");
        }
    }
    return true;
}

/* Once everything is committed, the journal must account for it. */
static bool look_at_journal(run *r) {
    if (!sqlite3_get_autocommit(r->pair.model.db)) {
        return true;
    }
    bool exact = r->pending == 1 && r->exact;
    r->pending = 0;
    return journal_check(&r->journal, &r->pair.model, exact, &r->out->why);
}

static void spoil_slots(run *r, uint32_t written) {
    for (int i = 0; i < N_SLOTS; i++) {
        r->stale[i] = r->stale[i] || (r->slot_tables[i] & written) != 0;
    }
}

static bool run_write(run *r, const step *p) {
    bool was_open = !sqlite3_get_autocommit(r->pair.native.db);
    run_one(&r->pair.native, p, true, &r->native);
    run_one(&r->pair.model, p, false, &r->model);
    int native_changes = sqlite3_changes(r->pair.native.db);
    int model_changes = sqlite3_changes(r->pair.model.db);
    r->out->writes++;
    bool rolled_back = was_open && r->native.rc != SQLITE_DONE &&
                       sqlite3_get_autocommit(r->pair.native.db);
    spoil_slots(r, rolled_back ? ALL_TABLES : p->tables);
    if (!same_code(p, r->model.rc, r->native.rc)) {
        return differ(r, p, "results differ");
    }
    if (r->model.rc == SQLITE_DONE && p->changes && model_changes != native_changes) {
        text_add(&r->out->why, "changes() is %d, native %d: ", model_changes,
                 native_changes);
        return differ(r, p, "as many rows");
    }
    if (sqlite3_get_autocommit(r->pair.model.db) !=
        sqlite3_get_autocommit(r->pair.native.db)) {
        return differ(r, p, "the transaction is open on one side only");
    }
    r->pending++;
    r->exact = p->is_exact;
    return compare_models(r, p) && look_at_journal(r);
}

/* ---- slots: statements that stay half read ---------------------------------------------------- */

static void close_slot(run *r, int slot) {
    sqlite3_finalize(r->pair.model.slots[slot]);
    sqlite3_finalize(r->pair.native.slots[slot]);
    r->pair.model.slots[slot] = r->pair.native.slots[slot] = NULL;
    r->slot_tables[slot] = 0;
    r->stale[slot] = false;
}

static bool open_slot(run *r, const step *p) {
    close_slot(r, p->slot);
    r->pair.native.slots[p->slot] = prepare(&r->pair.native, p, true, &r->native);
    r->pair.model.slots[p->slot] = prepare(&r->pair.model, p, false, &r->model);
    r->slot_tables[p->slot] = p->tables;
    bool right = r->pair.model.slots[p->slot] || !r->pair.native.slots[p->slot];
    return right || differ(r, p, "the model cannot be prepared");
}

static bool read_slot(run *r, const step *p) {
    sqlite3_stmt *native = r->pair.native.slots[p->slot];
    sqlite3_stmt *model = r->pair.model.slots[p->slot];
    if (native == NULL || model == NULL) {
        return true;
    }
    rows_step(&r->native, native, p->count);
    rows_step(&r->model, model, p->count);
    r->out->queries++;
    bool right =
        r->stale[p->slot] || rows_equal(&r->model, &r->native, COMPARE_ORDERED, 0, false);
    if (p->kind == STEP_CLOSE || r->native.rc != SQLITE_ROW ||
        r->model.rc != SQLITE_ROW) {
        close_slot(r, p->slot);
    }
    return right || differ(r, p, "rows of the open statement differ");
}

/* ---- all steps ------------------------------------------------------------------------------------ */

static bool run_step(run *r, const step *p) {
    rows_clear(&r->model);
    rows_clear(&r->native);
    switch (p->kind) {
    case STEP_QUERY:
        return run_query(r, p);
    case STEP_WRITE:
        return run_write(r, p);
    case STEP_OPEN:
        return open_slot(r, p);
    case STEP_READ:
    case STEP_CLOSE:
        return read_slot(r, p);
    case STEP_SYNC:
    default:
        journal_sync(&r->journal, &r->pair.model);
        return true;
    }
}

/* Commit, and look at everything once more. */
static bool run_end(run *r) {
    char commit[] = "COMMIT";
    step end = {.kind = STEP_WRITE, .sql = commit, .tables = ALL_TABLES};
    for (int i = 0; i < N_SLOTS; i++) {
        close_slot(r, i);
    }
    if (!sqlite3_get_autocommit(r->pair.model.db) && !run_step(r, &end)) {
        return false;
    }
    return compare_models(r, &end) &&
           journal_replay(&r->journal, &r->pair.model, &r->out->why);
}

void script_run(const script *s, const config *c, outcome *out) {
    run r = {.config = c, .out = out};
    *out = (outcome){.at = -1};
    pair_open(&r.pair, c);
    journal_begin(&r.journal, &r.pair.model);
    for (int i = 0; i < s->n && out->at < 0; i++) {
        if (!s->steps[i].is_off && !run_step(&r, &s->steps[i])) {
            out->at = i;
        }
    }
    if (out->at < 0 && !run_end(&r)) {
        out->at = s->n;
    }
    if (!pair_close(&r.pair, &out->why) && out->at < 0) {
        out->at = s->n;
    }
    journal_done(&r.journal);
    rows_done(&r.model);
    rows_done(&r.native);
}

static void show_step(const step *p, text *out) {
    static const char *const kinds[] = {"", "", "open", "read", "close", "sync"};
    if (p->kind != STEP_QUERY && p->kind != STEP_WRITE) {
        text_add(out, "-- %s %d ", kinds[p->kind], p->slot);
    }
    text_add(out, "%s;", p->sql ? p->sql : "");
    for (int i = 0; i < p->n_parameters; i++) {
        text_add(out, " -- ?%d = %s", i + 1, p->parameters[i]);
    }
    text_add(out, "\n");
    if (p->native != NULL && strcmp(p->native, p->sql) != 0) {
        text_add(out, "-- native: %s;\n", p->native);
    }
}

void script_show(const script *s, int upto, text *out) {
    for (int i = 0; i <= upto && i < s->n; i++) {
        if (!s->steps[i].is_off) {
            show_step(&s->steps[i], out);
        }
    }
}

/*
** Runs statements while memory runs out or the user interrupts, at every point in turn, and
** checks that the error is that one, that nothing is changed, that the host is not left in a
** transaction that it never began, and that nothing leaks.
*/
#ifndef FAULT_H
#define FAULT_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `sql` returns without a fault. */
typedef struct trial {
    const char *sql;
    int rc;
} trial;

/* setup: prepares a fresh database. state: a query of one text, all that matters in it, without
** what differs from run to run. stride: how many points to go on after each try. */
typedef struct scene {
    const char *setup;
    const char *state;
    const trial *trials;
    size_t n_trials;
    long stride;
} scene;

#define STATE_SIZE 100000

/* ---- faults ------------------------------------------------------------------------------ */

typedef enum fault { OUT_OF_MEMORY_ONCE, OUT_OF_MEMORY, INTERRUPT, N_FAULTS } fault;

static const char *const fault_names[] = {"one failed allocation", "memory is out",
                                          "interrupt"};
static const int fault_codes[] = {SQLITE_NOMEM, SQLITE_NOMEM, SQLITE_INTERRUPT};

/* countdown: good allocations or steps until the fault; -1 is for ever. */
static sqlite3_mem_methods memory;
static fault kind;
static long countdown = -1;
static int happened;

static int strike(void) {
    if (countdown != 0) {
        countdown -= countdown > 0;
        return 0;
    }
    countdown = kind == OUT_OF_MEMORY ? 0 : -1;
    happened = 1;
    return 1;
}

static void *faulty_malloc(int n) {
    return kind != INTERRUPT && strike() ? NULL : memory.xMalloc(n);
}

static void *faulty_realloc(void *old, int n) {
    return kind != INTERRUPT && strike() ? NULL : memory.xRealloc(old, n);
}

static int interrupt(void *db) {
    if (kind == INTERRUPT && strike()) {
        sqlite3_interrupt(db);
    }
    return 0;
}

static int use_faulty_memory(void) {
    sqlite3_mem_methods faulty;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK) {
        return 0;
    }
    faulty = memory;
    faulty.xMalloc = faulty_malloc;
    faulty.xRealloc = faulty_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}

/* ---- one statement ------------------------------------------------------------------------- */

static sqlite3 *open_ready(const scene *s) {
    const char *library = getenv("DATASTORE");
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_enable_load_extension(db, 1) != SQLITE_OK ||
        sqlite3_load_extension(db, library ? library : "dist/datastore", NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(db, s->setup, NULL, NULL, NULL) != SQLITE_OK) {
        printf("%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    sqlite3_progress_handler(db, 1, interrupt, db);
    return db;
}

static void read_state(const scene *s, sqlite3 *db, char *out) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, s->state, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        printf("%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    int length = snprintf(out, STATE_SIZE, "%s", text ? text : "");
    if (length >= STATE_SIZE) {
        printf("the state is too long: %d\n", length);
        exit(1);
    }
    sqlite3_finalize(statement);
}

/* A statement, and the state before it and after it without a fault. */
typedef struct attempt {
    const scene *scene;
    const trial *trial;
    char before[STATE_SIZE];
    char after[STATE_SIZE];
} attempt;

static int try_healthy(attempt *a, const scene *s, const trial *t) {
    sqlite3 *db = open_ready(s);
    a->scene = s;
    a->trial = t;
    read_state(s, db, a->before);
    int rc = sqlite3_exec(db, t->sql, NULL, NULL, NULL);
    if (rc != t->rc) {
        printf("%s: %s\n", sqlite3_errmsg(db), t->sql);
    }
    read_state(s, db, a->after);
    sqlite3_close(db);
    return rc == t->rc;
}

/* With the fault after `n`: what is wrong, or NULL. SQLite gets by without some allocations;
** and an interrupt may come when all is done, while the result is on its way. */
static const char *try_faulty(sqlite3 *db, const attempt *a, long n, int *changed) {
    static char after[STATE_SIZE];
    happened = 0;
    countdown = n;
    int rc = sqlite3_exec(db, a->trial->sql, NULL, NULL, NULL);
    countdown = -1;
    read_state(a->scene, db, after);
    int is_before = strcmp(after, a->before) == 0;
    int is_after = strcmp(after, a->after) == 0;
    *changed = !is_before;
    if (!sqlite3_get_autocommit(db)) {
        return "left in a transaction";
    }
    if (rc == a->trial->rc) {
        return is_after ? NULL : "not done";
    }
    if (rc != fault_codes[kind]) {
        return sqlite3_errstr(rc);
    }
    return is_before || (is_after && kind == INTERRUPT) ? NULL : "changed";
}

static int sweep(const scene *s, const trial *t) {
    static attempt a;
    const char *wrong = NULL;
    if (!try_healthy(&a, s, t)) {
        return 0;
    }
    sqlite3 *db = open_ready(s);
    happened = 1;
    for (long n = 0; wrong == NULL && happened; n += s->stride) {
        int changed = 0;
        wrong = try_faulty(db, &a, n, &changed);
        if (wrong != NULL) {
            printf("%s after %ld: %s: %s\n", fault_names[kind], n, wrong, t->sql);
        }
        if (changed) {
            sqlite3_close(db);
            db = open_ready(s);
        }
    }
    return sqlite3_close(db) == SQLITE_OK && sqlite3_memory_used() == 0 && wrong == NULL;
}

/* One line per kind of fault; returns how many failed. */
static int fault_run(const scene *scenes, size_t n_scenes) {
    int failures = 0;
    if (!use_faulty_memory()) {
        return 1;
    }
    for (kind = 0; kind < N_FAULTS; kind++) {
        int right = 1;
        for (size_t s = 0; s < n_scenes; s++) {
            for (size_t i = 0; i < scenes[s].n_trials; i++) {
                right = sweep(&scenes[s], &scenes[s].trials[i]) && right;
            }
        }
        printf("%s %s\n", right ? "ok" : "not ok", fault_names[kind]);
        failures += !right;
    }
    return failures;
}

#endif

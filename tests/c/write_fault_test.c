/*
** datastore_save and datastore_delete when memory runs out or the user interrupts, at every
** point in turn: the error is that one, nothing is changed, the host is not left in a
** transaction that it never began, and nothing leaks.
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const statements[] = {
    "SELECT datastore_save('Post', "
    "'{\"title\":\"new\",\"tags\":[\"a\"],\"meta\":{\"k\":[1]}}')",
    "SELECT datastore_save('Comment', "
    "'{\"post\":{\"id\":\"p1\"},\"commentPostId\":\"p1\"}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"b\"}', "
    "'{\"title\":{\"eq\":\"a\"}}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\"}', '{\"title\":{\"eq\":\"z\"}}')",
    "SELECT datastore_save('Post', '{\"id\":\"p1\",\"titel\":\"new\"}')",
    "SELECT datastore_delete('Post', '{\"title\":{\"eq\":\"a\"}}')",
    "SELECT datastore_delete('Line', '[\"o\",1]', '{}')",
};

static const char setup[] =
    "SELECT datastore_schema('"
    "  type Post @model { id: ID! title: String! tags: [String] meta: AWSJSON"
    "    comments: [Comment] @connection(name: \"PostComments\") }"
    "  type Comment @model { id: ID! post: Post @connection(name: \"PostComments\") }"
    "  type Line @model @key(fields: [\"order\", \"number\"]) {"
    "    order: ID! number: Int! text: String }');"
    "INSERT INTO Post(id, title, tags) VALUES ('p1', 'a', '[ \"x\" ]'), ('p2', 'b', "
    "NULL);"
    "INSERT INTO Comment(id, post) VALUES ('c1', 'p1');"
    "INSERT INTO Line(\"order\", number) VALUES ('o', 1);";

/* Without what differs from run to run. */
static const char state[] =
    "SELECT (SELECT group_concat(seq || op || quote(condition) ||"
    "          quote(json_remove(payload, '$.id', '$.createdAt', '$.updatedAt')))"
    "          FROM datastore_journal)"
    "    || (SELECT quote(group_concat(title || quote(tags))) FROM Post_rows)"
    "    || (SELECT count(*) FROM Comment_rows)"
    "    || (SELECT count(*) || quote(max(text)) FROM Line_rows)";
#define STATE_SIZE 2000

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

static sqlite3 *open_ready(void) {
    const char *library = getenv("DATASTORE");
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_enable_load_extension(db, 1) != SQLITE_OK ||
        sqlite3_load_extension(db, library ? library : "dist/datastore", NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(db, setup, NULL, NULL, NULL) != SQLITE_OK) {
        printf("%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    sqlite3_progress_handler(db, 1, interrupt, db);
    return db;
}

static void read_state(sqlite3 *db, char *out) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, state, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        printf("%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    snprintf(out, STATE_SIZE, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
}

/* A statement, the state before it and after it, and what it returns, without a fault. */
typedef struct attempt {
    const char *sql;
    int rc;
    char before[STATE_SIZE];
    char after[STATE_SIZE];
} attempt;

static void try_healthy(attempt *a, const char *sql) {
    sqlite3 *db = open_ready();
    a->sql = sql;
    read_state(db, a->before);
    a->rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    read_state(db, a->after);
    sqlite3_close(db);
}

/* With the fault after `n`: what is wrong, or NULL. SQLite gets by without some allocations;
** and an interrupt may come when all is done, while the result is on its way. */
static const char *try_faulty(sqlite3 *db, const attempt *a, long n, int *changed) {
    char after[STATE_SIZE];
    happened = 0;
    countdown = n;
    int rc = sqlite3_exec(db, a->sql, NULL, NULL, NULL);
    countdown = -1;
    read_state(db, after);
    int is_before = strcmp(after, a->before) == 0;
    int is_after = strcmp(after, a->after) == 0;
    *changed = !is_before;
    if (!sqlite3_get_autocommit(db)) {
        return "left in a transaction";
    }
    if (rc == a->rc) {
        return is_after ? NULL : "not done";
    }
    if (rc != fault_codes[kind]) {
        return sqlite3_errstr(rc);
    }
    return is_before || (is_after && kind == INTERRUPT) ? NULL : "changed";
}

static int sweep(const char *sql) {
    attempt a;
    const char *wrong = NULL;
    try_healthy(&a, sql);
    sqlite3 *db = open_ready();
    happened = 1;
    for (long n = 0; wrong == NULL && happened; n++) {
        int changed = 0;
        wrong = try_faulty(db, &a, n, &changed);
        if (wrong != NULL) {
            printf("%s after %ld: %s: %s\n", fault_names[kind], n, wrong, sql);
        }
        if (changed) {
            sqlite3_close(db);
            db = open_ready();
        }
    }
    return sqlite3_close(db) == SQLITE_OK && sqlite3_memory_used() == 0 && wrong == NULL;
}

int main(void) {
    int failures = 0;
    if (!use_faulty_memory()) {
        return 1;
    }
    for (kind = 0; kind < N_FAULTS; kind++) {
        int right = 1;
        for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
            right = sweep(statements[i]) && right;
        }
        printf("%s %s\n", right ? "ok" : "not ok", fault_names[kind]);
        failures += !right;
    }
    return failures != 0;
}

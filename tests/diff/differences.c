/*
** Where a model is not like a table, on purpose or because SQLite does not let a virtual table
** be. The generators stay away from these, so here is what does happen.
*/
#include "diff.h"

#include <stdio.h>
#include <string.h>

/* What `sql` gives, and what `then` answers afterwards. */
typedef struct difference {
    const char *what;
    const char *sql;
    int rc;
    const char *then;
    const char *answer;
} difference;

static const char before[] =
    "INSERT INTO Item(id, n) VALUES ('5', 5), ('05', 1), ('i1', 2);"
    "INSERT INTO Note(id, body, itemId) VALUES ('n1', 'x', 'i1');"
    "INSERT INTO Person(id, boss) VALUES ('p1', NULL), ('p2', 'p1'), ('p3', 'p2');"
    "INSERT INTO Timed(id, s) VALUES ('t1', 'x');"
    "INSERT INTO plain(k) VALUES (5);";

static const difference differences[] = {
    {"a text is looked up in numbers as text: '05' is not among them",
     "SELECT id FROM Item WHERE id IN (SELECT k FROM plain)", SQLITE_DONE,
     "SELECT id FROM Item WHERE id IN (SELECT k FROM plain)", "'5"},
    {"a number that equals several text keys is an error",
     "SELECT id FROM plain JOIN Item ON id = k", SQLITE_MISMATCH, NULL, NULL},
    {"a literal is compared with a text as text, also when it is cast to a number",
     "SELECT 1", SQLITE_DONE, "SELECT id FROM Item WHERE id = CAST(5 AS INTEGER)", "'5"},
    {"a key does not change", "UPDATE Item SET id = 'x' WHERE id = 'i1'",
     SQLITE_CONSTRAINT, "SELECT count(*) FROM Item WHERE id = 'i1'", "1"},
    {"values have types", "INSERT INTO Item(id, n) VALUES ('x', 'five')",
     SQLITE_CONSTRAINT_DATATYPE, "SELECT count(*) FROM Item", "3"},
    {"an enum has its values", "INSERT INTO Item(id, mood) VALUES ('x', 'SO SO')",
     SQLITE_CONSTRAINT_CHECK, "SELECT count(*) FROM Item", "3"},
    {"a text has no NUL", "INSERT INTO Item(id, s) VALUES ('x', 'a' || char(0) || 'b')",
     SQLITE_CONSTRAINT_DATATYPE, "SELECT count(*) FROM Item", "3"},
    {"an id is made where none is given", "INSERT INTO Item(n) VALUES (77)", SQLITE_DONE,
     "SELECT length(id) FROM Item WHERE n = 77", "36"},
    {"timestamps are the store's",
     "UPDATE Timed SET createdAt = '2020-02-02T00:00:00.000Z'", SQLITE_CONSTRAINT,
     "SELECT count(*) FROM Timed WHERE createdAt > '2020-03'", "1"},
    {"OR REPLACE keeps the row, and what hangs on it",
     "INSERT OR REPLACE INTO Item(id, n) VALUES ('i1', 9)", SQLITE_DONE,
     "SELECT n, (SELECT count(*) FROM Note) FROM Item WHERE id = 'i1'", "9|1"},
    {"a parent must be there before its child, also in one statement",
     "INSERT INTO Person(id, boss) VALUES ('q2', 'q1'), ('q1', NULL)",
     SQLITE_CONSTRAINT_FOREIGNKEY, "SELECT count(*) FROM Person", "3"},
    {"a missing parent is an error also for OR IGNORE, and a plain one",
     "INSERT OR IGNORE INTO Note(id, body, itemId) VALUES ('n2', 'x', 'q')", SQLITE_ERROR,
     "SELECT count(*) FROM Note", "1"},
    {"rows that a cascade took first are counted too", "DELETE FROM Person", SQLITE_DONE,
     "SELECT changes(), (SELECT count(*) FROM Person)", "3|0"},
    {"a model with one key column has no rowid", "SELECT rowid FROM Item", SQLITE_ERROR,
     NULL, NULL},
    {"the rowid of another cannot be chosen",
     "INSERT INTO Slot(rowid, region, number) VALUES (7, 'eu', 1)", SQLITE_CONSTRAINT,
     "SELECT count(*) FROM Slot", "0"},
    {"SQLite: no UPSERT", "INSERT INTO Item(id) VALUES ('5') ON CONFLICT DO NOTHING",
     SQLITE_ERROR, NULL, NULL},
    {"SQLite: no RETURNING of an UPDATE", "UPDATE Item SET n = 1 RETURNING id",
     SQLITE_ERROR, NULL, NULL},
    {"SQLite: no RETURNING of a DELETE", "DELETE FROM Item RETURNING id", SQLITE_ERROR,
     NULL, NULL},
    {"SQLite: RETURNING shows what was given, no more",
     "INSERT INTO Item(n) VALUES (7) RETURNING id IS NULL, n", SQLITE_DONE, NULL, NULL},
};

static int run(sqlite3 *db, const char *sql, rows *out) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        rows_fail(out, db, sqlite3_extended_errcode(db));
    } else {
        rows_step(out, statement, INT32_MAX);
    }
    sqlite3_finalize(statement);
    return out->rc;
}

/* The first row, columns with bars between. */
static void first_row(const rows *r, text *out) {
    for (const char *c = r->n > 0 ? r->row[0] : ""; *c != '\0'; c++) {
        if (*c != COLUMN_END) {
            text_add(out, "%c", *c);
        } else if (c[1] != '\0') {
            text_add(out, "|");
        }
    }
}

static bool holds(sqlite3 *db, const difference *d) {
    rows result = {0}, answer = {0};
    text shown = {0};
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    sqlite3_exec(db, before, NULL, NULL, NULL);
    int rc = run(db, d->sql, &result);
    if (d->then != NULL) {
        (void)run(db, d->then, &answer);
        first_row(&answer, &shown);
    }
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    bool right =
        rc == d->rc && (d->then == NULL || strcmp(text_of(&shown), d->answer) == 0);
    if (!right) {
        printf("# %s: rc %d %s, not %d; then %s, not %s\n", d->sql, rc, result.message,
               d->rc, text_of(&shown), d->answer ? d->answer : "-");
    }
    rows_done(&result);
    rows_done(&answer);
    text_done(&shown);
    return right;
}

void differences_check(const config *c) {
    pair p;
    text why = {0};
    int bad = 0;
    pair_open(&p, c);
    for (size_t i = 0; i < COUNT(differences); i++) {
        bad += !holds(p.model.db, &differences[i]);
    }
    bad += !pair_close(&p, &why);
    printf("%s known differences\n", bad ? "not ok" : "ok");
    text_done(&why);
}

/*
** What the fault tests share. They know SQLite only, and load the extension whose path is
** in DATASTORE. Memory of the harness itself is the C library's: SQLite's is under test.
*/
#ifndef FAULT_H
#define FAULT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- host.c: verdicts, connections, content ------------------------------------------------ */

/* Print "ok name" or "not ok name". */
void verdict(bool is_right, const char *name);
/* Print a line that explains the next verdict. */
void explain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The status of the program: 0 if every verdict was ok. */
int failed(void);

/* Growing text of the C library. Zero it to begin, free(data) at the end. */
typedef struct text {
    char *data; /* NULL while empty */
    size_t length;
    size_t capacity;
} text;
void text_add(text *t, const char *piece);

/* Load the extension into a connection. An error's text goes to *error (may be NULL). */
int load(sqlite3 *db, char **error);
/* An open connection with the extension; stops the program if there is none. `vfs` may be
** NULL. */
sqlite3 *open_loaded(const char *path, const char *vfs);
/* The same without the extension. */
sqlite3 *open_plain(const char *path, const char *vfs);
/* Run statements that must succeed, or stop the program. */
void must(sqlite3 *db, const char *sql);
/* Run statements; rows go to *rows (may be NULL) as text, and the error to *error (may be
** NULL; free() it), which has none when there is none. */
int run(sqlite3 *db, const char *sql, text *rows, char **error);
/* The integer that a query gives; stops the program if it fails. */
sqlite3_int64 number(sqlite3 *db, const char *sql);

/* Everything that the file holds, as text: schema, rows, journal, metadata (not the
** random generation). free() it. Stops the program if the content cannot be read. */
char *dump(sqlite3 *db);
/* Blank out what differs from run to run: moments since 2020, UUIDs and long numbers. */
void normalize(char *content);
/* Explain the first line in which two contents differ, if they do. */
bool is_equal(const char *what, const char *expected, const char *actual);

/* ---- faults: a point is a chance to fail --------------------------------------------------- */

/*
** arm: the n-th point from now (counted from 1) fails, and all after it if `for_ever`; 0
** only counts. disarm: end of that; returns how many points were passed. may_be_late: the
** last points come when the statement is done, and SQLite makes an error of it all the
** same.
*/
typedef struct fault {
    const char *name;
    void (*arm)(sqlite3 *db, long n, bool for_ever);
    long (*disarm)(sqlite3 *db);
    bool (*is_expected)(int rc); /* is it an answer to this fault? */
    bool may_be_late;
} fault;

/* ---- memory.c ------------------------------------------------------------------------------ */

/* Replace SQLite's allocator: before anything else of SQLite. */
void memory_install(void);
/* Let the JSON parser that the extension uses allocate there, too. Load the extension
** first. */
void memory_reach_json(void);
extern const fault memory_fault;

/* ---- disk.c -------------------------------------------------------------------------------- */

/* Register the VFS "fault" over the default one. It does not wait for the disk. */
void disk_install(void);
/* Writes that find the disk full; and errors of every kind of access. */
extern const fault full_fault;
extern const fault disk_fault;

/* ---- sweep.c ------------------------------------------------------------------------------- */

/*
** One statement list under one kind of fault. `schema` is installed with `options` first
** and `setup` run, once: every attempt begins with that content, on a new connection,
** where `before` is run (to warm up, or to begin a transaction that `sql` is part of).
** `is_cold`: loading the extension is part of the attempt. loses_code: SQLite may make a
** plain error of the fault. `encoding` may be NULL. `rc` is what `sql` gives without a
** fault.
*/
typedef struct scenario {
    const char *name;
    const char *schema;
    const char *options;
    const char *setup;
    const char *before;
    const char *sql;
    const char *encoding;
    bool is_cold;
    bool loses_code;
    int rc;
} scenario;

/* The scenarios that every kind of fault goes through. */
extern const scenario scenarios[];
extern const int n_scenarios;

/*
** Let point after point of the scenario fail, once and for ever: at most FAULT_POINTS of
** them (an environment variable, 0 for all) or `points`, spread evenly. After each the
** answer is an error and the content is as before, the same statements succeed, and the
** connection closes. `path` NULL: in memory, without a leak; else a file with `vfs` and
** `journal_mode`, which is opened again. One verdict per scenario; FAULT_ONLY names the one
** that is wanted.
*/
typedef struct sweep {
    const fault *fault;
    long points;
    const char *path;
    const char *vfs;
    const char *journal_mode;
} sweep;
void sweep_run(const sweep *s, const scenario *what);

#endif

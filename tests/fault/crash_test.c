/*
** A writing process is killed again and again, at any moment. What it was told is
** committed is there, rows and journal tell the same story, and no cascade is left half
** done.
*/
#define _POSIX_C_SOURCE 200809L /* strdup, fork, nanosleep, unlink */
#include "fault.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS 13 /* per journal mode */

static const char schema[] =
    "SELECT datastore_schema('"
    "type Post @model { id: ID! n: Int! comments: [Comment] @connection(name: \"PC\") }"
    "type Comment @model { id: ID! n: Int! post: Post @connection(name: \"PC\") }"
    "type Node @model { id: ID! n: Int! up: Node @connection(name: \"T\")"
    " down: [Node] @connection(name: \"T\") }')";

/* Rows that the server knows already, and one that counts what was committed. */
static const char rows[] =
    "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 40)"
    " INSERT INTO Post(id, n) SELECT 'server' || i, 0 FROM k;"
    "INSERT INTO Comment(id, n, post) SELECT 'server-' || id, 0, id FROM Post;"
    "UPDATE datastore_session SET applying = 1;"
    "UPDATE Post_rows SET _version = 1; UPDATE Comment_rows SET _version = 1;"
    "DELETE FROM datastore_journal;"
    "UPDATE datastore_session SET applying = 0;"
    "INSERT INTO Node(id, n) VALUES ('clock', 0)";

/* ---- the writer ---------------------------------------------------------------------------- */

static int below(int limit) {
    unsigned value = 0;
    sqlite3_randomness((int)sizeof value, &value);
    return (int)(value % (unsigned)limit);
}

/* Each ends a transaction that began with a tick of the clock. */
static const char *const work[] = {
    "INSERT INTO Post(n) VALUES (0);"
    "INSERT INTO Comment(n, post) VALUES (0, datastore_last_id());"
    "INSERT INTO Comment(n, post) SELECT 0, id FROM Post ORDER BY id DESC LIMIT 3",
    "INSERT INTO Node(n, up) SELECT 0, id FROM Node WHERE id <> 'clock'"
    " ORDER BY random() LIMIT 5",
    "INSERT INTO Node(n) VALUES (0); INSERT INTO Node(n, up) VALUES (0, "
    "datastore_last_id())",
    "UPDATE Post SET n = n + 1 WHERE id IN (SELECT id FROM Post ORDER BY random() LIMIT "
    "20)",
    "UPDATE Comment SET n = n + 1 WHERE id LIKE 'server-server_'",
    "INSERT OR REPLACE INTO Comment(id, n, post) SELECT id, n + 1, post FROM Comment"
    " ORDER BY random() LIMIT 4",
    "SELECT datastore_save('Post', json_object('id', id, 'n', n + 1)) FROM Post"
    " ORDER BY random() LIMIT 1",
    "DELETE FROM Post WHERE id IN (SELECT id FROM Post ORDER BY random() LIMIT 1)",
    "DELETE FROM Node WHERE id IN"
    " (SELECT id FROM Node WHERE id <> 'clock' ORDER BY random() LIMIT 1)",
    "SAVEPOINT s; DELETE FROM Post WHERE n > 1; DELETE FROM Node WHERE n = 0; ROLLBACK "
    "TO s",
};

static _Noreturn void write_for_ever(const char *path, const char *mode, int out) {
    sqlite3 *db = open_loaded(path, NULL);
    must(db, "PRAGMA synchronous = OFF");
    /* A small cache writes to the file in the middle of a transaction. Not in a
    ** write-ahead log: SQLite 3.40 spoils the checksums of the log when a ROLLBACK TO
    ** follows, of any tables. */
    if (strcmp(mode, "wal") != 0) {
        must(db, "PRAGMA cache_size = 20");
    }
    for (;;) {
        must(db, "BEGIN IMMEDIATE; UPDATE Node SET n = n + 1 WHERE id = 'clock'");
        for (int i = below(4); i >= 0; i--) {
            must(db, work[below((int)(sizeof work / sizeof *work))]);
        }
        if (below(10) == 0) {
            must(db, "ROLLBACK");
            continue;
        }
        must(db, "COMMIT");
        int64_t ticks = number(db, "SELECT n FROM Node WHERE id = 'clock'");
        if (write(out, &ticks, sizeof ticks) != (ssize_t)sizeof ticks) {
            _exit(1);
        }
    }
}

/* ---- the judge ----------------------------------------------------------------------------- */

/* What must give 0 after any crash, to a connection that knows SQLite only. %w: a model. */
static const struct {
    const char *what;
    const char *sql;
} laws[] = {
    {"a row is there although its last entry is a delete",
     "SELECT count(*) FROM \"%w_rows\" AS r WHERE 3 = (SELECT op FROM entry"
     " WHERE key = r.id ORDER BY seq DESC LIMIT 1)"},
    {"a row without a version has no entry that creates it",
     "SELECT count(*) FROM \"%w_rows\" AS r WHERE _version IS NULL"
     " AND NOT EXISTS (SELECT 1 FROM entry WHERE key = r.id AND op = 1)"},
    {"a row is gone without a delete",
     "SELECT count(*) FROM entry AS e WHERE op <> 3 AND seq = (SELECT max(seq) FROM entry"
     " WHERE key = e.key) AND key NOT IN (SELECT id FROM \"%w_rows\")"},
    {"an entry follows one that it cannot follow",
     "SELECT count(*) FROM (SELECT op, key, lag(op) OVER (PARTITION BY key ORDER BY seq)"
     " AS previous FROM entry) WHERE CASE WHEN op = 1 THEN coalesce(previous, 3) <> 3"
     " ELSE coalesce(previous, CASE WHEN key LIKE 'server%%' THEN 1 ELSE 3 END) = 3 END"},
    {"a row has not the value that its entries tell",
     "SELECT count(*) FROM \"%w_rows\" AS r WHERE n <>"
     " (SELECT count(*) FROM entry WHERE key = r.id AND op = 2)"},
    {"a base row without unsent changes, or the reverse",
     "SELECT count(*) FROM \"%w_base\" WHERE id NOT IN (SELECT key FROM entry)"},
    {"a change of a server's row without its base row",
     "SELECT count(*) FROM entry WHERE key LIKE 'server%%'"
     " AND key NOT IN (SELECT id FROM \"%w_base\")"},
    {"a child outlives its parent",
     "SELECT count(*) FROM Comment_rows WHERE post NOT IN (SELECT id FROM Post_rows)"},
    {"a node outlives its parent",
     "SELECT count(*) FROM Node_rows WHERE up NOT IN (SELECT id FROM Node_rows)"},
    {"a cascade is under way", "SELECT (SELECT count(*) FROM datastore_cascading) +"
                               " (SELECT count(*) FROM datastore_closure) + (SELECT "
                               "applying FROM datastore_session)"},
};

static bool obeys(sqlite3 *db, const char *model) {
    bool ok = true;
    char *sql = sqlite3_mprintf(
        "CREATE TEMP TABLE entry AS SELECT seq, key, op FROM main.datastore_journal"
        " WHERE model = (SELECT number FROM main.datastore_models WHERE model = %Q);"
        "CREATE INDEX temp.entry_key ON entry(key, seq)",
        model);
    must(db, sql);
    sqlite3_free(sql);
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        sql = sqlite3_mprintf(laws[i].sql, model);
        sqlite3_int64 broken = number(db, sql);
        if (broken != 0) {
            explain("%s: %s (%lld)", model, laws[i].what, (long long)broken);
            ok = false;
        }
        sqlite3_free(sql);
    }
    must(db, "DROP TABLE temp.entry");
    return ok;
}

/* `told`: what the writer was told last, one more may have been committed. */
static bool is_sound(const char *path, int64_t told) {
    sqlite3 *db = open_plain(path, NULL);
    text check = {NULL, 0, 0};
    bool ok = run(db, "PRAGMA integrity_check", &check, NULL) == SQLITE_OK &&
              is_equal("integrity_check", "ok\n", check.data);
    int64_t ticks = number(db, "SELECT n FROM Node_rows WHERE id = 'clock'");
    if (ticks < told || ticks > told + 1) {
        explain("%lld were committed, %lld are there", (long long)told, (long long)ticks);
        ok = false;
    }
    ok = obeys(db, "Post") && ok;
    ok = obeys(db, "Comment") && ok;
    ok = obeys(db, "Node") && ok;
    free(check.data);
    sqlite3_close(db);
    return ok;
}

/* ---- kill ---------------------------------------------------------------------------------- */

/* Let it write for a moment, then kill it; *told is the last number that it sent. */
static bool kill_a_writer(const char *path, const char *mode, int64_t *told) {
    int ends[2];
    int64_t ticks;
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t writer = fork();
    if (writer == 0) {
        close(ends[0]);
        write_for_ever(path, mode, ends[1]);
    }
    close(ends[1]);
    bool alive = read(ends[0], &ticks, sizeof ticks) == (ssize_t)sizeof ticks;
    const struct timespec moment = {0, below(40) * 1000000L};
    nanosleep(&moment, NULL);
    kill(writer, SIGKILL);
    int status = 0;
    waitpid(writer, &status, 0);
    for (*told = ticks; read(ends[0], &ticks, sizeof ticks) == (ssize_t)sizeof ticks;) {
        *told = ticks;
    }
    close(ends[0]);
    return alive && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void crash(const char *mode) {
    const char *folder = getenv("TMPDIR");
    char path[500], name[100], sql[100];
    snprintf(path, sizeof path, "%s/crash-%s.db", folder ? folder : "/tmp", mode);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sqlite3 *db = open_loaded(path, NULL);
    must(db, sql);
    must(db, schema);
    must(db, rows);
    sqlite3_close(db);
    bool ok = true;
    for (int i = 0; ok && i < KILLS; i++) {
        int64_t told = 0;
        ok = kill_a_writer(path, mode, &told) && is_sound(path, told);
    }
    snprintf(name, sizeof name, "kill -9 while writing, %s", mode);
    verdict(ok, name);
}

int main(void) {
    crash("wal");
    crash("delete");
    return failed();
}

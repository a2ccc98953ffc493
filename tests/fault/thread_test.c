/*
** Threads: each with a connection of its own, and many with one connection in serialized
** mode.
*/
#include "fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 8
#define ROUNDS  60

static const char schema[] =
    "SELECT datastore_schema('"
    "type Post @model { id: ID! n: Int comments: [Comment] @connection(name: \"PC\") }"
    "type Comment @model { id: ID! n: Int post: Post @connection(name: \"PC\") }')";

typedef struct job {
    sqlite3 *db; /* shared, or NULL: one of its own */
    const char *path;
    int number;
    int errors;
} job;

static void attempt(job *j, sqlite3 *db, const char *sql) {
    char *error = NULL;
    if (run(db, sql, NULL, &error) != SQLITE_OK) {
        explain("thread %d: %s: %s", j->number, sql, error ? error : "");
        j->errors++;
    }
    free(error);
}

static void *work(void *argument) {
    job *j = argument;
    sqlite3 *db = j->db;
    char sql[300];
    if (db == NULL) {
        db = open_loaded(j->path, NULL);
        sqlite3_busy_timeout(db, 20000);
        must(db, "PRAGMA synchronous = OFF"); /* nobody waits for a disk */
    }
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO Post(id, n) VALUES ('p%d-%d', %d)",
                 j->number, i, i);
        attempt(j, db, sql);
        snprintf(sql, sizeof sql,
                 "INSERT INTO Comment(post, n) VALUES ('p%d-%d', 1), ('p%d-%d', 2)",
                 j->number, i, j->number, i);
        attempt(j, db, sql);
        attempt(j, db,
                "SELECT p.id, count(*) FROM Post p JOIN Comment c ON c.post = p.id"
                " GROUP BY 1 ORDER BY 1 DESC LIMIT 5");
        snprintf(sql, sizeof sql,
                 "SELECT datastore_save('Post', '{\"id\":\"p%d-%d\",\"n\":-1}')",
                 j->number, i);
        attempt(j, db, sql);
        snprintf(sql, sizeof sql,
                 "SELECT comments, _status FROM Post WHERE id = 'p%d-%d'", j->number, i);
        attempt(j, db, sql);
        if (i % 3 == 0) {
            snprintf(sql, sizeof sql, "DELETE FROM Post WHERE id = 'p%d-%d'", j->number,
                     i);
            attempt(j, db, sql);
        }
    }
    if (j->db == NULL && sqlite3_close(db) != SQLITE_OK) {
        j->errors++;
    }
    return NULL;
}

static int run_threads(int n, sqlite3 *shared, const char *path) {
    pthread_t threads[THREADS];
    job jobs[THREADS];
    int errors = 0;
    for (int i = 0; i < n; i++) {
        jobs[i] = (job){shared, path, i, 0};
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) {
            exit(1);
        }
    }
    for (int i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        errors += jobs[i].errors;
    }
    return errors;
}

/* Every third post was deleted again, with its two comments. */
static bool is_complete(sqlite3 *db, int n) {
    sqlite3_int64 kept = ROUNDS - (ROUNDS + 2) / 3;
    bool ok = number(db, "SELECT count(*) FROM Post WHERE n = -1") == n * kept &&
              number(db, "SELECT count(*) FROM Comment") == 2 * n * kept &&
              number(db, "SELECT count(*) FROM datastore_outbox WHERE op = 'create'") ==
                  3 * n * ROUNDS &&
              number(db, "SELECT count(*) FROM datastore_outbox WHERE op = 'update'") ==
                  n * ROUNDS &&
              number(db, "SELECT count(*) FROM datastore_outbox WHERE op = 'delete'") ==
                  3 * n * (ROUNDS - kept);
    if (!ok) {
        explain("rows or entries are missing");
    }
    return ok;
}

static void own_connections(void) {
    const char *folder = getenv("TMPDIR");
    char path[500];
    snprintf(path, sizeof path, "%s/threads.db", folder ? folder : "/tmp");
    sqlite3 *db = open_loaded(path, NULL);
    must(db, "PRAGMA journal_mode = wal; PRAGMA synchronous = OFF");
    must(db, schema);
    int errors = run_threads(2, NULL, path);
    verdict(errors == 0 && is_complete(db, 2), "two threads with a connection each");
    verdict(sqlite3_close(db) == SQLITE_OK, "the connection closes after the threads");
}

static void one_connection(void) {
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    if (sqlite3_open_v2(":memory:", &db, flags, NULL) != SQLITE_OK ||
        load(db, NULL) != SQLITE_OK) {
        exit(1);
    }
    must(db, schema);
    int errors = run_threads(THREADS, db, NULL);
    verdict(errors == 0 && is_complete(db, THREADS), "eight threads with one connection");
    verdict(sqlite3_close(db) == SQLITE_OK, "the shared connection closes");
}

int main(void) {
    own_connections();
    one_connection();
    return failed();
}

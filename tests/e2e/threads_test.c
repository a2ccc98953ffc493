/*
** One file, one engine, many threads: each has connections of its own, starts and stops, asks, writes, changes
** the configuration and closes, all at once. Built with VARIANT=tsan this is what ThreadSanitizer watches.
*/
#include "backend.h"

#include <pthread.h>

#include "func/func.h"
#include "table/table.h"

#define THREADS 6
#define ROUNDS  12

static char folder[] = "/tmp/datastore-threads-XXXXXX";
static char path[100];
static char schema[20000];

typedef struct job {
    int number;
    char error[DS_ERR_TEXT_MAX + 300];
} job;

/* ---- connections ------------------------------------------------------------------------------------ */

static sqlite3 *open_client(job *j) {
    sqlite3 *db = NULL;
    ds_store *store = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = sqlite3_open(path, &db);
    sqlite3_busy_timeout(db, PATIENCE_MS);
    rc = rc ? rc : ds_store_new(db, &store);
    rc = rc ? rc : ds_store_refresh(store, NULL, &err);
    rc = rc ? rc : ds_table_register(store, &err);
    rc = rc ? rc : ds_func_register(store, &err);
    ds_store_release(store);
    if (rc != SQLITE_OK) {
        snprintf(j->error, sizeof j->error, "open: %d %s", rc, err.text);
    }
    return db;
}

static void run(job *j, sqlite3 *db, const char *sql, const char *parameter) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    sqlite3_bind_text(s, 1, parameter, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
    }
    rc = rc ? rc : sqlite3_reset(s);
    if (rc != SQLITE_OK && j->error[0] == '\0') {
        snprintf(j->error, sizeof j->error, "%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_finalize(s);
}

static int64_t number_of(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW) {
        number = sqlite3_column_int64(s, 0);
    }
    sqlite3_finalize(s);
    return number;
}

static void configure(job *j, sqlite3 *db) {
    char text[500];
    snprintf(text, sizeof text,
             "{\"url\":\"%s\",\"realtimeUrl\":\"%s\",\"apiKey\":\"%s\"}", backend.url,
             backend.realtime, API_KEY);
    run(j, db, "SELECT datastore_configure(?1)", text);
}

/* ---- work ---------------------------------------------------------------------------------------------- */

static void *work(void *about) {
    job *j = about;
    char title[40];
    for (int i = 0; i < ROUNDS && j->error[0] == '\0'; i++) {
        sqlite3 *db = open_client(j);
        configure(j, db);
        run(j, db, "SELECT datastore_start()", NULL);
        run(j, db, "SELECT datastore_status()", NULL);
        snprintf(title, sizeof title, "%d of %d", i, j->number);
        run(j, db, "INSERT INTO Post(title, rating, status) VALUES (?1, 1, 'ACTIVE')",
            title);
        if (i % 4 == j->number % 4) {
            run(j, db, "SELECT datastore_stop()", NULL);
        } else if (i % 4 == 3 && j->number == 0) {
            run(j, db, "SELECT datastore_sync()", NULL);
        }
        sqlite3_sleep(5 * (j->number + i % 3));
        run(j, db, "SELECT datastore_status()", NULL);
        sqlite3_close(db);
    }
    return NULL;
}

static void test_all_at_once(void **state) {
    pthread_t threads[THREADS];
    job jobs[THREADS];
    (void)state;
    memset(jobs, 0, sizeof jobs);
    for (int i = 0; i < THREADS; i++) {
        jobs[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_string_equal(jobs[i].error, "");
    }
    job last = {.number = 0};
    sqlite3 *db = open_client(&last);
    configure(&last, db);
    run(&last, db, "SELECT datastore_start()", NULL);
    int64_t end = now_ms() + PATIENCE_MS;
    while (number_of(db, "SELECT count(*) FROM datastore_outbox") != 0 &&
           now_ms() < end) {
        sqlite3_sleep(20);
    }
    assert_string_equal(last.error, "");
    assert_int_equal(number_of(db, "SELECT count(*) FROM datastore_outbox"), 0);
    assert_int_equal(number_of(db, "SELECT count(*) FROM datastore_dead_letter"), 0);
    assert_int_equal(number_of(db, "SELECT count(*) FROM Post"), THREADS * ROUNDS);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Many at once with one connection, in SQLite's serialized mode. */
static sqlite3 *common;

static void *ask(void *about) {
    job *j = about;
    for (int i = 0; i < ROUNDS; i++) {
        run(j, common,
            i % 3 == j->number % 3 ? "SELECT datastore_stop()"
                                   : "SELECT datastore_start()",
            NULL);
        run(j, common, "SELECT datastore_status()", NULL);
    }
    return NULL;
}

static void test_one_connection(void **state) {
    pthread_t threads[THREADS];
    job jobs[THREADS];
    (void)state;
    memset(jobs, 0, sizeof jobs);
    common = open_client(&jobs[0]);
    configure(&jobs[0], common);
    for (int i = 0; i < THREADS; i++) {
        jobs[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_string_equal(jobs[i].error, "");
    }
    assert_int_equal(sqlite3_close(common), SQLITE_OK);
}

/* ---- before and after -------------------------------------------------------------------------------------- */

static int prepare(void **state) {
    job j = {.number = 0};
    if (backend_start(state) != 0 || mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/a.db", folder);
    FILE *file = fopen("schema/blog.graphql", "r");
    size_t length = file ? fread(schema, 1, sizeof schema - 1, file) : 0;
    if (file == NULL || length == 0) {
        return 1;
    }
    fclose(file);
    sqlite3 *db = open_client(&j);
    run(&j, db, "PRAGMA journal_mode = wal", NULL);
    run(&j, db, "SELECT datastore_schema(?1)", schema);
    sqlite3_close(db);
    return j.error[0] != '\0';
}

static int clean_up(void **state) {
    unlink(path);
    rmdir(folder);
    return backend_stop(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_one_connection),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}

/*
** The change feed from C: poll() on datastore_notify_fd(), a snapshot and what follows it, in one
** thread, while another connection writes. With several descriptors and signals as a host has them.
*/
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define N_ROWS      200

static int failures;
static volatile sig_atomic_t signals;
static pthread_t main_thread;
static volatile sig_atomic_t signals_elsewhere;

static void check(int is_right, const char *name) {
    printf("%s %s\n", is_right ? "ok" : "not ok", name);
    failures += !is_right;
}

static void on_signal(int number) {
    (void)number;
    signals++;
    signals_elsewhere += !pthread_equal(pthread_self(), main_thread);
}

static void must(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("not ok %s: %s\n", sql, message);
        exit(1);
    }
}

static sqlite3_int64 number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    sqlite3_int64 result = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        result = sqlite3_column_int64(statement, 0);
    }
    if (sqlite3_finalize(statement) != SQLITE_OK) {
        printf("# %s: %s\n", sql, sqlite3_errmsg(db));
    }
    return result;
}

static sqlite3 *open_loaded(const char *path) {
    const char *library = getenv("DATASTORE");
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_enable_load_extension(db, 1) != SQLITE_OK ||
        sqlite3_load_extension(db, library ? library : "dist/datastore", NULL,
                               &message) != SQLITE_OK) {
        printf("not ok open: %s\n", message ? message : sqlite3_errmsg(db));
        exit(1);
    }
    sqlite3_busy_timeout(db, PATIENCE_MS);
    must(db, "PRAGMA synchronous = OFF");
    return db;
}

static void *write_rows(void *path) {
    sqlite3 *db = open_loaded(path);
    for (int i = 0; i < N_ROWS; i++) {
        must(db, "INSERT INTO Post(title) VALUES ('x')");
    }
    sqlite3_close(db);
    return NULL;
}

/* The loop that the README shows; returns how many events it has seen. */
static int follow(sqlite3 *db, int fd, int wanted) {
    int seen = 0;
    while (seen < wanted) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, PATIENCE_MS) <= 0) {
            break;
        }
        seen += (int)number(db, "SELECT count(*) FROM datastore_events(1)");
    }
    return seen;
}

static int is_readable(int fd, int ms) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, ms) == 1;
}

/* Whoever is quick has read an event before the bell rings for it, and finds nothing then: at most for
** the ring that was on its way while the last event was written, and for that event's own. On a busy
** machine they may come late. */
static int settles(sqlite3 *db, int fd) {
    int rings = 0;
    for (int i = 0; i < 5; i++) {
        if (is_readable(fd, 200)) {
            rings++;
            if (number(db, "SELECT count(*) FROM datastore_events(1)") != 0) {
                return 0;
            }
        }
    }
    return rings <= 2;
}

static void test_poll(sqlite3 *db, char *path) {
    pthread_t writer;
    must(db, "SELECT datastore_observe('Post')");
    int fd = (int)number(db, "SELECT datastore_notify_fd()");
    check(fd >= 0, "there is a descriptor");
    check(!is_readable(fd, 0), "it is not readable without events");
    (void)pthread_create(&writer, NULL, write_rows, path);
    check(follow(db, fd, N_ROWS) == N_ROWS, "poll wakes for every event");
    (void)pthread_join(writer, NULL);
    check(settles(db, fd), "and no more when they are read");
}

/* The thread that watches for the descriptor takes no signal of the host's. */
static void test_signals(sqlite3 *db) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigaction(SIGUSR1, &action, NULL);
    (void)number(db, "SELECT datastore_notify_fd()");
    for (int i = 0; i < 50; i++) {
        (void)kill(getpid(), SIGUSR1);
    }
    check(signals > 0 && signals_elsewhere == 0, "signals go to the host's threads");
}

static void test_interrupt(sqlite3 *db) {
    char *message = NULL;
    sqlite3_interrupt(db); /* nothing runs: it has no effect */
    check(number(db, "SELECT datastore_wait('events', 0)") == 0,
          "a wait is not stopped by an old interrupt");
    check(sqlite3_exec(db, "SELECT datastore_wait('nothing', 0)", NULL, NULL, &message) ==
              SQLITE_ERROR,
          "an unknown condition is an error");
    sqlite3_free(message);
}

int main(void) {
    char folder[] = "/tmp/observe_test_XXXXXX", path[64];
    main_thread = pthread_self();
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/app.db", folder);
    sqlite3 *db = open_loaded(path);
    must(db, "PRAGMA journal_mode = WAL");
    must(db, "SELECT datastore_schema('type Post @model { id: ID! title: String }')");
    test_poll(db, path);
    test_signals(db);
    test_interrupt(db);
    check(sqlite3_close(db) == SQLITE_OK, "sqlite3_close closes, and ends the watching");
    db = open_loaded(path);
    check(number(db, "SELECT count(*) FROM datastore_subscriptions") == 0,
          "the subscription has ended with its connection");
    sqlite3_close(db);
    (void)unlink(path);
    (void)rmdir(folder);
    return failures != 0;
}

/*
** Places of files in a process: who is attached, and when a thread begins and ends.
*/
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "place.h"

#include "../child.h"

#include <sys/resource.h>
#include <sys/wait.h>

static ds_background_status status;

static ds_engine_state state_of(ds_background *place) {
    ds_background_read(place, &status);
    return status.state;
}

static void await_state(ds_background *place, ds_engine_state wanted) {
    int64_t end = ds_env_now_ms() + PATIENCE_MS;
    while (state_of(place) != wanted && ds_env_now_ms() < end) {
        sqlite3_sleep(5);
    }
    assert_int_equal(status.state, wanted);
}

static void start(ds_background *place) {
    int rc = ds_background_start(place, store, config, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
}

static bool stop(ds_background *place) {
    bool ran = false;
    assert_int_equal(ds_background_stop(place, store, &ran, &err), SQLITE_OK);
    return ran;
}

static ds_background *attach(sqlite3 *connection) {
    ds_background *place = NULL;
    assert_int_equal(ds_background_attach(connection, &place), SQLITE_OK);
    return place;
}

static void test_one_place_per_file(void **state) {
    sqlite3 *memory = NULL, *second = open_file(), *other = NULL;
    char name[120];
    (void)state;
    sqlite3_snprintf(sizeof name, name, "%s/b.db", folder);
    assert_int_equal(sqlite3_open(name, &other), SQLITE_OK);
    assert_int_equal(sqlite3_open(":memory:", &memory), SQLITE_OK);
    ds_background *a = attach(db), *b = attach(second), *c = attach(other);
    assert_non_null(a);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, c);
    assert_null(attach(memory));
    ds_background_detach(NULL);
    ds_background_detach(a);
    ds_background_detach(b);
    ds_background_detach(c);
    sqlite3_close(second);
    sqlite3_close(other);
    sqlite3_close(memory);
    unlink(name);
}

static void test_begin_and_end(void **state) {
    ds_background *place = attach(db);
    (void)state;
    assert_int_equal(state_of(place), DS_ENGINE_STOPPED);
    assert_false(stop(place));
    start(place);
    start(place);
    await_state(place, DS_ENGINE_RUNNING);
    assert_false(status.is_ready);
    assert_true(stop(place));
    assert_false(stop(place));
    assert_int_equal(state_of(place), DS_ENGINE_STOPPED);
    start(place);
    ds_background_detach(place); /* others are attached: it goes on */
    await_state(place, DS_ENGINE_RUNNING);
    assert_true(stop(place));
}

/* What is wrong is said, and nothing is lost. */
static void test_nobody_answers(void **state) {
    ds_background *place = attach(db);
    int64_t end = ds_env_now_ms() + PATIENCE_MS;
    (void)state;
    exec("INSERT INTO Note(id, text) VALUES ('a', 't')");
    start(place);
    do {
        sqlite3_sleep(5);
        (void)state_of(place);
    } while (status.error[0] == '\0' && ds_env_now_ms() < end);
    assert_string_not_equal(status.error, "");
    assert_false(status.is_online);
    assert_true(stop(place));
    exec("DELETE FROM Note WHERE id = 'a'"); /* it is not in flight any more */
    ds_background_detach(place);
}

static void test_pause(void **state) {
    ds_background *place = attach(db);
    char holder[DS_MAX_LEASE_OWNER];
    bool is_taken = false;
    (void)state;
    ds_background_pause(NULL);
    ds_background_pause(place);
    start(place);
    await_state(place, DS_ENGINE_STANDBY);
    assert_int_equal(ds_lease_take(store, "me", &is_taken, holder, &err), SQLITE_OK);
    assert_true(is_taken);
    ds_background_resume(place);
    sqlite3_sleep(50);
    assert_int_not_equal(state_of(place), DS_ENGINE_RUNNING);
    ds_lease_drop(store, "me");
    await_state(place, DS_ENGINE_RUNNING);
    ds_background_pause(place);
    await_state(place, DS_ENGINE_STANDBY);
    assert_int_equal(ds_lease_take(store, "me", &is_taken, holder, &err), SQLITE_OK);
    assert_true(is_taken);
    ds_lease_drop(store, "me");
    ds_background_resume(place);
    await_state(place, DS_ENGINE_RUNNING);
    ds_background_configure(place, config);
    await_state(place, DS_ENGINE_RUNNING);
    assert_true(stop(place));
    ds_background_configure(place, config); /* to nobody */
    ds_background_detach(place);
}

static void fails(ds_background *place, const char *json, const char *reason) {
    ds_config *other = config_of(json);
    assert_int_equal(ds_background_start(place, store, other, &err), SQLITE_ERROR);
    if (strstr(err.text, reason) == NULL) {
        fail_msg("%s", err.text);
    }
    err = (ds_err)DS_ERR_INIT;
    ds_config_release(other);
}

static void test_what_is_missing(void **state) {
    ds_background *place = attach(db);
    (void)state;
    fails(NULL, NOWHERE, "call datastore_sync");
    fails(place, "{\"apiKey\":\"k\"}", "no url is configured");
    fails(place, "{\"url\":\"http://127.0.0.1:1/graphql\"}",
          "no credential is configured");
    fails(place,
          "{\"url\":\"http://127.0.0.1:1/graphql\",\"apiKey\":\"k\",\"conflict\":\"f\"}",
          "SQL function");
    assert_int_equal(state_of(place), DS_ENGINE_STOPPED);
    ds_background_detach(place);
}

/* A child knows nothing of its parent's thread, and leaves it alone. */
static void in_child(ds_background *place) {
    bool ran = false;
    int bad = state_of(place) != DS_ENGINE_STOPPED;
    bad += ds_background_start(place, store, config, &err) != SQLITE_ERROR;
    bad += strstr(err.text, "before fork") == NULL;
    bad += ds_background_stop(place, store, &ran, &err) == SQLITE_OK || ran;
    ds_background_configure(place, config);
    ds_background_pause(place);
    ds_background_detach(place);
    end_child(bad == 0);
}

static void test_fork(void **state) {
    ds_background *place = attach(db);
    (void)state;
    start(place);
    for (int i = 0; i < 20; i++) {
        int status_of_child = 1;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            alarm(PATIENCE_MS / 1000);
            in_child(place);
        }
        assert_int_equal(waitpid(child, &status_of_child, 0), child);
        assert_int_equal(status_of_child, 0);
    }
    assert_true(stop(place));
    ds_background_detach(place);
}

static void test_no_descriptors(void **state) {
    struct rlimit before, none;
    ds_background *place = attach(db);
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = ds_background_start(place, store, config, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rc, SQLITE_CANTOPEN);
    assert_string_equal(err.text, "no file descriptors are left");
    assert_int_equal(state_of(place), DS_ENGINE_STOPPED);
    err = (ds_err)DS_ERR_INIT;
    start(place);
    assert_true(stop(place));
    ds_background_detach(place);
}

/* Not SQLITE_NOMEM, of which hosts show no text. */
static void test_no_threads(void **state) {
    pthread_attr_t before, huge;
    ds_background *place = attach(db);
    (void)state;
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 47), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    int rc = ds_background_start(place, store, config, &err);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    assert_int_equal(rc, SQLITE_CANTOPEN);
    assert_string_equal(err.text, "no thread can be started");
    assert_int_equal(state_of(place), DS_ENGINE_STOPPED);
    err = (ds_err)DS_ERR_INIT;
    start(place);
    assert_true(stop(place));
    ds_background_detach(place);
}

/* A thread that waits is not kept from that by commits, and is woken up by being told to end. */
static void test_commits_while_it_waits(void **state) {
    ds_background *place = attach(db);
    (void)state;
    start(place);
    ds_background_pause(place);
    await_state(place, DS_ENGINE_STANDBY);
    for (int i = 0; i < 50; i++) {
        exec("INSERT INTO Note(text) VALUES ('x')");
    }
    assert_int_equal(state_of(place), DS_ENGINE_STANDBY);
    assert_true(stop(place));
    ds_background_resume(place);
    ds_background_detach(place);
}

/* Also in a host that shares caches: what is written over it keeps nobody from reading. */
static void test_own_cache(void **state) {
    char name[120];
    sqlite3 *host = NULL, *own = NULL;
    (void)state;
    sqlite3_snprintf(sizeof name, name, "%s/b.db", folder);
    assert_int_equal(sqlite3_open_v2(name, &host,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                         SQLITE_OPEN_SHAREDCACHE,
                                     NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(host, "CREATE TABLE t(a)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_enable_shared_cache(1);
    int rc = ds_connection_open(name, NULL, &own);
    sqlite3_enable_shared_cache(0);
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(own, "BEGIN; INSERT INTO t VALUES (1)", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_exec(host, "SELECT a FROM t", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(own, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(own);
    sqlite3_close(host);
    unlink(name);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_place, teardown_place)
    const struct CMUnitTest tests[] = {
        TEST(test_one_place_per_file),     TEST(test_begin_and_end),
        TEST(test_nobody_answers),         TEST(test_pause),
        TEST(test_what_is_missing),        TEST(test_fork),
        TEST(test_no_descriptors),         TEST(test_no_threads),
        TEST(test_commits_while_it_waits), TEST(test_own_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

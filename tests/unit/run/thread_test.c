/*
** The thread: what it survives, and who sends.
*/
#include "place.h"

static ds_background *place;
static ds_background_status status;

static int setup(void **state) {
    (void)setup_place(state);
    return ds_background_attach(db, &place);
}

static int teardown(void **state) {
    bool ran = false;
    assert_int_equal(ds_background_stop(place, store, &ran, &err), SQLITE_OK);
    ds_background_detach(place);
    return teardown_place(state);
}

static void start(void) {
    assert_int_equal(ds_background_start(place, store, config, &err), SQLITE_OK);
}

static void await(bool (*is_so)(void)) {
    int64_t end = ds_env_now_ms() + PATIENCE_MS;
    do {
        sqlite3_sleep(5);
        ds_background_read(place, &status);
    } while (!is_so() && ds_env_now_ms() < end);
    if (!is_so()) {
        fail_msg("state %d, error \"%s\"", (int)status.state, status.error);
    }
}

static bool runs(void) {
    return status.state == DS_ENGINE_RUNNING;
}

static bool stands_by(void) {
    return status.state == DS_ENGINE_STANDBY;
}

static bool has_failed(void) {
    return status.state == DS_ENGINE_STARTING && status.error[0] != '\0';
}

static int64_t number_of(const char *sql) {
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    int64_t number =
        sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : INT64_MAX;
    sqlite3_finalize(s);
    return number;
}

/* Another process sends: this one says whom it waits for, and takes over. */
static void test_standby(void **state) {
    char holder[DS_MAX_LEASE_OWNER];
    bool is_taken = false;
    (void)state;
    assert_int_equal(ds_lease_take(store, "another", &is_taken, holder, &err), SQLITE_OK);
    start();
    await(stands_by);
    assert_string_equal(status.holder, "another");
    ds_lease_drop(store, "another");
    await(runs);
    assert_string_equal(status.holder, "");
}

/* The time of a holder who was killed is over soon. */
static void test_takes_over(void **state) {
    char sql[200];
    (void)state;
    sqlite3_snprintf(sizeof sql, sql,
                     "UPDATE datastore_session SET lease_owner = 'killed', "
                     "lease_expires_at = %lld",
                     ds_env_now_ms() + 300);
    exec(sql);
    start();
    await(runs);
}

/* This process slept for too long, and another one has the lease. */
static void test_lost(void **state) {
    (void)state;
    start();
    await(runs);
    exec("UPDATE datastore_session SET lease_owner = 'another', lease_expires_at = "
         "lease_expires_at + 1000");
    exec("INSERT INTO Note(id) VALUES ('a')"); /* something to do */
    await(stands_by);
    assert_string_equal(status.holder, "another");
}

static void test_the_lease_is_given_back(void **state) {
    bool ran = false;
    (void)state;
    start();
    await(runs);
    assert_int_equal(number_of("SELECT lease_owner IS NOT NULL FROM datastore_session"),
                     1);
    assert_int_equal(ds_background_stop(place, store, &ran, &err), SQLITE_OK);
    assert_true(ran);
    assert_int_equal(number_of("SELECT lease_owner IS NULL FROM datastore_session"), 1);
}

/* It ends at once, also while somebody keeps the file locked. */
static void test_stop_while_locked(void **state) {
    bool ran = false;
    (void)state;
    exec("BEGIN IMMEDIATE");
    start();
    sqlite3_sleep(50);
    int64_t begin = ds_env_now_ms();
    assert_int_equal(ds_background_stop(place, store, &ran, &err), SQLITE_OK);
    assert_true(ds_env_now_ms() - begin < 5000);
    exec("COMMIT");
}

/* A file that cannot be used is tried again, and said so. */
static void test_damage_and_repair(void **state) {
    (void)state;
    exec("UPDATE datastore_meta SET sdl = 'x' || sdl, generation = generation + 1");
    start();
    await(has_failed);
    exec("UPDATE datastore_meta SET sdl = substr(sdl, 2), generation = generation + 1");
    await(runs);
}

/* What fails again and again, each time after it has begun well, is tried more and more seldom; the reason is told
** all the time. */
static void test_pauses_grow(void **state) {
    (void)state;
    exec("CREATE TABLE sessions(n)");
    exec("CREATE TRIGGER count AFTER UPDATE OF lease_owner ON datastore_session "
         "WHEN OLD.lease_owner IS NULL BEGIN INSERT INTO sessions VALUES (1); END");
    exec("CREATE TRIGGER spoil BEFORE UPDATE ON datastore_sync_state "
         "BEGIN SELECT RAISE(ROLLBACK, 'spoilt'); END");
    start();
    await(has_failed);
    /* The pauses add up to 3.75 seconds until the fifth, at least. */
    for (int i = 0; i < 1500; i++) {
        ds_background_read(place, &status);
        assert_string_equal(status.error, "spoilt");
        sqlite3_sleep(2);
    }
    assert_true(number_of("SELECT count(*) FROM sessions") <= 4);
    exec("DROP TRIGGER spoil");
}

/* The clock is set back by an hour: nothing waits until it is as late again. */
static void test_the_clock_is_set_back(void **state) {
    int64_t late = ds_env_now_ms(), attempts = 0;
    (void)state;
    ds_env_set_clock(late);
    start();
    for (int i = 0; i < PATIENCE_MS / 5 && !runs(); i++) {
        sqlite3_sleep(5);
        ds_background_read(place, &status);
    }
    assert_true(runs());
    sqlite3_sleep(300); /* it has begun to wait for times */
    exec("INSERT INTO Note(id) VALUES ('a')");
    for (int i = 0; i < PATIENCE_MS / 5 && attempts == 0; i++) {
        ds_env_set_clock(late - 3600000 + 50 * i);
        sqlite3_sleep(5);
        attempts = number_of("SELECT attempts FROM datastore_outbox");
    }
    ds_env_set_clock(0);
    assert_true(attempts > 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_standby),
        TEST(test_takes_over),
        TEST(test_lost),
        TEST(test_the_lease_is_given_back),
        TEST(test_stop_while_locked),
        TEST(test_damage_and_repair),
        TEST(test_pauses_grow),
        TEST(test_the_clock_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

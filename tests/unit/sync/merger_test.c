/*
** The merger's transactions, on a file that others use as well, and without memory.
*/
#define _POSIX_C_SOURCE 200809L /* mkstemp */

#include "sync_test.h"

#include <unistd.h>

static const char schema[] =
    "type Post @model { id: ID! title: String"
    " comments: [Comment] @connection(name: \"PC\") }\n"
    "type Comment @model { id: ID! post: Post @connection(name: \"PC\") }\n";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    return 0;
}

/* ---- transactions ------------------------------------------------------------------------------- */

static void test_rolled_back(void **state) {
    (void)state;
    ds_token token = token_of("[{\"id\":\"a\",\"_version\":1}]");
    exec("INSERT INTO Post(id) VALUES ('mine')");
    begin();
    check_rows("SELECT applying FROM datastore_session", "1");
    check_rows("SELECT count(*) FROM datastore_mutations", "1");
    assert_int_equal(ds_merge_page(merger, model_of("Post"), &token, &counts, &err),
                     SQLITE_OK);
    assert_int_equal(ds_merger_end(merger, SQLITE_IOERR, &err), SQLITE_IOERR);
    check_rows("SELECT id FROM Post", "mine");
    check_rows("SELECT applying FROM datastore_session", "0");
    check_rows("SELECT count(*) FROM datastore_mutations", "0");
    check_rows(OUTBOX, "1|Post|mine|create|~|pending|0|~");
    /* Once more is nothing. */
    assert_int_equal(ds_merger_end(merger, SQLITE_OK, &err), SQLITE_OK);
}

static void test_inside_of_the_hosts(void **state) {
    (void)state;
    exec("BEGIN; INSERT INTO Post(id) VALUES ('mine')");
    begin();
    assert_int_equal(ds_merger_end(merger, SQLITE_OK, &err), SQLITE_OK);
    assert_int_equal(sqlite3_get_autocommit(db), 0);
    exec("ROLLBACK");
    check_rows(OUTBOX, "");
}

static void test_no_schema(void **state) {
    (void)state;
    sqlite3 *empty = NULL;
    ds_store *other = NULL;
    ds_merger *m = NULL;
    assert_int_equal(sqlite3_open(":memory:", &empty), SQLITE_OK);
    assert_int_equal(ds_store_new(empty, &other), SQLITE_OK);
    assert_int_equal(ds_merger_new(other, DS_POLICY_MERGE, NULL, NULL, &m, &err),
                     SQLITE_OK);
    assert_int_equal(ds_merger_begin(m, NULL, &err), SQLITE_ERROR);
    assert_string_equal(err.text,
                        "no schema is installed: call datastore_schema(sdl) first");
    assert_int_equal(sqlite3_get_autocommit(empty), 1);
    err = (ds_err)DS_ERR_INIT;
    ds_merger_free(m);
    ds_store_release(other);
    assert_int_equal(sqlite3_close(empty), SQLITE_OK);
    ds_merger_free(NULL);
}

/* Another connection holds the lock: nothing has happened, and it goes on later. */
static void test_busy(void **state) {
    (void)state;
    char path[] = "/tmp/datastore-merger-XXXXXX", *sql = NULL;
    sqlite3 *other = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    sql = sqlite3_mprintf("VACUUM INTO '%q'", path);
    unlink(path);
    exec(sql);
    sqlite3_free(sql);
    close_store();
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(ds_store_new(db, &store), SQLITE_OK);
    set_policy(DS_POLICY_MERGE, NULL);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ds_merger_begin(merger, NULL, &err) & 0xff, SQLITE_BUSY);
    assert_int_equal(sqlite3_get_autocommit(db), 1);
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    begin();
    end(SQLITE_OK);
    unlink(path);
}

/* The journal is emptied, but its numbers go on. */
static void test_absorbed(void **state) {
    (void)state;
    exec("INSERT INTO Post(id) VALUES ('a'), ('b')");
    begin();
    end(SQLITE_OK);
    check_rows("SELECT seq, model FROM datastore_journal", "2|~");
    exec("INSERT INTO Post(id) VALUES ('c')");
    check_rows("SELECT seq, id FROM datastore_outbox", "1|a\n2|b\n3|c");
    exec("DELETE FROM Post");
    begin();
    end(SQLITE_OK);
    check_rows(OUTBOX, "");
    exec("INSERT INTO Post(id) VALUES ('d')");
    check_rows("SELECT seq, id FROM datastore_outbox", "7|d");
}

/* What others have written to the journal does not stop what is ours. */
static void test_strange_entries(void **state) {
    (void)state;
    exec(
        "INSERT INTO datastore_journal(model, key, op) VALUES (99, 'x', 1), (1, NULL, 1),"
        " (1, x'00', 2), (1, 'a', 77), (2, 5.5, 3)");
    exec("INSERT INTO Post(id) VALUES ('fine')");
    check_take(9, "6 createPost {\"id\":\"fine\"}");
}

/* ---- without memory --------------------------------------------------------------------------------- */

static sqlite3_mem_methods memory;
static long countdown; /* until allocations fail, for ever; 0: never */

static bool is_over(void) {
    return countdown > 0 && --countdown == 0 ? (countdown = 1, true) : false;
}

static void *allocate(int size) {
    return is_over() ? NULL : memory.xMalloc(size);
}

static void *reallocate(void *old, int size) {
    return is_over() ? NULL : memory.xRealloc(old, size);
}

static int install_memory(void) {
    sqlite3_mem_methods ours;
    int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    ours = memory;
    ours.xMalloc = allocate;
    ours.xRealloc = reallocate;
    return rc == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) : rc;
}

/* Everything that is there, to be compared; not the events, which have a clock of their own. */
static char *content(void) {
    return rows_of(
        "SELECT group_concat(id || title || coalesce(_version, '~')) FROM Post"
        " UNION ALL SELECT group_concat(id || coalesce(post, '~')) FROM Comment"
        " UNION ALL SELECT group_concat(seq || model || id || op || state || attempts)"
        " FROM datastore_outbox"
        " UNION ALL SELECT group_concat(seq || model || id || op || error)"
        " FROM datastore_dead_letter"
        " UNION ALL SELECT group_concat(id || title || _version) FROM Post_base"
        " UNION ALL SELECT group_concat(key) FROM datastore_seen"
        " UNION ALL SELECT group_concat(coalesce(next_token, '~') || generation)"
        " FROM datastore_sync_state"
        " UNION ALL SELECT max(seq) FROM datastore_hub"
        " UNION ALL SELECT applying FROM datastore_session");
}

/* All that a cycle does, in one transaction. */
static int cycle(void) {
    ds_pull pull = {0};
    ds_batch batch = {0};
    ds_token items = token_of("[{\"id\":\"p\",\"title\":\"t2\",\"_version\":2},"
                              "{\"id\":\"q\",\"title\":\"new\",\"_version\":1},"
                              "{\"id\":\"r\",\"title\":\"r\",\"_version\":2,\"_deleted\":"
                              "true},{\"id\":\"bad\",\"title\":5}]");
    ds_token record = token_of("{\"id\":\"s\",\"title\":\"s9\",\"_version\":9}");
    const ds_take_limits limits = {9, 100000, NOW};
    const ds_page p = {&items, NULL, NOW, true, false};
    bool over, superseded;
    const ds_pull_wish wish = {.full_interval_ms = 1, .most = -1, .is_full = true};
    int rc = ds_merger_begin(merger, NULL, &err);
    const ds_answer a = {
        .seq = 1, .verdict = DS_VERDICT_CONFLICT, .record = &record, .response = "{}"};
    const ds_answer no = {.seq = 2, .verdict = DS_VERDICT_REFUSED, .error = "no"};
    rc = rc ? rc : ds_merge_answer(merger, &a, &counts, &err);
    rc = rc ? rc : ds_merge_answer(merger, &no, &counts, &err);
    rc = rc ? rc : ds_pull_begin(merger, model_of("Post"), &wish, &pull, &err);
    rc = rc ? rc : ds_pull_page(merger, &pull, &p, &over, &superseded, &err);
    rc = rc ? rc : ds_outbox_take(ds_merger_records(merger), &limits, &batch, &err);
    ds_batch_done(&batch);
    ds_pull_done(&pull);
    return ds_merger_end(merger, rc, &err);
}

static int setup_cycle(void **state) {
    (void)setup(state);
    page("Post", "[{\"id\":\"p\",\"title\":\"t0\",\"_version\":1},"
                 "{\"id\":\"r\",\"title\":\"r\",\"_version\":1},"
                 "{\"id\":\"s\",\"title\":\"s\",\"_version\":1},"
                 "{\"id\":\"swept\",\"title\":\"x\",\"_version\":1}]");
    exec("UPDATE Post SET title = 'mine' WHERE id = 's'");
    exec("INSERT INTO Post(id, title) VALUES ('refused', 'x')");
    check_take(9, "1 updatePost {\"id\":\"s\",\"title\":\"mine\",\"_version\":1}\n"
                  "2 createPost {\"id\":\"refused\",\"title\":\"x\"}");
    exec("UPDATE Post SET title = 't1' WHERE id = 'p'");
    exec("INSERT INTO Comment(id, post) VALUES ('held', 'refused'), ('free', NULL)");
    return 0;
}

/* At every allocation: an error and the content as before, or all of it. */
static void test_out_of_memory(void **state) {
    int rc = SQLITE_NOMEM;
    long n = 1;
    for (; rc != SQLITE_OK; n++) {
        char *before = content(), *after;
        set_policy(DS_POLICY_MERGE, NULL);
        countdown = n;
        rc = cycle();
        countdown = 0;
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        if (rc != SQLITE_OK) {
            after = content();
            assert_string_equal(after, before);
            sqlite3_free(after);
            assert_int_equal(sqlite3_get_autocommit(db), 1);
        }
        err = (ds_err)DS_ERR_INIT;
        sqlite3_free(before);
        assert_true(n < 100000);
    }
    assert_true(n > 100);
    check_rows("SELECT id, title, _version FROM Post ORDER BY id",
               "p|t1|2\nq|new|1\nrefused|x|~\ns|mine|9");
    check_rows("SELECT key, state FROM datastore_mutations ORDER BY seq",
               "s|1\nrefused|3\np|1\nheld|2\nfree|1");
    (void)state;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_rolled_back),
        TEST(test_inside_of_the_hosts),
        TEST(test_no_schema),
        TEST(test_busy),
        TEST(test_absorbed),
        TEST(test_strange_entries),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup_cycle, teardown_store),
    };
    if (install_memory() != SQLITE_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

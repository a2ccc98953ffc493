/*
** Requests in flight: kept connections, several at once, waiting, giving up.
*/
#include "server.h"

static void test_keeps_the_connection(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    int64_t connection = 0;
    for (int i = 1; i <= 3; i++) {
        ds_http_answer *answer = ask(http, plain("/echo"));
        check_answered(answer, 200);
        connection = i == 1 ? number_of(answer, "connection") : connection;
        assert_int_equal(number_of(answer, "connection"), connection);
        assert_int_equal(number_of(answer, "request"), i);
        ds_http_answer_free(answer);
    }
    ds_http_free(http);
}

static void test_several_at_once(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    unsigned seen = 0;
    for (int i = 0; i < 8; i++) {
        ds_http_request request = request_to(i, plain("/together/8"));
        start(http, &request);
        assert_int_equal(ds_http_pending(http), i + 1);
    }
    for (int i = 0; i < 8; i++) {
        ds_http_answer *answer = next_answer(http);
        check_answered(answer, 200);
        seen |= 1u << answer->id;
        ds_http_answer_free(answer);
    }
    assert_int_equal(seen, 0xFF);
    assert_int_equal(ds_http_pending(http), 0);
    ds_http_free(http);
}

/* The quick one does not wait for the slow one, whichever was started first. */
static void test_answers_as_they_come(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    ds_http_request slow = request_to(1, plain("/together/2"));
    start(http, &slow);
    ds_http_request quick = request_to(2, plain("/echo"));
    start(http, &quick);
    ds_http_answer *answer = next_answer(http);
    assert_int_equal(answer->id, 2);
    ds_http_answer_free(answer);
    ds_http_request other = request_to(3, plain("/together/2")); /* ends the wait */
    start(http, &other);
    for (int64_t ids = 1 + 3; ids > 0; ids -= answer->id, ds_http_answer_free(answer)) {
        answer = next_answer(http);
        check_answered(answer, 200);
    }
    ds_http_free(http);
}

/* Of some polls that nothing comes to, the shortest: the machine may be busy at one time or the other, and
** for a moment, but not for as long as the answer or its time-out takes. */
static int64_t least_poll(ds_http *http, int ms) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < 10; i++) {
        ds_http_answer *answer = NULL;
        ds_err err = DS_ERR_INIT;
        int64_t begin = now_ms();
        assert_int_equal(ds_http_poll(http, ms, &answer, &err), SQLITE_OK);
        assert_null(answer);
        int64_t took = now_ms() - begin;
        assert_true(took < 8000);
        least = took < least ? took : least;
    }
    return least;
}

/* What an interrupt depends on: no poll takes longer than it may. */
static void test_poll_is_short(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    options.request_timeout_ms = PATIENCE_MS;
    ds_http *http = open_http(&options);
    ds_http_request request = request_to(1, plain("/hang"));
    start(http, &request);
    assert_true(least_poll(http, 50) < 250);
    assert_true(least_poll(http, 0) < 40);
    ds_http_free(http);
}

/* With nothing in flight a poll is a pause. */
static void test_poll_of_nothing(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    ds_http_answer *answer = NULL;
    ds_err err = DS_ERR_INIT;
    int64_t begin = now_ms();
    assert_int_equal(ds_http_poll(http, 60, &answer, &err), SQLITE_OK);
    assert_true(now_ms() - begin >= 50);
    assert_null(answer);
    ds_http_free(http);
}

/* A name look-up cannot be stopped, but nobody need wait for it. */
static void test_slow_name(void **state) {
    (void)state;
    if (curl_version_info(CURLVERSION_NOW)->version_num < 0x075700) {
        skip(); /* libcurl waited for it before 7.87 */
    }
    ds_http_options options = usual_options();
    options.connect_timeout_ms = 200;
    ds_http *http = open_http(&options);
    atomic_store(&is_name_slow, true);
    ds_http_answer *answer = ask(http, "https://slow.test/graphql");
    check_failed(answer, DS_HTTP_TIMEOUT, "no connection to slow.test within 200 ms");
    assert_false(answer->was_sent);
    ds_http_answer_free(answer);
    ds_http_request request = request_to(1, "https://slow.test/graphql");
    start(http, &request);
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_http_poll(http, 50, &answer, &err), SQLITE_OK);
    assert_null(answer);
    ds_http_cancel(http, 1);
    ds_http_free(http);
    assert_true(atomic_load(&n_slow_names) > 0); /* nobody has waited for the first one */
    atomic_store(&is_name_slow, false);
    while (atomic_load(&n_slow_names) > 0) {
        pause_for(10);
    }
    pause_for(200); /* its threads end, or valgrind calls them lost */
}

static void test_cancel(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    for (int64_t id = 1; id <= 3; id++) {
        ds_http_request request = request_to(id, plain(id == 2 ? "/sleep/200" : "/hang"));
        start(http, &request);
    }
    ds_http_cancel(http, 3);
    ds_http_cancel(http, 1);
    ds_http_cancel(http, 77);
    assert_int_equal(ds_http_pending(http), 1);
    ds_http_answer *answer = next_answer(http);
    assert_int_equal(answer->id, 2);
    check_answered(answer, 200);
    ds_http_answer_free(answer);
    ds_http_free(http);
}

static int64_t connection_of_next(ds_http *http) {
    ds_http_answer *answer = ask(http, plain("/echo"));
    check_answered(answer, 200);
    int64_t connection = number_of(answer, "connection");
    ds_http_answer_free(answer);
    return connection;
}

/* Nothing of before is waited for, or used again. */
static void test_another_network(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    int64_t before = connection_of_next(http);
    ds_http_request request = request_to(1, plain("/hang"));
    start(http, &request);
    ds_http_answer *answer = NULL;
    ds_err err = DS_ERR_INIT;
    for (int i = 0; i < 10; i++) { /* it is sent meanwhile */
        assert_int_equal(ds_http_poll(http, 50, &answer, &err), SQLITE_OK);
        assert_null(answer);
    }
    ds_http_distrust(http);
    answer = next_answer(http);
    assert_int_equal(answer->id, 1);
    assert_int_equal(answer->failure, DS_HTTP_RESET);
    assert_true(answer->was_sent);
    ds_http_answer_free(answer);
    assert_int_equal(ds_http_pending(http), 0);
    assert_true(connection_of_next(http) > before);
    sqlite3_sleep(2200);
    int64_t later = connection_of_next(http);
    assert_true(later > before);
    assert_int_equal(connection_of_next(http), later);
    ds_http_free(http);
}

static void test_free_in_flight(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    int64_t begin = now_ms();
    for (int64_t id = 1; id <= 3; id++) {
        ds_http_request request = request_to(id, plain("/hang"));
        start(http, &request);
    }
    ds_http_free(http);
    ds_http_free(NULL);
    assert_true(now_ms() - begin < 8000);
}

static void test_too_many(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    ds_err err = DS_ERR_INIT;
    ds_http_request request = request_to(0, plain("/hang"));
    for (; request.id < DS_MAX_HTTP_REQUESTS; request.id++) {
        start(http, &request);
    }
    assert_int_equal(ds_http_start(http, &request, &err), SQLITE_FULL);
    assert_string_equal(err.text, "64 requests are in flight already");
    ds_http_cancel(http, 0);
    start(http, &request);
    ds_http_free(http);
}

/* A kept connection that dies under a request: libcurl would send it again by itself. */
static int64_t count_sends(const char *name, bool only_once) {
    char path[40], count[40];
    ds_http_options options = usual_options();
    ds_http *http = open_http(&options);
    snprintf(path, sizeof path, "/second/%s", name);
    snprintf(count, sizeof count, "/count/%s", name);
    ds_http_answer_free(ask(http, plain(path)));
    ds_http_request request = request_to(2, plain(path));
    request.only_once = only_once;
    start(http, &request);
    ds_http_answer *answer = next_answer(http);
    if (only_once) {
        check_failed(answer, DS_HTTP_RESET, "the connection to 127.0.0.1 ended before");
        assert_true(answer->was_sent);
    } else {
        check_answered(answer, 200);
    }
    ds_http_answer_free(answer);
    answer = ask(http, plain(count));
    int64_t sends = strtol(ds_buf_text(&answer->body), NULL, 10);
    ds_http_answer_free(answer);
    ds_http_free(http);
    return sends;
}

static void test_only_once(void **state) {
    (void)state;
    assert_int_equal(count_sends("query", false), 3);
    assert_int_equal(count_sends("mutation", true), 2);
}

/* Memory that is out gives up the request it struck, and nothing else. */
static void test_out_of_memory(void **state) {
    (void)state;
    ds_http_options options = usual_options();
    ds_http *http = NULL;
    ds_err err = DS_ERR_INIT;
    sqlite3_int64 used = sqlite3_memory_used();
    sqlite3_hard_heap_limit64(used + 1);
    int rc = ds_http_new(&options, &http, &err);
    sqlite3_hard_heap_limit64(0);
    assert_int_equal(rc, SQLITE_NOMEM);
    assert_null(http);
    http = open_http(&options);
    ds_http_request request = request_to(1, plain("/large/90000"));
    start(http, &request);
    ds_http_answer *answer = NULL;
    err = (ds_err)DS_ERR_INIT;
    sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1000);
    for (int64_t end = now_ms() + PATIENCE_MS;
         rc = ds_http_poll(http, 50, &answer, &err), rc == SQLITE_OK && now_ms() < end;) {
    }
    sqlite3_hard_heap_limit64(0);
    assert_int_equal(rc, SQLITE_NOMEM);
    assert_string_equal(err.text, "out of memory");
    assert_null(answer);
    assert_int_equal(ds_http_pending(http), 0);
    answer = ask(http, plain("/echo"));
    check_answered(answer, 200);
    ds_http_answer_free(answer);
    ds_http_free(http);
    assert_int_equal(sqlite3_memory_used(), used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_the_connection),
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_answers_as_they_come),
        cmocka_unit_test(test_poll_is_short),
        cmocka_unit_test(test_poll_of_nothing),
        cmocka_unit_test(test_slow_name),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_another_network),
        cmocka_unit_test(test_free_in_flight),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_only_once),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}

/*
** Where things stand in the body of an answer.
*/
#include "engine.h"

static ds_buf body;
static ds_found_page found;

static bool read_page(const char *text) {
    bool is_there = false;
    ds_page_done(&found);
    ds_buf_done(&body);
    ds_buf_init(&body, DS_MAX_JSON_BYTES);
    ds_buf_add(&body, text);
    assert_int_equal(ds_page_read(&body, "syncNotes", &found, &is_there, &err),
                     SQLITE_OK);
    return is_there;
}

static int free_page(void **state) {
    (void)state;
    ds_page_done(&found);
    ds_buf_done(&body);
    return 0;
}

static void test_page(void **state) {
    (void)state;
    assert_true(
        read_page("{\"errors\":[{\"data\":1}],\"data\":{\"other\":{\"items\":[]},"
                  "\"syncNotes\":{\"startedAt\":12,\"more\":{},\"items\":[1,[2,3],{}],"
                  "\"nextToken\":\"a\\\"\\u00e9\\/\"}}}"));
    assert_int_equal(found.n_items, 3);
    assert_int_equal(found.started_at, 12);
    assert_string_equal(found.next_token, "a\"\xC3\xA9/");
    assert_int_equal(found.items.length, strlen("[1,[2,3],{}]"));
    assert_true(read_page("{\"data\":{\"syncNotes\":{\"items\":[]}}}"));
    assert_int_equal(found.n_items, 0);
    assert_int_equal(found.started_at, 0);
    assert_null(found.next_token);
    assert_true(read_page("{\"data\":{\"syncNotes\":{\"items\":[null],\"nextToken\":null,"
                          "\"startedAt\":null}}}"));
    assert_int_equal(found.n_items, 1);
    assert_int_equal(found.started_at, 0);
}

static void test_no_page(void **state) {
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"data\":null}",
        "{\"data\":[]}",
        "{\"data\":{}}",
        "{\"data\":{\"syncNotes\":null}}",
        "{\"data\":{\"syncNotes\":[]}}",
        "{\"data\":{\"syncNotes\":{}}}",
        "{\"data\":{\"syncNotes\":{\"items\":null,\"nextToken\":\"t\"}}}",
        "{\"data\":{\"syncNotes\":{\"items\":{},\"nextToken\":\"t\"}}}",
        "{\"data\":{\"syncNotes\":{\"nextToken\":\"t\"}}}",
        "{\"data\":{\"syncNotes\":{\"items\":[],\"nextToken\":1}}}", /* is it the last? */
        "{\"data\":{\"syncNotes\":{\"items\":[],\"nextToken\":{}}}}",
        "{\"data\":{\"syncNotes\":{\"items\":[],\"nextToken\":\"t\"",
        "{\"data\":{\"syncNotes\":{\"items\":[1,",
        "{\"data\":{\"syncNote\":{\"items\":[]}}}",
    };
    (void)state;
    for (size_t i = 0; i < DS_COUNT(texts); i++) {
        if (read_page(texts[i])) {
            print_error("%s\n", texts[i]);
        }
        assert_false(read_page(texts[i]));
    }
}

static void test_fields(void **state) {
    static const char *const names[] = {"m0", "m1", "m2", "m10"};
    ds_token tokens[4];
    (void)state;
    memset(tokens, 0, sizeof tokens);
    (void)read_page(
        "{\"data\":{\"m1\":null,\"m10\":{\"id\":1},\"x\":5,\"m0\":7},\"m2\":3}");
    ds_page_fields(&body, names, 4, tokens);
    assert_int_equal(tokens[0].kind, '0');
    assert_int_equal(tokens[1].kind, 0);
    assert_int_equal(tokens[2].kind, 0);
    assert_int_equal(tokens[3].length, strlen("{\"id\":1}"));
    memset(tokens, 0, sizeof tokens);
    (void)read_page("{\"data\":null}");
    ds_page_fields(&body, names, 4, tokens);
    assert_int_equal(tokens[0].kind, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page),
                                       cmocka_unit_test(test_no_page),
                                       cmocka_unit_test(test_fields)};
    return cmocka_run_group_tests(tests, NULL, free_page);
}

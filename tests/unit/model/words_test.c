/*
** Names and lists of names.
*/
#include "catalog.h"

static int set_up(void **state) {
    *state = ds_arena_new();
    return *state == NULL;
}

static int tear_down(void **state) {
    ds_arena_free(*state);
    return 0;
}

static const char *const abc[] = {"a", "b", "c"};
static const ds_words three = {abc, 3};
static const ds_words none = {NULL, 0};

static void test_new(void **state) {
    const char **words = ds_words_new(*state, 2);
    assert_null(words[0]);
    assert_null(words[1]);
    assert_non_null(ds_words_new(*state, 0));
}

static void test_parts(void **state) {
    ds_words one = ds_words_one(*state, "x");
    assert_int_equal(one.n, 1);
    assert_string_equal(one.items[0], "x");
    assert_int_equal(ds_words_first(three, 2).n, 2);
    assert_int_equal(ds_words_first(three, 3).n, 3);
    assert_int_equal(ds_words_first(three, 9).n, 3);
    assert_int_equal(ds_words_first(none, 1).n, 0);
}

static void test_text(void **state) {
    assert_string_equal(ds_words_text(*state, three), "a, b, c");
    assert_string_equal(ds_words_text(*state, ds_words_first(three, 1)), "a");
    assert_string_equal(ds_words_text(*state, none), "");
}

static void test_compare(void **state) {
    (void)state;
    static const char *const other[] = {"a", "b", "d"};
    assert_true(ds_words_equal(three, three));
    assert_true(ds_words_equal(none, none));
    assert_false(ds_words_equal(three, none));
    assert_false(ds_words_equal(three, (ds_words){other, 3}));
    assert_true(ds_words_equal(ds_words_first(three, 2), (ds_words){other, 2}));
    assert_true(ds_words_have(three, "c"));
    assert_false(ds_words_have(three, "C"));
    assert_false(ds_words_have(none, "a"));
}

static void test_is_name(void **state) {
    (void)state;
    static const char *const names[] = {"a", "_", "A9_z", "__typename"};
    static const char *const others[] = {"",    "9a",  "a b",     "a-b",
                                         "a.b", "a\"", "\xC3\x84"};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        assert_true(ds_word_is_name(names[i]));
    }
    for (size_t i = 0; i < DS_COUNT(others); i++) {
        assert_false(ds_word_is_name(others[i]));
    }
}

static void test_memory_is_out(void **state) {
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    assert_string_equal(ds_words_text(*state, three), "");
    assert_int_equal(ds_words_one(*state, "x").n, 0);
    assert_null(ds_words_new(*state, 1));
    sqlite3_hard_heap_limit64(limit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_is_name),
        cmocka_unit_test_setup_teardown(test_memory_is_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

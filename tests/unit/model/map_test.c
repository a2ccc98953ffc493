/*
** The map from names to things: growth, case, and what is never found.
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

static void test_empty(void **state) {
    ds_map map;
    ds_map_init(&map, *state, false);
    assert_null(ds_map_get(&map, "a"));
    assert_null(ds_map_get(&map, ""));
}

static void test_many_names(void **state) {
    static int things[5000];
    ds_map map;
    ds_map_init(&map, *state, false);
    for (int i = 0; i < 5000; i++) {
        const char *name = ds_arena_printf(*state, "name%d", i);
        assert_null(ds_map_get(&map, name));
        ds_map_put(&map, name, &things[i]);
    }
    assert_int_equal(map.count, 5000);
    for (int i = 0; i < 5000; i++) {
        const char *name = ds_arena_printf(*state, "name%d", i);
        assert_ptr_equal(ds_map_get(&map, name), &things[i]);
    }
    assert_null(ds_map_get(&map, "name5000"));
}

static void test_first_one_stays(void **state) {
    int a = 0, b = 0;
    ds_map map;
    ds_map_init(&map, *state, false);
    ds_map_put(&map, "x", &a);
    ds_map_put(&map, "x", &b);
    assert_ptr_equal(ds_map_get(&map, "x"), &a);
    assert_int_equal(map.count, 1);
}

/* As in SQLite's identifiers, only ASCII letters have a case. */
static void test_case(void **state) {
    int thing = 0;
    ds_map exact, folded;
    ds_map_init(&exact, *state, false);
    ds_map_init(&folded, *state, true);
    ds_map_put(&exact, "Post_Z\xC3\x84[", &thing);
    ds_map_put(&folded, "Post_Z\xC3\x84[", &thing);
    assert_null(ds_map_get(&exact, "post_z\xC3\x84["));
    assert_ptr_equal(ds_map_get(&folded, "pOST_z\xC3\x84["), &thing);
    assert_null(ds_map_get(&folded, "pOST_z\xC3\xA4["));
    assert_null(ds_map_get(&folded, "pOST_z\xC3\x84{"));
}

static void test_memory_is_out(void **state) {
    int thing = 0;
    ds_map map;
    ds_map_init(&map, *state, false);
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    for (int i = 0; i < 100 && !ds_arena_failed(*state); i++) {
        ds_map_put(&map,
                   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
                   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz" +
                       i,
                   &thing);
    }
    sqlite3_hard_heap_limit64(limit);
    assert_true(ds_arena_failed(*state));
    ds_map_put(&map, "late", &thing);
    assert_null(ds_map_get(&map, "never"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_one_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory_is_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The arena: alignment, zeroing, large requests and its sticky failure.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static void test_is_zeroed_and_aligned(void **state) {
    (void)state;
    ds_arena *arena = ds_arena_new();
    assert_non_null(arena);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *memory = ds_arena_alloc(arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xAB, size);
    }
    assert_false(ds_arena_failed(arena));
    ds_arena_free(arena);
}

static void test_objects_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    ds_arena *arena = ds_arena_new();
    static int *numbers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        numbers[i] = ds_arena_alloc(arena, sizeof(int));
        *numbers[i] = i;
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(*numbers[i], i);
    }
    ds_arena_free(arena);
}

static void test_large(void **state) {
    (void)state;
    ds_arena *arena = ds_arena_new();
    char *before = ds_arena_text(arena, "before", 6);
    size_t size = 1000 * 1000;
    unsigned char *large = ds_arena_alloc(arena, size);
    assert_non_null(large);
    memset(large, 1, size);
    char *after = ds_arena_text(arena, "after", 5);
    assert_string_equal(before, "before");
    assert_string_equal(after, "after");
    ds_arena_free(arena);
}

static void test_texts(void **state) {
    (void)state;
    ds_arena *arena = ds_arena_new();
    assert_string_equal(ds_arena_text(arena, "abcdef", 3), "abc");
    assert_string_equal(ds_arena_text(arena, NULL, 0), "");
    assert_memory_equal(ds_arena_text(arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(ds_arena_printf(arena, "%s-%d-%w", "x", 5, "a\"b"), "x-5-a\"\"b");
    ds_arena_free(arena);
}

static void test_failure_sticks(void **state) {
    (void)state;
    ds_arena *arena = ds_arena_new();
    assert_null(ds_arena_alloc(arena, SIZE_MAX - 3));
    assert_true(ds_arena_failed(arena));
    assert_null(ds_arena_alloc(arena, 1));
    assert_null(ds_arena_text(arena, "x", 1));
    assert_null(ds_arena_printf(arena, "x"));
    ds_arena_free(arena);
    ds_arena_free(NULL);
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_arena *arena = ds_arena_new();
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1);
    assert_null(ds_arena_alloc(arena, 100));
    assert_true(ds_arena_failed(arena));
    sqlite3_hard_heap_limit64(limit);
    assert_null(ds_arena_alloc(arena, 100));
    ds_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_zeroed_and_aligned),
        cmocka_unit_test(test_objects_do_not_overlap),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_failure_sticks),
        cmocka_unit_test(test_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

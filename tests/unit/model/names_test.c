/*
** First letters and names of foreign keys.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model.h"

static int set_up(void **state) {
    *state = ds_arena_new();
    return *state == NULL;
}

static int tear_down(void **state) {
    ds_arena_free(*state);
    return 0;
}

static void test_first_letter(void **state) {
    ds_arena *arena = *state;
    assert_string_equal(ds_name_capital(arena, "blog_post"), "Blog_post");
    assert_string_equal(ds_name_capital(arena, "URL"), "URL");
    assert_string_equal(ds_name_capital(arena, "zeta"), "Zeta");
    assert_string_equal(ds_name_capital(arena, "_x"), "_x");
    assert_string_equal(ds_name_capital(arena, ""), "");
    assert_string_equal(ds_name_lower(arena, "BlogPost"), "blogPost");
    assert_string_equal(ds_name_lower(arena, "URL"), "uRL");
    assert_string_equal(ds_name_lower(arena, "Zeta"), "zeta");
    assert_string_equal(ds_name_lower(arena, "_X"), "_X");
    assert_string_equal(ds_name_lower(arena, ""), "");
}

static void test_camel(void **state) {
    ds_arena *arena = *state;
    assert_string_equal(ds_name_camel(arena, "Comment", "post", "id"), "commentPostId");
    assert_string_equal(ds_name_camel(arena, "blog_post", "tags", "id"),
                        "blog_postTagsId");
    assert_string_equal(ds_name_camel(arena, "TAG", "URL", "iD"), "tAGURLID");
}

static void test_camel_skips_empty_parts(void **state) {
    ds_arena *arena = *state;
    assert_string_equal(ds_name_camel(arena, "post", "id", ""), "postId");
    assert_string_equal(ds_name_camel(arena, "post", "", "id"), "postId");
    assert_string_equal(ds_name_camel(arena, "Post", "", ""), "post");
}

static void test_out_of_memory(void **state) {
    ds_arena *arena = *state;
    assert_null(ds_arena_alloc(arena, SIZE_MAX)); /* and so is what follows */
    assert_null(ds_name_capital(arena, "post"));
    assert_null(ds_name_lower(arena, "Post"));
    assert_null(ds_name_camel(arena, "post", "id", ""));
    assert_null(ds_name_plural(arena, "Post"));
    assert_null(ds_name_plural(arena, "Goose"));
    assert_null(ds_name_plural(arena, "News"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_letter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_camel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_camel_skips_empty_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

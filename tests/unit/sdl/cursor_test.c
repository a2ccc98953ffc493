/*
** How the parser moves and what it says where it stops.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sdl/sdl_int.h"

static ds_err err;
static ds_sdl_parser parser;

static void start(const char *text) {
    err = (ds_err)DS_ERR_INIT;
    parser = (ds_sdl_parser){0};
    ds_arena *arena = ds_arena_new();
    assert_int_equal(ds_sdl_lex_start(&parser.lexer, text, strlen(text), arena, &err),
                     SQLITE_OK);
    ds_sdl_advance(&parser);
}

static int finish(void **state) {
    (void)state;
    ds_arena_free(parser.lexer.arena);
    return 0;
}

static void test_moves(void **state) {
    (void)state;
    start("type ( )");
    assert_true(ds_sdl_at_word(&parser, "type"));
    assert_false(ds_sdl_at_word(&parser, "typ"));
    assert_false(ds_sdl_at(&parser, 't'));
    assert_string_equal(ds_sdl_expect_name(&parser, "a name"), "type");
    assert_false(ds_sdl_accept(&parser, ')'));
    assert_true(ds_sdl_accept(&parser, '('));
    assert_true(ds_sdl_expect(&parser, ')', "\"(\"", NULL));
    assert_int_equal(parser.token.kind, DS_SDL_TOKEN_END);
    assert_int_equal(parser.rc, SQLITE_OK);
}

static void test_is_sticky(void **state) {
    (void)state;
    start("a b");
    ds_sdl_fail_found(&parser, "expected %d", 1);
    assert_int_equal(parser.rc, SQLITE_ERROR);
    assert_string_equal(err.text, "schema line 1, column 1: expected 1, found \"a\"");
    assert_false(ds_sdl_at_word(&parser, "a"));
    assert_null(ds_sdl_expect_name(&parser, "a name"));
    assert_false(ds_sdl_expect(&parser, ':', "b", NULL));
    assert_null(ds_sdl_new(&parser, 1));
    ds_sdl_fail_word(&parser, "unexpected", NULL, 0);
    ds_sdl_advance(&parser);
    assert_int_equal(parser.token.kind, DS_SDL_TOKEN_END);
    assert_string_equal(err.text, "schema line 1, column 1: expected 1, found \"a\"");
}

static void test_stops_at_the_lexer(void **state) {
    (void)state;
    start("a ; b");
    ds_sdl_advance(&parser);
    assert_int_equal(parser.rc, SQLITE_ERROR);
    assert_int_equal(parser.token.kind, DS_SDL_TOKEN_END);
}

static void test_cuts_what_was_found(void **state) {
    (void)state;
    start("123456789012345678901234567890123456789012345678901234567890");
    ds_sdl_fail_found(&parser, "expected a name");
    assert_string_equal(
        err.text, "schema line 1, column 1: expected a name, found "
                  "\"12345678901234567890123456789012345678901234567890123456\"...");
}

static void test_memory_is_out(void **state) {
    (void)state;
    start("a");
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    assert_null(ds_sdl_new(&parser, 100000));
    sqlite3_hard_heap_limit64(limit);
    assert_int_equal(parser.rc, SQLITE_NOMEM);
    assert_string_equal(err.text, "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_moves, finish),
        cmocka_unit_test_teardown(test_is_sticky, finish),
        cmocka_unit_test_teardown(test_stops_at_the_lexer, finish),
        cmocka_unit_test_teardown(test_cuts_what_was_found, finish),
        cmocka_unit_test_teardown(test_memory_is_out, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

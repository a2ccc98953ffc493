/*
** Strings and block strings.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sdl/sdl_int.h"

static void check_bytes(const char *text, ds_sdl_token_kind kind, const char *expected,
                        size_t length) {
    ds_sdl_lexer lexer;
    ds_sdl_token token = {0};
    ds_err err = DS_ERR_INIT;
    ds_arena *arena = ds_arena_new();
    assert_int_equal(ds_sdl_lex_start(&lexer, text, strlen(text), arena, &err),
                     SQLITE_OK);
    int rc = ds_sdl_lex_next(&lexer, &token);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(token.kind, kind);
    assert_int_equal(token.length, length);
    assert_memory_equal(token.text, expected, length + 1);
    assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
    assert_int_equal(token.kind, DS_SDL_TOKEN_END);
    ds_arena_free(arena);
}

#define QUOTED(text, expected)                                                           \
    check_bytes(text, DS_SDL_TOKEN_STRING, expected, sizeof(expected) - 1)
#define BLOCK(text, expected)                                                            \
    check_bytes("\"\"\"" text "\"\"\"", DS_SDL_TOKEN_BLOCK_STRING, expected,             \
                sizeof(expected) - 1)

static void check_refused(const char *text, const char *message) {
    ds_sdl_lexer lexer;
    ds_sdl_token token;
    ds_err err = DS_ERR_INIT;
    ds_arena *arena = ds_arena_new();
    assert_int_equal(ds_sdl_lex_start(&lexer, text, strlen(text), arena, &err),
                     SQLITE_OK);
    assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_ERROR);
    assert_string_equal(err.text, message);
    ds_arena_free(arena);
}

static void test_quoted(void **state) {
    (void)state;
    QUOTED("\"\"", "");
    QUOTED("\"it's # no comment\"", "it's # no comment");
    QUOTED("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    QUOTED("\"\\\\\"", "\\");
    QUOTED("\"tab\there\"", "tab\there");
}

static void test_unicode(void **state) {
    (void)state;
    QUOTED("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"",
           "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    QUOTED("\"a\\u0000b\"", "a\0b");
    QUOTED("\"\\uFFFF\\uDBFF\\uDFFF\"", "\xEF\xBF\xBF\xF4\x8F\xBF\xBF");
    check_refused("\"\\u00g0\"", "schema line 1, column 2: four hexadecimal digits must "
                                 "follow \"\\u\"");
    check_refused("\"\\u00\"", "schema line 1, column 2: four hexadecimal digits must "
                               "follow \"\\u\"");
    const char *half = "schema line 1, column 3: half of a surrogate pair in a string";
    check_refused("\"x\\uDE00\"", half);
    check_refused("\"x\\uD83D\"", half);
    check_refused("\"x\\uD83D\\u0041\"", half);
}

static void test_quoted_refused(void **state) {
    (void)state;
    check_refused("  \"abc", "schema line 1, column 3: unterminated string");
    check_refused("\"abc\n\"", "schema line 1, column 1: unterminated string");
    check_refused("\"abc\\\n\"", "schema line 1, column 1: unterminated string");
    check_refused("\"abc\\\"", "schema line 1, column 1: unterminated string");
    check_refused("\"abc\\", "schema line 1, column 1: unterminated string");
    check_refused("\"a\\x\"",
                  "schema line 1, column 3: unknown escape \"\\x\" in a string");
    check_refused("\"a\\\xC3\xA9\"",
                  "schema line 1, column 3: unknown escape in a string");
    check_refused("\"a\x01\"", "schema line 1, column 3: control character U+0001 in a "
                               "string");
}

static void test_block(void **state) {
    (void)state;
    BLOCK("", "");
    BLOCK("  \n \t \n", "");
    BLOCK("one line", "one line");
    BLOCK("  kept ", "  kept ");
    BLOCK("say \"hi\" \\n \\\"\"\" ok", "say \"hi\" \\n \"\"\" ok");
    BLOCK("\\\\\"\"\"", "\\\"\"\"");
}

static void test_block_indent(void **state) {
    (void)state;
    BLOCK("\n    a\n      b\n\n    c\n  ", "a\n  b\n\nc");
    BLOCK("a\n    b\n   c", "a\n b\nc");
    BLOCK("   a\n  b", "   a\nb");
    BLOCK("\n\ta\n\t\tb", "a\n\tb");
    BLOCK("\n  a\n     \n  b", "a\n   \nb");
    BLOCK("\n  a\n \n  b", "a\n\nb");
    BLOCK("\n\n  a\n\n", "a");
}

static void test_block_line_ends(void **state) {
    (void)state;
    BLOCK("\r\n  a\r  b\n  c\r\n\r\n", "a\nb\nc");
}

static void test_block_places(void **state) {
    (void)state;
    const char *text = "\"\"\"a\r\nb\rc\"\"\" x";
    ds_sdl_lexer lexer;
    ds_sdl_token token;
    ds_arena *arena = ds_arena_new();
    assert_int_equal(ds_sdl_lex_start(&lexer, text, strlen(text), arena, NULL),
                     SQLITE_OK);
    assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
    assert_int_equal(token.pos.line, 1);
    assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
    assert_int_equal(token.pos.line, 3);
    assert_int_equal(token.pos.column, 6);
    ds_arena_free(arena);
}

static void test_block_refused(void **state) {
    (void)state;
    check_refused("\n\"\"\"abc\n\"\"",
                  "schema line 2, column 1: unterminated block string");
    check_refused("\"\"\"abc\\\"\"\"",
                  "schema line 1, column 1: unterminated block string");
    check_refused("\"\"\"\na\x02\"\"\"",
                  "schema line 2, column 2: control character U+0002 in a string");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quoted),         cmocka_unit_test(test_unicode),
        cmocka_unit_test(test_quoted_refused), cmocka_unit_test(test_block),
        cmocka_unit_test(test_block_indent),   cmocka_unit_test(test_block_line_ends),
        cmocka_unit_test(test_block_places),   cmocka_unit_test(test_block_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Strings in print: as a block where that is read as the same text, else quoted.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sdl/sdl_int.h"

/* Print a block string of this text and read it again. */
static void check_bytes(const char *text, size_t length, const char *expected) {
    ds_sdl_value value = {
        .kind = DS_SDL_STRING, .is_block = true, .text = text, .length = length};
    ds_sdl_lexer lexer;
    ds_sdl_token token;
    ds_buf buf;
    ds_arena *arena = ds_arena_new();
    ds_buf_init(&buf, 1000);
    ds_sdl_print_value(&value, 4, &buf);
    assert_string_equal(ds_buf_text(&buf), expected);
    assert_int_equal(ds_sdl_lex_start(&lexer, buf.data, buf.length, arena, NULL),
                     SQLITE_OK);
    assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
    assert_int_equal(token.length, length);
    assert_memory_equal(token.text, text, length);
    ds_buf_done(&buf);
    ds_arena_free(arena);
}

#define CHECK(text, expected) check_bytes(text, sizeof(text) - 1, expected)
#define Q                     "\"\"\""

static void test_one_line(void **state) {
    (void)state;
    CHECK("", Q Q);
    CHECK("text", Q "text" Q);
    CHECK("a \"b\" c", Q "a \"b\" c" Q);
    CHECK("\"b\" c", Q "\"b\" c" Q);
    CHECK("a " Q " b", Q "a \\" Q " b" Q);
    CHECK("a \\" Q " b", Q "a \\\\" Q " b" Q);
    CHECK("a ", Q "a " Q);
}

static void test_lines(void **state) {
    (void)state;
    CHECK("a\n  b\n\nc", Q "\n    a\n      b\n\n    c\n    " Q);
    CHECK("a\n   \nb", Q "\n    a\n       \n    b\n    " Q);
    CHECK("  a\nb", Q "\n      a\n    b\n    " Q);
    CHECK("a\"", Q "\n    a\"\n    " Q);
    CHECK("a\\", Q "\n    a\\\n    " Q);
    CHECK("a\n\"\"\"\"", Q "\n    a\n    \\\"\"\"\"\n    " Q);
}

static void test_quoted_instead(void **state) {
    (void)state;
    CHECK(" ", "\" \"");
    CHECK(" a", "\" a\"");
    CHECK(" a\n b", "\" a\\n b\"");
    CHECK("\na", "\"\\na\"");
    CHECK("a\n", "\"a\\n\"");
    CHECK("a\n \t", "\"a\\n \\t\"");
    CHECK("a\r\nb", "\"a\\r\\nb\"");
    CHECK("a\0b", "\"a\\u0000b\"");
}

static void test_quoted(void **state) {
    (void)state;
    ds_sdl_value value = {.kind = DS_SDL_STRING, .text = "a\n\"b\"", .length = 5};
    ds_buf buf;
    ds_buf_init(&buf, 100);
    ds_sdl_print_value(&value, 0, &buf);
    assert_string_equal(ds_buf_text(&buf), "\"a\\n\\\"b\\\"\"");
    ds_buf_done(&buf);
}

static void test_description(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100);
    ds_sdl_print_description(NULL, 2, &buf);
    assert_string_equal(ds_buf_text(&buf), "");
    ds_sdl_print_description("a\nb", 2, &buf);
    assert_string_equal(ds_buf_text(&buf), "  " Q "\n  a\n  b\n  " Q "\n");
    ds_buf_done(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line),       cmocka_unit_test(test_lines),
        cmocka_unit_test(test_quoted_instead), cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_description),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

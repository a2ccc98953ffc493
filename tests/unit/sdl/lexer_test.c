/*
** Tokens and their places.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sdl/sdl_int.h"

typedef struct expectation {
    ds_sdl_token_kind kind;
    const char *text;
    int line;
    int column;
} expectation;

static void check(const char *text, const expectation *expected, size_t count) {
    ds_sdl_lexer lexer;
    ds_sdl_token token;
    ds_err err = DS_ERR_INIT;
    ds_arena *arena = ds_arena_new();
    assert_int_equal(ds_sdl_lex_start(&lexer, text, strlen(text), arena, &err),
                     SQLITE_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
        assert_int_equal(token.kind, expected[i].kind);
        assert_string_equal(token.text, expected[i].text);
        assert_int_equal(token.pos.line, expected[i].line);
        assert_int_equal(token.pos.column, expected[i].column);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ds_sdl_lex_next(&lexer, &token), SQLITE_OK);
        assert_int_equal(token.kind, DS_SDL_TOKEN_END);
    }
    ds_arena_free(arena);
}

#define CHECK(text, ...)                                                                 \
    do {                                                                                 \
        const expectation expected[] = {__VA_ARGS__};                                    \
        check(text, expected, DS_COUNT(expected));                                       \
    } while (0)

/* Lex to the first error. */
static void check_refused_bytes(const char *text, size_t length, const char *message) {
    ds_sdl_lexer lexer;
    ds_sdl_token token = {0};
    ds_err err = DS_ERR_INIT;
    ds_arena *arena = ds_arena_new();
    int rc = ds_sdl_lex_start(&lexer, text, length, arena, &err);
    while (rc == SQLITE_OK) {
        rc = ds_sdl_lex_next(&lexer, &token);
        assert_false(rc == SQLITE_OK && token.kind == DS_SDL_TOKEN_END);
    }
    assert_int_equal(rc, SQLITE_ERROR);
    assert_string_equal(err.text, message);
    ds_arena_free(arena);
}

#define REFUSED(text, message) check_refused_bytes(text, sizeof(text) - 1, message)

static void test_punctuators(void **state) {
    (void)state;
    CHECK("!$&():=@[]{|}", {DS_SDL_TOKEN_PUNCTUATOR, "!", 1, 1},
          {DS_SDL_TOKEN_PUNCTUATOR, "$", 1, 2}, {DS_SDL_TOKEN_PUNCTUATOR, "&", 1, 3},
          {DS_SDL_TOKEN_PUNCTUATOR, "(", 1, 4}, {DS_SDL_TOKEN_PUNCTUATOR, ")", 1, 5},
          {DS_SDL_TOKEN_PUNCTUATOR, ":", 1, 6}, {DS_SDL_TOKEN_PUNCTUATOR, "=", 1, 7},
          {DS_SDL_TOKEN_PUNCTUATOR, "@", 1, 8}, {DS_SDL_TOKEN_PUNCTUATOR, "[", 1, 9},
          {DS_SDL_TOKEN_PUNCTUATOR, "]", 1, 10}, {DS_SDL_TOKEN_PUNCTUATOR, "{", 1, 11},
          {DS_SDL_TOKEN_PUNCTUATOR, "|", 1, 12}, {DS_SDL_TOKEN_PUNCTUATOR, "}", 1, 13});
}

static void test_lines(void **state) {
    (void)state;
    CHECK("\xEF\xBB\xBFone\n two\r\nthree\rfour,,\tfive # six\n# seven",
          {DS_SDL_TOKEN_NAME, "one", 1, 1}, {DS_SDL_TOKEN_NAME, "two", 2, 2},
          {DS_SDL_TOKEN_NAME, "three", 3, 1}, {DS_SDL_TOKEN_NAME, "four", 4, 1},
          {DS_SDL_TOKEN_NAME, "five", 4, 8});
}

static void test_columns_count_characters(void **state) {
    (void)state;
    CHECK("\"\xC3\xA9\xF0\x9F\x98\x80\" x # \xE2\x82\xAC\ny",
          {DS_SDL_TOKEN_STRING, "\xC3\xA9\xF0\x9F\x98\x80", 1, 1},
          {DS_SDL_TOKEN_NAME, "x", 1, 6}, {DS_SDL_TOKEN_NAME, "y", 2, 1});
}

static void test_names(void **state) {
    (void)state;
    CHECK("_a1 Z __9z", {DS_SDL_TOKEN_NAME, "_a1", 1, 1}, {DS_SDL_TOKEN_NAME, "Z", 1, 5},
          {DS_SDL_TOKEN_NAME, "__9z", 1, 7});
}

static void test_name_length(void **state) {
    (void)state;
    char name[DS_MAX_NAME_BYTES + 2] = {0};
    memset(name, 'n', DS_MAX_NAME_BYTES);
    CHECK(name, {DS_SDL_TOKEN_NAME, name, 1, 1});
    name[DS_MAX_NAME_BYTES] = 'n';
    check_refused_bytes(name, strlen(name),
                        "schema line 1, column 1: a name is longer than 128 bytes");
}

static void test_numbers(void **state) {
    (void)state;
    CHECK("0 -0 12 -1.5e3 0.25 1E-2 7e+1", {DS_SDL_TOKEN_INT, "0", 1, 1},
          {DS_SDL_TOKEN_INT, "-0", 1, 3}, {DS_SDL_TOKEN_INT, "12", 1, 6},
          {DS_SDL_TOKEN_FLOAT, "-1.5e3", 1, 9}, {DS_SDL_TOKEN_FLOAT, "0.25", 1, 16},
          {DS_SDL_TOKEN_FLOAT, "1E-2", 1, 21}, {DS_SDL_TOKEN_FLOAT, "7e+1", 1, 26});
    REFUSED("007", "schema line 1, column 1: malformed number: it begins with 0");
    REFUSED("-x", "schema line 1, column 2: malformed number: a digit must follow \"-\"");
    REFUSED("1.",
            "schema line 1, column 3: malformed number: a digit must follow the point");
    REFUSED("1e+",
            "schema line 1, column 4: malformed number: a digit must follow the exponent "
            "sign");
    REFUSED("1a",
            "schema line 1, column 2: malformed number: letters or a second point follow "
            "it");
    REFUSED("1.2.3",
            "schema line 1, column 4: malformed number: letters or a second point follow "
            "it");
}

static void test_characters(void **state) {
    (void)state;
    REFUSED("a\n  ;", "schema line 2, column 3: unexpected character \";\"");
    REFUSED("'a'", "schema line 1, column 1: unexpected character \"'\" (strings are "
                   "written with double quotes)");
    REFUSED("n\xC3\xA9", "schema line 1, column 2: unexpected character \"\xC3\xA9\"");
    REFUSED("a \0 b", "schema line 1, column 3: unexpected control character U+0000");
    REFUSED("# \x01", "schema line 1, column 3: unexpected control character U+0001");
    REFUSED("...", "schema line 1, column 1: unexpected character \".\"");
    REFUSED("a\xEF\xBB\xBF",
            "schema line 1, column 2: unexpected character \"\xEF\xBB\xBF\"");
}

static void test_encoding(void **state) {
    (void)state;
    REFUSED("# \xC3\xA9\r\n# \xE2\x82\xAC\xFF",
            "schema line 2, column 4: the byte 0xff is not UTF-8");
    REFUSED("\xC3", "schema line 1, column 1: the byte 0xc3 is not UTF-8");
}

static void test_length(void **state) {
    (void)state;
    size_t length = DS_MAX_SDL_BYTES + 1;
    char *text = sqlite3_malloc64(length);
    assert_non_null(text);
    memset(text, ' ', length);
    check_refused_bytes(text, length, "schema is longer than 4194304 bytes");
    text[length - 2] = ';';
    check_refused_bytes(text, length - 1,
                        "schema line 1, column 4194304: unexpected character \";\"");
    sqlite3_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_punctuators),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_columns_count_characters),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_name_length),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Values, types and directives, and how deep they may go.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sdl/sdl.h"

static ds_sdl_document *parse(const char *text) {
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_sdl_parse(text, strlen(text), &document, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    return document;
}

static void check_refused(const char *text, const char *message) {
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_sdl_parse(text, strlen(text), &document, &err), SQLITE_ERROR);
    assert_null(document);
    assert_string_equal(err.text, message);
}

static void test_values(void **state) {
    (void)state;
    static const struct {
        ds_sdl_value_kind kind;
        const char *text;
    } expected[] = {
        {DS_SDL_INT, "-1"},    {DS_SDL_FLOAT, "1.50"},   {DS_SDL_STRING, "s"},
        {DS_SDL_STRING, "b"},  {DS_SDL_BOOLEAN, "true"}, {DS_SDL_BOOLEAN, "false"},
        {DS_SDL_NULL, "null"}, {DS_SDL_ENUM, "OPEN"},    {DS_SDL_LIST, NULL},
        {DS_SDL_OBJECT, NULL},
    };
    ds_sdl_document *document = parse("scalar S @d(v: [-1 1.50 \"s\" \"\"\"b\"\"\" true "
                                      "false null OPEN [] {}])");
    const ds_sdl_value *list = document->definitions->directives->arguments->value;
    assert_int_equal(list->kind, DS_SDL_LIST);
    const ds_sdl_value *value = list->children;
    for (size_t i = 0; i < DS_COUNT(expected); i++) {
        assert_int_equal(value->kind, expected[i].kind);
        assert_int_equal(value->is_block, i == 3);
        if (expected[i].text) {
            assert_string_equal(value->text, expected[i].text);
            assert_int_equal(value->length, strlen(expected[i].text));
        }
        assert_null(value->children);
        value = value->next;
    }
    assert_null(value);
    ds_sdl_free(document);
}

static void test_object(void **state) {
    (void)state;
    ds_sdl_document *document = parse("scalar S @d(v: {a: 1, b: {c: [2]}})");
    const ds_sdl_value *object = document->definitions->directives->arguments->value;
    assert_int_equal(object->kind, DS_SDL_OBJECT);
    assert_string_equal(object->children->name, "a");
    const ds_sdl_value *b = object->children->next;
    assert_string_equal(b->name, "b");
    assert_string_equal(b->children->name, "c");
    assert_null(b->children->children->name);
    assert_int_equal(b->pos.column, 26);
    ds_sdl_free(document);
}

static void test_values_refused(void **state) {
    (void)state;
    check_refused("scalar S @d(v: $x)",
                  "schema line 1, column 16: expected a value, which "
                  "cannot be a variable here, found \"$\"");
    check_refused("scalar S @d(v: )",
                  "schema line 1, column 16: expected a value, found \")\"");
    check_refused("scalar S @d(v: [1)",
                  "schema line 1, column 18: expected a value, found \")\"");
    check_refused("scalar S @d(v: {a 1})",
                  "schema line 1, column 19: expected \":\" after "
                  "member \"a\", found \"1\"");
    check_refused("scalar S @d(v: {1})", "schema line 1, column 17: expected a member's "
                                         "name or \"}\", found \"1\"");
    check_refused("scalar S @d(v: {a: 1, b: {a: 2}, a: {}})",
                  "schema line 1, column 34: an object has the member \"a\" twice");
    check_refused("scalar S @d(v: [\"", "schema line 1, column 17: unterminated string");
}

static void test_types(void **state) {
    (void)state;
    ds_sdl_document *document = parse("type A { a: [[B!]]! }");
    const ds_sdl_type *type = document->definitions->fields->type;
    assert_null(type->name);
    assert_true(type->is_required);
    assert_false(type->of->is_required);
    assert_string_equal(type->of->of->name, "B");
    assert_true(type->of->of->is_required);
    assert_int_equal(type->of->of->pos.column, 15);
    ds_sdl_free(document);
    check_refused("type A { a: [B }",
                  "schema line 1, column 16: expected \"]\" after the "
                  "list's type, found \"}\"");
    check_refused("type A { a: [] }",
                  "schema line 1, column 14: expected a type, found \"]\"");
}

static void test_directives(void **state) {
    (void)state;
    ds_sdl_document *document = parse("scalar S @a @b(x: 1, y: 2) @a");
    const ds_sdl_directive *a = document->definitions->directives;
    assert_string_equal(a->name, "a");
    assert_null(a->arguments);
    assert_int_equal(a->pos.column, 10);
    assert_string_equal(a->next->name, "b");
    assert_string_equal(a->next->arguments->next->name, "y");
    assert_string_equal(a->next->next->name, "a");
    assert_null(a->next->next->next);
    ds_sdl_free(document);
    check_refused("scalar S @", "schema line 1, column 11: expected a directive's name "
                                "after \"@\", found the end of the schema");
    check_refused("scalar S @a()",
                  "schema line 1, column 13: expected an argument's name, found \")\"");
    check_refused("scalar S @a(b 1)", "schema line 1, column 15: expected \":\" after "
                                      "argument \"b\", found \"1\"");
}

/* `head`, `depth` openings, the middle, `depth` closings, `tail`. */
static void nest(ds_buf *buf, const char *head, const char *open, const char *middle,
                 const char *close, const char *tail, int depth) {
    ds_buf_clear(buf);
    ds_buf_add(buf, head);
    for (int i = 0; i < depth; i++) {
        ds_buf_add(buf, open);
    }
    ds_buf_add(buf, middle);
    for (int i = 0; i < depth; i++) {
        ds_buf_add(buf, close);
    }
    ds_buf_add(buf, tail);
}

static void test_depth(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 10000);
    nest(&buf, "type A { a: ", "[", "B", "]", " }", DS_MAX_SDL_DEPTH);
    ds_sdl_free(parse(ds_buf_text(&buf)));
    nest(&buf, "type A { a: ", "[", "B", "]", " }", DS_MAX_SDL_DEPTH + 1);
    check_refused(ds_buf_text(&buf), "schema line 1, column 77: lists and objects are "
                                     "nested deeper than 64, found \"[\"");
    nest(&buf, "scalar S @d(v: ", "{a: ", "1", "}", ")", DS_MAX_SDL_DEPTH);
    ds_sdl_free(parse(ds_buf_text(&buf)));
    nest(&buf, "scalar S @d(v: ", "{a: ", "1", "}", ")", DS_MAX_SDL_DEPTH + 1);
    check_refused(ds_buf_text(&buf), "schema line 1, column 272: lists and objects are "
                                     "nested deeper than 64, found \"{\"");
    ds_buf_done(&buf);
}

/* An object of `n` members. */
static void count_members(ds_buf *buf, int n) {
    ds_buf_clear(buf);
    ds_buf_add(buf, "scalar S @d(v: {");
    for (int i = 0; i < n; i++) {
        ds_buf_addf(buf, "\nm%d: 1", i);
    }
    ds_buf_add(buf, "})");
}

static void test_members(void **state) {
    (void)state;
    ds_buf buf;
    ds_buf_init(&buf, 100000);
    count_members(&buf, DS_MAX_SDL_MEMBERS);
    ds_sdl_free(parse(ds_buf_text(&buf)));
    count_members(&buf, DS_MAX_SDL_MEMBERS + 1);
    check_refused(ds_buf_text(&buf),
                  "schema line 1002, column 1: an object has more than 1000 members");
    ds_buf_done(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),         cmocka_unit_test(test_object),
        cmocka_unit_test(test_values_refused), cmocka_unit_test(test_types),
        cmocka_unit_test(test_directives),     cmocka_unit_test(test_depth),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

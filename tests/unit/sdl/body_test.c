/*
** Fields, arguments, enum values, operations and locations.
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

static void test_fields(void **state) {
    (void)state;
    ds_sdl_document *document = parse(
        "type A { \"first\" a(\"x's\" x: Int = 1 @d, y: [ID!]): String! @e @f b: [A] }");
    const ds_sdl_field *a = document->definitions->fields;
    assert_string_equal(a->description, "first");
    assert_string_equal(a->name, "a");
    assert_string_equal(a->type->name, "String");
    assert_true(a->type->is_required);
    assert_string_equal(a->directives->next->name, "f");
    assert_string_equal(a->arguments->description, "x's");
    assert_string_equal(a->arguments->default_value->text, "1");
    assert_string_equal(a->arguments->directives->name, "d");
    assert_null(a->arguments->next->default_value);
    assert_null(a->arguments->next->next);
    assert_string_equal(a->next->name, "b");
    assert_string_equal(a->next->type->of->name, "A");
    assert_null(a->next->next);
    ds_sdl_free(document);
}

static void test_fields_refused(void **state) {
    (void)state;
    check_refused("type Post {\n  id: ID!\n  title String\n}",
                  "schema line 3, column 9: expected \":\" after field name \"title\", "
                  "found \"String\"");
    check_refused("type A { }",
                  "schema line 1, column 10: expected a field name, found \"}\"");
    check_refused("type A { a: Int", "schema line 1, column 16: expected a field name, "
                                     "found the end of the schema");
    check_refused("type A { a: Int!! }",
                  "schema line 1, column 17: expected a field name, found \"!\"");
    check_refused("type A { a: }",
                  "schema line 1, column 13: expected a type, found \"}\"");
    check_refused("type A { a(): Int }",
                  "schema line 1, column 12: expected an argument's name, found \")\"");
    check_refused("type A { a(b Int): Int }",
                  "schema line 1, column 14: expected \":\" after argument \"b\", found "
                  "\"Int\"");
    check_refused(
        "input A { a Int }",
        "schema line 1, column 13: expected \":\" after field name \"a\", found "
        "\"Int\"");
    check_refused(
        "type A { \"a\\u0000b\" a: Int }",
        "schema line 1, column 10: expected a description without U+0000, found a "
        "string");
}

static void test_enum_values(void **state) {
    (void)state;
    ds_sdl_document *document = parse("enum E { \"one\" A @d b, true }");
    const ds_sdl_enum_value *value = document->definitions->values;
    assert_string_equal(value->description, "one");
    assert_string_equal(value->name, "A");
    assert_string_equal(value->directives->name, "d");
    assert_string_equal(value->next->name, "b");
    assert_string_equal(value->next->next->name, "true");
    assert_null(value->next->next->next);
    ds_sdl_free(document);
    check_refused("enum E { }",
                  "schema line 1, column 10: expected an enum value, found \"}\"");
    check_refused("enum E { A 1 }",
                  "schema line 1, column 12: expected an enum value, found \"1\"");
}

static void test_operations(void **state) {
    (void)state;
    ds_sdl_document *document = parse("schema { query: Q mutation: M subscription: S }");
    const ds_sdl_operation *operation = document->definitions->operations;
    assert_string_equal(operation->operation, "query");
    assert_string_equal(operation->type, "Q");
    assert_string_equal(operation->next->operation, "mutation");
    assert_string_equal(operation->next->next->type, "S");
    assert_null(operation->next->next->next);
    ds_sdl_free(document);
    check_refused("schema { querry: Q }",
                  "schema line 1, column 10: expected query, mutation or subscription, "
                  "found \"querry\" (did you mean \"query\"?)");
    check_refused("schema { }", "schema line 1, column 10: expected query, mutation or "
                                "subscription, found \"}\"");
    check_refused("schema { query Q }", "schema line 1, column 16: expected \":\" after "
                                        "operation \"query\", found \"Q\"");
}

static void test_lists_of_names(void **state) {
    (void)state;
    check_refused("union U =", "schema line 1, column 10: expected a member type of the "
                               "union, found the end of the schema");
    check_refused("union U = A |",
                  "schema line 1, column 14: expected a member type of the "
                  "union, found the end of the schema");
    check_refused("directive @d on OBJET",
                  "schema line 1, column 17: expected a directive's location, found "
                  "\"OBJET\" (did you mean \"OBJECT\"?)");
    check_refused("directive @d on {", "schema line 1, column 17: expected a directive's "
                                       "location, found \"{\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),         cmocka_unit_test(test_fields_refused),
        cmocka_unit_test(test_enum_values),    cmocka_unit_test(test_operations),
        cmocka_unit_test(test_lists_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

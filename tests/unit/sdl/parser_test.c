/*
** Definitions: what each kind keeps, and what is said about wrong ones.
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

static void test_kinds(void **state) {
    (void)state;
    static const ds_sdl_kind kinds[] = {
        DS_SDL_OBJECT_TYPE, DS_SDL_INTERFACE_TYPE, DS_SDL_ENUM_TYPE,
        DS_SDL_INPUT_TYPE,  DS_SDL_UNION_TYPE,     DS_SDL_SCALAR_TYPE,
    };
    ds_sdl_document *document = parse(
        "type A interface B enum C input D union E scalar F directive @G on ENUM "
        "schema { query: Q } extend type A @x extend interface B @x extend enum C @x "
        "extend input D @x extend union E @x extend scalar F @x extend schema @x");
    const ds_sdl_definition *definition = document->definitions;
    for (int extension = 0; extension < 2; extension++) {
        for (size_t i = 0; i < DS_COUNT(kinds); i++) {
            assert_int_equal(definition->kind, kinds[i]);
            assert_int_equal(definition->is_extension, extension);
            assert_int_equal(definition->name[0], "ABCDEF"[i]);
            assert_int_equal(definition->directives != NULL, extension);
            definition = definition->next;
        }
        if (!extension) {
            assert_int_equal(definition->kind, DS_SDL_DIRECTIVE_DEFINITION);
            assert_string_equal(definition->name, "G");
            definition = definition->next;
        }
        assert_int_equal(definition->kind, DS_SDL_SCHEMA_DEFINITION);
        assert_null(definition->name);
        definition = definition->next;
    }
    assert_null(definition);
    ds_sdl_free(document);
}

static void test_object(void **state) {
    (void)state;
    ds_sdl_document *document =
        parse("\n\"text\" type Post implements & A & B @model {\n  id: ID!\n}");
    const ds_sdl_definition *post = document->definitions;
    assert_string_equal(post->description, "text");
    assert_string_equal(post->interfaces->text, "A");
    assert_string_equal(post->interfaces->next->text, "B");
    assert_null(post->interfaces->next->next);
    assert_string_equal(post->directives->name, "model");
    assert_string_equal(post->fields->name, "id");
    assert_int_equal(post->pos.line, 2);
    assert_int_equal(post->pos.column, 13);
    assert_int_equal(post->fields->pos.line, 3);
    assert_int_equal(post->fields->pos.column, 3);
    ds_sdl_free(document);
}

static void test_directive(void **state) {
    (void)state;
    ds_sdl_document *document =
        parse("directive @d(a: Int) repeatable on | OBJECT | FIELD_DEFINITION "
              "directive @repeatable on ENUM");
    const ds_sdl_definition *d = document->definitions;
    assert_true(d->is_repeatable);
    assert_string_equal(d->inputs->name, "a");
    assert_string_equal(d->members->text, "OBJECT");
    assert_string_equal(d->members->next->text, "FIELD_DEFINITION");
    assert_string_equal(d->next->name, "repeatable");
    assert_false(d->next->is_repeatable);
    ds_sdl_free(document);
}

static void test_union(void **state) {
    (void)state;
    ds_sdl_document *document = parse("union U = | A | B union V");
    assert_string_equal(document->definitions->members->text, "A");
    assert_string_equal(document->definitions->members->next->text, "B");
    assert_null(document->definitions->next->members);
    ds_sdl_free(document);
}

static void test_keywords_are_names(void **state) {
    (void)state;
    ds_sdl_document *document =
        parse("type type implements type { type: type } type extend implements a type b");
    assert_string_equal(document->definitions->name, "type");
    assert_string_equal(document->definitions->next->name, "extend");
    assert_string_equal(document->definitions->next->next->name, "b");
    ds_sdl_free(document);
}

static void test_unknown_words(void **state) {
    (void)state;
    check_refused(
        "tpye A { a: Int }",
        "schema line 1, column 1: unexpected \"tpye\" (did you mean \"type\"?)");
    check_refused("type A\n  model", "schema line 2, column 3: unexpected \"model\"");
    check_refused(
        "extend typ A @x",
        "schema line 1, column 8: cannot extend \"typ\" (did you mean \"type\"?)");
    check_refused("extend directive @a on ENUM",
                  "schema line 1, column 8: cannot extend \"directive\"");
    check_refused("type A }", "schema line 1, column 8: expected a definition such as "
                              "\"type\" or \"enum\", found \"}\"");
}

static void test_no_definition(void **state) {
    (void)state;
    check_refused("",
                  "schema line 1, column 1: expected a definition such as \"type\" or "
                  "\"enum\", found the end of the schema");
    check_refused("# nothing\n", "schema line 2, column 1: expected a definition such as "
                                 "\"type\" or \"enum\", found the end of the schema");
    check_refused("\"text\"", "schema line 1, column 7: expected a definition such as "
                              "\"type\" or \"enum\", found the end of the schema");
    check_refused("\"a\" \"b\" type A",
                  "schema line 1, column 5: expected a definition such as \"type\" or "
                  "\"enum\", found a string");
    check_refused("\"a\" extend type A @x",
                  "schema line 1, column 5: expected a definition after a description, "
                  "found \"extend\"");
}

static void test_operations_are_refused(void **state) {
    (void)state;
    check_refused("query Q { a }", "schema line 1, column 1: a schema holds definitions "
                                   "such as \"type\" and \"enum\", no operations or "
                                   "fragments, found \"query\"");
    check_refused("{ a }",
                  "schema line 1, column 1: a schema holds definitions such as "
                  "\"type\" and \"enum\", no operations or fragments, found \"{\"");
}

static void test_names_are_missing(void **state) {
    (void)state;
    check_refused("type { a: Int }",
                  "schema line 1, column 6: expected a name after \"type\", found \"{\"");
    check_refused("directive d on ENUM",
                  "schema line 1, column 11: expected \"@\" after \"directive\", found "
                  "\"d\"");
    check_refused(
        "directive @d(a: Int) ENUM",
        "schema line 1, column 22: expected \"on\" and the locations of directive "
        "\"@d\", found \"ENUM\"");
    check_refused("schema @a",
                  "schema line 1, column 10: expected \"{\" after \"schema\", "
                  "found the end of the schema");
}

static void test_interfaces(void **state) {
    (void)state;
    const char *lacks =
        "schema line 1, column 21: expected \"&\" between interfaces, found "
        "\"B\"";
    check_refused("type T implements A B { a: Int }", lacks);
    check_refused("type T implements A,B { a: Int }", lacks);
    check_refused(
        "type T implements { a: Int }",
        "schema line 1, column 19: expected the name of an interface, found \"{\"");
}

static void test_empty_extension(void **state) {
    (void)state;
    check_refused("extend type A",
                  "schema line 1, column 14: expected something to add by "
                  "\"extend type\", found the end of the schema");
    check_refused("extend schema type A",
                  "schema line 1, column 15: expected something to add by \"extend "
                  "schema\", found \"type\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_directive),
        cmocka_unit_test(test_union),
        cmocka_unit_test(test_keywords_are_names),
        cmocka_unit_test(test_unknown_words),
        cmocka_unit_test(test_no_definition),
        cmocka_unit_test(test_operations_are_refused),
        cmocka_unit_test(test_names_are_missing),
        cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_empty_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

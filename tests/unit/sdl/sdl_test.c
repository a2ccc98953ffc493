/*
** The document as a whole, lookup in it, and every place where memory can run out.
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

static void test_lookup(void **state) {
    (void)state;
    ds_sdl_document *document = parse("type A @a @b(x: 1, y: 2) @b(x: 3)");
    const ds_sdl_directive *list = document->definitions->directives;
    const ds_sdl_directive *b = ds_sdl_directive_find(list, "b");
    assert_string_equal(ds_sdl_argument_find(b, "x")->text, "1");
    assert_string_equal(ds_sdl_argument_find(b, "y")->text, "2");
    assert_null(ds_sdl_argument_find(b, "z"));
    b = ds_sdl_directive_find(b->next, "b");
    assert_string_equal(ds_sdl_argument_find(b, "x")->text, "3");
    assert_null(ds_sdl_directive_find(list, "c"));
    assert_null(ds_sdl_directive_find(NULL, "c"));
    assert_null(ds_sdl_argument_find(NULL, "x"));
    ds_sdl_free(document);
    ds_sdl_free(NULL);
}

static void test_error_has_its_place(void **state) {
    (void)state;
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_sdl_parse("type A {\n\xC3", 10, &document, &err), SQLITE_ERROR);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 1);
    assert_null(document);
}

/* A schema of many definitions, so that the arena grows often. */
static void fill(ds_buf *buf) {
    ds_buf_init(buf, 1000000);
    for (int i = 0; i < 200; i++) {
        ds_buf_addf(buf,
                    "\"\"\"model\n %d\"\"\"\ntype M%d @model { id: ID! a: [Int] @d(x: "
                    "{y: [1]}) }\n",
                    i, i);
    }
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_buf text;
    fill(&text);
    int failures = 0;
    int rc = SQLITE_NOMEM;
    for (sqlite3_int64 more = 1; rc == SQLITE_NOMEM; more += more / 4 + 300) {
        ds_sdl_document *document = NULL;
        ds_err err = DS_ERR_INIT;
        sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used() + more);
        rc = ds_sdl_parse(text.data, text.length, &document, &err);
        sqlite3_hard_heap_limit64(limit);
        assert_string_equal(err.text, rc == SQLITE_NOMEM ? "out of memory" : "");
        assert_int_equal(document == NULL, rc == SQLITE_NOMEM);
        failures += rc == SQLITE_NOMEM;
        ds_sdl_free(document);
    }
    assert_int_equal(rc, SQLITE_OK);
    assert_true(failures > 10);
    ds_buf_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_error_has_its_place),
        cmocka_unit_test(test_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

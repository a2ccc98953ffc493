/*
** The canonical form of a document that has everything.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <stdio.h>

#include "sdl/sdl.h"

static void read_file(const char *path, ds_buf *out) {
    char block[4096];
    size_t size;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    ds_buf_init(out, 100000);
    while ((size = fread(block, 1, sizeof block, file)) > 0) {
        ds_buf_add_bytes(out, block, size);
    }
    fclose(file);
    assert_int_equal(out->rc, SQLITE_OK);
}

static void print(const ds_buf *text, ds_buf *out) {
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_sdl_parse(ds_buf_text(text), text->length, &document, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    ds_buf_init(out, 100000);
    ds_sdl_print(document, out);
    assert_int_equal(out->rc, SQLITE_OK);
    ds_sdl_free(document);
}

static void test_kitchen(void **state) {
    (void)state;
    ds_buf text;
    ds_buf expected;
    ds_buf once;
    ds_buf twice;
    read_file("tests/golden/sdl/kitchen.graphql", &text);
    read_file("tests/golden/sdl/kitchen.out", &expected);
    print(&text, &once);
    assert_string_equal(ds_buf_text(&once), ds_buf_text(&expected));
    print(&once, &twice);
    assert_string_equal(ds_buf_text(&twice), ds_buf_text(&expected));
    ds_buf_done(&text);
    ds_buf_done(&expected);
    ds_buf_done(&once);
    ds_buf_done(&twice);
}

static void test_prelude(void **state) {
    (void)state;
    ds_buf text;
    ds_buf once;
    ds_buf twice;
    read_file("schema/prelude.graphql", &text);
    print(&text, &once);
    print(&once, &twice);
    assert_string_equal(ds_buf_text(&once), ds_buf_text(&twice));
    assert_non_null(strstr(ds_buf_text(&once), "scalar AWSDateTime\n"));
    assert_non_null(strstr(ds_buf_text(&once), "directive @key("));
    ds_buf_done(&text);
    ds_buf_done(&once);
    ds_buf_done(&twice);
}

static void test_sticks_to_the_buffer(void **state) {
    (void)state;
    static const char text[] = "type A { a: Int }";
    ds_sdl_document *document = NULL;
    ds_buf buf;
    assert_int_equal(ds_sdl_parse(text, sizeof text - 1, &document, NULL), SQLITE_OK);
    ds_buf_init(&buf, 10);
    ds_sdl_print(document, &buf);
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    ds_buf_done(&buf);
    ds_sdl_free(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kitchen),
        cmocka_unit_test(test_prelude),
        cmocka_unit_test(test_sticks_to_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

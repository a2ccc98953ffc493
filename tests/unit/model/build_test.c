/*
** Catalogs as a whole: what is said about wrong schemas (tests/golden/schema/errors.txt), the
** example schemas, limits, life and every place where memory can run out.
*/
#include "catalog.h"

#include <stdlib.h>

/* ---- errors.txt ------------------------------------------------------------------------------- */

#define ERRORS      "tests/golden/schema/errors.txt"
#define LEAST_CASES 130

static ds_model_options options_of(const char *line) {
    return strncmp(line, "--- v1\n", 7) == 0       ? v1
           : strncmp(line, "--- v2\n", 7) == 0     ? v2
           : strncmp(line, "--- nocpk\n", 10) == 0 ? v2_nocpk
                                                   : told;
}

static void add_message(ds_buf *out, const char *case_line, const char *sdl,
                        size_t length) {
    ds_model_options options = options_of(case_line);
    ds_catalog *catalog = NULL;
    ds_err err = DS_ERR_INIT;
    if (ds_catalog_build(sdl, length, &options, &catalog, &err) == SQLITE_OK) {
        print_message("no error in %.*s", (int)length, sdl);
    }
    assert_null(catalog);
    assert_int_equal(err.code, SQLITE_ERROR);
    assert_true(err.line > 0 && err.column > 0);
    ds_buf_addf(out, "=> %s\n", err.text);
}

static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    assert_non_null(end);
    return end + 1;
}

/* Everything as it is, but the messages as they are now. */
static int rewrite(const char *text, ds_buf *out) {
    const char *begin = text, *case_line = NULL, *sdl = NULL;
    int n = 0;
    for (const char *line = text; *line; line = next_line(line)) {
        if (strncmp(line, "---", 3) == 0) {
            case_line = line;
            sdl = next_line(line);
        } else if (strncmp(line, "=> ", 3) == 0) {
            assert_non_null(case_line);
            ds_buf_add_bytes(out, begin, (size_t)(line - begin));
            add_message(out, case_line, sdl, (size_t)(line - sdl));
            begin = next_line(line);
            n++;
        }
    }
    ds_buf_add(out, begin);
    return n;
}

static void test_errors(void **state) {
    (void)state;
    ds_buf expected, got;
    read_file(ERRORS, &expected);
    ds_buf_init(&got, DS_MAX_OUTPUT_BYTES);
    int n = rewrite(ds_buf_text(&expected), &got);
    assert_true(n >= LEAST_CASES);
    if (getenv("GOLDEN") != NULL) {
        write_file(ERRORS, &got);
        ds_buf_done(&expected);
        read_file(ERRORS, &expected);
    }
    assert_string_equal(ds_buf_text(&got), ds_buf_text(&expected));
    ds_buf_done(&expected);
    ds_buf_done(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

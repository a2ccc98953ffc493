/*
** The conformance corpus: each schema of tests/golden/schema as the generator's JSON, one field
** a line, and then what else the catalog says. GOLDEN=1 writes the expected texts anew.
**
** The first line of a schema may be a comment with its options: "# v1", "# v2" or
** "# v2, respectPrimaryKey off".
*/
#define _POSIX_C_SOURCE 200809L

#include "catalog.h"

#include <dirent.h>
#include <stdlib.h>

#define FOLDER      "tests/golden/schema/"
#define MAX_CASES   200
#define LEAST_CASES 60

/* ---- One case as text ----------------------------------------------------------------------- */

/* Deeper parts stay on the line of their field or attribute. */
#define DEEPEST_LINE 4

static void new_line(ds_buf *out, int depth) {
    ds_buf_addf(out, "\n%*s", 2 * depth, "");
}

static bool is_bracket(char c, bool opening) {
    return strchr(opening ? "{[" : "}]", c) != NULL;
}

/* What stands outside of strings. Returns the depth behind it. */
static int add_mark(ds_buf *out, const char *p, int depth) {
    bool opens = is_bracket(*p, true), closes = is_bracket(*p, false);
    bool is_line = depth <= DEEPEST_LINE; /* its parts have lines of their own */
    if (closes && is_line && !is_bracket(p[-1], true)) {
        new_line(out, depth - 1);
    }
    ds_buf_add_bytes(out, p, 1);
    depth += opens - closes;
    is_line = depth <= DEEPEST_LINE;
    if (is_line && (*p == ',' || (opens && !is_bracket(p[1], false)))) {
        new_line(out, depth);
    } else if (*p == ',' || *p == ':') {
        ds_buf_add(out, " ");
    }
    return depth;
}

/* No string of an introspection ends with a backslash. */
static void add_pretty(ds_buf *out, const char *json) {
    int depth = 0;
    bool in_string = false;
    for (const char *p = json; *p; p++) {
        bool is_quote = *p == '"' && p[-1] != '\\';
        if (in_string || is_quote) {
            in_string = in_string != is_quote;
            ds_buf_add_bytes(out, p, 1);
        } else {
            depth = add_mark(out, p, depth);
        }
    }
}

static void add_line(ds_buf *out, const char *title, const ds_model *model,
                     describer describe) {
    size_t start = out->length;
    ds_buf_addf(out, "  %-12s", title);
    describe(out, model);
    if (out->length == start + 14) {
        ds_buf_add(out, "-");
    }
    ds_buf_add(out, "\n");
}

static void add_kind(ds_buf *out, const ds_model *model) {
    static const char *const kinds[] = {"managed", "optionally managed", "custom"};
    ds_buf_addf(out, "%s", kinds[model->key_kind]);
}

static void add_cascade(ds_buf *out, const ds_model *model) {
    ds_buf_addf(out, "component %d%s", model->component,
                model->is_cyclic ? ", cyclic" : "");
}

static void add_catalog(ds_buf *out, const ds_catalog *catalog) {
    ds_buf json;
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    ds_catalog_introspect(catalog, &json);
    add_pretty(out, ds_buf_text(&json));
    ds_buf_addf(out, "\n\ntransformer version %d\n", catalog->transformer_version);
    assert_int_equal(json.rc, SQLITE_OK);
    ds_json *parsed = NULL;
    assert_int_equal(ds_json_parse(json.data, json.length, &parsed, NULL), SQLITE_OK);
    ds_json_free(parsed);
    ds_buf_done(&json);
    for (int i = 0; i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        ds_buf_addf(out, "\n%s%s\n", model->name, model->is_join ? " (join model)" : "");
        add_line(out, "columns", model, add_columns);
        add_line(out, "key", model, add_kind);
        add_line(out, "indexes", model, describe_indexes);
        add_line(out, "relations", model, add_relations);
        add_line(out, "operations", model, describe_operations);
        add_line(out, "cascade", model, add_cascade);
    }
}

/* The introspection is a schema itself. */
static void check_round_trip(const ds_catalog *catalog) {
    ds_buf once, twice;
    const ds_model_options options = {catalog->transformer_version,
                                      catalog->options.respect_primary_key};
    ds_buf_init(&once, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&twice, DS_MAX_OUTPUT_BYTES);
    ds_catalog_introspect(catalog, &once);
    ds_catalog *copy = built(&options, ds_buf_text(&once));
    ds_catalog_introspect(copy, &twice);
    assert_string_equal(ds_buf_text(&twice), ds_buf_text(&once));
    ds_catalog_release(copy);
    ds_buf_done(&once);
    ds_buf_done(&twice);
}

static ds_model_options options_of(const char *sdl) {
    return strncmp(sdl, "# v2, respectPrimaryKey off\n", 28) == 0 ? v2_nocpk
           : strncmp(sdl, "# v1\n", 5) == 0                       ? v1
           : strncmp(sdl, "# v2\n", 5) == 0                       ? v2
                                                                  : told;
}

/* Show the first line that differs, and fail. */
static void check_same(const char *path, const char *got, const char *expected) {
    size_t at = 0, begin = 0;
    for (; got[at] != '\0' && got[at] == expected[at]; at++) {
        begin = got[at] == '\n' ? at + 1 : begin;
    }
    if (got[at] != expected[at]) {
        print_message("%s has\n%.*s\nand now it is\n%.*s\n", path,
                      (int)strcspn(expected + begin, "\n"), expected + begin,
                      (int)strcspn(got + begin, "\n"), got + begin);
        fail();
    }
}

static void run_case(const char *name) {
    ds_buf sdl, expected, got;
    char path[300];
    sqlite3_snprintf(sizeof path, path, FOLDER "%s", name);
    read_file(path, &sdl);
    ds_model_options options = options_of(ds_buf_text(&sdl));
    ds_catalog *catalog = built(&options, ds_buf_text(&sdl));
    ds_buf_init(&got, DS_MAX_OUTPUT_BYTES);
    add_catalog(&got, catalog);
    check_round_trip(catalog);
    memcpy(strrchr(path, '.'), ".out", sizeof ".out");
    if (getenv("GOLDEN") != NULL) {
        write_file(path, &got);
    }
    read_file(path, &expected);
    check_same(path, ds_buf_text(&got), ds_buf_text(&expected));
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
    ds_buf_done(&got);
    ds_buf_done(&expected);
}

static void test_corpus(void **state) {
    (void)state;
    int n = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".graphql") == 0) {
            run_case(entry->d_name);
            n++;
        }
    }
    closedir(folder);
    assert_in_range(n, LEAST_CASES, MAX_CASES);
}

/* ---- What the corpus cannot show -------------------------------------------------------------- */

static void test_sticks_to_the_buffer(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { a: Int }");
    ds_buf buf;
    ds_buf_init(&buf, 100);
    ds_catalog_introspect(catalog, &buf);
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    ds_buf_done(&buf);
    ds_catalog_release(catalog);
}

static void check_attribute(const char *arguments, const char *expected) {
    ds_buf sdl, json, part;
    ds_buf_init(&sdl, 10000);
    ds_buf_init(&json, 100000);
    ds_buf_init(&part, 10000);
    ds_buf_addf(&sdl, "type A @model(%s) { a: Int }", arguments);
    ds_buf_addf(&part, "[{\"type\":\"model\",\"properties\":%s}]", expected);
    ds_catalog *catalog = built(&told, ds_buf_text(&sdl));
    ds_catalog_introspect(catalog, &json);
    assert_non_null(strstr(ds_buf_text(&json), ds_buf_text(&part)));
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
    ds_buf_done(&json);
    ds_buf_done(&part);
}

/* Every kind of value that the arguments of @model may have. */
static void test_model_attribute(void **state) {
    (void)state;
    check_attribute(
        "queries: null, mutations: {create: \"add\", delete: null}",
        "{\"queries\":null,\"mutations\":{\"create\":\"add\",\"delete\":null}}");
    check_attribute(
        "subscriptions: {level: public, onCreate: [\"a\", \"b\"], onUpdate: []}",
        "{\"subscriptions\":{\"level\":\"public\",\"onCreate\":[\"a\",\"b\"],"
        "\"onUpdate\":[]}}");
    check_attribute("timestamps: {createdAt: \"made\"}",
                    "{\"timestamps\":{\"createdAt\":\"made\"}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_sticks_to_the_buffer),
        cmocka_unit_test(test_model_attribute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

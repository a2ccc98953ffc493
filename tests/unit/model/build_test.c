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

static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    assert_non_null(end);
    return end + 1;
}

/* The message of the schema in [sdl, line), held against the line that follows it. */
static void run_case(const char *case_line, const char *sdl, const char *line,
                     ds_buf *out) {
    ds_model_options options = options_of(case_line);
    ds_catalog *catalog = NULL;
    ds_err err = DS_ERR_INIT;
    size_t start = out->length;
    int rc = ds_catalog_build(sdl, (size_t)(line - sdl), &options, &catalog, &err);
    ds_catalog_release(catalog);
    ds_buf_addf(out, "=> %s\n", err.text);
    size_t length = out->length - start;
    bool same = (size_t)(next_line(line) - line) == length &&
                memcmp(line, ds_buf_text(out) + start, length) == 0;
    if (rc != SQLITE_ERROR || (!same && getenv("GOLDEN") == NULL)) {
        print_message("%.*snow says %s\n", (int)(next_line(line) - case_line), case_line,
                      err.text);
        fail();
    }
    assert_true(err.line > 0 && err.column > 0);
}

/* Everything as it is, but the messages as they are now. */
static int rewrite(const char *text, ds_buf *out) {
    const char *begin = text, *case_line = NULL, *sdl = NULL;
    int n = 0;
    for (const char *line = text; *line; line = next_line(line)) {
        if (strncmp(line, "---", 3) == 0) {
            case_line = line;
            sdl = next_line(line);
        } else if (strncmp(line, "=>", 2) == 0) {
            assert_non_null(case_line);
            ds_buf_add_bytes(out, begin, (size_t)(line - begin));
            run_case(case_line, sdl, line, out);
            begin = next_line(line);
            n++;
        }
    }
    ds_buf_add(out, begin);
    return n;
}

static void test_errors(void **state) {
    (void)state;
    ds_buf text, now;
    read_file(ERRORS, &text);
    ds_buf_init(&now, DS_MAX_OUTPUT_BYTES);
    assert_true(rewrite(ds_buf_text(&text), &now) >= LEAST_CASES);
    assert_int_equal(now.rc, SQLITE_OK);
    if (getenv("GOLDEN") != NULL) {
        write_file(ERRORS, &now);
    }
    ds_buf_done(&text);
    ds_buf_done(&now);
}

/* ---- Examples ----------------------------------------------------------------------------------- */

static void test_examples(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int version, models;
    } files[] = {
        {"blog", 1, 2},
        {"examples/auth", 2, 3},
        {"examples/custom-keys", 2, 3},
        {"examples/editors", 1, 3},
        {"examples/embedded", 2, 1},
        {"examples/self-relation", 2, 3},
    };
    for (size_t i = 0; i < DS_COUNT(files); i++) {
        ds_buf sdl;
        char path[100];
        sqlite3_snprintf(sizeof path, path, "schema/%s.graphql", files[i].name);
        read_file(path, &sdl);
        ds_catalog *catalog = built(&told, ds_buf_text(&sdl));
        assert_int_equal(catalog->transformer_version, files[i].version);
        assert_int_equal(catalog->n_models, files[i].models);
        ds_catalog_release(catalog);
        ds_buf_done(&sdl);
    }
}

static void test_blog(void **state) {
    (void)state;
    ds_buf sdl;
    read_file("schema/blog.graphql", &sdl);
    ds_catalog *catalog = built(&told, ds_buf_text(&sdl));
    check_columns(
        catalog, "Post",
        "id ID! key 0, title String!, rating Int!, status PostStatus!, createdAt "
        "AWSDateTime read-only, updatedAt AWSDateTime read-only");
    check_columns(
        catalog, "Comment",
        "id ID! key 0, content String, post ID also commentPostId, createdAt AWSDateTime "
        "read-only, updatedAt AWSDateTime read-only");
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
}

/* ---- The catalog ---------------------------------------------------------------------------------- */

static void test_nothing(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "enum E { A }");
    assert_int_equal(catalog->n_models, 0);
    assert_null(ds_catalog_model(catalog, "E"));
    ds_catalog_release(catalog);
    ds_catalog_release(NULL);
    refused(&told, "",
            "schema line 1, column 1: expected a definition such as \"type\" or "
            "\"enum\", found the end of the schema");
}

static void test_references(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { a: Int }");
    assert_int_equal(catalog->references, 1);
    ds_catalog_retain(catalog);
    ds_catalog_release(catalog);
    assert_string_equal(ds_catalog_model(catalog, "A")->name, "A");
    ds_catalog_release(catalog);
}

static void test_options(void **state) {
    (void)state;
    ds_catalog *catalog = built(&v2_nocpk, "type A @model { a: Int }");
    assert_int_equal(catalog->options.transformer_version, 2);
    assert_false(catalog->options.respect_primary_key);
    assert_int_equal(catalog->transformer_version, 2);
    ds_catalog_release(catalog);
    catalog = built(&told, "type A @model @key(fields: \"a\") { a: Int! }");
    assert_int_equal(catalog->options.transformer_version, 0);
    assert_int_equal(catalog->transformer_version, 1);
    ds_catalog_release(catalog);
}

/* The text may go once the catalog is built, and need not end with NUL. */
static void test_text_is_not_kept(void **state) {
    (void)state;
    static const char sdl[] = "type Abc @model { def: Int @default(value: \"5\") }";
    size_t length = sizeof sdl - 1;
    char *copy = sqlite3_malloc64(length);
    ds_catalog *catalog = NULL;
    memcpy(copy, sdl, length);
    assert_int_equal(ds_catalog_build(copy, length, &told, &catalog, NULL), SQLITE_OK);
    memset(copy, '#', length);
    sqlite3_free(copy);
    const ds_column *def = ds_model_column(ds_catalog_model(catalog, "Abc"), "def");
    assert_string_equal(def->default_value->text, "5");
    ds_catalog_release(catalog);
}

/* ---- Out of memory -------------------------------------------------------------------------------- */

/* SQLite's allocator, of which the call number `failing` fails, and with `for_ever` every later
** one. */
static sqlite3_mem_methods real;
static int calls, failing;
static bool for_ever;

static bool is_out(void) {
    calls++;
    return failing > 0 && (calls == failing || (for_ever && calls > failing));
}

static void *fragile_malloc(int size) {
    return is_out() ? NULL : real.xMalloc(size);
}

static void *fragile_realloc(void *memory, int size) {
    return is_out() ? NULL : real.xRealloc(memory, size);
}

static int install_allocator(void **state) {
    (void)state;
    sqlite3_mem_methods mine;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    mine = real;
    mine.xMalloc = fragile_malloc;
    mine.xRealloc = fragile_realloc;
    failing = 0;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) || sqlite3_initialize();
}

static int remove_allocator(void **state) {
    (void)state;
    failing = 0;
    sqlite3_shutdown();
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &real) || sqlite3_initialize();
}

/* Fail each allocation in turn until none is left to fail. Returns how many there were. */
static int sweep(const char *sdl, const char *message) {
    int rc = SQLITE_NOMEM, n = 0;
    for (; rc == SQLITE_NOMEM; n++) {
        ds_catalog *catalog = NULL;
        ds_err err = DS_ERR_INIT;
        calls = 0;
        failing = n + 1;
        rc = ds_catalog_build(sdl, strlen(sdl), &told, &catalog, &err);
        bool was_reached = calls > n;
        failing = 0;
        if (rc == SQLITE_NOMEM) {
            assert_string_equal(err.text, "out of memory");
        } else if (rc == SQLITE_OK) {
            assert_string_equal(message, "");
            assert_false(was_reached);
        } else if (!was_reached) {
            assert_string_equal(err.text, message);
        } else {
            rc = SQLITE_NOMEM; /* the error was known before, a hint had no room */
        }
        assert_int_equal(catalog != NULL, rc == SQLITE_OK);
        ds_catalog_release(catalog);
    }
    return n;
}

static void test_memory_is_out(void **state) {
    (void)state;
    static const char *const files[] = {
        "schema/examples/editors.graphql",
        "schema/examples/custom-keys.graphql",
        "tests/golden/schema/v2-many-to-many-composite.graphql",
        "tests/golden/schema/v1-key-field.graphql",
        "tests/golden/schema/v2-default.graphql",
        "tests/golden/schema/operations-v2.graphql",
        "schema/examples/amplify_outputs.json",
        "tests/fuzz/corpus/catalog/join.json",
        "tests/fuzz/corpus/catalog/hidden-keys.json"};
    for (size_t i = 0; i < DS_COUNT(files); i++) {
        ds_buf sdl;
        read_file(files[i], &sdl);
        for (int mode = 0; mode < 2; mode++) {
            for_ever = mode == 1;
            assert_true(sweep(ds_buf_text(&sdl), "") > 20);
        }
        ds_buf_done(&sdl);
    }
}

static void test_memory_is_out_for_the_error(void **state) {
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        for_ever = mode == 1;
        (void)sweep("type Post @model { a: Strng }",
                    "schema line 1, column 23: unknown type \"Strng\" (did you mean "
                    "\"String\"?)");
        (void)sweep("type A @model { b: [B] @hasMany(fields: \"idd\") id: ID! } "
                    "type B @model { a: Int }",
                    "schema line 1, column 24: @hasMany names \"idd\", but \"A\" "
                    "declares no such "
                    "field (did you mean \"id\"?)");
        (void)sweep("type A @model(queries: {gett: \"x\"}) { a: Int }",
                    "schema line 1, column 31: argument \"queries\" of @model has no "
                    "\"gett\" (did "
                    "you mean \"get\"?), known are get, list");
        (void)sweep(
            "{\"models\":{\"A\":{\"fields\":{\"a\":{\"type\":1}}}}}",
            "introspection models.A.fields.a.type: expected the name of a scalar, "
            "or an object with one member, \"model\", \"nonModel\" or \"enum\", "
            "that names a type");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_blog),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_text_is_not_kept),
        cmocka_unit_test_setup_teardown(test_memory_is_out, install_allocator,
                                        remove_allocator),
        cmocka_unit_test_setup_teardown(test_memory_is_out_for_the_error,
                                        install_allocator, remove_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Lists and embedded types, judged deeply.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/check_int.h"

/* ---- One check --------------------------------------------------------------------------------- */

static const ds_path post = {NULL, "Post", 0};
static const ds_path place = {&post, "field", 0};

static bool is_null;
static ds_err err;

static int check(const ds_type *type, const char *json) {
    is_null = false;
    err = (ds_err)DS_ERR_INIT;
    int rc = ds_check_json(&place, type, json, strlen(json), &is_null, &err);
    assert_int_equal(err.code, rc);
    return rc;
}

static void takes(const ds_type *type, const char *json) {
    int rc = check(type, json);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(is_null, strcmp(json, "null") == 0);
}

static void refuses(const ds_type *type, const char *json, int rc, const char *message) {
    assert_int_equal(check(type, json), rc);
    assert_string_equal(err.text, message);
    assert_false(is_null);
}

#define DATATYPE SQLITE_CONSTRAINT_DATATYPE
#define NOTNULL  SQLITE_CONSTRAINT_NOTNULL
#define CHECKED  SQLITE_CONSTRAINT_CHECK

/* A list of nullable elements. */
static ds_type list_of(ds_scalar scalar) {
    return (ds_type){
        .scalar = scalar, .is_list = true, .list_depth = 1, .is_list_nullable = true};
}

/* ---- Lists ------------------------------------------------------------------------------------- */

static void test_list(void **state) {
    (void)state;
    ds_type strings = list_of(DS_STRING);
    takes(&strings, "[]");
    takes(&strings, " [\"a\", null, \"\"] ");
    takes(&strings, "null");
    refuses(&strings, "\"a\"", DATATYPE,
            "cannot store 'a' as [String] in Post.field: expected a JSON list");
    refuses(&strings, "{}", DATATYPE,
            "cannot store a JSON object as [String] in Post.field: expected a JSON list");
    refuses(&strings, "[\"a\",5]", DATATYPE,
            "cannot store 5 as String in Post.field[1]: expected a JSON string");
    refuses(
        &strings, "[[]]", DATATYPE,
        "cannot store a JSON list as String in Post.field[0]: expected a JSON string");
}

static void test_required_elements(void **state) {
    (void)state;
    ds_type strings = list_of(DS_STRING);
    strings.is_required = true;
    takes(&strings, "null");
    takes(&strings, "[\"a\"]");
    refuses(&strings, "[\"a\",null]", NOTNULL,
            "NOT NULL constraint failed: Post.field[1]");
    strings.is_list_nullable = false;
    refuses(&strings, "null", NOTNULL, "NOT NULL constraint failed: Post.field");
}

static void test_lists_of_lists(void **state) {
    (void)state;
    ds_type ints = list_of(DS_INT);
    ints.list_depth = 2;
    ints.is_required = true;
    takes(&ints, "[[1,2],[],null]");
    refuses(&ints, "[[1],[2,null]]", NOTNULL,
            "NOT NULL constraint failed: Post.field[1][1]");
    refuses(&ints, "[1]", DATATYPE,
            "cannot store 1 as [Int] in Post.field[0]: expected a JSON list");
    refuses(&ints, "1", DATATYPE,
            "cannot store 1 as [[Int]] in Post.field: expected a JSON list");
    refuses(
        &ints, "[[[1]]]", DATATYPE,
        "cannot store a JSON list as Int in Post.field[0][0]: expected an integer from "
        "-2147483648 to 2147483647");
}

static void test_malformed(void **state) {
    (void)state;
    ds_type strings = list_of(DS_STRING);
    refuses(
        &strings, "", DATATYPE,
        "cannot store '' as [String] in Post.field: malformed JSON at byte 1: it ends "
        "too early");
    refuses(
        &strings, "[1", DATATYPE,
        "cannot store '[1' as [String] in Post.field: malformed JSON at byte 3: it ends "
        "too early");
    refuses(
        &strings, "[\"\\u0000\"]", DATATYPE,
        "cannot store '[\"\\u0000\"]' as [String] in Post.field: malformed JSON at byte "
        "3: U+0000 is not supported in a string");
    refuses(&strings, "\xEF\xBB\xBF[]", DATATYPE,
            "cannot store '\xEF\xBB\xBF[]' as [String] in Post.field: JSON begins with a "
            "byte order mark");
}

/* ---- Scalars ----------------------------------------------------------------------------------- */

static void test_numbers(void **state) {
    (void)state;
    ds_type ints = list_of(DS_INT);
    takes(&ints, "[0,-2147483648,2147483647,5.0]");
    refuses(&ints, "[2147483648]", DATATYPE,
            "cannot store 2147483648 as Int in Post.field[0]: expected an integer from "
            "-2147483648 to 2147483647");
    refuses(&ints, "[\"5\"]", DATATYPE,
            "cannot store '5' as Int in Post.field[0]: expected an integer from "
            "-2147483648 to 2147483647");
    refuses(&ints, "[true]", DATATYPE,
            "cannot store true as Int in Post.field[0]: expected an integer from "
            "-2147483648 to 2147483647");
    ds_type floats = list_of(DS_FLOAT);
    takes(&floats, "[0,-2.5,1e300]");
    refuses(&floats, "[\"5\"]", DATATYPE,
            "cannot store '5' as Float in Post.field[0]: expected a number");
    ds_type times = list_of(DS_AWS_TIMESTAMP);
    takes(&times, "[0,-1,9007199254740991]");
    refuses(&times, "[-9007199254740992]", DATATYPE,
            "cannot store -9.00719925474099e+15 as AWSTimestamp in Post.field[0]: "
            "expected an "
            "integer, seconds before or after 1970");
    refuses(&times, "[1.5]", DATATYPE,
            "cannot store 1.5 as AWSTimestamp in Post.field[0]: expected an integer, "
            "seconds before or after 1970");
}

static void test_booleans(void **state) {
    (void)state;
    ds_type booleans = list_of(DS_BOOLEAN);
    takes(&booleans, "[true,false]");
    refuses(&booleans, "[1]", DATATYPE,
            "cannot store 1 as Boolean in Post.field[0]: expected true or false");
    ds_type strings = list_of(DS_STRING);
    refuses(&strings, "[false]", DATATYPE,
            "cannot store false as String in Post.field[0]: expected a JSON string");
}

static void test_aws_scalars(void **state) {
    (void)state;
    ds_type dates = list_of(DS_AWS_DATE);
    takes(&dates, "[\"2020-02-29\"]");
    refuses(
        &dates, "[\"2021-02-29\"]", CHECKED,
        "CHECK constraint failed: Post.field[0] = '2021-02-29': AWSDate is a date such "
        "as 2020-02-29");
    refuses(&dates, "[20200229]", DATATYPE,
            "cannot store 20200229 as AWSDate in Post.field[0]: expected a JSON string");
    ds_type jsons = list_of(DS_AWS_JSON);
    takes(&jsons, "[\"{\\\"a\\\":1}\",\"5\"]");
    refuses(
        &jsons, "[{\"a\":1}]", DATATYPE,
        "cannot store a JSON object as AWSJSON in Post.field[0]: expected a JSON string");
    refuses(&jsons, "[\"{a\"]", CHECKED,
            "CHECK constraint failed: Post.field[0] = '{a': malformed JSON at byte 2");
}

static void test_enums(void **state) {
    (void)state;
    static const char *const values[] = {"RED", "GREEN"};
    static const ds_enum color = {"Color", values, 2};
    ds_type colors = list_of(DS_STRING);
    colors.kind = DS_KIND_ENUM;
    colors.enumeration = &color;
    takes(&colors, "[\"RED\",null]");
    refuses(
        &colors, "[\"RED\",\"GRENE\"]", CHECKED,
        "CHECK constraint failed: Post.field[1] = 'GRENE': Color is one of RED, GREEN "
        "(did you mean \"GREEN\"?)");
    refuses(&colors, "[0]", DATATYPE,
            "cannot store 0 as Color in Post.field[0]: expected a JSON string");
}

/* ---- Embedded types ------------------------------------------------------------------------------ */

static const ds_embedded meta;

/* A type with a list of its own kind; `author` is a row elsewhere. */
static const ds_field meta_fields[] = {
    {.name = "title", .type = {.scalar = DS_STRING, .is_required = true}},
    {.name = "rating", .type = {.scalar = DS_INT}},
    {.name = "tags",
     .type =
         {.scalar = DS_STRING, .is_list = true, .list_depth = 1, .is_required = true}},
    {.name = "children",
     .type = {.kind = DS_KIND_EMBEDDED,
              .embedded = &meta,
              .is_list = true,
              .list_depth = 1,
              .is_list_nullable = true}},
    {.name = "author", .type = {.kind = DS_KIND_MODEL, .is_required = true}},
};
static const ds_embedded meta = {"Meta", meta_fields, DS_COUNT(meta_fields)};
static const ds_type embedded = {.kind = DS_KIND_EMBEDDED, .embedded = &meta};

static void test_members(void **state) {
    (void)state;
    takes(&embedded, "{\"title\":\"x\",\"tags\":[]}");
    takes(&embedded,
          "{\"tags\":[\"a\"],\"title\":\"\",\"rating\":null,\"children\":null}");
    takes(&embedded, "null");
    refuses(&embedded, "[]", DATATYPE,
            "cannot store a JSON list as Meta in Post.field: expected a JSON object");
    refuses(&embedded, "{\"title\":\"x\",\"tags\":[],\"rating\":\"5\"}", DATATYPE,
            "cannot store '5' as Int in Post.field.rating: expected an integer from "
            "-2147483648 to 2147483647");
    refuses(&embedded, "{\"title\":\"x\",\"tags\":[\"a\",\"b\",3]}", DATATYPE,
            "cannot store 3 as String in Post.field.tags[2]: expected a JSON string");
    refuses(&embedded, "{\"title\":\"x\",\"tags\":[],\"title\":\"y\"}", DATATYPE,
            "cannot store '{\"title\":\"x\",\"tags\":[],\"title\":\"y\"}' as Meta in "
            "Post.field: JSON has the member \"title\" twice in one object");
}

static void test_required_members(void **state) {
    (void)state;
    refuses(&embedded, "{}", NOTNULL, "NOT NULL constraint failed: Post.field.title");
    refuses(&embedded, "{\"title\":null,\"tags\":[]}", NOTNULL,
            "NOT NULL constraint failed: Post.field.title");
    refuses(&embedded, "{\"title\":\"x\"}", NOTNULL,
            "NOT NULL constraint failed: Post.field.tags");
    refuses(&embedded, "{\"title\":\"x\",\"tags\":null}", NOTNULL,
            "NOT NULL constraint failed: Post.field.tags");
    refuses(&embedded, "{\"title\":\"x\",\"tags\":[null]}", NOTNULL,
            "NOT NULL constraint failed: Post.field.tags[0]");
}

static void test_unknown_members(void **state) {
    (void)state;
    refuses(
        &embedded, "{\"titel\":\"x\"}", DATATYPE,
        "cannot store the member 'titel' in Post.field: Meta has no such field (did you "
        "mean \"title\"?)");
    refuses(
        &embedded, "{\"Title\":\"x\"}", DATATYPE,
        "cannot store the member 'Title' in Post.field: Meta has no such field (did you "
        "mean \"title\"?)");
    refuses(&embedded, "{\"\":null}", DATATYPE,
            "cannot store the member '' in Post.field: Meta has no such field");
}

/* A related row has no place in the value, and is not missed there. */
static void test_related_row(void **state) {
    (void)state;
    refuses(&embedded, "{\"title\":\"x\",\"tags\":[],\"author\":{}}", DATATYPE,
            "cannot store the member 'author' in Post.field: Meta has no such field");
}

static void test_nested(void **state) {
    (void)state;
    takes(&embedded, "{\"title\":\"x\",\"tags\":[],\"children\":[null,"
                     "{\"title\":\"y\",\"tags\":[]}]}");
    refuses(&embedded,
            "{\"title\":\"x\",\"tags\":[],\"children\":[null,"
            "{\"title\":\"y\",\"tags\":[\"a\",false]}]}",
            DATATYPE,
            "cannot store false as String in Post.field.children[1].tags[1]: expected a "
            "JSON string");
}

/* ---- Depth --------------------------------------------------------------------------------------- */

static const ds_embedded node;
static const ds_field node_fields[] = {
    {.name = "in", .type = {.kind = DS_KIND_EMBEDDED, .embedded = &node}}};
static const ds_embedded node = {"Node", node_fields, 1};
static const ds_type nodes = {.kind = DS_KIND_EMBEDDED, .embedded = &node};

/* {"in":{"in":{}}} is three objects deep. */
static int check_depth(int depth) {
    ds_buf json;
    ds_buf_init(&json, 100000);
    for (int i = 1; i < depth; i++) {
        ds_buf_add(&json, "{\"in\":");
    }
    ds_buf_add(&json, "{}");
    for (int i = 1; i < depth; i++) {
        ds_buf_add(&json, "}");
    }
    int rc = check(&nodes, ds_buf_text(&json));
    ds_buf_done(&json);
    return rc;
}

static void test_depth(void **state) {
    (void)state;
    assert_int_equal(check_depth(DS_MAX_EMBEDDED_DEPTH), SQLITE_OK);
    assert_int_equal(check_depth(DS_MAX_EMBEDDED_DEPTH + 1), DATATYPE);
    assert_non_null(
        strstr(err.text, "cannot store a JSON object as Node in Post.field.in.in"));
    assert_non_null(
        strstr(err.text, ": expected at most 64 embedded types in each other"));
    assert_int_equal(check_depth(DS_MAX_JSON_DEPTH + 1), DATATYPE);
    assert_non_null(strstr(err.text, "JSON is nested deeper than 200"));
}

/* Many members are compared by sorting, which needs SQLite's memory. */
static void test_out_of_memory(void **state) {
    (void)state;
    const char *json = "{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,"
                       "\"i\":0,\"j\":0,\"k\":0,\"l\":0,\"m\":0,\"n\":0,\"o\":0,\"p\":0,"
                       "\"q\":0}";
    void *keep = sqlite3_malloc(1); /* a limit of 0 would be none */
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    int rc = check(&embedded, json);
    sqlite3_hard_heap_limit64(limit);
    sqlite3_free(keep);
    assert_int_equal(rc, SQLITE_NOMEM);
    assert_string_equal(err.text, "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_required_elements),
        cmocka_unit_test(test_lists_of_lists),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_aws_scalars),
        cmocka_unit_test(test_enums),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_required_members),
        cmocka_unit_test(test_unknown_members),
        cmocka_unit_test(test_related_row),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

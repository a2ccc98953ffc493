/*
** Types by name: what becomes of each kind, extensions, root types, and names that exclude each
** other.
*/
#include "catalog.h"

static void test_kinds(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type B @model { e: E! x: X } enum E { V } type X { a: Int } "
                     "type A @model { b: Int } input I { a: Int } interface N { a: Int } "
                     "union U = X scalar Own schema { query: Q } type Q { a: Int }");
    assert_int_equal(catalog->n_models, 2);
    assert_string_equal(catalog->models[0].name, "B");
    assert_string_equal(catalog->models[1].name, "A");
    assert_int_equal(catalog->models[1].index, 1);
    assert_int_equal(catalog->models[1].pos.line, 1);
    assert_int_equal(catalog->models[1].pos.column, 66);
    assert_ptr_equal(catalog->models[0].catalog, catalog);
    assert_int_equal(catalog->n_enums, 1);
    assert_string_equal(catalog->enums[0].name, "E");
    assert_int_equal(catalog->n_embedded, 1);
    assert_string_equal(catalog->embedded[0].name, "X");
    ds_catalog_release(catalog);
}

static void test_extensions(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "extend type A { c: E } type A @model { a: Int b: Int } extend enum E { W } "
        "enum E { V } extend type A { d: X } type X { a: Int } extend type X { b: Int } "
        "extend type Query { ping: Int }");
    check_columns(
        catalog, "A",
        "id ID! key 0, a Int, b Int, c E, d X, createdAt AWSDateTime read-only, "
        "updatedAt AWSDateTime read-only");
    assert_int_equal(catalog->enums[0].n_values, 2);
    assert_string_equal(catalog->enums[0].values[0], "V");
    assert_string_equal(catalog->enums[0].values[1], "W");
    assert_int_equal(catalog->embedded[0].n_fields, 2);
    ds_catalog_release(catalog);
    refused(&told, "type Post @model { a: Int } extend type Pots { a: Int }",
            "schema line 1, column 41: unknown type \"Pots\" (did you mean \"Post\"?)");
    refused(
        &told, "type Post @model { a: Int } extend input Post { a: Int }",
        "schema line 1, column 42: \"Post\" is no input, it cannot be extended as one");
    refused(&v2, "type Post { a: Int } extend type Post @model",
            "schema line 1, column 39: @model must stand on the definition of \"Post\", "
            "not on "
            "an extension");
    refused(&v1, "type Post @model { a: Int } extend type Post @model",
            "schema line 1, column 46: @model stands on \"Post\" twice");
}

/* Transformer 1 overlooks @model on an extension: the model stays without operations. */
static void test_unserved(void **state) {
    (void)state;
    ds_catalog *catalog = built(&v1, "type Post { a: Int } extend type Post @model");
    check_operations(catalog, "Post", "- - - - - - - -");
    ds_catalog_release(catalog);
}

static void test_root_types(void **state) {
    (void)state;
    refused(&told, "type Subscription @model { a: Int }",
            "schema line 1, column 6: \"Subscription\" is a root type of the API and "
            "cannot be "
            "a model");
    refused(&told, "schema { query: Q } type Q @model { a: Int }",
            "schema line 1, column 26: \"Q\" is a root type of the API and cannot be a "
            "model");
    refused(&told, "schema { query: Qery } type Query { a: Int }",
            "schema line 1, column 10: unknown type \"Qery\" (did you mean \"Query\"?)");
    /* With a schema definition, other types of the usual names are ordinary ones. */
    ds_catalog *catalog =
        built(&told, "schema { query: Q } type Q { a: Int } "
                     "type Mutation { a: Int } type A @model { m: Mutation }");
    assert_int_equal(catalog->n_embedded, 1);
    ds_catalog_release(catalog);
}

static void test_names_that_exclude_each_other(void **state) {
    (void)state;
    refused(&told, "type Post @model { a: Int } type Post { a: Int }",
            "schema line 1, column 34: \"Post\" is defined twice (line 1)");
    refused(&told, "type Post @model { a: Int } type POST @model { a: Int }",
            "schema line 1, column 34: types \"Post\" and \"POST\" differ only in case, "
            "which "
            "SQLite ignores");
    refused(
        &told, "type Post @model { a: Int } type post_ROWS @model { a: Int }",
        "schema line 1, column 34: types \"Post\" and \"post_ROWS\" both need a table "
        "\"post_ROWS\"");
    refused(
        &told, "type Post_base @model { a: Int } type Post @model { a: Int }",
        "schema line 1, column 39: types \"Post_base\" and \"Post\" both need a table "
        "\"Post_base\"");
    refused(&told, "type SQLITE_x @model { a: Int }",
            "schema line 1, column 6: a model's name must not begin with sqlite_ or "
            "datastore_: "
            "\"SQLITE_x\"");
    refused(&told, "type Datastore_x @model { a: Int }",
            "schema line 1, column 6: a model's name must not begin with sqlite_ or "
            "datastore_: "
            "\"Datastore_x\"");
    /* What has no table may be called as it likes. */
    ds_catalog *catalog = built(&told, "type Post @model { a: Int } type post { a: Int } "
                                       "enum Post_rows { V } type sqlite_x { a: Int }");
    ds_catalog_release(catalog);
}

static void test_names_of_others(void **state) {
    (void)state;
    refused(
        &told, "type __A { a: Int }",
        "schema line 1, column 6: names that begin with __ belong to GraphQL: \"__A\"");
    refused(&told, "enum AWSDate { A }",
            "schema line 1, column 6: \"AWSDate\" is a scalar of AppSync");
    ds_catalog *catalog = built(&told, "scalar AWSDate type A @model { d: AWSDate }");
    ds_catalog_release(catalog);
}

static void check_models(int n, const char *message) {
    ds_buf sdl;
    ds_err err = DS_ERR_INIT;
    ds_catalog *catalog = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    for (int i = 0; i < n; i++) {
        ds_buf_addf(&sdl, "type T%d @model { a: Int }\n", i);
    }
    int rc = ds_catalog_build(ds_buf_text(&sdl), sdl.length, &told, &catalog, &err);
    assert_string_equal(err.text, message);
    assert_int_equal(rc, message[0] ? SQLITE_ERROR : SQLITE_OK);
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
}

static void test_how_many(void **state) {
    (void)state;
    check_models(DS_MAX_MODELS, "");
    check_models(DS_MAX_MODELS + 1, "the schema has 501 models, 500 are allowed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_unserved),
        cmocka_unit_test(test_root_types),
        cmocka_unit_test(test_names_that_exclude_each_other),
        cmocka_unit_test(test_names_of_others),
        cmocka_unit_test(test_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

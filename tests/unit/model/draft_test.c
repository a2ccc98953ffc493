/*
** Fields with their types: of models, of embedded types, and enums.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_types(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { s: String! e: E x: X! l: [Int] m: [Int!] n: [Int]! o: [E!]! "
        "deep: [[[X!]!]]! } enum E { V } type X { a: Int }");
    check_columns(
        catalog, "A",
        "id ID! key 0, s String!, e E, x X!, l [Int], m [Int!], n [Int]!, o [E!]!, "
        "deep [[[X!]]]!" STAMPS);
    const ds_model *a = ds_catalog_model(catalog, "A");
    const ds_type *deep = &ds_model_column(a, "deep")->type;
    assert_int_equal(deep->kind, DS_KIND_EMBEDDED);
    assert_string_equal(deep->embedded->name, "X");
    assert_true(deep->is_list && deep->is_required && !deep->is_list_nullable);
    assert_int_equal(deep->list_depth, 3);
    const ds_type *plain = &ds_model_column(a, "e")->type;
    assert_ptr_equal(plain->enumeration, &catalog->enums[0]);
    assert_false(plain->is_list || plain->is_list_nullable);
    assert_int_equal(plain->list_depth, 0);
    ds_catalog_release(catalog);
}

static void test_wrong_types(void **state) {
    (void)state;
    refused(&told, "type A @model { a: Flaot }",
            "schema line 1, column 20: unknown type \"Flaot\" (did you mean \"Float\"?)");
    refused(
        &told, "type A @model { a: [[B!]]! } scalar B",
        "schema line 1, column 22: field \"a\" cannot have the type \"B\", which is a "
        "scalar of your own: expected a scalar of AppSync, an enum or an object type");
    refused(&told, "type A @model { a: [Query] } type Query { a: Int }",
            "schema line 1, column 21: field \"a\" cannot have the type \"Query\", which "
            "is a "
            "root type: expected a scalar of AppSync, an enum or an object type");
    refused(
        &told, "type X { a: I } input I { a: Int }",
        "schema line 1, column 13: field \"a\" cannot have the type \"I\", which is an "
        "input: expected a scalar of AppSync, an enum or an object type");
}

static void test_embedded(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type X { y: [X!] e: E! m: A s: String! } enum E { V W } "
                     "type A @model { x: X } type Nothing");
    const ds_embedded *x = &catalog->embedded[0];
    assert_int_equal(x->n_fields, 4);
    assert_string_equal(x->fields[0].name, "y");
    assert_ptr_equal(x->fields[0].type.embedded, x);
    assert_int_equal(x->fields[2].type.kind, DS_KIND_MODEL);
    assert_string_equal(x->fields[2].type.model->name, "A");
    assert_null(x->fields[2].relation);
    assert_int_equal(x->fields[3].pos.column, 29);
    assert_int_equal(catalog->embedded[1].n_fields, 0);
    ds_catalog_release(catalog);
    refused(&told, "type X { a: Int } extend type X { a: Int }",
            "schema line 1, column 35: field \"X.a\" is defined twice");
}

static void test_enum(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "enum E { fooBar FOO_BAR foobar }");
    assert_int_equal(catalog->enums[0].n_values, 3);
    assert_string_equal(catalog->enums[0].values[2], "foobar");
    ds_catalog_release(catalog);
    refused(&told, "enum E { A B A }",
            "schema line 1, column 14: enum \"E\" has \"A\" twice");
}

static void test_names(void **state) {
    (void)state;
    refused(&told, "type A @model { a: Int a: Int }",
            "schema line 1, column 24: field \"A.a\" is defined twice");
    refused(&told, "type A @model { _LastChangedAt: Int }",
            "schema line 1, column 17: field \"A._LastChangedAt\" has the name of a "
            "field that "
            "synchronization adds");
    refused(&told, "type A @model { __a: Int }",
            "schema line 1, column 17: names that begin with __ belong to GraphQL: "
            "\"A.__a\"");
    /* JSON has no metadata of ours. */
    ds_catalog *catalog = built(&told, "type X { _version: Int }");
    ds_catalog_release(catalog);
}

static int build_wide(int fields, bool is_model, ds_err *err) {
    ds_buf sdl;
    ds_catalog *catalog = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_addf(&sdl, "type A %s{", is_model ? "@model " : "");
    for (int i = 0; i < fields; i++) {
        ds_buf_addf(&sdl, "\nf%d: Int", i);
    }
    ds_buf_add(&sdl, "}");
    int rc = ds_catalog_build(ds_buf_text(&sdl), sdl.length, &told, &catalog, err);
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
    return rc;
}

static void test_how_many(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(build_wide(DS_MAX_FIELDS, true, &err), SQLITE_OK);
    assert_int_equal(build_wide(DS_MAX_FIELDS, false, &err), SQLITE_OK);
    assert_int_equal(build_wide(DS_MAX_FIELDS + 1, true, &err), SQLITE_ERROR);
    assert_string_equal(err.text,
                        "schema line 1002, column 1: \"A\" has more than 1000 fields");
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(build_wide(DS_MAX_FIELDS + 1, false, &err), SQLITE_ERROR);
    assert_string_equal(err.text,
                        "schema line 1, column 6: \"A\" has more than 1000 fields");
}

/* Names that do not come from the grammar: of a generated key, made of two that may be as long
** as they are. */
static int build_long(int field, ds_err *err) {
    ds_catalog *catalog = NULL;
    char sdl[300];
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { %.*c: [B] @hasMany } type B @model", field, 'n');
    int rc = ds_catalog_build(sdl, strlen(sdl), &told, &catalog, err);
    ds_catalog_release(catalog);
    return rc;
}

static void test_long_names(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(build_long(DS_MAX_NAME_BYTES - 3, &err), SQLITE_OK);
    assert_int_equal(build_long(DS_MAX_NAME_BYTES - 2, &err), SQLITE_ERROR);
    assert_non_null(strstr(err.text,
                           "column 149: the name of a field of \"B\" is longer than 128 "
                           "characters: \"aNnnnnnnnnnnnnnnnnnn…\""));
}

static void test_type_comparison(void **state) {
    (void)state;
    ds_type id = ds_type_scalar(DS_ID, true), string = ds_type_scalar(DS_STRING, false);
    ds_type integer = ds_type_scalar(DS_INT, false);
    assert_true(id.is_required && !string.is_required && !id.is_list);
    assert_string_equal(ds_type_name(&id), "ID");
    assert_true(ds_type_same(&id, &id));
    assert_false(ds_type_same(&id, &string));
    assert_true(ds_type_fits(&id, &string));
    assert_false(ds_type_fits(&id, &integer));
    assert_true(ds_type_fits(&integer, &integer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),      cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_embedded),   cmocka_unit_test(test_enum),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_long_names), cmocka_unit_test(test_type_comparison),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

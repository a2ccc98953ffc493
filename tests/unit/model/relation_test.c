/*
** What the relations of both versions share: their ends, generated and declared foreign keys,
** and the fit of key types.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_ends(void **state) {
    (void)state;
    refused(&told, "type A { b: [B] @hasMany } type B @model { a: Int }",
            "schema line 1, column 17: @hasMany may stand only in a model, but type "
            "\"A\" has no "
            "@model");
    refused(&told, "type A { b: B @connection } type B @model { a: Int }",
            "schema line 1, column 15: @connection may stand only in a model, but type "
            "\"A\" has "
            "no @model");
    refused(&told, "type A @model { b: Int @hasOne }",
            "schema line 1, column 24: @hasOne: the type of \"A.b\" must be a model, but "
            "\"Int\" "
            "is none");
    refused(&told, "type A @model { b: [[A]] @hasMany }",
            "schema line 1, column 26: @hasMany: \"A.b\" must be a plain list of \"A\"");
    refused(&told, "type A @model { b: A @hasOne @belongsTo }",
            "schema line 1, column 30: \"A.b\" has @hasOne already, it cannot be "
            "@belongsTo too");
    refused(&told, "type A { a: Int @primaryKey }",
            "schema line 1, column 17: @primaryKey may stand only in a model, but type "
            "\"A\" has "
            "no @model");
}

/* Without a relation directive the field is not the client's, and its name is free. */
static void test_plain_field(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: B! bs: [B] x: Int } "
                                       "type B @model { a: Int }");
    const ds_model *a = ds_catalog_model(catalog, "A");
    check_columns(catalog, "A", "id ID! key 0, x Int" STAMPS);
    assert_int_equal(a->n_fields, 4);
    assert_string_equal(a->fields[1].name, "x");
    assert_int_equal(a->n_relations, 0);
    assert_null(ds_model_relation(a, "b"));
    ds_catalog_release(catalog);
}

static void test_generated_key(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { n: Int! @primaryKey(sortKeyFields: [\"e\"]) e: E! "
                     "b: [B] @hasMany } type B @model { x: Int } enum E { V }");
    check_columns(catalog, "B", "id ID! key 0, x Int, aBN Int, aBE E" STAMPS);
    const ds_model *b = ds_catalog_model(catalog, "B");
    assert_int_equal(b->n_fields, 6);
    assert_string_equal(b->fields[5].name,
                        "aBE"); /* after the timestamps, as the generator */
    assert_int_equal(b->fields[5].pos.line, 0);
    ds_catalog_release(catalog);
}

/* A declared field is used as it is, if it can hold the key. */
static void test_declared_key(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: [B] @hasMany } "
                                       "type B @model { aBId: String! a: A @belongsTo }");
    check_columns(catalog, "B", "id ID! key 0, aBId String! also a" STAMPS);
    ds_catalog_release(catalog);
    refused(&told, "type A @model { b: [B] @hasMany } type B @model { aBId: Int }",
            "schema line 1, column 24: the foreign key \"B.aBId\" must be of type ID, "
            "not Int");
    refused(&told, "type A @model { b: [B] @hasMany } type B @model { aBId: [ID] }",
            "schema line 1, column 24: a foreign key names \"B.aBId\", which must be a "
            "scalar or "
            "enum and no list");
    refused(&told,
            "type _last @model { at: ID! @primaryKey changed: [B] @hasMany } "
            "type B @model { b: Int }",
            "schema line 1, column 54: field \"B._lastChangedAt\" has the name of a "
            "field that "
            "synchronization adds");
}

static void test_key_types(void **state) {
    (void)state;
    static const char target[] = "type B @model { id: ID! @primaryKey(sortKeyFields: "
                                 "[\"n\", \"m\"]) n: Int! m: Int! }";
    char sdl[300];
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { a: Int b: B @hasOne(fields: [\"a\"]) } %s", target);
    refused(&told, sdl,
            "schema line 1, column 29: @hasOne: \"A.a\" is of type Int, but \"B.id\" of "
            "type ID");
    sqlite3_snprintf(
        sizeof sdl, sdl,
        "type A @model { a: ID n: Int b: B @hasOne(fields: [\"a\", \"n\"]) } %s", target);
    refused(&told, sdl,
            "schema line 1, column 35: @hasOne names 2 fields of \"A\" for the key of "
            "\"B\" (id, n, "
            "m): give 1 or 3");
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { id: ID! b: B @hasOne(fields: [\"ib\"]) } %s",
                     target);
    refused(&told, sdl,
            "schema line 1, column 30: @hasOne names \"ib\", but \"A\" declares no such "
            "field");
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { c: B b: B @hasOne(fields: [\"c\"]) } %s", target);
    refused(&told, sdl,
            "schema line 1, column 27: @hasOne names \"A.c\", which must be a scalar or "
            "enum and "
            "no list");
    refused(&told,
            "type A @model { a: ID b: B @hasOne(fields: [\"a\", \"a\"]) } type B @model "
            "{ b: Int }",
            "schema line 1, column 28: @hasOne names 2 fields of \"A\" for the key of "
            "\"B\" (id): "
            "give 1");
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { a: ID b: B @hasOne(fields: [\"a\"]) "
                     "n: Int m: Int c: B @hasOne(fields: [\"a\", \"n\", \"m\"]) } %s",
                     target);
    ds_catalog *catalog = built(&told, sdl);
    check_relations(catalog, "A", "b has one B (a = id), c has one B (a n m = id n m)");
    ds_catalog_release(catalog);
}

/* Fields that Amplify adds cannot be named in a directive. */
static void test_added_fields(void **state) {
    (void)state;
    refused(
        &told,
        "type A @model { b: [B] @hasMany(fields: [\"id\"]) } type B @model { id: ID! }",
        "schema line 1, column 24: @hasMany names \"id\", but \"A\" declares no such "
        "field");
    refused(
        &told,
        "type A @model { b: [B] @hasMany } "
        "type B @model { a: A @belongsTo(fields: [\"aBId\"]) }",
        "schema line 1, column 56: @belongsTo names \"aBId\", but \"B\" declares no such "
        "field");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),          cmocka_unit_test(test_plain_field),
        cmocka_unit_test(test_generated_key), cmocka_unit_test(test_declared_key),
        cmocka_unit_test(test_key_types),     cmocka_unit_test(test_added_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

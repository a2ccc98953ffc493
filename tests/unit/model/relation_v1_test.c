/*
** @connection in its forms.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_named(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type Post @model { id: ID! comments: [Comment] @connection(name: \"PC\") } "
        "type Comment @model { post: Post @connection(name: \"PC\") text: String }");
    check_columns(catalog, "Comment",
                  "id ID! key 0, post ID also commentPostId, text String" STAMPS);
    check_relations(catalog, "Post", "comments has many Comment (id = post)");
    check_relations(catalog, "Comment", "post belongs to Post (post = id)");
    const ds_relation *many = &ds_catalog_model(catalog, "Post")->relations[0];
    const ds_relation *one = &ds_catalog_model(catalog, "Comment")->relations[0];
    assert_int_equal(many->n_associated_with, 1);
    assert_string_equal(many->associated_with[0], "post");
    assert_int_equal(many->n_target_names, 0);
    assert_string_equal(one->target_names[0], "commentPostId");
    assert_int_equal(one->n_associated_with, 0);
    ds_catalog_release(catalog);
}

static void test_named_halves(void **state) {
    (void)state;
    refused(&told,
            "type A @model { b: [B] @connection(name: \"AB\") } "
            "type B @model { a: A @connection(name: \"BA\") }",
            "schema line 1, column 24: @connection of \"A.b\" is half a relation: \"B\" "
            "has no "
            "field with @connection(name: \"AB\")");
    refused(&told,
            "type A @model { b: [B] @connection(name: \"AB\") } "
            "type B @model { a: [A] @connection(name: \"AB\") }",
            "schema line 1, column 24: @connection of \"A.b\": many-to-many needs a "
            "model of its "
            "own between the two");
    /* A field alone is no two halves, but a model may have both. */
    refused(&told, "type A @model { a: A @connection(name: \"AA\") }",
            "schema line 1, column 22: @connection of \"A.a\" is half a relation: \"A\" "
            "has no "
            "field with @connection(name: \"AA\")");
    ds_catalog *catalog = built(&told, "type A @model { up: A @connection(name: \"AA\") "
                                       "down: [A] @connection(name: \"AA\") }");
    check_relations(catalog, "A", "up belongs to A (up = id), down has many A (id = up)");
    ds_catalog_release(catalog);
}

static void test_one_to_one(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { b: B @connection(name: \"AB\") } "
                     "type B @model { a: A! @connection(name: \"AB\") }");
    check_columns(catalog, "A", "id ID! key 0, aBId ID" STAMPS);
    check_columns(catalog, "B", "id ID! key 0, a ID! also bAId" STAMPS);
    check_relations(catalog, "A", "b has one B (aBId = id)");
    check_relations(catalog, "B", "a belongs to A (a = id), required");
    ds_catalog_release(catalog);
    refused(&told,
            "type A @model { b: B @connection(name: \"AB\") } "
            "type B @model { a: A @connection(name: \"AB\") }",
            "schema line 1, column 22: @connection of \"A.b\": of a one-to-one relation "
            "exactly "
            "one side must be required, but \"B.a\" is optional as well");
    refused(&told,
            "type A @model { b: B! @connection(name: \"AB\") } "
            "type B @model { a: A! @connection(name: \"AB\") }",
            "schema line 1, column 23: @connection of \"A.b\": of a one-to-one relation "
            "exactly "
            "one side must be required, but \"B.a\" is required as well");
}

static void test_unnamed(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { b: [B] @connection c: C! @connection } "
                     "type B @model { x: Int } type C @model { x: Int }");
    check_columns(catalog, "A", "id ID! key 0, c ID! also aCId" STAMPS);
    check_columns(catalog, "B", "id ID! key 0, x Int, aBId ID" STAMPS);
    check_relations(catalog, "A",
                    "b has many B (id = aBId), c belongs to C (c = id), required");
    ds_catalog_release(catalog);
}

/* The order of the types must not matter to what is one way and what is not. */
static void test_unnamed_on_both_sides(void **state) {
    (void)state;
    static const char a[] = "type A @model { b: [B] @connection } ";
    static const char b[] = "type B @model { a: A @connection } ";
    for (int turn = 0; turn < 2; turn++) {
        char sdl[200];
        sqlite3_snprintf(sizeof sdl, sdl, "%s%s", turn ? b : a, turn ? a : b);
        ds_catalog *catalog = built(&told, sdl);
        check_columns(catalog, "B", "id ID! key 0, a ID also bAId, aBId ID" STAMPS);
        check_relations(catalog, "A", "b has many B (id = aBId)");
        check_relations(catalog, "B", "a belongs to A (a = id)");
        ds_catalog_release(catalog);
    }
}

static void test_key_field(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told,
              "type A @model { b: [B] @connection(name: \"AB\", keyField: \"own\") "
              "c: [C] @connection(keyField: \"up\") d: D @connection(keyField: \"dd\") } "
              "type B @model { a: A @connection(name: \"AB\") } "
              "type C @model { up: String! } type D @model { x: Int }");
    check_columns(catalog, "A", "id ID! key 0, d ID also dd" STAMPS);
    check_columns(catalog, "B", "id ID! key 0, a ID also own" STAMPS);
    check_columns(catalog, "C", "id ID! key 0, up String!" STAMPS);
    check_relations(
        catalog, "A",
        "b has many B (id = a), c has many C (id = up), d belongs to D (d = id)");
    ds_catalog_release(catalog);
    refused(
        &told,
        "type A @model { b: [B] @connection(keyField: \"n\") } type B @model { n: Int }",
        "schema line 1, column 24: @connection of \"A.b\": the foreign key \"B.n\" must "
        "be of "
        "type ID or String");
    refused(&told,
            "type A @model { b: [B] @connection(keyField: \"n m\") } type B @model { n: "
            "Int }",
            "schema line 1, column 24: \"n m\" cannot be a field of \"B\": expected a "
            "letter or _, "
            "then letters, digits and _");
}

static void test_over_a_key(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { id: ID! b: [B] @connection(keyName: \"byA\", fields: \"id\") "
        "c: [C] @connection(keyName: \"byA\", fields: [\"id\"]) } "
        "type B @model @key(name: \"byA\", fields: [\"aID\"]) "
        "{ aID: ID! a: A @connection(fields: [\"aID\"]) } "
        "type C @model @key(name: \"byA\", fields: [\"aID\"]) { aID: ID }");
    check_columns(catalog, "B", "id ID! key 0, aID ID! also a" STAMPS);
    check_relations(catalog, "A", "b has many B (id = aID), c has many C (id = aID)");
    check_relations(catalog, "B", "a belongs to A (aID = id)");
    const ds_model *a = ds_catalog_model(catalog, "A");
    assert_string_equal(a->relations[0].associated_with[0], "a");
    assert_string_equal(a->relations[1].associated_with[0], "aID");
    /* The generator shows a belongs-to's key only as its target name. */
    assert_int_equal(ds_catalog_model(catalog, "B")->n_fields, 4);
    assert_int_equal(ds_catalog_model(catalog, "C")->n_fields, 4);
    ds_catalog_release(catalog);
}

static void test_over_a_key_single(void **state) {
    (void)state;
    static const char a[] =
        "type A @model { bID: ID b: B @connection(fields: [\"bID\"]) } ";
    char sdl[300];
    sqlite3_snprintf(sizeof sdl, sdl, "%stype B @model { id: ID! }", a);
    ds_catalog *catalog = built(&told, sdl);
    check_columns(catalog, "A", "id ID! key 0, bID ID" STAMPS);
    check_relations(catalog, "A", "b has one B (bID = id)");
    assert_string_equal(ds_catalog_model(catalog, "A")->relations[0].associated_with[0],
                        "id");
    ds_catalog_release(catalog);
    /* Any list of the target over its id makes it a belongs-to. */
    sqlite3_snprintf(
        sizeof sdl, sdl,
        "%stype B @model { id: ID! c: [C] @connection(keyName: \"k\", fields: "
        "[\"id\"]) } type C @model @key(name: \"k\", fields: [\"b\"]) { b: ID }",
        a);
    catalog = built(&told, sdl);
    check_columns(catalog, "A", "id ID! key 0, bID ID also b" STAMPS);
    check_relations(catalog, "A", "b belongs to B (bID = id)");
    ds_catalog_release(catalog);
}

static void test_over_a_key_refusals(void **state) {
    (void)state;
    refused(&told,
            "type A @model { bID: ID b: B! @connection(fields: [\"bID\"]) } "
            "type B @model { id: ID! }",
            "schema line 1, column 31: @connection of \"A.b\": a single object must be "
            "optional "
            "where no field of \"B\" leads back");
    refused(&told,
            "type A @model { bID: ID b: B @connection(fields: [\"bID\"]) } "
            "type B @model { x: Int }",
            "schema line 1, column 30: \"fields\" of @connection names \"id\", but \"B\" "
            "declares "
            "no such field");
    refused(
        &told,
        "type A @model { id: ID! b: [B] @connection(keyName: \"byB\", fields: \"id\") } "
        "type B @model @key(name: \"byA\", fields: \"a\") { a: ID }",
        "schema line 1, column 32: @connection of \"A.b\": \"B\" has no @key named "
        "\"byB\" (did "
        "you mean \"byA\"?)");
    refused(&told,
            "type A @model { b: B @connection(keyName: \"byA\", fields: \"c\") c: ID } "
            "type B @model @key(name: \"byA\", fields: \"a\") { a: ID }",
            "schema line 1, column 22: @connection of \"A.b\": \"keyName\" is for lists, "
            "a single "
            "object is found by its primary key");
    refused(&told,
            "type A @model { x: ID y: ID b: B @connection(fields: [\"x\", \"y\"]) } "
            "type B @model @key(fields: [\"x\", \"y\"]) { x: ID! y: ID! "
            "a: [A] @connection(keyName: \"k\", fields: [\"x\"]) } "
            "extend type A @key(name: \"k\", fields: [\"x\"])",
            "schema line 1, column 34: @connection of \"A.b\": a field that belongs to "
            "another "
            "model takes one name in \"fields\", DataStore has no composite keys there");
}

static void test_sort_field(void **state) {
    (void)state;
    refused(&told,
            "type A @model { b: [B] @connection(sortField: \"createdAt\") } "
            "type B @model { x: Int }",
            "schema line 1, column 24: \"sortField\" of @connection names \"createdAt\", "
            "but \"B\" "
            "declares no such field");
    refused(
        &told,
        "type A @model { b: [B] @connection(sortField: \"x\") } "
        "type B @model { x: Boolean }",
        "schema line 1, column 24: @connection of \"A.b\": \"sortField\" must not be a "
        "Boolean");
    refused(&told,
            "type A @model { x: Int b: B @connection(sortField: \"x\") } "
            "type B @model { x: Int }",
            "schema line 1, column 29: @connection of \"A.b\": \"sortField\" needs a "
            "target whose "
            "primary @key has a sort key");
    ds_catalog *catalog =
        built(&told, "type A @model { b: [B] @connection(sortField: \"x\") } "
                     "type B @model { x: Int }");
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_named_halves),
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_unnamed),
        cmocka_unit_test(test_unnamed_on_both_sides),
        cmocka_unit_test(test_key_field),
        cmocka_unit_test(test_over_a_key),
        cmocka_unit_test(test_over_a_key_single),
        cmocka_unit_test(test_over_a_key_refusals),
        cmocka_unit_test(test_sort_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

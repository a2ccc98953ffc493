/*
** @hasOne, @hasMany and @belongsTo with generated keys and with `fields`.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static const ds_relation *relation(const ds_catalog *catalog, const char *model,
                                   const char *field) {
    const ds_relation *r = ds_model_relation(ds_catalog_model(catalog, model), field);
    assert_non_null(r);
    return r;
}

static void check_words(const char *const *words, int n, const char *expected) {
    ds_buf text;
    ds_buf_init(&text, 1000);
    add_words(&text, "", words, n);
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
}

static void check_ends(const ds_relation *r, const char *associated,
                       const char *targets) {
    check_words(r->associated_with, r->n_associated_with, associated);
    check_words(r->target_names, r->n_target_names, targets);
}

static void test_has_many(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: [B] @hasMany } "
                                       "type B @model { x: Int a: A @belongsTo y: Int }");
    check_columns(catalog, "B", "id ID! key 0, x Int, a ID also aBId, y Int" STAMPS);
    check_relations(catalog, "A", "b has many B (id = a)");
    check_relations(catalog, "B", "a belongs to A (a = id)");
    check_ends(relation(catalog, "A", "b"), "aBId", "");
    check_ends(relation(catalog, "B", "a"), "", "aBId");
    assert_null(relation(catalog, "A", "b")->generated_key);
    ds_catalog_release(catalog);
}

static void test_has_many_one_way(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { b: [B] @hasMany c: [C!]! @hasMany } "
                     "type B @model { x: Int } type C @model { x: Int }");
    check_columns(catalog, "B", "id ID! key 0, x Int, aBId ID" STAMPS);
    check_columns(catalog, "C", "id ID! key 0, x Int, aCId ID!" STAMPS);
    assert_string_equal(relation(catalog, "A", "b")->generated_key, "gsi-A.b");
    /* The generator's field is nullable all the same. */
    const ds_model *c = ds_catalog_model(catalog, "C");
    assert_string_equal(c->fields[4].name, "aCId");
    assert_false(c->fields[4].type.is_required);
    ds_catalog_release(catalog);
}

/* A required parent is demanded of a local client, wherever the key came from first. */
static void test_required_parent(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { b: [B] @hasMany } "
                     "type B @model { a: A! @belongsTo c: C! @belongsTo } "
                     "type C @model { b: [B] @hasMany }");
    check_columns(catalog, "B", "id ID! key 0, a ID! also aBId, c ID! also cBId" STAMPS);
    assert_true(relation(catalog, "B", "a")->is_required);
    const ds_model *b = ds_catalog_model(catalog, "B");
    assert_false(b->fields[5].type.is_required);
    assert_true(b->fields[6].type.is_required);
    ds_catalog_release(catalog);
}

static void test_has_one(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { b: B @hasOne c: C! @hasOne } "
                     "type B @model { a: A @belongsTo } type C @model { x: Int }");
    check_columns(catalog, "A", "id ID! key 0, aBId ID, aCId ID!" STAMPS);
    check_columns(catalog, "B", "id ID! key 0, a ID also bAId" STAMPS);
    check_relations(catalog, "A", "b has one B (aBId = id), c has one C (aCId = id)");
    check_ends(relation(catalog, "A", "b"), "id", "aBId");
    ds_catalog_release(catalog);
}

static void test_composite(void **state) {
    (void)state;
    static const char sdl[] = "type A @model { k: String! @primaryKey(sortKeyFields: "
                              "[\"n\"]) n: Int! b: [B] @hasMany "
                              "c: C @hasOne } type B @model { a: A @belongsTo } type C "
                              "@model { a: A @belongsTo }";
    ds_catalog *catalog = built(&v2, sdl);
    check_columns(catalog, "B", "id ID! key 0, aBK String, aBN Int" STAMPS);
    check_columns(catalog, "C", "id ID! key 0, cAK String, cAN Int" STAMPS);
    check_relations(catalog, "A",
                    "b has many B (k n = aBK aBN), c has one C (aCId = id)");
    ds_catalog_release(catalog);
    catalog = built(&v2_nocpk, sdl);
    check_columns(catalog, "B", "id ID! key 0, aBId ID, aBN Int" STAMPS);
    check_columns(catalog, "C", "id ID! key 0, cAId ID, cAN Int" STAMPS);
    check_ends(relation(catalog, "A", "c"), "a", "aCId");
    ds_catalog_release(catalog);
}

static void test_over_index(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(indexName: \"byA\", fields: \"id\") "
        "c: [C] @hasMany(fields: [\"id\"]) } "
        "type B @model { aID: ID! @index(name: \"byA\", sortKeyFields: [\"x\"]) x: ID! "
        "a: A @belongsTo(fields: [\"aID\"]) } "
        "type C @model { aID: ID! @primaryKey(sortKeyFields: [\"n\"]) n: Int! }");
    check_relations(catalog, "A", "b has many B (id = aID), c has many C (id = aID)");
    check_columns(catalog, "B", "id ID! key 0, aID ID! also a, x ID!" STAMPS);
    check_ends(relation(catalog, "A", "b"), "a", "");
    check_ends(relation(catalog, "A", "c"), "aID", "");
    assert_string_equal(relation(catalog, "A", "c")->generated_key, "gsi-A.c");
    ds_catalog_release(catalog);
    refused(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(indexName: \"byB\", fields: \"id\") } "
        "type B @model { a: ID @index(name: \"byA\") }",
        "schema line 1, column 32: @hasMany of \"A.b\": \"B\" has no @index named "
        "\"byB\" (did "
        "you mean \"byA\"?)");
    refused(&told,
            "type A @model { id: ID! b: [B] @hasMany(indexName: \"byA\") } "
            "type B @model { a: ID @index(name: \"byA\") }",
            "schema line 1, column 32: @hasMany of \"A.b\": \"indexName\" needs "
            "\"fields\" that are "
            "looked up in the index");
}

/* As the API does; Amplify's generator names a key that does not exist. */
static void test_bare_belongs_to_over_index(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(indexName: \"byA\", fields: \"id\") } "
        "type B @model { aID: ID! @index(name: \"byA\") a: A @belongsTo }");
    check_columns(catalog, "B", "id ID! key 0, aID ID! also a" STAMPS);
    check_relations(catalog, "B", "a belongs to A (aID = id)");
    ds_catalog_release(catalog);
}

static void test_fields(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { bID: ID b: B @hasOne(fields: [\"bID\"]) "
                     "c: B! @belongsTo(fields: [\"bID\"]) } "
                     "type B @model { x: Int }");
    check_columns(catalog, "A", "id ID! key 0, bID ID! also c" STAMPS);
    check_relations(catalog, "A",
                    "b has one B (bID = id), c belongs to B (bID = id), required");
    check_ends(relation(catalog, "A", "b"), "id", "bID");
    ds_catalog_release(catalog);
}

static void test_shared_key(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type U @model { sent: [M] @hasMany got: [M] @hasMany } "
                     "type M @model { from: U @belongsTo to: U @belongsTo }");
    check_columns(catalog, "M",
                  "id ID! key 0, from ID also uSentId to, uGotId ID" STAMPS);
    ds_catalog_release(catalog);
}

/* Without custom keys on connection fields: no foreign keys among the generator's fields. */
static void test_nocpk_fields(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&v2_nocpk, "type A @model { k: String! @primaryKey b: [B] @hasMany } "
                         "type B @model { a: A @belongsTo }");
    check_columns(catalog, "B", "id ID! key 0, a ID also aBId" STAMPS);
    const ds_model *b = ds_catalog_model(catalog, "B");
    assert_int_equal(b->n_fields, 4);
    assert_string_equal(b->fields[3].name, "updatedAt");
    ds_catalog_release(catalog);
}

static void test_refusals(void **state) {
    (void)state;
    refused(&told, "type A @model { b: B @hasMany } type B @model { x: Int }",
            "schema line 1, column 22: @hasMany of \"A.b\": expected a list, use @hasOne "
            "for a "
            "single object");
    refused(&told, "type A @model { b: [B] @belongsTo } type B @model { x: Int }",
            "schema line 1, column 24: @belongsTo of \"A.b\": expected a single object, "
            "a list is "
            "@hasMany");
    refused(&told, "type A @model { b: B @belongsTo } type B @model { x: Int }",
            "schema line 1, column 22: @belongsTo of \"A.b\": \"B\" has no @hasOne or "
            "@hasMany "
            "field of type \"A\"");
    refused(&told, "type A @model { b: [B] @hasMany } type B @model { a: A @hasOne }",
            "schema line 1, column 17: \"A.b\" and \"B.a\" own each other: one of them "
            "must be "
            "@belongsTo");
    /* A model may own itself. */
    ds_catalog *catalog = built(&told, "type A @model { b: [A] @hasMany c: A @hasOne }");
    ds_catalog_release(catalog);
}

static bool shows(const ds_catalog *catalog, const char *model, const char *field) {
    const ds_model *m = ds_catalog_model(catalog, model);
    for (int i = 0; i < m->n_fields; i++) {
        if (strcmp(m->fields[i].name, field) == 0) {
            return true;
        }
    }
    return false;
}

/* The target name tells the first part of a foreign key, and a key that begins with it the others,
** but not one that only has them somewhere. */
static void test_shown_parts(void **state) {
    (void)state;
    static const char parent[] =
        "type P @model { a: ID! @primaryKey(sortKeyFields: [\"b\"]) b: ID! }";
    static const struct {
        const char *fields;
        bool is_shown;
    } cases[] = {
        {"x: ID y: ID", false},
        {"x: ID @index(name: \"byX\", sortKeyFields: [\"y\", \"z\"]) y: ID z: ID", false},
        {"x: ID @index(name: \"byX\", sortKeyFields: [\"z\", \"y\"]) y: ID z: ID", true},
        {"x: ID y: ID @index(name: \"byY\")", true},
        {"k: ID! @primaryKey(sortKeyFields: [\"y\"]) x: ID y: ID!", true},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        char *sdl = sqlite3_mprintf(
            "%s type C @model { %s p: P @belongsTo(fields: [\"x\", \"y\"]) }", parent,
            cases[i].fields);
        ds_catalog *catalog = built(&v2_nocpk, sdl);
        assert_false(shows(catalog, "C", "x"));
        assert_int_equal(shows(catalog, "C", "y"), cases[i].is_shown);
        ds_catalog_release(catalog);
        sqlite3_free(sdl);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_has_many),
        cmocka_unit_test(test_has_many_one_way),
        cmocka_unit_test(test_required_parent),
        cmocka_unit_test(test_has_one),
        cmocka_unit_test(test_composite),
        cmocka_unit_test(test_over_index),
        cmocka_unit_test(test_bare_belongs_to_over_index),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_shared_key),
        cmocka_unit_test(test_nocpk_fields),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_shown_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

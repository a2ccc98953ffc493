/*
** Relations over `references`.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_relations(void **state) {
    (void)state;
    static const char sdl[] =
        "type A @model { id: ID! b: [B] @hasMany(references: [\"aID\"]) "
        "c: C @hasOne(references: \"aID\") } "
        "type B @model { aID: ID! a: A @belongsTo(references: [\"aID\"]) } "
        "type C @model { aID: String a: A @belongsTo(references: [\"aID\"]) }";
    for (int i = 0; i < 2; i++) {
        ds_catalog *catalog = built(i ? &v2_nocpk : &v2, sdl);
        check_columns(catalog, "A", "id ID! key 0" STAMPS);
        check_columns(catalog, "B", "id ID! key 0, aID ID! also a" STAMPS);
        check_relations(catalog, "A", "b has many B (id = aID), c has one C (id = aID)");
        check_relations(catalog, "C", "a belongs to A (aID = id)");
        const ds_model *a = ds_catalog_model(catalog, "A");
        assert_string_equal(a->relations[1].associated_with[0], "aID");
        assert_int_equal(a->relations[1].n_target_names, 0);
        /* The key stays a field of the generator's, too. */
        assert_int_equal(ds_catalog_model(catalog, "B")->n_fields, 5);
        ds_catalog_release(catalog);
    }
}

static void test_composite(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { k: ID! @primaryKey(sortKeyFields: \"n\") n: Int! "
        "b: [B] @hasMany(references: [\"ak\", \"an\"]) } "
        "type B @model { an: Int ak: ID a: A @belongsTo(references: [\"ak\", \"an\"]) }");
    check_columns(catalog, "B", "id ID! key 0, an Int, ak ID" STAMPS);
    check_relations(catalog, "B", "a belongs to A (ak an = k n)");
    ds_catalog_release(catalog);
}

/* A.b over aID, and B.a as given. */
static void check_refused(const char *b, const char *message) {
    char sdl[400];
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { id: ID! b: [B] @hasMany(references: [\"aID\"]) }\n"
                     "type B @model { %s }",
                     b);
    refused(&told, sdl, message);
}

static void test_fields(void **state) {
    (void)state;
    check_refused(
        "a: A @belongsTo(references: [\"aID\"]) aId: ID",
        "schema line 1, column 32: \"references\" names \"aID\", but \"B\" declares no "
        "such field (did you mean \"aId\"?)");
    check_refused(
        "aID: Int a: A @belongsTo(references: [\"aID\"])",
        "schema line 1, column 32: \"references\": \"B.aID\" is of type Int, but "
        "\"A.id\" of type ID");
    check_refused(
        "aID: [ID] a: A @belongsTo(references: [\"aID\"])",
        "schema line 1, column 32: \"references\" names \"B.aID\", which must be a "
        "scalar or enum and no list");
}

static void test_counterpart(void **state) {
    (void)state;
    static const char message[] =
        "schema line 1, column 32: @hasMany of \"A.b\": \"B\" has no "
        "@belongsTo with the same \"references\" (aID)";
    check_refused("aID: ID", message);
    check_refused("aID: ID a: A @belongsTo", message);
    check_refused("aID: ID x: ID a: A @belongsTo(references: [\"x\"])", message);
    refused(&told,
            "type A @model { id: ID! } "
            "type B @model { aID: ID a: A @belongsTo(references: [\"aID\"]) }",
            "schema line 1, column 56: @belongsTo of \"B.a\": \"A\" has no @hasOne or "
            "@hasMany "
            "with the same \"references\" (aID)");
    check_refused(
        "aID: ID a: A @belongsTo(references: [\"aID\"]) c: A @belongsTo",
        "schema line 2, column 67: @belongsTo of \"B.c\" needs the \"references\" of "
        "\"A.b\" (aID)");
}

static void test_required(void **state) {
    (void)state;
    check_refused(
        "aID: ID a: A! @belongsTo(references: [\"aID\"])",
        "schema line 2, column 31: @belongsTo of \"B.a\": a relation with \"references\" "
        "must not be required (!)");
    refused(
        &told,
        "type A @model { k: ID! @primaryKey(sortKeyFields: \"n\") n: Int! "
        "b: [B] @hasMany(references: [\"ak\", \"an\"]) } "
        "type B @model { an: Int! ak: ID a: A @belongsTo(references: [\"ak\", \"an\"]) }",
        "schema line 1, column 71: @hasMany of \"A.b\": its \"references\" must all be "
        "required or all be optional");
    refused(&told,
            "type A @model { k: ID! @primaryKey(sortKeyFields: \"n\") n: Int! "
            "b: [B] @hasMany(references: [\"ak\"]) } "
            "type B @model { ak: ID a: A @belongsTo(references: [\"ak\"]) }",
            "schema line 1, column 71: @hasMany of \"A.b\": \"references\" must name 2 "
            "fields for "
            "the key of \"A\" (k, n)");
}

static void test_exclusions(void **state) {
    (void)state;
    refused(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(references: \"x\", fields: \"id\") } "
        "type B @model { x: ID }",
        "schema line 1, column 32: @hasMany of \"A.b\": \"fields\" and \"references\" "
        "exclude "
        "each other");
    refused(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(references: \"x\", indexName: \"i\") } "
        "type B @model { x: ID }",
        "schema line 1, column 32: @hasMany of \"A.b\": \"indexName\" and \"references\" "
        "exclude each other");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relations), cmocka_unit_test(test_composite),
        cmocka_unit_test(test_fields),    cmocka_unit_test(test_counterpart),
        cmocka_unit_test(test_required),  cmocka_unit_test(test_exclusions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

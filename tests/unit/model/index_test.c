/*
** SQL indexes: named keys, foreign keys and what relations look up, none twice.
*/
#include "catalog.h"

static void test_foreign_keys(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: [B] @hasMany c: C @hasOne } "
                                       "type B @model { a: A @belongsTo } "
                                       "type C @model { x: Int }");
    check_indexes(catalog, "A", "aCId");
    check_indexes(catalog, "B", "a");
    check_indexes(catalog, "C", "");
    assert_null(ds_catalog_model(catalog, "B")->indexes[0].name);
    ds_catalog_release(catalog);
}

static void test_one_way(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: [B] @connection } "
                                       "type B @model { x: Int }");
    check_indexes(catalog, "B", "aBId");
    ds_catalog_release(catalog);
}

static void test_named_keys(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { x: Int @index(name: \"one\") y: Int @index(name: \"two\", "
        "sortKeyFields: \"x\") z: Int @index(name: \"three\") @index(name: \"four\") }");
    check_indexes(catalog, "A", "one: x, two: y x, three: z");
    ds_catalog_release(catalog);
}

/* An index that begins as another one does is not made; of equal ones the first stays. */
static void test_prefixes(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model @key(name: \"a\", fields: [\"x\"]) "
        "@key(name: \"b\", fields: [\"x\", \"y\"]) @key(name: \"c\", fields: [\"y\"]) "
        "@key(name: \"d\", fields: [\"x\", \"y\"]) @key(name: \"e\", fields: [\"y\", "
        "\"x\", "
        "\"z\"]) @key(name: \"f\", fields: [\"y\", \"x\"]) { x: Int y: Int z: Int }");
    check_indexes(catalog, "A", "b: x y, e: y x z");
    ds_catalog_release(catalog);
}

static void test_primary_key(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { k: ID! @primaryKey(sortKeyFields: [\"n\", \"m\"]) "
                     "@index(name: \"one\") @index(name: \"two\", sortKeyFields: \"n\") "
                     "@index(name: \"three\", sortKeyFields: \"m\") "
                     "@index(name: \"four\", sortKeyFields: [\"n\", \"m\", \"x\"]) n: "
                     "Int! m: Int! x: Int }");
    check_indexes(catalog, "A", "three: k m, four: k n m x");
    ds_catalog_release(catalog);
}

/* A foreign key at the beginning of a named key needs no index of its own. */
static void test_foreign_key_in_named_key(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(indexName: \"byA\", fields: \"id\") } "
        "type B @model { aID: ID! @index(name: \"byA\", sortKeyFields: \"x\") x: Int! "
        "a: A @belongsTo(fields: \"aID\") cID: ID c: C @hasOne(fields: \"cID\") } "
        "type C @model { id: ID! }");
    check_indexes(catalog, "B", "byA: aID x, cID");
    ds_catalog_release(catalog);
}

static void test_composite(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { k: ID! @primaryKey(sortKeyFields: \"n\") n: Int! "
                     "b: [B] @hasMany } type B @model { a: A @belongsTo }");
    check_indexes(catalog, "B", "aBK aBN");
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_keys),
        cmocka_unit_test(test_one_way),
        cmocka_unit_test(test_named_keys),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_primary_key),
        cmocka_unit_test(test_foreign_key_in_named_key),
        cmocka_unit_test(test_composite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

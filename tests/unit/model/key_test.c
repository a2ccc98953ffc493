/*
** Primary and named keys of both versions, and the id of models that declare none.
*/
#include "catalog.h"

static const ds_model *model_of(const ds_catalog *catalog, const char *name) {
    const ds_model *model = ds_catalog_model(catalog, name);
    assert_non_null(model);
    return model;
}

static void test_id(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told,
              "type A @model { a: Int } type B @model { a: Int id: ID } "
              "type C @model { a: Int id: Int! } type D @model { a: Int @index id: ID }");
    const char *const names[] = {"A", "B", "C", "D"};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        const ds_model *model = model_of(catalog, names[i]);
        assert_string_equal(model->columns[0].name, "id");
        assert_true(model->columns[0].type.is_required);
        assert_int_equal(model->columns[0].key_position, 0);
        assert_int_equal(model->columns[1].key_position, -1);
        assert_int_equal(model->n_key, 1);
        assert_ptr_equal(model->key[0], &model->columns[0]);
        assert_int_equal(model->key_kind, DS_KEY_MANAGED);
    }
    assert_int_equal(model_of(catalog, "C")->key[0]->type.scalar, DS_INT);
    ds_catalog_release(catalog);
    refused(&told, "type A @model { id: [ID] }",
            "schema line 1, column 17: \"A.id\" is the primary key and must be a scalar, "
            "such as "
            "ID!");
}

static void test_v1(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model @key(fields: [\"b\", \"a\"]) @key(name: \"byA\", fields: \"a\") "
        "@key(name: \"byC\", fields: [\"c\", \"b\"], queryField: \"asByC\") "
        "{ a: E! b: Int! c: String } enum E { V } "
        "type B @model @key(fields: [\"id\"]) { id: ID! }");
    check_keys(catalog, "A", "b a; byA: a, byC: c b");
    const ds_model *a = model_of(catalog, "A");
    assert_int_equal(a->key_kind, DS_KEY_CUSTOM);
    assert_int_equal(a->columns[0].key_position, 1);
    assert_int_equal(a->columns[1].key_position, 0);
    assert_null(a->keys[0].query_field);
    assert_string_equal(a->keys[1].query_field, "asByC");
    assert_int_equal(model_of(catalog, "B")->key_kind, DS_KEY_OPTIONALLY_MANAGED);
    ds_catalog_release(catalog);
}

static void test_v1_refusals(void **state) {
    (void)state;
    refused(&told, "type A @model @key(name: \"x\") { id: ID! }",
            "schema line 1, column 15: @key of \"A\" needs \"fields\"");
    refused(&told, "type A @model @key(fields: [\"id\"], queryField: \"q\") { id: ID! }",
            "schema line 1, column 15: @key of \"A\": a primary key (no \"name\") has no "
            "\"queryField\"");
    refused(&told, "type A @model @key(fields: \"id\") @key(fields: \"id\") { id: ID! }",
            "schema line 1, column 34: \"A\" has a second primary key");
    refused(&told,
            "type A @model @key(name: \"x\", fields: \"id\") @key(name: \"x\", fields: "
            "\"id\") "
            "{ id: ID! }",
            "schema line 1, column 45: \"A\" has a second key named \"x\"");
    refused(&told, "type A @model @key(fields: [\"name\"]) { nmae: ID! }",
            "schema line 1, column 15: @key names \"name\", but \"A\" declares no such "
            "field (did "
            "you mean \"nmae\"?)");
    refused(&told, "type A @model @key(fields: [\"a\"]) { a: Int }",
            "schema line 1, column 15: @key: field \"A.a\" of the primary key must be "
            "required "
            "(Int!)");
    refused(&told, "type A @model @key(fields: [\"a\"]) { a: X! } type X { a: Int }",
            "schema line 1, column 15: @key names \"A.a\", which must be a scalar or "
            "enum and no "
            "list");
    refused(&told, "type A @model @key(name: \"x\", fields: [\"a\", \"a\"]) { a: Int }",
            "schema line 1, column 15: @key of \"A\" names the field \"a\" twice");
    refused(
        &told,
        "type A @model @key(name: \"x\", fields: \"a\", queryField: \"q-1\") { a: Int }",
        "schema line 1, column 56: the \"queryField\" of a key must be a name, not "
        "\"q-1\"");
    refused(
        &told, "type A @key(fields: \"a\") { a: Int }",
        "schema line 1, column 8: @key may stand only in a model, but type \"A\" has no "
        "@model");
}

static void test_v2(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type A @model { c: String @index a: E @index(name: \"by.A-1\", "
        "sortKeyFields: \"c\", queryField: null) b: Int! @primaryKey(sortKeyFields: "
        "[\"d\"]) @index(name: \"byB\", queryField: \"asByB\") d: Int! } "
        "enum E { V } type B @model { id: ID! @primaryKey(sortKeyFields: []) }");
    check_keys(catalog, "A", "b d; aSByC: c, by.A-1: a c, byB: b");
    const ds_model *a = model_of(catalog, "A");
    assert_null(a->keys[1].query_field);
    assert_string_equal(a->keys[2].query_field, "asByB");
    assert_int_equal(model_of(catalog, "B")->key_kind, DS_KEY_OPTIONALLY_MANAGED);
    ds_catalog_release(catalog);
}

static void test_v2_refusals(void **state) {
    (void)state;
    refused(&told, "type A @model { a: Int! @primaryKey b: Int! @primaryKey }",
            "schema line 1, column 45: \"A\" has a second primary key");
    refused(&told,
            "type A @model { a: Int! @primaryKey(sortKeyFields: [\"c\"]) b: Boolean! }",
            "schema line 1, column 25: @primaryKey names \"c\", but \"A\" declares no "
            "such field");
    refused(&told,
            "type A @model { a: Int! @primaryKey(sortKeyFields: [\"b\"]) b: Boolean! }",
            "schema line 1, column 25: @primaryKey: the Boolean \"A.b\" cannot be a sort "
            "key");
    refused(&told, "type A @model { a: Int @index(sortKeyFields: [\"b\"]) b: Boolean }",
            "schema line 1, column 24: @index: the Boolean \"A.b\" cannot be a sort key");
    refused(&told, "type A @model { a: Int @index(name: \"ab\") }",
            "schema line 1, column 24: the index name \"ab\" must be 3 to 255 of the "
            "characters "
            "A-Z a-z 0-9 _ . -");
    refused(&told, "type A @model { a: Int @index(name: \"a b c\") }",
            "schema line 1, column 24: the index name \"a b c\" must be 3 to 255 of the "
            "characters A-Z a-z 0-9 _ . -");
    refused(&told, "type A @model { a: Int @index @index }",
            "schema line 1, column 31: \"A\" has a second key named \"aSByA\"");
    refused(&told, "type A { a: Int @index }",
            "schema line 1, column 17: @index may stand only in a model, but type \"A\" "
            "has no "
            "@model");
}

/* The server cannot look up one row in an index. Without a key of one's own it may. */
static void test_index_beside_primary_key(void **state) {
    (void)state;
    refused(
        &told,
        "type A @model { a: ID! @primaryKey @index(name: \"one\", sortKeyFields: "
        "[\"b\"]) "
        "b: Int }",
        "schema line 1, column 36: index \"one\" of \"A\" begins with the field of the "
        "primary key, which must have sortKeyFields then");
    ds_catalog *catalog =
        built(&told, "type A @model { id: ID! @index(name: \"one\") } "
                     "type B @model { a: ID! @primaryKey(sortKeyFields: \"b\") "
                     "@index(name: \"one\") b: ID! }");
    check_keys(catalog, "A", "id; one: id");
    check_keys(catalog, "B", "a b; one: a");
    ds_catalog_release(catalog);
}

static void test_limits(void **state) {
    (void)state;
    for (int n = DS_MAX_KEYS; n <= DS_MAX_KEYS + 1; n++) {
        ds_buf sdl;
        ds_err err = DS_ERR_INIT;
        ds_catalog *catalog = NULL;
        ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
        ds_buf_add(&sdl, "type A @model");
        for (int i = 0; i < n; i++) {
            ds_buf_addf(&sdl, "\n@key(name: \"k%d\", fields: \"a\")", i);
        }
        ds_buf_add(&sdl, "{ a: Int }");
        int rc = ds_catalog_build(ds_buf_text(&sdl), sdl.length, &told, &catalog, &err);
        assert_int_equal(rc, n > DS_MAX_KEYS ? SQLITE_ERROR : SQLITE_OK);
        assert_string_equal(err.text,
                            rc ? "schema line 102, column 1: \"A\" has more than 100 keys"
                               : "");
        ds_catalog_release(catalog);
        ds_buf_done(&sdl);
    }
}

static void test_longest_key(void **state) {
    (void)state;
    static const char fields[] = "b: ID! c: ID! d: ID! e: ID! f: ID! g: ID! h: ID! i: "
                                 "ID! j: ID! k: ID! l: ID! m: ID! "
                                 "n: ID! o: ID! p: ID! }";
    char sdl[600];
    sqlite3_snprintf(
        sizeof sdl, sdl, "type A @model { a: ID! @primaryKey(sortKeyFields: [%s]) %s",
        "\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\","
        "\"n\",\"o\",\"p\"",
        fields);
    ds_catalog *catalog = built(&told, sdl);
    assert_int_equal(model_of(catalog, "A")->n_key, DS_MAX_KEY_COLUMNS);
    ds_catalog_release(catalog);
    sqlite3_snprintf(
        sizeof sdl, sdl,
        "type A @model { a: ID! @primaryKey(sortKeyFields: [%s]) id: ID! %s",
        "\"id\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\","
        "\"m\",\"n\",\"o\",\"p\"",
        fields);
    refused(&told, sdl,
            "schema line 1, column 24: a key must not have more than 16 fields");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id),
        cmocka_unit_test(test_v1),
        cmocka_unit_test(test_v1_refusals),
        cmocka_unit_test(test_v2),
        cmocka_unit_test(test_v2_refusals),
        cmocka_unit_test(test_index_beside_primary_key),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_longest_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The columns of a model: their order, names and aliases, and what is looked up by name.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_order(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told, "type B @model { updatedAt: AWSDateTime x: Int a: A @belongsTo id: ID! "
               "y: Int c: C @hasOne } type A @model { b: [B] @hasMany d: [B] @hasMany } "
               "type C @model { x: Int }");
    check_columns(catalog, "B",
                  "id ID! key 0, updatedAt AWSDateTime, x Int, a ID also aBId, y Int, "
                  "bCId ID, aDId "
                  "ID, createdAt AWSDateTime read-only");
    const ds_model *b = ds_catalog_model(catalog, "B");
    for (int i = 0; i < b->n_columns; i++) {
        assert_int_equal(b->columns[i].index, i);
    }
    ds_catalog_release(catalog);
}

static void test_lookup(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told, "type A @model { id: ID! b: [B] @hasMany c: [C] @hasMany(indexName: "
               "\"byA\", fields: \"id\") } "
               "type B @model { a: A @belongsTo } "
               "type C @model { aID: ID @index(name: \"byA\") a: A @belongsTo(fields: "
               "\"aID\") }");
    const ds_model *a = ds_catalog_model(catalog, "A"),
                   *b = ds_catalog_model(catalog, "B"),
                   *c = ds_catalog_model(catalog, "C");
    assert_null(ds_catalog_model(catalog, "a"));
    assert_null(ds_catalog_model(catalog, "A_rows"));
    assert_ptr_equal(ds_model_column(b, "a"), ds_model_column(b, "aBId"));
    assert_ptr_equal(ds_model_column(c, "a"), ds_model_column(c, "aID"));
    assert_string_equal(ds_model_column(b, "aBId")->name, "a");
    assert_string_equal(ds_model_column(c, "a")->name, "aID");
    assert_null(ds_model_column(a, "b"));
    assert_null(ds_model_column(b, "A"));
    assert_null(ds_model_column(b, "_version"));
    assert_string_equal(ds_model_relation(a, "b")->target->name, "B");
    assert_ptr_equal(ds_model_relation(b, "a")->local[0], ds_model_column(b, "a"));
    assert_ptr_equal(ds_model_relation(b, "a")->remote[0], ds_model_column(a, "id"));
    assert_ptr_equal(ds_model_relation(a, "b")->model, a);
    assert_null(ds_model_relation(b, "aBId"));
    ds_catalog_release(catalog);
}

/* Names are unique without their case, because SQLite ignores it. */
static void test_twins(void **state) {
    (void)state;
    refused(&told, "type A @model { x: Int y: Int X: Int }",
            "schema line 1, column 31: \"A.X\" and \"A.x\" (line 1, column 17) differ "
            "only in case, "
            "which SQLite ignores");
    refused(&told, "type A @model { Id: ID! }",
            "schema line 1, column 17: \"A.Id\" and \"A.id\" differ only in case, which "
            "SQLite "
            "ignores");
    refused(&told, "type A @model { B: Int b: [B] @hasMany } type B @model { x: Int }",
            "schema line 1, column 24: \"A.b\" and \"A.B\" (line 1, column 17) differ "
            "only in case, "
            "which SQLite ignores");
    refused(&told, "type A @model { b: [B] @hasMany } type B @model { abid: Int }",
            "schema line 1, column 24: \"B.aBId\" and \"B.abid\" (line 1, column 51) "
            "differ only in "
            "case, which SQLite ignores");
    refused(
        &told,
        "type A @model { id: ID! b: [B] @hasMany(indexName: \"byA\", fields: \"id\") } "
        "type B @model { aID: ID @index(name: \"byA\") A: Int a: A @belongsTo }",
        "schema line 1, column 126: \"B.a\" and \"B.A\" (line 1, column 119) differ "
        "only in case, "
        "which SQLite ignores");
    /* JSON minds the case. */
    ds_catalog *catalog = built(&told, "type X { a: Int A: Int }");
    ds_catalog_release(catalog);
}

/* The wire name of a key yields to a column of that name; the relation's field names it. */
static void test_alias_yields(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { b: [B] @hasMany } "
                                       "type B @model { abid: Int a: A @belongsTo }");
    check_columns(catalog, "B", "id ID! key 0, abid Int, a ID" STAMPS);
    const ds_model *b = ds_catalog_model(catalog, "B");
    assert_string_equal(ds_model_column(b, "aBId")->name, "a");
    assert_string_equal(ds_model_column(b, "abid")->name, "abid");
    ds_catalog_release(catalog);
}

static void test_several_fields_over_one_key(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { bID: ID b: B @belongsTo(fields: \"bID\") "
                     "c: B @belongsTo(fields: \"bID\") } type B @model { x: Int }");
    check_columns(catalog, "A", "id ID! key 0, bID ID also b c" STAMPS);
    ds_catalog_release(catalog);
}

/* A composite key has no single name for its relation. */
static void test_composite_has_no_alias(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { k: ID! @primaryKey(sortKeyFields: \"n\") n: Int! "
                     "b: [B] @hasMany } type B @model { a: A @belongsTo x: Int }");
    check_columns(catalog, "B", "id ID! key 0, x Int, aBK ID, aBN Int" STAMPS);
    assert_null(ds_model_column(ds_catalog_model(catalog, "B"), "a"));
    ds_catalog_release(catalog);
}

static void test_demands(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { a: Int! l: [Int]! m: [Int!] bID: ID "
                     "b: B! @belongsTo(fields: \"bID\") createdAt: AWSDateTime! } "
                     "type B @model { x: Int }");
    const ds_model *a = ds_catalog_model(catalog, "A");
    assert_true(ds_column_is_required(ds_model_column(a, "a")));
    assert_true(ds_column_is_required(ds_model_column(a, "l")));
    assert_false(ds_column_is_required(ds_model_column(a, "m")));
    assert_true(ds_column_is_required(ds_model_column(a, "bID")));
    assert_false(ds_column_is_required(ds_model_column(a, "createdAt")));
    /* What the generator shows stays as declared. */
    assert_false(a->fields[4].type.is_required);
    assert_true(a->fields[6].type.is_required);
    ds_catalog_release(catalog);
}

/* `parents` models with `each` has-many relations to one child. */
static int build_wide(int parents, int each, ds_err *err) {
    ds_buf sdl;
    ds_catalog *catalog = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_add(&sdl, "type Child @model { x: Int }");
    for (int p = 0; p < parents; p++) {
        ds_buf_addf(&sdl, "\ntype P%d @model {", p);
        for (int i = 0; i < each; i++) {
            ds_buf_addf(&sdl, " f%d: [Child] @hasMany", i);
        }
        ds_buf_add(&sdl, "}");
    }
    int rc = ds_catalog_build(ds_buf_text(&sdl), sdl.length, &told, &catalog, err);
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
    return rc;
}

/* id, x and two timestamps are columns of the child, too. */
static void test_limit(void **state) {
    (void)state;
    ds_err err = DS_ERR_INIT;
    assert_int_equal((DS_MAX_COLUMNS - 4) % 2, 0);
    assert_int_equal(build_wide(2, (DS_MAX_COLUMNS - 4) / 2, &err), SQLITE_OK);
    assert_int_equal(build_wide(2, (DS_MAX_COLUMNS - 4) / 2 + 1, &err), SQLITE_ERROR);
    assert_string_equal(err.text,
                        "schema line 1, column 6: \"Child\" needs more than 1990 columns "
                        "with its relations");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_alias_yields),
        cmocka_unit_test(test_several_fields_over_one_key),
        cmocka_unit_test(test_composite_has_no_alias),
        cmocka_unit_test(test_demands),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

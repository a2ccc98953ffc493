/*
** createdAt and updatedAt: added, renamed, left out, or declared by the user.
*/
#include "catalog.h"

static void check(const char *arguments, const char *fields, const char *expected) {
    char sdl[300], columns[300];
    sqlite3_snprintf(sizeof sdl, sdl, "type A @model%s { id: ID! %s }", arguments,
                     fields);
    sqlite3_snprintf(sizeof columns, columns, "id ID! key 0%s", expected);
    ds_catalog *catalog = built(&told, sdl);
    check_columns(catalog, "A", columns);
    ds_catalog_release(catalog);
}

static void test_names(void **state) {
    (void)state;
    check("", "", ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only");
    check("(timestamps: {createdAt: \"made\", updatedAt: \"touched\"})", "",
          ", made AWSDateTime read-only, touched AWSDateTime read-only");
    check("(timestamps: {updatedAt: \"touched\"})", "",
          ", createdAt AWSDateTime read-only, touched AWSDateTime read-only");
    check("(timestamps: {})", "",
          ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only");
    check("(timestamps: {createdAt: null})", "", ", updatedAt AWSDateTime read-only");
    check("(timestamps: null)", "", "");
}

/* The server fills a declared one of the right type, so it is not demanded; in a key it is. */
static void test_declared(void **state) {
    (void)state;
    check("", "updatedAt: AWSDateTime! createdAt: String!",
          ", updatedAt AWSDateTime, createdAt String!");
    check("(timestamps: {createdAt: \"at\"})", "at: AWSDateTime!",
          ", at AWSDateTime, updatedAt AWSDateTime read-only");
    ds_catalog *catalog =
        built(&told, "type A @model @key(fields: [\"id\", \"createdAt\"]) "
                     "{ id: ID! createdAt: AWSDateTime! }");
    check_columns(
        catalog, "A",
        "id ID! key 0, createdAt AWSDateTime! key 1, updatedAt AWSDateTime read-only");
    ds_catalog_release(catalog);
}

static void test_roles(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { a: Int } "
                                       "type B @model { createdAt: AWSDateTime }");
    const ds_model *a = ds_catalog_model(catalog, "A"),
                   *b = ds_catalog_model(catalog, "B");
    assert_int_equal(ds_model_column(a, "a")->role, DS_COLUMN_DATA);
    assert_int_equal(ds_model_column(a, "createdAt")->role, DS_COLUMN_CREATED_AT);
    assert_int_equal(ds_model_column(a, "updatedAt")->role, DS_COLUMN_UPDATED_AT);
    assert_int_equal(ds_model_column(b, "createdAt")->role, DS_COLUMN_DATA);
    assert_false(ds_model_column(b, "createdAt")->is_read_only);
    ds_catalog_release(catalog);
}

static void test_refusals(void **state) {
    (void)state;
    refused(
        &told, "type A @model(timestamps: \"off\") { id: ID! }",
        "schema line 1, column 27: argument \"timestamps\" of @model must be null or an "
        "object: {createdAt: …}");
    refused(&told, "type A @model(timestamps: {updatedAt: [\"x\"]}) { id: ID! }",
            "schema line 1, column 39: \"updatedAt\" of @model's timestamps must be a "
            "field's "
            "name or null");
    refused(&told, "type A @model(timestamps: {updatedAt: \"x y\"}) { id: ID! }",
            "schema line 1, column 39: \"x y\" cannot be a field of \"A\": expected a "
            "letter or "
            "_, then letters, digits and _");
    refused(&told, "type A @model(timestamps: {updatedAt: \"x\\u0000y\"}) { id: ID! }",
            "schema line 1, column 39: \"updatedAt\" of @model's timestamps must be a "
            "field's "
            "name or null");
    refused(&told, "type A @model(timestamps: {updatedAt: \"_Deleted\"}) { id: ID! }",
            "schema line 1, column 39: field \"A._Deleted\" has the name of a field that "
            "synchronization adds");
    refused(&told, "type A @model { id: ID! UpdatedAt: AWSDateTime }",
            "schema line 1, column 25: \"A.updatedAt\" and \"A.UpdatedAt\" differ only "
            "in case, "
            "which SQLite ignores");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

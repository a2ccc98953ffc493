/*
** Names of the API's operations. In the expectations: sync, get, create, update, delete and the
** three subscriptions.
*/
#include "catalog.h"

static void check(const ds_model_options *options, const char *arguments,
                  const char *expected) {
    char sdl[300];
    sqlite3_snprintf(sizeof sdl, sdl, "type A @model%s { id: ID! }", arguments);
    ds_catalog *catalog = built(options, sdl);
    check_operations(catalog, "A", expected);
    ds_catalog_release(catalog);
}

static void check_both(const char *arguments, const char *expected) {
    check(&v1, arguments, expected);
    check(&v2, arguments, expected);
}

#define ALL "syncAS getA createA updateA deleteA onCreateA onUpdateA onDeleteA"

static void test_defaults(void **state) {
    (void)state;
    check_both("", ALL);
    ds_catalog *catalog = built(&told, "type blog_post @model { id: ID! }");
    check_operations(
        catalog, "blog_post",
        "syncBlog_posts getBlog_post createBlog_post updateBlog_post deleteBlog_post "
        "onCreateBlog_post onUpdateBlog_post onDeleteBlog_post");
    ds_catalog_release(catalog);
}

static void test_queries(void **state) {
    (void)state;
    check(&v1, "(queries: null)",
          "syncAS - createA updateA deleteA onCreateA onUpdateA onDeleteA");
    check(&v2, "(queries: null)",
          "- - createA updateA deleteA onCreateA onUpdateA onDeleteA");
    check_both("(queries: {get: \"one\"})",
               "syncAS one createA updateA deleteA onCreateA onUpdateA onDeleteA");
    check(&v1, "(queries: {list: \"all\"})",
          "syncAS - createA updateA deleteA onCreateA onUpdateA onDeleteA");
    check(&v2, "(queries: {list: \"all\"})", ALL);
    check_both("(queries: {get: null, list: null})",
               "syncAS - createA updateA deleteA onCreateA onUpdateA onDeleteA");
    check(&v2, "(queries: {})", ALL);
}

/* Nobody is told of what nobody can do. */
static void test_mutations(void **state) {
    (void)state;
    check_both("(mutations: null)", "syncAS getA - - - - - -");
    check(&v1, "(mutations: {create: \"add\"})", "syncAS getA add - - onCreateA - -");
    check(&v2, "(mutations: {create: \"add\"})",
          "syncAS getA add updateA deleteA onCreateA onUpdateA onDeleteA");
    check(&v2, "(mutations: {delete: null})",
          "syncAS getA createA updateA - onCreateA onUpdateA -");
    check(&v1, "(mutations: {update: \"change\", delete: null})",
          "syncAS getA - change - - onUpdateA -");
    check(&v1, "(mutations: {create: null}, subscriptions: {onCreate: \"made\"})",
          "syncAS getA - - - - - -");
}

static void test_subscriptions(void **state) {
    (void)state;
    check_both("(subscriptions: null)", "syncAS getA createA updateA deleteA - - -");
    check_both("(subscriptions: {level: off})",
               "syncAS getA createA updateA deleteA - - -");
    check_both("(subscriptions: {level: public})", ALL);
    check_both("(subscriptions: {level: on})", ALL);
    check_both("(subscriptions: {level: null})", ALL);
    check(&v1, "(subscriptions: {onCreate: [\"a\", \"b\"]})",
          "syncAS getA createA updateA deleteA a - -");
    check(&v2, "(subscriptions: {onCreate: [\"a\", \"b\"]})",
          "syncAS getA createA updateA deleteA a onUpdateA onDeleteA");
    check(&v2, "(subscriptions: {onCreate: \"a\", onUpdate: null, onDelete: []})",
          "syncAS getA createA updateA deleteA a - -");
    check(&v1, "(subscriptions: {onCreate: null})", ALL);
    check(&v2, "(subscriptions: {onCreate: null})",
          "syncAS getA createA updateA deleteA - onUpdateA onDeleteA");
    check_both("(subscriptions: {level: off, onCreate: \"a\"})",
               "syncAS getA createA updateA deleteA - - -");
}

/* 50 characters are not too long. The digits are the MD5 of the whole name. */
static void test_short_names(void **state) {
    (void)state;
    static const char sdl[] =
        "type AbcdefghijAbcdefghijAbcdefghijAbcdefghijAb @model { id: ID! } "
        "type AbcdefghijAbcdefghijAbcdefghijAbcdefghijAbc @model { id: ID! }";
    ds_catalog *catalog = built(&v2, sdl);
    const ds_operations *fits = &catalog->models[0].operations;
    assert_string_equal(fits->on_create,
                        "onCreateAbcdefghijAbcdefghijAbcdefghijAbcdefghijAb");
    const ds_operations *cut = &catalog->models[1].operations;
    char hash[DS_MD5_HEX_SIZE], expected[51];
    ds_md5_hex("onDeleteAbcdefghijAbcdefghijAbcdefghijAbcdefghijAbc", 51, hash);
    sqlite3_snprintf(sizeof expected, expected,
                     "onDeleteAbcdefghijAbcdefghijAbcdefghijAbcdefg%.5s", hash);
    assert_string_equal(cut->on_delete, expected);
    assert_string_equal(cut->delete_,
                        "deleteAbcdefghijAbcdefghijAbcdefghijAbcdefghijAbc");
    ds_catalog_release(catalog);
    catalog = built(&v1, sdl);
    assert_string_equal(catalog->models[1].operations.on_create,
                        "onCreateAbcdefghijAbcdefghijAbcdefghijAbcdefghijAbc");
    ds_catalog_release(catalog);
}

static void test_refusals(void **state) {
    (void)state;
    refused(
        &told, "type A @model(mutations: []) { id: ID! }",
        "schema line 1, column 26: argument \"mutations\" of @model must be null or an "
        "object: {create: …}");
    refused(&told, "type A @model(queries: {sync: \"x\"}) { id: ID! }",
            "schema line 1, column 31: argument \"queries\" of @model has no \"sync\", "
            "known are "
            "get, list");
    refused(&told, "type A @model(mutations: {create: \"a b\"}) { id: ID! }",
            "schema line 1, column 35: \"create\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(mutations: {create: \"\"}) { id: ID! }",
            "schema line 1, column 35: \"create\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(mutations: {create: add}) { id: ID! }",
            "schema line 1, column 35: \"create\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(subscriptions: {onUpdate: [\"a\\u0000\"]}) { id: ID! }",
            "schema line 1, column 42: \"onUpdate\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(subscriptions: {level: \"off\"}) { id: ID! }",
            "schema line 1, column 38: \"level\" of @model's subscriptions must be off, "
            "public or "
            "on");
    refused(&told, "type A @model(subscriptions: {level: none}) { id: ID! }",
            "schema line 1, column 38: \"level\" of @model's subscriptions must be off, "
            "public or "
            "on");
    refused(&told, "type A @model(queries: {list: 5}) { id: ID! }",
            "schema line 1, column 31: \"list\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(mutations: {create: [\"add\"]}) { id: ID! }",
            "schema line 1, column 35: \"create\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told,
            "type A @model(subscriptions: {level: off, onCreate: [\"a\", {b: 1}]}) { a: "
            "Int }",
            "schema line 1, column 59: \"onCreate\" of @model must be the name of an "
            "operation, or "
            "null");
    refused(&told, "type A @model(queries: {get: \"a\", get: \"b\"}) { a: Int }",
            "schema line 1, column 35: an object has the member \"get\" twice");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),    cmocka_unit_test(test_queries),
        cmocka_unit_test(test_mutations),   cmocka_unit_test(test_subscriptions),
        cmocka_unit_test(test_short_names), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

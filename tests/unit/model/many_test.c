/*
** @manyToMany and its join models.
*/
#include "catalog.h"

#define STAMPS ", createdAt AWSDateTime read-only, updatedAt AWSDateTime read-only"

static void test_join(void **state) {
    (void)state;
    ds_catalog *catalog = built(
        &told,
        "type Post @model { tags: [Tag] @manyToMany(relationName: \"postTags\") } "
        "type Tag @model { posts: [Post] @manyToMany(relationName: \"postTags\") }");
    assert_int_equal(catalog->n_models, 3);
    const ds_model *join = &catalog->models[2];
    assert_string_equal(join->name, "PostTags");
    assert_string_equal(join->plural, "PostTags");
    assert_true(join->is_join);
    assert_false(catalog->models[0].is_join);
    assert_null(join->directive);
    check_columns(catalog, "PostTags",
                  "id ID! key 0, post ID! also postId, tag ID! also tagId" STAMPS);
    check_keys(catalog, "PostTags", "id; byPost: post, byTag: tag");
    check_relations(
        catalog, "PostTags",
        "post belongs to Post (post = id), required, tag belongs to Tag (tag = id), "
        "required");
    check_relations(catalog, "Post", "tags has many PostTags (id = post)");
    check_relations(catalog, "Tag", "posts has many PostTags (id = tag)");
    assert_string_equal(ds_catalog_model(catalog, "Tag")->relations[0].associated_with[0],
                        "tag");
    ds_catalog_release(catalog);
}

static void test_composite(void **state) {
    (void)state;
    static const char sdl[] =
        "type Ab @model { k: String! @primaryKey(sortKeyFields: [\"n\"]) n: Int! "
        "b: [B] @manyToMany(relationName: \"1_a b-c!\") } "
        "type B @model { a: [Ab] @manyToMany(relationName: \"1_a b-c!\") }";
    ds_catalog *catalog = built(&v2, sdl);
    check_columns(catalog, "Abc",
                  "id ID! key 0, b ID! also bId, abK ID!, abn Int!" STAMPS);
    check_relations(catalog, "Ab", "b has many Abc (k n = abK abn)");
    ds_catalog_release(catalog);
    catalog = built(&v2_nocpk, sdl);
    check_columns(catalog, "Abc",
                  "id ID! key 0, b ID! also bID, abID ID!, abn Int!" STAMPS);
    /* The generator shows of the keys only the sort keys then. */
    assert_string_equal(ds_catalog_model(catalog, "Abc")->fields[1].name, "abn");
    ds_catalog_release(catalog);
}

static void test_several(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type A @model { x: [B] @manyToMany(relationName: \"X\") "
                     "y: [B] @manyToMany(relationName: \"Y\") } "
                     "type B @model { y: [A] @manyToMany(relationName: \"Y\") "
                     "x: [A] @manyToMany(relationName: \"X\") }");
    assert_int_equal(catalog->n_models, 4);
    check_relations(catalog, "A", "x has many X (id = a), y has many Y (id = a)");
    check_relations(catalog, "B", "y has many Y (id = b), x has many X (id = b)");
    ds_catalog_release(catalog);
}

/* A.b and B.a with these directives. */
static void check_refused(const char *a, const char *b, const char *message) {
    char sdl[400];
    sqlite3_snprintf(sizeof sdl, sdl,
                     "type A @model { b: [B] %s }\ntype B @model { a: [A] %s }", a, b);
    refused(&told, sdl, message);
}

static void test_refusals(void **state) {
    (void)state;
    check_refused(
        "@manyToMany(relationName: \"X\")", "",
        "schema line 1, column 24: @manyToMany \"X\" must stand on exactly two fields");
    check_refused(
        "@manyToMany(relationName: \"X\") c: [B] @manyToMany(relationName: \"X\")",
        "@manyToMany(relationName: \"X\")",
        "schema line 2, column 24: @manyToMany \"X\" must stand on exactly two fields");
    check_refused("@manyToMany", "@manyToMany(relationName: \"X\")",
                  "schema line 1, column 24: @manyToMany needs a \"relationName\"");
    check_refused("c: B @manyToMany(relationName: \"X\")",
                  "@manyToMany(relationName: \"X\")",
                  "schema line 1, column 29: @manyToMany: \"A.c\" must be a list");
    check_refused(
        "@manyToMany(relationName: \"B\")", "@manyToMany(relationName: \"B\")",
        "schema line 2, column 24: @manyToMany \"B\" makes a type \"B\", which exists "
        "already");
    check_refused(
        "@manyToMany(relationName: \"b\")", "@manyToMany(relationName: \"b\")",
        "schema line 2, column 24: @manyToMany \"b\" makes a type \"B\", which exists "
        "already");
    check_refused(
        "@manyToMany(relationName: \"a_rows\")", "@manyToMany(relationName: \"a_rows\")",
        "schema line 1, column 24: types \"A\" and \"A_rows\" both need a table "
        "\"A_rows\"");
    check_refused(
        "@manyToMany(relationName: \"7\")", "@manyToMany(relationName: \"7\")",
        "schema line 2, column 24: @manyToMany: the relationName must have 1 to 128 "
        "letters");
    check_refused(
        "@manyToMany(relationName: \"X\") c: [A] @manyToMany(relationName: \"Y\") "
        "d: [A] @manyToMany(relationName: \"Y\")",
        "@manyToMany(relationName: \"X\")",
        "schema line 1, column 100: @manyToMany \"Y\" cannot relate \"A\" to itself: "
        "write the model between them yourself");
    check_refused("c: [B] @manyToMany(relationName: \"X\")",
                  "c: [B] @manyToMany(relationName: \"X\")",
                  "schema line 2, column 31: @manyToMany \"X\": \"B.c\" must be a list "
                  "of \"A\", not of "
                  "\"B\"");
}

/* Names of the join model that two fields would get. */
static void test_clashes(void **state) {
    (void)state;
    refused(&told,
            "type Id @model { k: ID! x: [B] @manyToMany(relationName: \"X\") } "
            "type B @model { x: [Id] @manyToMany(relationName: \"X\") }",
            "schema line 1, column 32: the join model \"X\" gets two fields \"id\"");
    refused(&told,
            "type A @model { k: ID! @primaryKey(sortKeyFields: \"bId\") bId: ID! "
            "x: [Ab] @manyToMany(relationName: \"X\") } "
            "type Ab @model { id: ID! x: [A] @manyToMany(relationName: \"X\") }",
            "schema line 1, column 75: the join model \"X\" gets two fields \"abId\"");
}

static void check_models(int n, const char *message) {
    ds_buf sdl;
    ds_err err = DS_ERR_INIT;
    ds_catalog *catalog = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_add(&sdl, "type A @model {");
    for (int i = 0; i < n; i++) {
        ds_buf_addf(&sdl, "\nf%d: [B] @manyToMany(relationName: \"R%d\")", i, i);
    }
    ds_buf_add(&sdl, "}\ntype B @model {");
    for (int i = 0; i < n; i++) {
        ds_buf_addf(&sdl, "\nf%d: [A] @manyToMany(relationName: \"R%d\")", i, i);
    }
    ds_buf_add(&sdl, "}");
    int rc = ds_catalog_build(ds_buf_text(&sdl), sdl.length, &told, &catalog, &err);
    assert_string_equal(err.text, message);
    assert_int_equal(rc, message[0] ? SQLITE_ERROR : SQLITE_OK);
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
}

static void test_how_many(void **state) {
    (void)state;
    check_models(DS_MAX_MODELS - 2, "");
    check_models(DS_MAX_MODELS - 1,
                 "the schema has 501 models with those of @manyToMany, 500 are allowed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),    cmocka_unit_test(test_composite),
        cmocka_unit_test(test_several), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_clashes), cmocka_unit_test(test_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** The join models of imported schemas, and what only looks like one.
*/
#include "imported.h"

#define SIDE(name, model, required, names)                                               \
    ",'" name "':{'type':{'model':'" model "'},'isRequired':" required                   \
    ",'association':{'connectionType':'BELONGS_TO','targetNames':[" names "]}}"
#define INDEX(name, fields)                                                              \
    "{'type':'key','properties':{'name':'" name "','fields':[" fields "]}}"
#define ENDS                                                                             \
    MODEL("Post", MANY("tags", "PostTags", "'associatedWith':['post']") STAMPS)          \
    "," MODEL("Tag", MANY("posts", "PostTags", "'associatedWith':['tag']") STAMPS)
#define JOIN(fields, attributes)                                                         \
    MODELS(ENDS ",'PostTags':{'fields':{'id':{'type':'ID','isRequired':true}" fields     \
                "},'attributes':[" attributes "]}")
#define KEYS FIELD("postId", "ID") FIELD("tagId", "ID")
#define SIDES                                                                            \
    SIDE("post", "Post", "true", "'postId'") SIDE("tag", "Tag", "true", "'tagId'")
#define BOTH INDEX("byPost", "'postId'") "," INDEX("byTag", "'tagId'")

static void check_join(const char *json, bool expected) {
    ds_catalog *catalog = imported(&told, json);
    const ds_model *model = ds_catalog_model(catalog, "PostTags");
    assert_int_equal(model->is_join, expected);
    assert_ptr_equal(ds_model_column(model, "post"), ds_model_column(model, "postId"));
    assert_string_equal(ds_model_column(model, "postId")->name,
                        expected ? "post" : "postId");
    ds_catalog_release(catalog);
}

static void test_join(void **state) {
    (void)state;
    ds_catalog *catalog = imported(&told, JOIN(KEYS SIDES STAMPS, BOTH));
    check_columns(catalog, "PostTags",
                  "id ID! key 0, post ID! also postId, tag ID! also tagId, createdAt "
                  "AWSDateTime read-only, updatedAt AWSDateTime read-only");
    check_keys(catalog, "PostTags", "id; byPost: post, byTag: tag");
    check_relations(catalog, "PostTags",
                    "post belongs to Post (post = id), required, tag belongs to Tag (tag "
                    "= id), required");
    check_relations(catalog, "Post", "tags has many PostTags (id = post)");
    ds_catalog_release(catalog);
    check_join(JOIN(KEYS SIDES STAMPS, BOTH), true);
}

static void test_no_join(void **state) {
    (void)state;
    /* One that the user wrote demands its keys, or names its indexes otherwise. */
    check_join(JOIN(REQUIRED("postId", "ID") FIELD("tagId", "ID") SIDES STAMPS, BOTH),
               false);
    check_join(JOIN(KEYS SIDES STAMPS, INDEX("byPost", "'postId'")), false);
    check_join(JOIN(KEYS SIDES STAMPS, BOTH "," INDEX("byId", "'id'")), false);
    check_join(JOIN(KEYS SIDES STAMPS,
                    INDEX("byPost", "'postId','tagId'") "," INDEX("byTag", "'tagId'")),
               false);
    check_join(
        JOIN(KEYS SIDES STAMPS, INDEX("posts", "'postId'") "," INDEX("byTag", "'tagId'")),
        false);
    check_join(
        JOIN(KEYS SIDES STAMPS, BOTH ",{'type':'key','properties':{'fields':['id']}}"),
        false);
    check_join(JOIN(KEYS SIDE("post", "Post", "false", "'postId'")
                        SIDE("tag", "Tag", "true", "'tagId'") STAMPS,
                    BOTH),
               false);
    check_join(JOIN(KEYS SIDES FIELD("rank", "Int") STAMPS, BOTH), false);
    check_join(JOIN(KEYS SIDES SIDE("also", "Tag", "true", "'tagId'") STAMPS, BOTH),
               false);
    check_join(
        JOIN(KEYS SIDES MANY("all", "Post", "'associatedWith':['id']") STAMPS, BOTH),
        false);
}

/* Both sides of one model: @manyToMany makes none. */
static void test_one_side_twice(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL("Post", "") ",'PostTags':{'fields':{'id':{'type':'ID'}" KEYS SIDE(
            "post", "Post", "true", "'postId'") SIDE("tag", "Post", "true", "'tagId'")
                   STAMPS "},'attributes':[" BOTH "]}"));
    assert_false(ds_catalog_model(catalog, "PostTags")->is_join);
    ds_catalog_release(catalog);
}

/* The generator of projects without custom keys on connection fields hides the keys. */
static void test_hidden_keys(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &v2_nocpk, JOIN(SIDE("post", "Post", "true", "'postID'")
                            SIDE("tag", "Tag", "true", "'tagID'") STAMPS,
                        INDEX("byPost", "'postID'") "," INDEX("byTag", "'tagID'")));
    assert_true(ds_catalog_model(catalog, "PostTags")->is_join);
    check_columns(catalog, "PostTags",
                  "id ID! key 0, post ID! also postID, tag ID! also tagID, createdAt "
                  "AWSDateTime read-only, updatedAt AWSDateTime read-only");
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_no_join),
        cmocka_unit_test(test_one_side_twice),
        cmocka_unit_test(test_hidden_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

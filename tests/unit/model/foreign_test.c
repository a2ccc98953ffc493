/*
** Foreign keys of imported schemas: which columns hold them, and under which names.
*/
#include "imported.h"

/* Behind the timestamps stand the keys that Amplify added; before them those of the user. */
static void test_generated_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL("Post",
                     MANY("comments", "Comment", "'associatedWith':['postCommentsId']")
                         STAMPS) "," MODEL("Comment",
                                           ONE("post", "Post", "BELONGS_TO",
                                               "'targetNames':['postCommentsId']")
                                               STAMPS FIELD("postCommentsId", "ID"))));
    check_columns(catalog, "Comment",
                  "id ID! key 0, post ID also postCommentsId, createdAt AWSDateTime "
                  "read-only, updatedAt AWSDateTime read-only");
    check_relations(catalog, "Comment", "post belongs to Post (post = id)");
    check_relations(catalog, "Post", "comments has many Comment (id = post)");
    check_indexes(catalog, "Comment", "post");
    ds_catalog_release(catalog);
}

static void test_declared_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL("Post", MANY("comments", "Comment", "'associatedWith':['post']")
                                 STAMPS) "," MODEL("Comment",
                                                   FIELD("postCommentsId", "ID") ONE(
                                                       "post", "Post", "BELONGS_TO",
                                                       "'targetNames':['postCommentsId']")
                                                       STAMPS)));
    check_columns(catalog, "Comment",
                  "id ID! key 0, postCommentsId ID also post, createdAt AWSDateTime "
                  "read-only, updatedAt AWSDateTime read-only");
    check_relations(catalog, "Post", "comments has many Comment (id = postCommentsId)");
    ds_catalog_release(catalog);
}

/* Without timestamps the name alone decides. */
static void test_without_timestamps(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told, MODELS(MODEL("A", FIELD("aBId", "ID") FIELD("c_id", "ID") ONE(
                                     "b", "B", "HAS_ONE",
                                     "'associatedWith':['id'],'targetNames':['aBId']")
                                     ONE("c", "B", "BELONGS_TO",
                                         "'targetNames':['c_id']")) "," MODEL("B", "")));
    check_columns(catalog, "A", "id ID! key 0, c_id ID also c, aBId ID");
    check_relations(catalog, "A", "b has one B (aBId = id), c belongs to B (c_id = id)");
    ds_catalog_release(catalog);
}

/* The generators of transformer 1 and of projects without custom keys on connection fields show
** no foreign key but as the name of a target. */
static void test_hidden_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL(
            "Post",
            MANY(
                "comments", "Comment",
                "'associatedWith':'post'")) "," MODEL("Comment",
                                                      FIELD("text", "String") ONE(
                                                          "post", "Post", "BELONGS_TO",
                                                          "'targetName':'commentPostId'")
                                                          ONE("blog", "Post",
                                                              "BELONGS_TO",
                                                              "'targetName':'blogID'"))));
    check_columns(catalog, "Comment",
                  "id ID! key 0, text String, post ID also commentPostId, blogID ID also "
                  "blog");
    check_relations(catalog, "Post", "comments has many Comment (id = post)");
    const ds_model *comment = ds_catalog_model(catalog, "Comment");
    assert_int_equal(comment->n_fields, 4);
    assert_true(ds_model_column(comment, "post")->is_generated);
    assert_false(ds_model_column(comment, "blog")->is_generated);
    ds_catalog_release(catalog);
}

/* A hidden foreign key whose name SQLite cannot tell from a column's was added for a keyField: it
** goes by its relation's name alone, as it does in the schema language. */
static void test_hidden_twin(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL("Book", FIELD("numBer", "String")
                                 ONE("shelf", "Shelf", "BELONGS_TO",
                                     "'targetName':'number'")) "," MODEL("Shelf", "")));
    check_columns(catalog, "Book", "id ID! key 0, numBer String, shelf ID");
    assert_string_equal(ds_model_column(ds_catalog_model(catalog, "Book"), "shelf")->wire,
                        "number");
    ds_catalog_release(catalog);
}

/* Where a keyField names it, transformer 1 has a text for a key of any type. What is hidden may be
** of another type than it seems to be. */
static void test_other_types(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &v1,
        MODELS("'P':{'fields':{'id':{'type':'Int','isRequired':true}" MANY(
            "cs", "C", "'associatedWith':'fk'") "}}," MODEL("C", FIELD("fk", "ID"))));
    check_relations(catalog, "P", "cs has many C (id = fk)");
    ds_catalog_release(catalog);
    catalog =
        imported(&v2_nocpk,
                 MODELS("'P':{'fields':{'x':{'type':'ID','isRequired':true}" ONE(
                     "self", "P", "BELONGS_TO", "'targetName':'k'")
                            MANY("cs", "C",
                                 "'associatedWith':'fk'") "},'attributes':[{'type':"
                                                          "'key','properties':"
                                                          "{'fields':['k']}}]}," MODEL(
                                                              "C", FIELD("fk", "Int"))));
    check_relations(catalog, "P", "self belongs to P (k = k), cs has many C (k = fk)");
    ds_catalog_release(catalog);
}

/* A hidden foreign key may be a part of the primary key, and of another model's foreign key. */
static void test_hidden_key_in_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS("'Line':{'fields':{'no':{'type':'Int','isRequired':true}" ONE(
            "order", "Order", "BELONGS_TO",
            "'targetName':'orderID'") "},'attributes':[{'type':'key','properties':"
                                      "{'fields':['orderID','no']}}]}," MODEL(
                                          "Order", MANY("lines", "Line",
                                                        "'associatedWith':'order'"))));
    check_columns(catalog, "Line", "no Int! key 1, orderID ID! also order key 0");
    check_relations(catalog, "Order", "lines has many Line (id = orderID)");
    ds_catalog_release(catalog);
}

/* Without custom keys on connection fields the generator tells one field of a composite key. */
static void test_old_composite_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &v2_nocpk,
        MODELS(COMPOSITE(
            "P",
            MANY("cs", "C", "'associatedWith':'pCsId'")
                ONE("d", "P", "HAS_ONE", "'associatedWith':'a','targetName':'pDId'")
                    STAMPS FIELD("pDId", "ID"),
            "") "," MODEL("C", ONE("p", "P", "BELONGS_TO", "'targetName':'pCsId'")
                                   ONE("q", "P", "BELONGS_TO", "'targetName':'q1'")
                                       STAMPS) ",'D':{'fields':{'id':{'type':"
                                               "'ID'}" ONE("p", "P", "BELONGS_TO",
                                                           "'targetName':'"
                                                           "p1'") "},"
                                                                  "'attribute"
                                                                  "s':[{'"
                                                                  "type':'"
                                                                  "key','"
                                                                  "properties"
                                                                  "':{'name':"
                                                                  "'byP','"
                                                                  "fields':"
                                                                  "['p1','p2'"
                                                                  "]}}]}"));
    check_relations(catalog, "P",
                    "cs has many C (a b = pCsId pCsB), d has one P (pDId pDB = a b)");
    check_relations(catalog, "C",
                    "p belongs to P (pCsId pCsB = a b), q belongs to P (q1 = a)");
    check_relations(catalog, "D", "p belongs to P (p1 p2 = a b)");
    check_columns(catalog, "D", "id ID! key 0, p1 ID, p2 Int");
    ds_catalog_release(catalog);
}

/* One name cannot stand for the first part and for a sort key called id. */
static void test_sort_key_id(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS("'P':{'fields':{'a':{'type':'ID','isRequired':true},'id':{'type':"
               "'ID','isRequired':true}" MANY("cs", "P", "'associatedWith':'pCsId'")
                   FIELD("pCsId", "ID") "},"
                                        "'attributes':[{'type':'key','properties':{'"
                                        "fields':['a','id']}}]}"));
    check_relations(catalog, "P", "cs has many P (a = pCsId)");
    ds_catalog_release(catalog);
}

/* What stands where Amplify adds keys, and has the name of one, may still be none. */
static void test_wrong_type(void **state) {
    (void)state;
    import_refused(
        MODELS(MODEL("P", MANY("cs", "C", "'associatedWith':['pCsId']")) "," MODEL(
            "C", STAMPS FIELD("pCsId", "Int"))),
        "introspection models.P.fields.cs.association: the foreign key "
        "'C.pCsId' must be of type ID, not Int");
    import_refused(MODELS(MODEL("P", "") "," MODEL(
                       "C", ONE("p", "P", "BELONGS_TO", "'targetNames':['cPId']") STAMPS
                       ",'cPId':{'type':{'model':'P'}}")),
                   "introspection models.C.fields.p.association: a foreign key names "
                   "'C.cPId', which must be a scalar or enum and no list");
    import_refused(
        MODELS(MODEL("P", "") "," MODEL(
            "C", ONE("p", "P", "BELONGS_TO", "'targetNames':['createdAt']") STAMPS)),
        "introspection models.C.fields.p.association: a foreign key names "
        "'createdAt', but 'C' declares no such field");
    import_refused(MODELS("'C':{'fields':{'n':{'type':'Int'}" ONE(
                       "c", "C", "BELONGS_TO", "'targetName':'n'") "}}"),
                   "introspection models.C.fields.c.association: the foreign key 'C.n' "
                   "must be of type ID, not Int");
    /* Generators make it an ID. */
    ds_catalog *catalog = imported(
        &told, MODELS("'P':{'fields':{'n':{'type':'Int','isRequired':true}" MANY(
                   "cs", "C",
                   "'associatedWith':'pCsId'") "},'attributes':[{'type':'key',"
                                               "'properties':{'fields':['n']}}]}," MODEL(
                                                   "C", STAMPS FIELD("pCsId", "ID"))));
    check_relations(catalog, "P", "cs has many C (n = pCsId)");
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated_key),
        cmocka_unit_test(test_declared_key),
        cmocka_unit_test(test_without_timestamps),
        cmocka_unit_test(test_hidden_key),
        cmocka_unit_test(test_hidden_twin),
        cmocka_unit_test(test_other_types),
        cmocka_unit_test(test_hidden_key_in_key),
        cmocka_unit_test(test_old_composite_key),
        cmocka_unit_test(test_sort_key_id),
        cmocka_unit_test(test_wrong_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

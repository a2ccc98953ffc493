/*
** Relations of imported schemas, and what is wrong with them.
*/
#include "imported.h"

static void test_composite_key(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(COMPOSITE(
            "P",
            MANY("own", "C", "'associatedWith':['pOwnA','pOwnB']")
                MANY("by", "C", "'associatedWith':['p']")
                    MANY("ref", "C", "'associatedWith':['x','y']")
                        MANY("key", "C", "'associatedWith':['u']")
                            MANY("part", "C", "'associatedWith':['w']"),
            "") "," MODEL("C",
                          FIELD("x", "ID") FIELD("y", "Int") FIELD("u", "String")
                              FIELD("v", "Int") FIELD("w", "ID") FIELD("z", "String") ONE(
                                  "p", "P", "BELONGS_TO",
                                  "'targetNames':['x','y']") STAMPS FIELD("pOwnA", "ID")
                                  FIELD("pOwnB",
                                        "Int")) ",'K':{'fields':{'id':{'type':'ID'}}}"));
    check_relations(catalog, "P",
                    "own has many C (a b = pOwnA pOwnB), by has many C (a b = x y), "
                    "ref has many C (a b = x y), key has many C (a = u), "
                    "part has many C (a = w)");
    check_columns(catalog, "C",
                  "id ID! key 0, x ID, y Int, u String, v Int, w ID, z String, pOwnA ID, "
                  "pOwnB Int, createdAt AWSDateTime read-only, updatedAt AWSDateTime "
                  "read-only");
    ds_catalog_release(catalog);
}

/* Of an index that is looked up JSON tells the first field. */
static void test_widened(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(COMPOSITE("P",
                         MANY("one", "C", "'associatedWith':['u']")
                             MANY("two", "C", "'associatedWith':['w']")
                                 MANY("three", "P", "'associatedWith':['a']"),
                         "") ","
                             "'C':{'fields':{'id':{'type':'ID'}" FIELD("u", "ID")
                                 FIELD("v", "Int") FIELD("w", "ID") FIELD(
                                     "x", "String") "},'attributes':["
                                                    "{'type':'key','properties':{'name':'"
                                                    "byW','fields':['w','x']}},"
                                                    "{'type':'key','properties':{'name':'"
                                                    "byU','fields':['u','v','x']}}]}"));
    check_relations(catalog, "P",
                    "one has many C (a b = u v), two has many C (a = w), three has many "
                    "P (a b = a b)");
    ds_catalog_release(catalog);
}

/* A child without a parent is refused where the API refuses it. */
static void test_required(void **state) {
    (void)state;
    ds_catalog *catalog = imported(
        &told,
        MODELS(MODEL(
            "P", ",'a':{'isArray':true,'isArrayNullable':false,'type':{'"
                 "model':"
                 "'C'},'association':{'connectionType':'HAS_MANY',"
                 "'associatedWith':['pAId']}},'b':{'isArray':true,"
                 "'isArrayNullable':false,'type':{'model':'C'},'"
                 "association':"
                 "{'connectionType':'HAS_MANY','associatedWith':['bId']}"
                 "}") "," MODEL("C", FIELD("bId", "ID") ",'d':{'type':{'model':'P'},'"
                                                        "isRequired':true,"
                                                        "'association':{'"
                                                        "connectionType':'BELONGS_TO'"
                                                        ",'targetNames':"
                                                        "['cDId']}}" FIELD("pAId", "ID")
                                                            FIELD("cDId", "ID"))));
    check_columns(catalog, "C", "id ID! key 0, bId ID, d ID! also cDId, pAId ID!");
    check_relations(catalog, "C", "d belongs to P (d = id), required");
    ds_catalog_release(catalog);
}

static void test_generated_index(void **state) {
    (void)state;
    const char *json = MODELS(MODEL(
        "P",
        MANY("cs", "C",
             "'associatedWith':['pCsId']")) ","
                                            "'C':{'fields':{'id':{'type':'ID'}" FIELD(
                                                "pCsId",
                                                "ID") "},'attributes':["
                                                      "{'type':'key','properties':{'name'"
                                                      ":'gsi-P.cs','fields':['pCsId']}},"
                                                      "{'type':'key','properties':{'name'"
                                                      ":'gsi-C.cs','fields':['id']}},"
                                                      "{'type':'key','properties':{'name'"
                                                      ":'gsi-P.id','fields':['id']}},"
                                                      "{'type':'key','properties':{'name'"
                                                      ":'gsi-P','fields':['id']}}]}");
    ds_catalog *catalog = imported(&told, json);
    check_keys(catalog, "C", "id; gsi-C.cs: id, gsi-P.id: id, gsi-P: id");
    assert_string_equal(ds_catalog_model(catalog, "P")->relations[0].generated_key,
                        "gsi-P.cs");
    ds_catalog_release(catalog);
}

/* A field that leads to a model without being a relation is not the client's. */
static void test_plain(void **state) {
    (void)state;
    ds_catalog *catalog =
        imported(&told, MODELS(MODEL("A", ",'a':{'type':{'model':'A'}}")));
    assert_int_equal(ds_catalog_model(catalog, "A")->n_fields, 1);
    ds_catalog_release(catalog);
}

/* ---- Refusals ------------------------------------------------------------------------------- */

#define BAD(fields) MODELS(MODEL("A", fields) "," MODEL("B", FIELD("n", "Int")))
#define AT_A        "introspection models.A.fields.a.association: "

static void test_kinds(void **state) {
    (void)state;
    import_refused(BAD(ONE("a", "B", "MANY_TO_MANY", "'x':1")),
                   AT_A "'connectionType' must be HAS_ONE, HAS_MANY or BELONGS_TO");
    import_refused(BAD(ONE("a", "B", "HAS_MANY", "'associatedWith':['id']")),
                   AT_A "HAS_MANY must be a list");
    import_refused(BAD(",'a':{'isArray':true,'type':{'model':'B'},'association':"
                       "{'connectionType':'BELONGS_TO'}}"),
                   AT_A "a list must be HAS_MANY");
    import_refused(BAD(",'a':{'type':'Int','association':{'connectionType':'HAS_ONE'}}"),
                   AT_A "a relation must lead to a model, but 'Int' is none");
}

/* The introspection of a project of transformer 1. */
static void test_untold(void **state) {
    (void)state;
    const char *no_target =
        AT_A "no 'targetNames': the generator does not tell foreign keys for transformer "
             "version 1, give the GraphQL schema instead";
    import_refused(BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':[]")), no_target);
    import_refused(BAD(ONE("a", "B", "HAS_ONE", "'targetNames':[],'associatedWith':[]")),
                   no_target);
    import_refused(BAD(MANY("a", "B", "'associatedWith':[]")),
                   AT_A "no 'associatedWith': the generator does not tell relations for "
                        "transformer version 1, give the GraphQL schema instead");
}

static void test_wrong_names(void **state) {
    (void)state;
    import_refused(BAD(MANY("a", "B", "'associatedWith':['m']")),
                   AT_A "'associatedWith' names 'm', but 'B' declares no such field");
    import_refused(BAD(MANY("a", "B", "'associatedWith':['n']")),
                   AT_A "the foreign key 'B.n' must be of type ID, not Int");
    import_refused(BAD(MANY("a", "B", "'associatedWith':['id','id']")), AT_A
                   "names 2 fields of 'B' for the key of 'A' (id): expected 1 or all");
    import_refused(BAD(MANY("a", "B", "'associatedWith':[{}]")),
                   AT_A "argument 'associatedWith' of @association must be a string");
    import_refused(BAD(MANY("a", "A", "'associatedWith':['a']")),
                   AT_A "'A.a', with which it is associated, has no foreign key");
    import_refused(BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':['id','id']")), AT_A
                   "names 2 fields of 'A' for the key of 'B' (id): expected 1 or all");
    import_refused(
        BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':['b']") FIELD("b", "Int")),
        AT_A "the foreign key 'A.b' must be of type ID, not Int");
    import_refused(BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':['a']")), AT_A
                   "a foreign key names 'A.a', which must be a scalar or enum and no "
                   "list");
    import_refused(BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':['_version']")),
                   AT_A "field 'A._version' has the name of a field that synchronization "
                        "adds");
    import_refused(BAD(ONE("a", "B", "BELONGS_TO", "'targetNames':['x y']")),
                   AT_A "'x y' cannot be a field of 'A': expected a letter or _, then "
                        "letters, digits and _");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composite_key), cmocka_unit_test(test_widened),
        cmocka_unit_test(test_required),      cmocka_unit_test(test_generated_index),
        cmocka_unit_test(test_plain),         cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_untold),        cmocka_unit_test(test_wrong_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

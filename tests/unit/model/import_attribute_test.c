/*
** Attributes, primary keys and associations as directives.
*/
#include "imported.h"

#define WITH(members)    "{'models':{'A':{'fields':{}," members "}}}"
#define ATTRIBUTES(list) WITH("'attributes':[" list "]")

static void test_model(void **state) {
    (void)state;
    check_document(WITH("'attributes':null"), "type A @model\n");
    check_document(ATTRIBUTES("{'type':'model','properties':{}}"), "type A @model\n");
    check_document(ATTRIBUTES("{'type':'model'}"), "type A @model\n");
    check_document(
        ATTRIBUTES("{'type':'model','properties':{'timestamps':null,'colour':'red',"
                   "'subscriptions':{'level':'off','onCreate':['a','b']},"
                   "'mutations':{'create':null,'update':true,'delete':1.5}}}"),
        "type A @model(timestamps: null, subscriptions: {level: off, onCreate: "
        "[\"a\", \"b\"]}, mutations: {create: null, update: true, delete: 1.5})\n");
}

static void test_what_is_taken(void **state) {
    (void)state;
    check_document(
        ATTRIBUTES("{'type':'searchable','properties':{'a-b':1}},{'type':'aws_iam'},"
                   "{'type':'key','properties':{'name':'byA','fields':['a','b'],"
                   "'queryField':'q','x':1}},"
                   "{'type':'auth','properties':{'rules':[{'allow':'owner'}]}},{}"),
        "type A @key(name: \"byA\", fields: [\"a\", \"b\"], queryField: \"q\") "
        "@auth(rules: [{allow: \"owner\"}]) @model\n");
}

static void test_malformed(void **state) {
    (void)state;
    import_refused(WITH("'attributes':{}"),
                   "introspection models.A.attributes: expected a list, found an object");
    import_refused(ATTRIBUTES("{},1"), "introspection models.A.attributes[1]: expected "
                                       "an object, found a number");
    import_refused(ATTRIBUTES("{'type':[]}"),
                   "introspection models.A.attributes[0].type: expected a string, found "
                   "a list");
    import_refused(ATTRIBUTES("{'type':'model','properties':[]}"),
                   "introspection models.A.attributes[0].properties: expected an object, "
                   "found a list");
    import_refused(ATTRIBUTES("{'type':'auth','properties':{}}"),
                   "introspection models.A.attributes[0]: 'rules' is missing");
    import_refused(ATTRIBUTES("{'type':'auth','properties':{'rules':'owner'}}"),
                   "introspection models.A.attributes[0].rules: expected a list, found a "
                   "string");
    import_refused(ATTRIBUTES("{'type':'auth','properties':{'rules':['owner']}}"),
                   "introspection models.A.attributes[0]: a rule of @auth must be an "
                   "object, as in {allow: owner}");
    import_refused(ATTRIBUTES("{'type':'model','properties':{'queries':{'a b':1}}}"),
                   "introspection models.A.attributes[0]: 'a b' is no name: expected a "
                   "letter or _, then letters, digits and _, at most 128");
    import_refused(ATTRIBUTES("{'type':'model','properties':{'queries':{'gett':'x'}}}"),
                   "introspection models.A.attributes[0]: argument 'queries' of @model "
                   "has no 'gett' (did you mean 'get'?), known are get, list");
    import_refused(ATTRIBUTES("{'type':'key','properties':{'fields':['idd']}}"),
                   "introspection models.A.attributes[0]: @key names 'idd', but 'A' "
                   "declares no such field");
    import_refused(
        MODELS("'A':{'fields':{'id':{'type':'ID'}" STAMPS
               "},'attributes':[{'type':'key','properties':{'name':'x',"
               "'fields':['createdAt']}}]}"),
        "introspection models.A.attributes[0]: @key names 'createdAt', but 'A' "
        "declares no such field");
    import_refused(ATTRIBUTES("{'type':'key','properties':{'name':'x'}}"),
                   "introspection models.A.attributes[0]: @key of 'A' needs 'fields'");
    import_refused(
        ATTRIBUTES("{'type':'key','properties':{'name':1,'fields':['id']}}"),
        "introspection models.A.attributes[0]: argument 'name' of @key must be "
        "a string");
}

/* The list of rules is the first level. */
static void add_nested(ds_buf *out, int depth) {
    ds_buf_clear(out);
    ds_buf_add(out, "{'models':{'A':{'fields':{},'attributes':[{'type':'auth',"
                    "'properties':{'rules':[{'allow':'private','x':");
    for (int i = 2; i < depth; i++) {
        ds_buf_add(out, "[");
    }
    ds_buf_add(out, "null");
    for (int i = 2; i < depth; i++) {
        ds_buf_add(out, "]");
    }
    ds_buf_add(out, "}]}}]}}}");
}

static void test_depth(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 10000);
    add_nested(&json, DS_MAX_SDL_DEPTH);
    ds_catalog_release(imported(&told, ds_buf_text(&json)));
    add_nested(&json, DS_MAX_SDL_DEPTH + 1);
    import_refused(ds_buf_text(&json), "introspection models.A.attributes[0]: lists and "
                                       "objects are nested deeper than 64");
    ds_buf_done(&json);
}

/* ---- The primary key ------------------------------------------------------------------------ */

#define KEYED(attributes, info)                                                          \
    "{'models':{'A':{'fields':{'id':{'type':'ID','isRequired':true}" REQUIRED(           \
        "a", "Int") REQUIRED("b", "String") "},'attributes':[" attributes                \
                                            "],'primaryKeyInfo':" info "}}}"
#define KEY "{'type':'key','properties':{'fields':['a','b']}}"
#define INFO                                                                             \
    "{'isCustomPrimaryKey':true,'primaryKeyFieldName':'a','sortKeyFieldNames':['b']}"

static void check_key(const char *json, const char *expected, ds_key_kind kind) {
    ds_catalog *catalog = imported(&told, json);
    check_keys(catalog, "A", expected);
    assert_int_equal(ds_catalog_model(catalog, "A")->key_kind, kind);
    ds_catalog_release(catalog);
}

static void test_primary_key(void **state) {
    (void)state;
    check_key(KEYED("", "null"), "id", DS_KEY_MANAGED);
    check_key(KEYED("", "{'primaryKeyFieldName':'id','sortKeyFieldNames':[]}"), "id",
              DS_KEY_MANAGED);
    check_key(KEYED(KEY, "null"), "a b", DS_KEY_CUSTOM);
    check_key(KEYED(KEY, INFO), "a b", DS_KEY_CUSTOM);
    check_key(KEYED("", INFO), "a b", DS_KEY_CUSTOM);
    check_key(KEYED("{'type':'key','properties':{'name':'byB','fields':['b']}}", INFO),
              "a b; byB: b", DS_KEY_CUSTOM);
    check_key(KEYED("{'type':'key','properties':{'fields':'id'}}",
                    "{'primaryKeyFieldName':'id'}"),
              "id", DS_KEY_OPTIONALLY_MANAGED);
    const char *differs =
        "introspection models.A.primaryKeyInfo: the key attribute names "
        "other fields for the primary key";
    import_refused(KEYED(KEY, "{'primaryKeyFieldName':'a'}"), differs);
    import_refused(KEYED(KEY, "{'primaryKeyFieldName':'a','sortKeyFieldNames':['id']}"),
                   differs);
    import_refused(KEYED(KEY, "{'primaryKeyFieldName':'a','sortKeyFieldNames':[1]}"),
                   differs);
    import_refused(KEYED("", "{'sortKeyFieldNames':[]}"),
                   "introspection models.A.primaryKeyInfo: 'primaryKeyFieldName' is "
                   "missing");
    import_refused(KEYED("", "{'primaryKeyFieldName':'c'}"),
                   "introspection models.A.primaryKeyInfo: @key names 'c', but 'A' "
                   "declares no such field");
}

/* ---- Fields --------------------------------------------------------------------------------- */

/* The generator shows a timestamp that is switched off, as read-only. */
static void test_timestamps(void **state) {
    (void)state;
    check_document(
        "{'models':{'A':{'attributes':[{'type':'key'},{'type':'model',"
        "'properties':{'timestamps':{'createdAt':null,'updatedAt':'u'}}}],"
        "'fields':{'createdAt':{'type':'Int','isReadOnly':true},'updatedAt':{'type':'Int'"
        "},"
        "'u':{'type':'AWSDateTime','isReadOnly':true}}}}}",
        "type A @key @model(timestamps: {createdAt: null, updatedAt: \"u\"}) {\n"
        "  updatedAt: Int\n  u: AWSDateTime @readOnly\n}\n");
    check_document("{'models':{'A':{'attributes':[{'type':'model','properties':"
                   "{'timestamps':{'createdAt':null}}}],"
                   "'fields':{'createdAt':{'type':'Int'}}}}}",
                   "type A @model(timestamps: {createdAt: null}) {\n"
                   "  createdAt: Int\n}\n");
    import_refused("{'models':{'A':{'attributes':[{'type':7}],'fields':{'createdAt':"
                   "{'type':'Int'}}}}}",
                   "introspection models.A.attributes[0].type: expected a string, found "
                   "a number");
}

static void test_associations(void **state) {
    (void)state;
    check_document(
        MODELS(MODEL(
            "A", ONE("a", "A", "HAS_ONE", "'associatedWith':['b','c'],'targetNames':[]")
                     ONE("b", "A", "BELONGS_TO", "'targetName':'d'")
                         ONE("c", "A", "BELONGS_TO", "'targetNames':['e','f']")
                             MANY("d", "A", "'associatedWith':'g','targetName':null"))),
        "type A @model {\n  id: ID!\n"
        "  a: A @association(kind: \"HAS_ONE\", associatedWith: [\"b\", \"c\"])\n"
        "  b: A @association(kind: \"BELONGS_TO\", targetNames: \"d\")\n"
        "  c: A @association(kind: \"BELONGS_TO\", targetNames: [\"e\", \"f\"])\n"
        "  d: [A] @association(kind: \"HAS_MANY\", associatedWith: \"g\")\n}\n");
    /* In other types nothing can be associated. */
    check_document(
        "{'models':{},'nonModels':{'N':{'fields':{'n':{'type':{'nonModel':'N'},"
        "'association':1}}}}}",
        "type N {\n  n: N\n}\n");
    import_refused(MODELS("'A':{'fields':{'a':{'type':{'model':'A'},'association':[]}}}"),
                   "introspection models.A.fields.a.association: expected an object, "
                   "found a list");
    import_refused(MODELS("'A':{'fields':{'a':{'type':{'model':'A'},'association':{}}}}"),
                   "introspection models.A.fields.a.association: 'connectionType' is "
                   "missing");
}

static void check_version(const char *association, int expected) {
    ds_buf json;
    ds_buf_init(&json, 1000);
    ds_buf_addf(&json,
                "{'models':{'A':{'fields':{'aAId':{'type':'ID'},'a':{'type':"
                "{'model':'A'},'association':{'connectionType':'BELONGS_TO',%s}}}}}}",
                association);
    ds_catalog *catalog = imported(&told, ds_buf_text(&json));
    assert_int_equal(catalog->transformer_version, expected);
    ds_catalog_release(catalog);
    for (int version = 1; version <= 2; version++) {
        const ds_model_options options = {version, true};
        catalog = imported(&options, ds_buf_text(&json));
        assert_int_equal(catalog->transformer_version, version);
        ds_catalog_release(catalog);
    }
    ds_buf_done(&json);
}

static void test_version(void **state) {
    (void)state;
    check_version("'targetName':'aAId'", 1);
    check_version("'targetNames':'aAId'", 1);
    check_version("'targetNames':['aAId']", 2);
    check_version("'targetNames':['aAId'],'associatedWith':'id'", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),        cmocka_unit_test(test_what_is_taken),
        cmocka_unit_test(test_malformed),    cmocka_unit_test(test_depth),
        cmocka_unit_test(test_primary_key),  cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_associations), cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

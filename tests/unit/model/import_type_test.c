/*
** Types and fields of an introspection.
*/
#include "imported.h"

/* A type of each section, and every kind of field type. */
static void test_document(void **state) {
    (void)state;
    check_document(
        "{'models':{'A':{'name':'A','fields':{"
        "'id':{'name':'id','isArray':false,'type':'ID','isRequired':true},"
        "'a':{'type':'Int'},'b':{'type':{'enum':'E'},'isRequired':false},"
        "'c':{'type':{'nonModel':'N'},'isArray':true,'isRequired':true,"
        "'isArrayNullable':true},"
        "'d':{'type':'Int','isArray':true,'isRequired':true,'isArrayNullable':false},"
        "'e':{'type':'Int','isArray':true,'isRequired':true},"
        "'f':{'type':'Int','isArray':true},'g':{'type':{'model':'A'}}}}},"
        "'enums':{'E':{'name':'E','values':['X','Y']}},"
        "'nonModels':{'N':{'name':'N','fields':{'m':{'type':{'nonModel':'N'}}}}}}",
        "type A @model {\n  id: ID!\n  a: Int\n  b: E\n  c: [N!]\n  d: [Int!]!\n"
        "  e: [Int!]!\n  f: [Int]\n  g: A\n}\n\ntype N {\n  m: N\n}\n\n"
        "enum E {\n  X\n  Y\n}\n");
}

#define FIELDS(fields) "{'models':{'A':{'fields':{" fields "}}}}"

static void test_structure(void **state) {
    (void)state;
    import_refused("{'models':{'A':[]}}",
                   "introspection models.A: expected an object, found a list");
    import_refused("{'models':{'A':{}}}", "introspection models.A: 'fields' is missing");
    import_refused("{'models':{'A':{'fields':null}}}",
                   "introspection models.A: 'fields' is missing");
    import_refused("{'models':{'A':{'name':'B','fields':{}}}}",
                   "introspection models.A.name: 'B' is not the name that it stands "
                   "under");
    import_refused("{'models':{'A':{'syncable':false,'fields':{}}}}",
                   "introspection models.A.syncable: every model is synchronized here, "
                   "one that is not cannot be read");
    import_refused(FIELDS("'a':1"),
                   "introspection models.A.fields.a: expected an object, found a number");
    import_refused(FIELDS("'a':{}"),
                   "introspection models.A.fields.a: 'type' is missing");
    import_refused(FIELDS("'a':{'type':'Int','isRequired':'yes'}"),
                   "introspection models.A.fields.a.isRequired: expected true or false, "
                   "found a string");
    import_refused(FIELDS("'a':{'type':'Int','isArray':1}"),
                   "introspection models.A.fields.a.isArray: expected true or false, "
                   "found a number");
    import_refused(FIELDS("'a':{'type':'Int','isReadOnly':[]}"),
                   "introspection models.A.fields.a.isReadOnly: expected true or false, "
                   "found a list");
    import_refused("{'models':{},'enums':{'E':{}}}",
                   "introspection enums.E: 'values' is missing");
    import_refused("{'models':{},'enums':{'E':{'values':['A',{}]}}}",
                   "introspection enums.E.values: expected a list of names, found an "
                   "object in it");
    import_refused("{'models':{},'enums':{'E':{'values':['A','B','A']}}}",
                   "introspection enums.E.values: enum 'E' has 'A' twice");
}

static void test_types(void **state) {
    (void)state;
    const char *form = "introspection models.A.fields.a.type: expected the name of a "
                       "scalar, or an object with one member, 'model', 'nonModel' or "
                       "'enum', that names a type";
    import_refused(FIELDS("'a':{'type':1}"), form);
    import_refused(FIELDS("'a':{'type':['model']}"), form);
    import_refused(FIELDS("'a':{'type':{}}"), form);
    import_refused(FIELDS("'a':{'type':{'model':{}}}"), form);
    import_refused(FIELDS("'a':{'type':{'interface':'A'}}"), form);
    import_refused(FIELDS("'a':{'type':'Strng'}"),
                   "introspection models.A.fields.a: unknown type 'Strng' (did you mean "
                   "'String'?)");
    import_refused(FIELDS("'a':{'type':{'enum':'E'}}"),
                   "introspection models.A.fields.a: unknown type 'E'");
    import_refused(FIELDS("'a':{'type':'A'}"),
                   "introspection models.A.fields.a.type: 'A' is a model: expected "
                   "{'model': 'A'}");
    import_refused(FIELDS("'a':{'type':{'enum':'A'}}"),
                   "introspection models.A.fields.a.type: 'A' is a model, not an enum");
    import_refused(
        "{'models':{'A':{'fields':{'a':{'type':{'nonModel':'E'}}}}},"
        "'enums':{'E':{'values':[]}}}",
        "introspection models.A.fields.a.type: 'E' is an enum, not a nonModel");
}

static void test_names(void **state) {
    (void)state;
    ds_buf json, message;
    import_refused("{'models':{'a-b':{}}}",
                   "introspection models: 'a-b' is no name: expected a letter or _, then "
                   "letters, digits and _, at most 128");
    import_refused("{'models':{'':{}}}",
                   "introspection models: '' is no name: expected a letter or _, then "
                   "letters, digits and _, at most 128");
    import_refused(FIELDS("'1':{'type':'Int'}"),
                   "introspection models.A.fields: '1' is no name: expected a letter or "
                   "_, then letters, digits and _, at most 128");
    import_refused("{'models':{'A':{'fields':{}}},'enums':{'A':{'values':[]}}}",
                   "introspection enums.A: 'A' stands at models.A, too");
    import_refused("{'models':{'Int':{'fields':{}}}}",
                   "introspection models.Int: 'Int' is a scalar of AppSync");
    import_refused("{'models':{'Query':{'fields':{}}}}",
                   "introspection models.Query: 'Query' is a root type of the API and "
                   "cannot be a model");
    import_refused(FIELDS("'id':{'type':'ID'},'_version':{'type':'Int'}"),
                   "introspection models.A.fields._version: field 'A._version' has the "
                   "name of a field that synchronization adds");
    import_refused(FIELDS("'id':{'type':'ID'},'a':{'type':'Int'},'A':{'type':'Int'}"),
                   "introspection models.A.fields.A: 'A.A' and 'A.a' differ only in "
                   "case, which SQLite ignores");
    ds_buf_init(&json, 1000);
    ds_buf_init(&message, 1000);
    for (int n = DS_MAX_NAME_BYTES; n <= DS_MAX_NAME_BYTES + 1; n++) {
        ds_buf_clear(&json);
        ds_buf_addf(&json, "{'models':{'%.*c':{'fields':{}}}}", n, 'x');
        ds_buf_clear(&message);
        ds_buf_addf(&message,
                    "introspection models: '%.*c' is no name: expected a letter or _, "
                    "then letters, digits and _, at most 128",
                    40, 'x');
        if (n == DS_MAX_NAME_BYTES) {
            ds_catalog_release(imported(&told, ds_buf_text(&json)));
        } else {
            import_refused(ds_buf_text(&json), ds_buf_text(&message));
        }
    }
    ds_buf_done(&json);
    ds_buf_done(&message);
}

/* A model always has its id, and what the schema language says of an id holds. */
static void test_id(void **state) {
    (void)state;
    ds_catalog *catalog =
        imported(&told, FIELDS("'a':{'type':'Int'},'id':{'type':'ID'}"));
    check_columns(catalog, "A", "id ID! key 0, a Int");
    ds_catalog_release(catalog);
    catalog = imported(&told, FIELDS(""));
    check_columns(catalog, "A", "id ID! key 0");
    ds_catalog_release(catalog);
    import_refused(FIELDS("'id':{'type':'ID','isArray':true}"),
                   "introspection models.A.fields.id: 'A.id' is the primary key and must "
                   "be a scalar, such as ID!");
}

static void test_timestamps(void **state) {
    (void)state;
    ds_catalog *catalog = imported(&told, FIELDS("'id':{'type':'ID'}" STAMPS));
    check_columns(catalog, "A",
                  "id ID! key 0, createdAt AWSDateTime read-only, updatedAt AWSDateTime "
                  "read-only");
    const ds_model *a = ds_catalog_model(catalog, "A");
    assert_int_equal(a->columns[1].role, DS_COLUMN_CREATED_AT);
    assert_int_equal(a->columns[2].role, DS_COLUMN_UPDATED_AT);
    ds_catalog_release(catalog);
    /* The user's own, one that is no moment, and one that was left out. */
    catalog = imported(
        &told, FIELDS("'createdAt':{'type':'AWSDateTime','isRequired':true},"
                      "'updatedAt':{'type':'Int','isReadOnly':true},'id':{'type':'ID'}"));
    check_columns(catalog, "A",
                  "id ID! key 0, createdAt AWSDateTime, updatedAt Int read-only");
    a = ds_catalog_model(catalog, "A");
    assert_int_equal(a->columns[1].role, DS_COLUMN_DATA);
    assert_int_equal(a->columns[2].role, DS_COLUMN_DATA);
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document), cmocka_unit_test(test_structure),
        cmocka_unit_test(test_types),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_id),       cmocka_unit_test(test_timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

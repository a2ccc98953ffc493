/*
** Schemas as JSON: what counts as one, which part of a file it is, and that it gives the same
** catalog as the schema language.
*/
#include "imported.h"

static void check_is_json(const char *text, bool expected) {
    assert_int_equal(ds_import_is_json(text, strlen(text)), expected);
}

static void test_is_json(void **state) {
    (void)state;
    check_is_json("{", true);
    check_is_json(" \t\r\n{}", true);
    check_is_json("\xEF\xBB\xBF{}", true);
    check_is_json("", false);
    check_is_json(" ", false);
    check_is_json("\xEF\xBB\xBF", false);
    check_is_json("type A @model { a: Int }", false);
    check_is_json("# {\n", false);
    check_is_json("[{}]", false);
    assert_false(ds_import_is_json("\0{", 2));
}

/* ---- Where the introspection is ------------------------------------------------------------- */

#define A MODELS(MODEL("A", ""))

static void check_places(const char *json, const char *kept) {
    ds_buf text;
    char *extracted = NULL;
    ds_catalog *catalog = imported(&told, json);
    assert_int_equal(catalog->n_models, 1);
    ds_catalog_release(catalog);
    ds_buf_init(&text, 1000);
    add_quoted(&text, json);
    assert_int_equal(ds_import_extract(text.data, text.length, &extracted, NULL),
                     SQLITE_OK);
    ds_buf_clear(&text);
    add_quoted(&text, kept ? kept : "");
    assert_int_equal(kept != NULL, extracted != NULL);
    assert_string_equal(extracted ? extracted : "", ds_buf_text(&text));
    sqlite3_free(extracted);
    ds_buf_done(&text);
}

static void test_places(void **state) {
    (void)state;
    check_places(A, NULL);
    check_places("  " A "\n", NULL);
    check_places("{'version':1,'models':{" MODEL("A", "") "},'queries':{}}", NULL);
    check_places("{'model_introspection': " A ",'api_key':'da2'}", A);
    check_places("{'data':{'api_key':'da2','model_introspection':" A "}}", A);
}

static void test_no_introspection(void **state) {
    (void)state;
    const char *message = "this JSON is no schema: expected an object with 'models', or "
                          "with 'model_introspection' as in amplify_outputs.json";
    import_refused("{}", message);
    import_refused("{'data':[{'model_introspection':{}}]}", message);
    import_refused("{'data':{'url':'https://x'}}", message);
    import_refused("{'models':", "the schema as JSON: malformed JSON at byte 11: it "
                                 "ends too early");
    import_refused("{ a }", "the schema as JSON: malformed JSON at byte 3");
    import_refused("{'models':[]}", "introspection models: expected an object, found a "
                                    "list");
    import_refused("{'models':{},'enums':1}",
                   "introspection enums: expected an object, found a number");
    import_refused("{'model_introspection':{'enums':{}}}",
                   "the introspection has no 'models'");
    import_refused("{'models':null}", "the introspection has no 'models'");
}

static void test_version(void **state) {
    (void)state;
    ds_catalog_release(imported(&told, "{'version':1,'models':{}}"));
    ds_catalog_release(imported(&told, "{'version':'f00','codegenVersion':'3.4.4',"
                                       "'models':{}}"));
    import_refused("{'version':2,'models':{}}",
                   "introspection version: only version 1 is known");
    import_refused("{'version':1.5,'models':{}}",
                   "introspection version: only version 1 is known");
}

static void test_size(void **state) {
    (void)state;
    static const char json[] = "{\"models\":{}}";
    ds_catalog *catalog = NULL;
    ds_err err = DS_ERR_INIT;
    char *text = sqlite3_malloc64(DS_MAX_IMPORT_BYTES + 1);
    assert_non_null(text);
    memset(text, ' ', DS_MAX_IMPORT_BYTES + 1);
    memcpy(text, json, sizeof json - 1);
    assert_int_equal(ds_catalog_build(text, DS_MAX_IMPORT_BYTES, &told, &catalog, &err),
                     SQLITE_OK);
    ds_catalog_release(catalog);
    assert_int_equal(
        ds_catalog_build(text, DS_MAX_IMPORT_BYTES + 1, &told, &catalog, &err),
        SQLITE_ERROR);
    assert_string_equal(err.text,
                        "a schema as JSON has at most 16777216 bytes, not 16777217");
    sqlite3_free(text);
}

/* ---- The same as the schema language ---------------------------------------------------------- */

static void describe(ds_buf *out, const ds_catalog *catalog) {
    ds_catalog_introspect(catalog, out);
    for (int i = 0; i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        ds_buf_addf(out, "\n%s: ", model->name);
        add_columns(out, model);
        describe_keys(out, model);
        describe_indexes(out, model);
        add_relations(out, model);
        describe_operations(out, model);
        for (int o = 0; o < model->n_owners; o++) {
            ds_buf_addf(out, " %s%d%d", model->owners[o].field,
                        model->owners[o].is_implicit, model->owners[o].is_argument);
        }
    }
}

/* What tests/golden/schema has shows every form; here it is a project as a whole. */
static void test_outputs(void **state) {
    (void)state;
    ds_buf json, as_json, as_sdl;
    read_file("schema/examples/amplify_outputs.json", &json);
    ds_catalog *a = built(&told, ds_buf_text(&json));
    ds_catalog *b = built(
        &told,
        "enum ProjectStage { IDEA RUNNING DONE } "
        "type Project @model @auth(rules: [{provider: userPools, ownerField: \"owner\", "
        "allow: owner, identityClaim: \"cognito:username\", operations: [create, update, "
        "delete, read]}, {allow: public, provider: apiKey, operations: [read]}]) { "
        "id: ID! name: String! stage: ProjectStage! labels: [String!] place: Place "
        "tasks: [Task] @hasMany(references: [\"projectId\"]) "
        "plan: Plan @hasOne(references: [\"projectId\"]) } "
        "type Task @model @auth(rules: [{provider: userPools, ownerField: \"owner\", "
        "allow: owner, identityClaim: \"cognito:username\", operations: [create, update, "
        "delete, read]}]) { id: ID! content: String done: Boolean "
        "projectId: ID @index(name: \"tasksByProjectIdAndContent\", sortKeyFields: "
        "[\"content\"], queryField: \"listTaskByProjectIdAndContent\") "
        "project: Project @belongsTo(references: [\"projectId\"]) } "
        "type Plan @model @auth(rules: [{provider: userPools, ownerField: \"owner\", "
        "allow: owner, identityClaim: \"cognito:username\", operations: [create, update, "
        "delete, read]}]) { projectId: ID "
        "project: Project @belongsTo(references: [\"projectId\"]) "
        "code: ID! @primaryKey(sortKeyFields: [\"version\"]) version: Int! budget: Float "
        "} "
        "type Place { city: String! geo: Geo } type Geo { lat: Float! long: Float! }");
    ds_buf_init(&as_json, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&as_sdl, DS_MAX_OUTPUT_BYTES);
    describe(&as_json, a);
    describe(&as_sdl, b);
    assert_string_equal(ds_buf_text(&as_json), ds_buf_text(&as_sdl));
    ds_catalog_release(a);
    ds_catalog_release(b);
    ds_buf_done(&json);
    ds_buf_done(&as_json);
    ds_buf_done(&as_sdl);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_json),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_no_introspection),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

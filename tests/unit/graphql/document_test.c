/*
** Documents: names, variables, layout, and the corpus of tests/golden/graphql: what each schema
** there asks of its API. GOLDEN=1 writes the expected texts anew. The first line of a
** schema may be a comment with its options: "# v1", "# v2" or "# v2, respectPrimaryKey off".
*/
#define _POSIX_C_SOURCE 200809L

#include "../model/catalog.h"

#include "graphql/graphql.h"

#include <dirent.h>
#include <stdlib.h>

#define FOLDER      "tests/golden/graphql/"
#define LEAST_CASES 14

/* ---- Names ----------------------------------------------------------------------------------- */

static void test_names(void **state) {
    (void)state;
    static const char *const names[] = {"sync",   "get",      "create",   "update",
                                        "delete", "onCreate", "onUpdate", "onDelete"};
    ds_catalog *catalog =
        built(&v2, "type Post @model { a: Int } type Comment @model("
                   "queries: null, mutations: {create: \"add\", delete: "
                   "null}, subscriptions: null) { a: Int }");
    const ds_model *post = ds_catalog_model(catalog, "Post");
    const ds_model *comment = ds_catalog_model(catalog, "Comment");
    static const char *const fields[][2] = {
        {"syncPosts", NULL},    {"getPost", NULL},
        {"createPost", "add"},  {"updatePost", "updateComment"},
        {"deletePost", NULL},   {"onCreatePost", NULL},
        {"onUpdatePost", NULL}, {"onDeletePost", NULL}};
    assert_int_equal(DS_COUNT(names), DS_GRAPHQL_OPERATION_COUNT);
    for (int i = 0; i < DS_GRAPHQL_OPERATION_COUNT; i++) {
        ds_graphql_operation o = (ds_graphql_operation)i;
        const char *field = ds_graphql_field(comment, o);
        assert_string_equal(ds_graphql_name(o), names[i]);
        assert_string_equal(ds_graphql_field(post, o), fields[i][0]);
        assert_string_equal(field ? field : "-", fields[i][1] ? fields[i][1] : "-");
    }
    ds_catalog_release(catalog);
}

/* ---- Variables ------------------------------------------------------------------------------- */

static void check_variables(const ds_model_options *options, const char *sdl,
                            ds_graphql_operation operation, const char *declared,
                            const char *passed) {
    ds_catalog *catalog = built(options, sdl);
    const ds_model *model = &catalog->models[0];
    ds_buf text;
    ds_buf_init(&text, 1000);
    ds_graphql_declare(&text, model, operation, "7");
    assert_int_equal(text.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&text), declared);
    ds_buf_clear(&text);
    ds_graphql_pass(&text, model, operation, "7");
    assert_string_equal(ds_buf_text(&text), passed);
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

static void test_variables(void **state) {
    (void)state;
    const char *post = "type Post @model { a: Int }";
    check_variables(&v2, post, DS_GRAPHQL_SYNC,
                    "$limit7: Int, $nextToken7: String, $lastSync7: AWSTimestamp, "
                    "$filter7: ModelPostFilterInput",
                    "limit: $limit7, nextToken: $nextToken7, lastSync: $lastSync7, "
                    "filter: $filter7");
    check_variables(&v2, post, DS_GRAPHQL_GET, "$id7: ID!", "id: $id7");
    check_variables(&v2, post, DS_GRAPHQL_CREATE, "$input7: CreatePostInput!",
                    "input: $input7");
    const char *both = "input: $input7, condition: $condition7";
    check_variables(&v2, post, DS_GRAPHQL_UPDATE,
                    "$input7: UpdatePostInput!, $condition7: ModelPostConditionInput",
                    both);
    check_variables(&v2, post, DS_GRAPHQL_DELETE,
                    "$input7: DeletePostInput!, $condition7: ModelPostConditionInput",
                    both);
    for (int o = DS_GRAPHQL_ON_CREATE; o <= DS_GRAPHQL_ON_DELETE; o++) {
        check_variables(&v2, post, (ds_graphql_operation)o,
                        "$filter7: ModelSubscriptionPostFilterInput", "filter: $filter7");
        check_variables(&v1, post, (ds_graphql_operation)o, "", "");
    }
}

static void test_keys(void **state) {
    (void)state;
    check_variables(&v2, "type T @model { id: String! }", DS_GRAPHQL_GET, "$id7: ID!",
                    "id: $id7");
    check_variables(&v2, "type T @model { id: String! @primaryKey }", DS_GRAPHQL_GET,
                    "$id7: String!", "id: $id7");
    check_variables(&v2,
                    "type T @model { day: AWSDate! kind: K! @primaryKey(sortKeyFields: "
                    "[\"day\", \"n\"]) n: Int! } enum K { A }",
                    DS_GRAPHQL_GET, "$kind7: K!, $day7: AWSDate!, $n7: Int!",
                    "kind: $kind7, day: $day7, n: $n7");
}

static void test_owners(void **state) {
    (void)state;
    const char *sdl = "type T @model @auth(rules: [{allow: owner}]) { a: Int }";
    check_variables(&v1, sdl, DS_GRAPHQL_ON_UPDATE, "$owner7: String!", "owner: $owner7");
    check_variables(&v2, sdl, DS_GRAPHQL_ON_UPDATE,
                    "$filter7: ModelSubscriptionTFilterInput, $owner7: String",
                    "filter: $filter7, owner: $owner7");
}

/* Transformer 1 leaves the first letter as it is in filters and conditions, and only there. */
static void test_lower_names(void **state) {
    (void)state;
    const char *sdl = "type blog_post @model { a: Int }";
    const char *passed = "input: $input7, condition: $condition7";
    check_variables(&v1, sdl, DS_GRAPHQL_UPDATE,
                    "$input7: UpdateBlog_postInput!, $condition7: "
                    "Modelblog_postConditionInput",
                    passed);
    check_variables(&v2, sdl, DS_GRAPHQL_UPDATE,
                    "$input7: UpdateBlog_postInput!, $condition7: "
                    "ModelBlog_postConditionInput",
                    passed);
    check_variables(&v2, sdl, DS_GRAPHQL_ON_CREATE,
                    "$filter7: ModelSubscriptionBlog_postFilterInput",
                    "filter: $filter7");
}

/* ---- Whole documents ------------------------------------------------------------------------- */

static void check_document(const ds_model_options *options, const char *sdl,
                           ds_graphql_operation operation, const char *expected) {
    ds_catalog *catalog = built(options, sdl);
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_graphql_document(&text, &catalog->models[0], operation);
    assert_int_equal(text.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

static void test_layout(void **state) {
    (void)state;
    const char *sdl = "type Post @model(timestamps: null) { title: String }";
    check_document(
        &v1, sdl, DS_GRAPHQL_SYNC,
        "query operation($limit: Int, $nextToken: String, $lastSync: "
        "AWSTimestamp, $filter: ModelPostFilterInput) {\n"
        "  syncPosts(limit: $limit, nextToken: $nextToken, lastSync: $lastSync, "
        "filter: $filter) {\n"
        "    items {\n"
        "      id\n"
        "      title\n"
        "      _version\n"
        "      _lastChangedAt\n"
        "      _deleted\n"
        "    }\n"
        "    nextToken\n"
        "    startedAt\n"
        "  }\n"
        "}");
    check_document(&v1, sdl, DS_GRAPHQL_CREATE,
                   "mutation operation($input: CreatePostInput!) {\n"
                   "  createPost(input: $input) {\n"
                   "    id\n"
                   "    title\n"
                   "    _version\n"
                   "    _lastChangedAt\n"
                   "    _deleted\n"
                   "  }\n"
                   "}");
    check_document(&v1, sdl, DS_GRAPHQL_ON_DELETE,
                   "subscription operation {\n"
                   "  onDeletePost {\n"
                   "    id\n"
                   "    title\n"
                   "    _version\n"
                   "    _lastChangedAt\n"
                   "    _deleted\n"
                   "  }\n"
                   "}");
}

static void test_sticks_to_the_buffer(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, "type A @model { a: Int }");
    ds_buf buf;
    ds_buf_init(&buf, 100);
    ds_graphql_document(&buf, &catalog->models[0], DS_GRAPHQL_UPDATE);
    assert_int_equal(buf.rc, SQLITE_TOOBIG);
    ds_buf_done(&buf);
    ds_catalog_release(catalog);
}

/* ---- The corpus ------------------------------------------------------------------------------- */

/* On one line. */
static void add_flat(ds_buf *out, const char *text) {
    for (const char *p = text; *p; p++) {
        ds_buf_add_bytes(out, *p == '\n' ? " " : p, 1);
        p += *p == '\n' ? strspn(p + 1, " ") : 0;
    }
}

static void add_selection(ds_buf *out, const char *title, const ds_model *model,
                          ds_graphql_operation operation) {
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_graphql_select(&text, model, operation, 0);
    assert_int_equal(text.rc, SQLITE_OK);
    ds_buf_addf(out, "  %-9s ", title);
    add_flat(out, ds_buf_text(&text));
    ds_buf_add(out, "\n");
    ds_buf_done(&text);
}

/* The root fields with what they are given, and the two selections. */
static void add_model(ds_buf *out, const ds_model *model) {
    ds_buf_addf(out, "%s\n", model->name);
    for (int i = 0; i < DS_GRAPHQL_OPERATION_COUNT; i++) {
        ds_graphql_operation o = (ds_graphql_operation)i;
        const char *field = ds_graphql_field(model, o);
        ds_buf_addf(out, "  %-9s %s", ds_graphql_name(o), field ? field : "-");
        if (field != NULL) {
            ds_buf_add(out, "(");
            ds_graphql_declare(out, model, o, "");
            ds_buf_add(out, ")");
        }
        ds_buf_add(out, "\n");
    }
    add_selection(out, "queries", model, DS_GRAPHQL_SYNC);
    add_selection(out, "others", model, DS_GRAPHQL_UPDATE);
}

static ds_model_options options_of(const char *sdl) {
    return strncmp(sdl, "# v2, respectPrimaryKey off\n", 28) == 0 ? v2_nocpk
           : strncmp(sdl, "# v1\n", 5) == 0                       ? v1
           : strncmp(sdl, "# v2\n", 5) == 0                       ? v2
                                                                  : told;
}

static void run_case(const char *name) {
    ds_buf sdl, expected, got;
    char path[300];
    sqlite3_snprintf(sizeof path, path, FOLDER "%s", name);
    read_file(path, &sdl);
    ds_model_options options = options_of(ds_buf_text(&sdl));
    ds_catalog *catalog = built(&options, ds_buf_text(&sdl));
    ds_buf_init(&got, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; i < catalog->n_models; i++) {
        add_model(&got, &catalog->models[i]);
    }
    memcpy(strrchr(path, '.'), ".out", sizeof ".out");
    if (getenv("GOLDEN") != NULL) {
        write_file(path, &got);
    }
    read_file(path, &expected);
    if (strcmp(ds_buf_text(&got), ds_buf_text(&expected)) != 0) {
        print_message("%s is no longer what is made of %s\n", path, name);
    }
    assert_string_equal(ds_buf_text(&got), ds_buf_text(&expected));
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
    ds_buf_done(&got);
    ds_buf_done(&expected);
}

static void test_corpus(void **state) {
    (void)state;
    int n = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".graphql") == 0) {
            run_case(entry->d_name);
            n++;
        }
    }
    closedir(folder);
    assert_true(n >= LEAST_CASES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_lower_names),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_sticks_to_the_buffer),
        cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
** Records as the server sends them: what is read, and what is refused for which reason.
*/
#include "sync_test.h"

static const char schema[] =
    "enum Kind { ONE TWO }\n"
    "type Meta { note: String }\n"
    "type Blog @model { id: ID! posts: [Post] @connection(name: \"BP\") }\n"
    "type Post @model {\n"
    "  id: ID! s: String i: Int f: Float b: Boolean t: AWSTimestamp j: AWSJSON k: Kind\n"
    "  l: [String] m: Meta blog: Blog @connection(name: \"BP\")\n"
    "}\n"
    "type Order @model @key(fields: [\"shop\", \"nr\"]) { shop: ID! nr: Int! }\n"
    "type Item @model {\n"
    "  id: ID! shop: ID nr: Int order: Order @connection(fields: [\"shop\", \"nr\"])\n"
    "}\n";

static ds_intake *intake;

static int setup(void **state) {
    (void)state;
    open_store(schema);
    intake = NULL;
    return 0;
}

static int teardown(void **state) {
    ds_intake_free(intake);
    return teardown_store(state);
}

static void use(const char *model) {
    ds_intake_free(intake);
    intake = ds_intake_new(model_of(model));
    assert_non_null(intake);
}

static void print_value(const ds_value *value, ds_buf *out) {
    if (value->type == SQLITE_TEXT) {
        ds_buf_addf(out, "'%.*s'", value->length, value->text);
    } else if (value->type == SQLITE_INTEGER) {
        ds_buf_addf(out, "%lld", value->integer);
    } else if (value->type == SQLITE_FLOAT) {
        ds_buf_addf(out, "%g", value->real);
    } else {
        ds_buf_add(out, "~");
    }
}

/* The columns that have a value, as name=value, and the metadata behind a semicolon. */
static void reads(const char *model, const char *json, const char *expected) {
    const ds_model *m = model_of(model);
    ds_token token = token_of(json);
    ds_value *row = NULL;
    ds_err why = DS_ERR_INIT;
    ds_buf out;
    bool is_named = false;
    int rc = ds_intake_read(intake, &token, &row, &is_named, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_true(is_named);
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; i < m->n_columns; i++) {
        if (row[i].type != SQLITE_NULL) {
            ds_buf_addf(&out, "%s=", m->columns[i].name);
            print_value(&row[i], &out);
            ds_buf_add(&out, " ");
        }
    }
    for (int i = 0; i < DS_N_META; i++) {
        ds_buf_add(&out, i ? " " : "; ");
        print_value(&row[m->n_columns + i], &out);
    }
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
}

static void refuses(const char *json, bool is_named, const char *why_not) {
    ds_token token = token_of(json);
    ds_value *row = NULL;
    ds_err why = DS_ERR_INIT;
    bool named = !is_named;
    assert_int_equal(ds_intake_read(intake, &token, &row, &named, &why), SQLITE_ERROR);
    assert_string_equal(why.text, why_not);
    assert_int_equal(named, is_named);
}

/* A Post with one member more, which is refused as such. */
static void refuses_member(const char *member, const char *why_not) {
    char json[256];
    sqlite3_snprintf(sizeof json, json, "{%s,\"id\":\"x\",\"_version\":1}", member);
    refuses(json, true, why_not);
}

/* ---- what is read ------------------------------------------------------------------------------- */

static void test_every_type(void **state) {
    (void)state;
    use("Post");
    reads(
        "Post",
        "{\"id\":\"x\",\"s\":\"a\\n\\u00e9\",\"i\":-5,\"f\":1.5,\"b\":true,\"t\":1600,"
        "\"j\":\"{\\\"a\\\":1}\",\"k\":\"TWO\",\"l\":[\"a\",null],\"m\":{\"note\":\"n\"},"
        "\"createdAt\":\"2001-02-03T04:05:06.007Z\",\"_version\":7,"
        "\"_lastChangedAt\":1600000000000,\"_deleted\":true}",
        "id='x' s='a\n\xc3\xa9' i=-5 f=1.5 b=1 t=1600 j='{\"a\":1}' k='TWO' "
        "l='[\"a\",null]' m='{\"note\":\"n\"}' createdAt='2001-02-03T04:05:06.007Z' ; "
        "7 1600000000000 1");
}

/* null, absent and unknown members; members in any order, more than once the last counts. */
static void test_members(void **state) {
    (void)state;
    use("Post");
    reads("Post",
          "{\"_deleted\":null,\"_lastChangedAt\":null,\"s\":null,\"i\":null,\"l\":null,"
          "\"_version\":1,\"id\":\"x\"}",
          "id='x' ; 1 ~ ~");
    reads("Post", "{\"id\":\"y\",\"_version\":2,\"s\":\"later\",\"_deleted\":false}",
          "id='y' s='later' ; 2 ~ 0");
    reads(
        "Post",
        "{\"id\":\"y\",\"__typename\":\"Post\",\"more\":{\"id\":[1,{}]},\"_version\":2}",
        "id='y' ; 2 ~ ~");
    reads("Post", "{\"s\":\"a\",\"id\":\"y\",\"s\":\"b\",\"_version\":2}",
          "id='y' s='b' ; 2 ~ ~");
}

/* More unknown names than are remembered. */
static void test_many_unknown_members(void **state) {
    (void)state;
    use("Post");
    for (int round = 0; round < 2; round++) {
        ds_buf json;
        ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
        ds_buf_add(&json, "{");
        for (int i = 0; i < 300; i++) {
            ds_buf_addf(&json, "\"u%d\":%d,", i + round * 100, i);
        }
        ds_buf_add(&json, "\"id\":\"x\",\"_version\":1}");
        reads("Post", ds_buf_text(&json), "id='x' ; 1 ~ ~");
        ds_buf_done(&json);
    }
}

/* The key of the parent: as its own field, as a nested record, or both. */
static void test_foreign_keys(void **state) {
    (void)state;
    use("Post");
    reads("Post", "{\"id\":\"x\",\"_version\":1,\"postBlogId\":\"p\"}",
          "id='x' blog='p' ; 1 ~ ~");
    reads("Post",
          "{\"id\":\"x\",\"_version\":1,\"blog\":{\"_deleted\":null,\"id\":\"p\"}}",
          "id='x' blog='p' ; 1 ~ ~");
    reads("Post",
          "{\"id\":\"x\",\"_version\":1,\"postBlogId\":\"own\",\"blog\":{\"id\":\"p\"}}",
          "id='x' blog='own' ; 1 ~ ~");
    reads("Post",
          "{\"id\":\"x\",\"_version\":1,\"blog\":{\"id\":\"p\"},\"postBlogId\":null}",
          "id='x' blog='p' ; 1 ~ ~");
    reads("Post", "{\"id\":\"x\",\"_version\":1,\"blog\":null}", "id='x' ; 1 ~ ~");
    reads("Post", "{\"id\":\"x\",\"_version\":1,\"blog\":{}}", "id='x' ; 1 ~ ~");
    use("Item");
    reads("Item", "{\"id\":\"x\",\"_version\":1,\"shop\":\"s\",\"nr\":4}",
          "id='x' shop='s' nr=4 ; 1 ~ ~");
    reads("Item", "{\"id\":\"x\",\"_version\":1,\"order\":{\"nr\":4,\"shop\":\"s\"}}",
          "id='x' shop='s' nr=4 ; 1 ~ ~");
    reads("Item",
          "{\"id\":\"x\",\"_version\":1,\"shop\":\"t\",\"order\":{\"nr\":4,\"shop\":"
          "\"s\"}}",
          "id='x' shop='t' nr=4 ; 1 ~ ~");
}

/* The far side of a relation is not a member of the record. */
static void test_children(void **state) {
    (void)state;
    use("Blog");
    reads("Blog", "{\"id\":\"x\",\"posts\":{\"items\":[{\"id\":\"p\"}]},\"_version\":1}",
          "id='x' ; 1 ~ ~");
}

/* ---- what is refused ------------------------------------------------------------------------------ */

static void test_no_object(void **state) {
    (void)state;
    use("Post");
    refuses("5", false, "a Post came as a number");
    refuses("\"x\"", false, "a Post came as a text");
    refuses("[]", false, "a Post came as a list");
    refuses("true", false, "a Post came as a Boolean");
    refuses("{}", false, "a Post came without its key \"id\"");
    const ds_token broken = {"{\"id\":\"x\"", 9, 0, '{'};
    ds_value *row = NULL;
    ds_err why = DS_ERR_INIT;
    bool is_named = true;
    assert_int_equal(ds_intake_read(intake, &broken, &row, &is_named, &why),
                     SQLITE_ERROR);
    assert_string_equal(why.text, "a Post came malformed");
    assert_false(is_named);
}

static void test_no_key(void **state) {
    (void)state;
    use("Post");
    refuses("{\"_version\":1}", false, "a Post came without its key \"id\"");
    refuses("{\"id\":null,\"_version\":1}", false, "a Post came without its key \"id\"");
    refuses("{\"id\":\"\",\"_version\":1}", false, "a Post came without its key \"id\"");
    refuses("{\"id\":{},\"_version\":1}", false,
            "Post.id is an object that cannot be stored");
    refuses("{\"s\":5,\"_version\":1}", false,
            "Post.s is a number that cannot be stored");
    use("Order");
    refuses("{\"nr\":4,\"_version\":1}", false, "a Order came without its key \"shop\"");
    refuses("{\"shop\":\"s\",\"_version\":1}", false,
            "a Order came without its key \"nr\"");
    refuses("{\"shop\":\"s\",\"nr\":\"4\",\"_version\":1}", false,
            "Order.nr is a text that cannot be stored");
}

static void test_no_version(void **state) {
    (void)state;
    use("Post");
    refuses("{\"id\":\"x\"}", true, "a Post came without _version");
    refuses("{\"id\":\"x\",\"_version\":null}", true, "a Post came without _version");
    refuses("{\"id\":\"x\",\"_version\":\"1\"}", true,
            "Post._version is a text that cannot be stored");
    refuses("{\"id\":\"x\",\"_version\":1.5}", true,
            "Post._version is a number that cannot be stored");
    refuses("{\"id\":\"x\",\"_version\":1e30}", true,
            "Post._version is a number that cannot be stored");
    refuses("{\"id\":\"x\",\"_version\":1,\"_lastChangedAt\":true}", true,
            "Post._lastChangedAt is a Boolean that cannot be stored");
    refuses("{\"id\":\"x\",\"_version\":1,\"_deleted\":1}", true,
            "Post._deleted is a number that cannot be stored");
}

/* Every type against every kind of JSON that it is not. A record that comes after is not harmed. */
static void test_wrong_types(void **state) {
    (void)state;
    static const struct {
        const char *column;
        const char *wrong[6];
    } cases[] = {
        {"s", {"5", "true", "[]", "{}", "\"\\ud800\"", "\"\\u0000\""}},
        {"i", {"\"5\"", "true", "[]", "{}", "1.5", "1e99"}},
        {"f", {"\"5\"", "true", "[]", "{}", NULL}},
        {"b", {"\"true\"", "1", "[]", "{}", NULL}},
        {"t", {"\"5\"", "true", "[]", "{}", "1.5", NULL}},
        {"k", {"5", "true", "[]", "{}", NULL}},
        {"l", {"5", "true", "\"a\"", "{}", NULL}},
        {"m", {"5", "true", "[]", "\"a\"", NULL}},
    };
    static const char *const kinds[] = {"a number", "a Boolean", "a list", "an object",
                                        "a text"};
    char member[64], prefix[64];
    use("Post");
    for (size_t c = 0; c < DS_COUNT(cases); c++) {
        for (int w = 0; w < 6 && cases[c].wrong[w] != NULL; w++) {
            const char *wrong = cases[c].wrong[w];
            const char *kind = wrong[0] == '"'   ? kinds[4]
                               : wrong[0] == 't' ? kinds[1]
                               : wrong[0] == '[' ? kinds[2]
                               : wrong[0] == '{' ? kinds[3]
                                                 : kinds[0];
            sqlite3_snprintf(sizeof member, member, "\"%s\":%s", cases[c].column, wrong);
            sqlite3_snprintf(sizeof prefix, prefix, "Post.%s is %s that cannot be stored",
                             cases[c].column, kind);
            refuses_member(member, prefix);
        }
    }
    reads("Post", "{\"id\":\"x\",\"s\":\"fine\",\"_version\":1}",
          "id='x' s='fine' ; 1 ~ ~");
}

static void test_wrong_parents(void **state) {
    (void)state;
    use("Post");
    refuses_member("\"blog\":5", "Post.blog is a number that cannot be stored");
    refuses_member("\"blog\":\"p\"", "Post.blog is a text that cannot be stored");
    refuses_member("\"blog\":[]", "Post.blog is a list that cannot be stored");
    refuses_member("\"blog\":{\"id\":5}", "Post.blog is a number that cannot be stored");
    refuses_member("\"postBlogId\":{}",
                   "Post.postBlogId is an object that cannot be stored");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_every_type),    TEST(test_members),    TEST(test_many_unknown_members),
        TEST(test_foreign_keys),  TEST(test_children),   TEST(test_no_object),
        TEST(test_no_key),        TEST(test_no_version), TEST(test_wrong_types),
        TEST(test_wrong_parents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

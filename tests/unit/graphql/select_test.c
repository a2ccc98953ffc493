/*
** Selection sets: what is read of a record, in queries and elsewhere.
*/
#include "../model/catalog.h"

#include "graphql/graphql.h"

/* Lines as words: { id post { id _deleted } }. */
static void add_flat(ds_buf *out, const char *text) {
    for (const char *p = text; *p; p++) {
        if (*p == '\n') {
            ds_buf_add(out, " ");
            p += strspn(p + 1, " ");
        } else {
            ds_buf_add_bytes(out, p, 1);
        }
    }
}

/* The selection of model T, without the metadata, which must be there. */
static void check_select(const ds_model_options *options, const char *sdl,
                         ds_graphql_operation operation, const char *expected) {
    static const char metadata[] = " _version _lastChangedAt _deleted";
    ds_catalog *catalog = built(options, sdl);
    ds_buf text, flat;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&flat, DS_MAX_OUTPUT_BYTES);
    ds_graphql_select(&text, ds_catalog_model(catalog, "T"), operation, 0);
    assert_int_equal(text.rc, SQLITE_OK);
    add_flat(&flat, ds_buf_text(&text));
    char *found = strstr(flat.data, metadata);
    assert_non_null(found);
    memmove(found, found + sizeof metadata - 1, strlen(found + sizeof metadata - 1) + 1);
    assert_string_equal(flat.data, expected);
    ds_buf_done(&text);
    ds_buf_done(&flat);
    ds_catalog_release(catalog);
}

/* In a query, and in a mutation or subscription. */
static void check_both(const ds_model_options *options, const char *sdl,
                       const char *in_query, const char *elsewhere) {
    check_select(options, sdl, DS_GRAPHQL_SYNC, in_query);
    check_select(options, sdl, DS_GRAPHQL_GET, in_query);
    for (int o = DS_GRAPHQL_CREATE; o < DS_GRAPHQL_OPERATION_COUNT; o++) {
        check_select(options, sdl, (ds_graphql_operation)o, elsewhere);
    }
}

static void check_same(const ds_model_options *options, const char *sdl,
                       const char *expected) {
    check_both(options, sdl, expected, expected);
}

/* ---- Columns -------------------------------------------------------------------------------- */

static void test_columns(void **state) {
    (void)state;
    check_same(&told,
               "enum E { A B } type T @model { name: String! id: ID! tags: [String!]! "
               "grid: [[Int]] e: E es: [E] at: AWSDateTime }",
               "{ id name tags grid e es at createdAt updatedAt }");
    check_same(&told,
               "type T @model(timestamps: {createdAt: \"born\", updatedAt: null}) "
               "{ a: Int }",
               "{ id a born }");
    check_same(&v1, "type T @model @key(fields: [\"a\", \"b\"]) { b: Int! a: String! }",
               "{ b a createdAt updatedAt }");
}

static void test_layout(void **state) {
    (void)state;
    ds_catalog *catalog =
        built(&told, "type T @model(timestamps: null) { m: M } type M { a: Int }");
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_graphql_select(&text, ds_catalog_model(catalog, "T"), DS_GRAPHQL_GET, 1);
    assert_string_equal(ds_buf_text(&text), "{\n"
                                            "    id\n"
                                            "    m {\n"
                                            "      a\n"
                                            "    }\n"
                                            "    _version\n"
                                            "    _lastChangedAt\n"
                                            "    _deleted\n"
                                            "  }");
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

static void test_owners(void **state) {
    (void)state;
    check_same(&told,
               "type T @model(timestamps: null) @auth(rules: [{allow: owner}, {allow: "
               "owner, ownerField: \"boss\"}, {allow: owner, ownerField: \"author\"}]) "
               "{ author: String meta: M } type M { a: Int }",
               "{ id author owner boss meta { a } }");
}

/* ---- Foreign keys ---------------------------------------------------------------------------- */

#define ONE_TO_MANY_V1                                                                   \
    "type T @model(timestamps: null) { a: Int post: Post @connection(name: \"P\") b: "   \
    "Int } "                                                                             \
    "type Post @model { id: ID! ts: [T] @connection(name: \"P\") }"

static void test_generated_key(void **state) {
    (void)state;
    check_same(&v1, ONE_TO_MANY_V1, "{ id a b post { id _deleted } }");
    check_both(&v2,
               "type T @model(timestamps: null) { a: Int post: Post @belongsTo b: Int } "
               "type Post @model { ts: [T] @hasMany }",
               "{ id a postTsId b }", "{ id a postTsId b post { id _deleted } }");
}

static void test_declared_key(void **state) {
    (void)state;
    check_both(&v1,
               "type T @model(timestamps: null) { postID: ID! post: Post "
               "@connection(fields: [\"postID\"]) } type Post @model { id: ID! ts: [T] "
               "@connection(keyName: \"x\", fields: [\"id\"]) } extend type T @key(name: "
               "\"x\", fields: [\"postID\"])",
               "{ id postID }", "{ id postID post { id _deleted } }");
    check_both(&v2,
               "type T @model(timestamps: null) { postID: ID! @index(name: \"byPost\") "
               "post: Post @belongsTo(fields: [\"postID\"]) } type Post @model { id: ID! "
               "ts: [T] "
               "@hasMany(indexName: \"byPost\", fields: [\"id\"]) }",
               "{ id postID }", "{ id postID post { id _deleted } }");
}

static void test_composite_key(void **state) {
    (void)state;
    const char *sdl = "type T @model(timestamps: null) { shop: Shop @belongsTo } "
                      "type Shop @model { region: String! @primaryKey(sortKeyFields: "
                      "[\"number\"]) number: Int! ts: [T] @hasMany }";
    check_both(&v2, sdl, "{ id shopTsRegion shopTsNumber }",
               "{ id shopTsRegion shopTsNumber shop { region number _deleted } }");
}

/* The parent's key on this side, where only the parent's field shows it. */
static void test_has_one(void **state) {
    (void)state;
    check_same(&v1,
               "type T @model(timestamps: null) { team: Team @connection(name: \"x\") } "
               "type Team @model { t: T! @connection(name: \"x\") }",
               "{ id team { id _deleted } }");
    check_same(&v2,
               "type T @model(timestamps: null) { team: Team @hasOne } "
               "type Team @model { id: ID! }",
               "{ id tTeamId }");
}

/* What is on the other side is no field of this record. */
static void test_other_side(void **state) {
    (void)state;
    check_same(&v2,
               "type T @model(timestamps: null) { cs: [C] @hasMany plain: C } "
               "type C @model { id: ID! }",
               "{ id }");
    /* With transformer 1 nothing shows the key of a has-many without a way back. */
    check_same(&v1,
               "type P @model { ts: [T] @connection } "
               "type T @model(timestamps: null) { a: Int }",
               "{ id a }");
}

static void test_join_model(void **state) {
    (void)state;
    const char *sdl =
        "type Post @model { tags: [Tag] @manyToMany(relationName: \"t\") } "
        "type Tag @model { posts: [Post] @manyToMany(relationName: \"t\") }";
    check_both(&v2, sdl, "{ id postId tagId createdAt updatedAt }",
               "{ id postId tagId createdAt updatedAt post { id _deleted } tag { id "
               "_deleted } }");
    check_select(&v2_nocpk, sdl, DS_GRAPHQL_GET,
                 "{ id postID tagID createdAt updatedAt }");
}

/* ---- Embedded types -------------------------------------------------------------------------- */

static void test_embedded(void **state) {
    (void)state;
    check_same(&told,
               "type T @model(timestamps: null) { m: M a: Int ms: [M!] } "
               "type M { x: Int n: N y: [String] e: E } type N { z: Int } enum E { A }",
               "{ id a m { x y e n { z } } ms { x y e n { z } } }");
}

/* A set must not be empty: `{ }` is no GraphQL. */
static void test_nothing_to_select(void **state) {
    (void)state;
    check_same(&told,
               "type T @model(timestamps: null) { none: None to: To l: Loop } type None "
               "type To { t: T none: None } type Loop { l: Loop m: Loop }",
               "{ id }");
}

static void test_cycle(void **state) {
    (void)state;
    check_same(&told,
               "type T @model(timestamps: null) { n: N } type N { v: Int next: N }",
               "{ id n { v next { v next { v next { v } } } } }");
    check_same(&told,
               "type T @model(timestamps: null) { a: A } type A { b: B } "
               "type B { x: Int a: A }",
               "{ id a { b { x a { b { x a { b { x a { b { x } } } } } } } } }");
}

/* `n` types of which each embeds each: a tree that is too large even if no type stands in
** itself more than `repeats` times. */
static char *tangle(int n, const char *leaf) {
    ds_buf sdl;
    char *text = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_add(&sdl, "type T @model { e: E0 }");
    for (int i = 0; i < n; i++) {
        ds_buf_addf(&sdl, " type E%d { %s", i, leaf);
        for (int j = 0; j < n; j++) {
            ds_buf_addf(&sdl, " e%d: E%d", j, j);
        }
        ds_buf_add(&sdl, " }");
    }
    assert_int_equal(ds_buf_take(&sdl, &text), SQLITE_OK);
    return text;
}

/* How many lines the selection of T has, or its error, negative. */
static int count_lines(const char *sdl) {
    ds_catalog *catalog = built(&told, sdl);
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_buf_add(&text, "before");
    ds_graphql_select(&text, ds_catalog_model(catalog, "T"), DS_GRAPHQL_SYNC, 0);
    int n = -text.rc;
    if (text.rc == SQLITE_OK) {
        for (const char *p = text.data; *p; p++) {
            n += *p == '\n';
        }
    } else {
        assert_string_equal(ds_buf_text(&text), "before");
    }
    ds_buf_done(&text);
    ds_catalog_release(catalog);
    return n;
}

static void check_lines(char *sdl, int expected) {
    int n = count_lines(sdl);
    sqlite3_free(sdl);
    assert_int_equal(n, expected);
}

/* One type is followed all the way down, three are cut a level before, seven at once; eight do
** not fit even so, nor if they have nothing to select. 7 lines are T's own, each level has 3. */
static void test_tangle(void **state) {
    (void)state;
    check_lines(tangle(1, "v: Int"), 7 + 3 * 4);
    check_lines(tangle(3, "v: Int"), 7 + 3 * 1749);
    check_lines(tangle(7, "v: Int"), 7 + 3 * 1957);
    check_lines(tangle(8, "v: Int"), -SQLITE_TOOBIG);
    check_lines(tangle(8, ""), -SQLITE_TOOBIG);
}

static char *flat_type(int n) {
    ds_buf sdl;
    char *text = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_add(&sdl, "type T @model(timestamps: null) { id: ID!");
    for (int i = 0; i < n / 100; i++) {
        ds_buf_addf(&sdl, " e%d: E", i);
    }
    ds_buf_add(&sdl, " } type E {");
    for (int i = 0; i < 99; i++) {
        ds_buf_addf(&sdl, " f%d: Int", i);
    }
    ds_buf_add(&sdl, " }");
    assert_int_equal(ds_buf_take(&sdl, &text), SQLITE_OK);
    return text;
}

/* 4 of its own and 100 for each field of type E; a set closes on a line, too. */
static void test_limit_of_fields(void **state) {
    (void)state;
    int n = DS_MAX_SELECT_FIELDS / 100 - 1;
    check_lines(flat_type(100 * n), 4 + 101 * n + 1);
    check_lines(flat_type(100 * (n + 1)), -SQLITE_TOOBIG);
}

/* A chain of types: the last that is read is the one at the limit. */
static void test_limit_of_depth(void **state) {
    (void)state;
    ds_buf sdl;
    char *text = NULL;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    ds_buf_add(&sdl, "type T @model(timestamps: null) { e: E1 }");
    for (int i = 1; i <= DS_MAX_EMBEDDED_DEPTH + 1; i++) {
        ds_buf_addf(&sdl, " type E%d { v: Int e: E%d }", i, i + 1);
    }
    ds_buf_addf(&sdl, " type E%d { v: Int }", DS_MAX_EMBEDDED_DEPTH + 2);
    assert_int_equal(ds_buf_take(&sdl, &text), SQLITE_OK);
    check_lines(text, 4 + 3 * DS_MAX_EMBEDDED_DEPTH + 1);
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_catalog *catalog = built(&v1, ONE_TO_MANY_V1);
    const ds_model *model = ds_catalog_model(catalog, "T");
    int failed = 0;
    for (int free = 0;; free += 16) {
        ds_buf text;
        ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
        sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1 + free);
        ds_graphql_select(&text, model, DS_GRAPHQL_SYNC, 0);
        sqlite3_hard_heap_limit64(limit);
        int rc = text.rc;
        ds_buf_done(&text);
        if (rc == SQLITE_OK) {
            break;
        }
        assert_int_equal(rc, SQLITE_NOMEM);
        failed++;
    }
    assert_true(failed > 3);
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_generated_key),
        cmocka_unit_test(test_declared_key),
        cmocka_unit_test(test_composite_key),
        cmocka_unit_test(test_has_one),
        cmocka_unit_test(test_other_side),
        cmocka_unit_test(test_join_model),
        cmocka_unit_test(test_embedded),
        cmocka_unit_test(test_nothing_to_select),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_tangle),
        cmocka_unit_test(test_limit_of_fields),
        cmocka_unit_test(test_limit_of_depth),
        cmocka_unit_test(test_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

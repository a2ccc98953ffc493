/*
** Diagrams: entities, keys, and one edge per foreign key whatever fields show it.
*/
#include "catalog.h"

static void check_diagram(const ds_model_options *options, const char *sdl,
                          ds_diagram format, const char *expected) {
    ds_catalog *catalog = built(options, sdl);
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_catalog_diagram(catalog, format, &text);
    assert_int_equal(text.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

/* The edges alone: what follows the last entity. */
static void check_edges(const ds_model_options *options, const char *sdl,
                        const char *expected) {
    ds_catalog *catalog = built(options, sdl);
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_catalog_diagram(catalog, DS_DIAGRAM_MERMAID, &text);
    const char *last = ds_buf_text(&text), *next;
    while ((next = strstr(last, "\n  }")) != NULL) {
        last = next + strlen("\n  }");
    }
    assert_string_equal(last, expected);
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

#define BLOG                                                                             \
    "type Post @model { title: String! tags: [String!] status: Status comments: "        \
    "[Comment] "                                                                         \
    "@connection(name: \"C\") } "                                                        \
    "type Comment @model(timestamps: null) { post: Post @connection(name: \"C\") at: "   \
    "[[Geo]] } "                                                                         \
    "type Geo { x: Float } enum Status { A }"

static void test_mermaid(void **state) {
    (void)state;
    check_diagram(&told, BLOG, DS_DIAGRAM_MERMAID,
                  "erDiagram\n"
                  "  \"Post\" {\n"
                  "    ID id PK\n"
                  "    String title\n"
                  "    String[] tags\n"
                  "    Status status\n"
                  "    AWSDateTime createdAt\n"
                  "    AWSDateTime updatedAt\n"
                  "  }\n"
                  "  \"Comment\" {\n"
                  "    ID id PK\n"
                  "    ID post FK\n"
                  "    Geo[][] at\n"
                  "  }\n"
                  "  \"Post\" |o--o{ \"Comment\" : \"comments\"");
}

static void test_dot(void **state) {
    (void)state;
    check_diagram(
        &v2,
        "type T @model(timestamps: null) { a: [Int] u: U! @belongsTo v: V @hasOne } "
        "type U @model(timestamps: null) { ts: [T] @hasMany } type V @model(timestamps: "
        "null) { x: Int }",
        DS_DIAGRAM_DOT,
        "digraph datastore {\n"
        "  rankdir=LR\n"
        "  node [shape=plain]\n"
        "  edge [dir=both]\n"
        "  \"T\" [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">\n"
        "    <tr><td colspan=\"3\"><b>T</b></td></tr>\n"
        "    <tr><td align=\"left\">id</td><td align=\"left\">ID</td><td>PK</td></tr>\n"
        "    <tr><td align=\"left\">a</td><td align=\"left\">Int[]</td><td></td></tr>\n"
        "    <tr><td align=\"left\">u</td><td align=\"left\">ID</td><td>FK</td></tr>\n"
        "    <tr><td align=\"left\">tVId</td><td align=\"left\">ID</td><td>FK</td></tr>\n"
        "  </table>>]\n"
        "  \"U\" [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">\n"
        "    <tr><td colspan=\"3\"><b>U</b></td></tr>\n"
        "    <tr><td align=\"left\">id</td><td align=\"left\">ID</td><td>PK</td></tr>\n"
        "  </table>>]\n"
        "  \"V\" [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">\n"
        "    <tr><td colspan=\"3\"><b>V</b></td></tr>\n"
        "    <tr><td align=\"left\">id</td><td align=\"left\">ID</td><td>PK</td></tr>\n"
        "    <tr><td align=\"left\">x</td><td align=\"left\">Int</td><td></td></tr>\n"
        "  </table>>]\n"
        "  \"U\" -> \"T\" [label=\"ts\" arrowtail=teetee arrowhead=crowodot]\n"
        "  \"V\" -> \"T\" [label=\"v\" arrowtail=teeodot arrowhead=teeodot]\n"
        "}");
}

/* Mermaid reads these as marks of keys, in any case; entities may be called anything. */
static void test_words_of_mermaid(void **state) {
    (void)state;
    check_diagram(
        &told, "type class @model(timestamps: null) { pk: Int FK: [UK] } enum UK { A }",
        DS_DIAGRAM_MERMAID,
        "erDiagram\n"
        "  \"class\" {\n"
        "    ID id PK\n"
        "    Int pk_ \"pk\"\n"
        "    _UK[] FK_ \"FK\"\n"
        "  }");
}

static void test_keys(void **state) {
    (void)state;
    check_diagram(&v1,
                  "type Order @model(timestamps: null) @key(fields: [\"shop\", \"n\"]) "
                  "{ shop: ID! n: Int! of: Shop! @connection(fields: [\"shop\"]) } "
                  "type Shop @model(timestamps: null) { id: ID! orders: [Order] "
                  "@connection(fields: [\"id\"]) }",
                  DS_DIAGRAM_MERMAID,
                  "erDiagram\n"
                  "  \"Order\" {\n"
                  "    ID shop PK, FK\n"
                  "    Int n PK\n"
                  "  }\n"
                  "  \"Shop\" {\n"
                  "    ID id PK\n"
                  "  }\n"
                  "  \"Shop\" ||--o{ \"Order\" : \"orders\"");
}

static void test_one_way(void **state) {
    (void)state;
    check_edges(&v2, "type A @model { bs: [B] @hasMany } type B @model { x: Int }",
                "\n  \"A\" |o--o{ \"B\" : \"bs\"");
    check_edges(&v2, "type A @model { id: ID! b: B! @hasOne } type B @model { x: Int }",
                "\n  \"B\" ||--o| \"A\" : \"b\"");
    check_edges(&v1, "type A @model { b: B @connection } type B @model { x: Int }",
                "\n  \"B\" |o--o{ \"A\" : \"b\"");
}

static void test_one_to_one(void **state) {
    (void)state;
    check_edges(&v2,
                "type A @model { b: B @hasOne(references: [\"aId\"]) } "
                "type B @model { aId: ID! a: A @belongsTo(references: [\"aId\"]) }",
                "\n  \"A\" ||--o| \"B\" : \"b\"");
    /* Without references either holds the key of the other: two foreign keys. */
    check_edges(&v2, "type A @model { b: B @hasOne } type B @model { a: A @belongsTo }",
                "\n  \"B\" |o--o| \"A\" : \"b\"\n  \"A\" |o--o| \"B\" : \"a\"");
    /* The has-one is beside the belongs-to's own has-many. */
    check_edges(&v2,
                "type A @model { bs: [B] @hasMany best: B @hasOne } "
                "type B @model { a: A @belongsTo }",
                "\n  \"A\" |o--o{ \"B\" : \"bs\"\n  \"B\" |o--o| \"A\" : \"best\"");
}

static void test_belongs_to_first(void **state) {
    (void)state;
    check_edges(&v2,
                "type Comment @model { post: Post! @belongsTo } "
                "type Post @model { comments: [Comment] @hasMany }",
                "\n  \"Post\" ||--o{ \"Comment\" : \"comments\"");
}

static void test_two_between_models(void **state) {
    (void)state;
    check_edges(&v1,
                "type Message @model { author: User @connection(name: \"W\") "
                "recipient: User! @connection(name: \"R\") } "
                "type User @model { written: [Message] @connection(name: \"W\") "
                "received: [Message] @connection(name: \"R\") }",
                "\n  \"User\" |o--o{ \"Message\" : \"written\""
                "\n  \"User\" ||--o{ \"Message\" : \"received\"");
}

static void test_self(void **state) {
    (void)state;
    check_edges(&v1,
                "type Person @model { boss: Person @connection(name: \"R\") "
                "reports: [Person] @connection(name: \"R\") }",
                "\n  \"Person\" |o--o{ \"Person\" : \"reports\"");
}

static void test_composite(void **state) {
    (void)state;
    check_edges(&v2,
                "type A @model { x: ID! @primaryKey(sortKeyFields: [\"y\"]) y: Int! "
                "bs: [B] @hasMany } type B @model { a: A! @belongsTo }",
                "\n  \"A\" ||--o{ \"B\" : \"bs\"");
}

static void test_join_model(void **state) {
    (void)state;
    check_edges(
        &v2,
        "type Post @model { tags: [Tag] @manyToMany(relationName: \"PostTags\") } "
        "type Tag @model { posts: [Post] @manyToMany(relationName: \"PostTags\") }",
        "\n  \"Post\" ||--o{ \"PostTags\" : \"tags\""
        "\n  \"Tag\" ||--o{ \"PostTags\" : \"posts\"");
}

static void test_sticks_to_the_buffer(void **state) {
    (void)state;
    ds_catalog *catalog = built(&told, BLOG);
    for (int format = DS_DIAGRAM_MERMAID; format <= DS_DIAGRAM_DOT; format++) {
        ds_buf text;
        ds_buf_init(&text, 200);
        ds_catalog_diagram(catalog, (ds_diagram)format, &text);
        assert_int_equal(text.rc, SQLITE_TOOBIG);
        ds_buf_done(&text);
    }
    ds_catalog_release(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mermaid),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_words_of_mermaid),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_one_way),
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_belongs_to_first),
        cmocka_unit_test(test_two_between_models),
        cmocka_unit_test(test_self),
        cmocka_unit_test(test_composite),
        cmocka_unit_test(test_join_model),
        cmocka_unit_test(test_sticks_to_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

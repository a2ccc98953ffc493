/*
** What is done under faults. Ids are fixed, and moments of the setup are old ones, so
** that two runs can be compared.
*/
#include "fault.h"

static const char blog[] =
    "enum Status { ACTIVE INACTIVE }\n"
    "type Blog @model { id: ID! name: String! posts: [Post] @connection(name: \"BP\") }\n"
    "type Post @model {\n"
    "  id: ID! title: String! rating: Int status: Status tags: [String]\n"
    "  blog: Blog @connection(name: \"BP\")\n"
    "  comments: [Comment] @connection(name: \"PC\")\n"
    "}\n"
    "type Comment @model {\n"
    "  id: ID! content: String! post: Post @connection(name: \"PC\")\n"
    "}\n"
    "type Node @model {\n"
    "  id: ID! name: String parent: Node @connection(name: \"Tree\")\n"
    "  children: [Node] @connection(name: \"Tree\")\n"
    "}\n";

#define OLD "'2001-02-03T04:05:06.007Z'"

/* Some rows are the server's: they have a version and no journal. */
static const char blog_rows[] =
    "INSERT INTO Blog(id, name) VALUES ('b1', 'First'), ('b2', 'Second');"
    "INSERT INTO Post(id, title, rating, status, tags, blog) VALUES"
    " ('p1', 'One', 1, 'ACTIVE', '[\"a\",\"b\"]', 'b1'), ('p2', 'Two', 2, NULL, NULL, "
    "'b1'),"
    " ('p3', 'Three', 3, 'INACTIVE', '[]', 'b2');"
    "INSERT INTO Comment(id, content, post) VALUES ('c1', 'x', 'p1'), ('c2', 'y', 'p1'),"
    " ('c3', 'z', 'p2'), ('c4', 'w', 'p3');"
    "INSERT INTO Node(id, name, parent) VALUES ('n1', 'root', NULL), ('n2', 'a', 'n1'),"
    " ('n3', 'b', 'n1'), ('n4', 'aa', 'n2'), ('n5', 'aaa', 'n4'), ('n6', 'alone', NULL);"
    "UPDATE datastore_session SET applying = 1;"
    "UPDATE Blog_rows SET createdAt = " OLD ", updatedAt = " OLD ";"
    "UPDATE Post_rows SET createdAt = " OLD ", updatedAt = " OLD ";"
    "UPDATE Comment_rows SET createdAt = " OLD ", updatedAt = " OLD ";"
    "UPDATE Node_rows SET createdAt = " OLD ", updatedAt = " OLD ";"
    "UPDATE Blog_rows SET _version = 1, _lastChangedAt = 1 WHERE id = 'b1';"
    "UPDATE Post_rows SET _version = 2, _lastChangedAt = 1 WHERE id IN ('p1', 'p3');"
    "UPDATE Comment_rows SET _version = 3, _lastChangedAt = 1 WHERE id IN ('c1', 'c4');"
    "UPDATE Node_rows SET _version = 4, _lastChangedAt = 1 WHERE id IN ('n1', 'n2', "
    "'n4');"
    "DELETE FROM datastore_journal WHERE key IN"
    " ('b1', 'p1', 'p3', 'c1', 'c4', 'n1', 'n2', 'n4');"
    "UPDATE datastore_session SET applying = 0;";

/* A model comes, one goes, columns come, go and change their type. */
static const char migrate_blog[] =
    "SELECT datastore_schema('enum Status { ACTIVE INACTIVE GONE }"
    " type Blog @model { id: ID! name: String! note: String"
    " posts: [Post] @connection(name: \"BP\") }"
    " type Post @model { id: ID! title: String! rating: Float status: Status"
    " blog: Blog @connection(name: \"BP\") }"
    " type Node @model { id: ID! name: String! parent: Node @connection(name: \"Tree\")"
    " children: [Node] @connection(name: \"Tree\") }"
    " type Tag @model { id: ID! label: [String!] }')";

static const char shop[] =
    "type Author @model { id: ID! name: String! born: AWSDate books: [Book] @hasMany }\n"
    "type Book @model {\n"
    "  id: ID! title: String! price: Float author: Author @belongsTo\n"
    "  tags: [Tag] @manyToMany(relationName: \"BookTags\")\n"
    "}\n"
    "type Tag @model {\n"
    "  id: ID! label: String! books: [Book] @manyToMany(relationName: \"BookTags\")\n"
    "}\n"
    "type Stock @model {\n"
    "  shop: ID! @primaryKey(sortKeyFields: [\"sku\"]) sku: Int! amount: Int!\n"
    "  place: Place seen: [AWSDateTime]\n"
    "}\n"
    "type Place { shelf: String level: Int }\n";

static const char shop_rows[] =
    "INSERT INTO Author(id, name, born) VALUES ('a1', 'Ann', '1970-01-01');"
    "INSERT INTO Book(id, title, price, authorBooksId) VALUES ('k1', 'B', 1.5, 'a1'),"
    " ('k2', 'C', 2.5, 'a1');"
    "INSERT INTO Tag(id, label) VALUES ('t1', 'red'), ('t2', 'blue');"
    "INSERT INTO BookTags(id, bookId, tagId) VALUES ('x1', 'k1', 't1'), ('x2', 'k1', "
    "'t2'),"
    " ('x3', 'k2', 't1');"
    "INSERT INTO Stock(shop, sku, amount, place) VALUES ('s', 1, 10, "
    "'{\"shelf\":\"A\"}'),"
    " ('s', 2, 20, NULL), ('u', 1, 30, '{\"level\":3}');";

#define ON_NOTHING(title, statements)                                                    \
    { .name = title, .sql = statements }
#define ON_BLOG(title, statements)                                                       \
    { .name = title, .schema = blog, .setup = blog_rows, .sql = statements }
#define ON_SHOP(title, statements)                                                       \
    { .name = title, .schema = shop, .setup = shop_rows, .sql = statements }
#define AFTER(title, first, statements)                                                  \
    {                                                                                    \
        .name = title, .schema = blog, .setup = blog_rows, .before = first,              \
        .sql = statements                                                                \
    }
/* Some changes were refused: a create that others depend on, and an update. */
#define REFUSALS                                                                         \
    "UPDATE Post SET title = 'Changed' WHERE id = 'p1'; SELECT datastore_discard();"     \
    "UPDATE datastore_mutations SET state = 3, error = 'no' WHERE key IN ('p2', 'p1');"  \
    "UPDATE datastore_mutations SET state = 2 WHERE key = 'c3'"
#define COLD(title, statements)                                                          \
    {                                                                                    \
        .name = title, .schema = blog, .setup = blog_rows, .sql = statements,            \
        .is_cold = true                                                                  \
    }
#define UTF16(title, statements)                                                         \
    {                                                                                    \
        .name = title, .schema = blog, .setup = blog_rows, .sql = statements,            \
        .encoding = "UTF-16"                                                             \
    }
#define REFUSED(title, code, statements)                                                 \
    { .name = title, .schema = blog, .setup = blog_rows, .sql = statements, .rc = code }

const scenario scenarios[] = {
    {.name = "load into an empty file", .is_cold = true},
    COLD("load into a file with models", NULL),
    COLD("load and the first query", "SELECT * FROM Post ORDER BY id"),
    COLD("load and the last id",
         "SELECT datastore_save('Post', '{\"title\":\"x\"}') ->> 'id'"
         " = datastore_last_id()"),
    ON_NOTHING("functions without a schema",
               "SELECT datastore_version(), datastore_info() IS NOT NULL,"
               " datastore_schema(), datastore_introspect(), datastore_last_id()"),
    ON_NOTHING("configure",
               "SELECT datastore_configure('{\"url\":\"https://a.test/graphql\","
               "\"apiKey\":\"k\",\"proxy\":\"http://u:p@q\",\"idFormat\":\"ulid\"}')"
               " ->> 'realtimeUrl', datastore_configure('{\"data\":{\"url\":"
               "\"https://b.test/\",\"authorization_types\":[\"AWS_IAM\"]}}')"),
    ON_NOTHING("install a schema, first transformer",
               "SELECT datastore_schema('enum E { A B } type T @model { id: ID! e: E"
               " up: T @connection(name: \"UP\") down: [T] @connection(name: \"UP\") }"
               " type U @model { id: ID! v: [AWSJSON!] }')"),
    ON_NOTHING(
        "install a schema, second transformer",
        "SELECT datastore_schema('type T @model { a: ID!"
        " @primaryKey(sortKeyFields: [\"b\"]) b: Int! c: String @index(name: \"byC\")"
        " us: [U] @hasMany } type U @model { id: ID! t: T @belongsTo"
        " ws: [W] @manyToMany(relationName: \"UW\") }"
        " type W @model { us: [U] @manyToMany(relationName: \"UW\") }',"
        " '{\"transformerVersion\":2}')"),
    AFTER("install the schema again", NULL,
          "SELECT datastore_schema(datastore_schema())"),
    {.name = "install a schema inside a transaction",
     .before = "BEGIN; INSERT INTO bystander VALUES (2)",
     .sql = "SELECT datastore_schema('type T @model { id: ID! n: Int }')"},
    {.name = "insert into a table that is not committed yet",
     .before = "BEGIN; SELECT datastore_schema('type T @model { id: ID! n: Int }')",
     .sql = "INSERT INTO T(id, n) VALUES ('t', 1)"},
    {.name = "migrate",
     .schema = blog,
     .setup = blog_rows,
     .before = "DELETE FROM datastore_journal",
     .sql = migrate_blog,
     .loses_code = true},
    {.name = "migrate inside a transaction",
     .schema = blog,
     .setup = blog_rows,
     .before = "BEGIN; DELETE FROM datastore_journal; DELETE FROM Node WHERE id = 'n2'",
     .sql = migrate_blog,
     .loses_code = true},
    {.name = "install a schema with defaults and options",
     .schema = NULL,
     .sql =
         "SELECT datastore_schema('type T @model { id: ID! n: Int @default(value: \"5\")"
         " b: Boolean @default(value: \"true\") s: String @default(value: \"x\") }',"
         " '{\"transformerVersion\":2,\"respectPrimaryKey\":true}')"},
    ON_BLOG("diagram", "SELECT datastore_diagram(), datastore_diagram('dot')"),
    ON_BLOG("import", "SELECT datastore_schema(datastore_introspect())"),
    ON_NOTHING(
        "configure",
        "SELECT datastore_configure('{\"url\":\"https://example.com/graphql\","
        "\"region\":\"eu-west-1\",\"authMode\":\"apiKey\",\"apiKey\":\"secret\"}');"
        "SELECT datastore_configure()"),
    ON_BLOG("introspect", "SELECT datastore_introspect()"),

    ON_BLOG("insert", "INSERT INTO Post(title, rating, blog) VALUES ('New', 4, 'b1')"),
    ON_BLOG("insert many rows",
            "INSERT INTO Comment(id, content, post) VALUES ('d1', 'x', 'p1'),"
            " ('d2', 'y', 'p2'), ('d3', 'z', NULL), ('d4', 'w', 'p1')"),
    AFTER("insert once more", "INSERT INTO Post(id, title) VALUES ('p8', 'Warm')",
          "INSERT INTO Post(id, title, tags) VALUES ('p9', 'New', '[\"x\"]')"),
    AFTER("insert inside a transaction", "BEGIN; UPDATE Post SET rating = 9",
          "INSERT INTO Post(id, title, blog) VALUES ('p9', 'New', 'b1'), ('p8', 'X', "
          "'b2')"),
    AFTER("insert inside a savepoint", "BEGIN; SAVEPOINT s; DELETE FROM Comment",
          "INSERT INTO Comment(id, content, post) VALUES ('d1', 'x', 'p1')"),
    ON_BLOG("insert or replace",
            "INSERT OR REPLACE INTO Post(id, title, blog) VALUES ('p1', 'Again', 'b2'),"
            " ('p2', 'Again', 'b2'), ('p7', 'New', NULL)"),
    ON_BLOG("insert or ignore",
            "INSERT OR IGNORE INTO Blog(id, name) VALUES ('b1', 'Again'), ('b7', 'New')"),
    ON_BLOG("update", "UPDATE Post SET title = 'Changed', status = NULL WHERE id = 'p1'"),
    ON_BLOG("update all rows", "UPDATE Post SET rating = rating + 1, tags = '[\"c\"]'"),
    AFTER("update inside a transaction", "BEGIN; DELETE FROM Comment WHERE id = 'c1'",
          "UPDATE Post SET blog = 'b2' WHERE blog = 'b1'"),
    ON_BLOG("update from", "UPDATE Post SET title = b.name FROM Blog AS b"
                           " WHERE b.id = Post.blog"),
    ON_BLOG("delete cascades down a tree", "DELETE FROM Blog WHERE id = 'b1'"),
    ON_BLOG("delete cascades around a cycle", "DELETE FROM Node WHERE id = 'n1'"),
    ON_BLOG("delete all rows of a tree", "DELETE FROM Post"),
    ON_BLOG("delete all rows of a cycle", "DELETE FROM Node"),
    AFTER("delete inside a transaction",
          "BEGIN; INSERT INTO Node(id, parent) VALUES ('n9', 'n5')",
          "DELETE FROM Node WHERE id = 'n2'"),
    ON_SHOP("composite key: insert",
            "INSERT INTO Stock(shop, sku, amount, seen) VALUES ('u', 2, 1, '[]')"),
    ON_SHOP("composite key: update",
            "UPDATE Stock SET amount = 11 WHERE shop = 's' AND sku = 1"),
    ON_SHOP("composite key: replace", "INSERT OR REPLACE INTO Stock(shop, sku, amount)"
                                      " VALUES ('s', 2, 22), ('s', 3, 33)"),
    ON_SHOP("composite key: delete", "DELETE FROM Stock WHERE shop = 's'"),
    ON_SHOP("composite key: read", "SELECT shop, sku, amount, place, _status FROM Stock"
                                   " WHERE shop > 'a' ORDER BY shop, sku"),
    ON_SHOP("composite key: save", "SELECT datastore_save('Stock', '{\"shop\":\"s\","
                                   "\"sku\":1,\"amount\":5,\"place\":{\"level\":4}}')"),
    ON_SHOP(
        "many to many: read",
        "SELECT label, books FROM Tag ORDER BY label; SELECT id, tags, author FROM Book"),
    ON_SHOP("many to many: delete", "DELETE FROM Book WHERE id = 'k1'"),

    ON_BLOG("join",
            "SELECT b.name, p.title, c.content FROM Blog b JOIN Post p ON p.blog ="
            " b.id LEFT JOIN Comment c ON c.post = p.id ORDER BY 1, 2, 3"),
    ON_BLOG("relation columns", "SELECT id, comments FROM Post ORDER BY id;"
                                "SELECT id, children FROM Node ORDER BY id"),
    ON_BLOG("hidden columns", "SELECT id, _status, _version, _deleted, postBlogId, blog"
                              " FROM (SELECT *, _status, _version, _deleted, NULL AS"
                              " postBlogId FROM Post) ORDER BY id"),
    ON_BLOG("count, order and limit",
            "SELECT count(*) FROM Post; SELECT count(*) FROM Comment WHERE post = 'p1';"
            "SELECT id FROM Post ORDER BY rating DESC LIMIT 1 OFFSET 1;"
            "SELECT DISTINCT post FROM Comment; SELECT max(id), min(id) FROM Comment;"
            "SELECT id FROM Post WHERE id IN ('p1', 'p3') OR rating = 2 ORDER BY id"),
    ON_BLOG("text compared with numbers",
            "WITH k(n) AS (VALUES (1), ('p1'), (2.5)) SELECT n, (SELECT title FROM Post"
            " WHERE id = n) FROM k; SELECT count(*) FROM Post WHERE title > 3"),
    ON_BLOG(
        "union and a sub-query",
        "SELECT id FROM Post WHERE EXISTS (SELECT 1 FROM Comment c WHERE c.post ="
        " Post.id) UNION ALL SELECT id FROM Node WHERE parent IS NULL LIMIT 4 OFFSET 1"),
    ON_BLOG("an index in a sub-query", "DELETE FROM Comment WHERE post IN (SELECT id FROM"
                                       " Post WHERE blog = 'b1')"),

    ON_BLOG("save a new record",
            "SELECT datastore_save('Post', '{\"id\":\"p9\",\"title\":"
            "\"New\",\"blog\":\"b1\",\"tags\":[\"a\",null]}')"),
    ON_BLOG("save under a condition",
            "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Changed\"}',"
            " '{\"rating\":{\"lt\":5}}')"),
    ON_BLOG("save a pending record under a condition",
            "SELECT datastore_save('Post', '{\"id\":\"p2\",\"rating\":7}',"
            " '{\"title\":{\"beginsWith\":\"T\"}}')"),
    AFTER("save inside a transaction", "BEGIN; UPDATE Post SET rating = 9",
          "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Changed\"}',"
          " '{\"rating\":{\"gt\":5}}')"),
    REFUSED("save whose condition fails", SQLITE_CONSTRAINT,
            "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Changed\"}',"
            " '{\"rating\":{\"gt\":5}}')"),
    ON_BLOG("delete by key", "SELECT datastore_delete('Blog', 'b1')"),
    ON_BLOG("delete by filter", "SELECT datastore_delete('Post',"
                                " '{\"or\":[{\"rating\":{\"gt\":2}},{\"title\":{\"eq\":"
                                "\"One\"}}]}')"),
    ON_BLOG("delete under a condition",
            "SELECT datastore_delete('Node', 'n1', '{\"name\":{\"eq\":\"root\"}}')"),

    AFTER("retry", REFUSALS, "SELECT datastore_retry()"),
    AFTER("retry what is in the journal", NULL, "SELECT datastore_retry()"),
    AFTER("discard an update", REFUSALS, "SELECT datastore_discard('p1')"),
    AFTER("discard with dependants", REFUSALS,
          "SELECT datastore_discard(NULL, '{\"dependants\":true}')"),
    AFTER("clear", REFUSALS, "SELECT datastore_clear('{\"force\":true}')"),
    AFTER("clear inside a transaction", "BEGIN; DELETE FROM Comment WHERE id = 'c1'",
          "SELECT datastore_clear('{\"force\":true}')"),
    ON_BLOG("sync expression",
            "SELECT datastore_sync_expression('Post', '{\"rating\":{\"gt\":1}}')"),
    {.name = "discard what others depend on",
     .schema = blog,
     .setup = blog_rows,
     .before = REFUSALS,
     .sql = "SELECT datastore_discard()",
     .rc = SQLITE_CONSTRAINT},
    ON_BLOG("observe",
            "SELECT datastore_observe('Comment', '{\"post\":{\"rating\":{\"gt\":1}}}',"
            " 'named')"),
    ON_BLOG("observe all models, without a name", "SELECT datastore_observe()"),
    AFTER("observe again", "SELECT datastore_observe('Post', 'p1', 'named')",
          "SELECT datastore_observe('Post', 'p1', 'named')"),
    AFTER("write while observed", "SELECT datastore_observe(NULL, NULL, 'named')",
          "UPDATE Post SET rating = 9, title = 'x'"),
    AFTER("delete while observed, around a cycle",
          "SELECT datastore_observe(NULL, NULL, 'named')", "DELETE FROM Node"),
    AFTER("save while observed, under a condition",
          "SELECT datastore_observe('Post', NULL, 'named')",
          "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"Changed\"}',"
          " '{\"rating\":{\"lt\":5}}')"),
    AFTER("events",
          "SELECT datastore_observe('Post', '{\"rating\":{\"gt\":1}}', 'named');"
          "UPDATE Post SET rating = rating - 1; DELETE FROM Post WHERE id = 'p3'",
          "SELECT seq, op, id, old, changed, element ->> 'title', left_filter"
          " FROM datastore_events('named')"),
    AFTER("events of related rows",
          "SELECT datastore_observe('Comment', '{\"post\":{\"rating\":{\"gt\":1}}}', "
          "'named');"
          "UPDATE Post SET rating = 3 - rating; UPDATE Comment SET content = 'new';"
          "DELETE FROM Post WHERE id = 'p1'",
          "SELECT seq, op, id, element ->> 'content' FROM datastore_events('named')"),
    AFTER("acknowledge",
          "SELECT datastore_observe('Post', NULL, 'named'); UPDATE Post SET rating = 9",
          "SELECT datastore_ack('named', 2)"),
    AFTER("observe no more",
          "SELECT datastore_observe('Post', NULL, 'named'); UPDATE Post SET rating = 9",
          "SELECT datastore_unobserve('named')"),
    AFTER(
        "wait for events that are there",
        "SELECT datastore_observe('Post', NULL, 'named'); UPDATE Post SET rating = 9",
        "SELECT datastore_wait('events', 0, 'named'), datastore_wait('outbox_empty', 0)"),
    {.name = "migrate while observed",
     .schema = blog,
     .setup = blog_rows,
     .before =
         "DELETE FROM datastore_journal;"
         "SELECT datastore_observe(NULL, NULL, 'named'); DELETE FROM datastore_journal",
     .sql = migrate_blog,
     .loses_code = true},

    REFUSED("filter of an unknown field", SQLITE_ERROR,
            "SELECT datastore_delete('Post', '{\"and\":[{\"titel\":{\"eq\":\"x\"}}]}')"),
    REFUSED("list with a wrong element", SQLITE_CONSTRAINT,
            "INSERT INTO Post(id, title, tags) VALUES ('p9', 'x', '[\"a\",1]')"),
    REFUSED("unreadable schema", SQLITE_ERROR,
            "SELECT datastore_schema('type T @model { id: ID! x: Strng }')"),
    REFUSED("another schema", SQLITE_ERROR,
            "SELECT datastore_schema('type T @model { id: ID! }')"),
    REFUSED("required field is missing", SQLITE_CONSTRAINT,
            "INSERT INTO Post(id, title) VALUES ('p9', 'x'), ('p8', NULL)"),
    REFUSED("wrong enum value", SQLITE_CONSTRAINT,
            "UPDATE Post SET status = 'ACTIV' WHERE id = 'p2'"),
    REFUSED("unknown parent", SQLITE_CONSTRAINT,
            "INSERT INTO Comment(id, content, post) VALUES ('d1', 'x', 'p1'),"
            " ('d2', 'y', 'nowhere')"),
    REFUSED("key that exists", SQLITE_CONSTRAINT,
            "INSERT INTO Blog(id, name) VALUES ('b9', 'x'), ('b1', 'y')"),
    REFUSED("read-only column", SQLITE_CONSTRAINT,
            "UPDATE Post SET _version = 7, title = 'x'"),
    REFUSED("unknown model", SQLITE_ERROR, "SELECT datastore_save('Pots', '{}')"),
    REFUSED("drop of a model", SQLITE_PERM, "DROP TABLE Node"),
    REFUSED("rename of a model", SQLITE_ERROR, "ALTER TABLE Node RENAME TO Knot"),

    {.name = "UTF-16: events",
     .schema = blog,
     .setup = blog_rows,
     .before =
         "SELECT datastore_observe('Post', '{\"title\":{\"contains\":\"e\"}}', 'named');"
         "UPDATE Post SET title = title || 'h\xc3\xa9', rating = NULL",
     .sql = "SELECT op, id, old, element ->> 'title' FROM datastore_events('named')",
     .encoding = "UTF-16"},
    UTF16("UTF-16: insert", "INSERT INTO Post(id, title, tags) VALUES ('p9', 'h\xc3\xa9',"
                            " '[\"\xc3\xa9\"]')"),
    UTF16("UTF-16: update", "UPDATE Post SET title = 'x', blog = 'b2' WHERE id = 'p1'"),
    UTF16("UTF-16: delete", "DELETE FROM Node WHERE id = 'n1'"),
    UTF16("UTF-16: install", "SELECT datastore_schema(datastore_schema())"),
    UTF16("UTF-16: read", "SELECT *, comments FROM Post WHERE title > 'O' ORDER BY title;"
                          "SELECT id, children FROM Node WHERE parent = 'n1'"),
    UTF16("UTF-16: save under a condition",
          "SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"h\xc3\xa9\"}',"
          " '{\"rating\":{\"lt\":5}}')"),
};
const int n_scenarios = (int)(sizeof scenarios / sizeof *scenarios);

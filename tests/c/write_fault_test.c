/*
** datastore_save and datastore_delete when memory runs out or the user interrupts, at every
** point in turn: the error is that one, nothing is changed, the host is not left in a
** transaction that it never began, and nothing leaks.
*/
#include "fault.h"

static const trial trials[] = {
    {"SELECT datastore_save('Post', "
     "'{\"title\":\"new\",\"tags\":[\"a\"],\"meta\":{\"k\":[1]}}')",
     SQLITE_OK},
    {"SELECT datastore_save('Comment', "
     "'{\"post\":{\"id\":\"p1\"},\"commentPostId\":\"p1\"}')",
     SQLITE_OK},
    {"SELECT datastore_save('Post', '{\"id\":\"p1\",\"title\":\"b\"}', "
     "'{\"title\":{\"eq\":\"a\"}}')",
     SQLITE_OK},
    {"SELECT datastore_save('Post', '{\"id\":\"p1\"}', '{\"title\":{\"eq\":\"z\"}}')",
     SQLITE_CONSTRAINT},
    {"SELECT datastore_save('Post', '{\"id\":\"p1\",\"titel\":\"new\"}')", SQLITE_ERROR},
    {"SELECT datastore_delete('Post', '{\"title\":{\"eq\":\"a\"}}')", SQLITE_OK},
    {"SELECT datastore_delete('Line', '[\"o\",1]', '{}')", SQLITE_OK},
};

static const char setup[] =
    "SELECT datastore_schema('"
    "  type Post @model { id: ID! title: String! tags: [String] meta: AWSJSON"
    "    comments: [Comment] @connection(name: \"PostComments\") }"
    "  type Comment @model { id: ID! post: Post @connection(name: \"PostComments\") }"
    "  type Line @model @key(fields: [\"order\", \"number\"]) {"
    "    order: ID! number: Int! text: String }');"
    "INSERT INTO Post(id, title, tags) VALUES ('p1', 'a', '[ \"x\" ]'), ('p2', 'b', "
    "NULL);"
    "INSERT INTO Comment(id, post) VALUES ('c1', 'p1');"
    "INSERT INTO Line(\"order\", number) VALUES ('o', 1);";

/* Without what differs from run to run. */
static const char state[] =
    "SELECT (SELECT group_concat(seq || op || quote(condition) ||"
    "          quote(json_remove(payload, '$.id', '$.createdAt', '$.updatedAt')))"
    "          FROM datastore_journal)"
    "    || (SELECT quote(group_concat(title || quote(tags))) FROM Post_rows)"
    "    || (SELECT count(*) FROM Comment_rows)"
    "    || (SELECT count(*) || quote(max(text)) FROM Line_rows)";

int main(void) {
    const scene s = {setup, state, trials, sizeof trials / sizeof *trials, 1};
    return fault_run(&s, 1) != 0;
}

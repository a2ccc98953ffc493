/*
** datastore_schema when memory runs out or the user interrupts: the old schema stands, with its
** rows and unsent changes, and the next call works.
*/
#include "fault.h"

#define OLD                                                                              \
    "enum Mood { GOOD BAD } type Meta { k: Int }"                                        \
    "type Comment @model { id: ID! text: String post: Post @belongsTo }"                 \
    "type Post @model { id: ID! title: String rating: Int @index(name: \"byRating\")"    \
    "  mood: Mood meta: Meta comments: [Comment] @hasMany }"                             \
    "type Gone @model { id: ID! rid: Int }"
#define NEW                                                                              \
    "enum Mood { GOOD BAD UGLY } type Meta { k: Int j: [Meta] }"                         \
    "type Comment @model { id: ID! text: String! @default(value: \"x\") rid: Int"        \
    "  replies: [Comment] @hasMany }"                                                    \
    "type Post @model { id: ID! rating: Float! @index(name: \"byRating\") mood: String"  \
    "  meta: Meta likes: [Int] }"                                                        \
    "type Line @model { a: ID! @primaryKey(sortKeyFields: [\"b\"]) b: Int! c: Int }"

static const trial install[] = {{"SELECT datastore_schema('" NEW "')", SQLITE_OK}};

static const trial migrate[] = {
    {"SELECT datastore_schema('" NEW "')", SQLITE_OK},
    {"SELECT datastore_schema(' " OLD "')", SQLITE_OK},
    {"SELECT datastore_schema('" OLD "')", SQLITE_OK},
    {"SELECT datastore_schema('type Post @model { id: ID! rating: Boolean }')",
     SQLITE_ERROR},
};

static const char setup[] =
    "SELECT datastore_schema('" OLD "');"
    "INSERT INTO Post(id, title, rating, mood, meta) VALUES"
    "  ('p1', 'a', 5, 'GOOD', '{\"k\":1}'), ('p2', 'b', 6, 'BAD', NULL);"
    "INSERT INTO Comment(id, post) VALUES ('c1', NULL);"
    "UPDATE datastore_session SET applying = 1;"
    "UPDATE Post_rows SET _version = 1; UPDATE Comment_rows SET _version = 1;"
    "UPDATE datastore_session SET applying = 0; DELETE FROM datastore_journal;"
    "UPDATE datastore_sync_state SET last_sync = 7;"
    "INSERT INTO Comment(id) VALUES ('c2');";

static const char tables[] = "SELECT group_concat(name || quote(sql), char(10)) FROM"
                             " (SELECT * FROM sqlite_schema ORDER BY name)";

static const char contents[] =
    "SELECT (SELECT group_concat(name || quote(sql), char(10)) FROM"
    "         (SELECT * FROM sqlite_schema ORDER BY name))"
    "    || (SELECT quote(group_concat(seq || model || key || op || quote(mask)))"
    "          FROM datastore_journal)"
    "    || (SELECT group_concat(model || plural || key) FROM datastore_models)"
    "    || (SELECT group_concat(model || number || name || wire || type || is_removed)"
    "          FROM datastore_columns)"
    "    || (SELECT group_concat(model || operation || document) FROM"
    "         (SELECT * FROM datastore_operations ORDER BY model, operation))"
    "    || (SELECT group_concat(model || quote(last_sync)) FROM datastore_sync_state)"
    "    || (SELECT sdl || options FROM datastore_meta)"
    "    || (SELECT group_concat(id || typeof(rating) || rating || quote(mood) || "
    "           quote(meta) || _version) FROM Post_rows)"
    "    || (SELECT group_concat(id || quote(text) || quote(_version)) FROM "
    "Comment_rows)";

/* A migration passes some hundred thousand points: each run looks at a part of them. */
#define STRIDE 1009

int main(void) {
    const scene scenes[] = {
        {"", tables, install, sizeof install / sizeof *install, STRIDE},
        {setup, contents, migrate, sizeof migrate / sizeof *migrate, STRIDE},
    };
    return fault_run(scenes, sizeof scenes / sizeof *scenes) != 0;
}

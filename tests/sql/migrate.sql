-- A new schema over existing data: what stays, what is converted, what is refused.
-- Rows that are synced: nothing of them is waiting to be sent.
.parameter init
INSERT INTO temp.sqlite_parameters VALUES ('@one', 'enum Mood { GOOD BAD }
type Post @model @key(name: "byRating", fields: ["rating", "title"]) {
  id: ID!
  title: String!
  rating: Int
  mood: Mood
  comments: [Comment] @connection(name: "C")
}
type Comment @model { id: ID! text: String post: Post @connection(name: "C") }');
SELECT datastore_schema(@one);
INSERT INTO Post(id, title, rating, mood) VALUES ('p1', 'One', 1, 'GOOD'), ('p2', '2', NULL, 'BAD');
INSERT INTO Comment(id, text, post) VALUES ('c1', 'hello', 'p1');
CREATE VIEW titles AS SELECT title FROM Post ORDER BY title;
BEGIN;
UPDATE datastore_session SET applying = 1;
UPDATE Post_rows SET _version = 1;
UPDATE Comment_rows SET _version = 1;
UPDATE datastore_session SET applying = 0;
DELETE FROM datastore_journal;
UPDATE datastore_sync_state SET last_sync = 5;
COMMIT;

.print == the same schema again, another layout: nothing changes
SELECT datastore_schema(replace(@one, 'id: ID!', 'id:   ID!'));
SELECT datastore_schema() LIKE '%id:   ID!%';

.print == a field is added, an index goes, a model comes
INSERT INTO temp.sqlite_parameters SELECT '@two', replace(replace(@one,
  ' @key(name: "byRating", fields: ["rating", "title"])', ''),
  'text: String', 'text: String likes: Int tags: [String]') || ' type Tag @model { id: ID! name: String! }';
SELECT datastore_schema(@two);
SELECT id, text, likes, tags, post, _version, _status FROM Comment;
SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'Post_rows' AND sql IS NOT NULL;
SELECT model, last_sync FROM datastore_sync_state;
INSERT INTO Tag(id, name) VALUES ('t', 'new');
UPDATE Comment SET likes = 3, tags = '["a"]' WHERE id = 'c1';
SELECT model, id, op, changed, version FROM datastore_outbox;
SELECT id, text, likes, _version FROM Comment_base;
SELECT * FROM titles;

.print == unsent changes are in the way
SELECT datastore_schema(@one);
SELECT datastore_schema(replace(@two, 'likes: Int', ''));
SELECT datastore_schema(replace(@two, 'likes: Int', 'likes: Float'));
SELECT datastore_schema(replace(@two, 'name: String!', 'name: ID!'));
SELECT datastore_schema(replace(@two, ' type Tag @model { id: ID! name: String! }', ''));
SELECT datastore_schema() = @two;
DELETE FROM datastore_journal;

.print == not while a statement reads
CREATE TABLE texts(sdl TEXT);
INSERT INTO texts VALUES (@one);
SELECT datastore_schema(sdl) FROM texts;

.print == types that hold the same values
SELECT datastore_schema(replace(@two, 'likes: Int', 'likes: Float'));
SELECT likes, typeof(likes) FROM Comment_rows;
SELECT datastore_schema(@two);
SELECT likes, typeof(likes) FROM Comment_rows;
SELECT datastore_schema(replace(@two, 'likes: Int', 'likes: String'));
SELECT likes, typeof(likes), text, post FROM Comment_rows;
SELECT likes, typeof(likes) FROM Comment_base;
SELECT datastore_schema(@two);
SELECT likes, typeof(likes) FROM Comment_rows;
SELECT datastore_schema(replace(@two, 'GOOD BAD', 'GOOD BAD UGLY'));
SELECT datastore_schema(replace(@two, 'mood: Mood', 'mood: String'));
SELECT datastore_schema(@two);

.print == and those that do not
SELECT datastore_schema(replace(@two, 'likes: Int', 'likes: [Int]'));
SELECT datastore_schema(replace(@two, 'likes: Int', 'likes: Boolean'));
SELECT datastore_schema(replace(@two, 'title: String!', 'title: Int!'));
SELECT datastore_schema(replace(@two, 'GOOD BAD', 'BAD UGLY'));
SELECT datastore_schema(replace(@two, 'text: String', 'text: AWSDate'));
SELECT datastore_schema() = @two;
SELECT likes, typeof(likes), text FROM Comment_rows;

.print == required and optional
SELECT datastore_schema(replace(@two, 'rating: Int', 'rating: Int!'));
SELECT datastore_schema(replace(@two, 'rating: Int', 'rating: Int views: Int!'));
SELECT datastore_schema(replace(@two, 'title: String!', 'title: String'));
INSERT INTO Post(id) VALUES ('p3');
SELECT datastore_schema(@two);
DELETE FROM Post WHERE id = 'p3';
DELETE FROM datastore_journal;

.print == fields and models go
SELECT datastore_schema('type Post @model { id: ID! title: String rid: Int }');
SELECT id, title, rid FROM Post;
SELECT name FROM sqlite_schema WHERE name LIKE 'Comment%' OR name LIKE 'Tag%';
UPDATE Post SET rid = 7 WHERE id = 'p1';
SELECT id, changed FROM datastore_outbox;
SELECT name, number, is_removed FROM datastore_columns ORDER BY number;

.print == the key stays as long as there are rows
SELECT datastore_schema('type Post @model @key(fields: ["title"]) { id: ID! title: String! }');
DELETE FROM Post;
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model @key(fields: ["title"]) { id: ID! title: String! }');
INSERT INTO Post(id, title) VALUES ('x', 'the key');
SELECT model, id, op FROM datastore_outbox;
PRAGMA integrity_check;

-- A careful host: no writes to shadow tables, no double-quoted strings, no trusted schema.
SELECT datastore_schema('type Post @model { id: ID! title: String n: Int @index(name: "byN") comments: [Comment] @hasMany }
  type Comment @model { id: ID! }');
INSERT INTO Post(id, title, n) VALUES ('p', 'a', 1);
INSERT INTO Comment(id, postCommentsId) VALUES ('c', 'p');
DELETE FROM datastore_journal;
.dbconfig defensive on
.dbconfig dqs_ddl off
.dbconfig dqs_dml off
.dbconfig trusted_schema off
.dbconfig enable_view off
SELECT datastore_schema('type Post @model { id: ID! n: Float @index(name: "byN") likes: Int }
  type Comment @model { id: ID! rid: Int replies: [Comment] @hasMany }
  type Tag @model { id: ID! }');
SELECT id, n, likes FROM Post;
INSERT INTO Tag(id) VALUES ('t');
UPDATE Post SET likes = 2;
INSERT INTO Comment(id, commentRepliesId) VALUES ('d', 'c');
DELETE FROM Comment WHERE id = 'c';
SELECT model, key, op, mask FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! n: Float }');
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! n: Float }');
UPDATE Post_rows SET n = 3;
.dbconfig defensive
.dbconfig dqs_ddl
.dbconfig dqs_dml
.dbconfig trusted_schema
.dbconfig enable_view
PRAGMA integrity_check;

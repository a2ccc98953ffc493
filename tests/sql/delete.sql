-- datastore_delete(model, key | filter [, condition]).
SELECT datastore_schema('
  type Post @model {
    id: ID!
    title: String
    rating: Int
    comments: [Comment] @connection(name: "PostComments")
  }
  type Comment @model {
    id: ID!
    content: String
    post: Post @connection(name: "PostComments")
  }
  type Line @model @key(fields: ["orderID", "number"]) { orderID: ID! number: Int! label: String }
  type Note @model @key(fields: ["number"]) { number: Int! text: String }
') IS NOT NULL;
INSERT INTO Post(id, title, rating) VALUES
  ('p1', 'one', 1), ('p2', 'two', 2), ('p3', 'three', 3), ('p4', 'four', NULL), ('5', 'five', 5),
  ('{6}', 'six', 6);
INSERT INTO Comment(id, post) VALUES ('c1', 'p1'), ('c2', 'p1'), ('c3', 'p2');
INSERT INTO Line(orderID, number) VALUES ('o1', 1), ('o1', 2), ('o2', 1);
INSERT INTO Note(number, text) VALUES (1, 'a'), (2, 'b');
DELETE FROM datastore_journal;

-- By key. What goes with it is not counted, and is journalled before it.
SELECT datastore_delete('Post', 'p1');
SELECT model, id, op FROM datastore_outbox;
SELECT datastore_delete('Post', 'p1');
SELECT datastore_delete('Post', 5);
SELECT datastore_delete('Post', '{"id":"{6}"}');
SELECT datastore_delete('Note', 1), datastore_delete('Note', '2');
SELECT count(*) FROM Note;

-- By composite key: in key order, or by name.
SELECT datastore_delete('Line', '["o1",1]');
SELECT datastore_delete('Line', '{"number":2,"orderID":"o1"}');
SELECT datastore_delete('Line', '["o1",7]');
SELECT orderID, number FROM Line;
SELECT datastore_delete('Line', 'o2');
SELECT datastore_delete('Line', '["o2"]');
SELECT datastore_delete('Line', '["o2",null]');
SELECT datastore_delete('Line', '{"orderID":"o2"}');
SELECT datastore_delete('Line', '{"orderID":"o2","number":[1]}');
SELECT datastore_delete('Line', 2);

-- By filter.
SELECT datastore_delete('Post', '{"rating":{"ge":3}}');
SELECT id FROM Post;
SELECT datastore_delete('Post', '{"rating":{"ge":3}}');
SELECT datastore_delete('Post', '{"or":[{"id":{"eq":"p2"}},{"title":{"beginsWith":"zz"}}]}');
SELECT id FROM Post;
SELECT count(*) FROM Comment;

-- Neither key nor filter.
SELECT datastore_delete('Post', NULL);
SELECT datastore_delete('Post', '{"rating":3}');
SELECT datastore_delete('Post', '{"id":"p4","title":"four"}');
SELECT datastore_delete('Post', '{"id":null}');
SELECT datastore_delete('Post', '{"ratin":{"lt":3}}');
SELECT datastore_delete('Post', '{id:"p4"}');
SELECT datastore_delete('Post', '{6}');
SELECT datastore_delete('Pots', 'p4');
SELECT id FROM Post;

-- With a condition the record must be there and match; the condition goes with the mutation.
DELETE FROM datastore_journal;
SELECT datastore_save('Post', '{"id":"p5","title":"five"}') ->> 'title';
INSERT INTO Comment(id, post) VALUES ('c5', 'p5');
SELECT datastore_delete('Post', 'p5', '{"title":{"eq":"six"}}');
SELECT datastore_delete('Post', 'p9', '{"title":{"eq":"six"}}');
SELECT datastore_delete('Post', '{"title":{"eq":"five"}}', '{"title":{"eq":"five"}}');
SELECT datastore_delete('Post', 'p5', '{"titel":{"eq":"five"}}');
SELECT datastore_delete('Post', 'p5', '{"title":{"eq":"five"}}');
SELECT datastore_delete('Line', '["o2",1]', '{"label":{"attributeExists":false}}');
SELECT datastore_delete('Post', 'p4', NULL);
SELECT o.model, o.id, o.op, o.condition, j.payload ->> 'title'
  FROM datastore_outbox AS o JOIN datastore_journal AS j USING (seq) ORDER BY seq;

-- Everything.
INSERT INTO Post(id) VALUES ('a'), ('b');
SELECT datastore_delete('Post', '{}');
SELECT datastore_delete('Post', '{}');
SELECT datastore_delete('Post', ' { } '), count(*) FROM Post;

-- A function that writes is not for statements that write.
CREATE TABLE log(text);
INSERT INTO log VALUES (datastore_delete('Post', '{}'));

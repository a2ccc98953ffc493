-- The change feed, seen by one connection. Times differ from run to run and are left out.
.headers off
SELECT datastore_observe('Post');
SELECT datastore_schema('
enum Status { ACTIVE INACTIVE }
type Post @model { id: ID! title: String! rating: Int score: Float done: Boolean status: Status tags: [String] place: Place
  comments: [Comment] @connection(name: "C") }
type Comment @model { id: ID! content: String post: Post @connection(name: "C") }
type Place { city: String }
type Node @model { id: ID! parent: Node @connection(name: "T") children: [Node] @connection(name: "T") }
type Stock @model @key(fields: ["shop", "sku"]) { shop: String! sku: Int! amount: Int }') IS NOT NULL;

-- Nobody observes: nothing is written.
INSERT INTO Post(id, title) VALUES ('before', 'x');
SELECT count(*) FROM datastore_changes;

SELECT datastore_observe(), datastore_observe('Post'), datastore_observe('Post', 'p1'),
  datastore_observe('Post', '{"rating":{"gt":4}}'), datastore_observe('Comment', '{"post":{"rating":{"gt":4}}}'),
  datastore_observe('Post', '{"comments":{"content":{"eq":"x"}}}'),
  datastore_observe('Stock', '["a",1]'), datastore_observe('Stock', '{"shop":"a","sku":2}');
SELECT sub, name, model, key, filter, position FROM datastore_subscriptions;
SELECT seq, model, op, id, element, old FROM datastore_events(1);

INSERT INTO Post(id, title, rating, score, done, status, tags, place)
  VALUES ('p1', 'It''s, "one"', 3, 0.1, 1, 'ACTIVE', '["a","b"]', '{"city":"x=1,2=''y''"}');
UPDATE Post SET rating = 5, done = NULL WHERE id = 'p1';
UPDATE Post SET rating = 5 WHERE id = 'p1';
INSERT INTO Comment(id, content, post) VALUES ('c1', 'x', 'p1'), ('c2', 'y', 'p1');
UPDATE Post SET title = 'Two' WHERE id = 'p1';
UPDATE Post SET rating = 4 WHERE id = 'p1';
UPDATE Comment SET content = 'z' WHERE id = 'c1';
INSERT INTO Stock VALUES ('a', 1, 10, NULL, NULL), ('a', 2, 20, NULL, NULL);
UPDATE Stock SET amount = amount + 1;

SELECT '-- all models';
SELECT seq, model, op, id, json_remove(element, '$.createdAt', '$.updatedAt'), old, changed, origin, left_filter,
  abs(at - (julianday('now') - 2440587.5) * 86400000) < 600000 FROM datastore_events(1);
SELECT '-- a model';
SELECT seq, op, id FROM datastore_events(2);
SELECT '-- a record';
SELECT seq, op, id FROM datastore_events(3);
SELECT '-- a filter';
SELECT seq, op, id, old, left_filter FROM datastore_events(4);
SELECT '-- a filter of the parent';
SELECT seq, model, op, id, old, left_filter FROM datastore_events(5);
SELECT '-- a filter of the children';
SELECT seq, model, op, id, element ->> 'rating', left_filter FROM datastore_events(6);
SELECT '-- composite keys';
SELECT seq, op, id, element ->> 'amount' FROM datastore_events(7);
SELECT seq, op, id, element ->> 'amount' FROM datastore_events(8);
SELECT '-- read is read';
SELECT count(*) FROM datastore_events(1);

SELECT '-- rolled back: no trace';
BEGIN; UPDATE Post SET rating = 9; DELETE FROM Post; ROLLBACK;
BEGIN; UPDATE Post SET rating = 8; SAVEPOINT s; UPDATE Post SET rating = 7; ROLLBACK TO s; COMMIT;
INSERT INTO Post(id, title) VALUES ('p2', 'ok'), ('p1', 'is there');
SELECT seq, op, id, old FROM datastore_events(2);

SELECT '-- conditions';
SELECT datastore_save('Post', '{"id":"p1","title":"New"}', '{"rating":{"eq":8}}') ->> 'title';
SELECT datastore_delete('Comment', 'c2', '{"content":{"eq":"y"}}');
SELECT seq, model, op, id, condition FROM datastore_events(1);

SELECT '-- cascades, children first; a cycle: each row once';
INSERT INTO Node(id, parent) VALUES ('n1', NULL), ('n2', 'n1'), ('n3', 'n2');
UPDATE Node SET parent = 'n3' WHERE id = 'n1';
SELECT count(*) FROM datastore_events(1);
DELETE FROM Post WHERE id = 'p1';
SELECT model, op, id, element IS NOT NULL FROM datastore_events(1);
DELETE FROM Node WHERE id = 'n2';
SELECT model, op, id FROM datastore_events(1) ORDER BY id;

SELECT '-- what the server says: no echo, only what it changed';
UPDATE datastore_session SET applying = 1;
UPDATE Post_rows SET _version = 1, _lastChangedAt = 5, updatedAt = '2020-01-01T00:00:00.000Z';
UPDATE Post_rows SET _version = 2, title = 'theirs' WHERE id = 'before';
DELETE FROM Post_rows WHERE id = 'before';
UPDATE datastore_session SET applying = 0;
SELECT model, op, id, json_remove(element, '$.createdAt'), changed, origin FROM datastore_events(1);

SELECT '-- a program that writes to the rows itself';
INSERT INTO Comment_rows(id, content) VALUES ('direct', char(10) || 'tab' || char(9));
SELECT op, id, element FROM datastore_events(1);

SELECT '-- names are kept, and redelivered until confirmed';
SELECT datastore_observe('Post', '{"rating":{"gt":4}}', 'high');
SELECT datastore_observe('Post', '{"rating":{"gt":4}}', 'high') = datastore_observe('Post', '{"rating":{"gt":4}}', 'high');
SELECT datastore_observe('Post', NULL, 'high');
INSERT INTO Post(id, title, rating) VALUES ('h1', 'x', 5), ('h2', 'x', 6), ('h3', 'x', 1);
SELECT seq, id FROM datastore_events('high');
SELECT datastore_ack('high', (SELECT min(seq) FROM datastore_events('high')));
SELECT seq, id FROM datastore_events('high');
SELECT datastore_ack('high', 1);
SELECT datastore_ack('high', 1000);
SELECT datastore_unobserve('high'), datastore_unobserve('high'), datastore_unobserve(2), datastore_unobserve(2);
SELECT * FROM datastore_events('high');
SELECT * FROM datastore_events(2);

SELECT '-- refused';
SELECT * FROM datastore_events;
SELECT datastore_observe('Pots');
SELECT datastore_observe('Post', '{"ratin":{"gt":4}}');
SELECT datastore_observe('Post', '{"comments":{"post":{"title":{"eq":"x"}}}}');
SELECT datastore_observe(NULL, '{"rating":{"gt":4}}');
SELECT datastore_observe('Post', NULL, '');
SELECT datastore_ack(1, 'x');
SELECT datastore_ack(NULL, 1);
BEGIN;
SELECT datastore_observe('Post');
SELECT datastore_ack(1, 1);
SELECT datastore_wait('events', 0, 1);
SELECT count(*) FROM datastore_events(1);
UPDATE Post SET rating = 0;
SELECT * FROM datastore_events(1);
ROLLBACK;
SELECT datastore_wait('event', 0);
SELECT datastore_wait('ready', 0);
SELECT datastore_wait('events', 'soon');
SELECT datastore_wait('events', 0, 99);
SELECT datastore_wait('events', 0) FROM Post;
SELECT datastore_wait('events', 0), (SELECT count(*) FROM Post);

SELECT '-- waiting';
SELECT datastore_wait('events', 10, 1), datastore_wait('events', 0), datastore_wait('outbox_empty', 0);
INSERT INTO Post(id, title, rating) VALUES ('w', 'x', 1);
SELECT datastore_wait('events', 1000, 1), datastore_wait('events', 0, 4), datastore_wait('events', 1000);
SELECT count(*) FROM datastore_events(1);

SELECT '-- migration: what was there stays readable, then: read anew';
SELECT datastore_observe('Comment');
UPDATE Post SET rating = 2 WHERE id = 'w';
UPDATE Comment SET content = 'old' WHERE id = 'direct';
DELETE FROM datastore_journal;
DELETE FROM datastore_mutations;
SELECT datastore_schema('
enum Status { ACTIVE INACTIVE }
type Post @model { id: ID! title: String! rating: Int note: String
  comments: [Comment] @connection(name: "C") }
type Comment @model { id: ID! content: String post: Post @connection(name: "C") }
type Tag @model { id: ID! }
type Stock @model @key(fields: ["shop", "sku"]) { shop: String! sku: Int! amount: Int }') ->> 'removed';
INSERT INTO Tag(id) VALUES ('t1');
UPDATE Post SET note = 'n' WHERE id = 'w';
SELECT seq, model, op, id, json_remove(element, '$.createdAt', '$.updatedAt'), changed FROM datastore_events(1);
SELECT op, model, id FROM datastore_events(10);

SELECT '-- too slow: told so';
UPDATE datastore_feed SET max_changes = 10;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 600)
INSERT INTO Tag(id) SELECT 'n' || i FROM n;
SELECT count(*) BETWEEN 10 AND 300 FROM datastore_changes;
SELECT op, model, seq = (SELECT min(seq) - 1 FROM datastore_changes) FROM datastore_events(1) LIMIT 1;
SELECT min(op), max(op), count(*) = (SELECT count(*) FROM datastore_changes) FROM datastore_events(1);
SELECT count(*) FROM datastore_events(1);
SELECT '-- nobody any more';
SELECT sum(datastore_unobserve(sub)) FROM (SELECT sub FROM datastore_subscriptions LIMIT -1 OFFSET 0);
SELECT (SELECT count(*) FROM datastore_subscriptions), (SELECT count(*) FROM datastore_watched), (SELECT count(*) FROM datastore_changes);
INSERT INTO Tag(id) VALUES ('last');
SELECT count(*) FROM datastore_changes;
PRAGMA integrity_check;

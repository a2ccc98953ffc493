-- datastore_retry, datastore_discard, and what the tables and _status show. Verdicts are
-- written by hand here: a server gives them.
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
') IS NOT NULL;

-- Nothing is there: all of nothing is fine, something by name is not.
SELECT datastore_retry(), datastore_discard();
SELECT datastore_discard(NULL, NULL), datastore_discard(NULL, '{}');
-- A query that found nothing does not mean everything.
SELECT datastore_retry((SELECT seq FROM datastore_dead_letter WHERE id = 'p9'));
SELECT datastore_discard(NULL);
SELECT datastore_retry(7);
SELECT datastore_discard('p1');
SELECT datastore_retry(1.5);
SELECT datastore_retry(x'00');
SELECT datastore_discard(NULL, '{"dependents":true}');
SELECT datastore_discard(NULL, '{"dependants":1}');
SELECT datastore_discard(NULL, '[]');

-- Two records of the server's, one of them changed, and three new ones.
INSERT INTO Post(id, title, rating) VALUES ('p1', 'one', 1), ('p2', 'two', 2);
UPDATE datastore_session SET applying = 1;
UPDATE Post_rows SET _version = 4;
UPDATE datastore_session SET applying = 0;
DELETE FROM datastore_journal;
UPDATE Post SET title = 'ONE', rating = 11 WHERE id = 'p1';
INSERT INTO Post(id, title) VALUES ('p3', 'three');
INSERT INTO Comment(id, content, post) VALUES ('c1', 'on three', 'p3');
INSERT INTO Line(orderID, number) VALUES ('o', 1);
SELECT seq, model, id, op, changed, version, state, attempts, error FROM datastore_outbox;
SELECT id, _status FROM Post;

-- On their way; then the verdicts.
SELECT datastore_discard();
UPDATE datastore_mutations SET state = 1, attempts = 1,
  request = '{"operation":"updatePost","input":{"id":"p1","title":"ONE","rating":11,"_version":4}}'
WHERE seq = 1;
SELECT id, _status FROM Post;
SELECT seq, id, state FROM datastore_outbox;
UPDATE datastore_mutations
SET state = 3, attempts = 2, error = 'refused', failed_at = 1600000000000, response = '{"errors":[]}'
WHERE seq IN (1, 2, 4);
UPDATE datastore_mutations SET state = 2 WHERE seq = 3;
SELECT id, _status FROM Post;
SELECT id, _status FROM Comment;
SELECT seq, model, id, op, state FROM datastore_outbox;
.mode line
SELECT * FROM datastore_dead_letter WHERE seq = 1;
.mode list

-- What is behind a refused change goes on by itself.
UPDATE Post SET rating = 12 WHERE id = 'p1';
SELECT seq, id, changed, state FROM datastore_outbox;

-- Give one up: the server's values are back, but for what was changed since.
SELECT datastore_discard(1);
SELECT id, title, rating, _status FROM Post WHERE id = 'p1';
SELECT datastore_discard(1);

-- A record that was never on the server goes, if nothing depends on it.
SELECT datastore_discard('p3');
SELECT datastore_discard(2, '{"dependants":false}');
SELECT count(*) FROM Post WHERE id = 'p3';
SELECT datastore_discard('p3', '{"dependants":true}');
SELECT id, _status FROM Post;
SELECT id, content, post FROM Comment;
SELECT seq, id, op, error, failed_at > 1600000000000 FROM datastore_dead_letter;

-- A composite key is named as the column id has it.
SELECT datastore_retry('["o",2]');
SELECT datastore_retry('["o",1]');
SELECT seq, id, op, state, attempts, next_attempt_at, error FROM datastore_outbox;
SELECT _status FROM Line;

-- All that is left.
SELECT datastore_retry();
SELECT seq, id, op, state FROM datastore_outbox;
SELECT count(*) FROM datastore_dead_letter;

-- Only as a statement of its own, and undone with the transaction that it is part of.
UPDATE datastore_mutations SET state = 3, error = 'again' WHERE seq = 3;
BEGIN;
SELECT datastore_discard(3);
SELECT count(*) FROM Comment;
ROLLBACK;
SELECT count(*) FROM Comment;
INSERT INTO Post(id, rating) VALUES ('p9', datastore_retry());
CREATE TEMP TABLE t AS SELECT datastore_discard() AS n;
SELECT count(*) FROM datastore_dead_letter;
SELECT applying FROM datastore_session;

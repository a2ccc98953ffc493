-- datastore_clear([options]), datastore_sync_expression(model, filter).
SELECT datastore_clear();
SELECT datastore_sync_expression('Post', NULL);
SELECT datastore_schema('
  type Post @model {
    id: ID!
    title: String
    rating: Int
    comments: [Comment] @connection(name: "PostComments")
  }
  type Comment @model { id: ID! post: Post @connection(name: "PostComments") }
') IS NOT NULL;
UPDATE datastore_sync_state SET
  last_sync = 5, last_full_sync = 4, next_token = 't', started_at = 6, truncated = 1, error = 'e';

-- A change makes the next synchronization a full one, of this model only.
SELECT datastore_sync_expression('Post', '{"rating":{"gt":3}}');
SELECT model, filter, next_token, started_at, last_sync, last_full_sync, error
FROM datastore_sync_state;
SELECT datastore_sync_expression('Post', '{"rating":{"gt":3}}');
SELECT datastore_sync_expression('Post', '{"rating":{"gt":4}}');
SELECT datastore_sync_expression('Post', NULL);
SELECT datastore_sync_expression('Post', NULL);
SELECT filter, typeof(filter) FROM datastore_sync_state WHERE model = 'Post';
SELECT datastore_sync_expression('Post', '{"rating":{"gt":3}}');

-- What is no filter of the model changes nothing.
SELECT datastore_sync_expression('Post', '{"ratin":{"gt":3}}');
SELECT datastore_sync_expression('Post', '{"rating":{"gt":"x"}}');
SELECT datastore_sync_expression('Post', 'rating > 3');
SELECT datastore_sync_expression('Post', 5);
SELECT datastore_sync_expression('Pots', '{}');
SELECT datastore_sync_expression(NULL, '{}');
SELECT filter FROM datastore_sync_state WHERE model = 'Post';

-- Nothing unsent is lost by accident.
INSERT INTO Post(id, title) VALUES ('p1', 'one'), ('p2', 'two');
INSERT INTO Comment(id, post) VALUES ('c1', 'p1');
SELECT datastore_clear();
SELECT datastore_clear('{"force":false}');
SELECT count(*) FROM datastore_outbox;
UPDATE datastore_mutations SET state = 3 WHERE seq = 1;
SELECT count(*) FROM Post;
SELECT datastore_clear('{"force":"yes"}');
SELECT datastore_clear('{"forced":true}');
SELECT datastore_clear('{"force":true');
SELECT count(*) FROM Post;

-- In one transaction; the schema and expressions stay, and numbers go on.
BEGIN;
SELECT datastore_clear('{"force":true}');
SELECT count(*) FROM Post;
ROLLBACK;
SELECT count(*) FROM Post;
SELECT datastore_clear('{"force":true}');
SELECT (SELECT count(*) FROM Post), (SELECT count(*) FROM Comment), (SELECT count(*) FROM datastore_outbox);
SELECT model, filter, next_token, last_sync, last_full_sync, truncated, error FROM datastore_sync_state;
INSERT INTO Post(id, title) VALUES ('p1', 'again');
SELECT seq, id, op, state FROM datastore_outbox;

-- What the server has is no loss.
UPDATE datastore_session SET applying = 1;
UPDATE Post_rows SET _version = 4;
UPDATE datastore_session SET applying = 0;
DELETE FROM datastore_journal;
SELECT datastore_clear();
SELECT count(*) FROM Post;
INSERT INTO Post(id, rating) VALUES ('p9', datastore_clear());

-- datastore_status.

-- Nothing is there yet.
SELECT datastore_status();
SELECT datastore_status(1);

SELECT datastore_schema(readfile('schema/blog.graphql')) ->> '$.added';
SELECT datastore_configure('{"url":"http://127.0.0.1:1/graphql","authMode":"lambda"}') ->> '$.url';
SELECT key, value FROM json_each(datastore_status());
SELECT json_type(datastore_status(), '$.models.Post');

-- How far a model is: what it says follows from datastore_sync_state.
UPDATE datastore_sync_state SET last_sync = 1600000000000, last_full_sync = 1500000000000 WHERE model = 'Post';
SELECT datastore_status() ->> '$.models.Post';
UPDATE datastore_sync_state SET next_token = 't', truncated = 1 WHERE model = 'Post';
SELECT datastore_status() ->> '$.models.Post.state', datastore_status() ->> '$.models.Post.truncated';
UPDATE datastore_sync_state SET error = 'a "quoted" reason' WHERE model = 'Post';
SELECT datastore_status() ->> '$.models.Post.state', datastore_status() ->> '$.models.Post.error';
UPDATE datastore_sync_state SET filter = '{"rating":{"gt":4}}' WHERE model = 'Post';
SELECT datastore_status() ->> '$.models.Post.filter.rating.gt';

-- What waits to be sent: in the journal, or folded and taken already.
INSERT INTO Post(id, title, rating, status) VALUES ('a', 'One', 1, 'ACTIVE'), ('b', 'Two', 2, 'ACTIVE');
INSERT INTO Comment(id, post) VALUES ('c', 'a');
SELECT datastore_status() ->> '$.outbox', datastore_status() ->> '$.deadLetter';
SELECT datastore_sync('{"pull":false}');
SELECT datastore_status() ->> '$.outbox';
UPDATE datastore_mutations SET state = 1 WHERE key = 'a';
UPDATE datastore_mutations SET state = 2 WHERE key = 'c';
UPDATE datastore_mutations SET state = 3, failed_at = 1, error = 'no' WHERE key = 'b';
SELECT datastore_status() ->> '$.outbox', datastore_status() ->> '$.deadLetter';

-- Inside a transaction, and of another connection's work, it says what is there.
BEGIN;
INSERT INTO Comment(id, post) VALUES ('d', 'a');
SELECT datastore_status() ->> '$.outbox.pending';
ROLLBACK;
SELECT datastore_status() ->> '$.outbox.pending';

-- Who sends: as long as the lease holds.
UPDATE datastore_session SET lease_owner = 'process 1', lease_expires_at = 9999999999999;
SELECT datastore_status() ->> '$.sender';
UPDATE datastore_session SET lease_expires_at = 1;
SELECT datastore_status() ->> '$.sender';

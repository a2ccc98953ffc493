-- datastore_sync: what it refuses before it asks anybody. Nothing here touches a network.

-- No address, no schema.
SELECT datastore_sync();
SELECT datastore_configure('{"url":"http://127.0.0.1:1/graphql"}') ->> '$.url';
SELECT datastore_sync();
SELECT datastore_schema(readfile('schema/blog.graphql')) ->> '$.added';

-- No credential.
SELECT datastore_sync();
SELECT datastore_configure('{"apiKey":"k"}') ->> '$.authMode';

-- Options.
SELECT datastore_sync('{"ful":true}');
SELECT datastore_sync('{"timeout":10}');
SELECT datastore_sync('{"somethingElse":true}');
SELECT datastore_sync('{"full":1}');
SELECT datastore_sync('{"pull":"no"}');
SELECT datastore_sync('{"push":null}');
SELECT datastore_sync('{"models":"Post"}');
SELECT datastore_sync('{"models":[]}');
SELECT datastore_sync('{"models":["Post",1]}');
SELECT datastore_sync('{"models":["Post"],"models":["Comment"]}');
SELECT datastore_sync('{"models":["Pots"]}');
SELECT datastore_sync('{"timeoutMs":0}');
SELECT datastore_sync('{"timeoutMs":1.5}');
SELECT datastore_sync('{"timeoutMs":"10"}');
SELECT datastore_sync('{"progress":true}');
SELECT datastore_sync('{"progress":"stdout"}');
SELECT datastore_sync('[]');
SELECT datastore_sync('full');
SELECT datastore_sync('{}', '{}');

-- Only as a SELECT of its own.
BEGIN;
SELECT datastore_sync();
COMMIT;
SAVEPOINT s;
SELECT datastore_sync();
RELEASE s;
CREATE TABLE t(x);
INSERT INTO t VALUES (datastore_sync());
UPDATE t SET x = datastore_sync();
INSERT INTO t VALUES (1), (2);
DELETE FROM t WHERE datastore_sync() IS NULL;
CREATE VIEW v AS SELECT datastore_sync();
SELECT * FROM v;
SELECT count(*) FROM t;

-- Nothing can be asked for without a token: an error, and nothing is lost.
SELECT datastore_configure('{"authMode":"userPool"}') ->> '$.authMode';
INSERT INTO Post(id, title, rating, status) VALUES ('p', 'One', 1, 'ACTIVE');
SELECT datastore_sync('{"models":["Post"]}');
SELECT datastore_sync('{"pull":false}');
SELECT seq, model, id, op, state, error FROM datastore_outbox;
SELECT model, error FROM datastore_sync_state;

-- Nothing to do is no error.
SELECT datastore_sync('{"pull":false,"push":false}');

.bail on
.load dist/datastore
.mode box
SELECT datastore_schema(readfile('schema/examples/editors.graphql'));
INSERT INTO Post(title) VALUES ('My first post');
INSERT INTO User(username) VALUES ('Nadia');
INSERT INTO PostEditor(postID, editorID) SELECT p.id, u.id FROM Post p, User u;
SELECT p.title, u.username FROM PostEditor e JOIN Post p ON p.id = e.postID JOIN User u ON u.id = e.editorID;
DELETE FROM Post;
SELECT (SELECT count(*) FROM PostEditor) AS links, (SELECT count(*) FROM User) AS users;

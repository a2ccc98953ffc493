.bail on
.load dist/datastore
.mode box
SELECT datastore_schema(readfile('schema/blog.graphql'));
INSERT INTO Post(title, rating, status) VALUES ('My Post with comments', 10, 'ACTIVE');
INSERT INTO Comment(content, post) VALUES ('Loving it', datastore_last_id());
INSERT INTO Comment(content, post) SELECT 'Me too', id FROM Post;
SELECT p.title, c.content FROM Post p JOIN Comment c ON c.post = p.id;
SELECT title, json_array_length(comments) AS comments FROM Post;
DELETE FROM Post WHERE title = 'My Post with comments';
SELECT count(*) AS comments_left FROM Comment;
SELECT seq, model, op FROM datastore_outbox;

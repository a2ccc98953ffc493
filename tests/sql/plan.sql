-- What is handed down to the rows table, as EXPLAIN QUERY PLAN shows it.
SELECT datastore_schema('
type Post @model @key(name: "byRating", fields: ["rating", "title"]) {
  id: ID! title: String! rating: Int mood: String comments: [Comment] @connection(name: "C") }
type Comment @model { id: ID! content: String likes: Int post: Post @connection(name: "C") }
type Pair @model @key(fields: ["a", "b"]) { a: ID! b: Int! note: String }');
.eqp on
.print == keys
SELECT title FROM Post WHERE id = 'x';
SELECT title FROM Post WHERE id IN ('x', 'y');
SELECT note FROM Pair WHERE a = 'x' AND b = 1;
SELECT note FROM Pair WHERE a = 'x';
.print == indexes
SELECT content FROM Comment WHERE post = 'x';
SELECT content FROM Comment WHERE commentPostId = 'x';
SELECT id FROM Post WHERE rating = 5 AND title > 'm';
SELECT id FROM Post WHERE rating BETWEEN 3 AND 5;
SELECT id FROM Post WHERE rating = 5 OR id = 'x';
.print == no index, still inside
SELECT id FROM Post WHERE mood IS NULL AND title LIKE 'a%';
SELECT id FROM Post WHERE title GLOB 'a*';
SELECT id FROM Post WHERE title = 'x' COLLATE NOCASE;
.print == order and limit
SELECT title FROM Post ORDER BY rating DESC LIMIT 20;
SELECT title FROM Post ORDER BY mood LIMIT 20;
SELECT max(rating) FROM Post;
SELECT DISTINCT mood FROM Post;
SELECT count(*) FROM Post;
.print == joins
SELECT p.title, c.content FROM Post p JOIN Comment c ON c.post = p.id WHERE p.rating > 3;
SELECT p.title FROM Post p WHERE EXISTS (SELECT 1 FROM Comment c WHERE c.post = p.id);
SELECT p.title, count(c.id) FROM Post p LEFT JOIN Comment c ON c.post = p.id GROUP BY p.id;
.print == writes
UPDATE Post SET title = 'y' WHERE id = 'x';
DELETE FROM Comment WHERE post = 'x';

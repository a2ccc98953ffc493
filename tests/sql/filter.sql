-- Filters, as datastore_delete and conditions take them. For each: how many rows match, and which
-- are left when those are gone.
SELECT datastore_schema('
  enum Status { ACTIVE INACTIVE }
  type Blog @model { id: ID! posts: [Post] @connection(name: "BlogPosts") }
  type Post @model {
    id: ID!
    title: String
    rating: Int
    score: Float
    status: Status
    open: Boolean
    tags: [String]
    blog: Blog @connection(name: "BlogPosts")
  }
') IS NOT NULL;
INSERT INTO Blog(id) VALUES ('b1'), ('b2');
INSERT INTO Post(id, title, rating, score, status, open, tags, blog) VALUES
  ('p1', 'ab', 1, 1.5, 'ACTIVE', 1, '["x", "y"]', 'b1'),
  ('p2', 'a_b', 2, 2, 'INACTIVE', 0, '["xx"]', 'b2'),
  ('p3', 'A%c', 3, -1, NULL, 1, '[]', 'b1'),
  ('p4', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SAVEPOINT four;

-- Numbers: a row without a value is in no order, and is not equal to any.
SELECT datastore_delete('Post', '{"rating":{"eq":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"ne":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"gt":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"ge":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"lt":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"le":2}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"between":[2,3]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"in":[1,3]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"notIn":[1,3]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"in":[]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"notIn":[]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"eq":null}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"ne":null}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"attributeExists":true}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"attributeExists":false}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"score":{"gt":1.5}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;

-- Texts: by code point, and % and _ are letters.
SELECT datastore_delete('Post', '{"title":{"beginsWith":"a"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"beginsWith":"A"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"contains":"%"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"contains":"_"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"notContains":"b"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"gt":"a"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"size":{"ge":3}}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"title":{"eq":"ab"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;

-- Enums, booleans, lists, and a parent by any of its names.
SELECT datastore_delete('Post', '{"status":{"eq":"ACTIVE"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"status":{"ne":"ACTIVE"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"open":{"eq":true}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"open":{"ne":true}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"tags":{"contains":"x"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"tags":{"notContains":"x"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"blog":{"eq":"b1"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"postBlogId":{"eq":"b1"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;

-- Groups; one object with several fields or operators means all of them.
SELECT datastore_delete('Post', '{"and":[{"rating":{"gt":1}},{"title":{"beginsWith":"a"}}]}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"or":[{"rating":{"gt":2}},{"title":{"eq":"ab"}}]}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"not":{"rating":{"gt":1}}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"gt":0,"lt":3}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"rating":{"gt":0},"status":{"eq":"ACTIVE"}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"not":{"or":[{"rating":{"eq":1}},{"not":{"open":{"eq":true}}}]}}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"and":[]}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;
SELECT datastore_delete('Post', '{"or":[]}'); SELECT group_concat(id, ' ') FROM Post;
ROLLBACK TO four;

-- Refused, with the place.
SELECT datastore_delete('Post', '{"ratin":{"gt":1}}');
SELECT datastore_delete('Post', '{"rating":{"gtt":1}}');
SELECT datastore_delete('Post', '{"rating":{"gt":"many"}}');
SELECT datastore_delete('Post', '{"rating":{"between":[3,2]}}');
SELECT datastore_delete('Post', '{"rating":{"between":[1]}}');
SELECT datastore_delete('Post', '{"rating":{"in":3}}');
SELECT datastore_delete('Post', '{"rating":{"contains":1}}');
SELECT datastore_delete('Post', '{"status":{"eq":"GONE"}}');
SELECT datastore_delete('Post', '{"and":{"rating":{"gt":1}}}');
SELECT datastore_delete('Post', '{"and":[{"rating":{"gt":1}},{"or":[{"titel":{"eq":"a"}}]}]}');
SELECT datastore_delete('Post', '{"not":[]}');
SELECT datastore_delete('Post', '{"comments":{"eq":1}}');
SELECT datastore_delete('Post', '{"rating":{}}');
SELECT count(*) FROM Post;

-- A key that exists already: refused, replaced or ignored. The shell does not ask SQLite for
-- extended result codes, Python does; both must see the same.
SELECT datastore_schema('type Post @model { id: ID! title: String! rating: Int }') IS NOT NULL;
INSERT INTO Post(id, title, rating) VALUES ('p1', 'first', 1);
INSERT INTO Post(id, title) VALUES ('p1', 'again');
SELECT id, title, rating FROM Post;

-- OR REPLACE is an update of the row, journalled as what changed.
INSERT OR REPLACE INTO Post(id, title) VALUES ('p1', 'replaced');
SELECT id, title, rating FROM Post;
INSERT OR IGNORE INTO Post(id, title) VALUES ('p1', 'ignored'), ('p2', 'new');
SELECT id, title FROM Post;
INSERT OR IGNORE INTO Post(id) VALUES ('p3');
SELECT count(*) FROM Post;
SELECT id, op, changed FROM datastore_outbox;

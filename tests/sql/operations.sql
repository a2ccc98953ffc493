-- datastore_operations: the GraphQL documents of a schema, kept with it.
SELECT datastore_schema(readfile('schema/blog.graphql')) IS NOT NULL AS installed;
SELECT document FROM datastore_operations
  WHERE model = 'Comment' AND operation IN ('sync', 'update', 'onCreate') ORDER BY rowid;
SELECT model, operation FROM datastore_operations ORDER BY rowid;

.print == without the extension
.shell sqlite3 app.db "SELECT count(*) FROM datastore_operations"

.print == the same schema again: nothing is written but what another version of the extension wrote
CREATE TEMP TRIGGER written BEFORE UPDATE ON main.datastore_operations
  BEGIN SELECT raise(ABORT, 'written'); END;
SELECT datastore_schema(readfile('schema/blog.graphql')) IS NOT NULL AS installed;
DROP TRIGGER written;
UPDATE datastore_operations SET document = 'old' WHERE model = 'Post' AND operation = 'get';
SELECT datastore_schema(readfile('schema/blog.graphql')) IS NOT NULL AS installed;
SELECT document FROM datastore_operations WHERE model = 'Post' AND operation = 'get';

.print == another schema, rolled back
BEGIN;
SELECT datastore_schema('type Post @model(mutations: null) { id: ID! title: String! rating: Int! status: PostStatus! words: [String] }
enum PostStatus { ACTIVE INACTIVE }');
SELECT model, operation FROM datastore_operations ORDER BY rowid;
SELECT document FROM datastore_operations WHERE operation = 'get';
ROLLBACK;
SELECT model, count(*), sum(document LIKE '%words%') FROM datastore_operations GROUP BY model;

.print == and kept
SELECT datastore_schema('type Post @model(mutations: null) { id: ID! title: String! rating: Int! status: PostStatus! words: [String] }
enum PostStatus { ACTIVE INACTIVE }');
SELECT model, count(*), sum(document LIKE '%words%') FROM datastore_operations GROUP BY model;

.print == owners
.open owners.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/auth.graphql')) IS NOT NULL AS installed;
SELECT model, operation, replace(substr(document, 1, instr(document, ' {') - 1), char(10), '')
  FROM datastore_operations WHERE operation LIKE 'on%' ORDER BY rowid;
SELECT document FROM datastore_operations WHERE model = 'Diary' AND operation = 'get';

.print == a key of several fields, and one that another model holds
.open keys.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/custom-keys.graphql')) IS NOT NULL AS installed;
SELECT document FROM datastore_operations WHERE operation = 'get' ORDER BY rowid;
SELECT document FROM datastore_operations WHERE operation = 'delete' AND model = 'Stock';

.print == embedded types in each other without end
.open tangle.db
.load dist/datastore
SELECT datastore_schema('type T @model { a: A }' || (
  WITH letter(x) AS (VALUES ('A'), ('B'), ('C'), ('D'), ('E'), ('F'), ('G'), ('H'))
  SELECT group_concat('type ' || x || ' { v: Int ' ||
    (SELECT group_concat(lower(x) || ': ' || x, ' ') FROM letter) || ' }', ' ') FROM letter));
SELECT name FROM sqlite_schema;

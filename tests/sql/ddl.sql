-- What one relation needs in the file: tables, indexes and triggers of SQLite's own functions.
SELECT datastore_schema('
type Post @model { id: ID! title: String! comments: [Comment] @connection(name: "C") }
type Comment @model { id: ID! content: String post: Post @connection(name: "C") }
type Node @model { id: ID! parent: Node @connection(name: "T") children: [Node] @connection(name: "T") }');
SELECT sql || ';' FROM sqlite_schema WHERE name LIKE 'Comment%' OR name LIKE 'Post_rows.cascade%' OR name LIKE 'Node_rows.cascade%' ORDER BY rowid;

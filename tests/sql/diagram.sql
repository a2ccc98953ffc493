-- datastore_diagram: the schema as a picture, for Mermaid and for Graphviz.
SELECT datastore_diagram() IS NULL AS nothing_installed;
SELECT datastore_schema(readfile('schema/blog.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();
SELECT datastore_diagram('mermaid') = datastore_diagram() AS is_default;
SELECT datastore_diagram('dot');
SELECT typeof(datastore_diagram()), json_valid(json_quote(datastore_diagram()));

.print == other formats
SELECT datastore_diagram('doc');
SELECT datastore_diagram('Mermaid');
SELECT datastore_diagram('svg');
SELECT datastore_diagram(NULL);

.print == editors
.open editors.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/editors.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();

.print == custom-keys
.open keys.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/custom-keys.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();

.print == self-relation
.open self.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/self-relation.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();

.print == embedded
.open embedded.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/embedded.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();

.print == auth
.open auth.db
.load dist/datastore
SELECT datastore_schema(readfile('schema/examples/auth.graphql')) IS NOT NULL AS installed;
SELECT datastore_diagram();

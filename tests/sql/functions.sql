-- The functions that take no model.
SELECT typeof(datastore_version()), datastore_version() GLOB '[0-9]*.[0-9]*.[0-9]*';

-- What the build and the libraries are: only the names stand still.
SELECT group_concat(key) FROM json_each(datastore_info());
SELECT datastore_info() ->> 'version' = datastore_version(),
  datastore_info() ->> 'sqlite' = sqlite_version(),
  datastore_info() ->> 'sqliteSource' = sqlite_source_id();

-- A fresh id each time, ascending.
SELECT datastore_uuid() GLOB '????????-????-7???-[89ab]???-????????????';
SELECT datastore_uuid() <> datastore_uuid();
SELECT datastore_uuid() FROM (VALUES (1), (2)) GROUP BY 1 HAVING count(*) > 1;

-- Nothing was inserted and no schema is there yet.
SELECT datastore_last_id() IS NULL, datastore_schema() IS NULL, datastore_introspect() IS NULL;
SELECT datastore_save('Post', '{}');
SELECT datastore_delete('Post', '{}');

-- The key that this connection inserted last, as its type is; composite ones as JSON.
SELECT datastore_schema('type Post @model { id: ID! title: String }
  type Note @model @key(fields: ["number"]) { number: Int! }
  type Line @model @key(fields: ["orderID", "number"]) { orderID: ID! number: Int! }');
INSERT INTO Post(title) VALUES ('a');
SELECT datastore_last_id() = id, typeof(datastore_last_id()) FROM Post;
INSERT INTO Note(number) VALUES (7);
SELECT datastore_last_id(), typeof(datastore_last_id());
INSERT INTO Line(orderID, number) VALUES ('o "1"', 2);
SELECT datastore_last_id() ->> 0, datastore_last_id() ->> 1;
UPDATE Post SET title = 'b';
DELETE FROM Note;
INSERT INTO Note(number) VALUES ('x');
SELECT datastore_last_id();

-- The schema as it was given, and as Amplify's generator would write it.
SELECT datastore_schema();
SELECT datastore_introspect() -> '$.models.Line';
SELECT json_type(datastore_introspect(), '$.models'), json_type(datastore_introspect(), '$.enums'),
  json_type(datastore_introspect(), '$.nonModels');

-- Results that are JSON nest as JSON.
SELECT json_object('info', datastore_info()) -> '$.info.format';
SELECT json_array(datastore_save('Post', '{"id":"p","title":"t"}')) -> '$[0].title';

-- Wrong calls.
SELECT datastore_schema(NULL);
SELECT datastore_schema(1, 2, 3);
SELECT datastore_save('Post');
SELECT datastore_uuid(1);
CREATE VIEW bad AS SELECT datastore_last_id() AS id;
SELECT id FROM bad;

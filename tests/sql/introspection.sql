-- A schema as JSON: Amplify's model introspection instead of the schema language.
.print == amplify_outputs.json as it comes out of a project
SELECT datastore_schema(readfile('schema/examples/amplify_outputs.json'));
SELECT name, hidden, pk FROM pragma_table_xinfo('Task');
SELECT model, field, kind, target, local_columns, remote_columns FROM datastore_relations ORDER BY 1, 2;
SELECT model, name, type FROM datastore_columns WHERE model = 3 OR name = 'stage' ORDER BY 1, number;

.print == only the introspection is kept: the file has an API key
SELECT datastore_schema() LIKE '{"version":1,"models":{"Project"%', datastore_schema() LIKE '%da2-%';
SELECT sdl LIKE '%da2-%' FROM datastore_meta;

.print == it is a store like any other
INSERT INTO Project(id, name, stage, labels, place)
  VALUES ('p', 'Bridge', 'RUNNING', '["a"]', '{"city":"Lyon","geo":{"lat":45.7,"long":4.8}}');
INSERT INTO Task(id, content, project) VALUES ('t', 'draw', 'p');
INSERT INTO Plan(code, version, project) VALUES ('c', 1, 'p');
INSERT INTO Project(name, stage) VALUES ('x', 'LATE');
INSERT INTO Project(name, stage, place) VALUES ('x', 'DONE', '{"geo":{"lat":1}}');
INSERT INTO Task(project) VALUES ('q');
SELECT p.name, t.content, p.plan ->> 'code' FROM Project p JOIN Task t ON t.project = p.id;
SELECT document LIKE '%$owner: String%' FROM datastore_operations WHERE model = 'Task' AND operation = 'onCreate';

.print == the same file again: nothing changes
SELECT datastore_schema(readfile('schema/examples/amplify_outputs.json'));
SELECT datastore_schema(datastore_schema());

.print == the same schema in the schema language: rows and unsent changes stay
.parameter init
INSERT INTO temp.sqlite_parameters VALUES ('@sdl', 'enum ProjectStage { IDEA RUNNING DONE }
type Project @model @auth(rules: [{allow: owner}, {allow: public, operations: [read]}]) {
  id: ID! name: String! stage: ProjectStage! labels: [String!] place: Place
  tasks: [Task] @hasMany(references: ["projectId"])
  plan: Plan @hasOne(references: ["projectId"])
}
type Task @model @auth(rules: [{allow: owner}]) {
  id: ID! content: String done: Boolean
  projectId: ID @index(name: "tasksByProjectIdAndContent", sortKeyFields: ["content"])
  project: Project @belongsTo(references: ["projectId"])
}
type Plan @model @auth(rules: [{allow: owner}]) {
  projectId: ID
  project: Project @belongsTo(references: ["projectId"])
  code: ID! @primaryKey(sortKeyFields: ["version"])
  version: Int! budget: Float
}
type Place { city: String! geo: Geo }
type Geo { lat: Float! long: Float! }');
SELECT datastore_schema(@sdl);
SELECT id, name, stage FROM Project;
SELECT model, id, op FROM datastore_outbox;

.print == and back, from what datastore_introspect says
CREATE TEMP TABLE said AS SELECT datastore_introspect() AS json;
INSERT INTO temp.sqlite_parameters SELECT '@json', json FROM said;
SELECT datastore_schema(@json);
SELECT datastore_schema() = @json, datastore_introspect() = @json;
SELECT datastore_schema(replace(@json, '"isRequired":false', '"isRequired" : false'));
SELECT count(*) FROM Project, Task, Plan;

.print == a change of the schema
SELECT datastore_schema(replace(@json, '"values":["IDEA"', '"values":["NEW","IDEA"'));
SELECT datastore_schema(replace(@json, '"values":["IDEA","RUNNING"', '"values":["IDEA"'));
UPDATE Project SET stage = 'NEW';

.print == relations of the first version, where the generator hides the foreign key
DELETE FROM Project;
DELETE FROM datastore_journal;
SELECT datastore_schema('{"models":{
  "Post":{"fields":{"id":{"type":"ID","isRequired":true},
    "comments":{"isArray":true,"type":{"model":"Comment"},"association":{"connectionType":"HAS_MANY","associatedWith":"post"}}}},
  "Comment":{"fields":{"id":{"type":"ID","isRequired":true},
    "post":{"type":{"model":"Post"},"association":{"connectionType":"BELONGS_TO","targetName":"commentPostId"}}}}}}');
SELECT name, hidden FROM pragma_table_xinfo('Comment');

.print == what is wrong with it
SELECT datastore_schema('{"url":"https://example.com"}');
SELECT datastore_schema(' { Post { id } }');
SELECT datastore_schema('{"models":{"Post":{"fields":{"id":{"type":"ID"},"tags":{"type":{"modle":"Tag"}}}}}}');
SELECT datastore_schema('{"models":{"Post":{"fields":{"id":{"type":"ID"},
  "comments":{"isArray":true,"type":{"model":"Post"},"association":{"connectionType":"HAS_MANY","associatedWith":[]}}}}}}');
SELECT datastore_schema('{"models":{"Post":{"fields":{"id":{"type":"ID"}},"attributes":[{"type":"key","properties":{"name":"byId","fields":["idd"]}}]}}}');
SELECT datastore_schema('{"models":{"Post":{"fields":{"title":{"type":"Strng"}}}}}');
SELECT datastore_schema('{"models":{"Post":{"fields":{}},"post":{"fields":{}}}}');
SELECT model FROM datastore_models ORDER BY 1;

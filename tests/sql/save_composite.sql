-- datastore_save where parents have composite keys: the foreign key is several columns, and the
-- relation itself takes an object.
SELECT datastore_schema('
  type Project @model {
    projectID: ID! @primaryKey(sortKeyFields: ["name"])
    name: String!
    team: Team @hasOne
  }
  type Team @model {
    teamID: ID! @primaryKey(sortKeyFields: ["name"])
    name: String!
    project: Project @belongsTo
  }
') IS NOT NULL;
SELECT json_remove(datastore_save('Project', '{"projectID":"p","name":"One"}'),
  '$.createdAt', '$.updatedAt');

-- The parent as an object; what else it holds is not read.
SELECT json_remove(datastore_save('Team', '{"teamID":"t","name":"Red","project":
  {"name":"One","projectID":"p","updatedAt":null,"other":1}}'), '$.createdAt', '$.updatedAt');
-- The same by columns; both must agree.
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","teamProjectProjectID":"p",
  "teamProjectName":"One"}') ->> 'teamProjectName';
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","teamProjectProjectID":"p",
  "teamProjectName":"One","project":{"projectID":"p","name":"One"}}') ->> 'teamProjectName';
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","teamProjectName":"Two",
  "project":{"projectID":"p","name":"One"}}');
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","project":{"projectID":"p"}}');
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","project":"p"}');
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","project":[]}');
SELECT datastore_save('Team', '{"teamID":"t","name":"Red","project":{"projectID":"p","name":"Two"}}');

-- A has-one with the foreign key on this side.
SELECT json_remove(datastore_save('Project', '{"projectID":"p","name":"One",
  "team":{"teamID":"t","name":"Red"}}'), '$.createdAt', '$.updatedAt');
SELECT team ->> 'name' FROM Project;

-- null empties the foreign key.
SELECT json_remove(datastore_save('Team', '{"teamID":"t","name":"Red","project":null}'),
  '$.createdAt', '$.updatedAt');
SELECT model, id, op, changed FROM datastore_outbox;
SELECT datastore_delete('Project', datastore_last_id());
SELECT datastore_delete('Project', '["p","One"]'), count(*) FROM Team;

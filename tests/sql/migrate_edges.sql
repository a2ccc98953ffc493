-- Schema changes at the edges: names, keys, wide models, relations that come and go.
.parameter init
CREATE TEMP VIEW indexes AS
  SELECT name FROM main.sqlite_schema WHERE type = 'index' AND name LIKE '%~_rows.%' ESCAPE '~';
CREATE TEMP VIEW triggers AS
  SELECT name FROM main.sqlite_schema WHERE type = 'trigger' AND name LIKE '%cascade%';

.print == an index over a column that gets another type
SELECT datastore_schema('type Post @model { id: ID! rating: Int @index(name: "byRating") }');
INSERT INTO Post(id, rating) VALUES ('p1', 5);
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! rating: Float @index(name: "byRating") }');
SELECT rating, _status FROM Post WHERE rating = 5;
SELECT * FROM indexes;

.print == digits, and what a text would become
UPDATE Post SET rating = 0.1 + 0.2;
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! rating: String }');
UPDATE Post SET rating = 1.5;
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! rating: String }');
SELECT rating, typeof(rating) FROM Post;
UPDATE Post SET rating = 'null';
DELETE FROM datastore_journal;
SELECT datastore_schema('type Post @model { id: ID! rating: [Int] }');

.print == the server's row of a deleted record counts as well
UPDATE Post SET rating = 'many';
UPDATE datastore_session SET applying = 1;
UPDATE Post_rows SET _version = 1;
UPDATE datastore_session SET applying = 0;
DELETE FROM datastore_journal;
DELETE FROM Post_base;
DELETE FROM Post;
SELECT datastore_schema('type Post @model { id: ID! rating: Int }');
DELETE FROM datastore_journal;
DELETE FROM Post_base;

.print == timestamps under another name are no changes of anybody
INSERT INTO Post(id, rating) VALUES ('p1', 'x');
SELECT datastore_schema('type Post @model(timestamps: {createdAt: "made"}) { id: ID! rating: String }');
SELECT id, op, made IS NULL FROM Post, datastore_outbox USING (id);
SELECT datastore_schema('type Post @model(timestamps: {createdAt: "made"}) { id: ID! rating: String made: AWSDateTime }');
UPDATE Post SET made = '2020-02-02T00:00:00Z';
SELECT datastore_schema('type Post @model(timestamps: {createdAt: "made"}) { id: ID! rating: String }');
DELETE FROM datastore_journal;

.print == another case: another field, another type
SELECT datastore_schema('type Post @model { id: ID! Rating: String }');
SELECT * FROM (SELECT id, rating FROM Post);
SELECT name, is_removed FROM datastore_columns WHERE name LIKE '%rating';
SELECT datastore_schema('type post @model { id: ID! rating: String }');
SELECT count(*) FROM Post;
INSERT INTO post(id) VALUES ('p1');
SELECT datastore_schema('type Post @model { id: ID! rating: String }');
SELECT model, id FROM datastore_outbox;
DELETE FROM datastore_journal;

.print == the name of our rowid column is taken and given back
SELECT datastore_schema('type post @model { id: ID! rid: Int }');
SELECT datastore_schema('type post @model { id: ID! rid: Int _rid: Int }');
UPDATE post SET rid = 7, _rid = 8 WHERE id = 'p1';
SELECT id, rid, _rid FROM post;
SELECT rid, _rid, rid_, id FROM post_rows;
SELECT changed FROM datastore_outbox;
DELETE FROM datastore_journal;
SELECT datastore_schema('type post @model { id: ID! _rid: Int }');
SELECT rid, _rid, id FROM post_rows;

.print == composite keys
SELECT datastore_schema('type Line @model { order: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! text: String }');
INSERT INTO Line("order", number, text) VALUES ('o', 1, 'first');
SELECT datastore_schema('type Line @model { order: String! @primaryKey(sortKeyFields: ["number"]) number: Int! text: String size: Int }');
UPDATE Line SET size = 3;
SELECT model, id, op, changed FROM datastore_outbox;
SELECT datastore_schema('type Line @model { order: ID! @primaryKey(sortKeyFields: ["number"]) number: Float! text: String }');
SELECT datastore_schema('type Line @model { order: ID! @primaryKey number: Int! text: String }');
SELECT datastore_schema('type Line @model { order: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! text: String }');
DELETE FROM datastore_journal;

.print == relations come and go
SELECT datastore_schema('type Folder @model { id: ID! name: String }
  type Tag @model { id: ID! }');
INSERT INTO Folder(id) VALUES ('f1'), ('f2');
INSERT INTO Tag(id) VALUES ('t');
DELETE FROM datastore_journal;
SELECT datastore_schema('type Folder @model { id: ID! name: String folders: [Folder] @hasMany tags: [Tag] @manyToMany(relationName: "FolderTags") }
  type Tag @model { id: ID! folders: [Folder] @manyToMany(relationName: "FolderTags") }');
SELECT * FROM triggers;
SELECT * FROM indexes;
UPDATE Folder SET folderFoldersId = 'f1' WHERE id = 'f2';
INSERT INTO FolderTags(id, folder, tag) VALUES ('ft', 'f2', 't');
SELECT datastore_schema('type Folder @model { id: ID! name: String }
  type Tag @model { id: ID! }');
DELETE FROM Folder WHERE id = 'f1';
SELECT model, id, op FROM datastore_outbox;
DELETE FROM datastore_journal;
SELECT datastore_schema('type Folder @model { id: ID! name: String }
  type Tag @model { id: ID! }');
SELECT * FROM triggers;
SELECT name FROM sqlite_schema WHERE name LIKE 'FolderTags%';

.print == embedded types
SELECT datastore_schema('type Meta { size: Int } type Doc @model { id: ID! meta: Meta raw: AWSJSON list: [Int] }');
INSERT INTO Doc(id, meta, raw, list) VALUES ('d', '{"size":1}', '[1]', '[2]');
SELECT datastore_schema('type Meta { size: Int owner: String } type Doc @model { id: ID! meta: Meta raw: AWSJSON list: [Int] }');
SELECT datastore_schema('type Meta { size: Int! } type Doc @model { id: ID! meta: Meta raw: AWSJSON list: [Int] }');
DELETE FROM datastore_journal;
SELECT datastore_schema('type Meta { size: Int! } type Doc @model { id: ID! meta: Meta raw: [Int] list: AWSJSON }');
SELECT datastore_schema('type Meta { size: Int! owner: String! } type Doc @model { id: ID! meta: Meta }');
SELECT datastore_schema('type Meta { owner: String } type Doc @model { id: ID! meta: Meta }');
SELECT datastore_schema('type Meta { size: Int } type Doc @model { id: ID! meta: [Meta] }');
SELECT datastore_schema('type Meta { size: Float } type Doc @model { id: ID! meta: Meta raw: [Float!]! }');
SELECT id, meta, raw FROM Doc;
SELECT name, type FROM datastore_columns WHERE NOT is_removed;

.print == what the user built on it
CREATE VIEW sizes AS SELECT meta ->> 'size' FROM Doc;
SELECT datastore_schema('type Doc @model { id: ID! raw: [Float] }');
CREATE INDEX raws ON Doc_rows(raw);
SELECT datastore_schema('type Meta { size: Float } type Doc @model { id: ID! meta: Meta }');
CREATE TABLE Draft(id);
SELECT datastore_schema('type Meta { size: Float } type Doc @model { id: ID! meta: Meta raw: [Float] } type Draft @model { id: ID! }');
PRAGMA integrity_check;

.print == the same values under another name
DROP VIEW sizes;
DROP INDEX raws;
SELECT datastore_schema('enum Mood { GOOD } enum Kind { GOOD } type Day @model { id: ID! mood: Mood }');
SELECT datastore_schema('enum Mood { GOOD } enum Kind { GOOD } type Day @model { id: ID! mood: Kind }');
SELECT name, type FROM datastore_columns WHERE name = 'mood';

-- slots:
-- The tables of the store itself. They are ordinary tables: anyone may read them, with or
-- without the extension. Changing this file changes the format on disk: add a migration.

-- name: meta_create
-- datastore_meta: one row; `generation` is a new random number after every schema change, so
--   that a connection sees that its catalog is not the file's (also after a rollback).
-- datastore_models: the number of each model, which the journal refers to: the same as long as
--   the model is part of the schema.
-- datastore_columns: the permanent number of each column, never reused: bit n of a mask. A
--   column that a later schema left out stays here, with is_removed.
-- datastore_operations: the GraphQL documents that synchronization sends, one per operation that
--   the API of the schema has: sync, get, create, update, delete, onCreate, onUpdate, onDelete.
-- datastore_journal: append-only log of local changes, as triggers write it. op 1 create, 2 update,
--   3 delete; mask: columns 0..61 that changed, more: text with a 0 or 1 for each column from 62
--   on; payload: the whole row as it was at this entry, only where it can no longer be read from
--   the row. It has no index, and no constraint that could fail: with one, every write to a row
--   would keep a copy of each page it touches, to undo a part of itself (a statement journal),
--   which costs more than the write. Synchronization moves the entries to datastore_mutations and
--   keeps the last one, emptied (model is NULL), so that seq goes on from it.
-- datastore_mutations: what is to be sent, in the order of seq; entries of a record are folded as
--   they arrive. state 0 pending, 1 in flight, 2 held: waits for another record's entry in the
--   dead letter, 3 failed: in the dead letter; request: what is sent, kept from the first attempt
--   until there is a verdict; is_unclear: an attempt had no answer; conflicts: how many answers in
--   a row were conflicts. Times are milliseconds since 1970.
-- datastore_sync_state: per model how far it is synced: `last_sync` is the server's time of the
--   last complete pull (NULL: a full sync is due), last_full_sync that of the last complete full
--   one (NULL: the next is full); truncated: 0, or the maxRecordsToSync that has ended a pull
--   since the last full one that met no limit. Of the pull under way are next_token, started_at,
--   is_full; generation, its number; sweeps, whether datastore_seen is kept; is_whole, whether no
--   page lacked a record. passed_over: why a record is not here, of the first since the last full
--   sync began: later deltas are silent about it.
-- datastore_seen: the keys that a full sync under way has seen, so that the others can go.
-- datastore_tombstones: versions of records that the server has deleted, for a while, so that
--   older news of them bring nothing back.
-- datastore_hub: what happened, under the names of Amplify's Hub; the newest only.
-- datastore_session: `applying` is 1 only inside a transaction that merges the server's rows;
--   lease_owner is who sends the outbox, until lease_expires_at unless renewed (NULL: nobody).
-- datastore_outbox, datastore_dead_letter: views for people and hosts. None is made of another,
--   or nothing could be renamed in a file whose host has switched off views.
-- datastore_cascading, datastore_closure: work tables of the cascade through cycles, empty
--   outside of a running delete.
CREATE TABLE main.datastore_meta(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  format INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  sdl TEXT NOT NULL,
  options TEXT NOT NULL
);
CREATE TABLE main.datastore_models(
  number INTEGER PRIMARY KEY,
  model TEXT NOT NULL UNIQUE,
  plural TEXT NOT NULL,
  key TEXT NOT NULL,
  rows_table TEXT NOT NULL,
  base_table TEXT NOT NULL
);
CREATE TABLE main.datastore_columns(
  model INTEGER NOT NULL REFERENCES datastore_models(number),
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  wire TEXT NOT NULL,
  type TEXT NOT NULL,
  is_removed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (model, number)
) WITHOUT ROWID;
CREATE TABLE main.datastore_relations(
  model TEXT NOT NULL,
  field TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  local_columns TEXT NOT NULL,
  remote_columns TEXT NOT NULL,
  PRIMARY KEY (model, field)
) WITHOUT ROWID;
CREATE TABLE main.datastore_operations(
  model TEXT NOT NULL,
  operation TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (model, operation)
);
CREATE TABLE main.datastore_journal(
  seq INTEGER PRIMARY KEY,
  model INTEGER,
  rid INTEGER,
  key,
  op INTEGER,
  mask INTEGER,
  more TEXT,
  version INTEGER,
  condition TEXT,
  payload TEXT
);
CREATE TABLE main.datastore_mutations(
  seq INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  rid INTEGER,
  key NOT NULL,
  op INTEGER NOT NULL,
  mask INTEGER,
  more TEXT,
  version INTEGER,
  condition TEXT,
  payload TEXT,
  state INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  conflicts INTEGER NOT NULL DEFAULT 0,
  is_unclear INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  request TEXT,
  response TEXT,
  error TEXT,
  failed_at INTEGER
);
CREATE INDEX main.datastore_mutations_record ON datastore_mutations(model, key);
CREATE TABLE main.datastore_session(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  applying INTEGER NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_expires_at INTEGER
);
INSERT INTO main.datastore_session(id) VALUES (1);
CREATE TABLE main.datastore_sync_state(
  model TEXT PRIMARY KEY,
  filter TEXT,
  next_token TEXT,
  started_at INTEGER,
  last_sync INTEGER,
  last_full_sync INTEGER,
  error TEXT,
  generation INTEGER NOT NULL DEFAULT 0,
  is_full INTEGER NOT NULL DEFAULT 0,
  sweeps INTEGER NOT NULL DEFAULT 0,
  is_whole INTEGER NOT NULL DEFAULT 1,
  truncated INTEGER NOT NULL DEFAULT 0,
  passed_over TEXT
) WITHOUT ROWID;
CREATE TABLE main.datastore_seen(
  model INTEGER NOT NULL,
  key NOT NULL,
  PRIMARY KEY (model, key)
) WITHOUT ROWID;
CREATE TABLE main.datastore_tombstones(
  model INTEGER NOT NULL,
  key NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (model, key)
) WITHOUT ROWID;
CREATE TABLE main.datastore_hub(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  payload TEXT NOT NULL
);
CREATE TABLE main.datastore_cascading(component INTEGER PRIMARY KEY);
CREATE TABLE main.datastore_closure(
  ord INTEGER PRIMARY KEY,
  component INTEGER,
  model INTEGER,
  rid INTEGER
);
CREATE INDEX main.datastore_closure_row ON datastore_closure(component, model, rid);
CREATE VIEW main.datastore_outbox AS
  SELECT
    u.seq,
    m.model,
    u.key AS id,
    CASE u.op WHEN 1 THEN 'create' WHEN 2 THEN 'update' ELSE 'delete' END AS op,
    CASE WHEN u.op = 2 THEN (
      SELECT '[' || group_concat('"' || c.name || '"') || ']'
      FROM (
        SELECT name FROM datastore_columns
        WHERE model = u.model
          AND CASE WHEN number < 62 THEN u.mask >> number & 1
                   ELSE substr(u.more, number - 61, 1) = '1'
              END
        ORDER BY number
      ) AS c
    ) END AS changed,
    u.version,
    u.condition,
    CASE u.state WHEN 1 THEN 'in_flight' WHEN 2 THEN 'held' ELSE 'pending' END AS state,
    u.attempts,
    u.next_attempt_at,
    u.error
  FROM (
    SELECT
      seq, model, key, op, mask, more, version, condition, state, attempts, next_attempt_at, error
    FROM datastore_mutations WHERE state <> 3
    UNION ALL
    SELECT seq, model, key, op, mask, more, version, condition, 0, 0, NULL, NULL
    FROM datastore_journal WHERE model IS NOT NULL
  ) AS u
  JOIN datastore_models AS m ON m.number = u.model
  ORDER BY u.seq;
CREATE VIEW main.datastore_dead_letter AS
  SELECT
    u.seq,
    m.model,
    u.key AS id,
    CASE u.op WHEN 1 THEN 'create' WHEN 2 THEN 'update' ELSE 'delete' END AS op,
    CASE WHEN u.op = 2 THEN (
      SELECT '[' || group_concat('"' || c.name || '"') || ']'
      FROM (
        SELECT name FROM datastore_columns
        WHERE model = u.model
          AND CASE WHEN number < 62 THEN u.mask >> number & 1
                   ELSE substr(u.more, number - 61, 1) = '1'
              END
        ORDER BY number
      ) AS c
    ) END AS changed,
    u.version,
    u.condition,
    'failed' AS state,
    u.attempts,
    u.next_attempt_at,
    u.error,
    u.request,
    u.response,
    u.failed_at
  FROM datastore_mutations AS u
  JOIN datastore_models AS m ON m.number = u.model
  WHERE u.state = 3
  ORDER BY u.seq;

-- name: meta_read
SELECT format, generation, sdl, options FROM main.datastore_meta WHERE id = 1;

-- name: meta_write
INSERT INTO main.datastore_meta(id, format, generation, sdl, options) VALUES (1, ?1, ?2, ?3, ?4)
ON CONFLICT(id) DO UPDATE SET
  format = excluded.format, generation = excluded.generation,
  sdl = excluded.sdl, options = excluded.options;

-- name: meta_exists
SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = 'datastore_meta' AND type = 'table');

-- name: meta_name_taken
SELECT type, name FROM main.sqlite_schema
WHERE name COLLATE NOCASE IN (?1, ?1 || '_rows', ?1 || '_base')

-- name: meta_is_undeclared
-- Has somebody copied the tables without the models, as the shell's .clone does?
SELECT EXISTS (
  SELECT 1 FROM main.datastore_models WHERE model NOT IN (SELECT name FROM main.sqlite_schema)
);

-- name: meta_model_add
INSERT INTO main.datastore_models(model, plural, key, rows_table, base_table)
VALUES (?1, ?2, ?3, ?4, ?5);

-- name: meta_model_number
SELECT number FROM main.datastore_models WHERE model = ?1;

-- name: meta_state_add
INSERT INTO main.datastore_sync_state(model) VALUES (?1);

-- name: meta_column_add
-- The next number of the model.
INSERT INTO main.datastore_columns(model, number, name, wire, type)
SELECT m.number, (
    SELECT coalesce(max(c.number) + 1, 0) FROM main.datastore_columns AS c WHERE c.model = m.number
  ), ?2, ?3, ?4
FROM main.datastore_models AS m WHERE m.model = ?1;

-- name: meta_column_number
SELECT number FROM main.datastore_columns WHERE model = ?1 AND name = ?2 AND is_removed = 0;

-- name: meta_relation_add
INSERT INTO main.datastore_relations(model, field, kind, target, local_columns, remote_columns)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: meta_operations_remove
DELETE FROM main.datastore_operations;

-- name: meta_operation_put
INSERT INTO main.datastore_operations(model, operation, document) VALUES (?1, ?2, ?3)
ON CONFLICT(model, operation) DO UPDATE SET document = excluded.document
WHERE document <> excluded.document;

-- name: meta_operation_find
SELECT 1 FROM main.datastore_operations WHERE model = ?1 AND operation = ?2 AND document = ?3

-- name: meta_modules
-- Modules that are already registered under the name of a model.
SELECT 1 FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE;

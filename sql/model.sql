-- slots: rows base rid columns key_columns new_values old_values old_key new_key model name trigger
-- slots: index indexed changed mask more mask_columns component quiet child_rows child_match
-- slots: child child_number parent parent_rows parent_number join steps outside journal bases
-- slots: deletes module values key_message all_columns row_values
-- What a model needs in the file. The triggers use nothing but SQLite's own functions, so a
-- program without the extension can write to the rows and is journalled all the same. OR IGNORE
-- into base tables has two reasons: without it their key's NOT NULL would cost a statement
-- journal (see meta.sql), and ON CONFLICT DO NOTHING beside it holds also where the outer
-- statement has an OR clause.

-- name: model_table
-- Rows: typed by affinity only. Checks are made where a person can be told (the virtual
-- table); what the server sends is kept whatever it is.
CREATE TABLE main.@"rows"@(
  @"rid"@ INTEGER PRIMARY KEY,
  @columns@,
  "_version" INTEGER,
  "_lastChangedAt" INTEGER,
  "_deleted" INTEGER,
  UNIQUE (@key_columns@)
);

-- name: model_base
-- The server's row as last seen, of each record that has unsent changes. Its key is the
-- record's, not the rid: a rid may be given again after a delete.
CREATE TABLE main.@"base"@(
  @"rid"@ INTEGER,
  @columns@,
  "_version" INTEGER,
  "_lastChangedAt" INTEGER,
  "_deleted" INTEGER,
  PRIMARY KEY (@key_columns@)
) WITHOUT ROWID;

-- name: model_index
CREATE INDEX IF NOT EXISTS main.@"index"@ ON @"rows"@(@indexed@);

-- name: model_virtual
CREATE VIRTUAL TABLE IF NOT EXISTS main.@"name"@ USING @"module"@;

-- name: model_virtual_generic
CREATE VIRTUAL TABLE IF NOT EXISTS main.@"name"@ USING datastore(@"name"@);

-- name: trigger_insert
CREATE TRIGGER main.@"trigger"@ AFTER INSERT ON @"rows"@
WHEN (SELECT applying FROM datastore_session) = 0
BEGIN
  INSERT INTO datastore_journal(model, rid, key, op) VALUES (@model@, NEW.@"rid"@, @new_key@, 1);
END;

-- name: trigger_update
CREATE TRIGGER main.@"trigger"@ AFTER UPDATE OF @mask_columns@ ON @"rows"@
WHEN (SELECT applying FROM datastore_session) = 0 AND (@changed@)
BEGIN
  INSERT INTO datastore_journal(model, rid, key, op, mask, more, version)
  VALUES (@model@, NEW.@"rid"@, @new_key@, 2, @mask@, @more@, OLD."_version");
END;

-- name: trigger_update_base
-- The first change of a row that the server knows keeps it; later ones find it there. A trigger
-- of its own, so that other rows pay no more than the question.
CREATE TRIGGER main.@"trigger"@ AFTER UPDATE OF @mask_columns@ ON @"rows"@
WHEN OLD."_version" IS NOT NULL AND (SELECT applying FROM datastore_session) = 0 AND (@changed@)
BEGIN
  INSERT OR IGNORE INTO @"base"@(@all_columns@) VALUES (@old_values@) ON CONFLICT DO NOTHING;
END;

-- name: trigger_delete
CREATE TRIGGER main.@"trigger"@ AFTER DELETE ON @"rows"@
WHEN (SELECT applying FROM datastore_session) = 0@quiet@
BEGIN
  INSERT INTO datastore_journal(model, rid, key, op, version)
  VALUES (@model@, OLD.@"rid"@, @old_key@, 3, OLD."_version");
END;

-- name: trigger_delete_base
CREATE TRIGGER main.@"trigger"@ AFTER DELETE ON @"rows"@
WHEN OLD."_version" IS NOT NULL AND (SELECT applying FROM datastore_session) = 0@quiet@
BEGIN
  INSERT OR IGNORE INTO @"base"@(@all_columns@) VALUES (@old_values@) ON CONFLICT DO NOTHING;
END;

-- name: trigger_key
-- The key names the record on the server: it never changes.
CREATE TRIGGER main.@"trigger"@ BEFORE UPDATE OF @key_columns@ ON @"rows"@
WHEN @changed@
BEGIN
  SELECT RAISE(ABORT, @'key_message'@);
END;

-- name: cascade_quiet
-- While a component's closure is being deleted, its rows are journalled as a set.
 AND NOT EXISTS (SELECT 1 FROM datastore_cascading WHERE component = @component@)

-- name: trigger_cascade
-- A relation that lies on no cycle: the children's own triggers do the rest.
CREATE TRIGGER main.@"trigger"@ BEFORE DELETE ON @"rows"@
WHEN (SELECT applying FROM datastore_session) = 0
BEGIN
  DELETE FROM @"child_rows"@ WHERE @child_match@;
END;

-- name: trigger_closure
-- A model on a cycle: find everything below the row first, each row once, then delete it as
-- a set. Needs no recursive triggers and has no depth limit. Children of other components go
-- first; inside, the journal runs from the last found to the first, children before parents.
CREATE TRIGGER main.@"trigger"@ BEFORE DELETE ON @"rows"@
WHEN (SELECT applying FROM datastore_session) = 0@quiet@
BEGIN
  INSERT OR IGNORE INTO datastore_cascading(component) VALUES (@component@);
  INSERT INTO datastore_closure(component, model, rid)
    SELECT @component@, model, rid FROM (
      WITH RECURSIVE below(model, rid) AS (
        VALUES (@model@, OLD.@"rid"@)@steps@
      )
      SELECT model, rid FROM below
    );
  @outside@
  @bases@
  INSERT INTO datastore_journal(model, rid, key, op, version)
    SELECT model, rid, key, 3, version FROM (@journal@)
    WHERE NOT (model = @model@ AND rid = OLD.@"rid"@)
    ORDER BY ord DESC;
  @deletes@
  DELETE FROM datastore_closure WHERE component = @component@;
  DELETE FROM datastore_cascading WHERE component = @component@;
END;

-- name: closure_step
-- One relation inside the component: from a found parent to its children.

        UNION
        SELECT @child_number@, child.@"child"@
        FROM below CROSS JOIN @"parent_rows"@ AS parent CROSS JOIN @"child_rows"@ AS child
        WHERE below.model = @parent_number@ AND parent.@"parent"@ = below.rid AND @join@

-- name: closure_outside
DELETE FROM @"child_rows"@ WHERE (@indexed@) IN (
    SELECT @values@ FROM datastore_closure AS found CROSS JOIN @"parent_rows"@ AS parent
    WHERE found.component = @component@ AND found.model = @parent_number@
      AND parent.@"parent"@ = found.rid
  );

-- name: closure_base
INSERT OR IGNORE INTO @"base"@(@all_columns@)
    SELECT @row_values@ FROM datastore_closure AS found CROSS JOIN @"rows"@ AS r
    WHERE found.component = @component@ AND found.model = @model@ AND r.@"rid"@ = found.rid
      AND r."_version" IS NOT NULL
    ON CONFLICT DO NOTHING;

-- name: closure_journal
SELECT found.ord AS ord, found.model AS model, found.rid AS rid, @new_key@ AS key, r."_version" AS version
    FROM datastore_closure AS found CROSS JOIN @"rows"@ AS r
    WHERE found.component = @component@ AND found.model = @model@ AND r.@"rid"@ = found.rid

-- name: closure_delete
DELETE FROM @"rows"@ WHERE @"rid"@ IN (
    SELECT rid FROM datastore_closure WHERE component = @component@ AND model = @model@
  ) AND NOT (@model@ = @parent_number@ AND @"rid"@ = OLD.@"parent"@);

-- name: row_status
-- The state of a row, for the hidden column _status. What was never confirmed, or has its
-- server row kept in the base table, has unsent changes.
CASE
    WHEN EXISTS (
      SELECT 1 FROM main.datastore_mutations AS u
      WHERE u.model = @model@ AND u.key = @new_key@ AND u.state = 3
    ) THEN 'failed'
    WHEN EXISTS (
      SELECT 1 FROM main.datastore_mutations AS u
      WHERE u.model = @model@ AND u.key = @new_key@ AND u.state = 1
    ) THEN 'in_flight'
    WHEN r."_version" IS NULL OR EXISTS (
      SELECT 1 FROM main.@"base"@ AS b WHERE @join@
    ) THEN 'pending'
    ELSE 'synced'
  END

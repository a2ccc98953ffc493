-- slots: rows column new type match part rid table
-- A new schema over existing data: what is looked at, and the pieces that it is made of.

-- name: migrate_parts
-- Our triggers and indexes of a rows table begin with its name and a dot.
SELECT name FROM main.sqlite_schema
WHERE type = ?1 AND tbl_name = ?2 AND substr(name, 1, length(?2) + 1) = ?2 || '.'

-- name: migrate_unsent_model
SELECT count(DISTINCT key) FROM (
    SELECT model, key FROM main.datastore_mutations
    UNION ALL
    SELECT model, key FROM main.datastore_journal
  )
WHERE model = ?1

-- name: migrate_unsent_column
-- Records with an unsent change of the column: an update that names it, or a create that gives
-- it a value.
SELECT count(DISTINCT j.key)
FROM (
    SELECT model, rid, key, op, mask, more FROM main.datastore_mutations
    UNION ALL
    SELECT model, rid, key, op, mask, more FROM main.datastore_journal
  ) AS j
LEFT JOIN main.@"rows"@ AS r ON j.op = 1 AND r.@"rid"@ = j.rid AND @match@ = j.key
WHERE j.model = ?1 AND (
    (j.op = 1 AND r.@"column"@ IS NOT NULL)
    OR (j.op = 2 AND CASE
      WHEN ?2 < 62 THEN j.mask >> ?2 & 1
      ELSE substr(j.more, ?2 - 61, 1) = '1'
    END)
  )

-- name: migrate_count
SELECT count(*) FROM main.@"rows"@

-- name: migrate_count_null
SELECT count(*) FROM main.@"rows"@ WHERE @"column"@ IS NULL

-- name: migrate_values
-- Values to be judged under a new type: the key, the value, and whether it is the same again
-- after a way through the affinity of that type.
SELECT
    @match@, r.@"column"@,
    CASE typeof(r.@"column"@)
      WHEN 'integer' THEN CAST(CAST(r.@"column"@ AS @type@) AS INTEGER)
      WHEN 'real' THEN CAST(CAST(r.@"column"@ AS @type@) AS REAL)
      ELSE CAST(CAST(r.@"column"@ AS @type@) AS TEXT)
    END IS +r.@"column"@
  FROM main.@"table"@ AS r WHERE r.@"column"@ IS NOT NULL

-- name: migrate_fill
UPDATE main.@"rows"@ SET @"column"@ = ?1 WHERE @"column"@ IS NULL

-- name: migrate_add
ALTER TABLE main.@"table"@ ADD COLUMN @"column"@ @type@

-- name: migrate_drop
ALTER TABLE main.@"table"@ DROP COLUMN @"column"@

-- name: migrate_rename
ALTER TABLE main.@"table"@ RENAME COLUMN @"column"@ TO @"new"@

-- name: migrate_copy
UPDATE main.@"table"@ SET @"new"@ = @"column"@

-- name: migrate_drop_trigger
DROP TRIGGER main.@"part"@;

-- name: migrate_drop_index
DROP INDEX main.@"part"@;

-- name: migrate_drop_table
DROP TABLE main.@"table"@;

-- name: migrate_model_remove
DELETE FROM main.datastore_models WHERE model = ?1

-- name: migrate_columns_remove
DELETE FROM main.datastore_columns
WHERE model = (SELECT number FROM main.datastore_models WHERE model = ?1)

-- name: migrate_state_remove
DELETE FROM main.datastore_sync_state WHERE model = ?1

-- name: migrate_seen_remove
DELETE FROM main.datastore_seen
WHERE model = (SELECT number FROM main.datastore_models WHERE model = ?1)

-- name: migrate_tombstones_remove
-- The number may be given again.
DELETE FROM main.datastore_tombstones
WHERE model = (SELECT number FROM main.datastore_models WHERE model = ?1)

-- name: migrate_column_remove
UPDATE main.datastore_columns SET is_removed = 1
WHERE model = (SELECT number FROM main.datastore_models WHERE model = ?1)
  AND (name = ?2 OR ?2 IS NULL)

-- name: migrate_column_update
UPDATE main.datastore_columns SET wire = ?3, type = ?4
WHERE model = (SELECT number FROM main.datastore_models WHERE model = ?1)
  AND name = ?2 AND is_removed = 0

-- name: migrate_model_update
UPDATE main.datastore_models SET plural = ?2, key = ?3 WHERE model = ?1

-- name: migrate_full_sync
-- The rows that are here lack what the new shape asks for. A pull under way is over.
UPDATE main.datastore_sync_state SET
  generation = generation + 1, is_full = 0, sweeps = 0, next_token = NULL, started_at = NULL,
  last_sync = NULL, last_full_sync = NULL
WHERE model = ?1

-- name: migrate_relations_remove
DELETE FROM main.datastore_relations

-- name: migrate_check_uses
-- Renames nothing, but SQLite then looks at every view and trigger.
ALTER TABLE main.datastore_session RENAME COLUMN applying TO applying

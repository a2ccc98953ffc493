-- slots: rows base columns values updates differs match key_columns row_key model
-- Merging the server's records, and how far each model is synced.

-- name: merge_model
SELECT
  EXISTS (SELECT 1 FROM main.datastore_mutations WHERE model = ?1),
  EXISTS (SELECT 1 FROM main.datastore_tombstones WHERE model = ?1),
  EXISTS (SELECT 1 FROM main.datastore_sync_state WHERE model = ?2 AND is_full AND sweeps)

-- name: merge_probe
-- Has the record unsent changes, and is it known to be deleted since that version?
SELECT
  EXISTS (SELECT 1 FROM main.datastore_mutations WHERE model = ?1 AND key = ?2),
  EXISTS (SELECT 1 FROM main.datastore_tombstones WHERE model = ?1 AND key = ?2 AND version >= ?3)

-- name: merge_upsert
-- A record without unsent changes.
INSERT INTO main.@"rows"@ AS r (@columns@) VALUES (@values@)
ON CONFLICT(@key_columns@) DO UPDATE SET @updates@
WHERE r."_version" IS NULL OR excluded."_version" > r."_version"
  OR (excluded."_version" = r."_version" AND :refresh AND @differs@)

-- name: merge_delete
DELETE FROM main.@"rows"@ AS r
WHERE @match@ AND (r."_version" IS NULL OR r."_version" <= :version)

-- name: merge_bury
INSERT INTO main.datastore_tombstones AS t (model, key, version, at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(model, key) DO UPDATE SET version = excluded.version, at = excluded.at
WHERE excluded.version > t.version

-- name: merge_seen
INSERT INTO main.datastore_seen(model, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING

-- name: merge_new_seq
-- A number for a step that no journal entry stands behind: the emptied last entry moves on.
UPDATE main.datastore_journal SET seq = seq + 1
WHERE seq = (SELECT max(seq) FROM main.datastore_journal)
RETURNING seq

-- name: pull_read
SELECT filter, next_token, started_at, last_sync, last_full_sync, generation, is_full, is_whole,
  truncated
FROM main.datastore_sync_state WHERE model = ?1

-- name: pull_numbers
SELECT model, generation FROM main.datastore_sync_state

-- name: pull_start
-- What is here already has to be swept, if this is a full sync.
UPDATE main.datastore_sync_state SET
  generation = generation + 1, is_full = ?2, next_token = NULL, started_at = NULL, sweeps = ?3,
  is_whole = 1, passed_over = CASE WHEN NOT ?2 THEN passed_over END
WHERE model = ?1

-- name: pull_has_rows
SELECT EXISTS (SELECT 1 FROM main.@"rows"@ WHERE "_version" IS NOT NULL)

-- name: pull_forget_seen
DELETE FROM main.datastore_seen WHERE model = ?1

-- name: pull_move
UPDATE main.datastore_sync_state SET
  next_token = ?3, started_at = coalesce(started_at, ?4),
  error = CASE WHEN is_whole THEN NULL ELSE error END
WHERE model = ?1 AND generation = ?2

-- name: pull_lacks
UPDATE main.datastore_sync_state SET is_whole = 0 WHERE model = ?1

-- name: pull_passes_over
UPDATE main.datastore_sync_state SET passed_over = coalesce(passed_over, ?2) WHERE model = ?1

-- name: pull_end
-- ?2: the limit that it has met, 0 if it has not.
UPDATE main.datastore_sync_state SET
  last_sync = CASE WHEN is_whole THEN started_at ELSE last_sync END,
  last_full_sync = CASE
    WHEN NOT is_full THEN CASE WHEN ?2 = 0 THEN last_full_sync END
    WHEN is_whole THEN started_at
  END,
  truncated = CASE WHEN ?2 THEN ?2 WHEN is_full AND is_whole THEN 0 ELSE truncated END,
  next_token = NULL, started_at = NULL, is_full = 0, sweeps = 0, is_whole = 1
WHERE model = ?1

-- name: pull_sweep
-- What the full sync did not see is not on the server: it went, or the filter leaves it out.
DELETE FROM main.@"rows"@ AS r
WHERE r."_version" IS NOT NULL
  AND coalesce(r."_lastChangedAt", 0) < ?1
  AND NOT EXISTS (
    SELECT 1 FROM main.datastore_seen AS s WHERE s.model = @model@ AND s.key = @row_key@
  )
  AND NOT EXISTS (
    SELECT 1 FROM main.datastore_mutations AS u WHERE u.model = @model@ AND u.key = @row_key@
  )

-- name: pull_note
UPDATE main.datastore_sync_state SET error = ?2 WHERE model = ?1 AND error IS NOT ?2

-- name: pull_tidy
DELETE FROM main.datastore_tombstones WHERE at < ?1

-- name: pull_express
-- Another pull than the one under way, and a full one.
UPDATE main.datastore_sync_state SET
  filter = ?2, generation = generation + 1, is_full = 0, sweeps = 0, next_token = NULL,
  started_at = NULL, last_sync = NULL, last_full_sync = NULL, error = NULL,
  passed_over = NULL
WHERE model = ?1 AND filter IS NOT ?2

-- name: clear_rows
DELETE FROM main.@"rows"@

-- name: clear_base
DELETE FROM main.@"base"@

-- name: clear_mutations
DELETE FROM main.datastore_mutations

-- name: clear_seen
DELETE FROM main.datastore_seen

-- name: clear_tombstones
DELETE FROM main.datastore_tombstones

-- name: clear_state
UPDATE main.datastore_sync_state SET
  generation = generation + 1, is_full = 0, sweeps = 0, next_token = NULL, started_at = NULL,
  last_sync = NULL, last_full_sync = NULL, truncated = 0, error = NULL, passed_over = NULL

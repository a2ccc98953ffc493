-- slots: model row_key rows foreign
-- The journal of local changes, as functions of C write to it. Entries themselves are written
-- by the triggers of each model.

-- name: outbox_last
SELECT coalesce(max(seq), 0) FROM main.datastore_journal;

-- name: outbox_freeze
-- The row as it is belongs to the record's last pending entry: what comes next has a condition
-- and must not be folded into it.
UPDATE main.datastore_journal SET payload = ?3
WHERE seq = (
    SELECT max(seq) FROM main.datastore_journal WHERE model = ?1 AND key = ?2
  )
  AND payload IS NULL AND op <> 3;

-- name: outbox_freeze_moved
-- The same where synchronization has moved that entry already, unless it is on its way.
UPDATE main.datastore_mutations SET payload = ?3
WHERE seq = (
    SELECT max(seq) FROM main.datastore_mutations WHERE model = ?1 AND key = ?2
  )
  AND payload IS NULL AND op <> 3 AND request IS NULL AND state IN (0, 2)
  AND NOT EXISTS (SELECT 1 FROM main.datastore_journal WHERE model = ?1 AND key = ?2);

-- name: outbox_stamp
UPDATE main.datastore_journal SET condition = ?4, payload = ?5
WHERE seq > ?3 AND model = ?1 AND key = ?2;

-- name: outbox_journal
-- The entries that are to be moved, with the columns of a step behind model and key.
SELECT model, key, seq, rid, op, mask, more, version, 0, 0, 0, 0, NULL, NULL, condition, payload,
  NULL, NULL, NULL
FROM main.datastore_journal WHERE model IS NOT NULL ORDER BY seq

-- name: outbox_trim
DELETE FROM main.datastore_journal
WHERE seq < (SELECT max(seq) FROM main.datastore_journal)

-- name: outbox_empty_last
-- The last entry stays, so that seq goes on from it.
UPDATE main.datastore_journal SET
  model = NULL, rid = NULL, key = NULL, op = NULL, mask = NULL, more = NULL, version = NULL,
  condition = NULL, payload = NULL
WHERE seq = (SELECT max(seq) FROM main.datastore_journal)

-- name: outbox_steps
SELECT seq, rid, op, mask, more, version, state, attempts, conflicts, is_unclear,
  next_attempt_at, failed_at, condition, payload, request, response, error
FROM main.datastore_mutations WHERE model = ?1 AND key = ?2 ORDER BY seq

-- name: outbox_step_last
SELECT seq, rid, op, mask, more, version, state, attempts, conflicts, is_unclear,
  next_attempt_at, failed_at, condition, payload, request, response, error
FROM main.datastore_mutations WHERE model = ?1 AND key = ?2 ORDER BY seq DESC LIMIT 1

-- name: outbox_step
SELECT seq, rid, op, mask, more, version, state, attempts, conflicts, is_unclear,
  next_attempt_at, failed_at, condition, payload, request, response, error, model, key
FROM main.datastore_mutations WHERE seq = ?1

-- name: outbox_step_put
INSERT INTO main.datastore_mutations(
  model, key, seq, rid, op, mask, more, version, state, attempts, conflicts, is_unclear,
  next_attempt_at, failed_at, condition, payload, request, response, error
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
ON CONFLICT(seq) DO UPDATE SET
  rid = excluded.rid, op = excluded.op, mask = excluded.mask, more = excluded.more,
  version = excluded.version, state = excluded.state, attempts = excluded.attempts,
  conflicts = excluded.conflicts, is_unclear = excluded.is_unclear,
  next_attempt_at = excluded.next_attempt_at, failed_at = excluded.failed_at,
  condition = excluded.condition, payload = excluded.payload, request = excluded.request,
  response = excluded.response, error = excluded.error

-- name: outbox_step_drop
DELETE FROM main.datastore_mutations WHERE seq = ?1

-- name: outbox_scan
SELECT seq, rid, op, mask, more, version, state, attempts, conflicts, is_unclear,
  next_attempt_at, failed_at, condition, payload, request, response, error, model, key
FROM main.datastore_mutations WHERE state < 2 ORDER BY seq

-- name: outbox_ahead
-- Is there another step of the record before this one, and a create of it in the dead letter?
SELECT
  EXISTS (
    SELECT 1 FROM main.datastore_mutations
    WHERE model = ?1 AND key = ?2 AND seq < ?3 AND state < 3
  ),
  EXISTS (
    SELECT 1 FROM main.datastore_mutations
    WHERE model = ?1 AND key = ?2 AND state = 3 AND op = 1
  )

-- name: outbox_creating
SELECT seq, state FROM main.datastore_mutations
WHERE model = ?1 AND key = ?2 AND op = 1 ORDER BY seq LIMIT 1

-- name: outbox_deleting
SELECT EXISTS (
    SELECT 1 FROM main.datastore_mutations
    WHERE model = ?1 AND key = ?2 AND seq < ?3 AND op = 3 AND state < 3
  )

-- name: outbox_recover
UPDATE main.datastore_mutations SET state = 0, is_unclear = 1 WHERE state = 1

-- name: outbox_hurry
UPDATE main.datastore_mutations SET next_attempt_at = NULL WHERE state = 0 AND next_attempt_at > 0

-- name: outbox_release
UPDATE main.datastore_mutations SET state = 0 WHERE state = 2

-- name: outbox_is_empty
-- What is held cannot be sent, no more than what is in the dead letter.
SELECT NOT EXISTS (SELECT 1 FROM main.datastore_mutations WHERE state < 2)
  AND NOT EXISTS (SELECT 1 FROM main.datastore_journal WHERE model IS NOT NULL)

-- name: outbox_count
-- Tables, here and elsewhere: a host may have switched off views.
SELECT state, count(*) FROM (
    SELECT state FROM main.datastore_mutations
    UNION ALL
    SELECT 0 FROM main.datastore_journal WHERE model IS NOT NULL
  )
GROUP BY state

-- name: outbox_dead
SELECT seq FROM main.datastore_mutations
WHERE state = 3
  AND CASE typeof(?1) WHEN 'null' THEN 1 WHEN 'integer' THEN seq = ?1 ELSE key = ?1 END
ORDER BY seq DESC

-- name: outbox_hold_record
UPDATE main.datastore_mutations SET
  state = ?1, error = coalesce(?2, error), failed_at = ?3
WHERE model = ?4 AND key = ?5 AND state IN (0, 2) AND state <> ?1

-- name: outbox_hold_dependants
UPDATE main.datastore_mutations SET
  state = ?1, error = coalesce(?2, error), failed_at = ?3
WHERE model = @model@ AND op <> 3 AND state IN (0, 2) AND state <> ?1
  AND key IN (SELECT @row_key@ FROM main.@"rows"@ AS r WHERE @foreign@)
RETURNING key, op

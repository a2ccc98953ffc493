-- slots:
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
  AND payload IS NULL AND op <> 3
  AND NOT EXISTS (
    SELECT 1 FROM main.datastore_in_flight AS f
    WHERE f.model = ?1 AND f.key = ?2 AND f.seq >= datastore_journal.seq
  );

-- name: outbox_stamp
UPDATE main.datastore_journal SET condition = ?4, payload = ?5
WHERE seq > ?3 AND model = ?1 AND key = ?2;

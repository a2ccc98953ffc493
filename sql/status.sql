-- slots:
-- What datastore_status tells.

-- name: status_models
SELECT model, next_token IS NOT NULL, last_sync, last_full_sync, truncated, filter, error,
  coalesce(error, passed_over)
FROM main.datastore_sync_state ORDER BY model

-- name: status_outbox
SELECT
  coalesce(sum(state = 0), 0) + (SELECT count(*) FROM main.datastore_journal WHERE model IS NOT NULL),
  coalesce(sum(state = 1), 0), coalesce(sum(state = 2), 0), coalesce(sum(state = 3), 0),
  (SELECT CASE WHEN lease_expires_at > ?1 THEN lease_owner END FROM main.datastore_session)
FROM main.datastore_mutations

-- name: status_is_synced
-- A model whose query the schema switched off has nothing to be pulled.
SELECT NOT EXISTS (
    SELECT 1 FROM main.datastore_sync_state AS s
    JOIN main.datastore_operations AS o ON o.model = s.model AND o.operation = 'sync'
    WHERE s.last_sync IS NULL OR s.next_token IS NOT NULL
  )

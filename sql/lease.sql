-- slots:
-- One sender per database: datastore_session holds its lease.

-- name: lease_take
UPDATE main.datastore_session SET lease_owner = ?1, lease_expires_at = ?2
WHERE lease_owner IS NULL OR lease_owner = ?1 OR lease_expires_at <= ?3 OR lease_expires_at > ?4
  OR lease_owner = ?5

-- name: lease_hold
UPDATE main.datastore_session SET lease_expires_at = ?2 WHERE lease_owner = ?1

-- name: lease_holder
SELECT lease_owner FROM main.datastore_session

-- name: lease_drop
UPDATE main.datastore_session SET lease_owner = NULL, lease_expires_at = NULL
WHERE lease_owner = ?1

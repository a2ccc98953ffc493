-- slots: rows base columns values updates match key_columns model row_key differs
-- One record of a model by its key: as sync and outbox see it, past the virtual table. Columns
-- are always those of ds_codec_add_columns, and parameter n is the n-th of them.

-- name: record_row
SELECT @columns@ FROM main.@"rows"@ AS r WHERE @match@

-- name: record_base
SELECT @columns@ FROM main.@"base"@ AS r WHERE @match@

-- name: record_put_row
INSERT INTO main.@"rows"@(@columns@) VALUES (@values@)
ON CONFLICT(@key_columns@) DO UPDATE SET @updates@

-- name: record_put_base
INSERT INTO main.@"base"@(@columns@) VALUES (@values@)
ON CONFLICT(@key_columns@) DO UPDATE SET @updates@

-- name: record_remove_row
DELETE FROM main.@"rows"@ AS r WHERE @match@

-- name: record_remove_base
DELETE FROM main.@"base"@ AS r WHERE @match@

-- name: record_applying
-- While the server's rows are merged, journal and cascade are silent.
UPDATE main.datastore_session SET applying = ?1 WHERE id = 1

-- name: record_hub
INSERT INTO main.datastore_hub(at, event, payload) VALUES (?1, ?2, ?3)

-- name: record_hub_trim
DELETE FROM main.datastore_hub WHERE seq <= ?1

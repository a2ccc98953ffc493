-- slots: trigger rows model key now new_values old_values changes update_columns changed
-- The change feed: what is committed, in order, for whoever observes. Triggers write it, so a row
-- and its entry commit or roll back together, whichever program writes.

-- name: feed_create
-- datastore_feed: one row; the last number given to a subscription, and how many changes, and of
--   what age, are kept for a slow one.
-- datastore_changes: the feed. op 1 insert, 2 update, 3 delete, 4 the model was migrated; origin 0
--   local, 1 remote; at: milliseconds since 1970. new: the row after an insert or update, old: the
--   row before a delete, or what an update changed. They are lists n=value, with the column's
--   permanent number (datastore_columns) or v, t and d for _version, _lastChangedAt and _deleted,
--   and SQL literals; a column that is not listed is NULL or, after an update, as in new. Numbers
--   are without gaps, and the last entry stays, so that they go on from it. As in the journal no
--   constraint can fail.
-- datastore_subscriptions: who observes what. position: the last change that it has had. With a
--   name it is durable; else it belongs to a connection: owner is that one's random number, machine,
--   pid and started tell its process, and used_at when it was last heard of.
-- datastore_watched: the models that are observed: only these have the triggers that write the feed.
CREATE TABLE main.datastore_feed(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last_sub INTEGER NOT NULL DEFAULT 0,
  max_changes INTEGER NOT NULL DEFAULT 100000,
  max_age_ms INTEGER NOT NULL DEFAULT 604800000
);
INSERT INTO main.datastore_feed(id) VALUES (1);
CREATE TABLE main.datastore_changes(
  seq INTEGER PRIMARY KEY,
  model INTEGER,
  key,
  op INTEGER,
  origin INTEGER,
  at INTEGER,
  new TEXT,
  old TEXT,
  condition TEXT
);
CREATE TABLE main.datastore_subscriptions(
  sub INTEGER PRIMARY KEY,
  name TEXT UNIQUE,
  model TEXT,
  key,
  filter TEXT,
  position INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  owner INTEGER,
  pid INTEGER,
  started INTEGER,
  machine TEXT
);
CREATE TABLE main.datastore_watched(
  model INTEGER NOT NULL,
  sub INTEGER NOT NULL,
  PRIMARY KEY (model, sub)
) WITHOUT ROWID;

-- name: trigger_feed_insert
-- These are there only while the model is observed: even a trigger whose WHEN is false costs a write
-- a microsecond, and a cascade much more. Entries beyond the maximum go 256 at a time.
CREATE TRIGGER IF NOT EXISTS main.@"trigger"@ AFTER INSERT ON @"rows"@
BEGIN
  INSERT INTO datastore_changes(model, key, op, origin, at, new)
  VALUES (@model@, @key@, 1, (SELECT applying FROM datastore_session), @now@, @new_values@);
  DELETE FROM datastore_changes WHERE last_insert_rowid() & 255 = 0
    AND seq <= last_insert_rowid() - (SELECT max_changes FROM datastore_feed);
END;

-- name: trigger_feed_update
CREATE TRIGGER IF NOT EXISTS main.@"trigger"@ AFTER UPDATE OF @update_columns@ ON @"rows"@
WHEN @changed@
BEGIN
  INSERT INTO datastore_changes(model, key, op, origin, at, new, old)
  VALUES (@model@, @key@, 2, (SELECT applying FROM datastore_session), @now@, @new_values@,
    @changes@);
  DELETE FROM datastore_changes WHERE last_insert_rowid() & 255 = 0
    AND seq <= last_insert_rowid() - (SELECT max_changes FROM datastore_feed);
END;

-- name: trigger_feed_delete
CREATE TRIGGER IF NOT EXISTS main.@"trigger"@ AFTER DELETE ON @"rows"@
BEGIN
  INSERT INTO datastore_changes(model, key, op, origin, at, old)
  VALUES (@model@, @key@, 3, (SELECT applying FROM datastore_session), @now@, @old_values@);
  DELETE FROM datastore_changes WHERE last_insert_rowid() & 255 = 0
    AND seq <= last_insert_rowid() - (SELECT max_changes FROM datastore_feed);
END;

-- name: feed_triggers_off
-- What drops the triggers of models that are not observed any more.
SELECT printf('DROP TRIGGER main."%w"', t.name) FROM main.sqlite_schema AS t
WHERE t.type = 'trigger' AND substr(t.name, 1, length(t.tbl_name) + 6) = t.tbl_name || '.feed_'
  AND t.tbl_name NOT IN (
    SELECT m.rows_table FROM main.datastore_models AS m
    JOIN main.datastore_watched AS w ON w.model = m.number
  );

-- name: feed_now
CAST((julianday('now') - 2440587.5) * 86400000 + 0.5 AS INTEGER)

-- name: feed_last
SELECT coalesce(max(seq), 0) FROM main.datastore_changes;

-- name: feed_bounds
SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM main.datastore_changes;

-- name: feed_read
SELECT seq, model, key, op, origin, at, new, old, condition
FROM main.datastore_changes WHERE seq > ?1 ORDER BY seq;

-- name: feed_stamp
UPDATE main.datastore_changes SET condition = ?4 WHERE seq > ?3 AND model = ?1 AND key = ?2;

-- name: feed_next_sub
UPDATE main.datastore_feed SET last_sub = last_sub + 1 RETURNING last_sub;

-- name: feed_limit
UPDATE main.datastore_feed
SET max_changes = coalesce(?1, max_changes), max_age_ms = coalesce(?2, max_age_ms);

-- name: feed_sub_add
INSERT INTO main.datastore_subscriptions(
  sub, name, model, key, filter, position, used_at, owner, pid, started, machine)
VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(seq), 0) FROM main.datastore_changes),
  ?6, ?7, ?8, ?9, ?10);

-- name: feed_sub_find
SELECT sub, name, model, key, filter, position, owner
FROM main.datastore_subscriptions WHERE sub = ?1 OR name = ?2;

-- name: feed_sub_list
SELECT sub, owner, pid, started, machine, used_at,
  position < (SELECT max(seq) FROM main.datastore_changes)
FROM main.datastore_subscriptions WHERE owner IS NOT NULL;

-- name: feed_is_observed
SELECT EXISTS (SELECT 1 FROM main.datastore_subscriptions);

-- name: feed_leave
DELETE FROM main.datastore_subscriptions WHERE owner = ?1;

-- name: feed_sub_remove
DELETE FROM main.datastore_subscriptions WHERE sub = ?1;

-- name: feed_sub_move
UPDATE main.datastore_subscriptions SET position = ?2, used_at = ?3 WHERE sub = ?1;

-- name: feed_watch
INSERT INTO main.datastore_watched(model, sub) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: feed_is_watched
SELECT EXISTS (SELECT 1 FROM main.datastore_watched WHERE model = ?1);

-- name: feed_watch_all
-- Every subscription to all models, for every model.
INSERT INTO main.datastore_watched(model, sub)
SELECT m.number, s.sub FROM main.datastore_models AS m, main.datastore_subscriptions AS s
WHERE s.model IS NULL
ON CONFLICT DO NOTHING;

-- name: feed_unwatch
DELETE FROM main.datastore_watched WHERE sub NOT IN (SELECT sub FROM main.datastore_subscriptions);

-- name: feed_prune
-- What every subscription has had, and what is too old; the last entry stays.
DELETE FROM main.datastore_changes
WHERE seq < min(
  (SELECT max(seq) FROM main.datastore_changes),
  max(
    coalesce((SELECT min(position) + 1 FROM main.datastore_subscriptions), 9223372036854775807),
    coalesce(
      (SELECT seq FROM main.datastore_changes
        WHERE at >= ?1 - (SELECT max_age_ms FROM main.datastore_feed) ORDER BY seq LIMIT 1),
      9223372036854775807)));

-- name: feed_forget_models
-- The number of a model that is gone may be given to another one.
UPDATE main.datastore_changes SET model = NULL
WHERE model NOT IN (SELECT number FROM main.datastore_models);

-- name: feed_unwatch_models
DELETE FROM main.datastore_watched
WHERE model NOT IN (SELECT number FROM main.datastore_models);

-- name: feed_mark
INSERT INTO main.datastore_changes(model, op, origin, at)
SELECT ?1, 4, 0, ?2 WHERE EXISTS (SELECT 1 FROM main.datastore_watched WHERE model = ?1);

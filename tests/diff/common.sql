-- Ordinary tables, views and triggers that both databases have, over models or tables.
CREATE TABLE plain(k INTEGER, t TEXT, x, f REAL, pid TEXT);
CREATE INDEX plain_k ON plain(k);
CREATE INDEX plain_pid ON plain(pid);

CREATE VIEW counted AS
  SELECT i.id AS id, i.n AS n, i.s AS s, count(x.id) AS notes, max(x.k) AS most
  FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id
  GROUP BY i.id;
CREATE VIEW several AS SELECT id, n, s, mood FROM Item WHERE n > 1 OR s IS NULL;
CREATE VIEW everything AS
  SELECT id, n AS v, s AS w FROM Item
  UNION ALL SELECT id, age, name FROM Person
  UNION ALL SELECT pid, k, t FROM plain;

-- Triggers of an ordinary table write to models.
CREATE TABLE action(verb TEXT, key TEXT, v INTEGER);
CREATE TRIGGER action_add AFTER INSERT ON action WHEN NEW.verb = 'add'
BEGIN
  INSERT INTO Item(id, n, s) VALUES (NEW.key, NEW.v, 'added');
END;
CREATE TRIGGER action_put AFTER INSERT ON action WHEN NEW.verb = 'put'
BEGIN
  INSERT OR IGNORE INTO Item(id, n) VALUES (NEW.key, NEW.v);
  INSERT INTO Note(id, body, itemId) VALUES ('n-' || NEW.key, 'put', NEW.key);
END;
CREATE TRIGGER action_set AFTER INSERT ON action WHEN NEW.verb = 'set'
BEGIN
  UPDATE Item SET n = NEW.v, t = (SELECT max(t) FROM plain) WHERE id = NEW.key;
  UPDATE Note SET k = NEW.v WHERE itemId = NEW.key;
END;
CREATE TRIGGER action_drop AFTER INSERT ON action WHEN NEW.verb = 'drop'
BEGIN
  DELETE FROM Item WHERE id = NEW.key;
  DELETE FROM action WHERE key = NEW.key;
END;

-- A view over a model that can be written through.
CREATE TRIGGER several_insert INSTEAD OF INSERT ON several
BEGIN
  INSERT INTO Item(id, n, s) VALUES (NEW.id, NEW.n, NEW.s);
END;
CREATE TRIGGER several_update INSTEAD OF UPDATE ON several
BEGIN
  UPDATE Item SET n = NEW.n, s = NEW.s WHERE id = OLD.id;
END;
CREATE TRIGGER several_delete INSTEAD OF DELETE ON several
BEGIN
  DELETE FROM Item WHERE id = OLD.id;
END;

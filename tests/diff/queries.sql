-- Statements that went wrong at least once somewhere: the traps of virtual tables. One a line.
-- A line "-- ordered", "-- any order", "-- first N" (columns) or "-- writes" says how those below
-- it are compared; every write is rolled back. Behind <=> stands what the mirror is asked, where
-- that differs.

-- any order
SELECT * FROM Item
SELECT * FROM Wide
SELECT id, c1, c62, c63, c64, c65, c70 FROM Wide WHERE c65 >= 'a' AND c70 < 5
SELECT c64 FROM Wide WHERE c63 IS NOT NULL OR c1 = 'a'
SELECT count(*), count(c66), max(c67) FROM Wide WHERE c68 > 0

-- Comparisons of a text with a number: '05' = 5 is true for an INTEGER column on the other side.
SELECT id FROM Item WHERE id = 5
SELECT id FROM Item WHERE id = '5'
SELECT id FROM Item WHERE id = 5.0
SELECT id FROM Item WHERE s = 5
SELECT id FROM Item WHERE s = '5'
SELECT id FROM Item WHERE s IS 5
SELECT id FROM Item WHERE s > 4
SELECT id FROM Item WHERE s < x'00'
SELECT id FROM Item WHERE s = x'35'
SELECT id, typeof(s) FROM Item WHERE s BETWEEN 3 AND '5'
SELECT id FROM Item WHERE n = '5'
SELECT id FROM Item WHERE n = ' 5'
SELECT id FROM Item WHERE n = '5x'
SELECT id FROM Item WHERE n > '2'
SELECT id FROM Item WHERE r > '2'
SELECT id FROM Item WHERE n = 5.0
SELECT id FROM Item WHERE n = 5.5
SELECT id FROM Item WHERE n < 2.5
SELECT id FROM Item WHERE b = '1'
SELECT id FROM Item WHERE id = 'i1' AND s < abs(9)
SELECT a.id FROM Item AS a WHERE a.id = 'i1' AND a.t >= (SELECT 7)
SELECT at FROM Level WHERE at = 1.0 AND label < -1 COLLATE BINARY
SELECT id FROM Item WHERE +n = 5
SELECT id FROM Item WHERE +s = 5
SELECT id FROM Item WHERE n + 0 = 5
SELECT id FROM Item WHERE CAST(n AS TEXT) = '5'
SELECT a.id, b.k FROM Item AS a JOIN plain AS b ON a.s = b.k
SELECT a.id, b.k FROM plain AS b CROSS JOIN Item AS a ON a.s = b.k
SELECT a.id, b.k FROM plain AS b CROSS JOIN Item AS a ON a.id = b.k
SELECT a.id, b.k FROM plain AS b CROSS JOIN Item AS a ON a.id = b.k AND a.s = b.t
SELECT a.id, b.x FROM plain AS b CROSS JOIN Item AS a ON a.id = b.x
SELECT a.id, b.x FROM plain AS b CROSS JOIN Item AS a ON a.n = b.x
SELECT a.id, b.t FROM plain AS b CROSS JOIN Item AS a ON a.n = b.t
SELECT a.id, b.f FROM plain AS b CROSS JOIN Item AS a ON a.n = b.f
SELECT a.id, b.k FROM plain AS b CROSS JOIN Item AS a ON a.r = b.k
SELECT a.id, b.id FROM Person AS b CROSS JOIN Item AS a ON a.id = b.age
SELECT a.id, b.id FROM Item AS a JOIN Person AS b ON a.s = b.age OR a.n = b.name
SELECT a.at, b.k FROM plain AS b CROSS JOIN Tick AS a ON a.at = b.t
SELECT a.at, b.t FROM plain AS b CROSS JOIN Level AS a ON a.at = b.t
SELECT a.region, a.number FROM plain AS b CROSS JOIN Slot AS a ON a.region = b.k AND a.number = b.t
SELECT at FROM Tick WHERE at = 5.0
SELECT at FROM Tick WHERE at > 9007199254739999.5
SELECT at, typeof(at) FROM Level WHERE at IN (1, 5, '2.0')

-- IN
SELECT id FROM Item WHERE s IN ('abc', '5', NULL)
SELECT id FROM Item WHERE s NOT IN ('abc', '5', NULL)
SELECT id FROM Item WHERE s IN (5, 'abc')
SELECT id FROM Item WHERE id IN (5, 'i1', 'i1', '05')
SELECT id FROM Item WHERE n IN ('3', 7, 5.0)
SELECT id FROM Item WHERE n IN (SELECT k FROM plain)
SELECT id FROM Item WHERE n IN (SELECT t FROM plain)
SELECT id FROM Item WHERE n NOT IN (SELECT k FROM plain WHERE k IS NOT NULL)
SELECT id FROM Item WHERE id IN (SELECT pid FROM plain)
SELECT id FROM Item WHERE id IN (SELECT itemId FROM Note WHERE k > 1) AND n IN (2, 5, 7)
SELECT id FROM Item WHERE n IN ()
SELECT id FROM Item WHERE (id, n) IN (SELECT id, n FROM Item WHERE n > 1)
SELECT id FROM Item WHERE (id, n) IN (VALUES ('i1', 5), ('5', 2))
SELECT region FROM Slot WHERE (region, number) IN (SELECT slotSeatsRegion, slotSeatsNumber FROM Seat)
SELECT region FROM Slot WHERE region IN ('eu', 'us') AND number IN (1, 2, '3')

-- Collations, LIKE and GLOB
SELECT id FROM Item WHERE s = 'abc' COLLATE NOCASE
SELECT id FROM Item WHERE s COLLATE NOCASE = 'abc'
SELECT id FROM Item WHERE s COLLATE NOCASE >= 'B'
SELECT id FROM Item WHERE s COLLATE RTRIM = 'abd'
SELECT id FROM Item WHERE s COLLATE NOCASE IN ('ABC', 'a')
SELECT id FROM Item WHERE id = 'ABC' COLLATE NOCASE
SELECT id FROM Item WHERE s LIKE 'a%'
SELECT id FROM Item WHERE s LIKE 'A%'
SELECT id FROM Item WHERE s LIKE 'a\_%' ESCAPE '\'
SELECT id FROM Item WHERE s NOT LIKE 'a%'
SELECT id FROM Item WHERE s LIKE 'abc'
SELECT id FROM Item WHERE s LIKE NULL
SELECT id FROM Item WHERE s LIKE '5%'
SELECT id FROM Item WHERE n LIKE '5%'
SELECT id FROM Item WHERE 'abc' LIKE s
SELECT a.id FROM Item AS a JOIN plain AS b ON a.s LIKE b.t || '%'
SELECT id FROM Item WHERE s GLOB 'a*'
SELECT id FROM Item WHERE s GLOB 'h?llo'
SELECT id FROM Item WHERE s GLOB '*'
SELECT id FROM Item WHERE s > 'a' AND s GLOB 'ab*'
SELECT x.id FROM Note AS x LEFT JOIN Item AS i ON i.s LIKE 'q'
SELECT x.id, i.id FROM Note AS x LEFT JOIN Item AS i ON x.body LIKE 'a%'
SELECT x.id, i.id FROM Note AS x LEFT JOIN Item AS i ON x.body GLOB 'a*'
SELECT x.id, i.id FROM Note AS x LEFT JOIN Item AS i ON x.k IS NOT NULL
SELECT x.id, i.id FROM Note AS x LEFT JOIN Item AS i ON x.k IS NULL
SELECT x.id, i.id FROM Note AS x LEFT JOIN Item AS i ON i.id = x.itemId AND x.k = 5
SELECT x.id, i.id FROM Item AS i RIGHT JOIN Note AS x ON x.body LIKE 'a%' AND i.s LIKE 'a%'

-- NULL
SELECT id FROM Item WHERE n = NULL
SELECT id FROM Item WHERE n IS NULL
SELECT id FROM Item WHERE n IS NOT NULL
SELECT id FROM Item WHERE n IS NOT 5
SELECT id FROM Item WHERE n <> 5
SELECT id FROM Item WHERE NOT n = 5
SELECT id FROM Item WHERE n IS DISTINCT FROM 5
SELECT id FROM Item WHERE id IS NULL
SELECT i.id FROM Note AS x LEFT JOIN Item AS i ON i.id = x.itemId WHERE i.id IS NULL
SELECT id FROM Item WHERE b
SELECT id FROM Item WHERE NOT b

-- Grouping and sorting keep values across rows.
SELECT mood, count(*), min(s), max(s) FROM Item GROUP BY mood
SELECT s, count(*) FROM Item GROUP BY s
SELECT s, t, max(id) FROM Item GROUP BY s, t
SELECT mood, id, max(id) FROM Item GROUP BY mood
SELECT max(s) FROM Item
SELECT min(s) FROM Item WHERE n > 1
SELECT min(id), max(id) FROM Item
SELECT max(n), min(n) FROM Item WHERE s = '5'
SELECT min(n) FROM Item
SELECT max(at) FROM Tick
SELECT min(region) FROM Slot
SELECT count(DISTINCT s) FROM Item
SELECT DISTINCT s FROM Item
SELECT DISTINCT s, n FROM Item WHERE n > 0
SELECT DISTINCT a.s FROM Item AS a JOIN Note AS b ON b.itemId = a.id
SELECT DISTINCT s, length(t) FROM Item
SELECT i.id, count(x.id), max(x.body) FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id GROUP BY i.id
SELECT i.s, count(*) FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id GROUP BY i.s HAVING count(*) > 1
SELECT count(*) FROM Item
SELECT count(*) FROM Item WHERE n = 5
SELECT count(*) FROM Item, Note
SELECT count(*) FROM Item AS a WHERE a.n > (SELECT avg(n) FROM Item)
SELECT count(*) FROM Item WHERE EXISTS (SELECT 1 FROM Note)
SELECT (SELECT count(*) FROM Note WHERE itemId = i.id) FROM Item AS i
SELECT count(*) FROM Item WHERE 1 OR n = 5
SELECT count(*) FROM Item WHERE n = 5 OR s = '5'

-- LIMIT without an order, of a known number of rows
-- first 0
SELECT id FROM Item WHERE n = 5 LIMIT 1
SELECT id FROM Item WHERE n = r LIMIT 2
SELECT id FROM Item WHERE n < r LIMIT 1 OFFSET 1
SELECT id FROM Item LIMIT 3
SELECT id FROM Item LIMIT 3 OFFSET 2
SELECT id FROM Item LIMIT 0
SELECT id FROM Item LIMIT -1 OFFSET 2
SELECT id FROM Item UNION ALL SELECT id FROM Note LIMIT 4
SELECT id FROM Item UNION ALL SELECT id FROM Note LIMIT 4 OFFSET 5
SELECT * FROM (SELECT id FROM Item UNION ALL SELECT id FROM Note) LIMIT 4 OFFSET 8
SELECT DISTINCT s FROM Item LIMIT 3
SELECT DISTINCT s, n FROM Item WHERE n > 0 LIMIT 2 OFFSET 1

-- ordered
SELECT id, n FROM Item ORDER BY n, id
SELECT id, n FROM Item ORDER BY n DESC, id
SELECT id FROM Item ORDER BY n DESC, id DESC
SELECT id FROM Item ORDER BY n NULLS LAST, id
SELECT id FROM Item ORDER BY n DESC NULLS FIRST, id
SELECT id FROM Item ORDER BY s COLLATE NOCASE, id
SELECT id FROM Item ORDER BY n, s, id
SELECT id FROM Item ORDER BY s, n DESC, id
SELECT id FROM Item ORDER BY id LIMIT 3
SELECT id FROM Item ORDER BY id LIMIT 3 OFFSET 2
SELECT id FROM Item ORDER BY id LIMIT 2 OFFSET -1
SELECT id FROM Item ORDER BY id LIMIT -1 OFFSET 2
SELECT id FROM Item ORDER BY id DESC LIMIT 2 OFFSET 100
SELECT id FROM Item WHERE n = 5 ORDER BY id LIMIT 1
SELECT id FROM Item WHERE n = 5 OR n = 2 ORDER BY id LIMIT 2
SELECT id FROM Item WHERE n IN (5, 2) ORDER BY id LIMIT 2 OFFSET 1
SELECT id FROM Item WHERE n IN (5, 2) ORDER BY n, id LIMIT 3
SELECT id FROM Item WHERE n IN (SELECT k FROM plain) ORDER BY n DESC, id
SELECT id FROM Item WHERE length(s) > 1 ORDER BY id LIMIT 2
SELECT id FROM Item WHERE s = '5' AND length(id) = 2 ORDER BY id LIMIT 1
SELECT id FROM Item WHERE n > 1 AND abs(n) < 6 ORDER BY id LIMIT 2 OFFSET 1
SELECT id FROM Item WHERE n = n ORDER BY id LIMIT 2
SELECT id FROM Item WHERE n = r ORDER BY id LIMIT 2
SELECT id FROM Item WHERE n < r ORDER BY s, id LIMIT 1 OFFSET 0
SELECT id FROM Item WHERE n <= r ORDER BY t, id LIMIT 1 OFFSET 1
SELECT id FROM Item WHERE n = (SELECT max(k) FROM plain) ORDER BY id LIMIT 1
SELECT id FROM Item WHERE n = 5 AND length(id) = 2 ORDER BY t DESC, id LIMIT 2 OFFSET 1
SELECT id FROM Item ORDER BY t, id LIMIT 3 OFFSET 2
SELECT id FROM Item ORDER BY t DESC, id LIMIT 5
SELECT id FROM Item ORDER BY random() * 0, id LIMIT 3
SELECT id FROM Item UNION SELECT itemId FROM Note ORDER BY 1 LIMIT 3 OFFSET 1
SELECT id FROM Item UNION ALL SELECT id FROM Note ORDER BY 1 LIMIT 3 OFFSET 4
SELECT id FROM Item EXCEPT SELECT itemId FROM Note ORDER BY 1
SELECT id FROM Item INTERSECT SELECT itemId FROM Note ORDER BY 1
SELECT s FROM Item UNION SELECT body FROM Note UNION SELECT name FROM Person ORDER BY 1
SELECT id, (SELECT body FROM Note AS x WHERE x.itemId = i.id ORDER BY x.id LIMIT 1 OFFSET 1) FROM Item AS i ORDER BY id
SELECT id, (SELECT k FROM Note AS x WHERE x.itemId = i.id ORDER BY k DESC, x.id LIMIT 1) FROM Item AS i ORDER BY id
SELECT id FROM Item AS i WHERE EXISTS (SELECT 1 FROM Note AS x WHERE x.itemId = i.id) ORDER BY id
SELECT id FROM Item AS i WHERE EXISTS (SELECT 1 FROM Note AS x WHERE x.k = i.n AND x.itemId <> i.id) ORDER BY id
SELECT id FROM Item AS i WHERE EXISTS (SELECT 1 FROM Note AS x WHERE x.itemId = i.id LIMIT 1 OFFSET 1) ORDER BY id
SELECT id FROM Item AS i WHERE NOT EXISTS (SELECT 1 FROM Note AS x WHERE x.itemId = i.id) ORDER BY id
SELECT id FROM Item AS i WHERE n = (SELECT count(*) FROM Note AS x WHERE x.itemId = i.id) ORDER BY id
SELECT i.id, x.id FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id ORDER BY i.id, x.id
SELECT i.id, x.id FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id AND x.k > 2 ORDER BY i.id, x.id
SELECT i.id, x.id FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id WHERE x.id IS NULL ORDER BY i.id
SELECT i.id, x.id FROM Note AS x RIGHT JOIN Item AS i ON x.itemId = i.id ORDER BY i.id, x.id
SELECT i.id, x.id FROM Note AS x FULL JOIN Item AS i ON x.itemId = i.id ORDER BY i.id, x.id
SELECT i.id, x.id, r.id FROM Item AS i LEFT JOIN Note AS x ON x.itemId = i.id LEFT JOIN Reply AS r ON r.note = x.id ORDER BY 1, 2, 3
SELECT s.region, s.number, e.id FROM Slot AS s LEFT JOIN Seat AS e ON (e.slotSeatsRegion, e.slotSeatsNumber) = (s.region, s.number) ORDER BY 1, 2, 3
SELECT c.code, m.id FROM Code AS c LEFT JOIN Mark AS m ON m.codeRef = c.code ORDER BY c.code DESC, m.id
SELECT a.id, b.id FROM Item AS a JOIN Item AS b ON a.n = b.n WHERE a.id < b.id ORDER BY 1, 2
SELECT a.s, b.s FROM Item AS a JOIN Item AS b ON a.mood = b.mood ORDER BY a.id, b.id
SELECT p.id, q.id FROM Person AS p JOIN Person AS q ON q.boss = p.id ORDER BY p.id, q.id
SELECT id FROM Item WHERE (n, id) > (2, 'x') ORDER BY id
SELECT id FROM Item WHERE (n, s) = (5, '5') ORDER BY id
SELECT region, number FROM Slot WHERE (region, number) >= ('eu', 2) ORDER BY region, number
SELECT region, number FROM Slot WHERE region = 'eu' ORDER BY number DESC
SELECT region, number FROM Slot ORDER BY region DESC, number
SELECT at FROM Tick ORDER BY at DESC LIMIT 2
SELECT at FROM Level WHERE at BETWEEN 0 AND 5 ORDER BY at
SELECT id FROM Item WHERE n = 5 AND mood = 'GOOD' AND s = '5' AND id = 'i1' ORDER BY id
SELECT id FROM Item WHERE mood = 'BAD' AND (n = 2 OR n = 5) ORDER BY n DESC, id LIMIT 1
SELECT id FROM Item WHERE n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 AND n = 5 ORDER BY id LIMIT 1 OFFSET 1
SELECT id FROM Item WHERE n > -1 AND n > 0 AND n > 1 AND n >= 0 AND n >= 1 AND n <= 100 AND n <= 99 AND n < 98 AND n < 97 AND n IS NOT NULL AND s >= '' AND s > '' AND s <= 'zzz' AND s < 'zzzz' AND t >= '' AND t > '' AND t <= 'zz' AND t = '5' ORDER BY id
SELECT id, row_number() OVER (ORDER BY id), lag(s) OVER (ORDER BY id), first_value(s) OVER (ORDER BY id) FROM Item ORDER BY id
SELECT mood, id, count(*) OVER (PARTITION BY mood ORDER BY id) FROM Item ORDER BY mood, id
SELECT id, group_concat(s) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM Item ORDER BY id
SELECT id, max(s) OVER (ORDER BY n), rank() OVER (ORDER BY s DESC) FROM Item ORDER BY id
SELECT id FROM (SELECT id, n FROM Item ORDER BY n, id LIMIT 5) WHERE n = 5 ORDER BY id
SELECT id FROM Item WHERE id IN (SELECT itemId FROM Note ORDER BY id LIMIT 2) ORDER BY id
SELECT id FROM Item NATURAL JOIN (SELECT 'i1' AS id) ORDER BY id
SELECT id, Item.n FROM Item JOIN Timed USING (id) ORDER BY id
WITH RECURSIVE up(id, level) AS (SELECT id, 0 FROM Person WHERE id = 'p1' UNION SELECT p.boss, level + 1 FROM up JOIN Person AS p ON p.id = up.id WHERE level < 5) SELECT * FROM up ORDER BY 2, 1
WITH w AS MATERIALIZED (SELECT id, n FROM Item WHERE n > 1) SELECT a.id, b.id FROM w AS a, w AS b WHERE a.n < b.n ORDER BY 1, 2
SELECT * FROM counted ORDER BY id
SELECT * FROM counted WHERE notes > 1 ORDER BY id
SELECT * FROM several ORDER BY id
SELECT * FROM everything ORDER BY 1, 2, 3
SELECT * FROM everything WHERE v = 5 ORDER BY 1, 2, 3 LIMIT 3 OFFSET 1

-- Names that only a model has
SELECT id FROM Note WHERE item = 'i1' ORDER BY id <=> SELECT id FROM Note WHERE itemId = 'i1' ORDER BY id
SELECT item, itemId FROM Note ORDER BY item, id <=> SELECT itemId, itemId FROM Note ORDER BY itemId, id
SELECT personReportsId, count(*) FROM Person GROUP BY personReportsId ORDER BY 1 <=> SELECT boss, count(*) FROM Person GROUP BY boss ORDER BY 1
SELECT DISTINCT item, itemId FROM Note ORDER BY 1 <=> SELECT DISTINCT itemId, itemId FROM Note ORDER BY 1
SELECT id FROM Item WHERE coalesce(_version, 7) = 7 AND _deleted IS NULL AND n = 5 ORDER BY id <=> SELECT id FROM Item WHERE n = 5 ORDER BY id
SELECT id, json_array_length(notes) FROM Item ORDER BY id <=> SELECT id, (SELECT count(*) FROM Note WHERE itemId = i.id) FROM Item AS i ORDER BY id
SELECT i.id, json_extract(j.value, '$.id'), json_extract(j.value, '$.body'), json_extract(j.value, '$.k') FROM Item AS i, json_each(i.notes) AS j ORDER BY 1, 2 <=> SELECT itemId, id, body, k FROM Note WHERE itemId IS NOT NULL ORDER BY 1, 2
SELECT id, length(_status) > 0 FROM Item ORDER BY id <=> SELECT id, 1 FROM Item ORDER BY id

-- first 1
SELECT n, id FROM Item ORDER BY n
SELECT n, id FROM Item ORDER BY n DESC
SELECT s, id FROM Item ORDER BY s LIMIT 4
SELECT t, id FROM Item ORDER BY t LIMIT 4
SELECT n, id FROM Item WHERE n > 1 ORDER BY n LIMIT 3 OFFSET 1
SELECT itemId, k FROM Note ORDER BY itemId DESC LIMIT 5
SELECT region, v FROM Slot ORDER BY region LIMIT 3
SELECT DISTINCT n FROM Item WHERE mood = 'GOOD' ORDER BY n DESC LIMIT 1
SELECT DISTINCT s, n FROM Item ORDER BY s LIMIT 3

-- writes
UPDATE Item SET n = n % 100 + 1 WHERE n > 2
UPDATE Item SET s = s || 'x' WHERE id IN (SELECT id FROM Item WHERE n = 5)
UPDATE Item SET s = (SELECT max(b.body) FROM Note AS b WHERE b.k = Item.n) WHERE n < 6
UPDATE Item SET t = (SELECT max(s) FROM Item), n = (SELECT count(*) FROM Item)
UPDATE Item SET n = 5 WHERE n = (SELECT min(n) FROM Item)
UPDATE Item SET n = n, s = s, t = t
UPDATE Item SET id = id, n = 5 WHERE b
UPDATE Item SET s = t, t = s
UPDATE Item SET s = f.s FROM (SELECT 'i1' AS k, 'zz' AS s) AS f WHERE Item.id = f.k
UPDATE Item SET n = f.c FROM (SELECT itemId, count(*) AS c FROM Note GROUP BY itemId) AS f WHERE f.itemId = Item.id
UPDATE Note SET k = o.n FROM Item AS o WHERE o.id = Note.itemId
UPDATE Item SET r = 2.5 WHERE EXISTS (SELECT 1 FROM Note WHERE Note.itemId = Item.id)
UPDATE Item SET n = 7 WHERE id IN (SELECT itemId FROM Note ORDER BY id LIMIT 2)
UPDATE Item SET (n, s) = (SELECT 5, 'five') WHERE id = 'i1'
UPDATE Item SET (n, s) = (SELECT k, t FROM plain WHERE pid = Item.id ORDER BY k, t LIMIT 1)
UPDATE Wide SET c1 = 'first', c62 = 1.5, c63 = 1, c64 = 64, c65 = '65', c70 = 70
UPDATE Wide SET c64 = c68, c68 = c64 WHERE c65 IS NOT NULL
UPDATE Note SET itemId = (SELECT max(id) FROM Item)
UPDATE Note SET item = NULL WHERE k > 2 <=> UPDATE Note SET itemId = NULL WHERE k > 2
UPDATE Note SET itemId = 'missing'
UPDATE Note SET body = NULL WHERE k = 5
UPDATE OR IGNORE Note SET body = CASE WHEN k > 2 THEN NULL ELSE 'x' END
UPDATE OR IGNORE Note SET itemId = 'missing' WHERE k = 5
UPDATE OR REPLACE Item SET n = 5
UPDATE Slot SET label = region || number WHERE number > 1
UPDATE Seat SET slotSeatsNumber = 99
UPDATE Seat SET slotSeatsRegion = NULL WHERE slotSeatsNumber = 1
UPDATE Tick SET n = at % 100, s = at WHERE at > 3
UPDATE Level SET label = at || '' WHERE at > 0
UPDATE several SET n = 3 WHERE s IS NULL
INSERT INTO Item(id, n, s) SELECT 'c' || id, n, s FROM Item WHERE n = 5 ORDER BY id
INSERT INTO Item(id, n) SELECT id || '+', k FROM Note ORDER BY id
INSERT INTO Item(id) VALUES ('new1'), ('new2'), ('new1')
INSERT OR IGNORE INTO Item(id, n) VALUES ('new1', 1), ('new1', 2), ('new2', 3)
INSERT OR FAIL INTO Item(id, n) VALUES ('new1', 1), ('new1', 2), ('new2', 3)
INSERT OR REPLACE INTO Reply(id, body) VALUES ('r1', 'x'), ('r1', 'y'), ('new', 'z')
INSERT OR ROLLBACK INTO Item(id) VALUES ('new1'), ('new1')
INSERT INTO Note(id, body, itemId) VALUES ('new', 'x', 'missing')
INSERT INTO Note(id, body, item) SELECT 'o' || id, 'x', id FROM Item ORDER BY id <=> INSERT INTO Note(id, body, itemId) SELECT 'o' || id, 'x', id FROM Item ORDER BY id
INSERT INTO Note(id, body, item, itemId) SELECT 'o' || id, 'x', id, id FROM Item ORDER BY id <=> INSERT INTO Note(id, body, itemId) SELECT 'o' || id, 'x', id FROM Item ORDER BY id
INSERT OR IGNORE INTO Note(id, body) SELECT id, NULL FROM Note UNION ALL SELECT 'new', 'x' ORDER BY 1
INSERT INTO Note(id) VALUES ('new')
INSERT INTO Person(id, boss) VALUES ('own', 'own')
INSERT INTO Person(id, boss) VALUES ('new1', NULL), ('new2', 'new1'), ('new3', 'new2')
INSERT INTO Slot(region, number) SELECT region, number + 10 FROM Slot ORDER BY 1, 2
INSERT INTO Slot(region, number) VALUES ('eu', NULL)
INSERT INTO Item VALUES ('num', '7', '2.5', '1', 12, 2.5, NULL)
INSERT INTO Item(id, s) VALUES (77, '')
INSERT INTO action VALUES ('add', 'new', 5)
INSERT INTO action VALUES ('put', 'i1', 5)
INSERT INTO action VALUES ('set', 'i1', 3)
INSERT INTO action VALUES ('drop', 'i1', 3)
INSERT INTO action SELECT 'drop', id, n FROM Item ORDER BY id
INSERT INTO several(id, n, s) VALUES ('new', 5, 'five')
DELETE FROM Item
DELETE FROM Item WHERE n = 5
DELETE FROM Item WHERE n = (SELECT min(n) FROM Item)
DELETE FROM Item WHERE EXISTS (SELECT 1 FROM Item AS b WHERE b.n = Item.n AND b.id < Item.id)
DELETE FROM Item WHERE id IN (SELECT itemId FROM Note WHERE k > 2)
DELETE FROM Item WHERE n = 5 OR s = '5' OR id = 'i1'
DELETE FROM Item WHERE id = 5
DELETE FROM Item WHERE s LIKE 'a%'
DELETE FROM Note WHERE itemId = 'i1'
DELETE FROM Note WHERE k = 5 AND body > 'a'
DELETE FROM Slot WHERE region = 'eu'
DELETE FROM Slot WHERE number IN (1, 2)
DELETE FROM Code WHERE code >= 2
DELETE FROM Tick
DELETE FROM Level WHERE at > 1
DELETE FROM Wide WHERE c64 IS NULL OR c65 > 'a'
DELETE FROM several
DELETE FROM several WHERE n = 5

"""The change feed between connections of one process: observers, snapshots, waiting, descriptors."""

import asyncio
import contextlib
import json
import os
import pathlib
import random
import select
import sqlite3
import tempfile
import threading
import time
import unittest

LIBRARY = os.path.abspath(os.environ.get("DATASTORE", "dist/datastore"))
PATIENCE = 30  # seconds; a machine may be slow, but not that slow
SCHEMA = """
type Post @model {
  id: ID!
  title: String
  rating: Int
  score: Float
  done: Boolean
  tags: [String]
  comments: [Comment] @connection(name: "PostComments")
}
type Comment @model {
  id: ID!
  content: String
  post: Post @connection(name: "PostComments")
}
type Node @model {
  id: ID!
  name: String
  parent: Node @connection(name: "Tree")
  children: [Node] @connection(name: "Tree")
}
"""


def connect(path, timeout=PATIENCE, loaded=True):
    connection = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = OFF")
    if loaded:
        connection.enable_load_extension(True)
        connection.load_extension(LIBRARY)
        connection.enable_load_extension(False)
    return connection


def scalar(connection, sql, *parameters):
    return connection.execute(sql, parameters).fetchone()[0]


def visible(element):
    """What users write: the times and the metadata are the server's to change without a word."""
    hidden = ("createdAt", "updatedAt", "_version", "_lastChangedAt", "_deleted")
    return {name: value for name, value in element.items() if name not in hidden}


def table(connection, model, where="1"):
    """The rows of a model, as elements by id."""
    result = {}
    cursor = connection.execute(f"SELECT * FROM {model} AS r WHERE {where}")
    names = [column[0] for column in cursor.description]
    for row in cursor:
        element = dict(zip(names, row))
        for name in ("tags", "done"):
            if element.get(name) is not None:
                element[name] = json.loads(element[name]) if name == "tags" else bool(element[name])
        result[element["id"]] = visible(element)
    return result


class Replay:
    """Applies events to a snapshot. Strict: only what is there is updated or deleted."""

    def __init__(self, snapshot=None):
        self.rows = dict(snapshot or {})
        self.seq = 0
        self.resyncs = 0

    def apply(self, seq, op, key, element):
        assert seq >= self.seq, "out of order"
        self.seq = seq
        if op == "RESYNC":
            self.resyncs += 1
        elif op == "INSERT":
            assert key not in self.rows, f"{key} is inserted twice"
            self.rows[key] = visible(json.loads(element))
        elif op == "UPDATE":
            assert key in self.rows, f"{key} is updated before it is there"
            self.rows[key] = visible(json.loads(element))
        else:
            assert op == "DELETE" and key in self.rows, f"{key} is deleted twice"
            del self.rows[key]

    def read(self, connection, sub, limit=-1):
        """Returns how many events there were."""
        events = connection.execute(
            "SELECT seq, op, id, element FROM datastore_events(?) LIMIT ?", [sub, limit]
        ).fetchall()
        for event in events:
            self.apply(*event)
        return len(events)


class Case(unittest.TestCase):
    journal_mode = "wal"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / "app.db")
        self.writer = self.connect()
        self.writer.execute(f"PRAGMA journal_mode = {self.journal_mode}")
        self.writer.execute("SELECT datastore_schema(?)", [SCHEMA])

    def connect(self, path=None, **arguments):
        connection = connect(path or self.path, **arguments)
        self.addCleanup(connection.close)
        return connection

    def triggers(self, connection=None):
        return scalar(
            connection or self.writer,
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%\\_rows.feed\\_%' ESCAPE '\\'",
        )


class TestSubscriptions(Case):
    def test_nobody_observes(self):
        self.assertEqual(self.triggers(), 0)
        observer = self.connect()
        one = scalar(observer, "SELECT datastore_observe('Post')")
        two = scalar(observer, "SELECT datastore_observe('Post')")
        self.assertEqual(self.triggers(), 3)
        self.writer.execute("INSERT INTO Comment(id, content) VALUES ('c', 'x')")
        self.assertEqual(scalar(self.writer, "SELECT count(*) FROM datastore_changes"), 0)
        observer.execute("SELECT datastore_unobserve(?)", [one])
        self.assertEqual(self.triggers(), 3)
        observer.execute("SELECT datastore_unobserve(?)", [two])
        self.assertEqual(self.triggers(), 0)
        self.writer.execute("INSERT INTO Post(id) VALUES ('p')")
        self.assertEqual(scalar(self.writer, "SELECT count(*) FROM datastore_changes"), 0)

    def test_ends_with_its_connection(self):
        observer = self.connect()
        observer.execute("SELECT datastore_observe()")
        observer.execute("SELECT datastore_observe('Post', NULL, 'kept')")
        self.assertEqual(self.triggers(), 9)
        observer.close()
        self.assertEqual(self.triggers(), 3)
        self.assertEqual(
            self.writer.execute("SELECT name FROM datastore_subscriptions").fetchall(), [("kept",)]
        )

    def test_belongs_to_its_connection(self):
        observer, other = self.connect(), self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        for call in (
            "SELECT * FROM datastore_events(?)",
            "SELECT datastore_ack(?, 0)",
            "SELECT datastore_unobserve(?)",
            "SELECT datastore_wait('events', 0, ?)",
        ):
            with self.assertRaisesRegex(sqlite3.OperationalError, "another connection"):
                other.execute(call, [sub]).fetchall()

    def test_a_name_is_resumed_elsewhere(self):
        first = self.connect()
        sub = scalar(first, "SELECT datastore_observe('Post', NULL, 'durable')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b'), ('c')")
        seqs = [row[0] for row in first.execute("SELECT seq FROM datastore_events(?)", [sub])]
        first.execute("SELECT datastore_ack(?, ?)", [sub, seqs[0]])
        first.close()
        second = self.connect()
        self.assertEqual(scalar(second, "SELECT datastore_observe('Post', NULL, 'durable')"), sub)
        for _ in range(2):  # until they are confirmed
            rows = second.execute("SELECT id FROM datastore_events('durable')").fetchall()
            self.assertEqual(rows, [("b",), ("c",)])
        second.execute("SELECT datastore_ack('durable', ?)", [seqs[2]])
        self.assertEqual(second.execute("SELECT * FROM datastore_events(?)", [sub]).fetchall(), [])
        # What everybody has had goes, but for the last entry: numbers go on from it.
        self.assertEqual(
            second.execute("SELECT seq FROM datastore_changes").fetchall(), [(seqs[2],)]
        )

    def test_slowest_one_keeps_the_feed(self):
        observer = self.connect()
        fast = scalar(observer, "SELECT datastore_observe('Post', NULL, 'fast')")
        slow = scalar(observer, "SELECT datastore_observe('Post', NULL, 'slow')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b'), ('c')")
        observer.execute("SELECT datastore_ack(?, 3)", [fast])
        self.assertEqual(scalar(observer, "SELECT count(*) FROM datastore_events(?)", slow), 3)
        observer.execute("SELECT datastore_ack(?, 2)", [slow])
        self.assertEqual(scalar(observer, "SELECT min(seq) FROM datastore_changes"), 3)

    def test_too_old_is_told(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post', NULL, 'slow')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b'), ('c')")
        self.writer.execute("UPDATE datastore_changes SET at = at - 8 * 86400000 WHERE seq <= 2")
        observer.execute("SELECT datastore_unobserve(datastore_observe('Comment'))")
        rows = observer.execute("SELECT seq, op, id FROM datastore_events(?)", [sub]).fetchall()
        self.assertEqual(rows, [(2, "RESYNC", None), (3, "INSERT", "c")])
        observer.execute("SELECT datastore_ack(?, 2)", [sub])
        rows = observer.execute("SELECT seq, op, id FROM datastore_events(?)", [sub]).fetchall()
        self.assertEqual(rows, [(3, "INSERT", "c")])

    def test_an_emptied_feed_is_told(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b'), ('c')")
        self.assertEqual(scalar(observer, "SELECT count(*) FROM datastore_events(?)", sub), 3)
        self.writer.execute("DELETE FROM datastore_changes")
        self.writer.execute("INSERT INTO Post(id) VALUES ('d')")
        rows = observer.execute("SELECT seq, op FROM datastore_events(?)", [sub]).fetchall()
        self.assertEqual(rows, [(1, "RESYNC")])
        self.writer.execute("INSERT INTO Post(id) VALUES ('e')")
        rows = observer.execute("SELECT seq, op, id FROM datastore_events(?)", [sub]).fetchall()
        self.assertEqual(rows, [(2, "INSERT", "e")])

    def test_configured_limits(self):
        observer = self.connect()
        observer.execute(
            "SELECT datastore_configure(?)", ['{"feedMaxChanges":500,"feedMaxAgeMinutes":3}']
        )
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        limits = observer.execute("SELECT max_changes, max_age_ms FROM datastore_feed").fetchone()
        self.assertEqual(limits, (500, 180000))
        with self.writer:
            self.writer.execute("BEGIN")
            for i in range(2000):
                self.writer.execute("INSERT INTO Post(id) VALUES (?)", [str(i)])
        kept = scalar(self.writer, "SELECT count(*) FROM datastore_changes")
        self.assertTrue(500 <= kept <= 756, kept)
        ops = [r[0] for r in observer.execute("SELECT op FROM datastore_events(?)", [sub])]
        self.assertEqual(ops, ["RESYNC"] + ["INSERT"] * kept)

    def test_read_on_after_the_position_was_put_down(self):
        """Which happens now and then, on another connection, while a statement reads."""
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        stored = "SELECT position FROM datastore_subscriptions"
        n = 0
        deadline = time.monotonic() + PATIENCE
        while scalar(self.writer, stored) == 0 and time.monotonic() < deadline:
            with self.writer:
                self.writer.execute("BEGIN")
                for _ in range(1200):
                    n += 1
                    self.writer.execute("INSERT INTO Post(id) VALUES (?)", [str(n)])
            rows = observer.execute("SELECT id FROM datastore_events(?)", [sub]).fetchall()
            self.assertEqual([int(row[0]) for row in rows], list(range(n - 1199, n + 1)))
            time.sleep(0.2)
        self.assertGreater(scalar(self.writer, stored), 0)
        self.assertLess(scalar(self.writer, "SELECT count(*) FROM datastore_changes"), n)
        self.assertEqual(observer.execute("SELECT * FROM datastore_events(?)", [sub]).fetchall(), [])

    def test_limit_leaves_the_rest(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b'), ('c')")
        read = "SELECT id FROM datastore_events(?) LIMIT 2"
        self.assertEqual(observer.execute(read, [sub]).fetchall(), [("a",), ("b",)])
        self.assertEqual(observer.execute(read, [sub]).fetchall(), [("c",)])

    def test_a_program_without_the_extension_is_observed(self):
        observer, plain = self.connect(), self.connect(loaded=False)
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        plain.execute("INSERT INTO Post_rows(id, title) VALUES ('p', 'plain')")
        self.assertEqual(
            observer.execute(
                "SELECT op, element ->> 'title' FROM datastore_events(?)", [sub]
            ).fetchall(),
            [("INSERT", "plain")],
        )
        self.assertEqual(plain.execute("SELECT count(*) FROM datastore_changes").fetchone(), (1,))

    def test_many_columns(self):
        path = str(self.folder / "wide.db")
        wide = self.connect(path)
        fields = " ".join(f"f{i}: Int" for i in range(300))
        wide.execute("SELECT datastore_schema(?)", [f"type Wide @model {{ id: ID! {fields} }}"])
        sub = scalar(wide, "SELECT datastore_observe('Wide', '{\"f299\":{\"gt\":1}}')")
        wide.execute("INSERT INTO Wide(id, f0, f299) VALUES ('w', -5, 2)")
        wide.execute("UPDATE Wide SET f7 = 7, f150 = 150, f299 = 1")
        rows = wide.execute(
            "SELECT op, element ->> 'f0', element ->> 'f299', changed, old FROM datastore_events(?)",
            [sub],
        ).fetchall()
        self.assertEqual(
            rows,
            [
                ("INSERT", -5, 2, None, None),
                ("DELETE", -5, 1, '["f7","f150","f299"]', '{"f7":null,"f150":null,"f299":2}'),
            ],
        )

    def test_values_survive(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        values = ["", "'", "''", "a'b,1='x',", "NULL", "é€😀", "line\nline", "%s %Q", "\\", '"']
        reals = [0.1, 1e300, -1.5, 5.0, 1 / 3, 2.0**53]
        for i, title in enumerate(values):
            self.writer.execute(
                "INSERT INTO Post(id, title, score) VALUES (?, ?, ?)",
                [str(i), title, reals[i % len(reals)]],
            )
        elements = [
            json.loads(row[0])
            for row in observer.execute("SELECT element FROM datastore_events(?)", [sub])
        ]
        self.assertEqual([e["title"] for e in elements], values)
        self.assertEqual(
            [e["score"] for e in elements], [reals[i % len(reals)] for i in range(len(values))]
        )

    def test_utf16(self):
        path = str(self.folder / "wide.db")
        db = self.connect(path)
        db.execute("PRAGMA encoding = 'UTF-16'")
        db.execute("SELECT datastore_schema(?)", [SCHEMA])
        sub = scalar(db, "SELECT datastore_observe('Post', '{\"title\":{\"beginsWith\":\"é\"}}')")
        db.execute("INSERT INTO Post(id, title, tags) VALUES ('p', 'é😀''', '[\"ü\"]'), ('q', 'x', NULL)")
        rows = db.execute("SELECT id, element FROM datastore_events(?)", [sub]).fetchall()
        self.assertEqual(
            [(k, visible(json.loads(e))["title"]) for k, e in rows], [("p", "é😀'")]
        )

    def test_strict_hosts(self):
        db = self.connect()
        db.execute("PRAGMA trusted_schema = OFF")
        sub = scalar(db, "SELECT datastore_observe()")
        db.execute("INSERT INTO Post(id, score, tags) VALUES ('p', 1.5, '[\"a\"]')")
        db.execute("UPDATE Post SET score = 2.5")
        db.execute("DELETE FROM Post")
        self.assertEqual(scalar(db, "SELECT count(*) FROM datastore_events(?)", sub), 3)


class TestReplay(Case):
    """An observer that applies events to its snapshot has what the query gives."""

    FILTERS = (
        ("Post", None, "1"),
        ("Post", {"rating": {"gt": 4}}, "rating > 4"),
        ("Post", {"or": [{"rating": {"lt": 3}}, {"tags": {"contains": "a"}}]},
         "rating < 3 OR (tags IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'a'))"),
        ("Comment", {"post": {"rating": {"gt": 4}}},
         "EXISTS (SELECT 1 FROM Post p WHERE p.id = r.post AND p.rating > 4)"),
        ("Comment", {"not": {"post": {"rating": {"gt": 4}}}},
         "NOT EXISTS (SELECT 1 FROM Post p WHERE p.id = r.post AND p.rating > 4)"),
        ("Post", {"comments": {"content": {"eq": "x"}}},
         "EXISTS (SELECT 1 FROM Comment c WHERE c.post = r.id AND c.content = 'x')"),
        ("Post", {"rating": {"gt": 2}, "not": {"comments": {"content": {"ne": "x"}}}},
         "r.rating > 2 AND NOT EXISTS"
         " (SELECT 1 FROM Comment c WHERE c.post = r.id AND c.content IS NOT 'x')"),
        ("Node", {"parent": {"name": {"eq": "x"}}},
         "EXISTS (SELECT 1 FROM Node p WHERE p.id = r.parent AND p.name = 'x')"),
        ("Node", {"children": {"name": {"eq": "x"}}},
         "EXISTS (SELECT 1 FROM Node c WHERE c.parent = r.id AND c.name = 'x')"),
    )

    def write(self, generator):
        """One random statement."""
        pick = lambda kind: kind + str(generator.randrange(6))
        letter = lambda: generator.choice(["x", "y", None])
        tags = lambda: generator.choice([None, "[]", '["a"]', '["b","a"]'])
        statement, values = generator.choice((
            ("INSERT OR REPLACE INTO Post(id, rating, tags) VALUES (?, ?, ?)",
             lambda: [pick("p"), generator.randrange(10), tags()]),
            ("UPDATE Post SET rating = ?, tags = ? WHERE id = ?",
             lambda: [generator.randrange(10), tags(), pick("p")]),
            ("UPDATE Post SET rating = rating + 3", list),
            ("DELETE FROM Post WHERE id = ?", lambda: [pick("p")]),
            ("INSERT OR IGNORE INTO Comment(id, content, post) SELECT ?, ?, id FROM Post LIMIT 1",
             lambda: [pick("c"), letter()]),
            ("INSERT OR REPLACE INTO Comment(id, content, post)"
             " SELECT ?, ?, max(id) FROM Post WHERE id <= ?",
             lambda: [pick("c"), letter(), pick("p")]),
            ("UPDATE Comment SET content = ? WHERE id = ?", lambda: [letter(), pick("c")]),
            ("UPDATE Comment SET post = (SELECT max(id) FROM Post WHERE id <= ?) WHERE id >= ?",
             lambda: [pick("p"), pick("c")]),
            ("DELETE FROM Comment WHERE id = ?", lambda: [pick("c")]),
            ("INSERT OR REPLACE INTO Node(id, name, parent)"
             " VALUES (?, ?, (SELECT id FROM Node WHERE id = ?))",
             lambda: [pick("n"), letter(), pick("n")]),
            ("UPDATE Node SET name = ? WHERE id = ?", lambda: [letter(), pick("n")]),
            ("UPDATE Node SET parent = (SELECT id FROM Node WHERE id = ?) WHERE id = ?",
             lambda: [pick("n"), pick("n")]),
            ("DELETE FROM Node WHERE id = ?", lambda: [pick("n")]),
        ))
        self.writer.execute(statement, values())

    def apply_remotely(self, generator):
        """As a sync would: without cascade, and children may stand without a parent."""
        self.writer.execute("BEGIN")
        self.writer.execute("UPDATE datastore_session SET applying = 1")
        self.writer.execute(
            generator.choice((
                "DELETE FROM Post_rows WHERE id = 'p' || ?",
                "DELETE FROM Comment_rows WHERE id = 'c' || ?",
                "INSERT OR IGNORE INTO Post_rows(id, rating, _version) VALUES ('p' || ?, 7, 1)",
                "INSERT OR IGNORE INTO Comment_rows(id, content, post, _version)"
                " VALUES ('c' || ?1, 'x', 'p' || ?1, 1)",
                "UPDATE Post_rows SET _version = coalesce(_version, 0) + 1, rating = 1"
                " WHERE id = 'p' || ?",
            )),
            [generator.randrange(6)],
        )
        self.writer.execute("UPDATE datastore_session SET applying = 0")
        self.writer.execute("COMMIT")

    def transact(self, generator):
        """A few statements that commit, or do not, with savepoints inside."""
        self.writer.execute("BEGIN")
        for _ in range(generator.randrange(6)):
            self.write(generator)
            if generator.random() < 0.2:
                self.writer.execute("SAVEPOINT s")
                self.write(generator)
                self.writer.execute(generator.choice(["ROLLBACK TO s", "RELEASE s"]))
        self.writer.execute(generator.choice(["COMMIT", "COMMIT", "ROLLBACK"]))

    def run_seed(self, seed, steps):
        generator = random.Random(seed)
        observers = []
        db = self.connect()
        for model, condition, where in self.FILTERS:
            text = json.dumps(condition) if condition else None
            sub = scalar(db, "SELECT datastore_observe(?, ?)", model, text)
            observers.append((sub, model, where, Replay(table(db, model, where))))
        for step in range(steps):
            generator.choice((self.write, self.transact, self.apply_remotely))(generator)
            for sub, model, where, replay in observers:
                if generator.random() < 0.2:
                    replay.read(db, sub, generator.choice([-1, -1, 1, 3]))
                if generator.random() < 0.1:
                    replay.read(db, sub)
                    expected = table(db, model, where)
                    self.assertEqual(replay.rows, expected, f"seed {seed}, step {step}, {where}")
        for sub, model, where, replay in observers:
            replay.read(db, sub)
            self.assertEqual(replay.rows, table(db, model, where), f"seed {seed}, {where}")
            self.assertEqual(replay.resyncs, 0)
        db.close()

    def test_random_changes(self):
        for seed in range(int(os.environ.get("OBSERVE_SEEDS", "6"))):
            with self.subTest(seed=seed):
                self.run_seed(seed, 150)

    def test_snapshot_and_follow(self):
        """10,000 rows, and writers that do not stop: the recipe of the README."""
        with contextlib.closing(self.connect()) as filler:
            filler.execute("BEGIN")
            for i in range(10000):
                filler.execute("INSERT INTO Post(id, rating) VALUES (?, ?)", [str(i), i % 10])
            filler.execute("COMMIT")
        stop = threading.Event()

        def write(seed):
            generator = random.Random(seed)
            n = 0
            with contextlib.closing(connect(self.path)) as db:
                while not stop.is_set():
                    n += 1
                    key = str(generator.randrange(10000))
                    db.execute(*generator.choice((
                        ("UPDATE Post SET rating = ? WHERE id = ?", [generator.randrange(10), key]),
                        ("DELETE FROM Post WHERE id = ?", [key]),
                        ("INSERT INTO Post(id, rating) VALUES (?, 9)", [f"{seed}.{n}"]),
                    )))

        threads = [threading.Thread(target=write, args=[seed]) for seed in (1, 2)]
        for thread in threads:
            thread.start()
            self.addCleanup(thread.join)
        self.addCleanup(stop.set)
        db = self.connect()
        sub = scalar(db, "SELECT datastore_observe('Post', '{\"rating\":{\"gt\":4}}')")
        db.execute("BEGIN")
        snapshot = table(db, "Post", "rating > 4")
        seen = scalar(db, "SELECT max(seq) FROM datastore_changes") or 0
        db.execute("COMMIT")
        db.execute("SELECT datastore_ack(?, ?)", [sub, seen])
        replay = Replay(snapshot)
        for _ in range(20):
            replay.read(db, sub)
            time.sleep(0.02)
        stop.set()
        for thread in threads:
            thread.join()
        replay.read(db, sub)
        self.assertEqual(replay.rows, table(db, "Post", "rating > 4"))


class TestRollbackJournal(TestReplay):
    journal_mode = "delete"


class TestWait(Case):
    def later(self, action, delay=0.2):
        thread = threading.Timer(delay, action)
        thread.start()
        self.addCleanup(thread.join)

    def test_wakes(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        self.later(lambda: self.writer.execute("INSERT INTO Post(id) VALUES ('p')"))
        start = time.monotonic()
        self.assertEqual(
            scalar(observer, "SELECT datastore_wait('events', ?, ?)", PATIENCE * 1000, sub), 1
        )
        self.assertLess(time.monotonic() - start, PATIENCE / 2)
        self.assertEqual(scalar(observer, "SELECT count(*) FROM datastore_events(?)", sub), 1)

    def test_times_out(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post', '{\"rating\":{\"gt\":4}}')")
        self.later(lambda: self.writer.execute("INSERT INTO Post(id, rating) VALUES ('p', 1)"), 0.05)
        start = time.monotonic()
        self.assertEqual(scalar(observer, "SELECT datastore_wait('events', 300, ?)", sub), 0)
        self.assertGreaterEqual(time.monotonic() - start, 0.299)

    def test_rolled_back_wakes_nobody(self):
        observer = self.connect()
        observer.execute("SELECT datastore_observe('Post')")

        def write():
            self.writer.execute("BEGIN")
            self.writer.execute("INSERT INTO Post(id) VALUES ('p')")
            self.writer.execute("ROLLBACK")

        self.later(write, 0.05)
        self.assertEqual(scalar(observer, "SELECT datastore_wait('events', 300)"), 0)

    def test_a_plain_program_wakes_too(self):
        observer, plain = self.connect(), self.connect(loaded=False)
        observer.execute("SELECT datastore_observe('Post')")
        self.later(lambda: plain.execute("INSERT INTO Post_rows(id) VALUES ('p')"))
        wait = f"SELECT datastore_wait('events', {PATIENCE * 1000})"
        self.assertEqual(scalar(observer, wait), 1)

    def test_interrupted(self):
        observer = self.connect()
        observer.execute("SELECT datastore_observe('Post')")
        over = threading.Event()

        def interrupt():  # again, as the first one may come before the wait does
            while not over.wait(0.2):
                observer.interrupt()

        thread = threading.Thread(target=interrupt)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)
        start = time.monotonic()
        with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
            observer.execute(f"SELECT datastore_wait('events', {PATIENCE * 1000})").fetchall()
        self.assertLess(time.monotonic() - start, PATIENCE / 2)

    def test_holds_no_lock_and_little_time(self):
        observer, eager = self.connect(), self.connect(timeout=0)
        observer.execute("SELECT datastore_observe('Comment')")
        stop = threading.Event()
        used = []

        def wait():
            before = time.thread_time()
            observer.execute("SELECT datastore_wait('events', 1000)").fetchall()
            used.append(time.thread_time() - before)
            stop.set()

        thread = threading.Thread(target=wait)
        thread.start()
        n = 0
        while not stop.is_set():
            eager.execute("INSERT INTO Post(id) VALUES (?)", [str(n)])
            n += 1
            time.sleep(0.01)
        thread.join()
        self.assertGreater(n, 0)
        self.assertLess(used[0], 0.9, "a wait must not be a busy loop")

    def test_numbers_as_javascript_has_them(self):
        sub = float(scalar(self.writer, "SELECT datastore_observe('Post')"))
        self.writer.execute("INSERT INTO Post(id) VALUES ('p')")
        self.assertEqual(scalar(self.writer, "SELECT datastore_wait('events', 1.0, ?)", sub), 1)
        self.assertEqual(scalar(self.writer, "SELECT count(*) FROM datastore_events(?)", sub), 1)
        self.assertEqual(scalar(self.writer, "SELECT datastore_ack(?, 1.0)", sub), 1)
        with self.assertRaisesRegex(sqlite3.OperationalError, "by its number"):
            self.writer.execute("SELECT datastore_unobserve(1.5)").fetchall()
        self.assertEqual(scalar(self.writer, "SELECT datastore_unobserve(?)", sub), 1)

    def test_outbox_empty(self):
        observer = self.connect()
        self.writer.execute("INSERT INTO Post(id) VALUES ('p')")
        self.assertEqual(scalar(observer, "SELECT datastore_wait('outbox_empty', 0)"), 0)
        self.later(lambda: self.writer.execute("DELETE FROM datastore_journal"), 0.1)
        self.assertEqual(
            scalar(observer, f"SELECT datastore_wait('outbox_empty', {PATIENCE * 1000})"), 1
        )


class TestDescriptor(Case):
    def is_readable(self, fd, seconds=0.0):
        return bool(select.select([fd], [], [], seconds)[0])

    def test_readable_while_events_wait(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        fd = scalar(observer, "SELECT datastore_notify_fd()")
        self.assertEqual(scalar(observer, "SELECT datastore_notify_fd()"), fd)
        self.assertFalse(self.is_readable(fd, 0.3))
        self.writer.execute("INSERT INTO Comment(id) VALUES ('not observed')")
        self.assertFalse(self.is_readable(fd, 0.3))
        self.writer.execute("INSERT INTO Post(id) VALUES ('a'), ('b')")
        self.assertTrue(self.is_readable(fd, PATIENCE))
        observer.execute("SELECT * FROM datastore_events(?) LIMIT 1", [sub]).fetchall()
        self.assertTrue(self.is_readable(fd), "there is another event")
        observer.execute("SELECT * FROM datastore_events(?)", [sub]).fetchall()
        self.assertFalse(self.is_readable(fd, 0.3))

    def test_events_that_are_there_already(self):
        observer = self.connect()
        observer.execute("SELECT datastore_observe('Post')")
        self.writer.execute("INSERT INTO Post(id) VALUES ('a')")
        self.assertTrue(self.is_readable(scalar(observer, "SELECT datastore_notify_fd()")))

    def test_asyncio(self):
        observer = self.connect()
        sub = scalar(observer, "SELECT datastore_observe('Post')")
        fd = scalar(observer, "SELECT datastore_notify_fd()")
        got = []

        async def main():
            loop = asyncio.get_running_loop()
            done = loop.create_future()

            def on_readable():
                got.extend(row[0] for row in observer.execute(
                    "SELECT id FROM datastore_events(?)", [sub]))
                if len(got) == 50 and not done.done():
                    done.set_result(None)

            def write():
                for i in range(50):
                    self.writer.execute("INSERT INTO Post(id) VALUES (?)", [str(i)])

            loop.add_reader(fd, on_readable)
            await loop.run_in_executor(None, write)
            await asyncio.wait_for(done, PATIENCE)
            loop.remove_reader(fd)

        asyncio.run(main())
        self.assertEqual(got, [str(i) for i in range(50)])

    def test_in_memory(self):
        db = connect(":memory:")
        self.addCleanup(db.close)
        db.execute("SELECT datastore_schema(?)", [SCHEMA])
        sub = scalar(db, "SELECT datastore_observe('Post')")
        fd = scalar(db, "SELECT datastore_notify_fd()")
        self.assertFalse(self.is_readable(fd))
        db.execute("INSERT INTO Post(id) VALUES ('a')")
        self.assertTrue(self.is_readable(fd))
        self.assertEqual(scalar(db, "SELECT datastore_wait('events', 0)"), 1)
        self.assertEqual(scalar(db, "SELECT count(*) FROM datastore_events(?)", sub), 1)
        self.assertFalse(self.is_readable(fd))

    def test_closed_by_an_event_loop(self):
        """Some loops close what they are given: its number may be another file's by then."""
        observer = self.connect()
        observer.execute("SELECT datastore_observe('Post')")
        fd = scalar(observer, "SELECT datastore_notify_fd()")
        os.close(fd)
        taken = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, taken)
        self.writer.execute("INSERT INTO Post(id) VALUES ('a')")
        time.sleep(0.2)
        observer.close()
        os.fstat(taken)

    def test_many_connections(self):
        observers = [self.connect() for _ in range(5)]
        fds = []
        for observer in observers:
            observer.execute("SELECT datastore_observe('Post')")
            fds.append(scalar(observer, "SELECT datastore_notify_fd()"))
        self.writer.execute("INSERT INTO Post(id) VALUES ('a')")
        for fd in fds:
            self.assertTrue(self.is_readable(fd, PATIENCE))
        threads = threading.active_count()
        for observer in observers:
            observer.close()
        self.assertEqual(threading.active_count(), threads)
        self.assertEqual(self.triggers(), 0)


if __name__ == "__main__":
    unittest.main()

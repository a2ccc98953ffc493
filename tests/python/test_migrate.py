"""A new schema over existing data: other connections, the host's own statements, transactions,
objects and settings."""

import os
import sqlite3
import tempfile
import threading
import time
import unittest

from test_load import connect

ONE = """
type Post @model @key(name: "byRating", fields: ["rating"]) {
  id: ID!
  title: String
  rating: Int
  old: String
  comments: [Comment] @connection(name: "PC")
}
type Comment @model { id: ID! text: String post: Post @connection(name: "PC") }
type Gone @model { id: ID! name: String }
"""
TWO = """
type Post @model @key(name: "byRating", fields: ["rating"]) {
  id: ID!
  likes: Int
  title: String
  rating: Float
  comments: [Comment] @connection(name: "PC")
}
type Comment @model { id: ID! text: String post: Post @connection(name: "PC") }
type Fresh @model { id: ID! name: String }
"""


def scalar(connection, sql, *parameters):
    return connection.execute(sql, parameters).fetchone()[0]


def migrate(connection, schema, options="{}"):
    return scalar(connection, "SELECT datastore_schema(?, ?)", schema, options)


def settle(connection):
    """What the server would say to all unsent changes: nothing is left to be sent."""
    connection.execute("UPDATE datastore_session SET applying = 1")
    tables = connection.execute("SELECT rows_table, base_table FROM datastore_models").fetchall()
    for rows, base in tables:
        connection.execute(f"UPDATE main.{rows} SET _version = 1")
        connection.execute(f"DELETE FROM main.{base}")
    connection.execute("UPDATE datastore_session SET applying = 0")
    connection.execute("DELETE FROM datastore_journal")


def dump(connection):
    """Everything in the file."""
    schema = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    tables = [name for kind, name, sql in schema
              if kind == "table" and not sql.startswith("CREATE VIRTUAL")]
    rows = {name: connection.execute(f'SELECT * FROM main."{name}"').fetchall()
            for name in tables}
    return sorted(schema, key=str), rows


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "app.db")
        self.connection = self.open()
        self.install(ONE)

    def open(self, timeout=0.0):
        connection = connect(self.path)
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
        connection.execute("PRAGMA synchronous = OFF")
        self.addCleanup(connection.close)
        return connection

    def install(self, schema):
        migrate(self.connection, schema)
        self.connection.execute(
            "INSERT INTO Post(id, title, rating, old) VALUES"
            " ('p1', 'one', 1, 'a'), ('p2', 'two', 2, 'b'), ('p3', 'three', 3, 'c')")
        self.connection.execute("INSERT INTO Comment(id, text, post) VALUES ('c1', 'x', 'p1')")
        settle(self.connection)

    def use_wal(self):
        self.assertEqual(scalar(self.connection, "PRAGMA journal_mode = WAL"), "wal")

    def refused(self, pattern, schema=TWO, connection=None):
        """The migration fails, and everything is as it was and works."""
        connection = connection or self.connection
        before = dump(connection)
        was_open = connection.in_transaction
        with self.assertRaisesRegex(sqlite3.Error, pattern):
            migrate(connection, schema)
        self.assertEqual(dump(connection), before)
        self.assertEqual(connection.in_transaction, was_open)
        self.check_old(connection)

    def check_old(self, connection=None):
        connection = connection or self.connection
        rows = connection.execute("SELECT id, title, rating, old FROM Post ORDER BY id").fetchall()
        self.assertEqual(rows[0], ("p1", "one", 1, "a"))
        self.assertEqual(scalar(connection, "SELECT datastore_schema()"), ONE)
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")

    def check_new(self, connection=None):
        connection = connection or self.connection
        rows = connection.execute("SELECT * FROM Post ORDER BY id").fetchall()
        self.assertEqual([row[:4] for row in rows],
                         [("p1", None, "one", 1.0), ("p2", None, "two", 2.0),
                          ("p3", None, "three", 3.0)])
        self.assertEqual(scalar(connection, "SELECT post FROM Comment"), "p1")
        self.assertEqual(scalar(connection, "SELECT count(*) FROM Fresh"), 0)
        with self.assertRaisesRegex(sqlite3.Error, "Gone"):
            connection.execute("SELECT * FROM Gone")
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")


class OtherConnection(Case):
    """One connection migrates, the other was open before."""

    def setUp(self):
        super().setUp()
        self.other = self.open()

    def test_prepared_statements(self):
        # Python keeps statements by their text: each is prepared when it runs for the first time.
        queries = ["SELECT * FROM Post WHERE id = 'p1'", "SELECT old FROM Post",
                   "SELECT p.title, c.text FROM Post p JOIN Comment c ON c.post = p.id",
                   "SELECT count(*) FROM Post", "SELECT comments FROM Post WHERE id = 'p1'",
                   "SELECT title FROM Post WHERE rating > 1 ORDER BY rating", "SELECT * FROM Gone"]
        for query in queries:
            self.other.execute(query).fetchall()
        update = "UPDATE Post SET title = ? WHERE id = 'p2'"
        self.other.execute(update, ("2",))
        self.other.execute("DELETE FROM datastore_journal")
        migrate(self.connection, TWO)
        row = self.other.execute(queries[0]).fetchone()
        self.assertEqual(row[:4], ("p1", None, "one", 1.0))
        with self.assertRaisesRegex(sqlite3.OperationalError, "no such column: old"):
            self.other.execute(queries[1])
        self.assertEqual(self.other.execute(queries[2]).fetchall(), [("one", "x")])
        self.assertEqual(self.other.execute(queries[3]).fetchall(), [(3,)])
        self.assertIn('"id":"c1"', self.other.execute(queries[4]).fetchone()[0])
        self.assertEqual(self.other.execute(queries[5]).fetchall(), [("2",), ("three",)])
        with self.assertRaisesRegex(sqlite3.OperationalError, "no such table: Gone|Gone.* is no"):
            self.other.execute(queries[6])
        self.other.execute(update, ("two",))
        changed = self.connection.execute("SELECT id, changed FROM datastore_outbox").fetchall()
        self.assertEqual(changed, [("p2", '["title"]')])
        self.check_new(self.other)

    def test_back_and_forth(self):
        for schema, column in [(TWO, "likes"), (ONE, "old")] * 10:
            migrate(self.connection, schema)
            names = [d[0] for d in self.other.execute("SELECT * FROM Post").description]
            self.assertIn(column, names)
            values = self.other.execute(f"SELECT {column}, title FROM Post").fetchall()
            self.assertEqual(values, [(None, "one"), (None, "two"), (None, "three")])

    def test_new_model_is_seen_after_a_known_one(self):
        self.other.execute("SELECT * FROM Post").fetchall()
        migrate(self.connection, TWO)
        self.other.execute("SELECT * FROM Post").fetchall()
        self.other.execute("INSERT INTO Fresh(id, name) VALUES ('f', 'new')")
        self.assertEqual(scalar(self.connection, "SELECT name FROM Fresh"), "new")

    def test_new_model_is_seen_after_a_function(self):
        migrate(self.connection, TWO)
        self.assertIn("Fresh", scalar(self.other, "SELECT datastore_introspect()"))
        self.assertEqual(scalar(self.other, "SELECT count(*) FROM Fresh"), 0)

    def test_save_goes_by_the_new_schema(self):
        save = "SELECT datastore_save('Post', ?)"
        scalar(self.other, save, '{"id":"p1","old":"z"}')
        settle(self.connection)
        migrate(self.connection, TWO)
        with self.assertRaisesRegex(sqlite3.Error, 'no field "old"|"old"'):
            scalar(self.other, save, '{"id":"p1","old":"y"}')
        self.assertIn('"likes":5', scalar(self.other, save, '{"id":"p1","likes":5}'))

    def test_half_read_cursor_keeps_the_file(self):
        reader = self.other.execute("SELECT id, old FROM Post ORDER BY id")
        self.assertEqual(reader.fetchone(), ("p1", "a"))
        self.refused("database is locked")
        self.assertEqual(reader.fetchall(), [("p2", "b"), ("p3", "c")])
        migrate(self.connection, TWO)
        self.check_new(self.other)

    def test_half_read_cursor_keeps_its_moment(self):
        self.use_wal()
        for query in ("SELECT id, old FROM Post ORDER BY id", "SELECT id, old FROM Post",
                      "SELECT p.id, p.old FROM Post p, Post q WHERE q.id = p.id"):
            reader = self.other.execute(query)
            self.assertEqual(reader.fetchone(), ("p1", "a"))
            migrate(self.connection, TWO)
            self.assertEqual(reader.fetchall(), [("p2", "b"), ("p3", "c")])
            self.check_new(self.other)
            migrate(self.connection, ONE)
            self.connection.execute("UPDATE Post SET old = char(96 + rating)")
            settle(self.connection)

    def test_open_read_transaction_keeps_its_moment(self):
        self.use_wal()
        self.other.execute("BEGIN")
        self.check_old(self.other)
        migrate(self.connection, TWO)
        self.check_old(self.other)
        self.assertIn("Gone", scalar(self.other, "SELECT datastore_introspect()"))
        self.other.execute("SELECT * FROM Gone").fetchall()
        for write in ("UPDATE Post SET old = 'z'", "INSERT INTO Gone(id) VALUES ('g')",
                      "SELECT datastore_save('Gone', '{}')",
                      "SELECT datastore_schema('type Post @model { id: ID! }')"):
            with self.assertRaisesRegex(sqlite3.Error, "database is locked"):
                self.other.execute(write).fetchall()
        self.check_old(self.other)
        self.other.execute("COMMIT")
        self.check_new(self.other)

    def test_open_write_transaction_is_waited_for(self):
        self.other.execute("BEGIN IMMEDIATE")
        self.other.execute("UPDATE Post SET rating = 7 WHERE id = 'p1'")
        with self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
            migrate(self.connection, TWO)
        self.assertFalse(self.connection.in_transaction)
        self.other.execute("ROLLBACK")
        self.check_old()

        locked = threading.Event()

        def write_slowly():
            connection = connect(self.path)
            connection.execute("BEGIN IMMEDIATE")
            locked.set()
            time.sleep(0.3)
            connection.commit()
            connection.close()

        thread = threading.Thread(target=write_slowly)
        thread.start()
        locked.wait()
        patient = self.open(timeout=20)
        migrate(patient, TWO)
        thread.join()
        self.check_new(patient)

    def test_same_schema_needs_no_lock(self):
        self.other.execute("BEGIN IMMEDIATE")
        self.other.execute("UPDATE Post SET rating = 7 WHERE id = 'p1'")
        summary = migrate(self.connection, ONE)
        self.assertEqual(
            summary, '{"models":["Post","Comment","Gone"],"added":[],"changed":[],"removed":[]}')
        self.other.execute("ROLLBACK")
        os.chmod(self.path, 0o444)
        reader = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        self.addCleanup(reader.close)
        reader.enable_load_extension(True)
        reader.load_extension(os.environ.get("DATASTORE", "dist/datastore"))
        self.assertEqual(migrate(reader, ONE), summary)
        with self.assertRaisesRegex(sqlite3.Error, "readonly database"):
            migrate(reader, TWO)
        self.check_old(reader)

    def test_migration_at_every_point_of_a_prepare(self):
        self.use_wal()
        many = ONE + "".join(f"type M{i} @model {{ id: ID! }}\n" for i in range(9))
        query = ("SELECT p._status, c._status, p.title FROM Post p, Comment c WHERE c.post = p.id"
                 " AND p.id = 'p1'")
        calls, n = 1, 0
        while n < calls:
            migrate(self.connection, many)
            calls, other = 0, self.open()

            def authorize(*_):
                nonlocal calls
                calls += 1
                if calls == n:
                    migrate(self.connection, TWO)
                return sqlite3.SQLITE_OK

            other.set_authorizer(authorize)
            with self.subTest(n):
                self.assertEqual(other.execute(query).fetchall(), [("synced", "synced", "one")])
            other.set_authorizer(None)
            other.close()
            n += 2
        self.assertGreater(n, 20)

    def test_two_at_once(self):
        for mode in ("DELETE", "WAL"):
            self.assertEqual(scalar(self.connection, f"PRAGMA journal_mode = {mode}"), mode.lower())
            for schema in (TWO, ONE, TWO, ONE):
                start, results = threading.Barrier(4), []

                def run():
                    connection = connect(self.path)
                    connection.isolation_level = None
                    connection.execute("PRAGMA busy_timeout = 20000")
                    start.wait()
                    results.append(migrate(connection, schema))
                    connection.close()

                threads = [threading.Thread(target=run) for _ in range(4)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(len(results), 4)
                self.assertEqual(sum('"changed":[]' in r for r in results), 3, results)
                self.assertEqual(scalar(self.connection, "PRAGMA integrity_check"), "ok")

    def test_two_install_at_once(self):
        for mode in ("DELETE", "WAL"):
            path = os.path.join(self.folder.name, mode)
            connections = [sqlite3.connect(path, check_same_thread=False, isolation_level=None)
                           for _ in range(4)]
            connections[0].execute(f"PRAGMA journal_mode = {mode}")
            start, results = threading.Barrier(4), []

            def run(connection):
                connection.enable_load_extension(True)
                connection.load_extension(os.environ.get("DATASTORE", "dist/datastore"))
                connection.execute("PRAGMA busy_timeout = 20000")
                start.wait()
                results.append(migrate(connection, ONE))
                connection.close()

            threads = [threading.Thread(target=run, args=(c,)) for c in connections]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(results), 4)
            self.assertEqual(sum('"added":[]' in r for r in results), 3, results)


class OwnStatements(Case):
    """The connection that migrates has statements of its own."""

    def test_finished_and_reset_statements(self):
        queries = ["SELECT * FROM Post WHERE id = ?", "SELECT title FROM Post WHERE rating >= ?",
                   "SELECT count(*) FROM Post WHERE id <> ?"]
        cursors = [self.connection.execute(q, ("p1",)) for q in queries]
        for cursor in cursors:
            cursor.fetchall()
        migrate(self.connection, TWO)
        for cursor in cursors:
            self.assertEqual(cursor.fetchall(), [])
        row = self.connection.execute(queries[0], ("p1",)).fetchone()
        self.assertEqual(row[:4], ("p1", None, "one", 1.0))
        rows = self.connection.execute(queries[1], (2.5,)).fetchall()
        self.assertEqual(rows, [("three",)])
        self.assertEqual(scalar(self.connection, queries[2], "p1"), 2)
        self.check_new()

    def test_busy_statement(self):
        reader = self.connection.execute("SELECT id FROM Post ORDER BY id")
        self.assertEqual(reader.fetchone(), ("p1",))
        with self.assertRaisesRegex(sqlite3.Error, "another statement of this connection is busy"):
            migrate(self.connection, TWO)
        self.assertEqual(reader.fetchall(), [("p2",), ("p3",)])
        self.check_old()
        migrate(self.connection, TWO)
        self.check_new()

    def test_reading_statement_itself(self):
        self.connection.execute("CREATE TABLE texts(sdl TEXT)")
        self.connection.execute("INSERT INTO texts VALUES (?)", (TWO,))
        before = dump(self.connection)
        for query, reason in (
                ("SELECT datastore_schema(sdl) FROM texts", "while a statement reads"),
                ("SELECT datastore_schema((SELECT sdl FROM texts)) FROM Post", "busy")):
            with self.assertRaisesRegex(sqlite3.Error, reason):
                self.connection.execute(query).fetchall()
            self.assertFalse(self.connection.in_transaction)
            self.assertEqual(dump(self.connection), before)
            self.check_old()
        with self.assertRaisesRegex(sqlite3.Error, "inside a statement that writes"):
            self.connection.execute("INSERT INTO texts SELECT datastore_schema(sdl) FROM texts")
        self.check_old()

    def test_rollback(self):
        self.connection.execute("BEGIN")
        self.connection.execute("UPDATE Post SET rating = 9 WHERE id = 'p3'")
        self.connection.execute("DELETE FROM datastore_journal")
        migrate(self.connection, TWO)
        self.connection.execute("INSERT INTO Fresh(id) VALUES ('f')")
        self.assertEqual(scalar(self.connection, "SELECT rating FROM Post WHERE id = 'p3'"), 9.0)
        self.connection.execute("ROLLBACK")
        self.check_old()
        self.connection.execute("INSERT INTO Gone(id) VALUES ('g')")
        self.connection.execute("UPDATE Post SET old = 'z' WHERE id = 'p1'")
        changed = self.connection.execute("SELECT id, changed FROM datastore_outbox").fetchall()
        self.assertEqual(changed, [("g", None), ("p1", '["old"]')])
        settle(self.connection)
        migrate(self.connection, TWO)
        self.check_new()

    def test_rollback_of_the_first_installation(self):
        connection = connect()
        connection.isolation_level = None
        self.addCleanup(connection.close)
        connection.execute("BEGIN")
        migrate(connection, ONE)
        connection.execute("INSERT INTO Post(id) VALUES ('p')")
        connection.execute("ROLLBACK")
        self.assertEqual(scalar(connection, "SELECT count(*) FROM sqlite_schema"), 0)
        self.assertIsNone(scalar(connection, "SELECT datastore_schema()"))
        with self.assertRaisesRegex(sqlite3.Error, "no schema is installed"):
            connection.execute("SELECT datastore_save('Post', '{}')")
        migrate(connection, TWO)
        self.assertEqual(scalar(connection, "SELECT count(*) FROM Fresh"), 0)

    def test_savepoints(self):
        for end in ("COMMIT", "ROLLBACK"):
            self.connection.execute("BEGIN")
            self.connection.execute("SAVEPOINT a")
            migrate(self.connection, TWO)
            self.connection.execute("SAVEPOINT datastore_schema")
            migrate(self.connection, ONE)
            self.connection.execute("ROLLBACK TO datastore_schema")
            self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Fresh"), 0)
            with self.assertRaisesRegex(sqlite3.Error, "unknown type"):
                migrate(self.connection, "type Post @model { id: ID! x: Unknown }")
            self.check_new()
            self.connection.execute("ROLLBACK TO a")
            self.check_old()
            self.connection.execute("RELEASE a")
            self.connection.execute(end)
            self.check_old()
        migrate(self.connection, TWO)
        self.check_new()

    def test_failed_migration_keeps_the_users_transaction(self):
        self.connection.execute("BEGIN")
        self.connection.execute("UPDATE Post SET old = 'a' WHERE id = 'p1'")
        self.connection.execute("UPDATE Post SET old = 'z' WHERE id = 'p2'")
        with self.assertRaisesRegex(sqlite3.Error, "Post.old cannot be removed: 1 record has"):
            migrate(self.connection, TWO)
        self.connection.execute("COMMIT")
        self.check_old()
        self.assertEqual(scalar(self.connection, "SELECT old FROM Post WHERE id = 'p2'"), "z")

    def test_close_right_after(self):
        migrate(self.connection, TWO)
        self.connection.close()
        self.connection = self.open()
        self.check_new()


class UsersOwn(Case):
    """What the user has built on our tables."""

    def test_view_of_a_removed_column(self):
        self.connection.execute("CREATE VIEW v AS SELECT old FROM Post")
        self.refused("something of yours needs .*view v: no such column: old")
        self.assertEqual(scalar(self.connection, "SELECT old FROM v"), "a")
        self.connection.execute("DROP VIEW v")
        migrate(self.connection, TWO)
        self.check_new()

    def test_view_of_a_removed_model(self):
        self.connection.execute("CREATE TEMP VIEW v AS SELECT name FROM Gone")
        self.refused("something of yours needs .*view v: no such table: main.Gone|Gone")

    def test_trigger_that_writes_a_removed_column(self):
        self.connection.execute("CREATE TABLE mine(a)")
        self.connection.execute("CREATE TRIGGER t AFTER INSERT ON mine"
                                " BEGIN UPDATE Post SET title = new.a WHERE old = new.a; END")
        self.refused("something of yours needs .*trigger t: .*old")

    def test_view_that_stays(self):
        self.connection.execute("CREATE VIEW v AS SELECT title FROM Post WHERE rating > 1")
        self.connection.execute("CREATE VIEW w AS SELECT rid, title FROM Post_rows")
        migrate(self.connection, TWO)
        self.assertEqual(self.connection.execute("SELECT * FROM v").fetchall(),
                         [("two",), ("three",)])
        migrate(self.connection, TWO.replace("likes: Int", "likes: Int rid: Int"))
        self.assertEqual(self.connection.execute("SELECT * FROM w").fetchall(),
                         [(1, "one"), (2, "two"), (3, "three")])

    def test_on_the_rows_table(self):
        for create, drop in [
                ("CREATE VIEW v AS SELECT old FROM Post_rows", "DROP VIEW v"),
                ("CREATE INDEX v ON Post_rows(old)", "DROP INDEX v"),
                ("CREATE INDEX v ON Post_rows(rating)", "DROP INDEX v"),
                ("CREATE TRIGGER v AFTER INSERT ON Post_rows BEGIN SELECT new.old; END",
                 "DROP TRIGGER v"),
                ("CREATE TRIGGER v AFTER UPDATE ON Post_rows"
                 " BEGIN SELECT RAISE(ABORT, 'no'); END", "DROP TRIGGER v")]:
            self.connection.execute(create)
            self.refused("error in (view|index|trigger) v|^no$")
            self.connection.execute(drop)
        migrate(self.connection, TWO)
        self.check_new()

    def test_name_in_the_way(self):
        for create, drop in [("CREATE TABLE fresh(a)", "DROP TABLE fresh"),
                             ("CREATE VIEW Fresh_rows AS SELECT 1", "DROP VIEW Fresh_rows"),
                             ("CREATE INDEX Fresh ON Post_rows(title)", "DROP INDEX Fresh"),
                             ("CREATE TABLE FRESH_BASE(a)", "DROP TABLE FRESH_BASE")]:
            self.connection.execute(create)
            self.refused("stands in the way of type Fresh: rename one of them")
            self.connection.execute(drop)
        migrate(self.connection, TWO)
        self.check_new()

    def test_column_of_the_users_own(self):
        self.connection.execute("ALTER TABLE Post_rows ADD COLUMN likes")
        self.refused("duplicate column name: likes")

    def test_temporary_table_with_the_name_of_ours(self):
        # Our triggers and indexes must not end up on it. SQLite itself alters no table then.
        self.connection.execute("CREATE TEMP TABLE Post_rows(rid, id, title, rating, old)")
        migrate(self.connection, ONE + "type Fresh @model { id: ID! }")
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM temp.sqlite_schema"), 1)
        self.connection.execute("DROP TABLE temp.Post_rows")
        self.connection.execute("UPDATE Post SET title = 'z' WHERE id = 'p1'")
        self.assertEqual(scalar(self.connection, "SELECT changed FROM datastore_outbox"),
                         '["title"]')


class Settings(Case):
    """Whatever the host has set: it works, and the settings stay."""

    PRAGMAS = [("legacy_alter_table", 1), ("writable_schema", 1), ("foreign_keys", 1),
               ("recursive_triggers", 1), ("trusted_schema", 0), ("defer_foreign_keys", 0),
               ("cell_size_check", 1), ("reverse_unordered_selects", 1), ("count_changes", 1),
               ("case_sensitive_like", 1), ("ignore_check_constraints", 1), ("full_column_names", 1),
               ("short_column_names", 0), ("automatic_index", 0), ("secure_delete", 1)]

    def test_pragmas(self):
        for pragma, value in self.PRAGMAS:
            with self.subTest(pragma):
                self.connection.execute(f"PRAGMA {pragma} = {value}")
                self.try_it()
                if pragma != "case_sensitive_like":
                    self.assertEqual(scalar(self.connection, f"PRAGMA {pragma}"), value)
            self.doCleanups()
            self.setUp()

    def try_it(self):
        migrate(self.connection, TWO)
        self.check_new()
        self.connection.execute("INSERT INTO Fresh(id) VALUES ('f')")
        self.connection.execute("UPDATE Post SET likes = 2 WHERE id = 'p2'")
        journal = self.connection.execute(
            "SELECT key, op, mask FROM datastore_journal ORDER BY seq").fetchall()
        self.assertEqual([entry[:2] for entry in journal], [("f", 1), ("p2", 2)])
        self.assertEqual(bin(journal[1][2]).count("1"), 1)
        settle(self.connection)
        migrate(self.connection, ONE)
        self.connection.execute("UPDATE Post SET old = char(96 + rating)")
        settle(self.connection)
        self.check_old()

    def test_incremental_vacuum(self):
        connection = connect()
        connection.isolation_level = None
        self.addCleanup(connection.close)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("CREATE TABLE big(a)")
        connection.execute("INSERT INTO big VALUES (zeroblob(100000))")
        connection.execute("DROP TABLE big")
        free = scalar(connection, "PRAGMA freelist_count")
        migrate(connection, "type Post @model { id: ID! }")
        migrate(connection, "type Post @model { id: ID! a: Int }")
        self.assertEqual(scalar(connection, "PRAGMA auto_vacuum"), 2)
        self.assertGreater(free, 20)
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")

    def test_foreign_key_of_the_users(self):
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("CREATE TABLE mine(g REFERENCES Gone_rows(id))")
        self.connection.execute("INSERT INTO Gone(id) VALUES ('g')")
        settle(self.connection)
        self.connection.execute("INSERT INTO mine VALUES ('g')")
        self.refused("FOREIGN KEY constraint failed")
        self.connection.execute("DELETE FROM mine")
        migrate(self.connection, TWO)
        self.check_new()

    def test_temp_store_and_tiny_cache(self):
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute("PRAGMA cache_size = 1")
        migrate(self.connection, TWO)
        self.check_new()

    def test_host_counters_and_hooks(self):
        calls = []
        self.connection.set_authorizer(lambda *a: calls.append(a) or sqlite3.SQLITE_OK)
        migrate(self.connection, TWO)
        self.connection.set_authorizer(None)
        self.assertTrue(calls)
        self.check_new()

    def test_authorizer_that_denies(self):
        for deny in (sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_DROP_VTABLE,
                     sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_CREATE_VTABLE):
            self.connection.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_DENY if action == deny else sqlite3.SQLITE_OK)
            before = dump(self.connection)
            with self.assertRaisesRegex(sqlite3.Error, "not authorized"):
                migrate(self.connection, TWO)
            self.assertFalse(self.connection.in_transaction)
            self.connection.set_authorizer(None)
            self.assertEqual(dump(self.connection), before)
            self.check_old()


class Size(Case):
    """A column more touches no row."""

    def test_new_column_writes_the_same_for_any_size(self):
        written = []
        for n in (1000, 100000):
            path = os.path.join(self.folder.name, f"{n}.db")
            connection = connect(path)
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, ONE)
            connection.execute("UPDATE datastore_session SET applying = 1")
            connection.execute(
                "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                " INSERT INTO Post_rows(id, title, rating, old, _version)"
                " SELECT 'p' || i, 'title ' || i, i, 'old', 1 FROM n", (n,))
            connection.execute("UPDATE datastore_session SET applying = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            changes = connection.total_changes
            migrate(connection, ONE.replace("old: String", "old: String likes: Int tags: [Int]"))
            written.append((os.path.getsize(path + "-wal"), connection.total_changes - changes))
            self.assertEqual(scalar(connection, "SELECT count(*) FROM Post WHERE likes IS NULL"), n)
            connection.close()
        self.assertEqual(written[0], written[1])
        self.assertLess(written[0][0], 200000)


if __name__ == "__main__":
    unittest.main()

"""A file with models: closed, copied, dumped, attached, locked, and shared with others."""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

LIBRARY = os.path.abspath(os.environ.get("DATASTORE", "dist/datastore"))
SCHEMA = """
type Post @model {
  id: ID!
  title: String!
  rating: Int
  comments: [Comment] @connection(name: "PostComments")
}
type Comment @model {
  id: ID!
  content: String!
  post: Post @connection(name: "PostComments")
}
"""


def load(connection):
    connection.enable_load_extension(True)
    connection.load_extension(LIBRARY)
    connection.enable_load_extension(False)


def connect(path, loaded=True):
    """In autocommit mode, as SQLite itself has it."""
    uri = str(path).startswith("file:")
    connection = sqlite3.connect(path, timeout=20, isolation_level=None, uri=uri)
    connection.execute("PRAGMA synchronous = OFF")
    if loaded:
        load(connection)
    return connection


def scalar(connection, sql, *parameters):
    return connection.execute(sql, parameters).fetchone()[0]


def shell(path, *commands, loaded):
    """The sqlite3 shell's output for commands."""
    before = [f".load {LIBRARY}"] if loaded else []
    result = subprocess.run(
        ["sqlite3", "-batch", path],
        input="\n".join([*before, *commands]),
        env=os.environ | {"HOME": os.path.dirname(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / "app.db")

    def connect(self, path=None, **arguments):
        connection = connect(path or self.path, **arguments)
        self.addCleanup(connection.close)
        return connection

    def fill(self, connection):
        connection.execute("SELECT datastore_schema(?)", [SCHEMA])
        for write in (
            "INSERT INTO Post(id, title, rating) VALUES ('p1', 'One', 1), ('p2', 'Two', 2)",
            "INSERT INTO Comment(id, content, post)"
            " VALUES ('c1', 'x', 'p1'), ('c2', 'y', 'p1'), ('c3', 'z', 'p2')",
            "UPDATE Post SET rating = 3 WHERE id = 'p2'",
            "DELETE FROM Comment WHERE id = 'c3'",
        ):
            connection.execute(write)

    def content(self, connection):
        """What a user sees of rows and outbox."""
        queries = (
            "SELECT *, comments, _status FROM Post ORDER BY id",
            "SELECT * FROM Comment ORDER BY id",
            "SELECT * FROM datastore_outbox",
            "SELECT datastore_schema()",
        )
        return [connection.execute(query).fetchall() for query in queries]

    def check_alive(self, connection, expected):
        """The same content, and it goes on: writes are checked, journalled, and cascade."""
        self.assertEqual(self.content(connection), expected)
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")
        entries = scalar(connection, "SELECT max(seq) FROM datastore_outbox")
        with self.assertRaisesRegex(sqlite3.IntegrityError, "no such Post"):
            connection.execute("INSERT INTO Comment(content, post) VALUES ('x', 'none')")
        connection.execute("DELETE FROM Post WHERE id = 'p1'")
        journal = connection.execute(
            "SELECT model, op FROM datastore_outbox WHERE seq > ?", [entries]
        )
        self.assertEqual(
            journal.fetchall(),
            [("Comment", "delete"), ("Comment", "delete"), ("Post", "delete")],
        )
        connection.close()


class Copies(Case):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.fill(self.connection)
        self.expected = self.content(self.connection)

    def test_closed_and_reopened(self):
        self.connection.close()
        self.check_alive(self.connect(), self.expected)

    def test_vacuum(self):
        self.connection.execute("VACUUM")
        self.check_alive(self.connection, self.expected)

    def test_vacuum_into(self):
        copy = str(self.folder / "copy.db")
        self.connection.execute("VACUUM INTO ?", [copy])
        self.check_alive(self.connect(copy), self.expected)

    def test_backup(self):
        copy = self.connect(":memory:", loaded=False)
        self.connection.backup(copy)
        load(copy)
        self.check_alive(copy, self.expected)

    def test_backup_over_a_loaded_connection(self):
        copy = self.connect(":memory:")
        self.assertIsNone(scalar(copy, "SELECT datastore_schema()"))
        self.connection.backup(copy)
        self.assertIsNotNone(scalar(copy, "SELECT datastore_schema()"))
        self.check_alive(copy, self.expected)

    def test_serialize(self):
        if not hasattr(self.connection, "serialize"):
            self.skipTest("this Python has no serialize()")
        copy = self.connect(":memory:", loaded=False)
        copy.deserialize(self.connection.serialize())
        load(copy)
        self.check_alive(copy, self.expected)

    def dump_and_restore(self, loaded):
        dump = shell(self.path, ".dump", loaded=loaded)
        copy = str(self.folder / "restored.db")
        shell(copy, dump, loaded=loaded)
        self.check_alive(self.connect(copy), self.expected)

    def test_dump_restored_with_the_extension(self):
        self.dump_and_restore(loaded=True)

    def test_dump_restored_without_the_extension(self):
        self.dump_and_restore(loaded=False)

    def test_clone(self):
        """The shell's .clone leaves out what it cannot make: the models. They come back with the schema,
        be it the same one or another."""
        for name, schema, added in (("same", SCHEMA, []), ("more", SCHEMA + "type Tag @model { id: ID! }", ["Tag"])):
            copy = str(self.folder / f"{name}.db")
            subprocess.run(["sqlite3", self.path, f".clone {copy}"], capture_output=True, check=False)
            connection = self.connect(copy)
            with self.assertRaisesRegex(sqlite3.OperationalError, "no such table"):
                connection.execute("SELECT * FROM Post")
            answer = json.loads(scalar(connection, "SELECT datastore_schema(?)", schema))
            self.assertEqual((answer["added"], answer["changed"]), (added, []))
            self.check_alive(connection, [*self.expected[:3], [(schema,)]])

    def test_utf16(self):
        wide = self.connect(str(self.folder / "wide.db"))
        wide.execute("PRAGMA encoding = 'UTF-16'")
        self.fill(wide)
        wide.execute("INSERT INTO Post(id, title) VALUES ('p3', 'h\u00e9\u20ac\U0001f600')")
        title = "SELECT title FROM Post WHERE title > 'h' AND id = 'p3'"
        self.assertEqual(scalar(wide, title), "h\u00e9\u20ac\U0001f600")
        self.check_alive(wide, self.content(wide))


class Places(Case):
    def test_memory(self):
        connection = self.connect(":memory:")
        self.fill(connection)
        self.check_alive(connection, self.content(connection))

    def test_temporary_file(self):
        connection = sqlite3.connect("", isolation_level=None)
        self.addCleanup(connection.close)
        load(connection)
        self.fill(connection)
        self.check_alive(connection, self.content(connection))

    def test_memory_in_a_shared_cache(self):
        name = "file:shared?mode=memory&cache=shared"
        first, second = self.connect(name), self.connect(name)
        self.fill(first)
        scalar(second, "SELECT datastore_schema()")
        self.assertEqual(self.content(second), self.content(first))

    def test_attached_file_with_models(self):
        self.fill(self.connect())
        other = self.connect(str(self.folder / "other.db"))
        other.execute("ATTACH ? AS elsewhere", [self.path])
        self.assertEqual(scalar(other, "SELECT count(*) FROM elsewhere.Post_rows"), 2)
        with self.assertRaisesRegex(sqlite3.OperationalError, "no such module: Post"):
            other.execute("SELECT * FROM elsewhere.Post")
        self.fill(other)
        message = "models live in the main database: open the file of .elsewhere. itself"
        with self.assertRaisesRegex(sqlite3.OperationalError, message):
            other.execute("SELECT * FROM elsewhere.Post")
        with self.assertRaisesRegex(sqlite3.OperationalError, message):
            other.execute("INSERT INTO elsewhere.Post(title) VALUES ('x')")
        self.check_alive(other, self.content(other))

    def test_same_file_attached(self):
        connection = self.connect()
        self.fill(connection)
        connection.execute("ATTACH ? AS again", [self.path])
        with self.assertRaisesRegex(sqlite3.OperationalError, "models live in the main"):
            connection.execute("SELECT * FROM again.Post")
        connection.execute("DETACH again")
        self.check_alive(connection, self.content(connection))

    def test_read_only(self):
        self.fill(self.connect())
        for uri in ("mode=ro", "immutable=1"):
            with self.subTest(uri):
                connection = self.connect(f"file:{self.path}?{uri}")
                self.assertEqual(len(self.content(connection)[0]), 2)
                for write in (
                    "INSERT INTO Post(title) VALUES ('x')",
                    "DELETE FROM Post",
                    """SELECT datastore_save('Post', '{"id":"p1","title":"x"}')""",
                    "SELECT datastore_schema('type Post @model { id: ID! }')",
                ):
                    with self.assertRaisesRegex(sqlite3.OperationalError, "readonly"):
                        connection.execute(write).fetchall()
                # The schema that is there already needs no write.
                connection.execute("SELECT datastore_schema(datastore_schema())").fetchall()
                self.assertFalse(connection.in_transaction)
                connection.close()

    def test_query_only(self):
        connection = self.connect()
        self.fill(connection)
        connection.execute("PRAGMA query_only = ON")
        with self.assertRaisesRegex(sqlite3.OperationalError, "readonly"):
            connection.execute("DELETE FROM Post")
        self.assertEqual(len(self.content(connection)[0]), 2)


class Others(Case):
    """More than one connection, in one process."""

    def test_open_before_the_schema(self):
        early, installer = self.connect(), self.connect()
        self.assertIsNone(scalar(early, "SELECT datastore_schema()"))
        self.fill(installer)
        self.assertEqual(scalar(early, "SELECT datastore_schema()"), SCHEMA)
        self.check_alive(early, self.content(installer))

    def test_open_before_another_model(self):
        early, installer = self.connect(), self.connect()
        self.fill(installer)
        self.assertEqual(scalar(early, "SELECT datastore_schema()"), SCHEMA)
        self.assertEqual(scalar(early, "SELECT count(*) FROM Post"), 2)
        more = SCHEMA + "type Tag @model { id: ID! label: String }"
        installer.execute("SELECT datastore_schema(?)", [more])
        installer.execute("INSERT INTO Tag(label) VALUES ('red')")
        self.assertEqual(scalar(early, "SELECT count(*) FROM Post"), 2)
        self.assertEqual(scalar(early, "SELECT label FROM Tag"), "red")

    def test_rolled_back_schema(self):
        connection, other = self.connect(), self.connect()
        connection.execute("BEGIN")
        self.fill(connection)
        self.assertEqual(scalar(connection, "SELECT count(*) FROM Post"), 2)
        connection.execute("ROLLBACK")
        self.assertIsNone(scalar(connection, "SELECT datastore_schema()"))
        with self.assertRaisesRegex(sqlite3.OperationalError, "no such table: Post"):
            connection.execute("SELECT * FROM Post")
        with self.assertRaisesRegex(sqlite3.OperationalError, "no schema is installed"):
            connection.execute("SELECT datastore_save('Post', '{}')")
        self.fill(other)
        scalar(connection, "SELECT datastore_schema()")
        self.check_alive(connection, self.content(other))

    def test_snapshot(self):
        reader, writer = self.connect(), self.connect()
        writer.execute("PRAGMA journal_mode = wal")
        self.fill(writer)
        scalar(reader, "SELECT datastore_schema()")
        reader.execute("BEGIN")
        before = self.content(reader)
        writer.execute("UPDATE Post SET rating = 9")
        writer.execute("DELETE FROM Comment")
        self.assertEqual(self.content(reader), before)
        reader.execute("COMMIT")
        self.assertEqual(self.content(reader), self.content(writer))

    def test_stale_snapshot_cannot_write(self):
        reader, writer = self.connect(), self.connect()
        writer.execute("PRAGMA journal_mode = wal")
        self.fill(writer)
        scalar(reader, "SELECT datastore_schema()")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM Post").fetchone()
        writer.execute("UPDATE Post SET rating = 9")
        for write in (
            "UPDATE Post SET rating = 10",
            """SELECT datastore_save('Post', '{"id":"p1","title":"x"}')""",
        ):
            with self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
                reader.execute(write).fetchall()
        reader.execute("ROLLBACK")
        reader.execute("UPDATE Post SET rating = 10")
        self.assertEqual(scalar(writer, "SELECT min(rating) FROM Post"), 10)

    def load_while_it_is_locked(self):
        """A connection, and whether loading could wait for the end of it."""
        holder = subprocess.Popen(
            ["sqlite3", "-batch", self.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holder.stdin.write("BEGIN EXCLUSIVE;\n.print held\n.system sleep 0.3\nCOMMIT;\n")
        holder.stdin.close()
        self.assertEqual(holder.stdout.readline(), "held\n")
        connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        self.addCleanup(connection.close)
        load(connection)
        sql = "SELECT count(*) FROM pragma_module_list WHERE name = 'Post'"
        has_waited = scalar(connection, sql) == 1
        holder.wait()
        holder.stdout.close()
        return connection, has_waited

    def test_locked_for_a_moment_at_load(self):
        self.fill(self.connect())
        for _ in range(10):  # a moment may take a machine longer than loading waits
            connection, has_waited = self.load_while_it_is_locked()
            if has_waited:
                break
        self.assertTrue(has_waited)
        self.assertEqual(scalar(connection, "SELECT count(*) FROM Post"), 2)

    def test_locked_at_load(self):
        holder = self.connect()
        self.fill(holder)
        holder.execute("BEGIN EXCLUSIVE")
        late = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        self.addCleanup(late.close)
        load(late)
        with self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
            late.execute("SELECT datastore_schema()")
        holder.execute("COMMIT")
        self.assertEqual(scalar(late, "SELECT datastore_schema()"), SCHEMA)
        self.check_alive(late, self.content(holder))


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from test_files import connect, scalar
path, name, rounds = sys.argv[2], sys.argv[3], int(sys.argv[4])
connection = connect(path)
for i in range(rounds):
    key = f"{name}-{i}"
    connection.execute("INSERT INTO Post(id, title, rating) VALUES (?, 'x', 0)", [key])
    scalar(connection, "SELECT datastore_save('Post', json_object('id', ?, 'rating', 1),"
                       " json_object('rating', json_object('eq', 0)))", key)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO Comment(content, post) VALUES ('x', ?)", [key])
    connection.execute("UPDATE Post SET rating = rating + 1 WHERE id = 'shared'")
    connection.execute("COMMIT")
connection.close()
"""
ROUNDS = 40


class Processes(Case):
    """Two that write at once: nobody's entry is lost, and waiting is all there is to it."""

    def start(self, name):
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, os.path.dirname(__file__), self.path, name,
             str(ROUNDS)],
            stderr=subprocess.PIPE,
            text=True,
        )

    def write_at_once(self, mode):
        connection = self.connect()
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("SELECT datastore_schema(?)", [SCHEMA])
        connection.execute("INSERT INTO Post(id, title, rating) VALUES ('shared', 'x', 0)")
        writers = [self.start("a"), self.start("b")]
        for writer in writers:
            self.assertEqual((writer.communicate()[1], writer.returncode), ("", 0))
        n = 2 * ROUNDS
        self.assertEqual(
            scalar(connection, "SELECT rating FROM Post WHERE id = 'shared'"), n
        )
        entries = connection.execute(
            "SELECT model, op, count(*), count(DISTINCT id) FROM datastore_outbox"
            " WHERE id <> 'shared' GROUP BY 1, 2 ORDER BY 1, 2"
        )
        self.assertEqual(
            entries.fetchall(),
            [("Comment", "create", n, n), ("Post", "create", n, n), ("Post", "update", n, n)],
        )
        shared = "SELECT count(*) FROM datastore_outbox WHERE id = 'shared'"
        self.assertEqual(scalar(connection, shared), n + 1)
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")

    def test_write_ahead_log(self):
        self.write_at_once("wal")

    def test_rollback_journal(self):
        self.write_at_once("delete")

    def test_install_at_once(self):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from test_files import *\n"
            "connection = connect(sys.argv[2])\n"
            "connection.execute('SELECT datastore_schema(?)', [SCHEMA]).fetchall()\n"
            "connection.execute(\"INSERT INTO Post(title) VALUES ('x')\")\n"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", code, os.path.dirname(__file__), self.path],
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for process in processes:
            self.assertEqual((process.communicate()[1], process.returncode), ("", 0))
        connection = self.connect()
        self.assertEqual(scalar(connection, "SELECT count(*) FROM Post"), 4)
        self.assertEqual(scalar(connection, "SELECT count(*) FROM datastore_outbox"), 4)


if __name__ == "__main__":
    unittest.main()

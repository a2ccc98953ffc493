"""The extension in Python's own sqlite3 module."""

import ctypes
import os
import shutil
import sqlite3
import tempfile
import unittest

LIBRARY = os.environ.get("DATASTORE", "dist/datastore")


def connect(path=":memory:"):
    connection = sqlite3.connect(path)
    connection.enable_load_extension(True)
    connection.load_extension(LIBRARY)
    connection.enable_load_extension(False)
    return connection


class OtherSQLite:
    """A second SQLite in this process, as programs have it whose libraries bring one each."""

    def __init__(self, folder):
        with open("/proc/self/maps", encoding="utf-8") as maps:
            mine = next(line.split()[-1] for line in maps if "libsqlite3" in line)
        self.library = ctypes.CDLL(shutil.copy(mine, folder))
        self.db = ctypes.c_void_p()
        self.library.sqlite3_open(b":memory:", ctypes.byref(self.db))
        self.library.sqlite3_enable_load_extension(self.db, 1)

    def load(self, path):
        """The error message, or None."""
        message = ctypes.c_char_p()
        path = os.path.abspath(path).encode()
        self.library.sqlite3_load_extension(self.db, path, None, ctypes.byref(message))
        return message.value and message.value.decode()

    def close(self):
        self.library.sqlite3_close(self.db)


class Load(unittest.TestCase):
    def test_version_is_text(self):
        connection = connect()
        (version,) = connection.execute("SELECT datastore_version()").fetchone()
        self.assertIsInstance(version, str)
        connection.close()

    def test_many_connections(self):
        connections = [connect() for _ in range(20)]
        for connection in connections:
            connection.close()

    def test_two_sqlites(self):
        """The one that came first goes on; a copy of the file serves the other one."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        first = connect()
        self.addCleanup(first.close)
        other = OtherSQLite(folder.name)
        self.addCleanup(other.close)
        self.assertIn("load a copy of it", other.load(LIBRARY))
        first.execute("SELECT datastore_schema('type T @model { id: ID! n: Int }')")
        first.execute("INSERT INTO T(n) VALUES (1)")
        library = LIBRARY if LIBRARY.endswith(".so") else LIBRARY + ".so"
        copy = shutil.copy(library, os.path.join(folder.name, "datastore.so"))
        self.assertIsNone(other.load(copy))
        first.execute("INSERT INTO T(n) VALUES (2)")
        self.assertEqual(first.execute("SELECT count(*) FROM T").fetchone(), (2,))


if __name__ == "__main__":
    unittest.main()

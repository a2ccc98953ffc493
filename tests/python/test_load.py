"""The extension in Python's own sqlite3 module."""

import os
import sqlite3
import unittest


def connect(path=":memory:"):
    connection = sqlite3.connect(path)
    connection.enable_load_extension(True)
    connection.load_extension(os.environ.get("DATASTORE", "dist/datastore"))
    connection.enable_load_extension(False)
    return connection


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


if __name__ == "__main__":
    unittest.main()

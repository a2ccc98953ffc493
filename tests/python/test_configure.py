"""datastore_configure: secrets come from where they are said to be, and go nowhere else."""

import json
import os
import sqlite3
import tempfile
import unittest

from test_load import connect

SCHEMA = "type Post @model { id: ID! title: String }"
URL = "https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql"
SECRETS = {
    "apiKey": "geheim-api-key",
    "authToken": "geheim-token",
    "accessKeyId": "geheim-access",
    "secretAccessKey": "geheim-secret",
    "sessionToken": "geheim-session",
    "proxy": "http://me:geheim-proxy@127.0.0.1:9",
}


def configure(connection, value=None):
    if value is None:
        row = connection.execute("SELECT datastore_configure()").fetchone()
    else:
        row = connection.execute("SELECT datastore_configure(?)", (json.dumps(value),)).fetchone()
    return json.loads(row[0])


class Configure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def refused(self, connection, value):
        with self.assertRaises(sqlite3.OperationalError) as caught:
            configure(connection, value)
        return str(caught.exception)

    def test_environment(self):
        os.environ["DATASTORE_TEST_TOKEN"] = "geheim"
        self.addCleanup(os.environ.pop, "DATASTORE_TEST_TOKEN", None)
        connection = connect()
        place = {"env": "DATASTORE_TEST_TOKEN"}
        self.assertEqual(configure(connection, {"authToken": place})["authToken"], place)
        os.environ["DATASTORE_TEST_TOKEN"] = "two\nlines, geheim"
        error = self.refused(connection, {"authToken": place})
        self.assertIn("holds a character that no credential has", error)
        self.assertNotIn("geheim", error)
        connection.close()

    def test_file(self):
        connection = connect()
        place = {"file": self.write("token", "geheim\n")}
        self.assertEqual(configure(connection, {"authToken": place})["authToken"], place)
        self.write("token", "")
        self.assertIn("authToken: is empty", self.refused(connection, {"authToken": place}))
        self.write("token", "x" * 20000)
        error = self.refused(connection, {"authToken": place})
        self.assertIn("has more than 16384 bytes", error)
        os.remove(place["file"])
        self.assertIn("cannot read", self.refused(connection, {"authToken": place}))
        # It was read when it was configured, and is not read to be shown.
        self.assertEqual(configure(connection)["authToken"], place)
        connection.close()

    def test_secrets_are_not_shown(self):
        connection = connect()
        shown = configure(connection, {"url": URL, **SECRETS})
        self.assertNotIn("geheim", json.dumps(shown))
        for name in SECRETS:
            self.assertIn("********", shown[name])
        self.assertNotIn("geheim", json.dumps(configure(connection)))
        connection.close()

    def test_secrets_are_in_no_error(self):
        connection = connect()
        configure(connection, {"url": URL, **SECRETS})
        for name, secret in SECRETS.items():
            for wrong in (secret + "\n x", [secret], {"value": secret}, {"env": [secret]}):
                if not (name == "proxy" and isinstance(wrong, str)):
                    self.assertNotIn("geheim", self.refused(connection, {name: wrong}))
            mixed = {name: secret, "syncPageSize": -1}
            self.assertNotIn("geheim", self.refused(connection, mixed))
        for url in ("https://me:geheim@a.test/", "https://a.test/?key=geheim", "geheim://a.test/"):
            self.assertNotIn("geheim", self.refused(connection, {"url": url}))
        with self.assertRaises(sqlite3.OperationalError) as caught:
            connection.execute("SELECT datastore_configure(?)", ('{"apiKey":"geheim" x',))
        self.assertNotIn("geheim", str(caught.exception))
        connection.close()

    def test_secrets_are_in_no_file(self):
        connection = connect(self.path("app.db"))
        connection.execute("PRAGMA journal_mode = WAL")
        configure(connection, {"url": URL, **SECRETS})
        connection.execute("SELECT datastore_schema(?)", (SCHEMA,)).fetchone()
        connection.execute("INSERT INTO Post(title) VALUES ('a known word')")
        connection.commit()
        configure(connection, {"concurrency": 2})
        content = {}
        for name in os.listdir(self.folder):
            with open(self.path(name), "rb") as file:
                content[name] = file.read()
        self.assertTrue(any(b"a known word" in data for data in content.values()))
        for name, data in content.items():
            self.assertNotIn(b"geheim", data, name)
            self.assertNotIn(b"appsync", data, name)
        connection.close()

    def test_each_connection_has_its_own(self):
        first, second = connect(self.path("app.db")), connect(self.path("app.db"))
        configure(first, {"url": URL, "concurrency": 3})
        self.assertNotIn("url", configure(second))
        self.assertEqual(configure(first)["concurrency"], 3)
        first.close()
        self.assertEqual(configure(second)["concurrency"], 4)
        second.close()

    def test_a_file_of_amplify(self):
        connection = connect()
        outputs = self.write("amplify_outputs.json", json.dumps({
            "version": "1.1",
            "data": {"url": URL, "aws_region": "eu-west-1", "api_key": "geheim",
                     "default_authorization_type": "API_KEY", "authorization_types": []},
        }))
        with open(outputs, encoding="utf-8") as file:
            shown = configure(connection, json.load(file))
        self.assertEqual(shown["url"], URL)
        self.assertEqual(shown["authMode"], "apiKey")
        self.assertEqual(shown["apiKey"], "********")
        connection.close()


if __name__ == "__main__":
    unittest.main()

"""The engine in the background, as a user meets it first. (test_live*.py go to its edges.)"""

import sqlite3
import unittest

from kit import Case

WAIT_MS = 30000


class Background(Case):
    def wait(self, client, condition):
        self.assertEqual(client.one("SELECT datastore_wait(?, ?)", condition, WAIT_MS), 1)

    def test_both_ways(self):
        a = self.client("a.db")
        b = self.client("b.db")
        for client in (a, b):
            client.sql("SELECT datastore_start()")
            self.wait(client, "ready")
        sub = b.one("SELECT datastore_observe('Post')")
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
        self.wait(a, "outbox_empty")
        self.assertEqual(b.one("SELECT datastore_wait('events', ?, ?)", WAIT_MS, sub), 1)
        events = b.sql("SELECT op, id, origin FROM datastore_events(?)", sub)
        self.assertEqual(events, [("INSERT", "p", "remote")])
        b.sql("DELETE FROM Post")
        self.wait(b, "outbox_empty")
        for client in (a, b):
            self.wait(client, "synced")
            self.assertEqual(client.one("SELECT datastore_stop()"), 1)
            self.assertEqual(client.one("SELECT datastore_stop()"), 0)

    def test_no_engine(self):
        a = self.client("a.db")
        with self.assertRaisesRegex(sqlite3.Error, r"call datastore_start\(\) first"):
            a.one("SELECT datastore_wait('ready', 0)")
        self.assertEqual(a.one("SELECT datastore_wait('synced', 0)"), 0)
        memory = self.client(":memory:")
        with self.assertRaisesRegex(sqlite3.Error, "datastore_sync"):
            memory.sql("SELECT datastore_start()")


if __name__ == "__main__":
    unittest.main()

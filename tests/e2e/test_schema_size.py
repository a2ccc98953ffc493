"""A schema of so many models that one connection cannot tell of all: how many are open follows the schema."""

import os
import sqlite3
import tempfile
import unittest

from kit import MEMORY, LiveCase, wait_until

MANY, FEW = 70, 10
FOLDER = tempfile.TemporaryDirectory(dir=MEMORY)


def models(count):
    return "\n".join(f"type M{n:02} @model {{ id: ID! text: String }}" for n in range(count))


def as_file(text):
    path = os.path.join(FOLDER.name, "many.graphql")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Sizes(LiveCase):
    schema = as_file(models(MANY))
    options = ("--transformer", "v2")

    def connections(self, *counts):
        """In the end there are these connections, by the number of their subscriptions."""
        stats = lambda: self.server.admin("stats")["connections"]
        wait_until(
            lambda: sorted(len(one["subscriptions"]) for one in stats()) == sorted(counts),
            f"the subscriptions are {counts}",
        )

    def tell(self, a, model, key):
        self.server.mutate("create", model, {"id": key, "text": "t"})
        self.has(a, f"SELECT count(*) FROM {model} WHERE id = ?", key)

    def test_70_10_70(self):
        a = self.live()
        self.connections(99, 99, 12)
        self.tell(a, "M00", "first")
        self.tell(a, "M69", "first")
        a.sql("INSERT INTO M05(id, text) VALUES ('mine', 't')")
        a.one("SELECT datastore_schema(?)", models(FEW))
        self.connections(3 * FEW)
        self.tell(a, "M09", "second")
        self.server.mutate("create", "M69", {"id": "second", "text": "t"})
        with self.assertRaisesRegex(sqlite3.Error, "no such table: M69"):
            a.sql("SELECT * FROM M69")
        a.one("SELECT datastore_schema(?)", models(MANY))
        self.connections(99, 99, 12)
        self.tell(a, "M69", "third")
        self.has(a, "SELECT count(*) = 3 FROM M69")  # it is pulled from the beginning
        self.sent(a)
        self.assertAgree(a, *(f"M{n:02}" for n in range(MANY)))
        self.assertIsNone(self.status(a)["error"])

    def test_none_to_subscribe_to(self):
        """All connections are hung up where no model has subscriptions; the models are polled."""
        a = self.live()
        self.connections(99, 99, 12)
        bare = "type M00 @model(subscriptions: null) { id: ID! text: String }"
        a.one("SELECT datastore_schema(?)", bare)
        self.connections()
        a.sql("INSERT INTO M00(id, text) VALUES ('mine', 't')")
        self.sent(a)
        a.one("SELECT datastore_schema(?)", models(FEW))
        self.connections(3 * FEW)
        self.tell(a, "M00", "later")

    def test_again_and_again(self):
        """Before one is taken up the next one is there."""
        a = self.live()
        for count in (FEW, MANY, FEW, 40, MANY, 34, 33):
            a.one("SELECT datastore_schema(?)", models(count))
        self.connections(99)
        self.tell(a, "M32", "later")
        self.assertIsNone(self.status(a)["error"])


if __name__ == "__main__":
    unittest.main()

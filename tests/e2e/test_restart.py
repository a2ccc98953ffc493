"""The server is killed and comes back, as a process of its own and with its data, while engines run."""

import random
import time
import unittest

from changes import Changes, watch
from kit import Client, LiveCase, wait_until
from servers import Gateway, Mortal


class Writer(Changes):
    """Local changes over a connection of its own: each key once, and then one change of some."""

    def __init__(self, path, server, name):
        super().__init__(0.005)
        self.client, self.name = Client(path, server), name
        self.client.db.execute("PRAGMA busy_timeout = 30000")

    def change(self):
        self.client.sql(
            "INSERT INTO Post(id, title) VALUES (?, 't')", f"{self.name}-{self.n}"
        )
        if self.n % 3 == 0:
            self.client.sql(
                "UPDATE Post SET rating = ? WHERE id = ?", self.n, f"{self.name}-{self.n // 2}"
            )
        self.n += 1

    def end(self):
        try:
            super().end()
        finally:
            self.client.close()


class Restart(LiveCase):
    def setUp(self):
        super().setUp()
        self.server = Mortal(self.schema, self.folder)
        self.addCleanup(lambda: self.server.stop())

    def begin(self, name):
        a = self.client(name)
        watch(a.path)
        a.sub = a.one("SELECT datastore_observe('Post')")
        a.one("SELECT datastore_start()")
        return a

    def network(self, client):
        """What the hub was told of it, in order."""
        names = ("networkStatus", "subscriptionsEstablished")
        return [
            f"network {payload['active']}" if payload else name
            for name, payload in client.events()
            if name in names
        ]

    def check(self, *clients):
        """All have the same, which is all there ever was, each once."""
        for one in clients:
            self.sent(one)
        self.agree(*clients)
        for one in clients:
            self.assertEqual(one.dead(), [])
            self.assertEqual(one.rows("backwards"), [])
            told = one.sql("SELECT id FROM datastore_events(?) WHERE op = 'INSERT'", one.sub)
            keys = [key for key, in told]
            self.assertEqual(sorted(keys), sorted(self.server.records("Post")))

    def test_killed_while_all_write(self):
        a, b = self.begin("a.db"), self.begin("b.db")
        self.subscribed(2)
        writers = [Writer(one.path, self.server, name) for one, name in ((a, "a"), (b, "b"))]
        for one in writers:
            one.start()
        for round in range(3):
            time.sleep(0.2 + random.random() / 5)
            self.server.kill()
            for one in (a, b):
                wait_until(lambda: self.status(one)["network"] == "offline", "it is noticed")
            self.server.start()
            self.post(f"direct-{round}")
            self.server.mutate("update", "Post", {"id": f"direct-{round}", "rating": 7})
            self.subscribed(2)
        for one in writers:
            one.end()
        self.check(a, b)
        self.assertEqual(len(self.server.records("Post")), 3 + sum(one.n for one in writers))

    def test_killed_in_the_middle_of_a_pull(self):
        self.server.seed("Post", 300)
        self.server.fault("timeout", field="syncPosts", skip=10, ms=0)
        a = self.client("a.db", apiKey=self.server.key, syncPageSize=10)
        watch(a.path)
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.server.hits() == 1, "it is in the middle")
        self.server.kill()
        wait_until(lambda: self.status(a)["network"] == "offline", "it is noticed")
        self.server.start()
        self.post("direct")
        self.ready(a)
        self.agree(a)
        self.assertEqual(a.rows("backwards"), [])
        pages = len(self.server.log(field="syncPosts"))
        self.assertLess(pages, 30)  # it went on, and did not begin anew

    def test_what_the_hub_is_told(self):
        a = self.begin("a.db")
        self.subscribed(1)
        self.ready(a)
        self.assertEqual(self.network(a), ["network True", "subscriptionsEstablished"])
        self.server.kill()
        wait_until(lambda: self.status(a)["network"] == "offline", "it is noticed")
        self.server.start()
        self.subscribed(1)
        self.has(a, "SELECT count(*) = 5 FROM datastore_hub"
                    " WHERE event IN ('networkStatus', 'subscriptionsEstablished')")
        self.assertEqual(
            self.network(a),
            ["network True", "subscriptionsEstablished", "network False", "network True",
             "subscriptionsEstablished"],
        )
        self.check(a)

    def test_the_delta_table_is_gone(self):
        """What is asked for since the last time comes as everything, and what is gone was deleted."""
        self.post("p")
        self.post("gone")
        a = self.begin("a.db")
        self.subscribed(1)
        self.ready(a)
        self.server.mutate("delete", "Post", {"id": "gone"})
        self.has(a, "SELECT count(*) = 1 FROM Post")
        self.server.kill()
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        self.server.start("--delta-ttl-ms", "0")
        self.post("direct")
        self.server.mutate("update", "Post", {"id": "p", "rating": 7})
        self.subscribed(1)
        self.has(a, "SELECT rating = 7 FROM Post WHERE id = 'p'")
        self.sent(a)
        self.agree(a)
        self.assertEqual(a.rows("backwards"), [])

    def test_nobody_behind_the_gateway(self):
        a = self.begin("a.db")
        self.subscribed(1)
        for status in (502, 503):
            self.server.kill()
            gateway = Gateway(self.server.info["port"], status)
            for one in range(3):
                a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"{status}-{one}")
            wait_until(lambda: gateway.n >= 4, "it is asked again and again")
            self.assertEqual(len(a.outbox()), 3)
            gateway.close()
            self.server.start()
            self.post(f"direct-{status}")
            self.subscribed(1)
            self.has(a, "SELECT count(*) FROM Post WHERE id = ?", f"direct-{status}")
            self.sent(a)
        self.check(a)


if __name__ == "__main__":
    unittest.main()

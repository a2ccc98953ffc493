"""An API that speaks HTTP/2, as the service does, beside WebSockets over HTTP/1.1."""

import unittest

from kit import LiveCase, wait_until
from proxy import HOST, Proxy


class Http2(LiveCase):
    options = ("--tls", "--http2", "--pack", "gzip")

    def secure(self, name="a.db", **more):
        a = self.client(name)
        tls = self.server.info["tls"]
        a.configure(
            **{
                "url": tls["url"],
                "realtimeUrl": tls["realtimeUrl"],
                "caFile": tls["ca"],
                "syncPageSize": 100,
                "concurrency": 8,
                **more,
            }
        )
        return a

    def start(self, a):
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.subscribed(1)

    def versions(self, operation=None):
        return {entry["version"] for entry in self.server.log(operation)}

    def check(self, a, key):
        for one in range(60):
            a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"{key}-{one}")
        self.sent(a)
        self.server.mutate("update", "Post", {"id": f"{key}-0", "rating": 7})
        self.has(a, "SELECT rating = 7 FROM Post WHERE id = ?", f"{key}-0")
        self.agree(a)
        self.assertEqual(a.dead(), [])

    def test_all(self):
        for model in ("Blog", "Post", "User"):
            self.server.seed(model, 1500)
        a = self.secure()
        self.start(a)
        self.check(a, "mine")
        self.assertEqual(self.versions(), {"2.0"})
        self.assertIn("gzip", [entry.get("packed") for entry in self.server.log("query")])

    def test_sync(self):
        self.server.seed("Post", 1500)
        a = self.secure()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.clean(a.sync())
        self.assertAgree(a)
        self.assertEqual(self.versions(), {"2.0"})

    def test_lost_connections(self):
        """All that shares one ends with it."""
        self.server.seed("Post", 1500)
        self.server.fault("delay", field="syncPosts", skip=5, ms=200)
        a = self.secure()
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.server.hits() == 1, "it is in the middle")
        self.server.admin("offline", {"on": True, "ms": 300})
        self.ready(a)
        self.subscribed(1)
        self.server.no_faults()
        self.server.fault("delay", "mutation", after=True, ms=200)
        a.sql("INSERT INTO Post(id, title) VALUES ('once', 't')")
        wait_until(lambda: self.server.hits() == 1, "it is sent")
        self.server.admin("offline", {"on": True, "ms": 300})
        self.sent(a)
        self.assertEqual(self.server.record("Post", "once")["_version"], 1)
        self.check(a, "later")

    def test_faults(self):
        self.server.seed("Post", 300)
        a = self.secure()
        for kind in ("http500", "throttle", "truncated", "reset"):
            self.server.fault(kind, field="syncPosts")
            self.server.fault(kind, "mutation", after=True)
        a.sql("INSERT INTO Post(id, title) VALUES ('once', 't')")
        self.start(a)
        self.sent(a)
        self.assertEqual(self.server.hits(), 8)
        self.assertEqual(self.server.record("Post", "once")["_version"], 1)
        self.check(a, "later")

    def test_through_a_proxy(self):
        proxy = Proxy(self.server.info)
        self.addCleanup(proxy.stop)
        self.server.seed("Post", 300)
        names = {"url": f"https://{HOST}/graphql", "realtimeUrl": f"wss://{HOST}/graphql/realtime"}
        a = self.secure(proxy=proxy.url(), **names)
        self.start(a)
        self.check(a, "mine")
        self.assertEqual(self.versions(), {"2.0"})


if __name__ == "__main__":
    unittest.main()

"""The API is reached through a proxy only: requests and WebSockets, plain and with TLS."""

import json
import unittest

from kit import LiveCase, wait_until
from proxy import HOST, Proxy


class Proxies(LiveCase):
    options = ("--tls",)

    def proxy(self, **more):
        proxy = Proxy(self.server.info, **more)
        self.addCleanup(proxy.stop)
        return proxy

    def through(self, proxy, scheme="https", name="a.db", user="", **more):
        """A client that knows the API by a name that only the proxy can find."""
        a = self.client(name)
        socket = "wss" if scheme == "https" else "ws"
        a.configure(
            url=f"{scheme}://{HOST}/graphql",
            realtimeUrl=f"{socket}://{HOST}/graphql/realtime",
            caFile=self.server.info["tls"]["ca"],
            allowInsecure=scheme == "http",
            proxy=proxy.url(user),
            **more,
        )
        return a

    def start(self, a):
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.subscribed(1)

    def both_ways(self, a, key):
        a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"mine-{key}")
        self.sent(a)
        self.post(key)
        self.has(a, "SELECT count(*) FROM Post WHERE id = ?", key)
        self.agree(a)
        self.assertEqual(a.dead(), [])

    def test_tls(self):
        self.server.seed("Post", 50)
        proxy = self.proxy()
        a = self.through(proxy)
        self.start(a)
        self.both_ways(a, "p")
        self.assertEqual(proxy.asked, {f"CONNECT {HOST}:443"})

    def test_plain(self):
        """The WebSocket is a tunnel also then, as a proxy may know nothing of it."""
        self.server.seed("Post", 50)
        proxy = self.proxy()
        a = self.through(proxy, "http")
        self.start(a)
        self.both_ways(a, "p")
        self.assertEqual(proxy.asked, {f"POST http://{HOST}/graphql", f"CONNECT {HOST}:80"})

    def test_sync(self):
        proxy = self.proxy(password="me:secret")
        for scheme in ("http", "https"):
            self.post(scheme)
            a = self.through(proxy, scheme, f"{scheme}.db", user="me:secret@")
            a.sql("INSERT INTO Post(title) VALUES ('t')")
            self.clean(a.sync())
            self.assertAgree(a)

    def test_with_a_password(self):
        proxy = self.proxy(password="me:secret")
        a = self.through(proxy, user="me:secret@")
        self.start(a)
        self.both_ways(a, "p")
        self.assertNotIn("secret", json.dumps(self.status(a)) + a.one("SELECT datastore_configure()"))

    def test_it_refuses(self):
        """407: the change is kept, and the engine goes on as soon as it is told the password."""
        for scheme in ("http", "https"):
            with self.subTest(scheme=scheme):
                proxy = self.proxy(password="me:secret")
                a = self.through(proxy, scheme, f"{scheme}.db", user="me:wrong@")
                a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", scheme)
                a.one("SELECT datastore_start()")
                wait_until(lambda: proxy.n_refused > 3, "it is refused")
                wait_until(lambda: self.status(a)["error"], "it says so")
                self.assertIn("407", self.status(a)["error"])
                self.assertNotIn("wrong", json.dumps(self.status(a)))
                self.assertEqual([one["state"] for one in a.outbox()], ["pending"])
                a.configure(proxy=proxy.url("me:secret@"))
                self.ready(a)
                self.sent(a)
                self.assertEqual(a.dead(), [])
                self.agree(a)
                a.one("SELECT datastore_stop()")

    def test_it_dies_and_comes_back(self):
        for scheme in ("http", "https"):
            with self.subTest(scheme=scheme):
                proxy = self.proxy()
                a = self.through(proxy, scheme, f"{scheme}.db")
                self.start(a)
                self.both_ways(a, f"{scheme}-1")
                proxy.stop()
                a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"{scheme}-away")
                self.post(f"{scheme}-2")
                wait_until(lambda: self.status(a)["network"] == "offline", "it is noticed")
                proxy.start()
                self.subscribed(1)
                self.has(a, "SELECT count(*) FROM Post WHERE id = ?", f"{scheme}-2")
                self.sent(a)
                self.both_ways(a, f"{scheme}-3")
                a.one("SELECT datastore_stop()")
                wait_until(
                    lambda: not self.server.admin("stats")["connections"], "it has hung up"
                )

    def test_it_dies_in_the_middle(self):
        """Between the pages of a pull, and between a change and its answer."""
        self.server.seed("Post", 100)
        proxy = self.proxy()
        a = self.through(proxy, syncPageSize=10)
        self.server.fault("delay", field="syncPosts", skip=4, ms=200)
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.server.hits() == 1, "it is in the middle")
        proxy.stop()
        proxy.start()
        self.ready(a)
        self.subscribed(1)
        self.server.no_faults()
        self.server.fault("delay", "mutation", ms=200, after=True)
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        wait_until(lambda: self.server.hits() == 1, "it is sent")
        proxy.stop()
        proxy.start()
        self.both_ways(a, "later")
        self.assertEqual(self.server.record("Post", "mine")["_version"], 1)

    def test_it_cannot_find_the_api(self):
        proxy = self.proxy()
        proxy.ports.clear()
        a = self.through(proxy)
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.assertIn("502", self.fails(a))
        self.assertEqual(a.outbox()[0]["state"], "pending")


if __name__ == "__main__":
    unittest.main()

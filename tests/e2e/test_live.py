"""The engine in the background: starting and ending it, staying in step, and what it survives."""

import json
import os
import signal
import sqlite3
import threading
import time
import unittest

from kit import LIBRARY, PATIENCE, Client, LiveCase, read, wait_until

class Begin(LiveCase):
    def test_what_it_lacks(self):
        def error(client):
            with self.assertRaises(sqlite3.Error) as caught:
                client.one("SELECT datastore_start()")
            return str(caught.exception)

        memory = self.client(":memory:")
        self.assertIn("call datastore_sync", error(memory))
        self.assertEqual(self.status(memory)["engine"], "stopped")
        self.assertEqual(memory.one("SELECT datastore_stop()"), 0)
        bare = sqlite3.connect(self.path("bare.db"), isolation_level=None)
        self.addCleanup(bare.close)
        bare.enable_load_extension(True)
        bare.load_extension(LIBRARY)
        for call, missing in (
            ("SELECT 1", "no url is configured"),
            ("SELECT datastore_configure('{\"url\":\"https://x.test/graphql\"}')", "credential"),
            ("SELECT datastore_configure('{\"apiKey\":\"k\"}')", "no schema is installed"),
        ):
            bare.execute(call)
            with self.assertRaisesRegex(sqlite3.Error, missing):
                bare.execute("SELECT datastore_start()")
        a = self.client(apiKey=self.server.key, conflict="my_function")
        self.assertIn("SQL function", error(a))

    def test_several_connections_have_one_engine(self):
        a, b = self.client(), self.client()
        self.assertIsNone(a.one("SELECT datastore_start()"))
        self.assertIsNone(b.one("SELECT datastore_start()"))
        self.assertIsNone(a.one("SELECT datastore_start()"))
        self.ready(b)
        self.subscribed(1)
        a.close()
        self.post("p")
        self.has(b, "SELECT count(*) FROM Post")
        self.assertEqual(self.status(b)["engine"], "running")
        self.assertEqual(self.status(b)["network"], "online")
        self.assertIsNone(self.status(b)["error"])
        self.assertEqual(b.one("SELECT datastore_stop()"), 1)
        self.assertEqual(b.one("SELECT datastore_stop()"), 0)
        self.assertEqual(self.status(b)["engine"], "stopped")
        self.assertIsNone(self.status(b)["sender"])
        b.one("SELECT datastore_start()")
        self.ready(b)

    def test_one_that_runs_is_left_alone(self):
        """As in a web service, whose every request opens a connection and starts the engine."""
        a = self.live()
        for key in range(5):
            b = self.client()
            self.assertIsNone(b.one("SELECT datastore_start()"))
            b.sql("INSERT INTO Post(id, title) VALUES (?, 'x')", key)
            self.sent(b)
            b.close()
        self.assertEqual(a.events("ready"), [("ready", {})])
        self.assertEqual(a.events("networkStatus"), [("networkStatus", {"active": True})])
        self.assertEqual(len(self.server.admin("stats")["connections"]), 1)

    def test_one_in_trouble_is_left_alone(self):
        """Its pauses are not cut short by everybody who starts it."""
        self.server.fault("http500", "query", status=503, times=None)
        a = self.client()
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.status(a)["error"], "it says what is wrong")
        for _ in range(50):
            a.one("SELECT datastore_start()")
            time.sleep(0.01)
        self.server.no_faults()
        self.ready(a)
        dialled = {entry["connection"] for entry in self.server.admin("log?kind=ws")}
        self.assertEqual(len(dialled), 1)

    def test_the_file_is_locked_while_it_ends(self):
        """The lease that it could not give back keeps nobody out."""
        a, b = self.live(), self.client()
        a.sql("BEGIN IMMEDIATE")
        self.assertEqual(a.one("SELECT datastore_stop()"), 1)
        a.sql("COMMIT")
        self.assertIsNone(self.status(a)["sender"])
        a.one("SELECT datastore_start()")
        self.ready(a)
        b.sql("BEGIN IMMEDIATE")
        self.assertEqual(a.one("SELECT datastore_stop()"), 1)
        b.sql("COMMIT")
        self.clean(a.sync())
        self.assertIsNone(self.status(a)["sender"])

    def test_the_last_close_ends_it(self):
        a = self.live()
        b = Client(a.path, self.server)
        a.close()
        self.subscribed(1)
        start = time.monotonic()
        b.close()
        self.assertLess(time.monotonic() - start, 10)
        wait_until(lambda: not self.server.admin("stats")["connections"], "it has hung up")
        again = sqlite3.connect(a.path)
        self.addCleanup(again.close)
        self.assertEqual(
            again.execute("SELECT lease_owner FROM datastore_session").fetchall(), [(None,)]
        )

    def test_close_while_nothing_answers(self):
        self.server.admin("ws/refuse", {"times": 9, "how": "hang"})
        self.addCleanup(self.server.admin, "ws/refuse", {"times": 0, "how": 503})
        self.server.fault("timeout", None, "syncPosts", ms=0)
        a = self.client()
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.status(a)["engine"] == "running", "it runs")
        start = time.monotonic()
        a.close()
        self.assertLess(time.monotonic() - start, 10)

    def test_many_starts_and_stops(self):
        connections = [self.client() for _ in range(3)]
        errors = []

        def work(client):
            try:
                for _ in range(15):
                    client.one("SELECT datastore_start()")
                    client.one("SELECT datastore_status()")
                    client.one("SELECT datastore_stop()")
            except sqlite3.Error as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(client,)) for client in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(errors, [])
        self.assertEqual(self.status(connections[0])["engine"], "stopped")


class Step(LiveCase):
    def test_both_ways(self):
        a, b = self.live("a.db"), self.live("b.db")
        self.subscribed(2)
        a.sql("INSERT INTO Blog(name) VALUES ('n')")
        blog = a.one("SELECT datastore_last_id()")
        a.sql("INSERT INTO Post(id, title, blogID) VALUES ('p', 't', ?)", blog)
        a.sql("INSERT INTO Comment(id, content, postID) VALUES ('c', 'x', 'p')")
        self.has(b, "SELECT count(*) FROM Comment WHERE id = 'c'")
        b.sql("UPDATE Post SET title = 'of b'")
        self.has(a, "SELECT count(*) FROM Post WHERE title = 'of b'")
        a.sql("DELETE FROM Blog")
        self.has(b, "SELECT count(*) = 0 FROM Blog")
        self.has(b, "SELECT count(*) = 0 FROM Post")
        self.has(b, "SELECT count(*) = 0 FROM Comment")
        self.sent(a)
        self.agree(a, b)

    def test_values(self):
        """What an event brings is to the byte what a pull brings."""
        a, b = self.live("a.db"), self.live("b.db")
        self.subscribed(2)
        self.server.clear_log()
        a.sql(
            "INSERT INTO Post(id, title, note, tags, meta, score) VALUES ('p', ?, NULL, ?, ?, 0.1)",
            'quo"te \\ \u2028 \U0001f600',
            '["x", null, ""]',
            '{"a": [1, "x"], "b": null}',
        )
        self.has(b, "SELECT count(*) FROM Post")
        self.assertEqual(self.server.log(field="syncPosts"), [])
        pulled = self.client("c.db")
        pulled.sync()
        self.assertEqual(b.rows("Post"), pulled.rows("Post"))
        self.assertEqual(b.one("SELECT json_extract(meta, '$.a[1]') FROM Post"), "x")

    def test_soon(self):
        """Well below the second; how long exactly is not for a loaded machine to say."""
        a = self.live()
        took = []
        for one in range(5):
            start = time.monotonic()
            a.sql("INSERT INTO Post(title) VALUES (?)", str(one))
            self.sent(a)
            took.append(time.monotonic() - start)
        self.assertLess(min(took), 1)

    def test_a_conflict(self):
        a, b = self.live("a.db"), self.live("b.db")
        self.post("p", rating=1)
        for client in (a, b):
            self.has(client, "SELECT count(*) FROM Post")
        a.sql("UPDATE Post SET note = 'of a'")
        b.sql("UPDATE Post SET rating = 2")
        self.sent(a)
        self.sent(b)
        self.has(a, "SELECT note = 'of a' AND rating = 2 FROM Post")
        self.agree(a, b)

    def test_events_in_order(self):
        a = self.live()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.sent(a)
        names = [name for name, _ in a.events()]
        wanted = "networkStatus subscriptionsEstablished outboxStatus syncQueriesStarted".split()
        self.assertEqual(names[:4], wanted)
        self.assertEqual(names[4:9], 5 * ["modelSynced"])
        self.assertEqual(names[9:11], ["syncQueriesReady", "ready"])
        self.assertIn("outboxMutationEnqueued", names[11:])
        self.assertLess(
            names.index("outboxMutationEnqueued"), names.index("outboxMutationProcessed")
        )
        self.assertEqual(a.events("networkStatus"), [("networkStatus", {"active": True})])
        status = [payload["isEmpty"] for _, payload in a.events("outboxStatus")]
        self.assertEqual(status, [True, False, True])

    def test_sync_expression(self):
        self.post("few", rating=1)
        self.post("many", rating=9)
        a = self.live()
        a.one("SELECT datastore_sync_expression('Post', '{\"rating\":{\"gt\":5}}')")
        self.has(a, "SELECT group_concat(id) = 'many' FROM Post")
        self.subscribed(1)
        self.server.mutate("update", "Post", {"id": "few", "rating": 8})
        self.server.mutate("update", "Post", {"id": "many", "rating": 2})
        self.has(a, "SELECT group_concat(id) = 'few' FROM Post")
        a.one("SELECT datastore_sync_expression('Post', NULL)")
        self.agree(a)

    def test_migration(self):
        a = self.live()
        b = Client(a.path, self.server)
        self.addCleanup(b.close)
        self.post("p", rating=3)
        self.has(a, "SELECT count(*) FROM Post")
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        less = read(self.server.schema).replace("  rating: Int\n", "")
        b.one("SELECT datastore_schema(?)", less)
        self.sent(b)
        self.post("q")
        self.has(b, "SELECT count(*) FROM Post WHERE id = 'q'")
        b.one("SELECT datastore_schema(?)", read(self.server.schema))
        self.post("r", rating=5)
        self.has(b, "SELECT count(*) FROM Post WHERE id = 'r' AND rating = 5")
        self.assertIsNone(self.status(b)["error"])

    def test_datastore_sync_meanwhile(self):
        """The engine steps aside, and goes on afterwards."""
        a = self.live()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.clean(a.sync(full=True))
        b = Client(a.path, self.server)
        self.addCleanup(b.close)
        self.clean(b.sync())
        self.ready(a)
        self.subscribed(1)
        self.post("q")
        self.has(a, "SELECT count(*) FROM Post WHERE id = 'q'")
        self.agree(a)

    def test_clear(self):
        a = self.live()
        self.post("p")
        self.has(a, "SELECT count(*) FROM Post")
        a.one("SELECT datastore_clear('{\"force\":true}')")
        self.agree(a)

    def test_a_busy_writer(self):
        """Somebody keeps the file locked for longer than the engine waits."""
        a = self.live()
        other = sqlite3.connect(a.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.post("p")
        time.sleep(2)
        self.assertIn(self.status(a)["engine"], ("running", "starting"))
        other.execute("COMMIT")
        self.has(a, "SELECT count(*) FROM Post")


class Trouble(LiveCase):
    def test_network_loss(self):
        a = self.live()
        self.server.admin("offline", {"on": True, "ms": 1500})
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        gone = ("networkStatus", {"active": False})
        wait_until(lambda: gone in a.events(), "it is noticed")
        self.sent(a)
        self.post("q")
        self.subscribed(1)  # after a pause that is the longer the longer it lasted
        self.has(a, "SELECT count(*) FROM Post WHERE id = 'q'")
        wait_until(lambda: self.status(a)["network"] == "online", "it is over")
        self.agree(a)

    def test_cut_connections(self):
        a = self.live()
        for one, how in enumerate(
            ({"mode": "terminate"}, {"mode": "close", "code": 1001}, {"mode": "terminate"})
        ):
            self.subscribed(1)
            self.server.admin("ws/drop", how)
            self.post(f"p{one}")
            self.has(a, "SELECT count(*) FROM Post WHERE id = ?", f"p{one}")
        self.agree(a)

    def test_dials_are_refused(self):
        for how in (503, "reset"):
            self.server.admin("ws/refuse", {"times": 2, "how": how})
            a = self.live(f"{how}.db")
            self.subscribed(1)
            self.post(f"p{how}")
            self.has(a, "SELECT count(*) FROM Post WHERE id = ?", f"p{how}")
            a.one("SELECT datastore_stop()")

    def test_throttled(self):
        a = self.live()
        self.server.fault("throttle", "mutation", times=2)
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.sent(a)
        self.assertEqual(a.dead(), [])

    def test_a_new_token(self):
        """401 until datastore_configure has a token that is good."""
        self.server.admin("auth", {"apiKeys": ["another"]})
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        a.one("SELECT datastore_start()")
        wait_until(lambda: self.status(a)["error"], "it says what is wrong")
        self.assertEqual(len(a.outbox()), 1)
        a.configure(apiKey="another")
        self.sent(a)
        self.subscribed(1)
        self.assertEqual(a.dead(), [])

    def test_one_model_is_refused(self):
        self.server.admin(
            "ws/faults",
            {
                "match": {"type": "start", "field": "onCreatePost"},
                "kind": "error",
                "times": None,
                "errorType": "Unauthorized",
                "message": "Not Authorized to access onCreatePost on type Subscription",
            },
        )
        self.addCleanup(self.server.admin, "reset", {"data": False})
        a = self.live()
        wait_until(lambda: self.status(a)["error"], "it is named")
        self.assertRegex(self.status(a)["error"], "Post is polled.*Not Authorized")
        self.server.mutate("create", "Blog", {"id": "b", "name": "n"})
        self.has(a, "SELECT count(*) FROM Blog")
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        self.sent(a)

    def test_one_subscription_is_not_answered(self):
        match = {"type": "start", "field": "onCreatePost"}
        self.server.admin("ws/faults", {"match": match, "kind": "drop", "times": None})
        self.addCleanup(self.server.admin, "reset", {"data": False})
        a = self.live()
        wait_until(lambda: self.status(a)["error"], "it is named")
        self.assertRegex(self.status(a)["error"], "Post is polled.*does not answer")
        for key in range(3):
            self.server.mutate("create", "Blog", {"id": f"b{key}", "name": "n"})
            self.has(a, "SELECT count(*) FROM Blog WHERE id = ?", f"b{key}")

    def test_the_file_is_another_one(self):
        """It was deleted under a connection that somebody forgot, and begun anew."""
        a = self.live()
        os.remove(a.path)
        wait_until(lambda: self.status(a)["error"], "it is noticed")
        self.assertRegex(self.status(a)["error"], "moved or deleted|unable to open")
        b = self.client("a.db")
        b.one("SELECT datastore_start()")
        b.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.sent(b)
        self.agree(b)

    def test_the_server_is_another_one(self):
        """It restarts, at the same address: what was not sent is sent then."""
        a = self.live()
        self.server.admin("offline", {"on": True})
        for one in range(3):
            a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"p{one}")
        self.server.admin("offline", {"on": False})
        self.sent(a)
        self.agree(a)

    def test_events_late_reversed_and_doubled(self):
        a = self.live()
        self.subscribed(1)
        self.server.admin("ws/hold", {})
        self.post("p", rating=0)
        for one in range(1, 6):
            self.server.mutate("update", "Post", {"id": "p", "rating": one})
        self.post("q")
        self.server.mutate("delete", "Post", {"id": "q"})
        self.server.admin("ws/hold", {"on": False, "order": "reverse", "copies": 2})
        self.has(a, "SELECT rating = 5 FROM Post WHERE id = 'p'")
        self.agree(a)


class Processes(LiveCase):
    def test_fork(self):
        """A child has no engine, says so, and can have one of its own for another file."""
        a = self.live()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                self.as_child(a)
            self.assertEqual(self.wait_for(child), 0)
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.sent(a)
        self.assertEqual(self.status(a)["engine"], "running")

    def as_child(self, a):
        try:
            said = ""
            if json.loads(a.one("SELECT datastore_status()"))["engine"] != "stopped":
                os._exit(1)
            try:
                a.one("SELECT datastore_start()")
            except sqlite3.Error as error:
                said = str(error)
            own = sqlite3.connect(":memory:")
            own.execute("CREATE TABLE t AS SELECT zeroblob(100000)")
            os._exit(0 if "opened before fork" in said else 2)
        finally:
            os._exit(3)

    def wait_for(self, child):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "it hangs"

    def state(self, worker):
        rows, error = worker.sql("SELECT datastore_status()")
        self.assertIsNone(error)
        return json.loads(rows[0][0])

    def test_two_processes(self):
        one, two = self.worker(), self.worker()
        one.sql("SELECT datastore_start()")
        wait_until(lambda: self.state(one)["ready"], "the first one is ready")
        two.sql("SELECT datastore_start()")
        wait_until(lambda: self.state(two)["engine"] == "standby", "the second one waits")
        self.assertIn(str(one.process.pid), self.state(two)["sender"])
        two.sql("INSERT INTO Post(id, title) VALUES ('two', 't')")
        wait_until(lambda: "two" in self.server.records("Post"), "the first one sends it")
        one.kill()
        two.sql("INSERT INTO Post(id, title) VALUES ('later', 't')")
        wait_until(lambda: "later" in self.server.records("Post"), "the second takes over")
        self.assertEqual(self.state(two)["engine"], "running")
        self.assertIn(str(two.process.pid), self.state(two)["sender"])

    def test_it_is_handed_over(self):
        one, two = self.worker(), self.worker()
        one.sql("SELECT datastore_start()")
        wait_until(lambda: self.state(one)["ready"], "the first one is ready")
        two.sql("SELECT datastore_start()")
        wait_until(lambda: self.state(two)["engine"] == "standby", "the second one waits")
        one.stop()
        wait_until(lambda: self.state(two)["ready"], "the second one goes on")

    def test_a_child_that_is_killed(self):
        """Whenever it is killed, the next one goes on; nothing is lost and nothing sent twice."""
        a = self.client()
        for number in range(4):
            worker = self.worker()
            worker.sql("SELECT datastore_start()")
            for one in range(5):
                key = f"{number}-{one}"
                worker.sql("INSERT INTO Post(id, title) VALUES (?, 't')", key)
            time.sleep(0.05 * number)
            worker.kill()
        a.one("SELECT datastore_start()")
        self.sent(a)
        self.assertEqual(len(self.server.records("Post")), 20)
        self.assertEqual(a.dead(), [])
        self.agree(a)


if __name__ == "__main__":
    unittest.main()

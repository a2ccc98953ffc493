"""The network fails, hesitates or talks nonsense; sync says so and keeps everything."""

import socket
import sqlite3
import time
import unittest

from kit import TIMEOUTS, Case, Client


class Unreachable(Case):
    def keeps(self, a, *words):
        """Sync fails with that error, the change stays, and later it arrives."""
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        error = self.fails(a)
        for word in words:
            self.assertIn(word, error)
        self.assertNotIn("\n", error)
        self.assertEqual(a.outbox()[0]["state"], "pending")
        self.assertEqual(a.one("SELECT _status FROM Post"), "pending")
        return error

    def dead_port(self):
        """Nobody listens there, and nobody can: it is taken."""
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]

    def test_offline(self):
        a = self.client()
        self.server.admin("offline", {})
        self.keeps(a, "127.0.0.1")
        self.server.admin("offline", {"on": False})
        self.clean(a.sync())
        self.assertAgree(a)

    def test_nobody_listens(self):
        a = self.client()
        a.configure(url=f"http://127.0.0.1:{self.dead_port()}/graphql")
        self.keeps(a, "127.0.0.1")
        a.configure(url=self.server.url)
        self.clean(a.sync())

    def test_proxy_that_is_not_there(self):
        a = self.client()
        a.configure(url="https://example.com/graphql")
        a.configure(proxy=f"http://me:geheim-proxy@127.0.0.1:{self.dead_port()}")
        error = self.keeps(a, "127.0.0.1")
        self.assertNotIn("geheim", error)
        a.configure(url=self.server.url)  # no proxy is asked for what is on this machine
        self.clean(a.sync())

    def test_no_such_host(self):
        a = self.client()
        a.configure(url="https://nobody.invalid/graphql")
        self.keeps(a, "nobody.invalid")

    def test_plain_http_elsewhere_is_refused(self):
        a = self.client()
        with self.assertRaises(sqlite3.Error) as caught:
            a.configure(url="http://example.com/graphql")
        self.assertIn("plain http", str(caught.exception))
        self.clean(a.sync())

    def test_nothing_configured(self):
        a = self.client()
        a.configure(url=None)
        self.assertIn("datastore_configure", self.fails(a))

    def test_no_schema(self):
        db = sqlite3.connect(self.path("empty.db"), isolation_level=None)
        self.addCleanup(db.close)
        a = Client.__new__(Client)
        a.db = db
        db.enable_load_extension(True)
        db.load_extension(__import__("kit").LIBRARY)
        a.configure(url=self.server.url, apiKey=self.server.key)
        self.assertIn("datastore_schema", self.fails(a))

    def test_goes_down_in_the_middle(self):
        self.server.seed("Post", 50)
        a = self.client()
        a.configure(syncPageSize=10)
        self.server.fault("reset", field="syncPosts", skip=2, times=None)
        self.server.fault("reset", "mutation", times=None)
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        done = a.sync()
        self.assertEqual(done["pending"], 1)
        self.assertTrue(any(line.startswith("Post: ") for line in done["errors"]), done)
        self.server.no_faults()
        self.clean(a.sync())
        self.assertAgree(a)


class Slow(Case):
    def test_pieces(self):
        self.server.seed("Post", 20)
        self.server.fault("slow", field="syncPosts", size=512, ms=5)
        a = self.client()
        self.clean(a.sync())
        self.assertAgree(a)

    def test_request_timeout(self):
        """Another attempt is answered in time."""
        a = self.client()
        for limit in TIMEOUTS:
            self.server.fault("timeout", field="syncPosts", ms=0)
            a.configure(requestTimeoutMs=limit)
            if a.sync()["errors"] == []:
                break
        self.clean(a.sync())
        self.assertEqual(self.server.admin("stats")["faults"], TIMEOUTS.index(limit) + 1)

    def test_time_is_over(self):
        self.server.seed("Blog", 3)
        self.server.fault("timeout", field="syncPosts", times=None, ms=0)
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        done = self.cut_off(a, lambda: a.one("SELECT count(*) FROM Blog"))
        self.assertEqual(done["pending"], 1)
        self.assertTrue(any("timeoutMs" in line for line in done["errors"]), done)
        self.assertAgree(a, "Blog")
        self.server.no_faults()
        self.clean(a.sync())
        self.assertAgree(a)

    def test_time_is_over_while_pushing(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.server.fault("timeout", "mutation", after=True, ms=0)
        done = self.cut_off(a, self.server.hits)
        self.assertEqual(done["pending"], 1, done)
        self.assertEqual(a.outbox()[0]["state"], "pending")
        self.clean(a.sync())
        self.clean(a.sync())
        self.assertAgree(a)


class Answers(Case):
    """What is no answer is not taken for one, and what was not refused is tried again."""

    def test_throttled(self):
        a = self.client()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.server.fault("throttle", "mutation", retryAfter=1)
        start = time.monotonic()
        self.clean(a.sync())
        self.assertGreaterEqual(time.monotonic() - start, 0.9)
        self.assertAgree(a)

    def test_throttled_for_long(self):
        a = self.client()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.server.fault("throttle", "mutation", retryAfter=60, times=None)
        start = time.monotonic()
        done = a.sync()
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual((done["pending"], done["failed"]), (1, 0))
        now = int(time.time() * 1000)
        self.assertGreater(a.outbox()[0]["next_attempt_at"], now + 30000)

    def test_a_field_is_throttled(self):
        a = self.client()
        for number in range(5):
            a.sql("INSERT INTO Post(title) VALUES (?)", f"post {number}")
        self.server.fault(
            "graphqlError", field="createPost", text="post 3", errorType="ThrottlingException"
        )
        self.clean(a.sync())
        self.assertAgree(a)

    def test_broken_for_ever(self):
        for kind in ("http500", "malformed", "empty", "html", "reset", "truncated", "throttle"):
            with self.subTest(kind=kind):
                self.server.reset()
                a = self.client(f"{kind}.db")
                a.sql("INSERT INTO Post(title) VALUES ('t')")
                self.server.fault(kind, times=None)
                error = self.fails(a, timeoutMs=300)
                self.assertNotIn("\n", error)
                self.assertEqual(a.outbox()[0]["state"], "pending")
                self.assertEqual(a.dead(), [])
                self.server.no_faults()
                self.clean(a.sync())
                self.assertAgree(a)

    def test_data_without_the_field(self):
        a = self.client()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        for body in ('{"data":{}}', '{"data":{"createPost":null}}', '{"data":null}', "{}", "[]", "7"):
            self.server.fault("raw", "mutation", body=body)
        for _ in range(50):  # a slow machine may not come to the push in 100 ms
            if self.server.hits() == 6:
                break
            try:
                a.sync(timeoutMs=100)
            except sqlite3.OperationalError as error:  # nor to any answer at all
                self.assertIn("timeoutMs is over", str(error))
            a.sql("UPDATE datastore_mutations SET next_attempt_at = NULL")
        self.assertEqual(a.dead(), [])
        a.sql("UPDATE datastore_mutations SET next_attempt_at = NULL")
        self.clean(a.sync())
        self.assertAgree(a)

    def test_someone_elses_record(self):
        """An answer about another record is no proof of anything."""
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        other = '{"id":"q","title":"t","_version":1,"_lastChangedAt":1,"_deleted":null}'
        self.server.fault("raw", "mutation", body='{"data":{"createPost":%s}}' % other)
        self.clean(a.sync())
        self.assertEqual(set(self.server.records("Post")), {"p"})
        self.assertAgree(a)


class Refusals(Case):
    def test_inside_a_transaction(self):
        a = self.client()
        a.sql("BEGIN")
        self.assertIn("transaction", self.fails(a))
        a.sql("ROLLBACK")
        a.sql("SAVEPOINT s")
        self.assertIn("transaction", self.fails(a))
        a.sql("RELEASE s")
        self.clean(a.sync())

    def test_in_a_statement_that_writes(self):
        a = self.client()
        a.sql("CREATE TABLE log(line)")
        with self.assertRaises(sqlite3.Error):
            a.sql("INSERT INTO log SELECT datastore_sync()")
        self.assertEqual(a.sql("SELECT * FROM log"), [])

    def test_beside_a_statement_that_reads(self):
        a = self.client()
        a.sql("INSERT INTO Post(title) VALUES ('1'), ('2')")
        cursor = a.db.execute("SELECT title FROM Post")
        cursor.fetchone()
        self.assertIn("datastore_sync", self.fails(a))
        cursor.close()
        self.clean(a.sync())

    def test_options(self):
        a = self.client()
        for options, word in [
            ({"ful": True}, "full"),
            ({"models": ["Pst"]}, "Pst"),
            ({"models": []}, "models"),
            ({"timeoutMs": 0}, "timeoutMs"),
            ({"progress": "stdout"}, "progress"),
            ({"pull": 1}, "pull"),
        ]:
            self.assertIn(word, self.fails(a, **options))

    def test_only_some_models(self):
        self.server.seed("Post", 2)
        self.server.seed("Blog", 2)
        a = self.client()
        done = self.clean(a.sync(models=["Blog"]))
        self.assertEqual(list(done["models"]), ["Blog"])
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 0)
        self.clean(a.sync())
        self.assertAgree(a)

    def test_memory_database(self):
        self.server.seed("Post", 20)
        a = self.client(":memory:")
        a.configure(syncPageSize=7)
        a.sql("INSERT INTO Post(title) VALUES ('mine')")
        self.clean(a.sync())
        self.assertAgree(a)
        self.server.mutate("update", "Post", {"id": "post-0000001", "title": "x"})
        a.sql("DELETE FROM Post WHERE id = 'post-0000002'")
        self.clean(a.sync())
        self.assertAgree(a)


if __name__ == "__main__":
    unittest.main()

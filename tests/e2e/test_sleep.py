"""A laptop is closed and opened again: the process stands still while time, the server and others go on."""

import json
import os
import signal
import sqlite3
import time
import unittest

from cutter import Cutter
from kit import LIVE, LiveCase, wait_until

SILENCE = 2000  # milliseconds after which a connection without a sign of life is given up
USUAL = {"kaMs": 60000, "ackTimeoutMs": 300000}


class Sleep(LiveCase):
    def setUp(self):
        super().setUp()
        self.server.admin("config", {"kaMs": 300, "ackTimeoutMs": SILENCE})
        self.addCleanup(self.server.admin, "config", USUAL)
        self.a = self.begin()
        self.subscribed(1)

    def begin(self, **settings):
        worker = self.worker(**settings)
        self.call(worker, "SELECT datastore_start()")
        return worker

    def call(self, worker, text, *values):
        rows, error = worker.sql(text, *values)
        self.assertIsNone(error)
        return rows

    def one(self, text, *values):
        return self.call(self.a, text, *values)[0][0]

    def now(self):
        return json.loads(self.one("SELECT datastore_status()"))

    def sleep(self, ms=SILENCE + 500):
        """Half of it passes now, the rest after what happens meanwhile."""
        self.a.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.a.process.pid, os.WUNTRACED)
        time.sleep(ms / 2000)

    def wake(self, ms=SILENCE + 500):
        time.sleep(ms / 2000)
        self.a.process.send_signal(signal.SIGCONT)

    def in_step(self):
        wait_until(lambda: not self.one("SELECT count(*) FROM datastore_outbox"), "all is sent")

        def is_so():
            mine = self.call(self.a, "SELECT id, _version, rating FROM Post ORDER BY id")
            theirs = self.server.records("Post")
            return mine == [
                [key, theirs[key]["_version"], theirs[key].get("rating")] for key in sorted(theirs)
            ]

        wait_until(is_so, "all agree", LIVE)
        self.assertEqual(self.one("SELECT count(*) FROM datastore_dead_letter"), 0)
        wait_until(lambda: self.now()["error"] is None, "nothing is wrong")

    def test_for_longer_than_a_connection_may_be_silent(self):
        self.post("before")
        self.in_step()
        self.sleep()
        self.post("meanwhile")
        self.server.mutate("update", "Post", {"id": "before", "rating": 2})
        self.wake()
        self.in_step()
        self.post("later")
        self.in_step()

    def test_the_server_has_hung_up(self):
        for how in ({"mode": "terminate"}, {"mode": "close", "code": 1001}):
            self.sleep()
            self.server.admin("ws/drop", how)
            self.post(f"meanwhile-{how['mode']}")
            self.wake()
            self.one("INSERT INTO Post(id, title) VALUES (?, 't') RETURNING 1", how["mode"])
            self.in_step()
            self.subscribed(1)

    def test_shortly(self):
        """What was told meanwhile waits in the connection."""
        self.server.admin("config", USUAL)
        self.one("SELECT datastore_stop()")
        wait_until(lambda: not self.server.admin("stats")["connections"], "it has hung up")
        self.one("SELECT datastore_start()")
        self.subscribed(1)
        before = [one["id"] for one in self.server.admin("stats")["connections"]]
        self.sleep(200)
        self.post("meanwhile")
        self.wake(200)
        self.in_step()
        self.assertEqual([one["id"] for one in self.server.admin("stats")["connections"]], before)

    def test_while_a_change_is_on_its_way(self):
        """Its answer has come when nobody waits for it any more."""
        self.one(
            "SELECT datastore_configure(?)", json.dumps({"requestTimeoutMs": SILENCE})
        )
        self.one("SELECT datastore_start()")
        wait_until(lambda: self.now()["ready"], "it goes on")
        self.server.fault("delay", "mutation", ms=300, after=True)
        self.one("INSERT INTO Post(id, title) VALUES ('mine', 't') RETURNING 1")
        wait_until(lambda: self.server.hits() == 1, "it is sent")
        self.sleep()
        self.wake()
        self.in_step()
        self.assertEqual(self.server.record("Post", "mine")["_version"], 1)

    def test_in_the_middle_of_a_pull(self):
        self.server.seed("Post", 500)
        self.one("SELECT datastore_configure(?)", json.dumps({"syncPageSize": 10}))
        self.server.fault("delay", field="syncPosts", ms=300, skip=10)
        self.one("SELECT datastore_clear('{\"force\":true}')")
        wait_until(lambda: self.server.hits() == 1, "it is in the middle")
        self.sleep()
        self.post("meanwhile")
        self.wake()
        self.in_step()

    def in_another_network(self):
        """The router, or the address of before, is gone: what was open leads nowhere, and nobody says so."""
        cutter = Cutter(self.server.info["port"])
        self.addCleanup(cutter.close)
        near = f"://127.0.0.1:{cutter.port}/graphql"
        urls = {"url": "http" + near, "realtimeUrl": "ws" + near + "/realtime"}
        self.one("SELECT datastore_configure(?)", json.dumps(urls))
        self.one("SELECT datastore_start()")
        wait_until(lambda: len(cutter.open) > 1, "it goes through there")
        self.subscribed(1)
        self.one("INSERT INTO Post(id, title) VALUES ('before', 't') RETURNING 1")
        self.in_step()
        return cutter

    def test_it_wakes_in_another_network(self):
        cutter = self.in_another_network()
        self.sleep()
        cutter.forget()
        self.post("meanwhile")
        self.wake()
        self.one("INSERT INTO Post(id, title) VALUES ('mine', 't') RETURNING 1")
        self.in_step()

    def test_it_wakes_in_another_network_with_a_change_on_its_way(self):
        cutter = self.in_another_network()
        self.server.fault("timeout", "mutation", ms=0)
        self.one("INSERT INTO Post(id, title) VALUES ('mine', 't') RETURNING 1")
        wait_until(lambda: self.server.hits() == 1, "it is sent")
        self.sleep()
        cutter.forget()
        self.wake()
        self.in_step()
        self.assertEqual(self.server.record("Post", "mine")["_version"], 1)

    def end_lease(self):
        """As if it had slept for longer than a lease lasts. Not where it has locked the file."""
        other = sqlite3.connect(self.path("a.db"), isolation_level=None, timeout=0)
        other.execute("UPDATE datastore_session SET lease_expires_at = 0")
        other.close()

    def sleep_without_its_lease(self):
        def is_so():
            self.sleep(0)
            try:
                self.end_lease()
                return True
            except sqlite3.OperationalError as error:
                self.assertIn("locked", str(error))
                self.wake(0)
                return False

        wait_until(is_so, "it sleeps while it has locked nothing")

    def test_another_process_has_taken_over(self):
        """Whose lease is over must not send any more, and says who does now."""
        self.sleep_without_its_lease()
        b = self.begin()
        wait_until(
            lambda: json.loads(self.call(b, "SELECT datastore_status()")[0][0])["ready"],
            "the other one sends",
        )
        self.post("meanwhile")
        self.wake(0)
        wait_until(lambda: self.now()["engine"] == "standby", "it stands by")
        self.assertIn(str(b.process.pid), self.now()["sender"])
        self.one("INSERT INTO Post(id, title) VALUES ('mine', 't') RETURNING 1")
        self.in_step()
        b.kill()
        wait_until(lambda: self.now()["engine"] == "running", "it goes on")
        self.post("later")
        self.in_step()


if __name__ == "__main__":
    unittest.main()

"""Interrupts, other connections and other processes at the same file."""

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from kit import LIBRARY, PATIENCE, ROUNDS, Case, read, wait_until


class Interrupts(Case):
    def fill(self, a, number=0):
        """Something to pull and something to push."""
        self.server.seed("Post", 60, prefix=f"s{number}-")
        a.configure(syncPageSize=5, pushBatchSize=3)
        for one in range(20):
            a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"m{number}-{one}")

    def finish(self, a):
        self.assertEqual(a.dead(), [])
        self.clean(a.sync())
        self.assertAgree(a)

    def interrupt_who_waits(self, a):
        wait_until(self.server.hits, "it waits")
        a.db.interrupt()

    def test_while_it_waits(self):
        a = self.client()
        a.configure(requestTimeoutMs=1000 * PATIENCE)
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        for field, operation in (("syncPosts", None), (None, "mutation")):
            with self.subTest(field=field):
                self.server.no_faults()
                self.server.fault("timeout", operation, field, ms=0)
                thread = threading.Thread(target=self.interrupt_who_waits, args=(a,))
                thread.start()
                self.assertIn("interrupted", self.fails(a))
                thread.join()
                self.assertEqual(a.outbox()[0]["state"], "pending")
        self.finish(a)

    def test_at_random_moments(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        a = self.client()
        for number in range(10 * ROUNDS):
            with self.subTest(seed=seed, number=number):
                self.fill(a, number)
                thread = threading.Timer(chance.uniform(0, 0.15), a.db.interrupt)
                thread.start()
                try:
                    a.sync()
                except sqlite3.Error as error:
                    self.assertIn("interrupt", str(error))
                thread.join()
                self.finish(a)

    def test_control_c_in_the_shell(self):
        a = self.client()
        self.fill(a)
        a.sql("PRAGMA wal_checkpoint")
        self.server.fault("timeout", field="syncPosts", skip=3, ms=0)
        shell = subprocess.Popen(
            ["sqlite3", a.path, "-cmd", f".load {LIBRARY}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        configuration = f'{{"url":"{self.server.url}","apiKey":"{self.server.key}","syncPageSize":5}}'
        shell.stdin.write(f"SELECT 'begun' FROM (SELECT datastore_configure('{configuration}'));\n")
        shell.stdin.write("SELECT datastore_sync();\n")
        shell.stdin.flush()
        wait_until(self.server.hits, "the shell waits")
        shell.send_signal(signal.SIGINT)
        shell.stdin.close()
        said = shell.stdout.read()
        shell.stdout.close()
        self.assertEqual(shell.wait(PATIENCE), 1)
        self.assertIn("interrupt", said)
        self.finish(a)


class Connections(Case):
    def writing(self, a, mode):
        """Sync while another connection writes all the time; gives what that one wrote."""
        a.sql(f"PRAGMA journal_mode = {mode}")
        self.server.seed("Post", 200)
        a.configure(syncPageSize=20)
        written, is_over = [], threading.Event()

        def write():
            b = self.client()
            b.sql("PRAGMA busy_timeout = 30000")
            while not is_over.is_set():
                key = f"w{len(written)}"
                b.sql("INSERT INTO Post(id, title) VALUES (?, 'written')", key)
                written.append(key)
                time.sleep(0.002)

        thread = threading.Thread(target=write)
        thread.start()
        wait_until(lambda: written, "it writes")
        try:
            for _ in range(3):
                a.sync()
        finally:
            is_over.set()
            thread.join()
        self.clean(a.sync())
        self.assertAgree(a)
        self.assertLessEqual(set(written), set(self.server.records("Post")))

    def test_wal(self):
        self.writing(self.client(), "WAL")

    def test_rollback_journal(self):
        self.writing(self.client(), "DELETE")

    def test_long_write_transaction_of_another(self):
        """Sync waits for it, and does not hold a lock itself while it waits for the network."""
        self.server.seed("Post", 10)
        a, b = self.client(), self.client()
        b.sql("BEGIN IMMEDIATE")
        b.sql("INSERT INTO Post(id, title) VALUES ('b', 't')")
        threading.Timer(0.7, lambda: b.sql("COMMIT")).start()
        self.clean(a.sync())
        self.clean(a.sync())
        self.assertAgree(a)

    def test_no_lock_is_held_while_the_network_is_waited_for(self):
        a, b = self.client(), self.client()
        a.configure(requestTimeoutMs=2000 * PATIENCE)
        b.sql(f"PRAGMA busy_timeout = {1000 * PATIENCE}")
        for match in ({"field": "syncPosts"}, {"operation": "mutation"}):
            a.sql("INSERT INTO Post(title) VALUES ('t')")
            self.server.no_faults()
            self.server.fault("timeout", ms=0, **match)
            said = []
            thread = threading.Thread(target=lambda: said.append(self.fails(a)))
            thread.start()
            wait_until(self.server.hits, "sync waits")
            b.sql("INSERT INTO Post(title) VALUES ('local work goes on')")
            self.assertTrue(thread.is_alive())
            a.db.interrupt()
            thread.join()
            self.assertIn("interrupted", said[0])
        self.server.no_faults()
        self.clean(a.sync())
        self.assertAgree(a)

    def test_locked_for_too_long(self):
        a = self.client()
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        b = sqlite3.connect(a.path, isolation_level=None)
        b.execute("BEGIN IMMEDIATE")
        self.assertIn("locked", self.fails(a, timeoutMs=500))
        over = threading.Event()

        def interrupt():  # again, as the first one may come before the sync does
            while not over.wait(0.1):
                a.db.interrupt()

        thread = threading.Thread(target=interrupt)
        thread.start()
        self.assertIn("interrupted", self.fails(a))
        over.set()
        thread.join()
        b.execute("ROLLBACK")
        b.close()
        self.clean(a.sync())

    def test_host_that_locks_the_file_for_itself(self):
        self.server.seed("Post", 20)
        a = self.client()
        a.configure(syncPageSize=7)
        a.sql("PRAGMA locking_mode = EXCLUSIVE")
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.clean(a.sync(timeoutMs=5000))
        self.assertAgree(a)
        a.sql("PRAGMA locking_mode = NORMAL")

    def test_interrupted_where_the_lease_cannot_be_given_back(self):
        # Over the host's own connection nothing more can be written until its statement has ended.
        a = self.client(":memory:")
        self.server.fault("delay", operation="query", times=1, ms=20000)
        thread = threading.Thread(target=lambda: self.fails(a))
        thread.start()
        wait_until(self.server.hits, "sync waits")
        a.db.interrupt()
        thread.join()
        self.clean(a.sync())

    def test_read_only_file(self):
        a = self.client()
        a.close()
        db = sqlite3.connect(f"file:{self.path('a.db')}?mode=ro", uri=True, isolation_level=None)
        self.addCleanup(db.close)
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        configuration = f'{{"url":"{self.server.url}","apiKey":"{self.server.key}"}}'
        db.execute("SELECT datastore_configure(?)", (configuration,)).fetchone()
        for call in ("datastore_sync()", "datastore_start()"):
            with self.assertRaises(sqlite3.Error) as caught:
                db.execute(f"SELECT {call}").fetchone()
            self.assertIn("for reading only", str(caught.exception))


class Schemas(Case):
    def grown(self, a):
        """The schema of a, with another field and another model."""
        text = read(self.server.schema).replace("  score: Float\n", "  score: Float\n  extra: String\n")
        self.assertIn("extra", text)
        return text

    def test_changed_between_two_syncs(self):
        """The API does not know the new field yet: that is said, and nothing is lost."""
        self.server.seed("Post", 3)
        a, b = self.client(), self.client()
        self.clean(a.sync())
        b.sql("SELECT datastore_schema(?)", self.grown(a))
        self.server.seed("Post", 3, **{"from": 10})
        a.sql("INSERT INTO Blog(id, name) VALUES ('b', 'n')")
        a.sql("INSERT INTO Post(id, title, extra) VALUES ('p', 't', 'e')")
        done = a.sync()
        self.assertTrue(any(line.startswith("Post: ") for line in done["errors"]), done)
        self.assertIn("b", self.server.records("Blog"))
        self.assertEqual(a.one("SELECT extra FROM Post WHERE id = 'p'"), "e")
        self.assertEqual(len(a.outbox()) + len(a.dead()), 1)

    def test_changed_while_it_pulls(self):
        self.server.seed("Post", 50)
        a, b = self.client(), self.client()
        a.configure(syncPageSize=10)
        text = read(self.server.schema) + "\ntype Local @model { id: ID! text: String }\n"
        self.server.fault("delay", field="syncPosts", skip=2, ms=700)
        found = []
        thread = threading.Thread(target=lambda: found.append(a.sync()))
        thread.start()
        wait_until(self.server.hits, "the third page is asked for")
        b.sql("SELECT datastore_schema(?)", text)
        thread.join()
        self.assertEqual([line for line in found[0]["errors"] if "Local" not in line], [])
        self.assertAgree(a)
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 50)  # meets the new schema
        self.assertEqual(a.sql("SELECT * FROM Local"), [])

    def test_changed_while_it_pushes(self):
        a, b = self.client(), self.client()
        a.configure(pushBatchSize=3)
        for number in range(9):
            a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"p{number}")
        text = read(self.server.schema) + "\ntype Local @model { id: ID! text: String }\n"
        self.server.fault("delay", "mutation", skip=1, ms=700)
        found = []
        thread = threading.Thread(target=lambda: found.append(a.sync()))
        thread.start()
        wait_until(self.server.hits, "the second document is on its way")
        b.sql("SELECT datastore_schema(?)", text)
        thread.join()
        self.assertEqual((found[0]["pending"], found[0]["failed"]), (0, 0), found)
        self.assertAgree(a)
        self.assertEqual({one["_version"] for one in self.server.records("Post").values()}, {1})


class Lease(Case):
    def test_two_processes(self):
        """Both push what is theirs; nothing is sent twice."""
        self.server.seed("Post", 100)
        first, second = self.worker(), self.worker()
        for worker in (first, second):
            self.assertIsNone(worker.sql("SELECT 1")[1])
        for number in range(40):
            first.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"one{number}")
            second.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"two{number}")
        first.sync()
        second.sync()
        for worker in (first, second):
            self.assertIsNone(worker.end()[1])
        a = self.client()
        self.clean(a.sync())
        self.assertAgree(a)
        versions = {one["_version"] for one in self.server.records("Post").values()}
        self.assertEqual(versions, {1})

    def test_busy_holder_is_named(self):
        holder = self.worker()
        self.server.fault("timeout", field="syncPosts", ms=0)
        holder.sql("SELECT 1")
        holder.sync()
        wait_until(self.server.hits, "the holder waits")
        a = self.client()
        error = self.fails(a, timeoutMs=500)
        self.assertIn(f"process {holder.process.pid}", error)
        holder.kill()
        self.clean(a.sync())

    def test_killed_holder_is_followed(self):
        holder = self.worker()
        self.server.fault("timeout", "mutation", after=True, ms=0)
        holder.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        holder.sync()
        wait_until(self.server.hits, "the holder waits")
        self.assertEqual(self.client().outbox()[0]["state"], "in_flight")
        holder.kill()
        a = self.client()
        self.clean(a.sync())  # which waits less than a lease lasts
        self.assertAgree(a)

    def test_killed_while_it_pushes(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        a = self.client()
        for number in range(3 * ROUNDS):
            with self.subTest(seed=seed, number=number):
                worker = self.worker(pushBatchSize=2)
                for one in range(20):
                    a.sql("INSERT INTO Post(id, title) VALUES (?, 't')", f"{number}-{one}")
                worker.sql("SELECT 1")
                worker.sync()
                time.sleep(chance.uniform(0, 0.3))
                worker.kill()
                self.clean(a.sync())
                self.assertAgree(a)
                versions = {one["_version"] for one in self.server.records("Post").values()}
                self.assertEqual(versions, {1})


if __name__ == "__main__":
    unittest.main()

"""The change feed between processes: followers, writers, kill -9, names, waiting, descriptors.

OBSERVE_SECONDS=60 makes the long run as long as that.
"""

import json
import os
import pathlib
import random
import select
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from processes import Processes  # noqa: E402
from test_observe import PATIENCE, SCHEMA, Replay, connect, scalar, table  # noqa: E402

SECONDS = float(os.environ.get("OBSERVE_SECONDS", "4"))
EVENTS = 200  # so many that each follower has had some


# ---- what the other processes do --------------------------------------------------------------------


def write(path, seed):
    """Write until told to stop."""
    generator = random.Random(seed)
    db = connect(path)
    n = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        n += 1
        key = f"{generator.randrange(50)}"
        statement = generator.choice((
            ("INSERT OR REPLACE INTO Post(id, rating) VALUES (?, ?)", [key, generator.randrange(10)]),
            ("UPDATE Post SET rating = rating + 1 WHERE id = ?", [key]),
            ("DELETE FROM Post WHERE id = ?", [key]),
            ("INSERT INTO Comment(id, content, post) SELECT ?, 'x', id FROM Post WHERE id = ?",
             [f"{seed}.{n}", key]),
            ("DELETE FROM Comment WHERE id IN (SELECT id FROM Comment LIMIT 3)", []),
            ("UPDATE Comment SET content = ? WHERE post = ?", [str(n), key]),
        ))
        db.execute("BEGIN IMMEDIATE")
        db.execute(*statement)
        db.execute(generator.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))
        time.sleep(generator.random() / 200)
    db.close()


def follow(path, model, text, name):
    """Follow from a snapshot on, until told to stop; then print what there is."""
    db = connect(path)
    where = {"": "1", '{"rating":{"gt":4}}': "rating > 4"}.get(
        text, "EXISTS (SELECT 1 FROM Post p WHERE p.id = r.post AND p.rating > 4)"
    )
    sub = scalar(db, "SELECT datastore_observe(?, ?, ?)", model, text or None, name or None)
    db.execute("BEGIN")
    replay = Replay(table(db, model, where))
    seen = scalar(db, "SELECT max(seq) FROM datastore_changes") or 0
    db.execute("COMMIT")
    db.execute("SELECT datastore_ack(?, ?)", [sub, seen])
    print("ready", flush=True)
    stop = False
    while not stop:
        stop = bool(select.select([sys.stdin], [], [], 0)[0])
        scalar(db, "SELECT datastore_wait('events', 100, ?)", sub)
        replay.read(db, sub)
        if name:
            db.execute("SELECT datastore_ack(?, ?)", [sub, replay.seq or seen])
    same = replay.rows == table(db, model, where)
    print(json.dumps({"same": same, "resyncs": replay.resyncs, "events": replay.seq}), flush=True)
    db.close()


def hang(path, call):
    """Run one call, and go on doing nothing."""
    db = connect(path)
    db.execute(call).fetchall()
    print("ready", flush=True)
    time.sleep(600)


def wait(path):
    """Wait for events; print the moment."""
    db = connect(path)
    db.execute("SELECT datastore_observe('Post')")
    print("ready", flush=True)
    scalar(db, f"SELECT datastore_wait('events', {PATIENCE * 1000})")
    print(time.time(), flush=True)


def poll(path):
    """The same by the descriptor."""
    db = connect(path)
    db.execute("SELECT datastore_observe('Post')")
    fd = scalar(db, "SELECT datastore_notify_fd()")
    print("ready", flush=True)
    select.select([fd], [], [], PATIENCE)
    print(time.time(), flush=True)


# ---- the tests -----------------------------------------------------------------------------------------


class Case(Processes, unittest.TestCase):
    journal_mode = "wal"
    patience = PATIENCE * 2

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = str(pathlib.Path(folder.name) / "app.db")
        self.db = connect(self.path)
        self.addCleanup(self.db.close)
        self.db.execute(f"PRAGMA journal_mode = {self.journal_mode}")
        self.db.execute("SELECT datastore_schema(?)", [SCHEMA])

    def start(self, role, *arguments):
        return self.begin(__file__, role, self.path, *arguments)

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def changes(self):
        return scalar(self.db, "SELECT count(*) FROM datastore_changes")

    def triggers(self):
        return scalar(
            self.db, "SELECT count(*) FROM sqlite_schema WHERE name GLOB '*_rows.feed_*'"
        )


class TestProcesses(Case):
    def let_write(self):
        """For a while, and until there was something for each of the followers."""
        enough = scalar(self.db, "SELECT max(seq) FROM datastore_changes") + EVENTS
        time.sleep(SECONDS / 2)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if scalar(self.db, "SELECT max(seq) FROM datastore_changes") >= enough:
                break
            time.sleep(0.1)

    def test_followers_and_writers(self):
        """Each follower's replay equals the table, whoever is killed meanwhile."""
        followers = [
            self.start("follow", "Post", "", ""),
            self.start("follow", "Post", '{"rating":{"gt":4}}', ""),
            self.start("follow", "Comment", '{"post":{"rating":{"gt":4}}}', "named"),
        ]
        victim = self.start("follow", "Comment", "", "")
        writers = [self.start("write", str(seed)) for seed in (1, 2)]
        self.let_write()
        self.kill(victim)
        self.kill(writers.pop())
        writers.append(self.start("write", "3"))
        self.let_write()
        for writer in writers:
            self.stop(writer)
        for follower in followers:
            answer = json.loads(self.stop(follower))
            self.assertTrue(answer["same"])
            self.assertEqual(answer["resyncs"], 0)
            self.assertGreater(answer["events"], 0)
        self.assertEqual(self.db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(
            self.db.execute("SELECT name FROM datastore_subscriptions").fetchall()[-1:], [("named",)]
        )

    def test_a_dead_observer_does_not_keep_the_feed_on(self):
        victim = self.start("hang", "SELECT datastore_observe()")
        self.assertEqual(self.triggers(), 9)
        self.kill(victim)
        writer = connect(self.path)  # has looked at no one yet
        self.addCleanup(writer.close)
        writer.execute("INSERT INTO Post(id) VALUES ('found out')")
        self.assertEqual(self.triggers(), 0)
        before = self.changes()
        writer.execute("INSERT INTO Post(id) VALUES ('unobserved')")
        self.assertEqual(self.changes(), before)
        self.assertEqual(scalar(self.db, "SELECT count(*) FROM datastore_subscriptions"), 0)

    def test_the_dead_go_when_somebody_observes(self):
        self.kill(self.start("hang", "SELECT datastore_observe('Post')"))
        self.db.execute("SELECT datastore_observe('Comment')")
        self.assertEqual(
            self.db.execute("SELECT model FROM datastore_subscriptions").fetchall(), [("Comment",)]
        )
        self.assertEqual(self.triggers(), 3)

    def test_the_living_stay(self):
        living = self.start("hang", "SELECT datastore_observe('Post')")
        writer = connect(self.path)
        self.addCleanup(writer.close)
        writer.execute("INSERT INTO Post(id) VALUES ('a')")
        self.db.execute("SELECT datastore_unobserve(datastore_observe())")
        self.assertEqual(self.changes(), 1)
        self.kill(living)

    def test_of_another_machine(self):
        """Who cannot be looked at is given time."""
        self.db.execute("SELECT datastore_observe('Post')")
        self.db.execute("UPDATE datastore_subscriptions SET machine = 'elsewhere', owner = 5")
        self.db.execute("INSERT INTO Post(id) VALUES ('a')")
        self.db.execute("SELECT datastore_unobserve(datastore_observe('Comment'))")
        self.assertEqual(self.triggers(), 3)
        self.db.execute("UPDATE datastore_subscriptions SET used_at = used_at - 3600000")
        self.db.execute("SELECT datastore_unobserve(datastore_observe('Comment'))")
        self.assertEqual(self.triggers(), 0)

    def test_a_name_outlives_its_process(self):
        victim = self.start("hang", "SELECT datastore_observe('Post', NULL, 'durable')")
        self.db.execute("INSERT INTO Post(id) VALUES ('a')")
        self.kill(victim)
        self.db.execute("INSERT INTO Post(id) VALUES ('b')")
        self.db.execute("SELECT datastore_observe('Post', NULL, 'durable')")
        rows = self.db.execute("SELECT id FROM datastore_events('durable')").fetchall()
        self.assertEqual(rows, [("a",), ("b",)])

    def moments(self, role):
        process = self.start(role)
        time.sleep(0.3)
        self.db.execute("INSERT INTO Post(id) VALUES ('a')")
        written = time.time()
        heard = float(process.stdout.readline())
        process.wait()
        return heard - written

    def test_wakes_another_process(self):
        self.assertLess(self.moments("wait"), PATIENCE / 2)

    def test_descriptor_of_another_process(self):
        self.assertLess(self.moments("poll"), PATIENCE / 2)


class TestRollbackJournal(TestProcesses):
    journal_mode = "delete"


if __name__ == "__main__":
    {"write": write, "follow": follow, "hang": hang, "wait": wait, "poll": poll}[sys.argv[1]](
        *sys.argv[2:]
    )

"""A new schema over existing data: several processes at once, and kill -9."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

from test_load import connect
from test_migrate import ONE, TWO, Case, dump, migrate, scalar

WORKER = """
import os, random, sys
sys.path.insert(0, {tests!r})
from test_migrate_processes import *
worker(*sys.argv[1:])
"""


def worker(kind, path, seed):
    """Runs in a process of its own until its input is closed, or something is wrong."""
    generator = random.Random(int(seed))
    stop = []
    threading.Thread(target=lambda: (sys.stdin.read(), stop.append(1)), daemon=True).start()
    connection = connect(path)
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA synchronous = OFF")
    print("ready", flush=True)
    done = 0
    while done == 0 or not stop:
        if kind == "migrate":
            migrate(connection, generator.choice((ONE, TWO)))
            time.sleep(0.02)  # leave the others a chance
        elif kind == "read":
            read_something(connection, generator)
        else:
            write_something(connection, generator)
        done += 1
    connection.close()
    print(done, flush=True)


def read_something(connection, generator):
    column = generator.choice(("title", "old", "likes", "rating"))
    model = generator.choice(("Post", "Post", "Post", "Gone", "Fresh"))
    column = column if model == "Post" else "name"
    try:
        rows = connection.execute(f"SELECT id, {column}, _status FROM {model}").fetchall()
    except sqlite3.OperationalError as error:
        # What the schema of this moment does not have.
        if not any(t in str(error) for t in ("no such column", "no such table", "is no model",
                                             "no such module")):
            raise
        return
    for key, value, _ in rows:
        if column == "title":
            assert value == "title of " + key, (key, value)
        if column == "rating":
            assert value == int(key[1:]), (key, value)


def write_something(connection, generator):
    key = f"p{generator.randrange(1, 100)}"
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR REPLACE INTO Post(id, title, rating) VALUES (?, ?, ?)",
                           (key, "title of " + key, int(key[1:])))
        connection.execute("DELETE FROM datastore_journal")
        connection.execute("UPDATE datastore_session SET applying = 1")
        connection.execute("UPDATE Post_rows SET _version = 1 WHERE _version IS NULL")
        connection.execute("UPDATE datastore_session SET applying = 0")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class Processes(Case):
    def start(self, kind, seed):
        code = WORKER.format(tests=os.path.dirname(os.path.abspath(__file__)))
        process = subprocess.Popen([sys.executable, "-c", code, kind, self.path, str(seed)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def run_for(self, seconds, kinds):
        self.connection.execute("DELETE FROM Post_rows")
        self.connection.execute("DELETE FROM Comment_rows")
        self.connection.execute("DELETE FROM datastore_journal")
        processes = [self.start(kind, seed) for seed, kind in enumerate(kinds)]
        time.sleep(seconds)
        for process in processes:
            process.stdin.close()
            process.stdin = None
        for process in processes:
            out, error = process.communicate()
            self.assertEqual((process.returncode, error), (0, ""))
            self.assertGreater(int(out), 0)
        self.assertEqual(scalar(self.connection, "PRAGMA integrity_check"), "ok")
        migrate(self.connection, ONE)
        self.assertGreater(scalar(self.connection, "SELECT count(*) FROM Post"), 0)
        self.connection.execute("INSERT INTO Gone(id) VALUES ('g')")
        self.assertEqual(scalar(self.connection, "SELECT model FROM datastore_outbox"), "Gone")

    def test_migrate_read_and_write_with_a_wal(self):
        self.use_wal()
        self.run_for(1.5, ("migrate", "migrate", "read", "read", "write"))

    def test_migrate_read_and_write_with_a_rollback_journal(self):
        self.run_for(1.5, ("migrate", "migrate", "read", "read", "write"))


class Crash(Case):
    """kill -9 in the middle of a migration."""

    ROWS = 8000
    ROUNDS = 10

    def fill(self, sql, *parameters):
        self.connection.execute("UPDATE datastore_session SET applying = 1")
        self.connection.execute(sql, parameters)
        self.connection.execute("UPDATE datastore_session SET applying = 0")

    def start(self):
        """A process that migrates the file, with a small cache, so that it writes early."""
        code = (f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n"
                f"from test_migrate_processes import *\nc = connect({self.path!r})\n"
                f"c.isolation_level = None\nc.execute('PRAGMA cache_size = 20')\n"
                f"print('ready', flush=True)\nmigrate(c, TWO)\nprint('done', flush=True)\n"
                f"sys.stdin.read()")
        process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def time_whole(self):
        began = time.monotonic()
        process = self.start()
        self.assertEqual(process.stdout.readline(), "done\n")
        process.kill()
        process.communicate()
        return time.monotonic() - began

    def crash_once(self, delay):
        """Was the migration cut off?"""
        migrate(self.connection, ONE)
        self.fill("UPDATE Post_rows SET old = 'old' WHERE old IS NULL")
        before = dump(self.connection)
        self.connection.close()
        process = self.start()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        out, error = process.communicate()
        self.assertEqual(error, "")
        self.connection = self.open()
        self.assertEqual(scalar(self.connection, "PRAGMA integrity_check"), "ok")
        is_old = scalar(self.connection, "SELECT datastore_schema()") == ONE
        if is_old:
            self.assertEqual(out, "")
            self.assertEqual(dump(self.connection), before)
        else:
            self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Fresh"), 0)
        self.assertEqual(self.connection.execute("SELECT count(*), sum(rating) FROM Post").fetchone(),
                         (self.ROWS, self.ROWS * (self.ROWS + 1) / 2))
        self.assertEqual(scalar(self.connection, "SELECT id FROM datastore_outbox"), "c2")
        return is_old

    def crash_often(self, mode):
        seed = random.randrange(1 << 30)
        generator = random.Random(seed)
        self.assertEqual(scalar(self.connection, f"PRAGMA journal_mode = {mode}"), mode.lower())
        self.fill("WITH n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                  " INSERT INTO Post_rows(id, title, rating, _version)"
                  " SELECT 'p' || i, 'title ' || i, i, 1 FROM n", self.ROWS)
        self.connection.execute("INSERT INTO Comment(id, text) VALUES ('c2', 'unsent')")
        whole = self.time_whole()
        with self.subTest(seed=seed):
            cut = [self.crash_once(generator.uniform(0, whole)) for _ in range(self.ROUNDS)]
            for _ in range(self.ROUNDS):  # the machine was busier when the whole was timed
                if True in cut:
                    break
                whole /= 2
                cut.append(self.crash_once(generator.uniform(0, whole)))

    def test_with_a_rollback_journal(self):
        self.crash_often("DELETE")

    def test_with_a_wal(self):
        self.crash_often("WAL")


if __name__ == "__main__":
    unittest.main()

"""Observers of a database that synchronizes: whatever is pulled, pushed, merged or killed, who applies the
events to a snapshot has the table.

Not part of a lane, as its processes want a machine of their own: from this folder, after `tests/run.sh e2e`,

    DATASTORE=../../dist/datastore.so OBSERVE_SECONDS=60 python3 long_observers.py
"""

import json
import os
import random
import select
import time
import unittest

from kit import HERE, PATIENCE, Case, wait_until
from observing import KEYS
from processes import Processes  # by observing, which knows where

SECONDS = float(os.environ.get("OBSERVE_SECONDS", "4"))


class Observers(Processes, Case):
    patience = PATIENCE

    def start(self, role, *arguments):
        program = os.path.join(HERE, "observing.py")
        return self.begin(program, role, self.path("a.db"), *arguments)

    def elsewhere(self, chance, number):
        """What another client does at the server; it may come too late."""
        key = f"{chance.randrange(KEYS)}"
        op, model, record = chance.choice((
            ("create", "Post", {"id": key, "title": f"s{number}", "rating": chance.randrange(10)}),
            ("update", "Post", {"id": key, "rating": chance.randrange(10)}),
            ("update", "Post", {"id": key, "note": f"s{number}"}),
            ("delete", "Post", {"id": key}),
            ("create", "Comment", {"id": f"s{number}", "content": "s", "postID": key}),
        ))  # fmt: skip
        try:
            self.server.mutate(op, model, record)
        except AssertionError:
            pass

    def run_for(self, seconds, chance, meanwhile):
        end = time.monotonic() + seconds
        number = chance.randrange(1 << 40)
        while time.monotonic() < end:
            number += 1
            self.elsewhere(chance, number)
            meanwhile()
            time.sleep(chance.random() / 20)

    @staticmethod
    def bring_back(a):
        """Who was deleted by one client and then made anew by another, who had not heard of that."""
        return a.one("SELECT datastore_retry()") if a.dead() else 0

    def run_all(self, a, new_peer, meanwhile, settle):
        """Three followers and a victim, two writers, another client, and a process that synchronizes."""
        chance = random.Random(os.environ.get("E2E_SEED"))
        followers = [
            self.start("follow", "Post", "", ""),
            self.start("follow", "Post", '{"rating":{"gt":4}}', ""),
            self.start("follow", "Comment", '{"post":{"rating":{"gt":4}}}', "named"),
        ]
        victim = self.start("follow", "Comment", "", "")
        writers = [self.start("write", str(seed)) for seed in (1, 2)]
        self.run_for(SECONDS / 2, chance, meanwhile)
        victim.kill()
        writers.pop().kill()
        new_peer()
        writers.append(self.start("write", "3"))
        self.run_for(SECONDS / 2, chance, meanwhile)
        for writer in writers:
            self.stop(writer)
        settle()
        for follower in followers:
            answer = json.loads(self.stop(follower))
            self.assertEqual(answer["replayed"], answer["rows"])
            self.assertEqual(answer["resyncs"], 0)
            self.assertGreater(answer["events"], 0)
        self.assertEqual(a.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(a.dead(), [])

    def test_sync(self):
        a = self.client()
        a.sql("PRAGMA journal_mode = WAL")
        peers = [self.worker(syncPageSize=7)]

        def begin():
            peers[-1].sync()

        def again():
            """Each cycle is begun when the last one has ended, without waiting for it."""
            if is_readable(peers[-1].process.stdout):
                rows, error = peers[-1].end()
                self.assertIsNone(error)
                begin()

        def new_peer():
            peers[-1].kill()
            peers.append(self.worker(syncPageSize=7))
            begin()

        def settle():
            self.assertIsNone(peers[-1].end()[1])
            while self.bring_back(a):
                a.sync()
            self.clean(a.sync())
            self.clean(a.sync(full=True))
            self.assertAgree(a)

        begin()
        self.run_all(a, new_peer, again, settle)

    def test_engine(self):
        a = self.client()
        peers = []

        def new_peer():
            if peers:
                peers[-1].kill()
            peers.append(self.worker())
            self.assertIsNone(peers[-1].sql("SELECT datastore_start()")[1])

        def agree():
            self.bring_back(a)
            try:
                self.assertAgree(a)
                return not a.outbox()
            except AssertionError:
                return False

        new_peer()
        self.run_all(a, new_peer, lambda: None, lambda: wait_until(agree, "all is in step"))


def is_readable(stream):
    return bool(select.select([stream], [], [], 0)[0])


if __name__ == "__main__":
    unittest.main()

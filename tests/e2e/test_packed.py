"""Answers that are packed, honestly and not."""

import base64
import json
import os
import unittest
import zlib

from kit import LiveCase, wait_until

MOST = 64 * 1024 * 1024  # of an answer, unpacked
BOMB = 16 * MOST
# What may be needed on the way to MOST: the buffer grows by doubling, and is moved.
ROOM = 256 * 1024  # KB


def bomb(size):
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(b" ") * (1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


class Packed(LiveCase):
    def packed(self, kind):
        self.server.admin("config", {"pack": kind})
        self.addCleanup(self.server.admin, "config", {"pack": None})

    def spoil(self, data, operation=None, field=None, **more):
        text = base64.b64encode(data).decode()
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        self.server.fault("raw", operation, field, base64=text, headers=headers, **more)

    def test_a_page_of_1000(self):
        for kind in ("gzip", "br"):
            with self.subTest(kind=kind):
                self.server.reset()
                self.packed(kind)
                self.server.seed("Post", 2500)
                a = self.live(f"{kind}.db")
                self.agree(a)
                pages = self.server.log(field="syncPosts")
                self.assertIn(kind, [page.get("packed") for page in pages])
                a.sql("INSERT INTO Post(id, title, note) VALUES ('p', 't', ?)", "x" * 5000)
                self.sent(a)
                self.assertEqual(self.server.log("mutation")[0]["packed"], kind)
                self.agree(a)
                a.one("SELECT datastore_stop()")

    def test_rot(self):
        """What cannot be unpacked is no answer: it is asked for again."""
        self.server.seed("Post", 10)
        self.spoil(b"this was never packed", field="syncPosts")
        self.spoil(bomb(1 << 20)[:-50], field="syncPosts")
        self.spoil(b"nor was this", "mutation", after=True)
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        a.one("SELECT datastore_start()")
        self.sent(a)
        self.assertEqual(self.server.hits(), 3)
        self.agree(a)
        self.assertEqual(a.dead(), [])
        self.assertEqual(self.server.record("Post", "mine")["_version"], 1)

    def memory(self, worker):
        with open(f"/proc/{worker.process.pid}/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return int(lines["VmHWM"].split()[0])

    def test_a_bomb(self):
        """It is named, takes no more memory than an answer may, and stops no other model."""
        self.server.seed("Blog", 10)
        self.spoil(bomb(BOMB), field="syncPosts", times=None)
        a = self.worker()
        before = self.memory(a)
        a.sql("SELECT datastore_start()")
        wait_until(
            lambda: a.sql("SELECT error FROM datastore_sync_state WHERE model = 'Post'")[0][0][0],
            "it is named",
        )
        rows, _ = a.sql("SELECT error FROM datastore_sync_state WHERE model = 'Post'")
        self.assertIn(f"more than {MOST} bytes", rows[0][0])
        if "LD_PRELOAD" not in os.environ:  # a sanitizer keeps what is freed
            self.assertLess(self.memory(a) - before, ROOM)
        wait_until(lambda: a.sql("SELECT count(*) FROM Blog")[0] == [[10]], "Blog is pulled")
        rows, _ = a.sql("SELECT payload FROM datastore_hub WHERE event = 'networkStatus'")
        self.assertEqual([json.loads(text)["active"] for text, in rows], [True])
        self.server.no_faults()
        self.post("p")
        a.sql("SELECT datastore_sync()")
        self.assertEqual(a.sql("SELECT count(*) FROM Post")[0], [[1]])

    def test_a_bomb_for_a_change(self):
        """It was carried out, and its answer is of no use: it is asked for."""
        a = self.live()
        self.spoil(bomb(BOMB), "mutation", after=True)
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 't')")
        self.sent(a)
        self.assertEqual(self.server.hits(), 1)
        self.assertEqual(a.dead(), [])
        self.assertEqual(self.server.record("Post", "mine")["_version"], 1)
        self.agree(a)


if __name__ == "__main__":
    unittest.main()

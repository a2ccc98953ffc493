"""Changes never stop while a client starts, reconnects and is cut off, at many byte offsets of the exchange
(CUTS=0: at each; CUTS_PART=2/6: at the second of six parts of them): nothing is missed, nothing is applied twice
or backwards."""

import json
import os
import random
import time
import unittest

from changes import Stream, watch
from cutter import HTTP, WEBSOCKET, Cutter
from kit import LiveCase, wait_until

CUTS = int(os.environ.get("CUTS", "16"))  # of each kind
PART, PARTS = (int(number) for number in os.environ.get("CUTS_PART", "1/1").split("/"))

class Cuts(LiveCase):
    def setUp(self):
        super().setUp()
        self.cutter = Cutter(self.server.info["port"])
        self.addCleanup(self.cutter.close)
        seed = random.randrange(1 << 30)
        self.note = f"seed {seed}"
        self.stream = Stream(self.server, seed)

    def begin(self):
        a = self.client()
        near = f"://127.0.0.1:{self.cutter.port}/graphql"
        a.configure(url="http" + near, realtimeUrl="ws" + near + "/realtime", syncPageSize=7)
        watch(a.path)
        return a

    def measure(self, kind):
        """How long is the exchange until all is subscribed to and pulled, and a little longer?"""
        a = self.begin()
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.subscribed(1)
        time.sleep(0.1)
        a.one("SELECT datastore_stop()")
        a.close()
        wait_until(lambda: self.cutter.longest[kind] > 0, "it is measured")
        os.unlink(a.path)
        return self.cutter.longest[kind]

    def offsets(self, kind):
        most = self.measure(kind)
        if CUTS == 0:
            return range(PART, most + 1, PARTS)
        return [1 + one * (most - 1) // (CUTS - 1) for one in range(CUTS)]

    def check(self, a):
        self.stream.end()
        self.agree(a)
        self.assertEqual(a.rows("backwards"), [], self.note)

    def cut_again_and_again(self, kind):
        self.stream.start()
        offsets = self.offsets(kind)
        a = self.begin()
        a.one("SELECT datastore_start()")
        self.ready(a)
        for n in offsets:
            before, self.n_asked = self.cutter.n_cuts, 0
            self.cutter.cut(kind, n)

            def is_cut():
                if kind == HTTP and self.n_asked % 50 == 0:  # something is to be asked for
                    filter = json.dumps({"id": {"ne": f"{n}-{self.n_asked}"}})
                    a.one("SELECT datastore_sync_expression('Post', ?)", filter)
                self.n_asked += 1
                return self.cutter.n_cuts > before

            wait_until(is_cut, f"it was cut after {n} bytes")
            self.subscribed(1)  # else pauses grow
        a.one("SELECT datastore_sync_expression('Post', NULL)")
        self.subscribed(1)
        self.check(a)

    def test_the_websocket_is_cut(self):
        self.cut_again_and_again(WEBSOCKET)

    def test_pages_are_cut(self):
        self.cut_again_and_again(HTTP)

    def test_starts_are_cut(self):
        """The first time, on an empty file."""
        self.stream.start()
        offsets = self.offsets(WEBSOCKET)[:: max(1, CUTS // 6)] if CUTS else self.offsets(WEBSOCKET)
        for n in offsets:
            with self.subTest(n=n, note=self.note):
                a = self.begin()
                self.cutter.cut(WEBSOCKET, n)
                a.one("SELECT datastore_start()")
                self.ready(a)
                self.subscribed(1)
                self.stream.end()
                self.agree(a)
                self.assertEqual(a.rows("backwards"), [])
                a.close()
                os.unlink(a.path)
                self.server.reset()
                self.stream = Stream(self.server, n)
                self.stream.n = 1000 * n
                self.stream.start()
        self.stream.end()


if __name__ == "__main__":
    unittest.main()

"""A base sync holds a few pages in memory, however many records there are."""

import json
import os
import subprocess
import unittest

from kit import FIRST, Case, Backend

RECORDS = 100000
MOST = 64 * 1024  # kilobytes above the start

# Runs in a process of its own, whose peak is that of nothing else.
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from kit import Client
from worker import Server

def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])

setting = json.loads(sys.argv[2])
client = Client(setting["path"], Server(setting), apiKey=setting["key"])
before = peak()
done = client.sync()
print(json.dumps([before, peak(), done["models"]["Post"], client.one("SELECT count(*) FROM Post")]))
"""


class Memory(Case):
    def test_base_sync(self):
        # A backend of its own: what it holds is not to slow the others down.
        server = Backend(FIRST)
        self.addCleanup(server.stop)
        server.seed("Post", RECORDS, template={"note": "a text of some length, number {i}"})
        setting = {
            "path": self.path("large.db"),
            "schema": FIRST,
            "url": server.url,
            "key": server.key,
        }
        program = ["/usr/bin/python3", "-c", PROGRAM, __file__.rpartition("/")[0], json.dumps(setting)]
        said = subprocess.run(program, stdout=subprocess.PIPE, check=True, timeout=300).stdout
        before, after, post, count = json.loads(said)
        self.assertEqual((post["new"], count), (RECORDS, RECORDS))
        print(f"# {RECORDS} records: {(after - before) // 1024} MB above the start")
        if "LD_PRELOAD" not in os.environ:  # a sanitizer keeps what is freed
            self.assertLess(after - before, MOST)


if __name__ == "__main__":
    unittest.main()

"""datastore_sync against a server that never runs out of pages: what the user does meanwhile counts."""

import http.server
import json
import os
import pty
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from test_load import connect

SCHEMA = "type Post @model { id: ID! title: String }"
LIBRARY = os.environ.get("DATASTORE", "dist/datastore")
PATIENCE = 60
TIMEOUTS = (300, 3000, 30000)  # milliseconds: a slow machine may need more to get a page
SHOWN = 1  # second of progress


class Endless(http.server.BaseHTTPRequestHandler):
    """Every page has one record, and there is always another one, or for so many seconds."""

    protocol_version = "HTTP/1.1"
    pages, seconds, last = 0, None, None

    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers["content-length"]))
        n = type(self).pages = type(self).pages + 1
        items = [{"id": f"p{n}", "title": "x", "_version": 1, "_lastChangedAt": 1}]
        page = {"items": items, "nextToken": None if self.is_over() else f"t{n}", "startedAt": 1}
        body = json.dumps({"data": {"syncPosts": page}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_over(self):
        if self.seconds is None:
            return False
        now = time.monotonic()
        type(self).last = self.last or now + self.seconds
        return now > self.last

    def log_message(self, *args):
        pass


class Sync(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "app.db")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/graphql"
        self.settings = json.dumps({"url": url, "apiKey": "k"})
        self.db = connect(self.file)
        self.addCleanup(self.db.close)
        self.db.execute("SELECT datastore_schema(?)", (SCHEMA,)).fetchone()
        self.db.execute("SELECT datastore_configure(?)", (self.settings,)).fetchone()

    def count(self):
        return self.db.execute("SELECT count(*) FROM Post").fetchone()[0]

    def cut_off(self, sql, rest):
        """What a sync gives that timeoutMs ended when there was something already. rest: seconds for
        all that is not waiting for pages."""
        for limit in TIMEOUTS:
            begin, before = time.monotonic(), self.count()
            try:
                (answer,) = self.db.execute(sql, (json.dumps({"timeoutMs": limit}),)).fetchone()
            except sqlite3.OperationalError as error:
                self.assertIn("timeoutMs is over", str(error))
            self.assertLess(time.monotonic() - begin, limit / 1000 + rest)
            if self.count() > before:
                return answer
        return self.fail("no page came")

    def test_timeout(self):
        done = json.loads(self.cut_off("SELECT datastore_sync(?)", PATIENCE))
        self.assertEqual(done["models"]["Post"]["error"], "timeoutMs is over")
        self.assertEqual(self.count(), done["models"]["Post"]["new"])

    def interrupt_later(self):
        """When a page has been merged: the next one is asked for while that happens, not the one after it."""
        wanted, end = Endless.pages + 5, time.monotonic() + PATIENCE
        while Endless.pages < wanted and time.monotonic() < end:
            time.sleep(0.01)
        self.db.interrupt()

    def test_interrupt(self):
        thread = threading.Thread(target=self.interrupt_later)
        thread.start()
        self.addCleanup(thread.join)
        with self.assertRaises(sqlite3.OperationalError) as caught:
            self.db.execute("SELECT datastore_sync()").fetchone()
        self.assertIn("interrupted", str(caught.exception))
        self.assertGreater(self.count(), 0)

    def test_in_a_statement_that_reads(self):
        """In a rollback journal's mode such a statement lets no other connection write."""
        sql = "SELECT value ->> '$.Post.new' FROM json_each(datastore_sync(?)) WHERE key = 'models'"
        before = 0
        for mode in ("delete", "truncate", "wal"):
            with self.subTest(mode):
                self.db.execute(f"PRAGMA journal_mode = {mode}").fetchone()
                new = self.cut_off(sql, 8)  # no waiting for a lock
                self.assertEqual(self.count(), before + new)
                before += new

    def shell(self, stderr):
        """datastore_sync in a process of its own, with progress, for a while."""
        Endless.seconds, Endless.last = SHOWN, None
        self.addCleanup(setattr, Endless, "seconds", None)
        code = (
            "import sys; from test_load import connect; db = connect(sys.argv[1]);"
            "db.execute('SELECT datastore_configure(?)', (sys.argv[2],)).fetchone();"
            "db.execute('SELECT datastore_sync(?)',"
            " ('{\"progress\":\"stderr\"}',)).fetchone()"
        )
        return subprocess.Popen(
            [sys.executable, "-c", code, self.file, self.settings],
            stderr=stderr,
            cwd=os.path.dirname(os.path.abspath(__file__)),
            env=dict(os.environ, DATASTORE=os.path.abspath(LIBRARY)),
        )

    def test_progress_on_a_terminal(self):
        reader, terminal = pty.openpty()
        process = self.shell(terminal)
        os.close(terminal)
        said = b""
        try:
            while True:
                part = os.read(reader, 4096)
                if not part:
                    break
                said += part
        except OSError:  # Linux: the other end is closed
            pass
        os.close(reader)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertIn(b"sync: 0 of 1 models, ", said)
        self.assertTrue(said.endswith(b"\r\x1b[K"), said)

    def test_no_progress_elsewhere(self):
        process = self.shell(subprocess.PIPE)
        said = process.communicate(timeout=PATIENCE)[1]
        self.assertEqual((process.returncode, said), (0, b""))


if __name__ == "__main__":
    unittest.main()

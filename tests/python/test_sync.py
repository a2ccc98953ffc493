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
PATIENCE = 60


class Endless(http.server.BaseHTTPRequestHandler):
    """Every page has one record, and there is always another one."""

    protocol_version = "HTTP/1.1"
    pages = 0

    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers["content-length"]))
        n = type(self).pages = type(self).pages + 1
        items = [{"id": f"p{n}", "title": "x", "_version": 1, "_lastChangedAt": 1}]
        page = {"items": items, "nextToken": f"t{n}", "startedAt": 1}
        body = json.dumps({"data": {"syncPosts": page}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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

    def test_timeout(self):
        begin = time.monotonic()
        text = self.db.execute("SELECT datastore_sync('{\"timeoutMs\":500}')").fetchone()[0]
        self.assertLess(time.monotonic() - begin, PATIENCE)
        done = json.loads(text)
        self.assertEqual(done["models"]["Post"]["error"], "timeoutMs is over")
        self.assertGreater(self.count(), 0)
        self.assertEqual(self.count(), done["models"]["Post"]["new"])

    def test_interrupt(self):
        timer = threading.Timer(0.5, self.db.interrupt)
        timer.start()
        self.addCleanup(timer.cancel)
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
                begin = time.monotonic()
                (new,) = self.db.execute(sql, ('{"timeoutMs":300}',)).fetchone()
                self.assertLess(time.monotonic() - begin, 8)  # no waiting for a lock
                self.assertGreater(new, 0)
                self.assertEqual(self.count(), before + new)
                before += new

    def shell(self, stderr):
        """datastore_sync in a process of its own, with progress."""
        code = (
            "import sys; from test_load import connect; db = connect(sys.argv[1]);"
            "db.execute('SELECT datastore_configure(?)', (sys.argv[2],)).fetchone();"
            "db.execute('SELECT datastore_sync(?)',"
            " ('{\"timeoutMs\":1000,\"progress\":\"stderr\"}',)).fetchone()"
        )
        return subprocess.Popen(
            [sys.executable, "-c", code, self.file, self.settings],
            stderr=stderr,
            cwd=os.path.dirname(os.path.abspath(__file__)),
            env=dict(os.environ, DATASTORE=os.path.abspath(os.environ["DATASTORE"])),
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

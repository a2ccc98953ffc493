"""The change feed from Node, by its event loop. Needs node, and either its own module node:sqlite (22.13
and later) or better-sqlite3: `npm install --prefix build/node better-sqlite3`."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from test_observe import LIBRARY, PATIENCE, SCHEMA, connect

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = r"""
const net = require("net");
const [path, library, patience] = process.argv.slice(2);

// One face for both packages.
function open(path) {
    try {
        const { DatabaseSync } = require("node:sqlite");
        const db = new DatabaseSync(path, { allowExtension: true });
        db.loadExtension(library);
        return { get: (sql, ...v) => Object.values(db.prepare(sql).get(...v))[0],
                 all: (sql, ...v) => db.prepare(sql).all(...v), close: () => db.close() };
    } catch (error) {
        if (!/No such built-in module|not a constructor/.test(error.message)) throw error;
    }
    const Database = require("better-sqlite3");
    const db = new Database(path, { timeout: patience * 1000 });
    db.loadExtension(library);
    return { get: (sql, ...v) => db.prepare(sql).pluck().get(...v),
             all: (sql, ...v) => db.prepare(sql).all(...v), close: () => db.close() };
}

const db = open(path);
const sub = db.get("SELECT datastore_observe('Post')");
const fd = db.get("SELECT datastore_notify_fd()");
const socket = new net.Socket({ fd, readable: true, writable: false });
const seen = [];
socket.on("data", () => {
    for (const event of db.all("SELECT op, id FROM datastore_events(?)", sub)) {
        seen.push(event.op + " " + event.id);
    }
    if (seen.length >= 20) {
        console.log(JSON.stringify(seen));
        socket.destroy();
        db.close();
    }
});
setTimeout(() => process.exit(1), patience * 1000).unref();
console.log("ready");
"""


def node_environment():
    """The environment in which node finds a SQLite; None where there is none."""
    if shutil.which("node") is None:
        return None
    paths = [str(ROOT / "build/node/node_modules"), os.environ.get("NODE_PATH", "")]
    environment = os.environ | {
        "NODE_PATH": os.pathsep.join(filter(None, paths)),
        "NODE_NO_WARNINGS": "1",  # node:sqlite is experimental in some versions
    }
    for check in (
        "new (require('node:sqlite').DatabaseSync)(':memory:', {allowExtension: true}).loadExtension",
        "new (require('better-sqlite3'))(':memory:')",
    ):
        found = subprocess.run(
            ["node", "-e", check], env=environment, capture_output=True, check=False
        )
        if found.returncode == 0:
            return environment
    return None


class TestNode(unittest.TestCase):
    def test_event_loop(self):
        environment = node_environment()
        if environment is None:
            self.skipTest("there is no node with node:sqlite or better-sqlite3")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "app.db")
        program = os.path.join(folder.name, "follow.cjs")
        pathlib.Path(program).write_text(PROGRAM, encoding="utf-8")
        db = connect(path)
        self.addCleanup(db.close)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("SELECT datastore_schema(?)", [SCHEMA])
        with subprocess.Popen(
            ["node", program, path, LIBRARY, str(PATIENCE)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            for i in range(20):
                db.execute("INSERT INTO Post(id) VALUES (?)", [str(i)])
            output, error = process.communicate(timeout=PATIENCE * 2)
        expected = "[" + ",".join(f'"INSERT {i}"' for i in range(20)) + "]\n"
        self.assertEqual((error, output, process.returncode), ("", expected, 0))


if __name__ == "__main__":
    unittest.main()

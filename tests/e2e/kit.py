"""What the end-to-end tests share: the local AppSync, its admin calls, databases that sync with it,
and processes that can be killed while they do."""

import atexit
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY = os.path.splitext(os.environ.get("DATASTORE", os.path.join(ROOT, "dist/datastore.so")))[0]
SECONDS = float(os.environ.get("E2E_SECONDS", "0"))  # of other random scripts than the usual ones
ROUNDS = int(os.environ.get("E2E_ROUNDS", "2"))  # of random interrupts and kills
# Where writing needs no disk: nothing here is about power failures.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
PATIENCE = 60  # seconds until something that should come counts as failed
TIMEOUTS = (300, 3000, 30000)  # milliseconds: a slow machine may need more for what is to happen before
LIVE = 30  # seconds until a change that is told of counts as missed: a poll comes after 60
FIRST, SECOND = os.path.join(HERE, "v1.graphql"), os.path.join(HERE, "v2.graphql")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def wait_until(is_so, what, seconds=PATIENCE):
    """Asks again and again; gives the first true answer."""
    end = time.monotonic() + seconds
    while True:
        answer = is_so()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"in {seconds} s it did not come that {what}")
        time.sleep(0.01)


# ---- the backend ---------------------------------------------------------------------------------


class Backend:
    """A process of tests/backend. All of its state but the data is put back by reset()."""

    def __init__(self, schema, *options):
        # A sanitizer that is preloaded is meant for the extension, not for node.
        environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        server = os.path.join(ROOT, "tests/backend/server.js")
        self.schema = schema
        self.process = subprocess.Popen(
            ["node", server, "--schema", schema, *options, "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.info = json.loads(self.process.stdout.readline())
        self.url, self.key = self.info["url"], self.info["apiKey"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def admin(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.info["admin"] + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()}") from error

    def reset(self):
        self.admin("reset", {})
        self.configure(conflict="AUTOMERGE", mergeBase="version", conflictData="full")
        self.configure(deltaTtlMs=1800000, maxLimit=1000, everyChange=False)
        self.admin("config", {"delayMs": 0})
        self.admin("auth", {"apiKeys": [self.key], "tokens": [], "iam": []})

    def configure(self, **store):
        self.admin("config", {"store": store})

    def fault(self, kind, operation=None, field=None, prefix=None, text=None, **more):
        names = {"operation": operation, "field": field, "fieldPrefix": prefix, "text": text}
        match = {name: value for name, value in names.items() if value is not None}
        self.admin("faults", {"kind": kind, "match": match, **more})

    def no_faults(self):
        self.admin("faults", method="DELETE")

    def hits(self):
        return sum(fault["hits"] for fault in self.admin("faults")["faults"])

    def log(self, operation=None, field=None):
        """Requests, oldest first."""
        entries = [entry for entry in self.admin("log") if entry["kind"] == "http"]
        return [
            entry
            for entry in entries
            if (operation is None or entry["operation"] == operation)
            and (field is None or field in entry["fields"])
        ]

    def clear_log(self):
        self.admin("reset", {"data": False, "log": True})

    def inputs(self, field):
        """The `input` of each mutation of that root field that was asked for, oldest first."""
        found = []
        for entry in self.log("mutation", field):
            variables = entry["body"]["variables"]
            for name, own in zip(sorted(variables, key=number_in), entry["fields"]):
                if own == field and name.startswith("input"):
                    found.append(variables[name])
        return found

    def mutate(self, op, model, record, **more):
        """As another client."""
        answer = self.admin("mutate", {"op": op, "model": model, "input": record, **more})
        if answer.get("errors"):
            raise AssertionError(answer["errors"])
        return answer["data"]

    def record(self, model, key):
        return self.admin(f"records?model={model}&id={key}")["record"]

    def records(self, model):
        """The live ones by id."""
        found = self.admin(f"records?model={model}")
        return {one["id"]: one for one in found if not one.get("_deleted")}

    def seed(self, model, count, **more):
        self.admin("seed", {"model": model, "count": count, **more})


def number_in(name):
    digits = name.rpartition("_")[2]
    return (int(digits) if digits.isdigit() else -1, name)


_backends = {}


def backend(schema=FIRST, *options):
    """A backend of that kind, emptied; all tests of a process share it."""
    name = (schema, *options)
    if name not in _backends:
        _backends[name] = Backend(schema, *options)
        atexit.register(_backends[name].stop)
    _backends[name].reset()
    return _backends[name]


# ---- databases -----------------------------------------------------------------------------------


class Client:
    """A connection to a database file, with the extension loaded, a schema and a configuration."""

    def __init__(self, path, server, schema=None, **settings):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.enable_load_extension(True)
        self.db.load_extension(LIBRARY)
        text = read(server.schema) if schema is None else schema
        self.one("SELECT datastore_schema(?)", text)
        self.configure(url=server.url, **({"apiKey": server.key} if not settings else settings))

    def sql(self, text, *values):
        return self.db.execute(text, values).fetchall()

    def one(self, text, *values):
        row = self.db.execute(text, values).fetchone()
        return row[0] if row else None

    def configure(self, **settings):
        return json.loads(self.one("SELECT datastore_configure(?)", json.dumps(settings)))

    def sync(self, **options):
        return json.loads(self.one("SELECT datastore_sync(?)", json.dumps(options)))

    def outbox(self):
        return self.rows("datastore_outbox")

    def dead(self):
        return self.rows("datastore_dead_letter")

    def rows(self, table):
        cursor = self.db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor]

    def records(self, model):
        """The rows of a model by id, with the names of the wire."""
        wires = dict(
            self.sql(
                """SELECT c.name, c.wire FROM datastore_columns AS c
                   JOIN datastore_models AS m ON m.number = c.model
                   WHERE m.model = ? AND NOT c.is_removed""",
                model,
            )
        )
        rows = [
            {wires.get(name, name): value for name, value in row.items() if name != "rid"}
            for row in self.rows(f'"{model}_rows"')
        ]
        return {row["id"]: row for row in rows}

    def state(self, model):
        return next(row for row in self.rows("datastore_sync_state") if row["model"] == model)

    def events(self, name=None):
        rows = self.sql("SELECT event, payload FROM datastore_hub ORDER BY seq")
        return [(event, json.loads(text)) for event, text in rows if name in (None, event)]

    def close(self):
        self.db.close()


class Worker:
    """A client in a process of its own: statements go in, answers come out, or it is killed."""

    def __init__(self, path, server, **settings):
        setting = {"path": path, "schema": server.schema, "url": server.url, "key": server.key}
        self.path = path
        self.process = subprocess.Popen(
            ["/usr/bin/python3", os.path.join(HERE, "worker.py"), json.dumps([setting, settings])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, text, *values):
        self.process.stdin.write(json.dumps([text, values]) + "\n")
        self.process.stdin.flush()

    def end(self):
        """(rows, None) or (None, error) of the statement begun first; None when it was killed."""
        line = self.process.stdout.readline()
        return tuple(json.loads(line)) if line else None

    def sql(self, text, *values):
        self.begin(text, *values)
        return self.end()

    def sync(self):
        self.begin("SELECT datastore_sync()")

    def kill(self, with_signal=signal.SIGKILL):
        self.process.send_signal(with_signal)
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(PATIENCE)
            self.process.stdout.close()


# ---- cases ---------------------------------------------------------------------------------------


class Case(unittest.TestCase):
    schema = FIRST
    options = ()  # of the backend

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.server = backend(self.schema, *self.options)

    def path(self, name):
        return os.path.join(self.folder, name)

    def client(self, name="a.db", **more):
        path = name if name == ":memory:" else self.path(name)
        client = Client(path, self.server, **more)
        self.addCleanup(client.close)
        return client

    def worker(self, name="a.db", **settings):
        worker = Worker(self.path(name), self.server, **settings)
        self.addCleanup(worker.stop)
        return worker

    def fails(self, client, **options):
        """The message of a sync that fails."""
        with self.assertRaises(sqlite3.Error) as caught:
            client.sync(**options)
        return str(caught.exception)

    def cut_off(self, client, is_so):
        """The summary of a sync that timeoutMs ended, but not before that came true."""
        for limit in TIMEOUTS:
            start, done = time.monotonic(), None
            try:
                done = client.sync(timeoutMs=limit)
            except sqlite3.OperationalError as error:  # there was no answer at all
                self.assertIn("timeoutMs is over", str(error))
            self.assertLess(time.monotonic() - start, limit / 1000 + 20)
            if done is not None and is_so():
                return done
        self.fail("there was time enough for that")

    def clean(self, summary):
        """Nothing went wrong and nothing is left."""
        self.assertEqual(summary["errors"], [], summary)
        self.assertEqual((summary["pending"], summary["failed"]), (0, 0), summary)
        return summary

    def assertAgree(self, client, *models):
        """The client's rows are the server's live records, to the last field."""
        for model in models or ("Blog", "Post", "Comment", "User", "PostUser"):
            theirs = self.server.records(model)
            mine = client.records(model)
            self.assertEqual(set(mine), set(theirs), model)
            for key, row in mine.items():
                compare(self, row, theirs[key])


class LiveCase(Case):
    def live(self, name="a.db", **more):
        """A client whose engine runs and has pulled everything once."""
        a = self.client(name, **more)
        a.one("SELECT datastore_start()")
        self.ready(a)
        return a

    def status(self, client):
        return json.loads(client.one("SELECT datastore_status()"))

    def ready(self, client):
        wait_until(lambda: self.status(client)["ready"], "all is pulled once")

    def has(self, client, text, *values):
        wait_until(lambda: client.one(text, *values), text, LIVE)

    def sent(self, client):
        wait_until(lambda: not client.outbox(), "everything is sent")

    def subscribed(self, count=1):
        """So many connections have all subscriptions, and the delta sync behind them is done."""
        wanted = 3 * 5
        wait_until(
            lambda: [
                len(one["subscriptions"])
                for one in self.server.admin("stats")["connections"]
            ].count(wanted)
            == count,
            f"{count} connections are subscribed",
        )

    def agree(self, *clients):
        """In the end all have what the server has."""

        def is_so():
            try:
                for client in clients:
                    self.assertAgree(client)
                return True
            except AssertionError as error:
                self.why = error
                return False

        try:
            wait_until(is_so, "all agree", LIVE)
        except AssertionError:
            raise self.why from None

    def post(self, key, **more):
        self.server.mutate("create", "Post", {"id": key, "title": "t", **more})


def compare(case, row, record):
    for name, value in row.items():
        wanted = record.get(name)
        if name == "_deleted":
            continue
        if isinstance(wanted, (list, dict)) or name == "meta" and value is not None:
            value = json.loads(value)
            wanted = json.loads(wanted) if isinstance(wanted, str) else wanted
        case.assertEqual(value, wanted, f"{name} of {record}")


if __name__ == "__main__":
    sys.exit("a module of the tests")

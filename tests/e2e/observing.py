"""The processes of test_observers.py: they write to a database, or follow what is committed there, until a
line tells them to stop."""

import json
import os
import random
import select
import sqlite3
import sys
import time

from kit import LIBRARY, PATIENCE, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests/python"))
from test_observe import Replay, scalar, visible  # noqa: E402

KEYS = 40  # few, so that all meet
WHERE = {
    "": "1",
    '{"rating":{"gt":4}}': "rating > 4",
    '{"post":{"rating":{"gt":4}}}': "EXISTS (SELECT 1 FROM Post p WHERE p.id = r.postID AND p.rating > 4)",
}


def connect(path):
    db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.enable_load_extension(True)
    db.load_extension(LIBRARY)
    return db


def is_told_to_stop():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def table(db, model, where="1"):
    """The rows of a model, as elements by id."""
    cursor = db.execute(f"SELECT * FROM {model} AS r WHERE {where}")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row)) for row in cursor]
    for row in rows:
        for name in {"tags", "meta"} & set(row):
            row[name] = json.loads(row[name]) if row[name] else row[name]
    return {row["id"]: visible(row) for row in rows}


def write(path, seed):
    chance = random.Random(seed)
    db = connect(path)
    print("ready", flush=True)
    n = 0
    while not is_told_to_stop():
        n += 1
        key, rating = f"{chance.randrange(KEYS)}", chance.randrange(10)
        statement = chance.choice((
            ("INSERT OR REPLACE INTO Post(id, title, rating) VALUES (?, ?, ?)", [key, f"{seed}.{n}", rating]),
            ("UPDATE Post SET rating = ? WHERE id = ?", [rating, key]),
            ("UPDATE Post SET tags = ?, meta = ? WHERE id = ?", [f'["{n}", "x"]', f'{{"n": {n}}}', key]),
            ("DELETE FROM Post WHERE id = ?", [key]),
            ("INSERT INTO Comment(id, content, postID) SELECT ?, 'x', id FROM Post WHERE id = ?",
             [f"{seed}.{n}", key]),
            ("DELETE FROM Comment WHERE id IN (SELECT id FROM Comment LIMIT 2)", []),
            ("UPDATE Comment SET note = ? WHERE postID = ?", [f"{seed}.{n}", key]),
        ))  # fmt: skip
        db.execute("BEGIN IMMEDIATE")
        db.execute(*statement)
        db.execute(chance.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))
        time.sleep(chance.random() / 20)
    db.close()


def follow(path, model, text, name):
    """From a snapshot on; then print whether the replay is what there is."""
    db = connect(path)
    sub = scalar(db, "SELECT datastore_observe(?, ?, ?)", model, text or None, name or None)
    db.execute("BEGIN")
    replay = Replay(table(db, model, WHERE[text]))
    seen = scalar(db, "SELECT coalesce(max(seq), 0) FROM datastore_changes")
    db.execute("COMMIT")
    db.execute("SELECT datastore_ack(?, ?)", [sub, seen])
    print("ready", flush=True)
    is_last, count = False, 0
    while not is_last:
        is_last = is_told_to_stop()
        scalar(db, "SELECT datastore_wait('events', 100, ?)", sub)
        count += replay.read(db, sub)
        if name:
            db.execute("SELECT datastore_ack(?, ?)", [sub, replay.seq or seen])
    answer = {"replayed": as_values(replay.rows), "rows": table(db, model, WHERE[text])}
    print(json.dumps({**answer, "resyncs": replay.resyncs, "events": count}), flush=True)
    db.close()


def as_values(rows):
    """AWSJSON, which an element holds as text."""
    for row in rows.values():
        if isinstance(row.get("meta"), str):
            row["meta"] = json.loads(row["meta"])
    return rows


if __name__ == "__main__":
    {"write": write, "follow": follow}[sys.argv[1]](*sys.argv[2:])

"""Changes by another client, and a guard over the rows that they end up in."""

import random
import sqlite3
import threading
import time

from kit import PATIENCE

# What is written into the rows of a model, and whether its version ever was as high before.
WATCH = """
CREATE TABLE watched(id TEXT PRIMARY KEY, version INTEGER);
CREATE TABLE backwards(id TEXT, version INTEGER, before INTEGER, how TEXT);
CREATE TRIGGER watch_insert AFTER INSERT ON Post_rows BEGIN
  INSERT INTO backwards SELECT new.id, new._version, version, 'insert' FROM watched
    WHERE id = new.id AND version >= new._version;
  INSERT INTO watched VALUES (new.id, new._version)
    ON CONFLICT(id) DO UPDATE SET version = max(version, excluded.version);
END;
CREATE TRIGGER watch_update AFTER UPDATE ON Post_rows BEGIN
  INSERT INTO backwards SELECT new.id, new._version, version, 'update' FROM watched
    WHERE id = new.id AND version >= new._version;
  INSERT INTO watched VALUES (new.id, new._version)
    ON CONFLICT(id) DO UPDATE SET version = max(version, excluded.version);
END;
"""


def watch(path):
    other = sqlite3.connect(path)
    other.executescript(WATCH)
    other.close()


class Changes(threading.Thread):
    """One change after the other, until it is told to stop; what goes wrong is told then."""

    def __init__(self, pause):
        super().__init__(daemon=True)
        self.over, self.pause = threading.Event(), pause
        self.n, self.error = 0, None

    def run(self):
        try:
            while not self.over.is_set():
                self.change()
                time.sleep(self.pause)
        except Exception as error:  # to be seen by the test
            self.error = error

    def end(self):
        self.over.set()
        self.join(PATIENCE)
        if self.error is not None:
            raise self.error


class Stream(Changes):
    """Creates, updates and deletes, as another client."""

    def __init__(self, server, seed):
        super().__init__(0.01)
        self.server, self.chance, self.keys = server, random.Random(seed), []

    def change(self):
        self.n += 1
        what = self.chance.random()
        if len(self.keys) < 5 or what < 0.2:
            self.keys.append(f"p{self.n}")
            self.server.mutate("create", "Post", {"id": self.keys[-1], "title": str(self.n)})
        elif what < 0.3 and len(self.keys) > 10:
            key = self.keys.pop(self.chance.randrange(len(self.keys)))
            self.server.mutate("delete", "Post", {"id": key})
        else:
            key = self.chance.choice(self.keys)
            self.server.mutate("update", "Post", {"id": key, "rating": self.n})

"""Three of our clients and one of Amplify at one API: random edits, and every few seconds the network is cut.
In the end ours have what the server has, and nothing that was made is lost. Amplify's client does not notice
each cut, so it is told of one before it is compared; where it has given up a change of its own after an error,
which it then keeps to itself, that is only told.

SOAK_MINUTES (10), SOAK_SEED, SOAK_AMPLIFY=0 for our clients alone, V=1 to see what differs at Amplify's."""

import json
import os
import random
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

from kit import MEMORY, SECOND, Client, backend, wait_until  # noqa: E402
from peer import Amplify  # noqa: E402

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
SEED = int(os.environ.get("SOAK_SEED", str(random.randrange(1 << 30))))
WITH_AMPLIFY = os.environ.get("SOAK_AMPLIFY", "1") != "0"
COMPARED = ("id", "name", "title", "rating", "note", "content", "_version")
MODELS = ("Blog", "Post", "Comment")
PATIENCE = 60


class Ours:
    """One of our clients: a few random statements at a time."""

    def __init__(self, path, server, name):
        self.name, self.made = name, 0
        self.inserted, self.deleted = set(), set()
        self.chance = random.Random(f"{SEED} {name}")
        self.client = Client(path, server)
        self.client.one("SELECT datastore_start()")

    def key(self):
        self.made += 1
        return f"{self.name}-{self.made}"

    def insert(self, sql, *values):
        self.client.sql(sql, *values)
        self.inserted.add(values[0])

    def any(self, model):
        return self.client.one(f'SELECT id FROM "{model}_rows" ORDER BY random() LIMIT 1')

    def delete(self, model):
        before = self.keys()
        self.client.sql(f'DELETE FROM "{model}" WHERE id = ?', self.any(model))
        self.deleted |= before - self.keys()

    def keys(self):
        return {key for model in MODELS for (key,) in self.client.sql(f'SELECT id FROM "{model}_rows"')}

    def edit(self):
        what, sql = self.chance.random(), self.client.sql
        post = self.any("Post")
        if what < 0.15 or post is None:
            self.insert("INSERT INTO Blog(id, name) VALUES (?, 'n')", key := self.key())
            self.insert("INSERT INTO Post(id, title, blogID) VALUES (?, 't', ?)", self.key(), key)
        elif what < 0.4:
            self.insert("INSERT INTO Comment(id, content, postID) VALUES (?, 'c', ?)", self.key(), post)
        elif what < 0.7:
            sql("UPDATE Post SET rating = ? WHERE id = ?", self.chance.randrange(1000), post)
        elif what < 0.9:
            sql("UPDATE Post SET note = ?, title = ? WHERE id = ?", self.key(), self.name, post)
        elif what < 0.96:
            self.delete("Comment")
        else:
            self.delete("Blog")

    def is_done(self):
        return not self.client.outbox()

    def records(self, model):
        return self.client.records(model)


class Theirs:
    """Amplify's client; a record that went meanwhile is no mistake. It comments on posts only that the server
    knows: when it has given up a post, but not its comments, their `post: null` ends all its later pulls."""

    def __init__(self, server, schema):
        self.name, self.chance = "amplify", random.Random(f"{SEED} amplify")
        self.client = Amplify(server, schema)
        self.client.start()

    def edit(self):
        what = self.chance.random()
        posts = [key for key, post in self.client.records("Post").items() if post.get("_version")]
        try:
            if what < 0.2 or not posts:
                self.client.create("Post", title="theirs")
            elif what < 0.4:
                self.client.create("Comment", content="c", post=self.chance.choice(posts))
            elif what < 0.9:
                key = self.chance.choice(posts)
                self.client.update("Post", key, rating=self.chance.randrange(1000))
            else:
                self.client.remove("Post", self.chance.choice(posts))
        except RuntimeError:
            pass

    def settle(self, server):
        """What differs in the end, and whether it has told that it gave up a change of that record."""
        try:
            self.client.reconnect()
            wait_until(lambda: not self.unexplained(server), "it agrees", PATIENCE)
        except AssertionError as error:
            print(f"{self.name}: {error}")
        return differences(self, server), self.unexplained(server)

    def unexplained(self, server):
        dropped = self.client.do("state")["dropped"]
        return [line for line in differences(self, server) if not any(key in line for key in dropped)]

    def records(self, model):
        return self.client.records(model)


def disturb(server, chance):
    how = chance.randrange(5)
    if how == 0:
        server.admin("offline", {"on": True, "ms": chance.randrange(200, 3000)})
    elif how == 1:
        server.admin("ws/drop", {"mode": "terminate"})
    elif how == 2:
        server.admin("ws/drop", {"mode": "close", "code": 1001})
    elif how == 3:
        server.fault("reset", None, times=3, after=chance.random() < 0.5)
    else:
        server.fault("throttle", None, times=2)


def edit_for(seconds, clients, server):
    chance, end, next_cut = random.Random(SEED), time.monotonic() + seconds, 0
    n = 0
    while time.monotonic() < end:
        chance.choice(clients).edit()
        n += 1
        time.sleep(chance.uniform(0, 0.1))
        if time.monotonic() > next_cut:
            disturb(server, chance)
            next_cut = time.monotonic() + chance.uniform(1, 6)
    return n


def picked(records):
    return {
        key: {name: record.get(name) for name in COMPARED} for key, record in records.items()
    }


def differences(client, server):
    out = []
    for model in MODELS:
        mine, wanted = picked(client.records(model)), picked(server.records(model))
        for key in sorted(set(mine) | set(wanted)):
            if mine.get(key) != wanted.get(key):
                out.append(f"{client.name}: {model} {key}: {mine.get(key)}, not {wanted.get(key)}")
    return out


def lost(client, server):
    """What the client made and the server never saw, unless it is in the dead letter or was deleted here
    before it was sent."""
    known = {one["id"] for model in MODELS for one in server.admin(f"records?model={model}")}
    known |= {row["id"] for row in client.client.dead()}
    return sorted(client.inserted - client.deleted - known)


def main():
    server = backend(SECOND)
    print(f"seed {SEED}, {MINUTES} minutes", flush=True)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        ours = [Ours(os.path.join(folder, f"{one}.db"), server, f"c{one}") for one in range(3)]
        clients = list(ours)
        if WITH_AMPLIFY:
            schema = json.loads(ours[0].client.one("SELECT datastore_introspect()"))
            clients.append(Theirs(server, schema))
        n = edit_for(MINUTES * 60, clients, server)
        server.no_faults()
        for client in ours:
            wait_until(client.is_done, f"{client.name} has sent everything", PATIENCE)
        found, theirs, unexplained = [], [], []
        try:
            wait_until(
                lambda: not any(differences(client, server) for client in ours),
                "all agree",
                PATIENCE,
            )
        except AssertionError:
            found = [line for client in ours for line in differences(client, server)]
        if WITH_AMPLIFY:
            theirs, unexplained = clients[-1].settle(server)
        gone = [f"{one.name} has lost {key}" for one in ours for key in lost(one, server)]
        dead = [(one.name, row["op"], row["error"]) for one in ours for row in one.client.dead()]
        for line in found + gone + dead + (theirs if os.environ.get("V") else unexplained[:20]):
            print(line)
        count = {model: len(server.records(model)) for model in MODELS}
        print(
            f"{n} edits, {count} in the end, {len(dead)} in dead letters, {len(found)} differ, "
            f"{len(gone)} lost; {len(theirs)} differ at Amplify's, {len(unexplained)} of them unexplained"
        )
        for one in ours:
            one.client.close()
        return 1 if found or gone else 0


if __name__ == "__main__":
    sys.exit(main())

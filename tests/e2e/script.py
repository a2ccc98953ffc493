"""Random scripts: three databases write what they like while they sync, are killed and meet faults.

Every value that is written is new, so that what is found in the end tells who wrote it.

Half of the scripts are gentle: no answer gets lost. Then a field must in the end hold a write that nobody has
written over knowingly. When the answer to an update is lost, and another client has changed all of its fields
before the next attempt, nothing tells whether that was before or after: the next attempt may then bring back
what had been written over.
"""

import random
import select
import uuid

from kit import Client, Worker, wait_until

FIELDS = {
    "Blog": ["name"],
    "Post": ["title", "rating", "note", "meta", "score"],
    "Comment": ["content", "note"],
    "User": ["name"],
    "PostUser": [],
}
NOTHING = "nothing was there"
KINDS = [
    ("http500", {}),
    ("throttle", {}),
    ("malformed", {}),
    ("empty", {}),
    ("html", {}),
    ("reset", {}),
    ("truncated", {}),
    ("timeout", {"ms": 150}),
    ("delay", {"ms": 150}),
    ("slow", {"size": 200, "ms": 1}),
    ("unauthorized", {}),
    ("partialData", {"items": [0, 2]}),
    ("graphqlError", {"errorType": "InternalFailure"}),
    ("graphqlError", {"errorType": "Refused"}),
    ("graphqlError", {"errorType": "Unauthorized"}),
]

REFUSALS = ("throttle", "unauthorized", "Refused", "Unauthorized")


class Peer:
    """One database: it writes here, and syncs in a process of its own."""

    def __init__(self, name, folder, server, settings):
        self.name, self.server, self.settings = name, server, settings
        self.client = Client(f"{folder}/{name}.db", server)
        self.client.configure(**settings)
        self.client.sql("PRAGMA busy_timeout = 30000")
        self.worker, self.is_syncing = None, False

    def sync(self):
        self.worker = self.worker or Worker(self.client.path, self.server, **self.settings)
        self.worker.sync()
        self.is_syncing = True

    def look(self, seconds=0):
        """Take the answer of a sync, if it has come."""
        ready = self.is_syncing and select.select([self.worker.process.stdout], [], [], seconds)[0]
        if ready:
            self.is_syncing = False
            answer = self.worker.end()
            assert answer is not None, f"the process of {self.name} has died"

    def kill(self):
        if self.worker:
            self.worker.kill()
        self.worker, self.is_syncing = None, False

    def close(self):
        self.kill()
        self.client.close()


class Script:
    def __init__(self, seed, folder, server):
        self.chance = random.Random(seed)
        self.server = server
        self.count = 0
        server.configure(
            mergeBase=self.chance.choice(["version", "none"]),
            conflictData=self.chance.choice(["full", "null"]),
            everyChange=self.chance.random() < 0.3,
        )
        self.is_gentle = self.chance.random() < 0.5
        self.peers = []
        for name in "abc":
            size = self.chance.choice([1, 3, 25])
            settings = {"pushBatchSize": size, "syncPageSize": self.chance.choice([2, 10, 1000])}
            self.peers.append(Peer(name, folder, server, settings))
            self.peers[-1].client.sql(f"PRAGMA journal_mode = {self.chance.choice(['WAL', 'DELETE'])}")
        self.writes = {}  # (model, id, field): [(who, value, value seen)]
        self.creates = {}  # (model, id): who
        self.deletes = {}  # (model, id): {who}
        self.doubtful = set()  # (model, id) with conditional changes: they may be refused

    # ---- local work ------------------------------------------------------------------------------

    def value(self, field):
        self.count += 1
        if field == "rating":
            return self.count
        if field == "score":
            return self.count / 7
        return '{"n":%d}' % self.count if field == "meta" else f"{field} {self.count}"

    def pick(self, peer, model):
        rows = peer.client.sql(f"SELECT id FROM {model} ORDER BY id")
        return self.chance.choice(rows)[0] if rows else None

    def note(self, peer, model, key, field, value, seen):
        self.writes.setdefault((model, key, field), []).append((peer.name, value, seen))

    def insert(self, peer):
        model = self.chance.choice(["Blog", "Post", "Post", "Comment", "Comment", "User", "PostUser"])
        parents = {}
        for column, parent, required in {
            "Post": [("blogID", "Blog", False)],
            "Comment": [("postID", "Post", True)],
            "PostUser": [("postId", "Post", True), ("userId", "User", True)],
        }.get(model, []):
            parents[column] = self.pick(peer, parent)
            if parents[column] is None and required:
                return
        self.count += 1
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        fields = [one for one in FIELDS[model] if one != "note" or self.chance.random() < 0.5]
        values = {field: self.value(field) for field in fields}
        row = {"id": key, **values, **{k: v for k, v in parents.items() if v is not None}}
        marks = ", ".join("?" * len(row))
        peer.client.sql(f"INSERT INTO {model}({', '.join(row)}) VALUES ({marks})", *row.values())
        self.creates[model, key] = peer.name
        for field in FIELDS[model]:
            self.note(peer, model, key, field, values.get(field), NOTHING)

    def update(self, peer):
        model = self.chance.choice(["Blog", "Post", "Post", "Post", "Comment", "User"])
        key = self.pick(peer, model)
        if key is None:
            return
        fields = self.chance.sample(FIELDS[model], self.chance.randint(1, len(FIELDS[model])))
        names = ", ".join(fields)
        seen = peer.client.sql(f"SELECT {names} FROM {model} WHERE id = ?", key)[0]
        values = [self.value(field) for field in fields]
        sets = ", ".join(f"{field} = ?" for field in fields)
        peer.client.sql(f"UPDATE {model} SET {sets} WHERE id = ?", *values, key)
        for field, value, old in zip(fields, values, seen):
            self.note(peer, model, key, field, value, old)

    def update_if(self, peer):
        key = self.pick(peer, "Post")
        if key is None:
            return
        rating = peer.client.one("SELECT rating FROM Post WHERE id = ?", key)
        title = self.value("title")
        peer.client.sql(
            "SELECT datastore_save('Post', json_object('id', ?1, 'title', ?2), ?3)",
            key,
            title,
            '{"rating":{"eq":%d}}' % rating,
        )
        self.doubtful.add(("Post", key))

    def delete(self, peer):
        model = self.chance.choice(["Blog", "Post", "Comment", "Comment", "User", "PostUser"])
        key = self.pick(peer, model)
        if key is None:
            return
        before = self.keys(peer)
        peer.client.sql(f"DELETE FROM {model} WHERE id = ?", key)
        for one in before - self.keys(peer):
            self.deletes.setdefault(one, set()).add(peer.name)

    def keys(self, peer):
        return {(model, key) for model in FIELDS for key, in peer.client.sql(f"SELECT id FROM {model}")}

    def work(self, peer):
        actions = [self.insert, self.update, self.delete, self.update_if]
        action = self.chance.choices(actions, [5, 6, 1.5, 0.5])[0]
        peer.client.sql("BEGIN IMMEDIATE")
        for _ in range(self.chance.choice([1, 1, 4])):
            action(peer)
        peer.client.sql("COMMIT")

    # ---- trouble -----------------------------------------------------------------------------------

    def may_be_late(self, kind, errorType=None, **more):
        """Who is refused by the service itself has not got through."""
        return not self.is_gentle and kind not in REFUSALS and errorType not in REFUSALS

    def fault(self):
        kind, more = self.chance.choice(KINDS)
        operation = self.chance.choice(["mutation", "mutation", "query", None])
        self.server.fault(
            kind,
            operation,
            times=self.chance.choice([1, 1, 2]),
            skip=self.chance.choice([0, 0, 1, 3]),
            after=self.may_be_late(kind, **more) and self.chance.random() < 0.5,
            **more,
        )

    def let_arrive(self):
        """A create on its way when its process was killed may come so late that the next attempt has been refused,
        and the record been deleted here, as there was none: then it comes back. No such thing is tried here: what
        was sent is read after a few calls, and then it is waited for."""
        running = lambda: set(self.server.admin("stats")["running"])
        for _ in range(3):
            sent = running()
        wait_until(lambda: not sent & running(), "what was sent is carried out")

    def step(self):
        peer = self.chance.choice(self.peers)
        peer.look()
        dice = self.chance.random()
        if dice < 0.6:
            self.work(peer)
        elif dice < 0.85:
            if not peer.is_syncing:
                peer.sync()
            else:
                peer.look(0.05)
        elif dice < 0.97:
            self.fault()
        elif peer.is_syncing and not self.is_gentle:
            peer.look(self.chance.uniform(0, 0.1))
            peer.kill()
            self.let_arrive()

    def close(self):
        for peer in self.peers:
            peer.close()

    # ---- the end -----------------------------------------------------------------------------------

    def settle(self):
        """Everything is synced without faults. Gives what stays in the dead letters, by (model, id)."""
        self.server.no_faults()
        refused = set()
        for peer in self.peers:
            while peer.is_syncing:
                peer.look(1)
            peer.kill()
        for attempt in range(20):
            is_quiet = True
            for peer in self.peers:
                dead = [(one["model"], one["id"]) for one in peer.client.dead()]
                if dead and attempt < 4:
                    peer.client.sql("SELECT datastore_retry()")
                elif dead:
                    refused.update(dead)
                    peer.client.sql("""SELECT datastore_discard(NULL, '{"dependants":true}')""")
                done = peer.client.sync()
                is_quiet = is_quiet and not dead and not peer.client.outbox() and not done["errors"]
                is_quiet = is_quiet and done["pushed"] == 0
            if is_quiet:
                return refused
        raise AssertionError([peer.client.outbox() + peer.client.dead() for peer in self.peers])

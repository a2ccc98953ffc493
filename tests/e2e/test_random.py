"""Random scripts against the promises: all agree in the end, and nobody's change is lost.

The same scripts each time, so that no change is refused for what it did not do; how they meet is chance enough.
E2E_SECONDS says for how long other ones run, of each kind, E2E_SEED where it begins.
"""

import json
import os
import random
import time
import unittest

from kit import FIRST, SECOND, SECONDS, Case, backend, compare
from script import FIELDS, Script

STEPS = 120
USUAL = 2  # scripts of each kind


def written_over(writes):
    """Values that somebody has replaced knowingly."""
    found = set()
    for at, (who, value, seen) in enumerate(writes):
        found.add(seen)
        found.update(old for name, old, _ in writes[:at] if name == who and old != value)
    return found


class Scripts(Case):
    def check_agreement(self, script):
        for model in FIELDS:
            theirs = self.server.records(model)
            for peer in script.peers:
                rows = peer.client.records(model)
                self.assertEqual(set(rows), set(theirs), f"{model} of {peer.name}")
                for key, row in rows.items():
                    compare(self, row, theirs[key])
                    self.assertEqual(row["_version"], theirs[key]["_version"])

    def check_records(self, script, refused):
        """Who was made and not deleted is there; who was deleted by its only friend is not."""
        live = {(model, key) for model in FIELDS for key in self.server.records(model)}
        for one, who in script.creates.items():
            if one not in script.deletes:
                self.assertIn(one, live | refused, f"made by {who}, deleted by nobody")
        for one, by in script.deletes.items():
            writers = {w[0] for field in FIELDS[one[0]] for w in script.writes.get((*one, field), [])}
            if len(by | writers | {script.creates[one]}) == 1 and one not in script.doubtful | refused:
                self.assertNotIn(one, live, f"deleted by {by}")

    def check_fields(self, script, refused):
        for (model, key, field), writes in script.writes.items():
            one = (model, key)
            record = self.server.records(model).get(key) if one not in script.deletes else None
            if record is None or one in refused or (one in script.doubtful and field == "title"):
                continue
            final = record.get(field)
            if field == "meta":
                final = json.dumps(final, separators=(",", ":"))
            values = [value for _, value, _ in writes]
            self.assertIn(final, values, f"{field} of {one}")
            writers = {who for who, _, _ in writes}
            if script.is_gentle or len(writers) == 1:
                self.assertNotIn(final, written_over(writes), f"{field} of {one}: {writes}")

    def run_one(self, seed, conflict):
        self.server.reset()
        self.server.configure(conflict=conflict)
        folder = os.path.join(self.folder, str(seed))
        os.mkdir(folder)
        script = Script(seed, folder, self.server)
        try:
            for _ in range(STEPS):
                script.step()
            refused = script.settle()
            self.check_agreement(script)
            self.check_records(script, refused)
            self.check_fields(script, refused)
        finally:
            script.close()

    def run_for(self, schema, conflict):
        self.server = backend(schema)
        chosen = random.randrange(1 << 30) if SECONDS else 1
        first = seed = int(os.environ.get("E2E_SEED", chosen))
        end = time.monotonic() + SECONDS
        while time.monotonic() < end if SECONDS else seed < first + USUAL:
            print(f"# {conflict}, {os.path.basename(schema)}: E2E_SEED={seed}", flush=True)
            with self.subTest(seed=seed):
                self.run_one(seed, conflict)
            seed += 1

    def test_automerge_v1(self):
        self.run_for(FIRST, "AUTOMERGE")

    def test_automerge_v2(self):
        self.run_for(SECOND, "AUTOMERGE")

    def test_optimistic_v1(self):
        self.run_for(FIRST, "OPTIMISTIC_CONCURRENCY")

    def test_optimistic_v2(self):
        self.run_for(SECOND, "OPTIMISTIC_CONCURRENCY")


if __name__ == "__main__":
    unittest.main()

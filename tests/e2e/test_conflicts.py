"""Conflicts: Amplify's scenarios C1 to C22 without its losses, and the policies.

A scenario: a post is created, then its title is revised three times; between the second and the third
revision another client changes the title, or another field. What differs is whether each revision is synced
before the next ("settled"), and whether the client has heard of the other change when it pushes. Where both
changed a title, the last one to write locally wins; the other client's field is never lost.
"""

import json
import os
import unittest

from kit import Case

BOTH = ("AUTOMERGE", "OPTIMISTIC_CONCURRENCY")


class Scenarios(Case):
    def run_all(self, scenario, *more):
        for strategy in BOTH:
            for pull in (True, False):
                with self.subTest(strategy=strategy, pull=pull):
                    self.server.reset()
                    self.server.configure(conflict=strategy)
                    a = self.client(f"{len(os.listdir(self.folder))}.db")
                    scenario(a, pull, *more)
                    a.close()

    def create(self, a, note=None):
        a.sql("INSERT INTO Post(id, title, note) VALUES ('p', 'original', ?)", note)

    def revise(self, a, number):
        a.sql("UPDATE Post SET title = ? WHERE id = 'p'", f"title {number}")

    def settle(self, a, pull=True):
        self.clean(a.sync(pull=pull))
        self.clean(a.sync(pull=pull))

    def second(self, **fields):
        self.server.mutate("update", "Post", {"id": "p", **fields})

    def updates(self):
        return len(self.server.log("mutation", "updatePost"))

    def end(self, a, **wanted):
        self.clean(a.sync())
        record = self.server.record("Post", "p")
        self.assertEqual({name: record[name] for name in wanted}, wanted)
        self.assertAgree(a)
        self.assertEqual(a.one("SELECT _status FROM Post"), "synced")

    # C1, C2: one client, three updates behind a settled create
    def alone(self, a, pull, settled):
        self.create(a)
        self.settle(a)
        for number in range(3):
            self.revise(a, number)
            if settled:
                self.settle(a, pull)
        self.settle(a, pull)
        self.assertEqual(self.updates(), 3 if settled else 1)
        self.end(a, title="title 2", _version=4 if settled else 2)

    def test_c1_c2_one_client(self):
        self.run_all(self.alone, False)

    def test_c5_c6_one_client_settled(self):
        self.run_all(self.alone, True)

    # C3, C4: the create has not been sent
    def test_c3_c4_folded_into_the_create(self):
        def scenario(a, pull):
            self.create(a)
            for number in range(3):
                self.revise(a, number)
            self.settle(a, pull)
            self.assertEqual(self.updates(), 0)
            self.end(a, title="title 2", _version=1)

        self.run_all(scenario)

    def with_second(self, a, pull, settled, before=None, **change):
        self.create(a, before)
        self.settle(a)
        for number in range(3):
            self.revise(a, number)
            if settled:
                self.settle(a, pull)
            if number == 1:
                self.second(**change)
        self.settle(a, pull)
        self.end(a, title="title 2", **{k: v for k, v in change.items() if k != "title"})

    # C7, C8, C16, C17: both change the title, what was sent is old
    def test_c7_c8_c16_c17_same_field(self):
        def scenario(a, pull):
            self.with_second(a, pull, False, title="second client's")

        self.run_all(scenario)

    # C9, C10, C18: as before, each revision settled
    def test_c9_c10_c18_same_field_settled(self):
        def scenario(a, pull):
            self.with_second(a, pull, True, title="second client's")

        self.run_all(scenario)

    # C11 to C14, C19 to C21: the other client changes another field, null before or not
    def test_c11_c14_c19_c21_another_field(self):
        for note in (None, "original note"):

            def scenario(a, pull, note=note):
                self.with_second(a, pull, False, note, note="second client's")

            self.run_all(scenario)

    # C15, C22
    def test_c15_c22_another_field_settled(self):
        for note in (None, "original note"):

            def scenario(a, pull, note=note):
                self.with_second(a, pull, True, note, note="second client's")

            self.run_all(scenario)

    def test_second_client_after_the_third_revision(self):
        """C12 and C20: what the other one wrote is the last word on its field only."""

        def scenario(a, pull):
            self.create(a, "n")
            self.settle(a)
            self.revise(a, 0)
            self.settle(a)
            self.revise(a, 1)
            self.second(note="second client's", title="second client's")
            self.settle(a, pull)
            self.end(a, title="title 1", note="second client's")

        self.run_all(scenario)

    def test_create_that_arrived_and_was_changed_there_and_here(self):
        key = "0190a5b4-6f6e-7b3a-8c1d-2e3f4a5b6c7d"

        def scenario(a, pull):
            a.sql("INSERT INTO Post(id, title, note, rating) VALUES (?, 't', 'n', 1)", key)
            self.server.fault("reset", "mutation", after=True)
            self.server.fault("http500", "mutation", times=None)
            a.sync()
            self.server.no_faults()
            self.server.mutate("update", "Post", {"id": key, "note": "theirs", "score": 1.5})
            a.sql("UPDATE Post SET title = 'mine'")
            self.clean(a.sync(pull=pull))
            self.clean(a.sync())
            record = self.server.record("Post", key)
            wanted = {"title": "mine", "note": "theirs", "rating": 1, "score": 1.5}
            self.assertEqual({name: record[name] for name in wanted}, wanted)
            self.assertAgree(a)

        self.run_all(scenario)

    def test_deleted_there_changed_here(self):
        def scenario(a, pull):
            self.create(a)
            self.settle(a)
            self.revise(a, 0)
            self.server.mutate("delete", "Post", {"id": "p"})
            a.sync(pull=pull)
            done = a.sync(pull=pull)
            alive = not self.server.record("Post", "p").get("_deleted")
            self.assertTrue(alive or done["failed"] == 1, "the change vanished")
            if alive:
                self.end(a, title="title 0")

        self.run_all(scenario)

    def test_changed_there_deleted_here(self):
        def scenario(a, pull):
            self.create(a)
            self.settle(a)
            a.sql("DELETE FROM Post")
            self.second(note="second client's")
            a.sync(pull=pull)
            a.sync(pull=pull)
            self.clean(a.sync())
            self.assertAgree(a)

        self.run_all(scenario)

    def test_both_delete(self):
        def scenario(a, pull):
            self.create(a)
            self.settle(a)
            a.sql("DELETE FROM Post")
            self.server.mutate("delete", "Post", {"id": "p"})
            a.sync(pull=pull)
            self.clean(a.sync())
            self.assertEqual(self.server.records("Post"), {})
            self.assertAgree(a)

        self.run_all(scenario)

    def test_both_create(self):
        def scenario(a, pull):
            self.server.mutate("create", "Post", {"id": "p", "title": "theirs"})
            self.create(a, "mine")
            a.sync(pull=pull)
            a.sync(pull=pull)
            record = self.server.record("Post", "p")
            if not a.dead():
                self.end(a, note="mine")
            else:
                self.assertEqual(record["title"], "theirs")
                a.sql("SELECT datastore_discard()")
                self.end(a, title="theirs")

        self.run_all(scenario)

    def test_both_make_the_same_change(self):
        def scenario(a, pull):
            self.create(a)
            self.settle(a)
            self.revise(a, 0)
            self.second(title="title 0")
            done = a.sync(pull=pull)
            self.assertEqual(done["conflicts"], 0, done)
            self.end(a, title="title 0")

        self.run_all(scenario)

    def test_lists_and_json(self):
        """AUTOMERGE joins lists: what was sent must be what stays, and once."""

        def scenario(a, pull):
            a.sql("""INSERT INTO Post(id, title, tags, meta, score)
                     VALUES ('p', 't', '["a"]', '{"x": 1.0}', 0.1)""")
            self.settle(a)
            a.sql("""UPDATE Post SET tags = '["a","mine"]', meta = '{"x":2}'""")
            self.second(tags=["a", "theirs"], score=0.2)
            a.sync(pull=pull)
            self.settle(a, pull)
            self.settle(a, pull)
            record = self.server.record("Post", "p")
            self.assertEqual(record["score"], 0.2)
            self.assertIn("mine", record["tags"])
            self.assertEqual(len(record["tags"]), len(set(record["tags"])), record)
            self.end(a, tags=["a", "mine"])

        self.run_all(scenario)

    def test_a_server_that_knows_no_base(self):
        """AUTOMERGE that keeps every field it has, and says success."""
        self.server.configure(mergeBase="none")
        a = self.client()
        self.create(a, "n")
        self.settle(a)
        self.revise(a, 0)
        self.second(note="second client's")
        done = self.clean(a.sync(pull=False))
        self.assertEqual(self.updates(), 2, done)
        self.end(a, title="title 0", note="second client's")


class Policies(Case):
    def conflict(self, a, strategy="AUTOMERGE"):
        """Both sides change title and note; only here rating, only there score."""
        self.server.configure(conflict=strategy)
        a.sql("INSERT INTO Post(id, title, note, rating, score) VALUES ('p', 't', 'n', 1, 1.5)")
        self.clean(a.sync())
        a.sql("UPDATE Post SET title = 'mine', note = 'mine', rating = 2")
        self.server.mutate(
            "update", "Post", {"id": "p", "title": "theirs", "note": "theirs", "score": 2.5}
        )

    def outcome(self, policy, prepare=None):
        """(title, note, rating, score) in the end, for both strategies, with and without a pull first.
        What AUTOMERGE has taken already, the rating, is not undone by a policy that would not send it."""
        found = []
        for strategy in BOTH:
            for pull in (True, False):
                self.server.reset()
                a = self.client(f"{strategy}-{pull}.db")
                a.configure(conflict=policy)
                if prepare:
                    prepare(a)
                self.conflict(a, strategy)
                done = a.sync(pull=pull)
                self.assertGreaterEqual(done["conflicts"], 1)
                self.errors = done["errors"]
                self.clean(a.sync())
                self.assertAgree(a)
                record = self.server.record("Post", "p")
                if strategy == "AUTOMERGE" and not pull:
                    self.assertEqual(record.pop("rating"), 2)
                names = ("title", "note", "rating", "score")
                one = tuple(record.get(name) for name in names)
                found += [] if one in found else [one]
                a.close()
        merged = next(one for one in found if one[2] is None)
        found.remove(merged)
        self.assertEqual(len(found), 1, found)
        self.assertEqual(merged[:2] + merged[3:], found[0][:2] + found[0][3:])
        return found[0]

    def test_merge(self):
        self.assertEqual(self.outcome("merge"), ("mine", "mine", 2, 2.5))

    def test_local(self):
        self.assertEqual(self.outcome("local"), ("mine", "mine", 2, 1.5))

    def test_remote(self):
        self.assertEqual(self.outcome("remote"), ("theirs", "theirs", 1, 2.5))

    def test_function(self):
        asked = []

        def decide(model, local, remote, base, attempt):
            asked.append((model, json.loads(local), json.loads(remote), json.loads(base), attempt))
            record = json.loads(remote)
            record["title"] = json.loads(local)["title"] + " and " + json.loads(remote)["title"]
            return json.dumps(record)

        def prepare(a):
            a.db.create_function("decide", 5, decide)

        self.assertEqual(self.outcome("decide", prepare), ("mine and theirs", "theirs", 1, 2.5))
        model, local, remote, base, attempt = asked[0]
        self.assertEqual((model, attempt), ("Post", 1))
        titles = [one["title"] for one in (local, remote, base)]
        self.assertEqual(titles, ["mine", "theirs", "t"])

    def test_function_that_takes_the_servers(self):
        def prepare(a):
            a.db.create_function("decide", 5, lambda *given: None)

        self.assertEqual(self.outcome("decide", prepare), ("theirs", "theirs", 1, 2.5))

    def test_function_that_fails(self):
        def prepare(a):
            a.db.create_function("decide", 5, lambda *given: 1 / 0)

        self.assertEqual(self.outcome("decide", prepare), ("mine", "mine", 2, 2.5))
        self.assertRegex(str(self.errors), "^..push: the conflict function decide: ")

    def test_function_that_is_not_there(self):
        self.assertEqual(self.outcome("nobody"), ("mine", "mine", 2, 2.5))
        self.assertEqual(self.errors, ["push: the conflict function nobody: no such function: nobody"])

    def test_attempts_are_bounded(self):
        """The server is newer each time: in the end that is a refusal, and the change is kept."""
        self.server.configure(conflict="OPTIMISTIC_CONCURRENCY")
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.clean(a.sync())
        a.sql("UPDATE Post SET title = 'mine'")
        record = {**self.server.record("Post", "p"), "createdAt": None, "updatedAt": None}
        for version in range(2, 30):
            data = {**record, "_version": version, "title": f"theirs {version}", "_deleted": None}
            self.server.fault(
                "graphqlError",
                field="updatePost",
                errorType="ConflictUnhandled",
                message="Conflict resolver rejects mutation.",
                data=data,
            )
        a.sync(pull=False, timeoutMs=300)  # however far it comes
        self.assertEqual(a.outbox()[0]["state"], "pending")
        # The waits between attempts get long: the last of them shall be over.
        a.sql("UPDATE datastore_mutations SET conflicts = 10, next_attempt_at = NULL")
        a.sync(pull=False)
        self.assertEqual(len(a.dead()), 1)
        self.assertEqual(a.one("SELECT title FROM Post"), "mine")
        self.server.no_faults()


if __name__ == "__main__":
    unittest.main()

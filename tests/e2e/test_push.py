"""Push: what the outbox sends, in which order and how much at once, and answers that get lost."""

import unittest

from kit import Case


def mutations(server):
    """Root fields of each document that was sent, oldest first."""
    return [entry["fields"] for entry in server.log("mutation")]


class Push(Case):
    def test_folding(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
        a.sql("UPDATE Post SET title = 'two'")
        a.sql("INSERT INTO Post(id, title) VALUES ('gone', 'x')")
        a.sql("DELETE FROM Post WHERE id = 'gone'")
        self.assertEqual(self.clean(a.sync())["pushed"], 1)
        self.assertEqual(mutations(self.server), [["createPost"]])
        self.assertEqual(self.server.record("Post", "p")["title"], "two")
        self.server.clear_log()
        a.sql("UPDATE Post SET title = 'three'")
        a.sql("UPDATE Post SET rating = 3")
        self.clean(a.sync())
        sent = self.server.inputs("updatePost")
        self.assertEqual(sent, [{"id": "p", "title": "three", "rating": 3, "_version": 1}])
        self.server.clear_log()
        a.sql("UPDATE Post SET title = 'four'")
        a.sql("DELETE FROM Post")
        self.clean(a.sync())
        self.assertEqual(self.server.inputs("deletePost"), [{"id": "p", "_version": 2}])
        self.assertEqual(mutations(self.server), [["deletePost"]])
        self.assertTrue(self.server.record("Post", "p")["_deleted"])

    def test_only_changed_fields(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title, rating, note) VALUES ('p', 't', 1, 'n')")
        self.clean(a.sync())
        a.sql("UPDATE Post SET title = 't', rating = 2, note = 'n'")
        self.clean(a.sync())
        self.assertEqual(self.server.inputs("updatePost"), [{"id": "p", "rating": 2, "_version": 1}])
        a.sql("UPDATE Post SET note = NULL")
        self.clean(a.sync())
        self.assertEqual(
            self.server.inputs("updatePost")[1:], [{"id": "p", "note": None, "_version": 2}]
        )
        self.assertAgree(a)

    def test_versions_are_carried_on(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', '0')")
        for number in range(1, 5):
            self.clean(a.sync(pull=False))
            a.sql("UPDATE Post SET title = ?", str(number))
        self.clean(a.sync(pull=False))
        self.assertEqual([one["_version"] for one in self.server.inputs("updatePost")], [1, 2, 3, 4])
        self.assertEqual(a.sql("SELECT _version, _status FROM Post"), [(5, "synced")])

    def test_parents_first_children_deleted_first(self):
        a = self.client()
        a.configure(pushBatchSize=1)
        a.sql("INSERT INTO Blog(id, name) VALUES ('b', 'x')")
        a.sql("INSERT INTO Post(id, title, blogID) VALUES ('p', 'x', 'b')")
        a.sql("INSERT INTO Comment(id, content, postID) VALUES ('c', 'x', 'p')")
        self.clean(a.sync())
        self.assertEqual(mutations(self.server), [["createBlog"], ["createPost"], ["createComment"]])
        self.server.clear_log()
        a.sql("DELETE FROM Blog")
        self.clean(a.sync())
        self.assertEqual(mutations(self.server), [["deleteComment"], ["deletePost"], ["deleteBlog"]])
        self.assertAgree(a)

    def test_a_thousand_creates(self):
        a = self.client()
        a.sql("BEGIN")
        for number in range(1000):
            a.sql("INSERT INTO Post(title, rating) VALUES (?, 1)", f"post {number}")
        a.sql("COMMIT")
        self.assertEqual(self.clean(a.sync())["pushed"], 1000)
        self.assertLessEqual(len(mutations(self.server)), 50)
        self.assertAgree(a, "Post")

    def test_one_at_a_time_sends_the_plain_document(self):
        a = self.client()
        a.configure(pushBatchSize=1)
        for number in range(3):
            a.sql("INSERT INTO Post(title) VALUES (?)", str(number))
        self.clean(a.sync())
        plain = a.one(
            "SELECT document FROM datastore_operations WHERE model = 'Post' AND operation = 'create'"
        )
        sent = [entry["body"]["query"] for entry in self.server.log("mutation")]
        self.assertEqual(sent, [plain] * 3)

    def test_conditions(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title, rating) VALUES ('p', 't', 1)")
        self.clean(a.sync())
        save = "SELECT datastore_save('Post', ?, ?)"
        a.sql(save, '{"id":"p","title":"u"}', '{"rating":{"eq":1}}')
        self.clean(a.sync())
        variables = self.server.log("mutation", "updatePost")[0]["body"]["variables"]
        self.assertEqual(variables["condition"], {"and": [{"rating": {"eq": 1}}]})
        self.server.mutate("update", "Post", {"id": "p", "rating": 2})
        a.sql(save, '{"id":"p","title":"v"}', '{"rating":{"eq":1}}')
        done = a.sync(pull=False)
        self.assertEqual(done["pushed"], 0, done)
        self.assertEqual(done["failed"], 1, done)
        self.assertEqual(self.server.record("Post", "p")["title"], "u")
        self.assertEqual(a.dead()[0]["op"], "update")

    def test_one_bad_change_does_not_stop_the_others(self):
        a = self.client()
        for number in range(20):
            a.sql("INSERT INTO Post(id, title) VALUES (?, 'good')", f"p{number}")
        a.sql("UPDATE Post SET title = 'bad' WHERE id = 'p7'")
        body = '{"errors":[{"errorType":"ValidationError","message":"Validation error of type X"}]}'
        self.server.fault("raw", "mutation", text='"bad"', times=None, body=body)
        done = a.sync()
        self.assertEqual((done["pushed"], done["failed"], done["pending"]), (19, 1, 0), done)
        self.assertEqual(len(self.server.records("Post")), 19)
        self.assertEqual([one["id"] for one in a.dead()], ["p7"])
        self.assertEqual(a.one("SELECT _status FROM Post WHERE id = 'p7'"), "failed")

    def test_a_firewall_that_dislikes_a_word(self):
        """It may be the caller as well: the change is no dead letter, but all others go."""
        a = self.client()
        for number in range(8):
            note = "DROP TABLE" if number == 3 else "n"
            a.sql("INSERT INTO Post(id, title, note) VALUES (?, 't', ?)", str(number), note)
        self.server.fault("raw", "mutation", text="DROP", times=None, status=403, body="<html>Forbidden")
        result = a.sync()
        self.assertEqual((result["pushed"], result["pending"], result["failed"]), (7, 1, 0), result)
        self.assertEqual(result["errors"], ["push: HTTP 403"])
        self.assertEqual([(one["id"], one["error"]) for one in a.outbox()], [("3", "HTTP 403")])
        self.server.no_faults()
        self.clean(a.sync())
        self.assertAgree(a)

    def test_dead_letter_is_retried(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        a.sql("INSERT INTO Comment(id, content, postID) VALUES ('c', 't', 'p')")
        self.server.fault("graphqlError", field="createPost", errorType="Refused", message="no")
        done = a.sync()
        self.assertEqual((done["failed"], done["pending"]), (1, 1), done)
        dead = a.dead()[0]
        self.assertEqual((dead["model"], dead["id"], dead["op"]), ("Post", "p", "create"))
        self.assertIn("no", dead["error"])
        self.assertEqual(a.outbox()[0]["state"], "held")
        self.assertEqual(self.server.records("Comment"), {})
        a.sql("SELECT datastore_retry()")
        self.clean(a.sync())
        self.assertAgree(a)

    def test_delete_of_what_the_server_has_forgotten(self):
        """Deleted elsewhere while we were away for so long that its tombstone is gone, too."""
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one'), ('q', 'two')")
        self.clean(a.sync())
        self.server.admin("purge", {"model": "Post", "key": {"id": "p"}})
        a.sql("DELETE FROM Post")
        self.assertEqual(self.clean(a.sync(pull=False))["pushed"], 2)
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'anew')")
        self.clean(a.sync())
        self.assertEqual(self.server.record("Post", "p")["_version"], 1)
        self.assertAgree(a)

    def test_delete_that_is_not_allowed(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
        self.clean(a.sync())
        self.server.fault("graphqlError", field="deletePost", errorType="Unauthorized", message="not yours")
        a.sql("DELETE FROM Post")
        done = a.sync(pull=False)
        self.assertEqual((done["pushed"], done["failed"]), (0, 1))
        self.assertIn("not yours", a.one("SELECT error FROM datastore_dead_letter"))
        a.sql("SELECT datastore_discard()")
        self.assertAgree(a)

    def test_held_and_deleted(self):
        """What waits for a refused parent, changes with conditions too, goes with its record."""
        a = self.client()
        a.sql("INSERT INTO Blog(id, name) VALUES ('b', 'n')")
        a.sql("INSERT INTO Post(id, title, rating, blogID) VALUES ('p', 't', 1, 'b')")
        self.server.fault("graphqlError", field="createBlog", errorType="Refused")
        a.sync()
        self.assertEqual([one["state"] for one in a.outbox()], ["held"])
        a.sql("""SELECT datastore_save('Post', '{"id":"p","title":"u"}', '{"rating":{"eq":1}}')""")
        a.sync()
        a.sql("DELETE FROM Blog")
        self.clean(a.sync())
        self.assertEqual(a.outbox() + a.dead(), [])
        self.assertEqual(len(mutations(self.server)), 1)

    def test_dead_letter_is_discarded(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title, rating) VALUES ('p', 't', 1)")
        self.clean(a.sync())
        a.sql("UPDATE Post SET title = 'mine'")
        self.server.fault("graphqlError", field="updatePost", errorType="Refused", message="no")
        self.assertEqual(a.sync()["failed"], 1)
        self.assertEqual(a.one("SELECT title FROM Post"), "mine")
        a.sql("SELECT datastore_discard()")
        self.assertEqual(a.one("SELECT title FROM Post"), "t")
        self.clean(a.sync())
        self.assertAgree(a)

    def test_status_of_rows(self):
        a = self.client()
        status = "SELECT _status FROM Post"
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        self.assertEqual(a.one(status), "pending")
        self.clean(a.sync())
        self.assertEqual(a.one(status), "synced")


class LostAnswers(Case):
    """The change was carried out, its answer did not arrive: nothing is doubled, nothing lost."""

    KINDS = [
        ("reset", {}),
        ("truncated", {}),
        ("http500", {"status": 502}),
        ("malformed", {}),
        ("empty", {}),
        ("html", {}),
        ("timeout", {"ms": 300}),
    ]

    def lose(self, prepare, change, operation, check, **settings):
        for kind, more in self.KINDS:
            with self.subTest(kind=kind):
                self.server.reset()
                a = self.client(f"{kind}.db")
                a.configure(**settings)
                prepare(a)
                self.clean(a.sync())
                change(a)
                self.server.fault(kind, "mutation", after=True, **more)
                self.clean(a.sync())
                self.assertEqual(self.server.hits(), 1)
                self.clean(a.sync())
                check(a)
                self.assertEqual(a.dead(), [])
                self.assertAgree(a)

    def test_create(self):
        def change(a):
            for number in range(3):
                a.sql("INSERT INTO Post(title, score, meta) VALUES ('t', ?, '{\"a\": 1}')", number / 3)

        def check(a):
            records = self.server.records("Post").values()
            self.assertEqual([one["_version"] for one in records], [1, 1, 1])

        self.lose(lambda a: None, change, "create", check)

    def test_update(self):
        def prepare(a):
            a.sql("INSERT INTO Post(id, title, rating) VALUES ('p', 't', 1), ('q', 't', 1)")

        def check(a):
            self.assertEqual(self.server.record("Post", "p")["title"], "u")
            self.assertEqual(self.server.record("Post", "q")["title"], "u")

        self.lose(prepare, lambda a: a.sql("UPDATE Post SET title = 'u'"), "update", check)

    def test_delete(self):
        def prepare(a):
            a.sql("INSERT INTO Post(id, title, rating) VALUES ('p', 't', 1), ('q', 't', 1)")

        def check(a):
            self.assertEqual(self.server.records("Post"), {})

        self.lose(prepare, lambda a: a.sql("DELETE FROM Post"), "delete", check)

    def test_create_that_was_deleted_by_another_one(self):
        """The create arrived, its answer did not, and another client deleted the record meanwhile."""
        for verb, alive in (("retry", True), ("discard", False)):
            with self.subTest(verb=verb):
                self.server.reset()
                a = self.client(f"{verb}.db")
                a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
                self.server.fault("reset", "mutation", after=True)
                self.server.fault("http500", "mutation", times=None)
                a.sync()
                self.server.no_faults()
                self.server.mutate("delete", "Post", {"id": "p"})
                self.assertEqual(a.sync(pull=False)["failed"], 1)
                self.assertIn("deleted", a.dead()[0]["error"] + a.dead()[0]["response"])
                a.sql(f"SELECT datastore_{verb}()")
                self.clean(a.sync())
                self.assertEqual(set(self.server.records("Post")), {"p"} if alive else set())
                self.assertAgree(a)

    def test_create_that_arrived_and_was_refused_later(self):
        """The answer is lost, then another attempt is refused: the server is asked what it has."""
        for carried_out in (True, False):
            with self.subTest(carried_out=carried_out):
                self.server.reset()
                a = self.client(f"{carried_out}.db")
                a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
                self.server.fault("reset", "mutation", after=carried_out)
                self.server.fault("graphqlError", field="createPost", errorType="Unauthorized")
                done = a.sync()
                self.assertEqual(done["failed"], 0 if carried_out else 1)
                a.sql("DELETE FROM Post")
                self.clean(a.sync())
                self.clean(a.sync())
                self.assertEqual(self.server.records("Post"), {})
                self.assertAgree(a)

    def test_changed_again_before_the_answer_is_known(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'one')")
        self.server.fault("reset", "mutation", after=True, times=1)
        self.server.fault("http500", "mutation", times=None)
        a.sync()
        a.sql("UPDATE Post SET title = 'two', rating = 2")
        self.server.no_faults()
        self.server.mutate("update", "Post", {"id": "p", "note": "theirs"})
        self.clean(a.sync())
        self.clean(a.sync())
        record = self.server.record("Post", "p")
        self.assertEqual((record["title"], record["rating"]), ("two", 2))
        self.assertEqual(record["note"], "theirs")
        self.assertAgree(a)


if __name__ == "__main__":
    unittest.main()

"""Pull: pages that are refused, broken or endless, and what a sync expression leaves out."""

import json
import time
import unittest

from kit import Case
from test_pull import pages


def page(items=(), token=None, started=None, errors=None, field="syncPosts"):
    """A body that answers a sync query."""
    now = int(time.time() * 1000) if started is None else started
    answer = {"data": {field: {"items": list(items), "nextToken": token, "startedAt": now}}}
    return json.dumps({**answer, "errors": errors} if errors else answer)


def post(key, **more):
    record = {"id": key, "title": key, "_version": 1, "_lastChangedAt": 1700000000000}
    return {**record, "_deleted": None, **more}


class Refused(Case):
    def test_unauthorized_model_stops_nobody(self):
        self.server.seed("Post", 3)
        self.server.seed("Blog", 3)
        self.server.fault(
            "graphqlError", field="syncPosts", times=None, errorType="Unauthorized", message="no"
        )
        a = self.client()
        a.sql("INSERT INTO Blog(id, name) VALUES ('b', 'mine')")
        done = a.sync()
        self.assertEqual((done["pushed"], done["pending"]), (1, 0))
        self.assertEqual(done["errors"], ["Post: Unauthorized: no"])
        self.assertIn("Unauthorized", a.state("Post")["error"])
        self.assertIsNone(a.state("Post")["last_sync"])
        self.assertAgree(a, "Blog")
        self.server.no_faults()
        self.clean(a.sync())
        self.assertIsNone(a.state("Post")["error"])
        self.assertAgree(a)

    def test_all_unauthorized_is_an_error(self):
        self.server.admin("auth", {"apiKeys": ["another"]})
        a = self.client()
        self.assertIn("Unauthorized", self.fails(a))

    def test_a_model_that_fails_for_ever(self):
        self.server.seed("Blog", 2)
        self.server.fault("http500", field="syncPosts", times=None)
        a = self.client()
        a.sql("INSERT INTO User(id, name) VALUES ('u', 'mine')")
        done = a.sync()
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertIn("Post: HTTP 500", done["errors"][0])
        self.assertEqual(done["pushed"], 1)
        self.assertAgree(a, "Blog", "User")

    def test_transient_failures_are_tried_again(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10)
        for kind in ("http500", "reset", "truncated"):
            self.server.fault(kind, field="syncPosts")
        self.server.fault("malformed", field="syncComments")
        self.server.fault("throttle", field="syncBlogs", retryAfter=1)
        self.server.fault("html", field="syncUsers")
        self.clean(a.sync())
        self.assertEqual(self.server.admin("stats")["faults"], 6)
        self.assertAgree(a)

    def test_expired_token_restarts_once(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10)
        self.server.fault("http500", field="syncPosts", skip=1, times=None)
        self.assertEqual(len(a.sync()["errors"]), 1)
        self.assertIsNotNone(a.state("Post")["next_token"])
        self.server.no_faults()
        self.server.admin("tokens/expire", {})
        self.server.clear_log()
        self.clean(a.sync())
        self.assertEqual(len(pages(self.server)), 4)
        self.assertAgree(a)

    def test_tokens_that_always_expire(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10)
        self.server.fault(
            "raw",
            field="syncPosts",
            text='nextToken":"',
            times=None,
            body='{"errors":[{"message":"Invalid nextToken","path":["syncPosts"]}],"data":null}',
        )
        done = a.sync()
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertLessEqual(len(pages(self.server)), 4)


class Endless(Case):
    def test_same_token_again(self):
        self.server.fault("raw", field="syncPosts", times=None, body=page([post("x")], "again"))
        a = self.client()
        done = a.sync()
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertIn("nextToken", done["errors"][0])
        self.assertLessEqual(len(pages(self.server)), 3)
        self.assertIn("nextToken", a.state("Post")["error"])
        self.assertEqual(a.sql("SELECT id FROM Post"), [("x",)])

    def test_tokens_in_a_circle(self):
        bodies = [page([post(name)], f"token {name}") for name in "abc"] * 30
        for body in bodies:
            self.server.fault("raw", field="syncPosts", body=body)
        a = self.client()
        done = a.sync()
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertIn("nextToken", done["errors"][0])
        self.assertLess(len(pages(self.server)), 20)

    def test_circle_is_left_by_a_restart(self):
        self.server.seed("Post", 5)
        self.server.fault("raw", field="syncPosts", times=2, body=page([], "again"))
        a = self.client()
        self.assertEqual(len(a.sync()["errors"]), 1)
        self.clean(a.sync())
        self.assertAgree(a)

    def test_empty_pages(self):
        self.server.seed("Post", 3)
        self.server.fault("raw", field="syncPosts", body=page([], "one"))
        self.server.fault("raw", field="syncPosts", body=page([], "two"))
        self.server.fault("raw", field="syncPosts", body=page([post("last")]))
        a = self.client()
        self.clean(a.sync())
        self.assertEqual(a.sql("SELECT id FROM Post"), [("last",)])

    def test_page_that_is_too_large(self):
        self.server.seed("Post", 30)
        self.server.fault("raw", field="syncPosts", text='"limit":1000', times=None, body=" " * 68000000)
        a = self.client()
        self.clean(a.sync())
        limits = [one["body"]["variables"]["limit"] for one in self.server.log("query", "syncPosts")]
        self.assertEqual(limits[:2], [1000, 500])
        self.assertAgree(a)


class Partial(Case):
    def test_what_came_is_kept_and_nothing_swept(self):
        self.server.seed("Post", 5)
        a = self.client()
        self.clean(a.sync())
        self.server.seed("Post", 5, **{"from": 10})
        self.server.admin("purge", {"model": "Post", "key": {"id": "post-0000001"}})
        self.server.fault("partialData", field="syncPosts", items=[0, 3])
        done = a.sync(full=True)
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertIn("injected fault", a.state("Post")["error"])
        self.assertIn(("post-0000001",), a.sql("SELECT id FROM Post"))
        self.assertGreaterEqual(a.one("SELECT count(*) FROM Post"), 8)
        self.clean(a.sync())
        self.assertAgree(a)

    def test_delta_lacks_a_record_until_it_comes(self):
        self.server.seed("Post", 5)
        a = self.client()
        self.clean(a.sync())
        self.server.mutate("update", "Post", {"id": "post-0000001", "title": "new"})
        self.server.mutate("update", "Post", {"id": "post-0000002", "title": "new"})
        self.server.fault("partialData", field="syncPosts", items=[0])
        self.assertEqual(len(a.sync()["errors"]), 1)
        self.clean(a.sync())
        self.assertAgree(a)

    def test_malformed_records_are_named_and_skipped(self):
        items = [
            post("good"),
            post("no-version", _version=None),
            post("bad-rating", rating="many"),
            {"title": "nameless", "_version": 1, "_lastChangedAt": 1},
            "no record",
            None,
            post("good-too", rating=2, tags=["x", None]),
        ]
        self.server.fault("raw", field="syncPosts", body=page(items))
        a = self.client()
        done = a.sync()
        self.assertEqual(a.sql("SELECT id FROM Post ORDER BY id"), [("good",), ("good-too",)])
        self.assertEqual(len(done["errors"]), 1, done)
        self.assertTrue(done["errors"][0].startswith("Post: "))
        self.assertEqual(done["models"]["Post"]["new"], 2)

    def test_what_is_passed_over_is_not_forgotten(self):
        """No delta speaks of that record again: the status does until a full sync has it."""
        self.server.seed("Post", 3)
        items = [post(f"post-000000{i}", rating="many" if i == 1 else i) for i in range(3)]
        self.server.fault("raw", field="syncPosts", body=page(items))
        a = self.client()

        def status():
            return json.loads(a.one("SELECT datastore_status()"))["models"]["Post"]

        why = "Post.rating is a text that cannot be stored"
        self.assertEqual(a.sync()["errors"], ["Post: " + why])
        self.assertEqual((status()["state"], status()["error"]), ("synced", why))
        self.clean(a.sync())
        self.assertEqual((status()["state"], status()["error"]), ("synced", why))
        self.clean(a.sync(full=True))
        self.assertIsNone(status()["error"])
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 3)

    def test_page_that_is_no_page(self):
        self.server.seed("Post", 2)
        for body in [
            '{"data":{"syncPosts":{"items":{},"nextToken":null}}}',
            '{"data":{"syncPosts":null}}',
            '{"data":{}}',
            '{"data":null}',
            "[]",
        ]:
            with self.subTest(body=body):
                self.server.no_faults()
                self.server.fault("raw", field="syncPosts", body=body)
                a = self.client()
                self.clean(a.sync())
                self.assertAgree(a)


class Expressions(Case):
    SET = "SELECT datastore_sync_expression('Post', ?)"

    def test_only_what_it_wants(self):
        self.server.seed("Post", 20)
        a = self.client()
        a.one(self.SET, '{"rating":{"lt":5}}')
        self.clean(a.sync())
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 5)

    def test_a_change_sweeps_what_left(self):
        self.server.seed("Post", 20)
        a = self.client()
        self.clean(a.sync())
        a.sql("UPDATE Post SET title = 'unsent' WHERE id = 'post-0000015'")
        a.sql("INSERT INTO Post(id, title, rating) VALUES ('mine', 'unsent', 99)")
        a.one(self.SET, '{"rating":{"lt":5}}')
        self.clean(a.sync(push=False) | {"pending": 0})
        left = {key for key, in a.sql("SELECT id FROM Post")}
        self.assertEqual(left, {f"post-000000{i}" for i in range(5)} | {"post-0000015", "mine"})
        self.clean(a.sync())
        self.assertEqual(self.server.record("Post", "post-0000015")["title"], "unsent")
        self.assertEqual(self.server.record("Post", "mine")["title"], "unsent")
        a.one(self.SET, None)
        self.clean(a.sync())
        self.assertAgree(a)

    def test_a_change_in_the_middle_of_a_pull(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10)
        self.server.fault("http500", field="syncPosts", skip=2, times=None)
        a.sync()
        self.server.no_faults()
        a.one(self.SET, '{"rating":{"ge":28}}')
        self.clean(a.sync())
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 2)

    def test_update_that_leaves_the_expression(self):
        self.server.seed("Post", 5)
        a = self.client()
        a.one(self.SET, '{"rating":{"lt":3}}')
        self.clean(a.sync())
        self.server.mutate("update", "Post", {"id": "post-0000001", "rating": 50})
        self.clean(a.sync())
        self.clean(a.sync(full=True))
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 2)


if __name__ == "__main__":
    unittest.main()

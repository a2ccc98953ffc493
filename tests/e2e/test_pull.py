"""Pull: pages of the server's records, whole or cut off in the middle."""

import unittest

from kit import Case, wait_until


def pages(server, field="syncPosts"):
    """What was asked for: (nextToken, lastSync) of each request."""
    variables = [entry["body"]["variables"] for entry in server.log("query", field)]
    return [(one["nextToken"], one["lastSync"]) for one in variables]


class Pull(Case):
    def test_base_then_delta(self):
        self.server.seed("Blog", 3)
        self.server.seed("Post", 7, template={"blogID": "blog-0000001", "tags": ["x", "{i}"]})
        self.server.seed("Comment", 5, template={"postID": "post-0000002"})
        a = self.client()
        done = self.clean(a.sync())
        self.assertEqual(done["models"]["Post"]["new"], 7)
        self.assertTrue(done["models"]["Post"]["full"])
        self.assertAgree(a)
        self.server.mutate("update", "Post", {"id": "post-0000003", "title": "new"})
        self.server.mutate("delete", "Comment", {"id": "comment-0000001"})
        self.server.mutate("create", "Post", {"title": "more"})
        done = self.clean(a.sync())
        self.assertFalse(done["models"]["Post"]["full"])
        self.assertEqual(done["models"]["Post"]["received"], 2)
        self.assertEqual(done["models"]["Comment"]["deleted"], 1)
        self.assertAgree(a)
        self.assertEqual(a.outbox(), [])

    def test_pages(self):
        self.server.seed("Post", 95)
        a = self.client()
        a.configure(syncPageSize=10)
        self.assertEqual(self.clean(a.sync())["models"]["Post"]["received"], 95)
        asked = pages(self.server)
        self.assertEqual(len(asked), 10)
        self.assertEqual(len(set(asked)), 10, "a page was asked for twice")
        self.assertAgree(a)

    def test_last_sync_is_that_of_the_first_page(self):
        self.server.seed("Post", 20)
        self.server.fault("delay", field="syncPosts", skip=1, ms=300)
        a = self.client()
        a.configure(syncPageSize=10)
        a.sync()
        first = self.server.log("query", "syncPosts")[0]["response"]["data"]["syncPosts"]
        self.assertEqual(a.state("Post")["last_sync"], first["startedAt"])
        self.server.clear_log()
        a.sync()
        self.assertEqual(pages(self.server), [(None, first["startedAt"])])

    def test_killed_at_each_page(self):
        self.server.seed("Post", 50)
        asked = []
        for page in range(5):
            self.server.clear_log()
            self.server.fault("timeout", field="syncPosts", skip=page, ms=0, times=None)
            worker = self.worker(f"{page}.db", syncPageSize=10)
            worker.sync()
            wait_until(self.server.hits, "the page is asked for")
            a = self.client(f"{page}.db")
            if page > 0:
                wait_until(lambda: a.one("SELECT count(*) FROM Post") == 10 * page, "it is merged")
            worker.kill()
            self.server.no_faults()
            a.configure(syncPageSize=10)
            self.clean(a.sync())
            self.assertAgree(a, "Post")
            asked = pages(self.server)
            if page > 0:
                # What the first process began is followed by what has changed since.
                first = self.server.log("query", "syncPosts")[0]["response"]["data"]["syncPosts"]
                self.assertEqual(asked.pop(), (None, first["startedAt"]))
            self.assertEqual(len(asked), 6, asked)
            self.assertEqual(len(set(asked)), 5, asked)
            a.close()

    def test_resumed_pull_is_followed_by_what_came_after_it(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10)
        self.server.fault("http500", field="syncPosts", skip=1, times=None)
        a.sync()
        self.server.no_faults()
        self.server.mutate("update", "Post", {"id": "post-0000001", "title": "new"})
        self.server.mutate("delete", "Post", {"id": "post-0000002"})
        self.clean(a.sync())
        self.assertAgree(a)

    def test_tombstone_spares_unsent_children(self):
        a = self.client()
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 'parent')")
        a.sql("INSERT INTO Comment(id, content, postID) VALUES ('c', 'old', 'p')")
        self.clean(a.sync())
        a.sql("INSERT INTO Comment(id, content, postID) VALUES ('d', 'unsent', 'p')")
        self.server.mutate("delete", "Post", {"id": "p"})
        self.clean(a.sync())
        self.assertEqual(a.sql("SELECT id FROM Post"), [])
        self.assertEqual(a.sql("SELECT id FROM Comment ORDER BY id"), [("c",), ("d",)])
        self.assertIn("d", self.server.records("Comment"))
        self.assertAgree(a)

    def test_full_sync_sweeps(self):
        self.server.seed("Post", 10)
        a = self.client()
        self.clean(a.sync())
        a.sql("INSERT INTO Post(id, title) VALUES ('mine', 'unsent')")
        a.sql("UPDATE Post SET title = 'unsent too' WHERE id = 'post-0000002'")
        for number in (1, 2, 3):
            self.server.admin("purge", {"model": "Post", "key": {"id": f"post-000000{number}"}})
        done = a.sync(full=True, push=False)
        self.assertEqual(done["models"]["Post"]["deleted"], 2, done)
        left = {row[0] for row in a.sql("SELECT id FROM Post")}
        self.assertEqual(len(left), 9)
        self.assertLessEqual({"mine", "post-0000002"}, left)

    def test_truncated_is_visible(self):
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=10, maxRecordsToSync=20)
        done = a.sync()
        self.assertTrue(done["models"]["Post"]["truncated"])
        self.assertEqual(a.one("SELECT count(*) FROM Post"), 20)
        self.assertEqual(a.state("Post")["truncated"], 20)
        a.configure(maxRecordsToSync=None)
        self.clean(a.sync(full=True))
        self.assertEqual(a.state("Post")["truncated"], 0)
        self.assertAgree(a, "Post")

    def test_more_is_wanted_than_before(self):
        """What a limit kept away comes once the limit allows it, though no change tells of it."""
        self.server.seed("Post", 30)
        a = self.client()
        a.configure(syncPageSize=5, maxRecordsToSync=10)
        for limit, full, count in ((10, True, 10), (10, False, 10), (20, True, 20), (None, True, 30)):
            a.configure(maxRecordsToSync=limit)
            done = self.clean(a.sync())["models"]["Post"]
            self.assertEqual((done["full"], a.one("SELECT count(*) FROM Post")), (full, count))
        self.assertAgree(a, "Post")

    def test_too_many_changes(self):
        """A limit that cuts off changes leaves the next pull to find what they were."""
        self.server.seed("Post", 10)
        a = self.client()
        a.configure(syncPageSize=4, maxRecordsToSync=11)
        self.clean(a.sync())
        for key in self.server.records("Post"):
            self.server.mutate("update", "Post", {"id": key, "title": "new"})
        self.server.seed("Post", 4, prefix="other")
        for number in range(4):
            self.server.mutate("update", "Post", {"id": f"other{number:07}", "title": "new"})
        self.assertTrue(a.sync()["models"]["Post"]["truncated"])
        a.configure(maxRecordsToSync=None)
        self.clean(a.sync())
        self.assertAgree(a, "Post")

    def test_orphans_are_kept(self):
        self.server.seed("Comment", 2, template={"postID": "nobody"})
        a = self.client()
        self.clean(a.sync())
        self.assertEqual(a.one("SELECT count(*) FROM Comment WHERE postID = 'nobody'"), 2)


if __name__ == "__main__":
    unittest.main()

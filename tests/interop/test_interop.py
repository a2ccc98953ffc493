"""Amplify's own DataStore client and ours, beside each other at one API: whatever one of them does, both have
in the end what the server has."""

import json
import unittest

from peer import Amplify
from kit import FIRST, LIVE, SECOND, LiveCase, wait_until

MODELS = ("Blog", "Post", "Comment")
FIELDS = ("id", "name", "title", "rating", "note", "content", "_version")


class Interop:
    """What is tested with each schema."""

    def setUp(self):
        super().setUp()
        self.ours = self.live()
        self.amplify = Amplify(self.server, self.introspect())
        self.addCleanup(self.amplify.stop)
        self.amplify.start()

    def introspect(self):
        return json.loads(self.ours.one("SELECT datastore_introspect()"))

    def theirs(self, model):
        return pick(self.amplify.records(model))

    def all_agree(self):
        self.amplify.sent()
        self.sent(self.ours)
        self.agree(self.ours)
        for model in MODELS:
            wanted = pick(self.server.records(model))
            wait_until(lambda: self.theirs(model) == wanted, f"{model} of Amplify: {wanted}", LIVE)

    def seen(self, model, key, **values):
        """Amplify has a record with these values."""

        def is_so():
            record = self.amplify.records(model).get(key, {})
            return all(record.get(name) == value for name, value in values.items())

        wait_until(is_so, f"Amplify has {values} of {key}", LIVE)

    def family(self):
        """A blog with a post with a comment, made by Amplify, a post made here."""
        blog = self.amplify.create("Blog", name="n")
        post = self.amplify.create("Post", title="theirs", blog=blog)
        comment = self.amplify.create("Comment", content="c", post=post)
        self.has(self.ours, "SELECT count(*) FROM Comment WHERE id = ?", comment)
        self.ours.sql("INSERT INTO Post(id, title, blogID) VALUES ('ours', 'ours', ?)", blog)
        self.ours.sql("INSERT INTO Comment(id, content, postID) VALUES ('o', 'o', ?)", post)
        self.sent(self.ours)
        wait_until(lambda: "ours" in self.theirs("Post"), "Amplify is told", LIVE)
        wait_until(lambda: "o" in self.theirs("Comment"), "Amplify is told", LIVE)
        self.all_agree()
        return blog, post, comment

    def test_create_and_update(self):
        _, post, _ = self.family()
        self.ours.sql("UPDATE Post SET rating = 5, note = 'n' WHERE id = ?", post)
        self.seen("Post", post, rating=5, note="n")
        self.amplify.update("Post", post, title="again", note=None)
        self.has(self.ours, "SELECT title = 'again' AND note IS NULL FROM Post WHERE id = ?", post)
        self.amplify.update("Post", "ours", title="by Amplify")
        self.has(self.ours, "SELECT title = 'by Amplify' FROM Post WHERE id = 'ours'")
        self.all_agree()

    def test_cascade_from_here(self):
        blog, _, _ = self.family()
        self.ours.sql("DELETE FROM Blog WHERE id = ?", blog)
        for model in MODELS:
            wait_until(lambda model=model: self.theirs(model) == {}, f"no {model}", LIVE)
        self.all_agree()
        self.assertEqual(self.ours.dead(), [])

    def test_cascade_from_there(self):
        blog, _, _ = self.family()
        self.amplify.remove("Blog", blog)
        for model in MODELS:
            self.has(self.ours, f"SELECT count(*) = 0 FROM {model}")
        self.all_agree()

    def test_different_fields(self):
        _, post, _ = self.family()
        self.ours.one("SELECT datastore_stop()")
        self.ours.sql("UPDATE Post SET rating = 7 WHERE id = ?", post)
        self.amplify.update("Post", post, note="theirs")
        self.amplify.sent()
        self.ours.one("SELECT datastore_start()")
        self.seen("Post", post, rating=7, note="theirs")
        self.all_agree()

    def test_the_same_field(self):
        _, post, _ = self.family()
        for one in range(5):
            self.ours.sql("UPDATE Post SET title = ? WHERE id = ?", f"ours {one}", post)
            self.amplify.update("Post", post, title=f"theirs {one}")
        self.all_agree()

    def test_deleted_there_changed_here(self):
        _, post, _ = self.family()
        self.ours.one("SELECT datastore_stop()")
        self.ours.sql("UPDATE Post SET rating = 7 WHERE id = ?", post)
        self.amplify.remove("Post", post)
        self.amplify.sent()
        self.ours.one("SELECT datastore_start()")
        self.all_agree()

    def test_amplify_is_away(self):
        _, post, _ = self.family()
        self.amplify.do("network", isOnline=False)
        self.amplify.update("Post", post, note="made offline")
        self.ours.sql("UPDATE Post SET rating = 3 WHERE id = ?", post)
        self.ours.sql("INSERT INTO Post(id, title) VALUES ('meanwhile', 't')")
        self.sent(self.ours)
        self.amplify.do("network", isOnline=True)
        self.seen("Post", post, rating=3)
        self.seen("Post", "meanwhile", title="t")
        self.all_agree()

    def test_what_is_there_already(self):
        """The first sync of each, of what the other one has made."""
        self.family()
        self.server.seed("Post", 120, prefix="seed-")
        later = Amplify(self.server, self.introspect())
        self.addCleanup(later.stop)
        later.start()
        new = self.live("new.db")
        wanted = pick(self.server.records("Post"))
        self.assertEqual(pick(later.records("Post")), wanted)
        self.agree(new)


def pick(records):
    return {
        key: {name: record.get(name) for name in FIELDS} for key, record in records.items()
    }


class First(Interop, LiveCase):
    schema = FIRST


class Second(Interop, LiveCase):
    schema = SECOND


if __name__ == "__main__":
    unittest.main()

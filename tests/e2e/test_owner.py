"""Models whose records have owners: who is told what, by the claims of a token."""

import base64
import json
import os
import unittest

from kit import HERE, LIVE, LiveCase, wait_until


def jwt(**claims):
    """A token as a user pool gives it, but for the signature, which nobody here looks at."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


def id_token(sub, name, groups=None, **more):
    claims = {"sub": sub, "cognito:username": name, "token_use": "id", **more}
    return jwt(**claims, **({"cognito:groups": groups} if groups else {}))


ANN, BOB = id_token("1", "ann"), id_token("2", "bob")
ADMIN = id_token("3", "eve", ["Staff", "Admin"])
NEWER = id_token("1", "ann", iat=2)
ACCESS = jwt(sub="1", username="ann", token_use="access")
NAMELESS = jwt(sub="1", email="a@x.test")
OPAQUE = "geheim-token-without-claims"
TOKENS = [ANN, BOB, ADMIN, NEWER, ACCESS, NAMELESS, OPAQUE]


class OwnerCase(LiveCase):
    schema = os.path.join(HERE, "owner1.graphql")
    board_owner = "owner"

    def setUp(self):
        super().setUp()
        self.server.admin("auth", {"apiKeys": [], "tokens": TOKENS})

    def of(self, token, name, **more):
        """A database of that user's, live and subscribed."""
        more = {"authMode": "userPool", "authToken": token, **more}
        client = self.live(name, **more)
        self.assertIsNone(self.status(client)["error"])
        return client

    def starts(self):
        """The variables of subscriptions that were begun, with their root fields, newest last."""
        found = []
        for frame in self.frames("start"):
            body = json.loads(frame["payload"]["data"])
            field = body["query"].split("{", 1)[1].split("(")[0].strip()
            found.append((field, body["variables"]))
        return found

    def frames(self, kind):
        frames = [one.get("frame") or {} for one in self.server.admin("log?kind=ws")]
        return [one for one in frames if one.get("type") == kind]

    def quiet(self):
        """From here on nothing is pulled: what comes is told."""
        self.server.clear_log()

    def still_quiet(self):
        self.assertEqual(self.server.log("query"), [])

    def subscribed(self, count=1):
        wait_until(
            lambda: [
                len(one["subscriptions"]) for one in self.server.admin("stats")["connections"]
            ].count(6)
            == count,
            f"{count} connections are subscribed",
        )


class FirstGeneration(OwnerCase):
    def test_two_users_with_two_databases_each(self):
        users = {
            "ann": [self.of(ANN, "a1.db"), self.of(ACCESS, "a2.db")],
            "bob": [self.of(BOB, "b1.db"), self.of(BOB, "b2.db")],
        }
        self.subscribed(4)
        self.quiet()
        for name, (one, other) in users.items():
            one.sql("INSERT INTO Diary(id, text) VALUES (?, 'new')", name)
            one.sql("INSERT INTO Board(id, text) VALUES (?, 'new')", name)
            self.has(other, "SELECT count(*) FROM Diary WHERE id = ?", name)
            self.has(other, "SELECT count(*) FROM Board WHERE id = ?", name)
            other.sql("UPDATE Diary SET text = 'changed'")
            self.has(one, "SELECT count(*) FROM Diary WHERE text = 'changed'")
        users["ann"][0].sql("DELETE FROM Diary")
        self.has(users["ann"][1], "SELECT count(*) = 0 FROM Diary")
        self.still_quiet()
        for name, clients in users.items():
            for client in clients:
                others = "SELECT count(*) FROM {} WHERE id <> ?"
                self.assertEqual(client.one(others.format("Diary"), name), 0)
                self.assertEqual(client.one(others.format("Board"), name), 0)
                self.assertIsNone(self.status(client)["error"])
                self.assertEqual(client.dead(), [])

    def test_what_is_asked_for(self):
        self.quiet()
        self.of(ANN, "a.db")
        self.subscribed(1)
        names = {field: variables for field, variables in self.starts()}
        self.assertEqual(len(names), 6)
        for field, variables in names.items():
            owner = self.board_owner if field.endswith("Board") else "owner"
            self.assertEqual(variables, {owner: "ann"}, field)

    def test_cut_and_reconnect(self):
        one, other = self.of(ANN, "a1.db"), self.of(ANN, "a2.db")
        for number, how in enumerate(({"mode": "terminate"}, {"mode": "close", "code": 1001})):
            self.subscribed(2)
            self.server.admin("ws/drop", how)
            one.sql("INSERT INTO Diary(id, text) VALUES (?, 'during')", f"d{number}")
            self.has(other, "SELECT count(*) FROM Diary WHERE id = ?", f"d{number}")
            self.subscribed(2)
            self.sent(one)
            one.sql("INSERT INTO Diary(id, text) VALUES (?, 'after')", f"e{number}")
            self.has(other, "SELECT count(*) FROM Diary WHERE id = ?", f"e{number}")
        self.assertIsNone(self.status(other)["error"])

    def test_group(self):
        """Who is in the group is told of all; of its owner nothing is said."""
        ann, eve = self.of(ANN, "a.db"), self.of(ADMIN, "e.db")
        self.subscribed(2)
        self.assertIn(("onCreateBoard", {}), self.starts())
        self.quiet()
        ann.sql("INSERT INTO Board(id, text) VALUES ('anns', 'x')")
        ann.sql("INSERT INTO Diary(id, text) VALUES ('anns', 'x')")
        self.has(eve, "SELECT count(*) FROM Board WHERE id = 'anns'")
        eve.sql("INSERT INTO Board(id, text) VALUES ('eves', 'x')")
        eve.sql("INSERT INTO Diary(id, text) VALUES ('eves', 'x')")
        self.sent(eve)
        eve.sql("UPDATE Board SET text = 'seen' WHERE id = 'anns'")
        self.has(ann, "SELECT text = 'seen' FROM Board WHERE id = 'anns'")
        self.still_quiet()
        self.assertEqual(ann.sql("SELECT id FROM Board"), [("anns",)])
        self.assertEqual(eve.sql("SELECT id FROM Diary"), [("eves",)])

    def test_a_token_is_renewed(self):
        one, other = self.of(ANN, "a1.db"), self.of(ANN, "a2.db")
        self.server.admin("auth", {"expire": ANN})
        one.sql("INSERT INTO Diary(id, text) VALUES ('kept', 'x')")
        wait_until(lambda: "expired" in (self.status(one)["error"] or ""), "it is said")
        for client in (one, other):
            client.configure(authToken=NEWER)
        self.has(other, "SELECT count(*) FROM Diary WHERE id = 'kept'")
        self.sent(one)
        self.subscribed(2)
        wait_until(lambda: self.status(one)["ready"] and self.status(other)["ready"], "all is well")
        self.quiet()
        one.sql("INSERT INTO Diary(id, text) VALUES ('later', 'x')")
        self.has(other, "SELECT count(*) FROM Diary WHERE id = 'later'")
        self.still_quiet()
        self.assertEqual(one.dead(), [])

    def test_another_user(self):
        """The token that is configured is another user's from now on."""
        a, b = self.of(ANN, "a.db"), self.of(BOB, "b.db")
        a.configure(authToken=BOB)
        wait_until(lambda: ("onCreateDiary", {"owner": "bob"}) in self.starts(), "it is begun")
        self.subscribed(2)
        b.sql("INSERT INTO Diary(id, text) VALUES ('bobs', 'x')")
        self.has(a, "SELECT count(*) FROM Diary WHERE id = 'bobs'")

    def test_another_user_in_a_file(self):
        place = self.path("token")

        def put(token):
            with open(place + ".new", "w", encoding="utf-8") as file:
                file.write(token + "\n")
            os.replace(place + ".new", place)

        put(ANN)
        a, b = self.of({"file": place}, "a.db"), self.of(BOB, "b.db")
        self.subscribed(2)
        before = len(self.frames("start"))
        put(NEWER)
        b.sql("INSERT INTO Diary(id, text) VALUES ('first', 'x')")
        self.sent(b)
        put(BOB)
        wait_until(lambda: len(self.frames("start")) == before + 6, "it is begun anew", LIVE)
        self.assertEqual(self.starts()[-1][1], {self.board_owner: "bob"})
        self.subscribed(2)
        b.sql("INSERT INTO Diary(id, text) VALUES ('second', 'x')")
        self.has(a, "SELECT count(*) FROM Diary WHERE id = 'second'")

    def test_a_token_that_tells_nothing(self):
        """Then the model is polled, and it is said why; all else goes on."""
        for name, token, why in (
            ("n.db", NAMELESS, 'no claim "cognito:username"'),
            ("o.db", OPAQUE, "no JSON Web Token"),
        ):
            with self.subTest(name):
                a = self.live(name, authMode="userPool", authToken=token)
                wait_until(lambda: self.status(a)["error"], "it is said")
                self.assertRegex(self.status(a)["error"], f"Diary is polled.*{why}")
                self.assertNotIn(token, self.status(a)["error"])
                a.one("SELECT datastore_stop()")


class SecondGeneration(FirstGeneration):
    schema = os.path.join(HERE, "owner2.graphql")
    board_owner = "author"

    def test_a_token_that_tells_nothing(self):
        """The API chooses by its rules what it tells, whether it was told the name or not."""
        one = self.live("o1.db", authMode="userPool", authToken=OPAQUE)
        other = self.live("o2.db", authMode="userPool", authToken=OPAQUE)
        self.subscribed(2)
        self.assertEqual({str(variables) for _, variables in self.starts()}, {"{}"})
        self.quiet()
        one.sql("INSERT INTO Diary(id, text) VALUES ('d', 'x')")
        self.has(other, "SELECT count(*) FROM Diary WHERE id = 'd'")
        self.still_quiet()


if __name__ == "__main__":
    unittest.main()

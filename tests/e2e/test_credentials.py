"""The engine in the background while credentials end, are wrong, and come again: over HTTP and at the
WebSocket's connect and start. It goes on by itself, and nothing is lost meanwhile."""

import os
import unittest

from kit import LiveCase, wait_until

KEY, SECRET = "AKIAEXAMPLE", "geheim-secret-key"
SESSION, NEXT_SESSION = "geheim-session-1", "geheim-session-2"


class CredentialCase(LiveCase):
    def write(self, client, *keys):
        for key in keys:
            client.sql("INSERT INTO Post(id, title) VALUES (?, 't')", key)

    def says(self, client, pattern):
        """The status says what is wrong, and no secret."""
        wait_until(lambda: self.status(client)["error"], "it says what is wrong")
        error = self.status(client)["error"]
        self.assertRegex(error, pattern)
        self.assertNotIn("geheim", error)

    def kept(self, client, *keys):
        """All that was written is still to be sent, and none was given up."""
        self.assertEqual([one["id"] for one in client.outbox()], list(keys))
        self.assertEqual(client.dead(), [])

    def goes_on(self, client):
        """Everything is sent, subscribed to and told again."""
        self.sent(client)
        self.subscribed(1)
        wait_until(lambda: self.status(client)["error"] is None, "nothing is wrong any more")
        self.assertEqual(client.dead(), [])
        self.post("told")
        self.has(client, "SELECT count(*) FROM Post WHERE id = 'told'")
        self.agree(client)


class Token(CredentialCase):
    def setUp(self):
        super().setUp()
        # Of each test its own: a token that has ended is remembered.
        self.token, self.newer = f"geheim-{self.id()}-1", f"geheim-{self.id()}-2"
        self.server.admin("auth", {"apiKeys": [], "tokens": [self.token]})

    def expire(self):
        self.server.admin("auth", {"expire": self.token})

    def renew(self):
        self.server.admin("auth", {"tokens": [self.newer]})

    def signed_in(self, **more):
        return self.client(**{"authMode": "userPool", "authToken": self.token, **more})

    def test_it_ends_while_the_engine_runs(self):
        a = self.signed_in()
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.subscribed(1)
        self.expire()
        self.write(a, "p")
        self.says(a, "Token has expired")
        self.write(a, "during")
        self.kept(a, "p", "during")
        self.renew()
        a.configure(authToken=self.newer)
        self.goes_on(a)

    def test_it_ended_before(self):
        """Nothing can be pulled, nobody can be listened to."""
        self.expire()
        a = self.signed_in()
        self.write(a, "p")
        a.one("SELECT datastore_start()")
        self.says(a, "Token has expired")
        self.write(a, "during")
        self.kept(a, "p", "during")
        self.assertFalse(self.status(a)["ready"])
        self.renew()
        a.configure(authToken=self.newer)
        self.goes_on(a)
        self.ready(a)

    def test_it_ends_and_the_connection_with_it(self):
        a = self.signed_in()
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.expire()
        self.server.admin("ws/drop", {"mode": "close", "code": 1001})
        self.says(a, "Token has expired|no subscriptions")
        self.write(a, "p")
        self.kept(a, "p")
        self.renew()
        a.configure(authToken=self.newer)
        self.goes_on(a)

    def test_it_is_none(self):
        a = self.signed_in(authToken="geheim-wrong-token")
        self.write(a, "p")
        a.one("SELECT datastore_start()")
        self.says(a, "not authorized")
        self.kept(a, "p")
        a.configure(authToken=self.token)
        self.goes_on(a)

    def test_a_file_is_enough(self):
        """Nobody says anything: the new one is found where the old one was."""
        place = self.path("token")

        def put(token):
            with open(place + ".new", "w", encoding="utf-8") as file:
                file.write(token)
            os.replace(place + ".new", place)

        put(self.token)
        a = self.signed_in(authToken={"file": place})
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.expire()
        self.server.admin("ws/drop", {})
        self.write(a, "p")
        self.says(a, "Token has expired|no subscriptions")
        self.renew()
        put(self.newer)
        self.goes_on(a)

    def test_refused_at_the_start_of_subscriptions(self):
        """The connection is good, each subscription is not: models are polled, all else goes on."""
        self.addCleanup(self.server.admin, "reset", {"data": False})
        self.server.admin(
            "ws/faults",
            {
                "match": {"type": "start"},
                "kind": "error",
                "times": None,
                "errorType": "UnauthorizedException",
                "errorCode": 401,
                "message": "Token has expired.",
            },
        )
        a = self.signed_in()
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.says(a, "is polled, as its subscriptions are refused: Token has expired")
        self.write(a, "p")
        self.sent(a)
        self.server.admin("faults", method="DELETE")
        self.server.admin("auth", {"tokens": [self.token, self.newer]})
        a.configure(authToken=self.newer)
        self.goes_on(a)

    def test_refused_once_at_the_start_of_subscriptions(self):
        """As by a server whose clock is a little ahead: asked again it takes the renewed token."""
        self.addCleanup(self.server.admin, "reset", {"data": False})
        self.server.admin(
            "ws/faults",
            {
                "match": {"type": "start", "field": "onUpdatePost"},
                "kind": "error",
                "errorType": "UnauthorizedException",
                "message": "Token has expired.",
            },
        )
        a = self.signed_in()
        a.one("SELECT datastore_start()")
        self.goes_on(a)


class Iam(CredentialCase):
    def setUp(self):
        super().setUp()
        self.server.admin("auth", {"apiKeys": [], "iam": [f"{KEY}:{SECRET}"]})

    def signed(self, **more):
        usual = {"accessKeyId": KEY, "secretAccessKey": SECRET, "region": "eu-west-1"}
        return self.client(authMode="iam", **{**usual, **more})

    def test_all_is_signed(self):
        a = self.signed()
        self.write(a, "p")
        a.one("SELECT datastore_start()")
        self.goes_on(a)

    def test_a_wrong_secret(self):
        a = self.signed(secretAccessKey="geheim-and-wrong")
        self.write(a, "p")
        a.one("SELECT datastore_start()")
        self.says(a, "InvalidSignature|signature we calculated")
        self.write(a, "during")
        self.kept(a, "p", "during")
        a.configure(secretAccessKey=SECRET)
        self.goes_on(a)

    def test_a_secret_that_is_replaced(self):
        a = self.signed()
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.server.admin("auth", {"iam": [f"{KEY}:another-one"]})
        self.server.admin("ws/drop", {})
        self.write(a, "p")
        self.says(a, "signature we calculated|InvalidSignature|no subscriptions")
        self.kept(a, "p")
        a.configure(secretAccessKey="another-one")
        self.goes_on(a)

    def session(self, session):
        self.server.admin("auth", {"iam": [f"{KEY}:{SECRET}:{session}"]})

    def test_a_session_ends(self):
        self.session(SESSION)
        a = self.signed(sessionToken=SESSION)
        a.one("SELECT datastore_start()")
        self.ready(a)
        self.subscribed(1)
        self.server.admin("auth", {"expire": SESSION})
        self.server.admin("ws/drop", {})
        self.write(a, "p")
        self.says(a, "expired|no subscriptions")
        self.write(a, "during")
        self.kept(a, "p", "during")
        self.session(NEXT_SESSION)
        a.configure(sessionToken=NEXT_SESSION)
        self.goes_on(a)

    def test_a_session_that_nobody_knows(self):
        a = self.signed(sessionToken="geheim-unknown")
        self.write(a, "p")
        a.one("SELECT datastore_start()")
        self.says(a, "security token")
        self.kept(a, "p")
        self.session("geheim-unknown")
        a.configure(sessionToken="geheim-unknown")
        self.goes_on(a)


if __name__ == "__main__":
    unittest.main()

"""Ways to log in, credentials that end, and secrets that must stay secret."""

import json
import os
import unittest

from kit import FIRST, Backend, Case, backend, wait_until

TOKEN, NEWER = "geheim-token-1", "geheim-token-2"


class Modes(Case):
    def works(self, a):
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        self.clean(a.sync())
        self.assertAgree(a)

    def test_api_key(self):
        self.works(self.client(apiKey=self.server.key))

    def test_token(self):
        for mode in ("userPool", "oidc", "lambda"):
            with self.subTest(mode=mode):
                self.server.reset()
                self.server.admin("auth", {"apiKeys": [], "tokens": [TOKEN]})
                self.works(self.client(f"{mode}.db", authMode=mode, authToken=TOKEN))
                sent = self.server.log("mutation")[0]["headers"]
                self.assertEqual(sent["authorization"], TOKEN)
                self.assertNotIn("x-api-key", sent)

    def test_iam(self):
        for session in ("", "geheim-session"):
            with self.subTest(session=session):
                self.server.reset()
                credential = "AKIAEXAMPLE:geheim" + (":" + session if session else "")
                self.server.admin("auth", {"apiKeys": [], "iam": [credential]})
                settings = {"sessionToken": session} if session else {}
                a = self.client(
                    f"{session}.db",
                    authMode="iam",
                    accessKeyId="AKIAEXAMPLE",
                    secretAccessKey="geheim",
                    region="eu-west-1",
                    **settings,
                )
                self.works(a)

    def test_iam_with_a_wrong_secret(self):
        self.server.admin("auth", {"apiKeys": [], "iam": ["AKIAEXAMPLE:geheim"]})
        a = self.client(
            authMode="iam", accessKeyId="AKIAEXAMPLE", secretAccessKey="wrong", region="eu-west-1"
        )
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        error = self.fails(a)
        self.assertNotIn("wrong", error)
        self.assertEqual(len(a.outbox()), 1)

    def test_modes_in_order(self):
        self.server.admin("auth", {"apiKeys": ["good key"], "tokens": []})
        a = self.client(authModes=["lambda", "apiKey"], authToken="geheim", apiKey="good key")
        self.works(a)
        self.server.admin("auth", {"apiKeys": [], "tokens": ["geheim"]})
        self.works(a)

    def test_a_model_that_only_another_mode_may_read(self):
        a = self.client(authModes=["lambda", "apiKey"], authToken=TOKEN, apiKey=self.server.key)
        self.server.admin("auth", {"tokens": [TOKEN]})
        self.server.seed("Post", 3)
        self.server.fault("graphqlError", field="syncPosts", errorType="Unauthorized", message="no")
        self.server.fault("graphqlError", field="createPost", errorType="Unauthorized", message="no")
        self.works(a)
        modes = ["authorization" in one["headers"] for one in self.server.log(field="createPost")]
        self.assertEqual(modes, [True, False])


class Expired(Case):
    def setUp(self):
        super().setUp()
        self.server.admin("auth", {"apiKeys": [], "tokens": [TOKEN]})

    def expire(self):
        self.server.admin("auth", {"expire": TOKEN})
        self.server.admin("auth", {"tokens": [NEWER]})

    def check(self, a):
        self.clean(a.sync())
        self.assertAgree(a)
        self.assertEqual(len(self.server.records("Post")), 2)

    def both(self, a):
        a.sql("INSERT INTO Post(title) VALUES ('before')")
        self.clean(a.sync())
        a.sql("INSERT INTO Post(title) VALUES ('after')")

    def test_new_configuration(self):
        a = self.client(authToken=TOKEN, authMode="userPool")
        self.both(a)
        self.expire()
        error = self.fails(a)
        self.assertIn("expired", error)
        self.assertEqual(a.outbox()[0]["state"], "pending")
        self.assertEqual(a.dead(), [])
        a.configure(authToken=NEWER)
        self.check(a)

    def test_file(self):
        place = self.path("token")
        with open(place, "w", encoding="utf-8") as file:
            file.write(TOKEN)
        a = self.client(authToken={"file": place}, authMode="oidc")
        self.both(a)
        self.expire()
        with open(place, "w", encoding="utf-8") as file:
            file.write(NEWER + "\n")
        self.check(a)

    def test_environment(self):
        os.environ["E2E_TOKEN"] = TOKEN
        self.addCleanup(os.environ.pop, "E2E_TOKEN")
        a = self.client(authToken={"env": "E2E_TOKEN"}, authMode="lambda")
        self.both(a)
        self.expire()
        os.environ["E2E_TOKEN"] = NEWER
        self.check(a)

    def test_in_the_middle_of_a_push(self):
        """Refused as a whole, with 401: nothing was carried out and nothing goes to the dead letter."""
        a = self.client(authToken=TOKEN, authMode="userPool")
        for number in range(30):
            a.sql("INSERT INTO Post(title) VALUES (?)", str(number))
        self.server.fault("unauthorized", "mutation", skip=1, times=None)
        done = a.sync()
        self.assertEqual(done["failed"], 0, done)
        self.assertEqual(done["pushed"] + done["pending"], 30)
        self.assertEqual(len(done["errors"]), 1, done)
        self.server.no_faults()
        self.clean(a.sync())
        self.assertAgree(a)

    def test_file_that_is_gone(self):
        place = self.path("token")
        with open(place, "w", encoding="utf-8") as file:
            file.write(TOKEN)
        a = self.client(authToken={"file": place}, authMode="oidc")
        self.both(a)
        os.remove(place)
        self.expire()
        self.assertIn("token", self.fails(a))
        self.assertEqual(len(a.outbox()), 1)
        with open(place, "w", encoding="utf-8") as file:
            file.write(NEWER)
        self.check(a)


class Secrets(Case):
    SECRETS = {
        "apiKey": "geheim-key",
        "authToken": "geheim-token",
        "accessKeyId": "GEHEIMACCESS",
        "secretAccessKey": "geheim-secret",
        "sessionToken": "geheim-session",
    }

    def search(self, a, *texts):
        """No secret in what the database holds, in its files, or in what was said."""
        tables = ("datastore_hub", "datastore_dead_letter", "datastore_outbox", "datastore_meta")
        said = "".join(str(a.rows(table)) for table in tables) + "".join(texts)
        found = b""
        for name in os.listdir(self.folder):
            with open(os.path.join(self.folder, name), "rb") as file:
                found += file.read()
        for secret in self.SECRETS.values():
            self.assertNotIn(secret.lower(), said.lower())
            self.assertNotIn(secret.lower().encode(), found.lower())

    def test_when_all_goes_well_and_when_not(self):
        for mode in ("apiKey", "userPool", "iam"):
            with self.subTest(mode=mode):
                self.server.reset()
                accepted = "{accessKeyId}:{secretAccessKey}:{sessionToken}".format(**self.SECRETS)
                everything = {"apiKeys": ["geheim-key"], "tokens": ["geheim-token"], "iam": [accepted]}
                self.server.admin("auth", everything)
                a = self.client(f"{mode}.db", authMode=mode, region="eu-west-1", **self.SECRETS)
                a.sql("PRAGMA journal_mode = WAL")
                a.sql("INSERT INTO Post(title) VALUES ('t')")
                texts = [json.dumps(a.sync())]
                a.sql("INSERT INTO Post(title) VALUES ('t')")
                self.server.fault("graphqlError", field="createPost", message="no")
                texts.append(json.dumps(a.sync()))
                self.server.fault("unauthorized", times=None)
                texts.append(self.fails(a))
                self.server.no_faults()
                self.server.admin("auth", {"apiKeys": [], "tokens": [], "iam": []})
                texts.append(self.fails(a))
                self.server.admin("offline", {})
                texts.append(self.fails(a))
                self.server.admin("offline", {"on": False})
                texts.append(json.dumps(a.configure()))
                self.search(a, *texts)

    def test_a_server_that_quotes_them(self):
        self.server.admin("auth", {"apiKeys": ["geheim-key"]})
        a = self.client(**self.SECRETS, authMode="apiKey")
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        body = json.dumps({"errors": [{"message": "no key\n x-api-key: geheim-key", "path": ["createPost"]}]})
        self.server.fault("raw", "mutation", body=body)
        self.server.fault("raw", "query", status=401, body=body)
        self.search(a, json.dumps(a.sync()))

    def refused(self, name, frame, **fault):
        """The status of an engine whose subscriptions are refused like that."""
        self.server.admin("auth", {"apiKeys": ["geheim-key"]})
        self.server.admin("ws/faults", {"match": {"type": frame}, "times": None, **fault})
        a = self.client(name, **self.SECRETS, authMode="apiKey")
        a.one("SELECT datastore_start()")

        def error():
            return json.loads(a.one("SELECT datastore_status()"))["error"]

        found = wait_until(error, "it says what is wrong")
        self.search(a, found)
        self.server.reset()
        return found

    def test_subscriptions_that_are_refused_with_them(self):
        quoted = {"message": "no x-api-key: geheim-key\nand so on"}
        for frame, kind in (("connection_init", "connection_error"), ("start", "error")):
            error = self.refused(f"{frame}.db", frame, kind=kind, **quoted)
            self.assertRegex(error, r"no x-api-key: \*+$")

    def test_subscriptions_that_are_refused_without_a_word(self):
        error = self.refused("a.db", "connection_init", kind="connection_error", payload={})
        self.assertIn("no reason given", error)


class Tls(unittest.TestCase):
    def test_certificates(self):
        server = Backend(FIRST, "--tls")
        self.addCleanup(server.stop)
        url, ca = server.info["tls"]["url"], server.info["tls"]["ca"]
        case = Case()
        self.addCleanup(case.doCleanups)
        case.setUp()
        case.server = server
        a = case.client()
        a.configure(url=url)
        a.sql("INSERT INTO Post(title) VALUES ('t')")
        error = case.fails(a)
        self.assertIn("certificate", error)
        self.assertEqual(len(a.outbox()), 1)
        a.configure(caFile=ca)
        case.clean(a.sync())
        self.assertEqual(len(server.records("Post")), 1)
        self.assertEqual(backend().records("Post"), {})


if __name__ == "__main__":
    unittest.main()

"""The other side of client.js."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

from kit import PATIENCE, wait_until  # noqa: E402


class Amplify:
    """A process with Amplify's client, which has synced once."""

    def __init__(self, server, schema, url=None, realtime=None):
        settings = {
            "url": url or server.url,
            "realtimeUrl": realtime or server.info["realtimeUrl"],
            "apiKey": server.key,
            "schema": schema,
        }
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "client.js"), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("V") else subprocess.DEVNULL,
            text=True,
        )

    def start(self):
        self.do("start")
        wait_until(lambda: self.do("state")["ready"], "Amplify's client is ready")

    def reconnect(self):
        """As a browser tells it; then it pulls what it has missed."""
        self.do("network", isOnline=False)
        self.do("network", isOnline=True)

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("Amplify's client has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def create(self, model, **values):
        return self.do("create", model=model, values=values)

    def update(self, model, id, **values):
        self.do("update", model=model, id=id, values=values)

    def remove(self, model, id):
        self.do("remove", model=model, id=id)

    def records(self, model):
        return {one["id"]: one for one in self.do("records", model=model)}

    def sent(self):
        wait_until(lambda: self.do("state")["isEmpty"], "Amplify's outbox is empty")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

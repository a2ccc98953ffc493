"""A client of its own process: reads [statement, values] a line, writes [rows, error] a line."""

import json
import signal
import sqlite3
import sys

from kit import Client, Backend


class Server(Backend):
    def __init__(self, setting):
        self.schema, self.url, self.key = setting["schema"], setting["url"], setting["key"]


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    setting, settings = json.loads(sys.argv[1])
    client = Client(setting["path"], Server(setting), apiKey=setting["key"], **settings)
    client.db.execute("PRAGMA busy_timeout = 30000")
    for line in sys.stdin:
        text, values = json.loads(line)
        try:
            answer = [client.sql(text, *values), None]
        except sqlite3.Error as error:
            answer = [None, str(error)]
        print(json.dumps(answer), flush=True)
    client.close()


if __name__ == "__main__":
    main()

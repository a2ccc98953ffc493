"""Many databases of one process, each with its engine in the background, live at once:

    /usr/bin/python3 tests/bench/live.py [databases] [seconds]

Prints what they cost: memory, processor time while nothing happens, how long a change takes until all have it,
and, of one database alone, how long it is from a commit, here or in another process, until the API has it."""

import json
import os
import random
import resource
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))

from kit import FIRST, MEMORY, Client, Worker, backend, wait_until  # noqa: E402


def kilobytes():
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(what, value, unit):
    print(f"{what:50} {value:10.2f} {unit}", flush=True)


def is_ready(client):
    return json.loads(client.one("SELECT datastore_status()"))["ready"]


def report_commits(server, write, what):
    took = []
    for one in range(100):
        time.sleep(random.uniform(0.1, 0.2))
        server.clear_log()
        write("INSERT INTO Blog(name) VALUES (?)", str(one))
        start = time.monotonic()
        while not server.log("mutation"):
            time.sleep(0.002)
        took.append((time.monotonic() - start) * 1000)
    report(f"a commit {what} until it arrives, median", sorted(took)[len(took) // 2], "ms")
    report(f"a commit {what} until it arrives, longest", max(took), "ms")


def measure_commits(server, folder):
    client = Client(os.path.join(folder, "alone.db"), server)
    client.one("SELECT datastore_start()")
    wait_until(lambda: is_ready(client), "it is ready")
    report_commits(server, client.sql, "here")
    worker = Worker(client.path, server)
    report_commits(server, worker.sql, "elsewhere")
    worker.stop()
    client.close()


def main(count, seconds):
    server = backend(FIRST)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        clients = [Client(os.path.join(folder, f"{one}.db"), server) for one in range(count)]
        memory, cpu, start = kilobytes(), used(), time.monotonic()
        for client in clients:
            client.one("SELECT datastore_start()")
        for client in clients:
            wait_until(lambda client=client: is_ready(client), "it is ready", 600)
        report(f"{count} databases ready after", time.monotonic() - start, "s")
        report("processor time for that, each", (used() - cpu) / count * 1000, "ms")
        report("memory, each", (kilobytes() - memory) / count, "KiB")
        cpu, start = used(), time.monotonic()
        time.sleep(seconds)
        idle = (used() - cpu) / (time.monotonic() - start)
        report("of one processor while idle, all", idle * 100, "%")
        report("of one processor while idle, each", idle * 100 / count, "%")
        took = []
        for one in range(5):
            start = time.monotonic()
            server.mutate("create", "Blog", {"id": f"b{one}", "name": "n"})
            for client in clients:
                wait_until(
                    lambda client=client, one=one: client.one(
                        "SELECT count(*) FROM Blog_rows WHERE id = ?", f"b{one}"
                    ),
                    "it is told",
                    120,
                )
            took.append(time.monotonic() - start)
        report("a change until all have it, median", sorted(took)[2] * 1000, "ms")
        start = time.monotonic()
        for client in clients:
            client.close()
        report("to close all", time.monotonic() - start, "s")
        measure_commits(server, folder)


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["200", "10"][len(sys.argv) - 1 :])))

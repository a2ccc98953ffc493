"""An HTTP proxy between a client and the local AppSync, for which "api.test" is that."""

import base64
import select
import socket
import threading

from cutter import end
from servers import Seat

HOST = "api.test"


class Refused(Exception):
    """With the head of the answer."""


class Proxy:
    """Carries plain requests and, by CONNECT, whatever is spoken. password: "name:secret", or None.
    asked: the first lines of what it was asked for, without repetitions."""

    def __init__(self, info, password=None):
        self.ports = {f"{HOST}:80": info["port"]}
        if "tls" in info:
            self.ports[f"{HOST}:443"] = info["tls"]["port"]
        self.password = password
        self.asked, self.n_refused = set(), 0
        self.seat = Seat()  # also while it is dead
        self.port = self.seat.port
        self.lock, self.open = threading.Lock(), set()
        self.start()

    def url(self, user=""):
        return f"http://{user}127.0.0.1:{self.port}"

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """It dies: with all connections, and nobody listens any more."""
        end(self.listener)
        self.listener.close()
        with self.lock:
            end(*self.open)

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        with near:
            self.hold(near)
            try:
                head, rest = read_head(near)
                with self.connect(near, head, rest) as far:
                    self.hold(far)
                    forward(near, far)
                    self.release(far)
            except Refused as refused:
                near.sendall(refused.args[0])
            except OSError:
                pass
            self.release(near)

    def hold(self, one):
        with self.lock:
            self.open.add(one)

    def release(self, one):
        with self.lock:
            self.open.discard(one)

    def connect(self, near, head, rest):
        """To where it is asked for, whatever is to be said there first."""
        lines = head.split("\r\n")
        method, target, version = lines[0].split(" ")
        self.asked.add(f"{method} {target}")
        if self.password is not None and not self.knows(lines):
            self.n_refused += 1
            raise Refused(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n"
                b'Proxy-Authenticate: Basic realm="x"\r\nConnection: close\r\n\r\n'
            )
        name, _, path = target.removeprefix("http://").partition("/")
        name = name if ":" in name else name + ":80"
        if name not in self.ports:
            raise Refused(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        far = socket.create_connection(("127.0.0.1", self.ports[name]))
        if method == "CONNECT":
            near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            far.sendall(rest)
        else:  # one request on each connection, as a second one could be for another host
            kept = [line for line in lines[1:] if not line.lower().startswith("proxy-")]
            first = [f"{method} /{path} {version}", "Connection: close"]
            far.sendall("\r\n".join([*first, *kept]).encode("latin-1") + rest)
        return far

    def knows(self, lines):
        secret = base64.b64encode(self.password.encode()).decode()
        return f"Proxy-Authorization: Basic {secret}" in lines


def read_head(one):
    data = b""
    while b"\r\n\r\n" not in data:
        more = one.recv(4096)
        if not more:
            raise OSError("it has ended")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1") + "\r\n\r\n", rest


def forward(near, far):
    while True:
        for one in select.select([near, far], [], [])[0]:
            data = one.recv(65536)
            if not data:
                end(near, far)
                return
            (far if one is near else near).sendall(data)

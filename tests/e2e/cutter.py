"""A proxy between a client and the local AppSync that cuts connections after so many bytes, or forgets them."""

import select
import socket
import threading
import time

FOR_LONG = 3600
WEBSOCKET, HTTP = "websocket", "http"
WORDS = {b"GET ": WEBSOCKET, b"POST": HTTP}


class Cutter:
    """Forwards to `port`. cut(kind, n): connections of that kind end after n bytes, in both directions
    together, until one of them has."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.lock = threading.Lock()
        self.budgets = {}
        self.open = set()
        self.forgotten = set()
        self.n_cuts = 0
        self.longest = {WEBSOCKET: 0, HTTP: 0}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def cut(self, kind, n):
        """And those of now end at once."""
        with self.lock:
            self.budgets[kind] = n
            for near, far, of in self.open:
                if of == kind:
                    end(near, far)

    def forget(self):
        """Of the connections of now nothing is carried any more, and nobody is told."""
        with self.lock:
            self.forgotten.update(near for near, far, of in self.open)

    def close(self):
        self.listener.close()
        with self.lock:
            for near, far, of in self.open:
                end(near, far)

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        first = near.recv(4, socket.MSG_PEEK)
        kind = WORDS.get(first)
        try:
            far = socket.create_connection(self.target)
        except OSError:
            near.close()
            return
        with self.lock:
            left = self.budgets.get(kind)
            entry = (near, far, kind)
            self.open.add(entry)
        total = self.forward(near, far, left)
        with self.lock:
            self.open.discard(entry)
            if left is not None and total >= left:
                self.n_cuts += 1
                self.budgets.pop(kind, None)
            if kind in self.longest:
                self.longest[kind] = max(self.longest[kind], total)
        near.close()
        far.close()

    def forward(self, near, far, left):
        total = 0
        try:
            while left is None or total < left:
                for one in select.select([near, far], [], [])[0]:
                    other = far if one is near else near
                    data = one.recv(4096 if left is None else min(4096, max(left - total, 1)))
                    if near in self.forgotten:
                        time.sleep(FOR_LONG)
                    if not data:
                        return total
                    other.sendall(data)
                    total += len(data)
        except (OSError, ValueError):
            pass
        end(near, far)
        return total


def end(*sockets):
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

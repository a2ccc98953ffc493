"""A local AppSync that is killed and started anew, at the same address and with the same data, and what
stands in its place meanwhile."""

import socket
import threading

from kit import PATIENCE, Backend, wait_until


class Seat:
    """A port that stays taken while nobody listens there: who is to listen on it has SO_REUSEADDR."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def give_up(self):
        self.socket.close()


class Mortal(Backend):
    def __init__(self, schema, folder, *options):
        self.seats = [Seat(), Seat()]
        ports = [str(seat.port) for seat in self.seats]
        self.options = ["--journal", f"{folder}/journal", "--port", ports[0], "--admin-port", ports[1]]
        self.options += options
        super().__init__(schema, *self.options)

    def stop(self):
        super().stop()
        for seat in self.seats:
            seat.give_up()

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()

    def start(self, *more):
        """Anew. An option that is given twice counts as it is given last."""
        super().__init__(self.schema, *self.options, *more)


class Gateway:
    """Listens where a server was, and answers everything with that status: a load balancer that has
    nobody to pass requests to."""

    def __init__(self, port, status):
        self.status, self.n = status, 0
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(one,), daemon=True).start()

    def answer(self, one):
        body = b"<html><h1>Bad Gateway</h1></html>"
        head = f"HTTP/1.1 {self.status} No\r\nContent-Type: text/html\r\nContent-Length: {len(body)}"
        with one:
            try:
                one.recv(65536)
                one.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)
                one.shutdown(socket.SHUT_WR)
                while one.recv(65536):  # so that what was not read does not reset the connection
                    pass
            except OSError:
                pass
        self.n += 1

    def close(self):
        # Without it the thread that waits in accept() keeps the port.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

"""The other side of a WebSocket, one step after the other as the path says, separated by commas:

accept, accept:PROTOCOL   the right answer to the upgrade
accept-header:LINE        the same with one more header line (_ is a blank)
forged                    an answer with the wrong Sec-WebSocket-Accept
refuse:STATUS             a refusal as AppSync writes it; refuse-open:STATUS: without a length,
                          refuse-chunked:STATUS: in chunks; the connection stays
raw:HEX                   these bytes
text:TEXT, big:N          a text message; one of N bytes
request                   a text message with the path and headers of the upgrade, as JSON
frame                     await a frame; its opcode, "masked" or not, and its text come back as a
                          text message
bytes:N                   read text messages until they have N bytes together, then say "got N"
echo                      send text messages back until a close frame comes, which is answered
pings:N                   N pings at once
pongs:N                   read until N pongs came
slice:N                   from here on send N bytes at a time, with a pause
sleep:MS, hang            wait; for 30 seconds
reset                     end with a reset; at the end of the steps the connection is closed
"""

import base64
import hashlib
import json
import struct
import time

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
REFUSAL = (b'{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized"}]}')


class Reset(Exception):
    """End the connection with a reset."""


class Side:
    def __init__(self, connection, headers, path):
        self.connection, self.headers, self.path = connection, headers, path
        self.slice = 0

    def send(self, data):
        if not self.slice:
            self.connection.sendall(data)
            return
        for at in range(0, len(data), self.slice):
            self.connection.sendall(data[at:at + self.slice])
            time.sleep(0.001)

    def send_frame(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, length)
        self.send(head + payload)

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise OSError("the client has gone")
            data += part
        return data

    def read_frame(self):
        """(opcode, masked, payload)"""
        first, second = self.read(2)
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack("!H", self.read(2))
        elif length == 127:
            length, = struct.unpack("!Q", self.read(8))
        masked = bool(second & 0x80)
        mask = self.read(4) if masked else bytes(4)
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(self.read(length)))
        return first & 0x0F, masked and mask != bytes(4), payload

    def accept(self, argument="", *lines, forged=False):
        key = self.headers["sec-websocket-key"] + ("x" if forged else "") + GUID
        digest = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade",
                "Sec-WebSocket-Accept: " + digest, *lines]
        if argument:
            head.append("Sec-WebSocket-Protocol: " + argument)
        self.send("\r\n".join(head).encode() + b"\r\n\r\n")

    def refuse(self, status, *lines, body=REFUSAL):
        head = [f"HTTP/1.1 {status} No", "Content-Type: application/json", "Retry-After: 7", *lines]
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def echo(self):
        while True:
            opcode, _, payload = self.read_frame()
            self.send_frame(opcode, payload)
            if opcode == 8:
                return

    def step(self, what, argument):
        if what == "accept":
            self.accept(argument)
        elif what == "accept-header":
            self.accept("", argument.replace("_", " "))
        elif what == "forged":
            self.accept(forged=True)
        elif what == "refuse":
            self.refuse(argument, f"Content-Length: {len(REFUSAL)}")
        elif what == "refuse-open":
            self.refuse(argument)
        elif what == "refuse-chunked":
            self.refuse(argument, "Transfer-Encoding: chunked",
                        body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(REFUSAL), REFUSAL))
        elif what == "raw":
            self.send(bytes.fromhex(argument))
        elif what == "text":
            self.send_frame(1, argument.encode())
        elif what == "big":
            self.send_frame(1, b"x" * int(argument))
        elif what == "request":
            text = json.dumps({"path": self.path, "headers": self.headers})
            self.send_frame(1, text.encode())
        elif what == "frame":
            opcode, masked, payload = self.read_frame()
            text = f"{opcode} {'masked' if masked else 'bare'} ".encode() + payload
            self.send_frame(1, text)
        elif what == "echo":
            self.echo()
        elif what == "bytes":
            got = 0
            while got < int(argument):
                got += len(self.read_frame()[2])
            self.send_frame(1, f"got {got}".encode())
        elif what == "pings":
            self.send(bytes.fromhex("8900") * int(argument))
        elif what == "pongs":
            for _ in range(int(argument)):
                assert self.read_frame()[0] == 10
        elif what == "slice":
            self.slice = int(argument)
        elif what == "sleep":
            time.sleep(int(argument) / 1000)
        elif what == "hang":
            time.sleep(30)
        elif what == "reset":
            raise Reset
        else:
            raise ValueError(what)


def run(connection, headers, path, steps):
    side = Side(connection, headers, path)
    for step in steps.split("?")[0].split(","):
        side.step(*(step.split(":", 1) + [""])[:2])

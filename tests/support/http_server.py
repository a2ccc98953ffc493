#!/usr/bin/python3
"""A server on loopback that answers as the path says: the other side of tests/unit/net.

Prints one line when it is ready, "plain PORT secure PORT misnamed PORT proxy PORT ca FILE", and
ends when its standard input does. Makes its certificates with openssl, in a folder of its own.

/echo               what was asked, as JSON, with the number of the connection and of the
                    request on it
/status/N           the status N
/retry/TEXT         429 with this Retry-After
/redirect           302 to /echo
/sleep/MS           /echo after a while
/together/N         /echo when N of these have come
/drip/MS            two halves, with a pause between them
/hang               no answer
/reset, /close      the connection ends without an answer
/second/NAME        a second request on one connection ends it; /count/NAME tells how many came
/truncated          half of what was promised
/large/N            N bytes; /stream/N: without saying so before
/gzip, /bomb, /rot  packed; 100 MB packed; not what it says
/garbage            no HTTP
/signed             200 if the AWS signature is right, else 403 with the reason
/ws/STEPS           a WebSocket: see websocket_steps.py
"""

import gzip
import hashlib
import hmac
import itertools
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

import websocket_steps

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
connections = itertools.count(1)
counts = {}
barriers = {}


class Gone(Exception):
    """The connection is to be closed, or is."""


def make_certificates(folder):
    """An authority, and a certificate for this machine and one for another name."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=test authority",
            "-keyout", "ca.key", "-out", "ca.pem")
    for name, alternative in (("right", "DNS:localhost,IP:127.0.0.1,DNS:api.test"),
                              ("wrong", "DNS:other.test")):
        with open(os.path.join(folder, "names"), "w", encoding="ascii") as file:
            file.write("subjectAltName=" + alternative)
        openssl("req", *key, "-subj", "/CN=test", "-keyout", name + ".key", "-out", "request")
        openssl("x509", "-req", "-in", "request", "-days", "2", "-CA", "ca.pem", "-CAkey",
                "ca.key", "-CAcreateserial", "-extfile", "names", "-out", name + ".pem")


def tls(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, name + ".pem"),
                            os.path.join(folder, name + ".key"))
    return context


def read_request(file):
    """(method, path, headers in lower case, body); Gone at the end of the connection."""
    line = file.read(1)
    line = b"" if line == b"\x16" else line + file.readline() # TLS spoken to the plain port
    line = line.decode("latin-1").split()
    if len(line) != 3:
        raise Gone
    headers = {}
    for raw in iter(file.readline, b"\r\n"):
        if not raw:
            raise Gone
        name, _, value = raw.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return line[0], line[1], headers, file.read(int(headers.get("content-length", 0)))


def reset(connection):
    """Close so that the other side gets a reset. unwrap() of TLS would be polite."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Gone


def head(status, *lines):
    lines = [f"HTTP/1.1 {status} Whatever", *lines]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def whole(status, body, *lines):
    return head(status, f"Content-Length: {len(body)}", *lines) + body


def answer_json(status, value, *lines):
    return whole(status, json.dumps(value).encode(),
                 "Content-Type: application/json; charset=UTF-8", *lines)


def derive(*words):
    key = ("AWS4" + SECRET).encode()
    for word in words:
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return key


def judge_signature(method, path, headers, body):
    """None, or why AWS would refuse it: written after the description of Signature Version 4."""
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
        r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not match:
        return "no signature"
    key, date, region, service, names, signature = match.groups()
    names = names.split(";")
    if (key, region, service) != ("AKIDEXAMPLE", "eu-west-1", "appsync"):
        return "other scope"
    for name in ["host"] + [n for n in headers if n.startswith("x-amz-")]:
        if name not in names:
            return name + " is not signed"
    if names != sorted(names):
        return "names are not sorted"
    canonical = "\n".join([
        method, path, "",
        *[f"{n}:{' '.join(headers[n].split())}" for n in names if n in headers], "",
        ";".join(names), hashlib.sha256(body).hexdigest()])
    text = "\n".join([
        "AWS4-HMAC-SHA256", headers["x-amz-date"], f"{date}/{region}/{service}/aws4_request",
        hashlib.sha256(canonical.encode()).hexdigest()])
    right = hmac.new(derive(date, region, service, "aws4_request"), text.encode(), hashlib.sha256)
    return None if right.hexdigest() == signature else "wrong signature of\n" + canonical


def wait_for_others(number):
    try:
        barriers.setdefault(number, threading.Barrier(number)).wait(60)
    except threading.BrokenBarrierError:
        raise Gone from None


def answer(connection, number, nth, request):
    """Send what the path asks for. Gone: close the connection."""
    method, path, headers, body = request
    what, _, argument = path.strip("/").partition("/")
    echo = answer_json(200, {"method": method, "path": path, "headers": headers,
                             "body": body.decode(), "connection": number, "request": nth})
    send = connection.sendall
    if what == "echo":
        send(echo)
    elif what == "status":
        send(answer_json(int(argument), {"errors": [{"message": "no"}]}))
    elif what == "retry":
        send(answer_json(429, {}, "Retry-After: " + argument.replace("_", " ")))
    elif what == "redirect":
        send(whole(302, b"", f"Location: http://{headers['host']}/echo"))
    elif what == "sleep":
        time.sleep(int(argument) / 1000)
        send(echo)
    elif what == "together":
        wait_for_others(int(argument))
        send(echo)
    elif what == "drip":
        send(head(200, "Content-Length: 4") + b"12")
        time.sleep(int(argument) / 1000)
        send(b"34")
    elif what == "hang":
        time.sleep(30)
    elif what == "reset":
        reset(connection)
    elif what == "close":
        raise Gone
    elif what == "second":
        counts[argument] = counts.get(argument, 0) + 1
        if nth > 1:
            raise Gone
        send(echo)
    elif what == "count":
        send(answer_json(200, counts.get(argument, 0)))
    elif what == "truncated":
        send(head(200, "Content-Length: 100") + b"x" * 50)
        raise Gone
    elif what == "large":
        send(whole(200, b"x" * int(argument)))
    elif what == "stream":
        send(head(200, "Connection: close") + b"x" * int(argument))
        raise Gone
    elif what == "gzip":
        send(whole(200, gzip.compress(body), "Content-Encoding: gzip",
                   "X-Accepts: " + headers.get("accept-encoding", "")))
    elif what == "bomb":
        send(whole(200, gzip.compress(bytes(100_000_000)), "Content-Encoding: gzip"))
    elif what == "rot":
        send(whole(200, b"this was never packed", "Content-Encoding: gzip"))
    elif what == "garbage":
        send(b"\x00\x01\x02 hello\r\n\r\n")
        raise Gone
    elif what == "signed":
        why = judge_signature(method, path, headers, body)
        send(answer_json(403 if why else 200, {"message": why}))
    elif what == "ws":
        websocket_steps.run(connection, headers, path, argument)
        raise Gone
    else:
        send(answer_json(404, {}))


def serve(connection, context=None):
    number = next(connections)
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as file:
            for nth in itertools.count(1):
                answer(connection, number, nth, read_request(file))
    except websocket_steps.Reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    except (Gone, OSError):
        connection.close()


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def proxy(connection, ports):
    """Every host is this one. CONNECT needs a password."""
    with connection, connection.makefile("rb") as file:
        method, target, headers, body = read_request(file)
        if method != "CONNECT":
            connection.sendall(answer_json(200, {"proxied": target, "body": body.decode()}))
            return
        if "proxy-authorization" not in headers:
            connection.sendall(whole(407, b"", "Proxy-Authenticate: Basic realm=x"))
            return
        connection.sendall(head(200))
        with socket.create_connection(("127.0.0.1", ports["secure"])) as other:
            back = threading.Thread(target=pump, args=(other, connection), daemon=True)
            back.start()
            pump(connection, other)
            back.join()


def run_quietly(function, *arguments):
    try:
        function(*arguments)
    except (Gone, OSError):
        pass


def listen(function, *arguments):
    """Serve each connection in a thread; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def loop():
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=run_quietly, args=(function, connection, *arguments),
                             daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()
    return listener.getsockname()[1]


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(folder)
        ports = {"plain": listen(serve),
                 "secure": listen(serve, tls(folder, "right")),
                 "misnamed": listen(serve, tls(folder, "wrong"))}
        ports["proxy"] = listen(proxy, ports)
        print(*[f"{name} {port}" for name, port in ports.items()],
              "ca", os.path.join(folder, "ca.pem"), flush=True)
        sys.stdin.read()


main()

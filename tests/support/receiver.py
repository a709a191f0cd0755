"""An HTTP server for specs: keeps what it is sent in a folder, and misbehaves as it is told there.

receiver.py FOLDER [--port N] [--cert FILE --key FILE]. It writes FOLDER/port when it listens, and
to FOLDER/requests one line of JSON for each request, before it answers. Each line of FOLDER/plan
is for one request, the first for the next: ok, STATUS [Name: value], hang, reset, cut, slow
SECONDS, up-to BYTES (503 to longer bodies), endless; FOLDER/always is for those without one. A path
/answer?status=&body=&delay=&header= says by itself what it wants. FOLDER/secrets has the keys that
signatures are checked with.
"""
import argparse
import base64
import gzip
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOCK = threading.Lock()


def lines(name):
    try:
        with open(name, encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def tell_port(folder, number):
    port = os.path.join(folder, "port")
    with open(port + ".new", "w", encoding="utf-8") as file:
        file.write(str(number))
    os.replace(port + ".new", port)


def next_step(folder):
    plan = os.path.join(folder, "plan")
    steps = lines(plan)
    if not steps:
        return (lines(os.path.join(folder, "always")) or ["ok"])[0]
    with open(plan + ".new", "w", encoding="utf-8") as file:
        file.write("".join(step + "\n" for step in steps[1:]))
    os.replace(plan + ".new", plan)
    return steps[0]


def is_signed(secret, headers, body):
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    text = "%s.%s." % (headers.get("webhook-id"), headers.get("webhook-timestamp"))
    wanted = base64.b64encode(hmac.new(key, text.encode() + body, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").split(" ")
    return "v1," + wanted.decode() in given


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def setup(self):
        if self.server.context is not None:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def body(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw

    def keep(self, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        secrets = lines(os.path.join(self.server.folder, "secrets"))
        record = {
            "method": self.command, "path": self.path, "headers": headers,
            "body": body.decode("utf-8", "replace"), "at": time.time(),
            "connection": self.client_address[1],
            "signed": [is_signed(secret, headers, body) for secret in secrets],
        }
        with LOCK:
            self.server.record.write(json.dumps(record) + "\n")
            self.server.record.flush()
            return next_step(self.server.folder)

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.server.shutdown_quietly(self.connection)

    def cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half an ans")
        self.close_connection = True

    def endless(self):
        self.send_response(200)
        self.send_header("Content-Length", str(10 ** 12))
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def follow(self, step, body):
        word, _, rest = step.partition(" ")
        if word == "hang":
            time.sleep(600)
        elif word == "reset":
            self.reset()
        elif word == "cut":
            self.cut()
        elif word == "endless":
            self.endless()
        elif word == "slow":
            time.sleep(float(rest))
            self.answer(200)
        elif word == "up-to":
            self.answer(200 if len(body) <= int(rest) else 503)
        elif word == "ok":
            self.answer(200)
        else:
            headers = [tuple(rest.split(": ", 1))] if rest else []
            self.answer(int(word), b"because I say so", headers)

    def as_asked(self, query, body):
        asked = {key: values for key, values in parse_qs(query).items()}
        if "delay" in asked:
            time.sleep(float(asked["delay"][0]))
        text = asked["body"][0].encode() if "body" in asked else body
        text *= int(asked.get("times", ["1"])[0])
        headers = [tuple(header.split(":", 1)) for header in asked.get("header", [])]
        self.answer(int(asked.get("status", ["200"])[0]), text, headers)

    def serve(self):
        body = self.body()
        step = self.keep(body)
        url = urlsplit(self.path)
        if url.path == "/answer":
            self.as_asked(url.query, body)
        else:
            self.follow(step, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def shutdown_quietly(self, connection):
        connection.close()

    def handle_error(self, *_):
        pass  # a client that goes away, or does not believe the certificate


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--client-ca")
    return parser.parse_args()


def main():
    given = arguments()
    server = Server(("127.0.0.1", given.port), Receiver)
    server.folder = given.folder
    server.record = open(os.path.join(given.folder, "requests"), "a", encoding="utf-8")
    server.context = None
    if given.cert:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(given.cert, given.key)
    if given.client_ca:
        server.context.load_verify_locations(given.client_ca)
        server.context.verify_mode = ssl.CERT_REQUIRED
    tell_port(given.folder, server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()

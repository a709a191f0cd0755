"""An HTTP/2 server for specs: keeps what it is sent as receiver.py does, and misbehaves as told.

receiver_h2.py FOLDER [--port N] --cert FILE --key FILE. A line of FOLDER/plan is for one request:
ok, STATUS, reset (of the stream), goaway (behind the answer), lost (a GOAWAY that gives up the
request), cut (of the connection). A client whose streams it is told of as reset a thousand times
is taken for an attacker, as nghttp2 does since CVE-2023-44487: GOAWAY, with an error.
"""
import json
import os
import socket
import ssl
import sys
import threading
import time

sys.path.append("/usr/lib/python3/dist-packages")  # -S
import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from receiver import LOCK, arguments, next_step, tell_port

RESETS_MOST = 1000


class Session:
    def __init__(self, given, record, sock, number):
        self.given, self.record, self.sock, self.number = given, record, sock, number
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self.h2 = h2.connection.H2Connection(config)
        self.requests, self.resets, self.open = {}, 0, True

    def keep(self, stream):
        headers, body = self.requests.pop(stream)
        record = {
            "method": headers[":method"], "path": headers[":path"], "headers": headers,
            "body": body.decode("utf-8", "replace"), "at": time.time(),
            "connection": self.number, "version": "2",
        }
        with LOCK:
            self.record.write(json.dumps(record) + "\n")
            self.record.flush()
            return next_step(self.given.folder)

    def answer(self, stream, status):
        self.h2.send_headers(stream, [(":status", str(status))])
        self.h2.send_data(stream, b"because I say so", end_stream=True)

    def go_away(self, code, last):
        self.h2.close_connection(code, last_stream_id=last)
        self.open = False

    def follow(self, step, stream):
        if step == "reset":
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif step == "lost":
            self.go_away(h2.errors.ErrorCodes.NO_ERROR, max(stream - 2, 0))
        elif step == "cut":
            self.open = False
        else:
            self.answer(stream, 200 if step in ("ok", "goaway") else step)
        if step == "goaway":
            self.go_away(h2.errors.ErrorCodes.NO_ERROR, stream)

    def handle(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.requests[event.stream_id] = dict(event.headers), b""
        elif isinstance(event, h2.events.DataReceived):
            headers, body = self.requests[event.stream_id]
            self.requests[event.stream_id] = headers, body + event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.follow(self.keep(event.stream_id), event.stream_id)

    def count_resets(self, data):
        """The library drops those of streams that have ended."""
        while len(data) >= 9:
            length, kind = int.from_bytes(data[:3], "big"), data[3]
            if len(data) < 9 + length:
                break
            self.resets += kind == 3
            data = data[9 + length:]
        if self.resets > RESETS_MOST:
            self.go_away(h2.errors.ErrorCodes.INTERNAL_ERROR, self.h2.highest_inbound_stream_id)
        return data

    def run(self):
        rest = b""
        self.h2.initiate_connection()
        self.sock.sendall(self.h2.data_to_send())
        while self.open:
            data = self.sock.recv(65536)
            if not data:
                return
            rest += data
            if rest.startswith(b"PRI"):
                rest = rest[24:]
            rest = self.count_resets(rest)
            for event in self.h2.receive_data(data) if self.open else []:
                self.handle(event)
            self.sock.sendall(self.h2.data_to_send())


def serve(given, record, context, sock, number):
    try:
        with context.wrap_socket(sock, server_side=True) as secured:
            Session(given, record, secured, number).run()
    except (OSError, h2.exceptions.ProtocolError):
        pass  # a client that goes away


def main():
    given = arguments()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.cert, given.key)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", given.port))
    record = open(os.path.join(given.folder, "requests"), "a", encoding="utf-8")
    tell_port(given.folder, listener.getsockname()[1])
    number = 0
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        threading.Thread(target=serve, args=(given, record, context, sock, number),
                         daemon=True).start()


main()

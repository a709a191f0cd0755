"""An SMTP server for specs: keeps the mails that it is sent in a folder, and misbehaves as told.

mailserver.py FOLDER [--port N] [--cert FILE --key FILE] [--implicit] [--auth USER:PASSWORD]. It
writes FOLDER/port when it listens, and to FOLDER/mails one line of JSON for each mail, before it
answers. Each line of FOLDER/plan is "VERB WHAT", for the first command of that verb (CONNECT, EHLO,
MAIL, RCPT, DATA, END): a status and a text, hang, close, or slow SECONDS. A certificate means that
STARTTLS is offered; with --implicit TLS comes first.
"""
import argparse
import base64
import email
import email.policy
import json
import os
import socketserver
import ssl
import threading
import time

LOCK = threading.Lock()


def take_step(folder, verb):
    plan = os.path.join(folder, "plan")
    with LOCK:
        try:
            with open(plan, encoding="utf-8") as file:
                steps = file.read().splitlines()
        except FileNotFoundError:
            return None
        if not steps or steps[0].split(" ")[0] != verb:
            return None
        with open(plan + ".new", "w", encoding="utf-8") as file:
            file.write("".join(step + "\n" for step in steps[1:]))
        os.replace(plan + ".new", plan)
        return steps[0].split(" ", 1)[1]


class Closed(Exception):
    pass


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def hear(self):
        line = self.rfile.readline()
        if not line:
            raise Closed
        return line.rstrip(b"\r\n").decode("utf-8", "replace")

    # Answers as planned, else with what is usual; whether that was good.
    def answer(self, verb, usual):
        step = take_step(self.server.folder, verb)
        word, _, rest = (step or "").partition(" ")
        if word == "hang":
            time.sleep(600)
        elif word == "close":
            raise Closed
        elif word == "slow":
            time.sleep(float(rest))
        elif step:
            for i, line in enumerate(step.split("|")):
                self.say(line)
            return step[0] in "23"
        self.say(usual)
        return True

    def start_tls(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.setup_files()

    def setup_files(self):
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.tls = isinstance(self.connection, ssl.SSLSocket)

    def greet(self):
        given = self.server.given
        lines = ["specs"]
        if given.cert and not self.tls:
            lines.append("STARTTLS")
        if given.auth:
            lines.append("AUTH PLAIN")
        for line in lines[:-1]:
            self.say("250-" + line)
        self.answer("EHLO", "250 " + lines[-1])

    def log_in(self, words):
        secret = words[2] if len(words) > 2 else None
        if secret is None:
            self.say("334 ")
            secret = self.hear()
        user, password = base64.b64decode(secret).decode().split("\0")[1:]
        self.user = user
        if "%s:%s" % (user, password) == self.server.given.auth:
            self.say("235 welcome")
        else:
            self.say("535 who is that?")

    def take(self):
        if not self.answer("DATA", "354 go on"):
            return
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                raise Closed
            if line == b".\r\n":
                break
            lines.append(line)
        data = b"".join(lines)
        read = email.message_from_bytes(data, policy=email.policy.default)
        mail = {"from": self.sender, "to": self.recipients, "data": data.decode("latin-1"),
                "tls": self.tls, "user": self.user, "connection": self.client_address[1],
                "headers": {name.lower(): str(value) for name, value in read.items()},
                "names": list(read.keys()), "text": read.get_content().replace("\r\n", "\n"),
                "faults": [type(fault).__name__ for fault in read.defects]}
        with LOCK:
            self.server.record.write(json.dumps(mail) + "\n")
            self.server.record.flush()
        self.answer("END", "250 taken")
        self.recipients = []

    def obey(self, line):
        words = line.split(" ")
        verb = words[0].upper()
        if verb == "EHLO":
            self.greet()
        elif verb == "STARTTLS":
            self.say("220 begin")
            self.start_tls()
        elif verb == "AUTH":
            self.log_in(words)
        elif self.server.given.auth and not self.user:
            self.say("530 who are you?")
        elif verb == "MAIL":
            self.sender = line.split(":", 1)[1]
            self.answer("MAIL", "250 fine")
        elif verb == "RCPT":
            if self.answer("RCPT", "250 known"):
                self.recipients.append(line.split(":", 1)[1])
        elif verb == "DATA":
            self.take()
        elif verb == "QUIT":
            self.say("221 bye")
            raise Closed
        else:
            self.say("500 what?")

    def handle(self):
        self.sender, self.recipients, self.user = None, [], None
        try:
            if self.server.given.implicit:
                self.connection = self.server.context.wrap_socket(
                    self.connection, server_side=True)
            self.setup_files()
            self.answer("CONNECT", "220 specs")
            while True:
                self.obey(self.hear())
        except (Closed, OSError):
            pass
        finally:
            self.connection.close()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):
        pass  # a client that does not believe the certificate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    for name in ("--cert", "--key", "--auth"):
        parser.add_argument(name)
    parser.add_argument("--implicit", action="store_true")
    given = parser.parse_args()
    server = Server(("127.0.0.1", given.port), Session)
    server.folder, server.given = given.folder, given
    server.record = open(os.path.join(given.folder, "mails"), "a", encoding="utf-8")
    if given.cert:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(given.cert, given.key)
    port = os.path.join(given.folder, "port")
    with open(port + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.replace(port + ".new", port)
    server.serve_forever()


main()

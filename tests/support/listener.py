"""A listener for specs: keeps what it hears on a socket in a folder.

listener.py FOLDER tcp|tls|udp|unix|datagram PORT [CERT KEY [CLIENT_CA]]. It writes FOLDER/port when
it listens (PORT 0: anywhere; unix and datagram listen at FOLDER/socket and write 0 there), what it
hears to FOLDER/heard (of datagrams each with a newline behind it). It closes a connection after
FOLDER/most bytes, if there; FOLDER/version is the newest TLS it speaks; it answers something if
FOLDER/answers is there. It closes its own half of a connection at once if FOLDER/half is there.
"""
import os
import socket
import ssl
import sys

FOLDER, KIND, PORT = sys.argv[1:4]
FILES = sys.argv[4:]


def path(name):
    return os.path.join(FOLDER, name)


def keep(data):
    with open(path("heard"), "ab") as file:
        file.write(data)


def listen():
    is_net = KIND in ("tcp", "tls", "udp")
    is_stream = KIND in ("tcp", "tls", "unix")
    s = socket.socket(socket.AF_INET if is_net else socket.AF_UNIX,
                      socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
    if is_net:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", int(PORT)))
    else:
        if os.path.exists(path("socket")):
            os.remove(path("socket"))
        s.bind(path("socket"))
    if is_stream:
        s.listen(8)
    with open(path("port.new"), "w", encoding="ascii") as file:
        file.write(str(s.getsockname()[1] if is_net else 0))
    os.rename(path("port.new"), path("port"))
    return s, is_stream


def hear(connection):
    heard = 0
    while True:
        data = connection.recv(65536)
        if not data:
            return
        keep(data)
        if os.path.exists(path("answers")):
            connection.sendall(b"heard\n")
        heard += len(data)
        if os.path.exists(path("most")):
            with open(path("most"), encoding="ascii") as file:
                if heard >= int(file.read()):
                    os.remove(path("most"))
                    return


def context():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(FILES[0], FILES[1])
    if len(FILES) > 2:
        c.load_verify_locations(FILES[2])
        c.verify_mode = ssl.CERT_REQUIRED
    if os.path.exists(path("version")):
        with open(path("version"), encoding="ascii") as file:
            c.maximum_version = ssl.TLSVersion[file.read()]
    return c


def serve(connection, secure):
    try:
        if secure:
            connection = secure.wrap_socket(connection, server_side=True)
        if os.path.exists(path("half")):
            socket.socket.shutdown(connection, socket.SHUT_WR)
        hear(connection)
    except OSError:
        pass  # a client that goes away, or that is not believed, or does not believe
    connection.close()


def main():
    s, is_stream = listen()
    secure = context() if KIND == "tls" else None
    while is_stream:
        serve(s.accept()[0], secure)
    while True:
        keep(s.recv(1 << 20) + b"\n")


main()

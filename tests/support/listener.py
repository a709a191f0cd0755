"""A listener for specs: keeps what it hears on a socket in a folder.

listener.py FOLDER tcp|udp|unix|datagram [PORT]. It writes FOLDER/port when it listens (for tcp and
udp; the others listen at FOLDER/socket and write 0 there), what it hears to FOLDER/heard (of
datagrams each with a newline behind it). It closes a connection after FOLDER/most bytes, if there.
"""
import os
import socket
import sys

FOLDER, KIND = sys.argv[1:3]
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 0


def path(name):
    return os.path.join(FOLDER, name)


def keep(data):
    with open(path("heard"), "ab") as file:
        file.write(data)


def listen():
    is_net = KIND in ("tcp", "udp")
    is_stream = KIND in ("tcp", "unix")
    s = socket.socket(socket.AF_INET if is_net else socket.AF_UNIX,
                      socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
    if is_net:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", PORT))
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
        heard += len(data)
        if os.path.exists(path("most")):
            with open(path("most"), encoding="ascii") as file:
                if heard >= int(file.read()):
                    os.remove(path("most"))
                    return


def main():
    s, is_stream = listen()
    while is_stream:
        connection, _ = s.accept()
        hear(connection)
        connection.close()
    while True:
        keep(s.recv(1 << 20) + b"\n")


main()

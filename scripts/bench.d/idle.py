"""Both ends of W8 and W7/idle, run in their namespaces: `idle.py serve ADDRESS PORT`, `idle.py hold ADDRESS PORT COUNT [http]`.

The client sends one byte over each connection and waits for its echo, so every connection is relayed end to end before
it idles, or asks for a page and waits for that; then it prints `held COUNT` and keeps them until its standard output is closed or it is killed.
"""

import select
import socket
import sys

IN_FLIGHT = 256  # connections being made at once: below any listen queue


def serve(address, port):
    listener = socket.create_server((address, port), backlog=4096)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    streams = {}
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                stream, _ = listener.accept()
                streams[stream.fileno()] = stream
                poll.register(stream, select.EPOLLIN)
                continue
            data = streams[number].recv(64)
            if data:
                streams[number].send(data)
            else:
                poll.unregister(number)
                streams.pop(number).close()


def ask(stream):
    stream.send(b"GET /api/v1/items HTTP/1.1\r\nHost: web\r\n\r\n")


def hear(stream):
    """Whether a whole answer came."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = stream.recv(65536)
        if not more:
            return False
        head += more
    head, body = head.split(b"\r\n\r\n", 1)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += stream.recv(65536) or sys.exit("an answer was cut")
    return head.startswith(b"HTTP/1.1 200 ")


def hold(address, port, count, is_http):
    held = []
    while len(held) < count:
        batch = [socket.create_connection((address, port), timeout=20) for _ in range(min(IN_FLIGHT, count - len(held)))]
        for stream in batch:
            ask(stream) if is_http else stream.send(b"x")
        for stream in batch:
            if not (hear(stream) if is_http else stream.recv(1) == b"x"):
                sys.exit(f"connection {len(held)} was not echoed")
        held += batch
    print(f"held {len(held)}", flush=True)
    select.select([], [], [])


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    hold(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), "http" in sys.argv[5:])

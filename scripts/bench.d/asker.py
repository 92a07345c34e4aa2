"""The client of one host in the workload `hosts`.

Usage: `asker.py ADDRESS PORT`. For each name on standard input: `old` once it is answered so, then CLOCK_MONOTONIC in
nanoseconds when the first `new` came, or what was the matter.
"""

import socket
import sys
import time

PATIENCE_S = 10
PAUSE_S = 0.002  # five clients that never paused would be most of the load

address, port = sys.argv[1], int(sys.argv[2])
stream = None


def ask(host):
    """The body of one answer; an answer here is one read, or a few."""
    global stream
    for _ in range(2):
        if not stream:
            stream = socket.create_connection((address, port), timeout=PATIENCE_S)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        text = b""
        while True:
            head, end, body = text.partition(b"\r\n\r\n")
            if end:
                lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                if lengths and len(body) >= int(lengths[0]):
                    if b"connection: close" in head.lower():
                        stream = None
                    return body.decode().strip()
            more = stream.recv(65536)
            if not more:
                break
            text += more
        stream = None
    return "closed without an answer"


for line in sys.stdin:
    name = line.strip()
    print(ask(name), flush=True)
    deadline = time.monotonic() + PATIENCE_S
    answer = ""
    while answer != "new" and time.monotonic() < deadline:
        answer = ask(name)
        if answer != "new":
            time.sleep(PAUSE_S)
    print(time.monotonic_ns() if answer == "new" else f"{answer} after {PATIENCE_S} s", flush=True)

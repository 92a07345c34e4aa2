"""The client of the workload `agent`, in the client's namespace.

Usage: `trials.py register|apply WEFT SOCKET ADDRESS PORT NEW_PORT COUNT DENY_FILE`. Prints a JSON list of nanoseconds.
"""

import json
import socket
import subprocess
import sys
import time

PATIENCE_S = 10  # a change that takes longer has failed

kind, weft, agent, address, port, new_port, count, deny = sys.argv[1:]


class Client:
    """One kept connection; a server or proxy that closes it is dialled again."""

    def __init__(self):
        self.stream = None

    def ask(self, host):
        """Status and body. An answer here is one read, or a few."""
        for _ in range(2):
            if not self.stream:
                self.stream = socket.create_connection((address, int(port)), timeout=PATIENCE_S)
                self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.stream.sendall(f"GET /api HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = self.read()
            if answer:
                return answer
            self.stream = None
        sys.exit(f"{host}: the connection is closed without an answer")

    def read(self):
        text = b""
        while True:
            head, end, body = text.partition(b"\r\n\r\n")
            if end:
                lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                if lengths and len(body) >= int(lengths[0]):
                    if b"connection: close" in head.lower():
                        self.stream = None
                    return int(head.split(b" ", 2)[1]), body.decode().strip()
            more = self.stream.recv(65536)
            if not more:
                return None
            text += more

    def until(self, host, wanted):
        deadline = time.monotonic() + PATIENCE_S
        while not wanted(*(answer := self.ask(host))):
            if time.monotonic() > deadline:
                sys.exit(f"{host} is answered {answer} after {PATIENCE_S} s")


def command(*words):
    return subprocess.Popen([weft, *words, "--agent-socket", agent], stdout=subprocess.DEVNULL)


def finish(program):
    if program.wait(PATIENCE_S) != 0:
        sys.exit(f"{program.args}: exit {program.returncode}")


client = Client()
samples = []
for number in range(int(count)):
    if kind == "register":
        host, effect = f"t{number}", lambda status, body: body == "new"
        words = ["register", "--name", host, "--port", new_port, "--address", address]
        client.until(host, lambda status, body: body == "old")
    else:
        host, effect = "web", lambda status, body: status == 403
        words = ["apply", "-f", deny]
        client.until(host, lambda status, body: status == 200)
    start = time.monotonic_ns()
    program = command(*words)
    client.until(host, effect)
    samples.append(time.monotonic_ns() - start)
    finish(program)
    finish(command(*(["delete", "-f", deny] if kind == "apply" else ["deregister", host])))
print(json.dumps(samples))

"""A program of one user that asks more of its host's agent than it should, by PyPI's grpcio.

Usage: agent_flood.py SOCKET register COUNT | reports COUNT | large COUNT BYTES | connect COUNT   Says one JSON value: how many calls came
to what, and the different reasons.
"""

import collections
import json
import re
import select
import socket
import sys

import grpc

# Calls under way on one connection: what HTTP/2 gives it.
AT_ONCE = 100
# Of registrations, each of which is a write to disk: enough that the agent always has some to do.
REGISTRATIONS_AT_ONCE = 16
LIMIT_S = 60


def field(number, value):
    """A field of protobuf: bytes, or a small number."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    length, data = len(value), b""
    while length >= 128:
        data, length = data + bytes([length & 127 | 128]), length >> 7
    return bytes([number << 3 | 2]) + data + bytes([length]) + value


class Calls:
    def __init__(self, path, at_once=AT_ONCE):
        self.at_once = at_once
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.insecure_channel("unix:" + path, options=options)
        self.codes = collections.Counter()
        self.reasons = collections.Counter()
        self.waiting = []

    def send(self, method, request):
        if len(self.waiting) >= self.at_once:
            self.wait(1)
        call = self.channel.unary_unary("/weft.agent.v1.Agent/" + method, lambda value: value, lambda value: value)
        self.waiting.append(call.future(request, timeout=LIMIT_S))

    def wait(self, count):
        for call in self.waiting[:count]:
            try:
                call.result()
                self.codes["OK"] += 1
            except grpc.RpcError as error:
                self.codes[error.code().name] += 1
                # Numbers differ from call to call.
                self.reasons[re.sub(r"[0-9]+", "N", error.details())] += 1
        del self.waiting[:count]


def register(name, port, more=""):
    return field(1, f"{{name: {name}, port: {port}{more}}}".encode()) + field(2, b"flood")


def told(*all_calls):
    codes, reasons = collections.Counter(), collections.Counter()
    for calls in all_calls:
        calls.wait(len(calls.waiting))
        codes.update(calls.codes)
        reasons.update(calls.reasons)
    print(json.dumps({"codes": codes, "reasons": reasons}), flush=True)


def registrations(path, count):
    """One service after the other, each with a name and a port of its own."""
    calls = Calls(path, REGISTRATIONS_AT_ONCE)
    for number in range(int(count)):
        calls.send("Register", register(f"s{number}", 2000 + number, ", checks: [{ttl: 60s}]"))
    told(calls)


def reports(path, count):
    """One service that is well and not well in turn, as fast as can be."""
    calls = Calls(path)
    calls.send("Register", register("flapping", 1999, ", checks: [{ttl: 60s}]"))
    calls.wait(1)
    for number in range(int(count)):
        # After some turns it takes eight reports of passing to be well again.
        calls.send("Report", field(1, b"default") + field(2, b"flapping") + field(5, 2 if number % 10 == 9 else 0))
        calls.wait(len(calls.waiting))
    told(calls)


def large(path, count, size):
    """Calls with more than fits, on as many connections as they need."""
    all_calls = [Calls(path) for _ in range((int(count) + AT_ONCE - 1) // AT_ONCE)]
    request = field(1, b"#" * int(size)) + field(2, b"flood")
    for number in range(int(count)):
        all_calls[number % len(all_calls)].send("Register", request)
    told(*all_calls)


def connect(path, count):
    """Connections that say nothing; says how many of them the agent closed, and keeps the others until its input ends."""
    streams = []
    for _ in range(int(count)):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(path)
        streams.append(stream)
    closed = set()
    poll = select.poll()
    names = {stream.fileno(): stream for stream in streams}
    for number in names:
        poll.register(number, select.POLLIN)
    # The agent says its settings on those that stay.
    waiting = set(names)
    while waiting:
        ready = poll.poll(LIMIT_S * 1000)
        if not ready:
            break
        for number, _ in ready:
            if number in waiting:
                waiting.discard(number)
                poll.unregister(number)
                try:
                    if not names[number].recv(1):
                        closed.add(number)
                except ConnectionResetError:
                    closed.add(number)
    print(json.dumps({"codes": {"open": len(streams) - len(closed) - len(waiting), "closed": len(closed)}, "reasons": {}}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    where, command, *rest = sys.argv[1:]
    {"register": registrations, "reports": reports, "large": large, "connect": connect}[command](where, *rest)

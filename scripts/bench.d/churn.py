"""W10's change: applies a file each second, over one connection to the agent.

A process of `weft` for each change would be a good part of what its core is disturbed by: exec and exit of a program keep
even a task that gives way (SCHED_IDLE) in the kernel for milliseconds, where nothing preempts it.

Usage: `churn.py SOCKET FILE...`. Prints a JSON list of how long each change took to be taken, in milliseconds.
"""

import json
import sys
import time

import grpc

PATIENCE_S = 30

agent, *files = sys.argv[1:]


def length(count):
    """A length as Protocol Buffers write it (varint)."""
    parts = []
    while count > 0x7F:
        parts.append(count & 0x7F | 0x80)
        count >>= 7
    return bytes(parts + [count])


def field(number, text):
    return bytes([number << 3 | 2]) + length(len(text)) + text


def request(path):
    """An ApplyRequest of one source (agent.proto)."""
    with open(path, "rb") as file:
        return field(1, field(1, path.encode()) + field(2, file.read()))


requests = [request(path) for path in files]
channel = grpc.insecure_channel(f"unix:{agent}", options=[("grpc.default_authority", "localhost")])
apply = channel.unary_unary("/weft.agent.v1.Agent/Apply")
took = []
due = time.monotonic()
for one in requests:
    time.sleep(max(0, due - time.monotonic()))
    start = time.monotonic()
    reply = apply(one, timeout=PATIENCE_S)
    # ApplyReply begins with its outcomes, field 1; issues, and nothing applied, are field 2.
    if not reply.startswith(b"\x0a"):
        sys.exit(f"the change was not applied: {reply[:500]}")
    took.append(round((time.monotonic() - start) * 1000))
    due += 1
print(json.dumps(took))

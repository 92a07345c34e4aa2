"""Mixed traffic for a while: clients of all manners, wrk and curl, while snapshots are swapped and operators look."""

import collections
import json
import os
import re
import subprocess
import time

from documents import WEB
from network import CLIENT, BenchError, last_words
from scene import ANY_CPU, client

CLIENTS, THREADS = 2, 6  # Python runs one thread at a time: two programs use what two cores leave
SWAP_S = 4
REPLACE_S = 25
TURNS = ("plain", "routed", "broken", "denying")
LOAD_S = 10
PATIENCE_S = 30  # of wrk with an answer: on a busy machine a sanitizer takes its time
WRK_CONNECTIONS = 32
CURLS = 400
END_LIMIT_S = 90  # of the clients' last deeds, each of which has its own time
# For so long after a replacement began, a client may find its connection broken: one between two requests that was closed
# just as the next was sent, or its like between the two proxies. Everything else goes on over a replacement.
GRACE_S = 10
RECORDS_SHOWN = 6
# Of a break, what proxies recorded of the client's port, and of trouble that is not clients' own doing: a port is reused, and
# what ended at another time is about another connection.
NEAR_S = 0.5


class Mix:
    """One stretch of traffic, and what became of it."""

    def __init__(self, scene, proxies):
        self.scene, self.proxies = scene, proxies
        self.counts = collections.Counter()
        self.wrong, self.broken = [], []
        self.replacements = []  # when they began, on the monotonic clock
        self.requests = 0
        self.swaps = 0
        self.turn = 0

    def run(self, seconds, seed, replacing):
        clients = [client(self.scene, seed + number, THREADS) for number in range(CLIENTS)]
        begun = time.monotonic()
        swap, replace, load = begun + SWAP_S, begun + REPLACE_S / 2, None
        while (now := time.monotonic()) < begun + seconds:
            if load is None or load.poll() is not None:
                self.judge(load)
                load = self.start_load()
            if now >= swap:
                self.scene.put(TURNS[self.swaps % len(TURNS)])
                self.swaps += 1
                swap = now + SWAP_S
            # The last has its time to drain while there is traffic.
            if replacing and now >= replace and now < begun + seconds - GRACE_S:
                self.scene.put("plain")  # a proxy does not start on a broken one
                self.replacements.append(now)
                self.proxies[len(self.replacements) % len(self.proxies)].replace()
                replace = now + REPLACE_S
            self.look()
            time.sleep(0.5)
        self.judge(load, LOAD_S + END_LIMIT_S)
        for program in clients:
            self.gather(program)
        self.requests += sum(self.counts.values())

    def start_load(self):
        self.turn += 1
        if self.turn % 2:
            arguments = ["wrk", "-t", "1", "-c", str(WRK_CONNECTIONS), "-d", f"{LOAD_S}s", "--timeout", f"{PATIENCE_S}s", f"http://{WEB}/wrk"]
        else:
            arguments = ["curl", "-sS", "--fail", "--parallel", "-o", "/dev/null", "--retry", "3", f"http://{WEB}/curl/[1-{CURLS}]"]
        program = self.scene.start(self.scene.client, arguments, ANY_CPU)
        program.begun = time.monotonic()
        return program

    def judge(self, load, limit_s=0):
        if load is None:
            return
        name = "wrk" if self.turn % 2 else "curl"
        try:
            code = load.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"{name} does not end: {last_words(load)}")
            return
        said = last_words(load)
        self.counts[f"{name}: exit {code}"] += 1
        if name == "curl":
            self.requests += CURLS
        elif found := re.search(r"(\d+) requests in", said):
            self.requests += int(found[1])
        if found := re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said):
            # A connection that was closed between two requests is counted by wrk when it asks the next.
            met = sum(load.begun - 1 <= at <= time.monotonic() for at in self.replacements)
            if sum(map(int, found.groups())) > met * WRK_CONNECTIONS or found[4] != "0":
                self.wrong.append(f"wrk over {met} replacements: {found[0]}")
        if "Non-2xx" in said:
            self.wrong.append(f"wrk: {said}")
        if code != 0:
            self.wrong.append(f"{name}: exit {code}: {said}")

    def look(self):
        """What operators ask for, all of it while there is traffic."""
        for proxy in self.proxies:
            for path in ("/v1/status", "/v1/connections?limit=500", "/v1/requests", "/v1/tap?after=0&limit=100", "/metrics"):
                proxy.admin(path)
            if (code := proxy.program.poll()) is not None:
                raise BenchError(f"the {proxy.name} proxy ended with {code}: {last_words(proxy.program)}\n{self.scene.found()}")

    def gather(self, program):
        try:
            said, error = program.communicate(timeout=END_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.wrong.append("a client program does not end")
            return
        if program.returncode != 0:
            raise BenchError(f"a client program ended with {program.returncode}: {error[-2000:]}")
        told = json.loads(said)
        self.counts.update(told["counts"])
        self.wrong += [what + self.recorded(at, what) for at, what in told["wrong"]]
        self.broken += told["broken"]

    def unexcused(self):
        """What broke while nobody was being replaced, and what the proxies recorded of it."""
        return [
            what + self.recorded(at, what) for at, what in self.broken
            if not any(begun <= at <= begun + GRACE_S for begun in self.replacements)]

    def recorded(self, at, what):
        """What both proxies recorded of the request, or else of the connection, that a client speaks of; where nothing is found,
        what they recorded of trouble at that moment of the monotonic clock."""
        mark, port = re.search(r"soak=\d+-\d+", what), re.search(r"from port (\d+)", what)
        moment_us = (at + time.time() - time.monotonic()) * 1e6
        of_it, near = [], []
        for line in self.lines():
            fields = parsed(line)
            is_near = abs(int(fields.get("__REALTIME_TIMESTAMP", 0)) - moment_us) < NEAR_S * 1e6
            if (mark and re.search(rf"{mark[0]}(?!\d)", line)) or (is_near and port and f'{CLIENT}:{port[1]}"' in line):
                of_it.append(told(fields))
            elif is_near and fields.get("WEFT_FLAGS", "-") not in ("-", "DC"):
                near.append(f"near: {told(fields)}")
        return "".join(f"\n           {text}" for text in (of_it or near)[-RECORDS_SHOWN:])

    def lines(self):
        """All that programs of the scene have said so far."""
        for name in sorted(os.listdir(self.scene.directory)):
            if name.startswith("log-"):
                with open(os.path.join(self.scene.directory, name), errors="replace") as log:
                    yield from log


def parsed(line):
    """A proxy's record; what another program said is none."""
    if not line.startswith('{"__REALTIME_TIMESTAMP"'):
        return {}
    try:
        return json.loads(line)
    except ValueError:
        return {}  # it is being written


def told(fields):
    """A record in one line."""
    shown = ("FLAGS", "DETAIL", "RETRIES", "FIRST_BYTE_US", "UPSTREAM", "CONNECTION_ID")
    parts = [f"{name.lower()} {fields[f'WEFT_{name}']}" for name in shown if f"WEFT_{name}" in fields]
    parts += [f"errno {fields['ERRNO']}"] if "ERRNO" in fields else []
    return f"{fields.get('MESSAGE', '')}; {', '.join(parts)}"

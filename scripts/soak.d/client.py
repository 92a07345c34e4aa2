"""A client program with several threads, each of which does one thing after another, drawn by lot.

Usage: `client.py SEED THREADS`; it ends when its standard input does, and prints as JSON what became of everything, what was
wrong, and when (on the monotonic clock, which the machine's programs share) a connection broke.
"""

import collections
import json
import random
import sys
import threading
import time

import manners
from wire import Broken, Wrong

KEPT = 200  # of either kind: more says no more


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.wrong, self.broken = [], []

    def add(self, name, outcome):
        with self.lock:
            self.counts[f"{name}: {outcome}"] += 1

    def keep(self, things, name, error):
        with self.lock:
            if len(things) < KEPT:
                things.append([time.monotonic(), f"{name}: {error}"])


def live(seed, tally, stop):
    source = random.Random(seed)
    while not stop.is_set():
        name, act = source.choice(list(manners.ALL.items()))
        begun = time.monotonic()
        try:
            tally.add(name, act(source))
        except Wrong as error:
            tally.add(name, "WRONG")
            tally.keep(tally.wrong, name, error)
        except Broken as error:
            tally.add(name, "broken")
            tally.keep(tally.broken, name, f"{error} ({time.monotonic() - begun:.1f} s after it began)")


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    tally, stop = Tally(), threading.Event()
    threads = [threading.Thread(target=live, args=(seed * 1000 + number, tally, stop)) for number in range(count)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"counts": tally.counts, "wrong": tally.wrong, "broken": tally.broken}))


main()

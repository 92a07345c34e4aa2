"""W4's memory: what a proxy holds before any request, when it is warm, and after a million requests more."""

import time

import report
from measure import memory
from network import HTTP_PORT, SERVER, BenchError
from proxying import PATH, HTTPWorkload
from workload import spend

CONNECTIONS = 32
# Warm is when code that is run is in memory, and what is grown once for this many connections has grown.
FIRST, LAST, QUICK_LAST = 100_000, 1_100_000, 160_000


class Footprint(HTTPWorkload):
    """h2load asks an exact number of times. Memory does not drift with the machine's load, so once is enough."""

    is_repeated = False
    key = "W4/memory"

    def __init__(self):
        super().__init__("full")
        self.title = "W4 memory over a million requests, full"

    def prepare(self, quick):
        self.last = QUICK_LAST if quick else LAST
        self.note = (
            f"Before any request, after {FIRST:,} and after {self.last - FIRST:,} more, over {CONNECTIONS} connections. RSS counts"
            " code too, which the kernel pages in and drops as it likes; what a program keeps is anonymous."
        )

    def measure(self, network, proxy, quick):
        time.sleep(1)  # what a proxy still does after it listens, it has done
        idle = memory(proxy.pid)
        self.ask(network, FIRST)
        first = memory(proxy.pid)
        self.ask(network, self.last - FIRST)
        last = memory(proxy.pid)
        return {
            "rss": idle[0], "anonymous": idle[1], "rss_first": first[0], "rss_last": last[0],
            "growth": last[0] - first[0], "kept": last[1] - first[1],
        }

    def ask(self, network, requests):
        target = [f"--connect-to={SERVER}:{HTTP_PORT}", f"http://web{PATH}"]
        said = spend(network, ["h2load", "--h1", "-n", str(requests), "-c", str(CONNECTIONS)] + target, 300)
        if f" {requests} 2xx" not in said:
            raise BenchError(f"not all of {requests} requests succeeded: {said.strip()[-600:]}")

    def rows(self, names, blocks):
        return report.medians(names, blocks, [
            ("idle RSS, MB", "rss", 1e6, ".1f"), ("of it anonymous, MB", "anonymous", 1e6, ".1f"),
            ("RSS warm, MB", "rss_first", 1e6, ".1f"), ("RSS after all, MB", "rss_last", 1e6, ".1f"),
            ("growth since warm, KB", "growth", 1e3, ",.0f"), ("of it anonymous, KB", "kept", 1e3, ",.0f"),
        ])

"""wrk, a closed loop: each connection asks again as soon as it is answered. What CPU per request is measured with."""

import re

from backend import served
from measure import Cost
from network import HTTP_PORT, SERVER, BenchError
from workload import spend


class ClosedLoop:
    """`connections` that ask for `path` with wrk's own headers (Host alone) and `headers`."""

    def __init__(self, connections, headers=(), path="/", address=SERVER):
        self.connections = connections
        words = [word for header in headers for word in ("-H", header)]
        self.words = words + ["-t", "1", "-c", str(connections), f"http://{address}:{HTTP_PORT}{path}"]

    def ask(self, network, seconds):
        """Requests answered, and what wrk said of errors; BenchError when an answer was not 2xx or 3xx."""
        said = spend(network, ["wrk", "-d", str(seconds)] + self.words, seconds + 60)
        found = re.search(r"(\d+) requests in", said)
        if not found or found.group(1) == "0" or "Non-2xx" in said:
            raise BenchError(f"wrk was not answered as it should be: {said.strip()}")
        errors = re.search(r"Socket errors: (.*)", said)
        return int(found.group(1)), errors.group(1) if errors else ""

    def measure(self, network, proxy, seconds):
        """The proxy's CPU time per request. Server and client both count, and must agree."""
        before = served(network)
        with Cost(proxy.pid) as cost:
            asked, errors = self.ask(network, seconds)
        counted = served(network) - before - 1
        # wrk stops with requests in flight, one on each connection at most.
        if abs(counted - asked) > self.connections + asked // 1000:
            raise BenchError(f"wrk counts {asked} requests, nginx {counted}; {errors}")
        return {
            "cpu_ns": cost.ns / counted, "ticks_ns": cost.ticks_ns / counted, "units": counted,
            "per_second": asked / cost.seconds, "errors": errors,
        }

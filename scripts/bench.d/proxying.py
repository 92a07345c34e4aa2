"""W4 and W5: HTTP/1.1 proxying of keep-alive requests, with nothing else on (`plain`) or a mesh's services (`full`).

`plain` is captured on its way out of the client's namespace. `full` is captured on its way into the server's, for every
proxy alike: authorization is evaluated where requests arrive, and one proxy must do all of routing, authorization,
metrics and trace headers for its figure to be comparable with peers that do them in one process.
"""

import os
import statistics

import backend
import report
from closed_loop import ClosedLoop
from network import HTTP_PORT, SERVER, BenchError
from workload import Workload, spend

PATH = "/api/v1/items"
HOST = "Host: web"
FULL = "routing by host and path, an authorization policy, metrics, trace headers"
PROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.py")

# What browsers and programs send: ten well-known names, some of which proxies know, and twenty of a program's own.
MORE_HEADERS = [
    "Accept: application/json, text/plain, */*", "Accept-Encoding: gzip, deflate, br",
    "Accept-Language: en-GB,en;q=0.9",
    "Cache-Control: no-cache", "Pragma: no-cache", "Origin: http://web.default.svc",
    "Referer: http://web.default.svc/index.html",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Cookie: session=6f2c1b7a9d3e4f508192a3b4c5d6e7f8; theme=dark", "If-None-Match: \"5f8b-61e2a9c4\"",
] + [f"X-Program-Field-{number:02}: value-{number:02}-{'abcdefghij' * (1 + number % 3)}" for number in range(20)]
ADDED = len(MORE_HEADERS)


class HTTPWorkload(Workload):
    """What `plain` and `full` share: where the proxy stands, the server, and the proof of what is measured."""

    peers = ("weft", "haproxy", "envoy", "nginx")

    def __init__(self, variant):
        self.variant = variant
        self.traffic = "http-full" if variant == "full" else "http"
        self.capture = "inbound" if variant == "full" else "outbound"

    def serve(self, network):
        backend.serve(network)

    def verify(self, network, peer):
        if self.variant == "full":
            try:
                spend(network, ["python3", PROBE, SERVER, str(HTTP_PORT), backend.SEEN_PATH, PATH], 20)
            except BenchError as error:
                raise BenchError(f"{peer.name} does not do what `full` measures: {error}") from error

    def load(self, connections, headers=()):
        return ClosedLoop(connections, [HOST, *headers], PATH)


class KeepAlive(HTTPWorkload):
    """W4: wrk asks with its own headers over 32 connections, then over 256."""

    unit, column, scale = "request", "CPU µs per request", 1000

    def __init__(self, variant):
        super().__init__(variant)
        self.key = f"W4/{variant}"
        self.title = f"W4 HTTP/1.1 keep-alive, {variant} ({FULL if variant == 'full' else 'proxying alone'})"
        self.loads = {str(connections): self.load(connections) for connections in (32, 256)}

    def measure(self, network, proxy, quick):
        if not quick:
            self.loads["256"].ask(network, 1)  # warm
        return {case: load.measure(network, proxy, 1 if quick else 3) for case, load in self.loads.items()}

    def rows(self, names, blocks):
        return report.case_rows(self, names, blocks, "connections")


class HeaderGrowth(HTTPWorkload):
    """W5: 32 connections ask with wrk's own header and with 30 more, by turns in short rounds so drift hits both."""

    unit, column, scale = "request", "CPU µs per request", 1000

    def __init__(self, variant):
        super().__init__(variant)
        self.key = f"W5/{variant}"
        self.title = f"W5 HTTP/1.1 with {ADDED} more headers, {variant}"
        self.loads = {"Host alone": self.load(32), f"{ADDED} more": self.load(32, MORE_HEADERS)}

    def measure(self, network, proxy, quick):
        if not quick:
            self.loads["Host alone"].ask(network, 1)  # warm
        rounds = [
            {case: load.measure(network, proxy, 1) for case, load in self.loads.items()}
            for _ in range(1 if quick else 3)
        ]
        figures = {
            case: {key: statistics.mean(one[case][key] for one in rounds) for key in ("cpu_ns", "units", "per_second")}
            for case in self.loads
        }
        alone, more = figures.values()
        return {**figures, "growth_ns": (more["cpu_ns"] - alone["cpu_ns"]) / ADDED}

    def rows(self, names, blocks):
        """The cost of both, and the growth per header as rows of its own."""
        rows = report.case_rows(self, names, blocks, "request headers")
        for name in names:
            figure = statistics.median(report.mean(block, name, "growth_ns") for block in blocks) / self.scale
            ratio = report.ratio(names, name, blocks, "growth_ns")
            rows.append([name, "growth per header", f"{figure:.3f}", *ratio, ""])
        return rows

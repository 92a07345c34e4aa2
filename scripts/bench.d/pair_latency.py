"""W7's latency: what two proxies add to p50 and p99 at a fixed rate, half of what two HAProxies carry."""

import time

import backend
import report
from closed_loop import ClosedLoop
from latency import CLIENT, SEED, build_client
from network import DIRECT_PORT, HTTP_PORT, SERVER, Network
from pairs import PATH, HAProxyPair, pair_of
from workload import PROXY_CPU, Workload, spend

CONNECTIONS = 64


class PairLatency(Workload):
    """As W4's: every run measures the same arrivals past the proxies and through them."""

    key = "W7/latency"
    title = "W7 latency added at half of two HAProxies' saturation"
    peers = ("weft", "haproxy", "envoy")
    rate = 0

    def prepare(self, quick):
        self.is_repeated = not quick
        build_client()
        pair = HAProxyPair()
        with Network("outbound") as network:
            backend.serve(network)
            pair.start(network, PROXY_CPU)
            load = ClosedLoop(CONNECTIONS, ["Host: web"], PATH, pair.address)
            load.ask(network, 1)
            start = time.monotonic()
            saturated = load.ask(network, 1 if quick else 3)[0] / (time.monotonic() - start)
        self.rate = int(saturated / 2)
        self.note = (
            f"{self.rate:,} requests a second, Poisson arrivals over {CONNECTIONS} connections; two HAProxies carried "
            f"{saturated:,.0f}. Latency counts from the moment a request was due."
        )

    def run(self, peer, quick):
        with Network("outbound") as network:
            backend.serve(network)
            pair = pair_of(peer)
            pair.start(network, PROXY_CPU)
            milliseconds = 700 if quick else 3000
            _, direct_p50, direct_p99, _ = self.ask(network, SERVER, DIRECT_PORT, milliseconds // 2)
            count, p50, p99, _ = self.ask(network, pair.address, HTTP_PORT, milliseconds)
            return {
                "units": count, "direct_p50_ns": direct_p50, "direct_p99_ns": direct_p99,
                "added_p50_ns": p50 - direct_p50, "added_p99_ns": p99 - direct_p99,
            }

    def ask(self, network, address, port, milliseconds):
        arguments = [address, port, CONNECTIONS, self.rate, 300, milliseconds, SEED, PATH]
        return [int(word) for word in spend(network, [CLIENT] + [str(word) for word in arguments], 60).split()]

    def rows(self, names, blocks):
        return report.added_latency(names, blocks)

"""W4's latency: what a proxy adds to p50 and p99 at a fixed rate, half of what nginx carries as the proxy."""

import os
import shutil
import time

import peers
import report
from network import DIRECT_PORT, HTTP_PORT, SERVER, BenchError, Network, run
from proxying import PATH, HTTPWorkload
from workload import PROXY_CPU, spend

CONNECTIONS = 64
SEED = 20261125  # of the arrivals; the same for every proxy and run
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paced.swift")
CLIENT = os.path.abspath(".build/bench/paced")


class AddedLatency(HTTPWorkload):
    """Every run measures the same arrivals twice, around the proxy and through it, so the difference has no drift."""

    def __init__(self, variant):
        super().__init__(variant)
        self.key = f"W4/latency-{variant}"
        self.title = f"W4 latency added at half of nginx's saturation, {variant}"
        self.rate = 0

    def prepare(self, quick):
        self.is_repeated = not quick
        build_client()
        nginx = peers.find("nginx", "")
        with Network(self.capture) as network:
            self.serve(network)
            network.wait_for_listener(nginx.start(network, PROXY_CPU, self.traffic), network.proxy_port)
            load = self.load(CONNECTIONS)
            load.ask(network, 1)
            start = time.monotonic()
            saturated = load.ask(network, 1 if quick else 3)[0] / (time.monotonic() - start)
        self.rate = int(saturated / 2)
        self.note = (
            f"{self.rate:,} requests a second, Poisson arrivals over {CONNECTIONS} connections; nginx carried "
            f"{saturated:,.0f} as the proxy. Latency counts from the moment a request was due."
        )

    def measure(self, network, proxy, quick):
        milliseconds = 700 if quick else 3000
        _, direct_p50, direct_p99, _ = self.ask(network, DIRECT_PORT, milliseconds // 2)
        count, p50, p99, late_p99 = self.ask(network, HTTP_PORT, milliseconds)
        return {
            "units": count, "late_p99_ns": late_p99, "direct_p50_ns": direct_p50, "direct_p99_ns": direct_p99,
            "added_p50_ns": p50 - direct_p50, "added_p99_ns": p99 - direct_p99,
        }

    def ask(self, network, port, milliseconds):
        arguments = [SERVER, port, CONNECTIONS, self.rate, 300, milliseconds, SEED, PATH]
        return [int(word) for word in spend(network, [CLIENT] + [str(word) for word in arguments], 60).split()]

    def rows(self, names, blocks):
        return report.added_latency(names, blocks)


def build_client():
    """paced.swift, once for as long as it stays as it is."""
    if os.access(CLIENT, os.X_OK) and os.path.getmtime(CLIENT) > os.path.getmtime(SOURCE):
        return
    if not shutil.which("swiftc"):
        raise BenchError("no swiftc in PATH: scripts/bench finds it, main.py alone does not")
    os.makedirs(os.path.dirname(CLIENT), exist_ok=True)
    # ppoll is GNU's.
    run("swiftc", "-O", "-swift-version", "6", "-Xcc", "-D_GNU_SOURCE", SOURCE, "-o", CLIENT)

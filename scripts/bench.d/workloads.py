"""The workloads of the comparison: those over L4, and the list of all."""

import json
import os
import time

import backend
import report
from closed_loop import ClosedLoop
from convergence import Convergence
from footprint import Footprint
from handshakes import Handshakes
from hosts import ManyHosts
from http2_pairs import HTTP2Pair
from idle_pairs import IdlePair
from latency import AddedLatency
from measure import Cost, memory
from network import HTTP_PORT, SERVER, BenchError, last_words
from pair_latency import PairLatency
from pairs import PairOfProxies
from proxying import HeaderGrowth, KeepAlive
from ten_thousand import TenThousand
from workload import LOAD_CPU, Workload, spend

BULK_PORT, IDLE_PORT = 5201, 7000
CONNECTIONS = 32
IDLE_CONNECTIONS = 8000
REQUEST_BYTES = 150
HERE = os.path.dirname(os.path.abspath(__file__))


class PingPong(Workload):
    """nginx answers a 150-byte GET at once; wrk asks over 32 connections, for ever or once on each."""

    scale = 1000

    def __init__(self, key, title, unit, seconds, close):
        self.key, self.title, self.unit, self.seconds = key, title, unit, seconds
        self.column = f"CPU µs per {unit}"
        headers = ["Connection: Close"] if close else []
        head = f"GET / HTTP/1.1\r\nHost: {SERVER}:{HTTP_PORT}\r\n" + "".join(f"{header}\r\n" for header in headers)
        padding = "p" * (REQUEST_BYTES - len(head) - len("X-Pad: \r\n\r\n"))
        self.load = ClosedLoop(CONNECTIONS, headers + [f"X-Pad: {padding}"])

    def serve(self, network):
        backend.serve(network)

    def measure(self, network, proxy, quick):
        self.load.ask(network, 1)
        return self.load.measure(network, proxy, 1 if quick else self.seconds)


class Bulk(Workload):
    """iperf3 sends a fixed amount from client to server over one or more flows."""

    traffic = "bulk"
    unit, column, scale = "GB", "CPU ms per GB", 1_000_000

    def __init__(self, flows):
        self.flows = flows
        self.key = f"W2/{flows}"
        self.title = f"W2 bulk, {flows} flow{'s' if flows > 1 else ''} (iperf3)"

    def serve(self, network):
        server = network.start(network.server, ["iperf3", "-s", "-B", SERVER, "-p", str(BULK_PORT)], LOAD_CPU)
        network.wait_for_listener(server, BULK_PORT)

    def measure(self, network, proxy, quick):
        size = "512M" if quick else "4G"
        load = ["iperf3", "-c", SERVER, "-p", str(BULK_PORT), "-P", str(self.flows), "-n", size, "-J"]
        with Cost(proxy.pid) as cost:
            end = json.loads(spend(network, load, 120))["end"]
        gigabytes = end["sum_received"]["bytes"] / 1e9
        return {
            "cpu_ns": cost.ns / gigabytes, "ticks_ns": cost.ticks_ns / gigabytes, "units": gigabytes,
            "per_second": end["sum_received"]["bits_per_second"] / 8e9,
        }


class Idle(Workload):
    """8,000 connections that each relayed one byte both ways and then stay silent."""

    key, title, unit = "W8", f"W8 {IDLE_CONNECTIONS:,} idle connections", "connection"
    traffic = "idle"

    def serve(self, network):
        server = network.start(network.server, ["python3", f"{HERE}/idle.py", "serve", SERVER, str(IDLE_PORT)], LOAD_CPU)
        network.wait_for_listener(server, IDLE_PORT)

    def measure(self, network, proxy, quick):
        empty = memory(proxy.pid)
        holder = network.start(
            network.client, ["python3", f"{HERE}/idle.py", "hold", SERVER, str(IDLE_PORT), str(IDLE_CONNECTIONS)], LOAD_CPU)
        deadline = time.monotonic() + 120
        while b"held" not in (said := last_words(holder).encode()):
            if holder.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the {IDLE_CONNECTIONS} connections were not all relayed: {said.decode()}")
            time.sleep(0.1)  # the holder has no other way to tell than its output
        # Two seconds of silence: what a proxy gives back when idle, it has given back.
        time.sleep(2)
        full = memory(proxy.pid)
        return {
            "rss": empty[0], "anonymous": empty[1], "rss_full": full[0], "anonymous_full": full[1],
            "rss_per_connection": (full[0] - empty[0]) / IDLE_CONNECTIONS,
            "anonymous_per_connection": (full[1] - empty[1]) / IDLE_CONNECTIONS,
        }

    def rows(self, names, blocks):
        return report.idle_rows(names, blocks)


ALL = {
    "W1": [PingPong("W1", "W1 connect/close (one request a connection, 32 at a time)", "connection", 3, close=True)],
    "W2": [Bulk(1), Bulk(16)],
    "W3": [PingPong("W3", "W3 small ping-pong over L4 (150-byte keep-alive GET, 32 connections)", "round trip", 3, close=False)],
    "W4": [KeepAlive("plain"), KeepAlive("full"), AddedLatency("plain"), AddedLatency("full"), Footprint()],
    "W5": [HeaderGrowth("plain"), HeaderGrowth("full")],
    "W6": [HTTP2Pair()],
    "W7": [PairOfProxies(), PairLatency(), Handshakes(), IdlePair()],
    "W8": [Idle()],
    "W10": [TenThousand()],
    "agent": [Convergence()],
    "hosts": [ManyHosts()],
}


def find(name):
    """The workloads that `W4` or `W4/full` means; none for a name that is unknown."""
    return ALL.get(name) or [workload for group in ALL.values() for workload in group if workload.key == name]

"""W7/idle: what connections of programs cost two proxies while they say nothing, mutual TLS and HTTP/2 between the proxies."""

import os
import time

import backend
from measure import memory
from network import HTTP_PORT, SERVER, BenchError, Network, last_words
from pairs import WeftPair
from workload import LOAD_CPU, PROXY_CPU, Workload

IDLE_PORT = 7000
FIRST, CONNECTIONS = 1000, 8000
SILENCE_S = 2  # what a proxy gives back when idle, it has given back by then
HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = {"tcp": IDLE_PORT, "http": HTTP_PORT}


class IdlePair(Workload):
    """8,000 connections, each used once, of a protocol that the proxies do not know, and then of HTTP/1.1."""

    key, title, unit = "W7/idle", f"W7 {CONNECTIONS:,} idle connections through two proxies", "connection"
    peers = ("weft",)
    is_repeated = False
    note = (
        "Each connection says one byte and hears it again, as a CONNECT stream between the proxies; or asks for a page over "
        "HTTP/1.1, which needs a stream for as long as the request takes. Memory of each proxy after two seconds of silence, "
        "less what it had with a thousand connections, by the connections that came after them: what a proxy takes or gives back once "
        "is not counted."
    )

    def run(self, peer, quick):
        return {kind: self.measure_kind(peer, kind, port) for kind, port in KINDS.items()}

    def measure_kind(self, peer, kind, port):
        with Network("outbound") as network:
            if kind == "http":
                backend.serve(network)
            else:
                server = network.start(
                    network.server, ["python3", f"{HERE}/idle.py", "serve", SERVER, str(port)], LOAD_CPU)
                network.wait_for_listener(server, port)
            pair = WeftPair(peer.path, port)
            into, out = pair.start(network, PROXY_CPU)
            self.hold(network, pair.address, port, FIRST, kind)
            time.sleep(SILENCE_S)
            before = {"client's": memory(out.pid), "server's": memory(into.pid)}
            self.hold(network, pair.address, port, CONNECTIONS, kind)
            time.sleep(SILENCE_S)
            after = {"client's": memory(out.pid), "server's": memory(into.pid)}
            return {
                side: {
                    "rss_per_connection": (after[side][0] - before[side][0]) / CONNECTIONS,
                    "anonymous_per_connection": (after[side][1] - before[side][1]) / CONNECTIONS,
                    "rss_full": after[side][0],
                } for side in before
            }

    def hold(self, network, address, port, count, kind):
        holder = network.start(
            network.client, ["python3", f"{HERE}/idle.py", "hold", address, str(port), str(count), kind], LOAD_CPU)
        deadline = time.monotonic() + 120
        while b"held" not in (said := last_words(holder).encode()):
            if holder.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the {count} connections were not all carried: {said.decode()}")
            time.sleep(0.1)  # the holder has no other way to tell than its output

    def rows(self, names, blocks):
        rows = [["proxy", "connections", "RSS per connection, bytes", "of it anonymous", "RSS with all of them, MB"]]
        for name in names:
            run = blocks[0][name][0]
            for kind in KINDS:
                for side, found in run[kind].items():
                    rows.append([
                        f"{name}, {side} side", "CONNECT streams" if kind == "tcp" else "HTTP/1.1",
                        f"{found['rss_per_connection']:,.0f}", f"{found['anonymous_per_connection']:,.0f}",
                        f"{found['rss_full'] / 1e6:.1f}",
                    ])
        return rows

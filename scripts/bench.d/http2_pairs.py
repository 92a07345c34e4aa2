"""W6: programs that speak HTTP/2 in plain text (prior knowledge) and gRPC, through two proxies with mutual TLS between them."""

import os
import re

from network import HTTP_PORT, SERVER, BenchError, Network
from pairs import PairOfProxies, pair_of
from workload import LOAD_CPU, PROXY_CPU, spend

PATH = "/weft.bench.v1.Items/List"
UNARY_BYTES, STREAM_BYTES = 150, 1 << 20
# Connections of the client, and streams of each at once.
CASES = {"get": (4, 8, 0), "unary": (4, 8, UNARY_BYTES), "streaming": (2, 2, STREAM_BYTES)}


class HTTP2Pair(PairOfProxies):
    key = "W6"
    title = "W6 HTTP/2 and gRPC through two proxies"
    loads = tuple(CASES)
    loads_name = "case"
    note = (
        "h2load speaks HTTP/2 in plain text to nghttpd, over 4 connections with 8 requests at once on each (streaming: 2 with "
        "2), redirected as in W7. `get`: 150 bytes are asked for. `unary`: a gRPC-shaped request of 150 bytes (POST, "
        "application/grpc, te: trailers) is echoed, with grpc-status in trailers. `streaming`: the same with 1 MiB, whose "
        "frames come back as they go out. Both proxies share one core, with a worker each."
    )

    def run(self, peer, quick):
        with Network("outbound") as network:
            serve(network)
            pair = pair_of(peer, programs="h2")
            proxies = pair.start(network, PROXY_CPU)
            loads = {case: H2Load(network, pair.address, *CASES[case]) for case in self.loads}
            loads["get"].ask(network, 1)  # warm
            return {case: self.measure_case(network, proxies, load, 1 if quick else 3) for case, load in loads.items()}


class H2Load:
    def __init__(self, network, address, connections, streams, body_bytes):
        self.words = ["h2load", "-c", str(connections), "-m", str(streams), f"--connect-to={address}:{HTTP_PORT}"]
        if body_bytes:
            body = network.file(f"body-{body_bytes}", "b" * body_bytes)
            self.words += ["-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers"]
        self.words.append(f"http://web{PATH}")

    def ask(self, network, seconds):
        """Requests answered, and those that were not; BenchError when there are any but those cut off at the end."""
        said = spend(network, [self.words[0], "-D", str(seconds), *self.words[1:]], seconds + 60)
        found = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", said)
        failed = re.search(r"(\d+) failed, (\d+) errored", said)
        if not found or not int(found.group(1)) or any(int(found.group(index)) for index in (2, 3, 4)) or int(failed.group(1)):
            raise BenchError(f"h2load was not answered as it should be: {said.strip()[-800:]}")
        return int(found.group(1)), ""


def serve(network):
    directory = os.path.join(network.directory, "www", *PATH.strip("/").split("/")[:-1])
    os.makedirs(directory)
    with open(os.path.join(directory, os.path.basename(PATH)), "w") as file:
        file.write("a" * UNARY_BYTES)
    root = os.path.join(network.directory, "www")
    nghttpd = network.start(network.server, [
        "nghttpd", "--no-tls", "-n", "1", "-m", "1000", "-a", SERVER, "-d", root, "--echo-upload", "--trailer=grpc-status: 0", str(HTTP_PORT),
    ], LOAD_CPU)
    network.wait_for_listener(nghttpd, HTTP_PORT)

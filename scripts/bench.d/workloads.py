"""The workloads of the comparison. Each runs once against one proxy in fresh namespaces and returns its figures."""

import json
import os
import re
import time

from measure import Cost, memory
from network import SERVER, BenchError, Network, last_words, run

LOAD_CPU = 0  # client and server
PROXY_CPU = 1
HTTP_PORT, STATUS_PORT, BULK_PORT, IDLE_PORT = 8080, 8081, 5201, 7000
CONNECTIONS = 32
IDLE_CONNECTIONS = 8000
REQUEST_BYTES = 150
HERE = os.path.dirname(os.path.abspath(__file__))


class Workload:
    """What every workload has: a key, a title, the counted unit and how many nanoseconds are one of the table's."""

    def run(self, peer, quick):
        with Network() as network:
            self.serve(network)
            proxy = peer.start(network, PROXY_CPU, self.traffic)
            network.wait_for_listener(proxy, 15001)
            return self.measure(network, proxy, quick)

    traffic = "requests"  # what the proxies may be tuned for: requests, bulk or idle


def spend(network, arguments, limit):
    """Runs one load program in the client's namespace and returns what it printed."""
    program = network.start(network.client, arguments, LOAD_CPU)
    try:
        code = program.wait(limit)
    except Exception as error:
        raise BenchError(f"{arguments[0]} did not end within {limit} s") from error
    if code != 0:
        raise BenchError(f"{' '.join(arguments)}: exit {code}: {last_words(program)}")
    program.log.seek(0)
    return program.log.read().decode()


class HTTP(Workload):
    """nginx answers a 150-byte GET at once; wrk asks over 32 connections. Both count, and must agree."""

    def __init__(self, key, title, unit, seconds, close):
        self.key, self.title, self.unit, self.seconds, self.close = key, title, unit, seconds, close
        self.scale, self.column = 1000, f"CPU µs per {unit}"

    def serve(self, network):
        directory = network.directory
        paths = "".join(f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = f"""
daemon off; master_process off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; {paths}
  server {{ listen {SERVER}:{HTTP_PORT} backlog=4096; location / {{ return 200 "ok"; }} }}
  server {{ listen {SERVER}:{STATUS_PORT}; location / {{ stub_status; }} }}
}}
"""
        nginx = network.start(network.server, ["nginx", "-p", directory, "-e", "stderr", "-c", network.file("nginx.conf", config)], LOAD_CPU)
        network.wait_for_listener(nginx, HTTP_PORT)

    def measure(self, network, proxy, quick):
        head = f"GET / HTTP/1.1\r\nHost: {SERVER}:{HTTP_PORT}\r\n" + ("Connection: Close\r\n" if self.close else "")
        padding = "p" * (REQUEST_BYTES - len(head) - len("X-Pad: \r\n\r\n"))
        load = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-H", f"X-Pad: {padding}", f"http://{SERVER}:{HTTP_PORT}/"]
        if self.close:
            load[1:1] = ["-H", "Connection: Close"]
        spend(network, load[:1] + ["-d", "1"] + load[1:], 20)
        before = self.served(network)
        with Cost(proxy.pid) as cost:
            said = spend(network, load[:1] + ["-d", str(1 if quick else self.seconds)] + load[1:], 60)
        counted = self.served(network) - before - 1
        found = re.search(r"(\d+) requests in", said)
        asked = int(found.group(1)) if found else 0
        errors = re.search(r"Socket errors: (.*)", said)
        # wrk stops with requests in flight, one on each connection at most.
        if not asked or abs(counted - asked) > CONNECTIONS + asked // 1000:
            raise BenchError(f"wrk counts {asked} requests, nginx {counted}: {said.strip()}")
        return {
            "cpu_ns": cost.ns / counted, "ticks_ns": cost.ticks_ns / counted, "units": counted,
            "per_second": asked / cost.seconds, "errors": errors.group(1) if errors else "",
        }

    def served(self, network):
        """nginx's own count, asked inside its namespace so that the proxy has no part in it."""
        ask = f"import urllib.request as u; print(u.urlopen('http://{SERVER}:{STATUS_PORT}/').read().decode())"
        text = run("ip", "netns", "exec", network.server, "taskset", "-c", str(LOAD_CPU), "python3", "-c", ask)
        return int(text.split("\n")[2].split()[2])


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


ALL = {
    "W1": [HTTP("W1", "W1 connect/close (one request a connection, 32 at a time)", "connection", 3, close=True)],
    "W2": [Bulk(1), Bulk(16)],
    "W3": [HTTP("W3", "W3 small ping-pong over L4 (150-byte keep-alive GET, 32 connections)", "round trip", 3, close=False)],
    "W8": [Idle()],
}

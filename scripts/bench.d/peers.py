"""The proxies side by side: how each is started with one worker, and configured to relay captured TCP to where it was
going. Their configurations for HTTP are in http_peers.py."""

import os
import re
import subprocess

import http_peers
from network import INBOUND_PORT, OUTBOUND_PORT, PROXY_UID, SERVER, BenchError, run

MAX_CONNECTIONS = 9000  # above W8's 8,000; two descriptors each stay below the machine's 20,000
SOCKS_PORT = 1080
NAMES = ("weft", "haproxy", "envoy", "nginx", "redsocks", "openssl", "before")


class Weft:
    def __init__(self, name, path):
        self.name = name
        self.path = os.path.abspath(path)

    def version(self):
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        return f"weft-proxy {commit}, release build"

    def start(self, network, cpu, traffic):
        arguments = [
            self.path, "--name", "bench", "--outbound-port", str(OUTBOUND_PORT), "--inbound-ports", str(INBOUND_PORT),
            "--run-directory", network.directory, "--workers", "1", "--log", "none",
        ]
        if traffic == "http-full":
            snapshot = os.path.join(network.directory, "snapshot.json")
            documents = network.file("documents.yaml", http_peers.WEFT_DOCUMENTS)
            run(os.path.join(os.path.dirname(self.path), "weft"), "compile", "-f", documents, "-o", snapshot)
            os.chown(snapshot, PROXY_UID, PROXY_UID)
            arguments += ["--snapshot", snapshot, "--namespace", "default", "--labels", "app=web"]
        return network.start(network.captured, arguments, cpu, PROXY_UID)


class HAProxy:
    name = "haproxy"

    def version(self):
        return subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout.split(" - ")[0].strip()

    def start(self, network, cpu, traffic):
        if traffic.startswith("http"):
            config = http_peers.haproxy(network.proxy_port, MAX_CONNECTIONS, traffic == "http-full")
        else:
            config = self.relay(network, traffic)
        path = network.file("haproxy.cfg", config)
        return network.start(network.captured, ["haproxy", "-db", "-q", "-f", path], cpu, PROXY_UID)

    def relay(self, network, traffic):
        # `option transparent` dials the address the client meant, which HAProxy reads by SO_ORIGINAL_DST.
        # Splicing reserves pipes, two descriptors each, for a quarter of maxconn; with 9,000 it would not start here.
        return f"""
global
  nbthread 1
  maxconn {1000 if traffic == "bulk" else MAX_CONNECTIONS}
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  {"option splice-auto" if traffic == "bulk" else ""}
listen relay
  bind :{network.proxy_port}
  option transparent
"""


class Envoy:
    name = "envoy"

    def __init__(self, path):
        self.path = path

    def version(self):
        done = subprocess.run([self.path, "--version"], capture_output=True, text=True)
        found = re.search(r"/(\d+\.\d+\.\d+)/", done.stdout)
        return f"Envoy {found.group(1) if found else done.stdout.strip()}"

    def start(self, network, cpu, traffic):
        if traffic.startswith("http"):
            config = http_peers.envoy(network.proxy_port, MAX_CONNECTIONS, traffic == "http-full")
        else:
            config = self.relay(network)
        path = network.file("envoy.yaml", config)
        arguments = [self.path, "-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
        return network.start(network.captured, arguments, cpu, PROXY_UID, {"HOME": network.directory})

    def relay(self, network):
        return f"""
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 0.0.0.0, port_value: {network.proxy_port} }} }}
    listener_filters:
    - name: envoy.filters.listener.original_dst
      typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: relay
          cluster: relay
  clusters:
  - name: relay
    type: ORIGINAL_DST
    lb_policy: CLUSTER_PROVIDED
    connect_timeout: 5s
    circuit_breakers: {{ thresholds: [{{ max_connections: {MAX_CONNECTIONS}, max_pending_requests: {MAX_CONNECTIONS} }}] }}
"""


class Nginx:
    """HTTP only: nginx cannot ask for the original destination, so it is told the one server there is."""

    name = "nginx"

    def version(self):
        return subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip().removeprefix("nginx version: ")

    def start(self, network, cpu, traffic):
        config = http_peers.nginx(network.proxy_port, network.directory, MAX_CONNECTIONS, traffic == "http-full")
        path = network.file("nginx.conf", config)
        arguments = ["nginx", "-p", network.directory, "-e", "stderr", "-c", path]
        return network.start(network.captured, arguments, cpu, PROXY_UID)


class Redsocks:
    """redsocks can only hand over to a SOCKS or CONNECT server, so microsocks stands beside the real one, on the
    client's and server's core and outside the figure. The handshake with it is redsocks' own way, and is counted."""

    name = "redsocks"

    def version(self):
        done = subprocess.run(["redsocks", "-v"], capture_output=True, text=True)
        return (done.stdout + done.stderr).split("\n")[0].strip()

    def start(self, network, cpu, traffic):
        socks = network.start(network.server, ["microsocks", "-i", SERVER, "-p", str(SOCKS_PORT)], 0)
        network.wait_for_listener(socks, SOCKS_PORT)
        # Its splicing holds two pipes a connection: 8,000 would need 48,000 descriptors, and the machine has 20,000.
        splice = "false" if traffic == "idle" else "true"
        config = f"""
base {{
  log_debug = off; log_info = off; log = "stderr"; daemon = off; redirector = iptables;
  rlimit_nofile = 20000; redsocks_conn_max = {MAX_CONNECTIONS};
}}
redsocks {{
  local_ip = 0.0.0.0; local_port = {network.proxy_port};
  ip = {SERVER}; port = {SOCKS_PORT}; type = socks5; listenq = 1024; splice = {splice};
}}
"""
        path = network.file("redsocks.conf", config)
        return network.start(network.captured, ["redsocks", "-c", path], cpu, PROXY_UID)


class OpenSSL:
    """`openssl s_server`, which handshakes.py starts: it relays nothing."""

    name = "openssl"

    def version(self):
        return subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout.split("  ")[0].strip()


def find(name, weft_path):
    """The peer of that name; BenchError when it is unknown or not installed."""
    if name in ("weft", "before"):
        if not os.access(weft_path, os.X_OK):
            raise BenchError(f"no weft-proxy at {weft_path}: build it, or give --{name} PATH")
        return Weft(name, weft_path)
    if name == "haproxy":
        return HAProxy()
    if name == "envoy":
        path = os.path.abspath(".build/bench/python/bin/envoy")
        if not os.access(path, os.X_OK):
            raise BenchError("no Envoy in .build/bench: run scripts/setup bench")
        return Envoy(path)
    return {"nginx": Nginx, "openssl": OpenSSL}.get(name, Redsocks)()

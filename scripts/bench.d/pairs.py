"""Two proxies with mutual TLS and HTTP/2 between them, as peers of W7: one takes what leaves the client's namespace, the other
stands before the server. What each pair is configured for is the same: 32 or more clients of HTTP/1.1, one TLS connection or as
many as the pair thinks right, a certificate of one authority on each side, verified by the other."""

import json
import os
import statistics
import time

import backend
import peers as singles
import report
from agent_host import Agent
from closed_loop import ClosedLoop
from measure import cpu_ns
from network import HTTP_PORT, INBOUND_PORT, OUTBOUND_PORT, PROXY_UID, SERVER, BenchError, Network, run
from workload import LOAD_CPU, PROXY_CPU, Workload

TRANSPORT_PORT = 15008
CONNECTIONS = 4000
PATH = "/api/v1/items"


def issue(network):
    """An authority and one P-256 certificate for both sides, as PEM in the run's directory: what the peers are given."""
    def path(name):
        return os.path.join(network.directory, name)

    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/O=bench", "-keyout", path("ca.key"), "-out", path("ca.pem"))
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=peer",
        "-keyout", path("peer.key"), "-out", path("peer.csr"))
    extensions = network.file("peer.cnf", "subjectAltName=DNS:peer\nextendedKeyUsage=serverAuth,clientAuth\n")
    run("openssl", "x509", "-req", "-in", path("peer.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
        "-days", "2", "-extfile", extensions, "-out", path("peer.pem"))
    with open(path("both.pem"), "w") as both:
        for name in ("peer.pem", "peer.key"):
            with open(path(name)) as part:
                both.write(part.read())
    for name in ("ca.pem", "peer.pem", "peer.key", "both.pem"):
        os.chown(path(name), PROXY_UID, PROXY_UID)
    return network.directory


class WeftPair:
    """Both get their identities from one agent, as in a mesh; the server is registered, and its service is what is asked."""

    address = SERVER

    def __init__(self, path, port=HTTP_PORT):
        self.path, self.port = path, port

    def start(self, network, cpu):
        agent = self.agent = Agent(network, self.path, LOAD_CPU)
        agent.start()
        for account, namespace in (("shop", network.client), ("web", network.server)):
            agent.weft("identity", "register", "--service-account", account, "--pod", namespace)
        started = []
        for namespace, name, account in ((network.server, "in", "web"), (network.client, "out", "shop")):
            directory = os.path.join(network.directory, name)
            os.mkdir(directory)
            os.chown(directory, PROXY_UID, PROXY_UID)
            arguments = [
                self.path, "--name", name, "--outbound-port", str(OUTBOUND_PORT), "--inbound-ports", str(INBOUND_PORT),
                "--run-directory", directory, "--workers", "1", "--log", "none", "--agent", agent.socket,
                "--service-account", account,
            ]
            proxy = network.start(namespace, arguments, cpu, PROXY_UID)
            network.wait_for_listener(proxy, TRANSPORT_PORT)
            started.append(proxy)
        agent.weft("register", "--name", "web", "--port", str(self.port), "--address", SERVER, "--service-account", "web")
        deadline = time.monotonic() + 20
        while '"isMeshed" : true' not in agent.weft("endpoints", "web", "-o", "json"):
            if time.monotonic() > deadline:
                raise BenchError("the endpoint did not become one of the mesh")
            time.sleep(0.1)  # nothing tells when the agent has made up its mind
        # Its virtual address is nobody's, and needs a way all the same before the rules see who dials it.
        run("ip", "-n", network.client, "route", "add", "240.0.0.0/4", "dev", "eth0")
        self.address = json.loads(agent.weft("services", "web", "-o", "json"))[0]["virtualAddresses"][0]
        return started


class HAProxyPair:
    """`http-reuse always` lets all clients share the streams of one connection; TLS 1.3 alone, as the others speak."""

    address = SERVER

    def __init__(self, programs="http/1.1"):
        self.protocol = " proto h2" if programs == "h2" else ""

    def start(self, network, cpu):
        where = issue(network)
        common = f"""
global
  nbthread 1
  maxconn {CONNECTIONS}
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-request 10s
"""
        out = common + f"""
frontend captured
  bind :{OUTBOUND_PORT}{self.protocol}
  default_backend peer
backend peer
  server peer {SERVER}:{TRANSPORT_PORT} ssl crt {where}/both.pem ca-file {where}/ca.pem verify required verifyhost peer ssl-min-ver TLSv1.3 alpn h2
"""
        into = common + f"""
frontend peers
  bind :{TRANSPORT_PORT} ssl crt {where}/both.pem ca-file {where}/ca.pem verify required ssl-min-ver TLSv1.3 alpn h2
  default_backend server
backend server
  server server {SERVER}:{HTTP_PORT}{self.protocol}
"""
        started = []
        for namespace, name, text, port in (
            (network.server, "in", into, TRANSPORT_PORT), (network.client, "out", out, OUTBOUND_PORT),
        ):
            path = network.file(f"haproxy-{name}.cfg", text)
            proxy = network.start(namespace, ["haproxy", "-db", "-q", "-f", path], cpu, PROXY_UID)
            network.wait_for_listener(proxy, port)
            started.append(proxy)
        return started


class EnvoyPair:
    """As in http_peers.py what the others do not do is off."""

    address = SERVER

    def __init__(self, path, programs="http/1.1"):
        self.path, self.programs = path, programs

    def start(self, network, cpu):
        where = issue(network)
        tls = f"""
              common_tls_context:
                alpn_protocols: [h2]
                tls_params: {{ tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3 }}
                tls_certificates: [{{ certificate_chain: {{ filename: {where}/peer.pem }}, private_key: {{ filename: {where}/peer.key }} }}]
                validation_context: {{ trusted_ca: {{ filename: {where}/ca.pem }} }}"""
        type_url = "type.googleapis.com/envoy.extensions"
        http2 = f"""
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": {type_url}.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{ http2_protocol_options: {{}} }}"""
        client = f"""
    transport_socket:
      name: tls
      typed_config:
              "@type": {type_url}.transport_sockets.tls.v3.UpstreamTlsContext{tls}{http2}"""
        local = http2 if self.programs == "h2" else ""
        server = f"""
      transport_socket:
        name: tls
        typed_config:
              "@type": {type_url}.transport_sockets.tls.v3.DownstreamTlsContext
              require_client_certificate: true{tls}"""
        started = []
        for namespace, name, port, to, upstream, downstream in (
            (network.server, "in", TRANSPORT_PORT, HTTP_PORT, local, server),
            (network.client, "out", OUTBOUND_PORT, TRANSPORT_PORT, client, ""),
        ):
            path = network.file(f"envoy-{name}.yaml", self.configuration(port, to, upstream, downstream))
            arguments = [self.path, "-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
            proxy = network.start(namespace, arguments, cpu, PROXY_UID, {"HOME": network.directory})
            network.wait_for_listener(proxy, port)
            started.append(proxy)
        return started

    def configuration(self, port, to, upstream, downstream):
        type_url = "type.googleapis.com/envoy.extensions.filters"
        return f"""
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 0.0.0.0, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {type_url}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: pair
          generate_request_id: false
          skip_xff_append: true
          server_header_transformation: PASS_THROUGH
          route_config:
            virtual_hosts:
            - {{ name: any, domains: ["*"], routes: [{{ match: {{ prefix: / }}, route: {{ cluster: onward, timeout: 0s }} }}] }}
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": {type_url}.http.router.v3.Router
              suppress_envoy_headers: true{downstream}
  clusters:
  - name: onward
    type: STATIC
    connect_timeout: 5s
    load_assignment:
      cluster_name: onward
      endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: {{ address: {SERVER}, port_value: {to} }} }} }} }}] }}]
    circuit_breakers:
      thresholds:
      - {{ max_connections: {CONNECTIONS}, max_pending_requests: {CONNECTIONS}, max_requests: {CONNECTIONS} }}{upstream}
"""


def pair_of(peer, programs="http/1.1"):
    """`programs` is what client and server speak, `http/1.1` or `h2`; Weft hears it."""
    return {
        "weft": lambda: WeftPair(peer.path), "before": lambda: WeftPair(peer.path), "haproxy": lambda: HAProxyPair(programs),
        "envoy": lambda: EnvoyPair(singles.find("envoy", "").path, programs),
    }[peer.name]()


class PairOfProxies(Workload):
    """W7: the CPU time of both proxies for one request of HTTP/1.1, established connections."""

    key = "W7"
    title = "W7 two proxies, mutual TLS and HTTP/2 between them"
    unit, column, scale = "request", "CPU µs of both per request", 1000
    peers = ("weft", "haproxy", "envoy")
    loads = ("32", "256")
    loads_name = "connections"  # what the column of the loads is headed by
    note = (
        "wrk asks over 32, then over 256 connections of HTTP/1.1; what leaves the client's namespace is redirected to the "
        "first proxy, which asks the second over TLS 1.3 with certificates on both sides (P-256) and HTTP/2, and that the "
        "server in its namespace. Both proxies share one core, with a worker each; client and server have the other."
    )

    def run(self, peer, quick):
        with Network("outbound") as network:
            backend.serve(network)
            pair = pair_of(peer)
            proxies = pair.start(network, PROXY_CPU)
            loads = {case: ClosedLoop(int(case), ["Host: web"], PATH, pair.address) for case in self.loads}
            loads["256"].ask(network, 1)  # warm
            return {case: self.measure_case(network, proxies, load, 1 if quick else 3) for case, load in loads.items()}

    def measure_case(self, network, proxies, load, seconds):
        before = [cpu_ns(proxy.pid) for proxy in proxies]
        start = time.monotonic()
        asked, errors = load.ask(network, seconds)
        spent = [cpu_ns(proxy.pid) - then for proxy, then in zip(proxies, before)]
        if min(spent) < max(spent) / 10:
            raise BenchError(f"one of both proxies did not take part: {spent} ns")
        return {
            "cpu_ns": sum(spent) / asked, "out_ns": spent[1] / asked, "in_ns": spent[0] / asked, "units": asked,
            "per_second": asked / (time.monotonic() - start), "errors": errors,
        }

    def rows(self, names, blocks):
        rows = report.case_rows(self, names, blocks, self.loads_name)
        rows[0].insert(3, "of it client's, server's side")
        index = 1
        for case in self.loads:
            for name in names:
                halves = [
                    statistics.median(run[case][key] for block in blocks for run in block[name]) / self.scale
                    for key in ("out_ns", "in_ns")
                ]
                rows[index].insert(3, f"{halves[0]:.1f}, {halves[1]:.1f}")
                index += 1
        return rows

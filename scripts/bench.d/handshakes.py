"""W7's handshakes: the CPU time that a whole mutual handshake costs who is asked, beside OpenSSL's own server."""

import os

import backend
from measure import cpu_ns
from network import PROXY_UID, SERVER, BenchError, Network
from pairs import TRANSPORT_PORT, WeftPair, issue, pair_of
from workload import PROXY_CPU, Workload, spend

SHAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shake.py")


class Handshakes(Workload):
    key = "W7/handshakes"
    title = "W7 whole handshakes"
    unit, column, scale = "handshake", "CPU µs per handshake", 1000
    peers = ("weft", "openssl", "haproxy", "envoy")
    note = (
        "One client makes connections of TLS 1.3 one after the other, with a P-256 certificate on both sides, and closes "
        "each when the handshake is done; no session is taken up again. Counted is the side that is asked; `openssl` is "
        "`openssl s_server`. Weft's client has an intermediate's signature more to verify: its leaves are signed by one."
    )

    def run(self, peer, quick):
        seconds = 1 if quick else 3
        with Network("outbound") as network:
            backend.serve(network)
            if peer.name == "openssl":
                server = self.openssl(network)
            else:
                pair = pair_of(peer)
                server = pair.start(network, PROXY_CPU)[0]
                if isinstance(pair, WeftPair):
                    identity = ["--agent", pair.agent.socket]
            if peer.name not in ("weft", "before"):
                identity = [os.path.join(network.directory, name) for name in ("peer.pem", "peer.key")]
            words = ["/usr/bin/python3", "-E", SHAKE, SERVER, str(TRANSPORT_PORT)]
            client = ["setpriv", f"--reuid={PROXY_UID}", f"--regid={PROXY_UID}", "--clear-groups", "--", *words]
            spend(network, [*client, "0.5", *identity], 30)  # warm
            before = cpu_ns(server.pid)
            made = int(spend(network, [*client, str(seconds), *identity], 60))
            if made < 10:
                raise BenchError(f"only {made} handshakes in {seconds} s")
            return {"cpu_ns": (cpu_ns(server.pid) - before) / made, "units": made, "per_second": made / seconds}

    def openssl(self, network):
        where = issue(network)
        server = network.start(network.server, [
            "openssl", "s_server", "-accept", str(TRANSPORT_PORT), "-cert", f"{where}/peer.pem", "-key", f"{where}/peer.key",
            "-CAfile", f"{where}/ca.pem", "-Verify", "3", "-verify_return_error", "-tls1_3", "-alpn", "h2", "-quiet",
        ], PROXY_CPU, PROXY_UID)
        network.wait_for_listener(server, TRANSPORT_PORT)
        return server

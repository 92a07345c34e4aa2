"""How soon a change is in force: the workload `agent`."""

import json
import os
import statistics
import time

import backend
from agent_host import Agent
from network import HTTP_PORT, INBOUND_PORT, OUTBOUND_PORT, PROXY_UID, SERVER, Network
from workload import LOAD_CPU, PROXY_CPU, Workload, spend

TRIALS, QUICK_TRIALS = 200, 20
STARTS, QUICK_STARTS = 11, 3
WEB_PORT, NEW_PORT = 80, 9000
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trials.py")

DENY = """apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: closed, namespace: default }
spec: { selector: { matchLabels: { app: web } }, action: DENY, rules: [{ to: [{ operation: { paths: ["/*"] } }] }] }
"""


class Convergence(Workload):
    """One client asks the same again and again over a kept connection, so that the answer which is the first other one
    is seen within one request of when it could be. The clock starts with the command, its own start included."""

    key = "agent"
    title = "agent: from a command to its effect, and cold start"
    peers = ("weft",)
    is_repeated = False

    def prepare(self, quick):
        trials = QUICK_TRIALS if quick else TRIALS
        self.note = (
            f"{trials} trials of each change, one after another, from the exec of `weft` to the first answer that is "
            "another; client, server, agent and `weft` share one core, the proxy has the other. `register`: a service "
            "that nobody knew, asked for by its name, until its endpoint answers. `apply`: an AuthorizationPolicy, until "
            "requests are answered 403. Cold start: an agent on an empty directory, from exec to READY=1, the median of "
            f"{QUICK_STARTS if quick else STARTS}."
        )

    def run(self, peer, quick):
        trials = QUICK_TRIALS if quick else TRIALS
        figures = {}
        for kind, capture in (("register", "outbound"), ("apply", "inbound")):
            with Network(capture) as network:
                backend.serve(network)
                self.serve_other(network)
                agent = Agent(network, peer.path, LOAD_CPU)
                agent.start()
                start_proxy(network, peer, agent, "app=web")
                port = WEB_PORT if kind == "register" else HTTP_PORT
                arguments = [kind, agent.weft_path, agent.socket, SERVER, port, NEW_PORT, trials, network.file("deny.yaml", DENY)]
                said = spend(network, ["python3", "-S", "-E", PROGRAM] + [str(word) for word in arguments], 600)
                figures[kind] = json.loads(said)
        figures["cold"] = []
        for _ in range(QUICK_STARTS if quick else STARTS):
            with Network() as network:
                agent = Agent(network, peer.path, LOAD_CPU)
                figures["cold"].append(round(agent.start() * 1e9))
        return figures

    def serve_other(self, network):
        """`old` where a name leads that the mesh does not know, `new` at the endpoint that is registered."""
        directory = network.directory
        config = f"""
daemon off; master_process off; worker_processes 1; pid {directory}/other.pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000000; {backend.temporary_paths(f"{directory}/other")}
  server {{ listen {SERVER}:{WEB_PORT}; location / {{ return 200 "old\\n"; }} }}
  server {{ listen {SERVER}:{NEW_PORT}; location / {{ return 200 "new\\n"; }} }}
}}
"""
        path = network.file("other.conf", config)
        nginx = network.start(network.server, ["nginx", "-p", directory, "-e", "stderr", "-c", path], LOAD_CPU)
        network.wait_for_listener(nginx, NEW_PORT)

    def rows(self, names, blocks):
        rows = [["proxy", "from", "to", "p50, ms", "p99, ms"]]
        for name in names:
            run = blocks[0][name][0]
            for kind, cause, effect in (
                ("register", "`weft register`", "first request served at the new endpoint"),
                ("apply", "`weft apply`", "403 enforced"), ("cold", "exec of an empty agent", "serving"),
            ):
                samples = sorted(run[kind])
                p99 = samples[min(len(samples) - 1, len(samples) * 99 // 100)]
                tail = f"{p99 / 1e6:.1f}" if kind != "cold" else f"{samples[-1] / 1e6:.0f} (longest)"
                rows.append([name, cause, effect, f"{statistics.median(samples) / 1e6:.1f}", tail])
        return rows


def start_proxy(network, peer, agent, labels):
    """The proxy that is measured, with the agent's policies in force."""
    arguments = [
        peer.path, "--name", "bench", "--outbound-port", str(OUTBOUND_PORT), "--inbound-ports", str(INBOUND_PORT),
        "--run-directory", network.directory, "--workers", "1", "--log", "none", "--agent", agent.socket,
        "--namespace", "default", "--labels", labels,
    ]
    proxy = network.start(network.captured, arguments, PROXY_CPU, PROXY_UID)
    network.wait_for_listener(proxy, network.proxy_port)
    time.sleep(1)  # what a proxy still does after it listens, it has done
    return proxy

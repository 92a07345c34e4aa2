"""W10: a mesh of 10,000 services, of which a proxy uses a hundred."""

import json
import os
import statistics
import time

import backend
from agent_host import Agent
from convergence import start_proxy
from latency import CLIENT, SEED, build_client
from measure import Cost, memory
from network import CLIENT as CLIENT_ADDRESS, DIRECT_PORT, HTTP_PORT, PROXY_UID, SERVER, BenchError, Network, last_words
from workload import LOAD_CPU, PROXY_CPU, Workload, spend

SERVICES, USED = 10_000, 100
STRIDE = SERVICES // USED  # every hundredth is used, so that each second's change has two of them
CHANGED = SERVICES // 50  # services that change in a second, one of two endpoints each: 1 % of all endpoints
PART = 500  # documents applied together while the mesh is filled
RATE, CONNECTIONS = 8_000, 64  # requests a second, well under what the proxy carries
WARM_MS, COUNTED_MS, QUICK_COUNTED_MS = 1_000, 8_000, 3_000
BLOCKS, QUICK_BLOCKS = 4, 1
CONTROL_PORT = 15090  # HAProxy's, which hears of no change
IDLE_SECONDS = 5  # of churn without load, for what it costs the proxy itself
HERE = os.path.dirname(os.path.abspath(__file__))


class TenThousand(Workload):
    key = "W10"
    title = f"W10 {SERVICES:,} services"
    peers = ("weft",)
    is_repeated = False

    def prepare(self, quick):
        build_client()
        self.note = (
            f"{SERVICES:,} ServiceEntries of two endpoints each, applied on one host; the proxy uses {USED} of them. "
            f"Start: after kill -9, from exec until `weft services` has listed all. Churn: each second one endpoint of "
            f"{CHANGED} services comes, goes or moves, 1 % of all, and two of these services are the proxy's. Latency: "
            f"{RATE:,} requests a second to one of its services, Poisson arrivals over {CONNECTIONS} connections, by turns "
            f"without and with churn, as long through a HAProxy on the proxy's core, which hears of no change, and past both (ABBA, {QUICK_BLOCKS if quick else BLOCKS} blocks). "
            "Of two cores the proxy has one and all else the other, where churn and the agent give way to client and server (SCHED_IDLE), as if they "
            "had a third."
        )

    def run(self, peer, quick):
        with Network("outbound") as network:
            backend.serve(network)
            agent = Agent(network, peer.path, LOAD_CPU)
            agent.start()
            figures = {"filled_s": self.fill(network, agent), "agent_filled": memory(agent.program.pid)}
            agent.kill()
            start = time.monotonic()
            figures["ready_s"] = agent.start()
            self.verify(agent)
            figures["start_s"] = time.monotonic() - start
            figures["agent_started"] = memory(agent.program.pid)
            proxy = start_proxy(network, peer, agent, "app=client")
            figures["proxy_idle"] = memory(proxy.pid)
            self.use(network)
            figures["proxy_used"] = memory(proxy.pid)
            agent.give_way()
            self.start_control(network)
            files = self.changes(network)
            with Cost(proxy.pid) as cost:
                self.finish(self.churn(network, agent, files[:IDLE_SECONDS]))
                time.sleep(2)  # the last is put into force, and its code given back
            figures["churn_cpu_ns"] = cost.ns / IDLE_SECONDS
            files = files[IDLE_SECONDS:] + files[:IDLE_SECONDS]
            figures["blocks"] = self.latencies(network, agent, files, quick)
            figures["proxy_churned"], figures["agent_churned"] = memory(proxy.pid), memory(agent.program.pid)
            return figures

    def fill(self, network, agent):
        """Seconds until all is applied."""
        start = time.monotonic()
        for first in range(0, SERVICES, PART):
            agent.weft("apply", "-f", documents(network, "part.json", range(first, first + PART), moved=False))
        return time.monotonic() - start

    def verify(self, agent):
        listed = agent.weft("services").count("\n")
        if listed < SERVICES:
            raise BenchError(f"after its start the agent lists {listed} lines of services, not {SERVICES}")

    def use(self, network):
        hosts = ",".join(name(index) for index in range(0, SERVICES, STRIDE))
        spend(network, ["python3", "-S", "-E", f"{HERE}/use.py", SERVER, str(HTTP_PORT), hosts], 60)
        time.sleep(2)  # what a proxy gives back when idle, it has given back

    def changes(self, network):
        """Files of 2 % of the services each; once round they are moved, and the next time they are back."""
        return [
            documents(network, f"{'moved' if moved else 'back'}-{first:05}.json", range(first, first + CHANGED), moved)
            for moved in (True, False) for first in range(0, SERVICES, CHANGED)
        ]

    def start_control(self, network):
        """What the core and the kernel do to the latency of any proxy while the agent and its changes have the other core."""
        path = network.file("control.cfg", f"""
global
  nbthread 1
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen control
  bind {CLIENT_ADDRESS}:{CONTROL_PORT}
  server web {SERVER}:{HTTP_PORT}
""")
        control = network.start(network.client, ["haproxy", "-db", "-q", "-f", path], PROXY_CPU, PROXY_UID)
        network.wait_for_listener(control, CONTROL_PORT)

    def churn(self, network, agent, files):
        words = ["chrt", "--idle", "0", "/usr/bin/python3", "-E", f"{HERE}/churn.py", agent.socket]
        return network.start(network.server, words + files, LOAD_CPU)

    def finish(self, churn):
        """Milliseconds that each change took."""
        if churn.wait(120) != 0:
            raise BenchError(f"a change was not taken: {last_words(churn)}")
        return json.loads(last_words(churn))

    def latencies(self, network, agent, files, quick):
        counted_ms = QUICK_COUNTED_MS if quick else COUNTED_MS
        seconds = 3 * ((WARM_MS + counted_ms) // 1000 + 1)
        blocks = []
        for _ in range(QUICK_BLOCKS if quick else BLOCKS):
            block = {f"{way}{kind}": [] for way in ("", "control ", "direct ") for kind in ("quiet", "churn")}
            for kind in ("quiet", "churn", "churn", "quiet"):
                churn = None
                if kind == "churn":
                    churn = self.churn(network, agent, files[:seconds])
                    files = files[seconds:] + files[:seconds]
                block[kind].append(self.ask(network, SERVER, HTTP_PORT, counted_ms))
                block[f"control {kind}"].append(self.ask(network, CLIENT_ADDRESS, CONTROL_PORT, counted_ms))
                block[f"direct {kind}"].append(self.ask(network, SERVER, DIRECT_PORT, counted_ms))
                if churn:
                    block[kind][-1]["apply_ms"] = self.finish(churn)
            blocks.append(block)
        return blocks

    def ask(self, network, address, port, counted_ms):
        asked = [address, port, CONNECTIONS, RATE, WARM_MS, counted_ms, SEED, "/"]
        said = spend(network, [CLIENT] + [str(word) for word in asked], 60)
        count, p50, p99, late = (int(word) for word in said.split())
        return {"count": count, "p50_ns": p50, "p99_ns": p99, "late_p99_ns": late}

    def rows(self, names, blocks):
        rows = [["proxy", "figure", "measured", "target"]]
        for one in names:
            run = blocks[0][one][0]
            ratios, control_ratios = (
                [p99(block[f"{way}churn"]) / p99(block[f"{way}quiet"]) for block in run["blocks"]] for way in ("", "control "))
            quiet, churn, control_quiet, control_churn, direct_quiet, direct_churn = (
                statistics.median(p99(block[f"{way}{kind}"]) / 1000 for block in run["blocks"])
                for way in ("", "control ", "direct ") for kind in ("quiet", "churn")
            )
            late = {kind: statistics.median(side["late_p99_ns"] / 1000 for block in run["blocks"] for side in block[kind])
                    for kind in ("quiet", "churn")}
            applies = [ms for block in run["blocks"] for result in block["churn"] for ms in result["apply_ms"]]
            rows += [[one, *row] for row in (
                ["agent: start to serving, s", f"{run['start_s']:.2f}", "≤ 3"],
                ["agent: RSS after that start, MB", f"{run['agent_started'][0] / 1e6:.0f}", "≤ 200"],
                ["agent: RSS after the churn, MB", f"{run['agent_churned'][0] / 1e6:.0f}", "≤ 200"],
                ["agent: all services applied, s", f"{run['filled_s']:.1f}", ""],
                [f"one change of {CHANGED} among them, taken within ms", f"{statistics.median(applies):.0f}", ""],
                ["proxy: RSS before it uses any, MB", f"{run['proxy_idle'][0] / 1e6:.1f}", ""],
                [f"proxy: RSS, anonymous with {USED}, MB", both(run["proxy_used"]), "≤ 14, ≤ 5"],
                ["proxy: RSS, anonymous after the churn, MB", both(run["proxy_churned"]), "≤ 14, ≤ 5"],
                ["proxy: CPU for a second of churn, ms", f"{run['churn_cpu_ns'] / 1e6:.1f}", ""],
                ["p99 of how late the client itself was without churn, µs", f"{late['quiet']:,.0f}", ""],
                ["and with churn, µs (beyond 1,000 its core was busy, and the p99 below is not the proxy's)", f"{late['churn']:,.0f}", ""],
                ["p99 without churn, µs", f"{quiet:,.0f}", ""],
                ["p99 with churn, µs", f"{churn:,.0f}", ""],
                ["HAProxy on the proxy's core: p99 without churn, µs", f"{control_quiet:,.0f}", ""],
                ["and with churn, µs", f"{control_churn:,.0f}", ""],
                ["past both, straight to the server: p99 without churn, µs", f"{direct_quiet:,.0f}", ""],
                ["and with churn, µs (what the core of client and server itself adds)", f"{direct_churn:,.0f}", ""],
                ["HAProxy's p99 with / without, which is the machine's part", ranged(control_ratios), ""],
                ["p99 with / without", ranged(ratios), "≤ 1.10"],
            )]
        return rows


def name(index):
    return "web" if index == 0 else f"s{index:05}"


def entry(index, moved):
    """A service of two endpoints. Those of used ones are two ports of the server, of which one comes and goes."""
    if index % STRIDE == 0:
        endpoints = [{"address": SERVER}] + ([] if moved else [{"address": SERVER, "ports": {"http": DIRECT_PORT}}])
    else:
        # RFC 2544's range: nobody ever asks for these.
        high, low = divmod(index, 250)
        endpoints = [{"address": f"198.18.{high}.{low + 1}"}, {"address": f"198.18.{high + 100 + 50 * moved}.{low + 1}"}]
    return {
        "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
        "metadata": {"name": name(index), "namespace": "default"},
        "spec": {
            "hosts": [f"{name(index)}.default.mesh"], "resolution": "STATIC", "endpoints": endpoints,
            "ports": [{"number": HTTP_PORT, "name": "http", "protocol": "HTTP"}],
        },
    }


def documents(network, file, indices, moved):
    items = [entry(index, moved) for index in indices]
    return network.file(file, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def p99(results):
    return statistics.mean(result["p99_ns"] for result in results)


def ranged(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def both(pair):
    return f"{pair[0] / 1e6:.1f}, {pair[1] / 1e6:.1f}"

"""Entry of scripts/bench: options, the order of runs, and what happens on interrupt."""

import argparse
import json
import os
import signal
import sys

import peers as peer_list
import report
import workloads
from network import BenchError, sweep_dead_runs

PEERS = ["weft", "haproxy", "envoy", "redsocks"]
FULL_BLOCKS, QUICK_BLOCKS = 5, 2
RESULT = ".build/bench/result.json"


def options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=True)
    parser.add_argument("workloads", nargs="*", metavar="W1|W2|W3|W8", help="default: all")
    parser.add_argument("--quick", action="store_true", help="two short blocks; docs/benchmarks.md stays as it is")
    parser.add_argument("--blocks", type=int, help=f"default: {FULL_BLOCKS}, or {QUICK_BLOCKS} with --quick")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"default: {','.join(PEERS)}; the first is compared with the rest")
    parser.add_argument("--weft", default=".build/release/weft-proxy", metavar="PATH", help="a weft-proxy built already")
    parser.add_argument("--no-docs", action="store_true", help="print the tables only")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    for name in chosen.workloads:
        if name not in workloads.ALL:
            parser.error(f"'{name}' is no workload: {', '.join(workloads.ALL)}")
    chosen.peers = chosen.peers.split(",")
    for name in chosen.peers:
        if name not in PEERS:
            parser.error(f"'{name}' is no peer: {', '.join(PEERS)}")
    if chosen.blocks is None:
        chosen.blocks = QUICK_BLOCKS if chosen.quick else FULL_BLOCKS
    if not 1 <= chosen.blocks <= 100:
        parser.error("--blocks is from 1 to 100")
    if os.cpu_count() < 2:
        parser.error("two cores are needed: one for the proxy, one for the load")
    return chosen


def measure(workload, proxies, blocks, quick):
    """ABBA: every block runs the proxies forwards and backwards, so that drift hits all alike."""
    results = []
    for number in range(blocks):
        block = {proxy.name: [] for proxy in proxies}
        for proxy in proxies + proxies[::-1]:
            block[proxy.name].append(workload.run(proxy, quick))
            print(".", end="", flush=True, file=sys.stderr)
        results.append(block)
    print(file=sys.stderr)
    return results


def main():
    chosen = options(sys.argv[1:])
    if chosen.check:
        return
    sweep_dead_runs()
    proxies = [peer_list.find(name, chosen.weft) for name in chosen.peers]
    versions = [proxy.version() for proxy in proxies]
    command = "scripts/bench" + "".join(f" {word}" for word in sys.argv[1:])
    sections, everything = [], {"command": command, "versions": versions, "workloads": {}}
    for name in chosen.workloads or workloads.ALL:
        for workload in workloads.ALL[name]:
            print(f"{workload.title}: {chosen.blocks} blocks of {len(proxies) * 2} runs", file=sys.stderr)
            blocks = measure(workload, proxies, chosen.blocks, chosen.quick)
            everything["workloads"][workload.key] = blocks
            body = report.table(workload, chosen.peers, blocks)
            print(f"\n{workload.title}\n\n{body}\n", flush=True)
            sections.append((workload.title, f"{report.provenance(command, chosen.blocks, versions)}\n\n{body}"))
    os.makedirs(os.path.dirname(RESULT), exist_ok=True)
    with open(RESULT, "w") as file:
        json.dump(everything, file, indent=1)
    if not chosen.quick and not chosen.no_docs:
        report.write_sections("docs/benchmarks.md", sections)
        print("written: docs/benchmarks.md", file=sys.stderr)


def interrupted(number, _):
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, interrupted)  # also where a shell started us with it ignored
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    sys.dont_write_bytecode = True
    try:
        main()
    except BenchError as error:
        sys.exit(f"weft-bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

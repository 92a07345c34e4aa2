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

FULL_BLOCKS, QUICK_BLOCKS = 5, 2
RESULT = ".build/bench/result.json"


def options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=True)
    parser.add_argument(
        "workloads", nargs="*", metavar="|".join(workloads.ALL), help="or one table of it, as W4/full; default: all")
    parser.add_argument("--quick", action="store_true", help="two short blocks; docs/benchmarks.md stays as it is")
    parser.add_argument("--blocks", type=int, help=f"default: {FULL_BLOCKS}, or {QUICK_BLOCKS} with --quick")
    parser.add_argument(
        "--peers", help=f"of {','.join(peer_list.NAMES)}, where they know the workload; the first is compared with all")
    parser.add_argument("--weft", default=".build/release/weft-proxy", metavar="PATH", help="a weft-proxy built already")
    parser.add_argument(
        "--before", metavar="PATH", help="another weft-proxy build, with its weft beside it: the peer 'before'; no docs")
    parser.add_argument("--no-docs", action="store_true", help="print the tables only")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    for name in chosen.workloads:
        if not workloads.find(name):
            keys = [workload.key for group in workloads.ALL.values() for workload in group]
            parser.error(f"'{name}' is no workload: {', '.join(dict.fromkeys([*workloads.ALL, *keys]))}")
    chosen.peers = chosen.peers.split(",") if chosen.peers else None
    for name in chosen.peers or []:
        if name not in peer_list.NAMES:
            parser.error(f"'{name}' is no peer: {', '.join(peer_list.NAMES)}")
    if "before" in (chosen.peers or []) and not chosen.before:
        parser.error("the peer 'before' needs --before PATH")
    if chosen.before and chosen.peers and "before" not in chosen.peers:
        chosen.peers.append("before")
    if chosen.blocks is None:
        chosen.blocks = QUICK_BLOCKS if chosen.quick else FULL_BLOCKS
    if not 1 <= chosen.blocks <= 100:
        parser.error("--blocks is from 1 to 100")
    if os.cpu_count() < 2:
        parser.error("two cores are needed: one for the proxy, one for the load")
    return chosen


def measure(workload, proxies, blocks, quick):
    """ABBA: every block runs the proxies forwards and backwards, so that drift hits all alike."""
    order = proxies + proxies[::-1] if workload.is_repeated else proxies
    results = []
    for number in range(blocks):
        block = {proxy.name: [] for proxy in proxies}
        for done, proxy in enumerate(order, number * len(order) + 1):
            print(f"  {done} of {blocks * len(order)}: {proxy.name}", file=sys.stderr)
            block[proxy.name].append(workload.run(proxy, quick))
        results.append(block)
    return results


def compare(workload, chosen, command):
    """Runs one workload and returns its blocks and its section of the page; None where no peer asked for knows it."""
    known = (*workload.peers, "before") if chosen.before else workload.peers
    names = [name for name in chosen.peers or known if name in known]
    if not names:
        return None
    proxies = [peer_list.find(name, chosen.before if name == "before" else chosen.weft) for name in names]
    print(f"{workload.title}: {', '.join(names)}", file=sys.stderr)
    workload.prepare(chosen.quick)
    blocks = chosen.blocks if workload.is_repeated else 1
    results = measure(workload, proxies, blocks, chosen.quick)
    body = "\n\n".join(filter(None, [workload.note, report.table(workload, names, results)]))
    print(f"\n{workload.title}\n\n{body}\n", flush=True)
    versions = [proxy.version() for proxy in proxies]
    runs = f"{blocks} blocks, each proxy twice a block" if workload.is_repeated else "each proxy once"
    return results, f"{report.provenance(command, runs, versions)}\n\n{body}"


def main():
    chosen = options(sys.argv[1:])
    if chosen.check:
        return
    sweep_dead_runs()
    # A path of this machine says nothing to the reader of the page.
    here = os.getcwd() + "/"
    command = "scripts/bench" + "".join(f" {word.removeprefix(here)}" for word in sys.argv[1:])
    everything = {"command": command, "workloads": {}}
    os.makedirs(os.path.dirname(RESULT), exist_ok=True)
    for workload in [found for name in chosen.workloads or workloads.ALL for found in workloads.find(name)]:
        compared = compare(workload, chosen, command)
        if not compared:
            continue
        # Written after each workload: a long run that ends early has not been for nothing.
        everything["workloads"][workload.key], section = compared
        with open(RESULT, "w") as file:
            json.dump(everything, file, indent=1)
        if not (chosen.quick or chosen.no_docs or chosen.before):
            report.write_sections("docs/benchmarks.md", [(workload.title, section)])
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

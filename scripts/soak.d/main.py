"""Entry of scripts/soak: options, and what happens on interrupt."""

import argparse
import os
import signal
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench.d"))  # network, measure, agent_host

import agent_soak
import proxy_soak
from network import BenchError, sweep_dead_runs
from verdicts import Verdicts

# A million requests show a leak of four bytes each; with a sanitizer they are counted only.
REQUESTS = {"address": 20_000, "thread": 20_000, "none": 1_000_000}


def options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/soak")
    parser.add_argument("--minutes", type=float, default=5, help="of mixed traffic; default: 5")
    parser.add_argument("--sanitizer", choices=tuple(REQUESTS), default="address")
    parser.add_argument("--requests", type=int, help="counted one by one after the mix; default: a million, or 20,000")
    parser.add_argument("--seed", type=int, default=1, help="of what the clients do; default: 1")
    parser.add_argument("--agent", action="store_true", help="soak weft-agent instead")
    parser.add_argument("--programs", metavar="DIRECTORY", help="with the programs, built already")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if not 0.5 <= chosen.minutes <= 10_000:
        parser.error("--minutes is from 0.5 to 10000")
    chosen.requests = chosen.requests or REQUESTS[chosen.sanitizer]
    if not 1000 <= chosen.requests <= 10**10:
        parser.error("--requests is from 1000 on")
    return chosen


def main():
    chosen = options(sys.argv[1:])
    if chosen.check:
        print(chosen.sanitizer)
        return
    sweep_dead_runs()
    verdicts = Verdicts()
    (agent_soak if chosen.agent else proxy_soak).soak(chosen, verdicts)
    verdicts.finish()


def interrupted(number, _):
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)  # also where a shell started us with it ignored
    try:
        main()
    except BenchError as error:
        sys.exit(f"weft-soak: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

"""The soak of two proxies, and what must hold at its end."""

import re
import signal
import subprocess
import time

import manners
from counters import Counters
from documents import WEB
from measure import memory
from network import BenchError, last_words
from scene import ANY_CPU, DRAIN_S, SANITIZER_EXIT, Proxy, Scene
from traffic import Mix

# Connections to servers are kept idle for 55 s (UpstreamLimit.idleTicks). A client that goes without an answer is missed within
# 5.25 s (InquiryLimit), and what is left of the limit is a sanitizer's on a busy machine.
QUIET_LIMIT_S = 90
# Of what the allocator keeps in another order than before; a leak of 4 bytes a request is 4 MB over a million.
GROWTH_LIMIT_BYTES = 3 << 20
COUNTED_CONNECTIONS = 32
COUNTED_LIMIT_S = 3600
REMARKS_BYTES, SHOWN = 1 << 20, 8
# Connections that are between two requests get a reset from who ends; the rest is over at once.
END_LIMIT_S = DRAIN_S + 30


def soak(chosen, verdicts):
    with Scene(chosen.programs, chosen.sanitizer) as scene:
        front = Proxy(scene, "front", scene.client, "app=client")
        back = Proxy(scene, "back", scene.server, "app=server")
        proxies = [front, back]
        try:
            all_of_it(chosen, verdicts, scene, proxies)
        finally:
            report = scene.found()
            if verdicts.failed or report or any(proxy.program.poll() != 0 for proxy in proxies):
                for proxy in proxies:
                    print(f"--- {proxy.name}, last words\n{remarks(proxy.program)}")
                print(f"--- reports\n{report}")


def all_of_it(chosen, verdicts, scene, proxies):
    half_s = chosen.minutes * 30
    first = Mix(scene, proxies)
    first.run(half_s, chosen.seed, replacing=True)
    verdicts.say("no answer was wrong, over replacements", first.wrong, counts(first))
    verdicts.say(
        f"nothing broke but within {len(first.replacements)} replacements", first.unexcused(), f"{len(first.broken)} within")
    verdicts.say("replaced proxies drained and ended well", drained(proxies))
    settled(verdicts, proxies, "after replacements")
    before = {proxy.name: memory(proxy.program.pid) for proxy in proxies}

    second = Mix(scene, proxies)
    second.run(half_s, chosen.seed + 100, replacing=False)
    verdicts.say("no answer was wrong", second.wrong, counts(second))
    verdicts.say("nothing broke", second.unexcused())
    missing = [name for name in manners.ALL if not any(key.startswith(f"{name}: ") for key in second.counts)]
    verdicts.say("every manner was met", [f"not {name}: run it longer" for name in missing])
    scene.put("plain")
    settled(verdicts, proxies, "after the mix")

    counted(chosen, verdicts, scene, proxies)
    settled(verdicts, proxies, "at the end")
    for proxy in proxies:
        refused = Counters(proxy.admin("/metrics")).sum("weft_snapshot_rejects_total")
        verdicts.say(f"{proxy.name}: broken snapshots were refused", [] if refused else ["none was"], str(refused))
    if chosen.sanitizer == "none":
        for proxy in proxies:
            grown = [now - was for now, was in zip(memory(proxy.program.pid), before[proxy.name])]
            detail = f"{grown[1] / 1e3:.0f} KB of {before[proxy.name][1] / 1e6:.1f} MB anonymous, {grown[0] / 1e3:.0f} KB resident"
            bad = [f"beyond {GROWTH_LIMIT_BYTES} bytes"] if grown[1] > GROWTH_LIMIT_BYTES else []
            verdicts.say(f"{proxy.name}: memory did not grow", bad, detail)
    verdicts.say("both end well", ends(proxies))
    report = scene.found()
    verdicts.say(f"no report of the sanitizer ({chosen.sanitizer})", [f"{len(report)} bytes, below"] if report else [])
    print(f"{first.requests + second.requests + chosen.requests:,} requests and connections, {first.swaps + second.swaps} snapshots")


def remarks(program):
    """What a proxy said lately that is not about one connection or request."""
    lines = [line for line in last_words(program, REMARKS_BYTES).splitlines() if "WEFT_CONNECTION_ID" not in line]
    return "\n".join(lines[-SHOWN:])


def counts(mix):
    return ", ".join(f"{what} {count}" for what, count in sorted(mix.counts.items()))


def drained(proxies):
    """Each process that was replaced has ended, by itself, with 0."""
    bad = []
    for proxy in proxies:
        for program in proxy.replaced:
            try:
                code = program.wait(END_LIMIT_S)
                if code != 0:
                    bad.append(f"{proxy.name}: exit {code}{' (the sanitizer)' if code == SANITIZER_EXIT else ''}")
            except subprocess.TimeoutExpired:
                bad.append(f"{proxy.name}: still there after {END_LIMIT_S} s")
    return bad


def settled(verdicts, proxies, when):
    """With nothing under way, descriptors are as at the start and the counters agree."""
    for proxy in proxies:
        deadline = time.monotonic() + QUIET_LIMIT_S
        while True:
            disagreements = Counters(proxy.admin("/metrics")).disagreements()
            count = proxy.descriptors()
            if (not disagreements and count <= proxy.base) or time.monotonic() > deadline:
                break
            time.sleep(0.5)  # no event tells of another process's descriptors
        grown = [] if count <= proxy.base else [f"{count}, and {proxy.base} at the start"]
        verdicts.say(f"{proxy.name}: descriptors are back {when}", grown, str(count))
        verdicts.say(f"{proxy.name}: counters agree {when}", disagreements)


def counted(chosen, verdicts, scene, proxies):
    """An exact number of requests: both proxies count as many, and all are answered."""
    before = [Counters(proxy.admin("/metrics")) for proxy in proxies]
    load = scene.start(scene.client, [
        "h2load", "--h1", "-n", str(chosen.requests), "-c", str(COUNTED_CONNECTIONS), f"http://{WEB}/counted"], ANY_CPU)
    deadline, swaps = time.monotonic() + COUNTED_LIMIT_S, 0
    while load.poll() is None:
        if time.monotonic() > deadline:
            raise BenchError(f"h2load does not end: {last_words(load)}")
        # No mirror here, whose copies would be counted too.
        scene.put(("plain", "broken")[swaps % 2])
        swaps += 1
        time.sleep(2)
    said = last_words(load)
    answered = re.search(r"(\d+) 2xx", said)
    bad = [] if answered and int(answered[1]) == chosen.requests else [said]
    for proxy, was, direction in zip(proxies, before, ("outbound", "inbound")):
        now = Counters(proxy.admin("/metrics"))
        for name in ("request_total", "response_total", "weft_requests_ended_total"):
            more = now.sum(name, direction=direction) - was.sum(name, direction=direction)
            if more != chosen.requests:
                bad.append(f"{proxy.name}: {name} {direction} grew by {more}")
    verdicts.say(f"{chosen.requests:,} requests were answered and counted, over {swaps} snapshots", bad)


def ends(proxies):
    bad = []
    for proxy in proxies:
        proxy.program.send_signal(signal.SIGTERM)
    for proxy in proxies:
        try:
            code = proxy.program.wait(END_LIMIT_S)
            if code != 0:
                bad.append(f"{proxy.name}: exit {code}{' (the sanitizer)' if code == SANITIZER_EXIT else ''}")
        except subprocess.TimeoutExpired:
            bad.append(f"{proxy.name}: still there {END_LIMIT_S} s after SIGTERM")
    return bad

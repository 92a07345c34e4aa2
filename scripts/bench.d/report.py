"""Turns the runs into tables, and puts those into docs/benchmarks.md: each workload's section is replaced whole."""

import datetime
import os
import platform
import re
import statistics

HEAD = """# Benchmarks

Written by `scripts/bench`; edit nothing here, run it again. Each section says when and where it was measured.

**Method** (shared by all sections). Two network namespaces joined by a veth pair; TCP that leaves the client's is
redirected to the proxy by iptables REDIRECT. The proxy is bound to one core, client and server to another; every proxy
has one worker. Every run has fresh namespaces and a fresh proxy. A block runs the proxies in one order and then in the
reverse one (ABBA); a figure is the median over blocks, and a ratio is the median of the blocks' own ratios, so a
machine that drifts between blocks does not move it. CPU is the proxy process's own clock (all threads, user and system,
nanoseconds, `clock_getcpuclockid(3)`) over the units that the server counted. Machines differ: read the ratios.

weft-proxy: `--workers 1 --log none`; the peers write no log either. HAProxy: `mode tcp`, `nbthread 1`, `option
transparent`, `option splice-auto` for bulk. Envoy: `tcp_proxy` on an ORIGINAL_DST cluster, `--concurrency 1`. redsocks
only speaks to a SOCKS server, so microsocks stands beside the real server (its CPU is not counted, and it bounds the
throughput); redsocks' handshakes with it are part of its figure. Its splicing is off in W8 only: two pipes a connection
would exceed the descriptors a process may have here.
"""


def cpu_rows(workload, names, blocks):
    def mean(block, name):
        return statistics.mean(run["cpu_ns"] for run in block[name])

    rows = []
    for name in names:
        ratios = [mean(block, names[0]) / mean(block, name) for block in blocks]
        figure = statistics.median(mean(block, name) for block in blocks) / workload.scale
        speed = statistics.median(run["per_second"] for block in blocks for run in block[name])
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}" if name != names[0] else ""
        ratio = f"{statistics.median(ratios):.2f}" if name != names[0] else "1"
        rows.append([name, f"{figure:.1f}", ratio, spread, f"{speed:,.0f}" if speed > 100 else f"{speed:.2f}"])
    return [["proxy", workload.column, f"{names[0]} / proxy", "range", f"{workload.unit}s a second"]] + rows


def memory_rows(names, blocks):
    def median(name, key):
        return statistics.median(run[key] for block in blocks for run in block[name])

    head = ["proxy", "idle RSS, MB", "of it anonymous, MB", "RSS with 8,000, MB", "RSS per connection, bytes", "anonymous per connection, bytes"]
    rows = [
        [name] + [f"{median(name, key) / 1e6:.1f}" for key in ("rss", "anonymous", "rss_full")]
        + [f"{median(name, key):,.0f}" for key in ("rss_per_connection", "anonymous_per_connection")]
        for name in names
    ]
    return [head] + rows


def table(workload, names, blocks):
    rows = memory_rows(names, blocks) if workload.key == "W8" else cpu_rows(workload, names, blocks)
    rows.insert(1, ["---"] + ["--:"] * (len(rows[0]) - 1))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def provenance(command, blocks, versions):
    with open("/proc/cpuinfo") as cpuinfo:
        model = re.search(r"model name\s*: (.*)", cpuinfo.read())
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with open("/etc/os-release") as release:
        system = re.search(r'PRETTY_NAME="(.*)"', release.read())
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{now}; {blocks} blocks, each proxy twice a block; `{command}`.  \n"
        f"{os.cpu_count()} cores {model.group(1) if model else platform.machine()}, {memory_gib:.0f} GiB; "
        f"{system.group(1) if system else 'Linux'}, kernel {platform.release()}.  \n{'; '.join(versions)}."
    )


def write_sections(path, sections):
    """Replaces or adds `## KEY ...` sections and keeps the rest, in the order of their keys."""
    try:
        with open(path) as file:
            found = re.split(r"^(?=## )", file.read(), flags=re.M)[1:]
    except FileNotFoundError:
        found = []
    kept = {text.split("\n")[0]: text for text in found}
    for title, body in sections:
        kept[f"## {title}"] = f"## {title}\n\n{body}\n"
    with open(path, "w") as file:
        file.write(HEAD + "\n" + "\n".join(kept[title].rstrip() + "\n" for title in sorted(kept)))

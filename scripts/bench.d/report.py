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

HTTP (W4, W5). nginx answers each GET with 150 bytes; wrk keeps every connection busy. `plain`: capture on the way out
of the client's namespace, proxying and nothing else. `full`: host `web` and path `/api/` choose the route, a policy
allows GET below `/api/` from the client's network and nothing else, the server gets x-request-id, traceparent and
x-forwarded-for, requests are counted; a probe before each run proves the headers and the refusals. Policy is evaluated
where requests arrive, so `full` is captured on the way into the server's namespace, for every proxy alike, and one
process does all of it. Peers: HAProxy `mode http`, `http-reuse always`; Envoy's connection manager and router,
ORIGINAL_DST, RBAC; nginx `proxy_pass` with 256 kept connections, which takes the place of redsocks and is told its one
upstream, as it cannot ask for the original destination. Where a choice was open it was made in the peer's favour
(`scripts/bench.d/http_peers.py`). W5 asks with wrk's one header and with 30 more by turns; the growth per header is the
difference over 30. Latency: an open loop of our own (`scripts/bench.d/paced.swift`) sends the same Poisson arrivals to
the server around the proxy and through it, and the difference is what the proxy adds; a proxy that cannot carry the
rate shows its queue. Instructions per request are not reported: virtual machines such as this have no counter for them.

Pairs (W6, W7). One proxy takes what leaves the client's namespace, the other stands before the server in its namespace;
between them TLS 1.3 with a P-256 certificate on both sides, and HTTP/2. Both of a pair share one core, with a worker each, and
their CPU is added up. weft-proxy has its identities and the service from an agent, and judges and counts as in any mesh;
HAProxy (`http-reuse always`) and Envoy (router alone, no request ids, no access log) do nothing that they need not
(`scripts/bench.d/pairs.py`).
"""


def cpu_rows(workload, names, blocks):
    """One row a proxy: the median over blocks, and the median of the blocks' ratios to the first proxy's."""
    rows = []
    for name in names:
        figure = statistics.median(mean(block, name, "cpu_ns") for block in blocks) / workload.scale
        speed = statistics.median(run["per_second"] for block in blocks for run in block[name])
        speed = f"{speed:,.0f}" if speed > 100 else f"{speed:.2f}"
        rows.append([name, f"{figure:.1f}", *ratio(names, name, blocks, "cpu_ns"), speed])
    return [["proxy", workload.column, f"{names[0]} / proxy", "range", f"{workload.unit}s a second"]] + rows


def case_rows(workload, names, blocks, label):
    """`cpu_rows` for runs that hold several cases, one below the other; `label` heads the column that names them."""
    rows = []
    for case in workload.loads:
        of_case = [{name: [run[case] for run in block[name]] for name in names} for block in blocks]
        head, *body = cpu_rows(workload, names, of_case)
        rows += [[row[0], case] + row[1:] for row in body]
    return [[head[0], label] + head[1:]] + rows


def mean(block, name, key):
    return statistics.mean(run[key] for run in block[name])


def ratio(names, name, blocks, key):
    """[median, range] of the blocks' ratios of the first proxy to this one; dashes where a figure is not above zero."""
    if name == names[0]:
        return ["1", ""]
    pairs = [(mean(block, names[0], key), mean(block, name, key)) for block in blocks]
    if any(below <= 0 for pair in pairs for below in pair):
        return ["–", ""]
    ratios = [first / other for first, other in pairs]
    return [f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}"]


def medians(names, blocks, columns):
    """One row a proxy of medians over all runs. A column is (head, key, divisor, format)."""
    rows = [["proxy"] + [head for head, *_ in columns]]
    for name in names:
        row = [name]
        for _, key, divisor, shape in columns:
            row.append(format(statistics.median(run[key] for block in blocks for run in block[name]) / divisor, shape))
        rows.append(row)
    return rows


def added_latency(names, blocks):
    """Of runs that measured the same arrivals past the proxy and through it."""
    rows = medians(names, blocks, [
        ("direct p50, µs", "direct_p50_ns", 1000, ",.0f"), ("added p50, µs", "added_p50_ns", 1000, ",.0f"),
        ("direct p99, µs", "direct_p99_ns", 1000, ",.0f"), ("added p99, µs", "added_p99_ns", 1000, ",.0f"),
    ])
    rows[0] += [f"{names[0]} / proxy (p99)", "range"]
    return rows[:1] + [row + ratio(names, row[0], blocks, "added_p99_ns") for row in rows[1:]]


def idle_rows(names, blocks):
    return medians(names, blocks, [
        ("idle RSS, MB", "rss", 1e6, ".1f"), ("of it anonymous, MB", "anonymous", 1e6, ".1f"),
        ("RSS with 8,000, MB", "rss_full", 1e6, ".1f"), ("RSS per connection, bytes", "rss_per_connection", 1, ",.0f"),
        ("anonymous per connection, bytes", "anonymous_per_connection", 1, ",.0f"),
    ])


def table(workload, names, blocks):
    rows = workload.rows(names, blocks)
    rows.insert(1, ["---"] + ["--:"] * (len(rows[0]) - 1))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def provenance(command, runs, versions):
    with open("/proc/cpuinfo") as cpuinfo:
        model = re.search(r"model name\s*: (.*)", cpuinfo.read())
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with open("/etc/os-release") as release:
        system = re.search(r'PRETTY_NAME="(.*)"', release.read())
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{now}; {runs}; `{command}`.  \n"
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

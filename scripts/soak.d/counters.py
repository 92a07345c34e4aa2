"""A proxy's counters, and the sums that must agree once nothing is under way."""

import re

SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (-?[0-9]+(?:\.[0-9]+)?)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Counters:
    def __init__(self, text):
        self.samples = []
        for line in text.splitlines():
            if found := SAMPLE.match(line):
                self.samples.append((found[1], dict(LABEL.findall(found[2] or "")), float(found[3])))

    def sum(self, name, **labels):
        return int(sum(
            value for sample, has, value in self.samples
            if sample == name and all(has.get(key) == wanted for key, wanted in labels.items())))

    def disagreements(self):
        """What does not add up, a sentence each."""
        found = []

        def agree(what, left, right):
            if left != right:
                found.append(f"{what}: {left} and {right}")

        for direction in ("inbound", "outbound"):
            of = {"direction": direction}
            agree(
                f"{direction} requests, by method and by end", self.sum("request_total", **of),
                self.sum("weft_requests_ended_total", **of))
            agree(
                f"{direction} answers, by class and by latency", self.sum("response_total", **of),
                self.sum("response_latency_ms_count", **of))
            if self.sum("response_total", **of) > self.sum("request_total", **of):
                found.append(f"{direction}: more answers than requests")
            for peer in ("src", "dst"):
                agree(
                    f"{direction} connections of {peer}, opened and closed", self.sum("tcp_open_total", peer=peer, **of),
                    self.sum("tcp_close_total", peer=peer, **of) + self.sum("tcp_open_connections", peer=peer, **of))
                agree(
                    f"{direction} connections of {peer}, closed and timed", self.sum("tcp_close_total", peer=peer, **of),
                    self.sum("tcp_connection_duration_ms_count", peer=peer, **of))
                agree(f"{direction} connections of {peer} open", self.sum("tcp_open_connections", peer=peer, **of), 0)
            # Whoever is turned away is never open. (A handshake that is refused comes later: that one was.)
            turned_away = self.sum("weft_verdicts_total", decision="deny", **of) + self.sum("weft_loops_refused_total", **of)
            agree(
                f"{direction} connections taken or turned away, and ended",
                self.sum("tcp_open_total", peer="src", **of) + turned_away, self.sum("weft_connections_ended_total", **of))
            agree(
                f"{direction} connections closed, and looked into for their protocol",
                self.sum("tcp_close_total", peer="src", **of), self.sum("weft_detected_total", **of))
        return found

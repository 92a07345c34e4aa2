"""What every workload is: one run against one proxy in fresh namespaces, and how its runs become a table."""

import report
from network import BenchError, Network, last_words

LOAD_CPU = 0  # client and server
PROXY_CPU = 1


class Workload:
    """A subclass has a key (`W2/16`), a title, and for a table of CPU time the unit, the column and its nanoseconds."""

    traffic = "requests"  # what the proxies are configured for: requests, bulk, idle, http or http-full (peers.py)
    capture = "outbound"  # where the proxy stands (network.py)
    peers = ("weft", "haproxy", "envoy", "redsocks")
    is_repeated = True  # in blocks; what does not drift with the machine's load is run once
    note = ""  # said above the table

    def prepare(self, quick):
        """Once before all runs."""

    def run(self, peer, quick):
        with Network(self.capture) as network:
            self.serve(network)
            proxy = peer.start(network, PROXY_CPU, self.traffic)
            network.wait_for_listener(proxy, network.proxy_port)
            self.verify(network, peer)
            return self.measure(network, proxy, quick)

    def verify(self, network, peer):
        """BenchError unless the proxy does what it is measured for."""

    def rows(self, names, blocks):
        return report.cpu_rows(self, names, blocks)


def spend(network, arguments, limit):
    """Runs one load program in the client's namespace and returns what it printed."""
    program = network.start(network.client, arguments, LOAD_CPU)
    try:
        code = program.wait(limit)
    except Exception as error:
        raise BenchError(f"{arguments[0]} did not end within {limit} s") from error
    if code != 0:
        raise BenchError(f"{' '.join(arguments)}: exit {code}: {last_words(program)}")
    program.log.seek(0)
    return program.log.read().decode()

"""An agent of one run: started in a namespace, waited for until it says that it serves, and asked with `weft`."""

import os
import signal
import socket
import time

from network import BenchError, last_words, run

START_LIMIT_S = 120  # a start that takes longer is a failure, whatever its target


class Agent:
    """weft-agent and weft lie beside the weft-proxy that is measured."""

    def __init__(self, network, proxy_path, cpu):
        self.network, self.cpu = network, cpu
        self.agent_path, self.weft_path = (
            os.path.join(os.path.dirname(proxy_path), name) for name in ("weft-agent", "weft"))
        if not os.access(self.agent_path, os.X_OK):
            raise BenchError(f"no weft-agent beside {proxy_path}: build it (scripts/bench does, without --weft)")
        self.socket = os.path.join(network.directory, "run", "agent.sock")
        self.program = None
        self.starts = 0

    def start(self):
        """Seconds from the exec to READY=1 (sd_notify(3)), which the agent says when its socket serves."""
        self.starts += 1
        address = os.path.join(self.network.directory, f"ready-{self.starts}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(address)
            ready.settimeout(1)
            arguments = [
                self.agent_path, "run", "--data-dir", os.path.join(self.network.directory, "data"),
                "--run-dir", os.path.dirname(self.socket), "--services", os.path.join(self.network.directory, "services"),
                "--host-name", "bench", "--metrics-port", "0", "--log", "stderr",
            ]
            start = time.monotonic()
            self.program = self.network.start(self.network.server, arguments, self.cpu, environment={"NOTIFY_SOCKET": address})
            while True:
                try:
                    if b"READY=1" in ready.recv(4096):
                        return time.monotonic() - start
                except TimeoutError:
                    pass
                if self.program.poll() is not None or time.monotonic() - start > START_LIMIT_S:
                    raise BenchError(f"weft-agent does not serve: {last_words(self.program)}")

    def weft(self, *arguments, **options):
        return run(self.weft_path, *arguments, "--agent-socket", self.socket, **options)

    def kill(self):
        """kill -9: nothing is tidied up."""
        self.program.send_signal(signal.SIGKILL)
        self.program.wait()

    def give_way(self):
        """To whatever else wants its core (SCHED_IDLE, sched(7)): of two cores the load has one, and the agent would
        have a third. What it costs the load to share is not what is measured."""
        run("chrt", "--all-tasks", "--idle", "--pid", "0", str(self.program.pid))

"""How soon a registration on one of five hosts is usable on all: the workload `hosts`."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

import network as net
from network import OUTBOUND_PORT, PROXY_UID, BenchError, last_words, run
from workload import Workload

HOSTS = 5
TRIALS, QUICK_TRIALS = 200, 20
WEB_PORT, NEW_PORT = 80, 9000
PATIENCE_S = 10
CPUS = "0,1"  # five agents, five Serfs and five proxies share both
ASKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "asker.py")
_counter = 0

# Requests to the server's port; what agents and Serf say to each other is not the mesh's to carry.
RULES = f"""*nat
-A OUTPUT -m owner --uid-owner {PROXY_UID} -j RETURN
-A OUTPUT -p tcp --dport {WEB_PORT} -j REDIRECT --to-ports {OUTBOUND_PORT}
COMMIT
"""


class Hosts(net.Network):
    """Namespaces around a bridge: one with the server, and one each for a host with agent, Serf, proxy and client."""

    def __init__(self):
        global _counter
        _counter += 1
        self.names = [f"{net.PREFIX}-{os.getpid()}-h{_counter}x{index}" for index in range(HOSTS + 1)]
        self.middle = f"{net.PREFIX}-{os.getpid()}-h{_counter}m"
        self.directory = tempfile.mkdtemp(prefix=f"{net.PREFIX}-{os.getpid()}-", dir="/tmp")
        os.chown(self.directory, PROXY_UID, PROXY_UID)
        self.programs = []

    def __enter__(self):
        try:
            run("ip", "netns", "add", self.middle)
            run("ip", "-n", self.middle, "-batch", "-", input="link add bridge type bridge\nlink set bridge up\n")
            for index, name in enumerate(self.names):
                run("ip", "netns", "add", name)
                run("ip", "link", "add", f"port{index}", "netns", self.middle, "type", "veth", "peer", "name", "eth0", "netns", name)
                run("ip", "-n", self.middle, "-batch", "-", input=f"link set port{index} master bridge\nlink set port{index} up\n")
                lines = f"link set lo up\naddress add {address(index)}/24 dev eth0\nlink set eth0 up\n"
                run("ip", "-n", name, "-batch", "-", input=lines)
                if index > 0:
                    run("ip", "netns", "exec", name, "iptables-restore", "--wait", "20", input=RULES)
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for program in self.programs:
            program.kill()
        for program in self.programs:
            program.wait()
            program.log.close()
        for name in [*self.names, self.middle]:
            net.delete_namespace(name)
        shutil.rmtree(self.directory, ignore_errors=True)


def address(index):
    return f"198.19.254.{index + 1}"


class Host:
    """One host's agent, proxy and client."""

    def __init__(self, network, index, proxy_path, token):
        self.network, self.name = network, network.names[index]
        directory = os.path.join(network.directory, f"host{index}")
        os.makedirs(os.path.join(directory, "services"))
        os.chown(directory, PROXY_UID, PROXY_UID)
        here = os.path.dirname(proxy_path)
        self.socket, self.weft_path = os.path.join(directory, "agent.sock"), os.path.join(here, "weft")
        arguments = [
            os.path.join(here, "weft-agent"), "run", "--data-dir", os.path.join(directory, "data"), "--run-dir", directory,
            "--services", os.path.join(directory, "services"), "--host-name", f"h{index}", "--metrics-port", "0",
            "--log", "stderr",
        ]
        self.start(arguments + (["--join", token] if token else []), directory)
        proxy = network.start(self.name, [
            proxy_path, "--name", f"h{index}", "--outbound-port", str(OUTBOUND_PORT), "--inbound-ports", "15006",
            "--run-directory", directory, "--workers", "1", "--log", "none", "--agent", self.socket,
            "--namespace", "default", "--labels", "app=client",
        ], CPUS, PROXY_UID)
        network.wait_for_listener(proxy, OUTBOUND_PORT)
        self.asker = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.name}", "--", "python3", "-S", "-E", ASKER, address(0), str(WEB_PORT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, preexec_fn=net._prepare_child,
        )

    def start(self, arguments, directory):
        path = os.path.join(directory, "ready")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(path)
            ready.settimeout(30)
            program = self.network.start(self.name, arguments, CPUS, environment={"NOTIFY_SOCKET": path})
            try:
                while b"READY=1" not in ready.recv(4096):
                    pass
            except TimeoutError:
                raise BenchError(f"weft-agent does not serve: {last_words(program)}") from None

    def weft(self, *arguments):
        return run(self.weft_path, *arguments, "--agent-socket", self.socket)

    def say(self, line):
        self.asker.stdin.write(line + "\n")

    def hear(self):
        line = self.asker.stdout.readline()
        if not line:
            raise BenchError("a client ended")
        return line.strip()


class ManyHosts(Workload):
    """From the command on one host to the answer of the new endpoint on the last of all."""

    key = "hosts"
    title = f"hosts: a registration on one of {HOSTS} hosts, usable on all"
    peers = ("weft",)
    is_repeated = False

    def prepare(self, quick):
        self.note = (
            f"{QUICK_TRIALS if quick else TRIALS} registrations, one after another, each host in turn: from the exec of `weft "
            "register` until the client of every host, which asks its own proxy for the name every 2 ms, has the first "
            f"answer of the new endpoint. {HOSTS} agents with their Serfs, {HOSTS} proxies and all clients share two cores."
        )

    def run(self, peer, quick):
        with Hosts() as network:
            self.serve(network)
            hosts, token = [], None
            for index in range(1, HOSTS + 1):
                hosts.append(Host(network, index, peer.path, token))
                token = json.loads(hosts[0].weft("token", "create", "-o", "json"))["token"]
            self.await_members(hosts)
            samples = []
            for number in range(QUICK_TRIALS if quick else TRIALS):
                samples.append(self.trial(hosts, number))
            for host in hosts:
                host.asker.kill()
                host.asker.wait()
            return {"all": [sample[0] for sample in samples], "own": [sample[1] for sample in samples]}

    def trial(self, hosts, number):
        """Nanoseconds until all have it, and until the host where it was registered has."""
        name, origin = f"t{number}", number % len(hosts)
        for host in hosts:
            host.say(name)
        for host in hosts:
            if host.hear() != "old":
                raise BenchError(f"{name} is known before it is registered")
        start = time.monotonic_ns()
        hosts[origin].weft("register", "--name", name, "--port", str(NEW_PORT), "--address", address(0))
        ends = []
        for host in hosts:
            heard = host.hear()
            if not heard.isdigit():
                raise BenchError(f"{name} on {host.name}: {heard}")
            ends.append(int(heard))
        hosts[origin].weft("deregister", name)  # a port has one owner on a host
        return max(ends) - start, ends[origin] - start

    def await_members(self, hosts):
        deadline = time.monotonic() + 30
        for host in hosts:
            while sum(member["status"] == "alive" for member in json.loads(host.weft("members", "-o", "json"))) < len(hosts):
                if time.monotonic() > deadline:
                    raise BenchError(f"the hosts do not find each other: {host.weft('members')}")
                time.sleep(0.1)  # gossip tells nobody outside

    def serve(self, network):
        directory = network.directory
        path = network.file("servers.conf", f"""
daemon off; master_process off; worker_processes 1; pid {directory}/servers.pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
  server {{ listen {address(0)}:{WEB_PORT}; location / {{ return 200 "old\\n"; }} }}
  server {{ listen {address(0)}:{NEW_PORT}; location / {{ return 200 "new\\n"; }} }}
}}
""")
        nginx = network.start(network.names[0], ["nginx", "-p", directory, "-e", "stderr", "-c", path], CPUS)
        network.wait_for_listener(nginx, NEW_PORT)

    def rows(self, names, blocks):
        rows = [["proxy", "usable", "p50, ms", "p99, ms"]]
        for name in names:
            run_of = blocks[0][name][0]
            for kind, where in (("own", "on the host where it is registered"), ("all", f"on all {HOSTS} hosts")):
                samples = sorted(run_of[kind])
                p99 = samples[min(len(samples) - 1, len(samples) * 99 // 100)]
                rows.append([name, where, f"{statistics.median(samples) / 1e6:.0f}", f"{p99 / 1e6:.0f}"])
        return rows

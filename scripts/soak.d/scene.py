"""A client's and a server's namespace with real servers, and a weft-proxy in each: the front one takes what clients dial, the
back one what arrives at the servers."""

import os
import socket
import subprocess
import time

import documents
from documents import API_PORT, FAULTY_PORT, SOCKET_PORT, WEB_PORT, WORDS_PORT, BANNER_PORT
from network import INBOUND_PORT, OUTBOUND_PORT, PROXY_UID, SERVER, BenchError, Network, last_words, run

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "..", "..", "Tests", "IntegrationTests", "Programs")
ANY_CPU = f"0-{os.cpu_count() - 1}"
WORKERS = 2  # two at least, or no thread ever meets another
START_LIMIT_S = 60  # with a sanitizer, on a busy machine
DRAIN_S = 60  # longer than any client takes, so that none meets the deadline
SANITIZER_EXIT = 99  # told to the sanitizer, and no exit code of the programs themselves

INBOUND = f"""*nat
-A PREROUTING -i eth0 -p tcp -m multiport ! --dports {INBOUND_PORT},15020,15021 -j REDIRECT --to-ports {INBOUND_PORT}
COMMIT
"""


class Scene(Network):
    """`serving` says whether the servers and snapshots are wanted: an agent needs the namespaces only."""

    def __init__(self, programs, sanitizer, serving=True):
        super().__init__("outbound")
        self.serving = serving
        self.programs_directory, self.sanitizer = os.path.abspath(programs), sanitizer
        self.reports = os.path.join(self.directory, "reports")
        self.policies = os.path.join(self.directory, "policies")
        self.mutex = os.path.join(self.directory, "mutex.so")
        for directory in (self.reports, self.policies):
            os.mkdir(directory)
            os.chown(directory, PROXY_UID, PROXY_UID)
        self.in_force = os.path.join(self.policies, "snapshot.json")

    def __enter__(self):
        super().__enter__()
        try:
            if self.sanitizer == "thread":
                # Swift's clang, which knows Swift's calling convention.
                run("clang", "-O1", "-shared", "-fPIC", os.path.join(HERE, "mutex.c"), "-o", self.mutex)
                os.chmod(self.mutex, 0o755)
            if not self.serving:
                return self
            for namespace in (self.client, self.server):
                # Beyond the ports that the proxies listen on, lest a connection of theirs is from one of those.
                self.sysctl(namespace, "net.ipv4.ip_local_port_range", "16384 65535")
            # The services' addresses are nobody's, but programs must have a route by which to be captured.
            run("ip", "-n", self.client, "route", "add", "default", "via", SERVER)
            run("ip", "netns", "exec", self.server, "iptables-restore", "--wait", "20", input=INBOUND)
            self.serve()
            self.compile()
            return self
        except BaseException:
            self.__exit__()
            raise

    def serve(self):
        paths = " ".join(f"{kind}_temp_path {self.directory}/{kind};" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.file("web.conf", f"""
daemon off; master_process off; worker_processes 1; pid {self.directory}/nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; client_header_buffer_size 8k; {paths}
  server {{ listen {SERVER}:{WEB_PORT} backlog=4096; location / {{ return 200 "$uri\\n"; }} }}
}}
""")
        address = [SERVER]
        for arguments, port in (
            (["nginx", "-p", self.directory, "-e", "stderr", "-c", config], WEB_PORT),
            (python(os.path.join(PROGRAMS, "web_server.py"), *address, API_PORT), API_PORT),
            (python(os.path.join(PROGRAMS, "websocket_server.py"), *address, SOCKET_PORT), SOCKET_PORT),
            (python(os.path.join(PROGRAMS, "faulty_server.py"), *address, FAULTY_PORT), FAULTY_PORT),
            (python(os.path.join(HERE, "servers.py"), *address, WORDS_PORT, BANNER_PORT), BANNER_PORT),
        ):
            self.wait_for_listener(self.start(self.server, arguments, ANY_CPU), port)

    def compile(self):
        weft = os.path.join(self.programs_directory, "weft")
        for name, text in documents.VARIANTS.items():
            source = self.file(f"{name}.yaml", text)
            run(weft, "compile", "-f", source, "-o", os.path.join(self.directory, f"{name}.json"))
        self.file("broken.json", documents.BROKEN)
        self.put("plain")

    def put(self, name):
        """Puts a snapshot into force by a rename, as `weft compile` does."""
        copy = self.in_force + ".new"
        with open(os.path.join(self.directory, f"{name}.json")) as source, open(copy, "w") as target:
            target.write(source.read())
        os.rename(copy, self.in_force)

    def sanitizer_options(self):
        common = f"log_path={self.reports}/report:exitcode={SANITIZER_EXIT}"
        return {
            # A proxy's memory is closed to ptrace(2), even its own, by which leaks would be found: memory growth, watched
            # without a sanitizer, tells of them. A stray write ends the process at once.
            "address": {"ASAN_OPTIONS": f"{common}:detect_leaks=0:detect_stack_use_after_return=1"},
            "thread": {
                "TSAN_OPTIONS": f"{common}:halt_on_error=0:history_size=4:suppressions={HERE}/thread.suppressions",
                "LD_PRELOAD": self.mutex,
            },
            "none": {},
        }[self.sanitizer]

    def found(self):
        """The sanitizer's reports, all in one text."""
        texts = []
        for name in sorted(os.listdir(self.reports)):
            with open(os.path.join(self.reports, name), errors="replace") as file:
                texts.append(file.read())
        return "\n".join(texts)


def python(script, *arguments):
    return ["/usr/bin/python3", script, *(str(argument) for argument in arguments)]


class Proxy:
    """One of the two, through all its processes."""

    def __init__(self, scene, name, namespace, labels):
        self.scene, self.name, self.namespace = scene, name, namespace
        self.run_directory = os.path.join(scene.directory, name)
        os.mkdir(self.run_directory)
        os.chown(self.run_directory, PROXY_UID, PROXY_UID)
        self.arguments = [
            os.path.join(scene.programs_directory, "weft-proxy"), "--name", name, "--outbound-port", str(OUTBOUND_PORT),
            "--inbound-ports", str(INBOUND_PORT), "--run-directory", self.run_directory, "--workers", str(WORKERS),
            "--log", "stderr", "--snapshot", scene.in_force, "--namespace", "default", "--labels", labels,
            "--drain-timeout", str(DRAIN_S),
        ]
        self.starts = 0
        self.replaced = []  # processes that drain
        self.start()

    def start(self, *more):
        """Until READY=1 (sd_notify(3)); it is started as root, and drops to its own account."""
        self.starts += 1
        address = os.path.join(self.scene.directory, f"{self.name}-ready-{self.starts}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(address)
            os.chmod(address, 0o666)
            ready.settimeout(1)
            program = self.scene.start(
                self.namespace, [*self.arguments, *more], ANY_CPU,
                environment={"NOTIFY_SOCKET": address, **self.scene.sanitizer_options()})
            deadline = time.monotonic() + START_LIMIT_S
            while True:
                try:
                    if b"READY=1" in ready.recv(4096):
                        break
                except TimeoutError:
                    pass
                if program.poll() is not None or time.monotonic() > deadline:
                    raise BenchError(f"the {self.name} proxy does not serve: {last_words(program)}\n{self.scene.found()}")
        self.program = program
        self.admin("/v1/status")  # whatever a first question opens, it has opened
        if self.starts == 1:
            # Before any traffic; a successor takes over as many listeners.
            self.base = self.least_descriptors()

    def replace(self):
        self.replaced.append(self.program)
        self.start("--replace")

    def admin(self, path, method="GET"):
        return run(
            "curl", "-sS", "--fail", "--max-time", "50", "-X", method, "--unix-socket",
            os.path.join(self.run_directory, f"proxy-{self.name}.sock"), f"http://proxy{path}")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.program.pid}/fd"))

    def least_descriptors(self):
        """Over half a second: the socket of the question before is open for a moment still."""
        counts = []
        for _ in range(10):
            counts.append(self.descriptors())
            time.sleep(0.05)
        return min(counts)


def client(scene, seed, threads):
    """A client program; closing its standard input ends it, and it then says what became of everything."""
    paths = ":".join((HERE, os.path.join(HERE, "..", "bench.d")))
    program = subprocess.Popen(
        ["nsenter", f"--net=/run/netns/{scene.client}", "--", *python(os.path.join(HERE, "client.py"), seed, threads)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    scene.programs.append(program)
    program.log = program.stderr
    return program

"""Two network namespaces joined by a veth pair, and the programs that run in them: made for one run, always removed."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

PREFIX = "wb"  # namespaces and directories are wb-PID-N, so a later run knows whose they are
PROXY_UID = 1337  # its own traffic is not captured
OUTBOUND_PORT, INBOUND_PORT = 15001, 15006
CLIENT, SERVER = "198.19.255.1", "198.19.255.2"  # RFC 2544's range; both ends lie in namespaces of ours
HTTP_PORT, DIRECT_PORT = 8080, 8082  # the same server; what dials the second is never captured
OUTPUT_TAIL_BYTES = 2000  # of a program that failed: enough for its last words

_counter = 0
_libc = ctypes.CDLL(None)


class BenchError(Exception):
    """What could not be done, and what was seen instead: one line for the user."""


def run(*arguments, **options):
    """Runs a command to its end; BenchError with its last words unless it succeeds."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, **options)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(arguments)}: exit {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def sweep_dead_runs():
    """Removes namespaces and directories of runs whose process is gone (kill -9 leaves no chance to clean up)."""
    for directory in ("/run/netns", "/tmp"):
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            parts = name.split("-")
            if parts[0] == PREFIX and len(parts) == 3 and parts[1].isdigit() and not os.path.exists(f"/proc/{parts[1]}"):
                if directory == "/tmp":
                    shutil.rmtree(f"/tmp/{name}", ignore_errors=True)
                else:
                    delete_namespace(name)


def delete_namespace(name):
    pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
    for pid in pids:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    subprocess.run(["ip", "netns", "delete", name], capture_output=True)


# Outbound: all TCP that leaves the client's namespace, as a pod's proxy takes it.
OUTBOUND_RULES = f"""*nat
-A OUTPUT -o lo -j RETURN
-A OUTPUT -m owner --uid-owner {PROXY_UID} -j RETURN
-A OUTPUT -p tcp --dport {DIRECT_PORT} -j RETURN
-A OUTPUT -p tcp -j REDIRECT --to-ports {OUTBOUND_PORT}
COMMIT
"""
# Inbound: what comes for the server from outside. The proxy's own leg to it stays on the host and is not seen here.
INBOUND_RULES = f"""*nat
-A PREROUTING -i eth0 -p tcp --dport {HTTP_PORT} -j REDIRECT --to-ports {INBOUND_PORT}
COMMIT
"""


class Network:
    """A client and a server namespace; TCP is redirected to the proxy on leaving the one or entering the other."""

    def __init__(self, capture="outbound"):
        global _counter
        _counter += 1
        self.client = f"{PREFIX}-{os.getpid()}-{_counter}c"
        self.server = f"{PREFIX}-{os.getpid()}-{_counter}s"
        self.directory = tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-", dir="/tmp")
        os.chown(self.directory, PROXY_UID, PROXY_UID)  # the proxy's configuration and admin socket are here
        self.programs = []
        # Where the proxy runs, the port it is redirected to, and the rules that do it.
        if capture == "outbound":
            self.captured, self.proxy_port, self.rules = self.client, OUTBOUND_PORT, OUTBOUND_RULES
        else:
            self.captured, self.proxy_port, self.rules = self.server, INBOUND_PORT, INBOUND_RULES

    def __enter__(self):
        try:
            for name in (self.client, self.server):
                run("ip", "netns", "add", name)
            run("ip", "link", "add", "eth0", "netns", self.client, "type", "veth", "peer", "name", "eth0", "netns", self.server)
            for name, address in ((self.client, CLIENT), (self.server, SERVER)):
                lines = f"link set lo up\naddress add {address}/30 dev eth0\nlink set eth0 up\n"
                run("ip", "-n", name, "-batch", "-", input=lines)
                # A connect/close run uses more source ports in a few seconds than the default range has.
                self.sysctl(name, "net.ipv4.ip_local_port_range", "1024 65535")
                self.sysctl(name, "net.core.somaxconn", "16384")
            run("ip", "netns", "exec", self.captured, "iptables-restore", "--wait", "20", input=self.rules)
            return self
        except BaseException:
            self.__exit__()
            raise

    def sysctl(self, name, key, value):
        run("ip", "netns", "exec", name, "sysctl", "-q", "-w", f"{key}={value}")

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, namespace, arguments, cpu, uid=None, environment=None):
        """Starts a program in a namespace, bound to one core; wrappers exec, so the pid is the program's own."""
        wrapped = ["nsenter", f"--net=/run/netns/{namespace}", "--", "taskset", "-c", str(cpu)]
        if uid is not None:
            wrapped += ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--pdeathsig=KILL", "--"]
        log = open(os.path.join(self.directory, f"log-{len(self.programs)}"), "w+b")
        program = subprocess.Popen(
            wrapped + arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})}, preexec_fn=_prepare_child,
        )
        program.log = log
        self.programs.append(program)
        return program

    def wait_for_listener(self, program, port):
        """Until somebody in the program's namespace listens on the port; /proc is asked, no connection is made."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if program.poll() is not None:
                raise BenchError(f"{program.args[6:]} ended with {program.returncode}: {last_words(program)}")
            if _listens(program.pid, port):
                return
            time.sleep(0.02)  # no event tells of another process's listener
        raise BenchError(f"{program.args[6:]} does not listen on {port}: {last_words(program)}")

    def __exit__(self, *_):
        for program in self.programs:
            program.kill()
        for program in self.programs:
            program.wait()
            program.log.close()
        for name in (self.client, self.server):
            delete_namespace(name)
        shutil.rmtree(self.directory, ignore_errors=True)


def last_words(program, most=OUTPUT_TAIL_BYTES):
    program.log.seek(0)
    return program.log.read()[-most:].decode(errors="replace").strip()


def _listens(pid, port):
    for family in ("tcp", "tcp6"):
        try:
            with open(f"/proc/{pid}/net/{family}") as table:
                rows = [line.split() for line in table][1:]
        except OSError:
            continue
        # Column 3 is the state; 0A is TCP_LISTEN (net/tcp_states.h).
        if any(row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port for row in rows):
            return True
    return False


def _prepare_child():
    # PR_SET_PDEATHSIG (linux/prctl.h): no program outlives the bench, however it ends.
    _libc.prctl(1, signal.SIGKILL)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)

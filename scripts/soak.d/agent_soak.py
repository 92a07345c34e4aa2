"""The soak of an agent: registrations, documents, names and identities over and over, and what must hold at its end."""

import collections
import json
import os
import signal
import socket
import subprocess
import threading
import time

from measure import memory
from network import SERVER, BenchError, last_words, run
from scene import ANY_CPU, HERE, PROGRAMS, SANITIZER_EXIT, START_LIMIT_S, Scene

NAMES_PORT = 15053
WORKLOAD_UID = 64_013  # of no account
IDENTITY = "spiffe://weft.local/ns/default/sa/soak"
PYTHON = os.path.join(HERE, "..", "..", ".build", "test", "python", "bin", "python3")
QUIET_LIMIT_S = 60
# The database's cache and the allocator's; per registration it would be megabytes after minutes.
GROWTH_LIMIT_BYTES = 16 << 20
END_LIMIT_S = 30


class Agent:
    def __init__(self, scene):
        self.scene, self.starts = scene, 0
        self.socket = os.path.join(scene.directory, "run", "agent.sock")
        self.weft_path = os.path.join(scene.programs_directory, "weft")
        self.start()
        self.base = self.descriptors()

    def start(self):
        self.starts += 1
        address = os.path.join(self.scene.directory, f"agent-ready-{self.starts}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(address)
            ready.settimeout(START_LIMIT_S)
            self.program = self.scene.start(self.scene.server, [
                os.path.join(self.scene.programs_directory, "weft-agent"), "run", "--data-dir",
                os.path.join(self.scene.directory, "data"), "--run-dir", os.path.dirname(self.socket), "--services",
                os.path.join(self.scene.directory, "services"), "--host-name", "soak", "--address", SERVER, "--log", "stderr",
            ], ANY_CPU, environment={"NOTIFY_SOCKET": address, **self.scene.sanitizer_options()})
            try:
                while b"READY=1" not in ready.recv(4096):
                    pass
            except TimeoutError:
                raise BenchError(f"weft-agent does not serve: {last_words(self.program)}\n{self.scene.found()}") from None
        self.weft("check")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.program.pid}/fd"))

    def weft(self, *arguments, **options):
        return run(self.weft_path, *arguments, "--agent-socket", self.socket, **options)

    def inside(self, *arguments):
        return run("ip", "netns", "exec", self.scene.server, *arguments)

    def end(self):
        """What is wrong with how it ends when it is asked to."""
        self.program.send_signal(signal.SIGTERM)
        try:
            code = self.program.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            return [f"still there {END_LIMIT_S} s after SIGTERM"]
        return [f"exit {code}{' (the sanitizer)' if code == SANITIZER_EXIT else ''}"] if code != 0 else []


def registrations(agent, number):
    name, address = f"service{number}", f"198.51.100.{number + 1}"
    agent.weft("register", "--name", name, "--port", str(9000 + number), "--address", address)
    asked = agent.inside("dig", "+short", "+tries=1", "+time=20", "-p", str(NAMES_PORT), "@127.0.0.1", f"{name}.default.mesh")
    listed = json.loads(agent.weft("services", "-o", "json"))
    if not any(name in json.dumps(one) for one in listed):
        raise BenchError(f"{name} is registered and not listed: {listed}")
    agent.weft("deregister", name)
    if not asked.strip():
        raise BenchError(f"{name} is registered and has no address")
    return "named"


def documents(agent, number):
    text = f"""
{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: policy{number}}},
 spec: {{podSelector: {{matchLabels: {{app: soak{number}}}}}, policyTypes: [Ingress],
        ingress: [{{from: [{{ipBlock: {{cidr: 10.{number}.0.0/16}}}}]}}]}}}}
"""
    agent.weft("apply", "-f", "-", input=text)
    agent.weft("get", "NetworkPolicy")
    agent.weft("delete", "NetworkPolicy", f"policy{number}")
    return "applied"


def names(agent, number):
    """TCP and UDP, names that are there and that are not, and what is no question."""
    more = [["+tcp"], ["+notcp"], ["+bufsize=512"], ["-t", "AAAA"], ["-t", "ANY"], ["-x", "198.51.100.1"]][number % 6]
    agent.inside("dig", "+tries=1", "+time=20", "-p", str(NAMES_PORT), "@127.0.0.1", *more, f"nobody{number}.default.mesh")
    send = (
        "import os, socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        f" [s.sendto(os.urandom(1 + n * 7), ('127.0.0.1', {NAMES_PORT})) for n in range(60)]")
    agent.inside("/usr/bin/python3", "-S", "-E", "-c", send)
    return "asked"


def identities(agent, _):
    said = run(
        "setpriv", f"--reuid={WORKLOAD_UID}", f"--regid={WORKLOAD_UID}", "--clear-groups", PYTHON,
        os.path.join(PROGRAMS, "spiffe_program.py"), agent.socket, "fetch")
    given = json.loads(said.splitlines()[0])["id"]
    if given != IDENTITY:
        raise BenchError(f"the identity is {given}")
    return "fetched"


def operators(agent, _):
    for words in (["check"], ["services"], ["endpoints"], ["members"], ["identity", "show"]):
        agent.weft(*words)
    with socket.socket(socket.AF_UNIX) as junk:
        junk.connect(agent.socket)
        junk.sendall(os.urandom(3000))
    return "asked"


DEEDS = (registrations, documents, names, identities, operators)
THREADS = 2  # of each


class Mix:
    def __init__(self, agent):
        self.agent, self.stop = agent, threading.Event()
        self.lock, self.counts, self.wrong = threading.Lock(), collections.Counter(), []

    def live(self, deed, number):
        while not self.stop.is_set():
            try:
                outcome = deed(self.agent, number)
            except (BenchError, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as error:
                outcome = "WRONG"
                with self.lock:
                    self.wrong.append(f"{deed.__name__}: {str(error)[:400]}")
            with self.lock:
                self.counts[f"{deed.__name__}: {outcome}"] += 1

    def run(self, seconds):
        threads = [
            threading.Thread(target=self.live, args=(deed, number)) for deed in DEEDS for number in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and self.agent.program.poll() is None:
                time.sleep(0.5)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()


def run_half(agent, verdicts, seconds, which):
    mix = Mix(agent)
    mix.run(seconds)
    done = ", ".join(f"{what} {count}" for what, count in sorted(mix.counts.items()))
    verdicts.say(f"all was answered rightly, {which}", mix.wrong, done)
    if agent.program.poll() is not None:
        verdicts.say("the agent lives", [f"exit {agent.program.poll()}", *last_words(agent.program).splitlines()[-3:]])
        return False
    deadline = time.monotonic() + QUIET_LIMIT_S
    while (count := agent.descriptors()) > agent.base and time.monotonic() < deadline:
        time.sleep(0.2)  # no event tells of another process's descriptors
    grown = [] if count <= agent.base else [f"{count}, and {agent.base} at the start"]
    verdicts.say(f"descriptors are back, {which}", grown, str(count))
    return True


def run_agent(chosen, verdicts, scene):
    os.chmod(scene.directory, 0o755)  # programs of any user look for the socket
    agent = Agent(scene)
    agent.weft("identity", "register", "--spiffe-id", IDENTITY, "--selector", f"unix:uid:{WORKLOAD_UID}")
    # Everything that is opened once, Serf's socket and the database's files among them, has been by then.
    Mix(agent).run(min(20, chosen.minutes * 10))
    agent.base = max(agent.base, agent.descriptors())
    if not run_half(agent, verdicts, chosen.minutes * 30, "first half"):
        return
    before = memory(agent.program.pid)[1]
    if not run_half(agent, verdicts, chosen.minutes * 30, "second half"):
        return
    if chosen.sanitizer == "none":
        grown = memory(agent.program.pid)[1] - before
        bad = [f"beyond {GROWTH_LIMIT_BYTES} bytes"] if grown > GROWTH_LIMIT_BYTES else []
        verdicts.say("memory did not grow", bad, f"{grown / 1e3:.0f} KB of {before / 1e6:.1f} MB anonymous")
    verdicts.say("it ends well", agent.end())
    agent.start()
    left = [] if json.loads(agent.weft("services", "-o", "json")) == [] else [agent.weft("services")]
    verdicts.say("it starts again, with nothing of what was taken back", left)
    verdicts.say("it ends well again", agent.end())


def soak(chosen, verdicts):
    with Scene(chosen.programs, chosen.sanitizer, serving=False) as scene:
        run_agent(chosen, verdicts, scene)
        report = scene.found()
        verdicts.say(f"no report of the sanitizer ({chosen.sanitizer})", [f"{len(report)} bytes, below"] if report else [])
        if report:
            print(f"--- reports\n{report}")

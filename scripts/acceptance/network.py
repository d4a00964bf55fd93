"""Processes of a network on this machine: a node, three hosts, a gateway and more, each with a home of its own."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

MODEL = "smollm2-135m-instruct-f16"
HOSTS = 3
START_SECONDS_MAX = 180
QUERY_TRIES = 3
# Where a devnet's node is, from its gateway's port on.
NODE_PORT_OFFSET = 5


def free_ports(count):
    """The first of `count` free ports in a row, below those that the system hands out itself.

    Processes begin to look at different places: nobody holds a port between this and its use.
    """
    places = range(21_000, 32_000, count)
    begin = os.getpid() % len(places)
    for first in [*places[begin:], *places[:begin]]:
        sockets = [socket.socket() for _ in range(count)]
        try:
            for offset, one in enumerate(sockets):
                one.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    sys.exit("FAIL no free ports")


def machine():
    """When and where this runs, in one line."""
    models = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    return f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, {len(models)} x {models[0]}, load average {load}"


def wait_for(url, process, seconds=START_SECONDS_MAX):
    """Waits until `url` answers with 200; ends this process where `process` has ended, or nothing answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"FAIL what should serve {url} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"FAIL nothing at {url} after {seconds} s")


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


class Part:
    """One process that serves HTTP, started and killed any number of times."""

    def __init__(self, name, command, port, log):
        self.name, self.command, self.port, self.log = name, command, port, pathlib.Path(log)
        self.url = f"http://127.0.0.1:{port}"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def wait(self):
        """Waits until the process is ready."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit(f"FAIL the {self.name} did not start: exit status {self.process.returncode}, see {self.log}")
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"FAIL the {self.name} was not ready in {START_SECONDS_MAX} s, see {self.log}")

    def end(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()


class Node(Part):
    """A node, and what it can be asked."""

    def __init__(self, gonka, home, port, log, *flags, name="node"):
        super().__init__(name, [gonka, "node", "--home", str(home), "--port", str(port), *flags], port, log)
        self.gonka = gonka

    def run(self, *words):
        """A gonka command that talks to this node."""
        return subprocess.run([self.gonka, *words, "--node", self.url], capture_output=True, text=True, timeout=120)

    def query(self, *words):
        """The answer of `gonka query --json`; None where there is none after some tries."""
        for _ in range(QUERY_TRIES):
            result = self.run("query", *words, "--json")
            if result.returncode == 0:
                return json.loads(result.stdout)
            time.sleep(0.5)
        return None

    def wait_for_block(self):
        while (self.query("status") or {"height": 0})["height"] == 0:
            time.sleep(0.1)


class Network:
    """Makes keys and genesis by `gonka network init`, then runs every part as a process of its own.

    followers: nodes that execute the first one's blocks; remote: how many hosts, from the first, use an ML node's engine.
    """

    def __init__(self, gonka, folder, followers=0, remote=0):
        self.gonka, self.folder = str(pathlib.Path(gonka).resolve()), pathlib.Path(folder)
        self.home = self.folder / "init" / "network"
        first = free_ports(HOSTS + 3 + followers)
        ports = iter(range(first, first + HOSTS + 3 + followers))
        host_ports = [next(ports) for _ in range(HOSTS)]
        self.make_genesis(host_ports[0])
        genesis = ["--genesis", str(self.home / "genesis.json"), "--log-level", "info", "--log-format", "json"]
        node = self.home_of("node")
        self.node = Node(self.gonka, node, next(ports), self.folder / "node.log", *genesis)
        self.block_file = node / "node" / "blocks.log"
        self.followers = [
            Node(self.gonka, self.home_of(name), next(ports), self.folder / f"{name}.log", *genesis,
                 "--follow", self.node.url, name=name)
            for name in [f"follower-{number}" for number in range(1, followers + 1)]]
        self.mlnode = self.ml_node(next(ports)) if remote else None
        self.hosts = [self.host(number, port, number <= remote)
                      for number, port in enumerate(host_ports, start=1)]
        gateway, port = self.home_of("gateway", "developer", "gateway-session"), next(ports)
        self.gateway = Part("gateway", [
            self.gonka, "gateway", "--home", str(gateway), "--node", self.node.url, "--payer", "developer",
            "--session-key", "gateway-session", "--model", MODEL, "--port", str(port)],
            port, self.folder / "gateway.log")
        self.parts = [self.node, *self.followers, *([self.mlnode] if remote else []), *self.hosts, self.gateway]
        self.base_url = self.gateway.url + "/v1"

    def make_genesis(self, first_host_port):
        subprocess.run([self.gonka, "network", "init", "--home", str(self.home.parent), "--validators", str(HOSTS),
                        "--first-host-port", str(first_host_port)], check=True, stdout=subprocess.DEVNULL)

    def ml_node(self, port):
        return Part("mlnode", [self.gonka, "mlnode", "--home", str(self.home_of("mlnode")), "--port", str(port),
                               "--threads", "1"], port, self.folder / "mlnode.log")

    def key(self, name):
        return json.loads((self.home / "keys" / f"{name}.json").read_text())

    def home_of(self, part, *keys):
        home = self.folder / part
        (home / "keys").mkdir(parents=True, mode=0o700)
        for name in keys:
            shutil.copy2(self.home / "keys" / f"{name}.json", home / "keys")
        return home

    def host(self, number, port, remote=False):
        """One thread for the model: three hosts share this machine, and threads of one step wait for each other."""
        name, key = f"host-{number}", f"operator-{number}"
        token = self.folder / "mlnode" / "mlnode-token"
        engine = ["--mlnode", self.mlnode.url, "--mlnode-token", str(token)] if remote else ["--threads", "1"]
        part = Part(name, [
            self.gonka, "host", "--home", str(self.home_of(name, key)), "--node", self.node.url,
            "--account", self.key(name)["address"], "--operator-key", key, "--url", f"http://127.0.0.1:{port}",
            "--port", str(port), *engine], port, self.folder / f"{name}.log")
        part.address, part.operator_key = self.key(name)["address"], self.key(key)["publicKey"]
        return part

    def executor(self, receipt):
        """The host that signed a receipt."""
        return next(host for host in self.hosts if host.operator_key == receipt.operator_key.hex())

    def start(self, *parts):
        """Starts these parts, or all, and returns how many seconds it took until everything was ready."""
        began = time.monotonic()
        for part in [part for part in self.parts if part in (parts or self.parts)]:
            part.start()
            if part is self.node:
                part.wait()
                part.wait_for_block()
            if part is self.mlnode:
                part.wait()
        for part in self.parts:
            part.wait()
        return time.monotonic() - began

    def end(self, *parts, how=signal.SIGTERM):
        for part in reversed(parts or self.parts):
            part.end(how)

    def api_key(self):
        """The gateway says it once, at its first start."""
        return re.search(r"^sk-\S+$", self.gateway.log.read_text(), re.MULTILINE).group()

    def ask(self, body, timeout=300):
        """The open answer to a chat completion; OSError where there is none."""
        return urllib.request.urlopen(urllib.request.Request(
            f"{self.base_url}/chat/completions", json.dumps({"model": MODEL, **body}).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {self.api_key()}"}), timeout=timeout)


def devnet(gonka, folder, threads=2):
    """A whole network in one process, on free ports; its gateway's key lies in `gateway/devnet-api-key`."""
    first = free_ports(6)
    ports = ["--gateway-port", str(first), "--first-host-port", str(first + 1), "--node-port", str(first + NODE_PORT_OFFSET)]
    part = Part("devnet", [gonka, "devnet", "--home", str(folder), "--threads", str(threads), *ports], first,
                pathlib.Path(folder) / "devnet.log")
    part.start()
    part.wait()
    return part


class Checks:
    """Prints a line a check; `exit` tells whether all held."""

    def __init__(self):
        self.failures = 0

    def __call__(self, name, holds, detail=""):
        self.failures += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}{': ' + str(detail) if detail != '' else ''}", flush=True)

    def exit(self):
        sys.exit(1 if self.failures else 0)

"""What benches of the request path run: a network with a fixed answer, and the real gateway before it, each a process."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))
from network import Part, free_ports, get, machine  # noqa: E402, F401

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS_MAX = 120


class Process:
    """What the kernel tells of a process and of all below it."""

    def __init__(self, pid):
        self.pid = pid

    def pids(self):
        found = [self.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    found += [int(child) for child in children.read_text().split()]
                except OSError:
                    continue
        return found

    def memory_mib(self):
        """VmRSS, in MiB."""
        return sum(self.status(pid, "VmRSS") for pid in self.pids()) / 1024

    def peak_mib(self):
        """VmHWM, the most that it ever had, in MiB."""
        return sum(self.status(pid, "VmHWM") for pid in self.pids()) / 1024

    def threads(self):
        return sum(self.status(pid, "Threads") for pid in self.pids())

    def status(self, pid, name):
        try:
            lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), 0)

    def processor_seconds(self):
        """User and system time since it began."""
        seconds = 0
        for pid in self.pids():
            try:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            seconds += (int(stat[11]) + int(stat[12])) / TICKS
        return seconds

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())

    def sockets(self):
        """Descriptors that are sockets: connections, and the doors that they came through."""
        count = 0
        for pid in self.pids():
            for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                try:
                    count += os.readlink(entry).startswith("socket:")
                except OSError:
                    continue
        return count


def metrics(port):
    """The values of a daemon's metrics by name with labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}


def folder():
    """A new folder, in memory where there is such a place: a disk's sync takes many times what all else does."""
    memory = pathlib.Path("/dev/shm")
    return tempfile.mkdtemp(prefix="gonka-bench-", dir=memory if os.access(memory, os.W_OK) else None)


class Scene:
    """The network of `gonka bench-serve`, and a gateway before it.

    pace: milliseconds between two tokens, 0 for all at once; listen: where the gateway does.
    """

    def __init__(self, gonka, pace=0, places=1024, listen="127.0.0.1"):
        self.gonka, self.folder = str(pathlib.Path(gonka).resolve()), pathlib.Path(folder())
        self.home = self.folder / "home"
        first = free_ports(3)
        self.host_metrics, self.gateway_metrics, port = first, first + 1, first + 2
        self.log = open(self.folder / "network.log", "ab")
        self.network = subprocess.Popen(
            [self.gonka, "bench-serve", "--home", str(self.home), "--pace", str(pace), "--places", str(places),
             "--metrics-port", str(self.host_metrics), "--log-level", "error"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.network.stdout.readline()
        if not line:
            sys.exit(f"FAIL the network did not start, see {self.folder / 'network.log'}")
        said = json.loads(line)
        self.node, self.host, self.bare, self.desk = said["node"], said["host"], said["bare"], said["desk"]
        self.api_key, self.model = said["api_key"], said["model"]
        self.wait(self.bare)
        self.gateway = Part("gateway", [
            self.gonka, "gateway", "--home", str(self.home), "--node", self.node, "--payer", "developer",
            "--session-key", "gateway-session", "--deposit", "1000GNK", "--model", self.model, "--listen", listen,
            "--port", str(port), "--metrics-port", str(self.gateway_metrics), "--log-level", "error"],
            port, self.folder / "gateway.log")
        self.gateway.start()
        self.gateway.wait()

    def wait(self, url):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"FAIL {url} was not ready in {START_SECONDS_MAX} s")

    def question(self, streams, tokens=32):
        """The body of a request, as bytes: vouchers are for these very bytes."""
        return json.dumps({
            "model": self.model, "messages": [{"role": "user", "content": "What does the fox do?"}],
            "max_tokens": tokens, "stream": streams}).encode()

    def vouchers(self, count, body):
        """Signed vouchers for requests with this body that go to the host directly."""
        with urllib.request.urlopen(f"{self.desk}/vouchers/{count}", body, timeout=120) as answer:
            return answer.read().decode().split()

    def query(self, *words):
        """The answer of `gonka query --json`."""
        result = subprocess.run([self.gonka, "query", *words, "--json", "--node", self.node],
                                capture_output=True, text=True, timeout=60)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def end(self):
        self.gateway.end()
        self.network.terminate()
        self.network.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

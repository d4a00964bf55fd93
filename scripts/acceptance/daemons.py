#!/usr/bin/env python3
"""Runs a network of separate daemons for some epochs under load and kills (-9) each of them in turn.

usage: daemons.py GONKA [--epochs N] [--keep FOLDER]

A node, two followers, three hosts, an ML node that two of the hosts use, and a gateway; one client streams answers, another
sends coins. Each daemon is killed while an answer is on its way, and started again. In the end nothing that was acknowledged
may be lost, every answer must be paid once, the followers must have the node's app hash after every block, every host's
statement of every epoch must agree with the ledger, and the ML node must conform. Prints how much memory each daemon took.
"""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import aftermath
from load import Load
from network import HOSTS, MODEL, Checks, Network, get, machine

FOLLOWERS = 2
REMOTE_HOSTS = 2
MOMENT_SECONDS_MAX = 180
EPOCH_SECONDS_MAX = 600


def resident_megabytes(part):
    try:
        status = pathlib.Path(f"/proc/{part.process.pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0


class MemoryWatch(threading.Thread):
    """Notes what each daemon holds: at first, and at most."""

    def __init__(self, network):
        super().__init__(daemon=True)
        self.network, self.running = network, True
        self.idle = {part.name: resident_megabytes(part) for part in network.parts}
        self.most = dict(self.idle)

    def run(self):
        while self.running:
            for part in self.network.parts:
                self.most[part.name] = max(self.most[part.name], resident_megabytes(part))
            time.sleep(0.5)

    def print(self):
        print("resident memory, MB     ready  at most")
        for name, idle in self.idle.items():
            print(f"  {name:18} {idle:9.0f} {self.most[name]:8.0f}", flush=True)


def height(node):
    return int(get(node.url + "/status")["result"]["sync_info"]["latest_block_height"])


def wait_for_stream(load):
    """Until an answer has begun, and a whole one was given before, so that there is something to lose."""
    held, deadline = len(load.held), time.monotonic() + MOMENT_SECONDS_MAX
    while not (load.chunks >= 2 and len(load.held) > held):
        if time.monotonic() > deadline:
            sys.exit(f"FAIL no stream began in {MOMENT_SECONDS_MAX} s")
        time.sleep(0.005)


def strike(part, network, load):
    wait_for_stream(load)
    chunks, held = load.chunks, len(load.held)
    part.process.send_signal(signal.SIGKILL)
    part.process.wait()
    seconds = network.start(part)
    print(f"killed {part.name} at height {height(network.node)}: an answer after {chunks} chunks in flight"
          f"{', a transfer' if load.sending else ''}; ready again after {seconds:.1f} s; {held} receipts", flush=True)


def epoch_blocks(network):
    return int(network.node.query("parameters")["chain.epoch_blocks"])


def wait_for_height(node, goal):
    deadline = time.monotonic() + EPOCH_SECONDS_MAX
    while height(node) < goal:
        if time.monotonic() > deadline:
            sys.exit(f"FAIL the {node.name} did not reach block {goal} in {EPOCH_SECONDS_MAX} s")
        time.sleep(0.5)


def check_followers(check, network):
    """Every block that the node has, with its app hash; each follower may need a moment for the last ones."""
    last = height(network.node)

    def hashes(node):
        return [get(f"{node.url}/block?height={at}")["result"]["block"]["header"]["app_hash"]
                for at in range(1, last + 1)]

    own = hashes(network.node)
    for follower in network.followers:
        wait_for_height(follower, last)
        check(f"{follower.name} has the node's app hash after every block", hashes(follower) == own,
              f"{last} blocks, {own[-1][:16]}…")


def check_statements(check, network, epochs):
    agree = []
    for epoch in range(1, epochs + 1):
        for host in network.hosts:
            agree.append(network.node.run("statement", host.address, str(epoch)).returncode == 0)
    check("each host's statement agrees with what was paid", all(agree), f"{sum(agree)} of {HOSTS * epochs}")
    work = [entry for epoch in range(1, epochs + 1) for entry in network.node.query("epoch", str(epoch))]
    paid = [entry["host"] for entry in work if int(entry.get("paid_ngonka", "0")) > 0]
    # No check: whether a sprint beside users' requests and kills is audited in time is the machine's affair.
    print(f"paid of the emission: {len(paid)} of {len(work)} host-epochs", flush=True)


def check_mlnode(check, network):
    token = network.folder / "mlnode" / "mlnode-token"
    model = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gonka/models"
    file = next(model.glob("*-F16.gguf"))
    result = subprocess.run([network.gonka, "mlnode", "check", network.mlnode.url, "--token", str(token),
                             "--model", str(file), "--node", network.node.url], capture_output=True, text=True)
    print(result.stdout, end="")
    check("the ML node conforms", result.returncode == 0, result.stderr.strip())


def run(options, folder):
    check = Checks()
    network = Network(options.gonka, folder, followers=FOLLOWERS, remote=REMOTE_HOSTS)
    target = folder / "target"
    subprocess.run([network.gonka, "keys", "create", "target", "--home", target], check=True, capture_output=True)
    shown = subprocess.run([network.gonka, "keys", "show", "target", "--home", target], check=True,
                           capture_output=True, text=True)
    try:
        print(machine())
        print(f"{len(network.parts)} daemons ready after {network.start():.1f} s; model {MODEL}", flush=True)
        memory = MemoryWatch(network)
        memory.start()
        load = Load(network, shown.stdout.strip())
        blocks = epoch_blocks(network)
        for number, part in enumerate(network.parts):
            wait_for_height(network.node, blocks * options.epochs * number // len(network.parts))
            strike(part, network, load)
        # An epoch is closed in the first block of the next.
        wait_for_height(network.node, blocks * options.epochs + 1)
        load.end()
        memory.running = False
        aftermath.wait_until_opened(load)
        aftermath.wait_until_settled(network)
        check("epochs under load", height(network.node) > blocks * options.epochs,
              f"{options.epochs} of {blocks} blocks, {len(load.held)} answers, {len(load.transfers)} transfers")
        aftermath.check_transfers(check, network, load)
        aftermath.check_receipts(check, network, load)
        check_followers(check, network)
        check_statements(check, network, options.epochs)
        # Two equal requests are answered alike by an engine that does nothing else.
        network.end(*network.hosts, network.gateway)
        check_mlnode(check, network)
        aftermath.check_replay(check, network)
        memory.print()
    finally:
        for part in network.parts:
            part.end(signal.SIGKILL)
    check.exit()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--keep", help="an empty folder for homes and logs; else they are removed in the end")
    options = parser.parse_args()
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        return run(options, pathlib.Path(options.keep))
    with tempfile.TemporaryDirectory() as folder:
        run(options, pathlib.Path(folder))


main()

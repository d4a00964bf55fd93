#!/usr/bin/env python3
"""Kills parts of a network (-9) at awkward moments and checks that nothing acknowledged is lost and nothing is paid
twice.

usage: kills.py GONKA [--kills N] [--seed S] [--keep FOLDER]

Node, three hosts and gateway are processes of their own; a kill takes one of them, or all at once, while a client
streams answers and another sends coins. Two kills in five fall into a stream that has begun, one in five into a block's
commit while a round takes claims (the moment at which the block is in the block file and its execution begins), the
rest anywhere. Prints what was in flight at each kill. In the end every acknowledged transfer must be in the block that
it was said to be in, every receipt that the client holds must be proven to lie in one settled claim, claims must count
their items without a gap or an overlap, and the app hash must be that of a replay from genesis in another process.
"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import aftermath
from load import Load
from network import Checks, Network, get, machine

KINDS = ["stream", "commit", "stream", "anywhere", "anywhere"]
VICTIMS = {"stream": ["host", "all", "gateway", "node"], "commit": ["node", "all"]}
MOMENT_SECONDS_MAX = 180


class Killer:
    """Waits for a moment, kills, says what was in flight, and starts again what was killed."""

    def __init__(self, network, load, rng):
        self.network, self.load, self.rng = network, load, rng
        self.streams = self.commits = self.again = self.sends = 0
        self.turns = {kind: 0 for kind in VICTIMS}

    def strike(self, number, kind):
        parts = self.wait(kind)
        streaming, sending = self.load.chunks, self.load.sending
        for part in parts:
            part.process.send_signal(signal.SIGKILL)
        for part in parts:
            part.process.wait()
        began = self.network.node.log.stat().st_size
        seconds = self.network.start(*parts)
        replayed = self.replayed(began) if self.network.node in parts else 0
        self.streams += streaming > 0
        self.commits += kind == "commit"
        self.again += replayed > 0
        self.sends += sending
        print(f"kill {number} ({kind}) of {', '.join(part.name for part in parts)}: in flight "
              f"{f'a stream after {streaming} chunks' if streaming else 'no stream'}, "
              f"{'a transfer' if sending else 'no transfer'}"
              f"{', a block that was logged and not committed' if replayed else ''}; back after {seconds:.1f} s; "
              f"{len(self.load.held)} receipts", flush=True)

    def replayed(self, offset):
        """Blocks that the node had logged and not committed when it died, as its next start says."""
        with open(self.network.node.log, "rb") as log:
            log.seek(offset)
            lines = [json.loads(line) for line in log if line.startswith(b"{")]
        return sum(int(line["meta_replayed"]) for line in lines if line["message"] == "ordering started")

    def wait(self, kind):
        """Returns at the moment with the parts to kill."""
        if kind == "anywhere":
            time.sleep(self.rng.uniform(0.2, 4.0))
            return self.victims(self.rng.choice(["all", "gateway", "node", "any host"]))
        victim = VICTIMS[kind][self.turns[kind] % len(VICTIMS[kind])]
        self.turns[kind] += 1
        if kind == "stream":
            return self.wait_for_stream(victim)
        self.wait_for_commit()
        return self.victims(victim)

    def victims(self, victim):
        network = self.network
        return {"all": network.parts, "gateway": [network.gateway], "node": [network.node],
                "any host": [self.rng.choice(network.hosts)]}[victim]

    def wait_for_stream(self, victim):
        """Until an answer has begun; a whole one first, so that there is a receipt that must be paid."""
        held = len(self.load.held)
        deadline = time.monotonic() + MOMENT_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.load.chunks >= 2 and len(self.load.held) > held:
                if victim != "host":
                    return self.victims(victim)
                busy = [host for host in self.network.hosts if get(host.url + "/v1/status")["load"]["running"] > 0]
                if busy and self.load.chunks >= 2:
                    return busy
            time.sleep(0.005)
        sys.exit(f"FAIL no stream began in {MOMENT_SECONDS_MAX} s")

    def wait_for_commit(self):
        """Until the block file grows while a round takes claims."""
        deadline = time.monotonic() + MOMENT_SECONDS_MAX
        size = None
        while time.monotonic() < deadline:
            grown = self.network.block_file.stat().st_size
            if size is not None and grown > size:
                return
            if size is None and self.takes_claims():
                size = self.network.block_file.stat().st_size
            time.sleep(0.0002 if size else 0.1)
        sys.exit(f"FAIL no round took claims in {MOMENT_SECONDS_MAX} s")

    def takes_claims(self):
        """Whether the next block is in a commit window. The newest round is at work; the one before may take claims."""
        newest = self.network.node.query("status")["newest_round"]
        rounds = [self.network.node.query("round", str(number)) for number in range(max(1, newest - 1), newest + 1)]
        following = self.height() + 1
        return any(first <= following <= last for first, last in (round_["windows"]["commit"] for round_ in rounds))

    def height(self):
        return int(get(self.network.node.url + "/status")["result"]["sync_info"]["latest_block_height"])


def run(options, folder):
    check, rng = Checks(), random.Random(options.seed)
    network = Network(options.gonka, folder)
    target = folder / "target"
    subprocess.run([network.gonka, "keys", "create", "target", "--home", target], check=True, capture_output=True)
    shown = subprocess.run([network.gonka, "keys", "show", "target", "--home", target], check=True,
                           capture_output=True, text=True)
    try:
        print(f"{machine()}, seed {options.seed}")
        print(f"all up after {network.start():.1f} s", flush=True)
        load = Load(network, shown.stdout.strip())
        killer = Killer(network, load, rng)
        for number in range(options.kills):
            killer.strike(number + 1, KINDS[number % len(KINDS)])
        load.end()
        aftermath.wait_until_opened(load)
        aftermath.wait_until_settled(network)
        check("kills fell where they were aimed", killer.streams >= options.kills * 2 // 5
              and killer.commits >= options.kills // 5,
              f"{options.kills} kills: {killer.streams} during a stream, {killer.commits} at a commit, {killer.again} "
              f"of a node with a block that was logged and not committed, {killer.sends} during a transfer")
        aftermath.check_transfers(check, network, load)
        aftermath.check_receipts(check, network, load)
        aftermath.check_replay(check, network)
    finally:
        for part in network.parts:
            part.end(signal.SIGKILL)
    check.exit()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="an empty folder for homes and logs; else they are removed in the end")
    options = parser.parse_args()
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        return run(options, pathlib.Path(options.keep))
    with tempfile.TemporaryDirectory() as folder:
        run(options, pathlib.Path(folder))


main()

#!/usr/bin/env python3
"""Kills a whole network (-9) at awkward moments and checks that nothing acknowledged is lost and nothing is paid twice.

usage: kills.py GONKA HOME [--kills N] [--seed S]

GONKA is the gonka binary, HOME an empty folder. Two kills in five fall into a stream that has begun, one in five into a
commit window, the rest anywhere. The network is one process (`gonka devnet`): node, hosts and gateway die together. Prints
what was in flight at each kill; at the end every acknowledged transfer must be on the ledger, every receipt that the client
holds must be paid exactly once, and the app hash must be that of a replay from genesis in another process.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request

NODE, GATEWAY, HOST = 36657, 38080, 38001
MODEL = "smollm2-135m-instruct-f16"


class Network:
    def __init__(self, gonka, home):
        self.gonka, self.home = gonka, home
        self.log = open(pathlib.Path(home).parent / "kills.log", "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.gonka, "devnet", "--home", self.home, "--node-port", str(NODE), "--gateway-port", str(GATEWAY),
             "--first-host-port", str(HOST)], stdout=self.log, stderr=self.log)
        began = time.monotonic()
        while time.monotonic() - began < 60:
            if self.process.poll() is not None:
                sys.exit(f"FAIL the network did not start again: exit {self.process.returncode}, see {self.log.name}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{GATEWAY}/readyz", timeout=1)
                return time.monotonic() - began
            except OSError:
                time.sleep(0.1)
        sys.exit("FAIL the gateway was not ready in 60 s")

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()

    def query(self, *words):
        output = subprocess.run(
            [self.gonka, "query", *words, "--json", "--node", f"http://127.0.0.1:{NODE}"], capture_output=True, timeout=30)
        return json.loads(output.stdout) if output.returncode == 0 else None


class Load:
    """A client that streams answers and one that sends coins, both noting what was acknowledged."""

    def __init__(self, network, target):
        self.network, self.target = network, target
        self.receipts, self.sent, self.unknown = [], 0, 0
        self.chunks, self.sending, self.running = 0, False, False
        self.counter = 0

    def begin(self):
        self.running, self.chunks, self.sending = True, 0, False
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.stream, self.transfer)]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.running = False
        for thread in self.threads:
            thread.join(60)

    def stream(self):
        key = pathlib.Path(self.network.home, "gateway/devnet-api-key").read_text().strip()
        while self.running:
            self.counter += 1
            body = json.dumps({"model": MODEL, "stream": True, "max_tokens": 24, "messages": [
                {"role": "user", "content": f"Count from {self.counter} to {self.counter + 5}."}]}).encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{GATEWAY}/v1/chat/completions", body,
                {"content-type": "application/json", "authorization": f"Bearer {key}"})
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    for line in answer:
                        if line.startswith(b"data: {"):
                            self.chunks += 1
                            gonka = json.loads(line[6:]).get("gonka")
                            if gonka:
                                self.receipts.append((gonka["session"], gonka["receipt"], gonka["number"], gonka["fee"]))
            except (OSError, ValueError):
                time.sleep(0.05)
            self.chunks = 0

    def transfer(self):
        while self.running:
            self.sending = True
            result = subprocess.run(
                [self.network.gonka, "tx", "send", "faucet", self.target, "1000", "--home", self.network.home,
                 "--node", f"http://127.0.0.1:{NODE}", "--json"], capture_output=True)
            if result.returncode == 0:
                self.sent += 1000
            else:
                self.unknown += 1000
                time.sleep(0.05)
            self.sending = False


def phase(network):
    status = network.query("status")
    if not status:
        return "?"
    for number in range(max(1, status["newest_round"] - 2), status["newest_round"] + 1):
        round_ = network.query("round", str(number))
        if round_ and round_["windows"]["commit"][0] <= status["height"] <= round_["windows"]["commit"][1]:
            return "commit"
    return "other"


def wait_for_moment(kind, network, load, rng):
    deadline = time.monotonic() + 30
    held = len(load.receipts)
    time.sleep(rng.uniform(0.2, 1.5))
    while time.monotonic() < deadline:
        # A whole answer first, so that there is a receipt that must be paid.
        if kind == "stream" and load.chunks >= 2 and len(load.receipts) > held:
            return
        if kind == "commit" and phase(network) == "commit":
            return
        if kind == "anywhere":
            time.sleep(rng.uniform(0.0, 4.0))
            return
        time.sleep(0.01 if kind == "stream" else 0.2)


def settle(network, last_round):
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        round_ = network.query("round", str(last_round))
        if round_ and round_["settled"]:
            return
        time.sleep(1)
    sys.exit(f"FAIL round {last_round} did not settle")


def check(name, holds, detail):
    print(f"{'ok  ' if holds else 'FAIL'} {name}: {detail}")
    return holds


def claims(network):
    """(session, host) -> list of (first, count, fee), over every accepted claim."""
    found = {}
    for number in range(1, network.query("status")["newest_round"] + 1):
        for claim in network.query("claims", str(number)) or []:
            for entry in claim["entries"]:
                for part in entry["sessions"]:
                    found.setdefault((part["session"], claim["host"]), []).append(
                        (part["first_number"], part["items"], int(part["fee_ngonka"]), claim["state"]))
    return found


def hosts_of(network, receipts):
    """Which member holds a receipt: the executor's 20 address bytes follow the tag 0x12 0x14 in the receipt."""
    hosts = {}
    for host in network.query("hosts"):
        hosts[host["address"]] = bytes.fromhex(host["operator_key"])
    placed = []
    for session, text, number, fee in receipts:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        owner = [address for address, key in hosts.items() if key in raw]
        placed.append((session, owner[0], number, fee))
    return placed


def verdict(network, load):
    good = True
    balance = network.query("account", load.target)
    got = int(balance["balance_ngonka"]) if balance else 0
    good &= check("acknowledged transfers are there", load.sent <= got <= load.sent + load.unknown,
                  f"{load.sent} acknowledged, {got} received, {load.unknown} unknown")
    found = claims(network)
    for (session, host), parts in sorted(found.items()):
        expected = 1
        for first, count, _, state in sorted(parts):
            good &= first == expected and state == "settled"
            expected = first + count
        print(f"     session {session} {host}: {expected - 1} items in {len(parts)} claims")
    placed = hosts_of(network, load.receipts)
    good &= check("no receipt twice", len(set(item[:3] for item in placed)) == len(placed), f"{len(placed)} receipts")
    unpaid = [item for item in placed if not any(
        first <= item[2] < first + count for first, count, _, _ in found.get(item[:2], []))]
    good &= check("every receipt is claimed and settled once", not unpaid, f"{len(unpaid)} unpaid")
    for pair, parts in found.items():
        held = {item[2]: item[3] for item in placed if item[:2] == pair}
        fees = sum(fee for _, _, fee, _ in parts)
        good &= sum(held.values()) <= fees
        if len(held) == sum(count for _, count, _, _ in parts):
            good &= check(f"session {pair[0]}: receipts add up to the claims", sum(held.values()) == fees, f"{fees}")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("home")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    network = Network(options.gonka, options.home)
    subprocess.run([options.gonka, "keys", "create", "target", "--home", options.home], check=True, capture_output=True)
    target = subprocess.run([options.gonka, "keys", "show", "target", "--home", options.home], check=True,
                            capture_output=True, text=True).stdout.strip()
    load = Load(network, target)
    counts = {"stream": 0, "commit": 0, "transfer": 0}
    kinds = ["stream", "stream", "commit", "anywhere", "anywhere"]
    for number in range(options.kills):
        started = network.start()
        load.begin()
        kind = kinds[number % len(kinds)]
        wait_for_moment(kind, network, load, rng)
        streaming, sending = load.chunks, load.sending
        network.kill()
        load.end()
        counts["stream"] += streaming > 0
        counts["commit"] += kind == "commit"
        counts["transfer"] += sending
        print(f"kill {number + 1}/{options.kills} ({kind}): start {started:.1f} s; in flight: "
              f"{'a stream after ' + str(streaming) + ' chunks' if streaming else 'no stream'}, "
              f"{'a transfer' if sending else 'no transfer'}", flush=True)
    network.start()
    last = network.query("status")["newest_round"] + 1
    settle(network, last)
    good = verdict(network, load)
    status = network.query("status")
    network.kill(signal.SIGTERM)
    replay = subprocess.run([options.gonka, "replay", os.path.join(options.home, "node/blocks.log")],
                            capture_output=True, text=True)
    hashes = dict(line.split() for line in replay.stdout.splitlines())
    good &= check("app hash equals a replay from genesis", replay.returncode == 0
                  and hashes.get(str(status["height"])) == status["app_hash"],
                  f"height {status['height']}, {status['app_hash'][:16]}…, {len(hashes)} blocks replayed")
    print(f"{options.kills} kills: {counts['stream']} during a stream, {counts['commit']} in a commit window, "
          f"{counts['transfer']} during a transfer")
    sys.exit(0 if good else 1)


main()

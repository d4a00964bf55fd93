#!/usr/bin/env python3
"""Four validators behind a real CometBFT: load, kill -9 of a validator and of an application, half the network stopped and back, and
a validator whose power falls since its host does nothing.

usage: live.py GONKA

Says so and succeeds where there is no `cometbft` on the PATH. Hosts of the first three validators work; the fourth has none, so its
sprint fails and its power must fall while the others' does not. In the end every acknowledged transfer must be found on every
validator, and the app hash after each of the last blocks must be the same on all.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from network import Checks, Part, get, machine

VALIDATORS = 4
BASE_PORT = 27_000
SECONDS_MAX = 120
EPOCH_SECONDS_MAX = 600
EPOCH_BLOCKS = 84
FIRST_HOST_PORT = 8_001
# The validators whose hosts work.
WORKING = range(1, VALIDATORS)


def rpc(number):
    return f"http://127.0.0.1:{BASE_PORT + 10 * (number - 1) + 1}"


def height(number):
    try:
        return int(get(f"{rpc(number)}/status")["result"]["sync_info"]["latest_block_height"])
    except (OSError, ValueError, KeyError):
        return 0


def reach(goal, numbers, what, seconds=SECONDS_MAX):
    deadline = time.monotonic() + seconds
    while any(height(number) < goal for number in numbers):
        if time.monotonic() > deadline:
            sys.exit(f"FAIL {what}: heights {[height(number) for number in numbers]}, and {goal} was due")
        time.sleep(0.5)


class Load(threading.Thread):
    """Sends coins one after the other, by whichever validator answers, and remembers what was acknowledged."""

    def __init__(self, gonka, home):
        super().__init__(daemon=True)
        self.gonka, self.home, self.sent, self.failed, self.done = gonka, home, [], 0, False

    def run(self):
        target = subprocess.run([self.gonka, "keys", "show", "faucet", "--home", self.home],
                                capture_output=True, text=True).stdout.strip()
        while not self.done:
            number = 1 + (len(self.sent) + self.failed) % VALIDATORS
            result = subprocess.run(
                [self.gonka, "tx", "send", "developer", target, "1000", "--json", "--home", self.home, "--node", rpc(number)],
                capture_output=True, text=True)
            if result.returncode == 0:
                self.sent.append(json.loads(result.stdout)["hash"])
            else:
                self.failed += 1
                time.sleep(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    options = parser.parse_args()
    if not shutil.which("cometbft"):
        return print("there is no cometbft on the PATH: nothing was run")
    check = Checks()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="gonka-live-") as folder:
        def network(*words):
            subprocess.run([options.gonka, "network", *words, "--home", folder], check=True)

        def kill(number, *parts):
            for part in parts:
                file = pathlib.Path(folder) / f"network/validator-{number}/{part}.pid"
                os.kill(int(file.read_text()), signal.SIGKILL)

        network("init", "--validators", str(VALIDATORS), "--base-port", str(BASE_PORT))
        network("start")
        try:
            drive(options.gonka, folder, network, kill, check)
        finally:
            network("stop")
    check.exit()


def powers():
    """The voting power of each validator that consensus has, by address."""
    return {one["address"]: int(one["voting_power"]) for one in get(f"{rpc(1)}/validators?per_page=100")["result"]["validators"]}


def address(folder, number):
    key = pathlib.Path(folder) / f"network/validator-{number}/cometbft/config/priv_validator_key.json"
    return json.loads(key.read_text())["address"]


def hosts(gonka, folder):
    """The hosts of the validators that work, each with a home of its own."""
    parts = []
    for number in WORKING:
        home = pathlib.Path(folder) / f"host-{number}"
        (home / "keys").mkdir(parents=True, mode=0o700)
        keys = pathlib.Path(folder) / "network/keys"
        shutil.copy2(keys / f"operator-{number}.json", home / "keys")
        account = json.loads((keys / f"host-{number}.json").read_text())["address"]
        port = FIRST_HOST_PORT + number - 1
        parts.append(Part(f"host-{number}", [
            gonka, "host", "--home", str(home), "--node", rpc(number), "--account", account, "--operator-key",
            f"operator-{number}", "--url", f"http://127.0.0.1:{port}", "--port", str(port), "--threads", "1"],
            port, home / "host.log"))
    return parts


def check_falling_power(check, gonka, folder):
    """An epoch's sprint, and the step that follows from it."""
    working = hosts(gonka, folder)
    try:
        for host in working:
            host.start()
        for host in working:
            host.wait()
        before, goal = powers(), (height(1) // EPOCH_BLOCKS + 2) * EPOCH_BLOCKS + 2
        reach(goal, range(1, VALIDATORS + 1), "an epoch with a sprint", EPOCH_SECONDS_MAX)
        after = powers()
    finally:
        for host in working:
            host.end()
    idle = address(folder, VALIDATORS)
    fell = after.get(idle, 0) < before.get(idle, 0)
    stand = all(after.get(own, 0) >= before.get(own, 0) for own in (address(folder, number) for number in WORKING))
    check("who proves nothing loses power, and nobody else does", fell and stand,
          f"{before.get(idle, 0)} before, {after.get(idle, 0)} after")


def drive(gonka, folder, network, kill, check):
    everybody = range(1, VALIDATORS + 1)
    reach(3, everybody, "the first blocks")
    check_falling_power(check, gonka, folder)
    load = Load(gonka, f"{folder}/network")
    load.start()
    kill(2, "cometbft", "node")
    reach(height(1) + 5, [1, 3, 4], "blocks without a validator")
    check("three of four go on without one", True, f"height {height(1)}")
    network("start")
    reach(height(1) + 2, everybody, "the killed validator")
    kill(3, "node")
    time.sleep(5)
    network("start")
    reach(height(1) + 2, everybody, "the validator whose application was killed")
    check("who was killed catches up", True, f"height {height(1)}")
    for number in [3, 4]:
        kill(number, "cometbft", "node")
    time.sleep(5)
    before = height(1)
    time.sleep(10)
    check("half a network makes no block", height(1) == before, f"height {before}")
    network("start")
    reach(before + 5, everybody, "the network that is whole again")
    load.done = True
    load.join(SECONDS_MAX)
    last = min(height(number) for number in everybody)
    reach(last + 2, everybody, "the last blocks")
    for at in range(last - 5, last + 1):
        hashes = {get(f"{rpc(number)}/block?height={at}")["result"]["block"]["header"]["app_hash"]
                  for number in everybody}
        check(f"one app hash before block {at}", len(hashes) == 1, next(iter(hashes))[:16])
    missing = [sent for sent in load.sent for number in everybody
               if "result" not in get(f"{rpc(number)}/tx?hash=0x{sent}")]
    check("every acknowledged transfer is on every validator", load.sent and not missing,
          f"{len(load.sent)} acknowledged, {load.failed} not, {len(missing)} missing")


main()

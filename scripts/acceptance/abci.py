#!/usr/bin/env python3
"""Speaks ABCI to a real `gonka node --abci` as CometBFT would, and kills it (-9) between calls. No consensus: one script that
says what the next block is.

usage: abci.py GONKA [--blocks N]

Handshake, empty blocks one after the other; after some FinalizeBlocks the process is killed before its Commit, after some
Commits at once. Each time the next process must say the height that was committed last, with its app hash, and give the same
answer to the same block. In the end SIGTERM must end it with status 0, and a second copy that is handed all blocks at once
must have the same app hash.
"""
import argparse
import hashlib
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from network import Checks, machine

SECONDS_MAX = 30


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """One field of a protobuf message: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """The fields of a message: number to the last value."""
    found, place = {}, 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(message):
        tag = number()
        if tag & 7 == 0:
            found[tag >> 3] = number()
        else:
            length = number()
            found[tag >> 3] = message[place:place + length]
            place += length
    return found


class Application:
    """A process, and a connection to it."""

    def __init__(self, gonka, home):
        self.gonka, self.home = gonka, home
        self.path = home / "app.sock"
        self.start()

    def start(self):
        log = open(self.home / "node.log", "ab")
        self.process = subprocess.Popen(
            [self.gonka, "node", "--home", str(self.home), "--abci", f"unix://{self.path}"], stderr=log, stdout=log)
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                return self.socket.connect(str(self.path))
            except OSError:
                self.socket.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"FAIL the node did not start: {(self.home / 'node.log').read_text()[-500:]}")
                time.sleep(0.05)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.socket.close()

    def ask(self, kind, body=b""):
        """Sends one request and a flush; the answer's own message."""
        for message in [field(kind, body), field(2, b"")]:
            self.socket.sendall(varint(len(message)) + message)
        answer = self.read()
        self.read()
        if 1 in answer:
            sys.exit(f"FAIL exception: {fields(answer[1]).get(1, b'').decode()}")
        return fields(next(iter(answer.values())))

    def read(self):
        length = shift = 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return fields(self.exactly(length))

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                sys.exit("FAIL the connection ended")
            data += piece
        return data

    def info(self):
        answer = self.ask(3, field(4, b"2.0.0"))
        return answer.get(4, 0), answer.get(5, b"").hex()

    def begin(self, genesis):
        block = field(1, 5 << 20) + field(2, (1 << 64) - 1)
        body = (field(1, field(1, genesis["genesis_time_milliseconds"] // 1000)) + field(2, genesis["chain_id"].encode())
                + field(3, field(1, block)) + field(5, json.dumps(genesis["app_state"]).encode()) + field(6, 1))
        return self.ask(5, body)[3].hex()

    def finalize(self, height):
        body = (field(2, b"") + field(4, hashlib.sha256(b"block %d" % height).digest()) + field(5, height)
                + field(6, field(1, 1_700_000_000 + height)))
        return self.ask(20, body)[5].hex()

    def commit(self):
        self.ask(11)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("--blocks", type=int, default=60)
    options = parser.parse_args()
    check = Checks()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="gonka-abci-") as folder:
        folder = pathlib.Path(folder)
        subprocess.run([options.gonka, "network", "init", "--validators", "4", "--home", str(folder / "network")],
                       check=True, stdout=subprocess.DEVNULL)
        genesis = json.loads((folder / "network/network/genesis.json").read_text())
        hashes, kills = run(options, folder / "one", genesis, check)
        twin = Application(options.gonka, made(folder / "two"))
        twin.begin(genesis)
        again = []
        for height in range(1, options.blocks + 1):
            again.append(twin.finalize(height))
            twin.commit()
        check("a copy that is handed all blocks at once has the same app hashes", again == hashes, again[-1][:16])
        twin.process.send_signal(signal.SIGTERM)
        check("it ends when it is told to, with status 0", twin.process.wait(SECONDS_MAX) == 0)
        check("it was killed", kills > 5, f"{kills} times")
    check.exit()


def made(home):
    home.mkdir()
    return home


def run(options, home, genesis, check):
    """Blocks with kills between the calls: the app hashes after each, and how often the process was killed."""
    application, hashes, kills, right = Application(options.gonka, made(home)), [], 0, True
    check("before genesis it is at height 0", application.info() == (0, ""))
    first = application.begin(genesis)
    application.kill()
    application.start()
    check("the same genesis again has the same app hash", application.begin(genesis) == first, first[:16])
    for height in range(1, options.blocks + 1):
        app_hash = application.finalize(height)
        if height % 7 == 0:
            application.kill()
            application.start()
            kills += 1
            right &= application.info()[0] == height - 1 and application.finalize(height) == app_hash
        application.commit()
        if height % 5 == 0:
            application.kill()
            application.start()
            kills += 1
        right &= application.info() == (height, app_hash)
        hashes.append(app_hash)
    check("after each kill it says what was committed last, and answers the same", right, f"{options.blocks} blocks")
    application.kill()
    return hashes, kills


main()

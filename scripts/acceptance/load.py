"""A client of a network that streams answers and sends coins, and keeps what it is promised."""
import http.client
import json
import subprocess
import threading
import time

from network import get
from statements import Receipt

COINS = 1_000
TOKENS = 16


class Held:
    """A receipt that the client holds, and later the item that its host opened."""

    def __init__(self, gonka, network):
        self.receipt, self.url, self.opened = Receipt(gonka["receipt"]), gonka["items_url"], None
        self.host = network.executor(self.receipt).address
        self.place = self.receipt.session, self.host, self.receipt.number


class Load:
    """Streams answers and sends coins until it is told to end, and notes what was acknowledged."""

    def __init__(self, network, target):
        self.network, self.target = network, target
        # Receipts, and (hash, height) of transfers.
        self.held, self.transfers = [], []
        self.unknown, self.chunks, self.sending, self.running = 0, 0, False, True
        works = (self.stream, self.transfer, self.collect)
        self.threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.running = False
        for thread in self.threads:
            thread.join()

    def stream(self):
        counter = 0
        while self.running:
            counter += 1
            question = f"Count from {counter} to {counter + 5}."
            try:
                with self.network.ask({"stream": True, "max_tokens": TOKENS, "messages": [
                        {"role": "user", "content": question}]}) as answer:
                    for line in answer:
                        if line.startswith(b"data: {"):
                            self.chunks += 1
                            gonka = json.loads(line[6:]).get("gonka")
                            if gonka:
                                self.held.append(Held(gonka, self.network))
                                self.chunks = 0
            except (OSError, ValueError, http.client.HTTPException):
                time.sleep(0.05)
            self.chunks = 0

    def transfer(self):
        while self.running:
            self.sending = True
            sent = self.send()
            self.sending = False
            if sent:
                self.transfers.append((sent["hash"], sent["height"]))
            else:
                self.unknown += 1
                time.sleep(0.05)

    def collect(self):
        while self.running:
            self.open_items()
            time.sleep(2)

    def open_items(self):
        """Fetches the items that are opened by now; a host keeps them for some rounds only."""
        for held in [held for held in self.held if not held.opened]:
            try:
                held.opened = get(held.url)
            except (OSError, ValueError, http.client.HTTPException):
                continue

    def send(self):
        """What is said of a transfer that is in a block; None where nothing is said."""
        try:
            result = self.network.node.run("tx", "send", "faucet", self.target, str(COINS), "--home",
                                           str(self.network.home), "--json")
            return json.loads(result.stdout) if result.returncode == 0 else None
        except subprocess.TimeoutExpired:
            return None

#!/usr/bin/env python3
"""Shows that `gonka query account --verify` believes a proof and no node, and that anybody can check the proof.

usage: proofs.py GONKA HOME

HOME is where `gonka devnet --demo --once` ran. A node serves its ledger; between it and gonka stands a liar that
repeats the node's answers with one byte of the proof, or of the value, changed. Once for an account that is there and
once for one that is not, with the proof as it is and with each of its bytes changed in turn: the first is believed,
none of the others is. Nor is the proof where the liar gives an earlier block's app hash instead of the next one's.

What the node answers is checked a second time by ics23.py, which follows ICS-23's definition and knows nothing of gonka;
ics23.py itself is checked first, with the data that ICS-23 publishes.
"""
import base64
import concurrent.futures
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.request

import ics23
from network import Checks, Node, free_ports

# The address of 20 zero bytes, whose key nobody has.
NOBODY = "gonka1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqrk8pql"
PUBLISHED = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Vectors" / "ics23"


class Liar(http.server.BaseHTTPRequestHandler):
    """Passes questions to the node at `/`; elsewhere repeats the answers with a lie.

    At `/PART/INDEX` a byte of that part is flipped, at `/earlier` the block is `earlier`.
    """

    node, answers, earlier = "", {}, None

    def do_POST(self):
        question = self.rfile.read(int(self.headers["content-length"]))
        asked = json.loads(question)
        name = json.dumps([asked["method"], asked["params"]])
        if self.path == "/":
            request = urllib.request.Request(self.node, question, {"content-type": "application/json"})
            with urllib.request.urlopen(request) as answer:
                self.answers[name] = answer.read()
            return self.reply(self.answers[name])
        answer = json.loads(self.answers[name])
        if self.path == "/earlier":
            if asked["method"] == "block":
                answer["result"] = self.earlier
        elif asked["method"] == "abci_query":
            _, part, index = self.path.split("/")
            response = answer["result"]["response"]
            holder, field = (response, "value") if part == "value" else (response["proofOps"]["ops"][0], "data")
            lie = bytearray(base64.b64decode(holder[field]))
            lie[int(index)] ^= 0xFF
            holder[field] = base64.b64encode(lie).decode()
        self.reply(json.dumps(answer).encode())

    def reply(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def answered(method):
    """What the node was asked last by this method, and what it answered."""
    asked, answer = next((json.loads(name)[1], answer) for name, answer in Liar.answers.items()
                         if json.loads(name)[0] == method)
    return asked, json.loads(answer)["result"]


def earlier_block(height, app_hash):
    """The last block before `height` that records another app hash than this; None where there is none."""
    for earlier in range(height - 1, 0, -1):
        question = {"jsonrpc": "2.0", "id": 1, "method": "block", "params": {"height": str(earlier)}}
        request = urllib.request.Request(Liar.node, json.dumps(question).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            block = json.load(answer)["result"]
        if block["block"]["header"]["app_hash"] != app_hash:
            return block
    return None


def is_flip_proven(proof, root, key, value, index):
    flipped = bytearray(proof)
    flipped[index] ^= 0xFF
    return ics23.is_proven(bytes(flipped), root, key, value)


def check_published(check):
    vectors = list(ics23.published(PUBLISHED))
    refused = [name for name, *vector in vectors if not ics23.is_proven(*vector)]
    check(f"{len(vectors)} proofs that ICS-23 publishes hold", vectors and not refused, refused or "")
    believed = [(name, index) for name, proof, *claim in vectors for index in range(len(proof))
                if is_flip_proven(proof, *claim, index)]
    check("their bytes changed one at a time, none holds", not believed, believed or "")


def check_account(check, gonka, url, account, name):
    def query(path):
        return subprocess.run([gonka, "query", "account", account, "--verify", "--json", "--node", url + path],
                              capture_output=True, text=True)

    def is_believed(result):
        return result.returncode != 1 or bool(result.stdout)

    Liar.answers.clear()
    honest = query("/")
    check(f"{name}: the proof is believed", honest.returncode == 0, honest.stdout.strip() or honest.stderr.strip())
    asked, answer = answered("abci_query")
    response, header = answer["response"], answered("block")[1]["block"]["header"]
    [operation] = response["proofOps"]["ops"]
    key, value, proof = bytes.fromhex(asked["data"]), base64.b64decode(response["value"] or ""), \
        base64.b64decode(operation["data"])
    root, height = bytes.fromhex(header["app_hash"]), int(header["height"])

    check(f"{name}: the operation is {ics23.PROOF_TYPE} and of the key",
          operation["type"] == ics23.PROOF_TYPE and base64.b64decode(operation["key"]) == key)
    check(f"{name}: by ICS-23's rules the answer holds against the next block's app hash",
          height == int(response["height"]) + 1 and ics23.is_proven(proof, root, key, value),
          f"{len(value)} bytes, a proof of {len(proof)}, block {height}")
    held = [index for index in range(len(proof)) if is_flip_proven(proof, root, key, value, index)]
    check(f"{name}: by ICS-23's rules none of its {len(proof)} bytes can be changed", not held, held or "")

    Liar.earlier = earlier_block(height, header["app_hash"])
    check(f"{name}: the app hash of an earlier block is not believed",
          Liar.earlier is not None and not is_believed(query("/earlier")),
          f"block {Liar.earlier['block']['header']['height']}" if Liar.earlier else "there is none")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for part, count in (("value", len(value)), ("proof", len(proof))):
            results = pool.map(lambda index: query(f"/{part}/{index}"), range(count))
            believed = [index for index, result in enumerate(results) if is_believed(result)]
            if count:
                check(f"{name}: {count} {part} bytes changed one at a time, none believed", not believed,
                      believed or "")


def main():
    gonka, home = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    check = Checks()
    check_published(check)
    with tempfile.TemporaryDirectory() as folder:
        first = free_ports(2)
        node = Node(gonka, home, first, pathlib.Path(folder, "node.log"))
        Liar.node = node.url
        server = http.server.ThreadingHTTPServer(("127.0.0.1", first + 1), Liar)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            node.start()
            node.wait()
            developer = json.loads((home / "keys" / "developer.json").read_text())["address"]
            url = f"http://127.0.0.1:{first + 1}"
            check_account(check, gonka, url, developer, "an account that is there")
            check_account(check, gonka, url, NOBODY, "an account that is not")
        finally:
            node.end()
            server.shutdown()
    check.exit()


main()

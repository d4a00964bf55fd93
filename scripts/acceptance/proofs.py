#!/usr/bin/env python3
"""Shows that `gonka query account --verify` believes a proof and no node.

usage: proofs.py GONKA HOME

HOME is where `gonka devnet --demo --once` ran. A node serves its ledger; between it and gonka stands a liar that
repeats the node's answers with one byte of the proof, or of the value, changed. Once for an account that is there and
once for one that is not, with the proof as it is and with each of its bytes changed in turn: the first is believed,
none of the others is.
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

from network import Checks, Node, free_ports

# The address of 20 zero bytes, whose key nobody has.
NOBODY = "gonka1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqrk8pql"


class Liar(http.server.BaseHTTPRequestHandler):
    """Passes questions to the node at `/`; at `/PART/INDEX` repeats the answers, with a byte of that part flipped."""

    node, answers = "", {}

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
        if asked["method"] == "abci_query":
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


def lengths(answers):
    """How many bytes the value and the proof have that the node gave last."""
    answer = next(answer for name, answer in answers.items() if "abci_query" in name)
    response = json.loads(answer)["result"]["response"]
    texts = {"value": response["value"], "proof": response["proofOps"]["ops"][0]["data"]}
    return {part: len(base64.b64decode(text)) for part, text in texts.items() if text}


def check_account(check, gonka, url, account, name):
    def query(path):
        return subprocess.run([gonka, "query", "account", account, "--verify", "--json", "--node", url + path],
                              capture_output=True, text=True)

    Liar.answers.clear()
    honest = query("/")
    check(f"{name}: the proof is believed", honest.returncode == 0, honest.stdout.strip() or honest.stderr.strip())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for part, count in lengths(Liar.answers).items():
            results = list(pool.map(lambda index: query(f"/{part}/{index}"), range(count)))
            believed = [index for index, result in enumerate(results) if result.returncode != 1 or result.stdout]
            check(f"{name}: {count} {part} bytes changed one at a time, none believed", not believed, believed or "")


def main():
    gonka, home = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    check = Checks()
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

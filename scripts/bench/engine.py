#!/usr/bin/env python3
"""Tokens per second and time to first token of an ML node, against llama.cpp's own server, built twice, in turns.

usage: scripts/bench/engine.py GONKA [--requests 1 16 64] [--tokens 48] [--rounds 5] [--threads N] [--quick]

One is compiled from the sources that ours links (`scripts/setup.sh --llama-server`), the other is PyPI's package xllamacpp, which
has the processor's own instructions and a newer version. All serve the same file over HTTP on loopback, with the same threads, a
context for each request and no shared prefix; each gets the same token ids, generates so many tokens and streams them. Runs take
turns, so that a slow moment of the machine meets all; what is printed are medians, of ratios over the rounds' own ratios.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))
from environments import LLAMA_SERVER, environment  # noqa: E402
from network import Part, free_ports, machine, wait_for  # noqa: E402

SETUP = pathlib.Path(__file__).resolve().parents[1] / "setup.sh"
PROMPT_TOKENS = 32


def serve(options):
    """Runs llama.cpp's server until it is stopped."""
    from xllamacpp import CommonParams, Server

    parameters = CommonParams()
    parameters.model.path = options.model
    parameters.n_parallel = max(options.requests)
    parameters.n_ctx = max(options.requests) * context_tokens(options)
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    parameters.port = options.serve
    server = Server(parameters)
    signal.pause()
    del server


def context_tokens(options):
    return 256 * -(-(PROMPT_TOKENS + options.tokens + 1) // 256)


class Server:
    """Something that generates: where, with which headers, and how it is asked."""

    def __init__(self, port, path, headers, body):
        self.port, self.path, self.headers, self.body = port, path, headers, body

    def stream(self, prompt, tokens):
        """How many tokens came, and when the first did, in seconds after the request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        start = time.monotonic()
        connection.request("POST", self.path, json.dumps(self.body(prompt, tokens)),
                           {"Content-Type": "application/json", **self.headers})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"bench: {self.path} answers {answer.status}: {answer.read(500)}")
        count, first, last = 0, None, {}
        for line in answer:
            if line.startswith(b"data: {") and b'"error"' not in line[:16]:
                first = first or time.monotonic() - start
                count, last = count + 1, line
        connection.close()
        # llama.cpp's server holds back what is no whole character yet, and counts at the end.
        return min(tokens, json.loads(last[6:]).get("tokens_predicted", count)), first

    def run(self, requests, tokens, random_numbers):
        """Tokens per second of all requests together, and the median time to a first token in seconds."""
        results = []

        def ask(prompt):
            results.append(self.stream(prompt, tokens))

        # Other tokens in each, so that nothing is shared.
        prompts = [[random_numbers.randrange(1_000, 20_000) for _ in range(PROMPT_TOKENS)] for _ in range(requests)]
        threads = [threading.Thread(target=ask, args=(prompt,)) for prompt in prompts]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        duration = time.monotonic() - start
        if len(results) != requests or any(count != tokens for count, _ in results):
            sys.exit(f"bench: {self.path} did not give {tokens} tokens to each of {requests}")
        return requests * tokens / duration, statistics.median(first for _, first in results)


def llama_server(port):
    def body(prompt, tokens):
        return {"prompt": prompt, "n_predict": tokens, "temperature": 1.0, "seed": 1, "ignore_eos": True,
                "cache_prompt": False, "stream": True, "n_probs": 1}
    return Server(port, "/completion", {}, body)


def ml_node(port, token):
    headers = {"Authorization": f"Bearer {token}"}
    url = f"http://127.0.0.1:{port}/v1/capabilities"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        file_hash = json.load(answer)["file_hash"]

    def body(prompt, tokens):
        return {"file_hash": file_hash, "prompt": prompt, "seed": "01" * 32, "maximum_tokens": tokens, "begun": [],
                "ignores_end_tokens": True, "top_log_probabilities": 0,
                "sampling": {"temperature": 1_000_000, "top_p": 1_000_000, "min_p": 0, "top_k": 0,
                             "presence_penalty": 0, "frequency_penalty": 0},
                "turn": {"priority": "user", "client": 0}}
    return Server(port, "/v1/generate", headers, body)


def measure(options, servers):
    """servers: by name, ours first; each is compared with ours."""
    random_numbers = random.Random(1)
    names = list(servers)
    print("| requests | " + " | ".join(f"{name}, tokens/s | first token, s" for name in names)
          + " | " + " | ".join(f"ours / {name}" for name in names[1:]) + " |")
    print("| ---: " * (1 + 2 * len(names) + len(names) - 1) + "|", flush=True)
    for requests in options.requests:
        rounds = []
        for number in range(options.rounds):
            row = {}
            for place in range(len(names)):
                name = names[(place + number) % len(names)]
                row[name] = servers[name].run(requests, options.tokens, random_numbers)
            rounds.append(row)
            print(f"  {requests} requests, round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)

        def middle(value):
            return statistics.median(value(row) for row in rounds)

        cells = [f"{middle(lambda row: row[name][0]):.1f} | {middle(lambda row: row[name][1]):.3f}" for name in names]
        ratios = [f"{middle(lambda row: row[names[0]][0] / row[name][0]):.2f}" for name in names[1:]]
        print(f"| {requests} | {' | '.join(cells)} | {' | '.join(ratios)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gonka")
    parser.add_argument("--model", default=os.environ.get("GONKA_MODEL"))
    parser.add_argument("--requests", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true", help="one round of 16 tokens, against xllamacpp only")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options)
    if options.quick:
        options.rounds, options.tokens = 1, 16
    python = environment("xllamacpp", LLAMA_SERVER)
    print(f"{machine()}; {options.rounds} rounds of {options.tokens} tokens after {PROMPT_TOKENS}, {options.threads} threads, "
          "medians\n", flush=True)
    first = free_ports(3)
    most, context = max(options.requests), context_tokens(options)
    with tempfile.TemporaryDirectory() as folder:
        home, log = pathlib.Path(folder) / "mlnode", pathlib.Path(folder) / "servers.log"
        same = ["--requests", *map(str, options.requests), "--tokens", str(options.tokens), "--threads", str(options.threads)]
        parts = {
            "ours": Part("ML node", [
                options.gonka, "mlnode", "--home", str(home), "--port", str(first), "--model", options.model, "--threads",
                str(options.threads), "--sequences", str(most), "--context", str(context)], first, log),
            "xllamacpp": Part("xllamacpp", [
                str(python), __file__, options.gonka, "--model", options.model, *same, "--serve", str(first + 1)],
                first + 1, log),
        }
        if not options.quick:
            program = subprocess.run([str(SETUP), "--llama-server"], check=True, stdout=subprocess.PIPE, text=True)
            parts["llama-server"] = Part("llama-server", [
                program.stdout.strip(), "--model", options.model, "--port", str(first + 2), "--parallel", str(most),
                "--ctx-size", str(most * context), "--threads", str(options.threads), "--threads-batch",
                str(options.threads)], first + 2, log)
        try:
            for part in parts.values():
                part.start()
            for part in parts.values():
                wait_for(part.url + ("/readyz" if part.name == "ML node" else "/health"), part.process)
            token = (home / "mlnode-token").read_text().strip()
            servers = {name: ml_node(part.port, token) if name == "ours" else llama_server(part.port)
                       for name, part in parts.items()}
            measure(options, servers)
        finally:
            for part in parts.values():
                part.end()
    print(f"\n{machine()} at the end")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Tokens per second and time to first token of an ML node, against llama.cpp's own server, in pairs.

usage: scripts/bench/engine.py GONKA MODEL [--requests 1 16 64] [--tokens 48] [--pairs 5] [--threads N] [--quick]

Needs the package xllamacpp (PyPI), which has llama.cpp's server in it. Both serve the same file over HTTP on loopback, with
the same threads, a context for each request and no shared prefix; each gets the same token ids, generates so many tokens and
streams them. Runs take turns, so that a slow moment of the machine meets both; what is printed are medians, of the ratio over
the pairs' own ratios. Run it on an idle machine with a release build.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PROMPT_TOKENS = 32


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def serve(options):
    """Runs llama.cpp's server until standard input ends."""
    from xllamacpp import CommonParams, Server

    parameters = CommonParams()
    parameters.model.path = options.model
    parameters.n_parallel = max(options.requests)
    parameters.n_ctx = max(options.requests) * context_tokens(options)
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    parameters.port = options.serve
    server = Server(parameters)
    sys.stdin.read()
    del server


def context_tokens(options):
    return 256 * -(-(PROMPT_TOKENS + options.tokens + 1) // 256)


def wait_for(url, process, seconds=180):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"bench: what should serve {url} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"bench: nothing at {url} after {seconds} s")


class Server:
    """Something that generates: where, with which headers, and how it is asked."""

    def __init__(self, port, path, headers, body):
        self.port, self.path, self.headers, self.body = port, path, headers, body

    def stream(self, prompt, tokens):
        """When each token came, in seconds after the request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        start = time.monotonic()
        connection.request("POST", self.path, json.dumps(self.body(prompt, tokens)),
                           {"Content-Type": "application/json", **self.headers})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"bench: {self.path} answers {answer.status}: {answer.read(500)}")
        times = []
        for line in answer:
            if line.startswith(b"data: {") and b'"error"' not in line[:16]:
                times.append(time.monotonic() - start)
        connection.close()
        return times[:tokens]

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
        if len(results) != requests or any(len(times) != tokens for times in results):
            sys.exit(f"bench: {self.path} did not give {tokens} tokens to each of {requests}")
        return requests * tokens / duration, statistics.median(times[0] for times in results)


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
    random_numbers = random.Random(1)
    print(f"{'requests':>8} {'ours tok/s':>11} {'server tok/s':>13} {'ratio':>6} {'ours first s':>13} {'server first s':>15}")
    for requests in options.requests:
        rows = []
        for pair in range(options.pairs):
            order = [0, 1] if pair % 2 == 0 else [1, 0]
            row = [None, None]
            for index in order:
                row[index] = servers[index].run(requests, options.tokens, random_numbers)
            rows.append(row)
            print(f"  {requests} requests, pair {pair + 1} of {options.pairs}", file=sys.stderr)

        def middle(value):
            return statistics.median(value(row) for row in rows)

        print(f"{requests:8} {middle(lambda r: r[0][0]):11.1f} {middle(lambda r: r[1][0]):13.1f} "
              f"{middle(lambda r: r[0][0] / r[1][0]):6.2f} {middle(lambda r: r[0][1]):13.3f} "
              f"{middle(lambda r: r[1][1]):15.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gonka")
    parser.add_argument("model")
    parser.add_argument("--requests", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options)
    if options.quick:
        options.pairs, options.tokens = 1, 16

    ports = [free_port(), free_port()]
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder) / "mlnode"
        with open(pathlib.Path(folder) / "servers.log", "w") as log:
            node = subprocess.Popen(
                [options.gonka, "mlnode", "--home", home, "--port", str(ports[0]), "--model", options.model,
                 "--threads", str(options.threads), "--sequences", str(max(options.requests)),
                 "--context", str(context_tokens(options))], stderr=log)
            arguments = ["--requests", *map(str, options.requests), "--tokens", str(options.tokens), "--threads",
                         str(options.threads), "--serve", str(ports[1])]
            server = subprocess.Popen(
                [sys.executable, __file__, options.gonka, options.model, *arguments], stdin=subprocess.PIPE,
                stdout=log, stderr=log)
            try:
                wait_for(f"http://127.0.0.1:{ports[0]}/healthz", node)
                wait_for(f"http://127.0.0.1:{ports[1]}/health", server)
                token = (home / "mlnode-token").read_text().strip()
                measure(options, [ml_node(ports[0], token), llama_server(ports[1])])
            finally:
                for process in (node, server):
                    process.terminate()
                    process.wait(timeout=30)


if __name__ == "__main__":
    main()

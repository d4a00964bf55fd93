#!/usr/bin/env python3
"""Whether an ML node in front of a plain llama-server does what the network relies on.

usage: scripts/acceptance/foreign.py GONKA [--model FILE] [--patience SECONDS]

Starts llama.cpp's server, which PyPI's package xllamacpp has in it, with the model's file, `gonka mlnode --llama-server` in front
of it, and `gonka mlnode check` on that, with the same file in this project's own engine as the reference. Prints a line a check,
exits 1 where one fails. The package has an environment of its own in this user's cache.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from environments import LLAMA_SERVER, environment
from network import free_ports, machine, wait_for

SLOTS = 4
CONTEXT_TOKENS = 512


def serve(model, port):
    """Runs the server until it is stopped."""
    from xllamacpp import CommonParams, Server

    parameters = CommonParams()
    parameters.model.path = model
    parameters.n_parallel = SLOTS
    parameters.n_ctx = SLOTS * CONTEXT_TOKENS
    parameters.port = port
    server = Server(parameters)
    signal.pause()
    del server


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gonka")
    parser.add_argument("--model", default=os.environ.get("GONKA_MODEL"))
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--patience", type=int, default=600, help="seconds for each check")
    options = parser.parse_args()
    if options.serve:
        return serve(options.model, options.serve)

    python = environment("xllamacpp", LLAMA_SERVER)
    print(f"{machine()}, {LLAMA_SERVER[0]}", flush=True)
    server_port = free_ports(2)
    node_port = server_port + 1
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder) / "mlnode"
        log = open(pathlib.Path(folder) / "server.log", "w")
        server = subprocess.Popen(
            [str(python), __file__, options.gonka, "--model", options.model, "--serve", str(server_port)],
            stdout=log, stderr=log)
        node = None
        try:
            wait_for(f"http://127.0.0.1:{server_port}/health", server)
            node = subprocess.Popen(
                [options.gonka, "mlnode", "--home", home, "--port", str(node_port), "--model", options.model,
                 "--llama-server", f"http://127.0.0.1:{server_port}"], stderr=log)
            wait_for(f"http://127.0.0.1:{node_port}/healthz", node)
            check = subprocess.run(
                [options.gonka, "mlnode", "check", f"http://127.0.0.1:{node_port}", "--token", home / "mlnode-token",
                 "--model", options.model, "--patience", str(options.patience)], check=False)
            return check.returncode
        finally:
            for process in (node, server):
                if process is not None:
                    process.terminate()
                    process.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())

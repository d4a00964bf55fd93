#!/usr/bin/env python3
"""Runs the commands of docs/operations.md: every block marked `sh`, in order, in one shell and an empty folder.

usage: operations.py GONKA

The ports are those that the page names, so nothing else may listen there. Fails at the first command that does, and says
which block it was in.
"""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

from network import machine

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS_MAX = 600


def script(blocks):
    """One script of all blocks, which says where it is."""
    lines = ["set -euo pipefail"]
    for number, block in enumerate(blocks, start=1):
        said = f"--- block {number} of {len(blocks)}: {block.splitlines()[0]}"
        lines += [f"echo {shlex.quote(said)}", block]
    return "\n".join(lines)


def main():
    gonka = pathlib.Path(sys.argv[1]).resolve()
    blocks = BLOCK.findall(PAGE.read_text())
    if not blocks:
        sys.exit(f"FAIL {PAGE.name} has no commands")
    print(machine(), flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "bin").mkdir()
        (pathlib.Path(folder) / "bin" / "gonka").symlink_to(gonka)
        work = pathlib.Path(folder) / "work"
        work.mkdir()
        environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}")
        for name in [name for name in environment if name.startswith("GONKA_") and name != "GONKA_LLAMA_PREFIX"]:
            del environment[name]
        process = subprocess.Popen(["bash", "-c", script(blocks)], cwd=work, env=environment, start_new_session=True)
        try:
            status = process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            status = f"none after {SECONDS_MAX} s"
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    if status != 0:
        sys.exit(f"FAIL the commands of {PAGE.name}: exit status {status}")
    print(f"ok   {len(blocks)} blocks of commands in {PAGE.name}, {time.monotonic() - began:.0f} s")


main()

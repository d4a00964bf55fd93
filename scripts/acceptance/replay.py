#!/usr/bin/env python3
"""Replays one block file in several processes of one or more builds, which must agree on every app hash.

usage: replay.py FILE GONKA [GONKA ...] [--processes N]

Each process has a time zone and a locale of its own, and a hash seed of its own as every process has. Prints a line a
process, exits 1 on any difference.
"""
import argparse
import os
import subprocess
import sys
import time

SURROUNDINGS = [("UTC", "C"), ("Asia/Kathmandu", "tr_TR.UTF-8"), ("America/St_Johns", "de_DE.UTF-8"),
                ("Pacific/Chatham", "ar_EG.UTF-8"), ("Africa/Monrovia", "ja_JP.UTF-8")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("gonka", nargs="+")
    parser.add_argument("--processes", type=int, default=5)
    options = parser.parse_args()
    if options.processes < 1:
        parser.error("at least one process")

    outputs = set()
    for gonka in options.gonka:
        for number in range(options.processes):
            zone, locale = SURROUNDINGS[number % len(SURROUNDINGS)]
            began = time.monotonic()
            replay = subprocess.run([gonka, "replay", options.file], capture_output=True, text=True,
                                    env={**os.environ, "TZ": zone, "LANG": locale, "LC_ALL": locale})
            seconds = time.monotonic() - began
            if replay.returncode != 0 or not replay.stdout:
                sys.exit(f"FAIL {gonka}: exit status {replay.returncode}: {replay.stderr.strip()}")
            outputs.add(replay.stdout)
            print(f"{gonka} process {number + 1} ({zone}, {locale}): {seconds:.1f} s, "
                  f"height and app hash {replay.stdout.splitlines()[-1]}", flush=True)
    if len(outputs) != 1:
        sys.exit(f"FAIL {len(outputs)} different sequences of app hashes")
    blocks = len(outputs.pop().splitlines())
    print(f"ok   {len(options.gonka) * options.processes} processes agree on {blocks} app hashes")


main()

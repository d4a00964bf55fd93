#!/usr/bin/env python3
"""What a gateway costs, side by side: ours with vouchers, nginx as a bare proxy, LiteLLM's proxy, and none.

usage: gateway.py GONKA [--rounds N] [--seconds S] [--connections N ...] [--quick] [--without litellm ...] [--json FILE]

Every set-up ends at the same answer of sixteen words. nginx and LiteLLM stand before a bare server that writes a host's bytes;
the gateway stands before a host, which checks vouchers, keeps items and signs receipts. Each adds what it takes beyond the
server that it stands before, asked directly: by wrk, in the same round, with vouchers signed before the clock runs.
"""
import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import urllib.request

import proxies
from scene import Process, Scene, folder, free_ports, machine

FULL = {"rounds": 5, "seconds": 4.0}
QUICK = {"rounds": 1, "seconds": 1.0}
CONNECTIONS = [1, 32, 256]
WARM_UP_SECONDS = 1.0
# What every set-up answers in a second at least, and LiteLLM: runs are long enough for an answer on each connection.
LEAST_RATE, SLOW_RATE = 128, 20
TIMEOUT_SECONDS = 60
AIM_ADDED, AIM_RATE, AIM_MEMORY = 3, 1 / 3, 40


class SetUp:
    """One way to the answer. base: the name of what it stands before; process: whose memory and time are counted."""

    def __init__(self, name, url, base=None, process=None, key=None, vouchers=False, body=None,
                 is_slow=False):
        self.name, self.url, self.base, self.process = name, url, base, process
        self.key, self.vouchers, self.body, self.is_slow = key, vouchers, body, is_slow

    def address(self, streams):
        return self.url[streams]


def set_ups(scene, scratch, without):
    """All of them, in their order, and the proxies' processes that must be ended."""
    first = free_ports(2)
    nginx = proxies.nginx(scratch, scene.bare, first)
    started = [nginx]
    nginx.start()
    nginx.wait()
    by_kind = lambda url: {False: f"{url}/plain/chat/completions", True: f"{url}/stream/chat/completions"}  # noqa: E731
    chat = lambda url: {False: f"{url}/v1/chat/completions", True: f"{url}/v1/chat/completions"}  # noqa: E731
    found = [
        SetUp("client alone", {False: f"{nginx.url}/floor/", True: f"{nginx.url}/floor/"}),
        SetUp("bare server", by_kind(scene.bare), process=Process(scene.network.pid)),
        SetUp("nginx, bare server", by_kind(nginx.url), "bare server", Process(nginx.process.pid)),
    ]
    if "litellm" not in without:
        litellm = proxies.litellm(scratch, scene.bare, scene.model, first + 1)
        started.append(litellm)
        litellm.start()
        litellm.wait()
        found.append(SetUp("LiteLLM, bare server", chat(litellm.url), "bare server", Process(litellm.process.pid),
                           key=proxies.LITELLM_KEY, is_slow=True, body=lambda question, streams: question.replace(
                               b'"fixed-answer"', b'"stream"' if streams else b'"plain"')))
    found += [
        SetUp("host", chat(scene.host), process=Process(scene.network.pid), vouchers=True),
        SetUp("gateway, host", chat(scene.gateway.url), "host", Process(scene.gateway.process.pid), key=scene.api_key),
    ]
    return found, started


class Load:
    """Runs wrk against a set-up."""

    def __init__(self, scene, scratch):
        self.scene, self.scratch = scene, pathlib.Path(scratch)
        self.rates = {}

    def body(self, set_up, streams):
        question = self.scene.question(streams)
        return set_up.body(question, streams) if set_up.body else question

    def check(self, set_up, streams):
        """Whether the answer is whole; the summary of a load would not tell."""
        body = self.body(set_up, streams)
        headers = {"content-type": "application/json"}
        if set_up.key:
            headers["authorization"] = f"Bearer {set_up.key}"
        if set_up.vouchers:
            headers["x-gonka-voucher"] = self.scene.vouchers(1, body)[0]
        request = urllib.request.Request(set_up.address(streams), body, headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            text = answer.read()
        whole = text.rstrip().endswith(b"[DONE]") and text.count(b"data: ") > 16 if streams \
            else b"the quick brown fox jumps over the lazy dog and runs on" in text
        if not whole and set_up.name != "client alone":
            sys.exit(f"FAIL {set_up.name} answered {text[:300]}")

    def run(self, set_up, streams, connections, seconds, is_warm_up=False):
        seconds = max(seconds, connections / (SLOW_RATE if set_up.is_slow else LEAST_RATE))
        body = self.scratch / "body.json"
        body.write_bytes(self.body(set_up, streams))
        environment = {**os.environ, "BODY_FILE": str(body)}
        place = set_up.name, streams, connections
        if set_up.key:
            environment["API_KEY"] = set_up.key
        if set_up.vouchers:
            # Half as many again as the last run took, or what no host here answers.
            count = int(self.rates.get(place, 8_000) * 1.5 * seconds) + 2 * connections + 500
            vouchers = self.scratch / "vouchers"
            vouchers.write_text("\n".join(self.scene.vouchers(count, body.read_bytes())) + "\n")
            environment["VOUCHERS_FILE"] = str(vouchers)
        before = set_up.process.processor_seconds() if set_up.process else 0
        result = subprocess.run(
            [proxies.program("wrk"), "-t1", f"-c{connections}", f"-d{seconds:.0f}s", f"--timeout={TIMEOUT_SECONDS}s",
             "-s", str(pathlib.Path(__file__).resolve().parent / "load.lua"), set_up.address(streams)],
            env=environment, capture_output=True, text=True, timeout=seconds + 4 * TIMEOUT_SECONDS)
        said = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
        if not said:
            sys.exit(f"FAIL wrk said {result.stdout[-300:]} {result.stderr[-300:]}")
        run = json.loads(said[0].removeprefix("RESULT "))
        if run["failed"] or not run["requests"] and not is_warm_up:
            sys.exit(f"FAIL {set_up.name} at {connections} connections: {run}")
        rate = run["requests"] / (run["microseconds"] / 1e6)
        self.rates[place] = max(rate, self.rates.get(place, 0))
        spent = set_up.process.processor_seconds() - before if set_up.process else 0
        return {"rate": rate, "p50": run["p50"] / 1000, "p99": run["p99"] / 1000,
                "processor": spent / max(1, run["requests"]) * 1e6,
                "memory": set_up.process.memory_mib() if set_up.process else 0}


def measure(load, found, options):
    """(streams, connections) -> name -> runs, a run a round; each round begins with another set-up."""
    results = {}
    for streams in (False, True):
        for set_up in found:
            load.check(set_up, streams)
        for connections in options.connections:
            runs = {set_up.name: [] for set_up in found}
            for number in range(-1, options.rounds):
                for place in range(len(found)):
                    set_up = found[(place + max(0, number)) % len(found)]
                    is_warm_up = number < 0
                    run = load.run(set_up, streams, connections, WARM_UP_SECONDS if is_warm_up else options.seconds,
                                   is_warm_up)
                    if not is_warm_up:
                        runs[set_up.name].append(run)
            print(f"  measured {'streamed' if streams else 'plain'} answers, {connections} connections",
                  file=sys.stderr, flush=True)
            results[streams, connections] = runs
    return results


def median(runs, what):
    return statistics.median(run[what] for run in runs)


def row(runs, found, set_up):
    """Medians over the rounds; what is added is the difference within a round."""
    own = runs[set_up.name]
    figures = {what: median(own, what) for what in ("rate", "p50", "p99", "processor")}
    figures["memory"] = max(run["memory"] for run in own)
    if set_up.base:
        for what in ("p50", "p99"):
            figures["added " + what] = statistics.median(
                run[what] - base[what] for run, base in zip(own, runs[set_up.base]))
    return figures


def figure(value, decimals):
    return "–" if value is None else f"{value:,.{decimals}f}"


def table(header, rows):
    cells = [header, ["---"] + ["---:" if i else "---" for i in range(1, len(header))], *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells) + "\n"


def report(results, found):
    figures = {place: {set_up.name: row(runs, found, set_up) for set_up in found}
               for place, runs in results.items()}
    rows = []
    for (streams, connections), by_name in figures.items():
        for set_up in found:
            one = by_name[set_up.name]
            rows.append([
                "stream" if streams else "plain", str(connections), set_up.name, figure(one["rate"], 0),
                figure(one["p50"], 2), figure(one["p99"], 2), figure(one.get("added p50"), 2),
                figure(one.get("added p99"), 2), figure(one["processor"] if set_up.process else None, 0),
                figure(one["memory"] if set_up.process else None, 0)])
    print(table(["answer", "connections", "set-up", "requests/s", "p50 ms", "p99 ms", "adds, p50 ms", "adds, p99 ms",
                 "processor µs a request", "VmRSS MiB"], rows))
    print("The processor's time and the memory of a row are those of what stands before the server, or of the server's "
          "process\nwhere nothing does: node, host and bare server share one.\n")
    print(table(["the gateway against", "answer", "connections", "added p50", "added p99", "requests/s",
                 "processor time"], ratios(figures)))
    memory = max(by_name["gateway, host"]["memory"] for by_name in figures.values())
    print(f"Aims: added latency at most {AIM_ADDED} x nginx's, at least {AIM_RATE:.2f} of its requests/s, at most "
          f"{AIM_MEMORY} MiB (most in any row: {memory:.0f}).")
    return figures


def ratios(figures):
    rows = []
    for name in ("nginx, bare server", "LiteLLM, bare server"):
        for (streams, connections), by_name in figures.items():
            if name not in by_name:
                continue
            ours, theirs = by_name["gateway, host"], by_name[name]

            def ratio(what):
                return f"{ours[what] / theirs[what]:.2f} x" if theirs[what] > 0 else "–"
            rows.append([name.split(",")[0], "stream" if streams else "plain", str(connections), ratio("added p50"),
                         ratio("added p99"), ratio("rate"), ratio("processor")])
    return rows


def stop(*_):
    """Ends as an interrupt does, so that nothing is left running."""
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, stop)
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each run")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--quick", action="store_true", help="one round of a second each: does it run?")
    parser.add_argument("--without", nargs="+", default=[], choices=["litellm"])
    parser.add_argument("--json", help="a file for all figures")
    options = parser.parse_args()
    fallback = QUICK if options.quick else FULL
    options.rounds = options.rounds or fallback["rounds"]
    options.seconds = max(1.0, options.seconds or fallback["seconds"])
    proxies.install_programs()
    version = subprocess.run([options.gonka, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{machine()}; {version}; {options.rounds} rounds of {options.seconds:.0f} s, medians; files in memory\n",
          flush=True)
    scene, scratch, started = Scene(options.gonka), folder(), []
    try:
        found, started = set_ups(scene, scratch, options.without)
        figures = report(measure(Load(scene, scratch), found, options), found)
        print(f"\n{machine()} at the end")
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps(
                {f"{'stream' if place[0] else 'plain'} {place[1]}": by_name for place, by_name in figures.items()}))
    finally:
        for part in started:
            part.end()
        scene.end()
        subprocess.run(["rm", "-rf", scratch], check=True)


if __name__ == "__main__":
    main()

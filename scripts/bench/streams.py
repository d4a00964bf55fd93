#!/usr/bin/env python3
"""Many paced streams through a gateway for minutes, hostile clients beside them, and what is left afterwards.

usage: streams.py GONKA [--streams N] [--minutes M] [--loris N] [--step N] [--p99-factor F]

The engine gives a token each 50 ms and counts, so a client sees what is lost or out of order. Client, gateway and host share
this machine. Prints a line a check; the exit status is 1 if one does not hold.
"""
import argparse
import asyncio
import json
import pathlib
import random
import resource
import signal
import socket
import subprocess
import sys
import time

from clients import leave, request, stream, whole
from scene import Process, Scene, machine, metrics

PACE_MS = 50
# The longest answer: a minute.
TOKENS_MAX = 1_200
# Words of the answers that clients leave: some 4 KiB with what is around them.
LEFT_TOKENS = 16
OFFSETS = 4_096
LEAVING_AT_ONCE = 128
PROBERS = 4
PROBE_TIMEOUT = 30
REST_SECONDS_MAX = 90
# Descriptors that a process may have more than at its start: files that it opens now and then.
SPARE_DESCRIPTORS = 8
# A p99 below this is noise of the machine: it is not held against the bound.
P99_FLOOR_MS = 20
CLAIM_SECONDS_MAX = 180


class Checks:
    def __init__(self):
        self.failures = 0

    def __call__(self, name, holds, detail=""):
        self.failures += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}{f': {detail}' if detail != '' else ''}", flush=True)


class Streams:
    """So many streams at once until the time is over, each followed by another on a new connection."""

    def __init__(self, scene, address, count, seconds):
        self.scene, self.address, self.count, self.seconds = scene, address, count, seconds
        self.finished, self.pieces, self.faults, self.receipts, self.gaps = 0, 0, [], [], []

    async def run(self):
        await asyncio.gather(*(self.one(number) for number in range(self.count)))

    async def one(self, number):
        # Beginnings are spread over the first seconds, as users' are.
        end = time.monotonic() + self.seconds
        await asyncio.sleep(random.random() * min(5.0, self.seconds / 4))
        while (left := end - time.monotonic()) > 1:
            tokens = max(LEFT_TOKENS, min(TOKENS_MAX, int(left * 1000 / PACE_MS)))
            body = request(*self.address, self.scene.api_key, self.scene.question(True, tokens))
            read, fault = await stream(self.address, body, tokens)
            if fault:
                self.faults.append(f"stream {number}: {fault}")
                await asyncio.sleep(1)
                continue
            self.finished += 1
            self.pieces += read.next
            self.gaps.append(read.gap_max)
            self.receipts.append(read.receipt)


async def probe(scene, address, seconds):
    """Good short requests, one after the other on a few connections.

    Returns: the milliseconds of those that were answered, and how many were not.
    """
    body = request(*address, scene.api_key, scene.question(False, 1))
    times, failed, end = [], [0], time.monotonic() + seconds

    async def one():
        while time.monotonic() < end:
            took, status, _ = await whole(address, body, PROBE_TIMEOUT)
            if status == 200:
                times.append(took * 1000)
            else:
                failed[0] += 1
            await asyncio.sleep(0.02)
    await asyncio.gather(*(one() for _ in range(PROBERS)))
    return times, failed[0]


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def foreign_address():
    """An address of this machine that servers do not take for their own proxy's; None where there is only loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            # Nothing is sent: this only asks for the way.
            door.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found = door.getsockname()[0]
    return None if found.startswith("127.") else found


class Held:
    """What a process holds: descriptors, memory, threads, and requests that it thinks are open."""

    def __init__(self, scene):
        self.scene, self.gateway = scene, Process(scene.gateway.process.pid)
        self.host = Process(scene.network.pid)

    def now(self):
        return {"gateway": self.gateway.descriptors(), "host": self.host.descriptors()}

    def open_requests(self):
        return (metrics(self.scene.gateway_metrics)["gonka_gateway_requests_open"]
                + metrics(self.scene.host_metrics)["gonka_host_requests_running"])

    def promised(self):
        return metrics(self.scene.gateway_metrics)["gonka_gateway_promised_gnk"]

    async def rest(self, before):
        """Waits until all is as `before`; idle connections take half a minute to go.

        Returns: what is held then.
        """
        deadline = time.monotonic() + REST_SECONDS_MAX
        while time.monotonic() < deadline:
            now = self.now()
            if all(now[name] <= before[name] + SPARE_DESCRIPTORS for name in now) and self.open_requests() == 0:
                return now
            await asyncio.sleep(1)
        return self.now()

    def memory(self):
        return f"gateway {self.gateway.memory_mib():.0f} MiB (at most {self.gateway.peak_mib():.0f}), " \
               f"{self.gateway.threads()} threads"


async def check_rest(check, held, before, what):
    now = await held.rest(before)
    left = held.open_requests()
    check(f"{what}: descriptors are back",
          all(now[name] <= before[name] + SPARE_DESCRIPTORS for name in now), f"before {before}, after {now}")
    check(f"{what}: no request is open at gateway or host, nothing is promised", left == 0 and held.promised() == 0,
          f"{left:.0f} open; {held.memory()}")


async def run_streams(check, scene, address, options, held, before):
    """The streams; and in their course good requests alone, then beside slow senders."""
    seconds = options.minutes * 60
    streams = Streams(scene, address, options.streams, seconds)
    running = asyncio.create_task(streams.run())
    part = seconds / 4
    await asyncio.sleep(part / 2)
    alone, failed_alone = await probe(scene, address, part)
    memory_early = held.gateway.memory_mib()
    source = foreign_address()
    target = source or address[0]
    senders = await asyncio.create_subprocess_exec(
        sys.executable, "-B", str(pathlib.Path(__file__).resolve().parent / "slow_senders.py"), target,
        str(address[1]), target, str(options.loris), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    await asyncio.sleep(min(3.0, part / 2))
    beside, failed_beside = await probe(scene, address, part)
    counts = json.loads((await senders.communicate(b""))[0])
    await running
    memory_late = held.gateway.memory_mib()
    check(f"{options.streams} streams of {1000 // PACE_MS} chunks a second for {options.minutes:g} minutes: "
          "each complete and in order", not streams.faults and streams.finished >= options.streams,
          f"{streams.finished} streams, {streams.pieces:,} pieces, {len(streams.faults)} faults {streams.faults[:3]}")
    check("each has a receipt, and no two have the same place", len(set(streams.receipts)) == streams.finished)
    print(f"     longest gap between two pieces of a stream, p50 and p99 over streams: "
          f"{percentile(streams.gaps, 0.5) * 1000:.0f}, {percentile(streams.gaps, 0.99) * 1000:.0f} ms; "
          f"gateway {memory_early:.0f} MiB early, {memory_late:.0f} MiB late")
    before_ms, after_ms = percentile(alone, 0.99), percentile(beside, 0.99)
    check(f"{options.loris} slow senders from {source or 'loopback, which is not counted'}: p99 of good requests at most "
          f"{options.p99_factor:g} times as long", not failed_alone and not failed_beside
          and after_ms <= options.p99_factor * max(before_ms, P99_FLOOR_MS),
          f"p50 {percentile(alone, 0.5):.1f} and {percentile(beside, 0.5):.1f} ms, p99 {before_ms:.1f} and {after_ms:.1f} ms, "
          f"{len(alone)} and {len(beside)} requests, {failed_alone + failed_beside} failed; {counts['open']} of the senders had a "
          f"connection at the end, {counts['opened']} were opened")
    await check_rest(check, held, before, "after the streams")
    return streams.receipts


async def run_leaving(check, scene, address, options, held, before):
    """Clients that go at every offset of an answer, streamed and not, and of a request."""
    for streams in (True, False):
        body = request(*address, scene.api_key, scene.question(streams, LEFT_TOKENS))
        length = await answer_length(address, body)
        offsets = list(range(0, min(length, OFFSETS) + 1, options.step))
        read = await leave_all(address, body, [(len(body), offset) for offset in offsets])
        name = "streamed" if streams else "plain"
        check(f"clients left a {name} answer of {length} bytes at every {ordinal(options.step)}offset",
              read == sum(offsets), f"{len(offsets)} clients, {read} bytes read of {sum(offsets)}")
    cut = range(0, len(body), options.step)
    await leave_all(address, body, [(offset, 0) for offset in cut])
    print(f"     and a request of {len(body)} bytes, {len(cut)} clients")
    await check_rest(check, held, before, "after the clients that left")


def ordinal(step):
    return "" if step == 1 else f"{step}th "


async def answer_length(address, body):
    """Bytes of a whole answer, header included."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(body.replace(b"\r\nHost:", b"\r\nConnection: close\r\nHost:", 1))
    length = len(await reader.read(-1))
    writer.close()
    return length - len(b"connection: close\r\n")


async def leave_all(address, body, cuts):
    """Returns the bytes that were read by all."""
    total, waiting = [0], iter(enumerate(cuts))

    async def worker():
        for number, (sent, received) in waiting:
            read = await leave(address, body, sent, received, resets=number % 2 == 0)
            total[0] += read
    await asyncio.gather(*(worker() for _ in range(LEAVING_AT_ONCE)))
    return total[0]


async def check_money(check, scene, receipts):
    """What hosts claim is what vouchers were signed for: nothing twice, nothing beyond what the gateway counts as spent."""
    deadline = time.monotonic() + CLAIM_SECONDS_MAX
    while True:
        parts = claimed(scene)
        by_session = {}
        for (session, first), (items, fee) in sorted(parts.items()):
            by_session.setdefault(session, []).append((first, items, fee))
        own = sum(fee for session, ranges in by_session.items() if session in {receipt[0] for receipt in receipts}
                  for _, _, fee in ranges)
        last = {session: max(number for opened, number, _ in receipts if opened == session)
                for session, _, _ in receipts}
        reached = {session: sum(items for _, items, _ in ranges) for session, ranges in by_session.items()}
        if all(reached.get(session, 0) >= number for session, number in last.items()) or time.monotonic() > deadline:
            break
        await asyncio.sleep(2)
    once = all(first == 1 + sum(items for _, items, _ in ranges[:place])
               for ranges in by_session.values() for place, (first, _, _) in enumerate(ranges))
    check("claims hold every item of each session once, and every receipt's place",
          once and all(reached.get(session, 0) >= number for session, number in last.items()),
          f"items by session {reached}, receipts {len(receipts)}")
    spent = round(metrics(scene.gateway_metrics)["gonka_gateway_spent_gnk_total"] * 1e9)
    held = sum(fee for _, _, fee in receipts)
    check("fees of receipts held <= fees claimed <= what the gateway counts as spent", held <= own <= spent,
          f"{held:,} <= {own:,} <= {spent:,} ngonka")


def claimed(scene):
    """(session, first number) -> (items, fee in ngonka) of all claims; a claim that is carried on is one."""
    newest = scene.query("status")["newest_round"]
    parts = {}
    for number in range(1, newest + 1):
        for claim in scene.query("claims", str(number)) or []:
            for entry in claim["entries"]:
                for part in entry["sessions"]:
                    parts[part["session"], part["first_number"]] = part["items"], int(part["fee_ngonka"])
    return parts


async def run(options):
    check, scene = Checks(), Scene(options.gonka, pace=PACE_MS, places=2_048, listen="0.0.0.0")
    try:
        address = "127.0.0.1", scene.gateway.port
        held = Held(scene)
        # Once through, so that what every process opens once is open.
        await whole(address, request(*address, scene.api_key, scene.question(False, 1)), PROBE_TIMEOUT)
        before = held.now()
        print(f"     before: {before} descriptors; {held.memory()}", flush=True)
        receipts = await run_streams(check, scene, address, options, held, before)
        await run_leaving(check, scene, address, options, held, before)
        await check_money(check, scene, receipts)
        print(f"\n{machine()} at the end")
    finally:
        scene.end()
    return check.failures


def stop(*_):
    """Ends as an interrupt does, so that nothing is left running."""
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, stop)
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--loris", type=int, default=1_000, help="slow senders beside the streams")
    parser.add_argument("--p99-factor", type=float, default=2, help="what slow senders may do to good requests")
    parser.add_argument("--step", type=int, default=1, help="between the offsets at which clients leave")
    options = parser.parse_args()
    wanted = 2 * (options.streams + options.loris) + 512
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    version = subprocess.run([options.gonka, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{machine()}; {version}; {json.dumps(vars(options))}\n", flush=True)
    sys.exit(1 if asyncio.run(run(options)) else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Slow senders: connections that are kept open by one byte of a header a second. A process of its own, so that it slows no other client.

usage: slow_senders.py HOST PORT SOURCE COUNT

Runs until standard input ends, then prints how many connections there are and were, as JSON.
"""
import asyncio
import json
import sys

BYTE_SECONDS = 1.0
# Closed, a sender comes again: no faster, or it would be a flood of connections.
PAUSE_SECONDS = 5.0
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"x" * 4_096


async def send(address, source, counts):
    while True:
        try:
            reader, writer = await asyncio.open_connection(*address, local_addr=(source, 0))
        except OSError:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        counts["opened"] += 1
        counts["open"] += 1
        try:
            for place in range(len(HEAD)):
                writer.write(HEAD[place:place + 1])
                try:
                    # Ends early where the server answers or closes.
                    await asyncio.wait_for(reader.read(1), BYTE_SECONDS)
                    break
                except asyncio.TimeoutError:
                    continue
        except OSError:
            pass
        finally:
            counts["open"] -= 1
            writer.transport.abort()
        await asyncio.sleep(PAUSE_SECONDS)


async def main(host, port, source, count):
    counts = {"opened": 0, "open": 0}
    senders = [asyncio.create_task(send((host, int(port)), source, counts)) for _ in range(int(count))]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(counts), flush=True)
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

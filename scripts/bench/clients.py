"""Clients on raw sockets, light enough for hundreds of streams at once beside the servers that they measure."""
import asyncio
import json
import re
import socket
import struct
import time

CONTENT = re.compile(rb'"content":"(\d+) "')
RECEIPT_FIELDS = ("session", "number", "fee")
LINGER_AND_RESET = struct.pack("ii", 1, 0)
# The engine counts up to its vocabulary and begins anew.
VOCABULARY = 1_024


class ChunkedBody:
    """The body of a response with `Transfer-Encoding: chunked`, or as long as its header says; fed in any pieces."""

    def __init__(self):
        self.buffer, self.status, self.left, self.is_chunked, self.is_whole = bytearray(), None, 0, False, False

    def feed(self, data):
        """The bytes of the body that have become known."""
        self.buffer += data
        body = bytearray()
        if self.status is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return body
            header = bytes(self.buffer[:end]).lower()
            del self.buffer[:end + 4]
            self.status = int(header[9:12])
            self.is_chunked = b"transfer-encoding: chunked" in header
            length = re.search(rb"content-length: (\d+)", header)
            self.left = int(length.group(1)) if length else 0
        while self.buffer and not self.is_whole:
            if self.left == 0 and self.is_chunked and not self.begin_chunk():
                break
            if self.is_whole:
                break
            taken = self.buffer[:self.left]
            del self.buffer[:len(taken)]
            body += taken
            self.left -= len(taken)
            if self.left == 0:
                if not self.is_chunked:
                    self.is_whole = True
                elif not self.end_chunk():
                    break
        return body

    def begin_chunk(self):
        if self.buffer.startswith(b"\r\n"):
            del self.buffer[:2]
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        self.left = int(bytes(self.buffer[:end]), 16)
        if self.left == 0:
            self.is_whole = self.buffer[end:].startswith(b"\r\n\r\n")
            return self.is_whole
        del self.buffer[:end + 2]
        return True

    def end_chunk(self):
        """The line end behind a chunk may come later: the next chunk's beginning takes it then."""
        if self.buffer.startswith(b"\r\n"):
            del self.buffer[:2]
        return True


def request(host, port, key, body, path="/v1/chat/completions"):
    """The bytes of a request."""
    head = (f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


class Stream(asyncio.Protocol):
    """Reads one streamed answer and holds it against what the engine counts."""

    def __init__(self, question, tokens):
        self.question, self.tokens = question, tokens
        self.body, self.events = ChunkedBody(), bytearray()
        self.next, self.fault, self.receipt, self.gap_max, self.last = 0, None, None, 0.0, None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.question)

    def data_received(self, data):
        now = time.monotonic()
        self.events += self.body.feed(data)
        if self.body.status not in (None, 200):
            return self.end(f"status {self.body.status}: {bytes(self.events[:200])}")
        while (end := self.events.find(b"\n\n")) >= 0:
            event = bytes(self.events[:end])
            del self.events[:end + 2]
            self.take(event, now)
        if self.body.is_whole:
            self.end(None if self.fault else "no [DONE]")

    def take(self, event, now):
        found = CONTENT.search(event)
        if found:
            if int(found.group(1)) != self.next % VOCABULARY:
                self.fault = f"piece {int(found.group(1))} where {self.next % VOCABULARY} was due"
            self.next += 1
            if self.last is not None:
                self.gap_max = max(self.gap_max, now - self.last)
            self.last = now
        if b'"gonka":{' in event:
            gonka = json.loads(event.removeprefix(b"data: "))["gonka"]
            self.receipt = tuple(gonka[name] for name in RECEIPT_FIELDS)
        if event == b"data: [DONE]":
            missing = self.tokens - self.next
            self.end(self.fault or (f"{missing} pieces missing" if missing else None)
                     or (None if self.receipt else "no receipt"))

    def connection_lost(self, error):
        self.end(f"connection closed after {self.next} pieces")

    def end(self, fault):
        if not self.done.done():
            self.done.set_result(fault)
            self.transport.close()


async def stream(address, question, tokens):
    """One streamed answer.

    Returns: the stream, and what was wrong with it or None.
    """
    loop = asyncio.get_running_loop()
    try:
        _, protocol = await loop.create_connection(lambda: Stream(question, tokens), *address)
    except OSError as error:
        return None, f"not connected: {error}"
    return protocol, await protocol.done


async def whole(address, question, timeout):
    """One answer on a connection of its own.

    Returns: seconds from connecting to its end, its status, its body.
    """
    began = time.monotonic()
    body, text = ChunkedBody(), bytearray()

    async def ask():
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(question)
            while not body.is_whole:
                data = await reader.read(1 << 16)
                if not data:
                    break
                text.extend(body.feed(data))
        finally:
            writer.close()
    try:
        await asyncio.wait_for(ask(), timeout)
    except (OSError, asyncio.TimeoutError):
        body.status = None
    return time.monotonic() - began, body.status, bytes(text)


async def leave(address, question, sent, received, resets):
    """Sends `sent` bytes of a request, reads `received` of the answer, and goes: by a reset, or by closing.

    Returns: how many bytes of the answer were read.
    """
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setblocking(False)
    read = 0
    try:
        await loop.sock_connect(connection, address)
        await loop.sock_sendall(connection, question[:sent])
        while read < received:
            data = await loop.sock_recv(connection, received - read)
            if not data:
                break
            read += len(data)
    except OSError:
        return read
    finally:
        if resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_AND_RESET)
        connection.close()
    return read

"""Receipts and item trees, from their definitions (protocol.md sections 2, 4 and 6) and not by the program."""
import base64
import hashlib
import struct

RECEIPT_DOMAIN = b"gonka/receipt/v1"


def fields(message):
    """A protobuf message as (field, value) pairs in their order; values are integers or bytes."""
    found, position = [], 0
    while position < len(message):
        tag, position = read_varint(message, position)
        value, position = read_varint(message, position)
        if tag & 7 == 2:
            value, position = message[position:position + value], position + value
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        found.append((tag >> 3, value))
    return found


def read_varint(message, position):
    value = shift = 0
    while True:
        byte = message[position]
        value, shift, position = value | (byte & 0x7F) << shift, shift + 7, position + 1
        if byte < 0x80:
            return value, position


def varint(value):
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(written + bytes([value]))


def message(pairs):
    """The canonical bytes of (field, value) pairs in ascending order; integers that are 0 are left out."""
    written = b""
    for field, value in pairs:
        if isinstance(value, int):
            written += varint(field << 3) + varint(value) if value else b""
        else:
            written += varint(field << 3 | 2) + varint(len(value)) + value
    return written


def changed(encoded, values):
    """A message with the fields of `values` replaced; all of them are in it already."""
    return message([(field, values.get(field, value)) for field, value in fields(encoded)])


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def token_digest(tokens):
    return sha256(struct.pack(f"<{len(tokens)}I", *tokens))


def base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Receipt:
    """A signed receipt, from the text of an answer's `gonka.receipt`."""

    def __init__(self, text):
        self.raw = base64url(text)
        signed = dict(fields(self.raw))
        self.body, self.signature = signed[1], signed[2]
        body = dict(fields(self.body))
        self.executor, self.operator_key, self.item = body[2], body[3], body[5]
        item = dict(fields(self.item))
        serving = dict(fields(item[12]))
        self.output_tokens = item.get(9, 0)
        self.session, self.number, self.fee = serving[1], serving[2], serving.get(6, 0)

    def digest(self):
        """What the operator key signs."""
        return sha256(RECEIPT_DOMAIN, self.body)

    def with_body(self, values, sign):
        """The text of this receipt with some of its fields replaced; `sign` makes 64 bytes of a digest."""
        body = changed(self.body, values)
        return to_base64url(message([(1, body), (2, sign(sha256(RECEIPT_DOMAIN, body)))]))


def claim_root(tree_root, count, fee, tokens):
    return sha256(b"gonka/claim/v1", tree_root, struct.pack(">QQQ", count, fee, tokens))


def proves(receipt, opened):
    """Whether `opened`, the answer of `/v1/items/…`, leads from the receipt's item to the claim's root."""
    proof = fields(base64url(opened["proof"]))
    index = dict(proof).get(1, 0)
    path = [dict(fields(value)) for field, value in proof if field == 2]
    node = (sha256(b"\0", receipt.item), receipt.fee, receipt.output_tokens)
    last = opened["count"] - 1
    if index > last:
        return False
    while last > 0:
        if index % 2 == 1 or index < last:
            if not path:
                return False
            sibling = path.pop(0)
            sides = [node, (sibling[1], sibling.get(2, 0), sibling.get(3, 0))]
            left, right = reversed(sides) if index % 2 == 1 else sides
            node = (sha256(b"\1", left[0], struct.pack(">QQ", *left[1:]), right[0], struct.pack(">QQ", *right[1:])),
                    left[1] + right[1], left[2] + right[2])
        index, last = index // 2, last // 2
    return not path and node[1:] == (opened["fee"], opened["tokens"]) \
        and claim_root(node[0], opened["count"], *node[1:]).hex() == opened["root"]

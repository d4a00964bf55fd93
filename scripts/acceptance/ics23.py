"""Proofs of what a key holds, from ICS-23's definition of its TendermintSpec (cosmos/ics23) and not by the program."""
import json
import pathlib

from statements import fields, message, sha256, varint

# cosmos.ics23.v1: numbers of HashOp and LengthOp, and how deep a path may be where a specification does not say.
SHA256, VAR_PROTO, NO_HASH = 1, 1, 0
LEAF_PREFIX, INNER_PREFIX = b"\0", b"\1"
CHILD_BYTES = 32
DEPTH_MAX = 128

PROOF_TYPE = "ics23:simple"


class Unproven(Exception):
    """Why a proof does not show what it is asked for."""


def require(holds, why):
    if not holds:
        raise Unproven(why)


def read(encoded, *numbers, repeated=None):
    """The fields of a message by number, written as protobuf writes them; those of `repeated` as a list."""
    every = fields(encoded)
    order = [number for number, _ in every]
    require(message(every) == encoded and order == sorted(order), "not written as protobuf writes it")
    require(all(order.count(number) == 1 or number == repeated for number in order), "a field twice")
    require(set(order) <= {*numbers, repeated}, "a field that is not used")
    found = {number: value for number, value in every if number != repeated}
    return {**found, repeated: [value for number, value in every if number == repeated]} if repeated else found


class Existence:
    """An ExistenceProof whose operations are those of the specification."""

    def __init__(self, encoded):
        parts = read(encoded, 1, 2, 3, repeated=4)
        self.key, self.value = parts.get(1, b""), parts.get(2, b"")
        require(self.key and self.value, "a leaf needs key and value")
        leaf = read(parts.get(3, b""), 1, 2, 3, 4, 5)
        operation = [leaf.get(number, 0) for number in (1, 2, 3, 4)]
        require(operation == [SHA256, NO_HASH, SHA256, VAR_PROTO], f"a leaf hashed by {operation}")
        require(leaf.get(5) == LEAF_PREFIX, "another prefix of a leaf")
        self.path = [self.step(value) for value in parts[4]]
        require(len(self.path) <= DEPTH_MAX, f"a path of {len(self.path)} nodes")

    @staticmethod
    def step(encoded):
        """What an inner node hashes before and behind the hash from below."""
        parts = read(encoded, 1, 2, 3)
        prefix, suffix = parts.get(2, b""), parts.get(3, b"")
        require(parts.get(1) == SHA256, "an inner node hashed otherwise")
        require(prefix[:1] == INNER_PREFIX, "another prefix of an inner node")
        require((len(prefix), len(suffix)) in ((1, CHILD_BYTES), (1 + CHILD_BYTES, 0)), "no node of two children")
        return prefix, suffix

    def root(self):
        node = sha256(LEAF_PREFIX, varint(len(self.key)), self.key, varint(32), sha256(self.value))
        for prefix, suffix in self.path:
            node = sha256(prefix, node, suffix)
        return node


def is_left(step):
    """Whether the way comes from the left child."""
    return bool(step[1])


def are_neighbours(left, right):
    """Whether no leaf is between two whose paths are these, from the leaves upwards."""
    left, right = list(left), list(right)
    while left and right and left[-1] == right[-1]:
        left.pop()
        right.pop()
    return bool(left and right) and is_left(left.pop()) and not is_left(right.pop()) \
        and not any(map(is_left, left)) and all(map(is_left, right))


def proven(proof, root, key):
    """What `key` holds under `root`, or None where a CommitmentProof shows that it holds nothing; raises Unproven."""
    kinds = read(proof, 1, 2)
    require(len(kinds) == 1, "not exactly one of existence and absence")
    if 1 in kinds:
        leaf = Existence(kinds[1])
        require(leaf.key == key, "another key")
        require(leaf.root() == root, "another root")
        return leaf.value
    parts = read(kinds[2], 1, 2, 3)
    require(parts.get(1, b"") == key, "another key")
    left, right = (Existence(parts[number]) if number in parts else None for number in (2, 3))
    require(left or right, "no neighbours")
    for leaf in (left, right):
        require(not leaf or leaf.root() == root, "another root")
    require(not left or left.key < key, "the left neighbour is not on the left")
    require(not right or key < right.key, "the right neighbour is not on the right")
    if left and right:
        require(are_neighbours(left.path, right.path), "there is room between the neighbours")
    else:
        path = left.path if left else right.path
        require(not any(is_left(step) == bool(left) for step in path), "the neighbour is not the outermost leaf")
    return None


def is_proven(proof, root, key, value):
    """Whether a CommitmentProof shows that `key` holds `value`; an empty value is none."""
    try:
        return (proven(proof, root, key) or b"") == value
    except (Unproven, IndexError, KeyError, TypeError, ValueError):
        return False


def published(folder):
    """ICS-23's own data as (name, proof, root, key, value): what this file is checked with itself."""
    for path in sorted(pathlib.Path(folder).glob("tendermint_*.json")):
        vector = json.loads(path.read_text())
        yield path.stem, *(bytes.fromhex(vector[name]) for name in ("proof", "root", "key", "value"))

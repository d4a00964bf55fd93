import Cryptography
import Primitives

/// A node of the tree. Nodes never change, so trees share them and a root is a snapshot.
enum StateNode: Sendable {
    case leaf(LeafNode)
    case inner(InnerNode)

    /// The leaf's or the inner node's hash.
    var hash: Hash32 {
        switch self {
        case .leaf(let leaf): leaf.hash
        case .inner(let inner): inner.hash
        }
    }

    /// The bit in which the keys below part; `KeyBits.none` for a leaf.
    var criticalBit: UInt32 {
        switch self {
        case .leaf: KeyBits.none
        case .inner(let inner): inner.criticalBit
        }
    }

    /// The leaf with the smallest key.
    var first: LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner): inner.left.first
        }
    }

    /// The leaf with the largest key.
    var last: LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner): inner.right.last
        }
    }

    /// The leaf that `key` is led to by its bits alone. No other leaf below shares a longer beginning with it; it is
    /// `key`'s own where the key is there.
    func leaf(towards key: UnsafeRawBufferPointer) -> LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner):
            KeyBits.isSet(inner.criticalBit, in: key)
                ? inner.right.leaf(towards: key) : inner.left.leaf(towards: key)
        }
    }
}

/// A key, its value, and their hash.
final class LeafNode: Sendable {
    let key: Bytes
    let value: Bytes
    let hash: Hash32

    init(key: Bytes, value: Bytes) {
        self.key = key
        self.value = value
        hash = NodeHash.leaf(key: key, value: value)
    }
}

/// Two subtrees whose keys agree before `criticalBit`; those on the left have a 0 there, those on the right a 1.
final class InnerNode: Sendable {
    let criticalBit: UInt32
    let left: StateNode
    let right: StateNode
    let hash: Hash32

    init(criticalBit: UInt32, left: StateNode, right: StateNode) {
        self.criticalBit = criticalBit
        self.left = left
        self.right = right
        hash = NodeHash.inner(left: left.hash, right: right.hash)
    }
}

/// The hashes of ICS-23's `TendermintSpec` (cosmos/ics23, proofs.go): tags keep leaves and inner nodes apart, as in
/// RFC 6962.
enum NodeHash {
    /// SHA-256 of nothing, as RFC 6962 section 2.1 has it.
    static let empty = Hash32.sha256([])

    /// SHA256(0x00 ‖ varint(length of key) ‖ key ‖ varint(32) ‖ SHA256(value)).
    static func leaf(key: Bytes, value: Bytes) -> Hash32 {
        let valueHash = Hash32.sha256(value)
        let capacity = 1 + varintBytesMax + key.count + 1 + Hash32.length
        return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
            buffer[0] = 0
            var end = writeVarint(key.count, to: buffer, at: 1)
            key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0) }
            end += key.count
            buffer[end] = UInt8(Hash32.length)
            valueHash.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[(end + 1)...]))
            return Hash32.sha256(UnsafeRawBufferPointer(rebasing: buffer[..<(end + 1 + Hash32.length)]))
        }
    }

    /// SHA256(0x01 ‖ left ‖ right).
    static func inner(left: Hash32, right: Hash32) -> Hash32 { Hash32.sha256(tag: 1, left: left, right: right) }

    /// The most bytes a 64-bit number takes as a varint.
    private static let varintBytesMax = 10

    /// Writes `count` from `start` on, seven bits a byte, least significant first; returns where it ends.
    private static func writeVarint(_ count: Int, to buffer: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var (rest, end) = (count, start)
        while rest >= 0x80 {
            buffer[end] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            end += 1
        }
        buffer[end] = UInt8(truncatingIfNeeded: rest)
        return end + 1
    }
}

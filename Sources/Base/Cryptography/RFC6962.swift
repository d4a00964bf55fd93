import Primitives

/// The Merkle tree of RFC 6962 section 2.1 over SHA-256: a leaf is hashed after a byte 0x00 and a node after 0x01, so that
/// neither can pass for the other, and a list of n leaves splits at the largest power of two below n, so that no leaf is
/// counted twice.
public enum RFC6962 {
    /// SHA256(0x00 ‖ leaf).
    public static func leafHash(_ leaf: Bytes) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(0x00 as UInt8)
        hasher.update(leaf)
        return hasher.finalize()
    }

    /// SHA256(0x01 ‖ left ‖ right).
    public static func nodeHash(_ left: Hash32, _ right: Hash32) -> Hash32 {
        Hash32.sha256(tag: 0x01, left: left, right: right)
    }

    /// The root over `leaves` in their order; SHA256 of nothing where there are none.
    ///
    /// Deterministic; O(n) hashes and O(log n) memory besides the leaves.
    public static func root(of leaves: [Bytes]) -> Hash32 {
        // The roots of the complete subtrees so far, largest first: one for each bit set in the count.
        var roots: [Hash32] = []
        for (index, leaf) in leaves.enumerated() {
            var hash = leafHash(leaf)
            for _ in 0..<(index + 1).trailingZeroBitCount {
                if let left = roots.popLast() { hash = nodeHash(left, hash) }
            }
            roots.append(hash)
        }
        guard var root = roots.popLast() else { return Hash32.sha256([] as Bytes) }
        while let left = roots.popLast() { root = nodeHash(left, root) }
        return root
    }
}

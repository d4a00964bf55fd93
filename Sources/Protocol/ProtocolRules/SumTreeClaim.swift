import Cryptography
import Primitives

/// What a claim says about its items: how many there are, what they add up to, and the root that binds both to the tree.
///
/// The root is SHA256(`gonka/claim/v1` ‖ tree root ‖ BE64 count ‖ BE64 fee ‖ BE64 tokens). The count fixes the tree's shape,
/// so a proof cannot pretend another one.
public struct SumTreeClaim: Hashable, Sendable {
    public let root: Hash32
    /// The number of items.
    public let count: UInt64
    public let sums: ItemSums

    /// A claim as somebody states it; only proofs tell whether the root belongs to the figures.
    public init(root: Hash32, count: UInt64, sums: ItemSums) {
        self.root = root
        self.count = count
        self.sums = sums
    }

    /// The claim over a known tree.
    public init(treeRoot: Hash32, count: UInt64, sums: ItemSums) {
        var hasher = SHA256Hasher()
        hasher.update(Bytes("gonka/claim/v1".utf8))
        hasher.update(treeRoot)
        hasher.update(bigEndian: count)
        sums.update(&hasher)
        self.init(root: hasher.finalize(), count: count, sums: sums)
    }
}

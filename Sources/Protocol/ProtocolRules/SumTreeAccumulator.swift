import Cryptography
import Primitives

/// The claim over a growing list of items, without keeping the items: O(log n) memory, O(1) hashes per item on average.
public struct SumTreeAccumulator: Sendable {
    /// Roots of the complete subtrees, largest first: one for each bit that is set in `count`.
    private var peaks: [SumTreeNode] = []

    /// The number of items so far.
    public private(set) var count: UInt64 = 0
    /// What they add up to.
    public private(set) var sums = ItemSums.zero

    public init() {}

    /// Adds the next leaf. Throws `.overflow`, with nothing changed, where a sum would need more than 64 bits.
    public mutating func append(_ leaf: SumTreeNode) throws(ArithmeticError) {
        let total = try sums.adding(leaf.sums)
        let newCount = try count.adding(1)
        var node = leaf
        // Every bit that the increment carries over is a complete subtree that the new one closes.
        for _ in 0..<count.trailingOnes {
            if let left = peaks.popLast() { node = .joiningParts(left, node) }
        }
        peaks.append(node)
        count = newCount
        sums = total
    }

    /// The root of the tree so far; SHA256 of nothing where it is empty (RFC 6962 section 2.1).
    public var treeRoot: Hash32 {
        guard var node = peaks.last else { return .sha256([]) }
        for left in peaks.dropLast().reversed() { node = .joiningParts(left, node) }
        return node.hash
    }

    /// The claim over the items so far.
    public var claim: SumTreeClaim { SumTreeClaim(treeRoot: treeRoot, count: count, sums: sums) }
}

extension UInt64 {
    fileprivate var trailingOnes: Int { (~self).trailingZeroBitCount }
}

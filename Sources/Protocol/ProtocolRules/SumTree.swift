import Cryptography
import Primitives

/// A whole item tree in memory: what a host proves its items from.
///
/// The shape is RFC 6962's. Levels are kept from the leaves up; where a level has an odd node at its end, that node itself
/// is the last one of the next level, never a copy joined with itself. About 96 bytes an item.
public struct SumTree: Sendable {
    /// `levels[0]` are the leaves, the last level is the root alone; no levels where there are no items.
    let levels: [[SumTreeNode]]

    /// What all items add up to.
    public let sums: ItemSums

    /// Builds the tree over `leaves` in their order. Throws `.overflow` where a sum needs more than 64 bits.
    public init(_ leaves: [SumTreeNode]) throws(ArithmeticError) {
        var total = ItemSums.zero
        for leaf in leaves { total = try total.adding(leaf.sums) }
        sums = total
        var levels: [[SumTreeNode]] = leaves.isEmpty ? [] : [leaves]
        var level = leaves
        while level.count > 1 {
            level = SumTree.parents(of: level)
            levels.append(level)
        }
        self.levels = levels
    }

    private static func parents(of level: [SumTreeNode]) -> [SumTreeNode] {
        stride(from: 0, to: level.count, by: 2).map { left in
            left + 1 < level.count ? .joiningParts(level[left], level[left + 1]) : level[left]
        }
    }

    /// The number of items.
    public var count: UInt64 { UInt64(levels.first?.count ?? 0) }

    /// The root; SHA256 of nothing where the tree is empty (RFC 6962 section 2.1).
    public var treeRoot: Hash32 { levels.last?.first?.hash ?? .sha256([]) }

    /// The claim over the tree.
    public var claim: SumTreeClaim { SumTreeClaim(treeRoot: treeRoot, count: count, sums: sums) }

    /// The proof of the leaf at `index` (from 0), or nil where there is none. O(log n).
    public func proof(at index: UInt64) -> SumTreeProof? {
        guard index < count else { return nil }
        var position = Int(index)
        var path: [SumTreeNode] = []
        for level in levels {
            let sibling = position ^ 1
            if sibling < level.count { path.append(level[sibling]) }
            position /= 2
        }
        return SumTreeProof(index: index, path: path)
    }

    /// The index of the leaf that covers `point`: the one with before ≤ point < before + its own figure, counted in
    /// `measure`. Leaves that add nothing cover nothing; nil where `point` is not below the total. O(log n).
    public func leafIndex(covering point: UInt64, by measure: ItemMeasure) -> UInt64? {
        guard point < sums[measure] else { return nil }
        var rest = point
        var position = 0
        for level in levels.dropLast().reversed() {
            position *= 2
            let left = level[position].sums[measure]
            // The point is inside this subtree, so where the left child ends before it there is a right one.
            if rest >= left {
                rest -= left
                position += 1
            }
        }
        return UInt64(position)
    }
}

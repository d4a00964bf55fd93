import Primitives
import WireFormat

/// Shows that several leaves lie at their places of one claimed tree. Siblings that the leaves share are carried once, and those
/// that follow from other leaves not at all.
public struct SumTreeMultiProof: Hashable, Sendable {
    /// The leaves' places, ascending, from 0.
    public let indices: [UInt64]
    /// Level by level from the leaves to the root, in each level from left to right: every sibling that no leaf leads to.
    public let siblings: [SumTreeNode]

    public init(indices: [UInt64], siblings: [SumTreeNode]) {
        self.indices = indices
        self.siblings = siblings
    }

    /// Checks that `leaves` are the items at `indices` of `claim`, in that order.
    ///
    /// - Returns: where each leaf lies in [0, fee) and in [0, tokens).
    /// - Throws: the first thing that is wrong; `.indexOutsideTree` also where the places do not ascend or are not as many as
    ///   the leaves. Deterministic, at most 64 hashes a leaf.
    public func verify(
        _ leaves: [SumTreeNode], in claim: SumTreeClaim
    ) throws(SumTreeProofError) -> [SumTreeInterval] {
        guard let lastIndex = indices.last, indices.count == leaves.count, lastIndex < claim.count,
            zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .indexOutsideTree }
        var ascent = MultiProofAscent(indices: indices, leaves: leaves, last: claim.count - 1)
        var rest = siblings[...]
        while ascent.last > 0 { try ascent.climb(&rest) }
        guard rest.isEmpty, let root = ascent.nodes.first?.node else { throw .wrongPathLength }
        let proven = SumTreeClaim(treeRoot: root.hash, count: claim.count, sums: root.sums)
        guard proven == claim else { throw .rootMismatch }
        return zip(ascent.before, leaves).map { SumTreeInterval(before: $0, sums: $1.sums) }
    }
}

/// One level of a proof for several leaves after the other.
private struct MultiProofAscent {
    /// A known node of the present level, with the leaves below it as a range of the leaves' list.
    struct Known {
        let position: UInt64
        let node: SumTreeNode
        let leaves: Range<Int>
    }

    private(set) var nodes: [Known]
    /// The place of the level's last node.
    private(set) var last: UInt64
    /// What lies before each leaf, as far as it is known.
    private(set) var before: [ItemSums]

    init(indices: [UInt64], leaves: [SumTreeNode], last: UInt64) {
        nodes = zip(indices, leaves).enumerated().map { place, leaf in
            Known(position: leaf.0, node: leaf.1, leaves: place..<place + 1)
        }
        before = leaves.map { _ in .zero }
        self.last = last
    }

    mutating func climb(_ siblings: inout ArraySlice<SumTreeNode>) throws(SumTreeProofError) {
        var parents: [Known] = []
        var place = 0
        while place < nodes.count {
            let node = nodes[place]
            place += 1
            var right: Known?
            if place < nodes.count, nodes[place].position == node.position + 1, node.position.isMultiple(of: 2) {
                right = nodes[place]
                place += 1
            }
            parents.append(try parent(of: node, right, &siblings))
        }
        nodes = parents
        last /= 2
    }

    private mutating func parent(
        of node: Known, _ right: Known?, _ siblings: inout ArraySlice<SumTreeNode>
    ) throws(SumTreeProofError) -> Known {
        let position = node.position / 2
        if let right {
            let joined = try join(node.node, right.node, rightLeaves: right.leaves)
            return Known(
                position: position, node: joined, leaves: node.leaves.lowerBound..<right.leaves.upperBound)
        }
        let isRight = !node.position.isMultiple(of: 2)
        // An odd node at the end of its level moves up as it is.
        guard isRight || node.position < last else {
            return Known(position: position, node: node.node, leaves: node.leaves)
        }
        guard let sibling = siblings.popFirst() else { throw .wrongPathLength }
        let joined =
            isRight
            ? try join(sibling, node.node, rightLeaves: node.leaves) : try join(node.node, sibling, rightLeaves: 0..<0)
        return Known(position: position, node: joined, leaves: node.leaves)
    }

    private mutating func join(
        _ left: SumTreeNode, _ right: SumTreeNode, rightLeaves: Range<Int>
    ) throws(SumTreeProofError) -> SumTreeNode {
        do {
            for leaf in rightLeaves { before[leaf] = try before[leaf].adding(left.sums) }
            return try .joining(left, right)
        } catch {
            throw .sumsOverflow
        }
    }
}

extension SumTree {
    /// The proof of the leaves at `indices`; nil where one is outside the tree, they do not ascend, or there are none.
    public func proof(at indices: [UInt64]) -> SumTreeMultiProof? {
        guard let lastIndex = indices.last, lastIndex < count,
            zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        var siblings: [SumTreeNode] = []
        var known = indices.map(Int.init)
        for level in levels.dropLast() {
            for position in known where !isKnown(position ^ 1, in: known) && position ^ 1 < level.count {
                siblings.append(level[position ^ 1])
            }
            var parents: [Int] = []
            for position in known where parents.last != position / 2 { parents.append(position / 2) }
            known = parents
        }
        return SumTreeMultiProof(indices: indices, siblings: siblings)
    }

    private func isKnown(_ position: Int, in ascending: [Int]) -> Bool {
        var (low, high) = (0, ascending.count)
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low < ascending.count && ascending[low] == position
    }
}

extension SumTreeMultiProof: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var indices: [UInt64] = []
        var siblings: [SumTreeNode] = []
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                indices = try decoder.packed()
                guard indices.count <= AuditRules.samplesMax else { throw decoder.invalidValue() }
            case 2:
                guard siblings.count < Limits.multiProofSiblingsMax else { throw decoder.invalidValue() }
                siblings.append(try decoder.message(SumTreeNode.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.init(indices: indices, siblings: siblings)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(packed: indices, field: 1)
        encoder.write(repeated: siblings, field: 2)
    }
}

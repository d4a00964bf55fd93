import Primitives
import WireFormat

/// Why a proof does not show that its leaf belongs to the claim.
public enum SumTreeProofError: Error, Equatable, Sendable {
    /// The index is not below the claim's count.
    case indexOutsideTree
    /// The path has fewer or more siblings than a leaf at that index of a tree of that size.
    case wrongPathLength
    /// The sums along the path need more than 64 bits.
    case sumsOverflow
    /// The path leads to another root, or to other sums than the claim's.
    case rootMismatch
}

/// Shows that a leaf lies at one place of a claimed tree, and which part of the claimed fee and tokens is its own.
///
/// The leaf's own sums are not carried: the verifier takes them from the item, so that they cannot disagree with it.
public struct SumTreeProof: Hashable, Sendable {
    /// The leaf's place, from 0.
    public let index: UInt64
    /// The siblings from the leaf to the root. Index and count tell on which side each one is.
    public let path: [SumTreeNode]

    public init(index: UInt64, path: [SumTreeNode]) {
        self.index = index
        self.path = path
    }

    /// Checks that `leaf` is the item at `index` of `claim`.
    ///
    /// - Returns: where the leaf lies in [0, fee) and in [0, tokens).
    /// - Throws: the first thing that is wrong. Deterministic, at most 64 hashes.
    public func verify(_ leaf: SumTreeNode, in claim: SumTreeClaim) throws(SumTreeProofError) -> SumTreeInterval {
        guard index < claim.count else { throw .indexOutsideTree }
        var walk = Walk(node: leaf, position: index, last: claim.count - 1)
        var siblings = path[...]
        while walk.last > 0 {
            if walk.hasSibling {
                guard let sibling = siblings.popFirst() else { throw .wrongPathLength }
                try walk.join(sibling)
            }
            walk.ascend()
        }
        guard siblings.isEmpty else { throw .wrongPathLength }
        let proven = SumTreeClaim(treeRoot: walk.node.hash, count: claim.count, sums: walk.node.sums)
        guard proven == claim else { throw .rootMismatch }
        return SumTreeInterval(before: walk.before, sums: leaf.sums)
    }

    /// The way from a leaf to the root, one level at a time.
    private struct Walk {
        var node: SumTreeNode
        /// The node's place in its level, and the place of the level's last node.
        var position: UInt64
        var last: UInt64
        var before = ItemSums.zero

        private var isRight: Bool { position % 2 == 1 }

        /// False for an odd node at the end of its level: it moves up as it is.
        var hasSibling: Bool { isRight || position < last }

        mutating func join(_ sibling: SumTreeNode) throws(SumTreeProofError) {
            do {
                if isRight { before = try before.adding(sibling.sums) }
                node = isRight ? try .joining(sibling, node) : try .joining(node, sibling)
            } catch {
                throw .sumsOverflow
            }
        }

        mutating func ascend() {
            position /= 2
            last /= 2
        }
    }
}

extension SumTreeProof: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var index: UInt64 = 0
        var path: [SumTreeNode] = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: index = try decoder.unsigned()
            case 2:
                guard path.count < Limits.proofPathLengthMax else { throw decoder.invalidValue() }
                path.append(try decoder.message(SumTreeNode.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.init(index: index, path: path)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(index, field: 1)
        encoder.write(repeated: path, field: 2)
    }
}

/// The part of a claim's fee and tokens that one leaf holds: [before, before + sums) in each measure.
public struct SumTreeInterval: Hashable, Sendable {
    /// What the leaves before this one add up to.
    public let before: ItemSums
    /// The leaf's own figures.
    public let sums: ItemSums

    /// Whether `point` lies in the leaf's half-open interval; never for a leaf that adds nothing.
    public func contains(_ point: UInt64, by measure: ItemMeasure) -> Bool {
        point >= before[measure] && point - before[measure] < sums[measure]
    }
}

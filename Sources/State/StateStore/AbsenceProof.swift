import Primitives
import WireFormat

/// The two leaves between which a key would be, and by their ways to the root that no leaf is between them.
public struct AbsenceProof: Equatable, Sendable {
    /// The last leaf before the key; nil where the key comes before all.
    public let left: LeafProof?
    /// The first leaf after the key; nil where the key comes after all.
    public let right: LeafProof?

    public init(left: LeafProof?, right: LeafProof?) {
        self.left = left
        self.right = right
    }

    /// Checks that `key` holds nothing in the state of `root`.
    func verify(root: Hash32, key: Bytes) throws(StateProofError) {
        guard key.count <= StateLimits.keyBytesMax else { throw .tooLarge }
        if let left, !KeyBits.isOrdered(left.key, before: key) { throw .notBetween }
        if let right, !KeyBits.isOrdered(key, before: right.key) { throw .notBetween }
        try left?.verify(root: root)
        try right?.verify(root: root)
        switch (left, right) {
        case (let left?, let right?): guard AbsenceProof.areAdjacent(left, right) else { throw .notAdjacent }
        case (let left?, nil): guard left.isLast else { throw .notAdjacent }
        case (nil, let right?): guard right.isFirst else { throw .notAdjacent }
        case (nil, nil): guard root == NodeHash.empty else { throw .otherRoot(computed: NodeHash.empty) }
        }
    }

    /// Both lead to one root. From there the ways are the same as long as the siblings are; where they part, one goes left and
    /// the other right, and below that one keeps to the right-hand edge and the other to the left-hand edge.
    private static func areAdjacent(_ left: LeafProof, _ right: LeafProof) -> Bool {
        var (leftPath, rightPath) = (left.path[...], right.path[...])
        while let step = leftPath.last, step == rightPath.last {
            leftPath.removeLast()
            rightPath.removeLast()
        }
        guard let leftStep = leftPath.popLast(), let rightStep = rightPath.popLast() else { return false }
        return !leftStep.isLeft && rightStep.isLeft
            && leftPath.allSatisfy(\.isLeft) && !rightPath.contains { $0.isLeft }
    }
}

extension AbsenceProof: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (left, right): (LeafProof?, LeafProof?) = (nil, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: left = try decoder.message(LeafProof.self)
            case 2: right = try decoder.message(LeafProof.self)
            default: throw decoder.unknownField()
            }
        }
        self.init(left: left, right: right)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(left, field: 1)
        encoder.write(right, field: 2)
    }
}

import Primitives
import WireFormat

/// The two leaves between which a key would be, and by their ways to the root that no leaf is between them: ICS-23's
/// `NonExistenceProof`.
///
/// One leaf is missing at an end of the tree, both in the empty tree. ICS-23 wants at least one, so its verifiers do not accept
/// that an empty tree holds nothing; this one does, against SHA-256 of nothing. No chain's state is ever empty.
public struct AbsenceProof: Equatable, Sendable {
    /// What holds nothing.
    public let key: Bytes
    /// The last leaf before the key; nil where the key comes before all.
    public let left: LeafProof?
    /// The first leaf after the key; nil where the key comes after all.
    public let right: LeafProof?

    public init(key: Bytes, left: LeafProof?, right: LeafProof?) {
        self.key = key
        self.left = left
        self.right = right
    }

    /// Checks that `key` holds nothing in the state of `root`.
    func verify(root: Hash32) throws(StateProofError) {
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
        var (key, left, right): (Bytes, LeafProof?, LeafProof?) = ([], nil, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                key = try decoder.data()
                guard key.count <= StateLimits.keyBytesMax else { throw decoder.invalidValue() }
            case 2: left = try decoder.message(LeafProof.self)
            case 3: right = try decoder.message(LeafProof.self)
            default: throw decoder.unknownField()
            }
        }
        self.init(key: key, left: left, right: right)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(key, field: 1)
        encoder.write(left, field: 2)
        encoder.write(right, field: 3)
    }
}

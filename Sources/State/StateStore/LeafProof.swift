import Primitives
import WireFormat

/// A leaf and the hashes beside its way to the root: ICS-23's `ExistenceProof`.
public struct LeafProof: Equatable, Sendable {
    public let key: Bytes
    public let value: Bytes
    /// From the leaf upwards; empty where the leaf is the root.
    public let path: [Sibling]

    /// The other child of an inner node on the way: ICS-23's `InnerOp`, what is hashed before and behind the hash from below.
    public struct Sibling: Equatable, Sendable {
        /// True where the other child is the left one.
        public let isLeft: Bool
        public let hash: Hash32

        public init(isLeft: Bool, hash: Hash32) {
            self.isLeft = isLeft
            self.hash = hash
        }
    }

    public init(key: Bytes, value: Bytes, path: [Sibling]) {
        self.key = key
        self.value = value
        self.path = path
    }

    /// Checks that the leaf is in the state of `root`.
    func verify(root: Hash32) throws(StateProofError) {
        guard key.count <= StateLimits.keyBytesMax, value.count <= StateLimits.valueBytesMax,
            path.count <= StateLimits.depthMax
        else { throw .tooLarge }
        let computed = path.reduce(NodeHash.leaf(key: key, value: value)) { below, sibling in
            sibling.isLeft
                ? NodeHash.inner(left: sibling.hash, right: below) : NodeHash.inner(left: below, right: sibling.hash)
        }
        guard computed == root else { throw .otherRoot(computed: computed) }
    }

    /// True where no leaf of the tree is on the left.
    var isFirst: Bool { !path.contains { $0.isLeft } }
    /// True where no leaf of the tree is on the right.
    var isLast: Bool { path.allSatisfy(\.isLeft) }
}

extension LeafProof: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (key, value, path): (Bytes, Bytes, [Sibling]) = ([], [], [])
        var operation: LeafOperation?
        while let field = try decoder.nextField() {
            switch field {
            case 1: key = try decoder.data()
            case 2: value = try decoder.data()
            case 3: operation = try decoder.message(LeafOperation.self)
            case 4: path.append(try decoder.message(Sibling.self, repeated: true))
            default: throw decoder.unknownField()
            }
            guard key.count <= StateLimits.keyBytesMax, value.count <= StateLimits.valueBytesMax,
                path.count <= StateLimits.depthMax
            else { throw decoder.invalidValue() }
        }
        guard operation != nil else { throw .missingField(number: 3) }
        self.init(key: key, value: value, path: path)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(key, field: 1)
        encoder.write(value, field: 2)
        encoder.write(LeafOperation(), field: 3)
        encoder.write(repeated: path, field: 4)
    }
}

extension LeafProof.Sibling: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (isHashed, prefix, suffix): (Bool, Bytes, Hash32?) = (false, [], nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                guard try decoder.unsigned() == LeafOperation.sha256 else { throw decoder.invalidValue() }
                isHashed = true
            case 2:
                prefix = try decoder.data()
                guard prefix.first == NodeHash.innerTag, [1, 1 + Hash32.length].contains(prefix.count) else {
                    throw decoder.invalidValue()
                }
            case 3:
                suffix = try decoder.hash()
                // A left sibling in the prefix and a right one here would be a node of three children.
                guard prefix.count <= 1 else { throw decoder.invalidValue() }
            default: throw decoder.unknownField()
            }
        }
        guard isHashed else { throw .missingField(number: 1) }
        guard !prefix.isEmpty else { throw .missingField(number: 2) }
        let left = Hash32(Bytes(prefix.dropFirst()))
        guard let hash = left ?? suffix else { throw .missingField(number: 3) }
        self.init(isLeft: left != nil, hash: hash)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(LeafOperation.sha256, field: 1)
        encoder.write([NodeHash.innerTag] + (isLeft ? hash.bytes : []), field: 2)
        if !isLeft { encoder.write(hash, field: 3) }
    }
}

import Cryptography
import Primitives
import WireFormat

/// A subtree of an item tree: its hash, and what the items below it add up to.
///
/// A leaf's hash is SHA256(0x00 ‖ item) and a node's SHA256(0x01 ‖ left ‖ BE64 fee ‖ BE64 tokens ‖ right ‖ BE64 fee ‖
/// BE64 tokens) with each side's sums. The two prefixes keep an item from passing as a node (RFC 6962 section 2.1).
public struct SumTreeNode: Hashable, Sendable {
    public let hash: Hash32
    public let sums: ItemSums

    public init(hash: Hash32, sums: ItemSums) {
        self.hash = hash
        self.sums = sums
    }

    /// The leaf of an item.
    ///
    /// - Parameters:
    ///   - item: the item's canonical bytes.
    ///   - sums: the item's own fee and output tokens. They are not part of the leaf's hash, so take them from the item.
    public init(item: Bytes, sums: ItemSums) {
        var hasher = SHA256Hasher()
        hasher.update(SumTreeNode.leafPrefix)
        hasher.update(item)
        self.init(hash: hasher.finalize(), sums: sums)
    }

    /// The node over two subtrees; throws `.overflow` where their sums need more than 64 bits.
    public static func joining(
        _ left: SumTreeNode, _ right: SumTreeNode
    ) throws(ArithmeticError) -> SumTreeNode {
        SumTreeNode(hash: hash(of: left, right), sums: try left.sums.adding(right.sums))
    }

    /// The node over two parts of a tree whose total is already known to fit 64 bits.
    static func joiningParts(_ left: SumTreeNode, _ right: SumTreeNode) -> SumTreeNode {
        SumTreeNode(hash: hash(of: left, right), sums: left.sums.addingPart(right.sums))
    }

    private static let leafPrefix: UInt8 = 0
    private static let nodePrefix: UInt8 = 1

    private static func hash(of left: SumTreeNode, _ right: SumTreeNode) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(nodePrefix)
        hasher.update(left.hash)
        left.sums.update(&hasher)
        hasher.update(right.hash)
        right.sums.update(&hasher)
        return hasher.finalize()
    }
}

extension SumTreeNode: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var hash: Hash32?
        var fee: UInt64 = 0
        var tokens: UInt64 = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: hash = try decoder.hash()
            case 2: fee = try decoder.unsigned()
            case 3: tokens = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        guard let hash else { throw .missingField(number: 1) }
        self.init(hash: hash, sums: ItemSums(fee: Amount(fee), tokens: tokens))
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(hash, field: 1)
        encoder.write(sums.fee.ngonka, field: 2)
        encoder.write(sums.tokens, field: 3)
    }
}

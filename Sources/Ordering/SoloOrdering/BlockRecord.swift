import OrderingAPI
import Primitives
import WireFormat

/// A block as the block file holds it: all that executing it again needs.
public struct BlockRecord: CanonicalMessage, Equatable {
    /// From 1, without gaps.
    public let height: UInt64
    /// Milliseconds since 1970-01-01 UTC, never less than the block before.
    public let timeMilliseconds: UInt64
    /// The hash of the block before; zero at height 1.
    public let parentHash: Hash32
    /// The app hash after the block before, or after genesis at height 1.
    public let appHashBefore: Hash32
    public let transactions: [Bytes]
    /// The hash of this block, as its writer computed it.
    public private(set) var hash: Hash32

    /// Makes the block that follows `tip` and computes its hash.
    package init(after tip: ChainTip, chainID: String, timeMilliseconds: UInt64, transactions: [Bytes]) {
        self.init(
            height: tip.height + 1, timeMilliseconds: timeMilliseconds, parentHash: tip.hash,
            appHashBefore: tip.appHash, transactions: transactions, hash: .zero)
        hash = BlockHash.compute(self, chainID: chainID)
    }

    /// A block as another node tells of it, unchecked.
    public init(
        height: UInt64, timeMilliseconds: UInt64, parentHash: Hash32, appHashBefore: Hash32, transactions: [Bytes],
        hash: Hash32
    ) {
        self.height = height
        self.timeMilliseconds = timeMilliseconds
        self.parentHash = parentHash
        self.appHashBefore = appHashBefore
        self.transactions = transactions
        self.hash = hash
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (height, timeMilliseconds): (UInt64, UInt64) = (0, 0)
        var hashes: (parent: Hash32?, app: Hash32?, own: Hash32?) = (nil, nil, nil)
        var transactions: [Bytes] = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: height = try decoder.unsigned()
            case 2: timeMilliseconds = try decoder.unsigned()
            case 3: hashes.parent = try decoder.hash()
            case 4: hashes.app = try decoder.hash()
            case 5: hashes.own = try decoder.hash()
            case 6: transactions.append(try decoder.data(repeated: true))
            default: throw decoder.unknownField()
            }
        }
        guard let parentHash = hashes.parent else { throw .missingField(number: 3) }
        guard let appHashBefore = hashes.app else { throw .missingField(number: 4) }
        guard let hash = hashes.own else { throw .missingField(number: 5) }
        self.init(
            height: height, timeMilliseconds: timeMilliseconds, parentHash: parentHash, appHashBefore: appHashBefore,
            transactions: transactions, hash: hash)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(height, field: 1)
        encoder.write(timeMilliseconds, field: 2)
        encoder.write(parentHash, field: 3)
        encoder.write(appHashBefore, field: 4)
        encoder.write(hash, field: 5)
        encoder.write(repeated: transactions, field: 6)
    }

    /// The block as the application is given it.
    public var orderedBlock: OrderedBlock {
        OrderedBlock(
            height: height, timeMilliseconds: timeMilliseconds, hash: hash, parentHash: parentHash,
            transactions: transactions)
    }
}

import Primitives
import WireFormat

/// Which chain this is and how far it has come.
public struct ChainRecord: CanonicalMessage, Equatable {
    /// `gonka-swift-<name>-<n>`.
    public var chainID: String
    public var genesisTimeMilliseconds: UInt64
    /// The last executed block.
    public var height: UInt64
    /// The hash of that block.
    public var blockHash: Hash32

    public init(chainID: String, genesisTimeMilliseconds: UInt64, height: UInt64 = 0, blockHash: Hash32 = .zero) {
        self.chainID = chainID
        self.genesisTimeMilliseconds = genesisTimeMilliseconds
        self.height = height
        self.blockHash = blockHash
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var blockHash: Hash32?
        (chainID, genesisTimeMilliseconds, height) = ("", 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: genesisTimeMilliseconds = try decoder.unsigned()
            case 3: height = try decoder.unsigned()
            case 4: blockHash = try decoder.hash()
            default: throw decoder.unknownField()
            }
        }
        self.blockHash = try required(blockHash, field: 4)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(genesisTimeMilliseconds, field: 2)
        encoder.write(height, field: 3)
        encoder.write(blockHash, field: 4)
    }
}

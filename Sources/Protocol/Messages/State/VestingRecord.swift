import Cryptography
import Primitives
import WireFormat

/// Coins of an account that are released later.
public struct VestingRecord: CanonicalMessage, Equatable {
    public var account: Address
    /// When the first of `amounts` is released: at the beginning of this epoch.
    public var epoch: UInt64
    /// ngonka, one for each epoch from then on.
    public var amounts: [UInt64]

    public init(account: Address, epoch: UInt64, amounts: [UInt64]) {
        self.account = account
        self.epoch = epoch
        self.amounts = amounts
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var account: Address?
        (epoch, amounts) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: account = try decoder.address()
            case 2: epoch = try decoder.unsigned()
            case 3: amounts = try decoder.packed()
            default: throw decoder.unknownField()
            }
        }
        self.account = try required(account, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(account, field: 1)
        encoder.write(epoch, field: 2)
        encoder.write(packed: amounts, field: 3)
    }
}

import Cryptography
import Primitives
import WireFormat

/// Collateral on its way back, and the bond of a host that has left; convictions and disputes still take from it.
public struct WithdrawalRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// Paid out when this epoch begins.
    public var epoch: UInt64
    public var amount: Amount

    public init(host: Address, epoch: UInt64, amount: Amount) {
        self.host = host
        self.epoch = epoch
        self.amount = amount
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (epoch, amount) = (0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: epoch = try decoder.unsigned()
            case 3: amount = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(epoch, field: 2)
        encoder.write(amount.ngonka, field: 3)
    }
}

/// A key that signs, or signed, for a host.
public struct OperatorKeyRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// The block that put it in force last.
    public var fromHeight: UInt64
    /// The block that replaced it; 0 while it is in force.
    public var untilHeight: UInt64

    public init(host: Address, fromHeight: UInt64, untilHeight: UInt64) {
        self.host = host
        self.fromHeight = fromHeight
        self.untilHeight = untilHeight
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (fromHeight, untilHeight) = (0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: fromHeight = try decoder.unsigned()
            case 3: untilHeight = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(fromHeight, field: 2)
        encoder.write(untilHeight, field: 3)
    }
}

import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgDepositCollateral`: puts down coins that secure a host's weight, in force at once.
public struct MsgDepositCollateral: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgDepositCollateral"

    public var host: Address
    /// Above 0.
    public var amount: Amount

    public var signer: Address { host }

    public init(host: Address, amount: Amount) {
        self.host = host
        self.amount = amount
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        amount = .zero
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.account()
            case 2: amount = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host.bech32, field: 1)
        encoder.write(amount.ngonka, field: 2)
    }
}

import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgWithdrawCollateral`: takes collateral back. It secures nothing from now on, is paid out at the beginning of the epoch
/// after the next, and can be slashed until then.
public struct MsgWithdrawCollateral: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgWithdrawCollateral"

    public var host: Address
    /// Above 0, at most what there is.
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

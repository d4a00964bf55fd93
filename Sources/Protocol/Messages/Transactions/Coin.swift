import Primitives
import WireFormat

/// `cosmos.base.v1beta1.Coin`: a denomination and a decimal amount as text.
public struct Coin: CanonicalMessage, Equatable {
    public var denomination: String
    /// Decimal digits, no sign, no leading zero but `0` itself.
    public var amount: String

    public init(_ amount: Amount) {
        denomination = Amount.denomination
        self.amount = String(amount.ngonka)
    }

    /// The amount in base coins, or nil for another denomination or a text that is not a canonical number below 2⁶⁴.
    public var inBaseCoins: Amount? {
        guard denomination == Amount.denomination, let value = UInt64(amount), String(value) == amount else {
            return nil
        }
        return Amount(value)
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        denomination = ""
        amount = ""
        while let field = try decoder.nextField() {
            switch field {
            case 1: denomination = try decoder.identifier()
            case 2: amount = try decoder.identifier()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(denomination, field: 1)
        encoder.write(amount, field: 2)
    }
}

import Primitives
import WireFormat

/// What the ledger keeps for one account.
public struct AccountRecord: CanonicalMessage, Equatable {
    /// Given once, from 1 in order of creation; part of what a signature covers.
    public var number: UInt64
    /// The sequence that the next transaction must carry.
    public var sequence: UInt64
    /// 33 bytes, empty until the account's first transaction.
    public var publicKey: Bytes
    public var balance: Amount

    public init(number: UInt64, sequence: UInt64 = 0, publicKey: Bytes = [], balance: Amount = .zero) {
        self.number = number
        self.sequence = sequence
        self.publicKey = publicKey
        self.balance = balance
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init(number: 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: number = try decoder.unsigned()
            case 2: sequence = try decoder.unsigned()
            case 3: publicKey = try decoder.data()
            case 4: balance = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(number, field: 1)
        encoder.write(sequence, field: 2)
        encoder.write(publicKey, field: 3)
        encoder.write(balance.ngonka, field: 4)
    }
}

import Cryptography
import Primitives
import WireFormat

/// `/cosmos.bank.v1beta1.MsgSend`: moves coins between two accounts.
public struct MsgSend: LedgerMessage, Equatable {
    public static let typeURL = "/cosmos.bank.v1beta1.MsgSend"

    public var from: Address
    public var to: Address
    public var coins: [Coin]

    public var signer: Address { from }

    public init(from: Address, to: Address, amount: Amount) {
        self.from = from
        self.to = to
        coins = [Coin(amount)]
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var from: Address?
        var to: Address?
        coins = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: from = try decoder.account()
            case 2: to = try decoder.account()
            case 3: coins.append(try decoder.message(Coin.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.from = try required(from, field: 1)
        self.to = try required(to, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(from.bech32, field: 1)
        encoder.write(to.bech32, field: 2)
        encoder.write(repeated: coins, field: 3)
    }
}

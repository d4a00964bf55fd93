import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgTopUpSession`: adds to the deposit, shared equally by the group at once, and may move unspent allotment
/// between members, in force when the serving round after the present one has settled.
public struct MsgTopUpSession: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgTopUpSession"

    public var payer: Address
    public var session: UInt64
    /// What is added; 0 where only allotments move.
    public var amount: Amount
    public var moves: [AllotmentMove]

    public var signer: Address { payer }

    public init(payer: Address, session: UInt64, amount: Amount, moves: [AllotmentMove] = []) {
        self.payer = payer
        self.session = session
        self.amount = amount
        self.moves = moves
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var payer: Address?
        (session, amount, moves) = (0, .zero, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: payer = try decoder.account()
            case 2: session = try decoder.unsigned()
            case 3: amount = Amount(try decoder.unsigned())
            case 4: moves.append(try decoder.message(AllotmentMove.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.payer = try required(payer, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(payer.bech32, field: 1)
        encoder.write(session, field: 2)
        encoder.write(amount.ngonka, field: 3)
        encoder.write(repeated: moves, field: 4)
    }
}

/// Unspent allotment to be taken from one member of a group and given to another.
public struct AllotmentMove: CanonicalMessage, Equatable {
    public var from: Address
    public var to: Address
    /// At most this much; what `from` has earned by then stays with it.
    public var amount: Amount

    public init(from: Address, to: Address, amount: Amount) {
        self.from = from
        self.to = to
        self.amount = amount
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var from: Address?
        var to: Address?
        amount = .zero
        while let field = try decoder.nextField() {
            switch field {
            case 1: from = try decoder.account()
            case 2: to = try decoder.account()
            case 3: amount = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.from = try required(from, field: 1)
        self.to = try required(to, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(from.bech32, field: 1)
        encoder.write(to.bech32, field: 2)
        encoder.write(amount.ngonka, field: 3)
    }
}

/// `/gonka.v1.MsgCloseSession`: no more vouchers from now on; the rest of the deposit returns when the serving round after
/// the present one has settled.
public struct MsgCloseSession: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgCloseSession"

    public var payer: Address
    public var session: UInt64

    public var signer: Address { payer }

    public init(payer: Address, session: UInt64) {
        self.payer = payer
        self.session = session
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var payer: Address?
        session = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: payer = try decoder.account()
            case 2: session = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.payer = try required(payer, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(payer.bech32, field: 1)
        encoder.write(session, field: 2)
    }
}

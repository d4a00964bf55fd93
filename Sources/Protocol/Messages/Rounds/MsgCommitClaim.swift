import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgCommitClaim`: all that a host did in one round, in one transaction. A duty message: free once a round.
public struct MsgCommitClaim: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgCommitClaim"

    /// The account of the host's operator key.
    public var operatorAccount: Address
    public var host: Address
    public var round: UInt64
    /// One per model, ascending by the model id's bytes.
    public var entries: [ClaimEntry]

    public var signer: Address { operatorAccount }

    public init(operatorAccount: Address, host: Address, round: UInt64, entries: [ClaimEntry]) {
        self.operatorAccount = operatorAccount
        self.host = host
        self.round = round
        self.entries = entries
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var operatorAccount: Address?
        var host: Address?
        (round, entries) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: operatorAccount = try decoder.account()
            case 2: host = try decoder.account()
            case 3: round = try decoder.unsigned()
            case 4: entries.append(try decoder.message(ClaimEntry.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.operatorAccount = try required(operatorAccount, field: 1)
        self.host = try required(host, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(operatorAccount.bech32, field: 1)
        encoder.write(host.bech32, field: 2)
        encoder.write(round, field: 3)
        encoder.write(repeated: entries, field: 4)
    }
}

/// A host's claim for one model: the sum tree's root and what it sums to.
public struct ClaimEntry: CanonicalMessage, Equatable {
    public var model: String
    /// SHA256(`gonka/claim/v1` ‖ tree root ‖ BE64 count ‖ BE64 fee ‖ BE64 tokens).
    public var root: Hash32
    /// Items, at least 1.
    public var count: UInt64
    /// Output tokens of all items.
    public var tokens: UInt64
    public var fee: Amount
    /// Ascending by session; their counts and fees add up to the entry's.
    public var sessions: [SessionClaim]

    public init(
        model: String, root: Hash32, count: UInt64, tokens: UInt64, fee: Amount, sessions: [SessionClaim]
    ) {
        self.model = model
        self.root = root
        self.count = count
        self.tokens = tokens
        self.fee = fee
        self.sessions = sessions
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var root: Hash32?
        (model, count, tokens, fee, sessions) = ("", 0, 0, .zero, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: model = try decoder.identifier()
            case 2: root = try decoder.hash()
            case 3: count = try decoder.unsigned()
            case 4: tokens = try decoder.unsigned()
            case 5: fee = Amount(try decoder.unsigned())
            case 6: sessions.append(try decoder.message(SessionClaim.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.root = try required(root, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(model, field: 1)
        encoder.write(root, field: 2)
        encoder.write(count, field: 3)
        encoder.write(tokens, field: 4)
        encoder.write(fee.ngonka, field: 5)
        encoder.write(repeated: sessions, field: 6)
    }
}

/// The part of a claim that one session pays.
public struct SessionClaim: CanonicalMessage, Equatable {
    public var session: UInt64
    /// 1 + the last number in any accepted claim of this session and executor.
    public var firstNumber: UInt64
    /// Items, at least 1.
    public var count: UInt64
    public var fee: Amount
    /// The highest voucher that the executor holds.
    public var voucher: Signed<Voucher>

    public init(session: UInt64, firstNumber: UInt64, count: UInt64, fee: Amount, voucher: Signed<Voucher>) {
        self.session = session
        self.firstNumber = firstNumber
        self.count = count
        self.fee = fee
        self.voucher = voucher
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var voucher: Signed<Voucher>?
        (session, firstNumber, count, fee) = (0, 0, 0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: session = try decoder.unsigned()
            case 2: firstNumber = try decoder.unsigned()
            case 3: count = try decoder.unsigned()
            case 4: fee = Amount(try decoder.unsigned())
            case 5: voucher = try decoder.message(Signed<Voucher>.self)
            default: throw decoder.unknownField()
            }
        }
        self.voucher = try required(voucher, field: 5)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(session, field: 1)
        encoder.write(firstNumber, field: 2)
        encoder.write(count, field: 3)
        encoder.write(fee.ngonka, field: 4)
        encoder.write(voucher, field: 5)
    }
}

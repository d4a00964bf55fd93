import Primitives
import ProtocolRules
import WireFormat

/// A session: a deposit, a group of hosts, and the prices it was opened at.
public struct SessionRecord: CanonicalMessage, Equatable {
    public var id: UInt64
    public var payer: Address
    public var model: String
    /// All that was ever put in.
    public var deposit: Amount
    /// 33 bytes, compressed secp256k1.
    public var sessionKey: Bytes
    /// Hosts asked for.
    public var groupSize: UInt64
    /// Empty for all.
    public var allowedHosts: [Address]
    public var isUnproven: Bool
    public var keyHolder: Address?
    public var state: SessionState
    public var openedHeight: UInt64
    /// It closes by itself after this block.
    public var expiryHeight: UInt64
    /// In the order they were drawn; empty until the block after opening.
    public var members: [Address]
    /// Frozen at opening.
    public var prices: TokenPrices
    /// Frozen at opening.
    public var servingTaxPartsPerMillion: UInt64
    /// While closing: the rest returns when the serving round with this serial has settled.
    public var closesAfterRound: UInt64
    /// What went to hosts and the pool so far.
    public var paid: Amount
    /// What went back to the payer.
    public var refunded: Amount

    public init(
        id: UInt64, request: MsgOpenSession, groupSize: UInt64, openedHeight: UInt64, expiryHeight: UInt64,
        prices: TokenPrices, servingTaxPartsPerMillion: UInt64
    ) {
        self.id = id
        payer = request.payer
        model = request.model
        deposit = request.deposit
        sessionKey = request.sessionKey
        self.groupSize = groupSize
        allowedHosts = request.allowedHosts
        isUnproven = request.isUnproven
        keyHolder = request.keyHolder
        state = .drawing
        self.openedHeight = openedHeight
        self.expiryHeight = expiryHeight
        members = []
        self.prices = prices
        self.servingTaxPartsPerMillion = servingTaxPartsPerMillion
        closesAfterRound = 0
        paid = .zero
        refunded = .zero
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var payer: Address?
        var state: SessionState?
        var prices: TokenPrices?
        (id, model, deposit, sessionKey, groupSize, allowedHosts) = (0, "", .zero, [], 0, [])
        (isUnproven, keyHolder, openedHeight, expiryHeight, members) = (false, nil, 0, 0, [])
        (servingTaxPartsPerMillion, closesAfterRound, paid, refunded) = (0, 0, .zero, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: id = try decoder.unsigned()
            case 2: payer = try decoder.address()
            case 3: model = try decoder.identifier()
            case 4: deposit = Amount(try decoder.unsigned())
            case 5: sessionKey = try decoder.data()
            case 6: groupSize = try decoder.unsigned()
            case 7: allowedHosts.append(try decoder.address(repeated: true))
            case 8: isUnproven = try decoder.boolean()
            case 9: keyHolder = try decoder.address()
            case 10:
                state = SessionState(rawValue: try decoder.unsigned())
                if state == nil { throw decoder.invalidValue() }
            case 11: openedHeight = try decoder.unsigned()
            case 12: expiryHeight = try decoder.unsigned()
            case 13: members.append(try decoder.address(repeated: true))
            case 14: prices = try decoder.message(TokenPrices.self)
            case 15: servingTaxPartsPerMillion = try decoder.unsigned()
            case 16: closesAfterRound = try decoder.unsigned()
            case 17: paid = Amount(try decoder.unsigned())
            case 18: refunded = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.payer = try required(payer, field: 2)
        self.state = try required(state, field: 10)
        self.prices = try required(prices, field: 14)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(id, field: 1)
        encoder.write(payer, field: 2)
        encoder.write(model, field: 3)
        encoder.write(deposit.ngonka, field: 4)
        encoder.write(sessionKey, field: 5)
        encoder.write(groupSize, field: 6)
        encoder.write(repeated: allowedHosts.map(\.bytes), field: 7)
        encoder.write(isUnproven, field: 8)
        if let keyHolder { encoder.write(keyHolder, field: 9) }
        encoder.write(state.rawValue, field: 10)
        encoder.write(openedHeight, field: 11)
        encoder.write(expiryHeight, field: 12)
        encoder.write(repeated: members.map(\.bytes), field: 13)
        encoder.write(prices, field: 14)
        encoder.write(servingTaxPartsPerMillion, field: 15)
        encoder.write(closesAfterRound, field: 16)
        encoder.write(paid.ngonka, field: 17)
        encoder.write(refunded.ngonka, field: 18)
    }
}

/// A session's life: drawing → open → closing → closed; without any able host drawing → closed.
public enum SessionState: UInt64, Sendable {
    /// Paid for; the group is drawn in the next block.
    case drawing = 1
    case open = 2
    /// No new vouchers; claims of the present and the next serving round still pay.
    case closing = 3
    /// The rest is back with the payer.
    case closed = 4

    public var name: String {
        switch self {
        case .drawing: "drawing"
        case .open: "open"
        case .closing: "closing"
        case .closed: "closed"
        }
    }
}

/// One host's place in a session's group.
public struct MemberRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// What it can earn from this session at most.
    public var allotment: Amount
    /// Fees of its settled claims, after the caps of voucher and allotment, before audits and tax.
    public var settledFees: Amount
    /// What it received, tax taken off.
    public var received: Amount
    /// The last item number in any accepted claim.
    public var lastNumber: UInt64
    /// What ordered moves will take from the allotment, as far as it is unspent then. An executor serves up to
    /// `allotment − leaving`: what it served before the order it can still claim before the move.
    public var leaving: Amount

    public init(host: Address, allotment: Amount) {
        self.host = host
        self.allotment = allotment
        settledFees = .zero
        received = .zero
        lastNumber = 0
        leaving = .zero
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (allotment, settledFees, received, lastNumber, leaving) = (.zero, .zero, .zero, 0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: allotment = Amount(try decoder.unsigned())
            case 3: settledFees = Amount(try decoder.unsigned())
            case 4: received = Amount(try decoder.unsigned())
            case 5: lastNumber = try decoder.unsigned()
            case 6: leaving = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(allotment.ngonka, field: 2)
        encoder.write(settledFees.ngonka, field: 3)
        encoder.write(received.ngonka, field: 4)
        encoder.write(lastNumber, field: 5)
        encoder.write(leaving.ngonka, field: 6)
    }
}

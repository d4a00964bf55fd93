import Primitives
import ProtocolRules
import WireFormat

/// A round: its kind, its frozen timetable, and how far it has come.
public struct RoundRecord: CanonicalMessage, Equatable {
    public var id: UInt64
    public var timetable: RoundTimetable
    public var isSettled: Bool
    /// Claims committed, and how many of them are settled.
    public var claims: UInt64
    public var settledClaims: UInt64
    /// Gross payments of the settled claims, tax included.
    public var paid: Amount

    public init(id: UInt64, timetable: RoundTimetable) {
        self.id = id
        self.timetable = timetable
        isSettled = false
        claims = 0
        settledClaims = 0
        paid = .zero
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var timetable: RoundTimetable?
        (id, isSettled, claims, settledClaims, paid) = (0, false, 0, 0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: id = try decoder.unsigned()
            case 2: timetable = try decoder.message(RoundTimetable.self)
            case 3: isSettled = try decoder.boolean()
            case 4: claims = try decoder.unsigned()
            case 5: settledClaims = try decoder.unsigned()
            case 6: paid = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.timetable = try required(timetable, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(id, field: 1)
        encoder.write(timetable, field: 2)
        encoder.write(isSettled, field: 3)
        encoder.write(claims, field: 4)
        encoder.write(settledClaims, field: 5)
        encoder.write(paid.ngonka, field: 6)
    }
}

/// A host's claim in a round and, once settled, what came of it.
public struct ClaimRecord: CanonicalMessage, Equatable {
    public var host: Address
    public var round: UInt64
    public var committedHeight: UInt64
    public var entries: [ClaimEntry]
    public var state: ClaimState
    /// One per session of the entries, in their order; empty before settlement.
    public var payments: [SessionPayment]

    public init(host: Address, round: UInt64, committedHeight: UInt64, entries: [ClaimEntry]) {
        self.host = host
        self.round = round
        self.committedHeight = committedHeight
        self.entries = entries
        state = .committed
        payments = []
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        var state: ClaimState?
        (round, committedHeight, entries, payments) = (0, 0, [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: round = try decoder.unsigned()
            case 3: committedHeight = try decoder.unsigned()
            case 4: entries.append(try decoder.message(ClaimEntry.self, repeated: true))
            case 5:
                state = ClaimState(rawValue: try decoder.unsigned())
                if state == nil { throw decoder.invalidValue() }
            case 6: payments.append(try decoder.message(SessionPayment.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
        self.state = try required(state, field: 5)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(round, field: 2)
        encoder.write(committedHeight, field: 3)
        encoder.write(repeated: entries, field: 4)
        encoder.write(state.rawValue, field: 5)
        encoder.write(repeated: payments, field: 6)
    }
}

/// A claim's life: committed → settled, or parked where its settlement broke a rule of the ledger.
public enum ClaimState: UInt64, Sendable {
    case committed = 1
    case settled = 2
    /// Nothing was paid; a fault of the ledger, kept for people to look at while blocks go on.
    case parked = 3

    public var name: String {
        switch self {
        case .committed: "committed"
        case .settled: "settled"
        case .parked: "parked"
        }
    }
}

/// What one session paid to one claim.
public struct SessionPayment: CanonicalMessage, Equatable {
    public var session: UInt64
    /// The sum of the items' fees, as claimed.
    public var fee: Amount
    /// What reached the host.
    public var received: Amount
    /// What went to the pool.
    public var tax: Amount

    public init(session: UInt64, fee: Amount, received: Amount, tax: Amount) {
        self.session = session
        self.fee = fee
        self.received = received
        self.tax = tax
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init(session: 0, fee: .zero, received: .zero, tax: .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: session = try decoder.unsigned()
            case 2: fee = Amount(try decoder.unsigned())
            case 3: received = Amount(try decoder.unsigned())
            case 4: tax = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(session, field: 1)
        encoder.write(fee.ngonka, field: 2)
        encoder.write(received.ngonka, field: 3)
        encoder.write(tax.ngonka, field: 4)
    }
}

import Primitives
import ProtocolRules
import WireFormat

/// A host's claim in a round and, once settled, what came of it.
public struct ClaimRecord: CanonicalMessage, Equatable {
    public var host: Address
    public var round: UInt64
    public var committedHeight: UInt64
    public var entries: [ClaimEntry]
    public var state: ClaimState
    /// One per session of the entries; empty before settlement. While the claim is carried they say what is set aside for its
    /// sessions, with nothing received.
    public var payments: [SessionPayment]
    /// The round whose windows it is audited in: its own, or a later one that an undecided entry is carried into.
    public var auditRound: UInt64
    /// How often it was carried.
    public var carries: UInt64
    /// What audits found, one for each entry; empty before the first settlement.
    public var outcomes: [EntryOutcome]

    public init(host: Address, round: UInt64, committedHeight: UInt64, entries: [ClaimEntry]) {
        self.host = host
        self.round = round
        self.committedHeight = committedHeight
        self.entries = entries
        state = .committed
        payments = []
        auditRound = round
        carries = 0
        outcomes = []
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        var state: ClaimState?
        (round, committedHeight, entries, payments) = (0, 0, [], [])
        (auditRound, carries, outcomes) = (0, 0, [])
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
            case 7: auditRound = try decoder.unsigned()
            case 8: carries = try decoder.unsigned()
            case 9: outcomes.append(try decoder.message(EntryOutcome.self, repeated: true))
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
        encoder.write(auditRound, field: 7)
        encoder.write(carries, field: 8)
        encoder.write(repeated: outcomes, field: 9)
    }
}

/// A claim's life: committed → settled, or void where its host was convicted, or parked where its settlement broke a rule of the
/// ledger. A carried claim stays committed.
public enum ClaimState: UInt64, Sendable {
    case committed = 1
    case settled = 2
    /// Nothing was paid; a fault of the ledger, kept for people to look at while blocks go on.
    case parked = 3
    /// Its host was convicted by it: nothing was paid, everything went back.
    case void = 4

    public var name: String {
        switch self {
        case .committed: "committed"
        case .settled: "settled"
        case .parked: "parked"
        case .void: "void"
        }
    }
}

/// What the audits of one entry found.
public struct EntryOutcome: CanonicalMessage, Equatable {
    public var state: EntryState
    public var tally: AuditTally
    /// Output tokens of the claimed that the samples bear out (`SampledTokens`), before the reduction for bad ones.
    public var tokens: UInt64

    /// What counts after audits.
    public var countedTokens: UInt64 { tally.reduced(tokens) }

    public init(state: EntryState, tally: AuditTally, tokens: UInt64) {
        self.state = state
        self.tally = tally
        self.tokens = tokens
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var state: EntryState?
        var (drawn, counted, bad, abandoned) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        tokens = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                state = EntryState(rawValue: try decoder.unsigned())
                if state == nil { throw decoder.invalidValue() }
            case 2: drawn = try decoder.unsigned()
            case 3: counted = try decoder.unsigned()
            case 4: bad = try decoder.unsigned()
            case 5: abandoned = try decoder.unsigned()
            case 6: tokens = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.state = try required(state, field: 1)
        tally = AuditTally(drawn: drawn, counted: counted, bad: bad, abandoned: abandoned)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(state.rawValue, field: 1)
        encoder.write(tally.drawn, field: 2)
        encoder.write(tally.counted, field: 3)
        encoder.write(tally.bad, field: 4)
        encoder.write(tally.abandoned, field: 5)
        encoder.write(tokens, field: 6)
    }
}

/// What became of an entry.
public enum EntryState: UInt64, Sendable {
    /// Too few samples were scored; it goes into a later round.
    case carried = 1
    /// Settled by its samples.
    case decided = 2
    /// Too few were scored for the last time, or it was none that a carry helps: nothing is paid or proven.
    case undecided = 3

    public var name: String {
        switch self {
        case .carried: "carried"
        case .decided: "decided"
        case .undecided: "undecided"
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

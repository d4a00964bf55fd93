import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgCommitAudit`: what an auditor or a panel's member found, hidden until everybody has committed; sent in the
/// audit or the appeal window. A duty message: free once a round and window.
public struct MsgCommitAudit: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgCommitAudit"

    /// The account of the host's operator key, which signs.
    public var operatorAccount: Address
    /// The host that it speaks for.
    public var host: Address
    /// The round of the claims.
    public var round: UInt64
    /// Ascending by claimant, entry and number, none twice.
    public var commitments: [AuditCommitment]

    public var signer: Address { operatorAccount }

    public init(operatorAccount: Address, host: Address, round: UInt64, commitments: [AuditCommitment]) {
        self.operatorAccount = operatorAccount
        self.host = host
        self.round = round
        self.commitments = commitments
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var operatorAccount: Address?
        var host: Address?
        (round, commitments) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: operatorAccount = try decoder.account()
            case 2: host = try decoder.account()
            case 3: round = try decoder.unsigned()
            case 4: commitments.append(try decoder.message(AuditCommitment.self, repeated: true))
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
        encoder.write(repeated: commitments, field: 4)
    }
}

/// One sample's part of an audit. What was not scored is said openly, so that the next one on the list can take over.
public struct AuditCommitment: CanonicalMessage, Equatable {
    /// Whose claim it is.
    public var claimant: Address
    /// The entry of the claim, from 0.
    public var entry: UInt64
    /// The sample of the entry, from 0.
    public var number: UInt64
    /// `scored` or, openly, `unavailable` or `cannotCheck`; a difference is hidden as `scored`.
    public var outcome: AuditOutcome
    /// `AuditResult.digest`, where the outcome is `scored`.
    public var digest: Hash32?

    public init(claimant: Address, entry: UInt64, number: UInt64, outcome: AuditOutcome, digest: Hash32? = nil) {
        self.claimant = claimant
        self.entry = entry
        self.number = number
        self.outcome = outcome
        self.digest = digest
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var claimant: Address?
        var outcome: AuditOutcome?
        (entry, number, digest) = (0, 0, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: claimant = try decoder.address()
            case 2: entry = try decoder.unsigned()
            case 3: number = try decoder.unsigned()
            case 4:
                outcome = AuditOutcome(rawValue: try decoder.unsigned())
                if outcome == nil { throw decoder.invalidValue() }
            case 5: digest = try decoder.hash()
            default: throw decoder.unknownField()
            }
        }
        self.claimant = try required(claimant, field: 1)
        self.outcome = try required(outcome, field: 4)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(claimant, field: 1)
        encoder.write(entry, field: 2)
        encoder.write(number, field: 3)
        encoder.write(outcome.rawValue, field: 4)
        if let digest { encoder.write(digest, field: 5) }
    }
}

/// What an auditor says of a sample.
public enum AuditOutcome: UInt64, Sendable {
    /// The item was scored: margin and fingerprint follow.
    case scored = 1
    /// The claimant did not hand it out.
    case unavailable = 2
    /// The auditor could not do its work: no duty done, no verdict.
    case cannotCheck = 3
    /// What was handed out is not what the item says; a mismatch, and a panel looks.
    case differs = 4

    public var name: String {
        switch self {
        case .scored: "scored"
        case .unavailable: "unavailable"
        case .cannotCheck: "cannot check"
        case .differs: "differs"
        }
    }
}

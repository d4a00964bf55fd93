import Cryptography
import Primitives
import ProtocolRules
import WireFormat

/// `/gonka.v1.MsgOpenAudit`: the results behind the commitments; sent in the open or the appeal-open window. A duty message:
/// free once a round and window.
public struct MsgOpenAudit: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgOpenAudit"

    /// The account of the host's operator key, which signs.
    public var operatorAccount: Address
    /// The host that it speaks for.
    public var host: Address
    /// The round of the claims.
    public var round: UInt64
    /// Ascending by claimant, entry and number, none twice.
    public var openings: [AuditOpening]

    public var signer: Address { operatorAccount }

    public init(operatorAccount: Address, host: Address, round: UInt64, openings: [AuditOpening]) {
        self.operatorAccount = operatorAccount
        self.host = host
        self.round = round
        self.openings = openings
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var operatorAccount: Address?
        var host: Address?
        (round, openings) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: operatorAccount = try decoder.account()
            case 2: host = try decoder.account()
            case 3: round = try decoder.unsigned()
            case 4: openings.append(try decoder.message(AuditOpening.self, repeated: true))
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
        encoder.write(repeated: openings, field: 4)
    }
}

/// One sample's result.
public struct AuditOpening: CanonicalMessage, Equatable {
    /// Whose claim it is.
    public var claimant: Address
    /// The entry of the claim, from 0.
    public var entry: UInt64
    /// The sample of the entry, from 0.
    public var number: UInt64
    /// The 16 bytes of the commitment.
    public var salt: Bytes
    public var result: AuditResult

    public init(claimant: Address, entry: UInt64, number: UInt64, salt: Bytes, result: AuditResult) {
        self.claimant = claimant
        self.entry = entry
        self.number = number
        self.salt = salt
        self.result = result
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var claimant: Address?
        var result: AuditResult?
        (entry, number, salt) = (0, 0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: claimant = try decoder.address()
            case 2: entry = try decoder.unsigned()
            case 3: number = try decoder.unsigned()
            case 4: salt = try decoder.data()
            case 5: result = try decoder.message(AuditResult.self)
            default: throw decoder.unknownField()
            }
        }
        self.claimant = try required(claimant, field: 1)
        self.result = try required(result, field: 5)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(claimant, field: 1)
        encoder.write(entry, field: 2)
        encoder.write(number, field: 3)
        encoder.write(salt, field: 4)
        encoder.write(result, field: 5)
    }
}

/// What re-scoring an item gave.
public struct AuditResult: CanonicalMessage, Equatable {
    /// `scored` or `differs`.
    public var outcome: AuditOutcome
    /// What differs, a number of `AuditDifference`; 0 where nothing does.
    public var difference: UInt64
    /// The margin, in millionths of a nat.
    public var marginMicroNats: UInt64
    /// Positions whose token is the auditor's own choice; information only.
    public var matched: UInt64
    /// At the item's positions: actual and designated log-probability for each, Int16 big-endian.
    public var fingerprint: Bytes
    /// The same at the panel's fresh positions; empty from an auditor.
    public var freshFingerprint: Bytes

    public init(
        outcome: AuditOutcome, difference: UInt64, marginMicroNats: UInt64, matched: UInt64, fingerprint: Bytes,
        freshFingerprint: Bytes
    ) {
        self.outcome = outcome
        self.difference = difference
        self.marginMicroNats = marginMicroNats
        self.matched = matched
        self.fingerprint = fingerprint
        self.freshFingerprint = freshFingerprint
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var outcome: AuditOutcome?
        (difference, marginMicroNats, matched, fingerprint, freshFingerprint) = (0, 0, 0, [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                outcome = AuditOutcome(rawValue: try decoder.unsigned())
                if outcome == nil { throw decoder.invalidValue() }
            case 2: difference = try decoder.unsigned()
            case 3: marginMicroNats = try decoder.unsigned()
            case 4: matched = try decoder.unsigned()
            case 5: fingerprint = try decoder.data()
            case 6: freshFingerprint = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        self.outcome = try required(outcome, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(outcome.rawValue, field: 1)
        encoder.write(difference, field: 2)
        encoder.write(marginMicroNats, field: 3)
        encoder.write(matched, field: 4)
        encoder.write(fingerprint, field: 5)
        encoder.write(freshFingerprint, field: 6)
    }
}

/// Where what was handed out is not what the item says.
public enum AuditDifference: UInt64, CaseIterable, Sendable {
    /// The proof does not lead to the claim's root.
    case proof = 1
    /// The item is not at its place, or is none of this round, model or session.
    case place = 2
    /// The request body is not the one that the voucher and the item name.
    case request = 3
    /// The rendered prompt is not the item's.
    case prompt = 4
    /// The output tokens are not the item's.
    case output = 5
    /// Sampling or seed do not follow from the request.
    case sampling = 6
    /// The answer ends where no rule ends it.
    case ending = 7
    /// Counts or fee are not what the tokens come to.
    case charge = 8
    /// The session's key did not sign the voucher.
    case voucher = 9
}

extension AuditResult {
    /// SHA256(`gonka/audit/v1` ‖ salt ‖ auditor ‖ stage ‖ sample ‖ canonical result): what binds a result before anybody shows
    /// theirs. It names auditor and sample, so that a copied commitment can never be opened.
    ///
    /// - Parameters:
    ///   - salt: 16 random bytes.
    ///   - stage: whether an auditor or a panel's member speaks.
    public func digest(salt: Bytes, auditor: Address, stage: AuditStage, sample: SampleReference) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(Bytes("gonka/audit/v1".utf8))
        hasher.update(salt)
        hasher.update(auditor.bytes)
        hasher.update(UInt8(truncatingIfNeeded: stage.rawValue))
        hasher.update(sample.bytes)
        hasher.update(encoded())
        return hasher.finalize()
    }
}

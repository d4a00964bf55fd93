import Cryptography
import Primitives
import WireFormat

/// What one auditor or member of a panel committed to and opened for one sample; kept until the claim is settled.
public struct AuditRecord: CanonicalMessage, Equatable {
    public var auditor: Address
    /// As committed.
    public var outcome: AuditOutcome
    public var digest: Hash32?
    /// There once it is opened.
    public var result: AuditResult?

    public init(auditor: Address, outcome: AuditOutcome, digest: Hash32? = nil, result: AuditResult? = nil) {
        self.auditor = auditor
        self.outcome = outcome
        self.digest = digest
        self.result = result
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var auditor: Address?
        var outcome: AuditOutcome?
        (digest, result) = (nil, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: auditor = try decoder.address()
            case 2:
                outcome = AuditOutcome(rawValue: try decoder.unsigned())
                if outcome == nil { throw decoder.invalidValue() }
            case 3: digest = try decoder.hash()
            case 4: result = try decoder.message(AuditResult.self)
            default: throw decoder.unknownField()
            }
        }
        self.auditor = try required(auditor, field: 1)
        self.outcome = try required(outcome, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(auditor, field: 1)
        encoder.write(outcome.rawValue, field: 2)
        if let digest { encoder.write(digest, field: 3) }
        encoder.write(result, field: 4)
    }
}

/// A sampled item as its claimant opened it; kept until the claim is settled.
public struct OpenedItemRecord: CanonicalMessage, Equatable {
    /// The leaf, from 0.
    public var index: UInt64
    /// Tokens of the item.
    public var outputTokens: UInt64
    public var fingerprint: Bytes
    /// 0 for synthetic work.
    public var fee: Amount

    public init(index: UInt64, outputTokens: UInt64, fingerprint: Bytes, fee: Amount = .zero) {
        self.index = index
        self.outputTokens = outputTokens
        self.fingerprint = fingerprint
        self.fee = fee
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (index, outputTokens, fingerprint, fee) = (0, 0, [], .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: index = try decoder.unsigned()
            case 2: outputTokens = try decoder.unsigned()
            case 3: fingerprint = try decoder.data()
            case 4: fee = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(index, field: 1)
        encoder.write(outputTokens, field: 2)
        encoder.write(fingerprint, field: 3)
        encoder.write(fee.ngonka, field: 4)
    }
}

/// How often an account's work for a model, or its word as an auditor, was found wrong.
public struct ScoreRecord: CanonicalMessage, Equatable {
    public var account: Address
    /// `AuditScore`.
    public var milliNats: UInt64
    /// Since the account exists; a conviction resets the score alone.
    public var matches: UInt64
    public var mismatches: UInt64
    public var convictions: UInt64

    public init(account: Address, milliNats: UInt64, matches: UInt64, mismatches: UInt64, convictions: UInt64) {
        self.account = account
        self.milliNats = milliNats
        self.matches = matches
        self.mismatches = mismatches
        self.convictions = convictions
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var account: Address?
        (milliNats, matches, mismatches, convictions) = (0, 0, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: account = try decoder.address()
            case 2: milliNats = try decoder.unsigned()
            case 3: matches = try decoder.unsigned()
            case 4: mismatches = try decoder.unsigned()
            case 5: convictions = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.account = try required(account, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(account, field: 1)
        encoder.write(milliNats, field: 2)
        encoder.write(matches, field: 3)
        encoder.write(mismatches, field: 4)
        encoder.write(convictions, field: 5)
    }
}

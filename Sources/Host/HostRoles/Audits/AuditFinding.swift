import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// What this host found of a sample, kept until the round is over: what it committed to it must be able to open.
///
/// Nothing of what was fetched is kept: the result is all that is needed of it.
struct AuditFinding: CanonicalMessage, Equatable {
    /// The round of the claim, which is another one than that of the windows where it was carried.
    var round: UInt64
    var claimant: Address
    var entry: UInt64
    var number: UInt64
    var stage: AuditStage
    /// `scored`, also where the item differs, `unavailable` or `cannotCheck`.
    var outcome: AuditOutcome
    /// 16 random bytes; none where nothing is hidden.
    var salt: Bytes
    var result: AuditResult?

    private init(_ sample: SampleName, _ stage: AuditStage, _ outcome: AuditOutcome, salt: Bytes, result: AuditResult?)
    {
        (round, claimant, entry, number) = (sample.round, sample.claimant, sample.entry, sample.number)
        (self.stage, self.outcome, self.salt, self.result) = (stage, outcome, salt, result)
    }

    /// A result, `scored` or `differs`, under a fresh salt.
    init(_ sample: SampleName, stage: AuditStage, result: AuditResult) {
        let salt = Secret.random(count: AuditRules.saltLength).copiedBytes()
        self.init(sample, stage, .scored, salt: salt, result: result)
    }

    /// Why there is no result: `unavailable` or `cannotCheck`, which is said openly.
    init(_ sample: SampleName, stage: AuditStage, without outcome: AuditOutcome) {
        self.init(sample, stage, outcome, salt: [], result: nil)
    }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (claimant, stage, outcome) = (Address?.none, AuditStage?.none, AuditOutcome?.none)
        (round, entry, number, salt, result) = (0, 0, 0, [], nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: claimant = try decoder.address()
            case 2: entry = try decoder.unsigned()
            case 3: number = try decoder.unsigned()
            case 4: stage = AuditStage(rawValue: try decoder.unsigned())
            case 5: outcome = AuditOutcome(rawValue: try decoder.unsigned())
            case 6: salt = try decoder.data()
            case 7: result = try decoder.message(AuditResult.self)
            case 8: round = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        guard let claimant else { throw .missingField(number: 1) }
        guard let stage else { throw .missingField(number: 4) }
        guard let outcome else { throw .missingField(number: 5) }
        (self.claimant, self.stage, self.outcome) = (claimant, stage, outcome)
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(claimant, field: 1)
        encoder.write(entry, field: 2)
        encoder.write(number, field: 3)
        encoder.write(stage.rawValue, field: 4)
        encoder.write(outcome.rawValue, field: 5)
        encoder.write(salt, field: 6)
        encoder.write(result, field: 7)
        encoder.write(round, field: 8)
    }

    var sample: SampleName { SampleName(round: round, claimant: claimant, entry: entry, number: number) }

    /// What the ledger gets to see before the open window.
    func commitment(of sample: SampleReference, by auditor: Address) -> AuditCommitment {
        AuditCommitment(
            claimant: claimant, entry: entry, number: number, outcome: outcome,
            digest: digest(of: sample, by: auditor))
    }

    func digest(of sample: SampleReference, by auditor: Address) -> Hash32? {
        result?.digest(salt: salt, auditor: auditor, stage: stage, sample: sample)
    }

    /// What the ledger gets to see in the open window; nil where nothing was hidden.
    var opening: AuditOpening? {
        result.map { AuditOpening(claimant: claimant, entry: entry, number: number, salt: salt, result: $0) }
    }
}

import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Takes the results behind commitments.
enum OpenAuditHandler: MessageHandler {
    static func apply(_ message: MsgOpenAudit, in context: inout ExecutionContext) throws(LedgerError) {
        var reader = AuditedSamples(
            host: message.host, round: message.round, auditPhase: .open, appealPhase: .appealOpen)
        try AuditedSamples.check(message.openings.map { $0.sample(in: message.round) })
        for opening in message.openings {
            let sample = opening.sample(in: message.round)
            let (audits, stage) = try reader.audits(of: sample, in: &context)
            let entry = try audits.entry(of: sample)
            let key = StateKey.audit(sample, stage: stage, by: message.host)
            guard var record = try context.read(AuditRecord.self, at: key), let digest = record.digest else {
                throw RoundsRejection.notCommitted(sample).error
            }
            guard record.result == nil else { throw RoundsRejection.auditedAlready(sample).error }
            try check(opening.result, stage)
            let expected = opening.result.digest(
                salt: opening.salt, auditor: message.host, stage: stage, sample: entry.audit.sample(sample.number))
            guard opening.salt.count == AuditRules.saltLength, digest == expected else {
                throw RoundsRejection.notCommitted(sample).error
            }
            record.result = opening.result
            context.write(record, at: key)
        }
        context.emit(
            "audits_opened", ("round", "\(message.round)"), ("host", message.host.bech32),
            ("samples", "\(message.openings.count)"))
    }

    private static func check(_ result: AuditResult, _ stage: AuditStage) throws(LedgerError) {
        guard result.outcome == .scored || result.outcome == .differs else {
            throw RoundsRejection.invalidAudit("only what was scored or differs is opened").error
        }
        guard (result.outcome == .differs) == (AuditDifference(rawValue: result.difference) != nil) else {
            throw RoundsRejection.invalidAudit("the difference has no number that is known").error
        }
        guard Fingerprint(bytes: result.fingerprint) != nil, Fingerprint(bytes: result.freshFingerprint) != nil,
            stage == .appeal || result.freshFingerprint.isEmpty
        else { throw RoundsRejection.invalidAudit("a fingerprint has a length that none has").error }
    }
}

extension AuditOpening {
    func sample(in round: UInt64) -> SampleName {
        SampleName(round: round, claimant: claimant, entry: entry, number: number)
    }
}

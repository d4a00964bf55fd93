import Messages
import Primitives
import ProtocolRules

/// A sample that goes to a panel.
struct AuditDispute: Sendable {
    let sample: AuditedSample
    /// Who says that it does not match.
    let auditor: Address
    let panel: [Address]

    /// Whether what the auditor opened and what the claimant opened do not match. The ledger's own rule, which knows nothing of
    /// samples that one side did not open, and nothing of models that are only observed.
    ///
    /// - Parameters:
    ///   - audits: what the sample's auditors said.
    ///   - opened: nil where the claimant did not open the item: then it is bad without a panel.
    /// - Returns: the auditor whose word counts, where it disputes.
    static func auditor(
        disputing sample: AuditedSample, audits: [AuditRecord], opened: OpenedItemRecord?, model: RoundModelRecord
    ) -> Address? {
        let word = sample.auditors.lazy.compactMap { auditor in
            audits.first { $0.auditor == auditor && $0.result != nil }
        }.first
        guard !model.isObserved, let opened, let word, let result = word.result else { return nil }
        guard result.outcome != .differs, let claimed = Fingerprint(bytes: opened.fingerprint),
            let scored = Fingerprint(bytes: result.fingerprint),
            let verdict = Verdict(
                claimed: claimed.values, scored: scored.values, marginMicroNats: result.marginMicroNats,
                thresholds: model.thresholds)
        else { return word.auditor }
        return verdict.isMismatch ? word.auditor : nil
    }
}

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
        return result.disputes(opened, model.thresholds) ? word.auditor : nil
    }
}

import Messages
import Primitives
import ProtocolRules

/// A sample that goes to a panel.
struct AuditDispute: Sendable {
    let sample: AuditedSample
    /// Who says that it does not match.
    let auditor: Address
    let panel: [Address]

    /// Whether what one auditor opened and what the claimant opened do not match. The ledger's own rule.
    ///
    /// - Parameters:
    ///   - audits: what the listed auditors said of the sample.
    ///   - opened: nil where the claimant did not open the item: then it is bad without a panel.
    /// - Returns: the auditor whose word counts, where it disputes.
    static func auditor(
        disputing audits: [AuditRecord], opened: OpenedItemRecord?, thresholds: ModelThresholds
    ) -> Address? {
        guard let counted = audits.first(where: { $0.digest != nil }), let result = counted.result, let opened else {
            return nil
        }
        if result.outcome == .differs { return counted.auditor }
        let verdict = Fingerprint(bytes: opened.fingerprint).flatMap { claimed in
            Fingerprint(bytes: result.fingerprint).flatMap { scored in
                Verdict(
                    claimed: claimed.values, scored: scored.values, marginMicroNats: result.marginMicroNats,
                    thresholds: thresholds)
            }
        }
        // Values at other positions than the item's are no word about it.
        return verdict?.isMismatch ?? false ? counted.auditor : nil
    }
}

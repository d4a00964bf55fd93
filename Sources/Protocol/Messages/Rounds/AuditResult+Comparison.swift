import Primitives
import ProtocolRules

extension AuditResult {
    /// Whether an opened result and the opened item do not match: the comparison of protocol.md section 5, for the ledger, for
    /// hosts that look for disputes, and for whoever recomputes them.
    ///
    /// A fingerprint of another length than the item's is a mismatch too: a panel will see whose fault it is.
    public func disputes(_ item: OpenedItemRecord, _ thresholds: ModelThresholds) -> Bool {
        if outcome == .differs { return true }
        guard let claimed = Fingerprint(bytes: item.fingerprint), let scored = Fingerprint(bytes: fingerprint),
            let verdict = Verdict(
                claimed: claimed.values, scored: scored.values, marginMicroNats: marginMicroNats,
                thresholds: thresholds)
        else { return true }
        return verdict.isMismatch
    }
}

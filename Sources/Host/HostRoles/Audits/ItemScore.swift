import EngineAPI
import Messages
import Primitives
import ProtocolRules

/// What scoring an item once comes to, for an auditor or a panel.
struct ItemScore: Sendable {
    let item: WorkItem
    /// Whether the session was opened for engines whose tokens no seed binds: then only temperature 0 has a margin.
    let isUnproven: Bool
    let score: ScoreResult

    /// The result; nil where the score is not one of all output positions.
    ///
    /// - Parameters:
    ///   - panelSeed: for a panel's member, the seed that its fresh positions follow from.
    ///   - sample: which sample it is.
    func result(of sample: SampleReference, panelSeed: Hash32? = nil) -> AuditResult? {
        let count = score.positions.count
        guard UInt64(count) == item.outputTokens,
            let fingerprint = Fingerprint(
                score.logProbabilities, at: item.fingerprintPositions(outputCount: count))
        else { return nil }
        var fresh = Fingerprint(values: [])
        if let panelSeed {
            let positions = FingerprintPositions.fresh(outputCount: count, panelSeed: panelSeed, sample: sample)
            fresh = Fingerprint(score.logProbabilities, at: positions)
        }
        guard let fresh else { return nil }
        let margin = Margin(score, sampling: item.sampling, seed: ItemSeed(item.seed))
        let hasMargin = !isUnproven || item.sampling.temperature == 0
        return AuditResult(
            outcome: .scored, difference: 0, marginMicroNats: hasMargin ? margin.microNats : 0,
            matched: UInt64(margin.matchedPositions), fingerprint: fingerprint.bytes, freshFingerprint: fresh.bytes)
    }
}

extension AuditResult {
    /// A difference that needs no model.
    init(differs difference: AuditDifference) {
        self.init(
            outcome: .differs, difference: difference.rawValue, marginMicroNats: 0, matched: 0, fingerprint: [],
            freshFingerprint: [])
    }
}

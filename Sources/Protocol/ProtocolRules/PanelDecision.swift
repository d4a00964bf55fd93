import Primitives

/// What one member of a panel opened.
public struct PanelWord: Hashable, Sendable {
    /// It says that what was handed out is not what the item says.
    public let differs: Bool
    public let marginMicroNats: UInt64
    /// Values at the item's positions, and at the fresh ones.
    public let fingerprint: [Int16]
    public let freshFingerprint: [Int16]

    public init(differs: Bool, marginMicroNats: UInt64, fingerprint: [Int16], freshFingerprint: [Int16]) {
        self.differs = differs
        self.marginMicroNats = marginMicroNats
        self.fingerprint = fingerprint
        self.freshFingerprint = freshFingerprint
    }
}

/// How a panel ends a dispute (protocol.md section 5).
public enum PanelDecision: Hashable, Sendable {
    /// More than three fifths of those who count confirm the mismatch.
    case upheld
    /// More than three fifths say the opposite: the auditor was wrong.
    case rejected
    /// Neither: a panel that does not agree judges nobody (ADR 14).
    case split
    /// Fewer than three members count: nobody is judged.
    case abandoned

    /// Decides on one sample.
    ///
    /// A member who scored counts if it ran the model: its values at the fresh positions are as close to the members' median as
    /// honest runs are. One who says that the item differs looked at bytes, which no model can vouch for, and always counts.
    ///
    /// - Parameters:
    ///   - claimed: the claimant's fingerprint.
    ///   - words: the members' words, in any order.
    /// - Returns: the decision, and for each word whether it counts.
    public static func decide(
        claimed: [Int16], words: [PanelWord], thresholds: ModelThresholds
    ) -> (decision: PanelDecision, counts: [Bool]) {
        let medians = medians(of: words.filter { !$0.differs }.map(\.freshFingerprint), length: claimed.count)
        let counts = words.map { word in
            if word.differs { return true }
            let verdict = Verdict(
                claimed: medians, scored: word.freshFingerprint, marginMicroNats: 0, thresholds: thresholds)
            return verdict.map { !$0.fingerprintDiffers } ?? false
        }
        let rest = zip(words, counts).filter(\.1).map(\.0)
        guard rest.count >= AuditRules.panelMembersMin else { return (.abandoned, counts) }
        let confirming = rest.count { word in
            if word.differs { return true }
            let verdict = Verdict(
                claimed: claimed, scored: word.fingerprint, marginMicroNats: word.marginMicroNats,
                thresholds: thresholds)
            // Values at other positions than the item's are no word about it.
            return verdict?.isMismatch ?? false
        }
        let decision: PanelDecision =
            if isDecisive(confirming, of: rest.count) {
                .upheld
            } else if isDecisive(rest.count - confirming, of: rest.count) {
                .rejected
            } else {
                .split
            }
        return (decision, counts)
    }

    private static func isDecisive(_ words: Int, of all: Int) -> Bool { words * 5 > all * 3 }

    /// The lower median of each value, over those that have `length` values.
    private static func medians(of fingerprints: [[Int16]], length: Int) -> [Int16] {
        let usable = fingerprints.filter { $0.count == length }
        guard !usable.isEmpty else { return Array(repeating: 0, count: length) }
        return (0..<length).map { place in usable.map { $0[place] }.sorted()[(usable.count - 1) / 2] }
    }
}

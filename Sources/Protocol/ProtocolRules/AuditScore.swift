import Primitives

/// The score of one account for one model: a CUSUM of log-likelihood ratios in milli-nats, between an honest rate of
/// mismatches p0 and a cheat's p1 (Page, "Continuous inspection schemes", 1954; protocol.md section 5).
///
/// It never falls below 0, so that good work of long ago excuses nothing.
public struct AuditScore: Hashable, Sendable {
    /// In milli-nats.
    public private(set) var milliNats: UInt64

    public init(milliNats: UInt64 = 0) { self.milliNats = milliNats }

    /// Takes in a sample that matched.
    public mutating func match(_ parameters: AuditParameters) {
        milliNats -= min(milliNats, parameters.scoreMatchMilliNats)
    }

    /// Takes in a mismatch that a panel confirmed. Saturates.
    public mutating func mismatch(_ parameters: AuditParameters) {
        let (sum, overflow) = milliNats.addingReportingOverflow(parameters.scoreMismatchMilliNats)
        milliNats = overflow ? .max : sum
    }

    public func convicts(_ parameters: AuditParameters) -> Bool { milliNats >= parameters.scoreConvictionMilliNats }
}

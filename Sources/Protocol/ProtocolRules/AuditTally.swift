import Primitives

/// What audits found about one entry of a claim.
public struct AuditTally: Hashable, Sendable {
    /// A claim without samples: nothing drawn, nothing bad.
    public static let unaudited = AuditTally(drawn: 0, counted: 0, bad: 0)

    /// Samples drawn.
    public let drawn: UInt64
    /// Samples left after those that nobody scored and those that are abandoned, n.
    public let counted: UInt64
    /// Bad samples among those left, m.
    public let bad: UInt64
    /// Disputed samples whose panel was too small to decide, a: their share is refunded.
    public let abandoned: UInt64

    public init(drawn: UInt64, counted: UInt64, bad: UInt64, abandoned: UInt64 = 0) {
        self.drawn = drawn
        self.counted = counted
        self.bad = bad
        self.abandoned = abandoned
    }

    /// Whether enough samples are left to settle the entry; else it is carried, unpaid, into the next round.
    public var isDecided: Bool { counted >= min(2, drawn) }

    /// ⌊units · max(0, n − 3m) ÷ (n + a)⌋: what is left of a claim's units or fee.
    ///
    /// All of it where n is 0: an entry is only settled with no sample left if none was drawn.
    public func reduced(_ units: UInt64) -> UInt64 {
        guard counted > 0 else { return units }
        let lost = UInt128(bad) * AuditTally.slope
        guard lost < UInt128(counted) else { return 0 }
        // The quotient is at most `units`, so it fits.
        let of = UInt128(counted) + UInt128(abandoned)
        return UInt64(UInt128(units) * (UInt128(counted) - lost) / of)
    }

    /// Each bad sample costs the shares of three.
    private static let slope: UInt128 = 3
}

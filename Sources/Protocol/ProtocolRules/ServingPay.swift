import Primitives

/// What audits found about one entry of a claim.
public struct AuditTally: Hashable, Sendable {
    /// A claim without samples: nothing drawn, nothing bad.
    public static let unaudited = AuditTally(drawn: 0, counted: 0, bad: 0)

    /// Samples drawn.
    public let drawn: UInt64
    /// Samples left after those that nobody scored, n.
    public let counted: UInt64
    /// Bad samples among those left, m.
    public let bad: UInt64

    public init(drawn: UInt64, counted: UInt64, bad: UInt64) {
        self.drawn = drawn
        self.counted = counted
        self.bad = bad
    }

    /// Whether enough samples are left to settle the entry; else it is carried, unpaid, into the next round.
    public var isDecided: Bool { counted >= min(2, drawn) }

    /// ⌊units · max(0, n − 3m) ÷ n⌋: what is left of a claim's units or fee.
    ///
    /// All of it where n is 0: an entry is only settled with no sample left if none was drawn.
    public func reduced(_ units: UInt64) -> UInt64 {
        guard counted > 0 else { return units }
        let lost = UInt128(bad) * AuditTally.slope
        guard lost < UInt128(counted) else { return 0 }
        // The quotient is at most `units`, so it fits.
        return UInt64(UInt128(units) * (UInt128(counted) - lost) / UInt128(counted))
    }

    /// Each bad sample costs the shares of three.
    private static let slope: UInt128 = 3
}

/// What one session pays for one claim of one executor.
public struct ServingPay: Hashable, Sendable {
    /// What leaves the session's deposit: payee + tax.
    public let total: Amount
    /// What the executor gets.
    public let payee: Amount
    /// What the community pool gets.
    public let tax: Amount

    /// Splits a claimed fee: total = ⌊min(fee, voucher, allotment) · max(0, n − 3m) ÷ n⌋, tax = ⌊total · tax rate⌋, the
    /// payee the rest. Rounding down keeps the remainder of the first in the session and of the second with the executor.
    ///
    /// - Parameters:
    ///   - fee: the fees of the session's leaves in the claim.
    ///   - voucher: what the last voucher still allows, after earlier claims.
    ///   - allotment: what is left of the executor's allotment.
    ///   - taxPartsPerMillion: at most 10⁶.
    /// - Throws: `.underflow` for a higher tax.
    public init(
        fee: Amount, voucher: Amount, allotment: Amount, tally: AuditTally, taxPartsPerMillion: UInt64
    ) throws(ArithmeticError) {
        total = Amount(tally.reduced(min(fee, voucher, allotment).ngonka))
        tax = try total.shareRoundingDown(partsPerMillion: taxPartsPerMillion)
        payee = try total.subtracting(tax)
    }
}

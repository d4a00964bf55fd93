import Primitives

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

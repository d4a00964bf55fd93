import Primitives

/// How audited tokens become weight (protocol.md section 7). Results that do not fit are the largest that do: weight is summed
/// when an epoch ends, where there is nobody to refuse.
public enum WeightRules {
    public static let million: UInt64 = 1_000_000

    /// ⌊coefficient · tokens ÷ 10⁶⌋: what audited tokens of one model weigh.
    public static func weight(tokens: UInt64, coefficientPartsPerMillion: UInt64) -> UInt64 {
        scaled(tokens, by: coefficientPartsPerMillion)
    }

    /// ⌊weight · partsPerMillion ÷ 10⁶⌋.
    public static func scaled(_ weight: UInt64, by partsPerMillion: UInt64) -> UInt64 {
        share(weight, partsPerMillion, of: million)
    }

    /// ⌊weight · part ÷ whole⌋; 0 where the whole is 0.
    public static func share(_ weight: UInt64, _ part: UInt64, of whole: UInt64) -> UInt64 {
        guard whole > 0 else { return 0 }
        return UInt64(clamping: UInt128(weight) * UInt128(part) / UInt128(whole))
    }

    /// How many auditors with confirmed weight a model needs so that it counts, where `able` of them could have audited it.
    public static func auditorsNeeded(able: UInt64) -> UInt64 { min(3, able) }

    /// The most that a model without an anchor counts for: twice what its auditors had in anchored models in the last proven
    /// epoch. Identities without proven work cannot vouch for one another.
    public static func unanchoredCap(auditorsAnchored: [UInt64]) -> UInt64 {
        UInt64(clamping: auditorsAnchored.reduce(UInt128(0)) { $0 + UInt128($1) } * 2)
    }

    /// What is left of one host's weight for a model whose hosts weigh `total` and may count for `cap`.
    public static func capped(_ weight: UInt64, total: UInt128, cap: UInt64) -> UInt64 {
        guard total > UInt128(cap) else { return weight }
        return UInt64(clamping: UInt128(weight) * UInt128(cap) / total)
    }

    /// What counts of a weight that part of which needs collateral: a share counts freely, each further unit needs its coins.
    ///
    /// - Parameters:
    ///   - collateral: in ngonka.
    ///   - perUnit: ngonka for each unit of weight; 0 asks for none.
    public static func secured(
        _ weight: UInt64, collateral: Amount, perUnit: UInt64, freePartsPerMillion: UInt64
    ) -> UInt64 {
        guard perUnit > 0 else { return weight }
        let free = scaled(weight, by: min(million, freePartsPerMillion))
        let (sum, overflow) = free.addingReportingOverflow(collateral.ngonka / perUnit)
        return overflow ? weight : min(weight, sum)
    }
}

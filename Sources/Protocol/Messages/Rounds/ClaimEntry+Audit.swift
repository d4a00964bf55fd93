import Primitives
import ProtocolRules

extension ClaimEntry {
    /// What the entry adds up to.
    public var sums: ItemSums { ItemSums(fee: fee, tokens: tokens) }

    /// The claim that proofs of its items lead to.
    public var treeClaim: SumTreeClaim { SumTreeClaim(root: root, count: count, sums: sums) }

    /// What the samples of this entry follow from.
    ///
    /// - Parameters:
    ///   - claimant: whose claim of `round` it is in.
    ///   - model: what all hosts claimed for the model in the claim's own round.
    ///   - seed: the seed that ends the draw of the round whose windows the claim is audited in.
    public func audit(
        claimant: Address, round: RoundRecord, model: RoundModelRecord, seed: Hash32
    ) -> EntryAudit {
        EntryAudit(
            ClaimEntryReference(round: round.id, claimant: claimant, model: self.model), sums: sums,
            total: ItemSums(fee: model.fee, tokens: model.tokens), count: count,
            dustTokens: model.dustTokens, terms: round.terms, seed: seed)
    }

    /// The session that pays the fee at `point` of the entry's fees; nil where fees are no measure of it.
    public func session(atFee point: UInt64) -> UInt64? {
        var end: UInt64 = 0
        for part in sessions {
            let (next, overflow) = end.addingReportingOverflow(part.fee.ngonka)
            guard !overflow else { return nil }
            if point < next { return part.session }
            end = next
        }
        return nil
    }

    /// Which session and number the leaf at `index` must have; nil where the entry has no such leaf.
    public func place(of index: UInt64) -> (session: UInt64, number: UInt64)? {
        var before: UInt64 = 0
        for part in sessions {
            if index >= before, index - before < part.count {
                let (number, overflow) = part.firstNumber.addingReportingOverflow(index - before)
                return overflow ? nil : (part.session, number)
            }
            let (next, overflow) = before.addingReportingOverflow(part.count)
            guard !overflow else { return nil }
            before = next
        }
        return nil
    }
}

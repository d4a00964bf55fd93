import Primitives

/// All that the samples of one claim's entry follow from. Ledger, claimant and auditors evaluate it alike (protocol.md
/// section 5).
public struct EntryAudit: Hashable, Sendable {
    public let entry: ClaimEntryReference
    /// What samples are points of: fees where anything is paid, else tokens.
    public let measure: ItemMeasure
    /// The claim's sum in that measure; points lie in [0, units).
    public let units: UInt64
    /// How many samples there are, numbered from 0.
    public let sampleCount: UInt64
    /// The seed of the interval that ends the round's draw.
    public let seed: Hash32

    /// - Parameters:
    ///   - sums: what the entry claims.
    ///   - total: what all entries of its model claim in this round, this one included.
    ///   - count: items of the entry.
    ///   - dustTokens: entries of synthetic work with fewer tokens get no samples; 0 where somebody pays.
    public init(
        _ entry: ClaimEntryReference, sums: ItemSums, total: ItemSums, count: UInt64, dustTokens: UInt64,
        terms: RoundTerms, seed: Hash32
    ) {
        self.entry = entry
        self.seed = seed
        measure = sums.fee > .zero ? .fee : .tokens
        units = sums[measure]
        sampleCount =
            sums.tokens < dustTokens
            ? 0
            : AuditRules.sampleCount(
                base: terms.samples, perPercent: terms.samplesPerPercent, units: units, total: total[measure],
                count: count)
    }

    public func sample(_ number: UInt64) -> SampleReference { SampleReference(entry: entry, number: number) }

    /// The point of a sample: the item is the leaf that covers it. 0 where there are no units.
    public func point(_ number: UInt64) -> UInt64 {
        Draw.sample(of: entry).point(number, seed: seed, below: units) ?? 0
    }

    /// The auditors of a sample, in the order of their turns.
    ///
    /// - Parameters:
    ///   - auditors: the epoch's auditors of the model.
    ///   - excluded: who may not judge this item: its session's payer and key holder. The claimant never may.
    public func auditors(of number: UInt64, from auditors: DrawEntries, without excluded: [Address] = []) -> [Address] {
        Draw.auditor(of: sample(number)).pick(
            AuditRules.listedAuditors, from: auditors, without: excluded + [entry.claimant], seed: seed)
    }

    /// The panel of a disputed sample.
    ///
    /// - Parameters:
    ///   - excluded: as for auditors, and the auditor whose word is disputed.
    ///   - seed: that of the interval that ends the round's second draw.
    public func panel(
        of number: UInt64, from auditors: DrawEntries, without excluded: [Address], seed: Hash32
    ) -> [Address] {
        Draw.panel(of: sample(number)).pick(
            AuditRules.panelSize, from: auditors, without: excluded + [entry.claimant], seed: seed)
    }
}

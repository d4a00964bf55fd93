import Messages
import Primitives
import ProtocolRules

/// A claim with everything that its samples follow from, as the ledger held it when the draw was over.
struct AuditedClaim: Sendable {
    /// One model's part.
    struct Entry: Sendable {
        let entry: ClaimEntry
        let model: RoundModelRecord
        let auditors: DrawEntries
        /// Those that pay sampled items, by id.
        let sessions: [UInt64: SessionRecord]
    }

    let claim: ClaimRecord
    /// The claim's own round.
    let round: RoundRecord
    /// The round whose windows it is audited in: its own, unless it was carried.
    let windows: RoundTimetable
    /// The seed that ends the draw of those windows.
    let seed: Hash32
    /// One for each entry of the claim; nil where that was decided before the claim was carried.
    let entries: [Entry?]

    /// The samples of all entries under audit, in order.
    var samples: [AuditedSample] {
        entries.enumerated().flatMap { place, entry -> [AuditedSample] in
            guard let entry else { return [] }
            let audit = audit(of: entry)
            return (0..<audit.sampleCount).map { number in
                let excluded = entry.excluded(from: audit, number)
                return AuditedSample(
                    name: SampleName(
                        round: claim.round, claimant: claim.host, entry: UInt64(place), number: number),
                    reference: audit.sample(number), point: audit.point(number), measure: audit.measure,
                    excluded: excluded,
                    auditors: audit.auditors(of: number, from: entry.auditors, without: excluded))
            }
        }
    }

    func audit(of entry: Entry) -> EntryAudit {
        entry.entry.audit(claimant: claim.host, round: round, model: entry.model, seed: seed)
    }

    /// The panel of one of the samples, which its auditor disputes.
    func panel(of sample: AuditedSample, disputedBy auditor: Address, seed panelSeed: Hash32) -> [Address] {
        guard let entry = entry(of: sample.name) else { return [] }
        return audit(of: entry).panel(
            of: sample.name.number, from: entry.auditors, without: sample.excluded + [auditor], seed: panelSeed)
    }

    func entry(of sample: SampleName) -> Entry? {
        guard sample.round == claim.round, sample.claimant == claim.host else { return nil }
        return Int(exactly: sample.entry).flatMap { entries.indices.contains($0) ? entries[$0] : nil }
    }
}

extension AuditedClaim.Entry {
    /// Who may not judge a sample, besides the claimant: payer and key holder of the session that pays it.
    fileprivate func excluded(from audit: EntryAudit, _ number: UInt64) -> [Address] {
        guard audit.measure == .fee, let id = entry.session(atFee: audit.point(number)),
            let session = sessions[id]
        else { return [] }
        return [session.payer] + (session.keyHolder.map { [$0] } ?? [])
    }
}

/// One sample of a claim's entry, and who audits it.
struct AuditedSample: Sendable {
    let name: SampleName
    let reference: SampleReference
    /// The item is the leaf that covers it.
    let point: UInt64
    let measure: ItemMeasure
    /// Who may not judge it, besides the claimant.
    let excluded: [Address]
    /// In the order of their turns.
    let auditors: [Address]
}

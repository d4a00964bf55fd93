import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// A claim with everything that the audits of its entries follow from, read once.
struct ClaimAudit {
    /// One entry under audit.
    struct Entry {
        let claimed: ClaimEntry
        let audit: EntryAudit
        let model: RoundModelRecord
        let auditors: DrawEntries
    }

    let claim: ClaimRecord
    /// The claim's own round: terms, thresholds and auditors are its.
    let round: RoundRecord
    /// The windows in which it is audited: another round's where it was carried.
    let timetable: RoundTimetable
    /// One for each entry of the claim; nil where that was decided before the claim was carried.
    let entries: [Entry?]

    /// - Throws: `.outsideWindow` before the draw of its samples has ended.
    init(_ claim: ClaimRecord, in context: inout ExecutionContext) throws(LedgerError) {
        self.claim = claim
        round = try context.expect(RoundRecord.self, at: StateKey.round(claim.round))
        timetable =
            claim.auditRound == claim.round
            ? round.timetable
            : try context.expect(RoundRecord.self, at: StateKey.round(claim.auditRound)).timetable
        let draw = timetable.window(.draw)
        guard let seed = try BeaconReads.seed(endingAt: draw.upperBound, in: context) else {
            throw RoundsRejection.outsideWindow(
                round: claim.round, window: timetable.window(.audit), height: context.block.height
            ).error
        }
        var entries: [Entry?] = []
        for (index, entry) in claim.entries.enumerated() {
            guard claim.outcomes.isEmpty || claim.outcomes[index].state == .carried else {
                entries.append(nil)
                continue
            }
            let model = try context.expect(
                RoundModelRecord.self, at: StateKey.roundModel(claim.round, model: entry.model))
            entries.append(
                Entry(
                    claimed: entry, audit: entry.audit(claimant: claim.host, round: round, model: model, seed: seed),
                    model: model,
                    auditors: try RoundsReads.auditors(epoch: round.epoch, model: entry.model, in: &context)))
        }
        self.entries = entries
    }

    /// All samples of the entries under audit.
    var sampleCount: Int { entries.reduce(0) { $0 + Int(clamping: $1?.audit.sampleCount ?? 0) } }

    /// The entry of a sample.
    ///
    /// - Throws: `.unknownSample` where the claim has no such sample.
    func entry(of sample: SampleName) throws(LedgerError) -> Entry {
        guard sample.entry < UInt64(entries.count), let entry = entries[Int(sample.entry)],
            sample.number < entry.audit.sampleCount
        else { throw RoundsRejection.unknownSample(sample).error }
        return entry
    }

    /// Who may not judge a sample besides the claimant: who pays for it and who asks in the payer's stead. Where nothing is paid
    /// there is nobody.
    func interested(
        in sample: SampleName, of entry: Entry, _ context: ExecutionContext
    ) throws(LedgerError) -> [Address] {
        guard entry.audit.measure == .fee, let session = entry.claimed.session(atFee: entry.audit.point(sample.number))
        else { return [] }
        return try context.hooks.interested(in: session, context)
    }

    /// The auditors of a sample, in the order of their turns.
    func listed(for sample: SampleName, _ context: ExecutionContext) throws(LedgerError) -> [Address] {
        let entry = try entry(of: sample)
        return entry.audit.auditors(
            of: sample.number, from: entry.auditors, without: try interested(in: sample, of: entry, context))
    }

    /// What was committed to and opened for a sample by those who are listed for it, in their order.
    func audits(
        of sample: SampleName, by listed: [Address], _ context: ExecutionContext
    ) throws(LedgerError) -> [AuditRecord?] {
        var audits: [AuditRecord?] = []
        for auditor in listed {
            let key = StateKey.audit(sample, stage: .audit, by: auditor)
            audits.append(try context.read(AuditRecord.self, at: key))
        }
        return audits
    }
}

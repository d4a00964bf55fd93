import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// A sample on which claimant and auditor disagree: a panel decides.
struct Dispute {
    let entry: ClaimAudit.Entry
    let item: OpenedItemRecord
    let auditor: Address

    /// The dispute over a sample, or nil where there is none: one side has not opened, both agree, or nobody is judged for this
    /// model.
    init?(over sample: SampleName, in audits: ClaimAudit, _ context: ExecutionContext) throws(LedgerError) {
        let entry = try audits.entry(of: sample)
        guard !entry.model.isObserved,
            let item = try context.read(OpenedItemRecord.self, at: StateKey.openedItem(sample))
        else { return nil }
        let listed = try audits.listed(for: sample, context)
        let opened = try audits.audits(of: sample, by: listed, context).compactMap { $0 }.first { $0.result != nil }
        guard let opened, let result = opened.result,
            result.disputes(item, entry.model.thresholds)
        else { return nil }
        self.entry = entry
        self.item = item
        auditor = opened.auditor
    }

    /// Who decides.
    ///
    /// - Throws: `.outsideWindow` before the second draw has ended.
    func panel(
        over sample: SampleName, in audits: ClaimAudit, _ context: ExecutionContext
    ) throws(LedgerError) -> [Address] {
        let draw = audits.timetable.window(.appealDraw)
        guard let seed = try BeaconReads.seed(endingAt: draw.upperBound, in: context) else {
            throw RoundsRejection.outsideWindow(
                round: sample.round, window: audits.timetable.window(.appeal), height: context.block.height
            ).error
        }
        let excluded = try audits.interested(in: sample, of: entry, context) + [auditor]
        return entry.audit.panel(of: sample.number, from: entry.auditors, without: excluded, seed: seed)
    }

    /// What a panel came to.
    struct Ruling {
        let decision: PanelDecision
        /// Members whose word counted.
        let counted: [Address]
        /// The claimant kept the item from the panel: more than three fifths of those who spoke say so, as many as a decision needs.
        let isWithheld: Bool
    }

    /// What the panel's members opened, and what follows.
    func decide(
        over sample: SampleName, in audits: ClaimAudit, _ context: ExecutionContext
    ) throws(LedgerError) -> Ruling {
        var members: [Address] = []
        var words: [PanelWord] = []
        var (spoke, refused) = (0, 0)
        for member in try panel(over: sample, in: audits, context) {
            let key = StateKey.audit(sample, stage: .appeal, by: member)
            guard let record = try context.read(AuditRecord.self, at: key) else { continue }
            spoke += 1
            if record.outcome == .unavailable { refused += 1 }
            guard let result = record.result else { continue }
            members.append(member)
            words.append(PanelWord(result))
        }
        let claimed = Fingerprint(bytes: item.fingerprint)?.values ?? []
        let (decision, counts) = PanelDecision.decide(
            claimed: claimed, words: words, thresholds: entry.model.thresholds)
        return Ruling(
            decision: decision, counted: zip(members, counts).filter(\.1).map(\.0),
            isWithheld: refused >= AuditRules.panelMembersMin && refused * 5 > spoke * 3)
    }
}

extension PanelWord {
    init(_ result: AuditResult) {
        self.init(
            differs: result.outcome == .differs, marginMicroNats: result.marginMicroNats,
            fingerprint: Fingerprint(bytes: result.fingerprint)?.values ?? [],
            freshFingerprint: Fingerprint(bytes: result.freshFingerprint)?.values ?? [])
    }
}

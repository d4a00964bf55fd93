import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// What the audits of one sample come to.
enum SampleOutcome: Equatable {
    /// Scored, and it matched; or the panel found its auditor wrong.
    case good
    /// Nothing to pay for, and no word about the model: the claimant did not open it, or handed it to none of the listed, or not to
    /// the panel.
    case unpaid
    /// A panel confirmed the mismatch.
    case mismatch
    /// The panel was too small to decide.
    case abandoned
    /// Nobody scored it, or the panel did not agree: it leaves n.
    case unscored
}

/// Judges one sample and settles what follows for those who judged it: duties, their scores, the dispute's fee.
struct SampleJudgement {
    let sample: SampleName
    let audits: ClaimAudit
    private let entry: ClaimAudit.Entry
    private let listed: [Address]
    private let known: [AuditRecord?]

    init(_ sample: SampleName, in audits: ClaimAudit, _ context: ExecutionContext) throws(LedgerError) {
        self.sample = sample
        self.audits = audits
        entry = try audits.entry(of: sample)
        listed = try audits.listed(for: sample, context)
        known = try audits.audits(of: sample, by: listed, context)
    }

    func judge(in context: inout ExecutionContext) throws(LedgerError) -> SampleOutcome {
        let (outcome, isAuditorWrong) = try judgement(in: &context)
        try noteDuty(outcome, isAuditorWrong: isAuditorWrong, &context)
        return outcome
    }

    private var scored: AuditRecord? { known.compactMap { $0 }.first { $0.result != nil } }

    private typealias Judgement = (outcome: SampleOutcome, isAuditorWrong: Bool)

    private func judgement(in context: inout ExecutionContext) throws(LedgerError) -> Judgement {
        guard let item = try context.read(OpenedItemRecord.self, at: StateKey.openedItem(sample)) else {
            return (.unpaid, false)
        }
        guard let scored, let result = scored.result else {
            let isWithheld = !listed.isEmpty && known.allSatisfy { $0?.outcome == .unavailable }
            return (isWithheld ? .unpaid : .unscored, false)
        }
        context.state.write([1], for: RoundsKeys.auditor(scored.auditor, of: entry.claimed.model, in: sample.round))
        if let dispute = try Dispute(over: sample, in: audits, context) {
            return try decide(dispute, in: &context)
        }
        if entry.model.isObserved, result.disputes(item, entry.model.thresholds) {
            context.emit("mismatch_observed", attributes)
        }
        return (.good, false)
    }

    private func decide(_ dispute: Dispute, in context: inout ExecutionContext) throws(LedgerError) -> Judgement {
        let ruling = try dispute.decide(over: sample, in: audits, context)
        let counted = ruling.counted
        switch ruling.decision {
        case .abandoned where ruling.isWithheld, .rejected where ruling.isWithheld, .split where ruling.isWithheld:
            context.emit("item_withheld", attributes)
            return (.unpaid, false)
        case .abandoned:
            context.emit("dispute_abandoned", attributes)
            return (.abandoned, false)
        case .split:
            context.emit("dispute_split", attributes)
            return (.unscored, false)
        case .upheld:
            context.emit("dispute_upheld", attributes + [("auditor", dispute.auditor.bech32)])
            try payFee(from: audits.claim.host, to: dispute.auditor, panel: counted, in: &context)
            try AuditScores.enter(
                .good, of: dispute.auditor, as: .appeal, model: entry.claimed.model, in: &context)
            return (.mismatch, false)
        case .rejected:
            context.emit("dispute_rejected", attributes + [("auditor", dispute.auditor.bech32)])
            try payFee(from: dispute.auditor, to: audits.claim.host, panel: counted, in: &context)
            try AuditScores.enter(
                .mismatch, of: dispute.auditor, as: .appeal, model: entry.claimed.model, in: &context)
            return (.good, true)
        }
    }

    private var attributes: [(String, String)] {
        [
            ("round", "\(sample.round)"), ("host", sample.claimant.bech32), ("model", entry.claimed.model),
            ("sample", "\(sample.number)"),
        ]
    }

    /// Half to the other side, half to the panel in equal parts; what does not divide stays in the pool.
    private func payFee(
        from loser: Address, to winner: Address, panel: [Address], in context: inout ExecutionContext
    ) throws(LedgerError) {
        let fee = Amount(context.block.parameters.audits.disputeFeeNgonka)
        let paid = try Conviction.collect(fee, from: loser, in: &context)
        let half = Amount(paid.ngonka / 2)
        try BankModule.move(half, from: .pool, to: .balance(winner), in: &context)
        guard !panel.isEmpty else { return }
        let part = Amount(half.ngonka / UInt64(panel.count))
        for member in panel { try BankModule.move(part, from: .pool, to: .balance(member), in: &context) }
    }

    /// Whoever is listed first owes the check. A word that nothing could be fetched is worth it where it turned out true; one that
    /// a panel found wrong is worth nothing.
    private func noteDuty(
        _ outcome: SampleOutcome, isAuditorWrong: Bool, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        guard let first = listed.first, let record = known.first else { return }
        let isScored = record?.result != nil && !isAuditorWrong
        let isDone = isScored || (record?.outcome == .unavailable && outcome == .unpaid)
        try HostsWrites.note(first, in: &context) { epoch in
            epoch.duties += 1
            if isDone { epoch.dutiesDone += 1 }
        }
    }
}

/// The scores of accounts: for their work, and for their word as auditors.
enum AuditScores {
    /// Enters a sample that matched or did not; convicts where the score says so, and starts over then.
    ///
    /// - Parameter stage: `.audit` for the claimant's work, `.appeal` for the word of an auditor that a panel looked at.
    /// - Returns: whether this sample convicted.
    @discardableResult
    static func enter(
        _ outcome: SampleOutcome, of account: Address, as stage: AuditStage, model: String,
        in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        let parameters = context.block.parameters.audits
        let key = StateKey.score(of: account, as: stage, model: model)
        var record =
            try context.read(ScoreRecord.self, at: key)
            ?? ScoreRecord(account: account, milliNats: 0, matches: 0, mismatches: 0, convictions: 0)
        var score = AuditScore(milliNats: record.milliNats)
        switch outcome {
        case .good:
            score.match(parameters)
            record.matches &+= 1
        case .mismatch:
            score.mismatch(parameters)
            record.mismatches &+= 1
        case .unpaid, .abandoned, .unscored: return false
        }
        let isConvicted = score.convicts(parameters)
        if isConvicted { record.convictions &+= 1 }
        record.milliNats = isConvicted ? 0 : score.milliNats
        context.write(record, at: key)
        if isConvicted { try Conviction.convict(account, in: &context) }
        return isConvicted
    }
}

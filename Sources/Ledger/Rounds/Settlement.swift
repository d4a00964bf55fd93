import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Judges the samples of one claim and pays or proves what follows, whole or not at all.
enum Settlement {
    /// committed → settled, or → void where its host was convicted by it; stays committed where an entry is carried. → parked where
    /// the ledger's own rules were broken on the way, with nothing paid: a fault to look at, not a reason to stop every node.
    static func settle(_ audits: ClaimAudit, in context: inout ExecutionContext) throws(LedgerError) {
        do {
            try context.scope { (context) throws(LedgerError) in
                var settlement = try ClaimSettlement(audits, in: &context)
                try settlement.run(in: &context)
            }
        } catch .rejected(let rejection) {
            park(audits.claim, because: rejection, in: &context)
        }
        forgetAudits(of: audits.claim, in: &context)
        let claim = try context.expect(
            ClaimRecord.self, at: StateKey.claim(round: audits.claim.round, host: audits.claim.host))
        guard claim.state != .committed else { return }
        var round = try context.expect(RoundRecord.self, at: StateKey.round(claim.round))
        round.settledClaims = try checked { () throws(ArithmeticError) in try round.settledClaims.adding(1) }
        context.write(round, at: StateKey.round(claim.round))
    }

    private static func park(
        _ committed: ClaimRecord, because rejection: Rejection, in context: inout ExecutionContext
    ) {
        var claim = committed
        claim.state = .parked
        context.write(claim, at: StateKey.claim(round: claim.round, host: claim.host))
        context.emit(
            "claim_parked", ("round", "\(claim.round)"), ("host", claim.host.bech32), ("reason", rejection.sentence))
    }

    /// What was committed to and opened is used up, also where the claim is carried: it gets other samples then.
    private static func forgetAudits(of claim: ClaimRecord, in context: inout ExecutionContext) {
        for prefix in [
            RoundsKeys.audits(round: claim.round, claimant: claim.host),
            RoundsKeys.openedItems(round: claim.round, claimant: claim.host),
        ] {
            for entry in context.state.scan(prefix: prefix, limit: Limits.auditRecordsOfClaimMax) {
                context.state.delete(entry.key)
            }
        }
    }
}

/// What audits found of one entry.
private struct Finding {
    let tally: AuditTally
    let tokens: UInt64

    func outcome(_ state: EntryState) -> EntryOutcome { EntryOutcome(state: state, tally: tally, tokens: tokens) }
}

/// One claim on its way.
private struct ClaimSettlement {
    private let audits: ClaimAudit
    private var claim: ClaimRecord
    private var round: RoundRecord
    /// What audits found of each entry under audit, whose state follows from it.
    private var findings: [Finding?] = []
    private var isConvicted = false

    init(_ audits: ClaimAudit, in context: inout ExecutionContext) throws(LedgerError) {
        self.audits = audits
        claim = audits.claim
        round = audits.round
    }

    mutating func run(in context: inout ExecutionContext) throws(LedgerError) {
        for (index, entry) in audits.entries.enumerated() {
            findings.append(try entry.map { (entry) throws(LedgerError) in try judge(entry, at: index, in: &context) })
        }
        if isConvicted {
            try void(in: &context)
        } else {
            try conclude(in: &context)
        }
        context.write(round, at: StateKey.round(claim.round))
        context.write(claim, at: StateKey.claim(round: claim.round, host: claim.host))
    }

    /// Samples by number; mismatches after the round's fourth do not enter the score.
    private mutating func judge(
        _ entry: ClaimAudit.Entry, at index: Int, in context: inout ExecutionContext
    ) throws(LedgerError) -> Finding {
        var sampled = SampledTokens(of: entry.claimed.sums)
        var (counted, bad, abandoned, mismatches) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        for number in 0..<entry.audit.sampleCount {
            let sample = SampleName(round: claim.round, claimant: claim.host, entry: UInt64(index), number: number)
            let judgement = try SampleJudgement(sample, in: audits, context)
            let outcome = try judgement.judge(in: &context)
            switch outcome {
            case .good:
                counted += 1
                let item = try context.expect(OpenedItemRecord.self, at: StateKey.openedItem(sample))
                sampled.add(fee: item.fee, tokens: item.outputTokens)
            case .unpaid: (counted, bad) = (counted + 1, bad + 1)
            case .mismatch: (counted, bad, mismatches) = (counted + 1, bad + 1, mismatches + 1)
            case .abandoned: abandoned += 1
            case .unscored: continue
            }
            let enters = outcome != .mismatch || mismatches <= context.block.parameters.audits.mismatchesScoredMax
            guard enters, !isConvicted else { continue }
            isConvicted = try AuditScores.enter(
                outcome, of: claim.host, as: .audit, model: entry.claimed.model, in: &context)
        }
        return Finding(
            tally: AuditTally(drawn: entry.audit.sampleCount, counted: counted, bad: bad, abandoned: abandoned),
            tokens: sampled.borneOut)
    }

    /// Nothing is paid or proven; deposits go back when their sessions close.
    private mutating func void(in context: inout ExecutionContext) throws(LedgerError) {
        for session in audits.entries.compactMap({ $0 }).flatMap(\.claimed.sessions) {
            guard let reserved = takeReservation(for: session) else { continue }
            try context.hooks.release(reserved, of: session, by: claim.host, in: &context)
        }
        claim.state = .void
        claim.outcomes = audits.entries.indices.map { index in
            findings[index]?.outcome(.undecided) ?? claim.outcomes[index]
        }
        context.emit("claim_void", ("round", "\(claim.round)"), ("host", claim.host.bech32))
    }

    private mutating func conclude(in context: inout ExecutionContext) throws(LedgerError) {
        var outcomes = claim.outcomes
        for (index, entry) in audits.entries.enumerated() {
            guard let entry, let finding = findings[index] else { continue }
            let outcome = finding.outcome(state(of: finding.tally))
            if index < outcomes.count { outcomes[index] = outcome } else { outcomes.append(outcome) }
            switch outcome.state {
            case .carried: continue
            case .decided, .undecided:
                if round.timetable.kind == .serving {
                    try pay(entry, outcome, in: &context)
                } else {
                    try prove(entry, outcome, in: &context)
                }
            }
        }
        claim.outcomes = outcomes
        if outcomes.contains(where: { $0.state == .carried }) { return try carry(in: &context) }
        claim.state = .settled
        context.emit("claim_settled", ("round", "\(claim.round)"), ("host", claim.host.bech32))
    }

    /// Only what somebody paid for is carried: a sprint's weight is needed at the end of the epoch.
    private func state(of tally: AuditTally) -> EntryState {
        if tally.isDecided { return .decided }
        let isCarried = round.timetable.kind == .serving && claim.carries < AuditRules.carriesMax
        return isCarried ? .carried : .undecided
    }

    /// Into the serving round now at work: its draw is still to come.
    private mutating func carry(in context: inout ExecutionContext) throws(LedgerError) {
        guard let next = try RoundsReads.newest(.serving, in: context) else {
            throw .broken("a claim is carried, and no serving round was ever opened")
        }
        for (index, entry) in claim.entries.enumerated() where claim.outcomes[index].state == .carried {
            for session in entry.sessions where !claim.payments.contains(where: { $0.session == session.session }) {
                let reserved = try context.hooks.reserve(session, for: claim.host, in: &context)
                claim.payments.append(
                    SessionPayment(session: session.session, fee: reserved, received: .zero, tax: .zero))
            }
        }
        claim.auditRound = next.id
        claim.carries += 1
        context.state.write(
            RoundsKeys.queued(claim.round, claim.host),
            for: RoundsKeys.settlement(auditRound: next.id, round: claim.round, host: claim.host))
        context.emit(
            "claim_carried", ("round", "\(claim.round)"), ("host", claim.host.bech32), ("into", "\(next.id)"))
    }

    private mutating func pay(
        _ entry: ClaimAudit.Entry, _ outcome: EntryOutcome, in context: inout ExecutionContext
    ) throws(LedgerError) {
        for session in entry.claimed.sessions {
            let reserved = takeReservation(for: session)
            guard outcome.state == .decided else {
                if let reserved { try context.hooks.release(reserved, of: session, by: claim.host, in: &context) }
                claim.payments.append(
                    SessionPayment(session: session.session, fee: session.fee, received: .zero, tax: .zero))
                continue
            }
            let payment = try context.hooks.pay(
                session, to: claim.host, tally: outcome.tally, reserved: reserved, in: &context)
            claim.payments.append(payment)
            round.paid = try checked { () throws(ArithmeticError) in
                try round.paid.adding(payment.received).adding(payment.tax)
            }
        }
        guard outcome.state == .decided else { return }
        let isBesideSprint = try isBesideSprint(context)
        let work = work(of: entry, outcome)
        try HostsWrites.note(claim.host, in: &context) { epoch in
            epoch.requestsServed &+= entry.claimed.count
            if isBesideSprint { epoch.served.append(work) }
        }
    }

    /// Whether the round's work window shares blocks with that of the sprint whose epoch runs.
    private func isBesideSprint(_ context: ExecutionContext) throws(LedgerError) -> Bool {
        guard let sprint = try RoundsReads.newest(.sprint, in: context) else { return false }
        return sprint.epoch == context.block.parameters.epochSchedule.index(at: context.block.height)
            && sprint.timetable.window(.work).overlaps(round.timetable.window(.work))
    }

    /// What was set aside for a session when the claim was carried, which now ends; nil where nothing was.
    private mutating func takeReservation(for session: SessionClaim) -> Amount? {
        guard let index = claim.payments.firstIndex(where: { $0.session == session.session }) else { return nil }
        return claim.payments.remove(at: index).fee
    }

    private func prove(
        _ entry: ClaimAudit.Entry, _ outcome: EntryOutcome, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let work = work(of: entry, outcome)
        if round.timetable.kind == .sprint {
            try HostsWrites.note(claim.host, epoch: round.epoch, in: &context) { $0.sprint.append(work) }
        } else {
            try HostsWrites.note(claim.host, in: &context) { $0.confirmations.append(work) }
        }
    }

    /// Dust has no samples that could bear out anything.
    private func work(of entry: ClaimAudit.Entry, _ outcome: EntryOutcome) -> ProvenWork {
        let (isDecided, window) = (outcome.state == .decided, round.timetable.window(.work))
        return ProvenWork(
            round: round.id, model: entry.claimed.model, workBlocks: window.upperBound - window.lowerBound + 1,
            epoch: round.epoch, claimed: entry.claimed.tokens, counted: isDecided ? outcome.countedTokens : 0,
            isDecided: isDecided)
    }
}

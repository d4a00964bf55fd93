import Messages
import Primitives
import ProtocolRules
import StateStore

/// Opens rounds of all kinds, takes claims, audits and openings, settles. Read this first, with `RoundTimetable` beside it.
///
/// A sprint opens with each epoch, a confirmation after a beacon interval whose seed says so, and serving rounds follow one another
/// back to back; rounds overlap freely. Each one's timetable and terms are frozen when it opens. What messages bring is kept
/// aside until a claim is settled: then, and only then, its samples are judged. A bounded number of claims, payments and
/// samples is settled in a block, each claim in a scope of its own: what goes wrong with one parks it and stops nothing.
enum RoundsModule {
    /// Opens the rounds whose time has come.
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let (height, parameters) = (context.block.height, context.block.parameters)
        context.servingSerial = try context.counter(at: RoundsKeys.serialCounter(.serving))
        if parameters.epochSchedule.isFirst(height) { try open(.sprint, in: &context) }
        if try confirmationIsDue(in: context) { try open(.confirmation, in: &context) }
        if try servingIsDue(in: context) {
            try open(.serving, in: &context)
            context.servingSerial = try context.counter(at: RoundsKeys.serialCounter(.serving))
        }
    }

    /// In the first block after an interval whose seed, as a fraction of 2⁶⁴, is below confirmations ÷ intervals per epoch.
    private static func confirmationIsDue(in context: ExecutionContext) throws(LedgerError) -> Bool {
        let (chain, beacon) = (context.block.parameters.chain, context.block.parameters.beaconSchedule)
        guard context.block.height > beacon.length, beacon.isFirst(context.block.height) else { return false }
        let seed = try BeaconReads.newestSeed(in: context)
        let intervals = UInt128(chain.epochBlocks / chain.beaconIntervalBlocks)
        let wanted = UInt128(context.block.parameters.rounds.confirmationsPerEpoch)
        // Below 2⁶⁴ · 100 · intervals, all of it.
        return UInt128(seed.firstWord) * intervals < wanted << 64
    }

    private static func servingIsDue(in context: ExecutionContext) throws(LedgerError) -> Bool {
        guard let last = try RoundsReads.newest(.serving, in: context) else { return true }
        return context.block.height >= last.timetable.nextOpeningHeight
    }

    private static func open(_ kind: RoundKind, in context: inout ExecutionContext) throws(LedgerError) {
        let (height, parameters) = (context.block.height, context.block.parameters)
        let timetable = try checked { () throws(ArithmeticError) in
            try RoundTimetable(
                openingHeight: height, kind: kind, windows: parameters.rounds, beacon: parameters.beaconSchedule)
        }
        let id = try context.nextIdentifier(at: RoundsKeys.counter)
        let serial = try context.nextIdentifier(at: RoundsKeys.serialCounter(kind))
        let workSeed =
            kind == .serving
            ? nil
            : SprintWork.workSeed(
                seed: try BeaconReads.newestSeed(in: context), parentHash: context.block.parentHash)
        let round = RoundRecord(
            id: id, timetable: timetable, serial: serial, epoch: parameters.epochSchedule.index(at: height),
            terms: RoundTerms(of: kind, parameters.rounds), workSeed: workSeed)
        context.write(round, at: StateKey.round(id))
        context.state.write(.bigEndian(id), for: StateKey.round(kind: kind, serial: serial))
        context.state.write([1], for: RoundsKeys.unsettled(round))
        try freezeModels(of: round, in: &context)
        context.emit(
            "round_opened", ("round", "\(id)"), ("kind", kind.name), ("settle_height", "\(timetable.settleHeight)"))
    }

    private static func freezeModels(of round: RoundRecord, in context: inout ExecutionContext) throws(LedgerError) {
        for model in try ModelsModule.all(in: context) {
            let dustTokens = round.timetable.kind == .serving ? 0 : try dustTokens(of: model, in: round, context)
            context.write(
                RoundModelRecord(
                    model: model.id, coefficientPartsPerMillion: model.coefficientPartsPerMillion,
                    thresholds: model.thresholds, isObserved: model.isObserved, fee: .zero, tokens: 0,
                    dustTokens: dustTokens),
                at: StateKey.roundModel(round.id, model: model.id))
        }
    }

    private static func dustTokens(
        of model: ModelRecord, in round: RoundRecord, _ context: ExecutionContext
    ) throws(LedgerError) -> UInt64 {
        return AuditRules.dustTokens(
            weight: try listedWeight(of: model.id, context),
            coefficientPartsPerMillion: model.coefficientPartsPerMillion,
            workBlocks: UInt64(round.timetable.window(.work).count),
            sprintBlocks: context.block.parameters.rounds.sprintWorkBlocks)
    }

    private static func listedWeight(of model: String, _ context: ExecutionContext) throws(LedgerError) -> UInt64 {
        if let known = context.listedWeights[model] { return known }
        var weight: UInt64 = 0
        for host in try HostsReads.drawable(model: model, in: context) { weight.addClamped(host.weight) }
        return weight
    }

    /// Settles what is due, as much as fits into a block.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        try settleDue(in: &context, paymentsMax: Limits.settlementPaymentsPerBlockMax)
        try HostsModule.retireDue(servingSettled: try RoundsReads.servingSettled(in: context), in: &context)
    }

    /// Settles claims by rounds in the order of their settlement heights and ids, inside a round in the order of the queue. The
    /// first claim that does not fit into the block, and all after it, wait.
    static func settleDue(in context: inout ExecutionContext, paymentsMax: Int) throws(LedgerError) {
        let due = try RoundsReads.dueRounds(in: context)
        guard !due.isEmpty else { return }
        var budget = SettlementBudget(
            claims: Int(clamping: context.block.parameters.rounds.settlementClaimsPerBlock), payments: paymentsMax,
            samples: Limits.settlementSamplesPerBlockMax)
        for round in due {
            let prefix = StateTable.settlementQueue.key(.bigEndian(round.id))
            // One more than may be settled shows whether some are left.
            let queue = context.state.scan(prefix: prefix, limit: budget.claims + 1)
            for entry in queue {
                let claim = try context.expect(ClaimRecord.self, at: try RoundsKeys.claim(of: entry))
                let audits = try ClaimAudit(claim, in: &context)
                guard budget.take(audits) else { return }
                context.state.delete(entry.key)
                try Settlement.settle(audits, in: &context)
            }
            try finish(round.id, in: &context)
        }
    }

    /// Settles a round all of whose claims are; one with a carried claim waits for it.
    private static func finish(_ id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var round = try context.expect(RoundRecord.self, at: StateKey.round(id))
        guard round.settledClaims == round.claims else { return }
        round.isSettled = true
        round.settledHeight = context.block.height
        context.write(round, at: StateKey.round(round.id))
        context.state.delete(RoundsKeys.unsettled(round))
        context.emit(
            "round_settled", ("round", "\(round.id)"), ("kind", round.timetable.kind.name),
            ("claims", "\(round.settledClaims)"), ("paid", round.paid.description))
        guard round.timetable.kind == .serving else { return }
        try context.contain("prices after round \(id)") { (context) throws(LedgerError) in
            try Prices.adjust(after: round, in: &context)
        }
    }
}

/// What one block may still settle.
private struct SettlementBudget {
    private(set) var claims: Int
    private var payments: Int
    private var samples: Int
    private var isUntouched = true

    init(claims: Int, payments: Int, samples: Int) {
        (self.claims, self.payments, self.samples) = (claims, payments, samples)
    }

    /// Takes what settling a claim costs; false where it does not fit. The first claim of a block always fits its samples: one
    /// entry of very many models may have more than a block's.
    mutating func take(_ audits: ClaimAudit) -> Bool {
        let cost = audits.claim.entries.reduce(1) { $0 + $1.sessions.count }
        guard claims > 0, cost <= payments, isUntouched || audits.sampleCount <= samples else { return false }
        claims -= 1
        payments -= cost
        samples -= min(samples, audits.sampleCount)
        isUntouched = false
        return true
    }
}

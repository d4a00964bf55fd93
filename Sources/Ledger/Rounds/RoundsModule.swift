import Messages
import Primitives
import ProtocolRules
import StateStore

/// Opens rounds, takes claims, settles them. Read this first, with `RoundTimetable` beside it.
///
/// Serving rounds follow one another back to back; each one's timetable is frozen when it opens. A claim is committed in the
/// round's commit window and settled from its settle height on, a bounded number a block, each in a scope of its own: what
/// goes wrong with one claim parks that claim and stops nothing.
enum RoundsModule {
    /// Opens the next serving round where the last one's work window is over.
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let last = try context.counter(at: RoundsKeys.counter)
        context.servingRound = last
        if last > 0 {
            let round = try context.expect(RoundRecord.self, at: StateKey.round(last))
            guard context.block.height >= round.timetable.nextOpeningHeight else { return }
        }
        try open(in: &context)
    }

    private static func open(in context: inout ExecutionContext) throws(LedgerError) {
        let (height, parameters) = (context.block.height, context.block.parameters)
        let timetable = try checked { () throws(ArithmeticError) in
            try RoundTimetable(
                openingHeight: height, kind: .serving, windows: parameters.rounds, beacon: parameters.beaconSchedule)
        }
        let id = try context.nextIdentifier(at: RoundsKeys.counter)
        context.servingRound = id
        context.write(RoundRecord(id: id, timetable: timetable), at: StateKey.round(id))
        context.state.write([1], for: RoundsKeys.unsettled(id))
        context.emit("round_opened", ("round", "\(id)"), ("settle_height", "\(timetable.settleHeight)"))
    }

    /// Settles what is due, as much as fits into a block.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        try settleDue(in: &context, paymentsMax: Limits.settlementPaymentsPerBlockMax)
        try HostsModule.retireDue(in: &context) { (round, context) throws(LedgerError) in
            try RoundsReads.isSettled(round, in: context)
        }
    }

    /// Settles claims in the order of the queue: at most the parameter's number of claims, and at most `paymentsMax`, where a
    /// claim counts one and one more for each of its sessions. The first claim that does not fit, and all after it, wait.
    static func settleDue(in context: inout ExecutionContext, paymentsMax: Int) throws(LedgerError) {
        let due = try RoundsReads.dueRounds(in: context)
        guard !due.isEmpty else { return }
        let claimsMax = Int(clamping: context.block.parameters.rounds.settlementClaimsPerBlock)
        var queue = context.state.scan(prefix: StateTable.settlementQueue.prefix, limit: claimsMax)[...]
        var paymentsLeft = paymentsMax
        for round in due {
            let prefix = StateTable.settlementQueue.key(.bigEndian(round.id))
            while let next = queue.first, next.key.starts(with: prefix) {
                let claimKey = StateKey.claim(round: round.id, host: try RoundsKeys.claimant(of: next))
                let claim = try context.expect(ClaimRecord.self, at: claimKey)
                paymentsLeft -= claim.entries.reduce(1) { $0 + $1.sessions.count }
                guard paymentsLeft >= 0 else { return }
                queue.removeFirst()
                context.state.delete(next.key)
                try Settlement.settle(claim, in: &context)
            }
            guard try finish(round.id, in: &context) else { return }
        }
    }

    /// Settles a round all of whose claims are; false where some wait.
    private static func finish(_ id: UInt64, in context: inout ExecutionContext) throws(LedgerError) -> Bool {
        var round = try context.expect(RoundRecord.self, at: StateKey.round(id))
        guard round.settledClaims == round.claims else { return false }
        round.isSettled = true
        context.write(round, at: StateKey.round(round.id))
        context.state.delete(RoundsKeys.unsettled(round.id))
        context.emit(
            "round_settled", ("round", "\(round.id)"), ("claims", "\(round.settledClaims)"),
            ("paid", round.paid.description))
        return true
    }
}

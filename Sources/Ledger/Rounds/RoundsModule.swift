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

    /// Settles what is due, at most the parameter's number of claims.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        try settleDue(in: &context)
        try HostsModule.retireDue(in: &context) { (round, context) throws(LedgerError) in
            try RoundsReads.isSettled(round, in: context)
        }
    }

    private static func settleDue(in context: inout ExecutionContext) throws(LedgerError) {
        var budget = context.block.parameters.rounds.settlementClaimsPerBlock
        while budget > 0 {
            guard let id = try RoundsReads.oldestUnsettled(in: context) else { return }
            let round = try context.expect(RoundRecord.self, at: StateKey.round(id))
            guard context.block.height >= round.timetable.settleHeight else { return }
            let prefix = StateTable.settlementQueue.key(.bigEndian(id))
            guard let next = context.state.scan(prefix: prefix, limit: 1).first else {
                try finish(round, in: &context)
                continue
            }
            context.state.delete(next.key)
            try Settlement.settle(try RoundsKeys.claimant(of: next), round: id, in: &context)
            budget -= 1
        }
    }

    private static func finish(_ finished: RoundRecord, in context: inout ExecutionContext) throws(LedgerError) {
        var round = finished
        round.isSettled = true
        context.write(round, at: StateKey.round(round.id))
        context.state.delete(RoundsKeys.unsettled(round.id))
        context.emit(
            "round_settled", ("round", "\(round.id)"), ("claims", "\(round.settledClaims)"),
            ("paid", round.paid.description))
    }
}

import Messages
import Primitives
import StateStore

/// Unspent allotment on its way from one member to another. It arrives when the serving round after the one in which it was
/// ordered has settled: until then the giver may claim what it served under the old allotment.
enum AllotmentMoves {
    static func order(
        _ moves: [AllotmentMove], of session: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let round = try context.lastClaimableRound()
        for move in moves {
            let key = SessionsKeys.allotmentMove(round: round, session: session, from: move.from, to: move.to)
            guard context.state.value(for: key) == nil else { throw SessionsRejection.moveAlreadyOrdered.error }
            context.write(move, at: key)
        }
    }

    static func applyDue(in context: inout ExecutionContext) throws(LedgerError) {
        let table = StateTable.allotmentMoves.prefix
        for entry in context.state.scan(prefix: table, limit: Limits.closingsPerBlockMax) {
            guard try RoundsReads.isSettled(try SessionsKeys.leadingNumber(of: entry.key), in: context) else { return }
            let move = try context.expect(AllotmentMove.self, at: entry.key)
            let session = try SessionsKeys.session(ofAllotmentMove: entry.key)
            context.state.delete(entry.key)
            try apply(move, in: session, &context)
        }
    }

    private static func apply(
        _ move: AllotmentMove, in session: UInt64, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        let (fromKey, toKey) = (
            StateKey.member(session: session, host: move.from), StateKey.member(session: session, host: move.to)
        )
        var giver = try context.expect(MemberRecord.self, at: fromKey)
        var taker = try context.expect(MemberRecord.self, at: toKey)
        let unspent = try checked { () throws(ArithmeticError) in
            try giver.allotment.subtracting(giver.settledFees)
        }
        let moved = min(unspent, move.amount)
        giver.allotment = try checked { () throws(ArithmeticError) in try giver.allotment.subtracting(moved) }
        taker.allotment = try checked { () throws(ArithmeticError) in try taker.allotment.adding(moved) }
        context.write(giver, at: fromKey)
        context.write(taker, at: toKey)
    }
}
